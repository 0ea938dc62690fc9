"""Rounds until the time is up, and their sum."""
import random
import time

from harness import things
from rounds import KINDS, Round

__all__ = ["KINDS", "Rack"]

LEAST, MOST = 20, 60  # s of stream in a round; quiet and reckoning come on top


class Rack:
    """rack = Rack(seed, minutes, kinds, build); rack.run(): True if nothing was lost"""

    def __init__(self, seed, minutes, kinds, build, say=print):
        self.seed, self.minutes, self.kinds, self.build = seed, minutes, kinds, build
        self.random, self.say = random.Random(seed), say
        self.sum, self.tally, self.failures, self.window = {}, {}, [], (0, 0, 0, 0)
        self.skipped = ""  # what could not be done to the disk, and why

    def run(self):
        end, number = time.monotonic() + 60 * self.minutes, 0
        while number == 0 or end - time.monotonic() > LEAST:
            left = end - time.monotonic()
            seconds = max(LEAST, min(self.random.uniform(LEAST, MOST), left - 10))
            self._round(self.kinds[number % len(self.kinds)], f"{self.seed}.{number}", seconds)
            number += 1
        self._conclude(number)
        return not self.failures

    def _round(self, kind, seed, seconds):
        began = time.monotonic()
        one, found, detail = None, {}, []
        try:
            one = Round(kind, seed, seconds, self.build)
            found = one.run()
            detail = one.detail
        except Exception as error:  # told, and the next round begins
            detail = [f"{type(error).__name__}: {error}"]
        bad = bool(detail and (not found or found["lost"] or found["told twice"] or found["contradictions"] or
                               any("the desk's last word" in line for line in detail)))
        if one:
            self._add(one, found)
        self.say(f"round {seed} {kind}, {seconds:.0f} s + {time.monotonic() - began - seconds:.0f} s: "
                 f"{_words(found)}; {_words(one.tally if one else {})}")
        if bad:
            self.failures.append((seed, kind, detail))
            self.say("\n".join(f"    {line}" for line in detail))
            self.say(things.story())
        try:
            things.close()  # the gateway must end in good order, without a sanitizer's report
        except Exception as error:
            self.failures.append((seed, kind, [f"at the end: {error}"]))

    def _add(self, one, found):
        if one.kind == "disk" and one.world.disk.refused:
            self.skipped = ("a full and a read-only disk need root, or the right to mount a tmpfs "
                            f"({one.world.disk.refused}); a disk that stalls was played")
        for total, part in ((self.sum, found), (self.tally, one.tally)):
            for key, n in part.items():
                total[key] = total.get(key, 0) + n
        n, mean, most, longest = one.world.wires.window()
        if n:
            before = self.window
            self.window = (before[0] + n, (before[0] * before[1] + n * mean) // (before[0] + n), max(before[2], most),
                           max(before[3], longest))

    def _conclude(self, rounds):
        self.say(f"\n{rounds} rounds, seed {self.seed}: {_words(self.sum)}")
        self.say(f"what was done: {_words(self.tally)}")
        n, mean, most, longest = self.window
        self.say(f"from an edge read to the ring: {n} edges, mean {mean / 1000:.1f} us, "
                 f"99 % below {most / 1000:.1f} us, longest {longest / 1000:.1f} us")
        if self.skipped:
            self.say(f"SKIPPED: {self.skipped}")
        for seed, kind, detail in self.failures:
            self.say(f"FAILED round {seed} {kind}: {detail[0]}")


def _words(counts):
    return ", ".join(f"{key} {n}" for key, n in counts.items()) or "nothing"
