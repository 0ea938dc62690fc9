#!/usr/bin/python3
"""The real gatewayd-uplink on a socket pair, against a real mosquitto with TLS, certificates, PSK and passwords."""
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import BIN, Broker, Certs, free_port, schema  # noqa: E402
from harness.frames import C, Frame  # noqa: E402
from harness.platform import mqtt_client  # noqa: E402

HOME = "yiyuan/nanma/xingfu/0137"
ROOT = "care/v1/home/" + HOME
ANSWERS = "care/v1/desk/answers"
HOUR = 3600_000


class Desk:
    """The platform's side: everything under care/v1 in a queue, every message checked against the schema."""

    def __init__(self, broker):
        self.messages = queue.Queue()
        self.client = mqtt_client("desk")
        ready = queue.Queue()
        self.client.on_connect = lambda client, *_: client.subscribe("care/v1/#", 1)
        self.client.on_subscribe = lambda *_: ready.put(True)
        self.client.on_message = lambda _c, _u, message: self.messages.put(message)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        ready.get(timeout=5)

    def wait(self, topic, seconds=5, where=lambda _: True):
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"nothing on {topic}")
            try:
                message = self.messages.get(timeout=left)
            except queue.Empty:
                continue
            if message.topic.split("/")[-2] != "cmd":  # its own, often wrong on purpose
                schema.check(message.topic, message.payload, "reply" if message.topic == ANSWERS else None)
            if message.topic == topic and where(json.loads(message.payload)):
                return message

    def publish(self, topic, payload, retain=False, response=None, correlation=None, expiry=None):
        properties = Properties(PacketTypes.PUBLISH)
        if response:
            properties.ResponseTopic = response
        if correlation:
            properties.CorrelationData = correlation
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        self.client.publish(topic, payload, 1, retain, properties).wait_for_publish(5)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Uplink:
    """The worker under test; we are the core."""

    def __init__(self, clock=True, **config):
        self.core, worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.core.settimeout(5)
        self.errors = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with,subprocess-popen-preexec-fn
            [BIN / "gatewayd-uplink"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
            close_fds=False, preexec_fn=lambda: os.dup2(worker.fileno(), 3))
        worker.close()
        self.frames = []
        values = {"name": "platform", "host": "localhost", "client_id": "gw-0137", "keepalive_s": 30, "version": 5,
                  "home": HOME, "software": "gatewayd test", "hotline": "6512349", "family": "+8613800000000",
                  "timezone": "Asia/Shanghai", **config}
        self.send(Frame("config-begin"), Frame("uplink-config", **values))
        self.clock(clock)
        self.send(Frame("config-end"))
        self.wait("ready")

    def clock(self, synced):
        self.send(Frame("clock", wall_minus_log=int(time.time() * 1000) - HOUR, quality=int(synced)))

    def send(self, *frames):
        for frame in frames:
            self.core.send(frame.bytes())

    def receive(self, seconds):
        self.core.settimeout(max(seconds, 0.001))
        data = self.core.recv(1 << 16)
        if not data:
            raise AssertionError("the worker has ended: " + self.log())
        return Frame.parse(data)

    def wait(self, name, seconds=8, where=lambda _: True):
        """The next frame of this type (earlier other ones are kept for later waits)."""
        for i, frame in enumerate(self.frames):
            if frame.name == name and where(frame):
                return self.frames.pop(i)
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {name} within {seconds} s; have {self.frames}; log: {self.log()}")
            try:
                frame = self.receive(left)
            except TimeoutError:
                continue
            if frame.name == name and where(frame):
                return frame
            self.frames.append(frame)

    def wait_up(self, seconds=10):
        return self.wait("uplink-state", seconds, lambda frame: frame.link == 1)

    def wait_down(self, *words, seconds=13):
        return self.wait("uplink-state", seconds,
                         lambda frame: frame.link == 0 and all(word in frame.text for word in words))

    def log(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def close(self):
        self.core.close()
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        log = self.log()
        self.errors.close()
        if code not in (0, -signal.SIGKILL):
            raise AssertionError(f"the worker ended with {code}: {log}")


def alert(**changes):
    now = HOUR
    values = {"id": 0x1234567890ABCDEF, "episode": 7, "rev": 1, "count": 1, "class_": C["GW_EMERGENCY"],
              "state": C["ALERT_RAISED"], "detector": "bath-stay", "kind": "stay-long", "key": "bath",
              "code": "0034 0009", "room": "bathroom", "text_en": "In the bathroom for 45 min \"now\"",
              "text_zh": "在浴室已停留45分钟", "limit": "45 min", "since": now - 1000, "raised": now, "at": now,
              "wall_minus_log": int(time.time() * 1000) - now, "boot": 3, "clock": 1, "incident": 0x1234567890ABCDEF,
              "n_evidence": 1,
              "evidence": [{"sensor": "bathroom-door", "room": "bathroom", "kind": "contact", "at": now - 1000,
                            "value": 0.0}]}
    values.update(changes)
    return values


def send_frame(token=1, emergency=1, **changes):
    return Frame("send", token=token, emergency=emergency, durable=1, now_log=HOUR + 120, alert=alert(**changes))


def status_frame(**changes):
    return Frame("status", **{"software": "gatewayd test", "home": HOME, "log_now": HOUR, "boottime_ms": 60000,
                              "wall_minus_log": int(time.time() * 1000) - HOUR, "clock": 1, "boot": 3, "sensors": 20,
                              "sensors_lost": 1, "outbox": 2, "outbox_oldest_ms": 61000, **changes})


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="gw-uplink-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.certs = Certs(client_days=10)
        cls.strangers = Certs()

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def broker(self, **how):
        broker = Broker(**how)
        self.addCleanup(broker.clean)
        self.addCleanup(broker.stop)
        return broker

    def tls_broker(self, certs=None, **how):
        return self.broker(tls=certs or self.certs, **how)

    def uplink(self, broker, **config):
        uplink = Uplink(port=broker if isinstance(broker, int) else broker.port, **config)
        self.addCleanup(uplink.close)
        return uplink

    def tls_uplink(self, broker, certs=None, **config):
        return self.uplink(broker, **{"tls": 1, "ca": str((certs or self.certs).ca), **config})

    def desk(self, broker):
        desk = Desk(broker)
        self.addCleanup(desk.close)
        return desk


class Delivery(Case):
    def test_alert_reaches_the_desk_and_is_confirmed(self):
        for version in (5, 4):
            with self.subTest(version=version):
                broker = self.broker()
                desk = self.desk(broker)
                uplink = self.uplink(broker, version=version)
                uplink.wait_up()
                started = time.monotonic()
                uplink.send(send_frame(token=41))
                done = uplink.wait("delivered")
                self.assertLess(time.monotonic() - started, 1)
                self.assertEqual((done.token, done.ok), (41, 1))
                message = desk.wait(ROOT + "/alert/emergency/stay-long")
                said = json.loads(message.payload)
                self.assertFalse(message.retain)
                self.assertEqual(said["id"], "1234567890abcdef")
                self.assertEqual(said["text"]["en"], "In the bathroom for 45 min \"now\"")
                self.assertEqual(said["late_ms"], 120)
                self.assertEqual(said["sensors"], ["bathroom-door"])
                self.assertEqual(said["contact"]["hotline"], "6512349")
                self.assertEqual(said["code"]["scaip"], {"device": "0034", "status": "0009", "location": "011"})

    def test_request_goes_to_its_own_topic(self):
        broker = self.broker()
        desk = self.desk(broker)
        uplink = self.uplink(broker)
        uplink.wait_up()
        uplink.send(send_frame(emergency=0, class_=C["GW_INFO"], kind="meal", flags=C["ALERT_REQUEST"]))
        self.assertNotIn("contact", json.loads(desk.wait(ROOT + "/request/meal").payload))

    def test_broker_gone_and_back(self):
        broker = self.broker()
        uplink = self.uplink(broker)
        uplink.wait_up()
        broker.stop()
        down = uplink.wait_down()
        self.assertTrue(down.text)
        uplink.send(send_frame(token=5))
        self.assertEqual((uplink.wait("delivered").ok), 0)
        broker.start()
        desk = self.desk(broker)
        uplink.wait_up(20)
        uplink.send(send_frame(token=6))
        done = uplink.wait("delivered")
        self.assertEqual((done.token, done.ok), (6, 1))
        desk.wait(ROOT + "/alert/emergency/stay-long")

    def test_session_stays_at_the_broker(self):
        for version in (5, 4):
            with self.subTest(version=version):
                broker = self.broker()
                uplink = self.uplink(broker, version=version)
                self.assertEqual(uplink.wait_up().session_present, 0)
                uplink.process.kill()
                uplink.process.wait()
                again = self.uplink(broker, version=version)
                self.assertEqual(again.wait_up().session_present, 1)

    def test_emergency_without_confirmation_reconnects_at_once(self):
        broker = self.broker()
        relay = DeafRelay(broker.port)
        self.addCleanup(relay.close)
        uplink = self.uplink(relay.port)
        uplink.wait_up()
        relay.deaf.set()
        started = time.monotonic()
        uplink.send(send_frame(token=9), send_frame(token=10, emergency=0, class_=C["GW_WARNING"]))
        self.assertEqual(uplink.wait("delivered", 7, lambda f: f.token == 9).ok, 0)
        self.assertEqual(uplink.wait("delivered", 1, lambda f: f.token == 10).ok, 0)
        self.assertGreater(time.monotonic() - started, 4.5)
        relay.deaf.clear()
        uplink.wait_up(1)
        uplink.send(send_frame(token=11))
        self.assertEqual(uplink.wait("delivered").ok, 1)


    def test_what_the_broker_refuses_goes_back_after_a_pause(self):
        acl = self.file("acl", f"topic read care/v1/#\ntopic write {ROOT}/status\n")
        broker = self.broker(extra=[f"acl_file {acl}"])
        uplink = self.uplink(broker)
        uplink.wait_up()
        started = time.monotonic()
        uplink.send(send_frame(token=3))
        done = uplink.wait("delivered", 8)
        self.assertEqual((done.token, done.ok, done.reason), (3, 0, 0x87))
        self.assertGreater(time.monotonic() - started, 4.5)
        self.assertIn("refuses our alerts", uplink.wait("trouble").text_en)


class Retained(Case):
    def open_list(self, *alerts):
        return [Frame("open-begin"), *(Frame("alert", **one) for one in alerts), Frame("open-end")]

    def test_will_appears_when_the_process_is_killed(self):
        for version in (5, 4):
            with self.subTest(version=version):
                broker = self.broker()
                desk = self.desk(broker)
                uplink = self.uplink(broker, version=version)
                uplink.wait_up()
                uplink.send(status_frame())
                online = json.loads(desk.wait(ROOT + "/status", where=lambda s: s["online"]).payload)
                self.assertEqual((online["outbox"], online["oldest_unsent_s"]), (2, 61))
                uplink.process.send_signal(signal.SIGKILL)
                desk.wait(ROOT + "/status", where=lambda s: not s["online"])
                late = self.desk(broker)
                self.assertTrue(late.wait(ROOT + "/status").retain)

    def test_will_appears_when_the_core_ends(self):
        broker = self.broker()
        desk = self.desk(broker)
        uplink = self.uplink(broker)
        uplink.wait_up()
        uplink.core.shutdown(socket.SHUT_RDWR)
        desk.wait(ROOT + "/status", where=lambda s: not s["online"])

    def test_open_list_is_published_only_when_it_changed(self):
        broker = self.broker()
        desk = self.desk(broker)
        uplink = self.uplink(broker)
        uplink.wait_up()
        one = alert()
        uplink.send(*self.open_list(one))
        said = json.loads(desk.wait(ROOT + "/open").payload)
        self.assertEqual([a["id"] for a in said["alerts"]], ["1234567890abcdef"])
        uplink.send(*self.open_list(one))
        uplink.send(status_frame())
        desk.wait(ROOT + "/status")
        uplink.send(*self.open_list())
        self.assertEqual(json.loads(desk.wait(ROOT + "/open").payload)["alerts"], [])

    def test_open_alerts_are_read_back(self):
        broker = self.broker()
        desk = self.desk(broker)
        uplink = self.uplink(broker)
        uplink.wait_up()
        uplink.send(*self.open_list(alert(state=C["ALERT_ACKNOWLEDGED"], flags=C["ALERT_ACKED"], by="王医生", rev=4),
                                    alert(id=2, class_=C["GW_WARNING"])))
        desk.wait(ROOT + "/open")
        uplink.process.kill()
        uplink.process.wait()
        again = self.uplink(broker, recover=1)
        again.wait_up()
        again.send(*self.open_list())  # must not overwrite what is to be read back
        again.wait("open-end")
        found = [frame for frame in again.frames if frame.name == "alert"]
        self.assertEqual([frame.id for frame in found], [0x1234567890ABCDEF, 2])
        first = found[0]
        self.assertEqual((first.rev, first.by, first.text_zh, first.class_), (4, "王医生", "在浴室已停留45分钟", 1))
        self.assertTrue(first.flags & C["ALERT_RECOVERED"] and first.flags & C["ALERT_ACKED"])
        self.assertLess(abs(first.at - HOUR), 5000)
        self.assertEqual(json.loads(desk.wait(ROOT + "/open").payload)["alerts"], [])

    def test_recovery_ends_also_when_there_is_nothing(self):
        for payload in (None, b"rubbish"):
            with self.subTest(payload=payload):
                broker = self.broker()
                if payload:
                    self.desk(broker).publish(ROOT + "/open", payload, retain=True)
                uplink = self.uplink(broker, recover=1)
                uplink.wait("open-end", 9)
                self.assertFalse([frame for frame in uplink.frames if frame.name == "alert"])


class Tls(Case):
    def test_client_certificate_and_its_end(self):
        broker = self.tls_broker(client_certificate=True)
        uplink = self.tls_uplink(broker, cert=str(self.certs.client_cert), key=str(self.certs.client_key))
        up = uplink.wait_up()
        self.assertLess(abs(up.cert_expires / 1000 - time.time() - 10 * 86400), 3600)
        self.assertEqual(up.text, "")
        uplink.send(send_frame())
        self.assertEqual(uplink.wait("delivered").ok, 1)

    def test_psk(self):
        broker = self.broker(psk={"home0137": "deadbeefcafe"})
        good = self.uplink(broker, tls=1, psk_identity="home0137", psk="deadbeefcafe")
        good.wait_up()
        good.send(send_frame())
        self.assertEqual(good.wait("delivered").ok, 1)
        bad = self.uplink(broker, tls=1, psk_identity="home0137", psk="deadbeef", client_id="other")
        bad.wait_down("pre-shared key")

    def check_down(self, uplink, *words):
        """Says what is wrong, and goes on trying."""
        text = uplink.wait_down(*words).text
        self.assertIsNone(uplink.process.poll())
        return text

    def test_wrong_ca_then_right_one(self):
        broker = self.tls_broker()
        ca = os.path.join(self.folder, "changing-ca.pem")
        shutil.copy(self.strangers.ca, ca)
        uplink = self.tls_uplink(broker, ca=ca)
        self.check_down(uplink, "wrong CA", "tls.ca")
        shutil.copy(self.certs.ca, ca)
        uplink.wait_up(20)

    def test_missing_files(self):
        broker = self.tls_broker()
        self.check_down(self.tls_uplink(broker, ca="/nowhere/ca.pem"), "tls.ca", "No such file")
        self.check_down(self.tls_uplink(broker, cert=str(self.certs.client_cert), key=str(self.certs.server_key)),
                        "tls.key")

    def test_expired_server_certificate(self):
        old = Certs(server_days=-1)
        self.check_down(self.tls_uplink(self.tls_broker(old), old), "expired", "platform must renew")

    def test_certificate_of_another_host(self):
        other = Certs(server_name="elsewhere.example.org")
        broker = self.tls_broker(other)
        self.check_down(self.tls_uplink(broker, other), "another host")
        self.check_down(self.tls_uplink(broker, other, host="127.0.0.1"), "another host")

    def test_certificate_is_wanted_but_none_is_set(self):
        self.check_down(self.tls_uplink(self.tls_broker(client_certificate=True)), "certificate")

    def test_our_certificate_is_of_a_foreign_ca(self):
        broker = self.tls_broker(client_certificate=True)
        uplink = self.tls_uplink(broker, cert=str(self.strangers.client_cert), key=str(self.strangers.client_key))
        self.check_down(uplink, "client certificate")

    def test_unsynced_clock_takes_an_expired_certificate_and_says_so(self):
        old = Certs(server_days=-1)
        uplink = self.tls_uplink(self.tls_broker(old), old, clock=False)
        self.assertIn("dates are not checked", uplink.wait_up().text)
        uplink.send(send_frame())
        self.assertEqual(uplink.wait("delivered").ok, 1)
        uplink.clock(True)
        uplink.wait_down("expired")

    def test_unsynced_clock_takes_no_foreign_chain_and_no_foreign_name(self):
        self.check_down(self.tls_uplink(self.tls_broker(), self.strangers, clock=False), "wrong CA")
        other = Certs(server_name="elsewhere.example.org")
        self.check_down(self.tls_uplink(self.tls_broker(other), other, clock=False), "another host")

    def test_clock_becomes_synced_and_the_good_certificate_is_checked(self):
        broker = self.tls_broker()
        uplink = self.tls_uplink(broker, clock=False)
        self.assertIn("dates are not checked", uplink.wait_up().text)
        uplink.clock(True)
        self.assertEqual(uplink.wait_up().text, "")

    def test_plain_broker_at_a_tls_port_and_the_other_way_round(self):
        self.check_down(self.tls_uplink(self.broker()), "TLS")
        self.check_down(self.uplink(self.tls_broker()), "TLS")


class Trouble(Case):
    def test_wrong_password(self):
        broker = self.broker(users={"home": "right"})
        for version in (5, 4):
            bad = self.uplink(broker, username="home", password="wrong", version=version)
            bad.wait_down("username and password")
        none = self.uplink(broker)
        none.wait_down("none are set")
        good = self.uplink(broker, username="home", password="right", client_id="good")
        good.wait_up()

    def test_unknown_host(self):
        self.uplink(1883, host="no-such-host.invalid").wait_down("no-such-host.invalid", "host")

    def test_refused(self):
        self.uplink(free_port()).wait_down("refuses connections")

    def test_broker_that_never_answers(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)
            port = silent.getsockname()[1]
            plain = self.uplink(port, host="127.0.0.1")
            tls = self.tls_uplink(port, host="127.0.0.1")
            started = time.monotonic()
            plain.wait_down("never answers", "MQTT")
            self.assertLess(time.monotonic() - started, 12)
            tls.wait_down("never answers", "TLS")
            for uplink in (plain, tls):  # no spinning while it waited
                with open(f"/proc/{uplink.process.pid}/stat", encoding="ascii") as file:
                    fields = file.read().split()
                self.assertLess(int(fields[13]) + int(fields[14]), 20)
            silent.settimeout(8)
            for _ in range(3):  # and it tries again
                silent.accept()[0].close()

    def test_rubbish_instead_of_mqtt(self):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(8)
            uplink = self.uplink(server.getsockname()[1], host="127.0.0.1")
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                uplink.wait_down()

    def test_foreign_home_is_refused_for_good(self):
        with self.assertRaisesRegex(AssertionError, "no ready|has ended"):
            self.uplink(1883, home="yiyuan/+/xingfu/0137")

    def test_another_client_with_our_name(self):
        broker = self.broker()
        first = self.uplink(broker)
        first.wait_up()
        self.uplink(broker).wait_up()
        first.wait_down("second gateway")


class Commands(Case):
    def setUp(self):
        self.link = self.broker()
        self.platform = self.desk(self.link)
        self.worker = self.uplink(self.link)
        self.subscribed(self.worker)

    def subscribed(self, uplink):
        """Up, and what it says after its subscription has arrived."""
        uplink.wait_up()
        uplink.send(status_frame(boot=uplink.process.pid))
        self.platform.wait(ROOT + "/status", where=lambda s: s.get("boot") == uplink.process.pid)

    def order(self, verb, body, **more):
        payload = body if isinstance(body, (bytes, str)) else json.dumps(body)
        self.platform.publish(f"{ROOT}/cmd/{verb}", payload, **more)

    def reply(self, verb, topic=None):
        return self.platform.wait(topic or f"{ROOT}/cmd/{verb}/reply")

    def test_acknowledgement_reaches_the_core_and_is_answered(self):
        self.order("ack", {"id": "1234567890abcdef", "rev": 2, "by": "王医生", "note": "马上到"},
                   response=ANSWERS, correlation=b"\x00\x01x")
        command = self.worker.wait("command")
        self.assertEqual((command.verb, command.alert, command.rev, command.by, command.note),
                         (C["VERB_ACK"], 0x1234567890ABCDEF, 2, "王医生", "马上到"))
        self.worker.send(Frame("reply", token=command.token, ok=1, text="acknowledged"))
        message = self.reply("ack", ANSWERS)
        self.assertEqual(message.properties.CorrelationData, b"\x00\x01x")
        self.assertEqual(json.loads(message.payload),
                         {"home": HOME, "verb": "ack", "ok": True, "id": "1234567890abcdef", "text": "acknowledged"})

    def test_commands_wait_at_the_broker_while_we_are_away(self):
        self.worker.process.kill()
        self.worker.process.wait()
        self.order("accept", {"id": "1234567890abcdef"})
        again = self.uplink(self.link)
        self.assertEqual(again.wait("command").alert, 0x1234567890ABCDEF)

    def test_bad_commands_are_answered_and_never_reach_the_core(self):
        good = {"id": "1234567890abcdef", "by": "x"}
        bad = [("ack", b"", "JSON"), ("ack", b"\xff\xfe", "UTF-8"), ("ack", b"{", "JSON"), ("ack", "[]", "object"),
               ("ack", {}, "id"), ("ack", {**good, "id": "123"}, "id"), ("ack", {**good, "id": 5}, "id"),
               ("ack", {**good, "rev": -1}, "rev"), ("ack", {**good, "rev": "2"}, "rev"),
               ("ack", {"id": good["id"]}, "by"), ("ack", {**good, "note": "n" * 400}, "too long"),
               ("ack", json.dumps(good) + "x", "JSON"), ("ack", {**good, "pad": "x" * 5000}, "bytes"),
               ("ack", {**good, "expires": "2020-01-01T00:00:00Z"}, "expired"),
               ("ack", {**good, "expires": []}, "expires"),
               ("mode", {"mode": "party"}, "mode"), ("test", {"sensor": 5}, "sensor"), ("message", {"text": ""}, "text"),
               ("accept", "[" * 2000, "JSON"), ("ack", {**good, "by": "a\x01b"}, "control")]
        for verb, body, word in bad:
            with self.subTest(verb=verb, body=str(body)[:60]):
                self.order(verb, body)
                said = json.loads(self.reply(verb).payload)
                self.assertFalse(said["ok"])
                self.assertIn(word, said["text"])
        self.order("explode", {})
        self.assertIn("unknown command", json.loads(self.reply("explode").payload)["text"])
        self.order("status", "")
        self.assertEqual(self.worker.wait("command").verb, C["VERB_STATUS"])
        self.assertFalse([frame for frame in self.worker.frames if frame.name == "command"])
        troubles = [frame for frame in self.worker.frames if frame.name == "trouble"]
        self.assertEqual(len(troubles), 1, "told once per onset")

    def test_retained_command_is_not_done(self):
        for version in (5, 4):
            self.order("status", "{}", retain=True)
            said = json.loads(self.reply("status").payload)
            self.assertEqual((said["ok"], "retained" in said["text"]), (False, True))
            self.assertFalse([frame for frame in self.worker.frames if frame.name == "command"])
            fresh = self.uplink(self.link, client_id=f"fresh{version}", version=version)
            self.subscribed(fresh)
            self.order("mode", {"mode": "away"})
            self.assertEqual(fresh.wait("command").verb, C["VERB_MODE"])
            self.assertFalse([frame for frame in fresh.frames if frame.name == "command"])

    def test_answers_stay_inside_our_topics(self):
        for response in ("elsewhere/x", ROOT + "/status", "care/v1/home/a/b/c/d/cmd/ack/reply", ROOT + "/cmd/status"):
            self.order("close", {}, response=response)
            self.reply("close")

    def test_silent_core_is_told(self):
        self.order("status", {})
        self.worker.wait("command")
        message = self.platform.wait(f"{ROOT}/cmd/status/reply", 14)
        self.assertIn("in time", json.loads(message.payload)["text"])

    def test_flood_of_commands_is_bounded(self):
        for _ in range(300):
            self.platform.client.publish(f"{ROOT}/cmd/status", "{}", 1)
        self.order("accept", {"id": "1234567890abcdef"})
        self.worker.wait("command", where=lambda frame: frame.verb == C["VERB_ACCEPT"])
        self.assertLess(len([frame for frame in self.worker.frames if frame.name == "command"]), 60)


class DeafRelay:
    """Between uplink and broker; while deaf, nothing of the broker comes through."""

    def __init__(self, target):
        self.deaf = threading.Event()
        self.target = target
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self.deaf.clear()
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source, sink, hush):
        try:
            while data := source.recv(65536):
                if not (hush and self.deaf.is_set()):
                    sink.sendall(data)
        except OSError:
            pass
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()


if __name__ == "__main__":
    unittest.main()
