"""Thousands of random mounts with known truth: what a calibration is worth, and what it lets pass.

``python -m shinline_cal.rigging.mounts`` prints the table of docs/rig.md. Drift and ROM of a lift
are measured before (a camera taken as level and square) and after, and compared with the stated
standard deviation. With ``--bad`` each mount has one trouble.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import hypot, radians
from typing import Final

import numpy as np

from shinline.geometry.plane import Plane, plane_at
from shinline.types import FloatArray
from shinline_cal.rigging import checks, steps, still, world
from shinline_cal.rigging.evidence import ObservationError, Place
from shinline_cal.rigging.measures import beside_axis_m
from shinline_cal.rigging.optics import camera, on_plane, placed
from shinline_cal.rigging.solve import Solution, solve
from shinline_cal.rigging.steps import Lift, Trouble
from shinline_cal.rigging.vertical import lens_of

DEPTH_SD_M: Final = 0.0032
"""So much nearer or farther is the bar's end at the top than on the floor."""

POINT_SD_M: Final = 0.0001
TURN_SD: Final = radians(5.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One mount: what it was, whether it was accepted, and by how much the lift was off.

    ``flagged``: drift is not assessed; ``unmeasured``: said to rest on the typed size alone.
    """

    lens: str
    file: str
    trouble: str
    refused: str
    flagged: bool
    unmeasured: bool
    roll_sd_deg: float
    drift_before_m: float
    rom_before_m: float
    drift_off_m: float
    drift_sd_m: float
    rom_off_m: float
    rom_sd_m: float
    vertical_off_deg: float
    failed: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether a wrong drift got through: off by more than three stated sds, and not marked."""
        wrong = abs(self.drift_off_m) > 3.0 * self.drift_sd_m
        return wrong and not self.refused and not self.flagged and not self.unmeasured


def troubles(rng: np.random.Generator) -> Iterator[Trouble]:
    """Yield one of each kind, its size drawn anew."""
    sign = float(rng.choice([-1.0, 1.0]))
    yield Trouble("string touches", touches_deg=sign * float(rng.uniform(0.3, 3.0)))
    yield Trouble("steady draught", draught_deg=sign * float(rng.uniform(0.1, 0.5)))
    knock = rng.uniform(-1.5, 1.5, 3)
    yield Trouble("camera knocked", knocked_deg=(float(knock[0]), float(knock[1]), float(knock[2])))
    yield Trouble("sheet at 97 %", printed=0.97)
    yield Trouble("plate of 440", plate_m=0.44)
    yield Trouble("marker size typed wrong", typed=float(rng.choice([0.75, 1.25, 1.5])))
    yield Trouble("lens refocused", refocused=float(rng.choice([0.93, 1.07])))
    yield Trouble("file of another lens", other_lens="other")
    yield Trouble("marker 15 mm off the axis", off_axis_m=0.015)
    yield Trouble("second plate", second_plate=True)
    yield Trouble("mirrored", mirrored=True)
    yield Trouble("top to bottom", flipped=True)
    yield Trouble("on its side", turned_deg=90.0)
    yield Trouble("upside down", turned_deg=180.0)


def run(seed: int, index: int, trouble: Trouble | None = None) -> Outcome:
    """Calibrate one mount and measure one lift; equal arguments give equal outcomes."""
    rng = np.random.default_rng([seed, index])
    name = tuple(world.LENSES)[index % len(world.LENSES)]
    file = tuple(steps.FILES)[(index // len(world.LENSES)) % len(steps.FILES)]
    mount = world.draw_mount(rng, name)
    wrong = trouble or Trouble()
    if wrong.other_lens:
        others = [each for each in world.LENSES if each != name]
        wrong = Trouble(wrong.name, other_lens=str(rng.choice(others)))
    if wrong.turned_deg:
        mount = world.turned(mount, wrong.turned_deg)
    try:
        evidence, session = steps.calibrate(mount, rng, wrong, file)
        solution = solve(evidence)
        found = checks.check(evidence, solution)
    except ObservationError as problem:
        return _refused(name, file, wrong, f"{problem}")
    lift = steps.lift(session)
    bar = still.place(lift.rest)
    failed = tuple(c.code for c in found if c.ok is False)
    reasons = [c.code for c in found if c.refuses and c.ok is False]
    drift, rom = _measured(_plane(solution, bar), lift, bar, wrong.mirrored)
    drift0, rom0 = _measured(_similarity(solution, bar), lift, bar, wrong.mirrored)
    drift_sd, rom_sd = stated(solution, lift, bar)
    true = _extreme(lift.x_m, lift.x_m)
    return Outcome(
        lens=name,
        file=file,
        trouble=wrong.name,
        refused=reasons[0] if reasons else "",
        flagged=solution.roll_sd_deg > checks.MOST_ROLL_SD_DEG,
        unmeasured="metre" in failed,
        roll_sd_deg=solution.roll_sd_deg,
        drift_before_m=drift0 - true,
        rom_before_m=rom0 - float(lift.y_m[-1]),
        drift_off_m=drift - true,
        drift_sd_m=drift_sd,
        rom_off_m=rom - float(lift.y_m[-1]),
        rom_sd_m=rom_sd,
        vertical_off_deg=_vertical_off(mount, solution),
        failed=failed,
    )


def _refused(name: str, file: str, wrong: Trouble, why: str) -> Outcome:
    no = float("nan")
    return Outcome(name, file, wrong.name, why, False, False, no, no, no, no, no, no, no, no)


def _plane(solution: Solution, bar: Place) -> Plane:
    radius_m = 0.5 * solution.evidence.marker_diameter_m
    return plane_at(solution.view, bar.x_px, bar.y_px, bar.r_px, radius_m)


def _similarity(solution: Solution, bar: Place) -> Plane:
    return Plane(0.5 * solution.evidence.marker_diameter_m / bar.r_px, bar.x_px, bar.y_px)


def _measured(plane: Plane, lift: Lift, bar: Place, mirrored: bool) -> tuple[float, float]:
    """Return drift (toward the side of the true one) and ROM, with the core's own plane."""
    places = np.array(
        [plane.plane_from_image(float(r["x_px"]), float(r["y_px"])) for r in lift.rows]
    )
    x, y = (places - plane.plane_from_image(bar.x_px, bar.y_px)).T
    x = -x if mirrored else x
    return _extreme(x, lift.x_m), float(y[-5:].mean())


def _extreme(x: FloatArray, true: FloatArray) -> float:
    """Return how far it goes to the side to which the true path goes farther."""
    return float(x.max()) if true.max() >= -true.min() else float(x.min())


def stated(solution: Solution, lift: Lift, bar: Place) -> tuple[float, float]:
    """Return the standard deviations of drift and ROM as the calibration states them."""
    evidence = solution.evidence
    radius_m = 0.5 * evidence.marker_diameter_m
    lens = lens_of(evidence)
    pixels = np.column_stack([lift.rows["x_px"], lift.rows["y_px"]])
    ends = pixels[[int(np.argmax(np.abs(lift.x_m))), -1]]

    def metres(values: FloatArray) -> FloatArray:
        see = camera(lens, values)
        here = placed(see, bar.x_px, bar.y_px, bar.r_px, radius_m)
        return on_plane(see, here, ends)

    usual = metres(solution.values)
    by_way = np.array([metres(solution.values + np.array(w)) - usual for w in solution.spread])
    drift_way = float(np.sqrt((by_way[:, 0, 0] ** 2).sum()))
    rom_way = float(np.sqrt((by_way[:, 1, 1] ** 2).sum()))
    drift, rom = abs(float(usual[0, 0])), float(usual[1, 1])
    see = camera(lens, solution.values)
    here = placed(see, bar.x_px, bar.y_px, bar.r_px, radius_m)
    top = here + usual[1, 0] * see.right + usual[1, 1] * see.up
    slants = [(top @ axis) / (top @ see.out) for axis in (see.right, see.up)]
    reached = float(usual[0, 1]) / rom
    scale = hypot(solution.scale_rel_sd, bar.r_rel_sd)
    turned = max(steps.OFF_AXIS_M, beside_axis_m(solution)) * TURN_SD
    deep = DEPTH_SD_M * reached
    return (
        float(
            np.linalg.norm(
                [drift_way, scale * drift, slants[0] * deep, POINT_SD_M, turned * reached]
            )
        ),
        float(np.linalg.norm([rom_way, scale * rom, slants[1] * DEPTH_SD_M, POINT_SD_M, turned])),
    )


def _vertical_off(mount: world.Mount, solution: Solution) -> float:
    """Return by how much the vertical at the bar's place is off, degrees on the lifting plane."""
    ends = mount.pixels(np.array([[0.0, 0.0, 0.0], [0.0, 0.55, 0.0]]))
    rest = solution.evidence.rests[-1]
    see = camera(lens_of(solution.evidence), solution.values)
    here = placed(see, rest.x_px, rest.y_px, rest.r_px, 1.0)
    low, high = on_plane(see, here, ends)
    return float(np.degrees(np.arctan2(high[0] - low[0], high[1] - low[1])))


def summary(outcomes: list[Outcome]) -> dict[str, float]:
    """Return the figures of mounts on which nothing was done wrong."""
    taken = [o for o in outcomes if not o.refused and not o.flagged]
    drift = np.array([(o.drift_off_m, o.drift_sd_m, o.drift_before_m) for o in taken])
    rom = np.array([(o.rom_off_m, o.rom_sd_m, o.rom_before_m) for o in taken])
    vertical = np.array([(o.vertical_off_deg, o.roll_sd_deg) for o in taken])
    n = len(outcomes)
    return {
        "mounts": n,
        "refused": sum(bool(o.refused) for o in outcomes) / n,
        "marked: vertical": sum(o.flagged and not o.refused for o in outcomes) / n,
        "marked: metre": sum(o.unmeasured and not o.refused for o in outcomes) / n,
        "missed": sum(o.missed for o in outcomes),
        "drift before, RMS mm": 1000 * _rms(drift[:, 2]),
        "drift after, RMS mm": 1000 * _rms(drift[:, 0]),
        "drift stated, RMS mm": 1000 * _rms(drift[:, 1]),
        "drift within 1 sd": _within(drift, 1.0),
        "drift within 2 sd": _within(drift, 2.0),
        "ROM before, RMS mm": 1000 * _rms(rom[:, 2]),
        "ROM after, RMS mm": 1000 * _rms(rom[:, 0]),
        "ROM stated, RMS mm": 1000 * _rms(rom[:, 1]),
        "ROM within 1 sd": _within(rom, 1.0),
        "ROM within 2 sd": _within(rom, 2.0),
        "vertical, RMS deg": _rms(vertical[:, 0]),
        "vertical within 1 sd": _within(vertical, 1.0),
        "vertical within 2 sd": _within(vertical, 2.0),
    }


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _within(pairs: FloatArray, sds: float) -> float:
    return float(np.mean(np.abs(pairs[:, 0]) <= sds * pairs[:, 1]))


def by_trouble(outcomes: list[Outcome]) -> dict[str, dict[str, float]]:
    """Return, for each trouble, how often it was refused or flagged, and what got through."""
    table = {}
    for name in dict.fromkeys(o.trouble for o in outcomes):
        mine = [o for o in outcomes if o.trouble == name]
        wrong = [o for o in mine if abs(o.drift_off_m) > 3.0 * o.drift_sd_m]
        table[name] = {
            "mounts": len(mine),
            "refused": sum(bool(o.refused) for o in mine) / len(mine),
            "marked": sum((o.flagged or o.unmeasured) and not o.refused for o in mine) / len(mine),
            "wrong": len(wrong),
            "missed": sum(o.missed for o in mine),
        }
    return table


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mounts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bad", action="store_true", help="one trouble on each mount")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.bad:
        outcomes = []
        for i in range(asked.mounts):
            kinds = list(troubles(np.random.default_rng([asked.seed, i, 1])))
            outcomes.append(run(asked.seed, i, kinds[i % len(kinds)]))
        table: dict[str, object] = dict(by_trouble(outcomes))
    else:
        outcomes = [run(asked.seed, i) for i in range(asked.mounts)]
        table = dict(summary(outcomes))
    if asked.json:
        print(json.dumps({"table": table, "mounts": [asdict(o) for o in outcomes]}))
        return
    for name, value in table.items():
        print(f"{name:28}", value if isinstance(value, dict) else f"{value:.3f}")


if __name__ == "__main__":
    main()
