"""The runners that people start by hand say what is wrong with what they were asked, and begin nothing."""
import os
import subprocess
import sys
import unittest

from harness import BUILD, ROOT

# A runner's words, and what it must say of them.
WRONG = [
    ("tests/run --halp", "there is no option --halp"),
    ("tests/install everything", "no choice \"everything\""),
    ("tests/lint speling", "no step has speling"),
    ("tests/sim/run --seeds 5..3", "5..3 ends before it begins"),
    ("tests/sim/run --seeds one", "neither a seed such as 7 nor a range"),
    ("tests/sim/run --seeds 1..2 --days 0", "--days: '0' is no number above 0"),
    ("tests/sim/run --sed 1", "unrecognized arguments: --sed"),
    ("tests/torture/run --minutes 0", "--minutes: '0' is no number above 0"),
    ("tests/torture/run --kind floods", "--kind: invalid choice: 'floods'"),
    ("tests/torture/run --build /nowhere", "there is no build in /nowhere"),
    ("tests/torture/power-cuts --cuts -3", "--cuts: '-3' is no whole number from 1 on"),
    ("tests/timelapse/run --home kasteren_A --data /nowhere", "there is no recording /nowhere/kasteren_A.events.csv"),
    ("tests/timelapse/run --days 0", "--days: '0' is no whole number from 1 on"),
    ("tests/timelapse/run --timezone Europe/Yiyuan", "'Europe/Yiyuan' is no time zone"),
    ("tests/timelapse/run --map /nowhere/home.conf", "there is no map /nowhere/home.conf"),
    ("tests/fuzz/run confg", "there is no target confg: there are command, config"),
    ("tests/bench/run latncy", "no section latncy: there are"),
    ("tests/bench/run idle --idle 0", "--idle: '0' is no whole number from 1 on"),
    ("tests/bench/replay --build /nowhere", "there is no build in /nowhere"),
    ("tests/eval/run --data /nowhere", "there is no folder /nowhere"),
    ("tests/eval/run --data none --profile lazy", "no profile"),
    ("tests/eval/run --data none --synthetic 0", "no homes to evaluate"),
    ("tests/eval/generate --out /nowhere --weeks 0", "at least one home and one week"),
]
OF_NO_BUILD = ["tests/sim/run", "tests/torture/run", "tests/torture/power-cuts", "tests/bench/run idle",
               "tests/eval/run --data none --synthetic 1", "etc/demo/run"]


class Asked(unittest.TestCase):
    def refused(self, words, expected, **environment):
        """Its whole word for it: no traceback."""
        run = subprocess.run(words.split(), cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertIn(run.returncode, (1, 2), run.stdout)
        self.assertIn(expected, run.stdout)
        self.assertNotIn("Traceback", run.stdout)

    def test_what_can_t_be_done_is_told_in_a_sentence(self):
        for words, expected in WRONG:
            with self.subTest(words):
                self.refused(words, expected, GATEWAYD_BUILD=str(BUILD))

    def test_a_build_that_is_not_there_is_told_and_not_made(self):
        for words in OF_NO_BUILD:
            with self.subTest(words):
                self.refused(words, "there is no build", GATEWAYD_BUILD="/nowhere")
        self.assertFalse(os.path.exists("/nowhere"))

    def test_the_tests_themselves_do_not_pass_without_their_build(self):
        self.refused(f"{sys.executable} -B tests/runner.py test_ring", "there is no build", GATEWAYD_BUILD="/nowhere")


if __name__ == "__main__":
    unittest.main()
