"""A drawing of each fault: the lifter at its worst moment in colour, a good one beside in grey.

Made by the simulator's numbers alone, so the lifter is one that can be, and the value that is
written beside the measured thing is the one that the motion has.
``python -m shinline.app.fault_drawings docs/img/faults`` writes one SVG for each fault.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from shinline.app.fault_curves import CURVES, TIME
from shinline.app.svg import BAD, GOOD, MARK, Sheet
from shinline.coach.faults.card import Card
from shinline.coach.faults.table import CARDS
from shinline.sim.body import make_body
from shinline.sim.exact import Motion, RepMotion, bend_deg, line_x_m, trunk_deg
from shinline.sim.measures import rep_measures
from shinline.sim.scenario import RepPlan, Scenario
from shinline.sim.stickers import BAR_RADIUS_M, SHANK_RADIUS_M
from shinline.sim.tuning import lay_out
from shinline.types import FloatArray

STATURE_M: Final = 1.75
FLOOR_M: Final = -0.225
PLATE_M: Final = 0.225
SCALE: Final = 190.0
WIDTH, HEIGHT, CHART_W = 520, 400, 250
GOOD_AT, BAD_AT, FLOOR_AT = 150.0, 400.0, 372.0

SIZES: Final = {
    "setup_gap": 0.10,
    "elbows_to_knees": 0.08,
    "bar_rolled": 0.04,
    "hips_high_start": 6.0,
    "hips_low_start": 0.05,
    "hips_shoot_up": 10.0,
    "bar_forward": 0.05,
    "bar_leaves_legs": 0.05,
    "knee_loop": 0.05,
    "reversal": 0.025,
    "hitch": 2.0,
    "rounding": 20.0,
    "lean_back": 16.0,
    "short_lockout": 0.06,
    "yank": 6.0,
    "bounce": 0.12,
    "lowering": 2.4,
    "velocity_loss": 0.30,
}
"""How large each fault is drawn: well beyond its level, so that it can be seen."""

OF_THE_SET: Final = ("bounce", "velocity_loss")
"""These take repetitions before."""


@dataclass(frozen=True)
class Shown:
    """One repetition, and the instant of it that is drawn."""

    rep: RepMotion
    at: Motion
    colour: str
    origin_px: float
    path: FloatArray | None = None
    details: dict[str, float] = field(default_factory=dict)

    def px(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return where a place is on the sheet."""
        return self.origin_px + SCALE * x_m, FLOOR_AT - SCALE * (y_m - FLOOR_M)


def repetition(code: str, size: float | None) -> RepMotion:
    """Return a repetition with a fault of a size, or a good one."""
    count = 3 if code == "velocity_loss" else 2 if code in OF_THE_SET else 1
    plain = {"mean_velocity_mps": 0.40, "sticking": 0.2}
    reps = [RepPlan(**plain) for _ in range(count)]  # type: ignore[arg-type]
    if size is not None:
        reps[-1] = RepPlan(**plain, faults={code: size})  # type: ignore[arg-type]
    scenario = Scenario(reps=tuple(reps))
    return RepMotion(lay_out(scenario, make_body(STATURE_M, scenario.style)), count)


# --- the instant at which each fault is drawn ----------------------------------------


def _at_set(rep: RepMotion) -> Motion:
    assert rep.set_position is not None  # noqa: S101  (the simulated lifter holds still)
    return rep.set_position


def _row(rep: RepMotion, row: int) -> Motion:
    return rep.way.part(slice(row, row + 1))


def _worst(values: Callable[[RepMotion], FloatArray], low: float, high: float) -> "Moment":
    """Return the instant at which something is largest between two shares of the range."""

    def at(rep: RepMotion) -> Motion:
        first, last = rep.first(low * rep.rom_m), rep.first(high * rep.rom_m)
        return _row(rep, first + int(np.argmax(values(rep)[first : last + 1])))

    return at


Moment = Callable[[RepMotion], Motion]
MOMENTS: Final[dict[str, Moment]] = {
    "setup_gap": lambda rep: rep.standing,
    "elbows_to_knees": _at_set,
    "bar_rolled": _at_set,
    "hips_high_start": _at_set,
    "hips_low_start": _at_set,
    "hips_shoot_up": lambda rep: _row(rep, rep.early),
    "bar_forward": _worst(lambda rep: rep.way.bar[:, 0], 0.0, 0.48),
    "bar_leaves_legs": _worst(lambda rep: rep.gap_m, 0.60, 0.80),
    "knee_loop": _worst(lambda rep: rep.way.bar[:, 0], 0.40, 0.60),
    "reversal": lambda rep: _row(rep, rep.first(0.5 * rep.rom_m)),
    "hitch": lambda rep: _row(rep, rep.first(0.7 * rep.rom_m)),
    "rounding": _worst(lambda rep: bend_deg(rep.way), 0.05, 0.58),
    "lean_back": lambda rep: _row(rep, rep.lockout),
    "short_lockout": lambda rep: _row(rep, rep.lockout),
    "yank": lambda rep: _row(rep, rep.first(0.04)),
    "bounce": lambda rep: _row(rep, rep.start),
    "lowering": lambda rep: _row(rep, len(rep.way.t_s) - 120),
    "velocity_loss": lambda rep: _row(rep, rep.first(0.5 * rep.rom_m)),
}


# --- the measured thing on the lifter ----------------------------------------


def _gap(sheet: Sheet, s: Shown, label: str) -> None:
    bar = s.rep.before.bar[-1:]
    shin_m = float(line_x_m(s.at.ankle, s.at.knee, bar[:, 1])[0]) + SHANK_RADIUS_M
    sheet.span(s.px(shin_m, bar[0, 1]), s.px(bar[0, 0] - BAR_RADIUS_M, bar[0, 1]), label, -16.0)


def _arms(sheet: Sheet, s: Shown, label: str) -> None:
    knee_y = float(s.at.knee[0, 1])
    arm_x = float(line_x_m(s.at.bar, s.at.shoulder, s.at.knee[:, 1])[0])
    sheet.span(s.px(float(s.at.knee[0, 0]), knee_y), s.px(arm_x, knee_y), label, -30.0)


def _rolled(sheet: Sheet, s: Shown, label: str) -> None:
    now_m, lay_m = float(s.rep.way.bar[s.rep.start, 0]), float(s.rep.before.bar[0, 0])
    sheet.circle(s.px(lay_m, 0.0), SCALE * PLATE_M, MARK, dashed=True)
    sheet.span(s.px(lay_m, 0.0), s.px(now_m, 0.0), label, 60.0)


def _trunk(sheet: Sheet, s: Shown, label: str) -> None:
    hip, angle = s.at.hip[0], float(trunk_deg(s.at)[0])
    sheet.angle(s.px(*hip), 0.0, angle, 62.0, label)


def _behind(sheet: Sheet, s: Shown, label: str) -> None:
    bar, shoulder = s.at.bar[0], s.at.shoulder[0]
    sheet.line([s.px(bar[0], bar[1]), s.px(bar[0], shoulder[1] + 0.1)], MARK, dashed=True)
    sheet.span(s.px(*shoulder), s.px(bar[0], shoulder[1]), label, -26.0)


def _lost(sheet: Sheet, s: Shown, label: str) -> None:
    hip, now, was = s.at.hip[0], float(trunk_deg(s.at)[0]), float(trunk_deg(_at_set(s.rep))[0])
    far = 0.62 * np.array([np.cos(np.radians(was)), np.sin(np.radians(was))])
    sheet.line([s.px(*hip), s.px(*(hip + far))], MARK, dashed=True)
    sheet.angle(s.px(*hip), now, was, 62.0, label)


def _forward(sheet: Sheet, s: Shown, label: str) -> None:
    began, bar = s.rep.way.bar[s.rep.start], s.at.bar[0]
    sheet.line([s.px(began[0], -0.05), s.px(began[0], s.rep.rom_m + 0.05)], MARK, dashed=True)
    sheet.span(s.px(began[0], bar[1]), s.px(*bar), label, 30.0)


def _loop(sheet: Sheet, s: Shown, label: str) -> None:
    """The chord between 30 and 65 % of the range, and the bar ahead of it."""
    low, high = (s.rep.way.bar[s.rep.first(share * s.rep.rom_m)] for share in (0.30, 0.65))
    sheet.line([s.px(*low), s.px(*high)], MARK, dashed=True)
    chord_x = float(line_x_m(low[None], high[None], s.at.bar[:, 1])[0])
    sheet.span(s.px(chord_x, s.at.bar[0, 1]), s.px(*s.at.bar[0]), label, 30.0)


def _leg_gap(sheet: Sheet, s: Shown, label: str) -> None:
    """The line of the thigh, and where the bar is from it."""
    sheet.line([s.px(*s.at.knee[0]), s.px(*s.at.hip[0])], MARK, dashed=True)
    leg_x = float(line_x_m(s.at.knee, s.at.hip, s.at.bar[:, 1])[0])
    sheet.span(s.px(leg_x, s.at.bar[0, 1]), s.px(*s.at.bar[0]), f"gap, {label} more", 30.0)


def _behind_line(at: Motion) -> tuple[FloatArray, float]:
    """Return the direction out of the back, and how far along it the mid-back sticker is, m."""
    along = at.shoulder[0] - at.hip[0]
    behind = np.array([-along[1], along[0]]) / float(np.hypot(*along))
    return behind, float((at.mid_back[0] - at.hip[0]) @ behind)


def _back(s: Shown) -> list[FloatArray]:
    """Return hip, the middle of the back and shoulder: straight unless it is rounded.

    The sticker sits on the surface, so far behind the line as the trunk is thick.
    """
    _, thick_m = _behind_line(s.rep.standing)
    behind, _ = _behind_line(s.at)
    return [s.at.hip[0], s.at.mid_back[0] - thick_m * behind, s.at.shoulder[0]]


def _bend(sheet: Sheet, s: Shown, label: str) -> None:
    hip, middle, shoulder = _back(s)
    sheet.line([s.px(*hip), s.px(*shoulder)], MARK, dashed=True)
    sheet.line([s.px(*p) for p in (hip, middle, shoulder)], MARK)
    sheet.note(s.px(*(middle + np.array([-0.16, 0.10]))), f"{label} more")


def _lean(sheet: Sheet, s: Shown, label: str) -> None:
    crest, stood = s.at.crest[0], s.rep.standing
    upright = stood.shoulder[0] - stood.crest[0]
    sheet.line([s.px(*crest), s.px(*(crest + 1.3 * upright))], MARK, dashed=True)
    sheet.note(s.px(*(s.at.shoulder[0] + np.array([-0.17, 0.02]))), label)


def _short(sheet: Sheet, s: Shown, label: str) -> None:
    usual_m, bar = s.rep.body.rom_m, s.at.bar[0]
    sheet.line([s.px(-0.30, usual_m), s.px(0.42, usual_m)], MARK, dashed=True)
    sheet.span(s.px(bar[0] + 0.27, usual_m), s.px(bar[0] + 0.27, bar[1]), label, 12.0)


MARKS: Final[dict[str, Callable[[Sheet, Shown, str], None]]] = {
    "setup_gap": _gap,
    "elbows_to_knees": _arms,
    "bar_rolled": _rolled,
    "hips_high_start": _trunk,
    "hips_low_start": _behind,
    "hips_shoot_up": _lost,
    "bar_forward": _forward,
    "bar_leaves_legs": _leg_gap,
    "knee_loop": _loop,
    "rounding": _bend,
    "lean_back": _lean,
    "short_lockout": _short,
}
"""Those that show on the lifter; the others show in a curve."""


# --- the sheet ----------------------------------------


def value_text(value: float, unit: str) -> str:
    """Return a value as people say it."""
    if unit == "m":
        return f"{1000.0 * value:.0f} mm"
    if unit == "deg":
        return f"{value:.0f}°"
    if unit == "ratio":
        return f"{100.0 * value:.0f} %"
    return f"{value:.0f} {unit}" if unit == "stops" else f"{value:.2g} {unit}".replace("s2", "s²")


def draw(card: Card) -> str:
    """Draw one fault."""
    curve = CURVES.get(card.code)
    sheet = Sheet(WIDTH + (CHART_W if curve else 0), HEIGHT, card.title)
    sheet.line([(10.0, FLOOR_AT), (WIDTH - 10.0, FLOOR_AT)], GOOD)
    good, bad = repetition(card.code, None), repetition(card.code, SIZES[card.code])
    value = rep_measures(bad.timeline, bad.number)[card.code]
    assert value is not None  # noqa: S101  (the fault was asked for)
    label = value_text(value, card.unit)
    for rep, colour, at_px in ((good, GOOD, GOOD_AT), (bad, BAD, BAD_AT)):
        shown = Shown(rep, MOMENTS[card.code](rep), colour, at_px)
        _lifter(sheet, card.code, shown)
        if rep is bad and card.code in MARKS:
            MARKS[card.code](sheet, shown, label)
    sheet.words((GOOD_AT, 24.0), "good", GOOD)
    sheet.words((BAD_AT, 24.0), f"{card.title}: {label}", BAD)
    if curve:
        box = (WIDTH + 50.0, 50.0, CHART_W - 70.0, HEIGHT - 110.0)
        points = curve.points(bad)
        marked = None if card.code in MARKS else label
        names = (curve.across, curve.up)
        sheet.chart(box, names, curve.points(good), points, (curve.mark(points), marked))
    return sheet.text()


def _lifter(sheet: Sheet, code: str, s: Shown) -> None:
    at, stands = s.at, code == "setup_gap"
    bar = s.rep.before.bar[-1] if stands else at.bar[0]
    sheet.circle(s.px(*bar), SCALE * PLATE_M, GOOD, filled=True)
    ankle, knee, hip, shoulder = at.ankle[0], at.knee[0], at.hip[0], at.shoulder[0]
    toe = (float(ankle[0]) + 0.16, FLOOR_M + 0.01)
    heel = (float(ankle[0]) - 0.06, FLOOR_M + 0.01)
    sheet.line([s.px(*p) for p in (heel, toe, ankle, heel)], s.colour)
    sheet.line([s.px(*p) for p in (ankle, knee, hip)], s.colour, 5.0)
    sheet.line([s.px(*p) for p in _back(s)], s.colour, 5.0, smooth=True)
    hand = shoulder + np.array([0.02, -0.62]) if stands else at.bar[0]
    sheet.line([s.px(*shoulder), s.px(*hand)], s.colour, 3.0)
    along = (shoulder - hip) / float(np.hypot(*(shoulder - hip)))
    sheet.circle(s.px(*(shoulder + 0.19 * along)), SCALE * 0.095, s.colour)
    if code in CURVES and CURVES[code].up == "height, cm" and CURVES[code].across != TIME:
        rows = slice(s.rep.start, s.rep.lockout + 1, 20)
        sheet.line([s.px(*p) for p in s.rep.way.bar[rows]], s.colour, 2.0)
    sheet.dot(s.px(*bar), s.colour)


def main(folder: Path) -> None:
    """Write all drawings."""
    folder.mkdir(parents=True, exist_ok=True)
    for card in CARDS:
        (folder / f"{card.code}.svg").write_text(draw(card), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
