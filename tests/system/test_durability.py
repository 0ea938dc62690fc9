"""Nothing that the gateway took is lost: killed at any moment, without power, with a damaged, full or dead disk.

GATEWAYD_TORTURE="seed seconds" makes Torture longer or other: GATEWAYD_TORTURE="7 120"."""
import os
import random
import signal
import time
import unittest

from flat import Flat, button, call, door, open_long
from harness import Broker, wait_for
from harness.home import _children


class Torture(Flat):
    def setUp(self):
        super().setUp()
        seed, seconds = os.environ.get("GATEWAYD_TORTURE", "1 20").split()
        self.random, self.seconds, self.kills = random.Random(int(seed)), float(seconds), {}
        self.make(local=Broker(persistence=True, max_queued=0), remote=Broker(persistence=True, max_queued=0),
                  sensors=[button("cord"), button("last"), door("front")],
                  detectors=[call("call", "cord", "last"), open_long("front-open", "front", "2 s")])

    def kill_one(self):
        """A random process of the gateway; the core is started again as systemd does."""
        core = self.home.process.pid
        victims = sorted(_children(core)) + [core]
        victim = self.random.choice(victims)
        try:
            with open(f"/proc/{victim}/comm", encoding="ascii") as file:
                name = file.read().strip()
            os.kill(victim, signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            return
        self.kills[name] = self.kills.get(name, 0) + 1
        if victim == core:
            self.home.wait_exit()
            self.home.start(ready=False)

    def a_person_answers(self):
        open_calls = [alert for alert in self.desk.alerts(kind="call", key="cord", state="raised")]
        if open_calls:
            self.desk.ack(open_calls[-1])

    def stream(self):
        """Presses, each with its PUBACK, while processes die; how many."""
        presses, end, next_kill = 0, time.monotonic() + self.seconds, time.monotonic() + 0.5
        is_open = False
        while time.monotonic() < end:
            self.press(n=presses)
            presses += 1
            if self.random.random() < 0.1:
                self.a_person_answers()
            if self.random.random() < 0.02:
                is_open = not is_open
                self.set_door(is_open)
            if time.monotonic() > next_kill:
                self.kill_one()
                next_kill = time.monotonic() + self.random.uniform(0.05, 1.5)
            time.sleep(self.random.uniform(0.01, 0.1))  # the rhythm of the stream, nothing waits for it
        return presses

    def test_every_press_is_counted_exactly_once_whoever_is_killed(self):
        self.home.start()
        self.desk.status(online=True)
        presses = self.stream()
        wait_for(lambda: self.presses_told(key="cord") >= presses, 75,
                 lambda: f"{presses} presses, {self.presses_told(key='cord')} told; killed: {self.kills}")
        self.press("last")  # the same way as all before it: what still was under way is there when this one is
        self.desk.wait_alert(key="last", deadline=75)
        self.wait_status(30, outbox=0)
        self.assertEqual(self.presses_told(key="cord"), presses, f"killed: {self.kills}")
        self.assertGreater(sum(self.kills.values()), self.seconds / 3)


if __name__ == "__main__":
    unittest.main()
