"""Homes on disk: readings, notes and map of each home in a folder."""
import dataclasses
import functools
import pathlib
import re

ON = {"ON", "OPEN", "1", "TRUE"}
OFF = {"OFF", "CLOSE", "CLOSED", "0", "FALSE"}
SENSOR = re.compile(r'\{\s*name\s*=\s*"([^"]+)"\s*;\s*kind\s*=\s*"([^"]+)"\s*;(?:\s*room\s*=\s*"([^"]*)"\s*;)?')
DETECTOR = re.compile(r'\{\s*name\s*=\s*"([^"]+)"\s*;\s*plugin\s*=\s*"([^"]+)"')
INCLUDE = re.compile(r'^@include\s+"[^"]*"', re.MULTILINE)


@dataclasses.dataclass
class Home:
    name: str
    map: pathlib.Path
    readings: list   # (seconds, sensor in small letters, value), sorted
    notes: list      # (start, end, label); empty where nobody took notes
    sensors: dict    # name -> (kind, room)
    detectors: dict  # name -> plugin

    @property
    def start(self):
        return self.readings[0][0]

    @property
    def end(self):
        return self.readings[-1][0]

    @property
    def weeks(self):
        return (self.end - self.start) / (7 * 86400)

    @functools.cached_property
    def times(self):
        return [at for at, _, _ in self.readings]

    @functools.cached_property
    def beds(self):
        return set(self.of_kind("bed"))

    def of_kind(self, *kinds):
        return [name for name, (kind, _) in self.sensors.items() if kind in kinds]


def value_of(text):
    word = text.strip().upper()
    if word in ON:
        return 1.0
    if word in OFF:
        return 0.0
    return float(text)


def read_events(path):
    """Sorted by time; lines that are none are told with their number."""
    readings = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.strip().split(",")
            if number == 1 and fields[0] == "unix_time_seconds" or fields == [""]:
                continue
            try:
                at, sensor, value = fields
                readings.append((float(at), sensor.lower(), value_of(value)))
            except ValueError:
                raise SystemExit(f"{path}:{number}: not unix_time_seconds,sensor_id,value: {line.strip()!r}") from None
    if not readings:
        raise SystemExit(f"{path}: no readings")
    return sorted(readings, key=lambda reading: reading[0])


def read_notes(path):
    if not path.exists():
        return []
    notes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if number == 1 or not line.strip():
            continue
        try:
            start, end, label = line.split(",")
            notes.append((float(start), float(end), label.strip()))
        except ValueError:
            raise SystemExit(f"{path}:{number}: not start,end,label: {line!r}") from None
    return sorted(notes)


def load(folder, name, maps):
    """maps: where a map is looked for when it is not beside the recording."""
    folder = pathlib.Path(folder)
    found = [p for p in (folder / f"{name}.conf", pathlib.Path(maps) / f"{name}.conf") if p.exists()]
    if not found:
        raise SystemExit(f"{name}: no map {name}.conf in {folder} or {maps}; tests/homes/README.md tells how to make one")
    text = strip_comments(found[0].read_text(encoding="utf-8"))
    sensors = {name: (kind, room or "") for name, kind, room in SENSOR.findall(text)}
    return Home(name, found[0], read_events(folder / f"{name}.events.csv"), read_notes(folder / f"{name}.activities.csv"),
                sensors, dict(DETECTOR.findall(text)))


def strip_comments(text):
    return re.sub(r"(^|[^&])#[^\n]*", r"\1", text)


def names(folder):
    return sorted(p.name[:-len(".events.csv")] for p in pathlib.Path(folder).glob("*.events.csv"))


def with_profile(home, profile, folder):
    """A copy of the home's map in `folder` that takes its defaults from another profile."""
    text, n = INCLUDE.subn(f'@include "{profile}"', home.map.read_text(encoding="utf-8"))
    if n != 1:
        raise SystemExit(f"{home.map}: one @include of a profile is needed, {n} found")
    path = pathlib.Path(folder) / f"{home.name}.conf"
    path.write_text(text, encoding="utf-8")
    return path


def write_events(path, readings):
    with open(path, "w", encoding="ascii") as out:
        out.write("unix_time_seconds,sensor_id,value\n")
        out.writelines(f"{at:.3f},{sensor},{value:g}\n" for at, sensor, value in readings)
