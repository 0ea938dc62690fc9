"""One home, evaluated: the alerts of the untouched recording, judged, and what is found of injected anomalies."""
import dataclasses
import pathlib
import random

import homes
import inject
import judge
import replay

DAY = 86400
LEARNT_DAYS = 21  # from then on learning detectors are held to their own targets
SLOW = "slow-change"
LEARNING = {"inactivity": lambda alert: alert.plugin in ("activity", "routine") and alert.kind != SLOW,
            "slow changes": lambda alert: alert.kind == SLOW}  # which false alarms count against which target


@dataclasses.dataclass
class Outcome:
    rule: str
    home: str
    at: float
    delay: float = None  # seconds; None: not found
    by: str = ""         # detector/kind


@dataclasses.dataclass
class Score:
    name: str
    weeks: float
    learnt_days: float     # of the recording, after three weeks
    alerts: list           # of the untouched recording
    false: list            # those of them that are false
    outcomes: list
    unseen: dict           # rule -> why the home's sensors can't see it


def watched(home, config, folder):
    """Alerts of the untouched recording."""
    path = pathlib.Path(folder) / "untouched.csv"
    homes.write_events(path, home.readings)
    return replay.run(config, path, home.detectors)


def tried(home, rule, config, folder, known, rng, times):
    """Up to `times` injections by one rule, at moments a quarter of an hour apart at least."""
    outcomes, taken = [], []
    for _ in range(times * 3):
        if len(outcomes) == times:
            break
        injection = rule.make(home, rng)
        if injection is None:
            break
        if any(abs(injection.at - at) < 900 for at in taken):
            continue
        taken.append(injection.at)
        outcomes.append(once(home, rule, injection, config, folder, known))
    return outcomes


def once(home, rule, injection, config, folder, known):
    path = pathlib.Path(folder) / "injected.csv"
    end = (injection.until, *inject.ENDS)
    homes.write_events(path, [r for r in injection.readings if r[0] < injection.until])
    with open(path, "a", encoding="ascii") as out:
        out.write(f"{end[0]:.3f},{end[1]},{end[2]}\n")
    outcome = Outcome(rule.name, home.name, injection.at)
    for alert in replay.run(config, path, home.detectors):
        if injection.at < alert.at <= injection.until and finds(rule, injection, alert) and is_new(alert, known):
            outcome.delay = max(0.0, alert.at - injection.due)
            outcome.by = f"{alert.detector}/{alert.kind}"
            break
    return outcome


def finds(rule, injection, alert):
    """An alert of another sensor's silence, or of something else that happens to come, finds nothing."""
    return alert.class_ in rule.by and (not rule.plugins or alert.plugin in rule.plugins) and \
        (not rule.kinds or alert.kind in rule.kinds) and injection.sensor in " ".join((alert.key, alert.text))


def is_new(alert, known):
    """Not what the untouched recording raised at that moment too."""
    return not any(k.detector == alert.detector and k.kind == alert.kind and abs(k.at - alert.at) < 60 for k in known)


def evaluate(home, profile, folder, seed, times, rules=inject.RULES):
    config = homes.with_profile(home, profile, folder)
    alerts = watched(home, config, folder)
    false = [alert for alert in alerts if judge.is_false(alert, home.notes)]
    outcomes, unseen = [], {}
    for rule in rules:
        why = rule.sees(home)
        if why:
            unseen[rule.name] = why
            continue
        rng = random.Random(f"{seed} {home.name} {rule.name}")
        done = tried(home, rule, config, folder, alerts, rng, times)
        if not done and times:
            unseen[rule.name] = "no fitting moment"
        outcomes += done
    days = home.weeks * 7
    return Score(home.name, home.weeks, max(0.0, days - LEARNT_DAYS), alerts, false, outcomes, unseen)


def learnt_false(score, home_start, counts):
    """False alarms after three weeks for which counts(alert)."""
    return [a for a in score.false if counts(a) and a.at > home_start + LEARNT_DAYS * DAY and a.class_ != "technical"]
