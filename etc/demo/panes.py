"""Three panes of text: side by side on a wide terminal, else one under the other with the pane's name before each line.
No cursor movements, so that it works in a pipe and scrolls as everything else."""
import itertools
import os
import re
import shutil
import sys
import unicodedata

SENSORS, GATEWAY, PLATFORM = range(3)
HEADINGS = (("SENSORS", "what the sensors say", "传感器"), ("GATEWAY", "what the gateway thinks", "网关"),
            ("PLATFORM", "what the care platform receives", "平台"))
COLOURS = ("36", "33", "35")
WIDE = 140
NO_BREAK_BEFORE = "，。：；！？）、"
NO_BREAK_AFTER = ("（", "“")


def width_of(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pieces_of(text):
    """What may stand on a line of its own: words, spaces, Chinese characters with the punctuation that belongs there."""
    pieces, word = [], ""
    for char in re.sub(r"(\d) (?=(?:s|ms|min|h|°C|[秒分小毫])\b|[秒分小毫])", "\\1\u00a0", text):
        if char in NO_BREAK_BEFORE:
            word += char
            if word == char and pieces and pieces[-1] != " ":
                word = pieces.pop() + char
        elif width_of(char) == 2 and word[-1:] not in NO_BREAK_AFTER:
            pieces.append(word)
            word = char
        elif width_of(char) == 2:
            word += char
        elif char == " ":
            pieces += [word, char]
            word = ""
        elif width_of(word[-1:]) == 2 and word[-1:] not in NO_BREAK_AFTER:
            pieces.append(word)
            word = char
        else:
            word += char
    return [piece for piece in [*pieces, word] if piece]


def wrap(text, width, indent="  "):
    """Lines of at most `width` columns."""
    lines, line = [], ""
    for piece in pieces_of(text):
        if width_of(line + piece) > width and line.strip():
            lines.append(line.rstrip(" "))
            line = indent + piece.lstrip(" ")
        else:
            line += piece
    return [done.replace("\u00a0", " ") for done in [*lines, line.rstrip(" ")]]


class Panes:
    def __init__(self, lang, out=sys.stdout):
        self.lang, self.out = lang, out
        self.tty = out.isatty()
        self.colours = self.tty and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.width = shutil.get_terminal_size((80, 24)).columns if self.tty else None
        self.columns = bool(self.width and self.width >= WIDE)
        self.row = ([], [], [])  # side by side: what belongs to one moment, not yet written

    def choose(self, en, zh, between=" "):
        return {"en": en, "zh": zh}.get(self.lang) or (en if en == zh else f"{en}{between}{zh}")

    def paint(self, text, codes):
        return f"\033[{codes}m{text}\033[0m" if self.colours and codes else text

    def write(self, text=""):
        self.flush()
        self._put(text)

    def _put(self, text):
        self.out.write(text + "\n")
        self.out.flush()

    def tell(self, en, zh="", codes=""):
        """A line to the reader, across all panes."""
        for text in {"en": [en], "zh": [zh or en]}.get(self.lang) or [en, zh]:
            for line in (wrap(text, self.width - 1, "") if self.width and text else [text] if text else []):
                self.write(self.paint(line, codes))

    def rule(self, text):
        """A heading across all panes."""
        for line in wrap(f"--- {text}", self.width - 1, "    ") if self.width else [f"--- {text}"]:
            self.write(self.paint(line, "1"))

    def headings(self):
        titles = [f"{name}: {self.choose(en, zh)}" for name, en, zh in HEADINGS]
        if not self.columns:
            for pane, title in enumerate(titles):
                self.write(self.paint(title, "1;" + COLOURS[pane]))
            return
        each = self._each()
        cells = [self.paint(t + " " * (each - width_of(t)), "1;" + COLOURS[p]) for p, t in enumerate(titles)]
        self.write(" | ".join(cells))
        self.write("-+-".join("-" * each for _ in titles))

    def _each(self):
        return (self.width - 1 - 2 * 3) // 3

    def show(self, pane, at, lines, strong=False):
        """Lines of one pane; `at`: "22:47:13", before the first of them."""
        lines = [f"{at} {lines[0]}"] + [" " * 9 + line for line in lines[1:]]
        codes = ("1;" if strong else "") + COLOURS[pane]
        if self.columns:
            self.row[pane].extend((line, codes) for text in lines for line in wrap(text, self._each(), " " * 9))
            return
        name = f"{HEADINGS[pane][0]:<8} | "
        for text in lines:
            for line in wrap(text, self.width - 1 - len(name), " " * 9) if self.width else [text]:
                self.write(self.paint(name + line, codes))

    def flush(self):
        """The moment is over: write its row."""
        each = self._each() if self.columns else 0
        for cells in itertools.zip_longest(*self.row, fillvalue=("", "")):
            filled = [self.paint(line + " " * (each - width_of(line)), codes) for line, codes in cells]
            self._put(" | ".join(filled).rstrip())
        self.row = ([], [], [])
