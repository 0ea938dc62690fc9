#!/usr/bin/env python3
"""gateway_scenarios.py NAME BUILD WORKER: one scenario with the whole gateway inside the guest: BUILD's gatewayd and
workers, but WORKER as its gatewayd-gpio, on real kernel lines; a real mosquitto is the platform's. Exit 0: what the
function's name promises is so."""
import os
import pathlib
import random
import signal
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "torture")]
from harness import Broker, Home, Platform, schema, things, wait_for  # noqa: E402
from harness.home import _children  # noqa: E402
from journal import Journal, presses  # noqa: E402
from sim import Chip  # noqa: E402
from wires import WINDOW, window  # noqa: E402

NAMES = ["call", "bed", "door", "light"]
CALL, BED, DOOR, LIGHT = range(4)
WITHIN = 1.0        # s from the edge to the platform
UNPLUG_SEEN = 15    # s: the kernel may not tell, then the periodic look finds it
BACK = 20           # s for a process that was killed to be back


def gpio(name, kind, **more):
    return {"name": name, "kind": kind, "room": "bedroom", "gpio": {"chip": "hub", "line": name, **more}}


SENSORS = [gpio("call", "button", debounce="10 ms"), gpio("bed", "bed", debounce="20 ms"), gpio("door", "contact")]
DETECTORS = [{"name": "call", "plugin": "call", "buttons": ["call"]},
             {"name": "bed", "plugin": "bed", "bed": "bed"},
             {"name": "door", "plugin": "door", "door": "door", "open_too_long": "1 s", "back_within": "never"}]
OUTPUTS = [{"name": "help-light", "gpio": {"chip": "hub", "line": "light"}, "shows": "acknowledged"}]


class House:
    """A chip with three wired sensors and a light, the gateway, the platform's broker and desk."""

    def __init__(self, accept=True, sensors=SENSORS):
        self.chip = Chip("hub", NAMES).plug()
        self.remote = Broker()
        self.desk = Platform(self.remote, accept=accept)
        self.home = Home(None, self.remote, sensors=sensors, detectors=DETECTORS, outputs=OUTPUTS, build=folder())

    def start(self):
        self.home.start()
        self.desk.status(online=True)
        return self

    def sensor(self, name):
        return next(row for row in self.home.ctl("sensors")["sensors"] if row["name"] == name)

    def wait_sensor(self, name, deadline=10, **wanted):
        wait_for(lambda: wanted.items() <= self.sensor(name).items(), deadline,
                 lambda: f"{name} to be {wanted}; it is {self.sensor(name)}")

    def calls(self):
        """Presses that the platform knows of: an alert counts until a person takes it."""
        counts = {}
        for alert in self.desk.alerts(kind="call"):
            counts[alert["id"]] = max(alert["count"], counts.get(alert["id"], 0))
        return sum(counts.values())

    def tap(self):
        self.chip.pull(CALL, 1)
        time.sleep(0.05)  # a person's press is longer than the debounce
        self.chip.pull(CALL, 0)
        time.sleep(0.05)

    def press(self):
        """One press; the emergency must be at the platform within a second. Seconds it took, the alert."""
        known, began = self.calls(), time.monotonic()
        self.tap()
        wait_for(lambda: self.calls() > known, 10, "the press to reach the platform")
        message = next(m for m in reversed(self.desk.snapshot()) if "/alert/emergency/call" in m.topic)
        took = message.at - began
        check(took < WITHIN, f"the press took {took:.3f} s to the platform")
        check(self.calls() == known + 1, f"one press became {self.calls() - known}")
        return took, message.json()

    def all_fits_the_schema(self):
        for message in self.desk.snapshot():
            if "/home/" in message.topic and "/cmd/" not in message.topic:
                schema.check(message.topic, message.payload)


def check(truth, what):
    if not truth:
        raise AssertionError(what)


def folder():
    """BUILD as it is, but with WORKER in it."""
    build, worker = map(pathlib.Path, sys.argv[2:4])
    mixed = pathlib.Path("/tmp/gateway")
    (mixed / "bin").mkdir(parents=True)
    (mixed / "plugins").symlink_to(build / "plugins")
    for program in (build / "bin").iterdir():
        (mixed / "bin" / program.name).symlink_to(worker if program.name == "gatewayd-gpio" else program)
    return mixed


def press_is_an_emergency_at_the_platform_within_a_second():
    house = House().start()
    took, alert = house.press()
    check((alert["class"], alert["state"], alert["count"]) == ("emergency", "raised", 1), f"{alert}")
    check((alert["detector"], alert["room"], alert["test"]) == ("call", "bedroom", False), f"{alert}")
    check([(e["sensor"], e.get("initial", False)) for e in alert["evidence"]] == [("call", False)], f"{alert}")
    check(alert["text"]["en"] and alert["text"]["zh"], f"{alert}")
    again = [house.press()[0] for _ in range(4)]
    print(f"measured: press to alert at the platform {1000 * took:.1f} ms, then "
          f"{', '.join(f'{1000 * one:.1f}' for one in again)} ms")
    house.all_fits_the_schema()


def levels_are_followed_and_alarm_by_their_limits():
    house = House()
    house.chip.pull(DOOR, 1)  # already open when the gateway starts
    house.start()
    house.wait_sensor("door", value=1, available="ok")
    told = house.desk.wait_alert(kind="door-open", state="raised")
    check([(e["sensor"], e["value"], e["initial"]) for e in told["evidence"]][:1] == [("door", 1, True)], f"{told}")
    check(told["limit"] == "1 s", f"{told}")
    house.wait_sensor("bed", value=0, available="ok")
    house.chip.pull(BED, 1)
    house.wait_sensor("bed", value=1)
    house.chip.pull(BED, 0)
    house.wait_sensor("bed", value=0)
    house.chip.pull(DOOR, 0)
    house.desk.wait_alert(kind="door-open", state="cleared")
    house.all_fits_the_schema()


def unplugged_chip_is_told_and_its_sensors_come_back():
    house = House().start()
    house.press()
    house.chip.unplug()
    for name in ("call", "bed", "door"):
        house.wait_sensor(name, UNPLUG_SEEN, available="lost")
    told = house.desk.wait_alert(UNPLUG_SEEN, class_="technical", kind="gpio-chip", state="raised")
    check("hub" in told["text"]["en"] and "hub" in told["text"]["zh"], f"{told}")
    house.chip.plug()
    house.chip.pull(DOOR, 1)
    for name in ("call", "bed", "door"):
        house.wait_sensor(name, 2 * UNPLUG_SEEN, available="ok")
    house.wait_sensor("door", value=1)
    house.desk.wait_alert(UNPLUG_SEEN, id=told["id"], state="cleared")
    house.press()
    house.all_fits_the_schema()


def press_after_a_kill_is_seen_and_levels_are_right():
    house = House().start()
    house.press()
    for kill in (lambda: os.kill(house.home.worker("gpio"), signal.SIGKILL), house.home.kill):
        for i in range(6):
            house.tap()
            if i == 3:
                kill()
                level = 1 - int(house.chip.value(DOOR))
                house.chip.pull(DOOR, level)  # nobody looks
        if house.home.process is None:
            house.home.start()
        # A worker that is back tells its first levels: the door's is the new one, as nobody saw it change.
        house.wait_sensor("door", BACK, value=level, available="ok")
        wait_for(lambda: house.home.ctl("status")["outbox"] == 0, BACK, "the presses before to be at the platform")
        house.press()
        check(house.sensor("call")["value"] == 0, f"{house.sensor('call')}")
    house.all_fits_the_schema()


def every_press_in_the_ring_is_told_once_whoever_is_killed():
    """Half a minute of presses while a random process, the core included, gets SIGKILL again and again."""
    measured = pathlib.Path("/tmp/window")
    measured.write_bytes(bytes(WINDOW.size))
    # Without a debounce, which on the older interface would be the most of what is measured.
    house = House(sensors=[gpio("call", "button", debounce="0 ms"), *SENSORS[1:]])
    house.home.environment["GPIO_WINDOW"] = str(measured)
    house.start()
    journal = Journal(house.home.run_dir / "gpio-urgent.ring")
    dice, kills, taps = random.Random(5), {}, 150

    def kill_one():
        core = house.home.process.pid
        victim = dice.choice([*sorted(_children(core)), core])
        name = pathlib.Path(f"/proc/{victim}/comm").read_text(encoding="ascii").strip()
        kills[name] = kills.get(name, 0) + 1
        os.kill(victim, signal.SIGKILL)
        if victim == core:
            house.home.wait_exit()
            house.home.start(ready=False)

    def in_ring():
        journal.read()
        return len(presses(journal.readings, 0))

    def seen():
        before = in_ring()
        house.tap()
        return in_ring() > before

    for _ in range(taps):
        house.tap()
        if dice.random() < 0.15:
            kill_one()
    wait_for(seen, 60, "a press that is seen again")
    wait_for(lambda: house.calls() >= in_ring(), 60, lambda: f"{in_ring()} presses; {house.calls()} were told")
    wait_for(lambda: house.home.ctl("status")["outbox"] == 0, BACK, "an empty outbox")
    check(journal.missed == 0, f"{journal.missed} readings were not seen")
    check(house.calls() == in_ring(), f"{in_ring()} presses in the ring, {house.calls()} told")
    check(in_ring() > taps / 5, f"only {in_ring()} of {taps} presses were seen")
    print(f"measured: {taps} presses, {in_ring()} in the ring, {house.calls()} told; killed: {kills}")
    if window(measured)[0]:
        print("measured: from before an edge is read to the ring: {} edges, mean {} ns, 99 % below {}, longest {}"
              .format(*window(measured)))
    journal.stop()
    house.all_fits_the_schema()


def light_says_help_knows_only_after_a_persons_ack():
    house = House().start()
    seen = []

    def lit():
        seen.append(house.chip.value(LIGHT))
        return seen[-1] == 1

    _, alert = house.press()
    house.desk.wait_message("/open", lambda m: [a["state"] for a in m.json()["alerts"]] == ["accepted"])
    check(house.home.ctl_run("ack", alert["id"], "--by", "neighbour").returncode == 0, "a local ack is taken")
    wait_for(lambda: "local-ack" in house.desk.alerts(id=alert["id"])[-1]["flags"], 10, "the local ack")
    house.chip.pull(DOOR, 1)  # something later has gone all the way, so that the light has had its time
    house.desk.wait_alert(kind="door-open", state="raised")
    check(not lit(), "delivered, accepted and locally acknowledged is no person's word")
    house.desk.ack(house.desk.alerts(id=alert["id"])[-1], by="Li")
    wait_for(lit, 5, "the light")
    taken = house.desk.wait_alert(id=alert["id"], state="acknowledged")
    check(taken["by"] == "Li", f"{taken}")
    house.desk.close_alert(taken)
    wait_for(lambda: not lit(), 5, "the light to go out")
    check(seen.count(1) > 0 and seen[0] == 0, f"{seen}")
    house.all_fits_the_schema()


def call_line_that_is_active_at_boot_is_an_emergency():
    house = House()
    house.chip.pull(CALL, 1)
    began = time.monotonic()
    house.start()
    alert = house.desk.wait_alert(class_="emergency", state="raised")
    took = time.monotonic() - began
    check(alert["kind"] == "call-line-active", f"{alert}")
    check([(e["sensor"], e["initial"]) for e in alert["evidence"]][:1] == [("call", True)], f"{alert}")
    check(took >= 2, f"a line settles for 2 s, this one alarmed after {took:.3f} s")
    check(house.calls() == 0, "a level is no press")
    print(f"measured: call line active at boot, alarm {took:.2f} s after the start")
    house.all_fits_the_schema()


def main():
    status = 0
    try:
        globals()[sys.argv[1]]()
    except BaseException:
        traceback.print_exc()
        print(things.story())
        status = 1
    try:
        things.close()
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
