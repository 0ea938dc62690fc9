"""Which configuration runs: at start, after SIGHUP, and when the file is bad."""
import unittest

from harness import Home, wait_for

DOOR = {"name": "door", "kind": "contact", "room": "hall", "mqtt": {"topic": "z/door", "format": "raw"}}
CALL = {"name": "call", "kind": "button", "room": "hall", "mqtt": {"topic": "z/call", "format": "raw"}}
DETECTOR = {"name": "call", "plugin": "call", "buttons": ["call"]}
BROKER = {"host": "127.0.0.1", "port": 9}  # nobody there: sources wait for it, the daemon does not


def make_home():
    return Home(sensors=[DOOR, CALL], detectors=[DETECTOR], mqtt=BROKER)


def sensors(home):
    return [sensor["name"] for sensor in home.ctl("sensors")["sensors"]]


def kinds(home):
    """What is true now; a condition that is over may stay in the list until the platform has it."""
    return {alert["kind"]: alert for alert in home.ctl("alerts")["alerts"] if alert["state"] == "raised"}


class Start(unittest.TestCase):
    def test_bad_file_and_no_copy_ends_with_1_and_all_errors(self):
        home = make_home()
        home.write_config("home = { county = 7; };\nsensros = ( );\n")
        home.start(ready=False)
        self.assertEqual(home.wait_exit(), 1)
        self.assertIn("gatewayd.conf:1:", home.log())
        self.assertIn("gatewayd.conf:2:", home.log())

    def test_bad_file_runs_the_last_accepted_copy_and_says_so(self):
        home = make_home()
        home.start()
        home.stop()
        home.write_config("sensros = ( );\n")
        home.start()
        self.assertEqual(sensors(home), ["door", "call"])
        self.assertTrue(home.ctl("status")["config_fallback"])
        alert = wait_for(lambda: kinds(home).get("config-fallback"), 10, "the technical alert")
        self.assertEqual(alert["class"], "technical")

    def test_the_copy_holds_what_was_included(self):
        home = make_home()
        part = home.directory / "part.conf"
        part.write_text('contact = { hotline = "6512349"; };\n')
        home.config_file.write_text(home.config_file.read_text() + '@include "part.conf"\n')
        home.start()
        home.stop()
        part.unlink()
        home.start()
        self.assertTrue(home.ctl("status")["config_fallback"])
        self.assertIn("6512349", (home.state_dir / "last-good.conf").read_text())
        self.assertEqual((home.state_dir / "last-good.conf").stat().st_mode & 0o777, 0o600)

    def test_a_good_reload_ends_the_fallback(self):
        home = make_home()
        home.start()
        home.stop()
        home.write_config("sensros = ( );\n")
        home.start()
        wait_for(lambda: "config-fallback" in kinds(home), 10, "the technical alert")
        home.write_config()
        self.assertEqual(home.ctl_run("reload").returncode, 0)
        wait_for(lambda: "config-fallback" not in kinds(home), 10, "the end of the technical alert")
        self.assertFalse(home.ctl("status")["config_fallback"])


class Reload(unittest.TestCase):
    def setUp(self):
        self.home = make_home()
        self.home.start()

    def test_sighup_takes_a_good_file_and_leaves_workers_alone(self):
        mqtt, store = self.home.worker("mqtt"), self.home.worker("store")
        self.home.config["sensors"].append({"name": "bed", "kind": "contact", "room": "bedroom",
                                            "mqtt": {"topic": "z/bed", "format": "raw"}})
        self.home.write_config()
        self.home.notifications()
        self.home.reload()
        self.home.wait_log("configuration loaded again")
        self.assertEqual(sorted(sensors(self.home)), ["bed", "call", "door"])
        self.assertEqual((self.home.worker("mqtt"), self.home.worker("store")), (mqtt, store))
        told = "\n".join(self.home.notifications())
        self.assertLess(told.index("RELOADING=1"), told.index("READY=1"))

    def test_sighup_with_a_bad_file_changes_nothing(self):
        workers, copy = self.home.workers(), (self.home.state_dir / "last-good.conf").read_text()
        self.home.write_config("sensros = ( );\n")
        self.home.reload()
        self.home.wait_log("reload refused")
        self.assertEqual(sensors(self.home), ["door", "call"])
        self.assertEqual(self.home.workers(), workers)
        self.assertEqual((self.home.state_dir / "last-good.conf").read_text(), copy)
        self.assertIn("gatewayd.conf:1:", self.home.log())
        wait_for(lambda: "reload-refused" in kinds(self.home), 10, "the technical alert")
        self.home.write_config()
        self.home.reload()
        self.home.wait_log("configuration loaded again")
        wait_for(lambda: "reload-refused" not in kinds(self.home), 10, "the end of the technical alert")

    def test_gatewayctl_reload_prints_the_errors(self):
        self.home.write_config("sensros = ( );\nhome = 7;\n")
        run = self.home.ctl_run("reload")
        self.assertEqual(run.returncode, 1)
        self.assertIn("gatewayd.conf:1:", run.stderr)

    def test_many_reloads_at_once_end_in_the_last_file(self):
        for i in range(20):
            self.home.config["contact"] = {"hotline": f"{i}"}
            self.home.write_config()
            self.home.reload()
        wait_for(lambda: 'hotline = "19"' in (self.home.state_dir / "last-good.conf").read_text(), 20,
                 "the last file to be accepted")
        self.assertEqual(self.home.ctl("status")["home"], "county/town/village/home")

    def test_a_plugin_that_is_missing_refuses_the_reload(self):
        self.home.config["detectors"].append({"name": "other", "plugin": "no-such-plugin"})
        self.home.write_config()
        run = self.home.ctl_run("reload")
        self.assertEqual(run.returncode, 1)
        self.assertIn("no-such-plugin", run.stderr)


class Check(unittest.TestCase):
    def test_check_needs_no_gateway_and_answers_json(self):
        home = make_home()
        self.assertEqual(home.check()[0], 0)
        libexec = ("--libexec", str(home.build / "bin"), "--plugin-dir", str(home.build / "plugins"))
        good = home.ctl_run("check", "-c", str(home.config_file), "--json", *libexec)
        self.assertEqual((good.returncode, '"ok":\ttrue' in good.stdout), (0, True), good.stdout)
        home.write_config("sensros = ( );\n")
        bad = home.ctl_run("check", "-c", str(home.config_file), *libexec)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("gatewayd.conf:1:", bad.stderr)


if __name__ == "__main__":
    unittest.main()
