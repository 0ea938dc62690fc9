"""A home for the test kernel from the map of a recorded one: every second sensor becomes a GPIO line, the others speak
MQTT, each in the next format in turn; two call buttons are added, one of each sort."""
import json

import conf

FORMATS = ("raw", "json", "zigbee2mqtt", "tasmota", "esphome", "shelly")
CHIP, LOCAL_PORT, PLATFORM_PORT = "timelapse", 1883, 1884
KEEPALIVE = "5 min"  # instead of 30 and 60 s: pings would be half of what a day costs
HOME = "county/town/village/timelapse"
WIRED_CALL, RADIO_CALL = "timelapse-wired-call", "timelapse-radio-call"

# How each format says a level, and where: topic, extra keys of the sensor's mqtt group, payload by kind (None: others).
TOPICS = {"raw": "home/{}", "json": "devices/{}/state", "zigbee2mqtt": "zigbee2mqtt/{}", "tasmota": "stat/{}/RESULT",
          "esphome": "{}/binary_sensor/input/state", "shelly": "{}/status/input:0"}
EXTRA = {"json": {"path": "reading.value"}, "shelly": {"path": "input:0"}}
ZIGBEE = {"contact": "contact", "bed": "presence", "motion": "occupancy", "presence": "presence",
          "vibration": "vibration", "leak": "water_leak", "smoke": "smoke", "gas": "gas"}


def payload(sort, kind, value):
    """What a device of this format says of a level, byte for byte."""
    on = value != 0
    if sort == "raw":
        return str(value)
    if sort == "json":
        return json.dumps({"reading": {"value": value}, "battery": 90})
    if sort == "zigbee2mqtt":
        name = ZIGBEE.get(kind, "state")
        told = {"contact": not on}.get(kind, on) if name != "state" else ("ON" if on else "OFF")
        return json.dumps({name: told, "battery": 80, "linkquality": 120})
    if sort == "tasmota":
        return json.dumps({"POWER": "ON" if on else "OFF"})
    if sort == "esphome":
        return "ON" if on else "OFF"
    return json.dumps({"id": 0, "state": on})


def _wire(sensors, wiring):
    for i, sensor in enumerate(sensors):
        sensor.pop("mqtt", None), sensor.pop("gpio", None)
        name, kind = sensor["name"], sensor["kind"]
        if i % 2 == 0:
            line = len(wiring)
            sensor["gpio"] = {"chip": CHIP, "line": line, "debounce": "10 ms"}
            wiring[name] = {"by": "gpio", "line": line, "kind": kind}
        else:
            sort = FORMATS[i // 2 % len(FORMATS)]
            topic = TOPICS[sort].format(name)
            sensor["mqtt"] = {"topic": topic, "format": sort, **EXTRA.get(sort, {})}
            # Every second device has its state retained, as most can be told to.
            wiring[name] = {"by": "mqtt", "topic": topic, "format": sort, "kind": kind, "retain": i // 2 % 2 == 0}


def _add_calls(config, wiring):
    line, topic = len(wiring), "zigbee2mqtt/" + RADIO_CALL
    config["sensors"] += [
        {"name": WIRED_CALL, "kind": "button", "room": "bedroom",
         "gpio": {"chip": CHIP, "line": line, "debounce": "10 ms"}},
        {"name": RADIO_CALL, "kind": "button", "room": "hall", "mqtt": {"topic": topic, "format": "zigbee2mqtt"}}]
    wiring[WIRED_CALL] = {"by": "gpio", "line": line, "kind": "button"}
    wiring[RADIO_CALL] = {"by": "mqtt", "topic": topic, "format": "zigbee2mqtt", "kind": "button", "retain": False}
    config["detectors"].append({"name": "timelapse-call", "plugin": "call", "buttons": [WIRED_CALL, RADIO_CALL]})


def furnish(path, timezone):
    """(configuration, {sensor: how it is wired}) from the map in the file `path`."""
    config, wiring = conf.load(path), {}
    county, town, village, home = HOME.split("/")
    config["home"] = {"county": county, "town": town, "village": village, "id": home, "timezone": timezone}
    config["mqtt"] = {"host": "127.0.0.1", "port": LOCAL_PORT, "keepalive": KEEPALIVE}
    config["uplinks"] = [{"name": "platform", "host": "127.0.0.1", "port": PLATFORM_PORT, "keepalive": KEEPALIVE}]
    config.pop("outputs", None)
    config.pop("plugin_dir", None)
    _wire(config["sensors"], wiring)
    _add_calls(config, wiring)
    return config, wiring
