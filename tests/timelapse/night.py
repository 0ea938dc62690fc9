#!/usr/bin/env python3
"""night.py WORK N BUILD: one boot of the home inside the guest, from power on to the power cut. WORK outlives the boot
(state directory, brokers' files, the desk's book, the journal); everything else of the guest does not."""
import collections
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import plan as plans  # noqa: E402
import house  # noqa: E402
from desk import Desk  # noqa: E402
from devices import Things  # noqa: E402

SYNCED = pathlib.Path("/run/systemd/timesync/synchronized")
POWER_OFF = 0x4321fedc  # reboot(2), without a sync before
QUIET = 1800            # s after the last event: what is pending arrives, windows end


def boottime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def kill_at_once(pids):
    """As one: nobody sees another die."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass


def parts(pid):
    """{mapping: KiB of its PSS}, what has no name under its size: where a process has its memory."""
    found, name = collections.Counter(), ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            begins, ends = (int(word, 16) for word in words[0].split("-"))
            name = os.path.basename(words[5]) if len(words) > 5 else f"{(ends - begins) // 1024} KiB without a name"
        elif words[0] == "Pss:":
            found[name] += int(words[1])
    return {name: kib for name, kib in found.items() if kib}


class Broker:
    """mosquitto, with calm.c in it."""

    def __init__(self, folder, port, calm):
        self.folder, self.process = folder, None
        self.environment = {**os.environ, "LD_PRELOAD": str(calm)}
        folder.mkdir(exist_ok=True)
        (folder / "conf").write_text(
            f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence true\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\nmax_queued_messages 0\n"
            "log_dest stderr\nlog_type error\nlog_type warning\n")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", self.folder / "conf"], stderr=log,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            env=self.environment)
        time.sleep(1)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait()
            self.process = None


class Night:
    def __init__(self, work, n, build):
        self.work, self.build = work, build
        self.plan = json.loads((work / f"boot-{n}.json").read_text())
        self.state = work / "state"
        self.journal = open(work / "journal.jsonl", "a", encoding="utf-8", buffering=1)
        calm = build / "tests/timelapse/timelapse_calm.so"
        self.local = Broker(work / "local", house.LOCAL_PORT, calm)
        self.platform = Broker(work / "platform", house.PLATFORM_PORT, calm)
        work.joinpath("desk.jsonl").touch()
        self.desk = Desk(work / "desk.jsonl", n)
        self.gateway, self.out = None, None
        self.doing = {"level": self.level, "press": self.press, "step": self.step, "sync": self.sync,
                      "outage": self.outage, "outage-end": self.outage_end, "sample": self.sample,
                      "ctl": self.ctl}

    def note(self, what, **more):
        self.journal.write(json.dumps({"what": what, "boot": self.plan["n"], "at": boottime(), **more}) + "\n")

    # ---- power on ----

    def begin(self):
        self.things = Things(json.loads((self.work / "wiring.json").read_text()))
        self.things.settle(self.plan["levels"])
        if self.plan["clock"] == int(self.plan["true_at_boot"]):
            self.sync()
        self.local.start()
        if self.plan["out"]:
            self.out = "stop"
        else:
            self.platform.start()
            self.desk.connect()
        self.things.announce(self.plan["levels"])
        self.sleep_until(plans.GATEWAY_STARTS)
        self.start_gateway()
        self.sleep_until(plans.GATEWAY_STARTS + 2)
        self.note_label("start")

    def start_gateway(self):
        run = pathlib.Path("/run/gatewayd")
        run.mkdir()
        log = open(self.work / "gatewayd.log", "ab")
        command = [self.build / "bin/gatewayd", "-c", self.work / "gatewayd.conf", "--libexec", self.build / "bin",
                   "--plugin-dir", self.build / "plugins", "--state-dir", self.state, "--run-dir", run]
        self.gateway = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def pids(self):
        """{pid: program} of the gateway and its workers."""
        found = {self.gateway.pid: "gatewayd"}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    stat = pathlib.Path(f"/proc/{entry}/stat").read_text(errors="replace").rpartition(")")[2].split()
                    name = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if int(stat[1]) == self.gateway.pid and stat[0] != "Z":
                    words = [os.path.basename(word.decode(errors="replace")) for word in name if word]
                    found[int(entry)] = " ".join(words[:2])
        return found

    # ---- what happens ----

    def level(self, name, value):
        self.things.level(name, value)

    def press(self, name):
        self.note("press", button=name)
        self.things.press(name)

    def true_now(self):
        return self.plan["true_at_boot"] + boottime()

    def step(self, by):
        time.clock_settime(time.CLOCK_REALTIME, self.true_now() + by)
        self.settle_label("step", boottime(), 1)

    def sync(self):
        """As systemd-timesyncd does it: it sets the clock, and a moment later says that it is right."""
        time.clock_settime(time.CLOCK_REALTIME, self.true_now())
        set_at = boottime()
        SYNCED.parent.mkdir(parents=True, exist_ok=True)
        if self.gateway:
            self.sleep_until(set_at + 0.2)
        SYNCED.touch()
        if self.gateway:
            self.settle_label("sync", set_at, 2)

    def settle_label(self, why, set_at, seconds):
        self.sleep_until(set_at + seconds)
        self.note_label(why, changed=set_at)

    def note_label(self, why, **more):
        """What the gateway's times are labelled with now: the row of this boot in its store."""
        for name in ("alerts.db", "alerts.db-wal"):  # a copy: the store holds its own file locked
            shutil.copy(self.state / name, pathlib.Path("/tmp", name))
        database = sqlite3.connect("/tmp/alerts.db")
        row = database.execute("SELECT number, boot_offset, wall_minus_log, clock, raised_once FROM boots "
                               "ORDER BY number DESC LIMIT 1").fetchone()
        database.close()
        self.note("label", why=why, number=row[0], offset=row[1], label=row[2], clock=row[3], raised=row[4],
                  true=self.true_now(), **more)

    def outage(self, how):
        self.note("outage", how=how)
        self.out = how
        if how == "stop":
            self.platform.stop()
        else:
            self.platform.process.send_signal(signal.SIGSTOP)

    def outage_end(self, how):
        self.note("outage-end", how=how)
        if self.platform.process:
            self.platform.process.send_signal(signal.SIGCONT)
        else:
            self.platform.start()
            self.desk.connect()
        self.out = None

    def gatewayctl(self, *arguments):
        return subprocess.run([self.build / "bin/gatewayctl", *arguments, "--json", "--socket",
                               "/run/gatewayd/control.sock"], stdout=subprocess.PIPE, check=True, text=True).stdout

    def ctl(self, *arguments):
        """What gatewayctl answers now, into the journal."""
        self.note("ctl", arguments=arguments, text=self.gatewayctl(*arguments))

    def sample(self):
        """How much of everything each process has."""
        for pid, name in self.pids().items():
            rollup = dict(line.split(":") for line in
                          pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
            self.note("process", name=name, pss=int(rollup["Pss"].split()[0]), rss=int(rollup["Rss"].split()[0]),
                      fds=len(os.listdir(f"/proc/{pid}/fd")), wakes=self.wakes(pid), parts=parts(pid))
        sizes = {file.name: file.stat().st_size for file in self.state.iterdir() if file.is_file()}
        self.note("files", sizes=sizes)

    @staticmethod
    def wakes(pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.rpartition("\nvoluntary_ctxt_switches:")[2].split()[0])

    # ---- the loop ----

    def clients(self):
        live = [self.things.radio] if self.things.radio.socket() else []
        return live + ([self.desk] if self.desk.socket() and not self.out else [])

    def sleep_until(self, at):
        """Until then, doing what comes over the sockets."""
        while (left := at - boottime()) > 0:
            if self.gateway and self.gateway.poll() is not None:
                raise AssertionError(f"gatewayd has ended with {self.gateway.returncode}")
            if not self.out:
                self.desk.take_due()
            due = self.desk.next_due() if not self.out else None
            clients = self.clients() if hasattr(self, "things") else []
            wait = left if due is None else min(left, max(0.001, due - boottime()))
            ready, _, _ = select.select([c.socket() for c in clients], [], [], wait)
            for client in clients:
                if client.socket() in ready or client.client.want_write():
                    client.pump()

    def play(self):
        for at, what, *arguments in self.plan["actions"]:
            if what == "sync" and at == 0:
                continue
            self.sleep_until(at)
            self.doing[what](*arguments)

    def end(self):
        if self.plan["last"]:
            self.finish()
        else:
            self.sleep_until(self.plan["lasts"])
            self.note("cut", true=self.true_now(), changes=self.things.changes)
            kill_at_once([*self.pids(), self.local.process.pid])
        self.gateway = None
        if not self.out:
            self.desk.drain()
        self.platform.stop()

    def finish(self):
        """The quiet period, until the outbox is empty; then an orderly end, so that all of the log is on the disk."""
        self.sleep_until(max(self.plan["lasts"], boottime()) + QUIET)
        self.sample()
        self.note_label("end")
        self.note("end", status=json.loads(self.gatewayctl("status")), changes=self.things.changes)
        self.gateway.terminate()
        self.gateway.wait()


def power_off(status):
    """The machine is gone: no sync, no farewell. Only the exit status is told to the outside."""
    sys.stdout.flush()
    with open(os.environ["GUEST_DIR"] + "/status", "w", encoding="ascii") as file:
        file.write(f"{status << 8}\n")
    ctypes.CDLL(None).reboot(POWER_OFF)


def main():
    night = Night(pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3]))
    status = 0
    try:
        night.begin()
        night.play()
        night.end()
    except BaseException:
        traceback.print_exc()
        status = 1
    power_off(status)


if __name__ == "__main__":
    main()
