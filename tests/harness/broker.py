"""A private mosquitto on a free port."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import things
from .wait import free_port, wait_for

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Broker(things.Thing):
    """broker = Broker(); broker.port; broker.stop() / kill() / start() / restart()

    persistence         sessions and retained messages survive stop(), and kill() as far as they were saved
    tls                 Certs: the listener wants TLS
    client_certificate  with tls: and a client certificate of the same CA
    psk                 {"identity": "hex"}: TLS by pre-shared key instead
    users               {"name": "password"}: nobody else may connect
    max_queued          messages that wait for one client (mosquitto's own default is 1000)
    extra               further lines of mosquitto.conf
    """

    def __init__(self, persistence=False, tls=None, client_certificate=False, psk=None, users=None,
                 max_queued=100000, extra=(), host="127.0.0.1", start=True):
        self.host, self.port = host, free_port()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gw-broker-"))
        self.process = None
        self._log = self.directory / "log"
        self._configure(persistence, tls, client_certificate, psk, users, max_queued, extra)
        things.add(self)
        if start:
            self.start()

    def _configure(self, persistence, tls, client_certificate, psk, users, max_queued, extra):
        lines = [f"listener {self.port} {self.host}", f"max_queued_messages {max_queued}", "log_dest stderr",
                 "log_type error", "log_type warning", "log_type notice", "set_tcp_nodelay true"]
        if os.geteuid() == 0:
            lines.insert(0, "user root")
        if tls:
            lines += [f"cafile {tls.ca}", f"certfile {tls.server_cert}", f"keyfile {tls.server_key}"]
            if client_certificate:
                lines += ["require_certificate true"]
        if psk:
            (self.directory / "psk").write_text("".join(f"{name}:{key}\n" for name, key in psk.items()))
            lines += ["psk_hint gatewayd", f"psk_file {self.directory}/psk"]
        if users is None:
            lines += ["allow_anonymous true"]
        else:
            passwords = self.directory / "passwords"
            passwords.write_text("".join(f"{name}:{word}\n" for name, word in users.items()))
            passwords.chmod(0o600)
            subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        if persistence:
            lines += ["persistence true", f"persistence_location {self.directory}/", "autosave_interval 1",
                      "autosave_on_changes true"]
        (self.directory / "mosquitto.conf").write_text("\n".join([*lines, *extra]) + "\n")

    def start(self):
        assert self.process is None, "the broker runs already"
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.directory / "mosquitto.conf")], stderr=log,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(self._answers, 10, lambda: f"mosquitto to listen on {self.port}:\n{self.log()}")

    def _answers(self):
        assert self.process.poll() is None, f"mosquitto has ended:\n{self.log()}"
        try:
            with socket.create_connection((self.host, self.port), 1):
                return True
        except OSError:
            return False

    def _end(self, number):
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def stop(self):
        self._end(signal.SIGTERM)

    def clean(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self):
        self._end(signal.SIGKILL)

    def restart(self):
        self._end(signal.SIGTERM)
        self.start()

    def freeze(self):
        """It holds its connections and answers nothing, until thaw()."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def connections(self, stem):
        """When a client whose name begins so connected, each time, of time.monotonic(). Never later than it was, but
        up to a second earlier: the broker's log knows whole seconds."""
        found = re.findall(rf"^(\d+): New client connected from \S+ as {re.escape(stem)}", self.log(), re.MULTILINE)
        return [int(second) - time.time() + time.monotonic() for second in found]

    def log(self):
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def story(self):
        return f"--- broker {self.port}, last words ---\n" + "\n".join(self.log().splitlines()[-15:])
