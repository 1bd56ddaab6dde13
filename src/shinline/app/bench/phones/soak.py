"""Run the program for long with several phones, and see if memory grows or a message is lost.

``python -m shinline.app.bench.phones.soak --minutes 30 --phones 5`` renders a lift at 120 frames a
second (simulated, once), runs the program on it round and round, and lets phones count what they
get: every message has a number, so a lost one shows. Memory is that of the program and of its
broker, read every ten seconds; its growth is the slope over the second half. With ``--flood 10000``
a further phone sends so many messages a second that nobody asked for.
"""

import argparse
import json
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track

from shinline.app.bench.about import machine
from shinline.app.bench.phones.flooder import Flooder
from shinline.app.bench.phones.hall import PLATFORM, BrokerKind, Hall, Phone, hall
from shinline.app.simulate import make_scenario, simulate
from shinline.wire import topics

EVERY_S: Final = 10.0
RATE_HZ: Final = 120.0
KB_PER_MB: Final = 1024.0


@dataclass(slots=True)
class Soak:
    """What came out. ``rss_mb`` by process: [seconds since the start, megabytes]."""

    broker: str
    minutes: float
    phones: int
    rss_mb: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    received: int = 0
    lost: int = 0
    reconnected: int = 0
    reps: int = 0
    flood_sent: int = 0
    stats: dict[str, Any] = field(default_factory=dict)

    def growth_mb_per_h(self, process: str) -> float:
        """Return the slope of a process's memory over the second half; NaN for too short a run."""
        half = self.rss_mb[process][len(self.rss_mb[process]) // 2 :]
        if len(half) < 2:
            return float("nan")
        seconds, megabytes = np.array(half).T
        return float(np.polynomial.polynomial.polyfit(seconds / 3600.0, megabytes, 1)[1])


def soak(
    clip: Path, broker: BrokerKind, minutes: float, phones: int, flood: int, console: Console
) -> Soak:
    """Run for so many minutes, with ``flood`` messages a second of rubbish."""
    result = Soak(broker, minutes, phones)
    with ExitStack() as stack:
        where = stack.enter_context(hall(clip, broker))
        where.told(r"(WebSocket) port")
        watching = [stack.enter_context(Phone(where)) for _ in range(phones)]
        topic = f"{topics.ROOT}/{PLATFORM}/{topics.REQUESTS}/rubbish"
        flooder = Flooder(where.tcp_port, where.bad_login, topic, flood)
        if flood:
            stack.enter_context(flooder)
        began_s = time.monotonic()
        for turn in track(
            range(round(60.0 * minutes / EVERY_S)), f"{broker}, {minutes:g} min", console=console
        ):
            time.sleep(max(0.0, began_s + (turn + 1) * EVERY_S - time.monotonic()))
            weigh(where, result.rss_mb, time.monotonic() - began_s)
            watching[0].ask("health_check")
        result.flood_sent = flooder.sent
        result.received = sum(phone.received for phone in watching)
        result.lost = sum(phone.lost for phone in watching)
        result.reconnected = sum(phone.connections - 1 for phone in watching)
        result.reps = int(watching[0].latest("rep").get("seq", 0))
        result.stats = watching[0].latest("stats")
    return result


def weigh(where: Hall, rss_mb: dict[str, list[tuple[float, float]]], at_s: float) -> None:
    """Read how much memory each process holds."""
    for name, pid in where.pids().items():
        status = Path(f"/proc/{pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if "VmRSS" in line)
        rss_mb.setdefault(name, []).append((at_s, float(kilobytes) / KB_PER_MB))


def report(result: Soak, console: Console) -> None:
    """Say it in lines."""
    stats = result.stats
    console.print(
        f"{result.broker}: {result.minutes:g} min, {result.phones} phones, "
        f"{stats.get('rate_hz', 0.0):.1f} frames a second, {stats.get('dropped')} dropped"
    )
    console.print(
        f"  {result.received} messages received, {result.lost} lost of those that must not be, "
        f"{result.reconnected} connections made anew, {result.reps} messages about reps"
    )
    if result.flood_sent:
        per_s = result.flood_sent / (60.0 * result.minutes)
        console.print(
            f"  {result.flood_sent} messages of rubbish sent, {per_s:.0f} a second; "
            f"{stats.get('requests_ignored')} of them came to the device"
        )
    for name, points in result.rss_mb.items():
        console.print(
            f"  memory of the {name}: {points[0][1]:.0f} MB at first, {points[-1][1]:.0f} at last, "
            f"{result.growth_mb_per_h(name):+.1f} MB an hour over the second half"
        )


def main() -> None:
    """Run and print; ``--json`` keeps the curves."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--minutes", type=float, default=30.0)
    words.add_argument("--phones", type=int, default=5)
    words.add_argument("--flood", type=int, default=0, help="messages a second of rubbish")
    words.add_argument("--broker", choices=("mosquitto", "python"), default="mosquitto")
    words.add_argument(
        "--clip", type=Path, help="a recording of a ring marker, instead of a simulation"
    )
    words.add_argument("--json", type=Path)
    given = words.parse_args()
    console = Console()
    console.print("; ".join(f"{name} {said}" for name, said in machine().items()))
    clip = given.clip or _rendered(console)
    result = soak(clip, given.broker, given.minutes, given.phones, given.flood, console)
    report(result, console)
    if given.json is not None:
        given.json.write_text(json.dumps(asdict(result)) + "\n", encoding="utf-8")


def _rendered(console: Console) -> Path:
    """Render the lift, or take it as it was rendered before."""
    from shinline.app.progress import progress_bars
    from shinline.journal.schema import default_path

    clip = default_path().parent / "soak-120hz.mp4"
    if not clip.exists():
        clip.parent.mkdir(parents=True, exist_ok=True)
        scenario = make_scenario(None, 3, (), {}, {"rate_hz": RATE_HZ}, {}, {})
        with progress_bars(console) as progress:
            simulate(scenario, clip, clip.with_suffix(".json"), progress)
    return clip


if __name__ == "__main__":
    main()
