"""What was ever written to a source's ring: read from the file itself, entry by entry, before places are used again."""
import contextlib
import ctypes
import os
import re
import struct
import threading

from harness import frames, paths

HEADER = struct.Struct("8Q")  # struct ring_header: magic, entry_size, capacity, boot, head, tail, reserved
ENTRY_SIZE = 64               # struct ring_entry
EVERY = 0.1                   # s between two readings


def _constant(*path):
    text = (paths.ROOT.joinpath(*path[:-1])).read_text(encoding="utf-8")
    return int(re.search(path[-1], text)[1], 0)


MAGIC = _constant("gatewayd", "base", "ring.c", r"RING_MAGIC UINT64_C\((\w+)\)")


class Journal:
    """journal = Journal(run_dir / "gpio-urgent.ring"); journal.readings: all that were put, in order"""

    def __init__(self, path):
        self.path, self.readings, self.missed = path, [], 0
        self.rings = {}   # name of the ring: (origin read last, youngest that is dealt with)
        self._lock, self._end = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        while not self._end.wait(EVERY):
            self.read()

    def stop(self):
        self._end.set()
        self._thread.join()
        self.read()

    def read(self):
        with self._lock, contextlib.suppress(FileNotFoundError):
            with open(self.path, "rb") as file:
                self._take(file.fileno())

    def _take(self, fd):
        header = os.pread(fd, HEADER.size, 0)
        if len(header) < HEADER.size:
            return
        magic, entry_size, capacity, _, head, tail, _, _ = HEADER.unpack(header)
        if magic != MAGIC or entry_size != ENTRY_SIZE:
            return  # being made
        name = head >> 32
        last = self.rings.get(name, (name << 32, 0))[0]
        if head - last > capacity:
            self.missed += head - last - capacity
            last = head - capacity
        for origin in range(last + 1, head + 1):
            data = os.pread(fd, ENTRY_SIZE, HEADER.size + (origin & (capacity - 1)) * ENTRY_SIZE)
            reading = frames.STRUCTS["reading"].from_buffer_copy(data[:ctypes.sizeof(frames.STRUCTS["reading"])])
            if reading.origin == origin:
                self.readings.append(reading)
            else:
                self.missed += 1
        self.rings[name] = (head, tail)


def presses(readings, slot):
    """The readings of this sensor that are a call, by the rule of the plugin "call": an event, or a line that goes from
    released to held (a level found so is none)."""
    found, held = [], False
    constants = frames.C
    for reading in readings:
        if reading.sensor != slot:
            continue
        if reading.type == constants["GW_EVENT"] and reading.value == constants["GW_EVENT_PRESS"]:
            found.append(reading)
        elif reading.type == constants["GW_VALUE"]:
            state_only = reading.flags & (constants["GW_INITIAL"] | constants["GW_RETAINED"])
            if reading.value and not held and not state_only:
                found.append(reading)
            held = bool(reading.value)
        elif reading.type == constants["GW_AVAILABILITY"] and not reading.value:
            held = False
    return found
