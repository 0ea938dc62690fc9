"""What the tests of whole homes share: a flat with a cord and a front door, its broker, the platform's, and desks whose
every message must fit etc/asyncapi.yaml when the test ends."""
import json
import os
import shutil
import signal
import unittest

from harness import Broker, Home, Platform, wait_for
from harness.home import _children
from harness.schema import check

PRESS = '{"action": "single", "battery": 97, "linkquality": 120}'


def button(name, room="bathroom"):
    return {"name": name, "kind": "button", "room": room,
            "mqtt": {"topic": f"zigbee2mqtt/{name}", "format": "zigbee2mqtt"}}


def door(name, room="hall"):
    return {"name": name, "kind": "contact", "room": room,
            "mqtt": {"topic": f"zigbee2mqtt/{name}", "format": "zigbee2mqtt"}}


def call(name, *buttons, **settings):
    return {"name": name, "plugin": "call", "buttons": list(buttons), **settings}


def open_long(name, sensor, limit):
    """A door detector that looks at nothing but how long the door is open."""
    return {"name": name, "plugin": "door", "door": sensor, "open_too_long": limit, "back_within": "never"}


class Flat(unittest.TestCase):
    """self.make() gives self.local, self.remote, self.desk, self.devices, self.home (not started)."""

    def setUp(self):
        self.desks = []

    def tearDown(self):
        for desk in self.desks:
            self.assert_fits(desk)
            self.assert_consistent(desk)

    def make(self, local=None, remote=None, sensors=None, detectors=None, accept=True, **how):
        self.local = local or Broker(persistence=True)
        self.remote = remote or Broker(persistence=True)
        self.desk = self.make_desk(self.remote, accept=accept)
        self.devices = Platform(self.local, client_id="devices")
        self.home = Home(self.local, self.remote,
                         sensors=[button("cord"), door("front")] if sensors is None else sensors,
                         detectors=[call("call", "cord"), open_long("front-open", "front", "1 s")]
                         if detectors is None else detectors, **how)
        return self.home

    def make_desk(self, broker, **how):
        desk = Platform(broker, clean=False, **{"client_id": f"desk-{len(self.desks)}", **how})
        self.desks.append(desk)
        return desk

    # ---- the devices ----

    def press(self, name="cord", n=None):
        """One press. n makes its payload unlike the others', as a device's counter does."""
        payload = PRESS if n is None else json.dumps({"action": "single", "n": n})
        self.devices.publish(f"zigbee2mqtt/{name}", payload)

    def set_door(self, is_open, name="front", retain=True):
        self.devices.publish(f"zigbee2mqtt/{name}", json.dumps({"contact": not is_open}), retain=retain)

    # ---- the hub ----

    def power_cut(self):
        """Everything stops at once, and what was in memory is gone."""
        children = list(_children(self.home.process.pid))
        for pid in [self.home.process.pid, *children]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was ending just now
        self.home.wait_exit()
        self.forget_memory()

    def forget_memory(self):
        """The run directory is in memory; the gateway is not running."""
        shutil.rmtree(self.home.run_dir)
        self.home.run_dir.mkdir()

    # ---- what the gateway says ----

    def alerts_at_home(self, **wanted):
        return [alert for alert in self.home.ctl("alerts")["alerts"]
                if all(alert.get(key.rstrip("_")) == value for key, value in wanted.items())]

    def wait_status(self, deadline=10, **wanted):
        """gatewayctl status, when it says what is wanted."""
        def says():
            status = self.home.ctl("status")
            return all(status.get(key) == value for key, value in wanted.items()) and status
        return wait_for(says, deadline, lambda: f"status with {wanted}; it is {self.home.ctl('status')}")

    def wait_sensor(self, name, deadline=10, **wanted):
        def says():
            sensor = next(s for s in self.home.ctl("sensors")["sensors"] if s["name"] == name)
            return all(sensor.get(key) == value for key, value in wanted.items()) and sensor
        return wait_for(says, deadline, lambda: f"{name} with {wanted}; it is {self.home.ctl('sensors')}")

    def requests(self, desk=None):
        """The service requests that came to the desk."""
        return [m.json() for m in (desk or self.desk).snapshot() if "/request/" in m.topic]

    def presses_told(self, desk=None, **wanted):
        """How many presses the desk knows of: over all alerts, the highest count."""
        return self.counted((desk or self.desk).alerts(**wanted))

    @staticmethod
    def counted(alerts):
        highest = {}
        for alert in alerts:
            highest[alert["id"]] = max(highest.get(alert["id"], 0), alert["count"])
        return sum(highest.values())

    def wait_presses(self, n, deadline=30, desk=None, **wanted):
        wait_for(lambda: self.presses_told(desk, **wanted) >= n, deadline,
                 lambda: f"{n} presses; {self.presses_told(desk, **wanted)} were told")
        self.assertEqual(self.presses_told(desk, **wanted), n)

    # ---- what must always hold ----

    def assert_fits(self, desk):
        for message in desk.snapshot():
            if message.payload:
                check(message.topic, message.payload)

    def assert_consistent(self, desk):
        """Doubles are told by (id, rev): the same pair never says another thing, and a later one never says less."""
        known = {}
        for alert in desk.alerts() + self.requests(desk):
            said = tuple(alert[key] for key in ("state", "count", "kind", "class", "key", "episode"))
            self.assertEqual(known.setdefault((alert["id"], alert["rev"]), said), said,
                             f"{alert['id']} rev {alert['rev']} says two things")
        for (id_, rev), said in known.items():
            for (other, later), says in known.items():
                if other == id_ and later > rev:
                    self.assertGreaterEqual(says[1], said[1], f"{id_}: count falls from rev {rev} to {later}")
