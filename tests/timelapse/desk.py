"""The platform's desk, inside the guest: writes down every alert as it comes, accepts emergencies at once, and a person
takes them some minutes later. What it has written outlives the home's power cuts."""
import json
import time

import house
from devices import Client

PERSON = 300.0     # s until a person has taken an emergency
LEFT_OVER = 600.0  # s after a boot at which one of the days before is taken
ROOT = "care/v1/home/" + house.HOME


class Desk(Client):
    def __init__(self, path, boot):
        super().__init__("desk", house.PLATFORM_PORT, clean=False)
        self.path, self.boot = path, boot
        self.revisions = {}  # {id: newest one heard}
        self.untaken = {}    # {id: when a person takes it, by CLOCK_BOOTTIME}
        self._read_left_over()
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.client.on_message = self._on_message
        self.client.on_connect = lambda client, *_: client.subscribe(ROOT + "/#", 1)

    def _read_left_over(self):
        """Emergencies of the days before that nobody has taken yet."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                self._heard(json.loads(line)["alert"], LEFT_OVER)

    def _heard(self, alert, due):
        """An emergency waits for a person until one has taken it, or it is closed without (a test alarm is)."""
        if alert["rev"] < self.revisions.get(alert["id"], 0):
            return  # told again, late
        self.revisions[alert["id"]] = alert["rev"]
        if "acknowledged" in alert["flags"] or alert["state"] in ("closed", "cancelled"):
            self.untaken.pop(alert["id"], None)
        elif alert["class"] == "emergency" and alert["state"] == "raised":
            self.untaken.setdefault(alert["id"], due)

    def _on_message(self, _client, _userdata, message):
        if "/alert/" not in message.topic and "/request/" not in message.topic:
            return
        alert, now = json.loads(message.payload), time.clock_gettime(time.CLOCK_BOOTTIME)
        self.file.write(json.dumps({"boot": self.boot, "at": now, "topic": message.topic, "alert": alert}) + "\n")
        if alert["class"] == "emergency" and alert["state"] == "raised":
            self._command("accept", {"id": alert["id"], "rev": alert["rev"]})
        self._heard(alert, now + PERSON)

    def _command(self, verb, body):
        self.client.publish(f"{ROOT}/cmd/{verb}", json.dumps(body), 1)

    def next_due(self):
        return min(self.untaken.values(), default=None)

    def take_due(self):
        """The person takes what is due; asked again a minute later if it did not get through."""
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        for alert, due in self.untaken.items():
            if due <= now:
                self._command("ack", {"id": alert, "by": "Li", "note": ""})
                self.untaken[alert] = now + 60

    def drain(self):
        """Everything that the broker has is here: the broker answers a ping after what it has sent before."""
        told = self.client.publish("care/v1/desk/drained", b"", 1)
        self.wait(told.is_published)
        for _ in range(20):
            self.client.loop(0.05)
