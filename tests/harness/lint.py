"""The tree's form, and what other compilers say. Each step counts as a test; `tests/lint [STEP]` runs them alone."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

from . import paths

C_FOLDERS = ("gatewayd", "plugins", "tests", "etc")


def c_files(*endings):
    """Of the tree, without build directories and what another program made."""
    for folder in C_FOLDERS:
        for path in sorted((paths.ROOT / folder).rglob("*")):
            if path.suffix in endings and path.is_file() and not path.is_symlink():
                yield path


def _run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          cwd=paths.ROOT, **more)


def clang_format():
    run = _run(["clang-format", "--dry-run", "-Werror", *map(str, c_files(".c", ".h"))])
    return ("failed", run.stdout[-8000:]) if run.returncode else ("passed", "")


def clang_build():
    error = paths.cmake_build(paths.BUILD / "clang", "-DCMAKE_C_COMPILER=clang", "-DGATEWAYD_TESTS=ON",
                              "-DGATEWAYD_WERROR=ON")
    return ("failed", error[-8000:]) if error else ("passed", "")


def gcc_build():
    try:
        paths.plain_build()
    except RuntimeError as error:
        return "failed", str(error)
    return "passed", ""


def _cache():
    """What clang-tidy has found clean is kept there, as the GPIO test kernel is; for ever: an entry is an empty file."""
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    rules = [path.read_text(encoding="utf-8") for path in (paths.ROOT / ".clang-tidy", paths.ROOT / "tests/.clang-tidy")]
    version = _run(["clang-tidy", "--version"]).stdout + "".join(rules)
    folder = base / "gatewayd" / f"tidy-{hashlib.sha256(version.encode()).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read_by_tidy(entry):
    """A digest of all that clang-tidy reads of one file: its command, its text, macros and comments, wherever it lies."""
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = "-"
    expanded = subprocess.run([*words, "-E", "-C", "-dD"], cwd=entry["directory"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True).stdout
    everything = shlex.join(words).encode() + expanded
    return hashlib.sha256(everything.replace(str(paths.BUILD).encode(), b"BUILD")
                          .replace(str(paths.ROOT).encode(), b"ROOT")).hexdigest()


def _tidy(folder, cache, entry):
    """What clang-tidy says of one file: nothing if it is clean, or was the last time with the same to read."""
    clean = cache / _read_by_tidy(entry)
    if clean.exists():
        return ""
    run = _run(["clang-tidy", "--quiet", "-p", str(folder), entry["file"]])
    if run.returncode == 0:
        clean.touch()
        return ""
    return run.stdout


def clang_tidy():
    """Over every file that clang compiles."""
    database = paths.BUILD / "clang" / "compile_commands.json"
    if not database.exists():
        outcome, why = clang_build()
        if outcome != "passed":
            return outcome, why
    entries = {entry["file"]: entry for entry in json.loads(database.read_text())}
    cache = _cache()
    with concurrent.futures.ThreadPoolExecutor(paths.jobs()) as pool:
        said = [text for text in pool.map(lambda entry: _tidy(database.parent, cache, entry), entries.values()) if text]
    return ("failed", "\n".join(said)[-12000:]) if said else ("passed", "")


STEPS = [("lint.clang-format", clang_format), ("lint.clang-build", clang_build), ("lint.gcc-build", gcc_build),
         ("lint.clang-tidy", clang_tidy)]


def main():
    status, names = 0, [name for name, _ in STEPS]
    for wanted in sys.argv[1:]:
        if not any(wanted in name for name in names):
            sys.exit(f"tests/lint: no step has {wanted} in its name: there are {', '.join(names)}")
    for name, step in STEPS:
        if len(sys.argv) < 2 or any(wanted in name for wanted in sys.argv[1:]):
            outcome, why = step()
            print(f"{outcome} {name}\n{why}".rstrip(), flush=True)
            status = status or (outcome == "failed")
    return int(status)


if __name__ == "__main__":
    os.chdir(paths.ROOT)
    sys.exit(main())
