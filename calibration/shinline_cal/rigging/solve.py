"""From all that was observed to how the camera stands, with its covariance.

Nothing here says whether to believe it: that is :mod:`.checks`.
"""

from dataclasses import dataclass
from math import atan2, degrees, exp, hypot, log, sqrt
from typing import Final

import msgspec
import numpy as np

from shinline import config
from shinline.config import Lens, Rig
from shinline.geometry.view import View
from shinline.types import FloatArray
from shinline_cal.rigging import bundle, groups, shape, single
from shinline_cal.rigging.evidence import Evidence, ObservationError, say
from shinline_cal.rigging.optics import (
    AZIMUTH,
    CENTRE_X,
    CENTRE_Y,
    FOCAL,
    K1,
    PITCH,
    ROLL,
    SIZE,
    camera,
    placed,
    view_of,
)
from shinline_cal.rigging.vertical import lean_by, lean_deg, lens_of, undetected_deg

ROLL_SD_DEG: Final = 30.0
PITCH_SD_DEG: Final = 8.0
AZIMUTH_SD_DEG: Final = 15.0
"""How people put up a tripod, before anything is measured."""

OTHER_SIDE: Final = 9.0
"""A solution on the other side of the square view counts unless its cost is so much higher."""

MOST_TURNED: Final = 4
"""So many cards are tried turned to the other side, each way."""

FAR_SDS: Final = 5.0
"""An azimuth that the shape allows is not tried if all else is so far from it."""


@dataclass(frozen=True, slots=True)
class Solution:
    """How the camera stands.

    Attributes
    ----------
    values, covariance
        Of ``config.SPREAD``, in its units; the last four are differences from the lens as it was
        configured. (7,) and (7, 7).
    lens
        As it fits best: the angles belong to it. Without one (``fx_px`` of 0): as configured.
    roll_deg
        Of the vertical at the bar's place; the camera's own only where there is a lens.
    roll_sd_deg
        How unsure the vertical is at the bar's place, over a lift: what ``max_roll`` judges.
    scale_rel_sd
        Of metres by pixel.
    other_azimuth_deg
        As likely as the one in ``values``: the marker looks the same from there. None: there is
        none.
    camera_height_m
        Of the lens above the floor, where the plate's diameter is known.
    bundle
        What became of each observation.

    """

    evidence: Evidence
    values: FloatArray
    covariance: FloatArray
    lens: Lens
    roll_deg: float
    roll_sd_deg: float
    scale_rel_sd: float
    distance_m: float
    camera_height_m: float | None
    floor_y_m: float | None
    other_azimuth_deg: float | None
    facing: float
    bundle: bundle.Bundle

    @property
    def calibrated_lens(self) -> bool:
        """Whether there was a lens, so that more than the roll could be told."""
        return self.evidence.lens.fx_px > 0.0

    @property
    def view(self) -> View:
        """As the core takes it."""
        return view_of(lens_of(self.evidence), self.values)

    @property
    def spread(self) -> tuple[config.Way, ...]:
        """The covariance as independent ways of being wrong by one sd, the largest first."""
        return ways(self.covariance) if self.calibrated_lens else ()

    def residuals(self) -> dict[str, float]:
        """Return the RMS of each observation's residuals, over their standard deviations."""
        return {
            part.name: sqrt(part.chi2 / max(1, part.residuals.size)) for part in self.bundle.parts
        }

    def residuals_px(self) -> dict[str, float]:
        """Return the RMS distance of each observation's places from where they are explained."""
        return {part.name: part.off_px for part in self.bundle.parts if part.off_px is not None}

    def to_config(self) -> Rig:
        """Return it as a session takes it."""
        sds = np.sqrt(np.diag(self.covariance))
        usual = Rig()
        rest = self.evidence.rests[-1] if self.evidence.rests else None
        seen = (
            config.Rest()
            if rest is None
            else config.Rest(
                x_px=rest.x_px,
                y_px=rest.y_px,
                r_px=rest.r_px,
                axis_ratio=rest.axis_ratio,
                contrast=rest.contrast,
            )
        )
        known = self.calibrated_lens
        return Rig(
            roll_deg=self.roll_deg,
            roll_sd_deg=self.roll_sd_deg,
            pitch_deg=float(self.values[PITCH]) if known else usual.pitch_deg,
            pitch_sd_deg=float(sds[PITCH]) if known else usual.pitch_sd_deg,
            azimuth_deg=float(self.values[AZIMUTH]) if known else usual.azimuth_deg,
            azimuth_sd_deg=float(sds[AZIMUTH]) if known else usual.azimuth_sd_deg,
            scale_rel_sd=self.scale_rel_sd,
            spread=self.spread,
            rest=seen,
        )


def solve(evidence: Evidence) -> Solution:
    """Find how the camera stands.

    Raises
    ------
    ObservationError
        Nothing was observed that shows the vertical, or the bar was not seen at rest.

    """
    if not evidence.rests:
        raise ObservationError(say("no_rest"))
    if not any((evidence.plumbs, evidence.swings, evidence.falls, evidence.edges)):
        raise ObservationError(say("no_down"))
    lens = lens_of(evidence)
    start = np.zeros(SIZE)
    start[ROLL] = start_roll_deg(evidence)
    rough = _fitted(lens, evidence, (), start, bundle.ROUGH)
    fitted, other = _sided(lens, evidence, rough)
    return _solution(lens, evidence, fitted, other)


def ways(covariance: FloatArray) -> tuple[config.Way, ...]:
    """Return independent vectors whose outer products add up to a covariance (7, 7)."""
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    powers, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    columns = vectors * np.sqrt(np.maximum(powers, 0.0)) * scale[:, None]
    return tuple(tuple(float(v) for v in column) for column in columns.T[::-1])  # type: ignore[misc]


def priors(lens: Lens) -> FloatArray:
    """Return what is believed of the seven numbers before anything is seen: sds about zero."""
    tiny = 1e-9
    return np.maximum(
        tiny,
        [
            ROLL_SD_DEG,
            PITCH_SD_DEG,
            AZIMUTH_SD_DEG,
            lens.focal_rel_sd,
            lens.centre_sd_px,
            lens.centre_sd_px,
            lens.k1_sd,
        ],
    )


def _groups(evidence: Evidence, turned: int = 0) -> list[bundle.Group]:
    """Return all observations but the marker's shape.

    The bits of ``turned`` say which cards to begin with turned to their other side.
    """
    radius_m = 0.5 * evidence.marker_diameter_m
    hung_m = 0.5 * (evidence.hung_diameter_m or evidence.marker_diameter_m)
    plate_m = 0.5 * (evidence.plate_diameter_m or config.Marker().plate_diameter_m)
    bits = iter(bool(turned >> k & 1) for k in range(_cards(evidence)))
    found: list[bundle.Group] = []
    for i, plumb in enumerate(evidence.plumbs):
        others = tuple(next(bits) for _ in plumb.places)
        found.append(groups.PlumbGroup(f"plumb {i + 1}", plumb, hung_m, others))
    for i, swing in enumerate(evidence.swings):
        found.append(groups.SwingGroup(f"swing {i + 1}", swing, hung_m, next(bits)))
    for i, fall in enumerate(evidence.falls):
        found.append(groups.FallGroup(f"fall {i + 1}", fall, hung_m, next(bits)))
    for i, edge in enumerate(evidence.edges):
        found.append(single.EdgeGroup(f"edge {i + 1}", edge))
    for i, roll in enumerate(evidence.rolls):
        found.append(groups.RollGroup(f"roll {i + 1}", roll, radius_m, plate_m))
    if evidence.camera_height_m is not None and evidence.plate_diameter_m is not None:
        above = evidence.camera_height_m - plate_m
        found.append(single.HeightGroup("height", evidence.rests[-1], radius_m, above))
    return found


def _cards(evidence: Evidence) -> int:
    """Return how many cards hung, swung or fell."""
    hung = sum(len(plumb.places) for plumb in evidence.plumbs)
    return hung + len(evidence.swings) + len(evidence.falls)


def start_roll_deg(evidence: Evidence) -> float:
    """Return roughly where up is in the picture; what swings and falls knows it from down."""
    upward = _upward(evidence)
    for plumb in evidence.plumbs:
        ends = plumb.places[0], plumb.places[-1]
        x, y = ends[1].x_px - ends[0].x_px, ends[1].y_px - ends[0].y_px
        sign = -1.0 if x * upward[0] + y * upward[1] < 0.0 else 1.0
        return degrees(atan2(sign * x, -sign * y))
    return degrees(atan2(upward[0], -upward[1]))


def _upward(evidence: Evidence) -> tuple[float, float]:
    """Return a direction in the picture that has up on its side: the picture's own, if unseen."""
    for fall in evidence.falls:
        x, y = (float(np.polyfit(fall.t_s, v, 2)[0]) for v in (fall.x_px, fall.y_px))
        return -x, -y
    for swing in evidence.swings:
        return _swing_up(swing.x_px, swing.y_px)
    return 0.0, -1.0


def _swing_up(x_px: FloatArray, y_px: FloatArray) -> tuple[float, float]:
    """Return the direction in which the ends of a swing lie above its middle."""
    places = np.column_stack([x_px - x_px.mean(), y_px - y_px.mean()])
    _, _, axes = np.linalg.svd(places, full_matrices=False)
    along, aside = places @ axes[0], places @ axes[1]
    up = axes[1] * np.sign(np.polyfit(along, aside, 2)[0])
    return float(up[0]), float(up[1])


def _fitted(
    lens: Lens,
    evidence: Evidence,
    more: tuple[bundle.Group, ...],
    start: FloatArray,
    eases: tuple[float, ...] = bundle.EASES,
    turned: int = 0,
) -> bundle.Bundle:
    all_groups = [*_groups(evidence, turned), *more]
    try:
        return bundle.fit(lens, all_groups, np.zeros(SIZE), priors(lens), start, eases)
    except (ValueError, np.linalg.LinAlgError):
        raise ObservationError(say("no_fit")) from None


def _sided(
    lens: Lens, evidence: Evidence, rough: bundle.Bundle
) -> tuple[bundle.Bundle, tuple[bundle.Bundle, float] | None]:
    """Add the shape of the marker at rest: once for each azimuth that it allows.

    A bar that was rolled shows its marker's shape on the way: then it only says where to begin.
    Returns the best, and the next best with its share where that is as good.
    """
    tried: list[tuple[float, bundle.Bundle]] = []
    for peak in _near(shape.peaks(lens, rough.values, evidence.rests[-1], _pitch_sd(rough)), rough):
        start = rough.values.copy()
        start[AZIMUTH] = peak.azimuth_deg
        fitted = _fitted(lens, evidence, () if evidence.rolls else (_shape(peak),), start)
        tried.append((fitted.cost - 2.0 * log(peak.share / peak.sd_deg), fitted))
    if not tried:
        return _again(lens, evidence, _fitted(lens, evidence, (), rough.values)), None
    tried.sort(key=lambda each: each[0])
    best = _again(lens, evidence, _refined(lens, evidence, tried[0][1]))
    if len(tried) > 1 and tried[1][0] - tried[0][0] < OTHER_SIDE:
        odds = exp(-0.5 * (tried[1][0] - tried[0][0]))
        return best, (tried[1][1], odds / (1.0 + odds))
    return best, None


def _refined(lens: Lens, evidence: Evidence, fitted: bundle.Bundle) -> bundle.Bundle:
    """Read the shape again, with the pitch as it is known now."""
    more = _shape_near(lens, evidence, fitted)
    if not more:
        return fitted
    return _fitted(lens, evidence, more, fitted.values, bundle.EASES[1:])


def _shape_near(lens: Lens, evidence: Evidence, fitted: bundle.Bundle) -> tuple[bundle.Group, ...]:
    """Return the shape's azimuth on the side on which a fit is; none where a bar was rolled."""
    found = shape.peaks(lens, fitted.values, evidence.rests[-1], _pitch_sd(fitted))
    if evidence.rolls or not found:
        return ()
    here = fitted.values[AZIMUTH]
    return (_shape(min(found, key=lambda p: abs(p.azimuth_deg - here) / p.sd_deg)),)


def _again(lens: Lens, evidence: Evidence, fitted: bundle.Bundle) -> bundle.Bundle:
    """Begin elsewhere where the fit is none: at other angles, with cards turned the other way.

    A fit that began on the wrong side of a card that looks round cannot cross over.
    """
    best = fitted
    more = _shape_near(lens, evidence, fitted)
    angles = [(pitch, azimuth) for pitch in (-6.0, 6.0) for azimuth in (-10.0, 10.0)]
    tries: list[tuple[tuple[float, float] | None, int]] = [(each, 0) for each in angles]
    tries += [(None, turned) for turned in range(1, 2 ** min(_cards(evidence), MOST_TURNED))]
    for where, turned in tries:
        if best.fits:
            break
        start = best.values
        if where is not None:
            start = np.zeros(SIZE)
            start[[ROLL, PITCH, AZIMUTH]] = (start_roll_deg(evidence), *where)
        tried = _fitted(lens, evidence, more, start, bundle.EASES, turned)
        best = min(best, tried, key=lambda each: each.cost)
    return best


def _shape(peak: shape.Peak) -> bundle.Group:
    return single.AzimuthGroup("shape", peak.azimuth_deg, peak.sd_deg)


def _pitch_sd(fitted: bundle.Bundle) -> float:
    return sqrt(float(fitted.covariance[PITCH, PITCH]))


def _near(found: list[shape.Peak], rough: bundle.Bundle) -> list[shape.Peak]:
    """Leave out azimuths that are far from what all else says, unless all are."""
    here, sd = rough.values[AZIMUTH], sqrt(float(rough.covariance[AZIMUTH, AZIMUTH]))
    near = [p for p in found if abs(p.azimuth_deg - here) <= FAR_SDS * hypot(sd, p.sd_deg)]
    return near or found


def _solution(
    lens: Lens,
    evidence: Evidence,
    fitted: bundle.Bundle,
    other: tuple[bundle.Bundle, float] | None,
) -> Solution:
    rest = evidence.rests[-1]
    radius_m = 0.5 * evidence.marker_diameter_m
    values, covariance = fitted.values, fitted.covariance
    if other is not None:
        apart = other[0].values - values
        covariance = covariance + other[1] * np.outer(apart, apart)
    see = camera(lens, values)
    bar = placed(see, rest.x_px, rest.y_px, rest.r_px, radius_m)
    plate_m = evidence.plate_diameter_m
    by = lean_by(evidence, lens, values)
    sd_deg = sqrt(max(0.0, float(by @ covariance @ by)))
    known = evidence.lens.fx_px > 0.0
    roll = float(values[ROLL]) if known else lean_deg(see, bar)
    return Solution(
        evidence=evidence,
        values=values,
        covariance=covariance,
        lens=fitted_lens(evidence.lens, values, covariance) if known else evidence.lens,
        roll_deg=roll,
        roll_sd_deg=max(sd_deg, undetected_deg(fitted, by)),
        scale_rel_sd=hypot(evidence.marker_rel_sd, rest.r_rel_sd),
        distance_m=float(np.linalg.norm(bar)),
        camera_height_m=None if plate_m is None else 0.5 * plate_m - float(bar @ see.up),
        floor_y_m=None if plate_m is None else -0.5 * plate_m,
        other_azimuth_deg=None if other is None else float(other[0].values[AZIMUTH]),
        facing=evidence.facing,
        bundle=fitted,
    )


def fitted_lens(lens: Lens, values: FloatArray, covariance: FloatArray) -> Lens:
    """Return the lens moved to where it fits best, with what is unsure of it then."""
    view = view_of(lens, values).lens
    sds = np.sqrt(np.diag(covariance))
    return msgspec.structs.replace(
        lens,
        fx_px=view.fx_px,
        fy_px=view.fy_px,
        cx_px=view.cx_px,
        cy_px=view.cy_px,
        k1=view.k1,
        focal_rel_sd=float(sds[FOCAL]),
        centre_sd_px=float(max(sds[CENTRE_X], sds[CENTRE_Y])),
        k1_sd=float(sds[K1]),
    )
