"""The book of reps: their ids and numbers, which of them count, what is said about them, the sets.

A finished rep counts as soon as a floor is known for it, which in ordinary use is at once. Until
then it waits, in order; what still waits when the session ends is void.
"""

from dataclasses import dataclass

from shinline.coach import cues
from shinline.coach.floor import Floor
from shinline.coach.segment import Mark
from shinline.coach.sets import summarise
from shinline.config import Config
from shinline.types import CueEvent, Event, Moment, Rep, RepEvent, RepKind, Rows

NO_FLOOR = "the bar was never seen lying on, or striking, a floor below this lift"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A finished rep, and the heights at which it may have touched a floor."""

    rep: Rep
    path: Rows
    levels_m: tuple[float, ...]
    quiet: bool


class Tally:
    """Keep the book of one session. Ids begin with ``session_id`` and never repeat in it."""

    def __init__(self, config: Config, session_id: str, floor: Floor) -> None:
        self.set_number = 1
        self.rep_number = 0
        self.lift: Mark | None = None
        self.lift_id = ""
        self.last_floor_ns: int | None = None
        self._config = config
        self._session_id = session_id
        self._floor = floor
        self._born = 0
        self._reps: list[Rep] = []
        self._waiting: list[_Waiting] = []
        self._clean = 0
        self._last_end_ns = 0

    def begin(self, mark: Mark) -> list[Event]:
        """A lift began."""
        self.lift, self._born = mark, self._born + 1
        self.lift_id = f"{self._session_id}-{self._born:04d}"
        self.rep_number = self._finished() + 1
        return [self._event(RepKind.NEW, mark.t_ns)]

    def top(self, mark: Mark) -> list[Event]:
        """It reached its height."""
        return [self._event(RepKind.UPDATE, mark.t_ns)]

    def void(self, t_ns: int, reason: str) -> list[Event]:
        """It was no rep after all."""
        event = self._event(RepKind.VOID, t_ns, reason)
        self.rep_number = self._finished()
        return [event]

    def end(
        self, t_ns: int, rep: Rep, path: Rows, levels_m: tuple[float, ...], quiet: bool
    ) -> list[Event]:
        """It ended. ``levels_m``: the heights at which the bar may have touched a floor.

        ``quiet``: something else has just been said, so there is no cue for this one.
        """
        self.last_floor_ns = rep.floor_ns
        self._waiting.append(_Waiting(rep, path, levels_m, quiet))
        return self.release(t_ns)

    def release(self, t_ns: int) -> list[Event]:
        """Let finished reps count as far as a floor is known for them."""
        events: list[Event] = []
        for waiting in list(self._waiting):
            if any(self._floor.supports(level) for level in waiting.levels_m):
                self._waiting.remove(waiting)
                events += self._count(waiting, t_ns)
        return events

    def set_back(self, t_ns: int) -> None:
        """The clock was set back to ``t_ns``: no time before it says anything any more."""
        self.last_floor_ns, self._last_end_ns = None, t_ns

    def rest(self, t_ns: int) -> list[Event]:
        """Between lifts: end the set after its gap."""
        gap_ns = self._config.reps.set_gap_s * 1e9
        return self.end_set(t_ns) if self._reps and t_ns - self._last_end_ns > gap_ns else []

    def finish(self, t_ns: int) -> list[Event]:
        """End the session: what waits for a floor is void, the set ends."""
        events: list[Event] = [
            RepEvent(t_ns, RepKind.VOID, w.rep.id, w.rep.set, w.rep.rep, reason=NO_FLOOR)
            for w in self._waiting
        ]
        self._waiting.clear()
        return events + self.end_set(t_ns)

    def end_set(self, t_ns: int) -> list[Event]:
        """Sum the set up and begin the next; nothing when it has no rep."""
        if not self._reps:
            return []
        event = summarise(self._reps, self.set_number, t_ns)
        self._reps.clear()
        self.set_number += 1
        self.rep_number, self._clean, self.last_floor_ns = 0, 0, None
        return [event]

    @property
    def roms_m(self) -> tuple[float, ...]:
        """What the repetitions of this set have risen so far."""
        reps = (*self._reps, *(waiting.rep for waiting in self._waiting))
        return tuple(rep.rom_m for rep in reps if rep.valid)

    def _finished(self) -> int:
        return len(self._reps) + len(self._waiting)

    def _event(self, kind: RepKind, t_ns: int, reason: str = "") -> RepEvent:
        return RepEvent(t_ns, kind, self.lift_id, self.set_number, self.rep_number, reason=reason)

    def _count(self, waiting: _Waiting, t_ns: int) -> list[Event]:
        rep = waiting.rep
        self._reps.append(rep)
        self._last_end_ns = t_ns
        self._clean = self._clean + 1 if cues.is_clean(rep.faults) else 0
        event = RepEvent(t_ns, RepKind.END, rep.id, rep.set, rep.rep, rep=rep, path=waiting.path)
        choice = cues.choose(rep.faults, self._clean)
        if choice is None or waiting.quiet:
            return [event]
        return [event, self._cue(choice, rep, t_ns)]

    def _cue(self, choice: cues.Choice, rep: Rep, t_ns: int) -> CueEvent:
        return CueEvent(
            t_ns=t_ns,
            id=f"{rep.id}-cue",
            code=choice.code,
            severity=choice.severity,
            moment=Moment.AFTER,
            text=choice.text,
            rep_id=rep.id,
            ttl_ms=self._config.coach.cue_ttl_ms,
            evidence=cues.evidence(choice.verdict),
        )
