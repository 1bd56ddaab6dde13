"""The book of reps: their ids and numbers, which of them count, what is said about them, the sets.

A finished rep counts as soon as a floor is known for it, which in ordinary use is at once. Until
then it waits, in order; what still waits when the session ends is void.
"""

from dataclasses import dataclass, replace
from typing import Final

from shinline.coach.advice import repeated
from shinline.coach.decay import decays
from shinline.coach.floor import Floor
from shinline.coach.legs import Legs
from shinline.coach.lifts import LIFTS, Lift
from shinline.coach.past import Past, Standing
from shinline.coach.segment import Mark
from shinline.coach.sets import summarise
from shinline.coach.speaker import Speaker
from shinline.config import Baseline, Config, first_plan
from shinline.types import Event, Plan, PlanEvent, Rep, RepEvent, RepKind, Rows

NO_FLOOR = "the bar was never seen lying on, or striking, a floor below this lift"
ROM_PER_STATURE: Final = 0.436
ROM_LESS_M: Final = 0.225
"""Range of motion by stature: where straight arms hold the bar, over the radius of a plate."""

NOT_USUAL: Final = frozenset({"false", "failed"})
"""Labels of repetitions that say nothing of what is usual."""


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
        self.plan: Plan = first_plan(config)
        self.set_number = 1
        self.rep_number = 0
        self.lift: Mark | None = None
        self.lift_id = ""
        self.last_floor_ns: int | None = None
        self.speaker = Speaker(config, session_id)
        self._config = config
        self._session_id = session_id
        self._floor = floor
        self._born = 0
        self._begun = self.plan
        self._reps: list[Rep] = []
        self._waiting: list[_Waiting] = []
        self._book: dict[tuple[str, str], list[Rep]] = {}
        self._labels: dict[str, str] = {}
        self._legs = Legs()
        self._last_end_ns = 0

    # --- the plan -----------------------------------------------------------------------------

    @property
    def rules(self) -> Lift:
        """What the lift of the plan is judged by."""
        return LIFTS[self.plan.lift]

    def change_plan(self, plan: Plan, t_ns: int) -> list[Event]:
        """Follow another plan from here on."""
        if plan.lifter != self.plan.lifter:
            self._legs = Legs()
            self.speaker.new_lifter()
        self.plan = plan
        return [PlanEvent(t_ns, plan, self.set_number)]

    def label(self, rep_id: str, label: str) -> None:
        """Take somebody's word for what a repetition was."""
        self._labels[rep_id] = label

    def past(self, standing: Standing, rested_x_m: float | None) -> Past:
        """Return what is known of the lifter's lifts so far."""
        plan = self.plan
        own: dict[str, Baseline] = {
            base.code: base
            for base in self._config.own
            if (base.lifter, base.lift) == (plan.lifter, plan.lift)
        }
        return Past(
            reps=tuple(self._usual(self._book.get((plan.lifter, plan.lift), []))),
            of_set=tuple(self._usual([*self._reps, *(w.rep for w in self._waiting)])),
            own=own,
            standing=standing,
            legs=self._legs,
            load_kg=plan.load_kg,
            rested_x_m=rested_x_m,
        )

    def _usual(self, reps: list[Rep]) -> list[Rep]:
        return [r for r in reps if r.valid and self._labels.get(r.id) not in NOT_USUAL]

    def model_rom_m(self) -> float:
        """Return the range of motion to expect of a lifter of whom only the stature is known."""
        stature_m = self._config.lifter.stature_m
        return self.rules.rom_ratio * (ROM_PER_STATURE * stature_m - ROM_LESS_M)

    @property
    def last_rep(self) -> Rep | None:
        """The repetition that counted last, in this set."""
        return self._reps[-1] if self._reps else None

    # --- reps ---------------------------------------------------------------------------------

    def begin(self, mark: Mark) -> list[Event]:
        """A lift began."""
        self.lift, self._born, self._begun = mark, self._born + 1, self.plan
        self.lift_id = f"{self._session_id}-{self._born:04d}"
        self.rep_number = self._finished() + 1
        self.speaker.lifted()
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
        self,
        t_ns: int,
        rep: Rep,
        path: Rows,
        levels_m: tuple[float, ...],
        quiet: bool,
        legs: Legs,
    ) -> list[Event]:
        """It ended. ``levels_m``: the heights at which the bar may have touched a floor.

        ``quiet``: something else has just been said, so there is no cue for this one. ``legs``:
        what it taught of the lifter's.
        """
        self.last_floor_ns, self._legs = rep.floor_ns, legs
        self._waiting.append(_Waiting(rep, path, levels_m, quiet))
        return self.release(t_ns)

    def release(self, t_ns: int) -> list[Event]:
        """Let finished reps count as far as a floor is known for them."""
        events: list[Event] = []
        for waiting in list(self._waiting):
            hangs = waiting.rep.plan is not None and LIFTS[waiting.rep.plan.lift].hangs
            if hangs or any(self._floor.supports(level) for level in waiting.levels_m):
                self._waiting.remove(waiting)
                events += self._count(waiting, t_ns)
        return events

    def set_back(self, t_ns: int) -> None:
        """The clock was set back to ``t_ns``: no time before it says anything any more."""
        self.last_floor_ns, self._last_end_ns = None, t_ns

    def foot_moved(self) -> None:
        """The lifter stood without the bar: where the foot is, is not known any more."""
        self._legs = replace(self._legs, ankle=None, standing=None)

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
        return events + self.end_set(t_ns, over=True)

    def end_set(self, t_ns: int, over: bool = False) -> list[Event]:
        """Sum the set up and begin the next, or none if all is ``over``; nothing without a rep."""
        if not self._reps:
            return []
        plan = self.plan
        mode = "standard" if plan.mode == "test" else plan.mode
        if mode == "standard" and self.set_number + 1 == self._config.coach.test_set:
            mode = "test"
        mode = plan.mode if over else mode
        next_mode = "" if mode == plan.mode else mode
        words = self._config.words
        event = summarise(self._reps, self.set_number, t_ns, plan, words, next_mode)
        cue = self.speaker.between(event, self._reps, repeated(self._reps))
        self._reps.clear()
        self.set_number += 1
        self.rep_number, self.last_floor_ns = 0, None
        self.foot_moved()
        self.speaker.new_set()
        events: list[Event] = [event] if cue is None else [event, cue]
        if next_mode:
            events += self.change_plan(replace(plan, mode=next_mode), t_ns)
        return events

    def _finished(self) -> int:
        return len(self._reps) + len(self._waiting)

    def _event(self, kind: RepKind, t_ns: int, reason: str = "") -> RepEvent:
        return RepEvent(t_ns, kind, self.lift_id, self.set_number, self.rep_number, reason=reason)

    @property
    def begun_under(self) -> Plan:
        """The plan that was in force when the lift under way began."""
        return self._begun

    def _count(self, waiting: _Waiting, t_ns: int) -> list[Event]:
        rep = waiting.rep
        self._reps.append(rep)
        plan = rep.plan or self.plan
        self._book.setdefault((plan.lifter, plan.lift), []).append(rep)
        self._last_end_ns = t_ns
        event = RepEvent(t_ns, RepKind.END, rep.id, rep.set, rep.rep, rep=rep, path=waiting.path)
        cue = self.speaker.after(rep, t_ns, self.plan, decays(self._reps))
        return [event] if cue is None or waiting.quiet else [event, cue]
