"""The printed targets: sizes relative to the black disc's diameter D.

A target is a black disc with a concentric white disc, on white paper. The bar's ratio is fixed by
contract; body roles differ from it by the area of the white disc, because an area survives blur
where a fine pattern does not.
"""

from typing import Final

from shinline.types import Role

INNER_RATIO: Final[dict[Role, float]] = {
    Role.BAR: 0.41,
    Role.HIP: 0.62,
    Role.SHOULDER: 0.24,
}
"""White inner diameter / black diameter. Roles not listed have no printed target yet."""

PAPER_RATIO: Final = 1.6
"""White paper diameter / black diameter (at least)."""
