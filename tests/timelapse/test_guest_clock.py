"""The clock in the home: set while a rule counts, wrong after a boot until it is synchronised, and the two nights a year
in which an hour is missing or comes twice. The real processes, whole nights in virtual time."""
import datetime
import json
import os
import sys
import unittest
import zoneinfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from base import HERE, LapseTest  # noqa: E402
import house  # noqa: E402
import lapse  # noqa: E402
import plan  # noqa: E402

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"
NIGHTS = {"autumn": (2026, 10, 25), "spring": (2027, 3, 28)}  # of Europe's change
OPEN_TOO_LONG, OPENED = 1200, 600  # s: of short.conf; after the boot
DEAD, MONTH = plan.DEAD_CLOCK, 30 * 86400


def true_time(zone, *date_and_hour):
    return datetime.datetime(*date_and_hour, tzinfo=zoneinfo.ZoneInfo(zone)).timestamp()


def iso(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class ClockTest(LapseTest):
    def lives(self, zone, boots, detectors=None):
        config, self.wiring = house.furnish(HERE / "short.conf", zone)
        if detectors:
            config["detectors"] = detectors
        run = lapse.Lapse(self.work, config, self.wiring, boots)
        run.play()
        return run

    @staticmethod
    def levels(**more):
        names = ["bed", "bathroom-door", "bathroom", "bedroom", "kitchen", "front-door",
                 house.WIRED_CALL, house.RADIO_CALL]
        return {name: 0 for name in names} | {name.replace("_", "-"): value for name, value in more.items()}

    def raised(self, run, **wanted):
        """[CLOCK_BOOTTIME at which the desk first heard of each alert]"""
        first = {}
        for told in run.desk(**wanted):
            first.setdefault(told["alert"]["id"], told["at"])
        return sorted(first.values())

    def assert_times(self, found, wanted, within=2.0):
        self.assertEqual(len(found), len(wanted), (found, wanted))
        for one, other in zip(found, wanted):
            self.assertLess(abs(one - other), within, (found, wanted))


class OneDay(ClockTest):
    """Two boots with a clock that is a month old, set right after a while; and while the door stands open in the first,
    it is set to and fro. Lived through once, asked several times."""
    SYNCED, OPENED_LONG, ENDS = 1500, 2000, 3800  # s after a boot
    START = true_time(BERLIN, 2026, 6, 10, 12)
    BACK = START + ENDS + 3 * 3600  # the power

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        day = cls("lived")
        day.setUp()
        cls.addClassCleanup(day.doCleanups)
        cls.run_ = day.lives(BERLIN, day.boots())

    def setUp(self):
        if self._testMethodName == "lived":
            super().setUp()

    def lived(self):
        """No test: the one who lives the day."""

    def boots(self):
        door = "front-door"
        actions = [(OPENED, "level", door, 1), (OPENED + 60, "level", door, 0), (900, "press", house.RADIO_CALL),
                   (self.SYNCED, "sync"), (self.SYNCED + 60, "level", door, 1), (self.SYNCED + 120, "level", door, 0),
                   (self.SYNCED + 180, "press", house.WIRED_CALL),
                   (self.SYNCED + 240, "ctl", "history", door, "--since", "60 days")]
        opened, due = self.OPENED_LONG, self.OPENED_LONG + OPEN_TOO_LONG
        steps = [(100, "step", 7200), (200, "step", -86400), (300, "step", 400 * 86400), (400, "step", -1000 * 86400)]
        long = [(opened, "level", door, 1), *((opened + at, *step) for at, *step in steps),
                (due - 10, "step", 3600), (due + 10, "step", 0), (due + 400, "level", door, 0)]
        return [plan.boot(0, self.START, self.ENDS, self.levels(), actions + long, clock=int(self.START) - MONTH,
                          last=False),
                plan.boot(1, self.BACK, self.SYNCED + 300, self.levels(), actions, clock=int(self.BACK) - MONTH)]

    def door_open(self, state):
        return self.raised(self.run_, kind="door-open", state=state)

    def test_durations_stay_right_while_the_clock_is_set_to_and_fro(self):
        """The door is open for too long after twenty minutes, whatever the clock shows on the way."""
        due = self.OPENED_LONG + OPEN_TOO_LONG
        self.assert_times(self.door_open("raised"), [due])
        self.assert_times(self.door_open("cleared"), [due + 400])

    def assert_labels(self, boot, started):
        """History as gatewayctl tells it after the first sync of this boot."""
        entry = next(entry for entry in reversed(self.run_.journal("ctl")) if entry["boot"] == boot)
        told = [(iso(reading["at"]) - started, reading["value"]) for reading in json.loads(entry["text"])["readings"]]
        for at, value in ((OPENED, 1), (OPENED + 60, 0), (self.SYNCED + 60, 1), (self.SYNCED + 120, 0)):
            self.assertTrue(any(abs(when - at) < 2 and told_value == value for when, told_value in told),
                            f"{value} at {at} s after the boot, in {told}")

    def test_labels_of_the_first_boot_are_corrected_after_the_first_sync(self):
        self.assert_labels(0, self.START)

    def test_labels_after_a_long_power_cut_are_corrected_after_the_first_sync(self):
        self.assert_labels(1, self.BACK)

    def test_a_sync_that_is_said_after_the_clock_was_set_is_known_two_seconds_later(self):
        rows = [(row["clock"], row["raised"]) for row in self.run_.journal("label") if row["why"] == "sync"]
        self.assertEqual(rows, [(lapse.SYNCED, 1)] * 2, "of each boot")

    def test_what_is_told_before_the_first_sync_says_so(self):
        first = {}
        for told in self.run_.desk(kind="call", state="raised"):
            if told["boot"] == 0:
                first.setdefault(told["alert"]["id"], told["alert"])
        calls = list(first.values())
        self.assertEqual([alert["clock"] for alert in calls], ["unsynced", "synced"], calls)
        self.assertLess(abs(iso(calls[-1]["raised_at"]) - self.START - self.SYNCED - 180), 2, calls)


class TimesOfDay(ClockTest):
    """She is in bed from the evening on and does not get up: "not up by" falls due at a local time."""

    def not_up(self, *times):
        return [{"name": f"up-by-{when.replace(':', '')}", "plugin": "bed", "bed": "bed", "up_by": when,
                 "too_long": "never"} for when in times]

    def night(self, zone, date, *times, hours, actions=(), clock=None):
        """From midnight on; in bed from ten past: who was up in the hour before `up_by` is up."""
        start = true_time(zone, *date, 0)
        actions = [(600, "level", "bed", 1), *actions]
        boots = [plan.boot(0, start, hours * 3600, self.levels(), actions, clock=clock)]
        return start, self.lives(zone, boots, self.not_up(*times))

    def assert_not_up(self, run, start, name, *wanted):
        self.assert_times(self.raised(run, kind="bed-not-up", detector=name), [at - start for at in wanted])

    def test_in_the_night_of_the_missing_hour_in_berlin(self):
        date = NIGHTS["spring"]
        start, run = self.night(BERLIN, date, "02:30", "04:30", hours=4)
        self.assertEqual(true_time(BERLIN, *date, 4, 30) - start, 3.5 * 3600, "the night was an hour shorter")
        self.assert_not_up(run, start, "up-by-0430", true_time(BERLIN, *date, 4, 30))
        self.assert_not_up(run, start, "up-by-0230", true_time(BERLIN, *date, 3))

    def test_in_the_night_of_the_doubled_hour_in_berlin(self):
        date = NIGHTS["autumn"]
        start, run = self.night(BERLIN, date, "02:30", "04:30", hours=6)
        self.assertEqual(true_time(BERLIN, *date, 4, 30) - start, 5.5 * 3600, "the night was an hour longer")
        self.assert_not_up(run, start, "up-by-0430", true_time(BERLIN, *date, 4, 30))
        self.assert_not_up(run, start, "up-by-0230", true_time(BERLIN, *date, 2, 30))

    def shanghai(self, date):
        start, run = self.night(SHANGHAI, date, "02:30", "04:30", hours=5)
        self.assert_not_up(run, start, "up-by-0430", start + 4.5 * 3600)
        self.assert_not_up(run, start, "up-by-0230", start + 2.5 * 3600)

    def test_in_shanghai_in_the_spring_night(self):
        self.shanghai(NIGHTS["spring"])

    def test_in_shanghai_in_the_autumn_night(self):
        self.shanghai(NIGHTS["autumn"])

    def test_when_the_clock_is_set_past_them_they_are_due_at_once_and_once(self):
        there, back = 7200, 9000  # at two it is made 04:45, half an hour later set right: 04:30 comes again
        start, run = self.night(BERLIN, (2026, 6, 11), "04:30", hours=5,
                                actions=[(there, "step", 9900), (back, "step", 0)])
        self.assert_not_up(run, start, "up-by-0430", start + there)

    def test_after_a_late_sync_they_follow_the_true_time(self):
        """Six years of the log pass in no time at the sync: nothing that was due in them may be told for each day."""
        date = (2026, 6, 11)
        start, run = self.night(BERLIN, date, "04:30", hours=5, actions=[(3600, "sync")], clock=DEAD)
        self.assert_not_up(run, start, "up-by-0430", true_time(BERLIN, *date, 4, 30))
        technical = {told["alert"]["kind"] for told in run.desk(detector="gateway")}
        self.assertFalse([kind for kind in technical if kind.startswith("detector")], technical)


if __name__ == "__main__":
    unittest.main()
