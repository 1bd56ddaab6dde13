"""Who looks when: the body last, never at the markers' cost, and first to go without."""

import numpy as np

from shinline.config import Config, Marker
from shinline.eye import LEAST_OFTEN_NS, Eye
from shinline.types import (
    NS_PER_S,
    WINDOW,
    Bar,
    BarPrior,
    BodySight,
    Facing,
    Frame,
    Role,
    Rows,
    U8Image,
)

STEP_NS = NS_PER_S // 60
LUMA = np.zeros((4, 4), np.uint8)
NOWHERE = np.zeros(0, WINDOW)


class Bars:
    """A detector that sees the bar in every picture."""

    def detect(self, luma: U8Image, t_ns: int, windows: Rows, out: Rows) -> int:
        out[0]["t_ns"], out[0]["role"] = t_ns, Role.BAR
        out[0]["x_px"] = out[0]["y_px"] = out[0]["r_px"] = 1.0
        return 1


class Looker:
    """Writes down when it was shown a picture."""

    def __init__(self) -> None:
        self.looked: list[int] = []

    def due(self, t_ns: int) -> bool:
        return True

    def look(self, luma: U8Image, t_ns: int, bar: Bar, out: Rows) -> int:
        self.looked.append(t_ns // STEP_NS)
        return 0

    def sights(self) -> tuple[BodySight, ...]:
        return ()


def looked(numbers: list[int]) -> list[int]:
    """Return which of the pictures of these numbers the body was looked at in."""
    body = Looker()
    config = Config(marker=Marker(kind="plate"))
    eye = Eye(config, BarPrior(2.0, 2.0, 1.0), Bars(), None, body)
    for number in numbers:
        frame = Frame(number, number * STEP_NS, 0, LUMA)
        _, rows = eye.look(frame, NOWHERE, None, Facing.RIGHT, resting=True)
        assert [Role(role) for role in rows["role"]] == [Role.BAR]
    return body.looked


def test_every_picture_is_looked_at_while_none_is_lost() -> None:
    assert looked([7, 8, 9, 10]) == [7, 8, 9, 10]


def test_after_a_lost_picture_the_body_goes_without() -> None:
    assert looked([50, 51, 53, 54, 57, 58]) == [50, 51, 54, 58]


def test_the_body_waits_no_longer_than_a_tenth_of_a_second() -> None:
    every_third = list(range(60, 121, 3))
    seen = looked(every_third)
    waits_ns = np.diff(seen) * STEP_NS
    assert seen[0] == 60
    assert set(every_third) >= set(seen)
    assert waits_ns.min() > LEAST_OFTEN_NS
    assert waits_ns.max() <= LEAST_OFTEN_NS + 3 * STEP_NS


def test_a_recording_that_begins_again_has_lost_nothing() -> None:
    assert looked([40, 41, 0, 1]) == [40, 41, 0, 1]
