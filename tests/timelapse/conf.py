"""A libconfig file as Python values: groups become dicts, lists and arrays lists. Enough for a complete gatewayd.conf
with @include; what it does not know is an error, never passed over."""
import pathlib
import re

TOKEN = re.compile(r"""\s+ | \#[^\n]* | //[^\n]* | /\*.*?\*/
                       | @include\s+"(?P<include>[^"]*)"
                       | "(?P<text>(?:[^"\\]|\\.)*)"
                       | (?P<number>[-+]?(?:0x[0-9a-fA-F]+|\d+\.\d*(?:e[-+]?\d+)?|\.\d+|\d+)L?)
                       | (?P<name>[A-Za-z*][-\w*]*)
                       | (?P<mark>[={}()\[\];:,])""", re.VERBOSE | re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def _tokens(path):
    path, at = pathlib.Path(path), 0
    text = path.read_text(encoding="utf-8")
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"{path}: cannot read {text[at:at + 40]!r}")
        at = match.end()
        if match["include"] is not None:
            yield from _tokens(path.parent / match["include"])
        elif match.lastgroup:
            yield match.lastgroup, match[match.lastgroup]


class _Reader:
    def __init__(self, path):
        self.tokens, self.at = [*_tokens(path), ("end", "")], 0

    def next(self, mark=None):
        kind, text = self.tokens[self.at]
        if mark is not None and (kind != "mark" or text not in mark):
            raise ValueError(f"{mark} expected, not {text!r}")
        self.at += 1
        return kind, text

    def peek(self, mark):
        kind, text = self.tokens[self.at]
        return kind == "mark" and text in mark

    def settings(self, end):
        found = {}
        while self.tokens[self.at] != end:
            kind, name = self.next()
            if kind != "name":
                raise ValueError(f"a name expected, not {name!r}")
            self.next("=:")
            found[name] = self.value()
            if self.peek(";,"):
                self.next()
        self.at += 1
        return found

    def value(self):
        kind, text = self.next()
        if kind == "text":
            while self.tokens[self.at][0] == "text":  # adjacent strings are one
                text += self.next()[1]
            return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text)
        if kind == "number":
            text = text.rstrip("L")
            return float(text) if "." in text else int(text, 0)
        if kind == "name" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if (kind, text) == ("mark", "{"):
            return self.settings(("mark", "}"))
        if kind == "mark" and text in "([":
            return self.items(")" if text == "(" else "]")
        raise ValueError(f"a value expected, not {text!r}")

    def items(self, end):
        found = []
        while not self.peek(end):
            found.append(self.value())
            if self.peek(","):
                self.next()
        self.next(end)
        return found


def load(path):
    return _Reader(path).settings(("end", ""))
