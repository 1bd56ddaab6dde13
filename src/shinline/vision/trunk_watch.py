"""Hips without stickers: the lifter's trunk, followed from the set position into the pull.

The bar is on the floor and the last pictures of where the lifter must be are kept. When the bar
rises, the picture just before it did is the *anchor*: patches of it that lie where a bent lifter's
trunk is, and that have changed since, are aligned with each later picture, and then with those
before the anchor, so that the coach can find the quiet set position among them. What comes out is
how trunk, pelvis and shoulders moved against the anchor, in the picture. Where exactly the joints
are it does not know, and a change of angle does not need it.

It says nothing where the trunk leaves the picture, where clothes and wall have one grey level,
where most of the room moves as well (a camera that was bumped, a crowd close by), or where the
pictures before the pull are missing. A shirt that slides over the back counts as back.
"""

from dataclasses import dataclass, field
from math import hypot, inf
from typing import Final

import numpy as np

from shinline.types import DETECTION, NS_PER_S, Bar, BodySight, FloatArray, Role, Rows, U8Image
from shinline.vision import trunk_kernels as k
from shinline.vision.backdrop import Backdrop
from shinline.vision.silhouette import Silhouette
from shinline.vision.trunk import SHOULDER_M, Fit, Trunk, Zone, at_rest, room_mask
from shinline.vision.trunk_find import WITH_BAR, Rivals, agreeing, begin, everything, joints_of

RATE_NS: Final = NS_PER_S // 31
"""Looked at no more often: every picture at 30 Hz, every fourth at 120."""

PIXEL_M: Final = 0.009
KEPT, MEANWHILE = 46, 24
"""Pictures kept: before the pull (1.5 s), and from lift-off until the trunk is known."""

BEHIND_M, AHEAD_M, ABOVE_M = 0.85, 0.45, 1.12
ELSEWHERE_M: Final = 0.06
ON_FLOOR_M: Final = 0.004
RISEN_M, SURE_M, DONE_M = 0.025, 0.045, 0.22
"""The bar has left the floor; the trunk has moved enough to tell it from all else; it is over."""

BEFORE_NS: Final = NS_PER_S // 10
"""So long a bar must have lain, or come down, before it rose; else it was in the air already."""

AGAIN_M: Final = 0.06
AGAIN_NS: Final = 10 * NS_PER_S
"""After a pull the next one begins when the bar has come down so far, or so much later."""

STALE_NS: Final = NS_PER_S
LONGEST_NS: Final = 5 * NS_PER_S
BENT_NS: Final = NS_PER_S
"""A silhouette no older than that before the anchor is that of the set position."""

EVERY: Final = 2
"""Of the pictures before the anchor, every second is enough to find where the lifter was still."""

AT_ONCE: Final = 3
"""So many of the kept pictures are looked at with each new one."""

FIRST_ROUNDS, ROUNDS = 10, 4
LEAST_PATCHES, LEAST_SPAN_M, MOST_MISFIT = 14, 0.20, 0.5
LEAST_AT_REST: Final = 0.5
FOUND_MISFIT: Final = 0.2
"""At first it must fit better than later on: chance finds patches enough for a poor fit."""

MOST_AHEAD: Final = 1.6
ROWS, BLANK = 3, np.zeros((), DETECTION)
SHARES: Final = np.linspace(0.0, 1.0, 9)
"""Where on the line from hip to shoulder it is told how the back runs."""


@dataclass(slots=True)
class _Kept:
    t_ns: int
    down_px: float
    image: U8Image


@dataclass(slots=True)
class _Pull:
    """A pull that is being followed."""

    anchor: _Kept
    trunk: Trunk
    sign: float
    rivals: Rivals
    room: U8Image
    before: list[_Kept]
    meanwhile: list[_Kept] = field(default_factory=list)
    every: Trunk | None = None
    settled: bool = False
    told: bool = False
    pose: FloatArray = field(default_factory=lambda: np.zeros(k.POSE))
    back_pose: FloatArray = field(default_factory=lambda: np.zeros(k.POSE))
    down_px: float = 0.0
    hip: FloatArray = field(default_factory=lambda: np.zeros(2))
    shoulder: FloatArray = field(default_factory=lambda: np.zeros(2))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was made of a picture, to be looked at."""

    pull: _Pull
    fit: Fit
    kept: _Kept
    zone: Zone
    scene_px: tuple[float, float]
    holds: bool


class TrunkWatch:
    """Follow the lifter's trunk through the first part of each pull."""

    def __init__(self) -> None:
        self._zone: Zone | None = None
        self._frame: tuple[int, ...] = ()
        self._slots = np.zeros((0, 1, 1), np.uint8)
        self._kept: list[_Kept] = []
        self._pull: _Pull | None = None
        self._seen: list[_Seen] = []
        self._looked_ns = 0
        self._backdrop = Backdrop()
        self._over: tuple[int, float] | None = None
        """When the last pull was over, and how far down the bar must be for the next; px."""

    def due(self, t_ns: int) -> bool:
        """Tell whether it is time to look again."""
        return not 0 <= t_ns - self._looked_ns < RATE_NS

    def look(self, luma: U8Image, t_ns: int, bar: Bar, out: Rows) -> int:
        """Write at most ``len(out)`` DETECTION rows and return how many.

        HIP_OUTLINE and SHOULDER_OUTLINE: where they are, ``quality`` the share of the patches that
        agree. BACK_LINE: its middle, ``residual`` the turn since the anchor (rad, clockwise in the
        picture), ``axis_ratio`` the standard deviation of that, ``contrast`` the bend (px). A
        row's time is that of its picture, which may be an older one than this. While the bar rests
        BODY: who is there, as :class:`~shinline.vision.backdrop.Backdrop` tells it.
        """
        if luma.shape != self._frame or t_ns <= self._looked_ns:  # what was kept is of no use
            self._frame, self._zone, self._pull, self._over = luma.shape, None, None, None
        self._looked_ns = t_ns
        self._seen.clear()
        if self._over is not None and self._pull is None:
            over_ns, down_px = self._over
            if 0 <= t_ns - over_ns < AGAIN_NS and bar.y_px - bar.scene_px[1] < down_px:
                return 0
            self._over = None
        zone = self._zone
        if zone is None or (self._pull is None and self._is_elsewhere(zone, bar)):
            zone = self._begin(bar)
        if self._pull is None:
            self._keep(luma, t_ns, bar, zone)
            self._watch_for_lift(zone, bar.sign)
            return 0 if self._pull else self._backdrop.look(luma, t_ns, bar, out)
        return self._follow(self._pull, luma, t_ns, bar, zone, out)

    def sights(self) -> tuple[BodySight, ...]:
        """Return what the last look saw, of its own picture first: for who wants to see it too."""
        return tuple(_sight(seen) for seen in self._seen)

    # --- before the pull ----------------------------------------------------------------------

    def _is_elsewhere(self, zone: Zone, bar: Bar) -> bool:
        x = zone.left + (zone.x + 0.5) * zone.factor - 0.5
        y = zone.top + (zone.y + 0.5) * zone.factor - 0.5
        moved = hypot(bar.x_px - bar.scene_px[0] - x, bar.y_px - bar.scene_px[1] - y)
        return moved * bar.m_per_px > ELSEWHERE_M

    def _begin(self, bar: Bar) -> Zone:
        """Look at another part of the frame; what was kept of the last one is of no use."""
        m = bar.m_per_px
        factor = max(1, round(PIXEL_M / m))
        behind = BEHIND_M
        ahead = AHEAD_M if bar.sign else BEHIND_M
        to_left = behind if bar.sign >= 0.0 else ahead
        x, y = bar.x_px - bar.scene_px[0], bar.y_px - bar.scene_px[1]
        left, top = round(x - to_left / m), round(y - ABOVE_M / m)
        columns = round((behind + ahead) / (m * factor))
        rows = round(ABOVE_M / (m * factor))
        inside = ((x - left + 0.5) / factor - 0.5, (y - top + 0.5) / factor - 0.5)
        self._zone = Zone(left, top, factor, rows, columns, *inside, m * factor, self._frame)
        if self._slots.shape[1:] != (rows, columns):
            self._slots = np.zeros((KEPT + MEANWHILE + 1, rows, columns), np.uint8)
        self._kept = []
        return self._zone

    def _keep(self, luma: U8Image, t_ns: int, bar: Bar, zone: Zone) -> None:
        """Keep this picture, in place of the oldest one."""
        full = len(self._kept) == KEPT
        image = self._kept.pop(0).image if full else self._slots[len(self._kept)]
        _crop(luma, zone, bar, image)
        self._kept.append(_Kept(t_ns, bar.y_px - bar.scene_px[1], image))

    def _watch_for_lift(self, zone: Zone, sign: float) -> None:
        """Begin to follow a pull when the bar has left the floor."""
        kept = self._kept
        floor_px = max(one.down_px for one in kept)
        px_m = zone.m / zone.factor
        now = kept[-1]
        if (floor_px - now.down_px) * px_m < RISEN_M:
            return
        rise_m = [(floor_px - one.down_px) * px_m for one in kept]
        last = max(n for n, rise in enumerate(rise_m) if rise < ON_FLOOR_M)
        anchor = kept[last]
        if now.t_ns - anchor.t_ns > STALE_NS or anchor.t_ns - kept[0].t_ns < BEFORE_NS:
            return
        found = begin(anchor.image, now.image, zone, sign)
        if found is None:
            return
        trunk, side = found
        before = kept[last - 1 :: -1] if last else []
        before = [one for n, one in enumerate(before) if n % EVERY == EVERY - 1]
        room = room_mask(zone, side)
        rivals = Rivals(zone.point(SHOULDER_M, side), side)
        self._pull = _Pull(anchor, trunk, side, rivals, room, before, kept[last + 1 :])

    # --- in the pull --------------------------------------------------------------------------

    def _follow(
        self, pull: _Pull, luma: U8Image, t_ns: int, bar: Bar, zone: Zone, out: Rows
    ) -> int:
        down_px = bar.y_px - bar.scene_px[1]
        rise_m = (pull.anchor.down_px - down_px) * zone.m / zone.factor
        late = not 0 <= t_ns - pull.anchor.t_ns < LONGEST_NS
        if rise_m > DONE_M or late or rise_m < ON_FLOOR_M:
            self._over = (t_ns, pull.anchor.down_px - AGAIN_M * zone.factor / zone.m)
            self._pull, self._zone, self._kept = None, None, []
            return 0
        spare = not pull.settled and KEPT + len(pull.meanwhile) < len(self._slots) - 1
        image = self._slots[KEPT + len(pull.meanwhile)] if spare else self._slots[-1]
        _crop(luma, zone, bar, image)
        here = _Kept(t_ns, down_px, image)
        if not pull.settled:
            fit = self._approach(pull, here, zone, rise_m, bar)
            if fit is None:
                if spare:
                    pull.meanwhile.append(here)
                return 0
        else:
            fit = pull.trunk.fit(image, _ahead(pull, here, zone), ROUNDS)
            if not _holds(fit, zone):
                fit = pull.rivals.better(pull.trunk, fit, image, rise_m, zone.m)
        rests = pull.rivals.plausible(pull.trunk, fit, rise_m, zone.m)
        rests = rests and at_rest(pull.anchor.image, image, pull.room) >= LEAST_AT_REST
        if not self._tell(fit, here, pull, zone, bar, out, rests):
            return 0
        pull.pose, pull.down_px = fit.pose, down_px
        count = ROWS
        if not pull.told:
            pull.told = True
            places = pull.trunk.places
            still = Fit(np.zeros(k.POSE), np.zeros((k.POSE, k.POSE)), 0.0, 1.0, places, inf)
            count += self._tell(still, pull.anchor, pull, zone, bar, out[count:])
        return count + self._look_back(pull, zone, bar, out[count:])

    def _tell(
        self,
        fit: Fit,
        kept: _Kept,
        pull: _Pull,
        zone: Zone,
        bar: Bar,
        out: Rows,
        rests: bool = True,
    ) -> int:
        """Write the rows of a picture in which the trunk was found; return how many."""
        holds = rests and _holds(fit, zone)
        self._seen.append(_Seen(pull, fit, kept, zone, bar.scene_px, holds))
        return _write(fit, kept.t_ns, pull, zone, bar, out) if holds else 0

    def _approach(
        self, pull: _Pull, here: _Kept, zone: Zone, rise_m: float, bar: Bar
    ) -> Fit | None:
        """Follow what will be the trunk; answer when its patches are chosen for good.

        That takes two looks, so that neither takes long.
        """
        guess, image = _ahead(pull, here, zone), here.image
        every, pull.every = pull.every, None
        trunk = None if every is None else agreeing(pull.anchor.image, every)
        if trunk is not None:
            fit = trunk.fit(image, guess, FIRST_ROUNDS)
            if fit.misfit < FOUND_MISFIT and pull.rivals.plausible(trunk, fit, rise_m, zone.m):
                pull.trunk, pull.settled = trunk, True
                pull.hip, pull.shoulder = joints_of(trunk, zone, pull.sign)
                _place(self._backdrop.bent, pull, zone, bar)
                pull.meanwhile.reverse()
                return fit
        fit = pull.trunk.fit(image, guess, FIRST_ROUNDS)
        fit = pull.rivals.better(pull.trunk, fit, image, rise_m, zone.m)
        if len(fit.used):  # else it is hidden, and will be further on when it is seen again
            pull.pose, pull.down_px = fit.pose, here.down_px
        if rise_m >= SURE_M and len(fit.used) and pull.rivals.tried:
            pull.every = everything(pull.anchor.image, image, zone, pull.sign)
            if pull.every is not None:
                pull.every.fit(image, fit.pose, ROUNDS)
        return None

    def _look_back(self, pull: _Pull, zone: Zone, bar: Bar, out: Rows) -> int:
        """Find the trunk in a few of the pictures that were kept."""
        count = 0
        for _ in range(AT_ONCE):
            if len(out) - count < ROWS:
                break
            if pull.meanwhile:
                one = pull.meanwhile.pop(0)
                share = (pull.anchor.down_px - one.down_px) / max(
                    pull.anchor.down_px - pull.down_px, 1e-6
                )
                fit = pull.trunk.fit(one.image, share * pull.pose, ROUNDS)
            elif pull.before:
                one = pull.before.pop(0)
                fit = pull.trunk.fit(one.image, pull.back_pose, ROUNDS)
                pull.back_pose = fit.pose
            else:
                break
            count += self._tell(fit, one, pull, zone, bar, out[count:])
        return count


def _crop(luma: U8Image, zone: Zone, bar: Bar, image: U8Image) -> None:
    left, top = zone.left + round(bar.scene_px[0]), zone.top + round(bar.scene_px[1])
    k.crop(luma, left, top, zone.factor, image)


def _ahead(pull: _Pull, here: _Kept, zone: Zone) -> FloatArray:
    """Return a first guess: the trunk goes on as it went, as far as the bar does."""
    guess = pull.pose.copy()
    before_px = pull.down_px or pull.anchor.down_px
    went_px = pull.anchor.down_px - before_px
    if went_px * zone.m / zone.factor > ON_FLOOR_M:
        share = (pull.anchor.down_px - here.down_px) / went_px
        guess[:3] *= min(share, MOST_AHEAD)
    else:
        guess[1] += WITH_BAR * (here.down_px - before_px) / zone.factor
    return guess


def _holds(fit: Fit, zone: Zone) -> bool:
    enough = len(fit.used) >= LEAST_PATCHES and fit.span_px * zone.m >= LEAST_SPAN_M
    return enough and fit.misfit < MOST_MISFIT


def _place(bent: Silhouette | None, pull: _Pull, zone: Zone, bar: Bar) -> None:
    """Place hip and shoulder by the silhouette before the anchor, where there is one."""
    fits = bent is not None and bent.sign == pull.sign
    if bent is not None and fits and 0 <= pull.anchor.t_ns - bent.t_ns < BENT_NS:
        pull.hip, shoulder = bent.joints(zone, bar)
        pull.shoulder = pull.shoulder if shoulder is None else shoulder


def _write(fit: Fit, t_ns: int, pull: _Pull, zone: Zone, bar: Bar, out: Rows) -> int:
    """Write the three rows of a picture, in pixels of the frame."""
    if len(out) < ROWS:
        return 0
    axis = pull.trunk.axis
    roles = (Role.HIP_OUTLINE, Role.SHOULDER_OUTLINE, Role.BACK_LINE)
    at = np.empty(2)
    out[:ROWS] = BLANK
    for row, role, point in zip(out, roles, (pull.hip, pull.shoulder, axis[:2]), strict=False):
        k.carried(fit.pose, axis, float(point[0]), float(point[1]), at)
        cov = k.carried_spread(fit.pose, fit.spread, axis, float(point[0]), float(point[1]))
        row["t_ns"], row["role"] = t_ns, role
        row["x_px"] = zone.left + bar.scene_px[0] + (at[0] + 0.5) * zone.factor - 0.5
        row["y_px"] = zone.top + bar.scene_px[1] + (at[1] + 0.5) * zone.factor - 0.5
        row["var_x_px2"], row["cov_xy_px2"], row["var_y_px2"] = (
            value * zone.factor**2 for value in cov
        )
        row["quality"] = fit.share
    back = out[2]
    back["residual"], back["axis_ratio"] = fit.pose[2], np.sqrt(fit.spread[2, 2])
    back["contrast"], back["r_px"] = fit.pose[4] * zone.factor, 0.5 * axis[4] * zone.factor
    return ROWS


def _sight(seen: _Seen) -> BodySight:
    pull, zone, pose = seen.pull, seen.zone, seen.fit.pose
    corner = np.array([zone.left, zone.top]) + seen.scene_px

    def in_frame(places: FloatArray) -> FloatArray:
        found = np.empty((len(places), 2))
        k.all_carried(pose, pull.trunk.axis, places, found)
        return np.asarray(corner + (found + 0.5) * zone.factor - 0.5)

    back = in_frame(pull.hip + SHARES[:, None] * (pull.shoulder - pull.hip))
    hip_y = corner[1] + (pull.hip[1] + 0.5) * zone.factor - 0.5
    return BodySight(
        t_ns=seen.kept.t_ns,
        since_ns=pull.anchor.t_ns,
        patches_px=in_frame(seen.fit.used.astype(np.float64)),
        back_px=back,
        hip_rise_px=float(hip_y - back[0, 1]),
        bar_rise_px=pull.anchor.down_px - seen.kept.down_px,
        flatter_rad=pull.sign * float(pose[2]),
        sd_rad=float(np.sqrt(seen.fit.spread[2, 2])),
        holds=seen.holds,
    )
