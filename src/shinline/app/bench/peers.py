"""Other people's detectors, on scenes of the same poses, backdrops and noise.

Square tags have a black side as long as the ring's black disc is wide. Methods that know no marker
are told the true size: template, SimpleBlob, HoughCircles. All but AprilTag are OpenCV's.
"""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from shinline.app.bench.measure import Line, one_core, spent
from shinline.app.bench.pose import Pose
from shinline.app.bench.scenes import TAGS, Condition, Scene, patch_truth, render
from shinline.types import FloatArray, U8Image

Find = Callable[[U8Image], FloatArray]
"""From a frame to the centres it shows (n, 2), the best or first one first."""

NOTHING: Final = np.zeros((0, 2))


@dataclass(frozen=True, slots=True)
class Peer:
    """A method: the target it is made for, and how to set it up for targets of one size.

    ``make`` raises ImportError where its package is not installed.
    """

    name: str
    target: str
    make: Callable[[float], Find]


@dataclass(frozen=True, slots=True)
class PeerResult:
    """A method's figures on one condition; false ones are all centres but the nearest hit."""

    name: str
    target: str
    condition: str
    frames: int
    recall: float
    rms_px: float
    false_per_frame: float


# --- square tags ------------------------------------------------------------------------------


def _crossing(corners: FloatArray) -> FloatArray:
    """Return where a quadrilateral's diagonals cross: the square's centre in perspective."""
    a, b, c, d = np.hstack([corners.reshape(4, 2), np.ones((4, 1))])
    x, y, w = np.cross(np.cross(a, c), np.cross(b, d))
    return np.array([x / w, y / w])


def _aruco(refined: bool) -> Callable[[float], Find]:
    def make(_: float) -> Find:
        settings = cv2.aruco.DetectorParameters()
        if refined:
            settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        dictionary = cv2.aruco.getPredefinedDictionary(TAGS["aruco"])
        detector = cv2.aruco.ArucoDetector(dictionary, settings)

        def find(luma: U8Image) -> FloatArray:
            quads, _, _ = detector.detectMarkers(luma)
            return np.array([_crossing(np.asarray(q, np.float64)) for q in quads]).reshape(-1, 2)

        return find

    return make


@cache
def _april_detector(decimate: float) -> Any:
    """Return a detector that is never taken down: the package frees its families' memory twice."""
    package: Any = importlib.import_module("pupil_apriltags")
    kept = type("KeptDetector", (package.Detector,), {"__del__": lambda _: None})
    return kept("tag36h11", nthreads=1, quad_decimate=decimate)


def _april(decimate: float) -> Callable[[float], Find]:
    def make(_: float) -> Find:
        detector = _april_detector(decimate)

        def find(luma: U8Image) -> FloatArray:
            seen = detector.detect(luma)
            centres = [np.asarray(each.center) - 0.5 for each in seen]  # its pixels start at 0
            return np.array(centres).reshape(-1, 2)

        return find

    return make


# --- methods without a marker of their own ----------------------------------------------------


def _template(reduced: int) -> Callable[[float], Find]:
    def make(d_px: float) -> Find:
        side = 2 * math.ceil(0.8 * d_px) + 1
        side += -side % reduced
        middle = 0.5 * (side - 1)
        drawn = patch_truth(Condition("template", d_px=d_px), Pose(middle, middle, d_px), side)
        small = _reduced(np.clip(np.rint(drawn), 0, 255).astype(np.uint8), reduced)

        def find(luma: U8Image) -> FloatArray:
            score = cv2.matchTemplate(_reduced(luma, reduced), small, cv2.TM_CCOEFF_NORMED)
            _, _, _, (x, y) = cv2.minMaxLoc(score)
            at = np.array([x + _top(score[y, :], x), y + _top(score[:, x], y)])
            return (at * reduced + middle)[None, :]

        return find

    return make


def _reduced(luma: U8Image, by: int) -> U8Image:
    if by == 1:
        return luma
    size = luma.shape[1] // by, luma.shape[0] // by
    small = cv2.resize(luma[: size[1] * by, : size[0] * by], size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _top(values: Any, at: int) -> float:
    """Return where a parabola through three values is highest, from the middle one."""
    if not 0 < at < len(values) - 1:
        return 0.0
    left, middle, right = (float(v) for v in values[at - 1 : at + 2])
    bend = left - 2.0 * middle + right
    return 0.5 * (left - right) / bend if bend < 0.0 else 0.0


def _blob(d_px: float) -> Find:
    settings = cv2.SimpleBlobDetector.Params()
    settings.filterByColor = False
    settings.filterByConvexity = False
    settings.minArea = 0.25 * math.pi * (0.8 * d_px) ** 2
    settings.maxArea = 0.25 * math.pi * (1.2 * d_px) ** 2
    settings.minInertiaRatio = 0.3
    settings.minDistBetweenBlobs = 0.5 * d_px
    detector = cv2.SimpleBlobDetector.create(settings)

    def find(luma: U8Image) -> FloatArray:
        return np.array([point.pt for point in detector.detect(luma)]).reshape(-1, 2)

    return find


def _hough(d_px: float) -> Find:
    smallest, largest = round(0.4 * d_px), round(0.6 * d_px)

    def find(luma: U8Image) -> FloatArray:
        circles = cv2.HoughCircles(
            luma, cv2.HOUGH_GRADIENT, 1.0, d_px, None, 100.0, 30.0, smallest, largest
        )
        if circles is None:
            return NOTHING
        return np.asarray(circles, np.float64).reshape(-1, np.shape(circles)[-1])[:, :2]

    return find


PEERS: Final = (
    Peer("ArUco", "aruco", _aruco(refined=False)),
    Peer("ArUco sub-pixel", "aruco", _aruco(refined=True)),
    Peer("AprilTag 3", "april", _april(1.0)),
    Peer("AprilTag 3, 1/2", "april", _april(2.0)),
    Peer("template", "ring", _template(1)),
    Peer("template 1/4", "ring", _template(4)),
    Peer("SimpleBlob", "ring", _blob),
    Peer("HoughCircles", "ring", _hough),
)


def _nearest(centres: FloatArray, scene: Scene, d_px: float) -> FloatArray | None:
    """Return the error of the centre nearest to the marker, None where it is no hit."""
    off = centres - np.array([scene.truth["x_px"][0], scene.truth["y_px"][0]])
    far = np.hypot(off[:, 0], off[:, 1])
    if not np.any(far <= max(2.0, 0.15 * d_px)):
        return None
    return np.asarray(off[far.argmin()])


def judge(peer: Peer, condition: Condition, frames: int) -> PeerResult | None:
    """Return a method's figures on ``frames`` scenes, None where it is not installed."""
    try:
        find = peer.make(condition.d_px)
    except ImportError:
        return None
    shown = replace(condition, target=peer.target)
    errors, seen = [], 0
    for seed in range(frames):
        scene = render(shown, seed)
        centres = find(scene.luma)
        seen += len(centres)
        error = _nearest(centres, scene, condition.d_px)
        if error is not None:
            errors.append(error)
    false = (seen - len(errors)) / frames
    rms = float(np.sqrt(np.mean(np.square(errors)))) if errors else math.nan
    return PeerResult(
        peer.name, peer.target, condition.name, frames, len(errors) / frames, rms, false
    )


def time_peer(peer: Peer, condition: Condition, frames: int) -> tuple[Line, float] | None:
    """Return what a method costs per frame and the share of frames in which it hit.

    None where it is not installed.
    """
    try:
        find = peer.make(condition.d_px)
    except ImportError:
        return None
    shown = replace(condition, target=peer.target)
    scenes = [render(shown, seed) for seed in range(frames)]
    hits = [_nearest(find(scene.luma), scene, condition.d_px) is not None for scene in scenes]
    with one_core():
        cost = spent(peer.name, find, [scene.luma for scene in scenes])
    return cost, float(np.mean(hits))
