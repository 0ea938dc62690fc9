"""The plugins bed, bath, door and call in the real gateway, with limits of seconds: what they raise, say and clear, as
the platform gets it. Their rules are tested with days of readings in tests/unit."""
import datetime
import unittest
import zoneinfo

from harness import Broker, Home, Platform, schema, wait_for

ZONE = "Asia/Shanghai"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CJK = r"[\u4e00-\u9fff]"


def sensor(name, kind, room):
    return {"name": name, "kind": kind, "room": room, "mqtt": {"topic": f"z/{name}", "format": "raw"}}


def button(name, room="bathroom"):
    return {"name": name, "kind": "button", "room": room, "mqtt": {"topic": f"zigbee2mqtt/{name}",
                                                                   "format": "zigbee2mqtt"}}


def local_now():
    return datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))


def window(begin_hours, end_hours):
    """A window of the day around now: its two settings, and the day on which it begins."""
    begin, end = (local_now() + datetime.timedelta(hours=hours) for hours in (begin_hours, end_hours))
    return {"night_from": begin.strftime("%H:%M"), "night_to": end.strftime("%H:%M")}, DAYS[begin.weekday()]


NIGHT = window(-2, 2)[0]
DAY = window(2, -2)[0]  # every hour but now's


class Case(unittest.TestCase):
    def begin(self, sensors, *detectors):
        self.local, self.remote = Broker(), Broker()
        self.platform = Platform(self.remote, accept=True)
        self.devices = Platform(self.local, client_id="devices")
        self.home = Home(self.local, self.remote, sensors=sensors, detectors=detectors)
        self.home.start()
        wait_for(lambda: all(row["health"] == "ok" for row in self.home.ctl("status")["workers"]
                             if row["name"].startswith("detector")), 10, "all detectors")
        self.platform.status(online=True)

    def say(self, name, *values):
        for value in values:
            self.devices.publish(f"z/{name}", value)

    def press(self, name, action="single"):
        self.devices.publish(f"zigbee2mqtt/{name}", f'{{"action": "{action}"}}')

    def messages(self, kind):
        return [message for message in self.platform.snapshot()
                if message.topic.endswith("/" + kind) and "/cmd/" not in message.topic]

    def raised(self, kind, class_, limit=None, sensors=(), en="", zh="", deadline=15, **wanted):
        """The alert as it must be, whole; gives it back."""
        alert = self.platform.wait_alert(deadline, kind=kind, state="raised", **wanted)
        self.assertEqual((alert["class"], alert.get("limit"), alert["test"]), (class_, limit, False))
        self.assertLessEqual(set(sensors), {item["sensor"] for item in alert["evidence"]})
        self.assertEqual(sorted(alert["sensors"]), sorted({item["sensor"] for item in alert["evidence"]}))
        self.assertIn(en, alert["text"]["en"])
        self.assertIn(zh, alert["text"]["zh"])
        self.assertRegex(alert["text"]["zh"], CJK)
        self.assertNotRegex(alert["text"]["en"], CJK)
        self.assertLess(alert["late_ms"], 1000)
        return alert

    def lasted(self, alert, seconds):
        """From the reading to the alarm it took the limit and no second more."""
        since, raised = (datetime.datetime.fromisoformat(alert[key].replace("Z", "+00:00"))
                         for key in ("since", "raised_at"))
        took = (raised - since).total_seconds()
        self.assertTrue(seconds <= took < seconds + 1, f"{took} s instead of {seconds} s")

    def cleared(self, alert, deadline=15):
        after = self.platform.wait_alert(deadline, id=alert["id"], state="cleared")
        self.assertGreater(after["rev"], alert["rev"])

    def none(self, *kinds):
        for kind in kinds:
            self.assertFalse(self.messages(kind), f"{kind} was raised")

    def tearDown(self):
        for message in self.platform.snapshot():
            if "/home/" in message.topic and "/cmd/" not in message.topic:
                schema.check(message.topic, message.payload)


class Bed(Case):
    SENSORS = [sensor("bed", "bed", "bedroom"), sensor("pir", "motion", "living-room")]

    def detector(self, **settings):
        return {"name": "bed", "plugin": "bed", "bed": ["bed"], "motion": ["pir"], "settle": "1 s",
                "safe_absence": "2 s", "extend": "3 s", "longest_absence": "6 s", "too_long": "never", **NIGHT,
                **settings}

    def in_bed_and_out(self):
        self.say("bed", "1", "0")

    def test_out_of_bed_at_night_and_back_again(self):
        self.begin(self.SENSORS, self.detector())
        self.in_bed_and_out()
        alert = self.raised("bed-empty", "emergency", "2 s", ["bed"], "Left the bed at", "离床")
        self.lasted(alert, 2)
        self.assertEqual((alert["room"], alert["code"]["scaip"]["device"]), ("bedroom", "0012"))
        self.assertIn("No movement seen since", alert["text"]["en"])
        self.say("bed", "1")
        self.cleared(alert, 20)  # ten seconds on the mat

    def test_movement_elsewhere_extends_the_absence_up_to_the_longest(self):
        self.begin(self.SENSORS, self.detector(), self.detector(name="strict", extend="10 s", longest_absence="4 s"))
        self.in_bed_and_out()
        self.say("pir", "1", "0")
        alert = self.raised("bed-empty", "emergency", "3 s", ["bed", "pir"], "Last movement", "最后一次活动",
                            detector="bed")
        self.lasted(alert, 3)
        self.assertIn("living-room", alert["text"]["en"])
        self.assertIn("客厅", alert["text"]["zh"])
        up = self.raised("bed-up-long", "warning", "4 s", ["bed", "pir"], detector="strict", deadline=30)
        self.lasted(up, 4)  # up and about: nobody need run

    def test_by_day_an_empty_bed_is_no_alarm(self):
        self.begin(self.SENSORS, self.detector(**DAY), self.detector(name="night"))
        self.in_bed_and_out()
        self.raised("bed-empty", "emergency", "2 s", ["bed"], detector="night")
        self.assertEqual({m.json()["detector"] for m in self.messages("bed-empty")}, {"night"})

    def test_too_long_in_bed(self):
        self.begin(self.SENSORS, self.detector(too_long="3 s", safe_absence="never"))
        self.say("bed", "0", "1")
        alert = self.raised("bed-too-long", "warning", "3 s", ["bed"], "In bed for 3 s", "卧床 3 秒", 25)
        self.assertEqual(alert["room"], "bedroom")

    def test_an_absence_outlives_its_process(self):
        self.begin(self.SENSORS, self.detector(safe_absence="3 s"))
        self.in_bed_and_out()
        wait_for(lambda: self.home.ctl("status")["readings"] >= 2, 10, "both readings in the log")
        self.home.kill_worker("detector")
        self.lasted(self.raised("bed-empty", "emergency", "3 s", ["bed"]), 3)


class Bath(Case):
    SENSORS = [sensor("door", "contact", "bathroom"), sensor("inside", "motion", "bathroom"),
               sensor("hall", "motion", "hall")]

    def detector(self, **settings):
        return {"name": "bath", "plugin": "bath", "door": "door", "warn_after": "1 s", "alarm_after": "3 s",
                "still_after": "never", "night_still_after": "never", **settings}

    def test_warns_then_calls_and_ends_when_the_door_opens(self):
        self.begin(self.SENSORS, self.detector())
        self.say("door", "1", "0")
        warning = self.raised("bath-long", "warning", "1 s", ["door"], "In the bathroom for 1 s", "1 秒没有出来")
        self.lasted(warning, 1)
        self.none("bath-too-long")
        alarm = self.raised("bath-too-long", "emergency", "3 s", ["door"], "In the bathroom for 3 s", "3 秒没有出来")
        self.lasted(alarm, 3)
        self.assertEqual(warning["incident"], alarm["incident"])
        self.assertEqual(alarm["code"]["scaip"]["device"], "0034")
        self.say("door", "1")
        self.cleared(warning)
        self.cleared(alarm)

    def test_a_short_stay_is_nothing(self):
        self.begin(self.SENSORS, self.detector(), self.detector(name="slow", warn_after="3 s", alarm_after="never"))
        self.say("door", "1", "0")
        self.raised("bath-long", "warning", "1 s", detector="bath")
        self.say("door", "1")
        self.say("door", "0")
        self.raised("bath-long", "warning", "3 s", detector="slow")
        slow = [m.json() for m in self.messages("bath-long") if m.json()["detector"] == "slow"]
        self.lasted(slow[0], 3)  # from the second closing on

    def test_no_movement_inside(self):
        self.begin(self.SENSORS, self.detector(motion=["inside"], elsewhere=["hall"], warn_after="never",
                                               alarm_after="never", still_after="2 s"))
        self.say("door", "1", "0")
        self.say("inside", "0")
        closed = datetime.datetime.now(datetime.timezone.utc)
        # Movement counts as staying in when it begins five seconds after the door was closed.
        wait_for(lambda: datetime.datetime.now(datetime.timezone.utc) - closed > datetime.timedelta(seconds=5.2), 10,
                 "five seconds")
        self.say("inside", "1", "0")
        alarm = self.raised("bath-still", "emergency", "2 s", ["door", "inside"], "No movement in the bathroom",
                            "2 秒没有动静")
        self.say("inside", "1")
        self.cleared(alarm)


class Door(Case):
    SENSORS = [sensor("front", "contact", "hall"), sensor("pir", "motion", "hall"), sensor("bed", "bed", "bedroom")]

    def detector(self, **settings):
        return {"name": "door", "plugin": "door", "door": "front", "open_too_long": "never", "back_within": "never",
                **settings}

    def test_open_too_long_until_it_is_closed(self):
        self.begin(self.SENSORS, self.detector(open_too_long="2 s"))
        self.say("front", "0", "1")
        alert = self.raised("door-open", "warning", "2 s", ["front"], 'The door "front" has been open for 2 s', "没有关上")
        self.lasted(alert, 2)
        self.assertIn("门厅", alert["text"]["zh"])
        self.say("front", "0")
        self.cleared(alert)

    def test_gone_out_at_night_and_seen_again(self):
        self.begin(self.SENSORS, self.detector(motion=["pir"], bed=["bed"], back_within="2 s", **NIGHT))
        self.say("bed", "0")
        self.say("front", "0", "1", "0")
        self.say("pir", "1", "0")  # the steps on the way out
        alert = self.raised("gone-out", "emergency", "2 s", ["front"], "nobody was seen inside for 2 s", "可能已外出")
        self.lasted(alert, 2)
        self.assertEqual((alert["code"]["scaip"]["device"], alert["code"]["scaip"]["status"]), ("0015", "0003"))
        self.say("bed", "1")
        self.cleared(alert)

    def test_only_within_its_window_and_on_its_days(self):
        settings, today = window(-2, 2)
        other = DAYS[(DAYS.index(today) + 1) % 7]
        self.begin(self.SENSORS, self.detector(name="today", back_within="2 s", days=today, **settings),
                   self.detector(name="other-day", back_within="1 s", days=other, **settings),
                   self.detector(name="other-hours", back_within="1 s", **DAY))
        self.say("front", "0", "1")
        self.raised("gone-out", "emergency", "2 s", ["front"], detector="today")
        self.assertEqual({m.json()["detector"] for m in self.messages("gone-out")}, {"today"})


class Call(Case):
    SENSORS = [button("cord"), button("cancel", "hall")]

    def detector(self, **settings):
        return {"name": "call", "plugin": "call", "buttons": ["cord"], **settings}

    def test_a_press_is_an_emergency_with_everything_a_desk_needs(self):
        self.begin(self.SENSORS, self.detector())
        self.press("cord")
        alert = self.raised("call", "emergency", None, ["cord"], "Call for help", "紧急呼叫")
        self.assertEqual(alert["code"]["scaip"], {"device": "0003", "status": "0010", "location": "011"})
        self.assertEqual((alert["room"], alert["evidence"][0]["event"]), ("bathroom", "press"))
        self.assertIn("（浴室）", alert["text"]["zh"])

    def test_a_short_press_asks_for_a_service_and_a_long_one_for_help(self):
        self.begin(self.SENSORS, self.detector(short_press="service", service="meal"))
        self.press("cord")
        message = self.platform.wait_message("/request/meal")
        self.assertEqual(message.topic, "care/v1/home/county/town/village/home/request/meal")
        self.assertFalse(message.retain)
        request = message.json()
        self.assertEqual((request["class"], request["kind"], request["state"]), ("info", "meal", "raised"))
        self.assertIn("request", request["flags"])
        self.assertIn("Service wanted: a meal", request["text"]["en"])
        self.assertIn("助餐", request["text"]["zh"])
        self.assertEqual(request["evidence"][0]["sensor"], "cord")
        self.assertFalse(self.platform.alerts(class_="emergency"))
        self.press("cord", "hold")
        alert = self.raised("call", "emergency", None, ["cord"], "Call for help")
        self.assertEqual(alert["evidence"][0]["event"], "long")

    def test_each_service_has_its_topic_and_class(self):
        services = {"meal": "info", "bath": "info", "walk": "info", "doctor": "warning", "clean": "info",
                    "urgent-help": "emergency", "other": "info"}
        self.begin([button(name) for name in services],
                   *[{"name": name, "plugin": "call", "buttons": [name], "short_press": "service", "service": name}
                     for name in services])
        for name, class_ in services.items():
            self.press(name)
            request = self.platform.wait_message(f"/request/{name}").json()
            self.assertEqual((request["class"], request["detector"]), (class_, name))

    def test_the_cancel_button_ends_a_pre_alarm(self):
        self.begin(self.SENSORS, self.detector(cancel="cancel", pre_alarm="2 s"))
        self.press("cord")
        self.press("cancel")
        self.home.wait_log("a call was cancelled at home")
        self.press("cord")
        alert = self.raised("call", "emergency", "2 s", ["cord"], "Call for help", "紧急呼叫")
        self.lasted(alert, 2)
        self.assertEqual(alert["count"], 1, "the cancelled one came too")

    def test_what_is_deliberate_does_not_wait(self):
        self.begin(self.SENSORS, self.detector(cancel="cancel", pre_alarm="60 s"))
        self.press("cord", "hold")
        self.raised("call", "emergency", None, ["cord"], deadline=2)
        self.press("cord")
        self.press("cord")
        self.platform.wait_alert(2, kind="call", count=2)

    def test_a_pre_alarm_outlives_its_process(self):
        self.begin(self.SENSORS, self.detector(cancel="cancel", pre_alarm="3 s"))
        self.press("cord")
        wait_for(lambda: self.home.ctl("status")["readings"] >= 1, 10, "the press in the log")
        self.home.kill_worker("detector")
        alert = self.raised("call", "emergency", "3 s", ["cord"])
        self.lasted(alert, 3)


if __name__ == "__main__":
    unittest.main()
