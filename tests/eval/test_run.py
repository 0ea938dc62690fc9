"""The evaluation on a few synthetic homes: targets loosely, and that worse settings would be seen.

The full run is by hand: tests/eval/run. Four homes of five weeks are too few to hold anybody to a tenth a week."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.dom.minidom

from harness import ROOT
from harness.paths import plain_build

HOMES = ("early-full-1", "late-poor-mat-2", "restless-full-3", "steady-no-mat-4")
EVALUATE = ROOT / "tests/eval/run"


def evaluate(*options):
    """(exit status, data, what stood on stderr)"""
    environment = dict(os.environ, GATEWAYD_BUILD=str(plain_build()))
    run = subprocess.run([str(EVALUATE), "--data", "none", "--synthetic", "4", "--weeks", "5", "--json", *options],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    return run.returncode, json.loads(run.stdout)[0] if run.stdout.startswith("[") else None, run.stderr


def weekly(data, class_):
    return sum(alert["class_"] == class_ for home in data["homes"] for alert in home["false"]) / \
        sum(home["weeks"] for home in data["homes"])


@contextlib.contextmanager
def worse_profile():
    """Limits that nobody could live with."""
    with tempfile.TemporaryDirectory() as folder:
        text = (ROOT / "etc/profiles/semi-disabled.conf").read_text(encoding="utf-8")
        text = re.sub(r'\balarm_after = "[^"]*"', 'alarm_after = "2 min"', text)
        text = re.sub(r'\balarm_moving_after = "[^"]*"', 'alarm_moving_after = "2 min"', text)
        path = pathlib.Path(folder) / "worse.conf"
        path.write_text(text, encoding="utf-8")
        yield str(path)


class Evaluation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.status, cls.data, cls.errors = evaluate("--injections", "1", "--picture", cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_false_alarms_are_few(self):
        self.assertIsNotNone(self.data, self.errors)
        self.assertEqual([home["home"] for home in self.data["homes"]], list(HOMES))
        self.assertLessEqual(weekly(self.data, "emergency"), 0.4)
        self.assertLessEqual(weekly(self.data, "warning"), 2.5)

    def test_what_is_injected_is_found(self):
        for rule in ("bath-stay", "night-out", "night-bed", "morning", "fridge-open"):
            tried = [outcome for home in self.data["homes"] for outcome in home["injected"] if outcome["rule"] == rule]
            found = [outcome for outcome in tried if outcome["delay"] is not None]
            with self.subTest(rule):
                self.assertGreaterEqual(len(tried), 2)
                self.assertGreaterEqual(len(found), len(tried) - 1, tried)

    def test_what_a_home_cannot_see_is_not_counted(self):
        home = self.data["homes"][3]
        self.assertEqual(home["unseen"]["night-bed"], "no mat")
        self.assertFalse([outcome for outcome in home["injected"] if outcome["rule"] == "night-bed"])

    def test_the_picture_is_whole(self):
        for name in HOMES:
            picture = xml.dom.minidom.parse(os.path.join(self.folder.name, f"{name}.svg"))
            self.assertEqual(picture.documentElement.tagName, "svg")
            self.assertGreater(len(picture.getElementsByTagName("rect")), 500)

    def test_bad_limits_are_seen_and_miss_the_target(self):
        with worse_profile() as profile:
            status, data, errors = evaluate("--injections", "0", "--homes", "early-full-1", "--profile", profile)
        self.assertIsNotNone(data, errors)
        self.assertEqual(status, 1)
        self.assertGreater(weekly(data, "emergency"), 5)

    def test_a_home_without_a_map_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "nobody.events.csv").write_text("unix_time_seconds,sensor_id,value\n1,a,ON\n", "ascii")
            status, _, errors = evaluate("--data", folder, "--synthetic", "0")
        self.assertNotEqual(status, 0)
        self.assertIn("nobody: no map nobody.conf", errors)


if __name__ == "__main__":
    unittest.main()
