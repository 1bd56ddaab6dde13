"""From a scene to what the phone page shows: every check, one verdict, and the picture's drawing.

Pure: the same scene gives the same answer.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shinline.app.mounting import budget
from shinline.app.mounting.checks import TABLE
from shinline.app.mounting.limits import RIM_PX, RING_PX, Finding, Row
from shinline.app.mounting.outlook import Outlook, looking_ahead
from shinline.app.mounting.scene import Scene, Seen
from shinline.app.words import tell
from shinline.config import Words
from shinline.steps import Steps, done
from shinline.types import Role
from shinline.wire.mount import (
    Check,
    Ghost,
    Grade,
    Level,
    Marker,
    Mount,
    Said,
    Sentences,
    Step,
    Verdict,
)

DIGITS: Final = {"_px": 1, "px": 1, "_deg": 2, "deg": 2, "m": 2, "%": 1, "_mm": 1, "": 3}
"""Decimals that are sent: what is not seen on a phone would only make each message a new one."""

_WEIGHT: Final[dict[Grade, int]] = {"bad": 2, "fair": 1, "unknown": 1, "good": 0}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the calibration is, from the calibrator."""

    steps: tuple[Step, ...] = ()
    ready: bool = False
    problem: str = ""


def assess(scene: Scene, progress: Progress | None = None) -> Mount:
    """Look at everything, and judge."""
    return done(assessment(scene, progress))


def assessment(scene: Scene, progress: Progress | None = None) -> Steps[Mount]:
    """Look at everything, and judge, in steps: a frame has no time for all of it."""
    progress = progress or Progress()
    look = yield from looking_ahead(scene)
    findings = [(row, row.judge(scene, look)) for row in TABLE]
    yield
    verdict, reasons = judge(findings)
    words = scene.config.words
    checks = tuple(_check(row, finding, words) for row, finding in findings)
    yield
    markers = tuple(_marker(scene, look, seen) for seen in scene.markers.values())
    zones = [msgspec.structs.replace(zone, text=tell(zone.said, words)) for zone in look.zones]
    return Mount(
        width_px=scene.width_px,
        height_px=scene.height_px,
        verdict=verdict,
        headline=headline(verdict, reasons, words),
        reasons=tuple(tell((reason,), words) for reason in reasons),
        reasons_said=reasons,
        checks=checks,
        level=level(scene),
        markers=markers,
        ghost=_rounded_ghost(look.ghost),
        zones=tuple(zones),
        steps=tuple(_step(step, words) for step in progress.steps),
        step_ready=progress.ready,
        stale=scene.stale,
        values=_sizes(scene),
        problem=progress.problem,
    )


def _sizes(scene: Scene) -> dict[str, float]:
    """Return the sizes in use, as a request has them."""
    marker, lifter = scene.config.marker, scene.config.lifter
    return {
        "marker_diameter_mm": round(1000.0 * marker.diameter_m, 2),
        "plate_diameter_mm": round(1000.0 * marker.plate_diameter_m, 2),
        "stature_m": lifter.stature_m,
    }


def judge(findings: list[tuple[Row, Finding]]) -> tuple[Verdict, Sentences]:
    """Return the verdict and its reasons, the worst first, of equals the costlier one."""
    amiss = [
        (finding, finding.because)
        for row, finding in findings
        if finding.state in ("bad", "fair") or (finding.state == "unknown" and row.needed)
        if finding.because is not None
    ]
    amiss.sort(key=lambda one: (-_WEIGHT[one[0].state], -(one[0].error_mm or 0.0)))
    verdict: Verdict = "ready"
    if amiss:
        verdict = "not_ready" if amiss[0][0].state == "bad" else "usable"
    return verdict, tuple(because for _, because in amiss)


def headline(verdict: Verdict, reasons: Sentences, words: Words) -> str:
    """Say the verdict and its first reason."""
    return tell((Said(key=f"check.{verdict}"), *reasons[:1]), words)


def level(scene: Scene) -> Level:
    """Tell how the camera leans: only a calibration knows."""
    rig = scene.rig
    if rig is None or scene.turned:
        return Level()
    return Level(
        roll_deg=round(rig.roll_deg, 2),
        roll_sd_deg=round(rig.roll_sd_deg, 2),
        pitch_deg=round(rig.pitch_deg, 2) if scene.lens is not None else None,
        known=True,
    )


def _step(step: Step, words: Words) -> Step:
    """Say a step in the device's language; one of another calibrator says what it says."""
    title = words.said.get(f"calibrate.title_{step.id}", step.title) if step.said else step.title
    text = tell(step.said, words) if step.said else step.text
    return msgspec.structs.replace(step, title=title, text=text)


def _check(row: Row, finding: Finding, words: Words) -> Check:
    digits = DIGITS[row.unit]
    return Check(
        code=row.code,
        state=finding.state,
        title=tell((Said(key=f"check.title_{row.code}"),), words),
        text=tell(finding.text, words),
        said=finding.text,
        value=_round(finding.value, digits),
        sd=_round(finding.sd, digits),
        unit=row.unit,
        error_mm=_error(finding.error_mm),
    )


def _marker(scene: Scene, look: Outlook, seen: Seen) -> Marker:
    """Describe one marker; those of the body are worth what their centre is, on the bar's scale."""
    bar = scene.bar
    scale = scene.m_per_px
    error_mm = None
    if seen is bar and scale is not None:
        error_mm = budget.marker(look.rom_m, scale, seen.sd_px, seen.r_rel_sd)
    elif scale is not None:
        error_mm = budget.MM * scale * seen.sd_px
    is_rim = seen.role is Role.BAR and not scene.ringed
    width_px = 2.0 * seen.r_px
    name = "rim" if is_rim else seen.role.name.lower()
    wide = Said(key=f"check.wide_{name}", values={"px": f"{width_px:.0f}"})
    return Marker(
        role=seen.role.name.lower(),
        x_px=round(seen.x_px, 1),
        y_px=round(seen.y_px, 1),
        r_px=round(seen.r_px, 1),
        error_mm=_error(error_mm),
        state=(RIM_PX if is_rim else RING_PX).grade(width_px),
        text=tell((wide,), scene.config.words),
    )


def _rounded_ghost(ghost: Ghost | None) -> Ghost | None:
    if ghost is None:
        return None
    return Ghost(floor=_rounded(ghost.floor), lockout=_rounded(ghost.lockout), inside=ghost.inside)


def _rounded(circle: Any) -> Any:
    fields = msgspec.structs.asdict(circle)
    return type(circle)(**{name: round(value, 1) for name, value in fields.items()})


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _error(error_mm: float | None) -> float | None:
    """Round to tenths of a millimetre, never to nothing."""
    return None if error_mm is None else max(round(error_mm, 1), 0.1)
