"""Half a minute of each kind of torture (a round more than `run` would need to see a coarse mistake), and as many power
cuts. The long runs are by hand: README.md."""
import unittest

from harness import BUILD, plain_build
from power import Power
from rack import KINDS, Rack

SECONDS = 30
CUTS = 150


class Torture(unittest.TestCase):
    def torture(self, kind):
        words = []
        rack = Rack(KINDS.index(kind) + 1, SECONDS / 60, [kind], BUILD, words.append)
        self.assertTrue(rack.run(), "\n".join(words))
        self.assertGreater(rack.sum["presses"], 0)
        if rack.skipped:  # the rest of it has passed
            self.skipTest(rack.skipped)

    def test_every_press_is_told_once_whoever_is_killed(self):
        self.torture("kills")

    def test_every_press_is_told_while_the_disk_is_full_or_read_only_or_stalled(self):
        self.torture("disk")

    def test_every_accepted_press_is_told_when_the_power_fails(self):
        self.torture("power")

    def test_every_press_that_left_the_home_s_broker_is_told_when_that_is_killed(self):
        self.torture("broker-killed")

    def test_what_the_store_confirmed_is_there_after_every_power_cut(self):
        power = Power(1, plain_build())
        power.run(CUTS)
        self.assertEqual(power.wrong, [])
        for what in ("confirmed alerts", "confirmed readings"):  # a store that confirms nothing loses nothing
            self.assertGreater(power.counts[what], CUTS, power.counts)


if __name__ == "__main__":
    unittest.main()
