"""A platform that sends rubbish, or cannot be reached as it is configured, beside a home whose calls go through: what
is refused changes nothing, what is wrong is told with what to do, and what was pressed meanwhile arrives after the
repair."""
import datetime
import json
import shutil
import socket
import unittest

from harness import BUILD, Broker, Certs, Platform, schema, wait_for
from harness.called import Called, Folder, contact

ANSWERS = "care/v1/desk/county/county/answers"
UNKNOWN = "00000000deadbeef"


def reachable(broker):
    try:
        socket.create_connection((broker.host, broker.port), 1).close()
    except OSError:
        return False
    return True


class Commands(unittest.TestCase):
    def setUp(self):
        synced = "expired" in self.id()
        self.called = Called([contact("door")], build=Folder(synced=synced).path if synced else BUILD).start()
        self.home, self.platform = self.called.home, self.called.platform
        self.platform.accept_all = False  # it says only what the test says
        self.n = 0

    def order(self, verb, body, answered=True, **how):
        """Send it and, if an answer is due, give back what it says."""
        self.n += 1
        before = len(self.replies())
        self.platform.command(verb, body, response=ANSWERS, **how)
        if not answered:
            return None
        message = wait_for(lambda: self.replies()[before:], 5, f"the answer to {verb} {body[:60]!r}")[0]
        schema.check(message.topic, message.payload, channel="reply")
        return message.json()

    def replies(self):
        return [message for message in self.platform.snapshot() if message.topic == ANSWERS]

    def open(self):
        return [(alert["id"], alert["rev"], alert["state"]) for alert in self.home.ctl("alerts")["alerts"]]

    def refused(self, verb, body, words="", **how):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        said = self.order(verb, body, **how)
        self.assertFalse(said["ok"], f"{verb} {body[:60]!r} was done: {said}")
        self.assertIn(words, said["text"])

    def begin(self):
        self.called.press()
        self.alert = self.platform.wait_alert(kind="call", state="raised")
        self.before, self.uplink = self.open(), self.home.worker("uplink")

    def nothing_has_changed(self):
        self.assertEqual(self.open(), self.before)
        self.assertEqual(self.home.worker("uplink"), self.uplink)
        self.assertEqual(self.home.ctl("status")["mode"], "home")
        self.called.press()
        self.called.all_in_order()

    def test_rubbish_is_refused_and_told_once(self):
        self.begin()
        good = {"id": self.alert["id"], "rev": self.alert["rev"], "by": "Li"}
        for verb, body, words in (
                ("ack", b"", "JSON"), ("ack", b"\xff\xfe\x00", "UTF-8"), ("ack", b"{", "JSON"), ("ack", [], "object"),
                ("ack", {}, "id"), ("ack", {**good, "id": 7}, "id"), ("ack", {**good, "id": "x" * 16}, "id"),
                ("ack", {**good, "rev": -1}, "rev"), ("ack", {**good, "rev": 1e300}, "rev"),
                ("ack", {**good, "by": ["Li"]}, "by"), ("ack", {"id": good["id"]}, "by"),
                ("ack", {**good, "note": 7}, "note"), ("close", b"[" * 4000, "JSON"),
                ("mode", {"mode": "party"}, "mode"), ("format-disk", {}, "unknown command"),
                ("ack", b"NaN", ""), ("ack", json.dumps(good).encode() + b"\0{}", "")):
            with self.subTest(verb=verb, body=str(body)[:60]):
                self.refused(verb, body, words)
        self.nothing_has_changed()
        self.assertEqual(self.home.log().count("bad command"), 1, "told once per onset")
        self.platform.command("status", {})
        self.assertEqual(self.platform.status(commands={"taken": 1, "refused": 17})["commands"]["refused"], 17)

    def test_huge_ones(self):
        self.begin()
        good = {"id": self.alert["id"], "by": "Li"}
        self.refused("ack", {**good, "pad": "x" * 5000}, "bytes")
        self.refused("ack", {**good, "note": "长" * 200}, "too long")
        # Longer than the gateway takes at all: the broker may not even deliver it.
        self.order("ack", b'{"id": "' + b"0" * (1 << 20) + b'"}', answered=False)
        self.called.press()
        self.before = self.open()
        self.nothing_has_changed()

    def test_retained_ones(self):
        self.begin()
        good = {"id": self.alert["id"], "rev": self.alert["rev"], "by": "Li"}
        self.refused("close", good, "retained", retain=True)
        self.nothing_has_changed()
        self.home.stop()  # they wait for it in its session, and in the broker for good
        before = len(self.replies())
        self.platform.command("ack", good, response=ANSWERS, retain=True)
        self.platform.command("mode", {"mode": "away"}, response=ANSWERS, retain=True)
        self.called.start()
        wait_for(lambda: len(self.replies()) == before + 2, 5, "two answers")
        self.assertEqual([message.json()["ok"] for message in self.replies()[before:]], [False, False])
        self.before, self.uplink = self.open(), self.home.worker("uplink")
        self.assertEqual([(id_, state) for id_, _, state in self.before], [(self.alert["id"], "raised")])
        self.nothing_has_changed()

    def test_expired_ones(self):
        self.begin()
        good = {"id": self.alert["id"], "rev": self.alert["rev"], "by": "Li"}
        self.assertEqual(self.home.ctl("status")["clock"], "synced")
        past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=5)
        for expires in (past.strftime("%Y-%m-%dT%H:%M:%SZ"), past.timestamp()):
            self.refused("ack", {**good, "expires": expires}, "expired")
        self.nothing_has_changed()

    def test_expiry_that_is_none(self):
        self.begin()
        for expires in ("yesterday", [], "2020-99-99T00:00:00Z", True):
            self.refused("ack", {"id": self.alert["id"], "by": "Li", "expires": expires}, "expires")
        self.nothing_has_changed()

    def test_acks_of_unknown_alerts(self):
        self.begin()
        for verb in ("accept", "ack", "close"):
            self.refused(verb, {"id": UNKNOWN, "rev": 1, "by": "Li"}, "no such alert")
        self.nothing_has_changed()

    def test_a_revision_that_was_never_sent_accepts_nothing_of_the_future(self):
        self.begin()
        self.order("accept", json.dumps({"id": self.alert["id"], "rev": 1000000}).encode())
        self.called.press()
        last = self.platform.wait_alert(kind="call", count=2)
        self.assertEqual(last["state"], "raised")

    def test_a_flood_does_not_hinder_the_answer_to_a_call(self):
        self.begin()
        for _ in range(500):
            self.platform.client.publish("care/v1/home/county/town/village/home/cmd/ack", b"rubbish", 1)
        self.called.press()
        alert = self.platform.wait_alert(kind="call", count=2)
        self.platform.ack(alert, by="Li")
        self.platform.wait_alert(id=alert["id"], state="acknowledged")
        self.assertEqual(self.home.worker("uplink"), self.uplink)


class Uplink(unittest.TestCase):
    """READY all the same; gatewayctl says what to do; the press of meanwhile arrives after the repair."""

    def begin(self, remote, platform, build=BUILD, **uplink):
        self.called = Called(remote=remote, platform=platform, build=build, uplink=uplink)
        self.home, self.platform = self.called.home, self.called.platform
        self.home.start()  # READY

    def advised(self, *words):
        def told(row):
            return all(word in row["cause"] for word in words)
        row = self.called.wait_worker("uplink platform", told, 20)
        self.assertEqual((row["state"], row["health"], row["deaths"]), ("running", "no link", 0))
        self.home.wait_log(row["cause"])
        self.assertIn(words[0], self.home.ctl_run("status").stdout)

    def pressed_meanwhile(self):
        """Known at home, not yet at the platform."""
        self.called.push()
        wait_for(lambda: [alert["kind"] for alert in self.home.ctl("alerts")["alerts"]].count("call") == 1, 10,
                 "the alert at home")
        self.assertEqual(self.called.calls(), 0)
        self.assertGreaterEqual(self.home.ctl("status")["outbox"], 1)

    def reload(self, **uplink):
        self.home.config["uplinks"][0].update(uplink)
        self.home.write_config()
        run = self.home.ctl_run("reload")
        self.assertEqual(run.returncode, 0, run.stderr)

    def delivered(self, deadline=40):
        self.called.wait_calls(deadline)
        self.called.wait_worker("uplink platform", lambda row: row["health"] == "connected")
        self.called.press()
        wait_for(lambda: self.home.ctl("status")["outbox"] == 0, 10, "an empty outbox")
        self.called.all_in_order()

    def tls_broker(self, certs, **how):
        """TLS for the gateway, and a plain listener for the platform's own client."""
        plain = Broker(start=False)  # only for a free port
        remote = Broker(tls=certs, extra=[f"listener {plain.port} 127.0.0.1", "allow_anonymous true"], **how)
        wait_for(lambda: reachable(plain), 10, "the second listener")
        return remote, plain

    def test_wrong_ca(self):
        certs, strangers = Certs(), Certs()
        remote, plain = self.tls_broker(certs)
        self.begin(remote, Platform(plain, accept=True), host="localhost", tls={"ca": strangers.ca})
        self.advised("wrong CA", "tls.ca")
        self.pressed_meanwhile()
        self.reload(tls={"ca": certs.ca})
        self.delivered()

    def test_missing_ca(self):
        certs = Certs()
        remote, plain = self.tls_broker(certs)
        ca = certs.directory / "not-yet.pem"
        self.begin(remote, Platform(plain, accept=True), host="localhost", tls={"ca": ca})
        self.advised("tls.ca", "No such file")
        self.pressed_meanwhile()
        shutil.copy(certs.ca, ca)
        self.delivered()

    def test_expired_server_certificate(self):
        old, new = Certs(server_days=-1), Certs()
        remote, plain = self.tls_broker(old, persistence=True)
        platform = Platform(plain, accept=True, clean=False)  # hears what comes while it connects again
        self.begin(remote, platform, Folder(synced=True).path, host="localhost", tls={"ca": old.ca})
        self.assertEqual(self.home.ctl("status")["clock"], "synced")
        self.advised("expired", "platform must renew")
        self.pressed_meanwhile()
        for name in ("ca", "server_cert", "server_key"):
            shutil.copy(getattr(new, name), getattr(old, name))
        remote.restart()
        self.delivered()

    def test_wrong_password(self):
        remote = Broker(users={"home": "right", "desk": "desk"})
        self.begin(remote, Platform(remote, accept=True, user=("desk", "desk")), username="home", password="wrong")
        self.advised("check the uplink's username and password")
        self.pressed_meanwhile()
        self.reload(password="right")
        self.delivered()

    def test_broker_that_accepts_and_never_answers(self):
        remote = Broker()
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)
            self.begin(remote, Platform(remote, accept=True), port=silent.getsockname()[1])
            self.advised("never answers", "is it an MQTT broker")
            self.pressed_meanwhile()
        self.reload(port=remote.port)
        self.delivered()

    def test_broker_that_stops_answering_in_the_middle(self):
        remote = Broker()
        self.begin(remote, Platform(remote, accept=True))
        self.called.press()
        remote.freeze()
        self.called.push()
        self.called.wait_worker("uplink platform", lambda row: row["health"] == "no link", 20)
        self.assertTrue(self.called.worker("uplink platform")["cause"])
        remote.thaw()
        self.delivered()


if __name__ == "__main__":
    unittest.main()
