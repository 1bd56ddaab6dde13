"""The printed targets: sizes relative to the black disc's diameter D.

A target is a black disc with a concentric white disc, on white paper of at least 1.6 D. The bar's
ratio is fixed by contract; body roles differ from it by the area of the white disc, because an
area survives blur where a fine pattern does not. The classes lie 0.06 to 0.09 apart, those next to
the bar's the farthest; thinner rings than the hip's are lost in the reduced pictures of the search.
"""

from typing import Final

from shinline.types import Role

INNER_RATIO: Final[dict[Role, float]] = {
    Role.BAR: 0.41,
    Role.HIP: 0.62,
    Role.SHOULDER: 0.24,
    Role.KNEE: 0.49,
    Role.ANKLE: 0.32,
    Role.MID_BACK: 0.555,
    Role.CREST: 0.18,
}
"""White inner diameter / black diameter."""

PAPER_RATIO: Final = 1.6
"""White paper diameter / black diameter (at least)."""
