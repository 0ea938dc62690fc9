"""When the power fails and comes back, when the internet is out, what the clock shows: from a seed, before anything
runs. One plan per boot; the guest only does what stands in it, at its own CLOCK_BOOTTIME."""
import random

import house

DAY = 86400
DEAD_CLOCK = 1577836800     # 2020-01-01: a board without a battery
GATEWAY_STARTS = 5          # s after the boot
SETTLED = 120               # s after a boot from which on presses are made, so that each must arrive
SAMPLE_EVERY = 6 * 3600
STEPS = ((7200, 1800), (-2700, 900), (400 * DAY, 300), (-400 * DAY, 300))  # s by which the clock is wrong, for how long


def _cuts(days, trace, random_):
    """[(power fails, power is back)], one a night; half of them in the moment after something has happened."""
    found = []
    for day in range(1, days):
        at = day * DAY + 1800 + random_.random() * 5 * 3600
        near = [t for t, _, _ in trace if day * DAY + 1800 <= t <= day * DAY + 6 * 3600]
        if near and day % 2:
            at = random_.choice(near) + random_.choice((0, 0.05, 0.12, 3))
        found.append((at, at + random_.choice((20, 300, 3 * 3600))))
    return found


def _outages(days, random_, first):
    """[(begins, ends, how)], one a week; none at the very end, where everything is to arrive."""
    starts = range(first * DAY + 10 * 3600, days * DAY, 7 * DAY)
    return [(at, min(at + random_.uniform(3, 20) * 3600, days * DAY - 7200), ("stop", "freeze")[n % 2])
            for n, at in enumerate(starts)]


def _boots(days, cuts):
    starts = [0.0] + [back for _, back in cuts]
    ends = [cut for cut, _ in cuts] + [float(days * DAY)]
    return list(zip(starts, ends))


def _clock(n, start, before, base, random_):
    """(what the clock shows at the boot, seconds until it is set right, or 0: it is right)."""
    if n % 3 == 1:
        return DEAD_CLOCK, random_.choice((40, 900, 2 * 3600))
    if n % 3 == 2:
        return int(base + before), 60.0  # as fake-hwclock does: the time of the last shutdown
    return int(base + start), 0.0


def _world(trace, wiring, start, end, actions):
    """The trace into actions; the levels at the boot."""
    levels = {name: 0 for name in wiring}
    for at, name, value in trace:
        if at >= end:
            break
        if name not in wiring:
            continue
        if at < start:
            levels[name] = value
        else:
            actions.append((at - start, "level", name, value))
    return levels


def _presses(day_events, start, end, actions):
    for at, name in day_events:
        if start + SETTLED < at < end - 60:
            actions.append((at - start, "press", name))


def _around_the_clock(days, random_):
    """What the seed puts into each day: [(press, button)], [(step, by, for)]."""
    presses, steps = [], []
    for day in range(days):
        for name in (house.WIRED_CALL, house.RADIO_CALL):
            presses.append((day * DAY + random_.uniform(6, 23.5) * 3600, name))
        if day % 2 == 1:
            by, lasts = STEPS[day // 2 % len(STEPS)]
            steps.append((day * DAY + random_.uniform(8, 22) * 3600, by, lasts))
    return sorted(presses), steps


def boot(n, true_at_boot, lasts, levels, actions, clock=None, out=False, last=True):
    """One boot's plan. clock: what the wall clock shows then, None: the truth, synchronised. actions: (s after the boot,
    what, arguments ...), see night.py. last: it ends in good order, else with a power cut."""
    right = int(true_at_boot)
    return {"n": n, "true_at_boot": true_at_boot, "clock": right if clock is None else clock, "lasts": lasts,
            "levels": levels, "out": out, "last": last, "actions": sorted(actions, key=lambda action: action[0])}


def make(trace, wiring, days, base, seed, cuts=True, steps=True, first_outage=3):
    """[one boot's plan], base being the true time of the trace's beginning."""
    random_ = random.Random(seed)
    failures = _cuts(days, trace, random_) if cuts else []
    outages = _outages(days, random_, first_outage)
    presses, clock_steps = _around_the_clock(days, random_)
    boots = []
    for n, (start, end) in enumerate(_boots(days, failures)):
        actions = []
        levels = _world(trace, wiring, start, end, actions)
        clock, sync_after = _clock(n, start, failures[n - 1][0] if n else 0, base, random_)
        actions.append((sync_after, "sync"))
        _presses(presses, start, end, actions)
        for at, by, lasts in clock_steps if steps else ():
            if start + sync_after + 60 < at and at + lasts + 60 < end:
                actions += [(at - start, "step", by), (at - start + lasts, "step", 0)]
        out = [how for begins, ends, how in outages if begins <= start < ends]
        for begins, ends, how in outages:
            actions += [(at - start, what, how) for at, what in ((begins, "outage"), (ends, "outage-end"))
                        if start < at < end]
        sample = GATEWAY_STARTS + 600
        actions += [(at, "sample") for at in range(sample, int(end - start), SAMPLE_EVERY)]
        boots.append(boot(n, base + start, end - start, levels, actions, clock, bool(out), n == len(failures)))
    return boots
