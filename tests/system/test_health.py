"""gatewayctl health: what the promises look like from outside, while they are put to the test."""
import unittest

from flat import Flat
from harness import wait_for


class Health(Flat):
    def health(self, found, what):
        """gatewayctl health as JSON, once `found` is true of it."""
        def says():
            health = self.home.ctl("health")
            return found(health) and health
        return wait_for(says, 15, lambda: f"{what}; it says {self.home.ctl('health')}")

    def test_a_quiet_home_has_nothing_to_say(self):
        self.make().start()
        self.wait_status(uplinks_up=1, outbox=0)
        health = self.home.ctl("health")
        self.assertEqual([health[key] for key in ("outbox", "waiting", "late", "deaths", "drops")], [0, [], 0, [], 0])
        self.assertFalse(health["degraded"])
        self.assertIn("empty: everything has reached whom it concerns", self.home.ctl_run("health").stdout)

    def test_it_says_what_waits_and_why(self):
        self.make().start()
        self.wait_status(uplinks_up=1)
        self.remote.stop()
        self.wait_status(uplinks_up=0)
        self.press()
        health = self.health(lambda h: h["waiting"], "a press that waits")
        waiting = health["waiting"][0]
        self.assertEqual((waiting["class"], waiting["detector"], waiting["uplink"], waiting["why"]),
                         ("emergency", "call", "platform", "the platform is not reached"))
        self.assertTrue(waiting["text"], "the link's own word")
        self.remote.start()
        self.health(lambda h: h["outbox"] == 0, "an empty outbox")

    def test_an_emergency_that_nobody_accepts_is_said_to_wait_for_that(self):
        self.make(accept=False).start()
        self.wait_status(uplinks_up=1)
        self.press()
        self.health(lambda h: any("has not accepted it" in w["why"] for w in h["waiting"]), "a wait for acceptance")

    def test_it_names_who_died_and_of_what(self):
        self.make().start()
        self.wait_status(uplinks_up=1)
        self.home.kill_worker("mqtt")
        health = self.health(lambda h: h["deaths"], "a death")
        self.assertEqual([death["name"] for death in health["deaths"]], ["mqtt"])
        self.assertIn("signal 9", health["deaths"][0]["cause"])


if __name__ == "__main__":
    unittest.main()
