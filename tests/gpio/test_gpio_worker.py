"""The real gatewayd-gpio on real kernel lines. Every scenario of scenarios.py runs in a fresh guest, with both
versions of libgpiod: 1.6 on Debian 12's kernel, 2 (with sanitizers) on a new one; some on the other kernel too."""
import os
import unittest

import sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guest  # noqa: E402
import workers  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = [
    "first_level_is_told_as_a_state_before_ready", "change_is_told_with_the_kernels_time",
    "debounce_ends_in_the_right_state", "active_low_and_bias_are_obeyed",
    "chip_by_label_name_or_path_and_line_by_name_or_offset", "missing_chip_is_unavailable_until_it_appears",
    "unplugged_chip_comes_back_under_another_number", "lost_edges_are_told_and_the_level_is_right",
    "noisy_line_is_coalesced_and_starves_nobody", "killed_worker_replays_what_was_not_confirmed",
    "reload_leaves_unchanged_lines_alone", "two_sensors_swap_their_lines", "outputs_are_driven_and_keep_their_value",
    "bad_and_busy_lines_cost_only_themselves", "ends_when_the_core_goes", "rubbish_from_the_core_does_not_end_it",
    "rings_that_cannot_be_kept_are_told_and_tried_again", "edge_reaches_the_core_quickly"]
VIRTUAL = ["idle_worker_hardly_wakes", "chip_is_awaited_for_days"]
CROSSED = ["first_level_is_told_as_a_state_before_ready", "change_is_told_with_the_kernels_time",
           "unplugged_chip_comes_back_under_another_number", "lost_edges_are_told_and_the_level_is_right"]


class Base(unittest.TestCase):
    api = kernel = None
    sanitize = False

    @classmethod
    def setUpClass(cls):
        for why in (guest.unavailable(cls.kernel), workers.unavailable(cls.api)):
            if why:
                print(f"\nSKIPPED {cls.__name__}: {why}", file=sys.stderr, flush=True)
                raise unittest.SkipTest(why)
        cls.machine = guest.Guest(cls.kernel)
        cls.worker = workers.worker(cls.api, cls.sanitize)

    def scenario(self, name, virtual_time):
        command = ["env", f"WORKER_API={self.api}", "ASAN_OPTIONS=detect_leaks=0", "/usr/bin/python3",
                   os.path.join(HERE, "scenarios.py"), name, self.worker]
        status, output = self.machine.run(command, 90, workers.folders(), virtual_time)
        self.assertEqual(status, 0, "\n" + output)
        self.assertNotIn("runtime error", output)
        for line in output.splitlines():
            if line.startswith("measured: "):
                print(f"  libgpiod {self.api}, kernel {self.kernel}: {line[10:]}", flush=True)


def _add(names, virtual=()):
    def decorate(cls):
        for name in [*names, *virtual]:
            setattr(cls, f"test_{name}", lambda self, name=name: self.scenario(name, name in virtual))
        return cls
    return decorate


@_add(SCENARIOS)
class Libgpiod1OnDebian12sKernel(Base):
    api, kernel = "1", guest.FIELD


@_add(SCENARIOS)
class Libgpiod2OnNewKernel(Base):
    api, kernel, sanitize = "2", guest.MAIN, True


@_add(CROSSED, VIRTUAL)
class Libgpiod1OnNewKernel(Base):
    api, kernel = "1", guest.MAIN


@_add(CROSSED)
class Libgpiod2OnDebian12sKernel(Base):
    api, kernel = "2", guest.FIELD


del Base

if __name__ == "__main__":
    unittest.main()
