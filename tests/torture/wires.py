"""GPIO lines that a test moves, for the worker of wires.c: a folder as the chip, a FIFO and a level per line."""
import errno
import os
import pathlib
import shutil
import struct
import tempfile
import time

from harness import things

EDGE = struct.Struct("qii")         # struct wire_edge of wires.c
WINDOW = struct.Struct("QQQ64Q")    # struct window of window.c


def window(path):
    """How long edges were in the worker's hands before they were in the ring: (how many, mean, 99 %, longest), ns."""
    n, total, longest, *buckets = WINDOW.unpack(pathlib.Path(path).read_bytes())
    seen = 0
    for power, count in enumerate(buckets):
        seen += count
        if n and seen >= 0.99 * n:
            return n, total // n, min(2 << power, longest), longest
    return 0, 0, 0, 0


class Wires(things.Thing):
    """wires = Wires("bedside"); wires.sensor("bedside", "button"); wires.pull("bedside", 1)"""

    def __init__(self, *names):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.chip = pathlib.Path(tempfile.mkdtemp(prefix="gw-wires-", dir=memory))
        self.unseen = 0  # edges that came while nobody watched the line, or more than the worker took
        for name in names:
            os.mkfifo(self.chip / name)
            (self.chip / f"{name}.level").write_text("0")
        (self.chip / "window").write_bytes(bytes(WINDOW.size))
        things.add(self)

    def sensor(self, name, kind):
        return {"name": name, "kind": kind, "room": "bedroom",
                "gpio": {"chip": str(self.chip), "line": name, "debounce": "0 ms"}}

    def pull(self, name, level):
        with open(self.chip / f"{name}.level", "r+b", buffering=0) as file:
            file.write(b"1" if level else b"0")
        try:
            fifo = os.open(self.chip / name, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            self.unseen += 1
            return
        try:
            os.write(fifo, EDGE.pack(time.monotonic_ns(), level, 0))
        except (BlockingIOError, BrokenPipeError):
            self.unseen += 1
        finally:
            os.close(fifo)

    def level(self, name):
        return (self.chip / f"{name}.level").read_text() == "1"

    def window(self):
        return window(self.chip / "window")

    def clean(self):
        shutil.rmtree(self.chip, ignore_errors=True)
