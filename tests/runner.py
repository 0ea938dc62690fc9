"""The one runner behind tests/run: builds, runs, counts. Python's standard library only.

What nobody waits for runs beside the rest and gives way to it: the GPIO test kernel is built from the first moment on,
clang-format, clang and clang-tidy, simulated homes and the evaluation, which only compute, work while the system, fault
and torture tests, two modules at a time, mostly wait. The GPIO tests measure, and have the machine for themselves at
the end.
"""
import atexit
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))

from harness import asked, lint, paths  # noqa: E402

SILENCE = 300  # seconds without a word after which a test counts as hanging
TOGETHER, BESIDE, ALONE = ("system", "fault", "torture"), ("sim", "eval"), ("gpio", "timelapse")
MARKS = {"passed": "ok  ", "failed": "FAIL", "skipped": "SKIP"}


class Tally:
    def __init__(self, wanted):
        self.wanted, self.results = wanted, []
        self.telling, self.began = threading.Lock(), time.monotonic()

    def wants(self, name):
        return not self.wanted or any(part in name for part in self.wanted)

    def add(self, name, outcome, seconds=0.0, why=""):
        took = f"  ({seconds:.1f} s)" if seconds >= 1 else ""
        with self.telling:
            self.results.append((name, outcome, why))
            print(f"{MARKS[outcome]} {name}{took}{f': {why}' if outcome == 'skipped' else ''}", flush=True)

    def of(self, outcome):
        return [(name, why) for name, result, why in self.results if result == outcome]

    def conclude(self):
        for name, why in self.of("failed"):
            print(f"\n=== FAILED {name}\n{why.rstrip()}")
        skipped = self.of("skipped")
        if skipped:
            print(f"\n!!! {len(skipped)} SKIPPED: what they prove is not proved here")
            for name, why in skipped:
                print(f"!!! {name}: {why}")
        if not self.results:
            print(f"no test has {' or '.join(self.wanted)} in its name")
        print(f"\nit took {(time.monotonic() - self.began) / 60:.1f} minutes", end="")
        counts = [len(self.of(outcome)) for outcome in ("passed", "failed", "skipped")]
        print("\n{} passed, {} failed, {} skipped".format(*counts), flush=True)
        return 1 if counts[1] or not self.results else 0


# ---- unit tests: cmocka, TAP ----

# cmocka 1.1.5 says "not ok 1 # SKIP name" of a skipped test, others "ok 1 - name # SKIP".
TAP = re.compile(r"(not )?ok \d+(?: -)? ?(?P<name>[^#\n]*?)\s*(?:# SKIP ?(?P<skip>.*))?$")


def run_unit(program):
    """[(name, outcome, why)] of one executable; a crash or a leak is a failure of its own."""
    environment = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "UBSAN_OPTIONS": "print_stacktrace=1",
                   "LSAN_OPTIONS": paths.LSAN_OPTIONS}
    if paths.RECORDINGS.is_dir():
        environment.setdefault("GATEWAYD_TEST_DATA", str(paths.RECORDINGS))
    began = time.monotonic()
    process = subprocess.Popen([str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        output, status = process.communicate(timeout=SILENCE)[0], process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, status = process.communicate()[0], f"none: it hung for {SILENCE} s"
    results, planned, since = [], None, []
    for line in output.splitlines():
        match = TAP.match(line)
        plan = re.match(r"1\.\.(\d+)$", line)
        if match:
            outcome = "skipped" if match["skip"] is not None else "failed" if match[1] else "passed"
            why = "\n".join(since) or ("it does not say why" if outcome == "skipped" else "")
            results.append([f"unit.{program.name}.{match['name'] or match['skip']}", outcome, why])
            since = []
        elif plan:
            planned = (planned or 0) + int(plan[1])
        else:
            since.append(line)
            if results and results[-1][1] == "failed":
                results[-1][2] += "\n" + line  # cmocka says why after "not ok"
    failed = any(outcome == "failed" for _, outcome, _ in results)
    if planned is None or len(results) < planned or (status != 0 and not failed):
        results.append([f"unit.{program.name}", "failed", f"exit status {status}, {len(results)} of {planned} tests "
                        f"told their outcome:\n{output[-6000:]}"])
    return results, time.monotonic() - began


def unit_tests(tally):
    programs = sorted(p for p in (paths.BUILD / "unit").glob("test_*") if os.access(p, os.X_OK) and p.is_file())
    programs = [p for p in programs if tally.wants(f"unit.{p.name}") or names_a_test_in(tally, p.name)]
    with concurrent.futures.ThreadPoolExecutor(paths.jobs()) as pool:
        for results, _ in pool.map(run_unit, programs):
            for name, outcome, why in results:
                if tally.wants(name) or outcome == "failed":
                    tally.add(name, outcome, why=why)


def names_a_test_in(tally, program):
    source = TESTS / "unit" / f"{program}.c"
    text = source.read_text(errors="replace") if source.exists() else ""
    functions = re.findall(r"^static void (\w+)\(void \*\*", text, re.MULTILINE)
    return any(tally.wants(f"unit.{program}.{function}") for function in functions)


# ---- tests in Python: each module in a process of its own ----

def run_module(tally, module):
    read, write = os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["/bin/bash", "-c", f'exec 3>&{write} {write}>&-; exec "$@"', "one", sys.executable, "-m", "harness.one",
               str(module.relative_to(TESTS)), *tally.wanted]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               pass_fds=(write,), env=environment, start_new_session=True, cwd=TESTS)
    os.close(write)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        words = pool.submit(process.stdout.read)
        current, told = follow(process, read, tally)
        end_session(process)
        status = process.wait()
        output = words.result().decode(errors="replace")
    name = ".".join(module.relative_to(TESTS).with_suffix("").parts)
    if current:
        reason = f"no word for {SILENCE} s" if told == "silent" else f"its process ended with {status}"
        tally.add(current, "failed", why=f"{reason}\n{output[-6000:]}")
    elif status not in (0, -signal.SIGKILL):
        tally.add(name, "failed", why=f"the test's process ended with {status}\n{output[-6000:]}")


def follow(process, read, tally):
    """Take the outcomes as they come. The test that had begun and not ended, or None; how the telling ended."""
    import select
    buffered, current = b"", None
    while True:
        ready, _, _ = select.select([read], [], [], SILENCE)
        data = os.read(read, 65536) if ready else b""
        if not data:
            os.close(read)
            return current, "ended" if ready else "silent"
        *lines, buffered = (buffered + data).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "begin" in told:
                current = told["begin"]
            else:
                tally.add(**told)
                current = None


def end_session(process):
    """Nothing that a test started may outlive it."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def module_is_wanted(tally, module):
    stem = ".".join(module.relative_to(TESTS).with_suffix("").parts)
    if tally.wants(stem):
        return True
    text, class_ = module.read_text(errors="replace"), ""
    for line in re.finditer(r"^class (\w+)|^\s+def (test\w+)", text, re.MULTILINE):
        class_ = line[1] or class_
        if tally.wants(f"{stem}.{class_}.{line[2] or ''}"):
            return True
    return False


# ---- what runs beside the rest ----

class Kernels:
    """The GPIO test kernels being built, at the lowest priority; the tests' own call of kernel/build finds them."""

    def __init__(self, tally):
        self.process = None
        if not any(module_is_wanted(tally, module) for suite in ALONE for module in modules(suite)):
            return
        versions = "7 6.1" if os.environ.get("GATEWAYD_KERNELS") == "all" else "7"
        script = f"for version in {versions}; do nice -n 19 {TESTS}/gpio/kernel/build $version; done"
        self.process = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.DEVNULL, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.end)

    def wait(self):
        """Until they are there, or can't be: the tests say why."""
        if self.process and self.process.poll() is None:
            print("     waiting for the GPIO test kernel, which is built once", flush=True)
            self.process.wait()

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def step(tally, name, function):
    if tally.wants(name):
        began = time.monotonic()
        outcome, why = function()
        tally.add(name, outcome, time.monotonic() - began, why)


def give_way():
    """On Linux a priority is a thread's own, and what it starts inherits it."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)


def lint_steps(tally):
    """Those that no test needs."""
    give_way()
    for name, function in lint.STEPS:
        if name != "lint.gcc-build":
            step(tally, name, function)


def computing_tests(tally):
    """What only computes, and waits for no deadline."""
    give_way()
    python_tests(tally, BESIDE, 1)


def beside(tally):
    """The threads of what gives way to the tests that wait."""
    threads = [threading.Thread(target=work, args=(tally,)) for work in (lint_steps, computing_tests)]
    for thread in threads:
        thread.start()
    return threads


# ---- all of it ----

def build(tally):
    """The sanitized build under test. False: there is nothing to run."""
    began, error = time.monotonic(), ""
    try:
        paths.sanitized_build()
    except RuntimeError as wrong:
        error = str(wrong)
    tally.add("build.sanitized", "failed" if error else "passed", time.monotonic() - began, error[-8000:])
    return not error


def modules(suite):
    return sorted((TESTS / suite).glob("test_*.py"))


def python_tests(tally, suites, at_once):
    """The longest first: torture, then the largest modules."""
    wanted = [module for suite in suites for module in modules(suite) if module_is_wanted(tally, module)]
    wanted.sort(key=lambda module: (module.parent.name == "torture", module.stat().st_size), reverse=True)
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda module: run_module(tally, module), wanted))


def main():
    asked.named_build()
    tally = Tally(sys.argv[1:])
    kernels = Kernels(tally)
    if "GATEWAYD_BUILD" not in os.environ and not build(tally):
        return tally.conclude()
    step(tally, "lint.gcc-build", lint.gcc_build)  # the plain build: many tests need it
    threads = beside(tally)
    unit_tests(tally)
    python_tests(tally, TOGETHER, min(2, paths.jobs()))
    for thread in threads:
        thread.join()
    kernels.wait()
    python_tests(tally, ALONE, 1)
    return tally.conclude()


if __name__ == "__main__":
    sys.exit(main())
