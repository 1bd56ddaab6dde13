"""From sightings to how the camera stands: the numbers, and how sure they are."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from rig_scene import HERE, LENS, evidence, falling, hanging, mount, seen_from, solution
from rig_twins import pendulum_flat, roll_and_pitch_deg, vanishing_up

from shinline.config import Lens
from shinline.geometry.plane import plane_at
from shinline_cal.rigging import bundle, groups, observe, pendulum, world
from shinline_cal.rigging.evidence import Edge, ObservationError
from shinline_cal.rigging.optics import camera, cameras, project, rays
from shinline_cal.rigging.solve import priors, solve, ways
from shinline_cal.rigging.vertical import lean_by, lens_of


def _uprights(where: world.Mount, feet: np.ndarray) -> tuple[Edge, ...]:
    found = []
    for foot in feet:
        (x1, y1), (x2, y2) = where.pixels(np.stack([foot, foot + np.array([0.0, 0.9, 0.0])]))
        found.append(Edge(float(x1), float(y1), float(x2), float(y2), 0.05, 0.3))
    return tuple(found)


def test_a_calibration_finds_the_camera() -> None:
    found = solution()
    true = np.array([HERE.roll_deg, HERE.pitch_deg, HERE.azimuth_deg, 0.0, 0.0, 0.0, 0.0])
    sds = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.values - true) < 3.0 * sds).all()
    assert (sds[:3] < [0.08, 0.6, 1.5]).all()
    assert (sds[:3] > [0.02, 0.05, 0.3]).all()
    assert found.distance_m == pytest.approx(float(np.linalg.norm(HERE.eye)), rel=0.02)
    assert found.camera_height_m == pytest.approx(0.6 + 0.225, abs=0.08)
    assert found.roll_sd_deg < 0.25
    assert found.bundle.settled


def test_a_lift_is_straight_after_it_and_was_not_before() -> None:
    found, rest = solution(), evidence().rests[0]
    top = HERE.pixels(np.array([0.0, 0.55, 0.0]))
    plane = plane_at(found.view, rest.x_px, rest.y_px, rest.r_px, 0.04)
    start = plane.plane_from_image(rest.x_px, rest.y_px)
    x, y = np.subtract(plane.plane_from_image(*top), start)
    assert abs(x) < 0.0015
    assert y == pytest.approx(0.55, abs=0.005)
    before = (top[0] - rest.x_px) * 0.04 / rest.r_px
    assert abs(before) > 0.015


def test_the_spread_adds_up_to_the_covariance() -> None:
    spread = np.array(solution().spread)
    assert spread.T @ spread == pytest.approx(solution().covariance, rel=1e-6, abs=1e-12)
    sizes = [np.linalg.norm(w / np.sqrt(np.diag(solution().covariance))) for w in spread]
    assert sizes == sorted(sizes, reverse=True)


def test_ways_of_an_exactly_known_number_are_none() -> None:
    found = np.array(ways(np.diag([1.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0])))
    assert found.T @ found == pytest.approx(np.diag([1.0, 0, 4.0, 0, 0, 0, 0]), abs=1e-12)


def test_the_configuration_holds_what_was_found() -> None:
    rig = solution().to_config()
    assert rig.roll_deg == solution().roll_deg
    assert rig.pitch_deg == pytest.approx(float(solution().values[1]))
    assert len(rig.spread) == 7
    assert rig.rest.r_px == evidence().rests[0].r_px
    assert msgspec.json.decode(msgspec.json.encode(rig), type=type(rig)) == rig
    assert solution().lens.fx_px == pytest.approx(LENS.fx_px, rel=0.01)
    assert solution().lens.focal_rel_sd <= LENS.focal_rel_sd * 1.001


def test_without_anything_that_shows_the_vertical_nothing_is_solved() -> None:
    with pytest.raises(ObservationError, match="which way is down"):
        solve(replace(evidence(), plumbs=(), swings=()))
    with pytest.raises(ObservationError, match="lying still"):
        solve(replace(evidence(), rests=()))


def test_without_a_lens_the_roll_at_the_bar_is_told_and_nothing_else() -> None:
    level = mount(2.0, 0.5, 1.0, (0.05, 0.4, 3.4))
    found = solve(replace(seen_from(level, 1), lens=Lens(), rolls=()))
    assert found.roll_deg == pytest.approx(world.local_roll_deg(level), abs=3 * found.roll_sd_deg)
    assert 0.03 < found.roll_sd_deg < 0.6
    assert found.spread == ()
    rig = found.to_config()
    assert (rig.pitch_deg, rig.pitch_sd_deg, rig.azimuth_deg) == (0.0, 3.0, 0.0)
    assert found.lens == Lens()


def test_uprights_agree_with_the_vanishing_point_by_svd() -> None:
    """Exact edges and an exact lens: both ways end at the same vertical."""
    feet = np.array([[-0.9, -0.2, -0.5], [0.8, -0.2, -1.0], [0.2, -0.1, 0.0], [1.0, 0.0, 0.3]])
    edges = _uprights(HERE, feet)
    sure = msgspec.structs.replace(LENS, focal_rel_sd=1e-7, centre_sd_px=1e-4, k1_sd=1e-7)
    see = camera(LENS, np.zeros(7))
    ends = np.array([[[e.x1_px, e.y1_px], [e.x2_px, e.y2_px]] for e in edges])
    twin = roll_and_pitch_deg(vanishing_up(rays(see.lens, ends)))
    found = solve(replace(evidence(), lens=sure, edges=edges, plumbs=(), swings=(), rolls=()))
    assert twin == pytest.approx((HERE.roll_deg, HERE.pitch_deg), abs=1e-4)
    assert (found.values[0], found.values[1]) == pytest.approx(
        twin, abs=0.05
    )  # the marker's shape pulls a little


def test_a_pendulum_in_space_swings_as_one_integrated_step_by_step() -> None:
    see = cameras(LENS, np.zeros((1, 7)))
    rate = np.sqrt(9.81 / 0.8)
    t, angle = pendulum_flat(0.8, 0.25, 6.0, 9.81)
    amplitude = 0.25 * (1.0 + 0.25**2 / 192.0)
    own = np.array([0, 0, 3.0, 0.8, amplitude, 0, 0, rate, 0, 0, 0, 0, 0, 0.0])
    points = pendulum.points(see, own[None], t)[0] - own[:3]
    assert points @ see.right[0, 0] == pytest.approx(0.8 * np.sin(angle), abs=3e-5)
    assert points @ see.up[0, 0] == pytest.approx(0.8 * (1.0 - np.cos(angle)), abs=1e-5)


def test_the_string_s_length_comes_out_of_the_swing_and_gravity_with_it() -> None:
    part = next(p for p in solution().bundle.parts if p.name == "swing 1")
    length, rate = part.own[3], part.own[7]
    assert length == pytest.approx(0.8, rel=0.01)
    assert length * rate**2 == pytest.approx(9.81, rel=0.012)
    assert 0.0005 < part.own_sd(3, solution().covariance) / length < 0.01


def test_a_misfit_is_in_pixels_of_the_places_and_of_nothing_else() -> None:
    found = solution()
    given = found.evidence
    see = cameras(lens_of(given), found.bundle.values[None])
    parts = {part.name: part for part in found.bundle.parts}
    swing = given.swings[0]
    x, y = project(see.lens, pendulum.points(see, parts["swing 1"].own[None], swing.t_s))[0].T
    far_px = np.hypot(x - swing.x_px, y - swing.y_px)
    assert found.residuals_px()["swing 1"] == pytest.approx(np.sqrt(np.mean(far_px**2)), rel=1e-6)
    hung = parts["plumb 1"].residuals[: 2 * len(given.plumbs[0].places)].reshape(-1, 2)
    sds = np.array([place.sd_px for place in given.plumbs[0].places])
    twin = np.sqrt(np.mean(((hung * sds[:, None]) ** 2).sum(axis=1)))
    assert found.residuals_px()["plumb 1"] == pytest.approx(twin, rel=1e-9)
    assert set(found.residuals_px()) == {"plumb 1", "swing 1", "roll 1"}


def test_a_fall_shows_the_vertical_and_gravity() -> None:
    falls = (observe.fall(falling(HERE)),)
    found = solve(replace(evidence(), falls=falls, swings=()))
    part = next(p for p in found.bundle.parts if p.name == "fall 1")
    assert part.own[6] == pytest.approx(9.81, rel=0.02)
    assert found.values[0] == pytest.approx(HERE.roll_deg, abs=0.2)


def test_leaving_one_observation_out_is_as_solving_without_it() -> None:
    """To first order: the shortcut against the long way."""
    found = solution()
    part = next(p for p in found.bundle.parts if p.name == "plumb 1")
    values, covariance = found.bundle.without(part)
    direct = solve(replace(evidence(), plumbs=()))
    sds = np.sqrt(np.diag(direct.covariance))
    assert np.abs(values - direct.values)[:3] == pytest.approx(np.zeros(3), abs=0.3 * sds.max())
    assert np.sqrt(np.diag(covariance))[:3] == pytest.approx(sds[:3], rel=0.25)


def test_one_source_alone_leaves_the_vertical_unsure() -> None:
    """It may be wrong by anything, and nothing would show it."""
    assert solve(replace(evidence(), swings=(), rolls=())).roll_sd_deg > 0.25


def test_the_covariance_of_a_plumb_line_is_what_chance_does() -> None:
    """Monte Carlo over what the model believes: noise, lean, nod and turn, each drawn anew."""
    rng = np.random.default_rng(5)
    sure = msgspec.structs.replace(LENS, focal_rel_sd=1e-7, centre_sd_px=1e-4, k1_sd=1e-7)
    given = replace(evidence(), lens=sure)
    sds = priors(sure)
    sds[1], sds[2] = 0.02, 0.02  # pitch and azimuth as good as known: the roll is looked at
    prior = np.array([0.0, HERE.pitch_deg, HERE.azimuth_deg, 0, 0, 0, 0])
    pulls = []
    for seed in range(40):
        lean = rng.normal(0.0, groups.STRING_LEAN_SD, 2)
        plumb = observe.plumb(hanging(HERE, seed, lean=(float(lean[0]), float(lean[1]))))
        group = groups.PlumbGroup("plumb 1", plumb, 0.04)
        found = bundle.fit(sure, [group], prior, sds, prior)
        pulls.append((found.values[0] - HERE.roll_deg) / np.sqrt(found.covariance[0, 0]))
    assert lens_of(given) == sure
    assert 0.7 < np.sqrt(np.mean(np.square(pulls))) < 1.35  # 40 draws: one sd is 11 %


def test_the_vertical_at_the_bar_moves_one_degree_with_one_degree_of_roll() -> None:
    by = lean_by(evidence(), LENS, solution().values)
    assert by[0] == pytest.approx(-1.0, abs=0.05)
    assert abs(by[2]) < 0.05  # azimuth leans no vertical
