"""What is checked of a mount: one table, a row for each check.

A row says how good is good enough and why; its function looks at the scene. Nothing here knows how
the answers are sent or shown.
"""

from dataclasses import replace
from math import atan, ceil, degrees, hypot, sqrt
from typing import Final

from shinline.app.mounting import budget
from shinline.app.mounting.limits import (
    ANGLE_DEG,
    BURNT,
    DISTANCE_M,
    FLICKER,
    HEIGHT_M,
    LEAN_DEG,
    LENS_MM,
    LIGHT,
    RIM_PX,
    RING_PX,
    ROLL_SD_DEG,
    SCALE_MM,
    SHARE,
    STREAK,
    VIEW_PERCENT,
    Finding,
    Row,
)
from shinline.app.mounting.outlook import MARGIN, Outlook
from shinline.app.mounting.scene import Scene, Seen
from shinline.config import Rig
from shinline.types import Role
from shinline.wire.mount import Grade

NOMINAL_REL_SD: Final = 0.01
"""A focal length that is less sure than this was read off a data sheet, not measured."""

EDGE_SD_PX: Final = 0.05
"""What shade, shine and a camera's own sharpening do to the length of an axis, at least."""

SHUTTERS: Final = (250, 500, 1000, 2000, 4000, 8000)
"""Exposure times that a camera offers, as parts of a second."""


def _marker(scene: Scene, look: Outlook) -> Finding:
    bar, m_per_px = scene.bar, scene.m_per_px
    what = "marker" if scene.ringed else "plate's rim"
    if bar is None or m_per_px is None:
        hint = "Turn the printed ring at the end of the bar toward the camera, and give it light."
        hint = hint if scene.ringed else "Show the whole plate from the side, before a plain wall."
        return Finding("bad", f"No {what} is seen. {hint}", f"no {what} is seen")
    error_mm = budget.marker(look.rom_m, m_per_px, bar.sd_px, bar.r_rel_sd)
    width_px = 2.0 * bar.r_px
    state = (RING_PX if scene.ringed else RIM_PX).grade(width_px)
    often = SHARE.grade(bar.share)
    if often != "good" and _worse(often, state) == often:
        share = f"{100.0 * bar.share:.0f} % of the pictures"
        text = f"The {what} comes and goes: it is seen in {share}. Look what covers or darkens it."
        return Finding(often, text, f"the {what} is seen in {share} only", width_px, None, error_mm)
    if state == "good":
        return Finding(
            state, f"Seen, {width_px:.0f} pixels wide: good to {_mm(error_mm)}.", "", width_px,
            None, error_mm,
        )  # fmt: skip
    text = (
        f"Only {width_px:.0f} pixels wide: good to {_mm(error_mm)}. "
        "Come nearer, zoom in, or print it larger."
    )
    because = f"the {what} is only {width_px:.0f} pixels wide"
    return Finding(state, text, because, width_px, None, error_mm)


def _level(scene: Scene, look: Outlook) -> Finding:
    rig = scene.rig
    if rig is None or scene.turned:
        assumed = Rig().roll_sd_deg
        moved = "The camera has moved since it was calibrated: do" if rig else "Not known: do"
        text = f"{moved} the string step. Until then drift is not judged."
        because = "it is not known how level the camera stands"
        return Finding("unknown", text, because, error_mm=budget.lean(look.rom_m, assumed))
    error_mm = budget.lean(look.rom_m, rig.roll_sd_deg)
    state = _worse(ROLL_SD_DEG.grade(rig.roll_sd_deg), LEAN_DEG.grade(abs(rig.roll_deg)))
    text = f"Leans {abs(rig.roll_deg):.1f} ± {rig.roll_sd_deg:.1f} degrees"
    text += f", which is taken out to {_mm(error_mm)}."
    because = f"the camera leans {abs(rig.roll_deg):.1f} degrees"
    if ROLL_SD_DEG.grade(rig.roll_sd_deg) != "good":
        text += " Do the string step again: drift is judged only where this is known better."
        because = f"its lean is known to {rig.roll_sd_deg:.1f} degrees only"
    elif state != "good":
        text += f" Turn it {'left' if rig.roll_deg > 0.0 else 'right'} until it is level."
    return Finding(state, text, because, rig.roll_deg, rig.roll_sd_deg, error_mm)


def _distance(scene: Scene, look: Outlook) -> Finding:
    away_m, bar, lens = look.distance_m, scene.bar, scene.lens
    if away_m is None or bar is None or lens is None:
        return Finding("unknown", "Not known: that takes a lens profile and a marker in view.")
    sd_m = away_m * hypot(lens.focal_rel_sd, bar.r_rel_sd or 0.0)
    state = DISTANCE_M.grade(away_m)
    text, because = f"{away_m:.1f} ± {max(sd_m, 0.05):.1f} m.", ""
    if state != "good":
        near, far = DISTANCE_M.good
        by_m, way = (near - away_m, "back") if away_m < near else (away_m - far, "nearer")
        text += f" Move the camera {_ceil(by_m)} m {way}."
        because = f"the camera is {away_m:.1f} m away"
    return Finding(state, text, because, away_m, sd_m, budget.put_down(look.rom_m, away_m))


def _height(scene: Scene, look: Outlook) -> Finding:
    high_m, away_m = look.camera_m, look.distance_m
    if high_m is None or away_m is None or scene.rig is None or scene.lens is None:
        return Finding("unknown", "Not known: that takes a lens profile and a calibration.")
    sd_m = away_m * hypot(budget.lean(1.0, scene.rig.pitch_sd_deg) / budget.MM, 0.01)
    middle_m = 0.5 * (scene.config.marker.plate_diameter_m + look.rom_m)
    error_mm = budget.parallax(abs(high_m - middle_m) + 0.5 * look.rom_m, away_m)
    state = HEIGHT_M.grade(high_m)
    text, because = f"The lens is {high_m:.1f} m above the floor.", ""
    if state != "good":
        low, top = HEIGHT_M.good
        by_m, way = (low - high_m, "Raise") if high_m < low else (high_m - top, "Lower")
        text += f" {way} it by {_ceil(by_m)} m."
        because = f"the lens is {high_m:.1f} m above the floor"
    return Finding(state, text, because, high_m, sd_m, error_mm)


def _angle(scene: Scene, look: Outlook) -> Finding:
    bar, rig = scene.bar, scene.rig
    if rig is not None and scene.lens is not None and not scene.turned:
        angle_deg, sd_deg = rig.azimuth_deg, rig.azimuth_sd_deg
        side = "right" if angle_deg > 0.0 else "left"
        text = f"{abs(angle_deg):.0f} ± {sd_deg:.0f} degrees from square."
        advice = f" Move the camera to the {'left' if side == 'right' else 'right'}."
    elif bar is None:
        return Finding("unknown", "Not known: no marker is seen.")
    else:
        angle_deg = budget.view_angle_deg(bar.axis_ratio)
        sd_deg = _angle_sd_deg(bar)
        text = f"{angle_deg:.0f} ± {sd_deg:.0f} degrees from square; "
        text += "to which side, a circle does not tell."
        advice = " Move the camera sideways until the plate is round."
    state = ANGLE_DEG.grade(abs(angle_deg))
    because = f"the plate is seen {abs(angle_deg):.0f} degrees from the side" * (state != "good")
    text += advice if state != "good" else ""
    return Finding(state, text, because, angle_deg, sd_deg, budget.squint(angle_deg))


def _view(scene: Scene, look: Outlook) -> Finding:
    if look.ghost is None:
        return Finding("unknown", "Not known: no marker is seen.")
    percent = 100.0 * look.margin
    if look.ghost.inside:
        return Finding("good", "The plate stays in the picture over the whole lift.", "", percent)
    advice = _advice(scene, look)
    if look.core_inside:
        text = f"The plate comes closer than {VIEW_PERCENT:.0f} % to the picture's edge. {advice}"
        if look.margin < 0.0:
            text = f"A part of the plate leaves the picture. {advice}"
        return Finding("fair", text, "the plate does not stay wholly in the picture", percent)
    text = f"The bar leaves the picture. {advice}"
    return Finding("bad", text, "the bar leaves the picture", percent)


def _blur(scene: Scene, look: Outlook) -> Finding:
    bar, m_per_px = scene.bar, scene.m_per_px
    if scene.exposure_us <= 0:
        return Finding("unknown", "Not known: the source does not say how long it exposes.")
    if bar is None or m_per_px is None:
        return Finding("unknown", "Not known: no marker is seen.")
    streak_px = budget.blur_px(scene.exposure_us, m_per_px)
    share = streak_px / (2.0 * bar.r_px)
    error_mm = budget.blurred(m_per_px, bar.sd_px, streak_px)
    state = STREAK.grade(share)
    text = f"{streak_px:.1f} pixels at {budget.SPEED_MPS:.0f} m/s."
    if state == "good":
        return Finding(state, text, "", streak_px, None, error_mm)
    wanted = 1e6 / (scene.exposure_us * STREAK.good[1] / share)
    part = next((part for part in SHUTTERS if part >= wanted), SHUTTERS[-1])
    text += f" Set the exposure to 1/{part} s and add light."
    because = f"a fast bar smears over {streak_px:.0f} pixels"
    return Finding(state, text, because, streak_px, None, error_mm)


def _light(scene: Scene, _look: Outlook) -> Finding:
    bar, grey = scene.bar, scene.grey
    if bar is None:
        return Finding("unknown", "Not known: no marker is seen.")
    contrast = bar.contrast if grey is None else grey.paper - grey.black
    share = contrast / 255.0
    dark = LIGHT.grade(share)
    text = f"Contrast {100.0 * share:.0f} % of full scale."
    found = [Finding("good", text)]
    if dark != "good":
        found.append(Finding(dark, text + " Add light on the marker.", "the marker is dark"))
    if grey is not None and (burnt := BURNT.grade(grey.burnt_share)) != "good":
        text = "The paper is burnt out: expose for less time, or turn the lamp aside."
        found.append(Finding(burnt, text, "the marker's paper is burnt out"))
    if bar.contrast_rel_sd is not None and (waves := FLICKER.grade(bar.contrast_rel_sd)) != "good":
        text = f"The light flickers by {100.0 * bar.contrast_rel_sd:.0f} %: use another lamp."
        found.append(Finding(waves, text, "the light flickers"))
    return replace(max(found, key=lambda one: _ORDER[one.state]), value=share)


def _body(scene: Scene, look: Outlook) -> Finding:
    roles = [role for role in scene.markers if role is not Role.BAR]
    seen = [role.name.lower().replace("_", " ") for role in roles]
    hidden = sorted({zone.role for zone in look.zones if "start" in zone.text})
    text = f"Seen: {', '.join(seen)}." if seen else "None is seen: hips are not judged."
    if hidden:
        text += f" The plate hides {' and '.join(hidden)} at the start."
    both = {Role.HIP, Role.SHOULDER} <= set(roles)
    if not seen or both:
        return Finding("good" if both else "unknown", text, "", float(len(seen)))
    because = "hip and shoulder are not both seen"
    return Finding("fair", f"{text} Hips are judged from hip and shoulder together.", because,
                   float(len(seen)))  # fmt: skip


def _lens(scene: Scene, look: Outlook) -> Finding:
    lens = scene.lens
    focal_px = budget.UNKNOWN_FIELD * scene.width_px if lens is None else lens.fx_px
    k1 = budget.UNKNOWN_K1 if lens is None else lens.k1_sd
    error_mm = budget.bend(look.rom_m, k1, look.widest_px / focal_px) if look.ghost else None
    if lens is None:
        text = "No profile: straight lines count as straight, and distances are not known."
        return Finding("fair", text, "the lens is not known", error_mm=error_mm)
    nominal = lens.focal_rel_sd > NOMINAL_REL_SD
    state: Grade = LENS_MM.grade(error_mm or 0.0)
    text = f"{'From its data sheet' if nominal else 'Calibrated'}: "
    text += f"focal length {lens.fx_px:.0f} pixels, good to {100.0 * lens.focal_rel_sd:.1f} %."
    if state != "good":
        text += " Calibrate it with the chart."
    because = "the lens is known from its data sheet only" if state != "good" else ""
    return Finding(state, text, because, lens.fx_px, lens.fx_px * lens.focal_rel_sd, error_mm)


def _calibration(scene: Scene, look: Outlook) -> Finding:
    rig = scene.rig or scene.config.rig
    error_mm = budget.scale(look.rom_m, rig.scale_rel_sd)
    if scene.stale or scene.moved:
        again = "Calibrate again what has moved." if scene.stale else ""
        text = f"{scene.moved} {again}".strip()
        return Finding("fair", text, "the camera has moved", error_mm=error_mm)
    if scene.rig is None:
        good_to = f"sizes count as good to {100.0 * rig.scale_rel_sd:.1f} %, {_mm(error_mm)}."
        why = f"Not in force: {scene.rig_problem}" if scene.rig_problem else "None"
        text = f"{why}; {good_to}"
        return Finding("fair", text, "no calibration is in force", error_mm=error_mm)
    name = f": {rig.name}" if rig.name else ""
    text = f"In force{name}; sizes are good to {_mm(error_mm)}."
    state = SCALE_MM.grade(error_mm)
    because = "" if state == "good" else f"its scale is good to {_mm(error_mm)} only"
    return Finding(state, text, because, error_mm=error_mm)


TABLE: Final = (
    Row("marker", "Marker", "px", True, _marker,
        f"a ring {RING_PX.words()[0]}, a plate's rim {RIM_PX.words()[0]}, seen {SHARE.words()[0]}",
        f"a ring {RING_PX.words()[1]}, a rim {RIM_PX.words()[1]}, seen {SHARE.words()[1]}",
        "below 24 px a search takes twice as long and roles may be confused"),
    Row("level", "Level", "deg", True, _level,
        f"known {ROLL_SD_DEG.words()[0]}, leaning {LEAN_DEG.words()[0]}",
        f"known {ROLL_SD_DEG.words()[1]}, leaning {LEAN_DEG.words()[1]}",
        "a degree is 9.6 mm of false drift over 0.55 m"),
    Row("distance", "Distance", "m", False, _distance, *DISTANCE_M.words(),
        "near, another 10 mm of depth count for more; far, the marker gets small"),
    Row("height", "Height", "m", False, _height, *HEIGHT_M.words(),
        "off the axis, a bar that comes nearer seems to go up or down"),
    Row("angle", "Angle", "deg", False, _angle, *ANGLE_DEG.words(),
        "at 10° a shift of 20 mm along the bar reads as 3.5 mm of drift"),
    Row("view", "View", "%", True, _view,
        f"the plate and {VIEW_PERCENT:g} % around it, from the floor to lockout",
        "the marker and its paper",
        "what leaves the picture is not measured"),
    Row("blur", "Blur", "px", False, _blur,
        f"{STREAK.words()[0]} of the marker's diameter",
        f"{STREAK.words()[1]} of it",
        "longer streaks were not tested"),
    Row("light", "Light", "", False, _light,
        f"contrast {LIGHT.words()[0]} of full scale, flicker {FLICKER.words()[0]}, paper not burnt",
        f"contrast {LIGHT.words()[1]}, flicker {FLICKER.words()[1]}",
        "six and three times the noise of a sensor at its highest usual gain"),
    Row("body", "Body", "", False, _body,
        "hip and shoulder", "some",
        "hips are judged from these two, which are equally far away; none is no flaw"),
    Row("lens", "Lens", "px", False, _lens,
        f"known, {LENS_MM.words()[0]}", "any",
        "distortion that is not known bends the path"),
    Row("calibration", "Calibration", "", False, _calibration,
        f"in force, {SCALE_MM.words()[0]}", "none, refused or out of date",
        "the scale's uncertainty goes into every length"),
)  # fmt: skip
"""All checks, in the order in which they are shown."""

_ORDER: Final[dict[Grade, int]] = {"good": 0, "unknown": 1, "fair": 2, "bad": 3}


def _worse(one: Grade, other: Grade) -> Grade:
    return max(one, other, key=_ORDER.__getitem__)


def _mm(error_mm: float) -> str:
    return f"{error_mm:.0f} mm" if error_mm >= 2.0 else f"{max(error_mm, 0.1):.1f} mm"


def _ceil(length_m: float) -> str:
    return f"{max(ceil(length_m * 10.0 - 1e-6), 1) / 10.0:.1f}"


def _angle_sd_deg(bar: Seen) -> float:
    """Return how unsure the angle of view is: near a square view hardly anything tells."""
    ratio_sd = sqrt(2.0) * EDGE_SD_PX / bar.r_px
    steeper, squarer = (
        budget.view_angle_deg(bar.axis_ratio + off) for off in (-ratio_sd, ratio_sd)
    )
    angle_deg = budget.view_angle_deg(bar.axis_ratio)
    return max(steeper - angle_deg, angle_deg - squarer)


def _advice(scene: Scene, look: Outlook) -> str:
    """Tell which way to turn or move the camera so that the plate fits, and how far."""
    left, right, top, bottom = look.over_px
    wide = 1.0 + max(left + right, 0.0) / ((1.0 - 2.0 * MARGIN) * scene.width_px)
    tall = 1.0 + max(top + bottom, 0.0) / ((1.0 - 2.0 * MARGIN) * scene.height_px)
    larger = max(wide, tall)
    if larger > 1.0:
        if look.distance_m is not None:
            return f"Move the camera {_ceil(look.distance_m * (larger - 1.0))} m back."
        return f"Move the camera back, by {ceil(100.0 * (larger - 1.0))} % of its distance."
    words = []
    for over_px, verb, size_px in (
        (top, "Tilt the camera up", scene.height_px),
        (bottom, "Tilt the camera down", scene.height_px),
        (left, "Turn the camera to the left", scene.width_px),
        (right, "Turn the camera to the right", scene.width_px),
    ):
        if over_px > 0.0:
            how = f"{100.0 * over_px / size_px:.0f} % of the picture"
            if scene.lens is not None:
                how = f"{degrees(atan(over_px / scene.lens.fx_px)):.0f} degrees"
            words.append(f"{verb} a little, by {how}.")
    return " ".join(words)
