"""A home: a configuration, a state and a run directory, and the real gatewayd with its workers."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from . import things
from .paths import BUILD, LSAN_OPTIONS
from .wait import wait_for

REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "Assertion `")


def libconfig(value, depth=0):
    """A Python value as libconfig writes it: dict a group, list of dicts a list, other lists an array."""
    indent = "  " * (depth + 1)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (str, os.PathLike)):
        return '"' + os.fspath(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, dict):
        inside = "".join(f"{indent}{key} = {libconfig(item, depth + 1)};\n" for key, item in value.items())
        return "{\n" + inside + "  " * depth + "}"
    items = [libconfig(item, depth + 1) for item in value]
    if all(isinstance(item, dict) for item in value):
        return "(\n" + indent + f",\n{indent}".join(items) + ")" if items else "( )"
    return "[ " + ", ".join(items) + " ]"


class Home(things.Thing):
    """home = Home(broker, platform_broker, sensors=[{...}], detectors=[{...}]); home.start(); home.ctl("status")

    local      Broker of the home, None without
    remote     Broker of the platform (or a list of them), None without: uplinks "platform", "platform-2" ...
    uplink     further keys of every uplink, {"tls": {...}}
    groups     any other group of the configuration by its name: store={"batch": "1 s"}, outputs=[...], contact={...}
    build      directory of the build that runs
    """

    def __init__(self, local=None, remote=None, sensors=(), detectors=(), uplink=None, build=BUILD, **groups):
        self.build = pathlib.Path(build)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gw-home-"))
        self.state_dir = self.directory / "state"
        self.state_dir.mkdir()
        # As /run is: memory. A ring that is mapped from a disk stalls whenever the disk writes it back.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.run_dir = pathlib.Path(tempfile.mkdtemp(prefix="gw-run-", dir=memory))
        self.config_file = self.directory / "gatewayd.conf"
        self.process, self._lines, self._reader = None, [], None
        self._expected_reports = False
        self.environment = {}
        self._notify = self._notify_socket()
        self.config = self._defaults(local, remote, uplink or {})
        self.config.update(sensors=list(sensors), detectors=list(detectors), **groups)
        self.write_config()
        things.add(self)

    @staticmethod
    def _defaults(local, remote, uplink):
        config = {"home": {"county": "county", "town": "town", "village": "village", "id": "home",
                           "timezone": "Asia/Shanghai"},
                  "supervision": {"daily_test": False, "sensors": False}}  # what no test expects
        if local:
            config["mqtt"] = {"host": local.host, "port": local.port}
        remotes = remote if isinstance(remote, (list, tuple)) else [remote] if remote else []
        config["uplinks"] = [{"name": "platform" if i == 0 else f"platform-{i + 1}", "host": broker.host,
                              "port": broker.port, **uplink} for i, broker in enumerate(remotes)]
        return config

    # ---- configuration ----

    def write_config(self, text=None):
        """Write self.config, or this text, to the configuration file."""
        if text is None:
            text = "".join(f"{key} = {libconfig(value)};\n" for key, value in self.config.items())
        self.config_file.write_text(text)

    def sensor(self, name):
        return next(sensor for sensor in self.config["sensors"] if sensor["name"] == name)

    def detector(self, name):
        return next(detector for detector in self.config["detectors"] if detector["name"] == name)

    # ---- the daemon ----

    def command(self, *more):
        return [str(self.build / "bin/gatewayd"), "-c", str(self.config_file), "--libexec", str(self.build / "bin"),
                "--plugin-dir", str(self.build / "plugins"), "--state-dir", str(self.state_dir),
                "--run-dir", str(self.run_dir), *more]

    def _notify_socket(self):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(self.directory / "notify"))
        notify.setblocking(False)
        return notify

    def _environment(self):
        return {**os.environ, "ASAN_OPTIONS": "exitcode=86", "UBSAN_OPTIONS": "print_stacktrace=1",
                "LSAN_OPTIONS": LSAN_OPTIONS, **self.environment, "NOTIFY_SOCKET": str(self.directory / "notify")}

    def check(self):
        """gatewayd --check: (exit status, its text)."""
        run = subprocess.run(self.command("--check"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace", timeout=60, env=self._environment())
        return run.returncode, run.stdout

    def start(self, ready=True, deadline=30):
        """Start it; with `ready` wait until it says READY=1."""
        assert self.process is None, "gatewayd runs already"
        self.notifications()
        self.process = subprocess.Popen(self.command(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stdin=subprocess.DEVNULL, env=self._environment())
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        if ready:
            self.wait_ready(deadline)
        return self

    def wait_ready(self, deadline=30):
        seen = []

        def ready():
            seen.extend(self.notifications())
            if self.process.poll() is not None and "READY=1" not in "\n".join(seen):
                raise AssertionError(f"gatewayd ended with {self.process.returncode} before READY:\n{self.log()}")
            return any("READY=1" in text.split("\n") for text in seen)

        wait_for(ready, deadline, lambda: f"READY=1; it says {seen}:\n{self.log()[-4000:]}")

    def notifications(self):
        """What it told systemd since the last call."""
        texts = []
        while True:
            try:
                texts.append(self._notify.recv(4096).decode(errors="replace"))
            except BlockingIOError:
                return texts

    def _read_log(self, stream):
        for line in stream:
            self._lines.append((time.monotonic(), line.decode(errors="replace").rstrip("\n")))
        stream.close()

    def wait_exit(self, deadline=15):
        """Wait for its end; its exit status."""
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"gatewayd has not ended within {deadline} s:\n{self.log()[-4000:]}") from None
        self._reader.join(10)
        self.process = None
        return status

    def stop(self):
        """End it in good order: SIGTERM, exit status 0, no worker left, no report of a sanitizer."""
        if self.process is None:
            return
        workers = [pid for pids in self.workers().values() for pid in pids]
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            status = self.wait_exit()
        except AssertionError:
            self.kill()
            raise
        self._wait_gone(workers)
        self.assert_no_reports()
        assert status == 0, f"gatewayd ended with {status}:\n{self.log()[-4000:]}"

    def kill(self):
        """SIGKILL; its workers must end by themselves."""
        workers = [pid for pids in self.workers().values() for pid in pids]
        self.process.kill()
        self.wait_exit()
        self._wait_gone(workers)

    def restart(self, **how):
        self.stop()
        return self.start(**how)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def clean(self):
        self._notify.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def assert_no_reports(self):
        found = [line for line in self.log().splitlines() if any(report in line for report in REPORTS)]
        assert not found or self._expected_reports, "a sanitizer or an assertion reports:\n" + self.log()[-6000:]

    def expect_reports(self):
        """This test lets a plugin do what sanitizers report."""
        self._expected_reports = True

    # ---- its workers ----

    def workers(self):
        """{"gatewayd-store": [pid], ...}: running children of the daemon by their program."""
        found = {}
        for pid in _children(self.process.pid) if self.process else ():
            try:
                name = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
            except OSError:
                continue  # ended, or between fork and exec
            if name != "gatewayd":
                found.setdefault(name.removesuffix(" (deleted)"), []).append(pid)
        return found

    def worker(self, role, deadline=10):
        """The pid of the one worker of this role ("store", "mqtt" ...), waiting until there is one."""
        pids = wait_for(lambda: self.workers().get(f"gatewayd-{role}"), deadline, f"a running gatewayd-{role}")
        assert len(pids) == 1, f"several: gatewayd-{role} {pids}; take them from workers() or ctl(\"status\")"
        return pids[0]

    def kill_worker(self, role, number=signal.SIGKILL):
        """End a worker and wait until another has taken its place; its pid."""
        old = self.worker(role)
        os.kill(old, number)
        return wait_for(lambda: next((pid for pid in self.workers().get(f"gatewayd-{role}", ()) if pid != old), None),
                        15, f"a new gatewayd-{role}")

    @staticmethod
    def _wait_gone(pids):
        wait_for(lambda: not any(_alive(pid) for pid in pids), 10,
                 lambda: f"the end of the workers {[pid for pid in pids if _alive(pid)]}")

    # ---- its words ----

    def log(self):
        return "\n".join(line for _, line in list(self._lines))

    def wait_log(self, text, deadline=10, n=1):
        """Wait until `text` stands in n lines of the log; the n-th of them."""
        def lines():
            found = [line for _, line in list(self._lines) if text in line]
            return len(found) >= n and found
        return wait_for(lines, deadline, lambda: f"\"{text}\" in the log:\n{self.log()[-4000:]}")[n - 1]

    def ctl_run(self, *arguments, timeout=20):
        """gatewayctl as it is: the finished process, with text."""
        return subprocess.run([str(self.build / "bin/gatewayctl"), *arguments, "--socket",
                               str(self.run_dir / "control.sock")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=timeout, env=self._environment())

    def ctl(self, *arguments, timeout=20):
        """gatewayctl --json: what it answers as Python (several documents: a list); it must succeed."""
        run = self.ctl_run(*arguments, "--json", timeout=timeout)
        assert run.returncode == 0, f"gatewayctl {arguments} ended with {run.returncode}: {run.stdout}{run.stderr}"
        try:
            return json.loads(run.stdout)
        except json.JSONDecodeError:
            return [json.loads(line) for line in run.stdout.splitlines() if line.strip()]

    def story(self):
        return "--- gatewayd, last words ---\n" + "\n".join(self.log().splitlines()[-60:])


def _children(parent):
    for entry in os.listdir("/proc"):
        if entry.isdigit() and _stat(entry)[1] == parent:
            yield int(entry)


def _stat(pid):
    """(state, parent) of a process; ("", 0) when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except (OSError, IndexError):
        return "", 0


def _alive(pid):
    return _stat(pid)[0] not in ("", "Z", "X")
