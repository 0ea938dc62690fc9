#!/usr/bin/python3
"""The real gatewayd-mqtt on a socket pair with a fake core, against a real mosquitto (and, where a real one cannot be
brought to misbehave, a broker of a few lines)."""
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import paho.mqtt.client as paho

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import BIN, Broker, Certs, free_port, things, wait_for  # noqa: E402
from harness.frames import C, Frame  # noqa: E402

KINDS = ["bed", "contact", "motion", "presence", "vibration", "button", "cord", "fall", "leak", "smoke", "gas", "co",
         "heat", "temperature", "humidity", "power", "mains", "number", "state"]
FORMATS = ["raw", "json", "zigbee2mqtt", "tasmota", "esphome", "shelly"]
# A worker for which the file in $0 is /etc/hosts.
WITH_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$1"'
START = "import os,sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"


def client(port, client_id="", **options):
    versions = getattr(paho, "CallbackAPIVersion", None)
    device = paho.Client(*((versions.VERSION1,) if versions else ()), client_id=client_id, **options)
    device.max_inflight_messages_set(200)  # before it connects: paho 2 refuses it later
    device.max_queued_messages_set(0)
    device.connect("127.0.0.1", port)
    device.loop_start()
    return device


class Core(things.Thing):
    """A fake core: starts the worker, collects what it says, confirms at once, or when told.

    by    a command that starts the program named behind it
    """

    def __init__(self, port, sensors, ring_dir, confirm=True, by=(), **broker):
        self.port, self.sensors, self.ring_dir, self.confirming = port, sensors, ring_dir, confirm
        self.broker = {"host": "127.0.0.1", "port": port, "client_id": "hub", "keepalive_s": 30,
                       "ring_dir": str(ring_dir), **broker}
        self.readings, self.frames, self.durable = [], [], {0: 0, 1: 0}
        self.origins, self.by = set(), by
        self.process = self.sock = None
        things.add(self)
        self.start()

    def start(self):
        self.sock, child = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self.sock, child):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 19)
        self.process = subprocess.Popen([sys.executable, "-c", START, str(child.fileno()), *self.by,
                                         str(BIN / "gatewayd-mqtt")], pass_fds=(child.fileno(),))
        child.close()
        self.configure(self.sensors)

    def configure(self, sensors, **broker):
        self.sensors = sensors
        self.broker.update(broker)
        frames = [Frame("config-begin"), Frame("mqtt-broker", **self.broker)]
        for slot, sensor in enumerate(sensors):
            values = {"slot": slot, "sensor": f"s{slot}", **sensor}
            values["kind"], values["format"] = KINDS.index(values["kind"]), FORMATS.index(values.get("format", "raw"))
            frames.append(Frame("mqtt-sensor", **values))
        for frame in [*frames, Frame("config-end")]:
            self.sock.send(frame.bytes())

    def confirm(self, urgent, durable, handled):
        self.sock.send(Frame("confirm", durable=durable, handled=handled, urgent=urgent).bytes())

    def confirm_all(self):
        self.confirming = True
        for urgent in (0, 1):
            if self.durable[urgent]:
                self.confirm(urgent, self.durable[urgent], self.durable[urgent])

    def pump(self, timeout=0.0):
        """Take what is there. True if something was."""
        if not select.select([self.sock], [], [], timeout)[0]:
            return False
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            return False
        frame = Frame.parse(data)
        if frame.name != "readings":
            self.frames.append(frame)
            return True
        urgent = frame.body.flags & C["READINGS_URGENT"]
        for i in range(frame.body.n):
            reading = frame.body.reading[i]
            if reading.origin not in self.origins:  # as the core does
                self.readings.append((reading.sensor, reading.type, reading.value, reading.flags))
            self.origins.add(reading.origin)
            self.durable[1 if urgent else 0] = reading.origin
        if self.confirming:
            self.confirm_all()
        return True

    def wait(self, predicate, deadline=10.0, what="the worker"):
        def ask():
            while self.pump(0.01):
                pass
            return predicate()
        return wait_for(ask, deadline, lambda: f"{what}\n{self.story()}")

    def said(self, name, **values):
        return [f for f in self.frames if f.name == name and all(getattr(f, k) == v for k, v in values.items())]

    def ready(self):
        self.wait(lambda: self.said("ready"), what="READY")
        return self

    def of(self, slot, kind="GW_VALUE"):
        return [(value, flags) for sensor, type_, value, flags in self.readings
                if sensor == slot and type_ == C[kind]]

    def kill(self):
        self.process.kill()
        self.process.wait()
        confirming, self.confirming = self.confirming, False  # nobody is there to be told
        while self.pump():
            pass
        self.confirming = confirming
        self.sock.close()
        self.frames.clear()

    def stop(self):
        self.sock.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def story(self):
        return f"--- core: readings {self.readings[-20:]}\nframes {self.frames[-10:]}"


class TinyBroker:
    """Says to SUBSCRIBE what it is told; or accepts the connection and says nothing at all."""

    def __init__(self, granted=None):
        self.granted = granted
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection:
            self._answer(connection)

    def _answer(self, connection):
        try:
            while True:
                head = connection.recv(1, socket.MSG_WAITALL)
                length = shift = 0
                while head:
                    byte = connection.recv(1, socket.MSG_WAITALL)[0]
                    length, shift = length | (byte & 127) << shift, shift + 7
                    if byte < 128:
                        break
                body = connection.recv(length, socket.MSG_WAITALL) if length else b""
                if not head:
                    return
                if self.granted is None:
                    continue
                if head[0] >> 4 == 1:
                    connection.send(b"\x20\x02\x00\x00")
                elif head[0] >> 4 == 8:
                    codes, at = [], 2
                    while at < len(body):
                        at += 3 + struct.unpack_from(">H", body, at)[0]
                        codes.append(self.granted)
                    connection.send(bytes([0x90, 2 + len(codes)]) + body[:2] + bytes(codes))
                elif head[0] >> 4 == 12:
                    connection.send(b"\xd0\x00")
        except (OSError, IndexError):
            pass

    def close(self):
        self.listener.close()


BUTTON = {"kind": "button", "topic": "zigbee2mqtt/cord", "format": "zigbee2mqtt"}
DOOR = {"kind": "contact", "topic": "zigbee2mqtt/bathroom door", "format": "zigbee2mqtt"}
COUNTER = {"kind": "number", "topic": "count", "format": "raw"}
PRESS = C["GW_EVENT_PRESS"]
INITIAL = C["GW_RETAINED"] | C["GW_INITIAL"]


class MqttSource(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gw-mqtt-")
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(things.close)
        self.run_dir = pathlib.Path(self.folder.name)

    def device(self, broker, **options):
        device = client(broker.port, **options)
        self.addCleanup(device.loop_stop)
        self.addCleanup(device.disconnect)
        wait_for(device.is_connected, what="the device's connection")
        return device

    def core(self, port, sensors, **options):
        return Core(port, sensors, self.run_dir, **options)

    def publish(self, device, topic, payload, qos=1, retain=False):
        info = device.publish(topic, payload, qos, retain)
        info.wait_for_publish(10)

    def test_values_attributes_and_events_arrive_at_the_right_sensor(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR, {**DOOR, "kind": "temperature"}]).ready()
        device = self.device(broker)
        self.publish(device, DOOR["topic"], '{"contact":false,"battery":87,"linkquality":70,"temperature":21.5}')
        self.publish(device, BUTTON["topic"], '{"action":"single","battery":100}')
        core.wait(lambda: core.of(0, "GW_EVENT") and core.of(2))
        self.assertEqual(core.of(0, "GW_EVENT"), [(PRESS, 0)])
        self.assertEqual(core.of(1), [(1.0, 0)])
        self.assertEqual(core.of(1, "GW_BATTERY"), [(87.0, 0)])
        self.assertEqual(core.of(2), [(21.5, 0)])

    def test_a_retained_press_is_no_press_but_a_retained_leak_is_a_state(self):
        broker = Broker()
        device = self.device(broker)
        leak = {"kind": "leak", "topic": "zigbee2mqtt/sink", "format": "zigbee2mqtt"}
        self.publish(device, BUTTON["topic"], '{"action":"single"}', retain=True)
        self.publish(device, leak["topic"], '{"water_leak":true}', retain=True)
        core = self.core(broker.port, [BUTTON, leak]).ready()
        core.wait(lambda: core.of(1) and core.said("sensor-note", note=C["NOTE_UNUSED_PAYLOAD"]))
        self.assertEqual(core.of(1), [(1.0, INITIAL)])
        self.assertEqual(core.of(0, "GW_EVENT"), [])

    def test_the_puback_of_a_press_waits_for_the_disk(self):
        broker = Broker(extra=["log_type debug"])
        core = self.core(broker.port, [BUTTON], confirm=False).ready()
        device = self.device(broker)
        self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.wait(lambda: core.of(0, "GW_EVENT"))
        self.assertNotIn("Received PUBACK from hub-urgent", broker.log())
        core.kill()  # nothing was confirmed: the broker must still have it
        for name in self.run_dir.glob("*.ring"):
            name.unlink()  # and nothing else has
        core.readings.clear()
        core.start()
        core.wait(lambda: core.of(0, "GW_EVENT"), what="redelivery by the broker")
        core.confirm_all()
        core.wait(lambda: core.said("ready"))
        self.wait_for_puback(core, broker)
        core.kill()
        core.readings.clear()
        core.start()
        core.ready()
        self.publish(device, BUTTON["topic"], '{"action":"double"}')
        core.wait(lambda: core.of(0, "GW_EVENT"))
        self.assertEqual(core.of(0, "GW_EVENT"), [(C["GW_EVENT_DOUBLE"], 0)])

    def wait_for_puback(self, core, broker):
        """A broker with `log_type debug` tells it."""
        core.wait(lambda: "Received PUBACK from hub-urgent" in broker.log(), what="the PUBACK")

    def test_a_reload_does_not_let_a_held_puback_go(self):
        broker = Broker(extra=["log_type debug"])
        core = self.core(broker.port, [BUTTON], confirm=False).ready()
        device = self.device(broker)
        self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.wait(lambda: core.of(0, "GW_EVENT"))
        core.configure([BUTTON, {"kind": "cord", "topic": "cord"}, {"kind": "contact", "topic": "door"}])
        wait_for(lambda: "\tdoor (QoS 1)" in broker.log(), 10, "the state connection's SUBSCRIBE")
        self.assertNotIn("\tcord (QoS 1)", broker.log())
        self.assertNotIn("Received PUBACK from hub-urgent", broker.log())
        core.confirm_all()
        core.wait(lambda: "\tcord (QoS 1)" in broker.log(), what="the urgent connection's SUBSCRIBE")
        self.assertIn("Received PUBACK from hub-urgent", broker.log())

    def test_a_press_delivered_again_is_recognised_by_its_key(self):
        broker = Broker(extra=["log_type debug"])
        core = self.core(broker.port, [BUTTON], confirm=False).ready()
        device = self.device(broker)
        for action in ("single", "double", "hold"):
            self.publish(device, BUTTON["topic"], f'{{"action":"{action}"}}')
        core.wait(lambda: len(core.of(0, "GW_EVENT")) == 3)
        core.kill()
        core.start()  # the ring is there, the broker delivers all three again
        core.ready()
        self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.wait(lambda: len(core.of(0, "GW_EVENT")) >= 4)
        core.confirm_all()
        self.wait_for_puback(core, broker)
        self.assertEqual([value for value, _ in core.of(0, "GW_EVENT")],
                         [PRESS, C["GW_EVENT_DOUBLE"], C["GW_EVENT_LONG"], PRESS])

    def test_a_backlog_that_comes_again_is_taken_once(self):
        """More of it than any window: mosquitto of Debian 12 sends all that waits after the first PUBACK of a resumed
        session; each does so if it is told to."""
        total = 200
        broker = Broker(extra=["log_type debug", "max_inflight_messages 0"])
        core = self.core(broker.port, [BUTTON], confirm=False).ready()
        core.kill()
        device = self.device(broker)
        for _ in range(total):
            self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.start()
        core.wait(lambda: len(core.of(0, "GW_EVENT")) == total)
        core.kill()
        core.start()
        core.ready()
        self.publish(device, BUTTON["topic"], '{"action":"double"}')
        core.confirm_all()
        core.wait(lambda: (C["GW_EVENT_DOUBLE"], 0) in core.of(0, "GW_EVENT"))
        self.assertGreater(broker.log().count("Sending PUBLISH to hub-urgent (d1"), 100)
        self.assertEqual(len(core.of(0, "GW_EVENT")), total + 1)

    def test_a_press_under_a_mid_that_the_broker_has_used_before_is_heard(self):
        """A broker that was killed counts on from what it had saved: the same button, the same words, the same mid."""
        broker = Broker(persistence=True, extra=["log_type debug", "autosave_on_changes false",
                                                 "autosave_interval 1800"])
        core = self.core(broker.port, [BUTTON]).ready()
        broker.restart()  # saved
        for number, end in ((1, broker.kill), (2, broker.stop)):
            device = self.device(broker)
            core.wait(lambda: broker.log().count("as hub-urgent") >= number + 1, what="the worker's connection")
            self.publish(device, BUTTON["topic"], '{"action":"single"}')
            core.wait(lambda: len(core.of(0, "GW_EVENT")) == number)
            self.wait_for_puback(core, broker)
            end()
            broker.start()
        mids = re.findall(r"Sending PUBLISH to hub-urgent \(d0, q1, r0, m(\d+)", broker.log())
        self.assertEqual(len(mids), 2)
        self.assertEqual(mids[0], mids[1], "the test's own ground: the mid came round again")

    def test_without_confirmation_the_connection_is_dropped_and_the_press_comes_again_once(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON], confirm=False, keepalive_s=6).ready()
        device = self.device(broker)
        self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.wait(lambda: core.of(0, "GW_EVENT"))
        wait_for(lambda: broker.log().count("hub-urgent") >= 3, 15, "a second connection")
        core.confirm_all()
        self.publish(device, BUTTON["topic"], '{"action":"double"}')
        core.wait(lambda: len(core.of(0, "GW_EVENT")) >= 2)
        self.assertEqual([value for value, _ in core.of(0, "GW_EVENT")], [PRESS, C["GW_EVENT_DOUBLE"]])

    def test_no_level_is_lost_at_qos_1_when_the_worker_is_killed_in_the_middle(self):
        broker = Broker()
        core = self.core(broker.port, [COUNTER]).ready()
        device = self.device(broker)
        total = 20000
        for i in range(total):
            device.publish("count", str(i), 1)
        core.wait(lambda: len(core.readings) > total // 10, 60)
        core.kill()
        core.start()
        core.wait(lambda: len({value for value, _ in core.of(0)}) >= total, 60, "all levels")
        self.assertEqual({value for value, _ in core.of(0)}, set(map(float, range(total))))
        self.assertLess(len(core.of(0)) - total, 64, "doubled")

    def test_a_broker_that_restarts_is_subscribed_again(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        broker.restart()
        device = self.device(broker)
        def heard():
            self.publish(device, DOOR["topic"], '{"contact":true}')
            self.publish(device, BUTTON["topic"], '{"action":"single"}')
            return core.of(1) and core.of(0, "GW_EVENT")
        core.wait(heard, 15)
        self.assertNotIn((0.0, 0), core.of(0, "GW_AVAILABILITY"), "a short restart is told to nobody")

    def test_a_broker_that_stays_away_makes_its_sensors_unavailable_until_it_is_back(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        broker.stop()
        core.wait(lambda: (0.0, 0) in core.of(0, "GW_AVAILABILITY") and (0.0, 0) in core.of(1, "GW_AVAILABILITY"), 20)
        core.wait(lambda: core.said("trouble", active=1, kind="broker-down"))
        broker.start()
        core.wait(lambda: core.of(1, "GW_AVAILABILITY")[-1][0] == 1 and core.of(0, "GW_AVAILABILITY")[-1][0] == 1, 30)
        core.wait(lambda: core.said("trouble", active=0, kind="broker-down"))

    def test_a_frozen_broker_is_noticed(self):
        broker = Broker()
        core = self.core(broker.port, [DOOR], keepalive_s=5).ready()
        broker.freeze()
        core.wait(lambda: core.said("trouble", active=1, kind="broker-down"), 40)
        broker.thaw()
        core.wait(lambda: core.said("trouble", active=0, kind="broker-down"), 40)

    def test_a_wrong_password_is_told_in_words_and_tried_again(self):
        broker = Broker(users={"hub": "right"})
        core = self.core(broker.port, [DOOR], username="hub", password="wrong").ready()
        core.wait(lambda: core.said("trouble", active=1, kind="broker-refused"))
        self.assertIn("mqtt.password", core.said("trouble")[0].text_en)
        core.configure(core.sensors, password="right")
        core.wait(lambda: core.said("trouble", active=0, kind="broker-refused"))

    def test_a_refused_topic_is_told_and_the_others_go_on(self):
        broker = TinyBroker(granted=0x80)
        self.addCleanup(broker.close)
        core = self.core(broker.port, [DOOR]).ready()
        core.wait(lambda: core.said("trouble", active=1, kind="topic-refused"))
        self.assertIn("access list", core.said("trouble", kind="topic-refused")[0].text_en)

    def test_a_broker_that_accepts_and_never_answers_is_given_up(self):
        broker = TinyBroker()
        self.addCleanup(broker.close)
        core = self.core(broker.port, [DOOR]).ready()
        core.wait(lambda: core.said("trouble", active=1, kind="broker-down"), 20)
        core.wait(lambda: broker.connections >= 2, 20)

    def test_a_broker_on_the_second_address_of_its_name_is_found(self):
        # "localhost" is ::1 first on most systems; many brokers listen on 127.0.0.1 only.
        hosts = pathlib.Path(self.folder.name, "hosts")
        hosts.write_text("::1 localhost\n127.0.0.1 localhost\n")
        mounted = ["/usr/bin/unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", "/bin/sh", "-c", WITH_HOSTS]
        probe = subprocess.run([*mounted, hosts, "true"], stderr=subprocess.PIPE, text=True)
        if probe.returncode:
            self.skipTest(f"no mount namespace here, so no /etc/hosts for a test: {probe.stderr.strip()}")
        broker = Broker()
        core = self.core(broker.port, [DOOR], host="localhost", by=[*mounted, str(hosts)]).ready()
        wait_for(lambda: "hub-state" in broker.log(), 10, "a connection")
        broker.kill()
        core.wait(lambda: core.said("trouble", active=1, kind="broker-down"), 20)
        broker.start()
        core.wait(lambda: core.said("trouble", active=0, kind="broker-down"), 20)

    def test_tls_with_a_client_certificate(self):
        certs = Certs()
        broker = Broker(tls=certs, client_certificate=True)
        core = self.core(broker.port, [DOOR], host="localhost", ca=str(certs.ca), cert=str(certs.client_cert),
                         key=str(certs.client_key)).ready()
        wait_for(lambda: "hub-state" in broker.log(), what="a TLS connection")
        self.assertEqual(core.said("trouble"), [])

    def test_a_strangers_certificate_is_refused(self):
        certs, stranger = Certs(), Certs()
        broker = Broker(tls=certs)
        core = self.core(broker.port, [DOOR], host="localhost", ca=str(stranger.ca)).ready()
        core.wait(lambda: core.said("trouble", active=1), 20)

    def test_the_qos_is_told_and_a_call_at_qos_0_gets_advice(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        device = self.device(broker)
        self.publish(device, BUTTON["topic"], '{"action":"single"}', qos=0)
        self.publish(device, DOOR["topic"], '{"contact":true}', qos=0)
        core.wait(lambda: len(core.said("sensor-note", note=C["NOTE_QOS"])) == 2)
        notes = {note.slot: note for note in core.said("sensor-note", note=C["NOTE_QOS"])}
        self.assertIn("qos: 1", notes[0].text)
        self.assertEqual(notes[1].text, "")
        time.sleep(1.1)  # a change within a second of the last note waits: the rate limit itself is under test
        self.publish(device, BUTTON["topic"], '{"action":"single"}', qos=1)
        core.wait(lambda: core.said("sensor-note", note=C["NOTE_QOS"], value=1))

    def test_bad_payloads_are_counted_and_change_nothing(self):
        broker = Broker()
        core = self.core(broker.port, [DOOR]).ready()
        device = self.device(broker)
        bad = [b"", b"{", b"[" * 5000, b"\xff\xfe{}", b'{"contact":[1]}', b'{"contact":"perhaps"}', b"x" * (1 << 20),
               b'{"contact":NaN}', b"a\0b"]
        for payload in bad:
            self.publish(device, DOOR["topic"], payload)
        self.publish(device, DOOR["topic"], '{"contact":false}')
        core.wait(lambda: core.of(0))
        self.assertEqual(core.of(0), [(1.0, 0)])
        def counted():
            return sum(note.value for note in core.said("sensor-note", note=C["NOTE_BAD_PAYLOAD"])) >= len(bad) - 1
        core.wait(counted, 5)
        self.assertLessEqual(len(core.said("sensor-note", note=C["NOTE_BAD_PAYLOAD"])), 4)

    def test_a_device_that_says_offline_is_unavailable(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        device = self.device(broker)
        self.publish(device, DOOR["topic"] + "/availability", '{"state":"offline"}', retain=True)
        self.publish(device, BUTTON["topic"] + "/availability", "offline")
        core.wait(lambda: (0.0, 0) in core.of(0, "GW_AVAILABILITY") and (0.0, 0) in core.of(1, "GW_AVAILABILITY"))
        self.publish(device, DOOR["topic"] + "/availability", "online")
        core.wait(lambda: core.of(1, "GW_AVAILABILITY")[-1] == (1.0, 0))

    def test_a_reload_touches_only_what_changed(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        device = self.device(broker)
        self.publish(device, "other", "open", retain=True)
        self.publish(device, DOOR["topic"], '{"contact":false}', retain=True)
        core.wait(lambda: core.of(1))
        core.readings.clear()
        core.configure([BUTTON, DOOR, {"kind": "contact", "topic": "other"}])
        core.wait(lambda: core.of(2))
        self.assertEqual(core.of(1), [], "an old topic was subscribed again")
        self.assertEqual(broker.log().count("as hub-state"), 1, "it connected again")
        core.configure([BUTTON])
        self.publish(device, BUTTON["topic"], '{"action":"single"}')
        core.wait(lambda: core.of(0, "GW_EVENT"))

    def test_an_idle_worker_sleeps(self):
        broker = Broker()
        core = self.core(broker.port, [BUTTON, DOOR]).ready()
        core.wait(lambda: not core.pump(0.3))
        def switches():
            text = pathlib.Path(f"/proc/{core.process.pid}/status").read_text()
            return int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
        before = switches()
        time.sleep(3)  # measures how often it wakes in that time
        self.assertLessEqual(switches() - before, 3)

    def test_it_ends_with_the_core(self):
        broker = Broker()
        core = self.core(broker.port, [DOOR]).ready()
        core.sock.close()
        self.assertEqual(core.process.wait(5), 0)

    def test_a_hostname_that_is_not_there_does_not_stop_the_worker_from_ending(self):
        core = self.core(free_port(), [DOOR], host="127.0.0.1").ready()
        core.sock.close()
        self.assertEqual(core.process.wait(5), 0)


if __name__ == "__main__":
    unittest.main()
