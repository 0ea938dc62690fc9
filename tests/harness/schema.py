"""Checks messages of the platform's side against etc/asyncapi.yaml.

>>> check("care/v1/home/a/b/c/d/status", b'{"home": ...}')
"""
import functools
import json
import pathlib
import re

import jsonschema
import yaml

FILE = pathlib.Path(__file__).resolve().parents[2] / "etc" / "asyncapi.yaml"


@functools.lru_cache(maxsize=None)
def _document():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def _resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        at = _document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


@functools.lru_cache(maxsize=None)
def _channels():
    """[(name, pattern of the topic, {message name: schema})]"""
    found = []
    for name, channel in _document()["channels"].items():
        parts = []
        for part in channel["address"].split("/"):
            if not part.startswith("{"):
                parts.append(re.escape(part))
                continue
            choice = _resolve(channel["parameters"][part[1:-1]]).get("enum")
            parts.append("(?P<%s>%s)" % (part[1:-1], "|".join(choice) if choice else "[^/+#]+"))
        messages = {key: _resolve(message)["payload"] for key, message in channel["messages"].items()}
        found.append((name, re.compile("/".join(parts)), messages))
    return found


@functools.lru_cache(maxsize=None)
def _validator(reference):
    jsonschema.Draft7Validator.check_schema(_resolve({"$ref": reference}))
    return jsonschema.Draft7Validator({"$ref": reference}, resolver=jsonschema.RefResolver("", _document()))


def _errors(schema, value):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in _validator(schema["$ref"]).iter_errors(value)]


def check(topic, payload, channel=None):
    """AssertionError unless the topic is one of the channels and the payload (bytes, text or an object) fits it.
    channel: for a topic that the platform chose (the answer to a command): "reply"."""
    value = json.loads(payload) if isinstance(payload, (bytes, bytearray, str)) and payload else payload
    for name, pattern, messages in _channels():
        match = pattern.fullmatch(topic)
        if channel != name and (channel or not match):
            continue
        if name == "command":
            messages = {match["verb"]: messages[match["verb"]]}
            value = value or {}
        wrong = {key: _errors(schema, value) for key, schema in messages.items()}
        if all(wrong.values()):
            raise AssertionError(f"{topic} does not fit etc/asyncapi.yaml: {wrong}\n{payload!r}")
        if match and "class" in match.groupdict() and value["class"] != match["class"]:
            raise AssertionError(f"{topic} carries class {value['class']}")
        return
    raise AssertionError(f"{topic} is no channel of etc/asyncapi.yaml")
