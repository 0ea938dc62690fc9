"""Where the sources and the builds are. $GATEWAYD_BUILD names another build directory than the runner's."""
import contextlib
import fcntl
import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GATEWAYD_BUILD", ROOT / "build-tests"))
BIN = BUILD / "bin"
PLUGINS = BUILD / "plugins"
# Recordings that are not part of the project: used where they lie beside the checkout.
RECORDINGS = ROOT.parent / "shared/data/mqtt"
RECORDED_HOMES = pathlib.Path(os.environ.get("GATEWAYD_TEST_DATA", RECORDINGS)).parent / "homes"
LSAN_OPTIONS = f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0"


def jobs():
    """Compilers at once: half a GiB of memory each is what the sanitizers ask for."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return max(1, min(len(os.sched_getaffinity(0)), int(gib * 2)))


@contextlib.contextmanager
def _locked(directory):
    """Test modules run side by side and want the same builds."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "tests.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cmake_build(directory, *options, targets=()):
    """Configure and build; the text of what went wrong, or None."""
    steps = [["cmake", "-S", str(ROOT), "-B", str(directory), *options],
             ["cmake", "--build", str(directory), "-j", str(jobs()), *(["--target", *targets] if targets else [])]]
    if not (pathlib.Path(directory) / "CMakeCache.txt").exists() and _has_ninja():
        steps[0][1:1] = ["-G", "Ninja"]
    with _locked(directory):
        for step in steps:
            run = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
            if run.returncode:
                return f"$ {' '.join(step)}\n{run.stdout}"
    return None


def _has_ninja():
    return any(os.access(pathlib.Path(p) / "ninja", os.X_OK) for p in os.environ.get("PATH", "").split(":") if p)


def sanitized_build():
    """The build that the tests run, for whoever has not named another."""
    error = cmake_build(BUILD, "-DGATEWAYD_SANITIZE=ON", "-DGATEWAYD_TESTS=ON", "-DGATEWAYD_WERROR=ON")
    if error:
        raise RuntimeError(error)
    return BUILD


@functools.lru_cache(maxsize=None)
def plain_build():
    """The build without sanitizers, as it is installed: what seccomp, memory limits and link walls are tested with."""
    directory = BUILD / "plain"
    error = cmake_build(directory, "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DGATEWAYD_TESTS=ON", "-DGATEWAYD_WERROR=ON")
    if error:
        raise RuntimeError(f"the plain build failed\n{error[-4000:]}")
    return directory
