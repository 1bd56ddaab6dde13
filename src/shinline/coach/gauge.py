"""The floor as a gauge: before each lift the bar lies on it, and should look there as it did.

Two things are read off it. How large the marker looks tells how far away the bar's end lies this
time, which corrects the scale: three centimetres at three metres are one per cent. And where it
lies, how large and how round it looks, tells whether the camera still stands as it stood when the
metres were fixed. What the floor cannot show is a camera that turned about its own axis: that is
seen in the room, where there is something to see.
"""

from collections import deque
from dataclasses import dataclass
from math import acos, degrees, hypot, radians, sqrt, tan
from typing import Final

import numpy as np

from shinline.coach.rest import MEDIAN_SD, Rest
from shinline.config import Rig, Words
from shinline.geometry.middle import median
from shinline.types import (
    NS_PER_S,
    CameraEvent,
    CueEvent,
    Event,
    FloatArray,
    Moment,
    Severity,
)

RADIUS_REL_SD: Final = 0.0003
"""What paper, light and the lens do to a radius from one place to another."""

DEPTH_REL_SD: Final = 0.004
"""A bar's end is put down so much nearer or farther from set to set: a centimetre at 2.5 m."""

STEP_REL_SD: Final = 0.0015
"""And so much from repetition to repetition."""

HEIGHT_M: Final = 0.015
"""A third of a degree at 2.5 m; round plates on a mat lie within five millimetres."""

DISTANCE: Final = 0.04
"""Relative: ten centimetres at 2.5 m. The scale follows, and nobody puts a bar down so far off."""

TILT: Final = 0.015
"""In the axis ratio: ten degrees from a square view, two and a half from a view at 20 degrees."""

TURN_DEG: Final = 0.25
"""Two and a half millimetres of false drift over a lift."""

SHIFT_M: Final = 0.020
"""On the lifting plane, in the middle of the picture."""

LOOKS: Final = 3
"""So many looks at the room in a row must agree: a bar that is dropped shakes the camera."""

RECENT_NS: Final = 30 * NS_PER_S
"""A lift is not watched, nor is a room before which somebody stands."""

SURE_SIGMAS: Final = 5.0
ROLLED_SIGMAS: Final = 3.0
"""A floor along which the bar was rolled is not level in the picture, by the camera's roll."""

TTL_MS: Final = 20_000
TEXTS: Final = {
    "height_higher": "The bar lies {mm} mm higher than before.",
    "height_lower": "The bar lies {mm} mm lower than before.",
    "set_up_higher": "The bar lies {mm} mm higher than when the camera was set up.",
    "set_up_lower": "The bar lies {mm} mm lower than when the camera was set up.",
    "distance_nearer": "The bar's end is {percent} % nearer.",
    "distance_farther": "The bar's end is {percent} % farther away.",
    "tilt_less": "The marker is seen less at an angle.",
    "tilt_more": "The marker is seen more at an angle.",
    "light_paler": "The marker looks much paler than before: check the light.",
    "light_starker": "The marker looks much starker than before: check the light.",
    "set_up_paler": "The marker looks much paler than when the camera was set up: check the light.",
    "set_up_starker": (
        "The marker looks much starker than when the camera was set up: check the light."
    ),
    "roll": "The picture has turned by {deg} degrees.",
    "direction": "The picture has shifted by {cm} cm.",
    "other_plates": "If only the plates were changed, begin a new session.",
    "other_plates_set_up": ("If other plates are on the bar, or it lies on blocks, that is why."),
    "remedy": "Put the camera back as it stood, or set it up anew.",
    "well": "The camera stands as it stood.",
    "cue": "Check the camera: it has moved.",
}
"""What is said of the camera; words in other languages stand in the configuration."""

LIGHT: Final = 2.0
"""A marker so many times as stark as it was, or as pale, is lit or exposed otherwise."""

RESTING: Final = ("height", "distance", "tilt", "light")
"""What a bar at rest tells ..."""

PICTURE: Final = ("roll", "direction")
"""... and what the room tells."""


@dataclass(frozen=True, slots=True)
class Depth:
    """What metres on the scale as it was fixed are to be multiplied by, and how sure that is."""

    factor: float
    rel_sd: float


class Gauge:
    """Compare one rest of the bar with another.

    Parameters
    ----------
    session_id
        Prefix of the cues' ids.
    rig
        How the camera stands, as far as it is known.
    scale_m_per_px, radius_px
        The scale, and the marker's radius when it was fixed; ``scatter`` is how unsure that was,
        relatively.
    sized
        Whether the marker's size in the picture is a measure: a printed ring is, a plate of which
        legs and hands hide a part is not.
    fixed
        Whether the camera stands; one held in hand moves all the time, which is known.
    reference
        How the bar looked when the camera was set up, where that is known; else the first rest
        counts.
    words
        What is said, in the lifter's language.
    """

    def __init__(
        self,
        session_id: str,
        rig: Rig,
        scale_m_per_px: float,
        radius_px: float,
        scatter: float,
        sized: bool,
        fixed: bool,
        reference: Rest | None = None,
        words: Words = Words(),  # noqa: B008  (frozen)
    ) -> None:
        self._words = words
        self.changed: tuple[str, ...] = ()
        """What differs from how it was."""

        self._found: dict[str, str] = {}
        self._evidence: dict[str, float] = {}
        self._looks: deque[tuple[float, float]] = deque(maxlen=LOOKS)
        self._looked_ns = 0
        self._scale_m_per_px = scale_m_per_px
        self._off_axis_m = rig.off_axis_m
        self._roll_sd = tan(radians(min(rig.roll_sd_deg, 80.0)))
        self._session_id = session_id
        self._radius_px = radius_px
        self._sized = sized
        self._fixed = fixed
        self._scatter = scatter
        self._depth = Depth(1.0, hypot(scatter, DEPTH_REL_SD))
        self._reference = reference
        self._as_set_up = reference is not None
        self._alarms = 0
        self._compared = False

    @property
    def moved(self) -> bool:
        """Whether the camera counts as moved."""
        return any(what != "light" for what in self.changed)

    def depth(self, rest: Rest | None) -> Depth:
        """Return how far the bar lies, from this rest if there was one, else from the last.

        The mean of what is usual and what is seen, each by its certainty.
        """
        if not self._sized:
            return self._depth
        if rest is None:
            return Depth(self._depth.factor, hypot(self._depth.rel_sd, STEP_REL_SD))
        usual = DEPTH_REL_SD**2 + self._scatter**2
        seen = rest.r_rel_sd**2 + RADIUS_REL_SD**2
        nearer = usual / (usual + seen) * (rest.r_px / self._radius_px - 1.0)
        self._depth = Depth(1.0 / (1.0 + nearer), sqrt(usual * seen / (usual + seen)))
        return self._depth

    def moved_meanwhile(self, rest: Rest, y_m: FloatArray, r_px: FloatArray) -> bool:
        """Tell whether the camera moved in a lift, from the bar as it came down: height and radius.

        Then it stopped elsewhere than it had lain before (``rest``), or its marker looks as large
        there as it did not.
        """
        if not self._fixed or not y_m.size or not r_px.size:
            return False
        if abs(float(y_m.min()) - rest.y_m) > HEIGHT_M + 2.0 * self._off_axis_m:
            return True
        here = float(r_px.std()) / rest.r_px / sqrt(r_px.size)
        unsure = SURE_SIGMAS * MEDIAN_SD * hypot(rest.r_rel_sd, here)
        nearer = median(r_px) / rest.r_px - 1.0
        return self._sized and abs(nearer) > max(DISTANCE, unsure)

    def judge(self, rest: Rest | None, t_ns: int, plates_known: bool) -> list[Event]:
        """Compare a rest with that of the first repetition; say what is new, or that all agrees.

        ``plates_known``: the bar came down on the plates with which it went up.
        """
        if rest is None or not self._fixed:
            return []
        if self._reference is None:
            self._reference = rest
            return []
        found = self._differences(self._reference, rest)
        if found and not plates_known and self._room_stands(t_ns):
            self._reference = rest  # other plates, or the bar was put down elsewhere
            found, self._as_set_up = {}, False
        if "height" in found and not plates_known:
            other = "other_plates_set_up" if self._as_set_up else "other_plates"
            found["height"] += f" {self._say(other)}"
        return self._update(found, RESTING, _rest_evidence(self._reference, rest), t_ns)

    def _room_stands(self, t_ns: int) -> bool:
        """Tell whether the room was seen of late, and where it was."""
        recent = len(self._looks) == LOOKS and t_ns - self._looked_ns < RECENT_NS
        return recent and not any(what in self._found for what in PICTURE)

    def judge_picture(self, row: np.void, t_ns: int) -> list[Event]:
        """Take in how the picture lies against the first one, a DETECTION row of the role CAMERA.

        Its ``residual`` is the angle (rad) by which it has turned, ``x_px`` and ``y_px`` the shift.
        """
        shift_m = self._scale_m_per_px * hypot(float(row["x_px"]), float(row["y_px"]))
        self._looks.append((degrees(float(row["residual"])), shift_m))
        self._looked_ns = t_ns
        if len(self._looks) < LOOKS or not self._fixed:
            return []
        angles, shifts = zip(*self._looks, strict=True)
        turned_deg, shift_m = sorted(angles)[LOOKS // 2], sorted(shifts)[LOOKS // 2]
        found = {}
        if min(abs(angle) for angle in angles) > TURN_DEG:
            found["roll"] = self._say("roll", deg=f"{abs(turned_deg):.1f}")
        if min(shifts) > SHIFT_M:
            found["direction"] = self._say("direction", cm=f"{100 * shift_m:.0f}")
        evidence = {"turned_deg": turned_deg, "shift_m": shift_m}
        return self._update(found, PICTURE, evidence, t_ns)

    def _update(
        self, found: dict[str, str], about: tuple[str, ...], evidence: dict[str, float], t_ns: int
    ) -> list[Event]:
        """Replace what is known ``about`` these; say what is new, if anything is."""
        others = {what: text for what, text in self._found.items() if what not in about}
        self._found = others | found
        self._evidence |= evidence
        changed = tuple(what for what in (*RESTING, *PICTURE) if what in self._found)
        first = about is RESTING and not self._compared
        self._compared = self._compared or first
        if changed == self.changed and (changed or not first):
            return []
        was_well, self.changed = not self.moved, changed
        words = [self._found[what] for what in changed]
        text = " ".join([*words, self._say("remedy")] if self.moved else words)
        text = text or self._say("well")
        events: list[Event] = [CameraEvent(t_ns, changed, text, dict(self._evidence))]
        return [*events, self._cue(t_ns)] if self.moved and was_well else events

    def _differences(self, before: Rest, now: Rest) -> dict[str, str]:
        """Return what differs by more than is usual, and what that looks like, in words.

        A marker that sits beside the axis goes up and down by that when plates turn.
        """
        found = {}
        since = "set_up" if self._as_set_up else "height"
        up_m = now.y_m - before.y_m
        rolled_m = ROLLED_SIGMAS * self._roll_sd * abs(now.x_m - before.x_m)
        if abs(up_m) > HEIGHT_M + rolled_m + 2.0 * self._off_axis_m:
            way = "higher" if up_m > 0.0 else "lower"
            found["height"] = self._say(f"{since}_{way}", mm=f"{1000 * abs(up_m):.0f}")
        nearer = now.r_px / before.r_px - 1.0
        if abs(nearer) > max(DISTANCE, SURE_SIGMAS * hypot(now.r_rel_sd, before.r_rel_sd)):
            way = "nearer" if nearer > 0.0 else "farther"
            found["distance"] = self._say(f"distance_{way}", percent=f"{100 * abs(nearer):.0f}")
        rounder = now.axis_ratio - before.axis_ratio
        if abs(rounder) > max(TILT, SURE_SIGMAS * hypot(now.ratio_sd, before.ratio_sd)):
            found["tilt"] = self._say("tilt_less" if rounder > 0.0 else "tilt_more")
        if before.contrast > 0.0 and not 1.0 / LIGHT < now.contrast / before.contrast < LIGHT:
            way = "paler" if now.contrast < before.contrast else "starker"
            found["light"] = self._say(f"{'set_up' if self._as_set_up else 'light'}_{way}")
        return found

    def _say(self, code: str, **values: str) -> str:
        """Return what is said of the camera, in the lifter's language."""
        text = self._words.said.get(f"camera.{code}", TEXTS[code])
        point = self._words.said.get("page.decimal", ".")
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value.replace(".", point))
        return text

    def _cue(self, t_ns: int) -> CueEvent:
        self._alarms += 1
        return CueEvent(
            t_ns=t_ns,
            id=f"{self._session_id}-camera-{self._alarms}",
            code="camera_moved",
            severity=Severity.WARN,
            moment=Moment.BETWEEN,
            text=self._say("cue"),
            rep_id="",
            ttl_ms=TTL_MS,
            evidence=dict(self._evidence),
        )


def _rest_evidence(before: Rest, now: Rest) -> dict[str, float]:
    return {
        "height_change_m": now.y_m - before.y_m,
        "nearer_ratio": now.r_px / before.r_px - 1.0,
        "view_deg": degrees(acos(now.axis_ratio)),
        "view_before_deg": degrees(acos(before.axis_ratio)),
    }
