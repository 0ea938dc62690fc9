"""The platform's broker is away, forgets, or does not answer; the home's own broker goes and comes."""
import time
import unittest

from flat import Flat, button, call, door, open_long
from harness import Broker, wait_for

MEAL = call("meal", "kitchen", short_press="service", service="meal")
SENSORS = [button("cord"), button("kitchen", "kitchen"), door("front")]
DETECTORS = [call("call", "cord"), MEAL, open_long("front-open", "front", "1 s")]


def told(desk, since):
    """[(arrival, alert or request)] since `since` of time.monotonic(), in order."""
    return [(m.at, m.json()) for m in desk.snapshot()
            if m.at >= since and ("/alert/" in m.topic or "/request/" in m.topic)]


class PlatformAway(Flat):
    def make_flat(self, **uplink):
        self.make(sensors=SENSORS, detectors=DETECTORS, uplink=uplink).start()
        self.desk.status(online=True)

    def test_after_an_outage_calls_come_first_and_the_rest_within_the_rate(self):
        self.make_flat(rate=300)  # a minute
        self.assertEqual(len(self.remote.connections("gw-")), 1)
        self.remote.stop()
        self.wait_status(uplinks_up=0)
        began = time.monotonic()
        for n in range(40):
            self.press("kitchen", n)
        for n in range(60):
            self.press("cord", n)
        self.set_door(True)
        wait_for(lambda: self.alerts_at_home(kind="door-open"), 10, "the warning at home")
        waited = time.monotonic() - began
        self.remote.start()
        self.wait_presses(60, 60, class_="emergency")
        wait_for(lambda: self.counted(self.requests()) >= 40, 60, "the requests")
        self.desk.wait_alert(kind="door-open", state="raised", deadline=30)
        self.wait_status(30, outbox=0)
        self.assert_order(told(self.desk, began), self.remote.connections("gw-")[1], rate=300 / 60)
        self.assertGreaterEqual(self.desk.alerts(kind="call")[0]["late_ms"], (waited - 5) * 1000)

    def assert_order(self, came, connected, rate, burst=10):
        """A message may come late, and then several at once, but never before it was sent: what has come at any time
        is at most what may have been sent since the connection."""
        seen, others, last_call = set(), [], 0
        for at, alert in came:
            if (alert["id"], alert["rev"]) in seen:
                continue
            seen.add((alert["id"], alert["rev"]))
            if alert["class"] == "emergency":
                last_call = at
            else:
                others.append(at)
        self.assertEqual(sum(at < last_call for at in others), 0, "a call waited behind others")
        for i, at in enumerate(others):
            self.assertLessEqual(i + 1, burst + (at - connected) * rate, "faster than the rate")

    def test_a_broker_that_forgets_hears_again_what_is_open(self):
        self.forgets("5")

    def test_a_broker_that_forgets_hears_it_with_mqtt_3_1_1_too(self):
        self.forgets("3.1.1")

    def forgets(self, version):
        self.make(remote=Broker(), sensors=SENSORS, detectors=DETECTORS, uplink={"version": version}).start()
        self.set_door(True)
        self.press()
        call_, open_ = self.desk.wait_alert(kind="call"), self.desk.wait_alert(kind="door-open")
        self.desk.ack(call_)
        self.desk.wait_alert(id=call_["id"], state="acknowledged")
        self.press("kitchen")
        meal = wait_for(self.requests, 10, "the request")[0]
        self.wait_status(outbox=0)
        self.remote.kill()
        self.remote.start()
        late = self.make_desk(self.remote, client_id="late")  # knows nothing but what comes now
        for alert in (call_, open_):
            late.wait_alert(id=alert["id"], deadline=30)
        wait_for(lambda: self.requests(late), 10, "the request")
        late.wait_message("/open", lambda m: {a["id"] for a in m.json()["alerts"]} >= {call_["id"], meal["id"]})
        late.status(online=True)

    def test_a_call_goes_to_the_backup_when_the_platform_does_not_answer(self):
        second = Broker(persistence=True)
        self.make(sensors=SENSORS, detectors=DETECTORS)
        main = self.home.config["uplinks"][0]
        self.home.config["uplinks"].append({**main, "name": "second", "port": second.port, "backup": True})
        self.home.write_config()
        backup = self.make_desk(second, client_id="backup")
        self.home.start()
        self.wait_status(uplinks_up=2)
        self.press()
        first = self.desk.wait_alert(kind="call")
        self.desk.ack(first)
        self.desk.wait_alert(id=first["id"], state="acknowledged")
        self.assertEqual(backup.alerts(), [])
        self.remote.freeze()
        began = time.monotonic()
        self.press()
        alert = backup.wait_alert(kind="call", state="raised", deadline=10)
        self.assertLess(time.monotonic() - began, 7)
        self.assertNotEqual(alert["id"], first["id"])
        self.remote.thaw()
        self.desk.wait_alert(id=alert["id"], deadline=40)

    def test_two_platforms_get_everything(self):
        second = Broker(persistence=True)
        self.make(sensors=SENSORS, detectors=DETECTORS)
        self.home.config["uplinks"].append({**self.home.config["uplinks"][0], "name": "second", "port": second.port})
        self.home.write_config()
        other = self.make_desk(second, client_id="other", accept=True)
        self.home.start()
        self.press()
        self.press("kitchen")
        self.set_door(True)
        for desk in self.desks:
            for kind in ("call", "door-open"):
                desk.wait_alert(kind=kind, deadline=20)
            wait_for(lambda: self.requests(desk), 20, "the request")
        other.ack(other.alerts(kind="call")[0], by="Wang")
        self.assertEqual(self.desk.wait_alert(kind="call", state="acknowledged")["by"], "Wang")
        self.wait_status(outbox=0)


class HomeBrokerAway(Flat):
    def wait_devices(self):
        """Until the devices have noticed and are connected again."""
        wait_for(self.devices.client.is_connected, 20, "the devices' connection")

    def restart_broker(self):
        self.local.stop()
        wait_for(lambda: not self.devices.client.is_connected(), 10, "the end of the devices' connection")
        self.local.start()
        self.wait_devices()

    def test_presses_that_wait_in_the_broker_arrive(self):
        self.make().start()
        self.home.stop()
        for n in range(10):
            self.press(n=n)
        self.home.start()
        self.wait_presses(10, kind="call")

    def test_a_press_is_counted_once_when_the_broker_restarts_right_after_it(self):
        self.make().start()
        for n in range(4):
            self.press(n=n)
            self.restart_broker()
        self.press(n=99)
        self.wait_presses(5, kind="call")

    def test_sensors_are_lost_with_their_broker_and_come_back_with_it(self):
        self.make().start()
        self.set_door(False)
        self.press()
        for name in ("cord", "front"):
            self.wait_sensor(name, available="ok")
        self.desk.wait_alert(kind="call")
        self.local.stop()
        for name in ("cord", "front"):
            self.wait_sensor(name, 20, available="lost")  # 10 s for a broker that only restarts
        self.local.start()
        for name in ("cord", "front"):
            self.wait_sensor(name, 30, available="ok")
        self.wait_devices()
        self.press()
        self.set_door(True)
        self.wait_presses(2, kind="call")
        self.desk.wait_alert(kind="door-open", state="raised")


if __name__ == "__main__":
    unittest.main()
