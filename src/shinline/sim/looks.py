"""How the lifter is dressed and what goes on around: options of a scenario.

All of them leave the lift as it is; the default is the plain figure in the quiet room.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from shinline.sim.checked import Checked

Level = Annotated[float, Meta(ge=4.0, le=250.0)]
Share = Annotated[float, Meta(ge=0.0, le=0.6)]
Wall = Literal["plain", "busy", "dark"]
Instant = Annotated[float, Meta(ge=0.0, le=600.0)]
Pixels = Annotated[float, Meta(ge=-200.0, le=200.0)]

WALK_S: Final = 2.4
"""How long the lifter takes from the picture's edge to the bar."""


class Clothes(Checked, frozen=True):
    """What the lifter wears, in grey levels of its lit side.

    ``weave`` and ``stripes`` are how much lighter and darker than its mean level cloth is: threads,
    creases, printed bands across the trunk. Both move with the limb. ``loose_m`` is how far the
    shirt stands off the trunk at most: it hangs, and follows a moving trunk late. ``long_hair``
    covers the back of the neck, ``leggings`` the legs down to the ankle, in the shorts' level.
    """

    shirt: Level = 138.0
    shorts: Level = 84.0
    skin: Level = 214.0
    hair: Level = 56.0
    weave: Share = 0.0
    stripes: Share = 0.0
    logo: bool = False
    loose_m: Annotated[float, Meta(ge=0.0, le=0.04)] = 0.0
    belt: bool = True
    long_hair: bool = False
    leggings: bool = False


class Surroundings(Checked, frozen=True):
    """What is behind and around the lifter, and what befalls light and camera.

    ``passers`` people walk about behind, a ``bystander`` stands near, a ``cat`` crosses the
    platform, a ``mirror`` on the wall shows the lifter again. Without a ``lifter`` the bar moves
    as the scenario says, by itself. With ``walk_in_s`` the platform is empty until then: the
    lifter takes :data:`WALK_S` to come, and any stickers are on from there (what the truth says of
    joints before is of the lifter as if there already). A lamp changes the picture by
    ``lamp_gain`` and ``lamp_offset`` (grey levels) at ``lamp_s`` and back at ``lamp_back_s``;
    daylight wanders by ``drift`` (share of the brightness) and back in ``drift_period_s``. At
    ``bump_s`` the camera is knocked: the picture shakes and stays shifted and turned about its
    middle (where things are in pixels is told as if it had not been). An instant of 0: never.
    """

    wall: Wall = "plain"
    mirror: bool = False
    passers: Annotated[int, Meta(ge=0, le=8)] = 0
    bystander: bool = False
    cat: bool = False
    lifter: bool = True
    walk_in_s: Instant = 0.0
    lamp_s: Instant = 0.0
    lamp_back_s: Instant = 0.0
    lamp_gain: Annotated[float, Meta(ge=0.2, le=3.0)] = 1.0
    lamp_offset: Annotated[float, Meta(ge=-80.0, le=80.0)] = 0.0
    drift: Annotated[float, Meta(ge=0.0, le=0.4)] = 0.0
    drift_period_s: Annotated[float, Meta(ge=5.0, le=600.0)] = 40.0
    bump_s: Instant = 0.0
    bump_x_px: Pixels = 0.0
    bump_y_px: Pixels = 0.0
    bump_deg: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.0
