"""Faults of exactly the size asked for: what goes in is tuned until what is measured agrees.

The body is solved from the hands and a definition may look at what was held for a while, so the
size that goes into a rep's shape is not quite what its definition gives. Each size is moved by the
secant rule, all of them at once, a rep's others left alone; sizes that go in are round numbers.
"""

from dataclasses import dataclass
from typing import Final

from shinline.sim.builder import lay_out_once
from shinline.sim.faults import FAULTS, FaultSpec
from shinline.sim.measures import rep_measures
from shinline.sim.pose import Body
from shinline.sim.scenario import Scenario
from shinline.sim.timeline import Timeline

_ROUNDS: Final = 14
_CLOSE: Final = 0.02
_SLOPES: Final = (0.2, 4.0)
_BEYOND: Final = 0.6  # of a fault's range, how far outside of it a size may be tuned


@dataclass
class _Dial:
    """One size being tuned."""

    rep: int
    code: str
    asked: float
    given: float
    before: tuple[float, float] | None = None
    measured: float | None = None

    @property
    def spec(self) -> FaultSpec:
        return FAULTS[self.code]

    @property
    def right(self) -> bool:
        """Whether what is measured is what was asked for."""
        if self.measured is None:
            return False
        off = abs(self.measured - self.asked)
        if self.asked == 0.0 and self.given == 0.0:
            return True
        return off <= max(self.spec.close, _CLOSE * abs(self.asked))

    @property
    def settled(self) -> bool:
        """Whether it is right, and was so at once or is as right as its steps allow."""
        return self.right and (self.before is None or self._wanted() == self.given)

    def turn(self) -> None:
        """Move what goes in toward what gives the size asked for."""
        if self.measured is None or self.settled:
            return
        wanted = self._wanted()
        self.before = (self.given, self.measured)
        self.given = wanted

    def _wanted(self) -> float:
        measured = self.asked if self.measured is None else self.measured
        slope = 1.0
        if self.before is not None and self.before[0] != self.given:
            slope = (measured - self.before[1]) / (self.given - self.before[0])
            slope = min(_SLOPES[1], max(_SLOPES[0], slope))
        spec = self.spec
        room = _BEYOND * (spec.highest - spec.lowest)
        wanted = self.given + (self.asked - measured) / slope
        wanted = min(spec.highest + room, max(spec.lowest - room, wanted))
        return round(round(wanted / spec.step) * spec.step, 6)


def lay_out(scenario: Scenario, body: Body) -> Timeline:
    """Turn a scenario into a timeline.

    Raises
    ------
    ValueError
        The scenario lasts no time at all, asks for a bounce that the pull cannot follow, or for
        a fault of a size that this lifter cannot show.

    """
    timeline = _tuned(scenario, body)
    if not timeline.segments:
        raise ValueError("scenario: expected a rep, or some lead_s or tail_s, got neither")
    return timeline


def _tuned(scenario: Scenario, body: Body) -> Timeline:
    sizes = [dict(rep.faults) for rep in scenario.reps]
    dials = [
        _Dial(number, code, size, size)
        for number, given in enumerate(sizes, start=1)
        for code, size in given.items()
    ]
    timeline = lay_out_once(scenario, body, sizes)
    for _ in range(_ROUNDS):
        _measure(timeline, dials)
        if all(dial.settled for dial in dials):
            return timeline
        for dial in dials:
            dial.turn()
            sizes[dial.rep - 1][dial.code] = dial.given
        timeline = lay_out_once(scenario, body, sizes)
    _measure(timeline, dials)
    for dial in dials:
        if not dial.right:
            raise ValueError(_refusal(dial))
    return timeline


def _measure(timeline: Timeline, dials: list[_Dial]) -> None:
    for number in sorted({dial.rep for dial in dials}):
        measured = rep_measures(timeline, number)
        for dial in dials:
            if dial.rep == number:
                dial.measured = measured[dial.code]


def _refusal(dial: _Dial) -> str:
    what = f"fault {dial.code}: rep {dial.rep}"
    if dial.measured is None:
        return f"{what}: expected a rep in which it can show, this one has nothing to measure"
    side = "at most" if dial.measured < dial.asked else "at least"
    return (
        f"{what}: expected {side} {dial.measured:.3g} {dial.spec.unit} of this lifter in this rep,"
        f" got {dial.asked:g}"
    )
