"""The page of a drop."""

from typing import Any, Final

from shinline_cal.verify.charts import Level, Mark, Points, Span, chart
from shinline_cal.verify.drop import Drops, Fall
from shinline_cal.verify.fit import interval
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.report import Plot, Report, Row, Section, between, counted, shown
from shinline_cal.verify.words import (
    DEPTH,
    inputs,
    known,
    lean_sentence,
    percent_row,
    scale_sentence,
    smoothed_note,
)

HOW: Final = [
    "Free fall is found by the path: short quadratics that accelerate at about g, grown for as"
    " long as the next sightings lie where the fit says. The flight of a bounce counts as well."
    " Position is then fitted by a quadratic in time, sideways and upright, and twice its last"
    " coefficient is the acceleration.",
    "Its size over g is the scale ratio; its direction is the plumb line. Intervals are Student's"
    " t; falls that differ by more than chance allows widen them. The uncertainty of g is in"
    " them: anywhere on Earth it is known to 0.16 %, with a latitude to 0.003 %.",
]


def drop_report(path: MarkerPath, drops: Drops) -> Report:
    """Make the page of a drop."""
    scale, lean = interval(drops.scale, drops.dof), interval(drops.lean_deg, drops.dof)
    thin = smoothed_note(path)
    if len(drops.falls) == 1:
        thin.append("One fall only: how well it repeats is not shown. Drop it five times.")
    return Report(
        test="drop",
        title="Drop: gravity as a yardstick",
        answer=[
            scale_sentence(drops.scale, scale, "a free fall"),
            lean_sentence(drops.lean_deg, lean, path.roll_deg),
        ],
        sections=[
            Section("What the fall says", _rows(drops), _plots(path, drops)),
            Section("Each fall", [_fall_row(i, fall) for i, fall in enumerate(drops.falls)]),
        ],
        cannot=_cannot(drops),
        how=HOW,
        inputs=inputs(path),
        numbers=_numbers(drops),
        thin=thin,
        notes=list(path.notes),
    )


def _rows(drops: Drops) -> list[Row]:
    scale, lean = interval(drops.scale, drops.dof), interval(drops.lean_deg, drops.dof)
    pull, g = interval(drops.pull, drops.dof), drops.g
    here = between(g.value - 1.96 * g.sd, g.value + 1.96 * g.sd, 4, "m/s²")
    told = "give --latitude-deg to know it better" if g.sd > 0.005 else "by latitude"
    falls = f"over {counted(len(drops.falls), 'fall')}"
    upright = shown(drops.lean_deg.value, 2, "°", True)
    return [
        Row(
            "Gravity, measured",
            shown(drops.pull.value, 3, "m/s²"),
            between(*pull, 3, "m/s²"),
            falls,
        ),
        Row("Gravity, here", shown(g.value, 4, "m/s²"), here, told),
        percent_row("Scale error", drops.scale, scale, "measured over true length, minus 1"),
        Row("Lean of the plumb line", upright, between(*lean, 2, "°"), "+ to the right at the top"),
        *_speed_rows(drops),
    ]


def _speed_rows(drops: Drops) -> list[Row]:
    if drops.speed_rmse_mps is None or drops.speed_slope is None:
        return []
    slope = shown(100 * (drops.speed_slope.value - 1), 2, "%", True)
    rmse = shown(drops.speed_rmse_mps, 4, "m/s")
    return [
        Row("Published speed, RMSE", rmse, "", "from the line of slope g through the fall"),
        Row("Published speed, slope", slope, "", "its acceleration over g, minus 1"),
    ]


def _fall_row(i: int, fall: Fall) -> Row:
    about = [
        f"{fall.t_s[0]:.2f} to {fall.t_s[-1]:.2f} s",
        f"{100 * fall.height_m:.0f} cm",
        counted(len(fall.t_s), "picture"),
        f"lean {shown(fall.lean_deg.value, 2, '°', True)}",
        f"fitted within {1000 * fall.fit_y.sd:.2f} mm",
    ]
    value = f"{fall.pull.value:.3f} ± {fall.pull.sd:.3f} m/s²"
    return Row(f"Fall {i + 1}", value, "", ", ".join(about))


def _cannot(drops: Drops) -> list[str]:
    drag = (
        "Drag in air is not taken out: nothing for a bar or a plate, about 1 % for a tennis ball"
        " dropped from 1.2 m. Give --mass-kg and --diameter-m for a ball."
    )
    if drops.drag_ratio:
        most = shown(100 * drops.drag_ratio, 2, "%")
        drag = f"Drag in air was taken out by the given mass and size: at most {most} of g."
    return [
        "Scale and clock apart: a time base that runs 1 % fast looks like lengths 2 % short. The"
        " pendulum tells them apart.",
        "A bar that falls on one end turns about it, and does not fall freely. Both ends must be"
        " let go at once.",
        DEPTH,
        drag,
        "Reps, faults and how lifters move.",
    ]


def _plots(path: MarkerPath, drops: Drops) -> list[Plot]:
    first, last = drops.falls[0], drops.falls[-1]
    near = (path.t_s >= first.t_s[0] - 0.7) & (path.t_s <= last.t_s[-1] + 0.7)
    whole: list[Mark] = [
        *(Span(float(f.t_s[0]), float(f.t_s[-1])) for f in drops.falls),
        Points(path.t_s[near], 100 * path.y_m[near]),
    ]
    rest: list[Mark] = [Level(0.0, "", kind="zero")]
    rest += [Points(f.t_s - f.t_s[0], 1000 * f.fit_y.residuals) for f in drops.falls]
    height = chart("Height over time", "time, s", "height, cm", whole)
    left = chart("What the quadratic leaves", "time in the fall, s", "left over, mm", rest)
    return [
        Plot("Height", height, "Shaded: taken for free fall, and the only part that is used."),
        Plot(
            "What the quadratic leaves",
            left,
            "No pattern is right; a bend would be drag, a hand, or a lens.",
        ),
    ]


def _numbers(drops: Drops) -> dict[str, Any]:
    slope = drops.speed_slope
    return {
        "gravity_measured_mps2": known(drops.pull, interval(drops.pull, drops.dof)),
        "gravity_here_mps2": {"value": drops.g.value, "sd": drops.g.sd},
        "scale_ratio": known(drops.scale, interval(drops.scale, drops.dof)),
        "lean_deg": known(drops.lean_deg, interval(drops.lean_deg, drops.dof)),
        "drag_correction_ratio": drops.drag_ratio,
        "published_speed_rmse_mps": drops.speed_rmse_mps,
        "published_speed_slope_ratio": None if slope is None else slope.value,
        "falls": [
            {
                "t_s": [float(f.t_s[0]), float(f.t_s[-1])],
                "gravity_mps2": {"value": f.pull.value, "sd": f.pull.sd},
                "lean_deg": {"value": f.lean_deg.value, "sd": f.lean_deg.sd},
                "fit_sd_m": f.fit_y.sd,
            }
            for f in drops.falls
        ],
    }
