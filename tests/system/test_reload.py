"""A reload goes by name: what changed takes effect, what did not is not touched, and a bad file changes nothing."""
import os
import signal
import time
import unittest

from flat import Flat, button, call, door, open_long
from harness import Broker, wait_for


class Reload(Flat):
    def setUp(self):
        super().setUp()
        self.make(sensors=[button("cord"), door("front"), door("back", "kitchen")],
                  detectors=[call("call", "cord"), open_long("front-open", "front", "1 s"),
                             open_long("back-open", "back", "1 h")]).start()
        self.desk.status(online=True)

    def pids(self):
        return {worker["name"]: worker["pid"] for worker in self.home.ctl("status")["workers"]}

    def reload(self):
        self.home.write_config()
        run = self.home.ctl_run("reload")
        self.assertEqual(run.returncode, 0, run.stderr)

    def connections(self, broker):
        return broker.log().count("New client connected")

    def test_the_same_file_again_touches_nothing(self):
        before = self.pids()
        connected = self.connections(self.local), self.connections(self.remote)
        self.reload()
        self.press()
        self.desk.wait_alert(kind="call")
        self.assertEqual(self.pids(), before)
        self.assertEqual((self.connections(self.local), self.connections(self.remote)), connected)

    def test_a_changed_limit_takes_effect_from_the_opening_and_leaves_the_others_alone(self):
        self.set_door(True, "back")
        self.wait_sensor("back", value=1)
        before = self.pids()
        self.home.detector("back-open")["open_too_long"] = "2 s"
        self.reload()
        alert = self.desk.wait_alert(kind="door-open", detector="back-open")
        self.assertEqual(alert["limit"], "2 s")
        after = self.pids()
        self.assertNotEqual(after.pop("detector back-open"), before.pop("detector back-open"))
        self.assertEqual(after, before)

    def test_a_removed_detector_s_alerts_are_cancelled_but_a_call_stays(self):
        self.set_door(True)
        warning = self.desk.wait_alert(kind="door-open")
        self.press()
        call_ = self.desk.wait_alert(kind="call")
        self.home.config["detectors"] = [open_long("back-open", "back", "1 h")]
        self.reload()
        self.desk.wait_alert(id=warning["id"], state="cancelled")
        wait_for(lambda: set(self.pids()) == {"store", "mqtt", "uplink platform", "detector back-open"}, 10,
                 lambda: f"the end of two detectors: {self.pids()}")
        self.assertEqual([a["id"] for a in self.alerts_at_home(class_="emergency")], [call_["id"]])
        self.desk.ack(call_)
        self.desk.wait_alert(id=call_["id"], state="acknowledged")

    def test_a_new_sensor_works_and_the_process_that_reads_it_is_the_same(self):
        mqtt = self.home.worker("mqtt")
        self.home.config["sensors"].append(button("bed-cord", "bedroom"))
        self.home.detector("call")["buttons"].append("bed-cord")
        self.reload()
        self.press("bed-cord")
        alert = self.desk.wait_alert(kind="call")
        self.assertEqual((alert["key"], alert["room"]), ("bed-cord", "bedroom"))
        self.press("cord")
        self.desk.wait_alert(kind="call", key="cord")
        self.assertEqual(self.home.worker("mqtt"), mqtt)

    def test_a_removed_sensor_is_heard_no_more(self):
        self.home.config["sensors"] = [s for s in self.home.config["sensors"] if s["name"] != "back"]
        self.home.config["detectors"].pop()
        self.reload()
        self.set_door(True, "back")
        self.press()
        self.desk.wait_alert(kind="call")
        self.assertEqual([s["name"] for s in self.home.ctl("sensors")["sensors"]], ["cord", "front"])

    def test_a_new_platform_gets_what_is_open(self):
        self.press()
        call_ = self.desk.wait_alert(kind="call")
        second = Broker(persistence=True)
        other = self.make_desk(second, client_id="other")
        before = self.pids()
        self.home.config["uplinks"].append({**self.home.config["uplinks"][0], "name": "second", "port": second.port})
        self.reload()
        other.wait_message("/open", lambda m: call_["id"] in [a["id"] for a in m.json()["alerts"]])
        other.wait_alert(id=call_["id"])
        after = self.pids()
        after.pop("uplink second")
        self.assertEqual(after, before)

    def test_a_moved_platform_takes_what_waits(self):
        self.remote.stop()
        self.wait_status(uplinks_up=0)
        self.press()
        self.wait_status(emergencies_open=1)
        second = Broker(persistence=True)
        other = self.make_desk(second, client_id="other", accept=True)
        self.home.config["uplinks"][0]["port"] = second.port
        self.reload()
        other.wait_alert(kind="call", deadline=20)
        self.wait_status(outbox=0)

    def test_a_bad_file_changes_nothing_and_everybody_is_told(self):
        before = self.pids()
        self.home.write_config(self.home.config_file.read_text() + "\nsensros = ( );\n")
        run = self.home.ctl_run("reload")
        self.assertEqual(run.returncode, 1)
        lines = len(self.home.config_file.read_text().splitlines())
        self.assertIn(f"gatewayd.conf:{lines}: ", run.stderr)
        self.assertIn("sensros", run.stderr)
        self.home.wait_log("reload refused")
        alert = self.desk.wait_alert(kind="reload-refused", state="raised")
        self.assertEqual(alert["class"], "technical")
        self.assertEqual(self.pids(), before)
        self.press()
        self.desk.wait_alert(kind="call")
        self.reload()
        self.desk.wait_alert(id=alert["id"], state="cleared")

    def test_presses_during_reloads_are_counted_once(self):
        for n in range(30):
            self.press(n=n)
            if n % 5 == 0:
                self.home.detector("back-open")["open_too_long"] = f"{n + 10} min"
                self.home.detector("call")["long_press"] = f"{n + 1000} ms"
                self.home.write_config()
                self.home.reload()
        self.wait_presses(30, 30, kind="call")

    def test_a_reload_while_the_disk_does_not_answer(self):
        store = self.home.worker("store")
        os.kill(store, signal.SIGSTOP)
        began = time.monotonic()
        self.home.detector("front-open")["open_too_long"] = "2 s"
        self.reload()
        self.assertLess(time.monotonic() - began, 5)
        self.press()
        self.desk.wait_alert(kind="call", deadline=10)
        os.kill(store, signal.SIGCONT)
        self.wait_status(degraded=False)
        self.set_door(True)
        self.assertEqual(self.desk.wait_alert(kind="door-open", deadline=15)["limit"], "2 s")


if __name__ == "__main__":
    unittest.main()
