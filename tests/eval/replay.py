"""Runs gatewayctl replay on a map and a trace, and gives the alerts that were raised."""
import dataclasses
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GATEWAYD_BUILD", ROOT / "build-tests/plain"))


@dataclasses.dataclass
class Alert:
    at: float     # raised, seconds as in the trace
    since: float  # what it speaks of began
    class_: str
    kind: str
    plugin: str
    detector: str
    key: str
    text: str


def run(config, trace, plugins):
    """Alerts in the order of their raising. plugins: of each detector; what runs unconfigured is its own plugin."""
    if not plugins:
        return []
    command = [str(BUILD / "bin/gatewayctl"), "replay", "--config", str(config), "--trace", str(trace), "--json",
               "--libexec", str(BUILD / "bin"), "--plugin-dir", str(BUILD / "plugins")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-4000:]}")
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return sorted((alert_of(one, plugins) for one in said if "raised_at" in one), key=lambda alert: alert.at)


def alert_of(said, plugins):
    return Alert(said["raised_at"], said["since"] if said["since"] is not None else said["raised_at"], said["class"],
                 said["kind"], plugins.get(said["detector"], said["detector"]), said["detector"], said["key"],
                 said["text"]["en"])
