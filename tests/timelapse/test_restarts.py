"""A detector that is started again at any time goes on as if nothing had been: its plugin's history is enough."""
import os
import re
import subprocess
import sys
import tempfile
import pathlib
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import base  # noqa: E402,F401 (the path to the others)
import house  # noqa: E402
import lapse  # noqa: E402
import traces  # noqa: E402
from harness import paths  # noqa: E402
from harness.home import libconfig  # noqa: E402

BEGINS = 1_792_706_400_000  # ms, a midnight
EVERY = 19.3                # h between two restarts: no time of the day is left out for long


class Restarts(unittest.TestCase):
    def assert_no_difference(self, home, days):
        config, wiring = house.furnish(lapse.map_of(home), "UTC")
        log, at = [f"L {BEGINS} 0"], BEGINS
        for n, (when, name, value) in enumerate(traces.load(home, paths.RECORDED_HOMES, days), 1):
            if name in wiring:
                at = max(at, BEGINS + int(when * 1000))
                log.append(f"R {at} {n} {(5 << 32) + n} {name} 0 {float(value)!r} 0")
        with tempfile.TemporaryDirectory() as work:
            path = pathlib.Path(work, "gatewayd.conf")
            path.write_text("".join(f"{key} = {libconfig(value)};\n" for key, value in config.items()))
            program = lapse.build() / "tests/timelapse/timelapse_restarts"
            run = subprocess.run([program, path, lapse.build() / "plugins", str(EVERY)], text=True,
                                 input="\n".join([*log, f"U {at}"]) + "\n", stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 0, run.stderr)
        counts = re.findall(r"^(\S+): (\d+) restarts, (\d+) differ, (\d+) conditions$", run.stdout, re.M)
        self.assertEqual(len(counts), len(config["detectors"]) + (0 if "supervision" in config else 1), run.stdout)
        self.assertGreater(sum(int(conditions) for *_, conditions in counts), 0, "there was something to compare")
        self.assertEqual(sum(int(different) for _, _, different, _ in counts), 0, run.stdout)

    def test_make_no_difference_in_a_month_that_is_made_up(self):
        self.assert_no_difference("short", 30)


def _of(home, days):
    def test(self):
        if not (paths.RECORDED_HOMES / f"{home}.events.csv").exists():
            self.skipTest(f"the recording {home} is not in {paths.RECORDED_HOMES}")
        self.assert_no_difference(home, days)
    return test


# The time twice over, but for kasteren_B: between its end and its beginning anew its mat lies pressed for a fortnight.
for name, length in (("kasteren_A", 50), ("kasteren_B", 27), ("mit_tapia_S1", 32), ("casas_tm000_absence", 21)):
    setattr(Restarts, f"test_make_no_difference_in_{name}", _of(name, length))


if __name__ == "__main__":
    unittest.main()
