"""Power cuts for the real gatewayd-store: it works on files, the power fails in the midst of an act on them
(powercut.c), the disk keeps what disk.py says, a new store starts, and everything that the old one had confirmed must be there."""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from disk import Disk, acts
from harness.frames import Frame
from ledger import Ledger

BOOT_ID = "11111111-2222-3333-4444-555555555555"
SENSORS = 6
LIVES_OF_A_DISK = 40   # power cuts before a new disk is taken
ACTS = 160             # the cut comes at one of so many acts, the sooner the more often
FRAMES = 150           # a life without a cut is ended after so many of ours, and the power fails then


class Life:
    """One process of the store. It ends by its own act, or by ours."""

    def __init__(self, build, folder, journal, at):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        environment = {**os.environ, "LD_PRELOAD": str(build / "torture/libpowercut.so"), "POWERCUT_FOLDER": str(folder),
                       "POWERCUT_JOURNAL": str(journal), "POWERCUT_AT": str(at)}
        command = ["/bin/sh", "-c", f'exec 3<&{theirs.fileno()}; exec "$0"', str(build / "bin/gatewayd-store")]
        self.process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), env=environment,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs.close()
        self.socket = ours

    def send(self, frame_name, /, **values):
        """False: it has ended."""
        data = values.pop("cut_to", None)
        raw = Frame(frame_name, **values).bytes()
        if data is not None:
            raw = struct.pack("I", data) + raw[4:data]
        try:
            self.socket.send(raw)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def receive(self, timeout):
        """A frame; None: nothing came in time, or it has ended."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(1 << 17)
        except (TimeoutError, BlockingIOError, ConnectionResetError):
            return None
        return Frame.parse(data) if data else None

    def ended(self):
        return self.process.poll() is not None

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Power:
    """power = Power(seed, build); power.run(cuts); power.wrong: what was not as it must be"""

    def __init__(self, seed, build):
        self.random, self.build = random.Random(seed), pathlib.Path(build)
        self.wrong, self.cuts = [], 0
        self.counts = {"confirmed alerts": 0, "confirmed readings": 0, "cuts within the start": 0}

    def run(self, cuts):
        while self.cuts < cuts and not self.wrong:
            self._one_disk(min(LIVES_OF_A_DISK, cuts - self.cuts))

    def _one_disk(self, lives):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="gw-power-", dir=memory) as work:
            work = pathlib.Path(work)
            (work / "state").mkdir()
            ledger, disk = Ledger(self.random), Disk(work / "state")
            for _ in range(lives):
                self._life(work, disk, ledger)
                self.cuts += 1
                if self.wrong:
                    shutil.copytree(work, tempfile.mkdtemp(prefix="gw-power-failed-"), dirs_exist_ok=True)
                    return
                disk = Disk(work / "state")
            self._life(work, disk, ledger, cut=False)
        for name in ("alerts", "readings"):
            self.counts[f"confirmed {name}"] += ledger.counts[name]

    def _life(self, work, disk, ledger, cut=True):
        """From a start to the next power cut."""
        journal = work / "journal"
        journal.unlink(missing_ok=True)
        (work / "mirror").unlink(missing_ok=True)  # it is in memory, as the rings are
        at = self.random.randint(1, self.random.choice([12, ACTS])) if cut else 0
        life = Life(self.build, work / "state", journal, at)
        try:
            if self._start(life, work, ledger):
                self.wrong += ledger.check(life)
                self._work(life, ledger)
            elif not cut:
                self.wrong.append("it does not start")
            else:
                self.counts["cuts within the start"] += 1
        finally:
            life.end()
        for frame in iter(lambda: life.receive(0), None):  # what it had said before it ended
            ledger.heard(frame)
        life.socket.close()
        if cut:
            disk.happened(acts(journal))
            disk.power_cut(self.random)
            self.wrong = [f"cut {self.cuts + 1}, at act {at}: {wrong}" for wrong in self.wrong]

    def _start(self, life, work, ledger):
        life.send("config-begin")
        life.send("store-config", directory=str(work / "state"), mirror=str(work / "mirror"), history_days=30,
                  history_mib=1, batch_ms=20, boot_id=BOOT_ID)
        for slot in range(SENSORS):
            life.send("sensor", slot=slot, kind=1, name=f"sensor-{slot}", room="hall")
        life.send("config-end")
        ledger.begin()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            frame = life.receive(0.2)
            if frame and frame.name == "ready":
                return True
            if frame:
                ledger.heard(frame)
            elif life.ended():
                return False
        self.wrong.append("the store was not ready within 20 s")
        return False

    def _work(self, life, ledger):
        """Random work, in bursts, until the power fails."""
        for _ in range(FRAMES):
            if self.wrong or not ledger.say_something(life):
                return
            if self.random.random() < 0.3:  # it gets time to answer; else the burst goes on
                frame = life.receive(0.02)
                while frame:
                    ledger.heard(frame)
                    frame = life.receive(0)
            if life.ended():
                return
