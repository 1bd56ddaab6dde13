"""A calibration carried out in a simulated gym, well or badly, and a lift after it.

What chance does here is what the fit believes it may do (strings lean, cards nod, floors slope),
drawn anew for each mount. What goes wrong on purpose is a :class:`Trouble`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from math import cos, pi, radians, sin
from typing import Final, TypeVar

import msgspec
import numpy as np

from shinline.config import Lens
from shinline.types import FloatArray, Rows
from shinline_cal.rigging import moving, still, turning, world
from shinline_cal.rigging.evidence import Edge, Evidence, Fall, ObservationError, Roll, Swing
from shinline_cal.rigging.world import Marker, Mount

Step = TypeVar("Step")

STRING_LEAN: Final = radians(0.05)
NOD: Final = radians(2.0)
TURN: Final = radians(10.0)
ASKEW: Final = radians(1.0)
FLOOR: Final = radians(0.3)
EDGE_LEAN_DEG: Final = 0.3
PRINT_REL: Final = 0.003
OFF_AXIS_M: Final = 0.002
TAPE_M: Final = 0.012
DIAMETER_M: Final = 0.08
PLATE_M: Final = 0.45

FILES: Final = {"calibrated": (0.003, 3.0, 0.005), "nominal": (0.02, 12.0, 0.02)}
"""Standard deviations that a lens file states: focal length (relative), centre (px), k1."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is done wrong; the defaults do all well."""

    name: str = ""
    touches_deg: float = 0.0
    draught_deg: float = 0.0
    knocked_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    printed: float = 1.0
    plate_m: float | None = None
    typed: float = 1.0
    refocused: float = 1.0
    other_lens: str = ""
    off_axis_m: float = 0.0
    second_plate: bool = False
    mirrored: bool = False
    flipped: bool = False
    turned_deg: float = 0.0


@dataclass(slots=True)
class Session:
    """One person with one camera: what they do, and what they are told."""

    mount: Mount
    rng: np.random.Generator
    trouble: Trouble
    now_s: float = 0.0
    marker: Marker = field(init=False)
    off: FloatArray = field(init=False)
    paper: FloatArray = field(init=False)
    tilts: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng
        true = DIAMETER_M * self.trouble.printed * (1.0 + rng.normal(0.0, PRINT_REL))
        self.marker = Marker(true)
        self.off = rng.normal(0.0, OFF_AXIS_M, 2)
        if self.trouble.off_axis_m:
            angle = rng.uniform(0.0, 2.0 * pi)
            self.off = self.trouble.off_axis_m * np.array([cos(angle), sin(angle)])
        self.tilts = (float(rng.normal(0.0, ASKEW)), float(rng.normal(0.0, ASKEW)))

    def seen(
        self, t_s: FloatArray, places: FloatArray, normal: FloatArray, still_: bool = False
    ) -> Rows:
        """Return what the detector says, in the picture as it is."""
        rows = world.rows_of(
            self.mount, self.rng, self.now_s + t_s, places, normal, self.marker, still_
        )
        self.now_s += float(t_s[-1]) + 2.0
        if self.trouble.mirrored:
            rows["x_px"] = self.mount.width_px - 1 - rows["x_px"]
        if self.trouble.flipped:
            rows["y_px"] = self.mount.height_px - 1 - rows["y_px"]
        return rows

    def bar(self, where: FloatArray, turn_rad: FloatArray) -> FloatArray:
        """Return the marker's places (n, 3) on a bar at (n, 3) that has turned by (n,)."""
        c, s = np.cos(turn_rad), np.sin(turn_rad)
        x, y = self.off
        circling = np.stack([x * c + y * s - x, y * c - x * s - y, np.zeros_like(c)], axis=-1)
        return np.asarray(where + circling)

    def glued(self, turn_rad: float) -> FloatArray:
        """Return the normal of the bar's paper when the bar has turned."""
        nod, turn = self.tilts
        c, s = cos(turn_rad), sin(turn_rad)
        return world.facing(nod * c - turn * s, nod * s + turn * c)

    def turn(self) -> float:
        """Return how a card is turned that somebody turned roughly to the camera, radians."""
        half_way = 0.5 * radians(self.mount.azimuth_deg)
        return half_way + float(np.clip(self.rng.normal(0.0, TURN), -2.0 * TURN, 2.0 * TURN))

    def rest(self) -> Rows:
        """The bar lies."""
        n = 60
        rows = self.seen(_times(n), np.zeros((n, 3)), self.glued(0.0), still_=True)
        if self.trouble.second_plate:
            rows["x_px"][1::3] += 9.0 * rows["r_px"][1::3]
        return rows

    def plumb(
        self, aside_m: float, near_m: float, span_m: float, low_m: float, touches: bool = False
    ) -> Rows:
        """A card hangs low, then high on the same string."""
        bent = self.trouble.draught_deg + (self.trouble.touches_deg if touches else 0.0)
        lean = self.rng.normal(0.0, STRING_LEAN, 2) + np.array([radians(bent), 0.0])
        line, nod = world.vertical(*lean), float(self.rng.normal(0.0, NOD))
        parts = []
        for height in (low_m, low_m + span_m):
            n = 60
            t = _times(n)
            sway = self.rng.uniform(0.0, 0.001) * np.sin(2.0 * pi * t / 1.7)
            foot = np.array([aside_m, 0.0, near_m])
            places = foot + height * line + sway[:, None] * np.array([1.0, 0.0, 0.3])
            normal = world.facing(nod, self.turn())
            parts.append(self.seen(t, places, normal, still_=True))
        return np.concatenate(parts)

    def swing(self, aside_m: float, near_m: float, length_m: float, low_m: float) -> Rows:
        """A card swings on its string."""
        rng = self.rng
        lean = rng.normal(0.0, STRING_LEAN, 2) + np.array([radians(self.trouble.draught_deg), 0.0])
        t, places = world.swinging(
            length_m,
            radians(float(rng.uniform(7.0, 16.0))),
            float(rng.normal(0.0, 0.2)),
            float(rng.normal(0.0, 0.03)),
            world.vertical(*lean),
            8.0,
            float(rng.uniform(0.01, 0.05)),
        )
        pivot = np.array([aside_m, low_m + length_m, near_m])
        normal = world.facing(float(rng.normal(0.0, NOD)), self.turn())
        return self.seen(t, pivot + places, normal)

    def fall(self, aside_m: float, near_m: float, high_m: float) -> Rows:
        """A marker on something heavy is let go."""
        lean = radians(float(self.rng.normal(0.0, 0.12)))
        t = _times(int(world.RATE_HZ * 0.36))
        down = 0.5 * world.G * t * t
        speed = self.rng.normal(0.0, [0.1, 0.05, 0.1])
        places = np.array([aside_m, high_m, near_m]) + t[:, None] * speed
        places = places - down[:, None] * world.vertical(lean, 0.0)
        hold = np.repeat(places[:1], 12, axis=0)
        times = np.concatenate([_times(12), t + 12.0 / world.RATE_HZ])
        return self.seen(times, np.concatenate([hold, places]), world.facing(0.0, 0.05))

    def roll(self, way_m: float) -> Rows:
        """The bar is rolled along the floor."""
        rng = self.rng
        n = 120
        way = way_m * _smooth(np.linspace(0.0, 1.0, n))
        heading, slope = float(rng.normal(0.0, ASKEW)), float(rng.normal(0.0, FLOOR))
        line = np.array([cos(heading), slope, sin(heading)])
        turn = way / (0.5 * (self.trouble.plate_m or PLATE_M))
        places = self.bar(way[:, None] * line, turn)
        normals = np.stack([self.glued(float(a)) for a in turn])
        return self.seen(_times(n), places, normals)

    def edges(self, count: int) -> tuple[Edge, ...]:
        """Uprights of a rack, and door frames."""
        found = []
        for _ in range(count):
            foot = np.array([self.rng.uniform(-1.0, 1.0), -0.1, -self.rng.uniform(0.3, 1.5)])
            line = world.vertical(*self.rng.normal(0.0, radians(EDGE_LEAN_DEG), 2))
            ends = self.mount.pixels(np.stack([foot, foot + 0.8 * line]))
            ends = ends + self.rng.normal(0.0, 0.1, (2, 2))
            x1, y1, x2, y2 = (float(v) for v in ends.ravel())
            found.append(Edge(x1, y1, x2, y2, 0.1, EDGE_LEAN_DEG))
        return tuple(found)

    def knock(self) -> None:
        """Turn the camera, if that is the trouble."""
        roll, pitch, azimuth = self.trouble.knocked_deg
        self.mount = replace(
            self.mount,
            roll_deg=self.mount.roll_deg + roll,
            pitch_deg=self.mount.pitch_deg + pitch,
            azimuth_deg=self.mount.azimuth_deg + azimuth,
        )


def _times(n: int) -> FloatArray:
    return np.arange(n) / world.RATE_HZ


def _smooth(share: FloatArray) -> FloatArray:
    return np.asarray(share * share * (3.0 - 2.0 * share))


def calibrate(
    mount: Mount, rng: np.random.Generator, trouble: Trouble, file: str
) -> tuple[Evidence, Session]:
    """Carry out a calibration; the observations refuse what they refuse.

    Raises
    ------
    ObservationError
        As in use.

    """
    session = Session(mount, rng, trouble)
    aside, near = float(rng.normal(0.0, 0.2)), float(rng.normal(0.0, 0.12))
    aside, near, span, low = fit_in(mount, rng, aside, near)
    lens = lens_file(mount, rng, trouble, file)
    typed = DIAMETER_M * trouble.typed
    kind = rng.uniform()
    rests = [still.rest(session.rest())]
    hang = partial(session.plumb, aside, near, span, low, touches=True)
    plumbs = [_again(lambda: still.plumb(hang(), typed))]
    session.knock()
    swings: list[Swing] = []
    falls: list[Fall] = []
    rolls: list[Roll] = []
    edges: tuple[Edge, ...] = ()
    if kind < 0.75:
        push = partial(session.swing, aside, near, span + 0.1, low)
        swings.append(_again(lambda: moving.swing(push(), typed)))
    else:
        beside, near2, span2, low2 = fit_in(mount, rng, -aside, near)
        beside_it = partial(session.plumb, beside, near2, span2, low2)
        plumbs.append(_again(lambda: still.plumb(beside_it(), typed)))
    if rng.uniform() < 0.25:
        falls.append(moving.fall(session.fall(aside, near, low + span), typed))
    if rng.uniform() < 0.4:
        edges = session.edges(int(rng.integers(1, 4)))
    rests.append(still.rest(session.rest()))
    if rng.uniform() < 0.8 and mount.inside(np.array([[0.45, 0.0, 0.05]]), 10.0):
        rolls.append(turning.rolled(session.roll(float(rng.uniform(0.32, 0.42))), typed))
    height = None
    if rng.uniform() < 0.4:
        height = float(mount.eye[1]) + 0.225 + float(rng.normal(0.0, TAPE_M))
    evidence = Evidence(
        lens=lens,
        width_px=mount.width_px,
        height_px=mount.height_px,
        marker_diameter_m=typed,
        marker_rel_sd=PRINT_REL,
        plate_diameter_m=PLATE_M,
        rests=tuple(rests),
        plumbs=tuple(plumbs),
        swings=tuple(swings),
        falls=tuple(falls),
        edges=edges,
        rolls=tuple(rolls),
        camera_height_m=height,
    )
    return evidence, session


def _again(step: Callable[[], Step]) -> Step:
    """Take a step, and once more if it is refused: as somebody does who is told why."""
    try:
        return step()
    except ObservationError:
        return step()


def fit_in(
    mount: Mount, rng: np.random.Generator, aside: float, near: float
) -> tuple[float, float, float, float]:
    """Return a place for the string that is in the picture, as anybody would look for one."""
    for _ in range(60):
        span, low = float(rng.uniform(0.45, 0.95)), float(rng.uniform(-0.05, 0.25))
        corners = [[aside + s, low + h, near] for s in (-0.2, 0.2) for h in (0.0, span)]
        if mount.inside(np.array(corners), 15.0):
            return aside, near, span, low
        aside *= 0.9
    return 0.0, near, 0.45, 0.1


def lens_file(mount: Mount, rng: np.random.Generator, trouble: Trouble, file: str) -> Lens:
    """Return what the lens's file says: the truth, off by what the file states."""
    focal_sd, centre_sd, k1_sd = FILES[file]
    true = mount.lens
    focal = true.fx_px * (1.0 + float(rng.normal(0.0, focal_sd))) / trouble.refocused
    k1 = true.k1 + float(rng.normal(0.0, k1_sd))
    if trouble.other_lens:
        _, _, focal, k1, _ = world.LENSES[trouble.other_lens]
    return msgspec.structs.replace(
        true,
        fx_px=focal,
        fy_px=focal,
        cx_px=true.cx_px + float(rng.normal(0.0, centre_sd)),
        cy_px=true.cy_px + float(rng.normal(0.0, centre_sd)),
        k1=k1,
        focal_rel_sd=focal_sd,
        centre_sd_px=centre_sd,
        k1_sd=k1_sd,
    )


@dataclass(frozen=True, slots=True)
class Lift:
    """One lift: the bar at rest, then going up, and the truth."""

    rest: Rows
    rows: Rows
    x_m: FloatArray
    y_m: FloatArray


def lift(session: Session) -> Lift:
    """Lift the bar from where it was put this time, with some drift, and with it out of plane."""
    rng = session.rng
    n = 90
    share = np.concatenate([_smooth(np.linspace(0.0, 1.0, n - 10)), np.ones(10)])
    put = np.array([rng.normal(0.0, 0.03), 0.0, rng.normal(0.0, 0.015)])
    rom, drift = float(rng.uniform(0.45, 0.65)), float(rng.uniform(-0.06, 0.06))
    bow, lean = np.sin(pi * share ** float(rng.uniform(0.6, 1.4))), float(rng.uniform(0.0, 1.0))
    x = drift * ((1.0 - lean) * bow + lean * share)
    z = float(rng.normal(0.0, 0.003)) * share + float(rng.normal(0.0, 0.001)) * bow
    path = put + np.stack([x, rom * share, z], axis=1)
    turn = radians(float(rng.normal(0.0, 5.0))) * share
    rest = session.seen(_times(40), np.repeat(path[:1], 40, axis=0), session.glued(0.0), True)
    rows = session.seen(_times(n), session.bar(path, turn), session.glued(0.0))
    return Lift(rest, rows, x, rom * share)
