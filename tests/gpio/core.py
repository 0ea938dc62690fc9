"""Plays the core to a real gatewayd-gpio over a socket pair on its fd 3. Used inside the guest."""
import collections
import os
import pathlib
import re
import select
import signal
import socket
import struct
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "gatewayd/base"


def _enum(header, first):
    """The members of the enum that begins with `first`, numbered."""
    text = re.sub(r"/\*.*?\*/", "", (INCLUDE / header).read_text(), flags=re.S)
    body = re.search(r"enum \w+ \{\s*(" + first + r"\b.*?)\}", text, re.S).group(1)
    numbers, n = {}, 0
    for member in body.split(","):
        name, _, value = (part.strip() for part in member.partition("="))
        n = int(value) if value else n
        if name:
            numbers[name] = n
            n += 1
    return numbers


F = _enum("frame.h", "FRAME_NONE")
NOTE = _enum("frame.h", "NOTE_QOS")
KIND = _enum("kinds.h", "KIND_BED")
BIAS = _enum("frame.h", "BIAS_AS_IS")
VALUE, EVENT, AVAILABILITY = 0, 1, 2
INITIAL, REREAD = 0x01, 0x08
URGENT, REPLAY = 0x01, 0x02
LINE = "48s256s48sHHIII"
READING = struct.Struct("QQQqdIHBB")

Reading = collections.namedtuple("Reading", "slot type value flags at origin urgent replay came")
Note = collections.namedtuple("Note", "slot note value text")
Trouble = collections.namedtuple("Trouble", "subject active alert kind en zh")
Other = collections.namedtuple("Other", "type")


class Failed(AssertionError):
    pass


def now_ms():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000000


def line(name, chip, line, slot, kind="CONTACT", bias="AS_IS", active_low=0, debounce=0):
    return struct.pack(LINE, name.encode(), chip.encode(), str(line).encode(), slot, KIND["KIND_" + kind],
                       BIAS["BIAS_" + bias], active_low, debounce)


def output(name, chip, offset, number, active_low=0):
    return struct.pack("48s", name.encode()) + line(name, chip, offset, number, "STATE", active_low=active_low)


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
        self.wait(lambda event: event == Other(F["FRAME_HELLO"]), "HELLO")

    def send(self, name, body=b""):
        self.socket.send(struct.pack("IHH", 8 + len(body), F[name], 1) + body)

    def configure(self, lines=(), outputs=()):
        self.send("FRAME_CONFIG_BEGIN")
        self.send("FRAME_GPIO_CONFIG", struct.pack("256s", self.ring_dir.encode()))
        for item in lines:
            self.send("FRAME_GPIO_LINE", item)
        for item in outputs:
            self.send("FRAME_OUTPUT", item)
        self.send("FRAME_CONFIG_END")

    def ready(self, lines=(), outputs=()):
        self.configure(lines, outputs)
        self.wait(lambda event: event == Other(F["FRAME_READY"]), "READY")

    def confirm(self, origin, urgent):
        self.send("FRAME_CONFIRM", struct.pack("QQII", origin, origin, urgent, 0))

    def receive(self, timeout):
        """Take what is there, waiting for the first of it. False: nothing came."""
        if not select.select([self.socket], [], [], max(0, timeout))[0]:
            return False
        frame = self.socket.recv(65536)
        if not frame:
            raise Failed("the worker has closed its end")
        came = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        length, kind, version = struct.unpack_from("IHH", frame)
        if length != len(frame) or version != 1:
            raise Failed(f"a frame of {len(frame)} bytes says {length}, version {version}")
        if kind == F["FRAME_READINGS"]:
            self._readings(frame, came)
        elif kind == F["FRAME_SENSOR_NOTE"]:
            slot, note, value, text = struct.unpack_from("HHI256s", frame, 8)
            self.events.append(Note(slot, note, value, text.rstrip(b"\0").decode()))
        elif kind == F["FRAME_TROUBLE"]:
            subject, active, alert, what, en, zh = struct.unpack_from("48sII48s200s200s", frame, 8)
            text = [field.split(b"\0")[0].decode() for field in (subject, what, en, zh)]
            self.events.append(Trouble(text[0], active, alert, *text[1:]))
        else:
            self.events.append(Other(kind))
        return True

    def _readings(self, frame, came):
        n, flags = struct.unpack_from("II", frame, 8)
        for i in range(n):
            _, origin, _, at, value, _, slot, kind, bits = READING.unpack_from(frame, 16 + i * READING.size)
            self.events.append(Reading(slot, kind, value, bits, at, origin, bool(flags & URGENT),
                                       bool(flags & REPLAY), came))
        if self.confirming:
            self.confirm(self.events[-1].origin, bool(flags & URGENT))

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
        return [e for e in self.events if isinstance(e, Note) and e.slot == slot and e.note == NOTE[note]]

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
