"""The fit's camera is the core's camera, for many rays at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig_scene import LENS, mount
from rig_twins import outline_by_points

from shinline.geometry.plane import plane_at
from shinline_cal.rigging import optics, world
from shinline_cal.rigging.optics import camera, project, rays, view_of

ANGLES = st.tuples(st.floats(-10, 10), st.floats(-10, 10), st.floats(-25, 25))
LENS_OFF = st.tuples(
    st.floats(-0.05, 0.05), st.floats(-30, 30), st.floats(-30, 30), st.floats(-0.05, 0.05)
)
PIXELS = st.tuples(st.floats(0, 2303), st.floats(0, 1295))


@given(ANGLES, LENS_OFF, PIXELS)
def test_rays_and_pixels_are_those_of_the_core(angles, lens_off, pixel) -> None:
    values = np.array([*angles, *lens_off])
    view = view_of(LENS, values)
    ray = rays(view.lens, np.array(pixel))
    assert ray[:2] == pytest.approx(view.lens.ray_from_image(*pixel), abs=1e-9)
    assert project(view.lens, 3.0 * ray) == pytest.approx(pixel, abs=1e-6)
    assert camera(LENS, values).up == pytest.approx(view.up, abs=1e-12)


@given(ANGLES, PIXELS, PIXELS)
def test_metres_are_those_of_the_core_s_plane(angles, origin, pixel) -> None:
    values = np.array([*angles, 0.0, 0.0, 0.0, 0.0])
    see = camera(LENS, values)
    bar = optics.placed(see, *origin, 20.0, 0.04)
    plane = plane_at(view_of(LENS, values), *origin, 20.0, 0.04)
    theirs = np.subtract(plane.plane_from_image(*pixel), plane.plane_from_image(*origin))
    ours = optics.on_plane(see, bar, np.array(pixel))
    assert ours == pytest.approx(theirs, abs=1e-6)


@given(ANGLES, st.floats(-0.5, 0.5), st.floats(-0.3, 0.5), st.floats(-0.3, 0.3))
def test_a_small_disc_is_seen_as_its_outline_is(angles, x, y, turn) -> None:
    here = mount(*angles)
    centre = np.array([x, y, 0.0])
    normal = world.facing(0.1 * turn, turn)
    first = np.cross([0.0, 1.0, 0.0], normal)
    first = first / np.linalg.norm(first)
    second = np.cross(normal, first)
    angle = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    radius = 0.002  # small: to first order
    ring = centre + radius * (np.outer(np.cos(angle), first) + np.outer(np.sin(angle), second))
    major, minor = outline_by_points(here.pixels(ring), here.pixels(centre))
    point = (centre - here.eye) @ here.see.axes
    right, up = first @ here.see.axes, second @ here.see.axes
    by_m, ratio = optics.disc(here.see.lens, point, right, up)
    assert radius * by_m == pytest.approx(major, rel=1e-4)
    assert ratio == pytest.approx(minor / major, abs=1e-4)
    mean, oval = optics.outline(here.see.lens, point, right, up)
    assert mean == pytest.approx(float(optics.mean_radius(by_m, ratio)), rel=1e-9)
    assert oval == pytest.approx(float(optics.ovalness(ratio)), abs=1e-9)


def test_the_mean_radius_does_not_jump_when_an_outline_is_taken_as_round() -> None:
    """A detector that sees no ovalness reports the radius with the mean inverse square."""
    oval = float(optics.mean_radius(np.array(20.0), np.array(0.99)))
    inverse = 0.5 * (1.0 / 20.0**2 + 1.0 / 19.8**2)
    assert float(optics.mean_radius(np.array(inverse**-0.5), np.array(1.0))) == pytest.approx(oval)


def test_a_lens_that_folds_over_is_known_by_its_slope() -> None:
    see = camera(LENS, np.zeros(7))
    far = np.linspace(0.0, 1.0, 50)
    assert optics.radial(see.lens, far).min() > 0.9
    folded = view_of(LENS, np.array([0, 0, 0, 0, 0, 0, -0.6])).lens
    assert optics.radial(folded, far).min() < 0.0
