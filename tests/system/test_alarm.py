"""The life of an alarm, as the platform sees it."""
import unittest

from flat import PRESS, Flat, button, call, door, open_long
from harness import wait_for


class Life(Flat):
    """With MQTT 5; Life311 has the same promises with 3.1.1."""
    uplink = {}

    def setUp(self):
        super().setUp()
        contact = {"hotline": "6512349", "family": "+8613800000000"}
        self.make(accept=False, uplink=self.uplink, contact=contact).start()

    def open_state(self, alert, state):
        def listed(message):
            states = [a["state"] for a in message.json()["alerts"] if a["id"] == alert["id"]]
            return states == ([state] if state else [])
        self.desk.wait_message("/open", listed)

    def answer(self, verb, alert, **more):
        self.desk.command(verb, {"id": alert["id"], "rev": alert["rev"], **more})
        return self.desk.wait_message(f"/cmd/{verb}/reply", lambda m: m.json()["id"] == alert["id"]).json()

    def test_a_press_is_an_emergency_that_explains_itself(self):
        self.press()
        alert = self.desk.wait_alert(class_="emergency")
        self.assertEqual((alert["state"], alert["rev"], alert["count"], alert["durable"]), ("raised", 1, 1, False))
        self.desk.wait_message("/open", lambda m: [(a["id"], a["durable"]) for a in m.json()["alerts"]] ==
                               [(alert["id"], True)])  # a first raise does not wait for the disk; the list tells
        self.assertEqual((alert["detector"], alert["key"], alert["room"], alert["test"]),
                         ("call", "cord", "bathroom", False))
        self.assertIn("button was pressed", alert["text"]["en"])
        self.assertIn("紧急呼叫", alert["text"]["zh"])
        self.assertEqual([(e["sensor"], e["event"]) for e in alert["evidence"]], [("cord", "press")])
        self.assertEqual(alert["contact"], {"hotline": "6512349", "family": "+8613800000000"})
        self.assertLess(alert["late_ms"], 1000)

    def test_it_is_accepted_acknowledged_by_a_person_and_closed(self):
        self.press()
        alert = self.desk.wait_alert(class_="emergency")
        self.assertTrue(self.answer("accept", alert)["ok"])
        self.open_state(alert, "accepted")
        self.assertTrue(self.answer("ack", alert, by="Li", note="on my way")["ok"])
        taken = self.desk.wait_alert(id=alert["id"], state="acknowledged")
        self.assertEqual((taken["by"], taken["note"]), ("Li", "on my way"))
        self.assertGreater(taken["rev"], alert["rev"])
        self.open_state(alert, "acknowledged")
        self.assertTrue(self.answer("close", taken, by="Li")["ok"])
        closed = self.desk.wait_alert(id=alert["id"], state="closed")
        self.assertGreater(closed["rev"], taken["rev"])
        self.open_state(alert, None)
        self.wait_status(outbox=0, emergencies_open=0)

    def test_pressed_again_is_counted_and_after_the_person_s_answer_it_is_a_new_alarm(self):
        for _ in range(3):
            self.press()
        third = self.desk.wait_alert(class_="emergency", count=3)
        self.answer("ack", third, by="Li")
        self.desk.wait_alert(id=third["id"], state="acknowledged")
        self.press()
        wait_for(lambda: [a for a in self.desk.alerts(state="raised") if a["id"] != third["id"]], 10, "a new alarm")
        self.assertEqual(self.presses_told(kind="call"), 4)

    def test_a_local_acknowledgement_is_recorded_and_changes_nothing(self):
        self.press()
        alert = self.desk.wait_alert(class_="emergency")
        self.assertEqual(self.home.ctl_run("ack", alert["id"], "--by", "neighbour").returncode, 0)
        noted = wait_for(lambda: [a for a in self.desk.alerts(id=alert["id"]) if "local-ack" in a["flags"]], 10,
                         "the local acknowledgement")[0]
        self.assertEqual((noted["state"], noted["by"]), ("raised", "neighbour"))
        self.assertEqual(self.desk.alerts(id=alert["id"], state="acknowledged"), [])
        self.press()  # still counted onto the same one: nobody who helps has taken it
        self.desk.wait_alert(id=alert["id"], count=2, state="raised")

    def test_a_test_is_marked_as_one_at_the_platform(self):
        self.assertEqual(self.home.ctl_run("test", "cord", "press").returncode, 0)
        alert = self.desk.wait_alert(class_="emergency")
        self.assertTrue(alert["test"])
        self.press()
        real = self.desk.wait_alert(class_="emergency", test=False)
        self.assertNotEqual(real["id"], alert["id"])
        self.assertEqual(real["count"], 1)

    def test_a_warning_ends_with_its_condition(self):
        self.set_door(True)
        alert = self.desk.wait_alert(kind="door-open", state="raised")
        self.assertEqual((alert["class"], alert["limit"]), ("warning", "1 s"))
        self.set_door(False)
        cleared = self.desk.wait_alert(id=alert["id"], state="cleared")
        self.assertEqual(cleared["rev"], alert["rev"] + 1)


class Life311(Life):
    uplink = {"version": "3.1.1"}


class Start(Flat):
    def test_a_retained_press_is_never_a_press(self):
        self.make()
        self.devices.publish("zigbee2mqtt/cord", PRESS, retain=True)
        self.home.start()
        self.press()
        self.desk.wait_alert(class_="emergency", state="raised")
        self.home.restart()
        self.press()
        self.wait_presses(2, kind="call")

    def test_a_call_line_found_active_is_an_emergency_and_after_a_crash_no_second_one(self):
        self.make(sensors=[{**button("cord"), "kind": "cord"}, door("front")],
                  detectors=[call("call", "cord"), open_long("front-open", "front", "3 s")])
        self.devices.publish("zigbee2mqtt/cord", '{"state": "ON"}', retain=True)
        self.home.start()
        alert = self.desk.wait_alert(class_="emergency", state="raised")
        self.assertEqual(alert["kind"], "call-line-active")
        self.home.kill()
        self.home.start()
        self.set_door(True)
        self.desk.wait_alert(kind="door-open")  # 3 s have passed, and a line settles within 2
        self.assertEqual({a["id"] for a in self.desk.alerts(class_="emergency")}, {alert["id"]})
        self.assertEqual(self.presses_told(class_="emergency"), 1)

    def test_a_door_that_was_opened_while_the_gateway_was_down_alarms(self):
        self.make()
        self.set_door(False)
        self.home.start()
        self.wait_sensor("front", value=0)
        self.home.stop()
        self.set_door(True)
        self.home.start()
        self.desk.wait_alert(kind="door-open", state="raised")

    def test_a_door_that_is_open_at_the_first_start_alarms(self):
        self.make()
        self.set_door(True)
        self.home.start()
        alert = self.desk.wait_alert(kind="door-open", state="raised")
        self.assertTrue(alert["evidence"][0]["initial"])


if __name__ == "__main__":
    unittest.main()
