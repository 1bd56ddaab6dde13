"""Every kind of session: what happens in it, and which of it are repetitions.

A kind is a function that lays pieces on a stage. ``KINDS`` is the table; adding a kind is one
function and one row. ``rough`` kinds take evidence away (an occlusion in mid-pull, the edge of the
recording, time stamps that lie): what they may cost is numbers, never their truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shinline.app.bench.lifts.motion import Motion, Stage
from shinline.app.bench.lifts.pulls import (
    Draw,
    chain,
    let_go,
    lower,
    set_down,
    speed_of,
    stroke,
    take_slack,
    way_up,
)
from shinline.app.bench.lifts.ranges import Span
from shinline.sim.curves import Hump, Rest

Act = Callable[[Stage, Draw, int], None]


def _pull(
    stage: Stage, draw: Draw, rom_m: float, grinder: bool = False, given_mps: float = 0.0
) -> tuple[int, int]:
    curve = stroke(draw, 0.0, rom_m, speed_of(draw, grinder), given_mps)
    return way_up(stage, draw, curve, rom_m, draw(draw.ranges.hold_s))


def _begin(stage: Stage, draw: Draw) -> None:
    stage.rest(draw(draw.ranges.settle_s))


def _singles(stage: Stage, draw: Draw, reps: int, span: Span, grinder: bool = False) -> None:
    """Pull, stand, set down, again and again, each from a dead stop."""
    _begin(stage, draw)
    rom_m = draw(span)
    for _ in range(reps):
        part = _pull(stage, draw, rom_m * draw((0.985, 1.0)), grinder)
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw(draw.ranges.floor_s))


def dead_stop(stage: Stage, draw: Draw, reps: int) -> None:
    """Ordinary repetitions."""
    _singles(stage, draw, reps, draw.ranges.full_m)


def sumo(stage: Stage, draw: Draw, reps: int) -> None:
    """A shorter way."""
    _singles(stage, draw, reps, draw.ranges.sumo_m)


def blocks(stage: Stage, draw: Draw, reps: int) -> None:
    """A quarter of a metre."""
    _singles(stage, draw, reps, draw.ranges.blocks_m)


def tall(stage: Stage, draw: Draw, reps: int) -> None:
    """The longest arms' opposite."""
    _singles(stage, draw, reps, draw.ranges.tall_m)


def grinder(stage: Stage, draw: Draw, reps: int) -> None:
    """As slow as 0.05 m/s."""
    _singles(stage, draw, reps, draw.ranges.full_m, grinder=True)


def stall(stage: Stage, draw: Draw, reps: int) -> None:
    """A standstill in mid-pull, at any height below lockout."""
    _broken(stage, draw, reps, (0.12, 0.85), (0.0, 0.0), draw.ranges.stall_s)


def pause(stage: Stage, draw: Draw, reps: int) -> None:
    """A long stop below the knee, on purpose."""
    _broken(stage, draw, reps, (0.06, 0.45), (0.0, 0.0), (1.0, 3.0))


def hitch(stage: Stage, draw: Draw, reps: int) -> None:
    """The bar rests on the thighs, sinks and is jerked on."""
    _broken(stage, draw, reps, (0.50, 0.85), (0.01, 0.06), (0.0, 0.4))


def _broken(stage: Stage, draw: Draw, reps: int, at: Span, back_m: Span, still_s: Span) -> None:
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    for _ in range(reps):
        turns, mps = [], speed_of(draw)
        for share in sorted(draw(at) for _ in range(1 + draw.chance(0.3))):
            low_m = share * rom_m - draw(back_m)
            turns.append((share * rom_m, mps, draw(still_s)))
            if low_m < share * rom_m:
                turns.append((low_m, 0.15, 0.0))
        curve = chain(draw, [*turns, (rom_m, 0.8 * mps, 0.0)])
        part = way_up(stage, draw, curve, rom_m, draw(draw.ranges.hold_s))
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw(draw.ranges.floor_s))


def failed(stage: Stage, draw: Draw, reps: int) -> None:
    """The last pulls of a set do not come up: they stop short of lockout and go back."""
    _singles(stage, draw, max(1, reps - 2), draw.ranges.full_m)
    rom_m = max(rep.rom_m for rep in stage.reps)
    for _ in range(2):
        stop_m = draw((0.03, 0.72)) * rom_m
        curve = stroke(draw, 0.0, stop_m, draw((0.05, 0.18)), dying=draw((0.4, 0.7)))
        way_up(stage, draw, curve, stop_m, draw((0.05, 0.8)))
        set_down(stage, draw) if draw.chance(0.7) else let_go(stage, draw)
        stage.rest(draw(draw.ranges.floor_s))


def dropped(stage: Stage, draw: Draw, reps: int) -> None:
    """Let go at the top."""
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    for _ in range(reps):
        part = _pull(stage, draw, rom_m)
        stage.note(*part, let_go(stage, draw))
        stage.rest(draw(draw.ranges.floor_s))


def held(stage: Stage, draw: Draw, reps: int) -> None:
    """The last one is never lowered."""
    _singles(stage, draw, reps - 1, draw.ranges.full_m)
    part = _pull(stage, draw, draw(draw.ranges.full_m))
    stage.note(*part, stage.t_s)


def touch_and_go(stage: Stage, draw: Draw, reps: int) -> None:
    """Lowered into the next one, with a short stop."""
    _flow(stage, draw, reps, (0.4, 0.8), (0.05, 0.7), given=False)


def bounce(stage: Stage, draw: Draw, reps: int) -> None:
    """Lowered into the next one, which begins with what the plates give back."""
    _flow(stage, draw, reps, (0.8, 1.5), (0.0, 0.0), given=True)


def _flow(stage: Stage, draw: Draw, reps: int, impact: Span, still_s: Span, given: bool) -> None:
    _begin(stage, draw)
    rom_m, given_mps = draw(draw.ranges.full_m), 0.0
    for _ in range(reps):
        part = _pull(stage, draw, rom_m, given_mps=given_mps)
        impact_mps = draw(impact)
        touch_s = lower(stage, draw, impact_mps)
        given_mps = impact_mps * draw(draw.ranges.restitution) if given else 0.0
        stage.rest(draw(still_s))
        stage.note(*part, touch_s)
    stage.hop(impact_mps, 0.3)
    stage.rest(2.0)


def slack(stage: Stage, draw: Draw, reps: int) -> None:
    """Slack is taken, let go and taken again before the plates leave the floor."""
    _pulls(stage, draw, reps, take_slack)


def loading(stage: Stage, draw: Draw, reps: int) -> None:
    """The end is picked up and put down, jacked up for a while, a plate picked up with it."""
    _pulls(stage, draw, reps, _load)


def _load(stage: Stage, draw: Draw) -> None:
    if draw.chance(0.5):
        stage.add(Hump(0.0, draw((0.02, 0.12)), draw((0.8, 3.0))))
    else:
        up_m = draw((0.02, 0.12))
        stage.add(stroke(draw, 0.0, up_m, draw((0.05, 0.2))))
        stage.rest(draw((2.0, 8.0)), up_m)
        stage.add(stroke(draw, up_m, 0.0, draw((0.05, 0.2))))
    stage.rest(draw((1.0, 3.0)))


def rolling(stage: Stage, draw: Draw, reps: int) -> None:
    """The bar is rolled to its place before each pull."""
    _pulls(stage, draw, reps, _roll)


def _roll(stage: Stage, draw: Draw) -> None:
    stage.add(Rest(0.0, draw((0.5, 2.5))), x_to=draw((-0.3, 0.3)))
    stage.rest(draw((0.3, 1.5)))


def _pulls(stage: Stage, draw: Draw, reps: int, before: Callable[[Stage, Draw], None]) -> None:
    """Pull full lifts from the floor; ``before`` each of them something happens to the bar."""
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    for _ in range(reps):
        before(stage, draw)
        part = _pull(stage, draw, rom_m)
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw(draw.ranges.floor_s))


def two_lifters(stage: Stage, draw: Draw, reps: int) -> None:
    """A tall one and a short one, in turn, each at a place of their own."""
    _begin(stage, draw)
    roms = draw(draw.ranges.full_m), draw(draw.ranges.sumo_m)
    for turn in range(reps):
        part = _pull(stage, draw, roms[turn % 2])
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw((2.0, 6.0)))
        stage.add(Rest(0.0, 1.0), x_to=draw((-0.1, 0.1)))
        stage.rest(1.0)


def passer_by(stage: Stage, draw: Draw, reps: int) -> None:
    """Somebody walks in front of the camera while the bar lies or is held at the top."""
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    for _ in range(reps):
        part = _pull(stage, draw, rom_m)
        if draw.chance(0.5):
            stage.rest(2.2, stage.pieces[-1].at_end_m)
            since_s = stage.t_s - draw((0.9, 1.8))
            stage.hidden.append((since_s, since_s + draw((0.1, 0.45))))
            part = (part[0], part[1] + 1)
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw((3.0, 5.0)))
        if draw.chance(0.5):
            since_s = stage.t_s - draw((1.8, 2.8))
            stage.hidden.append((since_s, since_s + draw((0.1, 1.5))))


def lost(stage: Stage, draw: Draw, reps: int) -> None:
    """Somebody stands in front of it in mid-rep, for long."""
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    for _ in range(reps):
        part = _pull(stage, draw, rom_m)
        stage.note(*part, set_down(stage, draw), whole=False)
        rep = stage.reps[-1]
        at = draw((-0.1, 0.95))
        since_s = rep.start_s + at * (rep.lockout_s - rep.start_s)
        stage.hidden.append((since_s, since_s + draw((0.25, 4.0))))
        stage.rest(draw((4.0, 6.0)))


def begins_in_a_rep(stage: Stage, draw: Draw, reps: int) -> None:
    """The recording starts while the bar is on its way up."""
    _singles(stage, draw, reps, draw.ranges.full_m)
    first = stage.reps[0]
    stage.reps[0] = replace(first, whole=False)
    cut_s = first.start_s + draw((0.1, 0.8)) * (first.lockout_s - first.start_s)
    stage.hidden.append((-1.0, cut_s))


def ends_in_a_rep(stage: Stage, draw: Draw, reps: int) -> None:
    """The recording ends while the bar is on its way up."""
    _singles(stage, draw, reps, draw.ranges.full_m)
    last = stage.reps[-1]
    stage.reps[-1] = replace(last, whole=False)
    cut_s = last.start_s + draw((0.2, 0.9)) * (last.lockout_s - last.start_s)
    stage.hidden.append((cut_s, stage.t_s + 1.0))


def nudged(stage: Stage, draw: Draw, reps: int) -> None:
    """Somebody knocks against the camera while the bar lies between two pulls."""
    _begin(stage, draw)
    rom_m = draw(draw.ranges.full_m)
    knocked = 1 + int(draw.rng.integers(reps - 2))
    for number in range(reps):
        part = _pull(stage, draw, rom_m)
        stage.note(*part, set_down(stage, draw))
        stage.rest(draw((3.0, 5.0)))
        if number == knocked:
            stage.nudged_s = stage.t_s - draw((1.2, 2.0))


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table. ``stamps`` and ``outliers`` spoil what the camera says."""

    name: str
    act: Act
    rough: bool = False
    stamps: bool = False
    outliers: bool = False


KINDS = (
    *(
        Kind(act.__name__.replace("_", " "), act)
        for act in (
            dead_stop, grinder, stall, pause, hitch, failed, dropped, held, touch_and_go, bounce,
            slack, loading, rolling, two_lifters, passer_by, sumo, blocks, tall,
        )
    ),
    Kind("wild detections", dead_stop, outliers=True),
    Kind("lost", lost, rough=True),
    Kind("begins in a rep", begins_in_a_rep, rough=True),
    Kind("ends in a rep", ends_in_a_rep, rough=True),
    Kind("nudged camera", nudged, rough=True),
    Kind("bad time stamps", dead_stop, rough=True, stamps=True),
)  # fmt: skip


def play(kind: Kind, draw: Draw, reps: int) -> Motion:
    """Return a session of a kind with so many repetitions (those that fail count too)."""
    stage = Stage()
    kind.act(stage, draw, reps)
    return stage.motion()
