"""Runs one test module and tells of each test as a line of JSON on fd 3 (started by runner.py).

    python3 -m harness.one system/test_walls.py [NAME...]
"""
import importlib.util
import json
import os
import pathlib
import sys
import time
import traceback
import unittest

from harness import things

TESTS = pathlib.Path.cwd()  # runner.py starts us in tests/


def tell(**what):
    os.write(3, json.dumps(what).encode() + b"\n")


class Teller(unittest.TestResult):
    def __init__(self, prefix):
        super().__init__()
        self.prefix, self.began, self.outcome, self.why = prefix, 0.0, None, ""

    def name(self, test):
        parts = getattr(test, "id", lambda: str(test))().split(".")
        return ".".join([self.prefix, *parts[-2:]])

    def startTest(self, test):
        super().startTest(test)
        self.began, self.outcome, self.why = time.monotonic(), "passed", ""
        tell(begin=self.name(test))

    def _failed(self, test, error):
        if self.outcome != "failed":
            self.why = ""
        self.outcome = "failed"
        self.why += "".join(traceback.format_exception(*error)) + "\n" + things.story() + "\n"
        if self.began == 0.0:  # in setUpClass or setUpModule: no test of its own
            tell(name=self.name(test), outcome="failed", seconds=0, why=self.why)

    def addError(self, test, err):
        self._failed(test, err)

    def addFailure(self, test, err):
        self._failed(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._failed(test, err)

    def addSkip(self, test, reason):
        if self.outcome is None:  # a whole class
            tell(name=self.name(test), outcome="skipped", seconds=0, why=reason)
        elif self.outcome == "passed":
            self.outcome, self.why = "skipped", reason

    def addUnexpectedSuccess(self, test):
        self.outcome, self.why = "failed", "it was expected to fail and did not"

    def stopTest(self, test):
        try:
            things.close()
        except BaseException:
            self._failed(test, sys.exc_info())
        tell(name=self.name(test), outcome=self.outcome, seconds=time.monotonic() - self.began, why=self.why)
        self.began, self.outcome = 0.0, None
        super().stopTest(test)


def each(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from each(test)
        else:
            yield test


def main():
    path = pathlib.Path(sys.argv[1])
    prefix = ".".join(path.with_suffix("").parts)
    sys.path.insert(0, str((TESTS / path).parent))
    specification = importlib.util.spec_from_file_location(path.stem, TESTS / path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    result = Teller(prefix)
    try:
        specification.loader.exec_module(module)
    except unittest.SkipTest as skip:
        tell(name=prefix, outcome="skipped", seconds=0, why=str(skip))
        return
    except BaseException:
        tell(name=prefix, outcome="failed", seconds=0, why=traceback.format_exc())
        return
    wanted = sys.argv[2:]
    tests = [test for test in each(unittest.defaultTestLoader.loadTestsFromModule(module))
             if not wanted or any(name in result.name(test) for name in wanted)]
    unittest.TestSuite(tests).run(result)


if __name__ == "__main__":
    main()
