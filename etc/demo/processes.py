"""The processes of the demo: two private mosquittos and the gateway, in one temporary directory. All end with the demo,
also when it is killed: each has asked the kernel for that, and the gateway's workers end with the gateway."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Failure(Exception):
    """Something of ours does not do what it should."""


def wait_for(predicate, seconds, what):
    end = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Processes:
    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gatewayd-demo-"))
        self.running = []
        self.environment = dict(os.environ)

    def start(self, name, command):
        log = open(self.directory / f"{name}.log", "ab")
        with log:
            # A session of its own: Ctrl-C is ours to answer, in order.
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)], stderr=log,
                                       stdout=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                       env=self.environment)
        self.running.append((name, process))
        return process

    def check(self):
        for name, process in self.running:
            if process.poll() is not None:
                raise Failure(f"{name} has ended with {process.returncode}\n{self.last_words(name)}")

    def last_words(self, name, lines=20):
        path = self.directory / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    # ---- brokers ----

    def broker(self, name):
        """A mosquitto that only this machine can reach; its port."""
        if not MOSQUITTO:
            raise Failure("there is no mosquitto on this machine: apt-get install mosquitto")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.start(name, [*self._as_nobody(), MOSQUITTO, "-p", port])  # without a file it serves this machine only
        wait_for(lambda: self._answers(port), 10, f"{name} to answer")
        return port

    @staticmethod
    def _as_nobody():
        """Root's mosquitto changes its user, and so forgets to end with us: change it before."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", "--reuid=mosquitto", "--regid=mosquitto", "--clear-groups", "--pdeathsig", "KILL"]

    def _answers(self, port):
        self.check()
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return True
        except OSError:
            return False

    # ---- the gateway ----

    def gateway(self, configuration, timezone):
        self.environment["TZ"] = timezone
        config = self.directory / "gatewayd.conf"
        config.write_text(configuration, encoding="utf-8")
        for name in ("state", "run"):
            (self.directory / name).mkdir()
        command = [self.build / "bin/gatewayd", "-c", config, "--libexec", self.build / "bin", "--plugin-dir",
                   self.build / "plugins", "--state-dir", self.directory / "state", "--run-dir", self.directory / "run"]
        checked = subprocess.run([*map(str, command), "--check"], text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, env=self.environment)
        if checked.returncode:
            raise Failure(f"gatewayd --check refuses the demo's home:\n{checked.stdout}")
        self.start("gatewayd", command)
        wait_for(self._works, 20, f"the gateway to work\n{self.last_words('gatewayd')}")

    def _works(self):
        self.check()
        if not (self.directory / "run/control.sock").exists():
            return False
        status = self.status()
        return status and status["uplinks_up"] == 1 and all(w["state"] == "running" for w in status["workers"])

    def ctl(self, *arguments):
        return [str(self.build / "bin/gatewayctl"), *arguments, "--socket", str(self.directory / "run/control.sock")]

    def ask(self, *arguments):
        """gatewayctl's answer as text; None if it has none."""
        run = subprocess.run(self.ctl(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                             timeout=20, env=self.environment)
        return run.stdout if run.returncode == 0 else None

    def status(self):
        answer = self.ask("status", "--json")
        return json.loads(answer) if answer else None

    def alerts(self):
        """All alerts that the gateway remembers, also those that are over."""
        return json.loads(self.ask("alerts", "--all", "--json") or '{"alerts": []}')["alerts"]

    def worker(self, name):
        return next((w for w in (self.status() or {"workers": []})["workers"] if w["name"] == name), None)

    def kill_detector(self, name):
        """kill -9; seconds until it works again."""
        name = f"detector {name}"
        old = self.worker(name)
        if not old or not old["pid"]:
            raise Failure(f"there is no {name} in gatewayctl status")
        began = time.monotonic()
        os.kill(old["pid"], signal.SIGKILL)

        def back():
            new = self.worker(name)
            return new and new["health"] == "ok" and new["pid"] not in (0, old["pid"])

        wait_for(back, 10, f"the {name} to be back")
        return time.monotonic() - began

    # ---- the end ----

    def end(self):
        """Stop all, the youngest first, and remove the directory."""
        for name, process in reversed(self.running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()
        shutil.rmtree(self.directory, ignore_errors=True)
