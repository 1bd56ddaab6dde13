"""A talk between a lifter and the coach: verdicts, repetitions, and what is said of them."""

from dataclasses import replace

from judged import finished

from shinline.coach.sets import summarise
from shinline.coach.speaker import Speaker
from shinline.config import Config, Words
from shinline.types import NS_PER_S, CueEvent, FaultVerdict, Plan, Rep, Severity

PLAN = Plan("Anna", "conventional", 100.0)
TEST, TECHNIQUE = replace(PLAN, mode="test"), replace(PLAN, mode="technique")
MUTED = replace(PLAN, muted=True)
REP_S = 10.0


def verdict(code: str, severity: Severity = Severity.FAULT, **changes: object) -> FaultVerdict:
    told = FaultVerdict(code, severity, 0.04, 0.002, "m", 0.03, 1.0, assessed=True)
    return replace(told, **changes)  # type: ignore[arg-type]


GOOD = verdict("bar_forward", Severity.GOOD, value=0.008)
FORWARD = verdict("bar_forward")
HIPS = verdict("hips_shoot_up", value=8.0, unit="deg")
LOOP = verdict("knee_loop")
ROUNDED = verdict("rounding", value=13.0, threshold=12.0)
SEVERE = verdict("rounding", value=18.5, threshold=12.0, details={"severe": 1.0})
DROPPED = verdict("lowering", details={"dropped": 1.0})
SLOW = verdict("velocity_loss", value=0.25, threshold=0.2)
UNKNOWN = verdict("hips_shoot_up", Severity.INFO, assessed=False, value=None)
STOPPED = verdict("hitch", value=2.0, threshold=2.0)


class Talk:
    """A session of repetitions, ten seconds apart."""

    def __init__(self, config: Config = Config(), plan: Plan = PLAN) -> None:  # noqa: B008
        self.speaker = Speaker(config, "s")
        self.plan = plan
        self.t_ns = 0
        self.reps: list[Rep] = []

    def rep(self, *faults: FaultVerdict, after_s: float = REP_S, decays: tuple[str, ...] = ()) -> (
        CueEvent | None
    ):  # fmt: skip
        self.t_ns += round(after_s * NS_PER_S)
        self.reps.append(finished(len(self.reps) + 1, faults=faults))
        self.speaker.lifted()
        return self.speaker.after(self.reps[-1], self.t_ns, self.plan, decays)

    def said(self, *reps: tuple[FaultVerdict, ...]) -> list[str]:
        """Return what is said of each repetition, "" for nothing."""
        cues = [self.rep(*faults) for faults in reps]
        return ["" if cue is None else cue.code for cue in cues]

    def set_over(self, repeated: tuple[str, ...] = (), next_mode: str = "") -> CueEvent | None:
        event = summarise(self.reps, 1, self.t_ns, self.plan, Words(), next_mode)
        cue = self.speaker.between(event, self.reps, repeated)
        self.speaker.new_set()
        self.reps.clear()
        return cue


OK, BAD = (GOOD,), (HIPS, GOOD)
