"""The painting kernels against slow ways of saying the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.sim.camera import Camera, place_camera
from shinline.sim.paint import expose, paint_limb, paint_plate, paint_rings, plane_point
from shinline.sim.scenario import CameraSetup
from shinline.types import Facing, FloatArray

RADII_M = np.array([0.02, 0.05, 0.08])
LEVELS = np.array([230.0, 20.0, 200.0])
GROUND = 90.0
FINE = 12


def camera_of(k1: float, roll_deg: float, azimuth_deg: float, facing: Facing) -> Camera:
    setup = CameraSetup(
        width_px=160,
        height_px=120,
        focal_px=500.0,
        k1=k1,
        roll_deg=roll_deg,
        azimuth_deg=azimuth_deg,
        pitch_deg=0.0,
    )
    return place_camera(setup, facing, np.array([0.0, 0.3, 0.7]), -0.225)


CAMERAS = st.builds(
    camera_of,
    k1=st.floats(-0.3, 0.3),
    roll_deg=st.floats(-20.0, 20.0),
    azimuth_deg=st.floats(-25.0, 25.0),
    facing=st.sampled_from([Facing.LEFT, Facing.RIGHT]),
)


def fine_radii(camera: Camera, centre: FloatArray) -> FloatArray:
    """Distance from the centre, on its plane, of FINE x FINE points in every pixel."""
    steps = (np.arange(FINE) + 0.5) / FINE - 0.5
    columns = (np.arange(camera.width_px)[:, None] + steps).ravel()
    rows = (np.arange(camera.height_px)[:, None] + steps).ravel()
    rays = camera.rays(np.stack(np.meshgrid(columns, rows), axis=-1))
    reach = (centre[2] - camera.place[2]) / rays[..., 2]
    points = camera.place[:2] + reach[..., None] * rays[..., :2]
    from_x, from_y = points[..., 0] - camera.mirror * centre[0], points[..., 1] - centre[1]
    return np.asarray(np.hypot(from_x, from_y))


def coarse(fine: FloatArray) -> FloatArray:
    """Mean over each pixel."""
    height, width = (size // FINE for size in fine.shape)
    return np.asarray(fine.reshape(height, FINE, width, FINE).mean(axis=(1, 3)))


@settings(max_examples=60, deadline=None)
@given(camera=CAMERAS, x=st.floats(-0.4, 0.4), y=st.floats(0.0, 0.6), z=st.floats(-0.5, 0.8))
def test_a_pixel_is_seen_where_its_point_was(camera: Camera, x: float, y: float, z: float) -> None:
    x_px, y_px = camera.project(np.array([x, y, z]))
    seen_x, seen_y = plane_point(camera.packed, x_px, y_px, z)
    assert seen_x == pytest.approx(camera.mirror * x, abs=1e-9)
    assert seen_y == pytest.approx(y, abs=1e-9)


@settings(max_examples=4, deadline=None)
@given(camera=CAMERAS, x=st.floats(-0.5, 0.5), y=st.floats(-0.1, 0.7))
def test_rings_cover_pixels_by_area(camera: Camera, x: float, y: float) -> None:
    centre = np.array([x, y, 0.7])
    image = np.full((camera.height_px, camera.width_px), GROUND, np.float32)
    paint_rings(image, camera.packed, camera.mirror * x, y, 0.7, RADII_M, LEVELS, 8)
    radii = fine_radii(camera, centre)
    index = np.searchsorted(RADII_M, radii)
    expected = coarse(np.append(LEVELS, GROUND)[index])
    assert np.max(np.abs(image - expected)) < 8.0  # what 12 x 12 points can tell of an edge
    assert abs(float(np.mean(image - expected))) < 0.005


@settings(max_examples=3, deadline=None)
@given(camera=CAMERAS, turn_rad=st.floats(-7.0, 7.0))
def test_a_plain_plate_is_a_disc_however_it_has_turned(camera: Camera, turn_rad: float) -> None:
    image = np.full((camera.height_px, camera.width_px), GROUND, np.float32)
    face = np.full((64, 64), 40.0, np.float32)
    paint_plate(image, camera.packed, 0.0, 0.3, 0.7, 0.2, turn_rad, face, np.zeros(8))
    inside = fine_radii(camera, np.array([0.0, 0.3, 0.7])) < 0.2
    expected = coarse(np.where(inside, 40.0, GROUND))
    assert np.max(np.abs(image - expected)) < 6.0


@settings(max_examples=20, deadline=None)
@given(
    ends=st.lists(st.floats(-30.0, 90.0), min_size=4, max_size=4),
    radii=st.lists(st.floats(2.0, 20.0), min_size=2, max_size=2),
    cut=st.booleans(),
)
def test_a_limb_covers_what_is_near_its_line(
    ends: list[float], radii: list[float], cut: bool
) -> None:
    """Pixels well inside are painted, pixels well outside are left alone."""
    ax, ay, bx, by = ends
    ar, br = radii
    image = np.full((60, 70), -1.0, np.float32)
    paint_limb(image, ax, ay, ar, bx, by, br, cut, 100.0)
    down, across = np.mgrid[0:60, 0:70].astype(np.float64)
    share = np.linspace(0.0, 1.0, 400)
    line_x, line_y, radius = ax + share * (bx - ax), ay + share * (by - ay), ar + share * (br - ar)
    away = np.hypot(across[..., None] - line_x, down[..., None] - line_y)
    nearest = np.argmin(away, axis=-1)
    inside_px = radius[nearest] - np.take_along_axis(away, nearest[..., None], -1)[..., 0]
    if cut:
        length = max(float(np.hypot(bx - ax, by - ay)), 1e-6)
        ahead = ((across - ax) * (bx - ax) + (down - ay) * (by - ay)) / length
        inside_px = np.minimum(inside_px, ahead)
    assert np.all(image[inside_px > 1.0] > 30.0)
    assert np.all(image[inside_px < -1.0] == -1.0)


def test_the_sensor_has_the_noise_it_is_said_to_have() -> None:
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(1 << 18).astype(np.float32)
    starts = rng.integers(0, noise.size - 400, 300)
    image = np.full((300, 400), 100.0, np.float32)
    luma = np.empty(image.shape, np.uint8)
    expose(image, noise, starts, 1.0, 0.0, 2.0, 0.3, luma)
    assert np.mean(luma) == pytest.approx(100.0, abs=0.05)
    assert np.std(luma) == pytest.approx(np.sqrt(2.0**2 + 0.3**2 * 100.0 + 1.0 / 12.0), rel=0.02)


def test_the_sensor_saturates_and_tilts_as_told() -> None:
    noise = np.zeros(1000, np.float32)
    image = np.tile(np.array([-5.0, 100.0, 100.0, 300.0], np.float32), (2, 1))
    luma = np.empty(image.shape, np.uint8)
    expose(image, noise, np.zeros(2, np.int64), 1.0, 0.4, 5.0, 0.0, luma)
    assert np.array_equal(luma, [[0, 90, 100, 255]] * 2)
