"""What the camera sees while it is being set up: the bar alone, a marker on a string, a rolled bar.

A stand-in for what only a gym can give, as the simulated lifts are: the same camera, room, bar and
marker, without the lifter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import atan2, degrees, pi, sqrt
from typing import Any, Final

import cv2
import numpy as np

from shinline.sim.paint import F32Image, expose
from shinline.sim.pose import PLATE_RADIUS_M
from shinline.sim.recording import Recording, build
from shinline.sim.scenario import Scenario
from shinline.sim.stage import Target, bar_end_m
from shinline.types import NS_PER_S, FloatArray, Frame, Role

G_MPS2: Final = 9.81
STRING_M: Final = 1.10
HOOK_M: Final = 1.75
"""Above the bar's axis at rest: a rack's crossbar, or a hand on a step."""

ASIDE_M: Final = 0.30
"""The string hangs so far in front of the bar's end, toward the lifter's toes."""

SWING_RAD: Final = 0.22
DAMPING: Final = 0.02
ROLL_M: Final = 0.5
DROP_M: Final = 1.1
INSTANTS: Final = 5


@dataclass(frozen=True, slots=True)
class Instant:
    """What is where: the bar's axis (m), its turn (rad), and a card's centre (3,), if any hangs."""

    bar_x_m: float = 0.0
    turn_rad: float = 0.0
    card: tuple[float, float, float] | None = None
    hook: tuple[float, float, float] | None = None


Play = Callable[[float, float], Instant]
"""What is seen at a time (s), the bar's end being so far from its middle (m)."""


def _rest(_t_s: float, _end_m: float) -> Instant:
    return Instant()


def _swing(t_s: float, end_m: float) -> Instant:
    """A pendulum of a small amplitude, with the period that goes with it."""
    slower = 1.0 + SWING_RAD**2 / 16.0
    rate = sqrt(G_MPS2 / STRING_M) / slower
    angle = SWING_RAD * np.exp(-DAMPING * t_s) * np.cos(rate * t_s)
    x = ASIDE_M + STRING_M * np.sin(angle)
    y = HOOK_M - STRING_M * np.cos(angle)
    return Instant(card=(float(x), float(y), end_m), hook=(ASIDE_M, HOOK_M, end_m))


def _plumb(t_s: float, end_m: float) -> Instant:
    """Lowered in the middle of the time, and still before and after."""
    share = float(np.clip((t_s - 2.5) / 1.0, 0.0, 1.0))
    y = HOOK_M - 0.7 - 0.75 * share * share * (3.0 - 2.0 * share)
    return Instant(card=(ASIDE_M, y, end_m), hook=(ASIDE_M, HOOK_M, end_m))


def _fall(t_s: float, end_m: float) -> Instant:
    fallen = 0.5 * G_MPS2 * max(0.0, t_s - 0.5) ** 2
    y = 1.0 - fallen
    if fallen > DROP_M:
        return Instant()
    return Instant(card=(ASIDE_M, y, end_m))


def _roll(t_s: float, _end_m: float) -> Instant:
    """There and back, without slipping."""
    share = 0.5 * (1.0 - np.cos(2.0 * pi * float(np.clip((t_s - 0.5) / 5.0, 0.0, 1.0))))
    x = float(ROLL_M * share)
    return Instant(bar_x_m=x, turn_rad=-x / PLATE_RADIUS_M)


SCENES: Final[dict[str, tuple[Play, float]]] = {
    "rest": (_rest, 3.0),
    "swing": (_swing, 11.0),
    "plumb": (_plumb, 6.0),
    "fall": (_fall, 1.4),
    "roll": (_roll, 6.0),
}
"""What is shown, and for how long (s)."""


@dataclass(frozen=True)
class SetUp:
    """The frames of one scene, rendered on demand, as of a :class:`~.recording.Recording`."""

    name: str
    recording: Recording

    @property
    def scenario(self) -> Scenario:
        """The camera, room and marker."""
        return self.recording.scenario

    def __len__(self) -> int:
        return round(SCENES[self.name][1] * self.scenario.camera.rate_hz)

    def frames(self) -> Iterator[Frame]:
        """Render every frame, in order."""
        return (self.frame(seq) for seq in range(len(self)))

    def frame(self, seq: int) -> Frame:
        """Render one frame."""
        setup = self.scenario.camera
        t_s = (seq + 0.5) / setup.rate_hz
        spread = setup.exposure_s * ((np.arange(INSTANTS) + 0.5) / INSTANTS - 0.5)
        picture = self._paint(t_s + spread)
        if setup.psf_px > 0.0:
            picture = cv2.GaussianBlur(picture, (0, 0), setup.psf_px).astype(np.float32)
        luma = np.empty(picture.shape, np.uint8)
        rng = np.random.default_rng([self.scenario.seed, seq, len(self.name)])
        starts = rng.integers(0, self._noise.size - setup.width_px, setup.height_px)
        flaws = (setup.gain, setup.illumination_slope, setup.read_noise, setup.shot_noise)
        expose(picture, self._noise, starts, *flaws, luma)
        stamp_ns = round(seq * NS_PER_S / setup.rate_hz)
        return Frame(seq, stamp_ns, round(setup.exposure_s * 1e6), luma)

    @cached_property
    def _noise(self) -> F32Image:
        rng = np.random.default_rng([self.scenario.seed, 1])
        return rng.standard_normal(1 << 18, dtype=np.float32)

    def _paint(self, times_s: FloatArray) -> F32Image:
        """Return the mean over an exposure; what stands still is painted once."""
        play, end_m = SCENES[self.name][0], bar_end_m(self.scenario)
        instants = [play(float(t), end_m) for t in times_s]
        if all(instant == instants[0] for instant in instants):
            instants = instants[:1]
        total = sum(self._paint_one(instant) for instant in instants)
        return np.asarray(total / np.float32(len(instants)), np.float32)

    def _paint_one(self, instant: Instant) -> F32Image:
        diameter_m = self.scenario.markers.bar_diameter_m
        cards = []
        if instant.card is not None:
            cards.append(Target(Role.BAR, np.array(instant.card), diameter_m))
        bar_xy = np.array([instant.bar_x_m, 0.0])
        hook = None if instant.hook is None else np.array(instant.hook)
        return self.recording.stage.paint_alone(bar_xy, instant.turn_rad, cards, hook)


def set_up(name: str, scenario: Scenario) -> SetUp:
    """Return a scene of the camera's set-up.

    Raises
    ------
    ValueError
        There is no such scene.

    """
    if name not in SCENES:
        raise ValueError(f"set-up: expected one of {', '.join(SCENES)}, not {name!r}")
    return SetUp(name, build(scenario))


def set_up_truth(scene: SetUp) -> dict[str, Any]:
    """Return how the camera really stands, in the terms of a rig file."""
    camera, setup = scene.recording.camera, scene.scenario.camera
    right, down, forward = camera.rotation
    up = np.array([right[1], down[1], forward[1]])
    cx, cy = camera.centre_px
    return {
        "simulated": True,
        "scene": scene.name,
        "roll_deg": degrees(atan2(up[0], -up[1])),
        "pitch_deg": degrees(np.arcsin(up[2])),
        "azimuth_deg": degrees(atan2(-forward[0], -forward[2])),
        "distance_m": float(camera.place[2] - bar_end_m(scene.scenario)),
        "camera_height_m": float(camera.place[1] + PLATE_RADIUS_M),
        "fx_px": setup.focal_px,
        "fy_px": setup.focal_px,
        "cx_px": cx,
        "cy_px": cy,
        "k1": setup.k1,
        "marker_diameter_m": scene.scenario.markers.bar_diameter_m,
        "plate_diameter_m": 2.0 * PLATE_RADIUS_M,
    }
