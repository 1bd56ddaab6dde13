"""Which targets the camera sees: what lies nearer to it, and where the picture ends."""

from typing import Final

import numpy as np

from shinline.sim.body import PLATE_RADIUS_M
from shinline.sim.figure import Layer, Outline, figure_points, outlines_px
from shinline.sim.helper import helper_body, helper_points
from shinline.sim.recording import Recording
from shinline.sim.stage import plate_face_m
from shinline.types import FloatArray, Role

_POINTS: Final = 48  # on the outline of the black disc
_HELPER_LAYERS: Final[tuple[Layer, ...]] = ("trunk", "leg", "arm")


class Visibility:
    """Answers for one recording whether targets are seen whole."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._helper = helper_body()
        angle = np.linspace(0.0, 2.0 * np.pi, _POINTS, endpoint=False)
        self._circle = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)

    def of(self, role: Role, centres: FloatArray, radius_m: float) -> list[bool]:
        """Tell for each frame whether the whole black disc (centres (n, 3)) is seen."""
        return [self._seen(role, seq, centre, radius_m) for seq, centre in enumerate(centres)]

    def _seen(self, role: Role, seq: int, centre: FloatArray, radius_m: float) -> bool:
        camera = self._recording.camera
        outline = camera.project(centre + radius_m * self._circle)
        size = np.array([camera.width_px, camera.height_px])
        if np.any(outline < -0.5) or np.any(outline > size - 0.5):
            return False
        limbs = self._helper_limbs(seq)
        if role is Role.HIP:
            limbs += self._arm_limbs(seq)
        if any(_covers(limb, outline) for limb in limbs):
            return False
        return role is Role.BAR or not self._behind_plate(seq, outline)

    def _behind_plate(self, seq: int, outline: FloatArray) -> bool:
        """Tell whether the near plate covers any of these pixels."""
        recording, sample = self._recording, self._recording.truth_sample
        plates = recording.timeline.segments[int(sample.segment[seq])].plates
        face_m = plate_face_m(recording.scenario, plates)
        centre = np.array([sample.x_m[seq], sample.y_m[seq], face_m])
        rim_px = recording.camera.project(centre + PLATE_RADIUS_M * self._circle)
        middle = recording.camera.project(centre)
        radius_px = np.max(np.hypot(*(rim_px - middle).T))
        return bool(np.any(np.hypot(*(outline - middle).T) < radius_px))

    def _arm_limbs(self, seq: int) -> list[Outline]:
        recording = self._recording
        points = figure_points(recording.body, recording.truth_pose, seq)
        return outlines_px(recording.camera, recording.body.stature_m, points, "arm")

    def _helper_limbs(self, seq: int) -> list[Outline]:
        recording, sample = self._recording, self._recording.truth_sample
        span_s = recording.timeline.helper_span_s(int(sample.segment[seq]))
        if span_s is None:
            return []
        bar_xy = np.array([sample.x_m[seq], sample.y_m[seq]])
        done = (float(sample.t_s[seq]) - span_s[0]) / (span_s[1] - span_s[0])
        near, far = helper_points(self._helper, done, bar_xy)
        camera, size = recording.camera, self._helper.stature_m
        limbs = outlines_px(camera, size, far, "leg")
        for layer in _HELPER_LAYERS:
            limbs += outlines_px(camera, size, near, layer)
        return limbs


def _covers(limb: Outline, pixels: FloatArray) -> bool:
    """Tell whether a rounded limb covers any of the pixels (n, 2)."""
    (a, b), (a_px, b_px) = limb
    line = b - a
    along = np.clip((pixels - a) @ line / max(float(line @ line), 1e-9), 0.0, 1.0)
    away_px = np.hypot(*(pixels - a - along[:, None] * line).T)
    return bool(np.any(away_px < a_px + along * (b_px - a_px)))
