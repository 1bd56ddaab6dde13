"""The lens model is OpenCV's, there and back, and the kernels' is the same."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shinline.geometry.lens import Lens
from shinline.geometry.plane import Plane
from shinline.geometry.view import View
from shinline.motion import kalman_kernels as k
from shinline.motion.bank import Bank


@st.composite
def lenses(draw: st.DrawFn) -> Lens:
    """Lenses as they are built: one to one over the field that is asked for."""
    focal_px = draw(st.floats(600.0, 2000.0))
    return Lens(
        fx_px=focal_px,
        fy_px=focal_px * draw(st.floats(0.99, 1.01)),
        cx_px=draw(st.floats(600.0, 800.0)),
        cy_px=draw(st.floats(400.0, 600.0)),
        k1=draw(st.floats(-0.25, 0.15)),
        k2=draw(st.floats(-0.05, 0.05)),
        p1=draw(st.floats(-0.005, 0.005)),
        p2=draw(st.floats(-0.005, 0.005)),
        k3=draw(st.floats(-0.01, 0.01)),
    )


RAYS = st.floats(-0.7, 0.7)


@given(lens=lenses(), x=RAYS, y=RAYS)
def test_a_ray_is_drawn_where_opencv_draws_it(lens: Lens, x: float, y: float) -> None:
    matrix = np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1]])
    bend = np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])
    points, _ = cv2.projectPoints(np.array([[x, y, 1.0]]), np.zeros(3), np.zeros(3), matrix, bend)
    np.testing.assert_allclose(lens.image_from_ray(x, y), points.ravel(), atol=1e-6)


@given(lens=lenses(), x=RAYS, y=RAYS)
def test_the_ray_behind_a_pixel_is_the_one_that_was_drawn(lens: Lens, x: float, y: float) -> None:
    back = lens.ray_from_image(*lens.image_from_ray(x, y))
    np.testing.assert_allclose(back, (x, y), atol=1e-10)


@given(lens=lenses(), x=RAYS, y=RAYS)
def test_the_jacobian_is_how_pixels_move(lens: Lens, x: float, y: float) -> None:
    step = 1e-6
    by_x = np.subtract(lens.image_from_ray(x + step, y), lens.image_from_ray(x - step, y))
    by_y = np.subtract(lens.image_from_ray(x, y + step), lens.image_from_ray(x, y - step))
    xx, xy, yx, yy = lens.jacobian(x, y)
    np.testing.assert_allclose((xx, yx), by_x / (2.0 * step), atol=1e-4)
    np.testing.assert_allclose((xy, yy), by_y / (2.0 * step), atol=1e-4)


@given(
    lens=lenses(),
    angles=st.tuples(*[st.floats(-0.2, 0.2)] * 3),
    forward=st.sampled_from([-1.0, 1.0]),
    x_px=st.floats(100.0, 1300.0),
    y_px=st.floats(100.0, 900.0),
)
def test_the_kernels_map_as_the_plane_does(
    lens: Lens, angles: tuple[float, float, float], forward: float, x_px: float, y_px: float
) -> None:
    plane = Plane(0.002, 700.0, 700.0, forward=forward, view=View(lens, *angles))
    bank = Bank()
    bank.look_through(plane)
    place = k.locate(bank._view, bank._plane, x_px, y_px)
    np.testing.assert_allclose(place, plane.plane_from_image(x_px, y_px), atol=1e-12)
    back = k.project(bank._view, bank._plane, *place)
    np.testing.assert_allclose(back, plane.image_from_plane(*place), atol=1e-9)
    np.testing.assert_allclose(back, (x_px, y_px), atol=1e-6)
    bank.mirror()
    mirrored = k.locate(bank._view, bank._plane, x_px, y_px)
    np.testing.assert_allclose(mirrored, (-place[0], place[1]), atol=1e-12)
    np.testing.assert_allclose(k.project(bank._view, bank._plane, *mirrored), back, atol=1e-9)
