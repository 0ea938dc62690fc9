"""The recorded evening: what happened in the home and when, and how each device would say it over MQTT."""
import csv
import datetime
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))

# value in the record: level or event, words for people
SAID = {
    "open": (1, "open", "打开"), "closed": (0, "closed", "关上"),
    "occupied": (1, "somebody lies in it", "有人"), "empty": (0, "empty", "无人"),
    "present": (1, "somebody is there", "有人"), "nobody": (0, "nobody there", "无人"),
    "moving": (1, "movement", "有活动"), "still": (0, "still", "安静"),
    "press": ("press", "PRESSED", "被按下"),
}
THINGS = {
    "bathroom-door": ("bathroom door", "浴室门"), "front-door": ("front door", "大门"), "bed": ("bed", "床"),
    "living-room": ("living room", "客厅"), "hall": ("hall", "门厅"), "call-button": ("call button", "呼叫按钮"),
    "temperature": ("living room", "客厅"),
}
# sensor: format (for people), topic, payload of a level
DEVICES = {
    "bathroom-door": ("Zigbee2MQTT", "zigbee2mqtt/bathroom door",
                      lambda on: json.dumps({"contact": not on, "battery": 94, "linkquality": 120})),
    "front-door": ("Shelly", "shellies/shellydw2-73BFAA/sensor/state", lambda on: "open" if on else "close"),
    "bed": ("Tasmota", "stat/bedmat/RESULT", lambda on: json.dumps({"Switch1": {"Action": "ON" if on else "OFF"}})),
    "living-room": ("ESPHome", "livingroom/binary_sensor/presence/state", lambda on: "ON" if on else "OFF"),
    "hall": ("Zigbee2MQTT", "zigbee2mqtt/hall motion", lambda on: json.dumps({"occupancy": bool(on), "battery": 81})),
    "call-button": ("plain MQTT", "home/call-button", str),
    "temperature": ("plain MQTT", "home/living-room/temperature", str),
}
# What such devices leave on the broker to say that they are there.
ONLINE = {"zigbee2mqtt/bathroom door/availability": '{"state":"online"}',
          "zigbee2mqtt/hall motion/availability": '{"state":"online"}', "shellies/shellydw2-73BFAA/online": "true",
          "tele/bedmat/LWT": "Online", "livingroom/status": "online"}

# What a neighbour would tell: recorded minutes since the beginning, English, Chinese.
STORY = (
    (0, "19:00  Mrs Wang, 84, lives alone. An ordinary evening begins.", "王奶奶，84 岁，独居。普通的一晚开始了。"),
    (19.9, "19:20  A neighbour brings dinner and leaves the front door open.", "邻居送来晚饭，忘了关大门。"),
    (69.9, "20:10  She feels dizzy and presses the call button.", "她感到头晕，按下呼叫按钮。"),
    (109.9, "20:50  She goes to the bathroom, closes the door, and does not come out.", "她进浴室关上门，一直没有出来。"),
    (229.9, "22:50  She was helped out of the bathroom and goes to bed.", "有人帮她出来，她上床睡觉。"),
    (339.9, "00:40  She gets up, leaves the home and does not come back.", "她半夜起床出门，没有回来。"),
    (439.9, "02:20  A neighbour has found her and brings her back to bed.", "邻居找到她，送她回床。"),
)


class Reading:
    """One line of the record. at: recorded seconds since its beginning."""

    def __init__(self, began, time, sensor, value):
        self.at, self.sensor = time - began, sensor
        self.clock = datetime.datetime.fromtimestamp(time, SHANGHAI).strftime("%H:%M")
        level, self.en, self.zh = SAID.get(value) or (value, f"{value} °C", f"{value} °C")
        self.value = value
        self.format, self.topic, payload = DEVICES[sensor]
        self.payload = payload(level)

    def words(self):
        """("bathroom door: closed", "浴室门：关上")"""
        en, zh = THINGS[self.sensor]
        return f"{en}: {self.en}", f"{zh}：{self.zh}"


def readings(path=HERE / "evening.csv"):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(int(row["unix_time_seconds"]), row["sensor_id"], row["value"]) for row in csv.DictReader(file)]
    return [Reading(rows[0][0], *row) for row in rows]


def configuration(speed, **values):
    """home.conf with its durations shortened by `speed` and @name@ filled in."""
    units = {"min": 60, "h": 3600}
    text = (HERE / "home.conf").read_text(encoding="utf-8")
    text = re.sub(r'"(\d+) (min|h)"', lambda m: f'"{round(int(m[1]) * units[m[2]] * 1000 / speed)} ms"', text)
    return re.sub(r"@(\w+)@", lambda m: str(values[m[1]]), text)
