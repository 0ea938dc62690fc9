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
NIGHTS = {"autumn": (2026, 10, 24), "spring": (2027, 3, 27)}  # 20:00 of the evening before Europe's change
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


class Durations(ClockTest):
    def test_durations_stay_right_while_the_clock_is_set_to_and_fro(self):
        """The door is open for too long after twenty minutes, whatever the clock shows on the way."""
        start = true_time(BERLIN, 2026, 6, 10, 12)
        steps = [(700, "step", 7200), (800, "step", -86400), (900, "step", 400 * 86400), (1000, "step", -1000 * 86400),
                 (1790, "step", 3600), (1810, "step", 0)]
        actions = [(OPENED, "level", "front-door", 1), *steps, (2500, "level", "front-door", 0)]
        run = self.lives(BERLIN, [plan.boot(0, start, 3600, self.levels(), actions)])
        self.assert_times(self.raised(run, kind="door-open", state="raised"), [OPENED + OPEN_TOO_LONG])
        self.assert_times(self.raised(run, kind="door-open", state="cleared"), [2500])


class Labels(ClockTest):
    SYNCED_AFTER = 3600

    def after_sync(self, run, boot):
        """History as gatewayctl tells it after the first sync of this boot: [(sensor, time, value)]"""
        entry = next(entry for entry in reversed(run.journal("ctl")) if entry["boot"] == boot)
        readings = json.loads(entry["text"])["readings"]
        return [(reading["sensor"], iso(reading["at"]), reading["value"]) for reading in readings]

    def boot_with_old_clock(self, n, at, last=True):
        actions = [(OPENED, "level", "front-door", 1), (OPENED + 60, "level", "front-door", 0),
                   (self.SYNCED_AFTER, "sync"), (self.SYNCED_AFTER + 60, "level", "front-door", 1),
                   (self.SYNCED_AFTER + 120, "level", "front-door", 0),
                   (self.SYNCED_AFTER + 300, "ctl", "history", "front-door", "--since", "60 days")]
        return plan.boot(n, at, self.SYNCED_AFTER + 600, self.levels(), actions, clock=int(at) - MONTH, last=last)

    def assert_labels(self, run, boot, started):
        told = self.after_sync(run, boot)
        for at, value in ((OPENED, 1), (OPENED + 60, 0), (self.SYNCED_AFTER + 60, 1), (self.SYNCED_AFTER + 120, 0)):
            self.assertTrue(any(abs(when - started - at) < 2 and told_value == value for _, when, told_value in told),
                            f"{value} at {at} s after the boot, in {[(when - started, v) for _, when, v in told]}")

    def test_labels_of_the_first_boot_are_corrected_after_the_first_sync(self):
        start = true_time(BERLIN, 2026, 6, 10, 12)
        self.assert_labels(self.lives(BERLIN, [self.boot_with_old_clock(0, start)]), 0, start)

    def test_labels_after_a_long_power_cut_are_corrected_after_the_first_sync(self):
        start = true_time(BERLIN, 2026, 6, 10, 12)
        before = plan.boot(0, start, 1800, self.levels(), [], last=False)
        back = start + 1800 + 3 * 3600
        self.assert_labels(self.lives(BERLIN, [before, self.boot_with_old_clock(1, back)]), 1, back)

    def test_what_is_told_before_the_first_sync_says_so(self):
        start = true_time(BERLIN, 2026, 6, 10, 12)
        actions = [(OPENED, "press", house.RADIO_CALL), (1800, "sync"), (2400, "press", house.WIRED_CALL)]
        run = self.lives(BERLIN, [plan.boot(0, start, 3600, self.levels(), actions, clock=DEAD)])
        calls = [told["alert"] for told in run.desk(kind="call", state="raised")]
        self.assertEqual([alert["clock"] for alert in calls], ["unsynced", "synced"], calls)
        self.assertLess(abs(iso(calls[-1]["raised_at"]) - start - 2400), 2, calls)


class TimesOfDay(ClockTest):
    """She is in bed from the evening on and does not get up: "not up by" falls due at a local time."""

    def not_up(self, *times):
        return [{"name": f"up-by-{when.replace(':', '')}", "plugin": "bed", "bed": "bed", "up_by": when,
                 "too_long": "never"} for when in times]

    def night(self, zone, date, *times, hours=16, actions=(), clock=None):
        start = true_time(zone, *date, 20)
        actions = [(1800, "level", "bed", 1), *actions]
        boots = [plan.boot(0, start, hours * 3600, self.levels(), actions, clock=clock)]
        return start, self.lives(zone, boots, self.not_up(*times))

    def assert_not_up(self, run, start, name, *wanted):
        self.assert_times(self.raised(run, kind="bed-not-up", detector=name), [at - start for at in wanted])

    def test_in_the_night_of_the_missing_hour_in_berlin(self):
        date = NIGHTS["spring"]
        start, run = self.night(BERLIN, date, "02:30", "09:30")
        day = (*date[:2], date[2] + 1)
        self.assert_not_up(run, start, "up-by-0930", true_time(BERLIN, *day, 9, 30))
        self.assertEqual(true_time(BERLIN, *day, 9, 30) - start, 12.5 * 3600, "the night was an hour shorter")
        self.assert_not_up(run, start, "up-by-0230", true_time(BERLIN, *day, 3))

    def test_in_the_night_of_the_doubled_hour_in_berlin(self):
        date = NIGHTS["autumn"]
        start, run = self.night(BERLIN, date, "02:30", "09:30")
        day = (*date[:2], date[2] + 1)
        self.assert_not_up(run, start, "up-by-0930", true_time(BERLIN, *day, 9, 30))
        self.assertEqual(true_time(BERLIN, *day, 9, 30) - start, 14.5 * 3600, "the night was an hour longer")
        self.assert_not_up(run, start, "up-by-0230", true_time(BERLIN, *day, 2, 30))

    def test_in_shanghai_in_the_same_nights(self):
        for date in NIGHTS.values():
            with self.subTest(date):
                self.tearDown(), self.doCleanups(), self.setUp()
                start, run = self.night(SHANGHAI, date, "02:30", "09:30")
                self.assert_not_up(run, start, "up-by-0930", start + 13.5 * 3600)
                self.assert_not_up(run, start, "up-by-0230", start + 6.5 * 3600)

    def test_when_the_clock_is_set_past_them_they_are_due_at_once_and_once(self):
        date = (2026, 6, 10)
        there, back = 3 * 3600, 4 * 3600  # at 23:00 it is made 10:00 of the next day, at midnight set right
        start, run = self.night(BERLIN, date, "09:30", hours=15,
                                actions=[(there, "step", 11 * 3600), (back, "step", 0)])
        self.assert_not_up(run, start, "up-by-0930", start + there)

    def test_after_a_late_sync_they_follow_the_true_time(self):
        """Six years of the log pass in no time at the sync: nothing that was due in them may be told for each day."""
        date = (2026, 6, 10)
        start, run = self.night(BERLIN, date, "09:30", hours=15, actions=[(3 * 3600, "sync")], clock=DEAD)
        self.assert_not_up(run, start, "up-by-0930", true_time(BERLIN, *date[:2], date[2] + 1, 9, 30))
        technical = {told["alert"]["kind"] for told in run.desk(detector="gateway")}
        self.assertFalse([kind for kind in technical if kind.startswith("detector")], technical)


if __name__ == "__main__":
    unittest.main()
