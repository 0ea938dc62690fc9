"""The demo's stage: starts everything, plays the record, shows what each side says, ends everything. See `run`."""
import argparse
import datetime
import json
import os
import pathlib
import queue
import re
import signal
import sys
import time

import desk
import evening
import panes
import processes
import words

HOUR = 22  # the home's clock: night rules hold from ten in the evening
# What a whole evening must bring to the platform: alert kind, and recorded minutes after which it is late.
EXPECTED = (("door-open", 50), ("call", 70), ("bath-long", 140), ("bath-too-long", 160), ("bed-empty", 380),
            ("gone-out", 390))
LATE = 5  # seconds
LOOK = 0.5  # seconds between looks at the gateway's alerts
MOMENT = 0.15  # what comes within it is one moment
KILL = ("bath", 120)  # this detector, at this recorded minute: ten minutes after the bathroom door was closed


class Asked(Exception):
    """Ctrl-C, SIGTERM or a closed terminal: the end."""


def seconds(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|min|)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 30s or 2min")
    return float(match[1]) * (60 if match[2] == "min" else 1)


def arguments():
    parser = argparse.ArgumentParser(prog="etc/demo/run", description="An evening in a home, in fast motion.")
    parser.add_argument("--for", dest="limit", type=seconds, metavar="TIME", help="play no longer than this: 30s, 1min")
    parser.add_argument("--speed", type=float, default=600, help="times as fast as real life, 60 to 1200 (600)")
    parser.add_argument("--lang", choices=("both", "en", "zh"), default="both", help="language of the texts (both)")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not 60 <= chosen.speed <= 1200:
        parser.error("--speed is from 60 to 1200")
    return chosen


def zone_of_ten():
    """A time zone in which it is ten in the evening now; its name and its offset in hours."""
    offset = (HOUR - datetime.datetime.now(datetime.timezone.utc).hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT", offset


def gpio_line():
    chips = sorted(path.name for path in pathlib.Path("/dev").glob("gpiochip*"))
    if not chips:
        return "GPIO: none on this machine; all sensors of the demo speak MQTT.", "本机没有 GPIO，演示中的传感器都用 MQTT。"
    return (f"GPIO: {', '.join(chips)}; the demo leaves it alone, all its sensors speak MQTT.",
            f"GPIO：{', '.join(chips)}；演示不使用它，传感器都用 MQTT。")


class Stage:
    def __init__(self, chosen):
        self.chosen = chosen
        self.panes = panes.Panes(chosen.lang)
        self.parts = processes.Processes(chosen.build)
        self.events = queue.Queue()  # functions for the main thread
        self.zone, hours = zone_of_ten()
        self.tz = datetime.timezone(datetime.timedelta(hours=hours))
        self.words = words.Words(self.panes, self.tz)
        self.desk = self.devices = None
        self.began, self.arrived, self.killed, self.refusals = 0.0, set(), None, []
        self.known, self.looked = {}, 0.0

    # ---- start ----

    def start(self):
        tell = self.panes.tell
        tell("gatewayd: an evening and a night in a home, in fast motion", "gatewayd 演示：一位老人家中的一晚（快放）", "1")
        tell(*gpio_line())
        home, platform = self.parts.broker("broker-of-the-home"), self.parts.broker("broker-of-the-platform")
        self.devices = desk.client("devices", home)
        for topic, payload in evening.ONLINE.items():
            self.devices.publish(topic, payload, 1, True).wait_for_publish()
        self.desk = desk.Desk(platform, lambda kind, body: self.events.put(lambda: self.heard(kind, body)))
        self.parts.gateway(evening.configuration(self.chosen.speed, timezone=self.zone, home_port=home,
                                                 platform_port=platform), self.zone)
        self.platform_port = platform
        minutes = self.chosen.speed / 60
        tell(f"One second here is {minutes:g} minutes of the evening; the limits of the home are as much shorter "
             f"(30 min: {1800 / self.chosen.speed:g} s). Times are the clock of the demo's home.",
             f"这里的一秒是当晚的 {minutes:g} 分钟，时限同样缩短（30 分钟即 {1800 / self.chosen.speed:g} 秒）。")
        self.panes.write()
        self.panes.headings()

    def look(self):
        """What gatewayctl says of the alerts, as far as it is new."""
        self.looked = time.monotonic()
        alerts = self.parts.alerts()
        waiting = any(a["class"] == "emergency" and a["state"] in ("raised", "accepted") for a in alerts)
        for alert in sorted(alerts, key=lambda alert: alert["at"]):
            before, state = self.known.get(alert["id"]), alert["state"]
            self.known[alert["id"]] = state
            if before is None and state != "raised":
                self.words.gateway(self.now(), {**alert, "state": "raised"}, False)  # it has gone on since the last look
            if before != state:
                self.words.gateway(self.now(), alert, not waiting)

    def now(self):
        return datetime.datetime.now(self.tz).strftime("%H:%M:%S")

    # ---- play ----

    def play(self):
        """All of the record, or as much as there is time for."""
        readings = evening.readings()
        last = readings[-1].at / self.chosen.speed
        length = last if self.chosen.limit is None else min(self.chosen.limit, last)
        acts = [(reading.at / self.chosen.speed, lambda reading=reading: self.sensor(reading)) for reading in readings]
        acts += [(minute * 60 / self.chosen.speed, lambda line=line: self.words.story(*line))
                 for minute, *line in evening.STORY]
        acts.append((KILL[1] * 60 / self.chosen.speed, self.kill))
        acts.sort(key=lambda act: act[0])
        self.began = time.monotonic()
        for due, act in acts:
            if due > length:
                break
            self.wait(due)
            act()
        self.wait(length + 0.5)
        return length

    def wait(self, until):
        """Until this second of the play: show what comes."""
        while True:
            left = self.began + until - time.monotonic()
            if left <= 0:
                return
            self.parts.check()
            try:
                self.events.get(timeout=min(left, MOMENT))()
            except queue.Empty:
                self.panes.flush()
            if time.monotonic() - self.looked >= LOOK:
                self.look()

    def sensor(self, reading):
        self.devices.publish(reading.topic, reading.payload, 1)
        self.words.sensor(self.now(), reading)

    def kill(self):
        name, _ = KILL
        took = self.parts.kill_detector(name)
        self.killed = took
        self.words.killed(self.now(), name, took)

    def heard(self, kind, body):
        if kind == "alert":
            self.arrived.add(body["kind"])
            self.look()
            self.words.platform(self.now(), body)
        elif not body.get("ok"):
            self.refusals.append(body.get("text", "?"))

    # ---- end ----

    def sum_up(self, length):
        recorded = length * self.chosen.speed / 60
        missing = [kind for kind, minute in EXPECTED
                   if minute + LATE * self.chosen.speed / 60 <= recorded and kind not in self.arrived]
        self.panes.write()
        if not self.desk.ask_status():
            raise processes.Failure("the gateway does not publish its status when the desk asks for it")
        opened, status = desk.late_look(self.platform_port)
        if opened is None or status is None:
            raise processes.Failure("the platform has no retained open list or status of the home")
        self.words.late_desk(opened, status)
        if missing:
            raise processes.Failure(f"these alerts did not reach the platform: {', '.join(missing)}")
        if self.refusals:
            raise processes.Failure(f"the gateway refused the desk: {'; '.join(self.refusals)}")
        self.words.kept(self.killed, self.arrived)

    def end(self):
        if self.desk:
            self.desk.end()
        if self.devices:
            self.devices.disconnect()
            self.devices.loop_stop()
        self.parts.end()


def asked(_number, _frame):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # once is enough: from here on everything is brought to its end
    raise Asked


def main():
    chosen = arguments()
    stage = Stage(chosen)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, asked)
    status = 0
    try:
        stage.start()
        stage.sum_up(stage.play())
    except (processes.Failure, OSError) as failure:
        if isinstance(failure, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            print(f"\nThe demo failed: {failure}", file=sys.stderr)
            print(stage.parts.last_words("gatewayd"), file=sys.stderr)
            status = 1
    except Asked:
        print("\nEnded on request.", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stage.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
