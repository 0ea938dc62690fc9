"""What people ask of the runners that they start by hand, checked before anything is built or begun.

The functions are types for argparse: what is wrong is told with the option's name, and the exit status is 2.
"""
import argparse
import os
import pathlib
import re
import sys

from . import paths


def whole(least):
    """A whole number, not below the least."""
    def convert(text):
        if not re.fullmatch(r"-?\d+", text) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
        return int(text)
    return convert


def above_zero(text):
    """Of minutes or days: 10 or 0.5."""
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", text) or float(text) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0, such as 10 or 0.5")
    return float(text)


def seeds(text):
    """(first, last) of "7" or "1..1000"."""
    match = re.fullmatch(r"(\d{1,18})(?:\.\.(\d{1,18}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a seed such as 7 nor a range such as 1..1000")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise argparse.ArgumentTypeError(f"{text} ends before it begins: {last}..{first} is meant")
    return first, last


def build(text):
    """A folder with a build in it."""
    folder = pathlib.Path(text).resolve()
    if not (folder / "bin/gatewayd").exists():
        raise argparse.ArgumentTypeError(
            f"there is no build in {text}: make one with "
            f"\"cmake -G Ninja -S . -B {text} -DGATEWAYD_TESTS=ON && cmake --build {text}\", or name another")
    return folder


def named_build():
    """The build that $GATEWAYD_BUILD names; None: it names none. Ends the program if it is not there."""
    text = os.environ.get("GATEWAYD_BUILD")
    try:
        return build(text) if text else None
    except argparse.ArgumentTypeError as error:
        sys.exit(f"GATEWAYD_BUILD: {error}, or leave it out")


def folder(text):
    path = pathlib.Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return path


def made(make):
    """What make() builds; ends the program with the compiler's words if it can't be built."""
    try:
        return make()
    except RuntimeError as error:
        sys.exit(str(error))


def plain_build():
    """$GATEWAYD_BUILD's plain build, else build-tests/plain; made if it is missing."""
    named_build()
    return made(paths.plain_build)
