"""The platform's desk: hears everything of the home, accepts emergencies at once as its computer would, and a person
acknowledges them after a while."""
import json
import threading

import paho.mqtt.client as paho

HOME = "care/v1/home/yiyuan/nanma/xingfu/demo"
PERSON = "Li Na"


def client(client_id, port, on_connect=None, on_message=None):
    """A connected paho client, of version 1 as in Debian 12 or version 2 as in Debian 13; its thread runs."""
    versions = getattr(paho, "CallbackAPIVersion", None)
    made = paho.Client(*((versions.VERSION1,) if versions else ()), client_id=client_id, protocol=paho.MQTTv311)
    made.on_connect, made.on_message = on_connect, on_message
    made.connect("127.0.0.1", port, 60)
    made.loop_start()
    return made


class Desk:
    """told(kind, body) is called on the desk's thread: kind "alert" or "reply"."""

    def __init__(self, port, told, patience=3.0):
        self.port, self.told, self.patience = port, told, patience
        self.timers, self.taken, self.status_came = [], set(), threading.Event()
        self.client = client("desk", port, lambda c, *_: c.subscribe(HOME + "/#", 1), self._heard)

    def _heard(self, _client, _userdata, message):
        if message.retain or not message.payload:
            return
        body = json.loads(message.payload)
        if "/alert/" in message.topic:
            if body["class"] == "emergency" and body["state"] == "raised" and body["id"] not in self.taken:
                self.taken.add(body["id"])
                self._command("accept", body)
                timer = threading.Timer(self.patience, self._command,
                                        ("ack", body, {"by": PERSON, "note": "Calling her now"}))
                timer.daemon = True
                self.timers.append(timer)
                timer.start()
            self.told("alert", body)
        elif message.topic.endswith("/reply"):
            self.told("reply", body)
        elif message.topic.endswith("/status"):
            self.status_came.set()

    def ask_status(self, seconds=3):
        """Have the home publish its status now; without that it is as old as the last change or heartbeat."""
        self.status_came.clear()
        self.client.publish(f"{HOME}/cmd/status", "{}", 1)
        return self.status_came.wait(seconds)

    def _command(self, verb, alert, more=None):
        self.client.publish(f"{HOME}/cmd/{verb}", json.dumps({"id": alert["id"], **(more or {})}), 1)

    def end(self):
        for timer in self.timers:
            timer.cancel()
        self.client.disconnect()
        self.client.loop_stop()


def late_look(port, seconds=3):
    """What a desk that starts only now sees: the retained "open" and "status"."""
    seen, both = {}, threading.Event()

    def heard(_client, _userdata, message):
        seen[message.topic.rsplit("/", 1)[1]] = json.loads(message.payload)
        if len(seen) == 2:
            both.set()

    late = client("late-desk", port, lambda c, *_: c.subscribe([(HOME + "/open", 1), (HOME + "/status", 1)]), heard)
    both.wait(seconds)
    late.disconnect()
    late.loop_stop()
    return seen.get("open"), seen.get("status")
