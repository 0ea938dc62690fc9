"""From the button to the platform and back: the way every other promise goes."""
import unittest

from harness import Broker, Home, Platform

CORD = {"name": "cord", "kind": "button", "room": "bathroom",
        "mqtt": {"topic": "zigbee2mqtt/cord", "format": "zigbee2mqtt"}}
CALL = {"name": "call", "plugin": "call", "buttons": ["cord"]}
PRESS = '{"action": "single", "battery": 97, "linkquality": 120}'


class Call(unittest.TestCase):
    def setUp(self):
        self.local, self.remote = Broker(), Broker()
        self.platform = Platform(self.remote)
        self.devices = Platform(self.local, client_id="devices")
        self.home = Home(self.local, self.remote, sensors=[CORD], detectors=[CALL])

    def press(self):
        self.devices.publish("zigbee2mqtt/cord", PRESS)

    def test_a_press_reaches_the_platform(self):
        self.home.start()
        self.press()
        alert = self.platform.wait_alert(class_="emergency", state="raised")
        self.assertEqual((alert["detector"], alert["room"], alert["test"]), ("call", "bathroom", False))
        self.assertTrue(alert["text"]["zh"] and alert["text"]["en"])

    def test_accepted_then_acknowledged_by_a_person(self):
        self.home.start()
        self.press()
        alert = self.platform.wait_alert(class_="emergency", state="raised")
        self.platform.accept(alert)
        self.platform.wait_message("/open", lambda m: [a["state"] for a in m.json()["alerts"]] == ["accepted"])
        self.platform.ack(alert, by="Li")
        acknowledged = self.platform.wait_alert(id=alert["id"], state="acknowledged")
        self.assertGreater(acknowledged["rev"], alert["rev"])

    def test_a_retained_press_is_no_press(self):
        self.devices.publish("zigbee2mqtt/cord", PRESS, retain=True)
        self.home.start()
        self.press()
        self.assertEqual(self.platform.wait_alert(class_="emergency", state="raised")["count"], 1)
        self.assertEqual(len({alert["id"] for alert in self.platform.alerts(class_="emergency")}), 1)

    def test_it_ends_in_good_order_and_starts_again(self):
        self.home.start()
        self.platform.status(online=True)
        self.home.restart()
        self.press()
        self.platform.wait_alert(class_="emergency", state="raised")

    def test_killed_workers_come_back_and_the_next_press_arrives(self):
        self.home.start()
        for role in ("mqtt", "store", "uplink", "detector"):
            with self.subTest(role):
                self.home.kill_worker(role)
                self.platform.forget()
                self.press()
                self.platform.wait_alert(class_="emergency", deadline=20)


if __name__ == "__main__":
    unittest.main()
