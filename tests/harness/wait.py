"""Waiting for the thing itself, with a deadline."""
import socket
import time


def wait_for(predicate, deadline=10.0, what="it"):
    """Ask predicate() until it gives something true, and return that. Fails with `what` (a text, or a function that
    makes one) when `deadline` seconds have passed."""
    end = time.monotonic() + deadline
    pause = 0.005
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"waited {deadline:g} s in vain for {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
