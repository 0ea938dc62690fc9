"""What happens in a home: [(seconds since its first midnight, sensor, value)], from a recording or made up from a seed."""
import csv
import pathlib
import random

DAY = 86400
WORDS = {"ON": 1, "OPEN": 1, "OFF": 0, "CLOSE": 0, "CLOSED": 0}


def recorded(path, days):
    """The recording, from its first midnight on, as long as it is and then again from its beginning until there are so
    many days. Sensors' names in lower case."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(float(row["unix_time_seconds"]), row["sensor_id"].lower(), row["value"])
                for row in csv.DictReader(file)]
    first = rows[0][0] // DAY * DAY
    once = [(at - first, name, WORDS[value] if value in WORDS else float(value)) for at, name, value in rows]
    length = int(once[-1][0] // DAY + 1)
    trace = []
    for again in range(-(-days // length)):
        trace += [(at + again * length * DAY, name, value) for at, name, value in once]
    return [event for event in trace if event[0] < days * DAY]


def _walk(random_, at, out, *stops):
    """Through the flat: (sensor, seconds there), each a movement that ends."""
    for sensor, stay in stops:
        out += [(at, sensor, 1), (at + min(stay, 30 + random_.random() * 60), sensor, 0)]
        at += stay
    return at


def _toilet(random_, at, out, stay):
    out += [(at, "bathroom-door", 1), (at + 4, "bathroom-door", 0)]
    _walk(random_, at + 6, out, ("bathroom", stay))
    out += [(at + 6 + stay, "bathroom-door", 1), (at + 12 + stay, "bathroom-door", 0)]
    return at + 20 + stay


def made_up(days, seed=1):
    """An old woman's days in short.conf's flat: nights with one or two ways to the toilet, one of them too long; a walk;
    a door left open; a day late in bed."""
    random_, trace = random.Random(seed), [(0, "bed", 1), (1, "front-door", 0), (2, "bathroom-door", 0)]
    for day in range(days):
        at = day * DAY
        for hour in (1.2 + random_.random(), 4.2 + random_.random()):
            leaves = at + hour * 3600
            trace.append((leaves, "bed", 0))
            _walk(random_, leaves + 5, trace, ("bedroom", 20))
            back = _toilet(random_, leaves + 40, trace, 240 if day % 2 or hour < 4 else 3300)
            trace.append((back + 15, "bed", 1))
        up = at + (7 if day % 3 else 10.5) * 3600 + random_.random() * 600
        trace.append((up, "bed", 0))
        _walk(random_, up + 10, trace, ("bedroom", 60), ("kitchen", 1500))
        _toilet(random_, up + 1800, trace, 600)
        out = at + 13 * 3600 + random_.random() * 900
        trace += [(out, "front-door", 1), (out + (5 if day % 2 else 2400), "front-door", 0),
                  (out + 5400, "front-door", 1), (out + 5420, "front-door", 0)]
        _walk(random_, out + 5430, trace, ("kitchen", 900), ("bedroom", 300))
        for n in range(12):
            _walk(random_, out + 7200 + n * 1500 + random_.random() * 600, trace, ("kitchen", 200), ("bedroom", 120))
        trace.append((at + 22 * 3600 + random_.random() * 1200, "bed", 1))
    return sorted(event for event in trace if event[0] < days * DAY)


def load(home, folder, days):
    """The recorded home of this name from the folder; "short": the one that is made up."""
    return made_up(days) if home == "short" else recorded(pathlib.Path(folder) / f"{home}.events.csv", days)
