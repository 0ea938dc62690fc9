"""The platform's end: an MQTT 5 client that hears everything under care/v1 and can answer."""
import json
import threading
import time

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from . import things
from .wait import wait_for

ROOT = "care/v1"


class Message:
    """One message as it arrived. at: time.monotonic()."""

    def __init__(self, message, at):
        self.topic, self.payload, self.qos, self.retain = message.topic, message.payload, message.qos, message.retain
        self.at = at
        self.properties = getattr(message, "properties", None)

    def json(self):
        return json.loads(self.payload)

    def __repr__(self):
        return f"{self.topic} q{self.qos}{' retained' if self.retain else ''} {self.payload[:300]!r}"


def mqtt_client(client_id):
    """A paho client for MQTT 5, of version 1 as in Debian 12 and of version 2 as in Debian 13."""
    versions = getattr(paho, "CallbackAPIVersion", None)
    leading = (versions.VERSION1,) if versions else ()
    return paho.Client(*leading, client_id=client_id, protocol=paho.MQTTv5)


class Platform(things.Thing):
    """platform = Platform(broker); platform.wait_alert(kind="...", state="raised"); platform.ack(alert, by="Li")

    accept    answer every emergency at once with "accept", as a platform's application does
    user, tls as the broker wants them (tls: Certs)
    """

    def __init__(self, broker, accept=False, user=None, tls=None, client_id="platform", clean=True):
        self.broker, self.accept_all = broker, accept
        self.messages, self._lock = [], threading.Condition()
        self._subscribed = threading.Event()
        self.client = mqtt_client(client_id)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.reconnect_delay_set(1, 1)
        if user:
            self.client.username_pw_set(*user)
        if tls:
            self.client.tls_set(str(tls.ca), str(tls.client_cert), str(tls.client_key))
        things.add(self)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 0 if clean else 3600
        self.client.connect(broker.host, broker.port, 60, clean_start=clean, properties=properties)
        self.client.loop_start()
        assert self._subscribed.wait(10), f"the platform could not subscribe:\n{broker.log()}"

    def _on_connect(self, client, *_):
        client.subscribe([(f"{ROOT}/#", 1)])

    def _on_message(self, client, _userdata, raw):
        message = Message(raw, time.monotonic())
        with self._lock:
            self.messages.append(message)
            self._lock.notify_all()
        if self.accept_all and "/alert/emergency/" in message.topic and not message.retain:
            alert = message.json()
            if alert.get("state") == "raised":
                self.command("accept", {"id": alert["id"], "rev": alert["rev"]}, home=home_of(message.topic))

    def snapshot(self):
        with self._lock:
            return list(self.messages)

    def forget(self):
        """From here on only what comes new is seen."""
        with self._lock:
            self.messages.clear()

    def alerts(self, **wanted):
        """Payloads of the alerts that came (not the desks' copies), oldest first; wanted: class_, kind, state, id ..."""
        wanted = {key.rstrip("_"): value for key, value in wanted.items()}
        found = []
        for message in self.snapshot():
            if "/home/" in message.topic and "/alert/" in message.topic:
                alert = message.json()
                if all(alert.get(key) == value for key, value in wanted.items()):
                    found.append(alert)
        return found

    def wait_alert(self, deadline=10, n=1, **wanted):
        """The n-th alert that fits, when it is there."""
        found = wait_for(lambda: len(self.alerts(**wanted)) >= n and self.alerts(**wanted), deadline,
                         lambda: f"alert {n} with {wanted}; there came:\n{self._text()}")
        return found[n - 1]

    def wait_message(self, topic_end, predicate=lambda message: True, deadline=10):
        """The newest message whose topic ends so and that predicate takes."""
        def newest():
            fitting = [m for m in self.snapshot() if m.topic.endswith(topic_end) and predicate(m)]
            return fitting and fitting[-1]
        return wait_for(newest, deadline, lambda: f"a message on …{topic_end}; there came:\n{self._text()}")

    def status(self, deadline=10, **wanted):
        """The home's status as soon as it says what is wanted."""
        def fits(message):
            body = message.payload and message.json()
            return body and all(body.get(key) == value for key, value in wanted.items())
        return self.wait_message("/status", fits, deadline).json()

    def command(self, verb, body, home="county/town/village/home", retain=False, response=None, expiry=None, qos=1):
        """Publish a command (a dict, or bytes as they are) and wait until the broker has it. response: a topic for the
        answer; expiry: seconds."""
        properties = Properties(PacketTypes.PUBLISH)
        if response:
            properties.ResponseTopic = response
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        payload = body if isinstance(body, (bytes, bytearray)) else json.dumps(body, ensure_ascii=False).encode()
        return self.client.publish(f"{ROOT}/home/{home}/cmd/{verb}", payload, qos, retain, properties)

    def accept(self, alert, **more):
        return self.command("accept", {"id": alert["id"], "rev": alert["rev"]}, **more)

    def ack(self, alert, by="Li", note="", **more):
        return self.command("ack", {"id": alert["id"], "rev": alert["rev"], "by": by, "note": note}, **more)

    def close_alert(self, alert, by="Li", **more):
        return self.command("close", {"id": alert["id"], "rev": alert["rev"], "by": by}, **more)

    def publish(self, topic, payload="", qos=1, retain=False):
        """Anything, as a device or a stranger would; returns when the broker has it."""
        info = self.client.publish(topic, payload, qos, retain)
        info.wait_for_publish(10)
        return info

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _text(self):
        return "\n".join(f"  {message}" for message in self.snapshot()[-20:]) or "  nothing"

    def story(self):
        return f"--- platform on {self.broker.port}, last messages ---\n{self._text()}"


def home_of(topic):
    """"county/town/village/home" of care/v1/home/county/town/village/home/alert/..."""
    return "/".join(topic.split("/")[3:7])
