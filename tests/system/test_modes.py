"""The home's modes, a carer's visit, the silent test alarm and supervision, with the real processes."""
import json
import unittest

from flat import Flat, button, call, door
from harness import wait_for

CJK = r"[\u4e00-\u9fff]"


class Modes(Flat):
    def order(self, mode, **more):
        """cmd/mode, and the platform's answer."""
        self.desk.forget()
        self.desk.command("mode", {"mode": mode, **more})
        return self.desk.wait_message("/cmd/mode/reply").json()

    def begin(self, **how):
        self.make(**how).start()
        self.wait_status(uplinks_up=1, mode="home")

    def test_the_platform_orders_away_and_home(self):
        self.begin()
        self.assertTrue(self.order("away", by="Li", **{"for": "8 h"})["ok"])
        self.desk.status(mode="away")
        self.wait_status(mode="away")
        alert = self.desk.wait_alert(kind="mode-away", state="raised")
        self.assertEqual((alert["class"], alert["limit"]), ("info", "480 min"))
        self.assertIn("Li", alert["text"]["en"])
        self.assertRegex(alert["text"]["zh"], CJK)
        self.assertTrue(self.order("home")["ok"])
        self.desk.status(mode="home")
        self.desk.wait_alert(id=alert["id"], state="cleared")

    def test_a_mode_outlives_a_kill_and_a_power_cut(self):
        self.begin()
        self.order("away", **{"for": "8 h"})
        self.desk.wait_alert(kind="mode-away", state="raised")
        self.wait_status(mode="away", outbox=0)
        self.home.kill()
        self.home.start()
        self.wait_status(mode="away")
        self.power_cut()
        self.home.start()
        self.wait_status(mode="away")
        self.order("home")
        self.wait_status(mode="home")

    def test_a_wrong_order_is_refused_and_changes_nothing(self):
        self.begin()
        for body in ({"mode": "away", "for": "61 days"}, {"mode": "visit", "for": "13 h"}, {"mode": "party"},
                     {"mode": "away", "for": "-1 h"}, {"mode": "away", "for": "soon"}, {}):
            self.desk.forget()
            self.desk.command("mode", body)
            reply = self.desk.wait_message("/cmd/mode/reply").json()
            self.assertFalse(reply["ok"], body)
            self.assertTrue(reply["text"], body)
        self.desk.forget()  # what the platform said itself is meant to fit no schema
        refused = self.home.ctl_run("mode", "maintenance", "--for", "9 h")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("too long", refused.stdout + refused.stderr)
        self.wait_status(mode="home")

    def test_a_call_is_told_in_every_mode(self):
        self.begin()
        for n, mode in enumerate(("away", "visit", "maintenance"), 1):
            self.assertEqual(self.home.ctl_run("mode", mode).returncode, 0)
            self.wait_status(mode=mode)
            self.press(n=n)
            self.wait_presses(n, kind="call")

    def test_a_visit_by_button_is_told_with_its_service_time(self):
        self.begin(sensors=[button("cord"), button("badge-in", "hall"), button("badge-out", "hall")],
                   detectors=[call("call", "cord"),
                              {"name": "carer", "plugin": "visit", "check_in": ["badge-in"],
                               "check_out": ["badge-out"]}])
        self.press("badge-in")
        here = self.desk.wait_message("/visit").json()
        self.assertEqual((here["state"], here["kind"]), ("raised", "visit"))
        self.desk.status(mode="visit")
        self.press("badge-out")
        gone = self.desk.wait_message("/visit", lambda m: m.json()["state"] == "cleared").json()
        self.assertEqual(gone["id"], here["id"])
        self.assertGreaterEqual(gone["lasted_s"], 0)
        self.wait_status(mode="home")

    def test_a_visit_that_the_platform_orders_ends_when_it_says_home(self):
        self.begin(sensors=[button("cord"), button("badge", "hall")],
                   detectors=[call("call", "cord"), {"name": "carer", "plugin": "visit", "toggle": ["badge"]}])
        self.order("visit")
        self.desk.wait_message("/visit", lambda m: m.json()["state"] == "raised")
        self.wait_status(mode="visit")
        self.order("home")
        self.desk.wait_message("/visit", lambda m: m.json()["state"] == "cleared")
        self.wait_status(mode="home")


class Tests(Flat):
    def test_the_silent_test_alarm_ends_with_the_platform_s_answer(self):
        self.make().start()
        self.wait_status(uplinks_up=1)
        self.desk.command("test", {})
        alert = self.desk.wait_alert(kind="test-alarm", state="raised")
        self.assertEqual((alert["class"], alert["test"]), ("emergency", True))
        self.desk.wait_alert(id=alert["id"], state="closed")
        self.wait_status(outbox=0)

    def test_a_sensor_named_in_the_order_makes_a_marked_alarm(self):
        self.make().start()
        self.wait_status(uplinks_up=1)
        self.desk.command("test", {"sensor": "cord"})
        alert = self.desk.wait_alert(kind="call", state="raised")
        self.assertTrue(alert["test"])
        self.desk.forget()
        self.desk.command("test", {"sensor": "nobody"})
        self.assertFalse(self.desk.wait_message("/cmd/test/reply").json()["ok"])


class Watching(Flat):
    def test_smoke_is_an_emergency(self):
        smoke = {"name": "smoke", "kind": "smoke", "room": "kitchen",
                 "mqtt": {"topic": "zigbee2mqtt/smoke", "format": "zigbee2mqtt"}}
        self.make(sensors=[button("cord"), smoke],
                  detectors=[call("call", "cord"), {"name": "fire", "plugin": "hazard", "smoke": ["smoke"]}]).start()
        self.wait_status(uplinks_up=1)
        self.devices.publish("zigbee2mqtt/smoke", '{"smoke": true, "battery": 90}')
        alert = self.desk.wait_alert(class_="emergency", detector="fire", state="raised")
        self.assertEqual((alert["room"], alert["test"]), ("kitchen", False))
        self.assertIn("moke", alert["text"]["en"])
        self.assertRegex(alert["text"]["zh"], "烟")

    def test_sensors_are_watched_without_being_asked_for(self):
        self.make(supervision={"daily_test": False, "sensors": True}).start()
        self.wait_status(uplinks_up=1)
        row = next(r for r in self.home.ctl("status")["workers"] if r["name"] == "detector supervision")
        self.assertEqual(row["plugin"], "sensor")
        self.devices.publish("zigbee2mqtt/cord", json.dumps({"action": "", "battery": 97, "battery_low": True}))
        alert = self.desk.wait_alert(class_="technical", detector="supervision", state="raised")
        self.assertEqual(alert["key"], "cord")
        self.assertRegex(alert["text"]["zh"], CJK)

    def test_a_detector_that_learns_says_so(self):
        motion = {"name": "move", "kind": "motion", "room": "hall",
                  "mqtt": {"topic": "zigbee2mqtt/move", "format": "zigbee2mqtt"}}
        self.make(sensors=[button("cord"), door("front"), motion],
                  detectors=[call("call", "cord"), {"name": "habits", "plugin": "routine", "signs": ["move"]}]).start()

        def learns():
            row = next(r for r in self.home.ctl("status")["workers"] if r["name"] == "detector habits")
            return row["health"] == "learning" and row["cause"]
        wait_for(learns, 15, lambda: f"a learning detector; it is {self.home.ctl('status')}")


if __name__ == "__main__":
    unittest.main()
