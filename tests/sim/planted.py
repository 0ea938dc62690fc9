"""Simulations with a mistake planted in them: one source file of the project compiled with one text changed."""
import json
import pathlib
import re
import shlex
import subprocess

from harness import paths

HERE = pathlib.Path(__file__).resolve().parent
MISTAKES = sorted((HERE / "mistakes").glob("*.txt"))


class Mistake:
    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        match = re.fullmatch(r"(?P<words>[^\n]+)\nseeds (?P<seeds>\d+)(?P<whole> whole)?\nsays (?P<says>[^\n]+)\nfile (?P<file>\S+)\n<<<<\n(?P<old>.*)====\n"
                             r"(?P<new>.*)>>>>\n", text, re.DOTALL)
        if not match:
            raise AssertionError(f"{path.name}: not in the form that mistakes/README.md tells")
        self.name, self.words, self.seeds, self.says = path.stem, match["words"], int(match["seeds"]), match["says"]
        self.whole = match["whole"] is not None
        self.file, self.old, self.new = match["file"], match["old"], match["new"]

    def source(self):
        """The whole source file with the mistake in it."""
        text = (paths.ROOT / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise AssertionError(f"{self.name}: its text stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def _compile_command(build, file):
    """Of the object that the simulation links: its own where it compiles the file itself, else the library's."""
    found = [shlex.split(entry["command"]) for entry in json.loads((build / "compile_commands.json").read_text())
             if entry["file"].endswith("/" + file)]
    own = [command for command in found if command[command.index("-o") + 1].startswith("tests/sim/")]
    return (own or found)[0]


def _run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if done.returncode:
        raise AssertionError(f"$ {shlex.join(command)}\n{done.stdout[-4000:]}")
    return done.stdout


def build_with(build, mistake, folder):
    """The simulation with the mistake; the path of the program in `folder`."""
    source = folder / pathlib.Path(mistake.file).name
    source.write_text(mistake.source(), encoding="utf-8")
    command = _compile_command(build, mistake.file)
    sound, target = command[command.index("-o") + 1], folder / "mistaken.o"
    command[command.index("-o") + 1] = str(target)
    command[command.index("-c") + 1] = str(source)
    _run([*command, "-Wno-error", "-iquote", str((paths.ROOT / mistake.file).parent)], cwd=build)
    link = _run(["ninja", "-C", str(build), "-t", "commands", "sim"]).strip().splitlines()[-1]
    words = shlex.split(link.removeprefix(": && ").removesuffix(" && :"))
    program = folder / "sim"
    words[words.index("-o") + 1] = str(program)
    if sound in words:
        words[words.index(sound)] = str(target)
    else:
        words.insert(words.index("-o"), str(target))  # before the library, whose own is then not needed
    _run(words, cwd=build)
    return program
