"""What is to be simulated: every option with its unit and range.

A value out of its range is a ``ValueError`` that names the option and what was expected, whether
the scenario is written in Python or read from JSON.
"""

import itertools
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shinline.sim.checked import Checked
from shinline.sim.faults import FAULTS, check_faults
from shinline.sim.looks import WALK_S, Clothes, Surroundings

Degrees45 = Annotated[float, Meta(ge=-45.0, le=45.0)]
Seconds = Annotated[float, Meta(ge=0.0, le=60.0)]


class Roll(Checked, frozen=True, tag="roll"):
    """The bar rolls on the floor, its plates turning with it; dx_m > 0 is toward the toes."""

    dx_m: Annotated[float, Meta(ge=-0.06, le=0.06)] = 0.03
    duration_s: Annotated[float, Meta(ge=0.2, le=10.0)] = 1.0


class FalseStart(Checked, frozen=True, tag="false_start"):
    """A pull that is given up: slack taken (3 mm), or the bar lifted a little and put back."""

    height_m: Annotated[float, Meta(ge=0.0, le=0.08)] = 0.030
    duration_s: Annotated[float, Meta(ge=0.2, le=10.0)] = 1.2


class Loading(Checked, frozen=True, tag="loading"):
    """A second person steps in, lifts this end of the bar, puts a plate on and walks off."""

    lift_m: Annotated[float, Meta(ge=0.0, le=0.10)] = 0.06
    nudge_m: Annotated[float, Meta(ge=-0.02, le=0.02)] = 0.006
    duration_s: Annotated[float, Meta(ge=4.0, le=30.0)] = 7.0


ROMANIAN_FIRST_ONLY = (
    "setup_gap",
    "elbows_to_knees",
    "hips_high_start",
    "hips_low_start",
    "bar_rolled",
    "hips_shoot_up",
    "bounce",
)
"""Faults that need the bar on the floor before the rep."""

Incident = Roll | FalseStart | Loading

Style = Literal["conventional", "sumo", "trap_bar", "blocks", "romanian", "stiff_leg"]
Ratio = Annotated[float, Meta(ge=0.94, le=1.06)]
Sticker = Literal["hip", "shoulder", "knee", "ankle", "mid_back", "crest"]
HIPS: tuple[Sticker, ...] = ("hip", "shoulder")
STICKERS: dict[str, tuple[Sticker, ...]] = {
    "all": ("hip", "shoulder", "knee", "ankle", "mid_back", "crest"),
    "hips": HIPS,
    "bar": (),
}
"""Choices of stickers by name."""
Side = Literal["left", "right"]
Ending = Literal["lower", "touch_and_go", "bounce", "drop", "hold"]


class RepPlan(Checked, frozen=True):
    """One repetition.

    ``mean_velocity_mps`` is the mean as the rep's own numbers define it (lift-off to lockout).
    ``sticking`` is the share of the speed lost near the knee. ``then`` says what follows lockout:
    controlled lowering to a dead stop, lowering into the next rep with a stop of ``rest_s`` or
    with none at all (bounce), letting go, or holding the bar until the recording ends. ``rest_s``
    is the time on the floor, hands on the bar, before the next rep.
    """

    mean_velocity_mps: Annotated[float, Meta(ge=0.05, le=1.2)] = 0.40
    sticking: Annotated[float, Meta(ge=0.0, le=0.9)] = 0.35
    lockout_s: Annotated[float, Meta(ge=0.2, le=20.0)] = 0.8
    then: Ending = "lower"
    lower_s: Annotated[float, Meta(ge=0.5, le=6.0)] = 1.2
    rest_s: Seconds = 1.2
    faults: dict[str, float] = msgspec.field(default_factory=dict)
    before: tuple[Incident, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_faults(self.faults)


class CameraSetup(Checked, frozen=True):
    """The camera, its place and its flaws.

    It stands ``distance_m`` from the bar's near end, aimed at the middle of the bar's range of
    motion; ``azimuth_deg`` moves it round toward the lifter's front, ``pitch_deg`` then tilts it
    up and ``roll_deg`` turns the picture. ``k1`` is the radial distortion in normalised
    coordinates. ``jitter_s`` is the spread of the instants of exposure, which the time stamps
    tell truly; ``stamp_error_s`` the spread of what they tell wrongly. Noise is in grey levels:
    variance = read_noise^2 + shot_noise^2 * level. ``illumination_slope`` is the relative change
    of brightness from the left edge of the picture to the right.
    """

    width_px: Annotated[int, Meta(ge=160, le=4096, multiple_of=2)] = 960
    height_px: Annotated[int, Meta(ge=120, le=4096, multiple_of=2)] = 720
    focal_px: Annotated[float, Meta(ge=100.0, le=12000.0)] = 1300.0
    distance_m: Annotated[float, Meta(ge=1.5, le=12.0)] = 4.0
    height_m: Annotated[float, Meta(ge=0.05, le=3.0)] = 0.70
    azimuth_deg: Degrees45 = 0.0
    pitch_deg: Annotated[float, Meta(ge=-20.0, le=20.0)] = 1.8
    roll_deg: Degrees45 = 0.0
    k1: Annotated[float, Meta(ge=-0.4, le=0.4)] = 0.0
    rate_hz: Annotated[float, Meta(ge=5.0, le=240.0)] = 60.0
    jitter_s: Annotated[float, Meta(ge=0.0, le=0.02)] = 0.0
    stamp_error_s: Annotated[float, Meta(ge=0.0, le=0.02)] = 0.0
    drop_ratio: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0
    exposure_s: Annotated[float, Meta(ge=1e-5, le=0.1)] = 0.002
    psf_px: Annotated[float, Meta(ge=0.0, le=4.0)] = 0.6
    read_noise: Annotated[float, Meta(ge=0.0, le=30.0)] = 1.0
    shot_noise: Annotated[float, Meta(ge=0.0, le=3.0)] = 0.10
    gain: Annotated[float, Meta(ge=0.1, le=4.0)] = 1.0
    illumination_slope: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.08


class MarkerSetup(Checked, frozen=True):
    """The printed targets in view; a plain bar has none.

    ``roles`` are the lifter's stickers that are on, when ``body`` says that there are any.
    """

    bar: bool = True
    bar_diameter_m: Annotated[float, Meta(ge=0.02, le=0.12)] = 0.08
    body: bool = True
    body_diameter_m: Annotated[float, Meta(ge=0.02, le=0.12)] = 0.06
    roles: tuple[Sticker, ...] = HIPS


class Scenario(Checked, frozen=True):
    """A recording to be made.

    ``lead_s`` is how long the lifter stands before reaching for the bar, ``tail_s`` what follows
    the last rep, ``settle_s`` the quiet time with the hands on the bar before each first pull.
    ``sleeve_m`` is how far the bar's end stands out of the plate. ``arm_ratio``, ``trunk_ratio``
    and ``leg_ratio`` make limbs longer or shorter than the stature's usual ones. ``block_m`` is
    how high the plates stand in the style ``blocks``; the other styles have none.
    ``smooth_start`` takes longer to get the bar up to speed where it would leave the floor with
    more than 2.5 m/s2, which a fast or a short pull else does.
    """

    stature_m: Annotated[float, Meta(ge=1.55, le=2.00)] = 1.78
    style: Style = "conventional"
    facing: Side = "right"
    reps: Annotated[tuple[RepPlan, ...], Meta(max_length=60)] = (RepPlan(), RepPlan(), RepPlan())
    lead_s: Seconds = 1.0
    settle_s: Seconds = 0.8
    tail_s: Seconds = 1.0
    sleeve_m: Annotated[float, Meta(ge=0.02, le=0.42)] = 0.06
    arm_ratio: Ratio = 1.0
    trunk_ratio: Ratio = 1.0
    leg_ratio: Ratio = 1.0
    block_m: Annotated[float, Meta(ge=0.05, le=0.25)] = 0.10
    smooth_start: bool = False
    camera: CameraSetup = CameraSetup()
    markers: MarkerSetup = MarkerSetup()
    clothes: Clothes = Clothes()
    room: Surroundings = Surroundings()
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        for rep, following in itertools.pairwise(self.reps):
            if rep.then == "hold":
                raise ValueError("reps: expected 'hold' only in the last one: the bar stays up")
            if rep.then == "bounce" and following.before:
                raise ValueError("reps: expected nothing before a rep that begins with a bounce")
        for number, rep in enumerate(self.reps, start=1):
            self._check_rep(number, rep)
        if self.room.walk_in_s > 0.0 and self.lead_s < self.room.walk_in_s + WALK_S:
            least_s = self.room.walk_in_s + WALK_S
            raise ValueError(
                f"lead_s: expected at least {least_s:g}, for a lifter who walks in at"
                f" {self.room.walk_in_s:g} s, got {self.lead_s:g}"
            )

    def _check_rep(self, number: int, rep: RepPlan) -> None:
        for code in rep.faults:
            if self.style in FAULTS[code].not_in:
                raise ValueError(f"fault {code}: expected another style: {self.style} has none")
        for code in ("bounce", "velocity_loss"):
            if number == 1 and code in rep.faults:
                raise ValueError(f"fault {code}: expected a rep before the one that shows it")
        if "bounce" in rep.faults and rep.before:
            raise ValueError("reps: expected nothing before a rep that begins with a bounce")
        if self.style == "romanian":
            self._check_romanian(number, rep)

    def _check_romanian(self, number: int, rep: RepPlan) -> None:
        last = number == len(self.reps)
        if not last and (rep.then != "lower" or "lowering" in rep.faults):
            raise ValueError("reps: expected the bar not to touch the floor before the last one")
        refused = [code for code in rep.faults if code in ROMANIAN_FIRST_ONLY]
        if number > 1 and (rep.before or refused):
            what = ", ".join(refused) or "nothing before"
            raise ValueError(f"reps: expected {what} in the first one only: the bar hangs after it")


def with_faults(scenario: Scenario, faults: dict[str, float]) -> Scenario:
    """Return the scenario with these faults in every rep that can have them, beside its own.

    ``bounce`` begins with the second rep; ``velocity_loss`` grows from nothing in the first rep to
    its size in the last; ``lowering`` needs a bar that is lowered by hand. In a Romanian deadlift
    what needs the floor is left to the first rep and, for ``lowering``, the last.

    Raises
    ------
    ValueError
        A fault no rep of this scenario can have.

    """
    count = len(scenario.reps)
    reps = []
    for index, rep in enumerate(scenario.reps):
        fitting = {
            code: size * index / (count - 1) if code == "velocity_loss" else size
            for code, size in faults.items()
            if _can_have(scenario, index, code)
        }
        reps.append(msgspec.structs.replace(rep, faults={**rep.faults, **fitting}))
    for code in faults:
        if not any(_can_have(scenario, index, code) for index in range(count)):
            raise ValueError(f"fault {code}: expected a second rep, or another style, to show it")
    return msgspec.structs.replace(scenario, reps=tuple(reps))


def _can_have(scenario: Scenario, index: int, code: str) -> bool:
    if code in ("bounce", "velocity_loss") and index == 0:
        return False
    if code == "lowering" and scenario.reps[index].then in ("drop", "hold"):
        return False
    if scenario.style != "romanian":
        return True
    if code == "lowering":
        return index == len(scenario.reps) - 1
    return index == 0 or code not in ROMANIAN_FIRST_ONLY


def from_json(text: bytes) -> Scenario:
    """Read a scenario.

    Raises
    ------
    ValueError
        No JSON, an unknown option, or a value out of its range; the message names the place.

    """
    try:
        return msgspec.json.decode(text, type=Scenario)
    except msgspec.DecodeError as problem:
        raise ValueError(f"scenario: {problem}".replace("`", "'")) from None
