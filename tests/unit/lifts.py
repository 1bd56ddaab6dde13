"""Exact bar paths, scripted piece by piece, and what an ideal camera would report of them.

A :class:`Script` is a function of time, so its truth (lift-off, lockout, speeds) is computed on a
grid far finer than the camera's, by the published definitions and without the code under test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from shinline.config import Config, Marker, Rig
from shinline.engine import Engine
from shinline.types import (
    DETECTION,
    FRAME,
    NS_PER_S,
    PATH,
    CueEvent,
    Event,
    Rep,
    RepEvent,
    RepKind,
    Role,
    Rows,
)

Floats = NDArray[np.float64]
Ease = Callable[[Floats], Floats]

R_PX = 20.0
DIAMETER_M = 0.08
SCALE_M_PER_PX = DIAMETER_M / (2.0 * R_PX)
ORIGIN_X_PX, ORIGIN_Y_PX = 640.0, 900.0
G_MPS2 = 9.81
RING = Config(
    marker=Marker(kind="ring", diameter_m=DIAMETER_M, facing="right"), rig=Rig(roll_sd_deg=0.25)
)
"""A camera that is just level enough for drift to be judged."""

_E = TypeVar("_E", bound=Event)


def min_jerk(u: Floats) -> Floats:
    """Rise from 0 to 1 with speed and acceleration zero at both ends; peak speed is 1.875."""
    return u**3 * (10.0 - 15.0 * u + 6.0 * u**2)


def speeds(*knots: float) -> Ease:
    """Make an ease whose speed passes through evenly spaced relative ``knots``."""
    curve = PchipInterpolator(np.linspace(0.0, 1.0, len(knots)), knots).antiderivative()
    return lambda u: curve(u) / float(curve(1.0))


@dataclass(frozen=True)
class Piece:
    """One stretch of motion: displacements over ``s`` seconds, with an ease for the height."""

    s: float
    dx_m: float = 0.0
    dy_m: float = 0.0
    ease: Ease = min_jerk
    bulge_m: float = 0.0  # forward excursion that is back to nothing at 60 % of the height


@dataclass(frozen=True)
class Script:
    """A bar's motion, built by chaining; height 0 is where it first rests."""

    pieces: tuple[Piece, ...] = ()
    hidden: tuple[tuple[float, float], ...] = ()

    def rest(self, s: float) -> "Script":
        return self.move(s)

    def move(
        self, s: float, dy: float = 0.0, dx: float = 0.0, ease: Ease = min_jerk, bulge: float = 0.0
    ) -> "Script":
        return replace(self, pieces=(*self.pieces, Piece(s, dx, dy, ease, bulge)))

    def drop(self, height_m: float, bounce: float = 0.3) -> "Script":
        """Fall freely by ``height_m`` and bounce twice, each time with ``bounce`` of the speed."""
        fall_s = float(np.sqrt(2.0 * height_m / G_MPS2))
        script = self.move(fall_s, -height_m, ease=lambda u: u**2)
        for _ in range(2):
            fall_s *= bounce
            hop = 0.5 * G_MPS2 * fall_s**2
            script = script.move(fall_s, hop, ease=lambda u: u * (2.0 - u))
            script = script.move(fall_s, -hop, ease=lambda u: u**2)
        return script

    def hide(self, since_s: float, until_s: float) -> "Script":
        return replace(self, hidden=(*self.hidden, (since_s, until_s)))

    @property
    def duration_s(self) -> float:
        return sum(piece.s for piece in self.pieces)

    def at(self, t_s: Floats) -> tuple[Floats, Floats]:
        """Return exact x and y in metres at times (n,)."""
        x, y = np.zeros_like(t_s), np.zeros_like(t_s)
        begin = 0.0
        for piece in self.pieces:
            u = np.clip((t_s - begin) / piece.s, 0.0, 1.0)
            share = piece.ease(u)
            x += piece.dx_m * min_jerk(u)
            y += piece.dy_m * share
            low = np.clip(share / 0.6, 0.0, 1.0)
            x += piece.bulge_m * np.sin(np.pi * low) ** 2
            begin += piece.s
        return x, y

    def seen(self, t_s: Floats) -> NDArray[np.bool_]:
        visible = np.ones(t_s.shape, bool)
        for since, until in self.hidden:
            visible &= (t_s < since) | (t_s >= until)
        return visible


@dataclass(frozen=True)
class Truth:
    """A rep by the published definitions, from the exact motion."""

    start_s: float
    lockout_s: float
    rom_m: float
    peak_mps: float

    @property
    def mean_mps(self) -> float:
        return self.rom_m / (self.lockout_s - self.start_s)


def truth(script: Script, since_s: float, until_s: float) -> Truth:
    """Apply the published definitions between two times that enclose exactly one pull."""
    t = np.arange(since_s, until_s, 2.5e-4)
    y = script.at(t)[1]
    v = np.gradient(y, t)
    risen = int(np.argmax(y > y[0] + 0.010))
    start = int(np.flatnonzero(v[:risen] < 0.03)[-1])
    high = (y >= y[start] + 0.9 * (y.max() - y[start])) & (v < 0.03)
    lockout = start + int(np.argmax(high[start:]))
    peak = float(v[start : lockout + 1].max())
    return Truth(float(t[start]), float(t[lockout]), float(y[lockout] - y[start]), peak)


@dataclass(frozen=True)
class Body:
    """Hip and shoulder markers of a lifter on straight arms, whose trunk first tips by a fault."""

    trunk_m: float = 0.50
    set_deg: float = 35.0
    drop_deg: float = 0.0
    hidden_hip: tuple[float, float] = (0.0, 0.0)

    def at(self, y_m: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return hip x, y and shoulder x, y for bar heights (n,); toes point along +x."""
        tip = self.drop_deg * min_jerk(np.clip(y_m / 0.10, 0.0, 1.0))
        rise = (88.0 - self.set_deg) * min_jerk(np.clip((y_m - 0.15) / 0.35, 0.0, 1.0))
        angle = np.radians(self.set_deg - tip + rise)
        shoulder_y = y_m + 0.55
        shoulder_x = np.full_like(y_m, 0.03)
        hip_x = shoulder_x - self.trunk_m * np.cos(angle)
        return hip_x, shoulder_y - self.trunk_m * np.sin(angle), shoulder_x, shoulder_y


@dataclass(frozen=True)
class Camera:
    """How the motion is sampled. Noise is Gaussian, its size what the detector claims."""

    rate_hz: float = 60.0
    noise_px: float = 0.15
    jitter: float = 0.0  # of the frame period, standard deviation
    t0_ns: int = 5 * NS_PER_S
    forward: float = 1.0
    seed: int = 7


@dataclass
class Session:
    """What came out."""

    engine: Engine
    events: list[Event] = field(default_factory=list)
    t0_ns: int = 0

    @property
    def ends(self) -> list[RepEvent]:
        return [e for e in self.of(RepEvent) if e.kind is RepKind.END]

    @property
    def voids(self) -> list[RepEvent]:
        return [e for e in self.of(RepEvent) if e.kind is RepKind.VOID]

    @property
    def reps(self) -> list[Rep]:
        return [e.rep for e in self.ends if e.rep is not None]

    @property
    def cues(self) -> list[CueEvent]:
        return self.of(CueEvent)

    def of(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.events if isinstance(event, kind)]

    def seconds(self, t_ns: int) -> float:
        return (t_ns - self.t0_ns) / NS_PER_S


def film(script: Script, camera: Camera, body: Body | None = None) -> list[tuple[np.void, Rows]]:
    """Return the FRAME row and DETECTION rows of each picture."""
    random = np.random.default_rng(camera.seed)
    t_s = np.arange(0.0, script.duration_s, 1.0 / camera.rate_hz)
    t_s = t_s + camera.jitter / camera.rate_hz * np.clip(random.normal(size=t_s.size), -3, 3)
    t_s -= t_s[0]
    x, y = script.at(t_s)
    roles = [(Role.BAR, x, y, script.seen(t_s))]
    if body is not None:
        hip_x, hip_y, shoulder_x, shoulder_y = body.at(y)
        off = (t_s >= body.hidden_hip[0]) & (t_s < body.hidden_hip[1])
        roles += [
            (Role.HIP, hip_x, hip_y, ~off),
            (Role.SHOULDER, shoulder_x, shoulder_y, np.ones(t_s.shape, bool)),
        ]
    frames = []
    for i, now_s in enumerate(t_s):
        t_ns = camera.t0_ns + round(now_s * NS_PER_S)
        seen = [(role, xs[i], ys[i]) for role, xs, ys, visible in roles if visible[i]]
        rows = np.zeros(len(seen), DETECTION)
        for row, (role, x_m, y_m) in zip(rows, seen, strict=True):
            noise = camera.noise_px * random.normal(size=2)
            row["t_ns"], row["role"], row["r_px"] = t_ns, role, R_PX
            row["x_px"] = ORIGIN_X_PX + camera.forward * x_m / SCALE_M_PER_PX + noise[0]
            row["y_px"] = ORIGIN_Y_PX - y_m / SCALE_M_PER_PX + noise[1]
            row["var_x_px2"] = row["var_y_px2"] = camera.noise_px**2
            row["axis_ratio"], row["contrast"], row["quality"] = 1.0, 150.0, 1.0
        head = np.zeros(1, FRAME)[0]
        head["seq"], head["t_ns"], head["detections"] = i, t_ns, len(rows)
        frames.append((head, rows))
    return frames


def play(frames: list[tuple[np.void, Rows]], config: Config = RING, t0_ns: int = 0) -> Session:
    """Feed rows to a new engine and end the session."""
    session = Session(Engine(config, "s"), t0_ns=t0_ns)
    for head, rows in frames:
        session.events += session.engine.advance(head, rows)
    session.events += session.engine.finish()
    return session


def lift(
    script: Script,
    camera: Camera = Camera(),
    config: Config = RING,
    body: Body | None = None,
) -> Session:
    """Film a script and play it."""
    return play(film(script, camera, body), config, camera.t0_ns)


def with_changes(**sections: object) -> Config:
    """Return the ring configuration with some sections replaced."""
    return msgspec.structs.replace(RING, **sections)


LEVELLED = with_changes(rig=Rig(roll_sd_deg=0.2))
"""A camera whose roll is known to 0.2 degrees."""


def exact_path(script: Script, since_s: float, until_s: float, rate_hz: float = 120.0) -> Rows:
    """Return PATH rows without any noise; time 0 of the script is 0 ns."""
    t_s = np.arange(since_s, until_s, 1.0 / rate_hz)
    h = 1e-4
    (x0, y0), (x, y), (x1, y1) = (script.at(t_s + d) for d in (-h, 0.0, h))
    path = np.zeros(t_s.size, PATH)
    path["t_ns"], path["x_m"], path["y_m"] = np.rint(t_s * NS_PER_S), x, y
    path["vx_mps"], path["vy_mps"] = (x1 - x0) / (2 * h), (y1 - y0) / (2 * h)
    path["ay_mps2"] = (y1 - 2 * y + y0) / h**2
    path["sd_m"], path["sd_vy_mps"], path["coasting"] = 3e-4, 3e-3, ~script.seen(t_s)
    return path


def single(up_s: float = 1.4, rom_m: float = 0.52, **pull: object) -> Script:
    """One dead-stop rep: rest, up, a second at the top, down, rest."""
    script = Script().rest(1.5).move(up_s, rom_m, **pull)  # type: ignore[arg-type]
    return script.rest(1.0).move(1.1, -rom_m, -float(script.at(np.array([1e6]))[0][0])).rest(1.5)


def dead_stops(reps: int, rom_m: float = 0.52) -> Script:
    """A set with two seconds on the floor between reps."""
    script = Script().rest(1.5)
    for _ in range(reps):
        script = script.move(1.3, rom_m).rest(0.8).move(1.0, -rom_m).rest(2.0)
    return script
