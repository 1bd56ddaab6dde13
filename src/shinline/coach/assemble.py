"""Put a finished rep together from its smoothed paths: numbers, faults, what is not assessed."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from shinline.coach.body import Body, quiet
from shinline.coach.bounds import REST_SPEED_MPS, Bounds, find_bounds, so_far
from shinline.coach.faults.bar_forward import LEVEL_SD_DEG
from shinline.coach.faults.card import Evidence, When
from shinline.coach.faults.table import judge_all, judge_at
from shinline.coach.hips import measure_hips
from shinline.coach.legs import Legs, learn
from shinline.coach.lifts import LIFTS, Lift
from shinline.coach.numbers import Numbers, measure
from shinline.coach.outline import Sighting, measure_sightings
from shinline.coach.past import Past
from shinline.config import Config
from shinline.geometry.doubt import doubt, ways
from shinline.geometry.plane import Plane
from shinline.steps import Steps
from shinline.types import (
    NS_PER_S,
    BoolArray,
    FaultVerdict,
    HipNumbers,
    Plan,
    Rep,
    RepStyle,
    Role,
    Rows,
)

TOO_FEW: Final = "too few pictures of the lift"
MIN_TRACKED: Final = 0.8
MAX_GAP_S: Final = 0.2
MAX_SPEED_MPS: Final = 2.5
"""No deadlift is pulled faster; a track that says so jumped to something else."""

MAX_ACCELERATION_MPS2: Final = 35.0
"""Nor harder: where it seems so, the camera was knocked. Recorded lifts stay below 9, the most
sudden simulated ones below 18."""

MAX_MEAN_SPEED_MPS: Final = 1.6
"""Faster than any pull from lift-off to lockout: not a bar, or not this bar."""

MAX_SIDEWAYS_M: Final = 0.35
"""A bar that travels so far sideways is carried or rolled, not pulled."""

MOVED_ROLL_DEG: Final = 1.0
"""A camera that moved is level no better than one that was never levelled, whatever it was."""

HANDHELD_ROLL_DEG: Final = 2.5
"""Nobody holds a phone level; how far off is taken as this (one standard deviation)."""

FAILED_SHARE: Final = 0.78
"""A pull that ends below so much of what the set's repetitions rise did not reach lockout ..."""

FAILED_MPS: Final = 0.25
"""... if it was also slow, which a bar that fails is; a faster one is another lifter's ..."""

SAME_ROM_SHARE: Final = 0.06
"""... and so is one that rises as far as a repetition before it, within this."""

MAX_PEAK_SD_MPS: Final = 0.03
"""A peak is the luckiest of many: of a rough track it says more of the noise than of the lift."""

AFTER_A_BLOW: Final = 4
"""A bounced rep begins with a blow, and so many rows see its other side."""

BOUNCE_S: Final = 0.25
TOUCH_S: Final = 0.8
MAYBE_NULL: Final = (
    "mean_velocity_mps",
    "mean_velocity_sd_mps",
    "peak_velocity_mps",
    "peak_acceleration_mps2",
    "time_to_knee_s",
    "concentric_s",
    "eccentric_s",
    "drift_forward_m",
    "drift_backward_m",
    "drift_sd_m",
    "drift_at_knee_m",
    "loop_m",
    "sticking_height_m",
    "floor_time_s",
    "hip",
)


@dataclass(frozen=True, slots=True)
class RepInput:
    """What is known of a rep when it has ended; the three paths are PATH rows at equal times."""

    id: str
    set: int
    number: int
    bottom_ns: int
    floor_ns: int | None
    in_air: bool
    previous_floor_ns: int | None
    facing_known: bool
    bar: Rows
    body: Body
    jumps: BoolArray
    """For each row of ``bar`` whether it lies where no motion leads from the row before."""

    scale_rel_sd: float
    tilt: float
    plane: Plane | None = None
    """How the camera sees the lifting plane."""

    handheld: bool = False
    moved: bool = False
    """Whether the camera no longer stands as it stood when the metres were fixed."""

    lost: bool = False
    """Whether the bar was lost from sight at the top, and never seen to come down."""

    past: Past = field(default_factory=Past)
    lift: Lift = LIFTS["conventional"]
    plan: Plan | None = None
    sightings: dict[str, list[Sighting]] = field(default_factory=dict)
    """What was seen of the lifter without stickers."""


def assemble(given: RepInput, config: Config) -> tuple[Rep, Legs] | str:
    """Compute a rep and what it taught of the lifter's legs, or say in words why there was none."""
    if len(given.bar) < 8:
        return TOO_FEW
    bounds = find_bounds(given.bar, _low(given), given.floor_ns)
    if bounds is None or bounds.lockout_ns <= bounds.start_ns:
        return "the bar did not come up"
    numbers = _numbers(given, bounds, config)
    problem = _implausible(numbers, config) or _failed(numbers, _roms_m(given.past))
    if problem:
        return problem
    evidence = _evidence(given, bounds, numbers, When.FLOOR, config)
    return _rep(given, evidence, config), evidence.legs


def judge_so_far(
    given: RepInput, now: When, expected_rom_m: float, config: Config
) -> Steps[tuple[FaultVerdict, ...]]:
    """Judge what can be decided at a moment of a lift that goes on, and not before; in steps."""
    bounds = so_far(given.bar, _low(given)) if len(given.bar) >= 8 else None
    if bounds is None:
        return ()
    yield
    rom_m = expected_rom_m if now < When.TOP else None
    numbers = _numbers(given, bounds, config, rom_m)
    if _notes(given, bounds, numbers):
        return ()
    yield
    evidence = _evidence(given, bounds, numbers, now, config)
    return judge_at(now, evidence, given.lift.off)


def _low(given: RepInput) -> int:
    low = int(np.searchsorted(given.bar["t_ns"], given.bottom_ns))
    return min(low, len(given.bar) - 1)


def _numbers(
    given: RepInput, bounds: Bounds, config: Config, expected_rom_m: float | None = None
) -> Numbers:
    roll_sd_deg = max(
        config.rig.roll_sd_deg,
        HANDHELD_ROLL_DEG if given.handheld else 0.0,
        MOVED_ROLL_DEG if given.moved else 0.0,
    )
    unsure = None
    if given.plane is not None and given.plane.view is not None:
        unsure = doubt(given.plane, ways(config.rig, config.lens, roll_sd_deg))
    return measure(
        given.bar,
        bounds,
        roll_sd_deg,
        given.scale_rel_sd,
        given.tilt,
        unsure,
        config.rig.off_axis_m,
        expected_rom_m,
    )


def _evidence(
    given: RepInput, bounds: Bounds, numbers: Numbers, now: When, config: Config
) -> Evidence:
    """Gather what the judges may look at."""
    empty = given.bar[:0]
    hip, shoulder = (given.body.paths.get(role, empty) for role in (Role.HIP, Role.SHOULDER))
    if len(hip) and len(shoulder):
        rel_sd = given.body.rel_sd.get(Role.HIP, 0.0)
        hips = measure_hips(given.bar, hip, shoulder, bounds.start_ns, numbers.rom_m, rel_sd)
    elif given.plane is None:
        hips = "hip and shoulder were out of sight"
    else:
        hips = measure_sightings(
            given.sightings, given.bar, bounds.start_ns, numbers.rom_m, given.plane
        )
    floor_time_s = _floor_time_s(given, bounds)
    evidence = Evidence(
        now=now,
        bar=given.bar,
        bounds=bounds,
        rom_m=numbers.rom_m,
        numbers=numbers,
        body=given.body,
        quiet=quiet(given.body, bounds.first),
        hips=hips,
        legs=given.past.legs,
        past=replace(given.past, floor_time_s=floor_time_s),
        facing_known=given.facing_known,
        bounced=given.in_air or (floor_time_s is not None and floor_time_s < TOUCH_S),
        coach=given.lift.coach(config.coach),
    )
    if now < When.TOP or not given.body.paths:
        return evidence
    return replace(evidence, legs=learn(given.body, evidence.standing(), given.past.legs))


def _roms_m(past: Past) -> tuple[float, ...]:
    """What the set's repetitions so far have risen."""
    return tuple(rep.rom_m for rep in past.of_set)


def _implausible(numbers: Numbers, config: Config) -> str:
    """Say why this motion cannot be a deadlift, or nothing."""
    if numbers.rom_m < config.reps.min_rom_m:
        return f"the bar rose {numbers.rom_m:.2f} m; a rep needs {config.reps.min_rom_m:.2f} m"
    if numbers.rom_m > config.reps.max_rom_m:
        return f"the bar rose {numbers.rom_m:.2f} m, more than a deadlift does"
    if numbers.mean_velocity_mps > MAX_MEAN_SPEED_MPS:
        return f"the track rose at {numbers.mean_velocity_mps:.1f} m/s, faster than a bar is lifted"
    if max(numbers.drift_forward_m, numbers.drift_backward_m) > MAX_SIDEWAYS_M:
        return "the bar was carried sideways"
    return ""


def _failed(numbers: Numbers, roms_m: tuple[float, ...]) -> str:
    """Say how far a pull came that was given up, or nothing."""
    usual_m = max(roms_m, default=0.0)
    if numbers.rom_m >= FAILED_SHARE * usual_m or _again(numbers, roms_m):
        return ""
    if numbers.mean_velocity_mps >= FAILED_MPS:
        return ""
    return f"failed: the bar came {numbers.rom_m:.2f} m high, of {usual_m:.2f} m before"


def _again(numbers: Numbers, roms_m: tuple[float, ...]) -> bool:
    """Tell whether a repetition before this one rose as far."""
    return any(abs(numbers.rom_m - rom_m) < SAME_ROM_SHARE * rom_m for rom_m in roms_m)


def _rep(given: RepInput, evidence: Evidence, config: Config) -> Rep:
    bounds, n, hips = evidence.bounds, evidence.numbers, evidence.hips
    notes = _notes(given, bounds, n)
    valid = not notes
    steady = valid and n.peak_velocity_sd_mps <= MAX_PEAK_SD_MPS
    floor_time = evidence.past.floor_time_s
    side = given.facing_known
    values: dict[str, float | HipNumbers | None] = {
        "mean_velocity_mps": n.mean_velocity_mps if valid else None,
        "mean_velocity_sd_mps": n.mean_velocity_sd_mps if valid else None,
        "peak_velocity_mps": n.peak_velocity_mps if steady else None,
        "peak_acceleration_mps2": n.peak_acceleration_mps2 if steady else None,
        "time_to_knee_s": n.time_to_knee_s if valid else None,
        "concentric_s": n.concentric_s if valid else None,
        "eccentric_s": n.eccentric_s,
        "drift_forward_m": n.drift_forward_m if side else None,
        "drift_backward_m": n.drift_backward_m if side else None,
        "drift_sd_m": n.drift_sd_m if side else None,
        "drift_at_knee_m": n.drift_at_knee_m if side else None,
        "loop_m": n.loop_m if side else None,
        "sticking_height_m": n.sticking_height_m if valid else None,
        "floor_time_s": floor_time,
        "hip": hips if isinstance(hips, HipNumbers) else None,
    }
    return Rep(
        id=given.id,
        set=given.set,
        rep=given.number,
        start_ns=bounds.start_ns,
        lockout_ns=bounds.lockout_ns,
        end_ns=int(given.bar["t_ns"][bounds.end]),
        floor_ns=bounds.floor_ns,
        rom_m=n.rom_m,
        style=_style(n, floor_time),
        faults=judge_all(evidence, given.lift.off) if valid else (),
        tracked_ratio=n.tracked_ratio,
        valid=valid,
        not_assessed=tuple(name for name in MAYBE_NULL if values[name] is None),
        notes=notes,
        marks=_marks(given, n),
        plan=given.plan,
        **values,  # type: ignore[arg-type]  # names and types are those of the table above
    )


def _marks(given: RepInput, n: Numbers) -> tuple[str, ...]:
    """What the numbers are to be read with."""
    level = given.moved or n.roll_sd_deg <= LEVEL_SD_DEG  # one mark says enough
    told = {"camera_moved": given.moved, "not_level": not level}
    return tuple(name for name, holds in told.items() if holds)


def _notes(given: RepInput, bounds: Bounds, n: Numbers) -> tuple[str, ...]:
    """What makes the numbers of this rep unfit to be believed."""
    pull = slice(bounds.first + AFTER_A_BLOW, bounds.last + 1)
    shaken = np.abs(given.bar["ay_mps2"][pull]).max(initial=0.0) > MAX_ACCELERATION_MPS2
    jumped = n.peak_velocity_mps > MAX_SPEED_MPS or bool(given.jumps[pull].any() or shaken)
    checks = (
        (given.in_air or _begun(given.bar, bounds), "the rep began before the picture did"),
        (n.tracked_ratio < MIN_TRACKED, f"the bar was seen in {n.tracked_ratio:.0%} of the pull"),
        (n.longest_gap_s > MAX_GAP_S, f"the bar was not seen for {n.longest_gap_s:.2f} s"),
        (jumped, "the track or the time stamps jumped"),
        (
            given.lost and not _again(n, _roms_m(given.past)),
            "the bar was lost where it stood, which may not have been the top",
        ),
    )
    return tuple(text for wrong, text in checks if wrong)


def _begun(bar: Rows, bounds: Bounds) -> bool:
    """Tell whether the bar was on its way up already when it was first seen after a gap."""
    if bar["vy_mps"][bounds.first] < REST_SPEED_MPS:
        return False
    since_ns = int(bar["t_ns"][bounds.first]) - round(MAX_GAP_S * NS_PER_S)
    before = bar[: bounds.first]
    return not bool(np.any((before["t_ns"] >= since_ns) & ~before["coasting"]))


def _floor_time_s(given: RepInput, bounds: Bounds) -> float | None:
    if given.previous_floor_ns is None or given.in_air:
        return None
    return max(0.0, (bounds.start_ns - given.previous_floor_ns) / NS_PER_S)


def _style(n: Numbers, floor_time_s: float | None) -> RepStyle:
    if n.dropped:
        return RepStyle.DROPPED
    if floor_time_s is None or floor_time_s >= TOUCH_S:
        return RepStyle.DEAD_STOP
    return RepStyle.BOUNCE if floor_time_s < BOUNCE_S else RepStyle.TOUCH_AND_GO
