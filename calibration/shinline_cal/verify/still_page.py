"""The page of a still bar."""

from math import log10
from typing import Any, Final

import numpy as np

from shinline_cal.verify.charts import Line, Mark, Points, chart
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.quantiles import t_quantile
from shinline_cal.verify.report import Plot, Report, Row, Section, between, shown
from shinline_cal.verify.still import Axis, Stillness
from shinline_cal.verify.words import inputs, smoothed_note

LONG_S: Final = 29.5
CANNOT: Final = [
    "Scale, plumb line and clock: a wrong scale lies as still as a right one.",
    "Noise in movement: blur makes it larger.",
    "Noise in another light, or with the marker elsewhere in the picture.",
    "Errors that do not change in time.",
]
HOW: Final = [
    "Noise is the spread about a straight line through the whole recording. The Allan deviation"
    " (Allan 1966, overlapping) is the noise of averages over the time on its axis: it falls with"
    " the root of that time for independent noise, and stays or rises for drift.",
    "The velocity figures come from the positions' own differences, not from a formula.",
]


def still_report(path: MarkerPath, result: Stillness) -> Report:
    """Make the page of a still bar."""
    thin = smoothed_note(path)
    if result.duration_s < LONG_S:
        thin.append(f"{result.duration_s:.0f} s only: slow drift needs a minute or more to show.")
    rep = shown(1000 * result.mean_velocity_sd_mps, 1, "mm/s")
    noise = shown(1000 * result.y.sd_m, 2, "mm")
    return Report(
        test="still",
        title="Still bar: what is only noise",
        answer=[
            f"A bar at rest moves by {noise} (1 sd, up and down) from picture to picture. That puts"
            f" {rep} (1 sd) on the mean velocity of a rep of 1 s.",
            _averaging_sentence(result),
        ],
        sections=[Section("What the rest says", _rows(path, result), _plots(path, result))],
        cannot=CANNOT,
        how=HOW,
        inputs=inputs(path),
        numbers=_numbers(result),
        thin=thin,
        notes=list(path.notes),
    )


def _averaging_sentence(result: Stillness) -> str:
    tau, deviation = result.y.tau_s, result.y.allan_m
    best = int(np.argmin(deviation))
    gain = deviation[0] / deviation[best] if deviation[best] > 0 else float("inf")
    independent = gain > 0.7 * np.sqrt(tau[best] / tau[0])
    words = "as independent noise would" if independent else "less than independent noise would"
    least = shown(1000 * float(deviation[best]), 3, "mm")
    if best == 0:
        return "Averaging does not bring it down: this is drift, or a path that was smoothed."
    return f"Averaging over {tau[best]:.1f} s brings it to {least}, {words}."


def _rows(path: MarkerPath, result: Stillness) -> list[Row]:
    late = f"{result.late} longer than 1.5 of the usual"
    rep, trace = result.mean_velocity_sd_mps, result.speed_sd_mps
    return [
        *_axis_rows("Up and down", result.y, path.t_s.size),
        *_axis_rows("Sideways", result.x, path.t_s.size),
        Row("Mean velocity of a rep", shown(rep, 4, "m/s"), "", "1 sd by noise alone, rep of 1 s"),
        Row("Raw speed trace", shown(trace, 4, "m/s"), "", "1 sd of slopes over 0.1 s"),
        Row("Pictures", f"{result.rate_hz:.2f} per s", "",
            f"intervals ± {1e6 * result.interval_sd_s:.0f} µs; {late}"),
    ]  # fmt: skip


def _axis_rows(name: str, axis: Axis, samples: int) -> list[Row]:
    drift = axis.drift_mps.scaled(60_000)
    half = t_quantile(0.975, max(1, samples - 2)) * drift.sd
    span = between(drift.value - half, drift.value + half, 3, "mm/min")
    return [
        Row(f"{name}: noise", shown(1000 * axis.sd_m, 3, "mm"), "", "1 sd of single pictures"),
        Row(f"{name}: range", shown(1000 * axis.range_m, 3, "mm"), "", "95 % of all positions"),
        Row(f"{name}: drift", shown(drift.value, 3, "mm/min", True), span, "trend of the whole"),
    ]


def _plots(path: MarkerPath, result: Stillness) -> list[Plot]:
    y = 1000 * (path.y_m - np.median(path.y_m))
    x = 1000 * (path.x_m - np.median(path.x_m))
    up = chart("Height over time", "time, s", "height, mm", [Points(path.t_s, y)])
    side = chart("Sideways over time", "time, s", "sideways, mm", [Points(path.t_s, x, "quiet")])
    plots = [
        Plot("Up and down", up, "About its median."),
        Plot("Sideways", side, "About its median."),
    ]
    told = all(float(axis.allan_m.min()) > 0 for axis in (result.x, result.y))
    if told and log10(result.y.tau_s[-1] / result.y.tau_s[0]) > 0.5:
        plots.append(_allan_plot(result))
    return plots


def _allan_plot(result: Stillness) -> Plot:
    tau = result.y.tau_s
    marks: list[Mark] = [
        Line(tau, 1000 * result.y.allan_m[0] * np.sqrt(tau[0] / tau), "equal"),
        Line(tau, 1000 * result.y.allan_m, "ours"),
        Line(tau, 1000 * result.x.allan_m, "other"),
    ]
    svg = chart("Allan deviation", "averaged over, s", "Allan deviation, mm", marks, log=True)
    caption = "Blue: up and down; violet: sideways; broken: independent noise."
    return Plot("Noise against averaging time", svg, caption)


def _numbers(result: Stillness) -> dict[str, Any]:
    return {
        "duration_s": result.duration_s,
        "rate_hz": result.rate_hz,
        "interval_sd_s": result.interval_sd_s,
        "late_intervals": result.late,
        "mean_velocity_sd_mps": result.mean_velocity_sd_mps,
        "speed_sd_mps": result.speed_sd_mps,
        "x": _axis_numbers(result.x),
        "y": _axis_numbers(result.y),
    }


def _axis_numbers(axis: Axis) -> dict[str, Any]:
    return {
        "sd_m": axis.sd_m,
        "range95_m": axis.range_m,
        "drift_mps": {"value": axis.drift_mps.value, "sd": axis.drift_mps.sd},
        "allan_tau_s": axis.tau_s.tolist(),
        "allan_m": axis.allan_m.tolist(),
    }
