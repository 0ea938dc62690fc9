"""Which alerts of an untouched recording are false.

The rule. Nobody in these recordings had an accident, so every emergency is false, unless the notes tell of one (fall,
accident, wandering, emergency). A warning is justified where the notes say that what it says was so and unusual:

| alert                     | justified by                                                                    |
|---------------------------|---------------------------------------------------------------------------------|
| bath-long                 | noted time in the bathroom that covers four fifths of the time it speaks of      |
| bed-not-up, bed-too-long  | noted sleep or illness at that moment: she is in bed                             |
| bed-empty-unsure          | noted absence from home, or nothing: a guess that is wrong is false              |
| door-open                 | a noted "door-left-open"                                                         |
| of activity and routine   | noted illness, journey or door-left-open on that day or the day before           |
| any other                 | nothing                                                                          |

Technical alerts speak of things, not of a person; they and infos are counted, but not against the targets."""

ACCIDENT = {"fall", "accident", "wandering", "emergency"}
BATHROOM = {"use-toilet", "take-shower", "brush-teeth", "bathing", "toileting", "grooming", "washing-hands", "dressing"}
ASLEEP = {"go-to-bed", "ill"}
UNUSUAL = {"ill", "journey", "door-left-open"}
AWAY = {"leave-house", "journey", "going-out-for-shopping", "going-out-to-work", "going-out-for-entertainment"}


def covered(notes, labels, start, end):
    """The share of start..end in notes of these labels."""
    spans = sorted((max(s, start), min(e, end)) for s, e, label in notes if label.lower() in labels and s < end and e > start)
    total, until = 0.0, start
    for s, e in spans:
        total += max(0.0, e - max(s, until))
        until = max(until, e)
    return total / max(end - start, 1.0)


def noted(notes, labels, at, before=0.0):
    return any(s - 300 <= at and at - before <= e for s, e, label in notes if label.lower() in labels)


def is_false(alert, notes):
    if alert.class_ == "emergency":
        return not noted(notes, ACCIDENT, alert.at, 3600)
    if alert.kind == "bath-long":
        return covered(notes, BATHROOM, alert.since, alert.at) < 0.8
    if alert.kind in ("bed-not-up", "bed-too-long"):
        return not noted(notes, ASLEEP, alert.at)
    if alert.kind == "bed-empty-unsure":
        return not noted(notes, AWAY, alert.at)
    if alert.kind == "door-open":
        return not noted(notes, {"door-left-open"}, alert.at)
    if alert.plugin in ("activity", "routine"):
        return not noted(notes, UNUSUAL, alert.at, 86400)
    return True


def counts_against_targets(alert):
    return alert.class_ in ("emergency", "warning")
