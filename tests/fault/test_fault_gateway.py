"""The whole gateway beside a detector that misbehaves: calls go through, others keep their time, the fault is told, the
failed one comes back as its failure allows, and knows then what it missed.

What only the plain build has (memory limits, seccomp) is tested with it; $GATEWAYD_PLAIN names one made by hand.
"""
import os
import pathlib
import time
import unittest

from harness import BUILD, plain_build, wait_for
from harness.called import Called, Folder, contact

WATCH = "detector watch"
OTHER = {"name": "other", "plugin": "door", "door": "other", "open_too_long": "1 s", "back_within": "never"}
REPAIRED = {"name": "watch", "plugin": "door", "door": "door", "open_too_long": "1 s", "back_within": "never"}


def plain():
    given = os.environ.get("GATEWAYD_PLAIN")
    return pathlib.Path(given) if given else plain_build()


class Case(unittest.TestCase):
    """One detector, "watch", has the bad plugin; "call" and "other" are as always."""

    def begin(self, plugin, build=BUILD, ready=True, **settings):
        self.folder = Folder(build)
        watch = {"name": "watch", "plugin": plugin, "sensors": ["door"], **settings}
        self.called = Called([contact("door"), contact("other")], [watch, OTHER], build=self.folder.path)
        self.home, self.platform = self.called.home, self.called.platform
        self.home.expect_reports()  # what a plugin does, a sanitizer tells of
        # The leak check traces its process; killed meanwhile, its end is not told to the parent.
        self.home.environment = {"ASAN_OPTIONS": "exitcode=86:detect_leaks=0"}
        self.called.start(ready)
        self.called.devices.publish("z/other", "0")

    def open_door(self):
        """The reading that the bad plugins do not bear; and what the repaired one is to tell of."""
        self.called.devices.publish("z/door", "0")
        self.called.devices.publish("z/door", "1")

    def told(self, *causes):
        """Log, status and a technical alert name the detector and the cause."""
        row = self.called.wait_worker(WATCH, lambda row: row["deaths"] > 0 or row["state"] == "failed")
        cause = row["cause"]
        self.assertTrue(any(text in cause for text in causes), cause)
        self.home.wait_log(f"{WATCH}")
        self.assertTrue(any(WATCH in line and cause in line for line in self.home.log().splitlines()), self.home.log())
        alert = self.platform.wait_alert(class_="technical", kind="worker-down", state="raised")
        self.assertIn("not watched", alert["text"]["en"].lower())
        self.assertIn(cause[:40], alert["text"]["en"])
        self.assertRegex(alert["text"]["zh"], r"[\u4e00-\u9fff]")
        self.assertIn("watch", alert["text"]["zh"])
        self.assertEqual(alert["detector"], "gateway")
        return alert

    def others_keep_their_time(self):
        """A door left open for a second is told a second later, and a press at once, while the bad one is at it."""
        self.called.press()
        self.called.devices.publish("z/other", "1")
        began = time.monotonic()
        self.platform.wait_alert(kind="door-open", detector="other", state="raised")
        self.called.press()
        message = next(m for m in self.platform.snapshot() if "/alert/warning/door-open" in m.topic and
                       m.json()["detector"] == "other")
        self.assertLess(abs(message.at - began - 1.0), 1.0)
        self.assertLess(message.json()["late_ms"], 1000)

    def repair(self):
        """A good plugin in its place: the alert ends, and what began while nobody watched is told."""
        self.home.config["detectors"][1] = REPAIRED
        self.home.write_config()
        self.assertEqual(self.home.ctl_run("reload").returncode, 0)
        self.called.wait_worker(WATCH, lambda row: row["state"] == "running" and row["health"] == "ok")
        down = self.platform.wait_alert(kind="worker-down", state="cleared")
        self.assertTrue(down["text"]["en"] and down["text"]["zh"])
        missed = self.platform.wait_alert(kind="door-open", detector="watch", state="raised")
        self.assertEqual(missed["evidence"][0]["sensor"], "door")
        self.called.press()
        self.called.all_in_order()

    def permanent(self, plugin, *causes):
        """Not tried again: one start, state failed."""
        self.begin(plugin)
        self.open_door()
        self.told(*causes)
        self.others_keep_their_time()
        row = self.called.worker(WATCH)
        self.assertEqual((row["state"], row["starts"], row["next_start_ms"]), ("failed", 1, -1))
        self.repair()

    def restarted(self, plugin, *causes, deaths=3, **how):
        """Tried again, ever more slowly; told as not watched from the first death until it is well."""
        self.begin(plugin, **how)
        self.open_door()
        self.called.press()  # while it crashes, hangs, floods
        self.told(*causes)
        self.others_keep_their_time()
        row = self.called.wait_worker(WATCH, lambda row: row["deaths"] >= deaths, 30)
        self.assertGreaterEqual(row["starts"], deaths)
        self.assertNotEqual(row["state"], "failed")
        self.assertFalse(self.platform.alerts(kind="worker-down", state="cleared"), "told as well between two deaths")
        waits = [int(line.rsplit(" in ", 1)[1].split()[0]) for line in self.home.log().splitlines()
                 if f"{WATCH} ended" in line]
        self.assertEqual(waits[:deaths], [0, 1000, 2000, 4000][:deaths])
        self.repair()


class Permanent(Case):
    def test_a_plugin_that_is_missing(self):
        self.permanent("nobody-has-this", "nobody-has-this", "No such file")

    def test_a_file_that_is_not_elf(self):
        self.permanent("not-elf", "can't be loaded")

    def test_a_plugin_of_a_foreign_abi(self):
        self.permanent("foreign-major", "built for plugin ABI 9.0")

    def test_a_plugin_that_refuses_this_home(self):
        self.permanent("refuse", "this home does not suit me")

    def test_check_refuses_what_the_running_gateway_bears(self):
        self.begin("foreign-major")
        status, text = self.home.check()
        self.assertEqual(status, 1)
        self.assertIn("ABI", text)
        self.called.press()


class Restarted(Case):
    CRASH = "signal 11", "exit code 86"  # as the kernel, as a sanitizer says it

    def test_a_crash_in_open(self):
        self.restarted("crash-open", *self.CRASH)

    def test_a_crash_in_a_reading(self):
        self.restarted("crash-reading", *self.CRASH)

    def test_a_constructor_that_hangs(self):
        self.restarted("hang-constructor", "hangs", deaths=2, ready=False)
        self.assertIn("READY=1", "\n".join(self.home.notifications()))

    def test_a_loop_in_a_reading(self):
        self.restarted("loop-reading", "hangs: no answer to a batch in time", deaths=2)

    def test_a_flood_of_conditions(self):
        self.restarted("flood", "floods")

    def test_a_leak_up_to_the_limit(self):
        self.restarted("leak", "signal 11", "signal 6", build=plain(), memory_mib=16)

    def test_a_socket_is_forbidden(self):
        self.restarted("open-socket", "signal 31", build=plain())


if __name__ == "__main__":
    unittest.main()
