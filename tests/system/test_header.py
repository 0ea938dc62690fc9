"""plugin.h is the only header that a plugin includes: it must stand alone, in C11 and in C++11, for every compiler."""
import subprocess
import unittest

from harness import ROOT

INCLUDE = ROOT / "gatewayd/include"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
PLUGIN = """
static int open_(void *state, const struct gw_host *host, char *error, size_t size)
{ (void)state; (void)host; (void)error; (void)size; return 0; }
static struct gw_wake reading_(void *state, const struct gw_host *host, const struct gw_reading *reading)
{ struct gw_wake wake = GW_WAKE_NONE_INIT; (void)state; (void)host; (void)reading; return wake; }
static struct gw_wake wake_(void *state, const struct gw_host *host, gw_time now)
{ struct gw_wake wake = GW_WAKE_NONE_INIT; (void)state; (void)host; (void)now; return wake; }
"""
C_PLUGIN = PLUGIN + """
GW_PLUGIN(.name = "tiny", .version = "1", .summary_en = "", .summary_zh = "", .state_size = 1, .open = open_,
          .reading = reading_, .wake = wake_);
"""
CPP_PLUGIN = PLUGIN + """
GW_PLUGIN("tiny", "1", "", "", NULL, 0, 0, NULL, NULL, 0, 0, 0, 1, open_, reading_, wake_, NULL);
"""


class Header(unittest.TestCase):
    def compiles(self, compiler, language, standard, body=""):
        text = f"#include <gatewayd/plugin.h>\n#include <gatewayd/plugin.h>\n{body}\n" \
               "extern int not_empty; int not_empty;\n"
        run = subprocess.run([*compiler.split(), "-x", language, f"-std={standard}", *WARNINGS, "-I", str(INCLUDE), "-c", "-o",
                              "/dev/null", "-"], input=text, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_alone_as_c11_with_gcc(self):
        self.compiles("gcc", "c", "c11")

    def test_alone_as_c11_with_clang(self):
        self.compiles("clang -Wno-missing-field-initializers", "c", "c11")

    def test_alone_as_cpp11_with_gcc(self):
        self.compiles("g++", "c++", "c++11")

    def test_alone_as_cpp11_with_clang(self):
        self.compiles("clang++", "c++", "c++11")

    def test_a_plugin_in_c_with_both(self):
        for compiler in ("gcc", "clang"):
            with self.subTest(compiler):
                self.compiles(f"{compiler} -Wno-missing-field-initializers", "c", "c11", C_PLUGIN)

    def test_a_plugin_in_cpp_with_both(self):
        for compiler in ("g++", "clang++"):
            with self.subTest(compiler):
                self.compiles(compiler, "c++", "c++11", CPP_PLUGIN)

    def test_it_includes_standard_headers_only(self):
        run = subprocess.run(["gcc", "-std=c11", "-M", "-MG", "-I", str(INCLUDE), str(INCLUDE / "gatewayd/plugin.h")],
                             stdout=subprocess.PIPE, text=True, check=True)
        files = run.stdout.replace("\\\n", " ").split(":", 1)[1].split()
        foreign = [file for file in files if not file.startswith(("/usr/include", "/usr/lib")) and
                   not file.endswith("gatewayd/plugin.h")]
        self.assertEqual(foreign, [])


if __name__ == "__main__":
    unittest.main()
