"""What a calibration came to: as it is kept, and in a sentence."""

from dataclasses import replace
from datetime import date
from math import hypot
from typing import Final

from shinline import config as configuration
from shinline.types import CameraIdentity, U8Image
from shinline.wire.mount import Sentences
from shinline_cal import rig as rigs
from shinline_cal.rigging import checks
from shinline_cal.rigging.edges import edges
from shinline_cal.rigging.evidence import Evidence, ObservationError, say
from shinline_cal.rigging.measures import beside_axis_m
from shinline_cal.rigging.solve import Solution, solve

UNSEEN_PITCH: Final = 0.01
"""Without a lens the pitch is not known: five degrees of it make a lift one per cent longer."""

LEVEL_SD_DEG: Final = 0.25
"""A vertical that is less sure judges no drift."""


def worked_out(evidence: Evidence, room: U8Image | None) -> tuple[Solution, Sentences]:
    """Solve, and return why the solution is refused; nothing when it is accepted.

    The uprights of the room are a second witness of the vertical that costs nobody a step. A rack
    need not be plumb: where they do not agree, what was hung up counts alone.

    Raises
    ------
    ObservationError
        Something that is needed was not observed.

    """
    if room is not None and not evidence.edges:
        try:
            seen = replace(evidence, edges=edges(room, evidence.lens))
            solution = solve(seen)
        except ObservationError:
            pass
        else:
            if not checks.refused(solution):
                return solution, ()
    solution = solve(evidence)
    return solution, checks.refused(solution)


def rig_file(
    solution: Solution,
    camera: CameraIdentity,
    serial: str,
    day: date,
    lens_source: str,
    notes: str,
    off_axis_m: float | None = None,
    marker_diameter_m: float = 0.0,
) -> rigs.Rig:
    """Return a solution as it is kept.

    ``off_axis_m`` is how far the marker sits beside the bar's axis, where a turned plate showed it;
    else a rolled bar may have. ``marker_diameter_m`` is the measured one, 0 where nobody measured.
    """
    pose = solution.to_config()
    known = solution.calibrated_lens
    return rigs.Rig(
        serial=serial,
        camera=camera.model or "unknown",
        width_px=camera.width_px,
        height_px=camera.height_px,
        mode=camera.mode,
        lens_position=rigs.FIXED_FOCUS if camera.lens_position is None else camera.lens_position,
        date=day,
        roll_deg=pose.roll_deg,
        roll_sd_deg=pose.roll_sd_deg,
        pitch_deg=pose.pitch_deg,
        pitch_sd_deg=pose.pitch_sd_deg,
        azimuth_deg=pose.azimuth_deg,
        azimuth_sd_deg=pose.azimuth_sd_deg,
        scale_rel_sd=pose.scale_rel_sd if known else hypot(pose.scale_rel_sd, UNSEEN_PITCH),
        distance_m=solution.distance_m if known else 0.0,
        camera_height_m=solution.camera_height_m or 0.0,
        marker_diameter_m=marker_diameter_m,
        off_axis_m=beside_axis_m(solution) if off_axis_m is None else off_axis_m,
        spread=pose.spread,
        lens=solution.lens if known else configuration.Lens(),
        lens_source=lens_source,  # type: ignore[arg-type]
        rest=pose.rest,
        residuals_px={name: round(value, 4) for name, value in solution.residuals_px().items()},
        notes=notes,
    )


def summary(rig: rigs.Rig) -> Sentences:
    """Say what is in force now, for a lifter."""
    told = "lean_rough" if rig.roll_sd_deg > LEVEL_SD_DEG else "lean"
    lean = say(told, deg=f"{abs(rig.roll_deg):.1f}", sd=f"{rig.roll_sd_deg:.2f}")
    return say("saved"), lean
