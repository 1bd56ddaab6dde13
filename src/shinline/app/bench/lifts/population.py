"""Play the population: every kind under every condition, from one set of ranges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from shinline.app.bench.lifts.filming import Film, film
from shinline.app.bench.lifts.kinds import KINDS, Kind, play
from shinline.app.bench.lifts.motion import Motion, TrueRep
from shinline.app.bench.lifts.pulls import Draw
from shinline.app.bench.lifts.ranges import CONDITIONS, Condition, Ranges
from shinline.app.bench.lifts.score import Count, run, score
from shinline.types import Rep

REPS: int = 5
"""In a session."""


@dataclass(slots=True)
class Outcome:
    """All sessions under one condition. ``twins`` are pairs of what two cameras said of one."""

    condition: Condition
    counts: dict[str, Count] = field(default_factory=dict)
    found: list[tuple[TrueRep, Rep]] = field(default_factory=list)
    twins: list[tuple[Rep, Rep]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Count:
        """All kinds together."""
        total = Count()
        for count in self.counts.values():
            total.add(count)
        return total


def session(
    ranges: Ranges, kind: Kind, condition: Condition, number: int, camera: int = 0
) -> tuple[Motion, Film]:
    """Return one session as it was, and what a camera makes of it; the same for the same input.

    Another ``camera`` looks at the same motion from elsewhere.
    """
    key = [ranges.seed, KINDS.index(kind), number]
    motion = play(kind, Draw(ranges, np.random.default_rng([*key, 0])), REPS)
    looks = Draw(ranges, np.random.default_rng([*key, 1 + CONDITIONS.index(condition), camera]))
    return motion, film(motion, kind, condition, looks)


def _pairs(motion: Motion, first: list[tuple[TrueRep, Rep]], ranges: Ranges, kind: Kind,
           condition: Condition, number: int) -> Iterator[tuple[Rep, Rep]]:  # fmt: skip
    """Look at a session with a second camera; yield what both said of each repetition."""
    _, other = session(ranges, kind, condition, number, camera=1)
    second = dict(score(motion, other, kind, run(other)).found)
    for true, rep in first:
        if true in second:
            yield rep, second[true]


def examine(
    ranges: Ranges,
    condition: Condition,
    reps: int,
    kinds: tuple[Kind, ...] = KINDS,
    twins_every: int = 5,
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Play about so many repetitions, evenly over the kinds, and compare with the truth."""
    outcome = Outcome(condition)
    sessions = max(1, round(reps / (REPS * len(kinds))))
    for kind in kinds:
        progress(f"{condition.name}: {kind.name}")
        count = outcome.counts[kind.name] = Count()
        for number in range(sessions):
            motion, filmed = session(ranges, kind, condition, number)
            scored = score(motion, filmed, kind, run(filmed))
            count.add(scored.count)
            said = f"{condition.name}, {kind.name} {number}"
            outcome.said += [f"{said}: {line}" for line in scored.said]
            if kind.rough:
                continue
            outcome.found += scored.found
            if number % twins_every == 0:
                pairs = _pairs(motion, scored.found, ranges, kind, condition, number)
                outcome.twins += pairs
    return outcome
