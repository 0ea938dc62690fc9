"""A person's days as stays: where she is, from when to when, what she does there, how much she moves.

One life is a list of Stay, without holes, from the first midnight on. The notes (activities) are what such a person
would write down: the truth that a detector never sees."""
import dataclasses
import math

from figures import (DOOR_EXTRA_A_DAY, SILENCE_AT, SILENCE_MOTION_MIN, TRIP_AT, Person, draw, poisson, quantile)

DAY = 1440.0  # minutes: the unit of this module

# How long until she moves again, seconds on average, by what she does. None: she does not.
MOVES = {"sleep": 2400, "trip": 25, "hygiene": 30, "bath": 40, "cook": 20, "eat": 120, "sit": 420, "rest": None,
         "walk": 15, "dress": 30, "away": None, "out": 15, "visit": 40, "ill": 1500, "read": 600, "post": 10}


@dataclasses.dataclass
class Stay:
    start: float  # minutes since the first midnight
    end: float
    room: str     # "bed" is in the bedroom; "out" is not at home
    what: str     # of MOVES
    alone: bool = True


@dataclasses.dataclass
class Plan:
    """What is not everyday, by day."""
    away: set = dataclasses.field(default_factory=set)      # days on a journey
    ill: set = dataclasses.field(default_factory=set)       # days in bed with a cold
    visits: dict = dataclasses.field(default_factory=dict)  # day -> [(minute, length)]


def make_plan(rng, days, visits_a_week):
    plan = Plan()
    day = rng.randrange(10, 60)
    while day < days:
        length = rng.choice((1, 1, 2, 3, 5))
        plan.away.update(range(day, min(day + length, days)))
        day += rng.randrange(30, 90)
    day = rng.randrange(25, 140)
    while day < days:
        length = rng.randrange(2, 6)
        plan.ill.update(d for d in range(day, min(day + length, days)) if d not in plan.away)
        day += rng.randrange(70, 200)
    for day in range(days):
        if day not in plan.away and rng.random() < visits_a_week / 7:
            plan.visits[day] = [(rng.uniform(600, 960), rng.uniform(30, 90))]
    return plan


class Life:
    """Writes one person's stays day by day. first_weekday: 0 is Monday; day_of_year: for the season."""

    def __init__(self, rng, person: Person, plan: Plan, day_of_year=0):
        self.rng, self.person, self.plan, self.day_of_year = rng, person, plan, day_of_year
        self.stays, self.notes = [], []
        self.now = 0.0

    def _stay(self, length, room, what, alone=True):
        if length <= 0:
            return
        self.stays.append(Stay(self.now, self.now + length, room, what, alone))
        self.now += length

    def _until(self, when, room, what, alone=True):
        self._stay(when - self.now, room, what, alone)

    def _note(self, start, end, label):
        self.notes.append((start, end, label))

    def _hall(self):
        self._stay(self.rng.uniform(0.1, 0.3), "hall", "walk")

    def days(self, n):
        """n days; the first night is slept from midnight on."""
        for day in range(n):
            self._night(day)
            self._day(day)
        return self.stays, self.notes

    # -- the night ---------------------------------------------------------------------------------------------------

    def _up_at(self, day):
        season = 12 * math.cos(2 * math.pi * (self.day_of_year + day - 15) / 365)  # later in the dark months
        weekend = 20 if day % 7 >= 5 else 0
        at = self.person.up + season + weekend + self.rng.gauss(0, 25)
        if day in self.plan.ill:
            at += self.rng.uniform(90, 240)
        return day * DAY + at

    def _bed_at(self, day):
        at = self.person.to_bed + self.rng.gauss(0, 30) - (90 if day in self.plan.ill else 0)
        return day * DAY + at

    def _night(self, day):
        if day in self.plan.away:
            return
        up = self._up_at(day)
        if self.now < up - 60:
            start = self.now
            self._sleep(up, "ill" if day in self.plan.ill else "sleep")
            self._note(start, self.now, "go-to-bed")
        if day in self.plan.ill:
            self._note(day * DAY, (day + 1) * DAY, "ill")

    def _sleep(self, until, what):
        rng, person = self.rng, self.person
        share = (until - self.now) / 480
        exits = sorted(rng.uniform(self.now + 20, until - 15) for _ in range(poisson(rng, person.trips_a_night * share)))
        long_out = rng.uniform(self.now + 60, until - 30) if rng.random() < person.out_long else None
        for at in sorted(exits + ([long_out] if long_out else [])):
            if at < self.now + 4:
                continue
            self._until(at, "bed", what)
            self._stay(0.2, "bedroom", "walk")
            if at == long_out:
                self._sit_up()
            else:
                self._trip(quantile(TRIP_AT, person.trip_min, rng.random()), "use-toilet")
        self._until(max(until, self.now + 1), "bed", what)

    def _sit_up(self):
        """Out of bed for long, and then back: a cup of tea, a chair."""
        length = draw(self.rng, self.person.out_long_min)
        self._hall()
        self._stay(length * 0.2, "kitchen", "cook")
        self._stay(length * 0.8, "living-room", "sit")
        self._hall()

    def _trip(self, length, label):
        self._hall()
        start = self.now
        self._stay(length, "bathroom", "trip")
        self._note(start, self.now, label)
        self._hall()

    # -- the day -----------------------------------------------------------------------------------------------------

    def _day(self, day):
        if day in self.plan.away:
            self._journey(day)
            return
        bed = self._bed_at(day)
        ill = day in self.plan.ill
        if self.now > bed - 60:
            return  # not home again yet
        self._stay(self.rng.uniform(1, 3), "bedroom", "dress")
        self._morning(ill)
        self._errands = self._outings(day, bed, ill)
        self._rest_at = self.rng.uniform(780, 1000) + day * DAY
        while self.now < bed - 15:
            self._block(day, bed)
        self._wash(self.rng.uniform(4, 9), "brush-teeth")
        self._stay(self.rng.uniform(1, 3), "bedroom", "dress")

    def _journey(self, day):
        until = (day + 1) * DAY + 8 * 60
        if self.stays and self.stays[-1].room == "out":
            self.stays[-1].end = until
            self.now = until
        else:
            self._until(max(self.now + 1, day * DAY + 8 * 60), "living-room", "sit")
            self._hall()
            self._until(until, "out", "away")
        self._note(day * DAY + 8 * 60, until, "journey")

    def _wash(self, length, label):
        self._hall()
        start = self.now
        self._stay(length, "bathroom", "hygiene")
        self._note(start, self.now, label)
        self._hall()

    def _morning(self, ill):
        rng = self.rng
        if not ill and rng.random() < 0.45:
            self._hall()
            start = self.now
            self._stay(draw(rng, self.person.bath_min), "bathroom", "bath")
            self._note(start, self.now, "take-shower")
            self._hall()
        else:
            self._wash(rng.uniform(6, 14), "brush-teeth")
        start = self.now
        self._stay(rng.uniform(6, 15), "kitchen", "cook")
        self._note(start, self.now, "prep-breakfast")
        self._stay(rng.uniform(10, 25), "kitchen", "eat")

    def _outings(self, day, bed, ill):
        if ill:
            return []
        mean = self.person.outings_a_day
        times = [day * DAY + self.rng.uniform(540, 1080) for _ in range(min(poisson(self.rng, mean), 4))]
        posts = [day * DAY + self.rng.uniform(540, 1200) for _ in range(poisson(self.rng, DOOR_EXTRA_A_DAY))]
        visits = [(day * DAY + at, "visit", length) for at, length in self.plan.visits.get(day, [])]
        outs = [(t, "away", 60 * draw(self.rng, self.person.away_h)) for t in times]
        return sorted(visits + [e for e in outs if e[0] < bed - 60] + [(t, "post", 1.0) for t in posts])

    def _block(self, day, bed):
        """What she does next, until something else is due."""
        rng = self.rng
        minute = self.now - day * DAY
        if self._errands and self._errands[0][0] <= self.now:
            self._errand(*self._errands.pop(0)[1:], bed)
        elif self._rest_at <= self.now:
            self._rest_at = bed + 1
            length = quantile(SILENCE_AT, SILENCE_MOTION_MIN, rng.random())
            self._stay(min(length, bed - self.now), "living-room", "rest")
        elif 690 <= minute < 760 or 1050 <= minute < 1110:
            start = self.now
            self._stay(rng.uniform(12, 35), "kitchen", "cook")
            self._note(start, self.now, "prep-dinner")
            self._stay(rng.uniform(15, 30), "kitchen", "eat")
        else:
            self._pastime(bed)

    def _pastime(self, bed):
        rng = self.rng
        chance = rng.random()
        due = self._errands[0][0] if self._errands else bed
        if chance < 0.18:
            length = rng.uniform(32, 44) if rng.random() < self.person.long_visits * 1.4 else rng.uniform(1.5, 8)
            self._trip(length, "use-toilet")
        elif chance < 0.36:
            self._stay(rng.uniform(2, 8), "kitchen", "cook")
        elif chance < 0.44:
            self._hall()
            self._stay(rng.uniform(2, 12), "bedroom", "dress")
            self._hall()
        else:
            self._stay(max(3, min(rng.uniform(8, 45), due - self.now)), "living-room", rng.choice(("sit", "read")))

    def _errand(self, what, length, bed):
        start = self.now
        if what == "visit":
            self._stay(0.6, "hall", "out", alone=False)
            self._stay(length, "living-room", "visit", alone=False)
            self._stay(0.6, "hall", "out", alone=False)
            self._note(start, self.now, "visit")
        elif what == "post":
            self._stay(self.rng.uniform(0.3, 1.5), "hall", "post")
        else:
            self._stay(0.5, "hall", "out")
            back = min(self.now + length, bed - 30) if length < 12 * 60 else self.now + length
            if back > self.now + 3:
                self._until(back, "out", "away")
                self._note(start, self.now, "leave-house")
            self._stay(0.5, "hall", "out")
