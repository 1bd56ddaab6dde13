"""Measured lifts before simulated cameras, stickers and all: ``python tests/e2e/mocap_hips.py``.

The Vicon trials have both ends of the bar and the height of the sacrum: a hip sticker goes there.
How far behind the bar it is they do not say, and they have no shoulder: both are made up here, the
shoulder at the end of a trunk of constant length that follows a known programme of angles. What is
compared of them is the hip's rise, which was measured, and the programme's loss of angle. The few
knots do not tell whether the lifter held still before the pull: time stands still there for a
while, so that there is a set position to count from. The gym's sticker-tracked sets have the bar
alone. Every reference is computed from the numbers with SciPy.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from math import atan2, degrees
from pathlib import Path

import numpy as np
from mocap_paths import (
    MOCAP,
    STICKERS,
    STILL_S,
    STOP_S,
    VICON,
    Measured,
    below_cutoff,
    gym_set,
    true_reps,
    vicon_ends,
)
from rich.console import Console
from rich.table import Table
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from shinline.app.bench.faults.filming import Film, Subject, camera_setup, film
from shinline.app.bench.faults.ranges import JUDGING, Dice
from shinline.app.bench.faults.score import Said, run
from shinline.app.bench.lifts.motion import TrueRep
from shinline.config import Lift, Lifter
from shinline.sim.body import PLATE_RADIUS_M
from shinline.sim.camera import place_camera
from shinline.sim.scenario import MarkerSetup
from shinline.types import NS_PER_S, BoolArray, Facing, FloatArray, Rep, RepKind, Role, Rows

FILMS = 20
BAR_END_M, HIP_END_M, SHOULDER_END_M = 0.77, 0.20, 0.27
"""How far toward the camera the stickers are from the middle of the lifter."""

BEHIND_M = {"sumo": (0.36, 0.06), "conventional": (0.44, 0.08)}
"""How far the hip is behind the bar's rest, at the set position and at the top: made up."""

TRUNK_M = 0.48
SET_DEG, TOP_DEG = 32.0, 88.0
DROPS_DEG = (0.0, 4.0, 8.0)
"""How much of its angle the trunk loses in the first part of the pull."""

LOST_BY_M, BACK_FROM_M = 0.10, 0.14
EARLY_M, EARLY_SHARE = 0.120, 0.25
QUIET_S, QUIET_MPS = 0.2, 0.05
PAUSE_S, EASE_S = 0.5, 0.4
"""How long time stands still before the pull, and how long it takes to stop and to start again."""

DENSE_S = 0.001
WIDTH = 110
VICON_CAPTION = (
    "Cameras of the judging half: 3-6 m away, up to 15 deg aside, calibrated with errors of the "
    "size they tell. Hip height measured; its distance behind the bar, the shoulder (trunk of 0.48 "
    "m, losing 0, 4 or 8 deg) and the standstill before the pull made up. Four pulls."
)
GYM_CAPTION = "The bar alone, 9 pulls; nothing is known of the lifters' hips."
NEAR_S = 0.5


@dataclass(frozen=True)
class Lifted:
    """A bar's path, and with it a hip and a shoulder where there are any (n, 2 at instants)."""

    bar: Measured
    facing: Facing
    hip: Callable[[FloatArray], FloatArray] | None = None
    shoulder: Callable[[FloatArray], FloatArray] | None = None
    drop_deg: float = 0.0


@dataclass
class Errors:
    """Errors by name: millimetres, degrees, m/s."""

    true: int = 0
    found: int = 0
    invented: int = 0
    asked: int = 0
    off: dict[str, list[float]] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many repetitions had hip numbers."""
        return len(self.off.get("hip rise, mm", ()))

    def note(self, name: str, value: float | None, true: float) -> None:
        """Add an error; nothing where there is no value."""
        if value is not None:
            self.off.setdefault(name, []).append(value - true)


def vicon_lifts(folder: Path = MOCAP) -> list[Lifted]:
    """Return both ends of both trials, each with every programme of the trunk."""
    trials = json.loads((folder / f"{VICON}.json").read_text(encoding="utf-8"))
    found = []
    for straight in vicon_ends(folder):
        name, side = straight.name.split(", ")
        pause = _pause(straight)
        curve = partial(_paused, straight.curve, pause)
        duration_s = straight.duration_s + PAUSE_S + EASE_S
        end = replace(straight, curve=curve, duration_s=duration_s,
                      reps=true_reps(curve, duration_s))  # fmt: skip
        sacrum = _sacrum(trials[name]["knots"], side, BEHIND_M[name.split("_")[0]])
        hip = partial(_paused, sacrum, pause)
        facing = Facing.LEFT if side == "left" else Facing.RIGHT
        found += [
            Lifted(end, facing, hip, partial(_shoulder, end, hip, drop_deg), drop_deg)
            for drop_deg in DROPS_DEG
        ]
    return found


Warp = Callable[[FloatArray], FloatArray]


def _pause(bar: Measured) -> Warp:
    """Return a time that slows down to a standstill, just before the bar moves, and speeds up."""
    t_s = np.arange(0.0, bar.reps[0].start_s, DENSE_S)
    lies = np.flatnonzero(np.abs(bar.curve(t_s)[2]) < 1e-3)
    until_s = float(t_s[lies[-1]])  # when it lay for the last time
    rates = PchipInterpolator(
        [-1e3, until_s - EASE_S / 2, until_s + EASE_S / 2, until_s + EASE_S / 2 + PAUSE_S,
         until_s + 1.5 * EASE_S + PAUSE_S, 1e3],
        [1.0, 1.0, 0.0, 0.0, 1.0, 1.0],
    )  # fmt: skip
    passed = rates.antiderivative()
    zero = passed(0.0)
    return lambda at_s: np.asarray(passed(at_s) - zero)


def _paused(path: Callable[[FloatArray], FloatArray], warp: Warp, at_s: FloatArray) -> FloatArray:
    """Return a path in that time; a third row is a speed and slows down with it."""
    values = path(warp(at_s))
    if values.shape[0] == 3 and values.ndim == 2 and values.shape[1] == len(at_s):
        values[2] *= (warp(at_s + DENSE_S) - warp(at_s - DENSE_S)) / (2.0 * DENSE_S)
    return values


def _sacrum(
    knots: list[dict[str, float]], side: str, behind_m: tuple[float, float]
) -> Callable[[FloatArray], FloatArray]:
    """Return the hip's x and y (n, 2), from the bar's rest: its height a cubic through the knots.

    It is still before the first knot and after the last, with the same ramps as the bar's.
    """
    pairs = np.array([[k["t_s"], 1e-3 * k["sacrum_height_mm"]] for k in knots]).reshape(-1, 2, 2)
    floor_m = 1e-3 * np.mean([k[f"{side}_end_height_mm"] for k in knots[:2]])
    mean, step = pairs.mean(axis=1), np.diff(pairs, axis=1)[:, 0]
    t_s, height_m, speed = mean[:, 0], mean[:, 1] - floor_m, step[:, 1] / step[:, 0]
    start_m = height_m[0] - speed[0] * STOP_S / 3.0
    stop_m = height_m[-1] + speed[-1] * STOP_S / 3.0
    end_s = t_s[-1] + STOP_S
    times = np.r_[t_s[0] - STILL_S, t_s[0] - STOP_S, t_s, end_s, end_s + STILL_S]
    heights = np.r_[start_m, start_m, height_m, stop_m, stop_m]
    path = CubicHermiteSpline(times - times[0], heights, np.r_[0.0, 0.0, speed, 0.0, 0.0])
    far, near = behind_m

    def hip(at_s: FloatArray) -> FloatArray:
        y_m = path(np.clip(at_s, 0.0, times[-1] - times[0]))
        up = np.clip((y_m - start_m) / (stop_m - start_m), 0.0, 1.0)
        return np.stack([-far + (far - near) * up, y_m], axis=1)

    return hip


def trunk_deg(rise_m: FloatArray, rom_m: float, drop_deg: float) -> FloatArray:
    """Return the programme of the trunk's angle over the bar's rise."""
    lost = _smooth(rise_m / LOST_BY_M)
    straightened = _smooth((rise_m - BACK_FROM_M) / (0.95 * rom_m - BACK_FROM_M))
    return np.asarray(SET_DEG - drop_deg * lost + (TOP_DEG - SET_DEG + drop_deg) * straightened)


def _smooth(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * x * (10.0 + x * (6.0 * x - 15.0)))


def _shoulder(
    bar: Measured, hip: Callable[[FloatArray], FloatArray], drop_deg: float, at_s: FloatArray
) -> FloatArray:
    rise_m = bar.at(at_s)[1]
    angle = np.radians(trunk_deg(rise_m, bar.reps[0].rom_m, drop_deg))
    return hip(at_s) + TRUNK_M * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def gym_lifts(folder: Path = MOCAP) -> list[Lifted]:
    """Return the sets that were tracked by stickers, below the trembling of their tracker."""
    return [Lifted(below_cutoff(gym_set(name, folder)), Facing.RIGHT) for name in STICKERS]


def look(lifted: Lifted, seed: tuple[int, ...]) -> tuple[Film, Said]:
    """Film a lift with a calibrated camera somewhere, and feed it to the product."""
    r, dice = (
        replace(JUDGING, uncalibrated=0.0, hidden_share=0.0),
        Dice(np.random.default_rng(seed)),
    )
    bar = lifted.bar
    rom_m = bar.reps[0].rom_m
    setup = camera_setup(r, dice, rom_m)
    aim = np.array([0.0, 0.5 * rom_m, BAR_END_M])
    rise_m = aim[1] + PLATE_RADIUS_M - setup.height_m
    t_s = np.arange(0.0, bar.duration_s, 1.0 / setup.rate_hz)
    subject = Subject(
        camera=place_camera(setup, lifted.facing, aim, -PLATE_RADIUS_M),
        setup=setup,
        pitch_deg=setup.pitch_deg + degrees(atan2(rise_m, setup.distance_m)),
        markers=MarkerSetup(body_diameter_m=0.05),
        facing=lifted.facing,
        t_s=t_s,
        stamps_ns=np.round(t_s * NS_PER_S).astype(np.int64),
        places=partial(_places, lifted),
        visible=partial(_visible, bar, t_s),
    )
    filmed = film(subject, r, dice, dice, Lifter(), Lift())
    return filmed, run(filmed)


def _places(lifted: Lifted, t_s: FloatArray) -> dict[Role, FloatArray]:
    x_m, y_m = lifted.bar.at(t_s)[:2]
    found = {Role.BAR: np.stack([x_m, y_m, np.full_like(x_m, BAR_END_M)], axis=1)}
    for role, path, z_m in ((Role.HIP, lifted.hip, HIP_END_M),
                            (Role.SHOULDER, lifted.shoulder, SHOULDER_END_M)):  # fmt: skip
        if path is not None:
            found[role] = np.column_stack([path(t_s), np.full_like(x_m, z_m)])
    return found


def _visible(
    bar: Measured, t_s: FloatArray, role: Role, _centres: FloatArray, _radius_m: float
) -> BoolArray:
    """Nothing is in front of a sticker but where the tracker itself lost the bar."""
    seen = np.ones(len(t_s), bool)
    for since_s, until_s in bar.hidden:
        seen &= (t_s < since_s) | (t_s >= until_s) | (role is not Role.BAR)
    return seen


def compare(lifts: list[Lifted], films: int = FILMS) -> Errors:
    """Film each lift so many times and compare what is said with the numbers."""
    errors = Errors()
    for number, lifted in enumerate(lifts):
        for seed in range(films):
            filmed, said = look(lifted, (number, seed))
            found = [e for e in said.reps if e.kind is RepKind.END and e.rep and e.rep.valid]
            errors.true += len(lifted.bar.reps)
            for true in lifted.bar.reps:
                here = [
                    e
                    for e in found
                    if e.rep and abs(_lockout_s(e.rep, filmed) - true.lockout_s) < NEAR_S
                ]
                errors.found += len(here) == 1
                if len(here) == 1 and here[0].rep and here[0].path is not None:
                    found.remove(here[0])
                    _note(errors, lifted, true, here[0].rep, filmed, here[0].path)
            errors.invented += len(found)
    return errors


def _lockout_s(rep: Rep, filmed: Film) -> float:
    return rep.lockout_ns / NS_PER_S - filmed.zero_s


def _note(
    errors: Errors, lifted: Lifted, true: TrueRep, rep: Rep, filmed: Film, path: Rows
) -> None:
    """Add the errors of one repetition."""
    errors.note("ROM, mm", 1e3 * rep.rom_m, 1e3 * true.rom_m)
    errors.note("mean velocity, mm/s", _thousand(rep.mean_velocity_mps),
                1e3 * true.mean_velocity_mps)  # fmt: skip
    errors.note("drift forward, mm", _thousand(rep.drift_forward_m), 1e3 * true.drift_forward_m)
    errors.note("drift backward, mm", _thousand(rep.drift_backward_m), 1e3 * true.drift_backward_m)
    t_s = path["t_ns"] / NS_PER_S - filmed.zero_s
    pull = (t_s >= true.start_s) & (t_s <= true.lockout_s) & ~path["coasting"]
    x_m, y_m = lifted.bar.at(t_s[pull])[:2]
    start_m = lifted.bar.at(np.array([true.start_s]))[:2, 0]
    for name, seen, real, zero in (("x", path["x_m"], x_m, start_m[0]),
                                   ("y", path["y_m"], y_m, start_m[1])):  # fmt: skip
        off = (seen[pull] - np.interp(true.start_s, t_s, seen)) - (real - zero)
        errors.off.setdefault(f"bar path {name}, mm", []).extend(1e3 * off[::10])
    if lifted.hip is None or lifted.shoulder is None:
        return
    rise_m, drop_deg = reference(lifted, true)
    errors.asked += 1
    if rep.hip is not None:
        errors.note("hip rise, mm", 1e3 * rep.hip.hip_rise_m, 1e3 * rise_m)
        errors.note("trunk drop, deg", rep.hip.trunk_drop_deg, drop_deg)


def _thousand(value: float | None) -> float | None:
    return None if value is None else 1e3 * value


def reference(lifted: Lifted, true: TrueRep) -> tuple[float, float]:
    """Return the hip's rise (m) from the set position until the bar is up EARLY_M, and what the
    trunk has lost of its angle (degrees) by then.
    """
    assert lifted.hip is not None and lifted.shoulder is not None
    t_s = np.arange(0.0, true.lockout_s, DENSE_S)
    hip, shoulder = lifted.hip(t_s), lifted.shoulder(t_s)
    rise_m = lifted.bar.at(t_s)[1] - float(np.interp(true.start_s, t_s, lifted.bar.at(t_s)[1]))
    early = int(np.argmax((rise_m >= min(EARLY_M, EARLY_SHARE * true.rom_m))
                          & (t_s > true.start_s)))  # fmt: skip
    speed = np.max([np.hypot(*np.gradient(p, DENSE_S, axis=0).T) for p in (hip, shoulder)], axis=0)
    calm = np.convolve(speed < QUIET_MPS, np.ones(round(QUIET_S / DENSE_S)), "valid")
    last = int(np.flatnonzero((calm >= round(QUIET_S / DENSE_S) - 0.5)
                              & (t_s[: len(calm)] + QUIET_S <= true.start_s))[-1])  # fmt: skip
    quiet = slice(last, last + round(QUIET_S / DENSE_S))
    angle = np.degrees(np.arctan2(*(shoulder - hip)[:, ::-1].T))
    drop_deg = float(angle[quiet].mean() - angle[quiet.stop : early + 1].min())
    return float(hip[early, 1] - hip[quiet, 1].mean()), max(0.0, drop_deg)


def table(title: str, caption: str, errors: Errors) -> Table:
    """Return mean error and limits of agreement of each quantity."""
    reps = f"{errors.found} of {errors.true} repetitions, {errors.invented} invented"
    hips = f"; hips judged in {errors.judged} of {errors.asked}" if errors.asked else ""
    out = Table(title=f"{title}: {reps}{hips}", title_justify="left", caption=caption,
                caption_justify="left", width=WIDTH)  # fmt: skip
    for name in ("number", "n", "mean error", "limits of agreement", "worst"):
        out.add_column(name, justify="left" if name == "number" else "right")
    for name, values in errors.off.items():
        off = np.array(values)
        low, high = agreement(off)
        worst = off[np.argmax(np.abs(off))]
        out.add_row(name, str(len(off)), f"{off.mean():+.2f}", f"{low:+.2f} .. {high:+.2f}",
                    f"{worst:+.2f}")  # fmt: skip
    return out


def agreement(off: FloatArray) -> tuple[float, float]:
    """Return between what 95 % of the errors would lie if they were normal."""
    half = 1.96 * float(np.std(off, ddof=1)) if len(off) > 1 else float("nan")
    return float(off.mean()) - half, float(off.mean()) + half


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=MOCAP, metavar="FOLDER")
    parser.add_argument("--films", type=int, default=FILMS, help="of each lift")
    asked = parser.parse_args()
    files = [*(f"{name}.csv" for name in STICKERS), f"{VICON}.json"]
    missing = [name for name in files if not (asked.folder / name).is_file()]
    if missing:
        parser.error(f"expected in {asked.folder}: {', '.join(files)}; not there: {missing}")
    console = Console(width=WIDTH)
    for title, caption, lifts in (
        ("Vicon, both ends of two trials", VICON_CAPTION, vicon_lifts(asked.folder)),
        ("Sets tracked in a gym, below 6 Hz", GYM_CAPTION, gym_lifts(asked.folder)),
    ):
        console.print(table(title, caption, compare(lifts, asked.films)), "")


if __name__ == "__main__":
    main()
