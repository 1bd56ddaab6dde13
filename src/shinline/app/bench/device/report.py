"""The report of a measured machine: plain text that an owner can post."""

import itertools
import os
import platform
from collections.abc import Iterable
from typing import Final

from shinline import __version__
from shinline.app import machine
from shinline.app.bench.about import machine as program
from shinline.app.bench.device.main import Measured
from shinline.app.bench.device.watcher import Look
from shinline.app.histogram import Histogram
from shinline.app.meter import BUSY, INTERVAL, LATENCY, STAGES

WIDTH: Final = 40
BARS: Final = "▁▂▃▄▅▆▇█"
MOST_POINTS: Final = 60

INTERVALS: Final = (0.5, 0.9, 0.97, 1.03, 1.1, 1.5, 2.5)
"""Edges in periods of the camera. From the last but one on a frame is missing."""

ROWS: Final = (
    *((name, name.replace("_", " ")) for name in STAGES),
    (BUSY, "the whole loop"),
    (LATENCY, "capture to handed over"),
)

NOT_MEASURED: Final = """\
NOT measured, because the camera was simulated: sensor, cable, picture processor, the driver's
buffers, exposure and light, real drops. The rest of the figures are this machine's own.
On a Raspberry Pi with a camera the same command measures all of it."""

MEASURED: Final = """\
All figures are of this machine, with its camera. The time from the light to the frame's delivery
is in 'capture to handed over' as far as the camera's own time stamps are right."""


def report(m: Measured) -> str:
    """Return the report; ends with a line break."""
    sections = (_head(m), _rate(m), _intervals(m), _latency(m), _memory(m), _heat(m), _said(m))
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _head(m: Measured) -> list[str]:
    kind = "SIMULATED camera" if m.simulated else f"camera {m.camera}"
    phone = "no phone, a bar that lies" if m.idle else "one phone that watches, preview on"
    return [
        f"shinline bench --device, {m.began:%Y-%m-%d %H:%M} UTC, {m.minutes:g} min",
        *(_named(name, value) for name, value in _about().items()),
        _named("source", f"{kind}, {m.width_px} x {m.height_px}, {m.full_hz:g} frames a second"),
        _named("with", f"journal, broker, pages, {phone}"),
        *(NOT_MEASURED if m.simulated else MEASURED).splitlines(),
    ]


def _about() -> dict[str, str]:
    about = {**program()}
    about["shinline"] = __version__
    model = machine.pi_model()
    cores = f"{os.cpu_count()} cores, kernel {platform.release()}"
    about["machine"] = f"{model or about['machine']}, {cores}"
    return about


def _rate(m: Measured) -> list[str]:
    offered = m.frames + m.dropped
    share = m.dropped / offered if offered else 0.0
    got_hz = m.frames / (60.0 * m.minutes)
    lines = [
        "frames",
        _named("handed over", f"{m.frames}, {got_hz:.2f} a second"),
        _named("dropped", f"{m.dropped} of {offered}, {100.0 * share:.3f} %"),
        _named("bar seen in", f"{m.seen}, repetitions {m.reps}"),
    ]
    if m.problem:
        lines.append(_named("problem", m.problem))
    rates = list(dict.fromkeys(look.rate_hz for look in m.looks))
    if len(rates) > 1:
        lines.append(
            _named("slowed to", ", ".join(f"{rate:g}" for rate in rates[1:]) + " a second")
        )
    return lines


def _intervals(m: Measured) -> list[str]:
    period_ns = 1e9 / m.full_hz
    shares = m.meter.histograms[INTERVAL].shares(tuple(round(e * period_ns) for e in INTERVALS))
    names = [f"below {INTERVALS[0]:g}"]
    names += [f"{a:g} to {b:g}" for a, b in itertools.pairwise(INTERVALS)]
    names.append(f"above {INTERVALS[-1]:g}")
    lines = [f"from frame to frame, in periods of {period_ns / 1e6:.3f} ms"]
    for name, share in zip(names, shares, strict=True):
        lines.append(f"  {name:<14} {100.0 * share:8.3f} %  {'#' * round(WIDTH * share)}".rstrip())
    return lines


def _latency(m: Measured) -> list[str]:
    period_ns = 1e9 / m.full_hz
    lines = [
        f"  {'':<24}{'p50':>9}{'p95':>9}{'p99':>9}{'p99.9':>9}{'most':>9}   p50, p99 in periods"
    ]
    for key, name in ROWS:
        histogram: Histogram = m.meter.histograms[key]
        values = [histogram.percentile_ns(p) for p in (50.0, 95.0, 99.0, 99.9, 100.0)]
        cells = "".join(f"{value / 1e6:9.3f}" for value in values)
        ratios = f"{values[0] / period_ns:.3f}, {values[2] / period_ns:.3f}"
        lines.append(f"  {name:<24}{cells}   {ratios}")
    return ["time per frame, ms", *lines]


def _memory(m: Measured) -> list[str]:
    sizes = [look.resident_mb for look in m.looks]
    settled = sizes[len(sizes) // 4 :]  # the first sets fill buffers
    share = _cpu_percent(m.looks)
    later = _cpu_percent(m.looks[(len(m.looks) - 1) // 2 : -1])  # the last look sees the end, too
    lines = [
        "memory and processor",
        _named("resident", f"{sizes[-1]:.0f} MB at the end, {max(sizes):.0f} at most"),
        _named("after a quarter", f"{settled[0]:.0f} MB: grew by {sizes[-1] - settled[0]:+.1f} MB"),
        _named("one core's share", f"{share:.1f} %, second half {later:.1f} % (all threads)"),
    ]
    lines.append(
        _named("killed", f"{m.restart_s:.1f} s to the next program's first frame, and RestartSec=")
    )
    if m.own_mb:
        lines.append(_named("of it", f"{m.own_mb:.0f} MB are the simulated camera's pictures"))
    return lines


def _cpu_percent(looks: list[Look]) -> float:
    """Return which share of one core the program used between the first and the last look."""
    first, last = looks[0], looks[-1]
    return 100.0 * (last.cpu_s - first.cpu_s) / max(last.at_s - first.at_s, 1e-9)


def _heat(m: Measured) -> list[str]:
    warm = [look.health.temperature_c for look in m.looks if look.health.temperature_c is not None]
    bits = [
        look.health.throttled_bits for look in m.looks if look.health.throttled_bits is not None
    ]
    lines = ["heat and power"]
    if warm:
        lines.append(
            _named("temperature", f"{warm[0]:.1f} to {warm[-1]:.1f} °C, most {max(warm):.1f}")
        )
        lines.append(_named("", curve(warm)))
    else:
        lines.append(_named("temperature", "this machine does not tell"))
    if not bits:
        return [*lines, _named("power", "this machine does not tell")]
    every = 0
    for each in bits:
        every |= each
    words = ", ".join(flag.words for flag in machine.flags(every)) or "no complaint"
    return [*lines, _named("power", f"{words} (0x{every:x})")]


def _said(m: Measured) -> list[str]:
    return ["what could be had of the system", *(f"  {line}" for line in m.said)]


def curve(values: Iterable[float]) -> str:
    """Return a line of bars from the least to the greatest of the values."""
    shown = list(values)
    step = max(1, -(-len(shown) // MOST_POINTS))
    shown = [max(shown[i : i + step]) for i in range(0, len(shown), step)]
    low, span = min(shown), max(max(shown) - min(shown), 1.0)
    return "".join(BARS[min(len(BARS) - 1, int((v - low) / span * len(BARS)))] for v in shown)


def _named(name: str, value: str) -> str:
    return f"  {name:<16} {value}"
