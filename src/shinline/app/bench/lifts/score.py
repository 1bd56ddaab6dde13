"""What came of a session: repetitions found, missed and invented, and how far off the numbers are.

A repetition is found when a valid one of the product overlaps it by half of both together. Of one
that is not whole, any trace counts as found (a repetition without numbers, or a void one with its
reason); a number published as valid must be right even then.
"""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from shinline.app.bench.lifts.filming import Film
from shinline.app.bench.lifts.kinds import Kind
from shinline.app.bench.lifts.motion import Motion, TrueRep
from shinline.engine import Engine
from shinline.types import NS_PER_S, CameraEvent, Event, Rep, RepEvent, RepKind

LEAST_OVERLAP: Final = 0.5
WRONG_MPS: Final = 0.03
WRONG_M: Final = 0.03
"""A number this far off, and farther than four of its standard deviations, is wrong."""

TRACE_M: Final = 0.25
"""A repetition of which not even so much was seen needs not be noticed."""

LIE_S: Final = 1.5
"""Time stamps that go wrong so shortly before or after a repetition may cost its numbers."""


@dataclass(slots=True)
class Count:
    """Repetitions of one kind."""

    true: int = 0
    found: int = 0
    invented: int = 0
    wrong: int = 0
    nudges: int = 0
    noticed: int = 0
    false_alarms: int = 0

    def add(self, other: "Count") -> None:
        """Add another session's."""
        self.true += other.true
        self.found += other.found
        self.invented += other.invented
        self.wrong += other.wrong
        self.nudges += other.nudges
        self.noticed += other.noticed
        self.false_alarms += other.false_alarms

    @property
    def precision(self) -> float:
        """Share of the repetitions told that there were."""
        told = self.found + self.invented
        return self.found / told if told else 1.0

    @property
    def recall(self) -> float:
        """Share of the true repetitions that were found."""
        return self.found / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        missed = self.true - self.found
        total = 2 * self.found + missed + self.invented
        return 2 * self.found / total if total else 1.0


@dataclass(slots=True)
class Scored:
    """One session: its count, and a row of numbers for each whole repetition that was found.

    ``found`` holds (truth, repetition) pairs; ``said`` is what was missed, invented or wrong.
    """

    count: Count
    found: list[tuple[TrueRep, Rep]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Said:
    """What the product said of repetitions and of the camera, and when."""

    reps: list[tuple[float, RepEvent]] = field(default_factory=list)
    camera: list[tuple[float, CameraEvent]] = field(default_factory=list)

    def take(self, now_s: float, events: list[Event]) -> None:
        """Note the events of a frame."""
        self.reps += [(now_s, event) for event in events if isinstance(event, RepEvent)]
        self.camera += [(now_s, event) for event in events if isinstance(event, CameraEvent)]


def run(film: Film) -> Said:
    """Feed a film to a new engine."""
    engine = Engine(film.config, "s")
    said = Said()
    first = 0
    for head, now_s in zip(film.heads, film.times_s, strict=True):
        count = int(head["detections"])
        said.take(float(now_s), engine.advance(head, film.rows[first : first + count]))
        first += count
    said.take(float(film.times_s[-1]), engine.finish())
    return said


def score(motion: Motion, film: Film, kind: Kind, everything: Said) -> Scored:
    """Compare what the product said with the truth."""
    result, said = Scored(Count()), everything.reps
    _judge_camera(result, motion, film, everything)
    ends = [event.rep for _, event in said if event.rep is not None]
    for i, true in enumerate(motion.reps):
        if kind.stamps:
            spoilt = any(true.start_s - LIE_S < t < true.end_s + LIE_S for t in film.lies_s)
            true = replace(true, whole=not spoilt)
            until_s = motion.reps[i + 1].lockout_s if i + 1 < len(motion.reps) else np.inf
            rep = next(
                (e.rep for t, e in said if true.start_s < t < until_s and e.rep in ends), None
            )
        else:
            rep = _best(true, ends, film.shift_s)
        if rep is not None:
            ends.remove(rep)
        if rep is not None or true.whole or seen_rise_m(motion, true) > TRACE_M:
            result.count.true += 1
            _judge(result, true, rep, said)
    result.count.invented = len(ends)
    for rep in ends:
        at = rep.start_ns / NS_PER_S - film.shift_s
        result.said.append(f"invented at {at:.2f} s, {rep.rom_m:.3f} m")
    return result


def _judge_camera(result: Scored, motion: Motion, film: Film, everything: Said) -> None:
    """See whether a nudge was noticed with the first repetition after it, and nothing else was."""
    alarms = [(at_s, event) for at_s, event in everything.camera if event.changed]
    nudged_s = float("inf") if motion.nudged_s is None else motion.nudged_s
    for at_s, event in alarms:
        if at_s < nudged_s:
            result.count.false_alarms += 1
            result.said.append(f"false alarm at {at_s:.2f} s: {event.text} {event.evidence}")
    for at_s, said in everything.reps:
        if said.rep is not None and said.rep.marks and at_s < nudged_s:
            result.count.false_alarms += 1
            result.said.append(f"marked without cause at {at_s:.2f} s")
    if motion.nudged_s is None:
        return
    later = [
        event.rep for _, event in everything.reps
        if event.rep is not None and event.rep.start_ns / NS_PER_S - film.shift_s > nudged_s
    ]  # fmt: skip
    result.count.nudges += 1
    if later and all(rep.marks for rep in later):
        result.count.noticed += 1
    else:
        result.said.append(f"nudge at {nudged_s:.2f} s not noticed: {[r.marks for r in later]}")


def _best(true: TrueRep, ends: list[Rep], shift_s: float) -> Rep | None:
    shares = [_overlap(true, rep, shift_s) for rep in ends]
    best = int(np.argmax(shares)) if shares else -1
    least = LEAST_OVERLAP if true.whole else 0.01
    return ends[best] if shares and shares[best] >= least else None


def _overlap(true: TrueRep, rep: Rep, shift_s: float) -> float:
    start_s, lockout_s = (t / NS_PER_S - shift_s for t in (rep.start_ns, rep.lockout_ns))
    both = min(lockout_s, true.lockout_s) - max(start_s, true.start_s)
    either = max(lockout_s, true.lockout_s) - min(start_s, true.start_s)
    return both / either if either > 0.0 else 0.0


def _judge(
    result: Scored, true: TrueRep, rep: Rep | None, said: list[tuple[float, RepEvent]]
) -> None:
    where = f"at {true.start_s:.2f} s, {true.rom_m:.3f} m in {true.lockout_s - true.start_s:.2f} s"
    why = "; ".join(rep.notes) if rep is not None else _reason(true, said)
    if (true.whole and (rep is None or not rep.valid)) or (rep is None and not why):
        result.said.append(f"missed {where}: {why or 'nothing was said'}")
        return
    if true.whole and rep is not None:
        result.found.append((true, rep))
    result.count.found += 1
    if rep is not None and is_wrong(true, rep):
        result.count.wrong += 1
        result.said.append(
            f"wrong {where}: {rep.mean_velocity_mps or 0.0:.3f} m/s for "
            f"{true.mean_velocity_mps:.3f}, {rep.rom_m:.3f} m"
        )


def _reason(true: TrueRep, said: list[tuple[float, RepEvent]]) -> str:
    for at_s, event in said:
        if event.kind is RepKind.VOID and true.start_s < at_s < true.end_s + 3.0:
            return event.reason
    return ""


def seen_rise_m(motion: Motion, true: TrueRep) -> float:
    """Return how far the bar rose in the longest stretch of the pull in which it was seen."""
    t_s = np.linspace(true.start_s, true.lockout_s, 201)
    height_m = motion.at(t_s)[1]
    best_m, since = 0.0, 0
    for i, now_s in enumerate(t_s):
        if any(a <= now_s < b for a, b in motion.hidden):
            since = i + 1
        else:
            best_m = max(best_m, float(height_m[i] - height_m[min(since, i)]))
    return best_m


def is_wrong(true: TrueRep, rep: Rep) -> bool:
    """Tell whether a valid repetition without a mark has a number that is far from true."""
    if not rep.valid or rep.mean_velocity_mps is None or rep.marks:
        return False
    off_mps = abs(rep.mean_velocity_mps - true.mean_velocity_mps)
    return (
        off_mps > max(WRONG_MPS, 4.0 * (rep.mean_velocity_sd_mps or 0.0))
        or abs(rep.rom_m - true.rom_m) > WRONG_M
    )
