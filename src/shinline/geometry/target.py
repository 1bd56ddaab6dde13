"""The printed targets: sizes relative to the black disc's diameter D.

A target is a black disc with a concentric white disc, on white paper of at least 1.6 D. The bar's
ratio is fixed by contract; body roles differ from it by the area of the white disc, because an
area survives blur where a fine pattern does not. The classes lie 0.07 to 0.11 apart; the two
next to the bar's are the widest.
"""

from typing import Final

from shinline.types import Role

INNER_RATIO: Final[dict[Role, float]] = {
    Role.BAR: 0.41,
    Role.HIP: 0.62,
    Role.SHOULDER: 0.24,
    Role.KNEE: 0.51,
    Role.ANKLE: 0.32,
    Role.MID_BACK: 0.71,
    Role.CREST: 0.17,
}
"""White inner diameter / black diameter."""

PAPER_RATIO: Final = 1.6
"""White paper diameter / black diameter (at least)."""
