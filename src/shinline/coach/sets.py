"""The summary of a set of reps."""

from shinline.coach.advice import advice, repeated
from shinline.coach.decay import decays
from shinline.config import Words
from shinline.types import Plan, Rep, SetEvent, Severity


def summarise(
    reps: list[Rep], number: int, t_ns: int, plan: Plan, words: Words, next_mode: str
) -> SetEvent:
    """Sum a set up. Velocity loss is against the fastest rep, not the first."""
    speeds = [rep.mean_velocity_mps for rep in reps if rep.mean_velocity_mps is not None]
    counted: dict[str, int] = {}
    judged: dict[str, int] = {}
    for rep in reps:
        for fault in rep.faults:
            if not fault.assessed:
                continue
            judged[fault.code] = judged.get(fault.code, 0) + 1
            if fault.severity is Severity.FAULT:
                counted[fault.code] = counted.get(fault.code, 0) + 1
    knees = [rep.drift_at_knee_m for rep in reps if rep.drift_at_knee_m is not None]
    return SetEvent(
        t_ns=t_ns,
        set=number,
        reps=len(reps),
        best_velocity_mps=max(speeds, default=None),
        last_velocity_mps=speeds[-1] if speeds else None,
        velocity_loss=1.0 - speeds[-1] / max(speeds) if speeds else None,
        faults=counted,
        path_spread_m=max(knees) - min(knees) if len(knees) > 1 else None,
        plan=plan,
        assessed=judged,
        advice=advice(repeated(reps), words),
        decays=decays(reps),
        next_mode=next_mode,
    )
