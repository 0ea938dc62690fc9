"""The real gatewayd-detector with plugins that misbehave: what it says, how it dies, what it cannot do.

The plain build is used: memory limits and seccomp are off under sanitizers. $GATEWAYD_PLAIN names one made by hand.
"""
import ctypes
import os
import pathlib
import select
import signal
import socket
import subprocess
import time
import unittest

from harness import frames, plain_build
from harness.frames import C, STRUCTS, Frame

DEADLINE = 10
GONE = 78  # EX_CONFIG: permanent
KINDS = frames._constants(frames._source("base", "kinds.h"))


def build():
    given = os.environ.get("GATEWAYD_PLAIN")
    return pathlib.Path(given) if given else plain_build()


class Host:
    """One gatewayd-detector on our end of a socket pair."""

    def __init__(self, plugin, *arguments, memory_mib=16, timezone="Asia/Shanghai"):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(DEADLINE)
        path = str(build() / "bin/gatewayd-detector")

        def channel_on_3():
            os.dup2(theirs.fileno(), 3)
            os.set_inheritable(3, True)

        leaked = os.open("/dev/null", os.O_RDONLY)
        self.process = subprocess.Popen([path, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, close_fds=False, preexec_fn=channel_on_3)
        os.close(leaked)
        theirs.close()
        self.seen = []
        self.say("config-begin")
        self.say("detector-config", name="test", plugin=str(plugin), timezone=timezone, memory_mib=memory_mib)

    def say(self, frame, /, **values):
        try:
            self.sock.send(Frame(frame, **values).bytes())
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has died: what it said is still to be read

    def configure(self, settings, sensors):
        for number, (key, value) in enumerate(settings):
            self.say("setting", key=key, value=value, where=f"test.conf:{number + 1}")
        for slot, kind, name in sensors:
            self.say("sensor", slot=slot, kind=KINDS["KIND_" + kind.upper()], name=name, room="hall")
        self.say("config-end")

    def batch(self, *readings, until, token=1, wall=1_700_000_000_000):
        frame = Frame("batch", token=token, until=until, wall_minus_log=wall, n=len(readings),
                      reading=[dict(reading, origin=reading["id"]) for reading in readings])
        length = STRUCTS["frame_batch"].reading.offset + len(readings) * ctypes.sizeof(STRUCTS["reading"])
        header = STRUCTS["frame_header"](8 + length, C["FRAME_BATCH"], C["FRAME_VERSION"])
        self.sock.send(bytes(header) + bytes(frame.body)[:length])

    def hear(self, timeout=DEADLINE):
        """The next frame, or None when it has closed its end."""
        self.sock.settimeout(timeout)
        try:
            data = self.sock.recv(1 << 17)
        except ConnectionResetError:
            data = b""
        if not data:
            return None
        self.seen.append(Frame.parse(data))
        return self.seen[-1]

    def until(self, *names):
        """Everything up to a frame of one of these names, or up to its end."""
        heard = []
        while True:
            frame = self.hear()
            if frame is None:
                return heard
            heard.append(frame)
            if frame.name in names:
                return heard

    def ends(self):
        """Its exit status, and what it wrote to stderr."""
        _, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, errors.decode(errors="replace")

    def close(self):
        self.sock.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Case(unittest.TestCase):
    def host(self, plugin, *arguments, **options):
        folder = "plugins" if plugin in ("bath", "bed", "call", "door") else "fault-plugins"
        host = Host(build() / folder / f"{plugin}.so", *arguments, **options)
        self.addCleanup(host.close)
        return host

    def started(self, plugin, settings=(("sensors", "door"),), **options):
        """A host that is ready, with one contact sensor at slot 5."""
        host = self.host(plugin, **options)
        host.configure(settings, [(2, "motion", "pir"), (5, "contact", "door"), (9, "button", "call")])
        heard = host.until("ready", "failed")
        self.assertEqual(heard[-1].name, "ready", heard)
        return host

    def fails(self, host, words):
        heard = host.until("failed")
        self.assertEqual(heard[-1].name, "failed", heard)
        self.assertIn(words, heard[-1].text)
        self.assertEqual(host.ends()[0], GONE)


READING = {"id": 1, "at": 5000, "value": 1.0, "sensor": 5, "type": 0}


class Loading(Case):
    def test_not_an_elf_file(self):
        self.fails(self.host("not-elf"), "can't be loaded")

    def test_missing_file(self):
        self.fails(self.host("nobody-has-this"), "No such file")

    def test_no_plugin_symbol(self):
        self.fails(self.host("no-symbol"), "no gatewayd plugin")

    def test_a_function_that_nobody_has(self):
        self.fails(self.host("missing-function"), "function_that_nobody_has")

    def test_a_foreign_major_version(self):
        self.fails(self.host("foreign-major"), "built for plugin ABI 9.0")

    def test_a_name_without_a_folder_is_not_searched_for(self):
        host = Host("libc.so.6")
        self.addCleanup(host.close)
        self.fails(host, "expected a path")

    def test_a_constructor_that_hangs_says_nothing_but_hello(self):
        host = self.host("hang-constructor")
        self.assertEqual(host.hear().name, "hello")
        self.assertFalse(select.select([host.sock], [], [], 0.5)[0])
        self.assertIsNone(host.process.poll())

    def test_a_frame_that_is_none(self):
        host = self.host("flood")
        host.until("plugin-end")
        host.sock.send(b"rubbish!")
        self.fails(host, "bad")

    def test_it_ends_when_the_core_has_gone(self):
        host = self.started("flood")
        host.sock.close()
        self.assertEqual(host.ends()[0], 0)


class Describing(Case):
    def test_every_plugin_of_ours_tells_its_table(self):
        for name in ("bath", "bed", "call", "door"):
            with self.subTest(name):
                host = self.host(name, "--describe")
                heard = host.until("plugin-end")
                info = heard[1]
                self.assertEqual([frame.name for frame in heard[:2]], ["hello", "plugin-info"])
                self.assertEqual(info.body.name.decode(), name)
                counts = [sum(frame.name == kind for frame in heard)
                          for kind in ("plugin-role", "plugin-param", "plugin-alert")]
                self.assertEqual(counts, [info.n_roles, info.n_params, info.n_alerts])
                self.assertEqual(info.momentary, name == "call")
                self.assertEqual(host.ends()[0], 0)

    def test_a_bad_one_says_why(self):
        self.fails(self.host("foreign-major", "--describe"), "ABI")

    def test_by_hand_it_explains_itself(self):
        run = subprocess.run([str(build() / "bin/gatewayd-detector")], stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True, timeout=DEADLINE)
        self.assertEqual(run.returncode, 2)
        self.assertIn("a part of gatewayd, which starts it", run.stderr)


class Settings(Case):
    def test_errors_carry_file_and_line(self):
        for settings, words in (
                ([("doors", "door")], "test.conf:1: plugin \"door\" has no setting \"doors\"; did you mean \"door\"?"),
                ([("door", "dor")], "test.conf:1: door: there is no sensor \"dor\"; did you mean \"door\"?"),
                ([("door", "pir")], "test.conf:1: door: sensor \"pir\" is a motion"),
                ([("door", "door"), ("back_within", "soon")], "test.conf:2: back_within"),
                ([], "needs a sensor as \"door\"")):
            with self.subTest(words):
                host = self.host("door")
                host.configure(settings, [(2, "motion", "pir"), (5, "contact", "door")])
                self.fails(host, words)

    def test_a_refusal_of_the_plugin_is_permanent(self):
        host = self.host("refuse")
        host.configure([("sensors", "door")], [(5, "contact", "door")])
        self.fails(host, "this home does not suit me")

    def test_bind_says_what_it_wants_to_see(self):
        host = self.started("call", [("buttons", "call")])
        binds = [(frame.role, frame.slot, frame.required) for frame in host.seen if frame.name == "bind"]
        self.assertEqual(binds, [("buttons", 9, 1)])


class Running(Case):
    def dies_of(self, plugin, signals):
        host = self.started(plugin)
        host.batch(READING, until=5000)
        heard = host.until("batch-done")
        self.assertFalse([frame for frame in heard if frame.name == "batch-done"], "it lived on")
        status, _ = host.ends()
        self.assertIn(-status, signals)

    def test_a_press_becomes_a_condition_and_a_wake_is_told(self):
        host = self.started("call", [("buttons", "call"), ("pre_alarm", "30 s")])
        press = dict(READING, sensor=9, type=C["GW_EVENT"])
        host.batch(press, until=5000, token=7)
        done = host.until("batch-done")[-1]
        self.assertEqual((done.token, done.wake, done.raises), (7, 35000, 0))
        host.batch(until=40000, token=8)
        condition, done = host.until("batch-done")
        self.assertEqual((condition.raised, condition.at, condition.since), (1, 35000, 5000))
        self.assertEqual(condition.episode, press["id"])
        self.assertEqual(condition.evidence[0].sensor, 9)
        self.assertIn("时间", condition.text_zh)
        self.assertEqual((done.token, done.wake, done.raises, done.dropped), (8, 0, 1, 0))

    def test_local_time_works_in_the_sandbox(self):
        for zone, minute in (("Asia/Shanghai", "06:13"), ("Europe/Berlin", "23:13"), ("UTC", "22:13")):
            host = self.started("call", [("buttons", "call")], timezone=zone)
            host.batch(dict(READING, sensor=9, type=C["GW_EVENT"], at=0), until=5000)
            self.assertIn(minute, host.until("batch-done")[0].text_en)

    def test_crash_in_open(self):
        host = self.host("crash-open")
        host.configure([("sensors", "door")], [(5, "contact", "door")])
        self.assertNotIn("ready", [frame.name for frame in host.until("ready")])
        self.assertEqual(host.ends()[0], -signal.SIGSEGV)

    def test_crash_in_a_reading(self):
        self.dies_of("crash-reading", {signal.SIGSEGV})

    def test_loop_in_a_reading_only_stops_its_own_answer(self):
        host = self.started("loop-reading")
        host.batch(READING, until=5000)
        self.assertFalse(select.select([host.sock], [], [], 0.5)[0])
        self.assertIsNone(host.process.poll())

    def test_a_leak_ends_at_its_limit(self):
        host = self.started("leak", memory_mib=16)
        host.batch(READING, until=5000)
        peak = 0
        end = time.monotonic() + DEADLINE
        while host.process.poll() is None and time.monotonic() < end:
            try:
                status = pathlib.Path(f"/proc/{host.process.pid}/status").read_text()
                peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line])
            except OSError:
                break
        self.assertIn(-host.ends()[0], {signal.SIGSEGV, signal.SIGABRT})
        self.assertLess(peak, 40 * 1024)

    def test_a_flood_is_cut_and_counted(self):
        host = self.started("flood")
        host.batch(READING, until=5000)
        *conditions, done = host.until("batch-done")
        self.assertLessEqual(len(conditions), 64)
        self.assertEqual((done.raises, done.dropped), (100000, 100000 - len(conditions)))

    def test_lies_are_ignored_told_and_made_harmless(self):
        host = self.started("lies")
        host.batch(READING, until=5000)
        *conditions, done = host.until("batch-done")
        self.assertEqual(len(conditions), 1)
        self.assertEqual(conditions[0].n_evidence, 0)
        self.assertEqual(conditions[0].since, 0)
        conditions[0].text_en.encode()
        self.assertEqual(done.name, "batch-done")
        host.sock.close()
        self.assertIn("alert kind 42", host.ends()[1])

    def test_what_the_sandbox_forbids_kills(self):
        for plugin in ("open-file", "open-socket", "fork-bomb", "exec-memory"):
            with self.subTest(plugin):
                self.dies_of(plugin, {signal.SIGSYS})

    def test_a_plugin_of_version_1_1_watches_all_and_tells_its_health(self):
        host = self.host("newer")
        host.configure([], [(2, "motion", "pir"), (5, "contact", "door")])
        heard = host.until("ready", "failed")
        self.assertEqual([frame.slot for frame in heard if frame.name == "bind"], [2, 5])
        self.assertEqual([frame.state for frame in heard if frame.name == "health"], [C["GW_HEALTH_LEARNING"]])
        host.batch(until=5000)
        condition = host.until("batch-done")[0]
        self.assertEqual((condition.name, condition.raised, condition.key), ("condition", 1, "pir"))
        host.batch(READING, until=6000)
        health = host.until("batch-done")[0]
        self.assertEqual((health.name, health.state, health.text_en), ("health", C["GW_HEALTH_OK"], ""))

    def test_a_plugin_of_the_oldest_version_works(self):
        host = self.started("old", [("sensor", "door"), ("limit", "0.5")])
        host.batch(READING, dict(READING, id=2, value=0.0, at=6000), until=6000)
        condition, done = host.until("batch-done")
        self.assertEqual((condition.text_en, condition.key, condition.n_evidence), ("Beyond the limit.", "door", 1))
        self.assertEqual(done.raises, 1)


class Keeping(Case):
    def test_it_keeps_three_fds_and_its_channel_and_no_privileges(self):
        host = self.started("flood")
        host.batch(until=1)
        host.until("batch-done")
        fds = sorted(int(fd) for fd in os.listdir(f"/proc/{host.process.pid}/fd"))
        self.assertEqual(fds, [0, 1, 2, 3])
        status = pathlib.Path(f"/proc/{host.process.pid}/status").read_text()
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertIn("Seccomp:\t2", status)
        limits = pathlib.Path(f"/proc/{host.process.pid}/limits").read_text()
        for line in limits.splitlines():
            name, soft = line[:26].strip(), line[26:].split()[0]
            if name in ("Max core file size", "Max file size", "Max processes"):
                self.assertEqual(soft, "0", name)
            if name == "Max open files":
                self.assertEqual(soft, "4")

    def test_an_idle_detector_is_small(self):
        host = self.started("call", [("buttons", "call")])
        host.batch(until=1)
        host.until("batch-done")
        rollup = pathlib.Path(f"/proc/{host.process.pid}/smaps_rollup").read_text()
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
        own = sizes["Private_Clean"] + sizes["Private_Dirty"]
        self.assertLess(own, 1024, sizes)


if __name__ == "__main__":
    unittest.main()
