"""Pixels to metres and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shinline.geometry.plane import Plane

PIXELS = st.floats(-4000.0, 4000.0)


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    return Plane(
        scale_m_per_px=draw(st.floats(5e-4, 1e-2)),
        origin_x_px=draw(PIXELS),
        origin_y_px=draw(PIXELS),
        roll_rad=draw(st.floats(-0.7, 0.7)),
        forward=draw(st.sampled_from([-1.0, 1.0])),
    )


@given(plane=planes(), x=PIXELS, y=PIXELS)
def test_there_and_back_is_where_it_began(plane: Plane, x: float, y: float) -> None:
    back = plane.image_from_plane(*plane.plane_from_image(x, y))
    np.testing.assert_allclose(back, (x, y), atol=1e-7)


@given(plane=planes(), a=st.tuples(PIXELS, PIXELS), b=st.tuples(PIXELS, PIXELS))
def test_distances_are_scaled_and_nothing_else(
    plane: Plane, a: tuple[float, float], b: tuple[float, float]
) -> None:
    ax, ay = plane.plane_from_image(*a)
    bx, by = plane.plane_from_image(*b)
    pixels = np.hypot(a[0] - b[0], a[1] - b[1])
    np.testing.assert_allclose(np.hypot(ax - bx, ay - by), pixels * plane.scale_m_per_px, atol=1e-9)


@given(plane=planes())
def test_the_origin_is_zero(plane: Plane) -> None:
    origin = plane.plane_from_image(plane.origin_x_px, plane.origin_y_px)
    np.testing.assert_allclose(origin, (0.0, 0.0), atol=1e-12)


@given(plane=planes(), rise_m=st.floats(0.1, 1.0))
def test_a_plumb_line_leans_right_at_its_upper_end_for_a_positive_roll(
    plane: Plane, rise_m: float
) -> None:
    bottom_x, bottom_y = plane.image_from_plane(0.0, 0.0)
    top_x, top_y = plane.image_from_plane(0.0, rise_m)
    assert top_y < bottom_y
    lean = np.arctan2(top_x - bottom_x, bottom_y - top_y)
    np.testing.assert_allclose(lean, plane.roll_rad, atol=1e-6)


def test_a_lifter_who_faces_left_has_toes_on_the_left() -> None:
    plane = Plane(0.002, 100.0, 200.0, forward=-1.0)
    assert plane.plane_from_image(50.0, 200.0) == (0.1, 0.0)
    assert plane.plane_from_image(100.0, 150.0)[1] > 0.0
