"""gatewayd-plugins(7) is written while building, from the plugins' own tables, and installed."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import paths

MANUAL = paths.PLUGINS / "gatewayd-plugins.7"
# What says which plugins there are besides the manual itself: their sources.
PLUGINS = sorted(source.stem for source in (paths.ROOT / "plugins").glob("*.c"))


def table(name):
    run = subprocess.run([str(paths.BIN / "gatewayctl"), "plugins", name, "--json", "--plugin-dir", str(paths.PLUGINS),
                          "--libexec", str(paths.BIN)], stdout=subprocess.PIPE, check=True, timeout=60)
    return json.loads(run.stdout)


def manual(path=MANUAL):
    """The page's chapters by name, as text without the formatter's guards."""
    text = path.read_text(encoding="utf-8").replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")
    return dict((part.split("\n", 1)[0], part) for part in text.split("\n.SH ")[1:])


class Manual(unittest.TestCase):
    def test_every_plugin_has_its_chapter_with_all_it_can_be_told(self):
        chapters = manual()
        for name in PLUGINS:
            with self.subTest(name):
                chapter, plugin = chapters[name], table(name)
                for what in ("roles", "parameters", "alerts"):
                    for entry in plugin[what]:
                        self.assertIn(f"\\fB{entry['name']}\\fR (", chapter)
                        self.assertIn(entry["doc"]["en"], chapter)
                        self.assertIn(entry["doc"]["zh"], chapter)
                for entry in plugin["parameters"]:
                    if entry["default"] is not None:
                        self.assertIn(f"default {entry['default']})", chapter)
                self.assertIn(plugin["summary"]["zh"], chapter)

    def test_it_speaks_both_languages_and_has_ranges_units_and_codes(self):
        chapter = manual()["hazard"]
        for text in ("\\fBcold_below\\fR (number in degC, -40 to 30; default 12)", "A room below this is too cold",
                     "室温低于此值为过冷", "\\fBsmoke\\fR (emergency, lasts until it is over, SCAIP 0023 0009)",
                     "(a list of kind smoke; all of them if none is named)"):
            self.assertIn(text, chapter)

    def test_the_formatter_takes_it(self):
        # -Wbreak: it knows of no place to break a Chinese sentence, and need not; -P-c: bold without escape sequences
        run = subprocess.run(["groff", "-man", "-Tutf8", "-P-c", "-Kutf8", "-ww", "-Wbreak", str(MANUAL)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=60)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        headings = re.sub(r".\x08", "", run.stdout).splitlines()  # bold is printed twice
        self.assertEqual([name for name in PLUGINS if name not in headings], [])

    def test_it_is_installed(self):
        with tempfile.TemporaryDirectory() as root:
            run = subprocess.run(["cmake", "--install", str(paths.BUILD)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, env={**os.environ, "DESTDIR": root}, timeout=120)
            self.assertEqual(run.returncode, 0, run.stdout)
            installed = list(pathlib.Path(root).rglob("man7/gatewayd-plugins.7"))
            self.assertEqual([path.read_bytes() for path in installed], [MANUAL.read_bytes()])

    def test_a_plugin_that_can_t_be_read_leaves_no_half_manual(self):
        with tempfile.TemporaryDirectory() as directory:
            bad, page = pathlib.Path(directory) / "bad.so", pathlib.Path(directory) / "page.7"
            bad.write_bytes(b"no plugin")
            run = subprocess.run([str(paths.BIN / "plugins-manual"), str(paths.BIN / "gatewayd-detector"), str(page),
                                  str(paths.PLUGINS / "bath.so"), str(bad)], stderr=subprocess.PIPE, text=True, timeout=120)
            self.assertEqual(run.returncode, 1)
            self.assertIn("bad.so", run.stderr)
            self.assertFalse(page.exists())


if __name__ == "__main__":
    unittest.main()
