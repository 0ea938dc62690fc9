"""Nothing grows: what the samples of the journal say of memory, descriptors and files.

A heap rises to the most that it ever held at once and stays there, in days or weeks (glibc keeps seven freed pieces of
each small size, 235 KiB at most): a process is compared with its own worst moment in the first half of its life. What
it gains in the second half is growth."""
import collections

MEMORY_TOTAL_KIB = 16 * 1024  # of all processes (PSS)
SLACK_KIB = 64                # one process may have so much more at its last sample than ever in its first half
EARLY = 4                     # samples of a process that count as early: its first day
CACHES_KIB = {"gatewayd-store": 256 + 512}  # SQLite's page caches, by cache_kib; they fill as the databases do
RESERVED = ".ring"            # mapped files whose blocks are taken at the start, page by page as they are used
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


def _where(before, last):
    """In words: which mappings have grown since the sample `before`."""
    more = {name: kib - before.get("parts", {}).get(name, 0) for name, kib in last.get("parts", {}).items()}
    return "".join(f", {name} by {kib} KiB" for name, kib in sorted(more.items()) if kib > 0)


def _has(sample, what):
    reserved = sum(kib for name, kib in sample.get("parts", {}).items() if name.endswith(RESERVED))
    return sample[what] - (0 if what == "fds" else reserved)


def _grown(name, samples):
    """What has grown of one process, and the sample it is compared with."""
    last, half = samples[-1], samples[:len(samples) // 2]
    kib = SLACK_KIB + CACHES_KIB.get(name.split()[0], 0)
    for what, first, slack in (("pss", half, kib), ("rss", half, kib), ("fds", samples[:EARLY], 0)):
        worst = max(first, key=lambda sample: _has(sample, what))
        if _has(last, what) > _has(worst, what) + slack:
            yield what, worst


def faults(journal):
    found = []
    total, _, _ = peaks(journal)
    if total > MEMORY_TOTAL_KIB:
        found.append(f"all processes together took {total} KiB, {MEMORY_TOTAL_KIB} are theirs")
    for (boot, name), samples in runs(journal).items():
        last = samples[-1]
        for what, worst in _grown(name, samples) if len(samples) > 2 * EARLY else ():
            days = worst["at"] / 86400, last["at"] / 86400
            found.append(f"{name} of boot {boot} has grown: {what} {worst[what]} on day {days[0]:.1f} and not more in "
                         f"the first half, {last[what]} on day {days[1]:.1f}{_where(worst, last)}")
    for when, files in sizes(journal):
        for name, mib in FILES_MIB.items():
            if files.get(name, 0) > mib << 20:
                found.append(f"{name} has {files[name]} bytes at {when}")
    return found
