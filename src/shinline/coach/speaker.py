"""When to speak: one cue at a time, less and less of it, and never in a test.

The default of the evidence there is: only what is beyond tolerance is told, first after every
faulty repetition; after three inside it in a row only what comes back twice in three; after three
more only when the set is over. Whatever was said, the lifter may ask at any time.
"""

from collections import deque
from enum import Enum
from typing import Final

from shinline.coach import cues
from shinline.coach.faults.table import NOT_FORM
from shinline.config import Config
from shinline.types import (
    NS_PER_S,
    CueEvent,
    FaultVerdict,
    Moment,
    Plan,
    Rep,
    SetEvent,
    Severity,
)

PRAISE_EVERY: Final = 3
FADES_AFTER: Final = 3
RECENT: Final = 3
COMES_BACK: Final = 2
REFRACTORY_S: Final = {Moment.BEFORE: 20.0, Moment.AFTER: 3.0, Moment.BETWEEN: 0.0}
"""So soon the same words are not said again; a set of fast repetitions is no litany."""


class Stage(Enum):
    """How much is said."""

    EVERY = "every faulty repetition"
    FADED = "what comes back"
    SUMMARY = "only when the set is over"


class Speaker:
    """Choose what is said in one session."""

    def __init__(self, config: Config, session_id: str) -> None:
        self.stage = Stage.EVERY
        self._config = config
        self._session_id = session_id
        self._inside = 0
        self._clean = 0
        self._recent: deque[frozenset[str]] = deque(maxlen=RECENT)
        self._said_ns: dict[str, int] = {}
        self._before_said = False
        self._done_said = False
        self._count = 0

    def new_lifter(self) -> None:
        """Begin again with every faulty repetition: it is the first time for this lifter."""
        self.stage, self._inside = Stage.EVERY, 0
        self._recent.clear()

    def new_set(self) -> None:
        """Begin a set; what had faded to the summary may come back."""
        if self.stage is Stage.SUMMARY:
            self.stage = Stage.FADED
        self._clean, self._done_said, self._before_said = 0, False, False
        self._said_ns.clear()
        self._recent.clear()

    def lifted(self) -> None:
        """The bar left the floor: the next set-up may be told something again."""
        self._before_said = False

    def before(self, checks: tuple[FaultVerdict, ...], t_ns: int, plan: Plan) -> CueEvent | None:
        """Say one thing about the set-up, while it can be acted on."""
        verdict = cues.worst(checks, Severity.FAULT)
        if verdict is None or self._before_said or not self._may(plan):
            return None
        if not self._rested(cues.key(verdict), Moment.BEFORE, t_ns):
            return None
        self._before_said = True
        return self._cue(cues.key(verdict), verdict, Moment.BEFORE, t_ns)

    def after(self, rep: Rep, t_ns: int, plan: Plan, decays: tuple[str, ...]) -> CueEvent | None:
        """Say one thing about a repetition that has ended, or nothing."""
        self._note(rep)
        if not self._may(plan):
            return None
        done = self._set_done(rep, t_ns, plan, decays)
        if done is not None:
            return done
        due = tuple(v for v in rep.faults if self._due(v))
        verdict = cues.worst(due, Severity.FAULT)
        if verdict is not None:
            line = cues.key(verdict)
            moment = cues.LINES[line].moment
            if not self._rested(line, Moment.AFTER, t_ns):
                return None
            return self._cue(line, verdict, moment, t_ns, rep.id)
        return self._praise(rep, t_ns)

    def _praise(self, rep: Rep, t_ns: int) -> CueEvent | None:
        """Confirm a straight line: in the first clean repetition, and in every third."""
        forward = next((v for v in rep.faults if v.code == "bar_forward"), None)
        if forward is None or forward.severity is not Severity.GOOD:
            return None
        if self._clean == 0 or (self._clean - 1) % PRAISE_EVERY:
            return None
        return self._cue("praise", forward, Moment.AFTER, t_ns, rep.id)

    def between(
        self, event: SetEvent, reps: list[Rep], repeated: tuple[str, ...]
    ) -> CueEvent | None:
        """Say one thing about a set that has ended."""
        if event.plan is not None and event.plan.muted:
            return None
        told = tuple(
            v
            for rep in reps
            for v in rep.faults
            if v.code not in NOT_FORM
            and (v.code in repeated or cues.LINES[cues.key(v)].moment is Moment.BETWEEN)
        )
        verdict = cues.worst(told, Severity.FAULT)
        if verdict is not None:
            return self._cue(cues.key(verdict), verdict, Moment.BETWEEN, event.t_ns)
        if event.next_mode == "test":
            return self._event(
                "test_set", "set_complete", Severity.INFO, Moment.BETWEEN, event.t_ns
            )
        return None

    def now(self, rep: Rep, t_ns: int) -> CueEvent:
        """Answer a lifter who asks: the worst of the last repetition, from a mention on."""
        verdict = cues.worst(rep.faults, Severity.WARN)
        if verdict is not None:
            return self._cue(cues.key(verdict), verdict, Moment.AFTER, t_ns, rep.id)
        judged = next((v for v in rep.faults if v.assessed), None)
        forward = next((v for v in rep.faults if v.code == "bar_forward" and v.assessed), judged)
        if forward is None:
            return self._event(
                "nothing_seen", "marker_lost", Severity.INFO, Moment.AFTER, t_ns, rep.id
            )
        line = "praise" if forward.code == "bar_forward" else "all_good"
        return self._cue(line, forward, Moment.AFTER, t_ns, rep.id)

    # --- the rules ----------------------------------------------------------------------------

    @staticmethod
    def _may(plan: Plan) -> bool:
        return not plan.muted and plan.mode != "test"

    def _note(self, rep: Rep) -> None:
        """Keep count of what was inside the tolerance, spoken of or not."""
        self._clean = self._clean + 1 if cues.is_clean(rep.faults) else 0
        if not any(v.assessed for v in rep.faults):
            return
        faults = frozenset(
            v.code for v in rep.faults
            if v.assessed and v.severity is Severity.FAULT and v.code not in NOT_FORM
        )  # fmt: skip
        self._recent.append(faults)
        self._inside = 0 if faults else self._inside + 1
        if self._inside and self._inside % FADES_AFTER == 0:
            self.stage = Stage.FADED if self.stage is Stage.EVERY else Stage.SUMMARY

    def _due(self, verdict: FaultVerdict) -> bool:
        """Tell whether a fault of the last repetition is to be spoken of now."""
        if verdict.code in NOT_FORM or verdict.severity is not Severity.FAULT:
            return False
        if cues.LINES[cues.key(verdict)].moment is Moment.BETWEEN:
            return False
        if cues.is_severe(verdict):
            return True
        if self.stage is Stage.FADED:
            return sum(verdict.code in codes for codes in self._recent) >= COMES_BACK
        return self.stage is Stage.EVERY

    def _set_done(
        self, rep: Rep, t_ns: int, plan: Plan, decays: tuple[str, ...]
    ) -> CueEvent | None:
        """Suggest to end the set: form that decays, or speed that is lost."""
        if self._done_said:
            return None
        slow = next((v for v in rep.faults if v.code == "velocity_loss" and v.assessed), None)
        if decays:
            verdict = next(v for v in rep.faults if v.code == decays[0])
            self._done_said = True
            return self._cue("set_complete", verdict, Moment.AFTER, t_ns, rep.id, "set_complete")
        if slow is None or slow.severity is not Severity.FAULT or plan.mode == "technique":
            return None
        self._done_said = True
        return self._cue("velocity_loss", slow, Moment.AFTER, t_ns, rep.id)

    def _rested(self, line: str, moment: Moment, t_ns: int) -> bool:
        last_ns = self._said_ns.get(line)
        return last_ns is None or t_ns - last_ns >= REFRACTORY_S[moment] * NS_PER_S

    def _cue(
        self,
        line: str,
        verdict: FaultVerdict,
        moment: Moment,
        t_ns: int,
        rep_id: str = "",
        code: str = "",
    ) -> CueEvent:
        done = line in ("set_complete", "velocity_loss")  # a suggestion, not a fault of form
        severity = Severity.WARN if done else verdict.severity
        return self._event(
            line, code or verdict.code, severity, moment, t_ns, rep_id, cues.evidence(verdict)
        )

    def _event(
        self,
        line: str,
        code: str,
        severity: Severity,
        moment: Moment,
        t_ns: int,
        rep_id: str = "",
        evidence: dict[str, float | str] | None = None,
    ) -> CueEvent:
        self._count += 1
        self._said_ns[line] = t_ns
        mm = abs(1000.0 * float((evidence or {}).get("value", 0.0))) if line == "praise" else 0.0
        return CueEvent(
            t_ns=t_ns,
            id=f"{self._session_id}-cue-{self._count:04d}",
            code=code,
            severity=severity,
            moment=moment,
            text=cues.text(line, self._config.words, mm),
            rep_id=rep_id,
            ttl_ms=self._config.coach.cue_ttl_ms,
            evidence=evidence or {},
        )
