"""The alarms at the platform against those that the plugins give for the log of accepted readings.

The log is read out of history.db after the end, the labels of its times out of the journal; timelapse_replay runs it
through the engine. Compared by (detector, kind, key, episode), in both directions, with the core's own two rules: a
level raised again within ten minutes is the same alert, and a press counts up while no person has taken the last."""
import collections
import json
import sqlite3
import subprocess

REOPEN = 600_000  # ms, REOPEN_WINDOW of the core
TOLERANCE = 5_000  # ms: the window runs from when the core heard of the end
GAP = 7            # GW_GAP of the home: the first sync raised the log's clock by so many ms
IN_FLIGHT = 10.0  # s before a power cut in which what was told may rest on readings that had no time to reach the disk

Condition = collections.namedtuple("Condition", "detector kind momentary key episode raised at reading")


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def labels(journal, gaps):
    """[(log time from which it holds, wall_minus_log)]; gaps: [(begins, ends)] of the log, over which its clock was
    raised to the wall's at a sync: from when the clock was set until then the label was as much as the gap."""
    found = [(ends, 0) for _, ends in gaps]
    for entry in journal:
        if entry["what"] == "label" and entry["why"] != "end":
            changed = int(entry.get("changed", entry["at"] - 2) * 1000) + entry["offset"]
            over = [ends - begins for begins, ends in gaps if begins < changed <= ends]
            if not over:
                found.append((changed, entry["label"]))
            elif entry["why"] == "sync":
                found.append((changed - over[0], over[0]))
    return sorted(found)


def log(work, journal):
    """The log as timelapse_replay reads it."""
    database = sqlite3.connect(f"file:{work}/state/history.db?mode=ro", uri=True)
    names = dict(database.execute("SELECT row, name FROM sensors"))
    readings = database.execute("SELECT at, id, origin, sensor, type, value, flags FROM readings ORDER BY id").fetchall()
    database.close()
    text = [(at, 1, f"R {at} {id_} {origin % 2**64} {names.get(row) or 'home'} {type_} {value!r} {flags}")
            for at, id_, origin, row, type_, value, flags in readings]
    gaps = [(at - int(value), at) for at, _, _, row, type_, value, _ in readings if type_ == GAP and not names.get(row)]
    text += [(at, 0, f"L {at} {label}") for at, label in labels(journal, gaps)]
    end = next(entry for entry in reversed(journal) if entry["what"] == "end")
    offset = next(entry["offset"] for entry in reversed(journal) if entry["what"] == "label")
    text.sort(key=lambda entry: entry[:2])
    return [*(line for _, _, line in text), f"U {int(end['at'] * 1000) + offset}"], len(readings)


def replay(work, build, log_lines):
    run = subprocess.run([build / "tests/timelapse/timelapse_replay", work / "gatewayd.conf", build / "plugins"],
                         input="\n".join(log_lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise AssertionError(f"timelapse_replay ended with {run.returncode}: {run.stderr[-2000:]}")
    found = []
    for line in run.stdout.splitlines():
        detector, kind, momentary, key, episode, raised, at, reading = line.split("\t")
        found.append(Condition(detector, kind, momentary == "1", key, f"{int(episode):016x}", raised == "1", int(at),
                               int(reading)))
    return found


class Platform:
    """What came, by alert; (id, rev) once."""

    def __init__(self, desk, journal):
        self.cuts = {entry["boot"]: entry["at"] for entry in journal if entry["what"] == "cut"}
        self.alerts, self.first, self.repeats, self.conflicts = {}, {}, 0, []
        seen = {}
        for told in desk:
            alert = told["alert"]
            if alert["detector"] == "gateway" or alert["test"]:
                continue
            name = (alert["id"], alert["rev"])
            said = (alert["state"], alert["count"], alert["episode"])
            if seen.setdefault(name, said) != said and alert["state"] not in ("raised", "accepted"):
                self.conflicts.append((name, seen[name], said))
            self.repeats += name in self.first
            self.first.setdefault(name, told)
            known = self.alerts.setdefault(alert["id"], alert)
            self.first.setdefault(alert["id"], told)
            if alert["rev"] >= known["rev"]:
                self.alerts[alert["id"]] = {**alert, "count": max(alert["count"], known["count"])}

    def in_flight(self, alert):
        """Was it told first in the last moment before the power failed?"""
        told = self.first[alert["id"]]
        cut = self.cuts.get(told["boot"])
        return cut is not None and cut - told["at"] <= IN_FLIGHT


def name_of(thing):
    get = (lambda key: thing[key]) if isinstance(thing, dict) else (lambda key: getattr(thing, key))
    return get("detector"), get("kind"), get("key")


def level_raises(conditions):
    """{name: [(episodes any of which names its alert, at, still true)]} of the levels."""
    found, ended = collections.defaultdict(list), {}
    for c in conditions:
        name = name_of(c)
        raises = found[name]
        if c.momentary:
            continue
        if not c.raised:
            if raises and raises[-1][2]:
                raises[-1] = (*raises[-1][:2], False)
                ended[name] = c.at
            continue
        if raises and raises[-1][2]:
            continue  # raised again with news: the same alert
        episodes = {c.episode}
        if name in ended and c.at - ended[name] <= REOPEN + TOLERANCE:
            episodes |= raises[-1][0]
        raises.append((episodes, c.at, True))
    return found


def compare(conditions, platform):
    """(faults, excuses): each a line of words."""
    faults, excuses = [f"two contents of one (id, rev): {entry}" for entry in platform.conflicts], []
    told = collections.defaultdict(list)
    for alert in platform.alerts.values():
        told[name_of(alert)].append(alert)
    levels = level_raises(conditions)
    for name, raises in levels.items():
        have = {alert["episode"] for alert in told[name]}
        for episodes, at, _ in raises:
            if not episodes & have:
                faults.append(f"the platform never heard of {name}, episode {sorted(episodes)}, log time {at}")
        if raises:
            newest = max(told[name], key=lambda alert: alert["since"], default=None)
            if newest and raises[-1][2] == ("ended" in newest["flags"]):
                faults.append(f"{name} is {'true' if raises[-1][2] else 'over'}, the platform holds it for "
                              f"{newest['state']}: {newest['id']}")
    presses = collections.Counter(name_of(c) for c in conditions if c.momentary and c.raised)
    momentary = {name_of(c) for c in conditions if c.momentary}
    for name, n in presses.items():
        counted = sum(alert["count"] for alert in told[name])
        if counted != n:
            faults.append(f"{name}: {n} in the log, {counted} counted at the platform")
    said = {(*name_of(c), c.episode) for c in conditions if c.raised}
    for alert in platform.alerts.values():
        if (*name_of(alert), alert["episode"]) not in said and name_of(alert) not in momentary:
            line = f"{name_of(alert)} of {alert['raised_at']} ({alert['state']}) is not in the log"
            (excuses if platform.in_flight(alert) else faults).append(line)
    return faults, excuses
