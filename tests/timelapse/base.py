"""What the time-lapse tests share: skipped by name where there is no test kernel, a folder that is gone afterwards."""
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "gpio")]
import guest  # noqa: E402


class LapseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        why = guest.unavailable(guest.MAIN)
        if why:
            raise unittest.SkipTest(why)

    def setUp(self):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="timelapse-", dir=memory))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
