"""gpio-sim chips, inside the guest: made, plugged in and out, their lines pulled and looked at."""
import contextlib
import pathlib
import time

CONFIG = pathlib.Path("/sys/kernel/config/gpio-sim")


class Chip:
    """One simulated chip. lines: names in order, None for a line without a name. hogs: lines held by the kernel."""

    def __init__(self, label, lines, hogs=()):
        self.label, self.names, self.hogs = label, list(lines), set(hogs)
        self.folder = CONFIG / label
        self._pulls = {}
        self._made = False

    def plug(self):
        bank = self.folder / "bank0"
        if not self._made:
            bank.mkdir(parents=True)
            (bank / "num_lines").write_text(str(len(self.names)))
            (bank / "label").write_text(self.label)
            for i, name in enumerate(self.names):
                line = bank / f"line{i}"
                line.mkdir()
                if name:
                    (line / "name").write_text(name)
                if i in self.hogs:
                    (line / "hog").mkdir()
                    (line / "hog/name").write_text("a-driver")
                    (line / "hog/direction").write_text("input")
            self._made = True
        (self.folder / "live").write_text("1")
        self.name = (bank / "chip_name").read_text().strip()
        self.path = "/dev/" + self.name
        self._sysfs = pathlib.Path("/sys/devices/platform", (self.folder / "dev_name").read_text().strip(), self.name)
        self._pulls = {}
        deadline = time.monotonic() + 5
        while not pathlib.Path(self.path).exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        return self

    def unplug(self):
        self._pulls = {}
        (self.folder / "live").write_text("0")

    def pull(self, line, level):
        """The world outside pulls the line: an input shows it."""
        if line not in self._pulls:
            self._pulls[line] = open(self._sysfs / f"sim_gpio{line}/pull", "wb", buffering=0)
        self._pulls[line].write(b"pull-up" if level else b"pull-down")

    def value(self, line):
        with contextlib.suppress(OSError):
            return int((self._sysfs / f"sim_gpio{line}/value").read_text())
        return None
