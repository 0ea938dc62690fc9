"""One run: the plan is made, the guest lives through it boot by boot, what is left is judged."""
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "gpio")]
import compare  # noqa: E402
import growth  # noqa: E402
import guest  # noqa: E402
import house  # noqa: E402
import plan  # noqa: E402
import traces  # noqa: E402
from harness import paths, plain_build  # noqa: E402
from harness.home import libconfig  # noqa: E402

SYNCED = 1         # CLOCK_SYNCED
DAY_TIMEOUT = 600  # s of real time for a simulated day on a very busy machine; a quiet one needs some seconds


def build():
    """The plain build, as it is installed; $GATEWAYD_PLAIN names one made by hand."""
    return pathlib.Path(os.environ.get("GATEWAYD_PLAIN") or plain_build())


def map_of(home):
    return HERE / "short.conf" if home == "short" else HERE.parent / "homes" / f"{home}.conf"


class Lapse:
    """A home's configuration and wiring (house.furnish) and its boots (plan.make, or made by hand)."""

    def __init__(self, work, config, wiring, boots, build_dir=None):
        self.work, self.build, self.boots = pathlib.Path(work), build_dir or build(), boots
        state = self.work / "state"
        state.mkdir()
        config = {**config, "store": {**config.get("store", {}), "directory": str(state)}}
        (self.work / "gatewayd.conf").write_text("".join(f"{key} = {libconfig(value)};\n"
                                                         for key, value in config.items()))
        (self.work / "wiring.json").write_text(json.dumps(wiring))
        for boot in boots:
            (self.work / f"boot-{boot['n']}.json").write_text(json.dumps(boot))

    def play(self, say=lambda text: None):
        """Every boot in a guest of its own. AssertionError with the guest's words if one fails."""
        machine = guest.Guest(guest.MAIN)
        for boot in self.boots:
            command = ["/usr/bin/python3", HERE / "night.py", self.work, str(boot["n"]), self.build]
            writable = [self.work, paths.ROOT, self.build]
            timeout = 60 + DAY_TIMEOUT * boot["lasts"] / 86400
            status, output = machine.run(command, timeout, writable, True, 512, boot["clock"])
            tell = getattr(sys.modules["__main__"], "tell", None)
            if tell:  # the runner's one.py: minutes without a word would count as hanging
                tell(begin=f"timelapse: boot {boot['n']} is over")
            if status:
                log = (self.work / "gatewayd.log").read_text(errors="replace")[-4000:]
                raise AssertionError(f"boot {boot['n']} failed:\n{output}\ngatewayd:\n{log}")
            if output:
                say(output.rstrip())

    def journal(self, what=None):
        return [entry for entry in compare.lines(self.work / "journal.jsonl") if what in (None, entry["what"])]

    def desk(self, **wanted):
        """What came to the desk: [{"boot", "at" of CLOCK_BOOTTIME, "topic", "alert"}]"""
        return [told for told in compare.lines(self.work / "desk.jsonl")
                if all(told["alert"].get(key) == value for key, value in wanted.items())]

    def judge(self, say=lambda text: None):
        """[what is wrong]; the figures are said."""
        journal = self.journal()
        log = compare.Log(self.work, journal)
        conditions = compare.replay(self.work, self.build, log)
        platform = compare.Platform(self.desk(), journal)
        faults, excuses = compare.compare(conditions, platform)
        faults += self._pressed(journal, platform) + self._ended(journal) + self._synced(journal)
        faults += growth.faults(journal)
        total, pss, fds = growth.peaks(journal)
        raised = sum(c.raised for c in conditions)
        say(f"{len(self.boots)} boots, {len(log)} readings in the log, {raised} conditions raised in it, "
            f"{len(platform.alerts)} alerts of detectors at the platform ({platform.repeats} revisions came again)")
        say(f"memory at the worst moment {total} KiB; " + ", ".join(f"{n} {k}" for n, k in sorted(pss.items())))
        say("descriptors " + ", ".join(f"{n} {k}" for n, k in sorted(fds.items())))
        say(f"files at the end {growth.sizes(journal)[-1][1]}")
        for line in excuses:
            say("excused, told in the last moment before a power cut: " + line)
        return faults

    @staticmethod
    def _pressed(journal, platform):
        pressed = sum(entry["what"] == "press" for entry in journal)
        counted = sum(alert["count"] for alert in platform.alerts.values() if alert["detector"] == "timelapse-call")
        return [] if counted == pressed else [f"pressed {pressed} times, the platform counted {counted}"]

    @staticmethod
    def _synced(journal):
        """Two seconds after the clock was set right the gateway holds it for right."""
        return [f"boot {entry['boot']}: the clock is right, the gateway does not know it yet: {entry}"
                for entry in journal if entry["what"] == "label" and entry["why"] == "sync"
                and (entry["clock"] != SYNCED or not entry["raised"])]

    @staticmethod
    def _ended(journal):
        status = next(entry["status"] for entry in reversed(journal) if entry["what"] == "end")
        return [] if status.get("outbox") == 0 else [f"the outbox is not empty at the end: {status}"]


def of_home(work, home, data, map_file, days, base, timezone, seed=1, **how):
    """The home of this name through so many days from `base` on, in seconds since 1970."""
    config, wiring = house.furnish(map_file or map_of(home), timezone)
    return Lapse(work, config, wiring, plan.make(traces.load(home, data, days), wiring, days, base, seed, **how))
