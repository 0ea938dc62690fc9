"""The plugin author's page, done word by word: every command of plugins/README.md runs, in an empty folder, against an
installed gatewayd, and prints what the page says."""
import os
import re
import subprocess
import tempfile
import unittest

from harness import plain_build
from harness.paths import ROOT

PAGE = (ROOT / "plugins/README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>[a-z]+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# As if /usr/local were this machine's own: the installed tree is laid over it where only this process sees it.
INSTALLED = """exec unshare {map} -m sh -c 'mount --bind "$0" /usr/local && cd "$1" && exec /bin/bash -eu -c "$2"' "$0" "$@" """


class PluginAuthor(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="gw-author-")
        self.addCleanup(holder.cleanup)
        self.installed, self.folder = f"{holder.name}/installed", f"{holder.name}/mine"
        os.mkdir(self.folder)
        subprocess.run(["cmake", "--install", str(plain_build())], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": self.installed})

    def do(self, commands):
        map_user = "" if os.geteuid() == 0 else "-r"
        run = subprocess.run(["/bin/sh", "-c", INSTALLED.format(map=map_user), f"{self.installed}/usr/local",
                              self.folder, commands], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=120, env={"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin",
                                               "LANG": "C.UTF-8"})
        if "unshare" in run.stderr or "mount" in run.stderr:
            self.skipTest(f"no mount namespace here, so nothing can be installed for a test: {run.stderr.strip()}")
        self.assertEqual(run.returncode, 0, f"{commands}\n{run.stdout}{run.stderr}")
        return run.stdout

    def test_the_page_takes_her_from_nothing_to_an_installed_plugin(self):
        said, compared, commands = "", 0, 0
        for block in BLOCK.finditer(PAGE):
            if block["file"]:
                with open(f"{self.folder}/{block['file']}", "w", encoding="utf-8") as file:
                    file.write(block["text"])
            elif block["kind"] == "output":
                self.assertEqual(said, block["text"])
                compared += 1
            else:
                self.assertEqual(block["kind"], "sh", "a block of the page that this test does not know")
                said = self.do(block["text"])
                commands += 1
        self.assertGreaterEqual((commands, compared), (5, 2))
        self.assertRegex(said, r"(?m)^kettle\b", "the installed plugin is listed")

    def test_the_pages_plugin_has_no_warning_of_either_compiler(self):
        source = next(block["text"] for block in BLOCK.finditer(PAGE) if block["file"] == "kettle.c")
        for compiler in ("gcc", "clang"):
            run = subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
                                  "-Wno-missing-field-initializers", "-fsyntax-only", "-I",
                                  str(ROOT / "gatewayd/include"), "-x", "c", "-"], input=source, text=True,
                                 stderr=subprocess.PIPE)
            self.assertEqual(run.stderr, "")


if __name__ == "__main__":
    unittest.main()
