"""The kinds of scene: who is dressed how, in which room, and what happens there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from shinline.app.bench.faults.ranges import Dice, Span
from shinline.sim.looks import Clothes, Surroundings, Wall

ORDINARY, HARD, NOBODY = "ordinary", "hard", "nobody"
GROUPS: Final = (ORDINARY, HARD, NOBODY)

Dress = Callable[[Clothes, Dice], Clothes]
Happening = Callable[[Surroundings, Dice, Span], Surroundings]
"""Changes a room; the span is from the set position to lockout, seconds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of scene."""

    name: str
    group: str
    dress: Dress
    happens: Happening


def usual_clothes(dice: Dice) -> Clothes:
    """Draw what lifters wear."""
    return Clothes(
        shirt=dice((30.0, 225.0)),
        shorts=dice((20.0, 150.0)),
        skin=dice((90.0, 225.0)),
        hair=dice((20.0, 150.0)),
        weave=dice((0.06, 0.30)),
        stripes=dice((0.2, 0.5)) if dice.chance(0.3) else 0.0,
        logo=dice.chance(0.4),
        loose_m=dice((0.0, 0.012)),
        belt=dice.chance(0.5),
        long_hair=dice.chance(0.25),
        leggings=dice.chance(0.35),
    )


def usual_room(dice: Dice) -> Surroundings:
    """Draw a room where nobody is in the way."""
    wall: Wall = "busy" if dice.chance(0.3) else "plain"
    return Surroundings(wall=wall, drift=dice((0.0, 0.03)))


def _same_clothes(clothes: Clothes, _dice: Dice) -> Clothes:
    return clothes


def _dark_clothes(clothes: Clothes, dice: Dice) -> Clothes:
    shirt, shorts, weave = dice((15.0, 45.0)), dice((15.0, 45.0)), dice((0.05, 0.15))
    return replace(clothes, shirt=shirt, shorts=shorts, weave=weave, stripes=0.0, leggings=True)


def _loose_shirt(clothes: Clothes, dice: Dice) -> Clothes:
    return replace(clothes, loose_m=dice((0.025, 0.04)))


def _plain_cloth(clothes: Clothes, dice: Dice) -> Clothes:
    return replace(clothes, weave=dice((0.0, 0.02)), stripes=0.0, logo=False)


def _quiet(room: Surroundings, _dice: Dice, _span: Span) -> Surroundings:
    return room


def _dark(room: Surroundings, _dice: Dice, _span: Span) -> Surroundings:
    return replace(room, wall="dark")


def _mirror(room: Surroundings, _dice: Dice, _span: Span) -> Surroundings:
    return replace(room, mirror=True)


def _passers(room: Surroundings, dice: Dice, _span: Span) -> Surroundings:
    return replace(room, passers=int(dice.rng.integers(2, 6)))


def _bystander(room: Surroundings, dice: Dice, _span: Span) -> Surroundings:
    return replace(room, bystander=True, passers=int(dice.rng.integers(2)))


def _cat(room: Surroundings, _dice: Dice, _span: Span) -> Surroundings:
    return replace(room, cat=True)


def _lamp(room: Surroundings, dice: Dice, span: Span) -> Surroundings:
    gain = dice((1.25, 1.6)) if dice.chance(0.5) else dice((0.5, 0.8))
    on_s = dice(span)
    return replace(room, lamp_s=on_s, lamp_back_s=on_s + dice((0.3, 3.0)), lamp_gain=gain,
                   lamp_offset=dice((-15.0, 15.0)))  # fmt: skip


def _daylight(room: Surroundings, dice: Dice, _span: Span) -> Surroundings:
    return replace(room, drift=dice((0.1, 0.3)), drift_period_s=dice((8.0, 30.0)))


def _bump(room: Surroundings, dice: Dice, span: Span) -> Surroundings:
    return replace(room, bump_s=dice(span), bump_x_px=dice((-20.0, 20.0)),
                   bump_y_px=dice((-15.0, 15.0)), bump_deg=dice((-1.5, 1.5)))  # fmt: skip


def _empty(then: Happening) -> Happening:
    """Let the bar rise with nobody at it."""
    return lambda room, dice, span: replace(then(room, dice, span), lifter=False)


def _crowd(room: Surroundings, dice: Dice, _span: Span) -> Surroundings:
    return replace(room, passers=int(dice.rng.integers(5, 9)), bystander=True)


USUAL: Final = Kind("usual", ORDINARY, _same_clothes, _quiet)
HARD_KINDS: Final = (
    Kind("dark on dark", HARD, _dark_clothes, _dark),
    Kind("loose shirt", HARD, _loose_shirt, _quiet),
    Kind("cloth without pattern", HARD, _plain_cloth, _quiet),
    Kind("people behind", HARD, _same_clothes, _passers),
    Kind("bystander", HARD, _same_clothes, _bystander),
    Kind("mirror", HARD, _same_clothes, _mirror),
    Kind("lamp switched", HARD, _same_clothes, _lamp),
    Kind("daylight wanders", HARD, _same_clothes, _daylight),
    Kind("camera bumped", HARD, _same_clothes, _bump),
    Kind("cat, and a lifter", HARD, _same_clothes, _cat),
)
EMPTY_KINDS: Final = (
    Kind("empty room", NOBODY, _same_clothes, _empty(_quiet)),
    Kind("crowd", NOBODY, _same_clothes, _empty(_crowd)),
    Kind("lamp, nobody", NOBODY, _same_clothes, _empty(_lamp)),
    Kind("bump, nobody", NOBODY, _same_clothes, _empty(_bump)),
    Kind("cat", NOBODY, _same_clothes, _empty(_cat)),
)
KINDS: Final = (USUAL, *HARD_KINDS, *EMPTY_KINDS)
_TURN: Final = 10
_HARD_TURNS, _EMPTY_TURNS = (1, 4, 7), (9,)


def kind_of(number: int) -> Kind:
    """Return the kind of a scene: of ten in turn six usual ones, three hard ones, one empty."""
    turns, place = divmod(number, _TURN)
    if place in _HARD_TURNS:
        which = turns * len(_HARD_TURNS) + _HARD_TURNS.index(place)
        return HARD_KINDS[which % len(HARD_KINDS)]
    if place in _EMPTY_TURNS:
        return EMPTY_KINDS[turns % len(EMPTY_KINDS)]
    return USUAL
