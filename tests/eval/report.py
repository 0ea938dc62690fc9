"""Scores as tables of text, targets with met or not met, and as data."""
import collections
import statistics
import time

import inject
import judge
import rates

EMERGENCIES_A_WEEK, WARNINGS_A_WEEK, FOUND_SHARE = 0.1, 1.0, 0.95
INACTIVITY_HOURS, INACTIVITY_FALSE_A_DAY = 5.0, 0.05
SLOW_FOUND, SLOW_FALSE_A_DAY = 0.9, 1 / 50


def table(heads, rows):
    widths = [max(len(str(row[i])) for row in [heads] + rows) for i in range(len(heads))]
    lines = ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [heads] + rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths)] + lines[1:])


def rate(count, weeks):
    """A rate a home-week with what it stands on."""
    return f"{count / weeks:.2f} ({count} in {weeks:.1f}, <= {rates.upper(count) / weeks:.2f})" if weeks else "-"


def alarms(scores):
    """False alarms by detector (plugin), kind and class."""
    weeks = sum(score.weeks for score in scores)
    false = collections.Counter((a.plugin, a.kind, a.class_) for s in scores for a in s.false)
    told = collections.Counter((a.plugin, a.kind, a.class_) for s in scores for a in s.alerts)
    rows = [[plugin, kind, class_, told[plugin, kind, class_], rate(false[plugin, kind, class_], weeks)]
            for plugin, kind, class_ in sorted(told)]
    return table(["plugin", "alert", "class", "told", "false a home-week (count in home-weeks, 95 % bound)"],
                 rows or [["-", "-", "-", 0, rate(0, weeks)]])


def of_class(score, class_):
    return sum(a.class_ == class_ for a in score.false)


def by_home(scores):
    rows = []
    for score in scores:
        found = sum(o.delay is not None for o in score.outcomes)
        rows.append([score.name, f"{score.weeks:.1f}", rate(of_class(score, "emergency"), score.weeks),
                     rate(of_class(score, "warning"), score.weeks), of_class(score, "info"),
                     of_class(score, "technical"), f"{found} of {len(score.outcomes)}"])
    return table(["home", "weeks", "false emergencies a week", "false warnings a week", "infos", "technical", "found"],
                 rows)


def hours(seconds):
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h" if seconds < 172800 else \
        f"{seconds / 86400:.1f} days"


def found(scores):
    rows = []
    for rule in inject.RULES:
        outcomes = [o for s in scores for o in s.outcomes if o.rule == rule.name]
        delays = [o.delay for o in outcomes if o.delay is not None]
        unseen = collections.Counter(s.unseen[rule.name] for s in scores if rule.name in s.unseen)
        by = collections.Counter(o.by.split("/")[-1] for o in outcomes if o.by)
        rows.append([rule.name,
                     f"{len(delays)} of {len(outcomes)} (>= {rates.lower_share(len(delays), len(outcomes)):.2f})"
                     if outcomes else "-",
                     hours(statistics.mean(delays)) if delays else "-", hours(max(delays)) if delays else "-",
                     ", ".join(f"{name} {n}" for name, n in by.most_common(3)) or "-",
                     ", ".join(f"{n} x {why}" for why, n in unseen.items()) or "-"])
    return table(["anomaly", "found (95 % bound)", "mean delay", "longest", "found first by", "homes that can't see it"],
                 rows)


def missed(scores):
    lines = [f"  {o.home} {o.rule} at {o.at:.0f}" for s in scores for o in s.outcomes if o.delay is None]
    return "\n".join(["Not found:"] + lines) if lines else "Everything injected was found."


def false_list(scores):
    lines = [f"  {time.strftime('%Y-%m-%d %H:%M', time.gmtime(a.at))} {s.name} {a.class_} {a.detector}/{a.kind}: {a.text}"
             for s in scores for a in s.false if judge.counts_against_targets(a)]
    return "\n".join(["False alarms:"] + lines) if lines else "No false alarm."


def targets(scores, learnt):
    """[(words, figure, met)]; learnt: the scores of homes long enough to learn, with their false alarms by target."""
    weeks = sum(s.weeks for s in scores)
    outcomes = [o for s in scores for o in s.outcomes]
    out = []
    for class_, limit in (("emergency", EMERGENCIES_A_WEEK), ("warning", WARNINGS_A_WEEK)):
        count = sum(of_class(s, class_) for s in scores)
        out.append((f"false {class_} alarms <= {limit:g} a home-week", rate(count, weeks), count / weeks <= limit))
    if outcomes:
        share = sum(o.delay is not None for o in outcomes) / len(outcomes)
        out.append((f"injected anomalies found >= {FOUND_SHARE:.0%}", f"{share:.1%} of {len(outcomes)}",
                    share >= FOUND_SHARE))
    return out + learning_targets(learnt)


def learning_targets(learnt):
    days = sum(score.learnt_days for score, _ in learnt)
    if not days:
        return []
    out = []
    delays = [o.delay for s, _ in learnt for o in s.outcomes if o.rule == "collapse" and o.delay is not None]
    false = sum(counts["inactivity"] for _, counts in learnt)
    if delays:
        mean = statistics.mean(delays) / 3600
        out.append((f"inactivity after three weeks: mean delay < {INACTIVITY_HOURS:g} h at <= "
                    f"{INACTIVITY_FALSE_A_DAY:g} false a day", f"{mean:.1f} h at {false / days:.3f} ({false} in "
                    f"{days:.0f} days)", mean < INACTIVITY_HOURS and false / days <= INACTIVITY_FALSE_A_DAY))
    slow = [o for s, _ in learnt for o in s.outcomes if o.rule == "fading"]
    false = sum(counts["slow changes"] for _, counts in learnt)
    if slow:
        share = sum(o.delay is not None for o in slow) / len(slow)
        out.append((f"slow changes found > {SLOW_FOUND:g} at < 1 false in 50 days", f"{share:.2f} of {len(slow)} at "
                    f"{false} in {days:.0f} days", share > SLOW_FOUND and false / days < SLOW_FALSE_A_DAY))
    return out


def target_lines(scored):
    return "\n".join(f"{'met    ' if met else 'NOT MET'}  {words}: {figure}" for words, figure, met in scored)


def data(scores, scored):
    return {
        "homes": [{"home": s.name, "weeks": s.weeks, "unseen": s.unseen,
                   "false": [dict(vars(a)) for a in s.false if judge.counts_against_targets(a)],
                   "told": dict(collections.Counter(f"{a.plugin}/{a.kind}" for a in s.alerts)),
                   "injected": [vars(o) for o in s.outcomes]} for s in scores],
        "targets": [{"target": words, "figure": figure, "met": met} for words, figure, met in scored],
    }
