"""The figures of a home, measured from its readings and notes: to compare synthetic homes with real ones."""
import bisect
import statistics

DAY = 86400


def quantiles(values, at):
    """By nearest rank; a list of the same length as `at`."""
    ordered = sorted(values)
    return [ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in at] if ordered else [None] * len(at)


def intervals(notes, label):
    return [(start, end) for start, end, name in notes if name == label]


def nights(notes):
    """(start, end) of every noted night of ordinary days."""
    ill = intervals(notes, "ill")
    return [(start, end) for start, end in intervals(notes, "go-to-bed")
            if end - start > 4 * 3600 and not any(a <= end < b for a, b in ill)]


def clock_median(times, around):
    """Median time of day in minutes, with midnight out of the way: `around` is 12 hours from it."""
    return (statistics.median((t / 60 - around) % 1440 for t in times) + around) % 1440


def bed_times(notes):
    slept = nights(notes)
    return clock_median([s for s, _ in slept], 720), clock_median([e for _, e in slept], 0)


def night_trips(notes):
    """Trips a night, and their lengths in minutes."""
    slept, trips = nights(notes), intervals(notes, "use-toilet")
    inside = [(b - a) / 60 for a, b in trips if any(s < a and b < e for s, e in slept)]
    return len(inside) / len(slept), inside


def door_openings(readings, door):
    """Openings a day, of days on which somebody is at home at all."""
    days = {}
    for at, sensor, value in readings:
        days.setdefault(at // DAY, 0)
        if sensor == door and value:
            days[at // DAY] += 1
    return list(days.values())


def mat_exits(readings, mat, notes, thresholds):
    """A night's breaks in bed by how long the mat stays off at least."""
    slept = nights(notes)
    starts = [s for s, _ in slept]
    breaks, off = [], None
    for at, sensor, value in readings:
        if sensor != mat:
            continue
        if value and off is not None:
            i = bisect.bisect_right(starts, off) - 1
            if i >= 0 and off < slept[i][1] - 60 and at <= slept[i][1]:
                breaks.append(at - off)
        off = None if value else at
    return [sum(b >= t for b in breaks) / len(slept) for t in thresholds]


def silences(readings, notes):
    """The longest silence of each day, 08:00 to 22:00, at home and awake, in minutes."""
    blocked = sorted((s, e) for s, e, label in notes if label in ("go-to-bed", "leave-house", "journey", "ill"))
    longest, before = {}, None
    for at in [at for at, _, _ in readings]:
        if before is not None and at - before > 600:
            for start, end in _free(before, at, blocked):
                day = start // DAY
                start, end = max(start, day * DAY + 8 * 3600), min(end, day * DAY + 22 * 3600)
                longest[day] = max(longest.get(day, 0), end - start)
        before = at
    away = {day for s, e, label in notes if label in ("leave-house", "journey", "ill") and e - s > 6 * 3600
            for day in range(int(s // DAY), int(e // DAY) + 1)}
    return [length / 60 for day, length in sorted(longest.items()) if day not in away]


def _free(start, end, blocked):
    """What of start..end is in none of the blocked intervals."""
    for a, b in blocked:
        if b <= start or a >= end:
            continue
        if a > start:
            yield start, a
        start = max(start, b)
    if start < end:
        yield start, end
