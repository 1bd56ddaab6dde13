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
from shinline.wire.mount import Grade, Said, Sentences, as_told

NOMINAL_REL_SD: Final = 0.01
"""A focal length that is less sure than this was read off a data sheet, not measured."""

EDGE_SD_PX: Final = 0.05
"""What shade, shine and a camera's own sharpening do to the length of an axis, at least."""

SHUTTERS: Final = (250, 500, 1000, 2000, 4000, 8000)
"""Exposure times that a camera offers, as parts of a second."""


def say(code: str, **values: str | tuple[str, ...]) -> Said:
    """Return a sentence of the checks, by its key in the tables of words."""
    return Said(key=f"check.{code}", values=values)


def _marker(scene: Scene, look: Outlook) -> Finding:
    bar, m_per_px = scene.bar, scene.m_per_px
    what = "marker" if scene.ringed else "rim"
    if bar is None or m_per_px is None:
        unseen = say(f"{what}_unseen")
        return Finding("bad", (unseen, say(f"{what}_show")), unseen)
    error_mm = budget.marker(look.rom_m, m_per_px, bar.sd_px, bar.r_rel_sd)
    width_px = 2.0 * bar.r_px
    px = f"{width_px:.0f}"
    state = (RING_PX if scene.ringed else RIM_PX).grade(width_px)
    often = SHARE.grade(bar.share)
    if often != "good" and _worse(often, state) == often:
        percent = f"{100.0 * bar.share:.0f}"
        text = (say(f"{what}_comes", percent=percent),)
        because = say(f"{what}_often", percent=percent)
        return Finding(often, text, because, width_px, None, error_mm)
    if state == "good":
        text = (say("marker_good", px=px, mm=_mm(error_mm)),)
        return Finding(state, text, None, width_px, None, error_mm)
    text = (say("marker_small", px=px, mm=_mm(error_mm)),)
    return Finding(state, text, say(f"{what}_narrow", px=px), width_px, None, error_mm)


def _level(scene: Scene, look: Outlook) -> Finding:
    rig = scene.rig
    if rig is None or scene.turned:
        why = (say("level_moved" if rig else "level_unknown"), say("level_until"))
        error_mm = budget.lean(look.rom_m, Rig().roll_sd_deg)
        return Finding("unknown", why, say("level_because"), error_mm=error_mm)
    error_mm = budget.lean(look.rom_m, rig.roll_sd_deg)
    state = _worse(ROLL_SD_DEG.grade(rig.roll_sd_deg), LEAN_DEG.grade(abs(rig.roll_deg)))
    deg, sd = f"{abs(rig.roll_deg):.1f}", f"{rig.roll_sd_deg:.1f}"
    text: Sentences = (say("level_leans", deg=deg, sd=sd, mm=_mm(error_mm)),)
    because = say("level_lean", deg=deg)
    if ROLL_SD_DEG.grade(rig.roll_sd_deg) != "good":
        text += (say("level_again"),)
        because = say("level_unsure", deg=sd)
    elif state != "good":
        text += (say("level_turn_left" if rig.roll_deg > 0.0 else "level_turn_right"),)
    return Finding(state, text, because, rig.roll_deg, rig.roll_sd_deg, error_mm)


def _distance(scene: Scene, look: Outlook) -> Finding:
    away_m, bar, lens = look.distance_m, scene.bar, scene.lens
    if away_m is None or bar is None or lens is None:
        return Finding("unknown", (say("distance_unknown"),))
    sd_m = away_m * hypot(lens.focal_rel_sd, bar.r_rel_sd or 0.0)
    error_mm = budget.put_down(look.rom_m, away_m)
    state = DISTANCE_M.grade(away_m)
    m = f"{away_m:.1f}"
    text: Sentences = (say("distance_is", m=m, sd=f"{max(sd_m, 0.05):.1f}"),)
    if state == "good":
        return Finding(state, text, None, away_m, sd_m, error_mm)
    near, far = DISTANCE_M.good
    text += (
        say("move_back", m=_ceil(near - away_m))
        if away_m < near
        else say("move_nearer", m=_ceil(away_m - far)),
    )
    return Finding(state, text, say("distance_away", m=m), away_m, sd_m, error_mm)


def _height(scene: Scene, look: Outlook) -> Finding:
    high_m, away_m = look.camera_m, look.distance_m
    if high_m is None or away_m is None or scene.rig is None or scene.lens is None:
        return Finding("unknown", (say("height_unknown"),))
    sd_m = away_m * hypot(budget.lean(1.0, scene.rig.pitch_sd_deg) / budget.MM, 0.01)
    middle_m = 0.5 * (scene.config.marker.plate_diameter_m + look.rom_m)
    error_mm = budget.parallax(abs(high_m - middle_m) + 0.5 * look.rom_m, away_m)
    state = HEIGHT_M.grade(high_m)
    told = say("height_is", m=f"{high_m:.1f}")
    if state == "good":
        return Finding(state, (told,), None, high_m, sd_m, error_mm)
    low, top = HEIGHT_M.good
    way = (
        say("height_raise", m=_ceil(low - high_m))
        if high_m < low
        else say("height_lower", m=_ceil(high_m - top))
    )
    return Finding(state, (told, way), told, high_m, sd_m, error_mm)


def _angle(scene: Scene, look: Outlook) -> Finding:
    bar, rig = scene.bar, scene.rig
    if rig is not None and scene.lens is not None and not scene.turned:
        angle_deg, sd_deg = rig.azimuth_deg, rig.azimuth_sd_deg
        told, advice = "angle_is", "angle_left" if angle_deg > 0.0 else "angle_right"
    elif bar is None:
        return Finding("unknown", (say("unseen"),))
    else:
        angle_deg = budget.view_angle_deg(bar.axis_ratio)
        sd_deg = _angle_sd_deg(bar)
        told, advice = "angle_seen", "angle_sideways"
    state = ANGLE_DEG.grade(abs(angle_deg))
    deg = f"{abs(angle_deg):.0f}"
    text: Sentences = (say(told, deg=deg, sd=f"{sd_deg:.0f}"),)
    error_mm = budget.squint(angle_deg)
    if state == "good":
        return Finding(state, text, None, angle_deg, sd_deg, error_mm)
    because = say("angle_because", deg=deg)
    return Finding(state, (*text, say(advice)), because, angle_deg, sd_deg, error_mm)


def _view(scene: Scene, look: Outlook) -> Finding:
    if look.ghost is None:
        return Finding("unknown", (say("unseen"),))
    percent = 100.0 * look.margin
    if look.ghost.inside:
        return Finding("good", (say("view_good"),), None, percent)
    advice = _advice(scene, look)
    if look.core_inside:
        told = say("view_close", percent=f"{VIEW_PERCENT:.0f}")
        if look.margin < 0.0:
            told = say("view_part")
        return Finding("fair", (told, *advice), say("view_because"), percent)
    leaves = say("view_leaves")
    return Finding("bad", (leaves, *advice), leaves, percent)


def _blur(scene: Scene, look: Outlook) -> Finding:
    bar, m_per_px = scene.bar, scene.m_per_px
    if scene.exposure_us <= 0:
        return Finding("unknown", (say("blur_unknown"),))
    if bar is None or m_per_px is None:
        return Finding("unknown", (say("unseen"),))
    streak_px = budget.blur_px(scene.exposure_us, m_per_px)
    share = streak_px / (2.0 * bar.r_px)
    error_mm = budget.blurred(m_per_px, bar.sd_px, streak_px)
    state = STREAK.grade(share)
    told = say("blur_is", px=f"{streak_px:.1f}", mps=f"{budget.SPEED_MPS:.0f}")
    if state == "good":
        return Finding(state, (told,), None, streak_px, None, error_mm)
    wanted = 1e6 / (scene.exposure_us * STREAK.good[1] / share)
    part = next((part for part in SHUTTERS if part >= wanted), SHUTTERS[-1])
    text = (told, say("blur_expose", part=str(part)))
    because = say("blur_because", px=f"{streak_px:.0f}")
    return Finding(state, text, because, streak_px, None, error_mm)


def _light(scene: Scene, _look: Outlook) -> Finding:
    bar, grey = scene.bar, scene.grey
    if bar is None:
        return Finding("unknown", (say("unseen"),))
    contrast = bar.contrast if grey is None else grey.paper - grey.black
    share = contrast / 255.0
    dark = LIGHT.grade(share)
    told = say("light_is", percent=_percent(share))
    found = [Finding("good", (told,))]
    if dark != "good":
        found.append(Finding(dark, (told, say("light_add")), say("light_dark")))
    if grey is not None and (burnt := BURNT.grade(grey.burnt_share)) != "good":
        found.append(Finding(burnt, (say("light_burnt"),), say("light_burnt_because")))
    if bar.contrast_rel_sd is not None and (waves := FLICKER.grade(bar.contrast_rel_sd)) != "good":
        told = say("light_flickers", percent=_percent(bar.contrast_rel_sd))
        found.append(Finding(waves, (told,), say("light_flickers_because")))
    return replace(max(found, key=lambda one: _ORDER[one.state]), value=share)


def _body(scene: Scene, look: Outlook) -> Finding:
    roles = [role for role in scene.markers if role is not Role.BAR]
    hidden = sorted({zone.role for zone in look.zones if zone.said[0].key.endswith("_start")})
    text: Sentences = (say("body_none"),)
    if roles:
        text = (say("body_seen", roles=tuple(f"check.role_{r.name.lower()}" for r in roles)),)
    if hidden:
        text += (say("body_hidden", roles=tuple(f"check.role_{role}" for role in hidden)),)
    both = {Role.HIP, Role.SHOULDER} <= set(roles)
    if not roles or both:
        return Finding("good" if both else "unknown", text, None, float(len(roles)))
    because = say("body_because")
    return Finding("fair", (*text, say("body_both")), because, float(len(roles)))


def _lens(scene: Scene, look: Outlook) -> Finding:
    lens = scene.lens
    focal_px = budget.UNKNOWN_FIELD * scene.width_px if lens is None else lens.fx_px
    k1 = budget.UNKNOWN_K1 if lens is None else lens.k1_sd
    error_mm = budget.bend(look.rom_m, k1, look.widest_px / focal_px) if look.ghost else None
    if lens is None:
        return Finding("fair", (say("lens_none"),), say("lens_unknown"), error_mm=error_mm)
    told = "lens_nominal" if lens.focal_rel_sd > NOMINAL_REL_SD else "lens_measured"
    state: Grade = LENS_MM.grade(error_mm or 0.0)
    text: Sentences = (
        say(told, px=f"{lens.fx_px:.0f}", percent=f"{100.0 * lens.focal_rel_sd:.1f}"),
    )
    because = None
    if state != "good":
        text += (say("lens_chart"),)
        because = say("lens_because")
    return Finding(state, text, because, lens.fx_px, lens.fx_px * lens.focal_rel_sd, error_mm)


def _calibration(scene: Scene, look: Outlook) -> Finding:
    rig = scene.rig or scene.config.rig
    error_mm = budget.scale(look.rom_m, rig.scale_rel_sd)
    if scene.stale or scene.moved:
        text: Sentences = (as_told(scene.moved),) if scene.moved else ()
        text += (say("calibration_again"),) if scene.stale else ()
        return Finding("fair", text, say("calibration_moved"), error_mm=error_mm)
    if scene.rig is None:
        text = (say("calibration_none"),)
        if scene.rig_problem:
            text = (say("calibration_refused", name=scene.rig_problem),)
        text += (say("calibration_good_to", percent=_tenths(rig.scale_rel_sd), mm=_mm(error_mm)),)
        return Finding("fair", text, say("calibration_because"), error_mm=error_mm)
    text = (say("calibration_is", mm=_mm(error_mm)),)
    if rig.name:
        text = (say("calibration_named", name=rig.name, mm=_mm(error_mm)),)
    state = SCALE_MM.grade(error_mm)
    because = None if state == "good" else say("calibration_rough", mm=_mm(error_mm))
    return Finding(state, text, because, error_mm=error_mm)


TABLE: Final = (
    Row("marker", "px", True, _marker,
        f"a ring {RING_PX.words()[0]}, a plate's rim {RIM_PX.words()[0]}, seen {SHARE.words()[0]}",
        f"a ring {RING_PX.words()[1]}, a rim {RIM_PX.words()[1]}, seen {SHARE.words()[1]}",
        "below 24 px a search takes twice as long and roles may be confused"),
    Row("level", "deg", True, _level,
        f"known {ROLL_SD_DEG.words()[0]}, leaning {LEAN_DEG.words()[0]}",
        f"known {ROLL_SD_DEG.words()[1]}, leaning {LEAN_DEG.words()[1]}",
        "a degree is 9.6 mm of false drift over 0.55 m"),
    Row("distance", "m", False, _distance, *DISTANCE_M.words(),
        "near, another 10 mm of depth count for more; far, the marker gets small"),
    Row("height", "m", False, _height, *HEIGHT_M.words(),
        "off the axis, a bar that comes nearer seems to go up or down"),
    Row("angle", "deg", False, _angle, *ANGLE_DEG.words(),
        "at 10° a shift of 20 mm along the bar reads as 3.5 mm of drift"),
    Row("view", "%", True, _view,
        f"the plate and {VIEW_PERCENT:g} % around it, from the floor to lockout",
        "the marker and its paper",
        "what leaves the picture is not measured"),
    Row("blur", "px", False, _blur,
        f"{STREAK.words()[0]} of the marker's diameter",
        f"{STREAK.words()[1]} of it",
        "longer streaks were not tested"),
    Row("light", "", False, _light,
        f"contrast {LIGHT.words()[0]} of full scale, flicker {FLICKER.words()[0]}, paper not burnt",
        f"contrast {LIGHT.words()[1]}, flicker {FLICKER.words()[1]}",
        "six and three times the noise of a sensor at its highest usual gain"),
    Row("body", "", False, _body,
        "hip and shoulder", "some",
        "hips are judged from these two, which are equally far away; none is no flaw"),
    Row("lens", "px", False, _lens,
        f"known, {LENS_MM.words()[0]}", "any",
        "distortion that is not known bends the path"),
    Row("calibration", "", False, _calibration,
        f"in force, {SCALE_MM.words()[0]}", "none, refused or out of date",
        "the scale's uncertainty goes into every length"),
)  # fmt: skip
"""All checks, in the order in which they are shown."""

_ORDER: Final[dict[Grade, int]] = {"good": 0, "unknown": 1, "fair": 2, "bad": 3}


def _worse(one: Grade, other: Grade) -> Grade:
    return max(one, other, key=_ORDER.__getitem__)


def _mm(error_mm: float) -> str:
    return f"{error_mm:.0f}" if error_mm >= 2.0 else f"{max(error_mm, 0.1):.1f}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}"


def _tenths(share: float) -> str:
    return f"{100.0 * share:.1f}"


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


def _advice(scene: Scene, look: Outlook) -> Sentences:
    """Tell which way to turn or move the camera so that the plate fits, and how far."""
    left, right, top, bottom = look.over_px
    wide = 1.0 + max(left + right, 0.0) / ((1.0 - 2.0 * MARGIN) * scene.width_px)
    tall = 1.0 + max(top + bottom, 0.0) / ((1.0 - 2.0 * MARGIN) * scene.height_px)
    larger = max(wide, tall)
    if larger > 1.0:
        if look.distance_m is not None:
            return (say("move_back", m=_ceil(look.distance_m * (larger - 1.0))),)
        return (say("move_back_by", percent=f"{ceil(100.0 * (larger - 1.0))}"),)
    advice = []
    for over_px, way, size_px in (
        (top, "tilt_up", scene.height_px),
        (bottom, "tilt_down", scene.height_px),
        (left, "turn_left", scene.width_px),
        (right, "turn_right", scene.width_px),
    ):
        if over_px > 0.0 and scene.lens is not None:
            turn_deg = degrees(atan(over_px / scene.lens.fx_px))
            advice.append(say(f"{way}_deg", deg=f"{turn_deg:.0f}"))
        elif over_px > 0.0:
            advice.append(say(f"{way}_percent", percent=_percent(over_px / size_px)))
    return tuple(advice)
