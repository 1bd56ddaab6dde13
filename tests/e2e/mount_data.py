"""What a device says while its camera is set up: messages shaped as the mounting contract has them.

The picture is one of a simulated lifter at the bar; markers, ghost and zones are where the
simulation has them. Verdicts and sentences are samples, not judgements of anything.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np

from shinline.sim import Scenario
from shinline.sim.recording import Recording, build
from shinline.sim.scenario import CameraSetup, MarkerSetup
from shinline.sim.truth import truth

WIDTH_PX, HEIGHT_PX = 1456, 1088
PREVIEW_PX = (960, 717)

CHECKS: list[dict[str, Any]] = [
    {"code": "marker", "title": "Marker", "text": "Seen, 38 pixels wide: good to 1 mm.",
     "value": 38.2, "unit": "px", "error_mm": 0.8},
    {"code": "level", "title": "Level", "text": "The camera stands level.",
     "value": 0.1, "sd": 0.08, "unit": "deg", "error_mm": 0.9},
    {"code": "distance", "title": "Distance", "text": "About 4.0 m from the bar.",
     "value": 4.02, "sd": 0.05, "unit": "m"},
    {"code": "height", "title": "Height", "text": "The lens is 0.7 m above the floor.",
     "value": 0.71, "sd": 0.03, "unit": "m"},
    {"code": "angle", "title": "Angle", "text": "It looks straight at the plate.",
     "value": 1.8, "sd": 1.1, "unit": "deg", "error_mm": 0.3},
    {"code": "view", "title": "In view", "text": "The plate stays in the picture all the way."},
    {"code": "blur", "title": "Sharp in motion", "text": "A fast bar smears over 1.1 pixels.",
     "value": 1.1, "unit": "px", "error_mm": 0.2},
    {"code": "light", "title": "Light", "text": "Enough light on the marker.",
     "value": 0.62, "unit": ""},
    {"code": "body", "title": "Body markers", "text": "Hip and shoulder are seen."},
    {"code": "lens", "title": "Lens", "text": "Measured, and in focus where it was."},
    {"code": "calibration", "title": "Calibration", "text": "In force since today, 17:42."},
]  # fmt: skip

STEPS: list[dict[str, Any]] = [
    {"id": "rest", "title": "Bar on the floor", "optional": False,
     "text": "Load the bar as you lift it and leave it alone on the floor for five seconds."},
    {"id": "plumb", "title": "Marker on a string", "optional": False,
     "text": "Hang a marker on a string beside the bar's end. Let it swing for ten seconds."},
    {"id": "roll", "title": "Roll the bar", "optional": True,
     "text": "Roll the bar half a metre along the floor, slowly, and stop."},
]  # fmt: skip

FOUND = {
    "rest": "The plate is 45.0 cm across and rests 22.5 cm above the floor (± 2 mm).",
    "plumb": "Straight up is known to ± 0.1°. The string says the same size as the marker.",
    "roll": "The floor is level. The camera looks straight at the plate, to 1°.",
}

STILL = "The bar moved. Leave it alone until the bar here is full."


def check(code: str, state: str, text: str, **more: Any) -> dict[str, Any]:
    """Build a check that says something of its own, with the title of its code."""
    base = next(one for one in CHECKS if one["code"] == code)
    return base | {"state": state, "text": text, **more}


def with_checks(*changed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all checks, in order and good, but for the changed ones."""
    by_code = {one["code"]: one for one in changed}
    return [by_code.get(one["code"], one | {"state": "good"}) for one in CHECKS]


def steps(*states: str) -> list[dict[str, Any]]:
    """Return the steps in the states given, in order; the others are still to be done."""
    filled = [*states, *["todo"] * (len(STEPS) - len(states))]
    return [step_in(step, state) for step, state in zip(STEPS, filled, strict=True)]


def step_in(step: dict[str, Any], state: str, progress: float = 0.0) -> dict[str, Any]:
    """Put one step into a state, with the words that the state calls for."""
    words = {"done": FOUND[step["id"]], "failed": STILL, "skipped": "Left out."}
    done_at = "2026-03-14T17:41:00+00:00" if state == "done" else None
    text = words.get(state, step["text"])
    return step | {"state": state, "text": text, "progress": progress, "done_at": done_at}


@cache
def scene() -> Recording:
    """Return the simulated lift whose pictures are shown."""
    quiet = {"read_noise": 0.0, "shot_noise": 0.0}  # noise would double the size of a screenshot
    size = {"width_px": WIDTH_PX, "height_px": HEIGHT_PX, "focal_px": 2100.0}
    camera = CameraSetup(**size, pitch_deg=0.5, **quiet)
    return build(Scenario(camera=camera, markers=MarkerSetup(bar_diameter_m=0.12)))


@cache
def picture(seq: int = 30) -> bytes:
    """Render one frame as the JPEG of a preview."""
    grey = cv2.resize(scene().frame(seq).luma, PREVIEW_PX, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def plain_picture(grey: int, size_px: tuple[int, int] = PREVIEW_PX) -> bytes:
    """Make a JPEG of one colour."""
    flat = np.full((size_px[1], size_px[0]), grey, np.uint8)
    return cv2.imencode(".jpg", flat)[1].tobytes()


def picture_with_disc(x_px: float, y_px: float, r_px: float) -> bytes:
    """Make a black preview with a white disc, given in pixels of the camera's picture."""
    full = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    fine = 1 << 8
    centre = (round(x_px * fine), round(y_px * fine))
    cv2.circle(full, centre, round(r_px * fine), 255, -1, cv2.LINE_AA, 8)
    small = cv2.resize(full, PREVIEW_PX, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


@cache
def places(seq: int = 30) -> dict[str, Any]:
    """Return markers, ghost and zones where the simulation has them."""
    known = truth(scene())
    frames = known["frames"]
    top = max(range(len(frames["t_s"])), key=lambda i: frames["plate_y_px"][i] * -1)
    markers = [
        {"role": role, "x_px": frames[f"{name}_x_px"][seq], "y_px": frames[f"{name}_y_px"][seq],
         "r_px": frames[f"{name}_r_px"][seq], "error_mm": error_mm, "state": state, "text": "Seen."}
        for role, name, error_mm, state in (
            ("bar", "ring", 0.8, "good"), ("hip", "hip", 2.1, "good"),
            ("shoulder", "shoulder", 4.2, "fair"),
        )
    ]  # fmt: skip
    floor, lockout = (
        {"x_px": frames["plate_x_px"][i], "y_px": frames["plate_y_px"][i],
         "plate_r_px": frames["plate_d_px"][i] / 2}
        for i in (seq, top)
    )  # fmt: skip
    x, y, r = lockout["x_px"], floor["y_px"], floor["plate_r_px"]
    corners = [[x - 1.5 * r, y - 1.9 * r], [x - 0.5 * r, y - 1.9 * r],
               [x - 0.5 * r, y - 0.9 * r], [x - 1.5 * r, y - 0.9 * r]]  # fmt: skip
    text = "The plate hides a knee marker here at the start."
    return {
        "markers": markers,
        "ghost": {"floor": floor, "lockout": lockout, "inside": True},
        "zones": [{"role": "knee", "points_px": corners, "text": text}],
    }


def level(roll_deg: float | None, sd_deg: float | None = 0.08) -> dict[str, Any]:
    """Build the ``level`` object; None is a camera of which nothing is known."""
    known = roll_deg is not None
    spread = sd_deg if known else None
    pitch = 0.5 if known else None
    return {"roll_deg": roll_deg, "roll_sd_deg": spread, "pitch_deg": pitch, "known": known}


def ready(**more: Any) -> dict[str, Any]:
    """Build a ``mount`` message of a camera that is set up."""
    base = {
        "schema": 1, "seq": 1, "width_px": WIDTH_PX, "height_px": HEIGHT_PX,
        "verdict": "ready", "headline": "Ready.", "reasons": [],
        "checks": with_checks(), "level": level(0.1), **places(),
        "steps": steps("done", "done", "skipped"), "step_ready": True, "stale": [], "problem": "",
    }  # fmt: skip
    return base | more


def usable(**more: Any) -> dict[str, Any]:
    """Build one of a camera that leans a little, in a gym with little light."""
    reasons = ["The camera leans 0.6 degrees.", "A fast bar smears over 3 pixels."]
    leans = "It leans 0.6°: up to 6 mm of false drift."
    checks = with_checks(
        check("level", "fair", leans, value=0.6, sd=0.1, error_mm=5.8),
        check("blur", "fair", "A fast bar smears over 3 pixels.", value=3.1, error_mm=2.0),
        check("lens", "unknown", "Not measured: a usual lens of this camera is taken."),
    )
    base = {"verdict": "usable", "headline": "Usable. The camera leans 0.6 degrees."}
    return ready(**base, reasons=reasons, checks=checks, level=level(0.6, 0.1)) | more


def not_ready(**more: Any) -> dict[str, Any]:
    """Build one of a camera that has just been put there: no marker, nothing known."""
    unknown = [
        check(code, "unknown", "Not known before the bar marker is seen.", value=None, sd=None,
              error_mm=None)
        for code in ("distance", "height", "angle", "view", "body")
    ]  # fmt: skip
    lean = "Not known: do the step with the string."
    checks = with_checks(
        *unknown,
        check("marker", "bad", "No marker is seen.", value=None, error_mm=None),
        check("level", "unknown", lean, value=None, sd=None, error_mm=None),
        check("calibration", "bad", "None yet: do the steps below."),
    )
    base = {"verdict": "not_ready", "headline": "Not ready. No marker is seen."}
    reasons = ["No marker is seen.", "No calibration is in force."]
    empty = {"markers": [], "ghost": None, "zones": [], "steps": steps(), "step_ready": False}
    return ready(**base, reasons=reasons, checks=checks, level=level(None), **empty) | more
