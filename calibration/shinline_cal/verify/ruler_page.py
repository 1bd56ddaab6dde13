"""The page of a ruler."""

from typing import Any, Final

from shinline_cal.verify.charts import Mark, Points, Span, chart
from shinline_cal.verify.fit import interval
from shinline_cal.verify.paths import MarkerPath
from shinline_cal.verify.report import Plot, Report, Row, Section, between, counted, shown
from shinline_cal.verify.ruler import Move, Ruled
from shinline_cal.verify.words import (
    DEPTH,
    inputs,
    known,
    percent_row,
    scale_sentence,
    smoothed_note,
)

CANNOT: Final = [
    "The clock, and so speeds.",
    DEPTH,
    "The scale elsewhere in the picture: a lens bends lines near the edges. Repeat it where the bar"
    " starts and where it ends.",
    "The camera's roll, unless the ruler hung plumb.",
]
HOW: Final = [
    "Rests of at least 0.6 s are found where the path moves no more than its noise. Moves whose"
    " length is within 30 % of the stated distance count; the interval holds their spread, the"
    " wander of the rests and the ruler's own uncertainty.",
]


def ruler_report(path: MarkerPath, ruled: Ruled) -> Report:
    """Make the page of a ruler."""
    thin = smoothed_note(path)
    if sum(move.used for move in ruled.moves) == 1:
        thin.append("One move only: how well it repeats is not shown. Go to and fro five times.")
    moves = [_move_row(i, move) for i, move in enumerate(ruled.moves)]
    scale = interval(ruled.scale, ruled.dof)
    return Report(
        test="ruler",
        title="Ruler: two marks a known distance apart",
        answer=[scale_sentence(ruled.scale, scale, "the ruler")],
        sections=[
            Section("What the ruler says", _rows(ruled), [_plot(path, ruled)]),
            Section("Each move", moves),
        ],
        cannot=CANNOT,
        how=HOW,
        inputs=inputs(path),
        numbers=_numbers(ruled),
        thin=thin,
        notes=list(path.notes),
    )


def _rows(ruled: Ruled) -> list[Row]:
    measured, distance = ruled.measured.scaled(1000), ruled.distance.scaled(1000)
    span = between(*interval(measured, ruled.dof), 2, "mm")
    used = f"mean of {counted(sum(move.used for move in ruled.moves), 'move')}"
    against = "level" if ruled.level else "the picture's upright"
    angle = shown(ruled.lean_deg.value, 2, "°", True)
    angles = between(*interval(ruled.lean_deg, ruled.dof), 2, "°")
    scale = interval(ruled.scale, ruled.dof)
    return [
        Row("Distance, measured", shown(measured.value, 2, "mm"), span, used),
        Row("Distance, by the ruler", shown(distance.value, 1, "mm"), "",
            f"± {distance.sd:.1f} mm (1 sd)"),
        percent_row("Scale error", ruled.scale, scale, "measured over true length, minus 1"),
        Row(f"Angle to {against}", angle, angles, "the camera's roll, if the ruler stood true"),
    ]  # fmt: skip


def _move_row(i: int, move: Move) -> Row:
    used = "used" if move.used else "left out: another length"
    about = f"{shown(move.lean_deg, 2, '°', True)}; {used}"
    return Row(f"Move {i + 1}", shown(1000 * move.length_m, 2, "mm"), "", about)


def _plot(path: MarkerPath, ruled: Ruled) -> Plot:
    marks: list[Mark] = [
        *(Span(float(path.t_s[r.first]), float(path.t_s[r.last])) for r in ruled.rests),
        Points(path.t_s, 1000 * (path.x_m if ruled.level else path.y_m)),
    ]
    axis = "sideways, mm" if ruled.level else "height, mm"
    return Plot(
        "Rests", chart("Position over time", "time, s", axis, marks), "Shaded: taken for rest."
    )


def _numbers(ruled: Ruled) -> dict[str, Any]:
    return {
        "measured_m": known(ruled.measured, interval(ruled.measured, ruled.dof)),
        "distance_m": {"value": ruled.distance.value, "sd": ruled.distance.sd},
        "scale_ratio": known(ruled.scale, interval(ruled.scale, ruled.dof)),
        "angle_deg": known(ruled.lean_deg, interval(ruled.lean_deg, ruled.dof)),
        "angle_from": "level" if ruled.level else "upright",
        "moves_m": [move.length_m for move in ruled.moves if move.used],
        "moves_left_out_m": [move.length_m for move in ruled.moves if not move.used],
    }
