"""The page of a pendulum."""

from typing import Any, Final

from shinline_cal.verify.charts import Level, Line, Mark, Points, chart
from shinline_cal.verify.fit import Known, interval
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.pendulum import Swing, arc
from shinline_cal.verify.report import Plot, Report, Row, Section, between, shown
from shinline_cal.verify.words import (
    DEPTH,
    inputs,
    known,
    lean_sentence,
    percent_row,
    scale_sentence,
    smoothed_note,
)

CANNOT: Final = [
    "The time base better than the string: 2 mm in 1 m are 0.1 % of the period, and 0.2 % of the"
    " scale. Measure from the pivot to the middle of the weight, with the weight hanging.",
    DEPTH,
    "A swing that leaves the plane of the picture (an ellipse seen from above) shortens the arc.",
    "Speeds above those of the swing, reps, faults.",
]
HOW: Final = [
    "One model is fitted to both coordinates of all sightings of the longest even swing: an arc"
    " about a pivot, a lean, and a damped pendulum of finite amplitude (rate w (1 - A²/16 +"
    " A⁴/1024), third harmonic -A³/192; Nayfeh and Mook 1979).",
    "True period: 2π √(L/g) with L = string + d²/(8 string) for a disc of diameter d that turns"
    " with the string. Intervals hold the fit, the ruler and g.",
]


def pendulum_report(path: MarkerPath, swing: Swing, g: Known) -> Report:
    """Make the page of a pendulum."""
    return Report(
        test="pendulum",
        title="Pendulum: clock, scale and plumb line",
        answer=[
            _clock_sentence(swing),
            scale_sentence(swing.scale, interval(swing.scale, swing.dof), "the string"),
            lean_sentence(swing.lean_deg, interval(swing.lean_deg, swing.dof), path.roll_deg),
        ],
        sections=[Section("What the swing says", _rows(swing, g), _plots(path, swing))],
        cannot=CANNOT,
        how=HOW,
        inputs=inputs(path),
        numbers=_numbers(swing),
        thin=smoothed_note(path),
        notes=list(path.notes),
    )


def _clock_sentence(swing: Swing) -> str:
    low, high = (100 * (value - 1) for value in interval(swing.time_ratio, swing.dof))
    error, span = 100 * (swing.time_ratio.value - 1), between(low, high, 2, "%")
    if low <= 0.0 <= high:
        worst = shown(max(abs(low), abs(high)), 2, "%")
        return (
            f"The clock of the pictures agrees with the pendulum within {worst} (95 % interval"
            f" {span})."
        )
    way = "long" if error > 0 else "short"
    return (
        f"Times read {shown(abs(error), 2, '%')} too {way} (95 % interval {span}): speeds are off"
        " as much the other way. Is the recording's frame rate the one it was taken with?"
    )


def _rows(swing: Swing, g: Known) -> list[Row]:
    def row(
        name: str, value: Known, digits: int, unit: str, meaning: str, sign: bool = False
    ) -> Row:
        span = between(*interval(value, swing.dof), digits, unit)
        return Row(name, shown(value.value, digits, unit, sign), span, meaning)

    clock, scale = interval(swing.time_ratio, swing.dof), interval(swing.scale, swing.dof)
    swings = f"from {swing.swings:.1f} swings; the amplitude is taken out"
    decay = f"at first, to a side; falls to 37 % in {swing.decay_s:.0f} s"
    return [
        percent_row("Time base", swing.time_ratio, clock, "measured over true period, minus 1"),
        percent_row("Scale error", swing.scale, scale, "measured arc over the string, minus 1"),
        row("Lean of the plumb line", swing.lean_deg, 3, "°", "+ to the right at the top", True),
        row("Period of small swings", swing.period, 5, "s", swings),
        row("Radius of the arc", swing.radius.scaled(1000), 1, "mm", "pivot to marker, by camera"),
        row("Gravity by period and ruler", swing.g, 3, "m/s²", f"here {g.value:.3f} m/s²"),
        Row("Swing", f"{swing.amplitude_deg:.1f}°", "", decay),
        Row("Fit", shown(1000 * swing.sd_m, 2, "mm"), "", "spread about the model"),
    ]


def _plots(path: MarkerPath, swing: Swing) -> list[Plot]:
    t = path.t_s[swing.first : swing.last + 1]
    x, y = (values[swing.first : swing.last + 1] for values in (path.x_m, path.y_m))
    model = arc(swing.fit.values, t - t[0])
    mx, my = model[: t.size], model[t.size :]
    early = t <= t[0] + 4 * swing.period.value
    wave: list[Mark] = [Points(t[early], 100 * x[early]), Line(t[early], 100 * mx[early])]
    shape: list[Mark] = [Points(100 * x, 100 * y), Line(100 * mx, 100 * my)]
    rest: list[Mark] = [Level(0.0, "", kind="zero"), Points(t, 1000 * (x - mx))]
    return [
        Plot(
            "Swing",
            chart("Sideways over time", "time, s", "sideways, cm", wave),
            "The first four swings and the model.",
        ),
        Plot(
            "Arc",
            chart("Arc", "sideways, cm", "height, cm", shape),
            "Heights are stretched to show the arc.",
        ),
        Plot(
            "What the model leaves",
            chart("What the model leaves", "time, s", "sideways, mm", rest),
            "No pattern is right; a beat would be an ellipse.",
        ),
    ]


def _numbers(swing: Swing) -> dict[str, Any]:
    fitted = {
        "time_ratio": swing.time_ratio,
        "scale_ratio": swing.scale,
        "lean_deg": swing.lean_deg,
        "period_s": swing.period,
        "radius_m": swing.radius,
        "gravity_mps2": swing.g,
    }
    return {
        **{name: known(value, interval(value, swing.dof)) for name, value in fitted.items()},
        "equivalent_length_m": {"value": swing.length.value, "sd": swing.length.sd},
        "swings": swing.swings,
        "amplitude_deg": swing.amplitude_deg,
        "fit_sd_m": swing.sd_m,
    }
