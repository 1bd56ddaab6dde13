"""A built scenario: its frames, rendered on demand, and everything that is known about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from shinline.sim.around import Around, bumped, lit
from shinline.sim.camera import Camera, place_camera
from shinline.sim.gym import build_gym
from shinline.sim.lifter import body_of
from shinline.sim.paint import F32Image, I64Array, expose
from shinline.sim.pose import Body, Pose
from shinline.sim.scenario import CameraSetup, Scenario
from shinline.sim.stage import Stage, bar_end_m
from shinline.sim.timeline import Sample, Timeline
from shinline.sim.tuning import lay_out
from shinline.types import NS_PER_S, Facing, FloatArray, Frame

_NOISE_BANK: Final = 1 << 20
_MOST_INSTANTS: Final = 48
_SHARP_PX: Final = 0.25  # motion within an exposure that no eye and no detector can tell
_INSTANT_PX: Final = 0.7
_LATEST: Final = 0.45  # of a frame's period: jitter never swaps frames
_CLOSEST_S: Final = 1e-4  # between two stamps
_ROOM, _TIMES, _SENSOR, _PEOPLE = range(4)  # independent streams of random numbers of one seed


@dataclass(frozen=True)
class Recording:
    """Frames and truth of one scenario.

    ``t_s`` (n,) are the true instants of mid-exposure, seconds from the beginning of the
    scenario; ``stamps_ns`` (n,) what the frames say, counted from the first frame's.
    """

    scenario: Scenario
    body: Body
    timeline: Timeline
    camera: Camera
    t_s: FloatArray
    stamps_ns: I64Array

    def __len__(self) -> int:
        return len(self.t_s)

    def frames(self) -> Iterator[Frame]:
        """Render every frame, in order."""
        return (self.frame(seq) for seq in range(len(self)))

    def reel(self) -> "RenderedReel":
        """Return the frames for a reader who may skip some without having them rendered."""
        return RenderedReel(self)

    def frame(self, seq: int) -> Frame:
        """Render one frame: the same bytes whenever and in whatever order it is asked for."""
        setup = self.scenario.camera
        picture = self.stage.paint(self._instants(seq))
        t_s = float(self.t_s[seq])
        picture = bumped(lit(picture, self.scenario.room, t_s), self.scenario.room, t_s)
        if setup.psf_px > 0.0:
            picture = cv2.GaussianBlur(picture, (0, 0), setup.psf_px).astype(np.float32)
        luma = np.empty(picture.shape, np.uint8)
        rng = np.random.default_rng([self.scenario.seed, _SENSOR, seq])
        starts = rng.integers(0, _NOISE_BANK - setup.width_px, setup.height_px)
        flaws = (setup.gain, setup.illumination_slope, setup.read_noise, setup.shot_noise)
        expose(picture, self._noise, starts, *flaws, luma)
        return Frame(seq, int(self.stamps_ns[seq]), round(setup.exposure_s * 1e6), luma)

    @cached_property
    def truth_sample(self) -> Sample:
        """What moves, at every frame's mid-exposure."""
        return self.timeline.sample(self.t_s)

    @cached_property
    def truth_pose(self) -> Pose:
        """The lifter's joints at every frame's mid-exposure."""
        return self.truth_sample.pose(self.body)

    @cached_property
    def stage(self) -> Stage:
        """What paints its pictures."""
        rng = np.random.default_rng([self.scenario.seed, _ROOM])
        gym = build_gym(self.camera, self.body.floor_m, rng, self.scenario.room)
        people = np.random.default_rng([self.scenario.seed, _PEOPLE])
        around = Around(self.scenario.room, self.camera, self.body, people)
        return Stage(self.scenario, self.timeline, self.camera, gym, around)

    @cached_property
    def _noise(self) -> F32Image:
        rng = np.random.default_rng([self.scenario.seed, _SENSOR])
        return rng.standard_normal(_NOISE_BANK, dtype=np.float32)

    def _instants(self, seq: int) -> Sample:
        """Return the instants of one exposure, spread evenly about its middle."""
        exposure_s = self.scenario.camera.exposure_s
        ends = self.timeline.sample(self.t_s[seq] + exposure_s * np.array([-0.5, 0.0, 0.5]))
        moved_m = max(_path_m(ends.x_m, ends.y_m), _path_m(*ends.hand_xy.T))
        moved_px = moved_m * self.camera.focal_px / self.scenario.camera.distance_m
        count = 1
        if moved_px > _SHARP_PX:
            count = min(_MOST_INSTANTS, 2 + int(moved_px / _INSTANT_PX))
        spread = (np.arange(count) + 0.5) / count - 0.5
        return self.timeline.sample(self.t_s[seq] + exposure_s * spread)


def _path_m(x_m: FloatArray, y_m: FloatArray) -> float:
    return float(np.sum(np.hypot(np.diff(x_m), np.diff(y_m))))


class RenderedReel:
    """Frames of a recording that can be dated and skipped without being rendered."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._next = 0
        self._half_exposure_ns = round(recording.scenario.camera.exposure_s * NS_PER_S / 2)

    def due_ns(self, ahead: int = 0) -> int | None:
        """Return when the exposure of the next frame, or one ahead of it, ends; None: no more."""
        seq = self._next + ahead
        if seq >= len(self._recording):
            return None
        return int(self._recording.stamps_ns[seq]) + self._half_exposure_ns

    def take(self) -> Frame:
        """Render the next frame."""
        self._next += 1
        return self._recording.frame(self._next - 1)

    def skip(self) -> None:
        """Leave the next frame out."""
        self._next += 1

    def close(self) -> None:
        """Leave all the rest out."""
        self._next = len(self._recording)


def build(scenario: Scenario) -> Recording:
    """Work a scenario out; nothing is rendered yet.

    Raises
    ------
    ValueError
        The scenario is too short for a single frame.

    """
    body = body_of(scenario)
    timeline = lay_out(scenario, body)
    t_s, stamps_ns = _exposures(scenario.camera, timeline.duration_s, scenario.seed)
    target = np.array([0.0, 0.5 * body.rom_m, bar_end_m(scenario)])
    camera = place_camera(scenario.camera, Facing(scenario.facing), target, body.floor_m)
    return Recording(scenario, body, timeline, camera, t_s, stamps_ns)


def _exposures(setup: CameraSetup, duration_s: float, seed: int) -> tuple[FloatArray, I64Array]:
    """Return when frames are exposed, and what their stamps say of it (ns from the first)."""
    rng = np.random.default_rng([seed, _TIMES])
    count = int(duration_s * setup.rate_hz)
    if count < 1:
        raise ValueError(f"scenario: expected at least one frame, lasts {duration_s:g} s")
    latest_s = _LATEST / setup.rate_hz
    regular_s = (np.arange(count) + 0.5) / setup.rate_hz
    t_s = regular_s + _within(rng.standard_normal(count) * setup.jitter_s, latest_s)
    error_s = _within(rng.standard_normal(count) * setup.stamp_error_s, latest_s)
    kept = rng.random(count) >= setup.drop_ratio
    kept[0] = True
    t_s, told_s = t_s[kept], _in_order((t_s + error_s)[kept])
    return t_s, np.round((told_s - told_s[0]) * NS_PER_S).astype(np.int64)


def _within(values: FloatArray, most: float) -> FloatArray:
    return np.asarray(np.clip(values, -most, most))


def _in_order(stamps_s: FloatArray) -> FloatArray:
    """Return stamps that never run backward: a device hands out its frames in order."""
    least_s = _CLOSEST_S * np.arange(len(stamps_s))
    return np.asarray(np.maximum.accumulate(stamps_s - least_s) + least_s)
