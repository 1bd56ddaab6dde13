"""Everything that one run of the marker benchmark measured."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from shinline.app.bench import peers, timing
from shinline.app.bench.about import machine
from shinline.app.bench.accuracy import (
    Result,
    confusion,
    evaluate_lifts,
    evaluate_modes,
    false_bars,
)
from shinline.app.bench.growth import Point, measure_growth
from shinline.app.bench.measure import Line, without_nan
from shinline.app.bench.motion_costs import Motion, measure_motion
from shinline.app.bench.narrow import Narrow, measure_narrow
from shinline.app.bench.peers import PeerResult
from shinline.app.bench.scenes import BY_NAME, CONDITIONS, HARD, Condition
from shinline.app.bench.startup import start_seconds
from shinline.app.bench.timing import Timing
from shinline.app.bench.trunk import measure_trunk
from shinline.types import Role

CONFUSED: Final = ("blur10", "d20", "gymS", "d12")
QUICK: Final = ("base", "gym")
LIFTED: Final = ("base", "tilt30", "gym")
PEER_COSTS: Final = 12
EMPTY_PER_FRAME: Final = 5
GROWTH_FRAMES: Final = 12

Confusion = dict[Role, dict[Role | None, int]]


@dataclass(slots=True)
class Figures:
    """One run's figures; empty or not a number where something was left out."""

    machine: dict[str, str]
    timings: list[Timing] = field(default_factory=list)
    peer_timings: list[Timing] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    hard: list[Result] = field(default_factory=list)
    empty: int = 0
    false_bars: int = 0
    confusions: dict[str, Confusion] = field(default_factory=dict)
    peer_results: list[PeerResult] = field(default_factory=list)
    missing_peers: list[str] = field(default_factory=list)
    narrow: Narrow | None = None
    growth: dict[str, list[Point]] = field(default_factory=dict)
    start_s: float = math.nan
    motion: Motion | None = None
    trunk: list[Line] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the figures as JSON holds them: numbers that are none become null."""
        plain: dict[str, Any] = without_nan(asdict(self))
        return plain


def measure(frames: int, quick: bool, hour: bool, tell: Callable[[str], None]) -> Figures:
    """Measure everything; ``quick`` touches each part only, to show that it works.

    ``hour`` replays a whole hour.
    """
    figures = Figures(machine())
    tell("what calls cost")
    _add_costs(figures, (1456,) if quick else (1456, 640), min(frames, timing.FRAMES))
    tell("a new process")
    figures.start_s = start_seconds()
    conditions = [BY_NAME[name] for name in QUICK] if quick else list(CONDITIONS)
    _add_accuracy(figures, conditions, frames, tell)
    if not quick:
        _add_accuracy(figures, [condition.small() for condition in CONDITIONS], frames, tell)
        _add_troubles(figures, frames, tell)
        _add_peers(figures, max(1, frames // 6), tell)
        tell("how costs grow")
        figures.growth = measure_growth(GROWTH_FRAMES)
        tell("128-bit vectors")
        figures.narrow = measure_narrow(timing.FRAMES)
    tell("the trunk of a lifter without stickers")
    figures.trunk = measure_trunk(1) if quick else measure_trunk()
    tell("from detections to repetitions")
    figures.motion = measure_motion(quick, hour)
    return figures


def _add_costs(figures: Figures, widths: tuple[int, ...], frames: int) -> None:
    for condition in (each for width in widths for each in timing.conditions(width)):
        figures.timings += timing.measure(condition, frames)
        for peer in peers.PEERS:
            measured = peers.time_peer(peer, condition, min(frames, PEER_COSTS))
            if measured:
                figures.peer_timings.append(timing.timing(condition, *measured))
            elif peer.name not in figures.missing_peers:
                figures.missing_peers.append(peer.name)


def _add_accuracy(
    figures: Figures, conditions: list[Condition], frames: int, tell: Callable[[str], None]
) -> None:
    for condition in conditions:
        tell(f"{condition.name}, {condition.width} px wide")
        figures.results += evaluate_modes(condition, frames)
        if condition.name in LIFTED:
            figures.results.append(evaluate_lifts(condition, frames))


def _add_troubles(figures: Figures, frames: int, tell: Callable[[str], None]) -> None:
    for condition in HARD:
        tell(condition.name)
        figures.hard += evaluate_modes(condition, frames)
    tell("scenes without a marker")
    figures.empty = EMPTY_PER_FRAME * frames
    figures.false_bars = false_bars(figures.empty)
    for name in CONFUSED:
        tell(f"{name}, roles")
        figures.confusions[name] = confusion(BY_NAME[name], max(1, frames // 4))


def _add_peers(figures: Figures, frames: int, tell: Callable[[str], None]) -> None:
    for condition in CONDITIONS:
        tell(f"{condition.name}, peers")
        for peer in peers.PEERS:
            result = peers.judge(peer, condition, frames)
            if result:
                figures.peer_results.append(result)
