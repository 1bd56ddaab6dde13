"""A lifter with all stickers before a calibrated camera, without noise: from standing to standing.

Stands, bends down, is set, pulls, lowers. Each sticker has its own depth behind the bar's end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from lifts import Floats, Script, Session, min_jerk, play
from mounts import SLANTED, Mount

from shinline.config import Config
from shinline.types import DETECTION, FRAME, NS_PER_S, Role, Rows

BAR_RADIUS_M, BODY_RADIUS_M = 0.04, 0.025
ROM_M = 0.52
STAND_S, BEND_S, SET_S = 1.5, 1.0, 1.2
UP_S, HOLD_S, DOWN_S = 1.4, 1.0, 1.1

Pose = Mapping[Role, tuple[float, float]]

STANDING: Pose = {
    Role.ANKLE: (-0.1, -0.12),
    Role.HIP: (-0.1, 0.72),
    Role.CREST: (-0.1, 0.84),
    Role.MID_BACK: (-0.1, 0.97),
    Role.SHOULDER: (-0.1, 1.22),
}
SET: Pose = {
    Role.ANKLE: (-0.1, -0.12),
    Role.HIP: (-0.37, 0.37),
    Role.CREST: (-0.274, 0.449),
    Role.MID_BACK: (-0.19, 0.5185),
    Role.SHOULDER: (0.03, 0.70),
}
TOP: Pose = {**STANDING, Role.SHOULDER: (-0.09, 1.22)}
DEPTH_M = {
    Role.ANKLE: 0.55,
    Role.KNEE: 0.55,
    Role.HIP: 0.60,
    Role.CREST: 0.62,
    Role.MID_BACK: 0.62,
    Role.SHOULDER: 0.50,
}


SEGMENT_M = 0.4201
"""Shank and thigh alike: a leg of 0.84 m is as good as straight."""


def knee_of(ankle: tuple[Floats, Floats], hip: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return where the knee of two equal segments is: over the middle, toward the toes."""
    x, y = hip[0] - ankle[0], hip[1] - ankle[1]
    apart = np.hypot(x, y)
    out = np.sqrt(SEGMENT_M**2 - 0.25 * apart**2)
    return ankle[0] + 0.5 * x + out * y / apart, ankle[1] + 0.5 * y - out * x / apart


@dataclass(frozen=True)
class Lifter:
    """Who lifts the bar ``reps`` times; the poses are taken in the order standing, set, top."""

    standing: Pose = field(default_factory=lambda: STANDING)
    set: Pose = field(default_factory=lambda: SET)
    top: Pose = field(default_factory=lambda: TOP)
    bulge_m: float = 0.0
    reps: int = 1
    hidden: tuple[tuple[Role, float, float], ...] = ()

    def but(self, **changes: object) -> "Lifter":
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def script(self) -> Script:
        script = Script().rest(STAND_S + BEND_S + SET_S)
        for _ in range(self.reps):
            script = script.move(UP_S, ROM_M, bulge=self.bulge_m).rest(HOLD_S)
            script = script.move(DOWN_S, -ROM_M).rest(2.0)
        return script

    def places(self, t_s: Floats) -> dict[Role, tuple[Floats, Floats]]:
        bar_x, bar_y = self.script.at(t_s)
        bent = min_jerk(np.clip((t_s - STAND_S) / BEND_S, 0.0, 1.0))
        up = bar_y / ROM_M
        found = {Role.BAR: (bar_x, bar_y)}
        for role in STANDING:
            x, y = (
                (1.0 - bent) * self.standing[role][i]
                + bent * ((1.0 - up) * self.set[role][i] + up * self.top[role][i])
                for i in (0, 1)
            )
            found[role] = (x, y)
        found[Role.KNEE] = knee_of(found[Role.ANKLE], found[Role.HIP])
        return found


def filmed(lifter: Lifter, mount: Mount = SLANTED, rate_hz: float = 30.0) -> list[
    tuple[np.void, Rows]
]:  # fmt: skip
    """Return the FRAME row and DETECTION rows of each picture."""
    t_s = np.arange(0.0, lifter.script.duration_s, 1.0 / rate_hz)
    places = lifter.places(t_s)
    frames = []
    for i, now_s in enumerate(t_s):
        t_ns = round((1.0 + now_s) * NS_PER_S)
        seen = [
            role
            for role in places
            if not any(r is role and a <= now_s < b for r, a, b in lifter.hidden)
        ]
        rows = np.zeros(len(seen), DETECTION)
        for row, role in zip(rows, seen, strict=True):
            x, y = (float(v[i]) for v in places[role])
            radius_m = BAR_RADIUS_M if role is Role.BAR else BODY_RADIUS_M
            z_m = -DEPTH_M.get(role, 0.0)
            row["x_px"], row["y_px"], row["r_px"], row["axis_ratio"] = mount.disc(
                x, y, z_m, radius_m
            )
            row["t_ns"], row["role"], row["contrast"], row["quality"] = t_ns, role, 150.0, 1.0
            row["var_x_px2"] = row["var_y_px2"] = 0.05**2
        head = np.zeros(1, FRAME)[0]
        head["seq"], head["t_ns"], head["detections"] = i, t_ns, len(rows)
        frames.append((head, rows))
    return frames


def watch(lifter: Lifter, mount: Mount = SLANTED, config: Config | None = None) -> Session:
    """Film a lifter and play it through the engine."""
    return play(filmed(lifter, mount), config or mount.config, NS_PER_S)
