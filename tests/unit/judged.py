"""Pulls on exact paths, with stickers exactly where a test puts them, and what is judged of them.

A test places each sticker by a function of time and of where the bar is, so what the coach should
measure follows from the test's own numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from lifts import LEVELLED, Floats, Script, min_jerk

from shinline.coach.assemble import RepInput, assemble, judge_so_far
from shinline.coach.body import Body
from shinline.coach.faults.card import When
from shinline.coach.lifts import LIFTS
from shinline.coach.past import Past
from shinline.config import Baseline, Config
from shinline.steps import done
from shinline.types import NS_PER_S, PATH, FaultVerdict, Rep, RepStyle, Role, Rows, Severity

Place = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
"""From times and the bar's x and y, each (n,), to a sticker's x and y."""

Aside = Callable[[Floats, Floats], Floats]
"""From times and the bar's height to how far it is forward of its script."""

REST_S = 1.0
ROM_M = 0.52
UP_S, HOLD_S, DOWN_S = 1.4, 1.0, 1.1
NOISE_M, NOISE_MPS = 3e-4, 3e-3
STEP_S = 1e-4


def up_and_down(rom_m: float = ROM_M, up_s: float = UP_S, down_s: float = DOWN_S) -> Script:
    """A rest, the pull, a second at the top, and down again."""
    return Script().rest(REST_S).move(up_s, rom_m).rest(HOLD_S).move(down_s, -rom_m)


PULL = up_and_down()


def at(x_m: float, y_m: float) -> Place:
    """A sticker that stays where it is."""
    return lambda t, x, y: (np.full_like(t, x_m), np.full_like(t, y_m))


def with_bar(x_m: float, y_m: float) -> Place:
    """A sticker that goes up with the bar from a place, and does not go forward with it."""
    return lambda t, x, y: (np.full_like(t, x_m), y + y_m)


def plateau(value: float, since_s: float, until_s: float, ramp_s: float = 0.1) -> Aside:
    """Something that is ``value`` from one time to another, and 0 before and after."""

    def shape(t: Floats, y: Floats) -> Floats:
        rises = min_jerk(np.clip((t - since_s) / ramp_s + 1.0, 0.0, 1.0))
        falls = min_jerk(np.clip((t - until_s) / ramp_s, 0.0, 1.0))
        return value * rises * (1.0 - falls)

    return shape


def between_heights(value: float, low_m: float, high_m: float, ramp_m: float = 0.03) -> Aside:
    """Something that is ``value`` between two heights of the bar, and 0 below and above."""

    def shape(t: Floats, y: Floats) -> Floats:
        rises = min_jerk(np.clip((y - low_m) / ramp_m + 1.0, 0.0, 1.0))
        falls = min_jerk(np.clip((y - high_m) / ramp_m, 0.0, 1.0))
        return value * rises * (1.0 - falls)

    return shape


@dataclass(frozen=True)
class Pull:
    """One repetition on exact paths; ``hidden`` are stickers and when they are out of sight."""

    script: Script = PULL
    body: Mapping[Role, Place] = field(default_factory=dict)
    aside: Aside | None = None
    hidden: tuple[tuple[Role, float, float], ...] = ()
    past: Past = field(default_factory=Past)
    lift: str = "conventional"
    config: Config = LEVELLED
    placed: bool = True
    rate_hz: float = 120.0
    previous_floor_s: float | None = None
    facing_known: bool = True
    shift: tuple[float, float, int] = (0.0, 0.0, 0)
    """By how much all of it is elsewhere, m, and later, ns."""

    changes: dict[str, object] = field(default_factory=dict)

    def but(self, **changes: object) -> "Pull":
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_own(self, code: str, mean: float, sd: float = 0.0, reps: int = 8) -> "Pull":
        """The same pull of a lifter of whom good repetitions are known."""
        own = Baseline("Anna", self.lift, code, mean, sd, reps)  # type: ignore[arg-type]
        return replace(self, past=replace(self.past, own={code: own}))

    @property
    def floor_s(self) -> float:
        """When the bar touches the floor: where the script first comes back to the ground."""
        t = np.arange(REST_S, self.script.duration_s + 0.01, 1e-4)
        y = self.script.at(t)[1]
        top = int(np.argmax(y))
        return float(t[top + int(np.argmax(y[top:] <= 1e-4))])

    def given(self) -> RepInput:
        t_s = np.arange(0.0, self.script.duration_s + 0.1, 1.0 / self.rate_hz)
        bar = self._rows(None, t_s)
        paths = {role: self._rows(role, t_s) for role in self.body}
        given = RepInput(
            id="s-0001",
            set=1,
            number=1,
            bottom_ns=round(REST_S * NS_PER_S) + self.shift[2],
            floor_ns=round(self.floor_s * NS_PER_S) + self.shift[2],
            in_air=False,
            previous_floor_ns=None
            if self.previous_floor_s is None
            else round(self.previous_floor_s * NS_PER_S) + self.shift[2],
            facing_known=self.facing_known,
            bar=bar,
            body=Body(paths, self.placed),
            jumps=np.zeros(len(bar), bool),
            scale_rel_sd=1e-3,
            tilt=0.0,
            past=self.past,
            lift=LIFTS[self.lift],
        )
        return replace(given, **self.changes)  # type: ignore[arg-type]

    def rep(self) -> Rep:
        made = assemble(self.given(), self.config)
        assert not isinstance(made, str), made
        assert made[0].valid, made[0].notes
        return made[0]

    def verdict(self, code: str) -> FaultVerdict:
        return next(verdict for verdict in self.rep().faults if verdict.code == code)

    def so_far(self, now: When, until_s: float) -> dict[str, FaultVerdict]:
        """What is judged at a moment of the pull, when it has been seen until then."""
        given = self.given()
        rows = int(np.searchsorted(given.bar["t_ns"], round(until_s * NS_PER_S), side="right"))
        paths = {role: path[:rows] for role, path in given.body.paths.items()}
        seen = replace(
            given,
            bar=given.bar[:rows],
            body=replace(given.body, paths=paths),
            jumps=given.jumps[:rows],
            floor_ns=None,
        )
        return {v.code: v for v in done(judge_so_far(seen, now, ROM_M, self.config))}

    def _where(self, role: Role | None, t_s: Floats) -> tuple[Floats, Floats]:
        x, y = self.script.at(t_s)
        if self.aside is not None:
            x = x + self.aside(t_s, y)
        x, y = (x, y) if role is None else self.body[role](t_s, x, y)
        return x + self.shift[0], y + self.shift[1]

    def _rows(self, role: Role | None, t_s: Floats) -> Rows:
        (x0, y0), (x, y), (x1, y1) = (self._where(role, t_s + d) for d in (-STEP_S, 0.0, STEP_S))
        rows = np.zeros(t_s.size, PATH)
        rows["t_ns"], rows["x_m"], rows["y_m"] = np.rint(t_s * NS_PER_S), x, y
        rows["t_ns"] += self.shift[2]
        rows["vx_mps"], rows["vy_mps"] = (x1 - x0) / (2 * STEP_S), (y1 - y0) / (2 * STEP_S)
        rows["ay_mps2"] = np.clip((y1 - 2 * y + y0) / STEP_S**2, -30.0, 30.0)  # kinks of a script
        rows["sd_m"], rows["sd_vy_mps"] = NOISE_M, NOISE_MPS
        for hidden, since_s, until_s in self.hidden:
            if hidden is (Role.BAR if role is None else role):
                rows["coasting"] |= (t_s >= since_s) & (t_s < until_s)
        return rows


def finished(rep: int = 1, **changes: object) -> Rep:
    """A plain earlier repetition of 0.52 m at 0.40 m/s, of which nothing was judged."""
    plain = Rep(
        id=f"s-{rep:04d}",
        set=1,
        rep=rep,
        start_ns=0,
        lockout_ns=NS_PER_S,
        end_ns=3 * NS_PER_S,
        floor_ns=3 * NS_PER_S,
        rom_m=ROM_M,
        mean_velocity_mps=0.40,
        mean_velocity_sd_mps=0.002,
        peak_velocity_mps=0.7,
        peak_acceleration_mps2=2.0,
        time_to_knee_s=0.7,
        concentric_s=1.3,
        eccentric_s=1.0,
        drift_forward_m=0.0,
        drift_backward_m=0.0,
        drift_sd_m=0.002,
        drift_at_knee_m=0.0,
        loop_m=0.0,
        sticking_height_m=None,
        floor_time_s=None,
        style=RepStyle.DEAD_STOP,
        faults=(),
        tracked_ratio=1.0,
        hip=None,
        valid=True,
        not_assessed=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def told(code: str, value: float, threshold: float = 1.0, **changes: object) -> FaultVerdict:
    """A verdict of an earlier repetition."""
    severity = Severity.FAULT if value >= threshold else Severity.GOOD
    verdict = FaultVerdict(code, severity, value, 0.01, "m", threshold, 1.0, assessed=True)
    return replace(verdict, **changes)  # type: ignore[arg-type]
