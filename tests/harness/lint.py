"""The tree's form, and what other compilers say. Each step counts as a test; `tests/lint [STEP]` runs them alone."""
import concurrent.futures
import json
import os
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


def clang_tidy():
    """Over every file that clang compiles."""
    database = paths.BUILD / "clang" / "compile_commands.json"
    if not database.exists():
        outcome, why = clang_build()
        if outcome != "passed":
            return outcome, why
    files = sorted({entry["file"] for entry in json.loads(database.read_text())})
    with concurrent.futures.ThreadPoolExecutor(paths.jobs()) as pool:
        runs = pool.map(lambda file: _run(["clang-tidy", "--quiet", "-p", str(database.parent), file]), files)
        texts = [run.stdout for run in runs if run.returncode]
    return ("failed", "\n".join(texts)[-12000:]) if texts else ("passed", "")


STEPS = [("lint.clang-format", clang_format), ("lint.clang-build", clang_build), ("lint.gcc-build", gcc_build),
         ("lint.clang-tidy", clang_tidy)]


def main():
    status = 0
    for name, step in STEPS:
        if len(sys.argv) < 2 or any(wanted in name for wanted in sys.argv[1:]):
            outcome, why = step()
            print(f"{outcome} {name}\n{why}".rstrip(), flush=True)
            status = status or (outcome == "failed")
    return int(status)


if __name__ == "__main__":
    os.chdir(paths.ROOT)
    sys.exit(main())
