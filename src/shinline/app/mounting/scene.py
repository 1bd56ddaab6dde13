"""What is known at one moment of how the camera stands: the last second, boiled down."""

from collections import deque
from dataclasses import dataclass, field
from math import cos, pi, radians, sin, sqrt
from typing import Final

import numpy as np

from shinline.config import Config, Lens, Rig
from shinline.geometry.lens import Lens as Optics
from shinline.geometry.target import INNER_RATIO
from shinline.geometry.view import View
from shinline.steps import Steps, done
from shinline.types import DETECTION, MARKERS, NS_PER_S, Facing, Role, Rows, U8Image

WINDOW_NS: Final = NS_PER_S
"""A marker that comes and goes, and light that flickers, show within a second."""

STILL: Final = 0.1
"""A marker that stays within so much of its radius lies still."""

DIRECTIONS: Final = 48
PAPER_AT: Final = (1.25, 1.40)
"""Radii, in those of the black disc, at which there is paper on a print of 1.6."""

WHITE: Final = 250
"""Grey levels from here on count as burnt out."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A marker over the last second: medians, and how much they scatter; a moving one's last place.

    ``share`` is the part of the pictures in which it was seen; ``*_rel_sd`` are the relative
    standard deviations of one picture's value. A marker that moves says nothing of scatter: None.
    """

    role: Role
    x_px: float
    y_px: float
    r_px: float
    sd_px: float
    axis_ratio: float
    contrast: float
    share: float
    r_rel_sd: float | None
    contrast_rel_sd: float | None
    still: bool


@dataclass(frozen=True, slots=True)
class Grey:
    """Light on the bar's marker: grey levels of paper and of black, and the paper burnt out."""

    paper: float
    black: float
    burnt_share: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything an assessment stands on.

    ``rest_px`` is where the bar first rested in the picture, where that is known. ``lens`` and
    ``rig`` are those in force; None: there is none. ``rig_problem`` says why a calibration is not
    in force. ``changed`` names what differs since the session began, as a camera event does, and
    ``moved`` says it in words. ``stale`` are steps of the calibration that are out of date.
    """

    config: Config
    width_px: int
    height_px: int
    markers: dict[Role, Seen] = field(default_factory=dict)
    grey: Grey | None = None
    exposure_us: int = 0
    rest_px: tuple[float, float] | None = None
    facing: Facing = Facing.UNKNOWN
    lens: Lens | None = None
    rig: Rig | None = None
    rig_problem: str = ""
    stale: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: str = ""

    @property
    def bar(self) -> Seen | None:
        """The bar's marker, or the plate's rim in its place."""
        return self.markers.get(Role.BAR)

    @property
    def ringed(self) -> bool:
        """Whether the bar carries a printed marker."""
        return self.config.marker.kind == "ring"

    @property
    def diameter_m(self) -> float:
        """Of what is seen of the bar."""
        marker = self.config.marker
        return marker.diameter_m if self.ringed else marker.plate_diameter_m

    @property
    def m_per_px(self) -> float | None:
        """At the bar."""
        return None if self.bar is None else self.diameter_m / (2.0 * self.bar.r_px)

    @property
    def turned(self) -> bool:
        """Whether the vertical may lie elsewhere in the picture than it was calibrated.

        What is out of date since an earlier session may be anything.
        """
        return bool(set(self.changed) - {"distance"}) or bool(self.stale and not self.changed)

    @property
    def optics(self) -> Optics | None:
        """The lens as geometry has it."""
        lens = self.lens
        if lens is None:
            return None
        names = ("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "p1", "p2", "k3")
        return Optics(*(float(getattr(lens, name)) for name in names))

    @property
    def view(self) -> View | None:
        """How the camera looks at the plane, where lens and rig are known."""
        if self.optics is None or self.rig is None:
            return None
        rig = self.rig
        angles = (radians(a) for a in (rig.roll_deg, rig.pitch_deg, rig.azimuth_deg))
        return View(self.optics, *angles)


class Window:
    """The DETECTION rows of the last second."""

    def __init__(self) -> None:
        self._frames: deque[tuple[int, int, bytes]] = deque()  # t_ns, how many rows, the rows

    def add(self, t_ns: int, rows: Rows) -> None:
        """Take in what was seen in one picture; a clock that was set back begins anew."""
        frames = self._frames
        if frames and t_ns == frames[-1][0]:
            return
        if frames and t_ns < frames[-1][0]:
            frames.clear()
        frames.append((t_ns, len(rows), rows.tobytes()))
        while t_ns - frames[0][0] > WINDOW_NS:
            frames.popleft()

    def seen(self) -> dict[Role, Seen]:
        """Boil it down at once, see :meth:`boil`."""
        return done(self.boil())

    def boil(self) -> Steps[dict[Role, Seen]]:
        """Boil it down as it is now, a role a step, in the order of the roles.

        Where a frame has several rows of a role the first one counts: detectors write the best
        one first.
        """
        if not self._frames:
            return {}
        frames = len(self._frames)
        rows = np.frombuffer(b"".join(rows for *_, rows in self._frames), DETECTION)
        frame = np.repeat(np.arange(frames), [count for _, count, _ in self._frames])
        sound = np.isfinite(rows["x_px"] + rows["y_px"] + rows["r_px"]) & (rows["r_px"] > 0.0)
        found = {}
        for role in MARKERS:
            (of_role,) = np.nonzero(sound & (rows["role"] == role))
            if of_role.size:
                _, first = np.unique(frame[of_role], return_index=True)
                found[role] = _boil(role, rows[of_role[first]], frames)
                yield
        return found


def is_sound(row: np.void) -> bool:
    """Tell whether a DETECTION row is a marker that can be drawn."""
    told = row["x_px"] + row["y_px"] + row["r_px"]
    return bool(row["role"] < Role.SCENE and np.isfinite(told) and row["r_px"] > 0.0)


_BOILED: Final = ("x_px", "y_px", "r_px", "contrast", "axis_ratio", "var_x_px2", "var_y_px2")


def _boil(role: Role, rows: Rows, frames: int) -> Seen:
    table = np.array([rows[name] for name in _BOILED])
    x, y, r, contrast, _, *variances = table
    table[-1] = np.maximum(*variances)
    middle = [float(value) for value in np.median(table, axis=1)]  # one call: each takes its time
    x_px, y_px, radius, level, axis_ratio, _, variance = middle
    still = len(rows) >= 3 and bool(max(np.ptp(x), np.ptp(y)) < STILL * radius)
    return Seen(
        role=role,
        x_px=x_px if still else float(x[-1]),
        y_px=y_px if still else float(y[-1]),
        r_px=radius,
        sd_px=sqrt(max(variance, 0.0)),
        axis_ratio=min(1.0, max(0.0, axis_ratio)),
        contrast=level,
        share=len(rows) / frames,
        r_rel_sd=float(r.std()) / radius if still else None,
        contrast_rel_sd=float(contrast.std()) / level if still and level > 0.0 else None,
        still=still,
    )


def light_on(luma: U8Image, rows: Rows) -> Grey | None:
    """Read paper and black of the bar's ring marker where it is in this very picture.

    None where it is not seen in it, or reaches out of it.
    """
    bar = next((row for row in rows if row["role"] == Role.BAR and is_sound(row)), None)
    if bar is None:
        return None
    middle = 0.5 * (1.0 + INNER_RATIO[Role.BAR])
    paper = np.concatenate([_circle(luma, bar, share) for share in PAPER_AT])
    black = _circle(luma, bar, middle)
    if paper.size < DIRECTIONS or black.size < DIRECTIONS:
        return None
    return Grey(
        paper=float(np.median(paper)),
        black=float(np.median(black)),
        burnt_share=float(np.mean(paper >= WHITE)),
    )


_COS: Final = np.array([cos(2.0 * pi * i / DIRECTIONS) for i in range(DIRECTIONS)])
_SIN: Final = np.array([sin(2.0 * pi * i / DIRECTIONS) for i in range(DIRECTIONS)])


def _circle(luma: U8Image, bar: np.void, share: float) -> U8Image:
    """Return the pixels nearest to a circle around the marker, those in the picture."""
    x = np.rint(bar["x_px"] + share * bar["r_px"] * _COS).astype(np.int64)
    y = np.rint(bar["y_px"] + share * bar["r_px"] * _SIN).astype(np.int64)
    inside = (x >= 0) & (y >= 0) & (x < luma.shape[1]) & (y < luma.shape[0])
    return np.asarray(luma[y[inside], x[inside]])
