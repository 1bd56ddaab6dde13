"""Measure how long a cue takes from the camera to a page's screen, with both brokers.

``python -m shinline.app.bench.phones.latency [--cues 200] [--broker mosquitto]`` runs the program
on the bundled recording at its 60 frames a second, opens its page in a headless Chromium of phone
size, asks for a cue twice a second, and prints what it published in ``stats``. *Shown* ends
when the page's word that the cue is on the screen is back at the device: a little too late. The
screen of a real phone, its radio and the sensor's readout are not in it.
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from shinline.app.bench.about import machine
from shinline.app.bench.phones.hall import BrokerKind, Hall, Phone, hall
from shinline.app.openers import DEMO

EVERY_S: Final = 0.5
LONGEST_S: Final = 900.0
STATIONS: Final = {
    "decided": "capture to decision",
    "handed": "capture to hand-over",
    "shown": "capture to screen",
}
GOAL_MS: Final = {"handed": 10.0, "shown": 60.0}
"""95 % of the cues; the first is the software's share."""

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one broker gave; ``stats`` is the program's last message on that topic."""

    broker: str
    stats: dict[str, Any]

    def ms(self, station: str, percent: int) -> float:
        """Return a percentile."""
        value = self.stats[f"{station}_p{percent}_ms"]
        return float("nan") if value is None else float(value)


@contextmanager
def page_open(where: Hall) -> Iterator[None]:
    """Open the phone page and keep it open."""
    from playwright.sync_api import sync_playwright

    named = os.environ.get("SHINLINE_CHROMIUM")
    path = named or next((found for found in map(shutil.which, BROWSERS) if found), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        context.new_page().goto(where.page)
        yield
        browser.close()


def measure(broker: BrokerKind, cues: int) -> Figures:
    """Ask for cues until a page has shown so many of them."""
    with hall(DEMO, broker) as where, page_open(where), Phone(where) as phone:
        end_s = time.monotonic() + LONGEST_S
        while time.monotonic() < end_s:
            phone.ask("feedback_now")
            time.sleep(EVERY_S)
            stats = phone.latest("stats")
            if stats.get("shown_count", 0) >= cues:
                break
        return Figures(broker, phone.latest("stats"))


def table(found: list[Figures]) -> Table:
    """Lay the figures out."""
    out = Table(title="From the capture of the frame that decided a cue, ms")
    for name in (
        "broker",
        "cues",
        *(f"{said}, {p} %" for said in STATIONS.values() for p in (50, 95)),
    ):
        out.add_column(name, justify="right")
    for row in found:
        values = (f"{row.ms(station, p):.1f}" for station in STATIONS for p in (50, 95))
        out.add_row(row.broker, str(row.stats.get("shown_count", 0)), *values)
    return out


def goals(found: list[Figures]) -> list[str]:
    """Say which goals are met."""
    return [
        f"{row.broker}: {STATIONS[station]} {row.ms(station, 95):.1f} ms, wanted {most:g}: "
        + ("met" if row.ms(station, 95) <= most else "MISSED")
        for row in found
        for station, most in GOAL_MS.items()
    ]


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--cues", type=int, default=200)
    words.add_argument("--broker", choices=("mosquitto", "python"), action="append")
    given = words.parse_args()
    console = Console()
    console.print("; ".join(f"{name} {said}" for name, said in machine().items()))
    found = [measure(broker, given.cues) for broker in given.broker or ("mosquitto", "python")]
    console.print(table(found))
    for line in goals(found):
        console.print(line)


if __name__ == "__main__":
    main()
