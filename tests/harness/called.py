"""A home in which somebody may press the call button at any time: what every fault is tested beside."""
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from . import schema, things
from .broker import Broker
from .home import Home
from .paths import BUILD
from .platform import Platform
from .wait import wait_for

BUTTON = {"name": "call", "kind": "button", "room": "bathroom", "mqtt": {"topic": "zigbee2mqtt/call",
                                                                         "format": "zigbee2mqtt"}}
CALL = {"name": "call", "plugin": "call", "buttons": ["call"]}
WITHIN = 1.0  # seconds from the press to the platform


def contact(name, **more):
    return {"name": name, "kind": "contact", "room": "hall", "mqtt": {"topic": f"z/{name}", "format": "raw"}, **more}


SYNCED = """#!/bin/sh
# gatewayd sees a clock that is synchronised, whatever this machine says.
exec unshare {map} -m sh -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/timesync &&
    touch /run/systemd/timesync/synchronized && exec "$0" "$@"' {gatewayd} "$@"
"""


class Folder(things.Thing):
    """A build directory whose plugins are those of `build` and its fault plugins together.

    synced    the gateway's clock is synchronised; a test is skipped where that can't be arranged
    """

    def __init__(self, build=BUILD, synced=False):
        self.holder = tempfile.TemporaryDirectory(prefix="gw-faults-")
        self.path = pathlib.Path(self.holder.name)
        (self.path / "bin").mkdir()
        (self.path / "plugins").mkdir()
        for program in (pathlib.Path(build) / "bin").iterdir():
            if not (synced and program.name == "gatewayd"):
                (self.path / "bin" / program.name).symlink_to(program)
        if synced:
            self._wrap(pathlib.Path(build) / "bin/gatewayd")
        for folder in ("fault-plugins", "plugins"):
            for plugin in (pathlib.Path(build) / folder).glob("*.so"):
                (self.path / "plugins" / plugin.name).symlink_to(plugin)
        things.add(self)

    def _wrap(self, gatewayd):
        map_user = "" if os.geteuid() == 0 else "-r"
        probe = subprocess.run(f"unshare {map_user} -m mount -t tmpfs none /run", shell=True, stderr=subprocess.PIPE,
                               text=True)
        if probe.returncode:
            raise unittest.SkipTest(f"no mount namespace here, so no synchronised clock: {probe.stderr.strip()}")
        wrapper = self.path / "bin/gatewayd"
        wrapper.write_text(SYNCED.format(map=map_user, gatewayd=gatewayd))
        wrapper.chmod(0o755)

    def clean(self):
        self.holder.cleanup()


class Called:
    """called = Called(sensors=[...], detectors=[...]); called.press(); called.home.ctl("status")

    Two brokers, devices, a platform that accepts emergencies, and a home with the button, the detector "call" and what
    is given. Everything that came to the platform is checked against etc/asyncapi.yaml by all_in_order().
    """

    def __init__(self, sensors=(), detectors=(), remote=None, platform=None, build=BUILD, **home):
        self.local = Broker(extra=["max_packet_size 4194304"])
        self.remote = remote or Broker()
        self.platform = platform or Platform(self.remote, accept=True)
        self.devices = Platform(self.local, client_id="devices")
        self.home = Home(self.local, self.remote, sensors=[BUTTON, *sensors], detectors=[CALL, *detectors],
                         build=build, **home)
        self.pressed = 0

    def start(self, ready=True):
        """ready: wait for READY=1, else only until calls go through."""
        self.home.start(ready=ready)
        if not ready:
            wait_for(lambda: self.home.ctl_run("status").returncode == 0, 10, "the control socket")
            wait_for(self._button_is_heard, 10, "the button to be heard")
        wait_for(lambda: self.worker("detector call")["health"] == "ok", 10, "the detector of calls")
        self.platform.status(online=True)
        return self

    def _button_is_heard(self):
        self.devices.publish("zigbee2mqtt/call", '{"linkquality": 100}')
        return self.sensor("call")["available"] == "ok"

    def sensor(self, name):
        """Its row of gatewayctl sensors."""
        return next(row for row in self.home.ctl("sensors")["sensors"] if row["name"] == name)

    def push(self):
        """A press that nobody waits for."""
        self.devices.publish("zigbee2mqtt/call", '{"action": "single", "linkquality": 100}')
        self.pressed += 1

    def calls(self):
        """Presses that the platform knows of: one alert counts until a person takes it."""
        return max([alert["count"] for alert in self.platform.alerts(kind="call", detector="call")], default=0)

    def wait_calls(self, deadline=10):
        wait_for(lambda: self.calls() >= self.pressed, deadline,
                 lambda: f"press {self.pressed}; the platform knows {self.calls()}")
        assert self.calls() == self.pressed, f"{self.pressed} presses became {self.calls()}"

    def press(self, within=WITHIN):
        """Press once; the emergency must be at the platform within a second."""
        began = time.monotonic()
        self.push()
        self.wait_calls()
        took = next(message.at for message in self.platform.snapshot() if "/alert/emergency/call" in message.topic and
                    message.json()["count"] == self.pressed) - began
        assert took <= within, f"the press took {took:.2f} s to the platform"
        return took

    def worker(self, name):
        """Its row of gatewayctl status."""
        return next(row for row in self.home.ctl("status")["workers"] if row["name"] == name)

    def wait_worker(self, name, fits, deadline=15):
        return wait_for(lambda: (row := self.worker(name)) and fits(row) and row, deadline,
                        lambda: f"{name} to be as wanted; it is {self.worker(name)}")

    def all_in_order(self):
        """Every message of the gateway fits the schema, and every revision of an alert came in order."""
        last, seen = {}, set()
        for message in self.platform.snapshot():
            if "/home/" not in message.topic or ("/cmd/" in message.topic and not message.topic.endswith("/reply")):
                continue
            schema.check(message.topic, message.payload)
            if "/alert/" not in message.topic:
                continue
            alert = message.json()
            if (alert["id"], alert["rev"]) not in seen:  # sent again after a restart or until it is accepted
                assert alert["rev"] > last.get(alert["id"], 0), f"{alert} after revision {last[alert['id']]}"
                last[alert["id"]] = alert["rev"]
                seen.add((alert["id"], alert["rev"]))
