"""etc/demo/run: it plays, says what people understand, and leaves nothing behind however it ends."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from harness import BUILD, ROOT, things, wait_for


def stat(pid):
    """(state, parent) of a process; ("", 0) when there is none."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except (OSError, IndexError):
        return "", 0


def alive(pid):
    return stat(pid)[0] not in ("", "Z", "X")


class Demo(things.Thing):
    """The running demo; everything that it makes on the disk is in self.directory."""

    def __init__(self, *arguments):
        self.directory = tempfile.mkdtemp(prefix="gw-demo-test-")
        environment = {**os.environ, "GATEWAYD_BUILD": str(BUILD), "TMPDIR": self.directory}
        self.process = subprocess.Popen([str(ROOT / "etc/demo/run"), *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                                        env=environment)
        self.output, self.seen = "", set()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        things.add(self)

    def _read(self):
        with self.process.stdout as stream:
            for line in stream:
                self.output += line.decode(errors="replace")

    def wait_text(self, text, deadline=30):
        wait_for(lambda: text in self.output or self.process.poll() is not None, deadline,
                 lambda: f"{text!r} in\n{self.output}")
        assert text in self.output, f"the demo has ended without {text!r}:\n{self.output}"

    def descendants(self):
        """{pid: program} of all that the demo has started and that lives now."""
        found, parents = {}, [self.process.pid]
        pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
        while parents:
            children = [pid for pid in pids if stat(pid)[1] == parents[0]]
            parents = parents[1:] + children
            found.update({pid: pathlib.Path(f"/proc/{pid}/comm").read_text().strip() for pid in children if alive(pid)})
        self.seen |= set(found)
        return found

    def wait_exit(self, deadline=60):
        status = self.process.wait(deadline)
        self.reader.join(10)
        return status

    def wait_gone(self):
        wait_for(lambda: not any(alive(pid) for pid in self.seen), 10,
                 lambda: f"the end of {[pid for pid in self.seen if alive(pid)]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def clean(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def story(self):
        return f"--- the demo ---\n{self.output}"


class DemoRuns(unittest.TestCase):
    def assert_nothing_left(self, demo):
        self.assertGreaterEqual(len(demo.seen), 8, "two brokers, the gateway, its workers and four detectors")
        demo.wait_gone()
        self.assertEqual(os.listdir(demo.directory), [])

    def test_it_plays_and_ends_by_itself(self):
        demo = Demo("--for", "20s")
        demo.wait_text("PLATFORM ALARM (emergency)")
        programs = list(demo.descendants().values())
        self.assertEqual(programs.count("mosquitto"), 2, programs)
        self.assertEqual(demo.wait_exit(), 0, demo.output)
        for text in ("SENSORS: what the sensors say", "GATEWAY: what the gateway thinks",
                     "PLATFORM: what the care platform receives", "GPIO: ",
                     "SENSORS  | ", "bathroom door: closed / 浴室门：关上",
                     "WARNING: the front door is left open",
                     "Call for help: the button was pressed at", "紧急呼叫：老人按下了呼叫按钮",
                     "HELP KNOWS: Li Na has taken it (she calls for help)",
                     "EMERGENCY: too long in the bathroom", "浴室门关上，已 5 秒没有出来",
                     "killed on purpose (kill -9)", "nothing was lost",
                     "A desk that starts only now sees", "Status of the home: online"):
            self.assertIn(text, demo.output)
        self.assertNotIn("\033", demo.output, "a pipe gets no colours")
        self.assert_nothing_left(demo)

    def test_one_language_alone(self):
        demo = Demo("--for", "8s", "--lang", "zh")
        demo.wait_text("紧急呼叫：老人按下了呼叫按钮")
        demo.descendants()
        self.assertEqual(demo.wait_exit(), 0, demo.output)
        self.assertNotIn("Call for help", demo.output)
        self.assert_nothing_left(demo)

    def test_ctrl_c_ends_it(self):
        demo = Demo()
        demo.wait_text("front door: open")
        demo.descendants()
        os.killpg(demo.process.pid, signal.SIGINT)  # as the terminal does: to everybody of the foreground
        self.assertEqual(demo.wait_exit(20), 0, demo.output)
        self.assertIn("Ended on request.", demo.output)
        self.assert_nothing_left(demo)

    def test_its_own_death_leaves_no_process(self):
        demo = Demo()
        demo.wait_text("front door: open")
        demo.descendants()
        demo.process.kill()
        demo.wait_exit()
        demo.wait_gone()

    def test_a_gateway_that_dies_is_told(self):
        demo = Demo()
        demo.wait_text("front door: open")
        gateway = [pid for pid, program in demo.descendants().items() if program == "gatewayd"]
        os.kill(gateway[0], signal.SIGKILL)
        self.assertEqual(demo.wait_exit(20), 1, demo.output)
        self.assertIn("The demo failed: gatewayd has ended", demo.output)
        self.assert_nothing_left(demo)

    def test_wrong_arguments_start_nothing(self):
        demo = Demo("--for", "soon")
        self.assertEqual(demo.wait_exit(10), 2)
        self.assertIn("'soon' is no time such as 30s", demo.output)
        self.assertEqual(os.listdir(demo.directory), [])


if __name__ == "__main__":
    unittest.main()
