"""Sixty days of a home with twenty sensors, written by the real gatewayd-store, as the core would have it written."""
import ctypes
import os
import pathlib
import random
import select
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.frames import C, STRUCTS, TYPES, Frame, _constants, _source  # noqa: E402

DAYS, DAY = 60, 86_400_000  # log time is in ms
KINDS = {name[5:].lower(): number for name, number in _constants(_source("base", "kinds.h")).items()}
RING = 0x5eed << 32  # an origin's high half names its ring
CHARS = {ctypes.c_uint8: "B", ctypes.c_uint16: "H", ctypes.c_uint32: "I", ctypes.c_uint64: "Q", ctypes.c_int64: "q",
         ctypes.c_double: "d"}
FIELDS = STRUCTS["reading"]._fields_
READING = struct.Struct("<" + "".join(CHARS[kind] for _, kind in FIELDS))
assert READING.size == ctypes.sizeof(STRUCTS["reading"])

ROOMS = ("bedroom", "bathroom", "kitchen", "hall", "living", "store")
# name, kind, room, readings a day (of a level: changes), values
SENSORS = [("bed", "bed", "bedroom", 60, "level"),
           *((f"{room}-door", "contact", room, 120, "level") for room in ("front", "bathroom", "fridge", "balcony")),
           *((f"{room}-motion", "motion", room, 1300, "level") for room in ROOMS),
           ("cord", "button", "bathroom", 1, "press"), ("button", "button", "bedroom", 1, "press"),
           *((f"{room}-temperature", "temperature", room, 1200, "number") for room in ROOMS[:4]),
           *((f"{room}-humidity", "humidity", room, 700, "number") for room in ROOMS[:2]),
           ("kettle-power", "power", "kitchen", 5600, "number")]
DETECTORS = [{"name": "call", "plugin": "call", "buttons": ["cord", "button"]},
             {"name": "bed-night", "plugin": "bed", "bed": "bed", "door": "front-door",
              "motion": [f"{room}-motion" for room in ROOMS]},
             {"name": "bed-morning", "plugin": "bed", "bed": "bed", "up_by": "09:00"},
             {"name": "bath-stay", "plugin": "bath", "door": "bathroom-door", "motion": ["bathroom-motion"],
              "elsewhere": [*(f"{room}-motion" for room in ROOMS if room != "bathroom"), "front-door", "fridge-door",
                            "bed"]},
             {"name": "front", "plugin": "door", "door": "front-door", "bed": "bed",
              "motion": [f"{room}-motion" for room in ROOMS]},
             {"name": "fridge", "plugin": "door", "door": "fridge-door", "back_within": "never"},
             {"name": "balcony", "plugin": "door", "door": "balcony-door", "back_within": "never"},
             {"name": "bathroom", "plugin": "door", "door": "bathroom-door", "open_too_long": "3 h",
              "back_within": "never"}]


def sensors(topic="zigbee2mqtt/{}"):
    return [{"name": name, "kind": kind, "room": room,
             "mqtt": {"topic": topic.format(name), "format": "zigbee2mqtt" if how != "number" else "raw"}}
            for name, kind, room, _, how in SENSORS]


def day(dice, number):
    """Its readings: [(log time, slot, type, value)] in order."""
    found = []
    for slot, (_, _, _, n, how) in enumerate(SENSORS):
        if how == "press" and number % 9 != slot % 9:
            continue
        for i, at in enumerate(sorted(dice.randrange(DAY) for _ in range(n + n % 2 if how == "level" else n))):
            value = 1 if how == "press" else (i + 1) % 2 if how == "level" else round(dice.gauss(20, 4), 1)
            found.append((number * DAY + at, slot, C["GW_EVENT"] if how == "press" else C["GW_VALUE"], value))
    return sorted(found)


class Store:
    """A gatewayd-store of its own; we are its core."""

    def __init__(self, program, directory):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 512 * 1024)
        self.pid = os.posix_spawn(program, [program], os.environ,
                                  file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 3)])
        theirs.close()
        self.stored = 0
        self.take("hello")
        self.send("config-begin")
        self.send("store-config", directory=str(directory), mirror=str(directory / "mirror"), history_days=70,
                  history_mib=256, batch_ms=5000, boot_id="00000000-0000-4000-8000-00000000b007")
        for slot, (name, kind, room, _, _) in enumerate(SENSORS):
            self.send("sensor", slot=slot, kind=KINDS[kind], name=name, room=room)
        self.send("config-end")
        self.take("ready")
        self.send("store-boot", boot=1, raised_once=1, boot_offset=0, wall_minus_log=0, clock=0)

    def send(self, name, /, **values):
        self.socket.send(Frame(name, **values).bytes())

    def receive(self, timeout):
        if not select.select([self.socket], [], [], timeout)[0]:
            return None
        frame = Frame.parse(self.socket.recv(1 << 18))
        if frame.name == "store-done":
            assert not frame.failed, "the store could not write"
            if frame.what == C["STORE_DONE_READINGS"]:
                self.stored = frame.token
        return frame

    def take(self, name):
        while True:
            frame = self.receive(60)
            assert frame, f"no {name} from the store"
            if frame.name == name:
                return frame

    def readings(self, packed, n):
        while self.receive(0):
            pass
        body = struct.pack("<II", n, 0) + packed
        self.socket.send(bytes(STRUCTS["frame_header"](8 + len(body), TYPES["readings"], C["FRAME_VERSION"])) + body)

    def close(self):
        self.socket.close()
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0, "the store ended badly"


def pack(number, one):
    at, slot, kind, value = one
    values = {"id": number, "origin": RING + number, "source_key": 0, "at": at, "value": value, "boot": 1,
              "sensor": slot, "type": kind, "flags": 0}
    return READING.pack(*(values[name] for name, _ in FIELDS))


def write(build, directory, seed=1):
    """Make alerts.db and history.db in the directory; the number of readings in them. All detectors have seen all."""
    dice, store, number = random.Random(seed), Store(str(build / "bin/gatewayd-store"), directory), 0
    for today in range(DAYS):
        readings = day(dice, today)
        for first in range(0, len(readings), C["READINGS_PER_FRAME"]):
            part = readings[first:first + C["READINGS_PER_FRAME"]]
            store.readings(b"".join(pack(number + i + 1, one) for i, one in enumerate(part)), len(part))
            number += len(part)
    for detector in DETECTORS:
        store.send("store-cursor", detector=detector["name"], reading=number, until=readings[-1][0])
    while store.stored < number:
        assert store.receive(60), "no word from the store"
    store.close()
    (directory / "mirror").unlink(missing_ok=True)  # as after a power cut: /run is memory
    return number


if __name__ == "__main__":
    print(write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])), "readings")
