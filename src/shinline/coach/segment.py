"""Phases and the life of a rep, from the live height of the bar.

A rep is *found* by displacement and only *bounded* by velocity, so that a grinder at 0.05 m/s is a
rep, a bar dropped from the top is a rep, and a sticking point does not end one. What comes out
here are marks in time; the numbers of a rep are made afterwards from the smoothed path.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from shinline.types import NS_PER_S, Phase

REST_SPEED_MPS: Final = 0.03
GO_SPEED_MPS: Final = 0.05
LIFT_M: Final = 0.010
"""Published definition of lift-off: see the numbers' docs."""

SURE_LIFT_M: Final = 0.030
"""Above this a rise counts at any speed: a grinder may never reach GO_SPEED."""

REBOUND_M: Final = 0.100
REBOUND_S: Final = 0.4
"""So soon after a touchdown plates still bounce; only a rise above all bounces is a new pull."""

GO_DWELL_S: Final = 0.08
STILL_DWELL_S: Final = 0.3
STAYED_S: Final = 6.0
"""Nobody pauses a pull for so long: the bar lies on something higher."""

RAISED_M: Final = 0.100
"""Nobody shrugs a bar so far up after having held it so still for so long: it lay there."""

IN_AIR_S: Final = 0.12
"""A bar that has risen LIFT_M so soon after it was first seen was in the air already."""

SLACK_M: Final = 0.002
SLACK_DWELL_S: Final = 0.1
"""The bar's end is a little off where it lay, for so long and slowly: the shaft bends."""

LEFT_S: Final = 3.0
"""So long after that it simply lies a little higher or lower."""

FOLLOW_S: Final = 2.0
"""How slowly the place where it lies may creep, as in the picture of a camera held in hand."""

STILL_RANGE_M: Final = 0.005
KNOCK_MPS2: Final = 25.0
KNOCK_M: Final = 0.006
"""Nobody lifts a bar that lies so suddenly: half of that times the square of the interval, and
this, between two pictures. It was knocked, or the camera was."""

DOWN_M: Final = 0.030
TURN_M: Final = 0.040
BOTTOM_SHARE: Final = 0.3
"""A turn in the lowest 30 % of the lift is the floor of a camera that moved, above it a hitch."""


TAKEN_M: Final = 0.03
TAKEN: Final = "the bar was taken up, from where it lay, to begin from the top"


class MarkKind(Enum):
    """What happened to the bar."""

    LIFT = "lift"
    TOP = "top"
    DOWN = "down"
    END = "end"
    VOID = "void"
    STILL = "still"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Mark:
    """One happening. ``bottom_ns`` is the last instant at the lowest point before the lift."""

    kind: MarkKind
    t_ns: int
    bottom_ns: int = 0
    bottom_m: float = 0.0
    rise_m: float = 0.0
    on_floor: bool = False
    in_air: bool = False
    rested: bool = True
    """False when the bar was never still since it was (last) found."""

    reason: str = ""
    lost: bool = False
    """True when the bar was last seen at the top, and more pictures came."""

    turned: bool = False
    """True when the bar went up again without having come to rest, higher than it had lain."""


class Segmenter:
    """Follow the bar's height; ``update`` returns the marks of one frame, mostly none."""

    def __init__(self, min_rom_m: float) -> None:
        self.hangs = False
        """Whether the bar is not set down between repetitions: a turn below the knee ends one."""

        self._min_rom_m = min_rom_m
        self.phase = Phase.IDLE
        self._seen_before = False
        self._rested = False
        self._begin_ns, self._begin_m = 0, 0.0
        self._low_m = 0.0
        self._low_ns = 0
        self._top_m = 0.0
        self._bottom_m = 0.0
        self._go_ns: int | None = None
        self._still_ns = 0
        self._still_m = 0.0
        self._touch_ns: int | None = None
        self._in_air = False
        self._left_ns: int | None = None
        self._lie_m = 0.0
        self._lie_ns = 0
        self._off_ns: int | None = None
        self._last = (0, 0.0, 0.0)
        self._knock = False
        self._risen_m = 0.0
        self._stay_ns, self._stay_m = 0, 0.0
        self._laid: tuple[int, float] | None = None
        self._land_ns: int | None = None

    @property
    def in_rep(self) -> bool:
        """True between lift-off and the end of the rep."""
        return self.phase in (Phase.PULL, Phase.LOCKOUT, Phase.LOWERING)

    @property
    def rise_m(self) -> float:
        """Height gained so far in this rep."""
        return self._top_m - self._bottom_m

    def update(self, t_ns: int, y_m: float, vy_mps: float, alive: bool) -> list[Mark]:
        """Take in the live state of one frame; ``alive`` False means there is no estimate."""
        if not alive:
            return self.lose(t_ns, "the marker was lost")
        if not self._seen_before:
            self._begin(t_ns, y_m)
            return []
        knocked, self._knock = self._knock, self._knocked(t_ns, y_m, vy_mps)
        if self._knock:
            return []
        if knocked and abs(y_m - self._lie_m) > LIFT_M:  # else it was only seen there once
            return self.restart(t_ns, y_m)
        self._note_stillness(t_ns, y_m, vy_mps)
        if self._left_ns is None and y_m > self._begin_m + LIFT_M:
            self._left_ns = t_ns
        if self.phase is Phase.PULL:
            return self._pull(t_ns, y_m, vy_mps)
        if self.phase in (Phase.LOCKOUT, Phase.LOWERING):
            return self._down_or_laid(t_ns, y_m, vy_mps)
        return self._rest(t_ns, y_m, vy_mps)

    def lose(self, t_ns: int, reason: str, over: bool = False) -> list[Mark]:
        """End what is under way: a rep that reached its height ends, any other is void.

        ``over``: there will be no more pictures.
        """
        marks: list[Mark] = []
        if self.in_rep:
            done = self.rise_m >= self._min_rom_m and self.phase is not Phase.PULL
            kind = MarkKind.END if done else MarkKind.VOID
            lost = self.phase is Phase.LOCKOUT and not over
            marks.append(
                Mark(kind, t_ns, rise_m=self.rise_m, in_air=self._in_air, reason=reason, lost=lost)
            )
        self.phase = Phase.IDLE
        self._seen_before = False
        self._touch_ns = None
        return marks

    def restart(self, t_ns: int, y_m: float) -> list[Mark]:
        """Begin anew: the bar, not being lifted, is elsewhere without having moved there."""
        self._begin(t_ns, y_m)
        return [Mark(MarkKind.ELSEWHERE, t_ns)]

    def _knocked(self, t_ns: int, y_m: float, vy_mps: float) -> bool:
        """Tell whether a bar that lay is suddenly elsewhere."""
        last_ns, last_m, last_mps = self._last
        self._last = (t_ns, y_m, vy_mps)
        if self.phase not in (Phase.READY, Phase.SLACK) or abs(last_mps) > GO_SPEED_MPS:
            return False
        dt_s = (t_ns - last_ns) / NS_PER_S
        return abs(y_m - last_m) > KNOCK_M + 0.5 * KNOCK_MPS2 * dt_s * dt_s

    def _begin(self, t_ns: int, y_m: float) -> None:
        self._last, self._knock = (t_ns, y_m, 0.0), False
        self._seen_before, self._rested = True, False
        self._begin_ns, self._begin_m, self._left_ns = t_ns, y_m, None
        self._settle(t_ns, y_m)
        self._still_ns, self._still_m = t_ns, y_m
        self._stay_ns, self._stay_m = t_ns, y_m
        self.phase = Phase.IDLE

    def _settle(self, t_ns: int, y_m: float) -> None:
        self._low_m, self._low_ns = y_m, t_ns
        self._go_ns = None

    def _note_stillness(self, t_ns: int, y_m: float, vy_mps: float) -> None:
        if abs(vy_mps) > REST_SPEED_MPS or abs(y_m - self._still_m) > STILL_RANGE_M:
            self._still_ns, self._still_m = t_ns, y_m
        if abs(y_m - self._stay_m) > STILL_RANGE_M:  # over seconds the speed is only noise
            self._stay_ns, self._stay_m = t_ns, y_m

    def _still_s(self, t_ns: int) -> float:
        return (t_ns - self._still_ns) / NS_PER_S

    def _stayed(self, t_ns: int) -> bool:
        return (t_ns - self._stay_ns) / NS_PER_S >= STAYED_S

    def _rest(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        marks: list[Mark] = []
        if self._still_s(t_ns) >= STILL_DWELL_S:
            self._rested = True
            self._settle(t_ns, y_m)
            if self.phase not in (Phase.READY, Phase.SLACK):
                self._lie(t_ns, y_m)
                marks.append(Mark(MarkKind.STILL, t_ns))
        elif y_m <= self._low_m and self._since_touch_s(t_ns) >= REBOUND_S:
            self._settle(t_ns, y_m)
        if self._lifts(t_ns, y_m, vy_mps):
            marks.append(self._lift(t_ns, y_m))
        elif self.phase in (Phase.READY, Phase.SLACK):
            self._note_slack(t_ns, y_m, vy_mps)
        return marks

    def _lie(self, t_ns: int, y_m: float) -> None:
        """Take this for the height at which the bar lies."""
        self._lie_m, self._lie_ns, self._off_ns = y_m, t_ns, None
        self.phase = Phase.READY

    def _note_slack(self, t_ns: int, y_m: float, vy_mps: float) -> None:
        """Tell a bar that bends under the pull, its plates on the floor, from one that lies.

        Fast it is not: what moves fast either lifts off or is knocked.
        """
        off_m = y_m - self._lie_m
        if self.phase is Phase.SLACK:
            back = abs(off_m) < 0.5 * SLACK_M and self._still_s(t_ns) >= STILL_DWELL_S
            if back or (self._off_ns is not None and t_ns - self._off_ns > LEFT_S * NS_PER_S):
                self._lie(t_ns, y_m)
            return
        if abs(off_m) < SLACK_M:
            share = min(1.0, (t_ns - self._lie_ns) / NS_PER_S / FOLLOW_S)
            self._lie(t_ns, self._lie_m + share * off_m)
        elif abs(vy_mps) > REST_SPEED_MPS:
            self._off_ns = None
        elif self._off_ns is None:
            self._off_ns = t_ns
        elif t_ns - self._off_ns >= SLACK_DWELL_S * NS_PER_S:
            self.phase = Phase.SLACK

    def _lifts(self, t_ns: int, y_m: float, vy_mps: float) -> bool:
        rise = y_m - self._low_m
        risen_m, self._risen_m = self._risen_m, rise
        if vy_mps <= GO_SPEED_MPS or rise < LIFT_M:
            self._go_ns = None
        elif self._go_ns is None:
            self._go_ns = t_ns
        if self._since_touch_s(t_ns) < REBOUND_S:
            return rise >= REBOUND_M and vy_mps > GO_SPEED_MPS
        sustained = self._go_ns is not None and (t_ns - self._go_ns) >= GO_DWELL_S * NS_PER_S
        return sustained or (rise >= SURE_LIFT_M and risen_m >= LIFT_M)

    def _since_touch_s(self, t_ns: int) -> float:
        return float("inf") if self._touch_ns is None else (t_ns - self._touch_ns) / NS_PER_S

    def _lift(self, t_ns: int, y_m: float) -> Mark:
        self.phase = Phase.PULL
        self._bottom_m, self._top_m = self._low_m, y_m
        self._laid, self._land_ns = None, None
        soon = self._left_ns is not None and self._left_ns - self._begin_ns < IN_AIR_S * NS_PER_S
        self._in_air = soon and self._low_ns == self._begin_ns
        self._go_ns = None
        return Mark(
            MarkKind.LIFT,
            t_ns,
            bottom_ns=self._low_ns,
            bottom_m=self._low_m,
            in_air=self._in_air,
            rested=self._rested,
        )

    def _pull(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        self._top_m = max(self._top_m, y_m)
        high = self.rise_m >= self._min_rom_m
        if high and vy_mps < REST_SPEED_MPS:
            self.phase = Phase.LOCKOUT
            return [Mark(MarkKind.TOP, t_ns, rise_m=self.rise_m)]
        if not high and y_m < self._bottom_m + LIFT_M and vy_mps < REST_SPEED_MPS:
            reason = f"the bar came back after {1000 * self.rise_m:.0f} mm"
            return [self._close(MarkKind.VOID, t_ns, y_m, reason)]
        if not high and self._stayed(t_ns):
            reason = f"the bar stayed {1000 * self.rise_m:.0f} mm higher without a lift"
            return [self._close(MarkKind.VOID, t_ns, y_m, reason)]
        return []

    def _down_or_laid(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        """Wait for the bar to come down, unless it was laid on something and is pulled from there.

        That was no repetition, and the next one begins where it lay.
        """
        if self._stayed(t_ns):
            self._laid = (t_ns, y_m)
        if self._laid is None or y_m < self._laid[1] + RAISED_M:
            lowers = self.phase is Phase.LOWERING
            return (self._lowering if lowers else self._lockout)(t_ns, y_m, vy_mps)
        lay_ns, lay_m = self._laid
        reason = f"the bar was laid {1000 * (lay_m - self._bottom_m):.0f} mm higher"
        void = self._close(MarkKind.VOID, t_ns, y_m, reason)
        self._low_ns, self._low_m, self._rested, self._touch_ns = lay_ns, lay_m, True, None
        return [void, self._lift(t_ns, y_m)]

    def _lockout(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        self._top_m = max(self._top_m, y_m)
        lies = y_m <= self._bottom_m + LIFT_M  # as where it was hidden on its way down
        if y_m < self._top_m - DOWN_M and (vy_mps < -GO_SPEED_MPS or lies):
            self.phase = Phase.LOWERING
            self._settle(t_ns, y_m)
            return [Mark(MarkKind.DOWN, t_ns)]
        return []

    def _lowering(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        if y_m < self._low_m:
            self._settle(t_ns, y_m)
        if self.hangs and self._top_m - self._low_m >= self._min_rom_m:
            return self._hanging(t_ns, y_m, vy_mps)
        near = self._low_m - self._bottom_m <= BOTTOM_SHARE * self.rise_m
        if y_m <= self._bottom_m + LIFT_M and not self._in_air and self._land_ns is None:
            self._land_ns = t_ns
        if self._land_ns is not None:  # where it was lifted; now see where it stops
            if vy_mps <= -GO_SPEED_MPS:
                return []
            return [self._close(MarkKind.END, self._land_ns, y_m, "", floor=True)]
        turned = y_m > self._low_m + TURN_M and vy_mps > GO_SPEED_MPS
        rests = self._still_s(t_ns) >= STILL_DWELL_S
        if near and (turned or rests):
            low_m, low_ns = self._low_m, self._low_ns
            mark = self._close(MarkKind.END, low_ns, y_m, "", floor=True, turned=not rests)
            self._low_m, self._low_ns = low_m, low_ns
            return [mark]
        if turned:
            self.phase = Phase.PULL
        return []

    def _hanging(self, t_ns: int, y_m: float, vy_mps: float) -> list[Mark]:
        """Wait for the turn of a bar that hangs, or for the floor at last."""
        turned = y_m > self._low_m + TURN_M and vy_mps > GO_SPEED_MPS
        rests = self._still_s(t_ns) >= STILL_DWELL_S
        if not (turned or rests):
            return []
        low_m, low_ns = self._low_m, self._low_ns
        if abs(self._bottom_m - self._lie_m) < TAKEN_M:
            mark = self._close(MarkKind.VOID, t_ns, y_m, TAKEN)
        else:
            mark = self._close(MarkKind.END, low_ns, y_m, "", turned=turned)
        self._low_m, self._low_ns = low_m, low_ns
        self._touch_ns = None
        return [mark]

    def _close(
        self,
        kind: MarkKind,
        t_ns: int,
        y_m: float,
        reason: str,
        floor: bool = False,
        turned: bool = False,
    ) -> Mark:
        """Go to the floor.

        For a moment its level is the one from which the bar was lifted, because the live filter
        swings below it when plates strike.
        """
        self.phase = Phase.FLOOR
        self._touch_ns = t_ns
        self._settle(t_ns, self._bottom_m if floor and not self._in_air else y_m)
        return Mark(
            kind,
            t_ns,
            rise_m=self.rise_m,
            on_floor=floor,
            in_air=self._in_air,
            reason=reason,
            turned=turned,
        )
