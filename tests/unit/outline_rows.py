"""What a trunk watch, or a pose network, writes of a lifter on an exact path, beside the bar."""

from dataclasses import dataclass

import numpy as np
from lifts import ORIGIN_X_PX, ORIGIN_Y_PX, SCALE_M_PER_PX, Body, Camera, Script, film

from shinline.types import DETECTION, NS_PER_S, Role, Rows
from shinline.vision.trunk_watch import DONE_M, SURE_M

Eaten = tuple[np.void, Rows]

AT_ONCE, BEFORE = 2, 24
"""Older pictures told with each new one, and how many before lift-off there are."""

LEFT_FLOOR_M = 0.004
CAMERA = Camera()


@dataclass(frozen=True)
class Told:
    """How the rows of a source look."""

    hip: Role = Role.HIP_OUTLINE
    shoulder: Role = Role.SHOULDER_OUTLINE
    sd_rad: float = 0.003
    sd_px: float = 1.0


OUTLINE = Told()
POSE = Told(Role.HIP_POSE, Role.SHOULDER_POSE)


def _rows(told: Told, camera: Camera, body: Body, t_ns: int, y_m: float, sd_rad: float) -> Rows:
    """Hip and shoulder, and the back line of an outline, as they are at a height of the bar."""
    hip_x, hip_y, shoulder_x, shoulder_y = (float(v[0]) for v in body.at(np.array([y_m])))
    rows = np.zeros(3 if told is OUTLINE else 2, DETECTION)
    rows["t_ns"], rows["quality"] = t_ns, 0.8
    for row, role, x_m, y in (
        (rows[0], told.hip, hip_x, hip_y),
        (rows[1], told.shoulder, shoulder_x, shoulder_y),
    ):
        row["role"] = role
        row["x_px"] = ORIGIN_X_PX + camera.forward * x_m / SCALE_M_PER_PX
        row["y_px"] = ORIGIN_Y_PX - y / SCALE_M_PER_PX
        row["var_x_px2"] = row["var_y_px2"] = told.sd_px**2
    if told is OUTLINE:
        rows[2]["role"], rows[2]["axis_ratio"] = Role.BACK_LINE, sd_rad
    return rows


def with_outline(frames: list[Eaten], script: Script, camera: Camera, body: Body) -> list[Eaten]:
    """Add the rows of a trunk watch: each pull from 6 cm on, then backwards from there."""
    t_s = np.array([(int(head["t_ns"]) - camera.t0_ns) / NS_PER_S for head, _ in frames])
    y_m = script.at(t_s)[1]
    rising = np.gradient(y_m, t_s) > 0.0
    older: list[int] = []
    eaten: list[Eaten] = []
    followed = False
    for n, (head, rows) in enumerate(frames):
        seen = [rows]
        inside = bool(rising[n]) and SURE_M <= y_m[n] <= DONE_M
        if inside and not followed:
            anchor = int(np.flatnonzero(y_m[:n] < LEFT_FLOOR_M)[-1])
            seen.append(
                _rows(OUTLINE, camera, body, int(frames[anchor][0]["t_ns"]), y_m[anchor], 0.0)
            )
            older = [i for i in range(n - 1, max(anchor - BEFORE * 2, 0), -2) if i != anchor]
        followed = inside
        if inside:
            now = [n, *(older.pop(0) for _ in range(min(2 * AT_ONCE, len(older))))]
            told = [
                _rows(OUTLINE, camera, body, int(frames[i][0]["t_ns"]), y_m[i], OUTLINE.sd_rad)
                for i in now
            ]
            seen[1:1] = told
        eaten.append((_counted(head, seen), np.concatenate(seen)))
    return eaten


def with_pose(frames: list[Eaten], script: Script, camera: Camera, body: Body) -> list[Eaten]:
    """Add what a network says of every third picture, two pictures later."""
    eaten = []
    for n, (head, rows) in enumerate(frames):
        seen = [rows]
        if n % 3 == 2:
            t_ns = int(frames[n - 2][0]["t_ns"])
            y_m = script.at(np.array([(t_ns - camera.t0_ns) / NS_PER_S]))[1]
            seen.append(_rows(POSE, camera, body, t_ns, float(y_m[0]), 0.0))
        eaten.append((_counted(head, seen), np.concatenate(seen)))
    return eaten


def _counted(head: np.void, rows: list[Rows]) -> np.void:
    counted = head.copy()
    counted["detections"] = sum(map(len, rows))
    return counted


def outlined(script: Script, body: Body, camera: Camera = CAMERA) -> list[Eaten]:
    """A lifter without stickers, whose outline is followed."""
    return with_outline(film(script, camera), script, camera, body)
