"""Nothing grows: what the samples of the journal say of memory, descriptors and files."""
import collections

MEMORY_TOTAL_KIB = 16 * 1024  # of all processes (PSS)
SLACK_KIB = 256               # one process may have so much more at its last sample than at its worst early one
EARLY = 4                     # samples of a process that count as early: its first day
FILES_MIB = {"alerts.db": 16, "history.db": 256}


def runs(journal):
    """{(boot, process): [sample]}"""
    found = collections.defaultdict(list)
    for entry in journal:
        if entry["what"] == "process":
            found[entry["boot"], entry["name"]].append(entry)
    return found


def peaks(journal):
    """(KiB of all processes at the worst sample, {process: worst PSS}, {process: most descriptors})"""
    together, pss, fds = collections.Counter(), collections.Counter(), collections.Counter()
    for entry in journal:
        if entry["what"] == "process":
            together[entry["boot"], round(entry["at"])] += entry["pss"]
            pss[entry["name"]] = max(pss[entry["name"]], entry["pss"])
            fds[entry["name"]] = max(fds[entry["name"]], entry["fds"])
    return max(together.values(), default=0), pss, fds


def sizes(journal):
    """[(simulated boot and second, {file: bytes})]"""
    return [((entry["boot"], entry["at"]), entry["sizes"]) for entry in journal if entry["what"] == "files"]


def _where(early, last):
    """In words: which mappings have grown since the sample `early`."""
    before = early.get("parts", {})
    more = {name: kib - before.get(name, 0) for name, kib in last.get("parts", {}).items()}
    return "".join(f", {name} by {kib} KiB" for name, kib in sorted(more.items()) if kib > 0)


def faults(journal):
    found = []
    total, _, _ = peaks(journal)
    if total > MEMORY_TOTAL_KIB:
        found.append(f"all processes together took {total} KiB, {MEMORY_TOTAL_KIB} are theirs")
    for (boot, name), samples in runs(journal).items():
        if len(samples) <= EARLY:
            continue
        early, last = samples[:EARLY], samples[-1]
        for what, slack in (("pss", SLACK_KIB), ("rss", SLACK_KIB), ("fds", 0)):
            worst = max(sample[what] for sample in early)
            if last[what] > worst + slack:
                found.append(f"{name} of boot {boot} has grown: {what} {worst} on its first day, {last[what]} after "
                             f"{last['at'] / 86400:.1f} days{_where(early[-1], last)}")
    for when, files in sizes(journal):
        for name, mib in FILES_MIB.items():
            if files.get(name, 0) > mib << 20:
                found.append(f"{name} has {files[name]} bytes at {when}")
    return found
