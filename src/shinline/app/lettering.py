"""Write into a picture so that it can be read on any background."""

from typing import Any

import cv2


def write(
    picture: Any,
    text: str,
    at: tuple[int, int],
    scale: float,
    colour: tuple[int, int, int],
    thick: int = 1,
) -> None:
    """Write in ``colour`` with a black rim, in place.

    The rim is the same letters, moved: thicker ones would run wider than those in front.
    """
    x, y = at
    behind = ((x - thick, y), (x + thick, y), (x, y - thick), (x, y + thick))
    for place, ink in (*((place, (0, 0, 0)) for place in behind), (at, colour)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)
