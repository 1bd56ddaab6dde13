"""Sets, plans and names for the tests of the set's sheets."""

from typing import Any

from pages_broker import Device
from pages_data import ADVICE, REPS, finished_rep, live_batches, session, state

SCRIPT = "<script>document.title = 'taken'</script>"
ARABIC = "\N{ARABIC LETTER SAD}\N{ARABIC LETTER SAD}\N{ARABIC LETTER ALEF} (1)"
EMOJI = "Zoë \N{FLEXED BICEPS}\N{FIRE}"
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 2

PLAN = {
    "lifter": "Anna",
    "lift": "conventional",
    "load_kg": 142.5,
    "target_reps": 5,
    "target_rpe": None,
    "mode": "standard",
    "muted": False,
}
RIVAL_PLAN = {"set": 2, "plan": PLAN | {"lifter": "Ben", "load_kg": 120.0}}


def lifters_session() -> dict[str, Any]:
    """Build a session of lifters with names that are a trial for a page."""
    names = ("Anna", "Ben", ARABIC, EMOJI, LONG.strip()[:64], SCRIPT)
    sets = [{"set": 1, "reps": [finished_rep(n) for n in range(1, 6)]}]
    for number, name in enumerate(names[1:], start=2):
        who = {"lifter": name, "lift": "sumo", "load_kg": 100.0 + number}
        rep = finished_rep(2, set_number=number, **who)
        sets.append({"set": number, "reps": [rep]})
    return session(id="sample-1", sets=sets, labels={"sample-1-2": "good"})


def summary(**more: Any) -> dict[str, Any]:
    """Build a ``set/last`` message."""
    head = {"schema": 1, "seq": 1, "t_capture": "2026-03-14T17:33:00Z", "set": 1, "reps": 5}
    who = {"lifter": "Anna", "lift": "conventional", "load_kg": 142.5, "tonnage_kg": 712.5}
    speeds = {"best_velocity_mps": 0.49, "last_velocity_mps": 0.31, "velocity_loss": 0.37}
    rest = {"faults": {"bar_forward": 1}, "path_spread_m": 0.02, "mode": "standard"}
    tail = {"assessed": {"bar_forward": 5}, "advice": [ADVICE], "decays": [], "next_mode": ""}
    return head | who | speeds | rest | tail | more


def lift_set(device: Device, count: int, **more: Any) -> None:
    """Publish whole repetitions 1 .. ``count``, each from the first inch to its numbers."""
    for number in range(1, count + 1):
        device.say("state", state("pull", rep=number, velocity_loss_limit=0.2), retain=True)
        device.say("rep", {"type": "new", "id": f"sample-1-{number}", "after": {}})
        for batch in live_batches(number, size=12):
            device.say("live", batch)
        rep = finished_rep(number, **more)
        device.say("rep", {"type": "end", "id": rep["id"], "after": rep})
        device.say("rep/last", rep, retain=True)
    speeds = [REPS[number][1] for number in range(count)]
    loss = {"velocity_loss": 1 - speeds[-1] / max(speeds), "velocity_loss_limit": 0.2}
    device.say("state", state("floor", rep=count, **loss), retain=True)
