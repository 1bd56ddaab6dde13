"""What is wrong with a rep, measured exactly: every fault's value from the noise-free motion.

Written from the faults' definitions and from nothing of the coach's, whose judge it is. Positions
are the stickers' true centres and the bar's true axis; nothing is rendered. A value is None where
the definition has nothing to measure: a lift without such a fault, a rep that hangs, a rep
without a still set position.

Where a definition leaves a choice: the lifter's own range of motion, against which a lockout is
short, is what this body can do. The set position is the last stretch of 0.2 s between the rep
before and this pull in which the bar lies and hips and shoulders are slower than 0.05 m/s; the
back's shape at a set position is the last one's of the set, if this rep has none.
"""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

from shinline.sim.exact import (
    STEP_S,
    RepMotion,
    backward_deg,
    bend_deg,
    held,
    last_stretch,
    line_x_m,
    step_mps,
    trunk_deg,
)
from shinline.sim.faults import FAULTS
from shinline.sim.stickers import BAR_RADIUS_M, SHANK_RADIUS_M
from shinline.sim.timeline import Timeline
from shinline.types import Phase

_LIES_MPS, _LAY_S = 0.005, 0.5
_STOP_MPS, _GO_MPS = 0.03, 0.10
_LAST_S: Final = 0.1
_LEAST_RISE_M: Final = 0.08


class HasTimeline(Protocol):
    """A recording, as far as measuring needs one."""

    @property
    def timeline(self) -> Timeline:
        """What happens when."""
        ...


# --- one function per row of the table -----------------------------------------------------------


def _setup_gap(rep: RepMotion) -> float | None:
    if rep.hangs:
        return None
    bar = rep.before.bar[-1:]
    shank_m = line_x_m(rep.standing.ankle, rep.standing.knee, bar[:, 1])
    return float(bar[0, 0] - BAR_RADIUS_M - (shank_m[0] + SHANK_RADIUS_M))


def _elbows_to_knees(rep: RepMotion) -> float | None:
    at = rep.set_position
    if at is None:
        return None
    return float((line_x_m(at.bar, at.shoulder, at.knee[:, 1]) - at.knee[:, 0])[0])


def _hips_high_start(rep: RepMotion) -> float | None:
    return None if rep.set_position is None else float(trunk_deg(rep.set_position)[0])


def _hips_low_start(rep: RepMotion) -> float | None:
    at = rep.set_position
    return None if at is None else float(at.bar[0, 0] - at.shoulder[0, 0])


def _bar_rolled(rep: RepMotion) -> float | None:
    if rep.hangs or rep.set_stretch is None:
        return None
    motion = rep.before
    lies = (step_mps(motion.bar) < _LIES_MPS) & (motion.bar[1:, 1] < 1e-4)
    lay = last_stretch(lies, _LAY_S)
    froms_m = [motion.bar[rep.set_stretch[0], 0]]
    if lay is not None:
        froms_m.append(motion.bar[lay[1], 0])
    return float(max(abs(rep.way.bar[rep.start, 0] - from_m) for from_m in froms_m))


def _hips_shoot_up(rep: RepMotion) -> float | None:
    at = rep.set_position
    if at is None:
        return None
    angle = np.concatenate([trunk_deg(at), trunk_deg(rep.way.part(slice(0, rep.early + 1)))])
    return float(np.max(angle[0] - angle))


def _bar_forward(rep: RepMotion) -> float | None:
    x_m = rep.way.bar[rep.start : rep.knee + 1, 0]
    return held(x_m - x_m[0], 0.1)


def _bar_leaves_legs(rep: RepMotion) -> float | None:
    high = rep.first(0.9 * rep.rom_m)
    more_m = rep.gap_m - np.where(rep.below_knee, rep.gap_m[rep.start], rep.gap_m[high])
    return max(0.0, held(more_m[rep.start : high + 1], 0.1))


def _knee_loop(rep: RepMotion) -> float | None:
    low, high = rep.first(0.30 * rep.rom_m), rep.first(0.65 * rep.rom_m)
    x_m, y_m = rep.way.bar[low : high + 1].T
    chord_m = x_m[0] + (x_m[-1] - x_m[0]) * (y_m - y_m[0]) / (y_m[-1] - y_m[0])
    return max(0.0, held(x_m - chord_m, 0.1))


def _reversal(rep: RepMotion) -> float | None:
    rise_m = rep.rise_m[rep.start : rep.first(0.97 * rep.top_m) + 1]
    return held(np.maximum.accumulate(rise_m) - rise_m, 0.05)


def _hitch(rep: RepMotion) -> float | None:
    speed = rep.way.speed_mps[rep.knee : rep.lockout + 1]
    below = rep.rise_m[rep.knee : rep.lockout + 1] < 0.97 * rep.top_m
    stops, stopped = 0, False
    for value, low in zip(speed, below, strict=True):
        if low and value < _STOP_MPS:
            stopped = True
        elif stopped and value >= _GO_MPS:
            stops, stopped = stops + 1, False
    return float(stops)


def _rounding(rep: RepMotion) -> float | None:
    set_deg = _set_bend_deg(rep)
    if set_deg is None:
        return None
    above_knee = rep.first(float(rep.rise_m[rep.knee]) + 0.05)
    bent = np.concatenate([[set_deg], bend_deg(rep.way.part(slice(0, above_knee + 1)))])
    return held(bent - set_deg, 0.15)


def _set_bend_deg(rep: RepMotion) -> float | None:
    """Return the back's angle at this rep's set position, or at the last one of the set."""
    for number in range(rep.number, 0, -1):
        at = (rep if number == rep.number else RepMotion(rep.timeline, number)).set_position
        if at is not None:
            return float(bend_deg(at)[0])
    return None


def _lean_back(rep: RepMotion) -> float | None:
    first = rep.first(0.97 * rep.top_m)
    last = first + int(np.argmax(rep.rise_m[first:] < rep.top_m - 0.03))
    if last == first:
        last = len(rep.rise_m)
    lean = backward_deg(rep.way.part(slice(first, last)))
    return held(lean - float(backward_deg(rep.standing)[0]), 0.25)


def _short_lockout(rep: RepMotion) -> float | None:
    return float(rep.body.rom_m - np.max(rep.way.bar[:, 1]))


def _yank(rep: RepMotion) -> float | None:
    window, mean = round(0.15 / STEP_S), round(0.075 / STEP_S)
    speed = rep.way.speed_mps[rep.start : rep.start + window + 1]
    return float(np.max(speed[mean:] - speed[:-mean]) / (mean * STEP_S))


def _bounce(rep: RepMotion) -> float | None:
    if rep.number == 1 or rep.hangs:
        return None
    last = rep.timeline.of_rep(rep.number - 1)[-1]
    return rep.start_s - last.end_s if last.phase is Phase.LOWERING else None


def _lowering(rep: RepMotion) -> float | None:
    last = rep.segments[-1]
    t_s = np.linspace(last.end_s - _LAST_S, last.end_s - 1e-6, 101)
    touch = rep.timeline.sample(t_s)
    if last.phase is not Phase.LOWERING or touch.y_m[-1] > 1e-3:
        return None
    return float(np.max(-touch.vy_mps))


def _velocity_loss(rep: RepMotion) -> float | None:
    so_far_mps = [RepMotion(rep.timeline, number).mean_mps for number in range(1, rep.number)]
    return 1.0 - rep.mean_mps / max([rep.mean_mps, *so_far_mps])


_MEASURES: Final[dict[str, Callable[[RepMotion], float | None]]] = {
    "setup_gap": _setup_gap,
    "elbows_to_knees": _elbows_to_knees,
    "hips_high_start": _hips_high_start,
    "hips_low_start": _hips_low_start,
    "bar_rolled": _bar_rolled,
    "hips_shoot_up": _hips_shoot_up,
    "bar_forward": _bar_forward,
    "bar_leaves_legs": _bar_leaves_legs,
    "knee_loop": _knee_loop,
    "reversal": _reversal,
    "hitch": _hitch,
    "rounding": _rounding,
    "lean_back": _lean_back,
    "short_lockout": _short_lockout,
    "yank": _yank,
    "bounce": _bounce,
    "lowering": _lowering,
    "velocity_loss": _velocity_loss,
}


def rep_measures(subject: HasTimeline | Timeline, number: int) -> dict[str, float | None]:
    """Return the exact value of every fault of one rep.

    Parameters
    ----------
    subject : Recording or Timeline
        What the rep is part of.
    number : int
        Counts from 1.

    Returns
    -------
    dict
        Code to value, in the unit of the faults' table; None where it does not apply.

    """
    timeline = subject if isinstance(subject, Timeline) else subject.timeline
    rep = RepMotion(timeline, number)
    return {
        code: None if timeline.body.style in FAULTS[code].not_in else measure(rep)
        for code, measure in _MEASURES.items()
    }


def rep_evidence(subject: HasTimeline | Timeline, number: int) -> dict[str, float | None]:
    """Return what else the faults' definitions look at, as exactly as :func:`rep_measures`.

    Returns
    -------
    dict
        ``hip_height_ratio`` (F) and ``knee_deg`` (K) at the set position, ``hip_rise_m`` and
        ``shoulder_rise_m`` from there through the first part of the pull and ``rise_ratio`` (R;
        None below 0.08 m of shoulder), ``start_mps`` (fastest within 0.1 s of the start),
        ``rom_m``, ``down_s`` (from 30 mm below the top to the floor; None without).

    """
    timeline = subject if isinstance(subject, Timeline) else subject.timeline
    rep = RepMotion(timeline, number)
    soon = rep.way.speed_mps[rep.start : rep.start + round(0.1 / STEP_S) + 1]
    return {
        **_set_evidence(rep),
        "start_mps": float(np.max(soon)),
        "rom_m": rep.rom_m,
        "down_s": _down_s(rep),
    }


def _set_evidence(rep: RepMotion) -> dict[str, float | None]:
    at = rep.set_position
    names = ("hip_height_ratio", "knee_deg", "hip_rise_m", "shoulder_rise_m", "rise_ratio")
    if at is None:
        return dict.fromkeys(names)
    shank, thigh = (at.ankle - at.knee)[0], (at.hip - at.knee)[0]
    cosine = float(shank @ thigh) / float(np.linalg.norm(shank) * np.linalg.norm(thigh))
    ratio = (at.hip[0, 1] - at.knee[0, 1]) / (at.shoulder[0, 1] - at.knee[0, 1])
    hip_m = float(rep.way.hip[rep.early, 1] - at.hip[0, 1])
    shoulder_m = float(rep.way.shoulder[rep.early, 1] - at.shoulder[0, 1])
    rise = hip_m / shoulder_m if shoulder_m >= _LEAST_RISE_M else None
    knee_deg = float(np.rad2deg(np.arccos(cosine)))
    return dict(zip(names, (float(ratio), knee_deg, hip_m, shoulder_m, rise), strict=True))


def _down_s(rep: RepMotion) -> float | None:
    last = rep.segments[-1]
    if last.phase is not Phase.LOWERING or rep.way.bar[-1, 1] > 0.01:
        return None
    high = np.flatnonzero(rep.rise_m >= rep.top_m - 0.03)
    return float(last.end_s - rep.way.t_s[high[-1]])
