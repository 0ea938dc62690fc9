"""The alarms at the platform against those that the plugins give for the log of accepted readings.

The log is read out of history.db after the end, the labels of its times out of the journal; timelapse_replay runs it
through the engine, once for each boot. Compared by (detector, kind, key, episode), in both directions, with the core's
own two rules: a level raised again within ten minutes is the same alert, and a press counts up while no person has
taken the last."""
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


def begins(journal, gaps):
    """[log time at which each boot begins]"""
    found = []
    for entry in journal:
        if entry["what"] == "label" and entry["why"] == "start":
            at = int((entry["at"] - 2) * 1000) + entry["offset"]
            found.append(next((before for before, ends in gaps if before < at <= ends), at))
    return found


def corrected(journal, starts, gaps):
    """[[(log time, label)] of each boot], as the store tells it afterwards: one label, as it was at the last; before
    the boot's first sync, if the log's clock was raised at it, by so much more."""
    found = []
    for n, (start, end) in enumerate(zip(starts, [*starts[1:], float("inf")])):
        last = [entry["label"] for entry in journal if entry["what"] == "label" and entry["boot"] == n][-1]
        raised = [(before, ends) for before, ends in gaps if start <= before and ends < end]
        more = sum(ends - before for before, ends in raised)
        found.append([(start, last + more), *((ends, last) for _, ends in raised)])
    return found


class Log:
    """The log of readings, and what each boot makes of it."""

    def __init__(self, work, journal):
        database = sqlite3.connect(f"file:{work}/state/history.db?mode=ro", uri=True)
        names = dict(database.execute("SELECT row, name FROM sensors"))
        columns = "at, id, origin, sensor, type, value, flags"
        rows = database.execute(f"SELECT {columns} FROM readings ORDER BY id").fetchall()
        database.close()
        self.readings = [(at, 1, f"R {at} {id_} {origin % 2**64} {names.get(row) or 'home'} {type_} {value!r} {flags}")
                         for at, id_, origin, row, type_, value, flags in rows]
        gaps = [(at - int(value), at) for at, _, _, row, type_, value, _ in rows if type_ == GAP and not names.get(row)]
        self.starts = begins(journal, gaps)
        self.live, self.corrected = labels(journal, gaps), corrected(journal, self.starts, gaps)
        end = next(entry for entry in reversed(journal) if entry["what"] == "end")
        offset = next(entry["offset"] for entry in reversed(journal) if entry["what"] == "label")
        self.end = int(end["at"] * 1000) + offset

    def __len__(self):
        return len(self.readings)

    def until(self, boot):
        """The last moment of the boot."""
        return self.starts[boot + 1] - 1 if boot + 1 < len(self.starts) else self.end

    def lines(self, boot):
        """The whole log up to the end of this boot: before it with the labels of afterwards, in it with those that its
        times had as they passed."""
        start, end = self.starts[boot], self.until(boot)
        named = [entry for before in self.corrected[:boot] for entry in before]
        named += [(start, label) for at, label in self.live if at <= start][-1:]
        named += [(at, label) for at, label in self.live if start < at <= end]
        text = [(at, 0, f"L {at} {label}") for at, label in named]
        text += [reading for reading in self.readings if reading[0] <= end]
        return [line for _, _, line in sorted(text, key=lambda entry: entry[:2])] + [f"U {end}"]


def _told(work, build, lines_):
    run = subprocess.run([build / "tests/timelapse/timelapse_replay", work / "gatewayd.conf", build / "plugins"],
                         input="\n".join(lines_) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise AssertionError(f"timelapse_replay ended with {run.returncode}: {run.stderr[-2000:]}")
    found = []
    for line in run.stdout.splitlines():
        detector, kind, momentary, key, episode, raised, at, reading = line.split("\t")
        found.append(Condition(detector, kind, momentary == "1", key, f"{int(episode):016x}", raised == "1", int(at),
                               int(reading)))
    return found


def _open(conditions):
    """{name: condition} of the levels that are true after all these."""
    found = {}
    for c in conditions:
        if not c.momentary:
            found[name_of(c)] = c
    return {name: c for name, c in found.items() if c.raised}


def replay(work, build, log):
    """What the plugins say: of each boot what they say in it when they know all that was before. Not in one life: who
    begins again sees the labels of former boots as they were corrected, and has not lived through years of a dead
    clock. What was true and is not by the corrected labels is over as the boot begins."""
    found = []
    for boot, start in enumerate(log.starts):
        said = _told(work, build, log.lines(boot))
        was, now = _open(found), _open([c for c in said if c.at < start])
        found += [c._replace(raised=False, at=start) for name, c in was.items() if name not in now]
        found += [c for c in said if c.at >= start]
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
