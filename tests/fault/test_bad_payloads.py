"""What devices and technicians get wrong, in the whole gateway: payloads that are none, and configurations full of
errors. A call goes through beside it, everything is counted and told once, and nothing else changes."""
import pathlib
import re
import shutil
import unittest

from harness import Home, wait_for
from harness.called import Called, contact

TWENTY = pathlib.Path(__file__).resolve().parents[1] / "unit/config"
RAW = {"name": "heat", "kind": "temperature", "room": "hall", "mqtt": {"topic": "z/heat", "format": "raw"}}
JSON = {"name": "bed", "kind": "bed", "room": "bedroom", "mqtt": {"topic": "z/bed", "format": "json", "path": "state"}}
FORMATS = [contact("contact-" + name, mqtt={"topic": topic, "format": name}) for name, topic in (
    ("zigbee2mqtt", "zigbee2mqtt/door"), ("tasmota", "stat/door/RESULT"), ("esphome", "esp/binary_sensor/door/state"),
    ("shelly", "shellies/door/sensor/state"))]
SENSORS = [contact("door"), RAW, JSON, *FORMATS]
# What no sensor can mean; told by what is wrong with it.
BAD = {
    "empty": b"",
    "1 MiB": b"1" * (1 << 20),
    "1 MiB of JSON": b'{"state": "' + b"x" * (1 << 20) + b'"}',
    "invalid UTF-8": b'{"state": "\xff\xfe"}',
    "bare bytes": bytes(range(128, 256)),
    "NUL": b"1\0001",
    "deep JSON": b"[" * 100000 + b"]" * 100000,
    "deep objects": b'{"state":' * 5000 + b"1" + b"}" * 5000,
    "half of JSON": b'{"state": tr',
    "NaN": b"NaN",
    "infinity": b"-inf",
    "too big a number": b"1e999",
    "words": b"let it be",
}
WRONG_TYPES = [b'{"state": [1]}', b'{"state": {"a": 1}}', b'{"state": "soon"}', b'{"state": 1e999}']
WITHOUT_WORTH = [b"null", b"[]", b"{}", b'"', b"[[[1]]]", b'{"STATE": 1}']


class Payloads(unittest.TestCase):
    def setUp(self):
        self.called = Called(SENSORS).start()
        self.home, self.devices = self.called.home, self.called.devices
        for topic, value in (("z/door", "0"), ("z/heat", "21.5"), ("z/bed", '{"state": 1}')):
            self.devices.publish(topic, value)
        wait_for(lambda: self.known() == {"door": 0, "heat": 21.5, "bed": 1}, 10, "the first values")

    def known(self):
        return {row["name"]: row["value"] for row in self.home.ctl("sensors")["sensors"]
                if row["name"] in ("door", "heat", "bed")}

    def counted(self, name, n):
        return wait_for(lambda: (row := self.called.sensor(name))["bad_payloads"] >= n and row, 10,
                        lambda: f"{n} bad payloads; gatewayctl says {self.called.sensor(name)}")

    def test_each_is_counted_told_once_and_changes_nothing(self):
        worker = self.home.worker("mqtt")
        for what, payload in BAD.items():
            with self.subTest(what):
                for topic in ("z/door", "z/heat", "z/bed"):
                    self.devices.publish(topic, payload)
                self.called.press()
        for name in ("door", "heat", "bed"):
            row = self.counted(name, len(BAD))
            self.assertEqual(row["bad_payloads"], len(BAD))
            self.assertTrue(row["note"])
            lines = [line for line in self.home.log().splitlines() if f"sensor {name}: payload not understood" in line]
            self.assertEqual(len(lines), 1, lines)
        self.assertEqual(self.known(), {"door": 0, "heat": 21.5, "bed": 1})
        self.assertEqual(self.home.worker("mqtt"), worker)
        self.assertIn("messages were not understood", self.home.ctl_run("sensors").stdout)
        self.called.all_in_order()

    def test_wrong_types_at_the_path_are_counted(self):
        for payload in WRONG_TYPES:
            self.devices.publish("z/bed", payload)
        self.called.press()
        self.assertEqual(self.counted("bed", len(WRONG_TYPES))["bad_payloads"], len(WRONG_TYPES))
        self.assertEqual(self.known()["bed"], 1)

    def test_every_format_bears_everything(self):
        worker = self.home.worker("mqtt")
        for sensor in FORMATS:
            for payload in [*BAD.values(), *WRONG_TYPES, *WITHOUT_WORTH]:
                self.devices.publish(sensor["mqtt"]["topic"], payload)
        self.called.press()
        for sensor in FORMATS:
            self.counted(sensor["name"], 5)
            self.assertIsNone(self.called.sensor(sensor["name"])["value"])
        self.assertEqual(self.home.worker("mqtt"), worker)

    def test_the_button_itself_says_rubbish_and_is_still_heard(self):
        for payload in [*BAD.values(), *WITHOUT_WORTH, b'{"action": ["single"]}', b'{"action": ""}',
                        b'{"action": "let it be"}']:
            self.devices.publish("zigbee2mqtt/call", payload)
        self.called.press()
        row = self.counted("call", len(BAD) - 4)  # a number or word that means nothing is passed over by a button
        self.assertTrue(row["note"])
        self.assertEqual(self.called.calls(), 1)

    def test_a_button_s_word_that_nobody_knows_is_shown(self):
        self.devices.publish("zigbee2mqtt/call", b'{"action": "let it be"}')
        row = wait_for(lambda: (row := self.called.sensor("call"))["note"] and row, 10, "the note")
        self.assertIn("let it be", row["note"])
        self.home.wait_log("sensor call: not used")
        self.assertIn("let it be", self.home.ctl_run("sensors").stdout)

    def test_retained_rubbish_meets_a_gateway_that_starts(self):
        self.home.stop()
        for topic in ("z/door", "z/heat", "z/bed", "zigbee2mqtt/call"):
            self.devices.publish(topic, BAD["deep JSON"], retain=True)
        self.called.start()
        self.called.press()
        self.counted("door", 1)

    def test_a_flood_of_rubbish_delays_no_call(self):
        for i in range(20000):
            self.devices.client.publish("z/heat", b"rubbish", 0)
            if i == 10000:
                self.called.push()
        self.called.wait_calls()
        self.called.press()
        row = self.counted("heat", 19000)  # QoS 0: the broker may drop some
        self.assertLessEqual(row["bad_payloads"], 20000)
        self.assertEqual(self.home.log().count("payload not understood"), 1)

    def test_topics_that_nobody_configured_change_nothing(self):
        self.called.press()
        before = self.home.ctl("status")["readings"]
        for topic in ("z/other", "z/door/deeper", "z", "zigbee2mqtt/calls", "z/door "):
            self.devices.publish(topic, "1")
        self.called.press()
        self.assertEqual(self.known()["door"], 0)
        self.assertEqual(self.home.ctl("status")["readings"], before + 1)


class Configuration(unittest.TestCase):
    """gatewayd --check, and a running gateway that is given the same file."""

    def home_with(self, text):
        home = Home(sensors=[contact("door")], mqtt={"host": "127.0.0.1", "port": 9})
        home.write_config(text)
        return home

    def test_twenty_errors_are_twenty_lines(self):
        home = self.home_with("")
        for name in ("twenty.conf", "twenty-store.conf"):
            shutil.copy(TWENTY / name, home.directory / name)
        shutil.copy(TWENTY / "twenty.conf", home.config_file)
        marks = {(name, number): line.split("# !")[1].strip()
                 for name in ("twenty.conf", "twenty-store.conf")
                 for number, line in enumerate((TWENTY / name).read_text().splitlines(), 1) if "# !" in line}
        marks = {("gatewayd.conf" if name == "twenty.conf" else name, number): text
                 for (name, number), text in marks.items()}
        self.assertGreaterEqual(len(marks), 20)
        status, text = home.check()
        self.assertEqual(status, 1)
        for (name, number), words in marks.items():
            found = [line for line in text.splitlines() if f"{name}:{number}: " in line]
            self.assertTrue(any(words in line for line in found), f"{name}:{number} should say {words!r}:\n{text}")

    def test_the_running_gateway_refuses_them_all_and_calls_go_on(self):
        called = Called([contact("door")]).start()
        shutil.copy(TWENTY / "twenty-store.conf", called.home.directory)
        called.home.write_config((TWENTY / "twenty.conf").read_text())
        run = called.home.ctl_run("reload")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"gatewayd\.conf:4: ")
        self.assertIn("and more: 'gatewayctl check' shows all", run.stderr)
        build = called.home.build
        checked = called.home.ctl_run("check", "-c", str(called.home.config_file), "--libexec", str(build / "bin"),
                                      "--plugin-dir", str(build / "plugins"))
        self.assertGreaterEqual(len(re.findall(r"\.conf:\d+: ", checked.stderr)), 20, checked.stderr)
        called.press()
        alert = called.platform.wait_alert(kind="reload-refused", class_="technical", state="raised")
        self.assertTrue(alert["text"]["en"] and alert["text"]["zh"])
        called.home.write_config()
        self.assertEqual(called.home.ctl_run("reload").returncode, 0)
        called.platform.wait_alert(kind="reload-refused", state="cleared")
        called.press()
        called.all_in_order()

    def test_topics_with_wildcards_or_nul_are_refused(self):
        good = Home(sensors=[contact("door")], mqtt={"host": "127.0.0.1", "port": 9})
        self.assertEqual(good.check()[0], 0, good.check()[1])
        text = good.config_file.read_text()
        for topic, words in (("z/+", "wildcard"), ("z/#", "wildcard"), ("#", "wildcard"), ("z/do+or", "wildcard"),
                             ("z/\\x00door", "NUL"), ("z/\0door", "NUL"), ("z//door", "empty level"), ("", "")):
            with self.subTest(topic):
                status, said = self.home_with(text.replace('"z/door"', f'"{topic}"')).check()
                self.assertEqual(status, 1, said)
                self.assertRegex(said, r"gatewayd\.conf:\d+: ")
                self.assertIn(words, said)

    def test_files_that_are_no_configuration(self):
        for text in ("\0" * 1000, "\xff\xfe" * 500, "(" * 100000, "a = {" * 3000, "home = ",
                     "@include \"gatewayd.conf\"", "home = { county = \"" + "x" * 100000 + "\"; };"):
            with self.subTest(text[:20]):
                status, said = self.home_with(text).check()
                self.assertEqual(status, 1, said)
                self.assertIn("gatewayd.conf", said)


if __name__ == "__main__":
    unittest.main()
