"""Frames of base/frame.h for tests: the structs are read from the headers, so they can't drift apart.

>>> frame = Frame("send", token=7, emergency=1, alert={"id": 5, "rev": 1})
>>> sock.send(frame.bytes()); got = Frame.parse(sock.recv(65536)); got.name, got.body.token
"""
import ctypes
import os
import re

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "gatewayd")
_BASIC = {"uint8_t": ctypes.c_uint8, "uint16_t": ctypes.c_uint16, "uint32_t": ctypes.c_uint32,
          "uint64_t": ctypes.c_uint64, "int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64,
          "double": ctypes.c_double, "char": ctypes.c_char}


def _source(*parts):
    with open(os.path.join(_ROOT, *parts), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.S)


def _constants(*texts):
    found = {}
    for text in texts:
        for name, value in re.findall(r"#define\s+(\w+)\s+(0x[0-9a-fA-F]+|\d+)u?\b", text):
            found[name] = int(value, 0)
        for body in re.findall(r"enum\s+\w*\s*\{([^}]*)\}", text):
            value = -1
            for item in filter(None, (part.strip() for part in body.split(","))):
                name, _, given = (part.strip() for part in item.partition("="))
                value = int(given, 0) if given else value + 1
                found[name] = value
    return found


def _structs(constants, *texts):
    structs = {}
    for text in texts:
        for name, body in re.findall(r"struct\s+(\w+)\s*\{([^{}]*)\}\s*;", text):
            fields = []
            for line in filter(None, (part.strip() for part in body.split(";"))):
                base, rest = re.match(r"((?:struct\s+)?\w+)\s+(.*)", line, re.S).groups()
                kind = structs[base.split()[1]] if base.startswith("struct") else _BASIC[base]
                for field in rest.split(","):
                    member, size = re.match(r"\s*(\w+)\s*(?:\[([^\]]*)\])?", field).groups()
                    length = eval(size, {}, dict(constants)) if size else None  # pylint: disable=eval-used
                    fields.append((member, kind * int(length) if length else kind))
            structs[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
    return structs


_PLUGIN = _source("include", "gatewayd", "plugin.h")
_TEXTS = [_source("base", name) for name in ("limits.h", "reading.h", "alert.h", "frame_ctl.h", "frame_detector.h",
                                           "frame.h")]
C = _constants(_PLUGIN, *_TEXTS)
STRUCTS = _structs(C, *_TEXTS)
TYPES = {name[len("FRAME_"):].lower().replace("_", "-"): value for name, value in C.items()
         if name.startswith("FRAME_") and name not in ("FRAME_VERSION", "FRAME_TYPES", "FRAME_NONE")}
_NAMES = {value: name for name, value in TYPES.items()}
_BODIES = {"failed": "frame_text", "alert": "alert", "mqtt-broker": "frame_broker",
           "store-cursor": "frame_cursor", "store-boot": "frame_boot", "store-commit": "frame_commit",
           "store-done": "frame_done", "store-forget": "frame_forget", "ctl-home": "frame_status"}
_EMPTY = {"ready", "config-begin", "config-end", "plugin-end", "open-begin", "open-end", "ping", "pong"}


def fill(struct, values):
    """Set members from a dictionary; nested structs take dictionaries, arrays of structs lists of them."""
    for name, value in values.items():
        if isinstance(value, dict):
            fill(getattr(struct, name), value)
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict):
                    fill(getattr(struct, name)[i], item)
                else:
                    getattr(struct, name)[i] = item
        else:
            if not hasattr(struct, name):
                raise AttributeError(f"{type(struct).__name__} has no {name}")
            setattr(struct, name, value.encode() if isinstance(value, str) else value)


class Frame:
    def __init__(self, name, /, **values):
        self.name = name
        self.body = None
        if name not in _EMPTY:
            self.body = STRUCTS[_BODIES.get(name, "frame_" + name.replace("-", "_"))]()
            fill(self.body, values)

    def bytes(self):
        body = bytes(self.body) if self.body is not None else b""
        header = STRUCTS["frame_header"](8 + len(body), TYPES[self.name], C["FRAME_VERSION"])
        return bytes(header) + body

    @classmethod
    def parse(cls, data):
        header = STRUCTS["frame_header"].from_buffer_copy(data)
        frame = cls(_NAMES[header.type])
        if frame.body is not None:
            frame.body = type(frame.body).from_buffer_copy(data[8:].ljust(ctypes.sizeof(frame.body), b"\0"))
        return frame

    def __getattr__(self, name):
        value = getattr(self.__dict__["body"], name)
        return value.decode() if isinstance(value, bytes) else value

    def __repr__(self):
        return f"<{self.name} {({n: getattr(self.body, n) for n, *_ in self.body._fields_} if self.body else '')}>"
