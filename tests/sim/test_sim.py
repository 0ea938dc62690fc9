"""Simulated homes: the listed seeds hold, and each planted mistake is found."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from harness import paths

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import planted  # noqa: E402

SEEDS = pathlib.Path(__file__).with_name("seeds")


def run(program, build, seeds, days=0, whole=False):
    command = [str(program), "--build", str(build), "--seeds", seeds, *([] if whole else ["--small"]),
               *(["--days", str(days)] if days else [])]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def listed():
    """(seed, whole) of each line in the file seeds."""
    for line in SEEDS.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and not line.startswith("#"):
            yield (words[1], True) if words[0] == "whole" else (words[0], False)


class Homes(unittest.TestCase):
    def check(self, build, homes, days=0):
        for seeds, whole in homes:
            done = run(build / "sim/sim", build, seeds, days, whole)
            self.assertEqual(done.returncode, 0, done.stdout[-8000:])

    def test_nothing_is_lost_in_the_listed_homes(self):
        self.check(paths.plain_build(), listed())

    def test_nothing_is_lost_in_fifty_homes(self):
        self.check(paths.plain_build(), [("1001..1030", False), ("1001..1020", True)], days=0.4)

    def test_homes_under_the_sanitizers(self):
        if paths.BUILD == paths.plain_build():
            self.skipTest("the build under test has no sanitizers")
        self.check(paths.BUILD, [("2001..2004", False), ("2001..2004", True)], days=0.2)

    def test_the_same_seed_lives_the_same_life(self):
        build = paths.plain_build()
        lives = [subprocess.run([str(build / "sim/sim"), "--build", str(build), "--seeds", "7", "--days", "0.3",
                                 "--verbose"], stdout=subprocess.PIPE, text=True).stdout for _ in range(2)]
        first, second = (re.sub(r"home-days in .*", "", life) for life in lives)
        self.assertEqual(first, second)


class PlantedMistakes(unittest.TestCase):
    """One test for each file in mistakes/, made below."""

    def find(self, mistake):
        build = paths.plain_build()
        with tempfile.TemporaryDirectory(prefix="gw-mistake-") as folder:
            program = planted.build_with(build, mistake, pathlib.Path(folder))
            done = run(program, build, f"1..{mistake.seeds}", whole=mistake.whole)
        self.assertEqual(done.returncode, 1, f"{mistake.words}\nnot found in {mistake.seeds} seeds:\n{done.stdout}")
        self.assertRegex(done.stdout, f" FAILS: .*({mistake.says})")


def _add_tests():
    for path in planted.MISTAKES:
        mistake = planted.Mistake(path)
        setattr(PlantedMistakes, f"test_{mistake.name.replace('-', '_')}_is_found",
                lambda self, mistake=mistake: self.find(mistake))


_add_tests()
