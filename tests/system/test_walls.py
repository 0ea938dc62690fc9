"""The linker keeps the walls between the processes: which program may use which library, read from the plain build."""
import re
import subprocess
import unittest

from harness import plain_build

ALWAYS = {"libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64", "ld-linux-armhf", "libgcc_s"}
ALLOWED = {
    "gatewayd": {"libconfig", "libsystemd"},
    "gatewayctl": {"libcjson"},
    "gatewayd-gpio": {"libgpiod"},
    "gatewayd-mqtt": {"libmosquitto", "libcjson"},
    "gatewayd-store": {"libsqlite3"},
    "gatewayd-detector": {"libseccomp"},
    "gatewayd-uplink": {"libmosquitto", "libcjson"},
}
# Files that are looked at without being linked: the certificate's end is read with OpenSSL, which TLS brings anyway.
UPLINK_MAY = {"libcrypto", "libssl"}
MUST = {
    "gatewayd": {"libconfig", "libsystemd"},
    "gatewayd-gpio": {"libgpiod"},
    "gatewayd-mqtt": {"libmosquitto"},
    "gatewayd-store": {"libsqlite3"},
    "gatewayd-detector": {"libseccomp"},
    "gatewayd-uplink": {"libmosquitto"},
}
LOADERS = {"dlopen", "dlmopen"}
STARTERS = {"fork", "vfork", "execve", "execv", "execvp", "system", "popen", "posix_spawn", "posix_spawnp"}


def tool(*command):
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True).stdout


def needed(program):
    """Names of the libraries, without version."""
    return {re.sub(r"\.so.*", "", name) for name in re.findall(r"NEEDED.*\[(.*)\]", tool("readelf", "-dW", program))}


def imported(program):
    return {line.split()[-1].split("@")[0] for line in tool("nm", "-D", "--undefined-only", program).splitlines()}


def exported(program):
    return {line.split()[-1] for line in tool("nm", "-D", "--defined-only", program).splitlines()}


class Walls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.build = plain_build()
        cls.programs = {name: cls.build / "bin" / name for name in ALLOWED}

    def test_each_program_is_there(self):
        for name, path in self.programs.items():
            with self.subTest(name):
                self.assertTrue(path.is_file(), f"{path} has not been built")

    def test_each_links_only_what_is_its_business(self):
        for name, path in self.programs.items():
            with self.subTest(name):
                allowed = ALWAYS | ALLOWED[name] | (UPLINK_MAY if name == "gatewayd-uplink" else set())
                self.assertEqual(needed(path) - allowed, set())

    def test_each_links_what_it_is_for(self):
        """Else the test above would pass for an empty program."""
        for name, libraries in MUST.items():
            with self.subTest(name):
                self.assertEqual(libraries - needed(self.programs[name]), set())

    def test_only_the_detector_host_loads_code(self):
        for name, path in self.programs.items():
            with self.subTest(name):
                self.assertEqual(bool(imported(path) & LOADERS), name == "gatewayd-detector")

    def test_workers_start_no_program(self):
        for name in ("gatewayd-gpio", "gatewayd-mqtt", "gatewayd-uplink"):
            with self.subTest(name):
                self.assertEqual(imported(self.programs[name]) & {"system", "popen", "execvp", "posix_spawnp"}, set())

    def test_plugins_need_the_c_library_alone(self):
        plugins = sorted((self.build / "plugins").glob("*.so"))
        self.assertGreaterEqual(len(plugins), 4)
        forbidden = STARTERS | LOADERS | {"open", "open64", "fopen", "fopen64", "socket", "time", "clock_gettime",
                                          "gettimeofday", "pthread_create", "localtime", "localtime_r"}
        for plugin in plugins:
            with self.subTest(plugin.name):
                self.assertEqual(needed(plugin) - {"libc", "libm"}, set())
                self.assertEqual(imported(plugin) & forbidden, set(), "a plugin has no clock, file, socket or thread")

    def test_plugins_export_their_table_alone(self):
        """What the files of one plugin call each other by must not meet what another plugin, or the host, calls so."""
        for plugin in sorted((self.build / "plugins").glob("*.so")):
            with self.subTest(plugin.name):
                self.assertEqual(exported(plugin), {"gw_plugin_v1"})


if __name__ == "__main__":
    unittest.main()
