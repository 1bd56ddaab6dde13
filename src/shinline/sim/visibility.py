"""Which targets the camera sees: what lies nearer to it, and where the picture ends."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from shinline.sim.figure import Layer, Outline, figure_points, outlines_px
from shinline.sim.helper import helper_body, helper_points
from shinline.sim.pose import PLATE_RADIUS_M
from shinline.sim.recording import Recording
from shinline.sim.stage import plate_face_m
from shinline.sim.stickers import BAR_RADIUS_M, COLLAR_M, UNDER_THE_ARMS
from shinline.types import FloatArray, Role

_POINTS: Final = 48  # on the outline of the black disc
_HELPER_LAYERS: Final[tuple[Layer, ...]] = ("trunk", "leg", "arm")


class Visibility:
    """Answers for one recording whether targets are seen whole."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._helper = helper_body(recording.body.raised_m)
        angle = np.linspace(0.0, 2.0 * np.pi, _POINTS, endpoint=False)
        self._circle = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)

    def of(self, role: Role, centres: FloatArray, radius_m: float) -> NDArray[np.bool_]:
        """Tell for each frame whether the whole black disc (centres (n, 3)) is seen."""
        camera = self._recording.camera
        outlines = camera.project(centres[:, None, :] + radius_m * self._circle)
        size = np.array([camera.width_px, camera.height_px])
        seen = np.all((outlines > -0.5) & (outlines < size - 0.5), axis=(1, 2))
        if role is not Role.BAR:
            seen &= ~self._behind_plate(outlines)
        for seq in np.flatnonzero(seen):
            limbs = self._helper_limbs(int(seq))
            if role in UNDER_THE_ARMS:
                limbs += self._arm_limbs(int(seq))
            if role in (Role.KNEE, Role.ANKLE):
                limbs += self._shaft(int(seq))
            seen[seq] = not any(_covers(limb, outlines[seq]) for limb in limbs)
        return np.asarray(seen)

    def _behind_plate(self, outlines: FloatArray) -> NDArray[np.bool_]:
        """Tell for each frame whether the near plate covers any of these pixels (n, k, 2)."""
        recording, sample = self._recording, self._recording.truth_sample
        segments = recording.timeline.segments
        plates = [segments[int(i)].plates for i in sample.segment]
        face_m = np.array([plate_face_m(recording.scenario, count) for count in plates])
        centres = np.stack([sample.x_m, sample.y_m, face_m], axis=1)
        middle = recording.camera.project(centres)[:, None, :]
        rim = recording.camera.project(centres[:, None, :] + PLATE_RADIUS_M * self._circle)
        radius_px = np.max(np.linalg.norm(rim - middle, axis=2), axis=1, keepdims=True)
        return np.asarray(np.any(np.linalg.norm(outlines - middle, axis=2) < radius_px, axis=1))

    def _arm_limbs(self, seq: int) -> list[Outline]:
        recording = self._recording
        points = figure_points(recording.body, recording.truth_pose, seq)
        return outlines_px(recording.camera, recording.body.stature_m, points, "arm")

    def _shaft(self, seq: int) -> list[Outline]:
        """Return the near half of the bar; a trap bar's is too far from the legs to matter."""
        recording, sample = self._recording, self._recording.truth_sample
        x_m, y_m = float(sample.x_m[seq]), float(sample.y_m[seq])
        ends_m = np.array([[x_m, y_m, 0.0], [x_m, y_m, COLLAR_M]])
        radii_px = BAR_RADIUS_M * recording.camera.focal_px / recording.camera.depth_m(ends_m)
        return [(recording.camera.project(ends_m), radii_px)]

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
