"""The whole gateway on real kernel lines: from the edge to the platform's broker, in a guest of its own each time. The
plain build, as it is installed (with its sandboxes), with gatewayd-gpio for each libgpiod. $GATEWAYD_PLAIN names a
plain build made by hand."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import guest  # noqa: E402
import workers  # noqa: E402
from harness import plain_build  # noqa: E402


class Base(unittest.TestCase):
    api = kernel = None

    @classmethod
    def setUpClass(cls):
        for why in (guest.unavailable(cls.kernel), workers.unavailable(cls.api)):
            if why:
                raise unittest.SkipTest(why)
        cls.machine = guest.Guest(cls.kernel)
        cls.worker = workers.worker(cls.api)
        cls.build = pathlib.Path(os.environ.get("GATEWAYD_PLAIN") or plain_build())

    def scenario(self):
        """The scenario that bears this test's name."""
        name = self._testMethodName[len("test_"):]
        command = ["/usr/bin/python3", HERE / "gateway_scenarios.py", name, self.build, self.worker]
        status, output = self.machine.run(command, 120, [*workers.folders(), self.build], memory_mib=512)
        self.assertEqual(status, 0, "\n" + output)
        for line in output.splitlines():
            if line.startswith("measured: "):
                print(f"  libgpiod {self.api}, kernel {self.kernel}: {line[10:]}", flush=True)


class Kills:
    def test_press_is_an_emergency_at_the_platform_within_a_second(self):
        self.scenario()

    def test_press_after_a_kill_is_seen_and_levels_are_right(self):
        self.scenario()


class Everything(Kills):
    def test_levels_are_followed_and_alarm_by_their_limits(self):
        self.scenario()

    def test_unplugged_chip_is_told_and_its_sensors_come_back(self):
        self.scenario()

    def test_light_says_help_knows_only_after_a_persons_ack(self):
        self.scenario()

    def test_call_line_that_is_active_at_boot_is_an_emergency(self):
        self.scenario()


class Libgpiod1OnNewKernel(Everything, Base):
    api, kernel = "1", guest.MAIN


class Libgpiod2OnNewKernel(Everything, Base):
    api, kernel = "2", guest.MAIN

    def test_every_press_in_the_ring_is_told_once_whoever_is_killed(self):
        self.scenario()


class Libgpiod1OnDebian12sKernel(Kills, Base):
    api, kernel = "1", guest.FIELD


del Base

if __name__ == "__main__":
    unittest.main()
