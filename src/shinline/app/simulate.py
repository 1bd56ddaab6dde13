"""``shinline simulate``: a lift of known truth, made into a video and its JSON."""

from pathlib import Path
from typing import Any

import msgspec

from shinline.app.recording import Progress
from shinline.sim import (
    FAULTS,
    STICKERS,
    Recording,
    Scenario,
    body_of,
    from_json,
    lay_out,
    parse_fault,
    set_up,
    with_faults,
    write_clip,
    write_demo,
    write_set_up,
)


def make_scenario(
    base: Path | None,
    reps: int | None,
    faults: tuple[str, ...],
    rep_values: dict[str, Any],
    camera_values: dict[str, Any],
    marker_values: dict[str, Any],
    values: dict[str, Any],
) -> Scenario:
    """Build a scenario from a JSON file (or the default one) and what the command line changes.

    Values that are None change nothing; ``rep_values`` and faults go into every rep.

    Raises
    ------
    ValueError
        Something is unknown or out of its range; the message says what was expected.
    OSError
        The file cannot be read.

    """
    scenario = Scenario() if base is None else from_json(base.read_bytes())
    plans = scenario.reps
    if reps is not None:
        plans = tuple((plans * reps)[:reps])
    plans = tuple(_replaced(plan, rep_values) for plan in plans)
    scenario = _replaced(
        scenario,
        {
            **values,
            "reps": plans,
            "camera": _replaced(scenario.camera, camera_values),
            "markers": _replaced(scenario.markers, _marked(marker_values)),
        },
    )
    scenario = with_faults(scenario, dict(parse_fault(text) for text in faults))
    lay_out(scenario, body_of(scenario))  # refuses what this lifter cannot do, before any rendering
    return scenario


def _marked(values: dict[str, Any]) -> dict[str, Any]:
    """Spell out a choice of markers: ``all``, ``hips`` (and shoulders), or the ``bar`` alone."""
    rest = dict(values)
    choice = rest.pop("markers", None)
    if choice is not None:
        rest["roles"] = STICKERS[choice]
    return rest


def _replaced(struct: Any, values: dict[str, Any]) -> Any:
    given = {name: value for name, value in values.items() if value is not None}
    return msgspec.structs.replace(struct, **given)


def fault_table() -> str:
    """Return the faults that can be asked for as a table for people (``docs/simulate.md``)."""
    rows = ["| code | size | from | to | what it is | not in |", "|---|---|---|---|---|---|"]
    for code, spec in FAULTS.items():
        not_in = ", ".join(spec.not_in)
        size = f"{spec.unit} | {spec.lowest:g} | {spec.highest:g}"
        rows.append(f"| `{code}` | {size} | {spec.meaning} | {not_in} |")
    return "\n".join(rows)


def simulate_set_up(
    name: str, scenario: Scenario, clip: Path, truth: Path, progress: Progress
) -> int:
    """Render a scene of the camera's set-up; return how many frames it has.

    Raises
    ------
    ValueError, OSError
        There is no such scene, or a file cannot be written.

    """
    scene = set_up(name, scenario)
    write_set_up(scene, clip, truth, lambda done, total: progress("rendering", done / total))
    return len(scene)


def simulate(scenario: Scenario | None, clip: Path, truth: Path, progress: Progress) -> Recording:
    """Render a scenario, or the bundled recording's when it is None.

    Raises
    ------
    ValueError, OSError
        The scenario cannot be built, or a file cannot be written.

    """

    def told(done: int, total: int) -> None:
        progress("rendering", done / total)

    if scenario is None:
        return write_demo(clip, truth, told)
    return write_clip(scenario, clip, truth, told)
