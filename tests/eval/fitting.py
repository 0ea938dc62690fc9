"""Sensors in a synthetic home: from stays to the readings that they would have made.

Every sensor here has two levels. Each is made as intervals in which it is 1, which are joined where they overlap:
so two people in one home need no code of their own."""
import dataclasses

from figures import DOOR_OPEN_S, FRIDGE_OPEN_S, MATS, PHANTOMS_A_DAY, draw, mat_break_s, poisson
from life import MOVES

ROOMS = ("bedroom", "bathroom", "hall", "living-room", "kitchen")


@dataclasses.dataclass(frozen=True)
class Fitting:
    """What is installed, and how the home treats it."""
    motion: bool = True
    hold_s: float = 60.0           # a movement sensor says 1 for so long after the last movement
    mat: str = ""                  # of figures.MATS; "": none
    bathroom_door: bool = True
    closes_door: float = 0.9       # of the visits, those behind a closed door
    kept_closed: bool = False      # the door is closed too when nobody is inside
    front_door: bool = True
    fridge: bool = True
    cupboards: bool = False        # contacts on cupboards, drawers and the flush


FITTINGS = {
    "full": Fitting(mat="good"),
    "poor-mat": Fitting(mat="poor", hold_s=30.0),
    "worst-mat": Fitting(mat="worst", hold_s=90.0, closes_door=0.6),
    "no-mat": Fitting(closes_door=0.7, hold_s=40.0),
    "kept-closed": Fitting(mat="good", kept_closed=True, closes_door=0.8),
    "doors": Fitting(motion=False, cupboards=True, closes_door=0.95),
    "motion": Fitting(bathroom_door=False, front_door=False, fridge=False, hold_s=3.0),
}


def sensors_of(fitting):
    """(name, kind, room) of each."""
    out = []
    if fitting.motion:
        out += [(room + "-motion", "motion", room) for room in ROOMS]
    if fitting.mat:
        out.append(("bed", "bed", "bedroom"))
    if fitting.bathroom_door:
        out.append(("bathroom-door", "contact", "bathroom"))
    if fitting.front_door:
        out.append(("front-door", "contact", "hall"))
    if fitting.fridge:
        out.append(("fridge", "contact", "kitchen"))
    if fitting.cupboards:
        out += [("cupboard", "contact", "kitchen"), ("drawer", "contact", "kitchen"), ("wardrobe", "contact", "bedroom"),
                ("flush", "vibration", "bathroom")]
    return out


def joined(intervals):
    """Sorted, overlapping ones made one."""
    out = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        elif end > start:
            out.append([start, end])
    return out


class Recorder:
    """Takes the stays of everybody in a home; `readings` gives (seconds since the first midnight, sensor, 0 or 1)."""

    def __init__(self, rng, fitting, days):
        self.rng, self.fitting, self.days = rng, fitting, days
        self.names = {name for name, _, _ in sensors_of(fitting)}
        self.on = {name: [] for name in self.names}
        self.closed = []  # a bathroom door that else stands open
        self.notes = []   # seconds

    def _add(self, name, start, length):
        if name in self.names:
            self.on[name].append((start, start + length))

    def take(self, stays):
        for before, stay, after in zip([None] + stays, stays, stays[1:] + [None]):
            start, end = stay.start * 60, stay.end * 60
            self._move(stay, start, end)
            if stay.room == "bathroom":
                self._bathroom(start, end, stay.what)
            elif stay.room == "kitchen" and stay.what == "cook":
                self._kitchen(start, end)
            elif stay.what == "dress" and self.rng.random() < 0.6:
                self._add("wardrobe", self.rng.uniform(start, end), self.rng.uniform(3, 40))
            if stay.what in ("away", "post", "out") and stay.room in ("out", "hall"):
                self._front_door(stay, start, end, after)
        self._bed(stays)

    def _move(self, stay, start, end):
        mean = MOVES[stay.what]
        room = "bedroom" if stay.room == "bed" else stay.room
        if room == "out" or mean is None:
            return
        if stay.room != "bed":
            self._add(room + "-motion", start + 1, self.fitting.hold_s)  # she comes in
        at = start + self.rng.expovariate(1 / mean)
        while at < end:
            self._add(room + "-motion", at, self.fitting.hold_s)
            at += self.rng.expovariate(1 / mean)
        if not stay.alone and stay.what == "visit":
            self._visitor(start, end)

    def _visitor(self, start, end):
        rng = self.rng
        for _ in range(poisson(rng, (end - start) / 600)):
            self._add(rng.choice(("hall", "living-room", "kitchen")) + "-motion", rng.uniform(start, end), self.fitting.hold_s)
        if rng.random() < 0.3 and end - start > 1200:
            at = rng.uniform(start, end - 600)
            self._bathroom(at, at + rng.uniform(60, 400), "trip")

    def _bathroom(self, start, end, what):
        rng, fitting = self.rng, self.fitting
        closes = rng.random() < fitting.closes_door and end - start > 20
        if fitting.kept_closed and closes:
            self._add("bathroom-door", start - 2, 4)
            self._add("bathroom-door", end - 2, 5)
        elif fitting.kept_closed:
            self._add("bathroom-door", start - 2, end - start + 5)
        elif closes:
            self.closed.append((start + rng.uniform(2, 5), end - rng.uniform(2, 5)))
        if what == "trip" and rng.random() < 0.9:
            self._add("flush", end - rng.uniform(10, 40) if end - start > 60 else end - 8, 1.0)

    def _kitchen(self, start, end):
        rng = self.rng
        for name, mean, lengths in (("fridge", 1.4, FRIDGE_OPEN_S), ("cupboard", 2.0, (1, 4, 28, 300)),
                                    ("drawer", 1.5, (1, 3, 12, 120))):
            for _ in range(poisson(rng, mean)):
                self._add(name, rng.uniform(start, end), draw(rng, lengths, (0, .5, .9, 1)))

    def _front_door(self, stay, start, end, after):
        rng = self.rng
        moments = []
        if stay.what == "away":
            moments = [start - rng.uniform(2, 8), end - rng.uniform(1, 3)]
        elif stay.what == "post" or not stay.alone:
            moments = [rng.uniform(start, end)]
        for at in moments:
            length = draw(rng, DOOR_OPEN_S, (0, .5, .9, 1))
            if rng.random() < 1 / 400:
                length = rng.uniform(3600, 4 * 3600)
                self.notes.append((at, at + length, "door-left-open"))
            self._add("front-door", at, length)

    def _bed(self, stays):
        if not self.fitting.mat:
            return
        counts = MATS[self.fitting.mat]
        for start, end in joined([(s.start * 60, s.end * 60) for s in stays if s.room == "bed"]):
            start, end = start + 15, end - 5
            lengths = []
            if counts:
                lengths = [mat_break_s(self.rng, counts)
                           for _ in range(poisson(self.rng, counts[0] * (end - start) / (8 * 3600)))]
            while sum(lengths) > 0.6 * (end - start):
                lengths.remove(max(lengths))
            self._lie(start, end, lengths)

    def _lie(self, start, end, lengths):
        """On the mat from start to end, with breaks of these lengths anywhere."""
        weights = [self.rng.expovariate(1) for _ in range(len(lengths) + 1)]
        on = (end - start - sum(lengths)) / sum(weights)
        self.rng.shuffle(lengths)
        at = start
        for weight, length in zip(weights, lengths + [0]):
            self._add("bed", at, max(weight * on, 0.2))
            at += weight * on + length

    def _phantoms(self):
        motions = [name for name in sorted(self.names) if name.endswith("-motion")]
        for _ in range(poisson(self.rng, PHANTOMS_A_DAY * len(motions) / 22 * self.days) if motions else 0):
            self._add(self.rng.choice(motions), self.rng.uniform(0, self.days * 86400), 1.0)

    def readings(self):
        self._phantoms()
        out = []
        until = self.days * 86400
        for name in sorted(self.names):
            door = name == "bathroom-door" and not self.fitting.kept_closed
            if door:
                out.append((0.0, name, 1))
            for start, end in joined(self.closed if door else self.on[name]):
                out.append((max(start, 0.1), name, int(not door)))
                out.append((max(end, 0.2), name, int(door)))
        return sorted(reading for reading in out if reading[0] < until)
