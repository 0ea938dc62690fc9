"""Plays the core to a real gatewayd-gpio over a socket pair on its fd 3. Used inside the guest."""
import collections
import os
import pathlib
import select
import signal
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import frames  # noqa: E402
from harness.frames import C, Frame  # noqa: E402

KINDS = {name[5:].lower(): number for name, number in frames._constants(frames._source("base", "kinds.h")).items()}
VALUE, AVAILABILITY, INITIAL, REREAD = C["GW_VALUE"], C["GW_AVAILABILITY"], C["GW_INITIAL"], C["GW_REREAD"]

Reading = collections.namedtuple("Reading", "slot type value flags at origin urgent replay came")
Note = collections.namedtuple("Note", "slot note value text")
Trouble = collections.namedtuple("Trouble", "subject active alert kind en zh")
Other = collections.namedtuple("Other", "name")


class Failed(AssertionError):
    pass


def now_ms():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000


def line(name, chip, line, slot, kind="contact", bias="AS_IS", active_low=0, debounce=0):
    """A sensor's line, or an output's, as the core would send it."""
    return {"sensor": name, "chip": chip, "line": str(line), "slot": slot, "kind": KINDS[kind],
            "bias": C["BIAS_" + bias], "active_low": active_low, "debounce_ms": debounce}


def output(name, chip, offset, number, active_low=0):
    return {"name": name, "line": line(name, chip, offset, number, "state", active_low=active_low)}


class Core:
    def __init__(self, executable, ring_dir="/run/gatewayd", confirming=True):
        self.executable, self.ring_dir, self.confirming = executable, ring_dir, confirming
        os.makedirs(ring_dir, exist_ok=True)
        self.events, self.seen = [], {}
        self.start()

    def start(self):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 512 * 1024)
        self.pid = os.posix_spawn(self.executable, [self.executable], os.environ,
                                  file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 3)])
        theirs.close()
        self.wait(lambda event: event == Other("hello"), "HELLO")

    def send(self, name, /, **values):
        self.socket.send(Frame(name, **values).bytes())

    def configure(self, lines=(), outputs=()):
        self.send("config-begin")
        self.send("gpio-config", ring_dir=self.ring_dir)
        for item in lines:
            self.send("gpio-line", **item)
        for item in outputs:
            self.send("output", **item)
        self.send("config-end")

    def ready(self, lines=(), outputs=()):
        self.configure(lines, outputs)
        self.wait(lambda event: event == Other("ready"), "READY")

    def confirm(self, origin, urgent):
        self.send("confirm", durable=origin, handled=origin, urgent=urgent)

    def receive(self, timeout):
        """Take what is there, waiting for the first of it. False: nothing came."""
        if not select.select([self.socket], [], [], max(0, timeout))[0]:
            return False
        data = self.socket.recv(65536)
        if not data:
            raise Failed("the worker has closed its end")
        came = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        frame = Frame.parse(data)
        if frame.name == "readings":
            self._readings(frame.body, came)
        elif frame.name == "sensor-note":
            self.events.append(Note(frame.slot, frame.note, frame.value, frame.text))
        elif frame.name == "trouble":
            self.events.append(Trouble(frame.subject, frame.active, frame.alert, frame.kind, frame.text_en,
                                       frame.text_zh))
        else:
            self.events.append(Other(frame.name))
        return True

    def _readings(self, body, came):
        urgent, replay = body.flags & C["READINGS_URGENT"], body.flags & C["READINGS_REPLAY"]
        for one in body.reading[:body.n]:
            self.events.append(Reading(one.sensor, one.type, one.value, one.flags, one.at, one.origin, bool(urgent),
                                       bool(replay), came))
        if self.confirming:
            self.confirm(self.events[-1].origin, 1 if urgent else 0)

    def wait(self, wanted, what, timeout=5):
        """The next event that is wanted. What was waited for is passed over the next time, with all before it of the
        same sensor (of the same class, for what is not a reading)."""
        deadline, at = time.monotonic() + timeout, 0
        while True:
            while at < len(self.events):
                event, at = self.events[at], at + 1
                about = getattr(event, "slot", None), type(event)
                if at > self.seen.get(about, 0) and wanted(event):
                    self.seen[about] = at
                    return event
            if not self.receive(deadline - time.monotonic()) and time.monotonic() >= deadline:
                raise Failed(f"{what} did not come within {timeout} s; came: {self.events[-20:]}")

    def reading(self, slot, kind, value, timeout=5):
        return self.wait(lambda e: isinstance(e, Reading) and e.slot == slot and e.type == kind and e.value == value,
                         f"slot {slot} type {kind} value {value}", timeout)

    def trouble(self, kind, active, timeout=5):
        return self.wait(lambda e: isinstance(e, Trouble) and e.kind == kind and e.active == active,
                         f"trouble {kind} {active}", timeout)

    def quiet(self, seconds):
        """Everything that comes within this time."""
        before, deadline = len(self.events), time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.receive(deadline - time.monotonic())
        return self.events[before:]

    def readings(self, slot=None):
        return [e for e in self.events if isinstance(e, Reading) and slot in (None, e.slot)]

    def levels(self, slot):
        return [e for e in self.readings(slot) if e.type == VALUE]

    def notes(self, slot, note):
        return [e for e in self.events if isinstance(e, Note) and e.slot == slot and e.note == C[note]]

    def signal(self, number):
        os.kill(self.pid, number)

    def reap(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self):
        self.signal(signal.SIGKILL)
        self.reap()
        self.socket.close()
        self.events, self.seen = [], {}

    def close(self):
        """The core goes away: the worker has to end by itself."""
        self.socket.close()
        return self.reap()
