"""The things in the home, inside the guest: wires are GPIO lines pulled by gpio-sim, the rest publishes to the home's
broker. No thread: the player calls pump() when the socket has something."""
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "gpio")]
import house  # noqa: E402
from harness.platform import mqtt_client  # noqa: E402
from sim import Chip  # noqa: E402

TAP = 0.15  # s a finger stays on the button


class Client:
    """A paho client without its own thread and without keepalive, which would wake every minute."""

    def __init__(self, name, port, clean=True):
        self.client = mqtt_client(name)
        self.name, self.port, self.clean = name, port, clean

    def connect(self):
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 0 if self.clean else 0xffffffff
        self.client.connect("127.0.0.1", self.port, 0, clean_start=self.clean, properties=properties)
        self.wait(self.client.is_connected)

    def socket(self):
        return self.client.socket()

    def pump(self):
        self.client.loop(0.0)

    def wait(self, predicate, seconds=30):
        end = time.monotonic() + seconds
        while not predicate():
            if time.monotonic() > end:
                raise AssertionError(f"{self.name} waited {seconds} s in vain")
            self.client.loop(0.05)


class Things:
    def __init__(self, wiring):
        self.wiring = wiring
        self.chip = Chip(house.CHIP, [None] * len(wiring)).plug()
        self.radio = Client("devices", house.LOCAL_PORT)
        self.changes = 0

    def settle(self, levels):
        """The lines as they are at the boot: before the gateway looks."""
        for name, wire in self.wiring.items():
            if wire["by"] == "gpio":
                self.chip.pull(wire["line"], int(levels[name] != 0))

    def announce(self, levels):
        """Devices whose state is retained tell it again when they find their broker back."""
        self.radio.connect()
        for name, wire in self.wiring.items():
            if wire["by"] == "mqtt" and wire["retain"]:
                self.level(name, levels[name])
        self.changes = 0

    def level(self, name, value):
        wire = self.wiring[name]
        self.changes += 1
        if wire["by"] == "gpio":
            self.chip.pull(wire["line"], int(value != 0))
        else:
            self._publish(wire, house.payload(wire["format"], wire["kind"], value))

    def press(self, name):
        """One press, and until the broker has it."""
        wire = self.wiring[name]
        if wire["by"] == "gpio":
            self.chip.pull(wire["line"], 1)
            time.sleep(TAP)
            self.chip.pull(wire["line"], 0)
        else:
            told = self._publish(wire, json.dumps({"action": "single", "battery": 70}))
            self.radio.wait(told.is_published)

    def _publish(self, wire, payload):
        return self.radio.client.publish(wire["topic"], payload, 1, wire["retain"])
