#!/usr/bin/env python3
"""gpio_inside.py latency|storm BUILD WORKER API: what tests/bench/run measures inside the test kernel, by its clock:
from before a line is pulled to the alert at a subscriber of the platform's broker. Without debounce, which is a time
that the technician chose and not one that the gateway takes. The last line is a JSON object."""
import json
import pathlib
import sys
import threading
import time

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "gpio")]
from gateway_scenarios import folder, gpio  # noqa: E402
from harness import Broker, Home, Platform, things, wait_for  # noqa: E402
from sim import Chip  # noqa: E402

BUTTONS = 8  # each with a detector of its own: one that raises two alerts a second is taken for broken
PRESSES, EVERY = 200, 0.08
EDGES_A_SECOND, SECONDS = 1000, 60
DOOR = BUTTONS


class Bench:
    def __init__(self):
        names = [f"call{i}" for i in range(BUTTONS)]
        self.chip = Chip("hub", [*names, "door"]).plug()
        self.remote = Broker()
        self.desk = Platform(self.remote)
        self.home = Home(None, self.remote, build=folder(),
                         sensors=[*(gpio(name, "button", debounce="0 ms") for name in names),
                                  gpio("door", "contact", debounce="0 ms")],
                         detectors=[*({"name": name, "plugin": "call", "buttons": [name]} for name in names),
                                    {"name": "door", "plugin": "door", "door": "door", "back_within": "never"}])
        self.home.start()
        self.desk.status(online=True)
        self.pressed = 0

    def press(self):
        """ms from before the pull to the alert; a person takes it at once, so that the next is a new one."""
        name, line = f"call{self.pressed % BUTTONS}", self.pressed % BUTTONS
        self.pressed += 1
        self.desk.forget()
        began = time.monotonic()
        self.chip.pull(line, 1)
        with self.desk._lock:
            came = self.desk._lock.wait_for(lambda: self.mine(name), 10)
        assert came, f"press {self.pressed} never came"
        self.desk.close_alert(came.json(), by="bench")
        time.sleep(EVERY / 2)
        self.chip.pull(line, 0)
        time.sleep(EVERY / 2)
        return (came.at - began) * 1000

    def mine(self, name):
        for message in self.desk.messages:
            if "/alert/emergency/call" in message.topic:
                alert = message.json()
                if alert["detector"] == name and alert["state"] == "raised":
                    return message
        return None


def latency(bench):
    took = sorted(bench.press() for _ in range(PRESSES))
    return {"n": PRESSES, "p50_ms": took[PRESSES // 2], "p99_ms": took[PRESSES * 99 // 100], "max_ms": took[-1]}


def storm(bench):
    """A line that changes a thousand times a second, its level at the end, and presses beside it all the while."""
    took, edges, ended = [], 0, threading.Event()

    def presses():
        while not ended.wait(2):
            took.append(bench.press())

    beside = threading.Thread(target=presses)
    beside.start()
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        edges += 1
        bench.chip.pull(DOOR, edges % 2)
        time.sleep(max(0.0, began + edges / EDGES_A_SECOND - time.monotonic()))
    seconds = time.monotonic() - began
    level = edges % 2
    ended.set()
    beside.join()

    def row():
        return next(row for row in bench.home.ctl("sensors")["sensors"] if row["name"] == "door")

    last = row()
    while True:  # until nothing more comes
        time.sleep(2)
        now = row()
        if now["readings"] == last["readings"]:
            break
        last = now
    wrong = int(now["value"] != level)
    for level in (1 - level, level):
        bench.chip.pull(DOOR, level)
        wait_for(lambda: row()["value"] == level, 10, "the line to be followed after the storm")
    said = [line for line in bench.home.log().splitlines() if "lost in the kernel" in line]
    told = f"{now['lines_lost']} counted as lost" + (f"; its log says: {said[0][3:]}" if said else "")
    return {"edges": edges, "seconds": seconds, "readings": now["readings"], "wrong": wrong, "told": told,
            "press_ms": max(took)}


def main():
    bench = Bench()
    result = {"latency": latency, "storm": storm}[sys.argv[1]](bench)
    things.close()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
