"""The GPIO test kernel, from Python.

    status, output = Guest("7").run(["python3", "scenario.py"], timeout=60, writable=["/tmp/out"])

Every run is a fresh machine of a second or less: its root is this machine's own files, read-only; /tmp, /run, /var/lib
and /var/log are empty; /dev/gpiochipN come and go by configfs (gpio-sim). The command runs there as root.
`unavailable(version)` says in words why there can be no guest here, or gives None.
"""
import contextlib
import functools
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MAIN = "7"     # the newest
FIELD = "6.1"  # Debian 12's, as in the field


class GuestDied(Exception):
    """The machine ended without the command's status: its last words are the message."""


@functools.lru_cache(maxsize=None)
def _kernel(version):
    """((kernel, init), None) or (None, why)."""
    # The second kernel is used where it is there; to build it takes minutes that few runs want to wait.
    only_cached = version != MAIN and os.environ.get("GATEWAYD_KERNELS") != "all"
    command = [HERE / "kernel/build", *(["--cached"] if only_cached else []), version]
    build = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            said, why = build.communicate(timeout=30)
            break
        _still_building(version)
    if build.returncode and only_cached:
        return None, f"{why.strip()}; GATEWAYD_KERNELS=all builds it (4 minutes)"
    if build.returncode:
        return None, why[max(0, why.find("cannot build")):].strip() or f"kernel/build ended with {build.returncode}"
    files = said.split("\n")[:2]
    works = subprocess.run([files[0], "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if works.returncode:
        return None, f"the test kernel does not run here: {works.stdout.strip()}"
    with contextlib.suppress(GuestDied):
        if _run(files, ["true"], 60, (), False, 256)[0] == 0:
            return files, None
    return None, "the test kernel does not boot here (are ptrace and /dev/shm usable?)"


def _still_building(version):
    """Minutes without a word would count as hanging: the runner's one.py is told that there is something to wait for."""
    tell = getattr(sys.modules["__main__"], "tell", None)
    if tell:
        tell(begin=f"gpio.building the test kernel {version}")


def unavailable(version=MAIN):
    return _kernel(version)[1]


def _run(files, argv, timeout, writable, virtual_time, memory_mib, clock=None):
    with tempfile.TemporaryDirectory(prefix="guest-") as work:
        work = pathlib.Path(work)
        (work / "command").write_bytes(b"".join(os.fsencode(str(a)) + b"\0" for a in [os.getcwd(), *argv]))
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(work)
        # seccomp=auto: fast system calls where the kernel knows how (from 6.16 on); 6.1 ignores it.
        line = [files[0], f"mem={memory_mib}M", "quiet", "loglevel=1", "seccomp=auto", "umid=guest",
                f"uml_dir={work}", "root=none", "rootfstype=hostfs", "rootflags=/", "ro", f"init={files[1]}",
                f"GUEST_DIR={work}", "con=null", "con0=fd:0,fd:1"]
        if virtual_time:
            line.append("time-travel=inf-cpu")
            if clock is not None:
                line.append(f"time-travel-start={int(clock) * 10**9}")  # in ns, whatever its help says
        environment = dict(os.environ, TMPDIR=memory)
        with open(work / "words", "w+b") as words:
            # The list of folders may hold no newline in the kernel's command line: it travels in a file.
            (work / "writable").write_text("".join(f"{path}\n" for path in writable))
            # A session of its own: the kernel is several processes, which end together.
            process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words,
                                       env=environment, start_new_session=True)
            try:
                output = process.communicate(timeout=timeout)[0].decode(errors="replace")
                late = False
            except subprocess.TimeoutExpired:
                late = True
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            if late:
                output = process.communicate()[0].decode(errors="replace")
                raise GuestDied(f"the guest was still running after {timeout} s; it had said:\n{output}")
            status = work / "status"
            if not status.exists() or not status.read_text().strip():
                words.seek(0)
                said = words.read().decode(errors="replace")[-2000:]
                raise GuestDied(f"the guest died (kernel's exit {process.returncode}):\n{output[-2000:]}\n{said}")
            return os.waitstatus_to_exitcode(int(status.read_text())), output


class Guest:
    def __init__(self, version=MAIN):
        self.files, why = _kernel(version)
        if why:
            raise RuntimeError(why)

    def run(self, argv, timeout=60, writable=(), virtual_time=False, memory_mib=256, clock=None):
        """Run argv in a fresh guest, in the current folder. (exit status, or -signal; what it wrote to stdout and
        stderr). timeout is in real seconds. virtual_time: sleeping costs nothing, time jumps to the next timer;
        edges come with the next millisecond; the wall clock then begins at `clock`, in seconds since 1970. Raises
        GuestDied."""
        return _run(self.files, argv, timeout, writable, virtual_time, memory_mib, clock)
