"""How a bar moves in a session, exactly: pieces laid end to end, and the true repetitions in it."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from shinline.sim.curves import Curve, Flight, Rest, bounds_s
from shinline.sim.faults import Bulge, smooth
from shinline.types import FloatArray

DENSE_S: Final = 0.0005
BACK_FROM: Final = 0.30  # fraction of the range from where the bar follows the legs back


@dataclass(frozen=True, slots=True)
class Speeds:
    """A height whose speed is piecewise linear between evenly spaced nodes, from ``y_m`` on."""

    y_m: float
    duration_s: float
    speed_mps: FloatArray

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        v = self.speed_mps
        step_s = self.duration_s / (len(v) - 1)
        gone = np.concatenate([[0.0], np.cumsum(0.5 * (v[1:] + v[:-1])) * step_s])
        place = np.clip(t_s / step_s, 0.0, len(v) - 1.0)
        node = np.minimum(place.astype(np.int64), len(v) - 2)
        part = place - node
        speed = v[node] + part * (v[node + 1] - v[node])
        return self.y_m + gone[node] + 0.5 * (v[node] + speed) * part * step_s, speed


@dataclass(frozen=True, slots=True)
class Chain:
    """Curves one after the other, as one."""

    curves: tuple[Curve, ...]

    @property
    def duration_s(self) -> float:
        """How long all of them last."""
        return sum(curve.duration_s for curve in self.curves)

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return height and velocity."""
        rows = np.zeros((2, len(t_s)))
        begin_s = 0.0
        for curve in self.curves:
            chosen = (t_s >= begin_s) | (begin_s == 0.0)
            rows[:, chosen] = curve.at(np.minimum(t_s[chosen] - begin_s, curve.duration_s))
            begin_s += curve.duration_s
        return rows[0], rows[1]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time with one rule of motion.

    x goes from ``x_from`` to ``x_to`` over the piece's time, or, with a ``range_m``, over the
    height between ``BACK_FROM`` of it and its top. ``sway`` is how far the bar's end comes toward
    the camera at the top, in standard deviations of that. ``bend_from`` .. ``bend_to`` is what the
    end of the bar does over the piece while the plates do not: the shaft bends, the sleeve lifts.
    """

    start_s: float
    curve: Curve
    x_from: float = 0.0
    x_to: float = 0.0
    range_m: float = 0.0
    bulges: tuple[Bulge, ...] = ()
    sway: float = 0.0
    bend_from: float = 0.0
    bend_to: float = 0.0

    @property
    def end_s(self) -> float:
        """When the next piece takes over."""
        return self.start_s + self.curve.duration_s

    @property
    def at_end_m(self) -> float:
        """Height at its end."""
        return float(self.curve.at(np.array([self.curve.duration_s]))[0][0])

    def at(self, t_s: FloatArray) -> FloatArray:
        """Return x, y, vy, sway and bend as rows, at times of the whole motion."""
        y_m, vy_mps = self.curve.at(t_s - self.start_s)
        done = (t_s - self.start_s) / self.curve.duration_s
        up = np.clip(y_m / self.range_m, 0.0, 1.0) if self.range_m else np.zeros_like(y_m)
        ease = (up - BACK_FROM) / (1.0 - BACK_FROM) if self.range_m else done
        x_m = self.x_from + (self.x_to - self.x_from) * smooth(ease)
        for bulge in self.bulges:
            x_m = x_m + bulge.at(up)
        bend_m = self.bend_from + (self.bend_to - self.bend_from) * smooth(done)
        swayed = smooth(up) if self.range_m else np.ones_like(up)
        return np.stack([x_m, y_m, vy_mps, self.sway * swayed, bend_m])


@dataclass(frozen=True, slots=True)
class TrueRep:
    """A repetition by the published definitions, from the exact motion of the plates.

    ``whole`` False: something (the edge of the recording, an occlusion) took a part of it away,
    and no number of it can be asked for.
    """

    start_s: float
    lockout_s: float
    end_s: float
    rom_m: float
    mean_velocity_mps: float
    peak_velocity_mps: float
    drift_forward_m: float
    drift_backward_m: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Motion:
    """A session: pieces without gaps from 0 on, its repetitions, and when the bar is hidden.

    At ``nudged_s`` somebody knocks against the camera, if it is not None.
    """

    pieces: tuple[Piece, ...]
    reps: tuple[TrueRep, ...]
    hidden: tuple[tuple[float, float], ...] = ()
    nudged_s: float | None = None

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.pieces[-1].end_s

    def at(self, t_s: FloatArray) -> FloatArray:
        """Return x, y, vy, sway and bend as rows (5, n) at any instants."""
        return sample(self.pieces, t_s)


def sample(pieces: tuple[Piece, ...], t_s: FloatArray) -> FloatArray:
    """Return x, y, vy, sway and bend as rows (5, n) of pieces without gaps."""
    t_s = np.clip(t_s, pieces[0].start_s, pieces[-1].end_s)
    starts = np.array([piece.start_s for piece in pieces])
    index = np.searchsorted(starts, t_s, side="right") - 1
    rows = np.zeros((5, len(t_s)))
    for number in np.unique(index):
        chosen = index == number
        rows[:, chosen] = pieces[number].at(t_s[chosen])
    return rows


@dataclass(slots=True)
class Stage:
    """Lays pieces end to end; knows where the bar is by then."""

    pieces: list[Piece] = field(default_factory=list)
    reps: list[TrueRep] = field(default_factory=list)
    hidden: list[tuple[float, float]] = field(default_factory=list)
    nudged_s: float | None = None
    t_s: float = 0.0
    x_m: float = 0.0
    bend_m: float = 0.0
    sway: float = 0.0

    def add(
        self,
        curve: Curve,
        *,
        x_to: float | None = None,
        range_m: float = 0.0,
        bulges: tuple[Bulge, ...] = (),
        sway: float | None = None,
        bend_to: float | None = None,
        backward: bool = False,
    ) -> None:
        """Lay a piece. ``backward``: it comes down, from the top's x to the floor's."""
        if curve.duration_s <= 0.0:
            return
        x_to = self.x_m if x_to is None else x_to
        ends = (x_to, self.x_m) if backward else (self.x_m, x_to)
        bend_to = self.bend_m if bend_to is None else bend_to
        self.sway = self.sway if sway is None else sway
        bends = (self.bend_m, bend_to)
        piece = Piece(self.t_s, curve, *ends, range_m, bulges, self.sway, *bends)
        self.pieces.append(piece)
        self.t_s, self.bend_m = piece.end_s, bend_to
        self.sway = 0.0 if backward else self.sway
        self.x_m = x_to

    def rest(self, duration_s: float, y_m: float = 0.0) -> None:
        """Let the bar be where it is."""
        self.add(Rest(y_m, duration_s))

    def hop(self, impact_mps: float, restitution: float) -> None:
        """Let it hop until it lies."""
        speed_mps = restitution * impact_mps
        while speed_mps > 0.1:
            self.add(Flight(0.0, speed_mps))
            speed_mps *= restitution

    def note(self, first: int, last: int, end_s: float, whole: bool = True) -> None:
        """Write a repetition down, whose way up is pieces ``first`` .. ``last`` - 1."""
        self.reps.append(true_rep(tuple(self.pieces[first:last]), end_s, whole))

    def motion(self) -> Motion:
        """Return what was laid."""
        hidden = tuple(self.hidden)
        return Motion(tuple(self.pieces), tuple(self.reps), hidden, self.nudged_s)


def true_rep(up: tuple[Piece, ...], end_s: float, whole: bool = True) -> TrueRep:
    """Apply the published definitions to the plates' motion from the floor to the last hold."""
    t_s = np.arange(up[0].start_s, up[-1].end_s, DENSE_S)
    x_m, y_m, vy_mps = sample(up, t_s)[:3]
    start_s, lockout_s = bounds_s(t_s, y_m, vy_mps)
    inside = np.concatenate([[start_s], t_s[(t_s > start_s) & (t_s < lockout_s)], [lockout_s]])
    x_m, y_m, vy_mps = sample(up, inside)[:3]
    rom_m = float(y_m[-1] - y_m[0])
    return TrueRep(
        start_s=start_s,
        lockout_s=lockout_s,
        end_s=end_s,
        rom_m=rom_m,
        mean_velocity_mps=rom_m / (lockout_s - start_s),
        peak_velocity_mps=float(np.max(vy_mps)),
        drift_forward_m=float(np.max(x_m) - x_m[0]),
        drift_backward_m=float(x_m[0] - np.min(x_m)),
        whole=whole,
    )
