"""A round: a new home, a stream of presses and level changes while things go wrong, quiet, and the reckoning."""
import random
import time

from faults import BadDisk, Fingers, Killer, Links
from harness import schema, wait_for
from journal import presses
from world import DOORS, MARKERS, MQTT_BUTTONS, WIRED_BUTTONS, World

# What goes wrong beside processes that are killed, links that are cut and brokers that are ended in good order.
KINDS = ("kills", "disk", "power", "broker-killed")
DOORS_RIGHT = 130  # s: a detector that began without its history begins again with it after a healthy minute
QUIET = 180  # s: a call that the platform's broker lost with its life is sent again after 60


def _came_again(readings):
    """Which messages of the broker are in the ring more than once: where, and when (boottime, ms)."""
    places = {}
    for reading in readings:
        places.setdefault(reading.source_key or reading.origin, []).append(f"{reading.origin:x} at {reading.at}")
    return [f"  twice in the ring: {', '.join(found)}" for found in places.values() if len(found) > 1][:30]


class Lost(AssertionError):
    """The gateway has lost, doubled or contradicted something."""


class Round:
    def __init__(self, kind, seed, seconds, build):
        self.kind, self.seed, self.seconds = kind, seed, seconds
        self.random = random.Random(f"{seed} stream")
        self.tally = {}
        self.world = World(build)

    def run(self):
        """The reckoning: {what: how many}. Raises Lost."""
        self.world.home.start()
        self.world.desk.status(online=True)
        self.world.set_door(False)
        actors = self._actors()
        for actor in actors:
            actor.start()
        try:
            self._stream()
        finally:
            for actor in reversed(actors):  # who could still kill ends last but the links
                actor.end()
        self._quiet()
        return self._reckon()

    def _actors(self):
        def begin(actor, **more):
            return actor(self.world, random.Random(f"{self.seed} {actor.__name__}"), self.tally, **more)

        actors = [begin(Fingers), begin(Links),
                  begin(Killer, power=0.15 if self.kind == "power" else 0, late=0.3 if self.kind == "disk" else 0)]
        if self.kind == "disk":
            actors.append(begin(BadDisk))
        return actors

    # ---- the stream ----

    def _stream(self):
        end, is_open = time.monotonic() + self.seconds, False
        next_broker = time.monotonic() + self.random.uniform(3, 12)
        while time.monotonic() < end:
            self.world.press(self.random.choice(MQTT_BUTTONS))
            if self.random.random() < 0.03:
                self._a_person_answers()
            if self.random.random() < 0.03:
                is_open = not is_open
                self.world.set_door(is_open)
            if time.monotonic() > next_broker:
                self._restart_broker()
                next_broker = time.monotonic() + self.random.uniform(3, 12)
            time.sleep(self.random.uniform(0.01, 0.1))  # the rhythm of the stream, nothing waits for it

    def _a_person_answers(self):
        calls = self.world.desk.alerts(kind="call", state="raised")
        if calls:
            act = self.random.choice([self.world.desk.ack, self.world.desk.ack, self.world.desk.close_alert])
            act(self.random.choice(calls[-4:]))

    def _restart_broker(self):
        killed = self.kind == "broker-killed"
        self.tally[f"home broker {'killed' if killed else 'ended'}"] = \
            self.tally.get(f"home broker {'killed' if killed else 'ended'}", 0) + 1
        self.world.local.kill() if killed else self.world.local.stop()
        wait_for(lambda: not self.world.devices.client.is_connected(), 10, "the end of the devices' connection")
        time.sleep(self.random.uniform(0, 2))  # how long it is away
        self.world.local.start()
        self.world.wait_devices()

    # ---- quiet ----

    def _quiet(self):
        """Everything works again; until everything that was under way is there."""
        world = self.world
        world.press(MARKERS[0])
        self._finger(MARKERS[1])
        for key in MARKERS:
            world.desk.wait_alert(kind="call", key=key, deadline=QUIET)
        self._wait_presses()
        wait_for(lambda: world.home.ctl("status")["outbox"] == 0, QUIET, "an empty outbox")

    def _finger(self, name):
        """Until the wire is watched: the worker may be on its way up."""
        world = self.world

        def pressed():
            before = len(world.ring_presses(name))
            world.wires.pull(name, 0)
            world.wires.pull(name, 1)
            try:
                wait_for(lambda: world.journal_read() or len(world.ring_presses(name)) > before, 1, "")
            except AssertionError:
                return False
            finally:
                world.wires.pull(name, 0)
            return True
        wait_for(pressed, 60, "a wired button that is watched")

    def _wait_presses(self):
        def all_there():
            told, least = self.world.told(), self.least()
            return all(told.get(name, 0) >= n for name, n in least.items())
        try:
            wait_for(all_there, QUIET, "")
        except AssertionError:
            pass  # the reckoning says what is missing

    # ---- the reckoning ----

    def least(self):
        """{button: presses that must have been told}."""
        world, due = self.world, {}
        world.journal_read()
        for name in MQTT_BUTTONS:
            # A broker that was killed may use a mid again, so equal keys are no proof of a redelivery.
            due[name] = len(world.ring_presses(name)) if self.kind == "broker-killed" else world.acked[name]
        for name in WIRED_BUTTONS:
            due[name] = sum(1 for reading in world.ring_presses(name) if self._accepted(reading))
        return due

    def _accepted(self, reading):
        """A press that was in the ring when the power failed, and that the core had not dealt with, was not accepted."""
        rings = self.world.journals["gpio"].rings
        _, dealt_with = rings[reading.origin >> 32]
        return reading.origin >> 32 == list(rings)[-1] or reading.origin <= dealt_with

    def _reckon(self):
        world, told, least = self.world, self.world.told(), self.least()
        found = {"presses": sum(least.values()), "lost": 0, "told twice": 0, "lost by the home's broker": 0,
                 "sent twice by the home's broker": 0}
        detail = []
        for name, due in least.items():
            is_, in_ring = told.get(name, 0), world.ring_presses(name)
            distinct = len({reading.source_key or reading.origin for reading in in_ring})
            most = max(due, distinct)
            if is_ < due or is_ > most:
                detail.append(f"{name}: {due} due, {len(in_ring)} in the ring, {most} at most, {is_} told")
                detail += _came_again(in_ring)
            found["lost"] += max(0, due - is_)
            found["told twice"] += max(0, is_ - most)
            if self.kind == "broker-killed" and name == MQTT_BUTTONS[0]:
                found["sent twice by the home's broker"] += len(in_ring) - distinct
            found["lost by the home's broker"] += max(0, world.acked.get(name, due) - max(due, is_))
        found["wired pulls"] = sum(world.wired_pulls[name] for name in WIRED_BUTTONS)
        found["wired pulls that nobody read"] = found["wired pulls"] - sum(
            len(world.ring_presses(name)) for name in WIRED_BUTTONS)
        found["missed by the journal"] = sum(journal.missed for journal in world.journals.values())
        for name in DOORS:
            self._door_is_right(name, detail)
        self._consistent(detail)
        self.detail = detail
        found["contradictions"] = sum("says two things" in line or "falls" in line for line in detail)
        for journal in world.journals.values():
            journal.stop()
        return found

    def _door_is_right(self, name, detail):
        """What the desk knows last of a door is what the door shows."""
        world = self.world

        def is_open():  # asked each time: after the last fault its broker may not have told it yet
            row = next(row for row in world.home.ctl("sensors")["sensors"] if row["name"] == name)
            return bool(row["value"])

        def wanted():
            return world.wires.level(name) if name == DOORS[1] else is_open()

        def last():
            alerts = world.desk.alerts(kind="door-open", detector=f"{name}-open")
            raised = bool(alerts) and alerts[-1]["state"] in ("raised", "accepted", "acknowledged")
            return raised and (self.kind != "power" or alerts[-1]["durable"] or
                               alerts[-1]["id"] in self._open_list())  # else a power cut may have taken it
        try:
            wait_for(lambda: last() == is_open() == wanted(), DOORS_RIGHT, "")
        except AssertionError:
            detail.append(f"{name}: it is {wanted()}, the gateway says {is_open()}, the desk's last word is {last()}")
            detail += [f"  desk: {alert['id']} rev {alert['rev']} {alert['state']} at {alert['at']}"
                       for alert in world.desk.alerts(kind="door-open", detector=f"{name}-open")[-4:]]
            detail += [f"  home: {row}" for row in world.home.ctl("history", name, "--since", "1 h")["readings"][-8:]]
            detail.append(f"  open: {sorted(self._open_list())}")

    def _open_list(self):
        """What the retained list tells a desk that starts now."""
        lists = [message for message in self.world.desk.snapshot() if message.topic.endswith("/open")]
        return {alert["id"] for alert in lists[-1].json()["alerts"]} if lists else set()

    def _consistent(self, detail):
        """Doubles are told by (id, rev): the same pair never says another thing, and a later one never counts less, but
        than one that was told as not durable: a store that is dead, and a core killed before it lives, forget that."""
        known, durable = {}, set()
        for alert in self.world.desk.alerts():
            if alert["durable"]:
                durable.add((alert["id"], alert["rev"]))
            # "accepted" is the platform's own answer to this revision, told back under it.
            state = alert["state"].replace("accepted", "raised")
            said = (state, *(alert[key] for key in ("count", "kind", "class", "key", "episode")))
            if known.setdefault((alert["id"], alert["rev"]), said) != said:
                detail.append(f"{alert['id']} rev {alert['rev']} says two things: {said} and "
                              f"{known[alert['id'], alert['rev']]}")
        for (id_, rev), said in known.items():
            later = [r for (other, r) in known if other == id_ and r > rev]
            if (id_, rev) in durable and any(known[id_, r][1] < said[1] for r in later):
                detail.append(f"{id_}: its count falls after rev {rev}")
        for message in self.world.desk.snapshot()[::7]:
            if message.payload:
                schema.check(message.topic, message.payload)
