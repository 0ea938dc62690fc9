"""Figures of real homes that synthetic ones are drawn from, and how a value is drawn from quantiles.

Each is a measured summary (median, 95 %, longest ...) of nights, trips, absences, silences and mats of recorded homes;
no recorded event is copied. A unit stands in each name."""
import bisect
import dataclasses
import math

# Length of a bathroom visit at night, minutes, at 50, 90, 95, 99 and 100 %.
TRIP_AT = (0.0, 0.5, 0.9, 0.95, 0.99, 1.0)


@dataclasses.dataclass(frozen=True)
class Person:
    """How somebody lives. Times of day in minutes after midnight; a bed time past midnight is above 1440."""
    to_bed: float
    up: float
    trips_a_night: float
    trip_min: tuple       # at TRIP_AT
    out_long: float       # nights in which she is out of bed for long and then sleeps again
    out_long_min: tuple   # for how long: at 0, 50 and 100 %
    long_visits: float    # of all bathroom visits by day: those over half an hour
    bath_min: tuple       # bath or shower at 0, 50 and 100 %
    away_h: tuple         # at 0, 50, 95 and 100 %
    outings_a_day: float


PEOPLE = {
    "early": Person(to_bed=1435, up=421, trips_a_night=0.72, trip_min=(0.7, 2.6, 3.8, 4.3, 7.2, 8.7), out_long=0.023,
                    out_long_min=(15, 25, 139), long_visits=0.0, bath_min=(4, 9, 22), away_h=(0.1, 1.6, 4.4, 11),
                    outings_a_day=1.3),
    "late": Person(to_bed=1333, up=564, trips_a_night=1.65, trip_min=(0.8, 3.2, 4.5, 4.7, 6.9, 7.7), out_long=0.02,
                   out_long_min=(15, 20, 60), long_visits=0.10, bath_min=(8, 20, 51), away_h=(0.1, 1.6, 4.4, 11),
                   outings_a_day=1.0),
    "restless": Person(to_bed=1395, up=554, trips_a_night=4.96, trip_min=(1.0, 6.6, 15.2, 17.5, 26.9, 34),
                       out_long=0.82, out_long_min=(30, 42, 110), long_visits=0.013, bath_min=(5, 12, 40),
                       away_h=(0.1, 1.6, 4.4, 11), outings_a_day=0.9),
    "steady": Person(to_bed=1380, up=470, trips_a_night=2.29, trip_min=(0.6, 1.8, 2.6, 3.7, 47, 96), out_long=0.03,
                     out_long_min=(15, 25, 90), long_visits=0.02, bath_min=(4, 8, 25), away_h=(0.1, 2.0, 5.0, 12),
                     outings_a_day=1.2),
    "working": Person(to_bed=1410, up=480, trips_a_night=0.5, trip_min=(0.5, 1.2, 3, 5, 10, 14), out_long=0.01,
                      out_long_min=(15, 20, 40), long_visits=0.005, bath_min=(5, 10, 18), away_h=(0.3, 7.6, 31, 46),
                      outings_a_day=1.25),
}

# Breaks of a bed mat in a night, by how long it stays off at least: seconds -> how many.
MATS = {
    "good": {},
    "poor": {0: 277, 10: 53, 60: 18, 300: 8.5, 900: 3.8},
    "worst": {0: 693, 10: 77, 60: 23, 300: 8.8, 900: 3.5},
}
MAT_LONGEST_S = 3600.0

# The longest silence of a day, 08:00 to 22:00, at home and awake, minutes, at 5, 50, 95 and 100 %.
SILENCE_AT = (0.0, 0.05, 0.5, 0.95, 1.0)
SILENCE_MOTION_MIN = (40, 60, 108, 173, 182)
SILENCE_REED_MIN = (60, 85, 148, 259, 285)

DOOR_OPEN_S = (1.5, 4.0, 6.0, 71.0)  # the front door, at 0, 50, 90 and 100 %
FRIDGE_OPEN_S = (1.0, 4.0, 15.0, 106.0)
PHANTOMS_A_DAY = 4.0  # blips of about a second in an empty home with 22 sensors: 14 in 83 hours
DOOR_EXTRA_A_DAY = 1.6  # openings of the front door that are no outing: the post, the neighbour


def quantile(at, values, u):
    """The value at probability u: straight lines in the logarithm between the known ones."""
    i = min(max(bisect.bisect_right(at, u), 1), len(at) - 1)
    low, high = math.log(values[i - 1]), math.log(values[i])
    share = (u - at[i - 1]) / (at[i] - at[i - 1])
    return math.exp(low + (high - low) * share)


def draw(rng, values, at=None):
    """A value from its quantiles. at: their probabilities; else 3 values are (0, 50, 100 %), 4 are (0, 50, 90/95, 100)."""
    if at is None:
        at = (0.0, 0.5, 1.0) if len(values) == 3 else (0.0, 0.5, 0.95, 1.0)
    return quantile(at, values, rng.random())


def mat_break_s(rng, counts):
    """How long one break of a chattering mat lasts, from the survival function that `counts` is."""
    points = sorted(counts.items())
    u = rng.random() * points[0][1]
    for (low, _), (high, fewer) in zip(points, points[1:] + [(MAT_LONGEST_S, 0)]):
        if u >= fewer:
            share = (counts[low] - u) / (counts[low] - fewer)
            low = max(low, 0.6)
            return math.exp(math.log(low) + (math.log(high) - math.log(low)) * share)
    return MAT_LONGEST_S


def poisson(rng, mean):
    limit, product, n = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        n += 1
    return n
