"""One home under torture: real gateway, two real brokers, a proxy before each, wires, a disk of its own, a desk."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import BUILD, Broker, Home, Platform, things, wait_for
from journal import Journal, presses
from proxy import Proxy
from wires import Wires

MQTT_BUTTONS, WIRED_BUTTONS = ("cord", "kitchen"), ("bedside", "bath")
DOORS = ("front", "balcony")    # by MQTT, by wire
MARKERS = ("last", "last-wired")
OPEN_LIMIT = "1 s"
DISK = "size=6m"


def _mqtt(name, kind):
    return {"name": name, "kind": kind, "room": "hall",
            "mqtt": {"topic": f"zigbee2mqtt/{name}", "format": "zigbee2mqtt"}}


class Programs(things.Thing):
    """The build as it is, but with the worker whose lines are wires."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gw-torture-"))
        (self.folder / "bin").mkdir()
        (self.folder / "plugins").symlink_to(build / "plugins")
        for program in (build / "bin").iterdir():
            wired = build / "torture/wired" / program.name
            (self.folder / "bin" / program.name).symlink_to(wired if wired.is_file() else program)
        things.add(self)

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Disk(things.Thing):
    """The state directory as a small file system of its own; without the right to mount it stays a folder, which cannot
    be full or read-only: `refused` says why."""

    def __init__(self, place):
        self.place = place
        try:
            run = self._mount("-t", "tmpfs", "-o", DISK, "tmpfs", str(place))
            self.mounted, why = run.returncode == 0, run.stderr
        except OSError as error:  # a system without the program
            self.mounted, why = False, str(error)
        self.refused = "" if self.mounted else why.strip().partition("\n")[0]
        things.add(self)

    @staticmethod
    def _mount(*arguments):
        return subprocess.run(["mount", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              check=False)

    def fill(self):
        with contextlib.suppress(OSError), open(self.place / "blob", "wb", buffering=0) as blob:
            while True:
                blob.write(bytes(4096))

    def empty(self):
        with contextlib.suppress(FileNotFoundError):
            (self.place / "blob").unlink()

    def read_only(self):
        """Only while no file is open for writing: True if it is read-only now."""
        return self._mount("-o", "remount,ro", str(self.place)).returncode == 0

    def writable(self):
        run = self._mount("-o", "remount,rw", str(self.place))
        assert run.returncode == 0, run.stderr

    def stop(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=True)
            self.mounted = False


class World:
    """Everything is closed by things.close()."""

    def __init__(self, build=BUILD):
        self.local = Broker(persistence=True, max_queued=0)
        self.remote = Broker(persistence=True, max_queued=0)
        self.home_link, self.platform_link = Proxy(self.local.port), Proxy(self.remote.port)
        self.wires = Wires(*WIRED_BUTTONS, MARKERS[1], DOORS[1])
        self.desk = Platform(self.remote, accept=True, clean=False, client_id="desk")
        self.devices = Platform(self.local, clean=False, client_id="devices")
        buttons = [*MQTT_BUTTONS, MARKERS[0]]
        wired = [*WIRED_BUTTONS, MARKERS[1]]
        self.sensors = [*(_mqtt(name, "button") for name in buttons),
                        *(self.wires.sensor(name, "button") for name in wired),
                        _mqtt(DOORS[0], "contact"), self.wires.sensor(DOORS[1], "contact")]
        detectors = [{"name": "call", "plugin": "call", "buttons": buttons},
                     {"name": "call-wired", "plugin": "call", "buttons": wired},
                     *({"name": f"{door}-open", "plugin": "door", "door": door, "open_too_long": OPEN_LIMIT,
                        "back_within": "never"} for door in DOORS)]
        self.home = Home(self.home_link, self.platform_link, sensors=self.sensors, detectors=detectors,
                         build=Programs(pathlib.Path(build)).folder, store={"batch": "500 ms"})
        self.home.environment["GPIO_WINDOW"] = str(self.wires.chip / "window")
        self.disk = Disk(self.home.state_dir)
        self.journals = {source: Journal(self.home.run_dir / f"{source}-urgent.ring") for source in ("mqtt", "gpio")}
        self.acked = dict.fromkeys([*MQTT_BUTTONS, MARKERS[0]], 0)
        self.wired_pulls = dict.fromkeys(wired, 0)

    # ---- what happens at home ----

    def press(self, name):
        """One press over MQTT; it counts when the home's broker has acknowledged it. The first button numbers its
        presses; the others say the same words each time, as buttons do."""
        self.acked[name] += 1
        payload = json.dumps({"action": "single", **({"n": self.acked[name]} if name == MQTT_BUTTONS[0] else {})})
        info = self.devices.client.publish(f"zigbee2mqtt/{name}", payload, 1)
        info.wait_for_publish(30)
        assert info.is_published(), f"the home's broker did not acknowledge a press within 30 s:\n{self.local.log()}"

    def set_door(self, is_open):
        info = self.devices.client.publish(f"zigbee2mqtt/{DOORS[0]}", json.dumps({"contact": not is_open}), 1, True)
        info.wait_for_publish(30)

    def wait_devices(self):
        wait_for(self.devices.client.is_connected, 30, "the devices' connection")

    # ---- what came of it ----

    def slot(self, name):
        return next(i for i, sensor in enumerate(self.sensors) if sensor["name"] == name)

    def ring_presses(self, name):
        source = "mqtt" if name in self.acked else "gpio"
        return presses(self.journals[source].readings, self.slot(name))

    def told(self):
        """{button: presses that the desk knows of}: over all its alerts the highest count."""
        highest = {}
        for alert in self.desk.alerts(kind="call"):
            known = highest.setdefault(alert["key"], {})
            known[alert["id"]] = max(known.get(alert["id"], 0), alert["count"])
        return {name: sum(counts.values()) for name, counts in highest.items()}

    def journal_read(self):
        for journal in self.journals.values():
            journal.read()

    def power_cut(self, kill):
        """What was in memory is gone. What the rings still held is read first: it is nobody's loss."""
        kill()
        self.journal_read()
        for entry in os.scandir(self.home.run_dir):
            if not entry.is_dir():
                os.unlink(entry.path)
