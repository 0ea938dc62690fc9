"""gatewayctl replay: what would have been alerted, from a recording and from a gateway's own history."""
import datetime
import json
import subprocess
import unittest

from flat import Flat, call, open_long
from harness import Home, wait_for

MONDAY = 1767571200  # 2026-01-05 00:00 UTC
NIGHT = MONDAY + 3 * 3600


def contact(name, room="hall"):
    return {"name": name, "kind": "contact", "room": room, "mqtt": {"topic": f"z/{name}", "format": "raw"}}


def button(name):
    return {"name": name, "kind": "button", "room": "hall", "mqtt": {"topic": f"z/{name}", "format": "raw"}}


BATH = {"name": "bath-stay", "plugin": "bath", "door": "bath-door", "warn_after": "30 min", "alarm_after": "45 min"}
CALL = {"name": "call", "plugin": "call", "buttons": ["cord"]}


def visit_of(start, minutes):
    return [(start, "BATH-DOOR", "CLOSE"), (start + minutes * 60, "BATH-DOOR", "OPEN")]


class Replay(unittest.TestCase):
    """A home that is never started: only its configuration counts."""

    def setUp(self):
        self.home = Home(sensors=[contact("bath-door", "bathroom"), contact("front"), button("cord")],
                         detectors=[BATH, CALL], mqtt={"host": "127.0.0.1"})
        self.set_zone("UTC")
        self.trace_file = self.home.directory / "trace.csv"

    def set_zone(self, zone):
        self.home.config["home"]["timezone"] = zone
        self.home.write_config()

    def write(self, readings):
        self.trace_file.write_text("".join(f"{at},{sensor},{value}\n" for at, sensor, value in readings))

    def run_replay(self, *more, trace=True, check=True):
        build = self.home.build
        command = [build / "bin/gatewayctl", "replay", "--config", self.home.config_file, "--libexec", build / "bin",
                   "--plugin-dir", build / "plugins", *(["--trace", self.trace_file] if trace else []), *more]
        run = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             errors="replace", timeout=120, env=self.home._environment())
        if check:
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run

    def replay(self, *more):
        """The documents it prints."""
        return [json.loads(line) for line in self.run_replay("--json", *more).stdout.splitlines()]

    # ---- what is found ----

    def test_a_stay_is_told_when_it_is_too_long_with_evidence_limit_and_end(self):
        self.write(visit_of(NIGHT, 10) + visit_of(NIGHT + 7200, 40))
        alerts = self.replay()
        self.assertEqual([(a["detector"], a["kind"], a["class"]) for a in alerts],
                         [("bath-stay", "bath-long", "warning")])
        alert, began = alerts[0], NIGHT + 7200
        self.assertEqual((alert["raised_at"], alert["since"], alert["cleared_at"]), (began + 1800, began, began + 2400))
        self.assertEqual((alert["limit"], alert["sensors"], alert["room"]), ("30 min", ["bath-door"], "bathroom"))
        self.assertEqual([(e["sensor"], e["at"], e["text"]) for e in alert["evidence"]],
                         [("bath-door", began, "closed")])
        self.assertIn("05:00", alert["text"]["en"])  # the recording's own time of day
        self.assertIn("05:00", alert["text"]["zh"])
        self.assertNotEqual(alert["raised_log"], alert["raised_at"] * 1000)

    def test_local_times_are_those_of_the_zone(self):
        self.write(visit_of(NIGHT, 40))
        self.assertIn("11:00", self.replay("--timezone", "Asia/Shanghai")[0]["text"]["en"])
        self.set_zone("Asia/Shanghai")
        self.assertIn("11:00", self.replay()[0]["text"]["en"])
        self.assertIn("03:00", self.replay("--timezone", "UTC")[0]["text"]["en"])

    def test_time_goes_on_after_the_last_reading_only_if_asked(self):
        self.write(visit_of(NIGHT, 40)[:1])
        self.assertEqual(self.replay(), [])
        self.assertEqual(self.replay("--tail", "29 min"), [])
        self.assertEqual([a["kind"] for a in self.replay("--tail", "30 min")], ["bath-long"])
        self.assertEqual([a["kind"] for a in self.replay("--tail", "1 h")], ["bath-long", "bath-too-long"])

    def test_presses_of_ten_minutes_are_one_alert_and_later_ones_another(self):
        self.write([(NIGHT + s, "cord", "PRESS") for s in (0, 90, 300, 3000)])
        self.assertEqual([(a["class"], a["count"]) for a in self.replay()], [("emergency", 3), ("emergency", 1)])

    def test_a_recording_that_was_cut_gives_the_same_alerts(self):
        whole = visit_of(NIGHT, 10) + visit_of(NIGHT + 7200, 40)
        self.write(whole)
        first = self.replay()
        self.write(whole[2:])
        second = self.replay()
        self.assertEqual([(a["id"], a["episode"], a["raised_at"]) for a in second],
                         [(a["id"], a["episode"], a["raised_at"]) for a in first])

    def test_text_is_in_the_language_that_is_asked_for(self):
        self.write(visit_of(NIGHT, 40))
        both, english = self.run_replay().stdout, self.run_replay("--lang", "en").stdout
        chinese = self.run_replay("--lang", "zh").stdout
        self.assertIn("2026-01-05 03:30:00  warning  bath-stay: bath-long", both)
        self.assertIn("Long in the bathroom", both)
        self.assertIn("浴室", both)
        self.assertNotIn("浴室", english)
        self.assertNotIn("Long in the bathroom", chinese)
        self.assertIn("2 readings, 2026-01-05 03:00:00 to 2026-01-05 03:40:00: 1 alert", both)

    def test_only_the_detectors_asked_for_are_told(self):
        self.write(visit_of(NIGHT, 40) + [(NIGHT + 9000, "cord", "PRESS")])
        self.assertEqual([a["detector"] for a in self.replay("--detector", "call")], ["call"])
        wrong = self.run_replay("--detector", "bath-sty", check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn('did you mean "bath-stay"?', wrong.stderr)

    def test_a_visit_changes_the_mode_that_the_others_see(self):
        """The front door open at night with nobody back: nothing during a visit, an alert after it."""
        self.home.config["sensors"].append(button("tag"))
        self.home.config["detectors"] = [{"name": "way-out", "plugin": "door", "door": "front", "back_within": "5 min"},
                                         {"name": "carer", "plugin": "visit", "toggle": ["tag"]}]
        self.home.write_config()
        out = [(NIGHT, "front", "OPEN"), (NIGHT + 5, "front", "CLOSE")]
        self.write(out + [(NIGHT + 3600, "tag", "LONG")])
        without = [a["detector"] for a in self.replay()]
        self.assertIn("way-out", without)
        self.write([(NIGHT - 300, "tag", "PRESS")] + out + [(NIGHT + 3600, "tag", "PRESS")])
        with_visit = self.replay()
        self.assertEqual([(a["detector"], a["kind"]) for a in with_visit], [("carer", "visit")])
        self.assertEqual([a["detector"] for a in self.replay("--detector", "way-out")], [])

    # ---- other settings ----

    def test_set_stands_instead_of_the_configuration(self):
        self.write(visit_of(NIGHT, 40))
        self.assertEqual(self.replay("--set", "bath-stay.warn_after=41 min"), [])
        earlier = self.replay("--set", "bath-stay.warn_after=10 min", "--set", "bath-stay.alarm_after=20 min")
        self.assertEqual([a["raised_at"] for a in earlier], [NIGHT + 600, NIGHT + 1200])

    def test_a_wrong_set_is_answered_as_a_wrong_setting(self):
        self.write(visit_of(NIGHT, 40))
        for given, answer in (("bath-stay.warn_aftr=5 min", 'did you mean "warn_after"?'),
                              ("bath-sty.warn_after=5 min", 'did you mean "bath-stay"?'),
                              ("bath-stay.warn_after=soon", "expected a duration"),
                              ("bath-stay.door=frnt", 'did you mean "front"?')):
            run = self.run_replay("--set", given, check=False)
            self.assertEqual((run.returncode, run.stdout), (1, ""), given)
            self.assertIn("--set: ", run.stderr)
            self.assertIn(answer, run.stderr)

    def test_compare_shows_two_settings_side_by_side(self):
        self.write([reading for i, minutes in enumerate((10, 35, 40, 50)) for reading in
                    visit_of(NIGHT + i * 7200, minutes)])
        sets = ("--set", "bath-stay.warn_after=30 min", "--compare", "--set", "bath-stay.warn_after=38 min")
        text = self.run_replay(*sets).stdout
        self.assertIn("with bath-stay.warn_after=30 min: 4 alerts; with bath-stay.warn_after=38 min: 3", text)
        self.assertRegex(text, r"warning +bath-stay: bath-long +3 / 2")
        self.assertRegex(text, r"emergency +bath-stay: bath-too-long +1 / 1")
        self.assertIn("2 of them in both, but at another time", text)
        documents = self.replay(*sets)
        only = [(d["only"], d["kind"], d["raised_at"]) for d in documents if "only" in d]
        self.assertEqual(only, [("a", "bath-long", NIGHT + 7200 + 1800)])
        self.assertEqual([side["alerts"] for side in documents[-1]["compare"]], [4, 3])

    def test_compare_with_the_configuration_as_it_is(self):
        self.write(visit_of(NIGHT, 40))
        text = self.run_replay("--compare", "--set", "bath-stay.warn_after=never").stdout
        self.assertIn("with the configuration as it is: 1 alert; with bath-stay.warn_after=never: 0", text)

    # ---- what is wrong ----

    def test_bad_lines_are_told_with_their_numbers_and_left_out(self):
        self.write(visit_of(NIGHT, 40)[:1])
        with open(self.trace_file, "ab") as file:
            file.write(b"nonsense\n" + f"{NIGHT + 1},bath-door,AJAR\n".encode() + f"{NIGHT - 9},front,OPEN\n".encode() +
                       f"{NIGHT + 60},GHOST,ON\n{NIGHT + 2400},bath-door,OPEN\n".encode() + b"\0\0\n")
        run = self.run_replay("--json")
        self.assertEqual([json.loads(line)["kind"] for line in run.stdout.splitlines()], ["bath-long"])
        for told in (":2: left out: it has fewer", ":3: left out: a sensor of the kind contact can't say that",
                     ":4: left out: it is earlier", ":7: left out: there is a NUL byte",
                     '"GHOST" is no sensor of this configuration: 1 readings left out'):
            self.assertIn(told, run.stderr)

    def test_what_cannot_be_replayed_is_said_with_its_reason(self):
        missing = self.run_replay("--trace", self.home.directory / "none.csv", trace=False, check=False)
        self.assertEqual((missing.returncode, missing.stdout), (1, ""))
        self.assertIn("none.csv: No such file", missing.stderr)
        silent = self.run_replay("--history", "--socket", self.home.run_dir / "none.sock", trace=False, check=False)
        self.assertEqual(silent.returncode, 3)
        self.assertIn("the gateway is not running", silent.stderr)
        self.assertEqual(self.run_replay("--no-such-option", check=False).returncode, 2)
        self.trace_file.write_text("")
        self.assertIn("no reading", self.run_replay().stderr)
        self.home.write_config("sensros = ( );\n")
        bad = self.run_replay(check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("gatewayd.conf:1:", bad.stderr)
        self.assertEqual([line for line in bad.stderr.splitlines() if "Sanitizer" in line], [])

    def test_a_plugin_that_crashes_ends_the_replay_with_its_name(self):
        plugins = self.home.build / "fault-plugins"
        self.home.config["detectors"] = [{"name": "watch", "plugin": "crash-reading", "sensors": ["front"]}]
        self.home.config["plugin_dir"] = str(plugins)
        self.home.write_config()
        self.write([(NIGHT, "front", "OPEN"), (NIGHT + 9, "front", "CLOSE")])
        run = self.run_replay(check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("detector watch: it ended: ", run.stderr)

    def test_memory_does_not_grow_with_the_recording(self):
        def most(readings):
            with open(self.trace_file, "w", encoding="ascii") as file:
                for i in range(readings):
                    file.write(f"{NIGHT + i * 7},front,{i % 2}\n")
            told = self.run_replay("--json", "--timing").stderr
            return int(told.rsplit(" KiB", 1)[0].rsplit(" ", 1)[1])
        short, long = most(20_000), most(400_000)
        self.assertLess(long, short * 1.25 + 1024)


class Live(Flat):
    """What the platform was told live, replay finds again in the gateway's own history."""

    def told_live(self):
        """By id: the first raise and the highest count."""
        found = {}
        for alert in self.desk.alerts():
            if alert["detector"] == "gateway":
                continue
            known = found.setdefault(alert["id"], alert)
            known["count"] = max(known["count"], alert["count"])
        return {id_: (a["detector"], a["kind"], a["key"], a["episode"], a["class"], a["count"],
                      datetime.datetime.fromisoformat(a["raised_at"]).timestamp()) for id_, a in found.items()}

    def replayed(self, *more):
        documents = self.home.ctl("replay", "--config", str(self.home.config_file), "--libexec",
                                  str(self.home.build / "bin"), "--plugin-dir", str(self.home.build / "plugins"),
                                  "--history", *more, timeout=60)
        documents = documents if isinstance(documents, list) else [documents]
        return {a["id"]: (a["detector"], a["kind"], a["key"], a["episode"], a["class"], a["count"],
                            a["raised_at"])
                for a in documents if "id" in a}

    def test_live_and_replay_of_the_same_readings_give_the_same_alerts(self):
        self.make(detectors=[call("call", "cord"), open_long("front-open", "front", "1 s")]).start()
        self.set_door(False)
        self.press(n=1)
        self.desk.wait_alert(kind="call")
        self.set_door(True)
        self.desk.wait_alert(detector="front-open", state="raised")
        self.set_door(False)
        self.desk.wait_alert(detector="front-open", state="cleared")
        self.press(n=2)
        self.press(n=3)
        self.wait_presses(3, kind="call")
        self.set_door(True)  # within ten minutes: the same alert
        wait_for(lambda: len(self.desk.alerts(detector="front-open", state="raised")) > 1, 10, "the door again")
        live = self.told_live()
        self.assertEqual(sorted(kind for _, kind, *_ in live.values()), ["call", "door-open"])
        wait_for(lambda: self.replayed("--tail", "2 s") == live, 10,
                 lambda: f"the same alerts:\nlive     {live}\nreplayed {self.replayed('--tail', '2 s')}")

    def test_other_settings_and_a_sensor_that_is_gone_are_tried_on_the_history(self):
        self.make().start()
        self.set_door(True)
        self.desk.wait_alert(detector="front-open", state="raised")
        self.assertEqual(self.replayed("--set", "front-open.open_too_long=2 h"), {})
        self.home.config["sensors"] = [s for s in self.home.config["sensors"] if s["name"] != "front"]
        self.home.config["detectors"] = [call("call", "cord")]
        self.home.write_config()
        self.assertEqual(self.replayed("--since", "1"), {})


if __name__ == "__main__":
    unittest.main()
