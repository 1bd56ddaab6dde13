"""From views to a lens that can be trusted, or the reason why there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from shinline_cal.lens import coverage as cover
from shinline_cal.lens.consistency import focus_change, focus_scatter, shape
from shinline_cal.lens.find import View
from shinline_cal.lens.fit import (
    FEWEST_VIEWS,
    MODELS,
    Corners,
    HeldOut,
    LensRefused,
    Robust,
    choose,
    corners_of,
    free,
    robust,
    solve,
)
from shinline_cal.lens.model import one_to_one
from shinline_cal.lens.spread import Spread, spread

SQUARE: Final = 0.01
"""Pixels are square: the focal lengths may differ by so much of themselves."""

MIDDLE: Final = 0.10
"""The principal point may be so far from the middle, as a share of the picture's side."""

FOCAL_RANGE: Final = (0.25, 8.0)
"""Focal length over the picture's width: fields of 127 down to 7 degrees."""

FOCAL_REL_SD_MAX: Final = 0.01
CENTRE_SD_MAX: Final = 0.01
"""Of the picture's width. Beyond these a ready-made profile knows as much."""

WORST_SHARE: Final = 0.005
"""Where the lens is known least, a point may be unsure by this share of the diagonal."""

HELD_OUT_MAX_PX: Final = 0.5
BULGE_MIN_M: Final = 0.0001
SHAPE_SHARE: Final = 0.3
"""A bulge is believed when it explains this share of the squared residuals."""

BULGE_MAX_M: Final = 0.003
"""A sheet of paper held by hand bulges by a millimetre or two; more is made good less well."""

SHAPE_ROUNDS: Final = 3
FOCUS_SCATTER_MAX: Final = 0.003
RICHEST: Final = next(iter(MODELS))

COVERAGE_MIN: Final = 0.5
GOOD_COVERAGE: Final = 0.85
TILT_RANGE_DEG: Final = 15.0

Size = tuple[int, int]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Calibration:
    """An accepted lens and everything that speaks for it.

    ``views`` are those that take part, ``trials`` the held-out errors of all models, ``remarks``
    what a person should know although the lens was accepted.
    """

    size_px: Size
    model: str
    fit: Robust
    trials: dict[str, HeldOut]
    spread: Spread
    views: tuple[View, ...]
    coverage: float
    remarks: tuple[str, ...]

    @property
    def held_out_px(self) -> float:
        """RMS error at views that the fit did not see."""
        return self.trials[self.model].rms_px


def calibrate(
    views: Sequence[View], size_px: Size, progress: Progress = lambda _what, _share: None
) -> Calibration:
    """Fit a lens and check it.

    Raises
    ------
    LensRefused
        With the first reason why it cannot be trusted.

    """
    _enough(views, size_px)
    progress("fitting", 0.1)
    fit, bulge_m = _on_its_shape([corners_of(view) for view in views], size_px)
    progress("fitting", 0.4)
    _one_focus(views, fit)
    start = fit.solution.theta
    model, trials = choose(fit.corners, size_px, start)
    progress("fitting", 0.9)
    solution = solve(fit.corners, size_px, model, start)
    fit = Robust(fit.corners, solution, fit.left_out)
    bent = bulge_m > 0.0
    known = spread(fit.corners, solution, trials[model].thetas, free(model), size_px, bent)
    used = tuple(view for view in views if view.name in {c.name for c in fit.corners})
    _holds(trials[model])
    _determined(known, used, size_px)
    _plausible(fit, size_px)
    share = cover.coverage(used, size_px)
    progress("fitting", 1.0)
    remarks = tuple(_remarks(model, fit, share, bulge_m))
    return Calibration(size_px, model, fit, trials, known, used, share, remarks)


def _enough(views: Sequence[View], size_px: Size) -> None:
    if len(views) < FEWEST_VIEWS:
        raise LensRefused(
            f"{len(views)} usable views of the chart are too few: {FEWEST_VIEWS} are the least, "
            "20 are good"
        )
    share = cover.coverage(views, size_px)
    if share < COVERAGE_MIN:
        raise LensRefused(
            f"the chart was seen in {share:.0%} of the picture only; at least {COVERAGE_MIN:.0%} "
            f"are needed: {cover.sentence(views, size_px, None)}"
        )
    stands = [cover.attitude(view, size_px) for view in views]
    ranges = [np.ptp([stand.right_deg for stand in stands]),
              np.ptp([stand.bottom_deg for stand in stands])]  # fmt: skip
    if max(ranges) < TILT_RANGE_DEG:
        raise LensRefused(
            "the chart always faced the camera the same way, which leaves the focal length open: "
            "tilt it by 20 to 40 degrees to every side"
        )


def _on_its_shape(corners: list[Corners], size_px: Size) -> tuple[Robust, float]:
    """Fit the lens, and the chart's shape where it is not flat; return how far it bulges, in m."""
    fit = robust(corners, size_px, RICHEST)
    found = shape(fit.corners, fit.solution, free(RICHEST))
    if found.share < SHAPE_SHARE or found.bulge_m < BULGE_MIN_M:
        return fit, 0.0
    height_m = np.zeros_like(found.height_m)
    for _ in range(SHAPE_ROUNDS):
        height_m = height_m + found.height_m
        bulge_m = float(np.ptp(height_m))
        if bulge_m > BULGE_MAX_M:
            raise LensRefused(
                f"the chart is not flat: its corners lie up to {1000 * bulge_m:.1f} mm off a "
                f"plane (at most {1000 * BULGE_MAX_M:.1f} mm can be made good); glue it to a board"
            )
        raised = [view.raised(height_m) for view in corners]
        fit = robust(raised, size_px, RICHEST, fit.solution.theta)
        found = shape(fit.corners, fit.solution, free(RICHEST))
    return fit, bulge_m


def _one_focus(views: Sequence[View], fit: Robust) -> None:
    """Refuse views taken with more than one focus."""
    kept = {view.name: view for view in fit.corners}
    ordered = [kept.get(view.name, corners_of(view)) for view in views]
    theta, noise_px = fit.solution.theta, fit.solution.rms_px
    change = focus_change(ordered, theta, noise_px)
    if change is not None:
        raise LensRefused(
            f"the focus moved: from about {change.after} on the focal length is "
            f"{abs(change.share):.1%} {'longer' if change.share > 0 else 'shorter'} than before; "
            "switch autofocus off, set the focus once, and take all views anew"
        )
    # A view left out may be of a chart that moved: that says nothing of the focus.
    scatter = focus_scatter(fit.corners, theta, noise_px)
    if scatter > FOCUS_SCATTER_MAX:
        raise LensRefused(
            f"the focal length differs by {scatter:.1%} from view to view: switch autofocus off, "
            "and glue the chart to a board if it bends while it is held"
        )


def _determined(known: Spread, views: Sequence[View], size_px: Size) -> None:
    """Refuse a lens that the views leave open."""
    hint = cover.sentence(views, size_px, None)
    if not known.focal_rel_sd <= FOCAL_REL_SD_MAX:
        raise LensRefused(
            f"the focal length is known to {known.focal_rel_sd:.1%} only (at most "
            f"{FOCAL_REL_SD_MAX:.0%} is allowed): the views are too much alike; {hint}"
        )
    if not known.centre_sd_px <= CENTRE_SD_MAX * size_px[0]:
        raise LensRefused(
            f"the optical centre is known to {known.centre_sd_px:.0f} px only (at most "
            f"{CENTRE_SD_MAX * size_px[0]:.0f} px are allowed): tilt the chart to every side; "
            f"{hint}"
        )
    most_px = WORST_SHARE * float(np.hypot(*size_px))
    if not known.worst_px <= most_px:
        raise LensRefused(
            f"where it is known least, a point of the picture is unsure by {known.worst_px:.1f} px "
            f"(at most {most_px:.1f} px are allowed); {hint}"
        )


def _plausible(fit: Robust, size_px: Size) -> None:
    """Refuse a lens that no camera has."""
    theta = fit.solution.theta
    fx, fy, cx, cy = theta[:4]
    if not abs(fx / fy - 1.0) <= SQUARE:
        raise LensRefused(
            f"the focal lengths differ by {abs(fx / fy - 1.0):.1%} ({fx:.1f} and {fy:.1f} px), but "
            "pixels are square: was the picture stretched?"
        )
    off = [abs(c - 0.5 * (side - 1)) / side for c, side in zip((cx, cy), size_px, strict=True)]
    if not max(off) <= MIDDLE:
        raise LensRefused(
            f"the optical centre ({cx:.0f}, {cy:.0f}) px is {max(off):.0%} of the picture from "
            "its middle: was the picture cut to one side, or are the views too much alike?"
        )
    reach = fx / size_px[0]
    if not FOCAL_RANGE[0] <= reach <= FOCAL_RANGE[1]:
        raise LensRefused(
            f"a focal length of {fx:.0f} px at {size_px[0]} px width is no camera's "
            f"(expected {FOCAL_RANGE[0]:.2f} to {FOCAL_RANGE[1]:.0f} widths)"
        )
    if not one_to_one(theta, *size_px):
        raise LensRefused(
            "the distortion turns over inside the picture: two directions would be drawn at one "
            "point; take views with the chart in the corners of the picture"
        )


def _holds(trial: HeldOut) -> None:
    if not trial.rms_px <= HELD_OUT_MAX_PX:
        raise LensRefused(
            f"views that the fit did not see are missed by {trial.rms_px:.2f} px (at most "
            f"{HELD_OUT_MAX_PX:.1f} px are allowed): is the chart flat, does it hold still, is the "
            "lens a fisheye?"
        )


def _remarks(model: str, fit: Robust, share: float, bulge_m: float) -> list[str]:
    said = []
    if bulge_m > 0.0:
        said.append(
            f"the chart is not flat: it bulges by {1000 * bulge_m:.1f} mm, which was made good; "
            "glued to a board it would give a better lens"
        )
    if model != RICHEST:
        said.append(
            f"distortion with {model} only: with more coefficients, unseen views are missed by more"
        )
    for name, each in fit.left_out.items():
        said.append(f"{name} left out: its residual is {each:.2f} px")
    if share < GOOD_COVERAGE:
        said.append(f"only {share:.0%} of the picture is covered; the rest is extrapolated")
    return said
