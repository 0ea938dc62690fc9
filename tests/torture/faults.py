"""What goes wrong, each kind by a thread and a random sequence of its own, all from one seed."""
import contextlib
import os
import signal
import subprocess
import threading
import time

from harness import wait_for
from harness.home import _children
from world import DOORS, WIRED_BUTTONS


class Actor(threading.Thread):
    """Does act() again and again until it is told to end; its error ends the round."""

    def __init__(self, world, random, tally):
        super().__init__(daemon=True)
        self.world, self.random, self.tally = world, random, tally
        self.over, self.error = threading.Event(), None

    def pause(self, least, most):
        """The rhythm of the torture; over at once when the round ends."""
        return self.over.wait(self.random.uniform(least, most))

    def count(self, what):
        self.tally[what] = self.tally.get(what, 0) + 1

    def run(self):
        try:
            while not self.over.is_set():
                self.act()
        except BaseException as error:  # told by end()
            self.error = error
        finally:
            self.mend()

    def act(self):
        raise NotImplementedError

    def mend(self):
        pass

    def end(self):
        self.over.set()
        self.join(60)
        assert not self.is_alive(), f"{type(self).__name__} does not end"
        if self.error:
            raise self.error


def stores(home):
    """The pids of the home's running stores."""
    process = home.process
    run = subprocess.run(["pgrep", "-P", str(process.pid), "-x", "gatewayd-store"], stdout=subprocess.PIPE,
                         check=False) if process else None
    return [int(pid) for pid in run.stdout.split()] if run else []


def stall(pids, meanwhile):
    for number, then in ((signal.SIGSTOP, meanwhile), (signal.SIGCONT, lambda: None)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        then()


class Killer(Actor):
    """SIGKILL to a random process every 0.05 to 2 s; the core is started again as systemd does (RestartSec=1s), or
    sooner. power: the whole hub now and then, with what it had in memory. late: now and then the disk does not answer
    from the start on, for longer than the core waits for it."""

    def __init__(self, *world_random_tally, power=0.0, late=0.0):
        super().__init__(*world_random_tally)
        self.power, self.late = power, late

    def act(self):
        if self.pause(0.05, 2):
            return
        core = self.world.home.process.pid
        if self.random.random() < self.power:
            self.count("power")
            self.world.power_cut(lambda: self._kill_all(core))
            self._start_again()
            return
        victim = self.random.choice([*sorted(_children(core)), core])
        name = self._kill(victim)
        if name:
            self.count(name)
        if victim == core:
            self.world.home.wait_exit()
            self._start_again()

    def _start_again(self):
        self.pause(0, 1.2)
        self.world.home.start(ready=False)
        if self.random.random() < self.late:
            self._stop_the_store()

    def _stop_the_store(self):
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for pid in stores(self.world.home):
                self.count("disk late")
                stall([pid], lambda: self.pause(2.5, 6))
                return

    @staticmethod
    def _kill(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                name = file.read().strip()
            os.kill(pid, signal.SIGKILL)
            return name
        return None

    def _kill_all(self, core):
        children = list(_children(core))
        for pid in (core, *children):
            self._kill(pid)
        self.world.home.wait_exit()
        # Their memory is mapped files too: the ring is read when they have ended.
        wait_for(lambda: all(map(_ended, children)), 30, "the killed workers to end")


def _ended(pid):
    """It has gone, or is a zombie: in a container the first process may wait for nobody."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Links(Actor):
    """The networks: cut or frozen; the platform's broker killed or ended, and started again after a while."""

    def act(self):
        if self.pause(0.5, 4):
            return
        world, what = self.world, self.random.choice(["cut", "freeze", "cut", "freeze", "kill", "stop"])
        if what in ("cut", "freeze"):
            name = self.random.choice(["platform", "home"])
            link = world.platform_link if name == "platform" else world.home_link
            self.count(f"{name} {what}")
            link.cut() if what == "cut" else link.freeze()
            self.pause(0.1, 5)
            link.mend()
        else:
            self.count(f"platform broker {what}")
            world.remote.kill() if what == "kill" else world.remote.stop()
            self.pause(0, 4)
            world.remote.start()

    def mend(self):
        self.world.home_link.mend()
        self.world.platform_link.mend()
        if self.world.remote.process is None:
            self.world.remote.start()


class BadDisk(Actor):
    """The disk is full, is read-only, or does not answer for a while."""

    def act(self):
        if self.pause(3, 10):
            return
        what = self.random.choice(["full", "read-only", "stalled"])
        if what == "stalled":
            self._stall()
        elif self.world.disk.mounted:
            self._full() if what == "full" else self._read_only()
        else:
            self.count("SKIPPED disk full or read-only")

    def _full(self):
        self.count("disk full")
        self.world.disk.fill()
        self.pause(0.5, 6)
        self.world.disk.empty()

    def _read_only(self):
        """The store is killed for it: under an open file no disk can be made read-only by hand."""
        end = time.monotonic() + 3
        while time.monotonic() < end and not self.over.is_set():
            for pid in stores(self.world.home):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self.world.disk.read_only():
                self.count("disk read-only")
                self.pause(0.5, 6)
                self.world.disk.writable()
                return

    def _stall(self):
        self.count("disk stalled")
        stall(stores(self.world.home), lambda: self.pause(0.5, 5))

    def mend(self):
        self.world.disk.empty()


class Fingers(Actor):
    """Wired buttons and the wired door. Slower than the worker's own limit for a line that chatters."""

    def __init__(self, *world_random_tally):
        super().__init__(*world_random_tally)
        self.open = 0

    def act(self):
        if self.random.random() < 0.03:
            self.open = 1 - self.open
            self.world.wires.pull(DOORS[1], self.open)
        self.press(self.random.choice(WIRED_BUTTONS))

    def press(self, name):
        self.world.wired_pulls[name] += 1
        self.world.wires.pull(name, 1)
        self.pause(0.03, 0.15)
        self.world.wires.pull(name, 0)
        self.pause(0.05, 0.3)
