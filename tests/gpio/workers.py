"""gatewayd-gpio built with each version of libgpiod: the system's, and the other one from Debian's packages, unpacked
aside in ${XDG_CACHE_HOME:-~/.cache}/gatewayd."""
import functools
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from harness import paths  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gatewayd"
# Where Debian has the version that a system of the other one lacks, and what the packages are called.
PACKAGES = {"1": [("bookworm", ["libgpiod2", "libgpiod-dev"])],
            "2": [("bookworm-backports", ["libgpiod3", "libgpiod-dev"]), ("trixie", ["libgpiod3", "libgpiod-dev"])]}


class Unavailable(Exception):
    pass


def _system_version():
    out = subprocess.run(["pkg-config", "--modversion", "libgpiod"], capture_output=True, text=True).stdout.strip()
    return out.split(".")[0]


def _packages_root(version):
    """The other libgpiod's packages, unpacked; fetched with an apt state of their own."""
    root = CACHE / f"libgpiod-{version}"
    if root.exists():
        return root
    said = ""
    for suite, packages in PACKAGES[version]:
        work = CACHE / f"libgpiod-{version}.part"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        got = subprocess.run([HERE / "kernel/fetch", work, suite, *packages], capture_output=True, text=True)
        said = got.stdout + got.stderr
        debs = list(work.glob("*.deb"))
        if got.returncode == 0 and len(debs) == len(packages):
            for deb in debs:
                subprocess.run(["dpkg", "-x", deb, work / "root"], check=True)
            (work / "root").rename(root)
            shutil.rmtree(work, ignore_errors=True)
            return root
    raise Unavailable(f"no Debian mirror gave libgpiod {version}: {said.strip()[-500:]}")


@functools.lru_cache(maxsize=None)
def _build(version, sanitize):
    """(the executable, None), or (None, why)."""
    options = []
    if version != _system_version():
        try:
            options.append(f"-DGPIOD_ROOT={_packages_root(version)}")
        except Unavailable as why:
            return None, str(why)
    build = paths.BUILD / f"gpio-libgpiod-{version}{'-sanitized' if sanitize else ''}"
    error = paths.cmake_build(build, "-DGATEWAYD_WERROR=ON", f"-DGATEWAYD_SANITIZE={'ON' if sanitize else 'OFF'}",
                              *options, targets=["gatewayd-gpio"])
    if error:
        raise RuntimeError(f"building gatewayd-gpio for libgpiod {version}:\n{error[-4000:]}")
    return build / "bin/gatewayd-gpio", None


def folders():
    """What a guest must be given to run a worker: any of these may lie where it has empty memory, as under /tmp."""
    return [paths.ROOT, paths.BUILD, CACHE]


def unavailable(version):
    """Why there can be no worker with this libgpiod here, or None. A source that does not build is no such reason."""
    return _build(version, False)[1]


def worker(version, sanitize=False):
    return _build(version, sanitize)[0]


if __name__ == "__main__":
    print(worker(sys.argv[1]))
