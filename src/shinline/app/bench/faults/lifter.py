"""The simulated lifter as the benchmark needs it: where the stickers are, and what is true."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline.sim.curves import bounds_s
from shinline.sim.measures import rep_measures
from shinline.sim.recording import Recording
from shinline.sim.stickers import markers_at
from shinline.types import FloatArray, Phase, Role

DENSE_S: Final = 0.0005
EARLY_M, EARLY_SHARE, KNEE_SHARE = 0.120, 0.25, 0.48
PAST_KNEE_M: Final = 0.05
YANK_S: Final = 0.15
SOON_S: Final = 0.1
OFF_M: Final = 0.010
"""A bar that has risen so far has left the floor: not before is it known that it does."""


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One repetition as it was.

    ``own_rom_m`` is what the lifter's body can do. ``instants`` names when things happen, seconds.
    ``measured`` holds the exact value of each fault, None where it does not apply.
    """

    number: int
    start_s: float
    lockout_s: float
    end_s: float
    own_rom_m: float
    instants: dict[str, float]
    measured: dict[str, float | None]


def places(recording: Recording, t_s: FloatArray) -> dict[Role, FloatArray]:
    """Return where the bar's end and the stickers are, (n, 3) each."""
    return markers_at(recording.body, recording.timeline, t_s, recording.scenario.sleeve_m)


def true_rep(recording: Recording, number: int) -> TrueRep:
    """Return the truth of one repetition, from 1."""
    segments = recording.timeline.of_rep(number)
    t_s = np.arange(segments[0].start_s, segments[-1].end_s, DENSE_S)
    path = recording.timeline.sample(t_s)
    start_s, lockout_s = bounds_s(t_s, path.y_m, path.vy_mps)
    low_m, high_m = (float(v) for v in np.interp((start_s, lockout_s), t_s, path.y_m))
    rom_m = high_m - low_m
    rise_m = path.y_m - low_m
    top_m = float(rise_m.max())
    lowered = segments[-1].phase is Phase.LOWERING

    def first(level_m: float) -> float:
        return float(t_s[np.argmax((rise_m >= level_m) & (t_s >= start_s))])

    end_s = segments[-1].end_s
    highest = int(np.argmax(rise_m))
    down = np.flatnonzero(rise_m[highest:] < top_m - 0.030)
    instants = {
        "off": first(OFF_M),
        "yank": start_s + YANK_S,
        "soon": start_s + SOON_S,
        "early": first(min(EARLY_M, EARLY_SHARE * rom_m)),
        "knee": first(KNEE_SHARE * rom_m),
        "past_knee": first(KNEE_SHARE * rom_m + PAST_KNEE_M),
        "lockout": lockout_s,
        "down": float(t_s[highest + down[0]]) if down.size else end_s,
        "touch": end_s if lowered else np.inf,
    }
    measured = rep_measures(recording, number)
    return TrueRep(number, start_s, lockout_s, end_s, recording.body.rom_m, instants, measured)
