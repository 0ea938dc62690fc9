"""Days of a home in the test kernel: power cuts, an outage, a clock that is set, the end of summer time; and that the
comparison at the end would notice what it is there for."""
import datetime
import os
import sys
import unittest
import zoneinfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from base import LapseTest  # noqa: E402
import compare  # noqa: E402
import growth  # noqa: E402
import lapse  # noqa: E402

SUMMER_TIME_ENDS = datetime.datetime(2026, 10, 24, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).timestamp()


class Days(LapseTest):
    def test_three_days_with_cuts_outage_steps_and_dst_end_with_the_alarms_of_the_log(self):
        run = lapse.of_home(self.work, "short", None, None, 3, SUMMER_TIME_ENDS, "Europe/Berlin", first_outage=1)
        run.play()
        words = []
        self.assertEqual(run.judge(words.append), [], "\n".join(words))
        had = {entry["what"] for entry in run.journal()}
        self.assertLessEqual({"cut", "outage", "outage-end", "press", "label", "process"}, had)
        steps = [entry for entry in run.journal("label") if entry["why"] == "step"]
        self.assertEqual(len(steps), 2, "the clock was set wrong and right again")
        self.assertGreaterEqual(len({told["alert"]["id"] for told in run.desk()}), 10, "there was something to compare")
        print("  " + words[0], flush=True)


def condition(raised, at, episode="e1", momentary=False, kind="open"):
    return compare.Condition("door", kind, momentary, "", episode, raised, at, 1)


def told(episode="e1", id_="a", flags=(), rev=1, count=1, boot=0, at=5.0, kind="open"):
    return {"boot": boot, "at": at, "alert": {
        "id": id_, "rev": rev, "episode": episode, "count": count, "detector": "door", "kind": kind, "key": "",
        "state": "cleared" if "ended" in flags else "raised", "flags": list(flags), "since": "", "raised_at": "",
        "test": False}}


class TheComparison(unittest.TestCase):
    """Made to fail on purpose: it must say so."""

    def faults(self, conditions, desk, journal=()):
        return compare.compare(conditions, compare.Platform(desk, journal))

    def test_equal_sets_have_no_faults(self):
        conditions = [condition(True, 1000), condition(False, 2000)]
        self.assertEqual(self.faults(conditions, [told(flags=["ended"])]), ([], []))

    def test_an_alarm_that_never_came_is_a_fault(self):
        self.assertEqual(len(self.faults([condition(True, 1000)], [])[0]), 1)

    def test_an_alarm_out_of_nothing_is_a_fault(self):
        self.assertEqual(len(self.faults([], [told()])[0]), 1)

    def test_a_lost_end_is_a_fault(self):
        self.assertEqual(len(self.faults([condition(True, 1000), condition(False, 2000)], [told()])[0]), 1)

    def test_a_press_too_few_or_too_many_is_a_fault(self):
        presses = [condition(True, 1000, "e1", True), condition(True, 2000, "e2", True)]
        for count, wrong in ((1, 1), (2, 0), (3, 1)):
            self.assertEqual(len(self.faults(presses, [told(count=count)])[0]), wrong, count)

    def test_raised_again_soon_may_be_the_same_alert_but_not_later(self):
        for again, wrong in ((500_000, 0), (700_000, 1)):
            conditions = [condition(True, 0), condition(False, 1000), condition(True, again, "e2"),
                          condition(False, again + 1000, "e2")]
            self.assertEqual(len(self.faults(conditions, [told(flags=["ended"])])[0]), wrong, again)

    def test_only_the_last_moment_before_a_cut_is_an_excuse(self):
        cut = [{"what": "cut", "boot": 0, "at": 10.0}]
        self.assertEqual([len(part) for part in self.faults([], [told()], cut)], [0, 1])
        cut[0]["at"] = 100.0
        self.assertEqual([len(part) for part in self.faults([], [told()], cut)], [1, 0])


class TheLabels(unittest.TestCase):
    NOTE = {"what": "label", "why": "start", "at": 0, "offset": 1000, "label": 50_000}

    def test_after_a_gap_the_log_is_the_wall_clock_whatever_was_noted_within_it(self):
        notes = [{**self.NOTE, "changed": 1.0}, {**self.NOTE, "changed": 9.0},
                 {**self.NOTE, "changed": 99.0, "label": 7}]
        self.assertEqual(compare.labels(notes, [(5000, 60_000)]), [(2000, 50_000), (60_000, 0), (100_000, 7)])

    def test_from_the_setting_of_the_clock_to_the_gap_the_label_is_as_much_as_the_gap(self):
        notes = [{**self.NOTE, "changed": 1.0}, {**self.NOTE, "why": "sync", "changed": 58.0, "label": 0}]
        self.assertEqual(compare.labels(notes, [(5000, 60_000)]), [(2000, 50_000), (4000, 55_000), (60_000, 0)])


class TheBoots(unittest.TestCase):
    """Two: one that was synchronised late, in which the clock was set wrong for a while; one that was right at once."""
    GAPS = [(20_000, 80_000), (99_000, 190_000)]
    JOURNAL = [{"what": "label", "boot": boot, "why": why, "at": at, "offset": offset, "label": label, **changed}
               for boot, why, at, offset, label, changed in
               ((0, "start", 7.0, 1000, -5_000_000, {}), (0, "sync", 17.0, 63_000, 0, {"changed": 15.0}),
                (0, "step", 22.0, 63_000, 7_200_000, {"changed": 21.0}),
                (0, "step", 26.0, 63_000, 3, {"changed": 25.0}), (1, "start", 7.0, 185_000, 0, {}))]

    def test_begin_where_the_log_was_not_raised_yet(self):
        self.assertEqual(compare.begins(self.JOURNAL, self.GAPS), [6000, 99_000])

    def test_are_told_afterwards_with_one_label_that_is_corrected_before_the_sync(self):
        self.assertEqual(compare.corrected(self.JOURNAL, [6000, 99_000], self.GAPS),
                         [[(6000, 60_003), (80_000, 3)], [(99_000, 91_000), (190_000, 0)]])

    def test_are_replayed_with_their_own_labels_and_what_was_before_with_the_corrected_ones(self):
        log = compare.Log.__new__(compare.Log)
        log.readings = [(at, 1, f"R {at}") for at in (7000, 80_000, 85_000, 190_000)]
        log.starts, log.end = [6000, 99_000], 200_000
        log.live = compare.labels(self.JOURNAL, self.GAPS)
        log.corrected = compare.corrected(self.JOURNAL, log.starts, self.GAPS)
        self.assertEqual(log.lines(0), ["L 6000 -5000000", "R 7000", "L 18000 60000", "L 80000 0", "R 80000",
                                        "L 84000 7200000", "R 85000", "L 88000 3", "U 98999"])
        self.assertEqual(log.lines(1), ["L 6000 60003", "R 7000", "L 80000 3", "R 80000", "R 85000", "L 99000 3",
                                        "L 190000 0", "R 190000", "U 200000"])


class TheBounds(unittest.TestCase):
    def samples(self, values, what, parts=lambda value: {}):
        plain = {"what": "process", "boot": 0, "name": "p", "pss": 1000, "rss": 2000, "fds": 4}
        return [{**plain, "at": 21600.0 * n, what: value, "parts": parts(value)} for n, value in enumerate(values)]

    def test_growth_of_memory_or_descriptors_is_a_fault(self):
        self.assertEqual(growth.faults(self.samples([1000] * 9, "pss")), [])
        leak = self.samples([1000 + 20 * n for n in range(20)], "pss", lambda value: {"[heap]": value - 500})
        self.assertEqual(len(growth.faults(leak)), 1)
        self.assertIn("[heap] by 200 KiB", growth.faults(leak)[0])
        self.assertEqual(len(growth.faults(self.samples([4, 4, 4, 4, 5, 5, 5, 5, 5], "fds"))), 1)

    def test_a_heap_that_has_risen_to_what_it_needs_is_none(self):
        self.assertEqual(growth.faults(self.samples([1000, 1200, 1300, 1350] + [1380] * 9, "pss")), [])

    def test_the_store_may_fill_its_page_caches_and_no_more(self):
        for most, wrong in ((1800, 0), (1900, 1)):
            samples = self.samples([1000] * 9 + [most], "pss")
            for sample in samples:
                sample["name"] = "gatewayd-store store"
            self.assertEqual(len(growth.faults(samples)), wrong, most)

    def test_a_ring_file_that_is_used_page_by_page_is_none(self):
        values = [1000 + 20 * n for n in range(20)]
        self.assertEqual(growth.faults(self.samples(values, "pss", lambda value: {"gpio-state.ring": value - 900})), [])

    def test_more_than_the_whole_may_take_is_a_fault(self):
        self.assertEqual(len(growth.faults(self.samples([growth.MEMORY_TOTAL_KIB + 1], "pss"))), 1)

    def test_a_database_beyond_its_limit_is_a_fault(self):
        files = [{"what": "files", "boot": 0, "at": 1.0, "sizes": {"alerts.db": 17 << 20}}]
        self.assertEqual(len(growth.faults(files)), 1)


if __name__ == "__main__":
    unittest.main()
