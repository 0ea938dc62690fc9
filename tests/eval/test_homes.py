"""The synthetic homes: the figures they are drawn from come out of their readings, and the maps are good."""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import unittest

from harness import ROOT
from harness.paths import BIN, PLUGINS

sys.path.insert(0, str(ROOT / "tests" / "eval"))

import figures  # noqa: E402
import homes  # noqa: E402
import measure  # noqa: E402
import rates  # noqa: E402
import synthetic  # noqa: E402

WEEKS = 30


def many(person, fitting):
    return synthetic.make("figures", person, fitting, WEEKS, exact=True)


class Figures(unittest.TestCase):
    """Of 30 weeks each, drawn with the figures as they are."""

    def test_nights_begin_and_end_as_those_of_real_homes(self):
        for person in ("early", "late", "restless", "steady"):
            with self.subTest(person):
                _, notes, _ = many(person, "full")
                bed, up = measure.bed_times(notes)
                self.assertAlmostEqual(bed, figures.PEOPLE[person].to_bed, delta=20)
                self.assertAlmostEqual(up, figures.PEOPLE[person].up, delta=20)

    def test_night_trips_are_as_many_and_as_long(self):
        for person, hours in (("early", 7.1), ("late", 11.2), ("restless", 10), ("steady", 8.8)):
            with self.subTest(person):
                known = figures.PEOPLE[person]
                trips, lengths = measure.night_trips(many(person, "full")[1])
                self.assertAlmostEqual(trips / (known.trips_a_night * hours / 8), 1, delta=0.25)
                for p, length in zip((0.5, 0.9, 0.95), known.trip_min[1:4]):
                    self.assertAlmostEqual(measure.quantiles(lengths, [p])[0] / length, 1, delta=0.25)
                self.assertLessEqual(max(lengths), known.trip_min[5] + 0.1)

    def test_mats_break_contact_as_often(self):
        for person, fitting, mat in (("early", "poor-mat", "poor"), ("early", "worst-mat", "worst")):
            with self.subTest(mat):
                readings, notes, _ = many(person, fitting)
                slept = statistics.mean(end - start for start, end in measure.nights(notes)) / (8 * 3600)
                counts = figures.MATS[mat]
                found = measure.mat_exits(readings, "bed", notes, counts)
                for threshold, exits in zip(counts, found):
                    self.assertAlmostEqual(exits / (counts[threshold] * slept), 1, delta=0.35, msg=f"{threshold} s")
        readings, notes, _ = many("early", "full")
        self.assertLess(measure.mat_exits(readings, "bed", notes, [0])[0], 1.5, "a good mat knows only true exits")

    def test_silence_is_as_long(self):
        for fitting, known in (("full", figures.SILENCE_MOTION_MIN), ("motion", figures.SILENCE_MOTION_MIN),
                               ("doors", figures.SILENCE_REED_MIN)):
            with self.subTest(fitting):
                readings, notes, _ = many("early", fitting)
                p50, p95 = measure.quantiles(measure.silences(readings, notes), (0.5, 0.95))
                self.assertAlmostEqual(p50 / known[2], 1, delta=0.2)
                self.assertAlmostEqual(p95 / known[3], 1, delta=0.2)

    def test_doors_and_absences(self):
        for person in ("early", "late", "restless", "steady"):
            with self.subTest(person):
                readings, notes, _ = many(person, "full")
                opened = measure.door_openings(readings, "front-door")
                self.assertTrue(3 <= statistics.median(opened) <= 7, statistics.median(opened))
                self.assertTrue(7 <= max(opened) <= 18, max(opened))
                away = [(end - start) / 3600 for start, end in measure.intervals(notes, "leave-house")]
                self.assertAlmostEqual(statistics.median(away) / figures.PEOPLE[person].away_h[1], 1, delta=0.25)


class Written(unittest.TestCase):
    def test_the_same_seed_makes_the_same_home_and_another_another(self):
        first, again, other = (synthetic.make(seed, "early", "full", 2) for seed in ("1", "1", "2"))
        self.assertEqual(first[:2], again[:2])
        self.assertNotEqual(first[0], other[0])

    def test_files_are_read_back_and_every_map_is_accepted(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, person, fitting, seed in synthetic.homes(len(synthetic.ROUND), "1"):
                made = synthetic.make(seed, person, fitting, 1)
                synthetic.write(folder, name, *made, ROOT / "etc/profiles/semi-disabled.conf")
                home = homes.load(folder, name, folder)
                self.assertEqual(len(home.readings), len(made[0]))
                self.assertEqual({sensor for _, sensor, _ in home.readings} - set(home.sensors), set())
                self.check(home.map)

    def test_the_maps_of_recorded_homes_are_accepted(self):
        maps = sorted((ROOT / "tests/homes").glob("*.conf"))
        self.assertGreaterEqual(len(maps), 4)
        for path in maps:
            self.check(path)

    def check(self, path):
        run = subprocess.run([str(BIN / "gatewayd"), "--check", "-c", str(path), "--plugin-dir", str(PLUGINS),
                              "--libexec", str(BIN)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_bad_lines_are_told_with_their_number(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.events.csv"
            path.write_text("unix_time_seconds,sensor_id,value\n1,a,ON\n2,a\n")
            with self.assertRaises(SystemExit) as raised:
                homes.read_events(path)
            self.assertIn(":3:", str(raised.exception))
            path.write_text("")
            with self.assertRaises(SystemExit):
                homes.read_events(path)


class Rates(unittest.TestCase):
    def test_bounds_are_the_exact_ones(self):
        """Published values: 0 -> 3.00, 1 -> 4.74, 10 -> 16.96; 19 of 20 -> 0.784."""
        for count, bound in ((0, 2.996), (1, 4.744), (10, 16.962)):
            self.assertAlmostEqual(rates.upper(count), bound, places=2)
        self.assertAlmostEqual(rates.lower_share(19, 20), 0.784, places=2)
        self.assertEqual(rates.lower_share(0, 5), 0.0)


if __name__ == "__main__":
    unittest.main()
