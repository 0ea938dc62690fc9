"""The daemon as a process: its lock, its workers' words, the control socket, its end."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from harness import BUILD, Home, wait_for
from harness.frames import C, Frame

DOOR = {"name": "door", "kind": "contact", "room": "hall", "mqtt": {"topic": "z/door", "format": "raw"}}
BROKER = {"host": "127.0.0.1", "port": 9}


def make_home(**how):
    return Home(sensors=[DOOR], mqtt=BROKER, **how)


class Lock(unittest.TestCase):
    def test_a_second_gateway_is_refused_and_told_whose_directory_it_is(self):
        home = make_home()
        home.start()
        second = subprocess.run(home.command(), stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"pid {home.process.pid}", second.stderr)
        self.assertIn(str(home.state_dir), second.stderr)
        self.assertEqual(home.ctl("status")["sensors"], 1)  # the first one has noticed nothing

    def test_the_lock_ends_with_the_process_however_it_ends(self):
        home = make_home()
        home.start()
        home.kill()
        home.start()


class Words(unittest.TestCase):
    """A wrapper that writes to stderr stands in for one worker."""

    def build_with(self, worker, script):
        build = pathlib.Path(tempfile.mkdtemp(prefix="gw-build-"))
        self.addCleanup(shutil.rmtree, build, ignore_errors=True)
        (build / "bin").mkdir()
        (build / "plugins").symlink_to(BUILD / "plugins")
        for program in (BUILD / "bin").iterdir():
            (build / "bin" / program.name).symlink_to(program)
        place = build / "bin" / worker
        place.unlink(missing_ok=True)
        place.write_text(f"#!/bin/sh\n{script}\nexec {BUILD}/bin/{worker} \"$@\"\n")
        place.chmod(0o755)
        return build

    def test_lines_carry_the_worker_s_name_and_are_made_printable(self):
        script = "printf '<4>a warning\\nplain \\033[31m\\377 line\\n' >&2"
        home = make_home(build=self.build_with("gatewayd-mqtt", script))
        home.start()
        self.assertTrue(home.wait_log("a warning").startswith("<4>mqtt: "))
        self.assertIn("plain ?[31m? line", home.wait_log("plain"))

    def test_a_flood_of_lines_is_counted_and_hinders_nobody(self):
        script = "i=0; while [ $i -lt 3000 ]; do echo spam $i >&2; i=$((i+1)); done"
        home = make_home(build=self.build_with("gatewayd-mqtt", script))
        home.start()
        home.wait_log("writes too much")
        self.assertEqual(home.ctl("status")["sensors"], 1)
        self.assertLessEqual(home.log().count("mqtt: spam"), 100)
        home.kill_worker("mqtt")
        home.wait_log("lines were dropped")


class Socket(unittest.TestCase):
    def setUp(self):
        self.home = make_home()
        self.home.start()
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()

    def client(self):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.settimeout(10)
        client.connect(str(self.home.run_dir / "control.sock"))
        self.clients.append(client)
        return client

    def assert_sent_away(self, client):
        try:
            self.assertEqual(client.recv(65536), b"")
        except ConnectionResetError:
            pass

    def test_bad_frames_end_that_client_only(self):
        good = self.client()
        request = Frame("ctl-request", verb=C["CTL_STATUS"]).bytes()
        bad = [b"x", b"\0" * 8, request[:-1], request + b"\0", b"\xff" * 70000,
               Frame("ctl-request", verb=99).bytes(), Frame("ready").bytes(),
               Frame("ctl-request", verb=C["CTL_STATUS"]).bytes().replace(b"\0" * 48, b"\xff" * 48)]
        for data in bad:
            client = self.client()
            client.send(data)
            self.assert_sent_away(client)
        good.send(request)
        self.assertEqual(Frame.parse(good.recv(65536)).name, "ctl-home")

    def test_one_client_too_many_is_told_so_and_the_place_comes_back(self):
        request = Frame("ctl-request", verb=C["CTL_STATUS"]).bytes()
        for _ in range(C["CLIENTS_MAX"]):
            client = self.client()
            client.send(request)
            client.recv(65536)  # it is in
        run = self.home.ctl_run("status")
        self.assertEqual(run.returncode, 1)
        self.assertIn("too many", run.stderr)
        self.clients.pop().close()
        wait_for(lambda: self.home.ctl_run("status").returncode == 0, 10, "a free place")

    def test_a_client_that_does_not_read_is_dropped_and_nobody_waits(self):
        slow = self.client()
        slow.setblocking(False)
        request = Frame("ctl-request", verb=C["CTL_STATUS"]).bytes()

        def dropped():
            try:
                for _ in range(100):
                    slow.send(request)
            except BlockingIOError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True
            return False

        wait_for(dropped, 20, "the end of the slow client")
        self.assertEqual(self.home.ctl("status")["sensors"], 1)
        self.home.wait_log("it does not read")


class End(unittest.TestCase):
    def test_without_a_gateway_gatewayctl_ends_with_3(self):
        home = make_home()
        run = home.ctl_run("status")
        self.assertEqual(run.returncode, 3)
        self.assertIn("systemctl start gatewayd", run.stderr)

    def test_sigterm_tells_systemd_and_leaves_nothing(self):
        home = make_home()
        home.start()
        home.notifications()
        home.stop()
        self.assertIn("STOPPING=1", "\n".join(home.notifications()))
        self.assertFalse((home.run_dir / "control.sock").exists())

    def test_a_worker_that_hangs_at_the_end_is_killed(self):
        home = make_home()
        home.start()
        store = home.worker("store")
        os.kill(store, signal.SIGSTOP)
        home.process.terminate()
        self.assertEqual(home.wait_exit(15), 0)
        self.assertFalse(pathlib.Path(f"/proc/{store}").exists())

    def test_the_watchdog_is_fed(self):
        home = make_home()
        home.environment = {"WATCHDOG_USEC": "600000"}
        home.start()
        told = []
        wait_for(lambda: told.extend(home.notifications()) or
                 sum("WATCHDOG=1" in text for text in told) >= 3, 10, "WATCHDOG=1")


if __name__ == "__main__":
    unittest.main()
