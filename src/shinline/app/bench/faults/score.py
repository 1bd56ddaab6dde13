"""Feed a film to the product and put its verdicts beside the truth."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from shinline.app.bench.faults.codes import CODES
from shinline.app.bench.faults.filming import Film
from shinline.app.bench.faults.lifter import TrueRep
from shinline.engine import Engine
from shinline.types import (
    NS_PER_S,
    CueEvent,
    FaultEvent,
    FaultVerdict,
    Moment,
    Rep,
    RepEvent,
    RepKind,
    SetupEvent,
    StepState,
)

SET_UP_S: Final = 3.0
"""What was said of the set-up so shortly before a pull is of this pull."""

EARLIEST_S: Final = 0.7
"""Before its truth a repetition may be taken to begin by so much (slack, a bar that rolls)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one fault in one true repetition.

    ``size`` is that of the true value, 1 at the threshold; ``planted`` tells whether this is the
    fault that the session is about.
    """

    session: int
    rep: int
    code: str
    planted: bool
    true: float
    size: float
    verdict: FaultVerdict


@dataclass(frozen=True, slots=True)
class Decided:
    """A fault told in mid-lift, and how long after the last picture that it needs, s."""

    code: str
    late_s: float


@dataclass(slots=True)
class Scored:
    """One session."""

    judged: list[Judged] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    reps: int = 0
    missed: list[str] = field(default_factory=list)
    cues: int = 0
    late_cues: int = 0


@dataclass(slots=True)
class Said:
    """What the product said."""

    reps: list[RepEvent] = field(default_factory=list)
    cues: list[CueEvent] = field(default_factory=list)
    faults: list[FaultEvent] = field(default_factory=list)
    setups: list[SetupEvent] = field(default_factory=list)


def run(film: Film) -> Said:
    """Feed a film to a new engine."""
    engine, said, first = Engine(film.config, "s"), Said(), 0
    for head in film.heads:
        count = int(head["detections"])
        events = engine.advance(head, film.rows[first : first + count])
        first += count
        for event in events:
            _note(said, event)
    for event in engine.finish():
        _note(said, event)
    return said


def _note(said: Said, event: object) -> None:
    if isinstance(event, RepEvent):
        said.reps.append(event)
    elif isinstance(event, CueEvent):
        said.cues.append(event)
    elif isinstance(event, FaultEvent):
        said.faults.append(event)
    elif isinstance(event, SetupEvent):
        said.setups.append(event)


def pair(truths: list[TrueRep], film: Film, said: Said) -> list[tuple[TrueRep, Rep | None]]:
    """Return each true repetition with the one that the product found of it, if any."""
    found = [event.rep for event in said.reps if event.kind is RepKind.END and event.rep]
    pairs: list[tuple[TrueRep, Rep | None]] = []
    for true in truths:
        here = [
            rep
            for rep in found
            if true.start_s - EARLIEST_S < rep.start_ns / NS_PER_S - film.zero_s < true.lockout_s
        ]
        pairs.append((true, here[0] if len(here) == 1 else None))
    return pairs


def score_cues(said: Said) -> tuple[int, int]:
    """Return how many cues came after repetitions, and how many of them not in the same frame."""
    ends = {event.id: event.t_ns for event in said.reps if event.kind is RepKind.END}
    after = [cue for cue in said.cues if cue.moment is Moment.AFTER and cue.rep_id in ends]
    return len(after), sum(cue.t_ns != ends[cue.rep_id] for cue in after)


def latencies(pairs: list[tuple[TrueRep, Rep | None]], film: Film, said: Said) -> list[Decided]:
    """Return how late each fault was told that was told before the repetition had ended.

    What was told of the set-up, before the pull, counts from there.
    """
    true_of = {rep.id: true for true, rep in pairs if rep is not None}
    found = []
    for event in said.faults:
        code, true = CODES.get(event.verdict.code), true_of.get(event.rep_id)
        if code is None or true is None:
            continue
        needed = int(np.searchsorted(film.times_s, true.instants[code.needs]))
        if needed < len(film.heads):
            late_ns = _told_ns(event, said) - int(film.heads["t_ns"][needed])
            found.append(Decided(code.name, late_ns / NS_PER_S))
    return found


def _told_ns(event: FaultEvent, said: Said) -> int:
    """Return when a fault was told first: of the set-up just before this pull, or in the pull."""
    told = (event.verdict.code, event.verdict.severity)
    for setup in reversed(said.setups):
        recent = 0 < event.t_ns - setup.t_ns < SET_UP_S * NS_PER_S
        pulls = setup.steps[-1].state is StepState.DONE
        if recent and not pulls and told in [(c.code, c.severity) for c in setup.checks]:
            return setup.t_ns
    return event.t_ns


def why_missed(true: TrueRep, film: Film, said: Said) -> str:
    """Return what was said instead of a repetition."""
    for event in said.reps:
        at_s = event.t_ns / NS_PER_S - film.zero_s
        if event.kind is RepKind.VOID and true.start_s < at_s < true.end_s + 3.0:
            return event.reason
    return "nothing was said"
