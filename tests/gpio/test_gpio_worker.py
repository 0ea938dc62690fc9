"""The real gatewayd-gpio on real kernel lines. Every scenario of scenarios.py runs in a fresh guest, with both
versions of libgpiod (2 with sanitizers) on a new kernel; and on Debian 12's, where that one has been built."""
import os
import unittest

import sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guest  # noqa: E402
import workers  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


class Base(unittest.TestCase):
    api = kernel = None
    sanitize = False

    @classmethod
    def setUpClass(cls):
        for why in (guest.unavailable(cls.kernel), workers.unavailable(cls.api)):
            if why:
                raise unittest.SkipTest(why)
        cls.machine = guest.Guest(cls.kernel)
        cls.worker = workers.worker(cls.api, cls.sanitize)

    def scenario(self, virtual_time=False):
        """The scenario that bears this test's name, in a guest."""
        name = self._testMethodName[len("test_"):]
        command = ["env", f"WORKER_API={self.api}", "ASAN_OPTIONS=detect_leaks=0", "/usr/bin/python3",
                   os.path.join(HERE, "scenarios.py"), name, self.worker]
        status, output = self.machine.run(command, 90, workers.folders(), virtual_time)
        self.assertEqual(status, 0, "\n" + output)
        self.assertNotIn("runtime error", output)
        for line in output.splitlines():
            if line.startswith("measured: "):
                print(f"  libgpiod {self.api}, kernel {self.kernel}: {line[10:]}", flush=True)


class Basic:
    """What is tried on Debian 12's kernel too."""

    def test_first_level_is_told_as_a_state_before_ready(self):
        self.scenario()

    def test_change_is_told_with_the_kernels_time(self):
        self.scenario()

    def test_unplugged_chip_comes_back_under_another_number(self):
        self.scenario()

    def test_lost_edges_are_told_and_the_level_is_right(self):
        self.scenario()


class Everything(Basic):
    """What the two APIs and kernels do differently, and all that the worker itself does."""

    def test_debounce_ends_in_the_right_state(self):
        self.scenario()

    def test_active_low_and_bias_are_obeyed(self):
        self.scenario()

    def test_chip_by_label_name_or_path_and_line_by_name_or_offset(self):
        self.scenario()

    def test_missing_chip_is_unavailable_until_it_appears(self):
        self.scenario()

    def test_noisy_line_is_coalesced_and_starves_nobody(self):
        self.scenario()

    def test_killed_worker_replays_what_was_not_confirmed(self):
        self.scenario()

    def test_reload_leaves_unchanged_lines_alone(self):
        self.scenario()

    def test_two_sensors_swap_their_lines(self):
        self.scenario()

    def test_outputs_are_driven_and_keep_their_value(self):
        self.scenario()

    def test_bad_and_busy_lines_cost_only_themselves(self):
        self.scenario()

    def test_ends_when_the_core_goes(self):
        self.scenario()

    def test_rubbish_from_the_core_does_not_end_it(self):
        self.scenario()

    def test_rings_that_cannot_be_kept_are_told_and_tried_again(self):
        self.scenario()

    def test_edge_reaches_the_core_quickly(self):
        self.scenario()


class Long:
    """In virtual time."""

    def test_idle_worker_hardly_wakes(self):
        self.scenario(virtual_time=True)

    def test_chip_is_awaited_for_days(self):
        self.scenario(virtual_time=True)


class Libgpiod1OnNewKernel(Everything, Long, Base):
    api, kernel = "1", guest.MAIN


class Libgpiod2OnNewKernel(Everything, Base):
    api, kernel, sanitize = "2", guest.MAIN, True


class Libgpiod1OnDebian12sKernel(Everything, Base):
    api, kernel = "1", guest.FIELD


class Libgpiod2OnDebian12sKernel(Basic, Base):
    api, kernel = "2", guest.FIELD


del Base

if __name__ == "__main__":
    unittest.main()
