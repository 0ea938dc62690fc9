"""Anomalies put into a recording by stated rules, and what a home's sensors can see of them.

A rule takes a home and a generator of chance, and gives an Injection: the readings as they would have been, up to the
end of the episode, or None where it finds no moment for it. Nothing after `at` is left of what she would have done:
`frozen` keeps what was before, lets movement sensors fall back, and lets phantoms blip as they do in an empty home."""
import bisect
import dataclasses

from figures import PHANTOMS_A_DAY, poisson

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LEARNT = 21 * DAY   # synthetic homes: not before this
HISTORY = 63 * DAY  # readings before the episode that are replayed: what the longest learner wants
MOVING = ("motion", "presence", "vibration")
ENDS = ("home", "HOME")  # the last line: time passes until then, and nothing has happened


@dataclasses.dataclass
class Injection:
    rule: str
    at: float        # when it begins
    due: float       # delay is counted from here (>= at)
    until: float     # found by then or not at all
    readings: list
    sensor: str = ""  # the one that dies


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    says: str
    sees: object     # home -> the reason why its sensors can't see it, or ""
    make: object     # home, rng -> Injection or None
    by: tuple        # classes of alerts that find it
    plugins: tuple = ()  # only theirs; (): anybody's
    kinds: tuple = ()    # only these; (): any


def frozen(home, at, until, rng, keep=()):
    """The readings up to `at`; then nobody moves. keep: sensors whose later readings stay."""
    first = max(home.start, at - HISTORY)
    readings = [r for r in home.readings if first <= r[0] <= at or (r[1] in keep and at < r[0] <= until)]
    level = {}
    for _, sensor, value in readings:
        level[sensor] = value
    moving = home.of_kind(*MOVING)
    for sensor in moving:
        if level.get(sensor):
            readings.append((at + 30, sensor, 0.0))
    motion = home.of_kind("motion", "presence")
    for _ in range(poisson(rng, PHANTOMS_A_DAY * len(motion) / 22 * (until - at) / DAY) if motion else 0):
        blip, sensor = rng.uniform(at + 60, until - 2), rng.choice(motion)
        readings += [(blip, sensor, 1.0), (blip + 1, sensor, 0.0)]
    return sorted(readings, key=lambda r: r[0])


def hour(at):
    return at % DAY / HOUR


def in_note(home, labels, at, margin=0.0):
    return any(s - margin <= at <= e + margin for s, e, label in home.notes if label in labels)


AWAY = ("leave-house", "journey", "Going-out-to-work", "Going-out-for-shopping", "Going-out-for-entertainment", "visit")


def near(home, at, before, after):
    """Readings in at-before .. at+after, phantoms apart (a single blip has none beside it)."""
    times = home.times
    return bisect.bisect_right(times, at + after) - bisect.bisect_left(times, at - before)


def first_moment(home):
    return home.start + (LEARNT if home.weeks > 4 else 2 * DAY)


def pick(home, rng, moments):
    """One of the moments that leave room before and after."""
    fit = [m for m in moments if first_moment(home) <= m]
    return rng.choice(fit) if fit else None


def changes(home, sensors, value):
    wanted = set(sensors)
    return [at for at, sensor, v in home.readings if sensor in wanted and v == value]


# ---- in the bathroom ----------------------------------------------------------------------------------------------


def bathroom_sensors(home, *kinds):
    return [n for n in home.of_kind(*kinds) if home.sensors[n][1] in ("bathroom", "toilet")]


def bath_sees(home):
    """A door by itself tells only where it stands open when nobody is inside."""
    if bathroom_sensors(home, "motion", "presence"):
        return ""
    doors = [n for n in bathroom_sensors(home, "contact") if "door" in n]
    if not doors:
        return "nothing in the bathroom"
    return "" if any(closed_share(home, door) < 0.2 for door in doors) else "bathroom door kept closed, nothing inside"


def closed_share(home, sensor):
    closed, since, level = 0.0, home.start, None
    for at, name, value in home.readings:
        if name == sensor:
            closed += at - since if level == 0 else 0
            since, level = at, value
    return (closed + (home.end - since if level == 0 else 0)) / (home.end - home.start)


def stays(home):
    """Moments in a bathroom visit: noted ones with a reading of its sensors in them, else movement there by itself."""
    signs = bathroom_sensors(home, "contact", *MOVING)
    times = sorted(changes(home, signs, 1.0) + changes(home, signs, 0.0))
    if not home.notes:
        moved = changes(home, bathroom_sensors(home, "motion", "presence"), 1.0)
        return [b for a, b in zip(moved, moved[1:]) if 20 < b - a < 90]
    out = []
    labels = ("use-toilet", "take-shower", "brush-teeth", "Toileting", "Bathing", "Grooming")
    for start, end, label in home.notes:
        if label in labels and end - start > 60:
            i = bisect.bisect_left(times, start - 60)
            if i < len(times) and times[i] < end - 20:
                out.append(max(times[i] + 10, start + (end - start) / 2))
    return out


def bath_stay(home, rng):
    at = pick(home, rng, stays(home))
    if at is None:
        return None
    until = at + 2 * HOUR
    return Injection("bath-stay", at, at, until, frozen(home, at, until, rng))


# ---- at night -----------------------------------------------------------------------------------------------------


def asleep(home):
    """Moments of deep night at which she is in bed: by the notes, or by a quiet hour in a night that was lived in."""
    out = []
    day = home.start // DAY * DAY
    while day < home.end - DAY:
        for at in (day + 1.5 * HOUR, day + 2.5 * HOUR, day + 3.5 * HOUR):
            if home.notes:
                if in_note(home, ("go-to-bed",), at) and in_note(home, ("go-to-bed",), at + 20 * MINUTE):
                    out.append(at)
            elif near(home, at, 10 * MINUTE, 30 * MINUTE) == 0 and near(home, at, 6 * HOUR, 0) and near(home, at, 0, 8 * HOUR):
                out.append(at)
        day += DAY
    return out


def mats(home):
    return home.of_kind("bed")


def on_mat(home, at):
    """Is a mat on, or was within two minutes before (it may chatter)?"""
    level, last = {}, -1e18
    for t, sensor, value in home.readings:
        if t > at:
            break
        if sensor in home.beds:
            level[sensor] = value
            last = t if not value else last
    return any(level.values()) or at - last < 120


def gets_up(home, readings, at):
    """The mats fall back; the bedroom sees her go."""
    level = {}
    for _, sensor, value in readings:
        level[sensor] = value
    out = [(at + 1, m, 0.0) for m in mats(home) if level.get(m)]
    rooms = [n for n in home.of_kind("motion", "presence") if home.sensors[n][1] == "bedroom"][:1]
    rooms += [n for n in home.of_kind("motion", "presence") if home.sensors[n][1] in ("hall", "entrance")][:1]
    for i, sensor in enumerate(rooms):
        out += [(at + 2 + 8 * i, sensor, 1.0), (at + 40 + 8 * i, sensor, 0.0)]
    return out


def front_doors(home):
    return [n for n in home.of_kind("contact") if home.sensors[n][1] in ("hall", "entrance")
            and not any(word in n for word in ("closet", "bath", "bed", "toilet"))][:1]


def night_moments(home):
    return [at for at in asleep(home) if not mats(home) or on_mat(home, at)]


def night_out(home, rng):
    at = pick(home, rng, night_moments(home))
    if at is None:
        return None
    until = at + 2 * HOUR
    readings = frozen(home, at, until, rng)
    opened = at + 60
    readings += gets_up(home, readings, at) + [(opened, front_doors(home)[0], 1.0), (opened + 5, front_doors(home)[0], 0.0)]
    return Injection("night-out", at, opened, until, sorted(readings, key=lambda r: r[0]))


def night_bed(home, rng):
    at = pick(home, rng, night_moments(home))
    if at is None:
        return None
    until = at + 2 * HOUR
    readings = frozen(home, at, until, rng)
    readings += gets_up(home, readings, at)
    return Injection("night-bed", at, at, until, sorted(readings, key=lambda r: r[0]))


def usual_up(home):
    """By the notes, else the median of the first busy quarter of an hour after five o'clock, in hours."""
    ends = [hour(e) for s, e, label in home.notes if label == "go-to-bed" and 4 <= hour(e) <= 13]
    if not ends:
        day = home.start // DAY * DAY
        while day < home.end - DAY:
            busy = [q for q in range(20, 52) if near(home, day + q * 900, 0, 900) >= 6]
            ends += [busy[0] / 4] if busy else []
            day += DAY
    ends.sort()
    return ends[len(ends) // 2] if ends else 8.0


def morning(home, rng):
    at = pick(home, rng, night_moments(home))
    if at is None:
        return None
    due = at // DAY * DAY + usual_up(home) * HOUR
    until = due + 8 * HOUR
    readings = frozen(home, at, until, rng)
    level = {}
    for _, sensor, value in readings:
        level[sensor] = value
    if mats(home) and not any(level.get(m) for m in mats(home)):
        readings.append((at + 20, mats(home)[0], 1.0))  # the mat was in one of its breaks
    return Injection("morning", at, due, until, sorted(readings, key=lambda r: r[0]))


def bed_not_reached(home, rng):
    """An hour before she went to bed, awake and at home, she falls."""
    nights = [s - HOUR for s, e, label in home.notes if label == "go-to-bed" and e - s > 4 * HOUR
              and not in_note(home, AWAY, s - HOUR, HOUR) and near(home, s - HOUR, 20 * MINUTE, 0) >= 2]
    at = pick(home, rng, [n for n in nights if not on_mat(home, n)])
    if at is None:
        return None
    return Injection("bed-not-reached", at, at + HOUR, at + 9 * HOUR, frozen(home, at, at + 9 * HOUR, rng))


# ---- by day -------------------------------------------------------------------------------------------------------


def lived_in(home):
    """Moments of the day at which she is at home and up: readings before, and after, and no note that says else."""
    out = []
    at = first_moment(home)
    while at < home.end - DAY:
        if 9 <= hour(at) <= 19 and near(home, at, 10 * MINUTE, 0) >= 3 and near(home, at, 0, HOUR) >= 2 \
                and not in_note(home, AWAY + ("go-to-bed", "ill"), at, 30 * MINUTE):
            out.append(at)
        at += 17 * MINUTE
    return out


def collapse(home, rng):
    at = pick(home, rng, lived_in(home))
    if at is None:
        return None
    until = at + 10 * HOUR
    return Injection("collapse", at, at, until, frozen(home, at, until, rng))


def fridges(home):
    return [n for n in home.of_kind("contact") if any(word in n for word in ("fridge", "freezer", "refrigerator"))]


def fridge_open(home, rng):
    used = [n for n in fridges(home) if len(changes(home, [n], 1.0)) > 10]
    if not used:
        return None
    sensor = rng.choice(used)
    at = pick(home, rng, [t for t in changes(home, [sensor], 1.0) if t < home.end - 4 * HOUR])
    if at is None:
        return None
    until = at + 3 * HOUR
    readings = [r for r in home.readings if max(home.start, at - HISTORY) <= r[0] <= until
                and not (r[1] == sensor and r[0] > at)]
    return Injection("fridge-open", at, at, until, readings, sensor)


def daily_sensors(home):
    """Those heard of on nine days of ten: what is used once a month can die unnoticed for a month."""
    days = {}
    for at, sensor, _ in home.readings:
        days.setdefault(sensor, set()).add(at // DAY)
    lived = len({at // DAY for at, _, _ in home.readings})
    return sorted(s for s, seen in days.items() if s in home.sensors and len(seen) >= 0.9 * lived)


def dies(home, rng):
    sensors = daily_sensors(home)
    room = home.end - 8 * DAY - first_moment(home)
    if not sensors or room < 0:
        return None
    sensor, at = rng.choice(sensors), first_moment(home) + rng.uniform(0, room)
    until = at + 8 * DAY
    readings = [r for r in home.readings if max(home.start, at - HISTORY) <= r[0] <= until
                and not (r[1] == sensor and r[0] > at)]
    return Injection("sensor-dies", at, at, until, readings, sensor)


def fading(home, rng):
    """From `at` on, more and more of what she does is left out, evenly up to 30 % after two weeks, and so it stays: a
    pulse of a movement sensor, an opening of a drawer, with its end. Beds and doors of rooms stay as they are."""
    room = home.end - 28 * DAY - (home.start + 28 * DAY)
    if room < 0:
        return None
    at = home.start + 28 * DAY + rng.uniform(0, room)
    until = at + 28 * DAY
    thinned = set(home.of_kind("motion", "presence", "vibration"))
    thinned |= {n for n in home.of_kind("contact") if "door" not in n}
    out, dropped = [], set()
    for t, sensor, value in home.readings:
        if not at - HISTORY <= t <= until:
            continue
        if t > at and sensor in thinned:
            if value:
                (dropped.add if rng.random() < min(0.3, 0.3 * (t - at) / (14 * DAY)) else dropped.discard)(sensor)
            if sensor in dropped:
                continue
        out.append((t, sensor, value))
    return Injection("fading", at, at, until, out)


def needs(what, sensors):
    return lambda home: "" if sensors(home) else what


def long_enough(weeks, what):
    return lambda home: "" if home.weeks >= weeks else what


ALARM = ("emergency", "warning")
RULES = (
    Rule("bath-stay", "a bathroom visit that does not end: from its middle on nobody moves", bath_sees, bath_stay, ALARM),
    Rule("night-out", "asleep; out of bed, the front door opens and closes, nobody moves",
         needs("no contact on the front door", front_doors), night_out, ALARM),
    Rule("night-bed", "asleep; out of bed, and then nobody moves", needs("no mat", mats), night_bed, ALARM),
    Rule("morning", "asleep, and never gets up; the delay counts from the usual time of getting up",
         lambda home: "", morning, ALARM),
    Rule("bed-not-reached", "up and about an hour before going to bed, and then nobody moves; the delay counts from then",
         lambda home: "no mat" if not mats(home) else "" if home.notes else "no notes", bed_not_reached, ALARM),
    Rule("collapse", "up and about by day, and then nobody moves", lambda home: "", collapse, ALARM),
    Rule("fridge-open", "a fridge or freezer is opened and not closed again",
         needs("no contact on a fridge", fridges), fridge_open, ALARM),
    Rule("sensor-dies", "a sensor that is heard of every day falls silent", long_enough(1.5, "recording too short"),
         dies, ("technical",)),
    Rule("fading", "activity falls by 30 % over two weeks", long_enough(8.5, "recording too short"), fading,
         ("emergency", "warning", "info"), ("routine",), ("slow-change",)),
)
