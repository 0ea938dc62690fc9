"""Synthetic homes: a life, its sensors, and the map, in the format of a recorded home.

The seed, the person, the fitting and the number make a home: the same ones make the same home again."""
import dataclasses
import itertools
import pathlib
import random

from figures import PEOPLE
from fitting import FITTINGS, Recorder, sensors_of
from life import Life, make_plan

FIRST_DAY = 1704067200  # a Monday
VALUES = {"contact": ("CLOSE", "OPEN")}

# The homes of one round; more homes are more rounds with other seeds. Poor mats, kept doors and few sensors have their
# full share: the defaults must serve the worst of them.
ROUND = [("early", "full"), ("late", "poor-mat"), ("restless", "full"), ("steady", "no-mat"), ("working", "doors"),
         ("early", "motion"), ("late", "kept-closed"), ("restless", "worst-mat"), ("steady", "full"),
         ("early", "poor-mat"), ("late", "doors"), ("steady", "motion")]


def of_nobody_else(rng, person):
    """The person's figures, moved a little: no two homes are alike."""
    return dataclasses.replace(person, to_bed=person.to_bed + rng.gauss(0, 15), up=person.up + rng.gauss(0, 15),
                               trips_a_night=person.trips_a_night * rng.uniform(0.8, 1.25),
                               outings_a_day=person.outings_a_day * rng.uniform(0.8, 1.25))


def make(seed, person, fitting, weeks, exact=False):
    """The home's readings (seconds since the epoch, sensor, 0 or 1), notes, and Fitting. exact: the figures as they
    are, for the test that compares them."""
    rng = random.Random(f"{seed} {person} {fitting}")
    who = PEOPLE[person] if exact else of_nobody_else(rng, PEOPLE[person])
    days = weeks * 7
    plan = make_plan(rng, days, rng.choice((0, 0.5, 2, 3)))
    stays, notes = Life(rng, who, plan, rng.randrange(365)).days(days)
    recorder = Recorder(rng, FITTINGS[fitting], days)
    recorder.take(stays)
    readings = [(FIRST_DAY + at, sensor, value) for at, sensor, value in recorder.readings()]
    told = [(FIRST_DAY + start * 60, FIRST_DAY + end * 60, label) for start, end, label in notes]
    told += [(FIRST_DAY + start, FIRST_DAY + end, label) for start, end, label in recorder.notes]
    return readings, sorted(told), FITTINGS[fitting]


def map_text(name, fitting, profile):
    """The home's gatewayd.conf. profile: the path of the file with the defaults."""
    sensors = sensors_of(fitting)
    names = [sensor for sensor, _, _ in sensors]
    lines = [f"# {name} - made by tests/eval/generate",
             f'home = {{ county = "tests"; town = "homes"; village = "synthetic"; id = "{name}"; timezone = "UTC"; }};',
             f'@include "{profile}"', 'mqtt = { host = "127.0.0.1"; };', "", "sensors = ("]
    lines.append(",\n".join(f'  {{ name = "{sensor}"; kind = "{kind}"; room = "{room}"; '
                            f'mqtt = {{ topic = "home/{sensor}"; format = "raw"; }}; }}'
                            for sensor, kind, room in sensors))
    lines += [");", "", "detectors = ("]
    lines.append(",\n".join("  " + detector for detector in detectors_of(fitting, names)))
    lines += [");", "", 'uplinks = ( { name = "platform"; host = "127.0.0.1"; } );', ""]
    return "\n".join(lines)


def quoted(names):
    return "[ " + ", ".join(f'"{name}"' for name in names) + " ]"


def detectors_of(fitting, names):
    """As a technician would set them up: everything that the sensors allow."""
    motion = [name for name in names if name.endswith("-motion")]
    signs = motion + [name for name in names if name in ("fridge", "cupboard", "drawer", "wardrobe", "flush")]
    signs += ["bathroom-door"] if fitting.bathroom_door else []
    out = []
    if fitting.mat:
        bedroom = ' bedroom = "bedroom-motion";' if fitting.motion else ""
        front = ' door = "front-door";' if fitting.front_door else ""
        out.append(f'{{ name = "night"; plugin = "bed"; bed = "bed";{front} '
                   f'motion = {quoted([n for n in signs if n not in ("bedroom-motion", "wardrobe")])};'
                   f'{bedroom} }}')
    if fitting.bathroom_door or fitting.motion:
        contact = ' door = "bathroom-door";' if fitting.bathroom_door else ""
        inside = ' motion = "bathroom-motion";' if fitting.motion else ""
        kept = " door_kept_closed = true;" if fitting.kept_closed else ""
        elsewhere = [n for n in signs if not n.startswith("bathroom") and n != "flush"]
        elsewhere += (["front-door"] if fitting.front_door else []) + (["bed"] if fitting.mat else [])
        out.append(f'{{ name = "bathroom"; plugin = "bath";{contact}{inside}{kept} elsewhere = {quoted(elsewhere)}; }}')
    if fitting.front_door:
        bed = ' bed = "bed";' if fitting.mat else ""
        out.append(f'{{ name = "way-out"; plugin = "door"; door = "front-door"; motion = {quoted(signs)};{bed} }}')
    if fitting.fridge:
        out.append('{ name = "fridge"; plugin = "door"; door = "fridge"; back_within = "never"; }')
    door = ' door = "front-door";' if fitting.front_door else ""
    out.append(f'{{ name = "life"; plugin = "activity";{door} }}')
    out.append(f'{{ name = "habits"; plugin = "routine";{door} }}')
    return out


def write(folder, name, readings, notes, fitting, profile):
    folder = pathlib.Path(folder)
    kinds = {sensor: kind for sensor, kind, _ in sensors_of(fitting)}
    with open(folder / f"{name}.events.csv", "w", encoding="ascii") as out:
        out.write("unix_time_seconds,sensor_id,value\n")
        for at, sensor, value in readings:
            out.write(f"{at:.1f},{sensor},{VALUES.get(kinds[sensor], ('OFF', 'ON'))[value]}\n")
    with open(folder / f"{name}.activities.csv", "w", encoding="ascii") as out:
        out.write("start,end,label\n")
        for start, end, label in notes:
            out.write(f"{start:.0f},{end:.0f},{label}\n")
    (folder / f"{name}.conf").write_text(map_text(name, fitting, profile), encoding="ascii")


def homes(count, seed):
    """(name, person, fitting, the home's own seed) of `count` homes."""
    for i, (person, fitting) in enumerate(itertools.islice(itertools.cycle(ROUND), count)):
        yield f"{person}-{fitting}-{i + 1}", person, fitting, f"{seed}/{i}"
