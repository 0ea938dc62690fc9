"""The tests' own tools: what they say they do must be so, or every other test proves nothing."""
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import unittest

from harness import ROOT, Broker, Certs, Platform, free_port, libconfig, wait_for
from harness.platform import mqtt_client

FAILING = '''
import os, unittest
class A(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail("why it failed")
    def test_error(self): {}["x"]
    def test_sub(self):
        for i in range(3):
            with self.subTest(i): self.assertEqual(i, 0)
    @unittest.skip("why it was skipped")
    def test_skipped(self): pass
@unittest.skip("the whole class")
class B(unittest.TestCase):
    def test_one(self): pass
class C(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("not set up")
    def test_never(self): pass
class Z(unittest.TestCase):
    def test_dies(self): os._exit(7)
'''
UNIT = '''#!/bin/sh
echo "1..3"
echo "ok 1 - good"
echo "ok 2 - left_out # SKIP"
%s
'''


class Runner(unittest.TestCase):
    """runner.py on a tree of its own with tests that fail in every way."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="gw-runner-")
        self.addCleanup(holder.cleanup)
        self.tests = pathlib.Path(holder.name) / "tests"
        self.unit = pathlib.Path(holder.name) / "build/unit"
        self.unit.mkdir(parents=True)
        (self.unit.parent / "bin").mkdir()
        (self.unit.parent / "bin/gatewayd").touch()
        (self.tests / "system").mkdir(parents=True)
        for name in ("runner.py", "harness"):
            (self.tests / name).symlink_to(ROOT / "tests" / name)
        # The runner finds its folder through its own path: a copy, so that it is this one.
        (self.tests / "runner.py").unlink()
        (self.tests / "runner.py").write_text((ROOT / "tests/runner.py").read_text())

    def add_unit(self, name, rest):
        program = self.unit / name
        program.write_text(UNIT % rest)
        program.chmod(0o755)

    def run_it(self, *names):
        run = subprocess.run([sys.executable, "-B", str(self.tests / "runner.py"), *names], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=60,
                             env={**os.environ, "GATEWAYD_BUILD": str(self.unit.parent)})
        return run.returncode, run.stdout, run.stdout.rstrip("\n").splitlines()[-1]

    def test_every_way_to_fail_is_counted(self):
        (self.tests / "system/test_x.py").write_text(FAILING)
        status, text, last = self.run_it("test_x")
        self.assertEqual((status, last), (1, "1 passed, 5 failed, 2 skipped"), text)
        for word in ("why it failed", "KeyError", "why it was skipped", "the whole class", "not set up",
                     "its process ended with 7"):
            self.assertIn(word, text)

    def test_a_module_that_cannot_be_imported_is_a_failure(self):
        (self.tests / "system/test_x.py").write_text("import nothing_of_this_name\n")
        self.assertEqual(self.run_it("test_x")[2], "0 passed, 1 failed, 0 skipped")

    def test_unit_failures_crashes_and_leaks_are_counted(self):
        self.add_unit("test_good", 'echo "not ok 3 # SKIP as_cmocka_says"')
        self.assertEqual(self.run_it("unit.")[2], "1 passed, 0 failed, 2 skipped")
        self.add_unit("test_bad", 'echo "not ok 3 - last"; echo "# because"; exit 1')
        self.add_unit("test_crash", "kill -SEGV $$")
        self.add_unit("test_leak", 'echo "ok 3 - last"; exit 23')
        self.add_unit("test_short", "exit 0")
        status, text, last = self.run_it("unit.")
        self.assertEqual((status, last), (1, "6 passed, 4 failed, 6 skipped"), text)
        self.assertIn("because", text)

    def test_a_name_that_fits_nothing_is_no_success(self):
        status, text, last = self.run_it("no_such_test")
        self.assertEqual((status, last), (1, "0 passed, 0 failed, 0 skipped"), text)


class Waiting(unittest.TestCase):
    def test_it_fails_with_what_it_waited_for(self):
        with self.assertRaisesRegex(AssertionError, "the moon"):
            wait_for(lambda: False, 0.05, "the moon")

    def test_it_gives_what_came(self):
        values = iter([None, 0, "there"])
        self.assertEqual(wait_for(lambda: next(values)), "there")


class Libconfig(unittest.TestCase):
    def test_values(self):
        self.assertEqual(libconfig(True), "true")
        self.assertEqual(libconfig('a "b"\\'), '"a \\"b\\"\\\\"')
        self.assertEqual(libconfig(["a", 1]), '[ "a", 1 ]')
        self.assertEqual(libconfig({"a": {"b": 1.5}}), "{\n  a = {\n    b = 1.5;\n  };\n}")
        self.assertEqual(libconfig([]), "( )")


class Brokers(unittest.TestCase):
    def connects(self, broker, **how):
        client = mqtt_client("probe")
        if "user" in how:
            client.username_pw_set(*how["user"])
        if "tls" in how:
            client.tls_set(str(how["tls"].ca), *(map(str, how.get("pair", ()))))
        answers = []
        client.on_connect = lambda *arguments: answers.append(arguments[3])
        try:
            client.connect(broker.host, broker.port)
            wait_for(lambda: client.loop(0.1) or answers, 10, "CONNACK")
            if not answers:
                raise ConnectionError("the broker hung up")
            return str(answers[0]) == "Success"
        finally:
            client.disconnect()

    def test_passwords_are_asked_for(self):
        broker = Broker(users={"home": "secret"})
        self.assertTrue(self.connects(broker, user=("home", "secret")))
        self.assertFalse(self.connects(broker, user=("home", "wrong")))
        self.assertFalse(self.connects(broker))

    def test_tls_with_its_ca_only(self):
        certs, strangers = Certs(), Certs()
        broker = Broker(tls=certs)
        self.assertTrue(self.connects(broker, tls=certs))
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connects(broker, tls=strangers)

    def test_client_certificates_are_asked_for(self):
        certs = Certs()
        broker = Broker(tls=certs, client_certificate=True)
        self.assertTrue(self.connects(broker, tls=certs, pair=(certs.client_cert, certs.client_key)))
        with self.assertRaises((AssertionError, OSError)):
            self.connects(broker, tls=certs)

    def test_an_expired_certificate_is_one(self):
        certs = Certs(server_days=-1)
        broker = Broker(tls=certs)
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "expired"):
            self.connects(broker, tls=certs)

    def test_retained_messages_survive_stop_and_kill_with_persistence(self):
        broker = Broker(persistence=True)
        desk = Platform(broker)
        desk.publish("care/v1/x", "kept", retain=True)
        for end in (broker.stop, broker.kill):
            wait_for((broker.directory / "mosquitto.db").exists, 10, "the broker's file")
            end()
            broker.start()
            again = Platform(broker, client_id=f"desk-{end.__name__}")
            self.assertEqual(again.wait_message("/x").payload, b"kept")

    def test_ports_differ_and_the_log_is_kept(self):
        one, two = Broker(), Broker()
        self.assertNotEqual(one.port, two.port)
        self.assertNotIn(free_port(), (one.port, two.port))
        wait_for(lambda: "New connection" in one.log(), 10, "the broker's log")


class Desk(unittest.TestCase):
    TOPIC = "care/v1/home/county/town/village/home"

    def test_it_hears_alerts_and_accepts_emergencies(self):
        broker = Broker()
        platform = Platform(broker, accept=True)
        stranger = Platform(broker, client_id="stranger")
        stranger.publish(f"{self.TOPIC}/alert/emergency/call", '{"id": "a", "rev": 3, "state": "raised"}')
        stranger.publish(f"{self.TOPIC}/alert/info/x", '{"id": "b", "rev": 1, "state": "raised"}')
        self.assertEqual(platform.wait_alert(id="a")["rev"], 3)
        self.assertEqual(platform.wait_alert(id="b")["rev"], 1)
        answer = stranger.wait_message("/cmd/accept").json()
        self.assertEqual(answer, {"id": "a", "rev": 3})
        self.assertEqual(len([m for m in stranger.snapshot() if m.topic.endswith("/cmd/accept")]), 1)


if __name__ == "__main__":
    unittest.main()
