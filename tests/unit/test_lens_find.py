"""Corners of the chart are found to a hundredth of a pixel, and a picture of no use is told why."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from lens_material import NARROW, WIDE, frontal, pose_of, studio

from shinline.types import FloatArray, U8Image
from shinline_cal.lens import find
from shinline_cal.lens.board import board, places_m
from shinline_cal.lens.find import Refusal, Trouble, View
from shinline_cal.lens.model import project
from shinline_cal.lens.render import Shot, Studio
from shinline_cal.lens.scenes import Camera

POSE = pose_of(0.42, (0.25, -0.2, 0.1))
PIXEL_SD = 1.0 / np.sqrt(12.0)
SHARP_PX = float(np.hypot(0.45, PIXEL_SD))


def truth(camera: Camera, pose: FloatArray, ids: FloatArray | list[int]) -> FloatArray:
    points = places_m()[ids] @ cv2.Rodrigues(pose[:3])[0].T + pose[3:]
    return project(camera.theta, points[:, :2] / points[:, 2:])


def seen(luma: U8Image) -> View:
    found = find.look(luma, "it")
    assert isinstance(found, View), found
    return found


def trouble(luma: U8Image) -> Refusal:
    found = find.look(luma)
    assert isinstance(found, Refusal)
    return found


@pytest.mark.parametrize("camera", [NARROW, WIDE], ids=["narrow", "wide"])
def test_corners_are_where_the_lens_draws_them(camera: Camera) -> None:
    found = seen(studio(camera).take(Shot(POSE, noise=3.0)))
    off = found.px - truth(camera, POSE, list(found.ids))
    assert len(found.ids) == 35
    assert np.sqrt((off**2).mean()) < 0.02
    assert np.abs(off.mean(axis=0)).max() < 0.005


def test_they_are_closer_to_it_than_those_of_opencv() -> None:
    luma = studio(NARROW).take(Shot(POSE, noise=3.0))
    px, ids, _, _ = cv2.aruco.CharucoDetector(board()).detectBoard(luma)
    peer = px.reshape(-1, 2) - truth(NARROW, POSE, ids.ravel())
    found = seen(luma)
    ours = found.px - truth(NARROW, POSE, list(found.ids))
    assert np.sqrt((ours**2).mean()) < 0.5 * np.sqrt((peer**2).mean())


@pytest.mark.parametrize(
    ("size_px", "focal_px", "noise", "blur_px"),
    [
        ((640, 480), 560.0, 1.0, 0.0),
        ((640, 480), 560.0, 10.0, 1.0),
        ((960, 540), 820.0, 10.0, 0.0),
        ((960, 540), 820.0, 1.0, 1.0),
        ((2304, 1296), 2000.0, 10.0, 0.0),
        ((2304, 1296), 2000.0, 1.0, 1.0),
    ],
)
def test_the_blur_is_measured_at_any_size_and_noise(
    size_px: tuple[int, int], focal_px: float, noise: float, blur_px: float
) -> None:
    middle = [(side - 1) / 2 for side in size_px]
    theta = np.array([focal_px, focal_px, *middle, 0.0, 0.0, 0.0, 0.0, 0.0])
    luma = Studio(theta, *size_px).take(Shot(POSE, blur_px=blur_px, noise=noise))
    assert seen(luma).blur_px == pytest.approx(np.hypot(SHARP_PX, blur_px), rel=0.1)


def test_smear_in_one_direction_is_blur() -> None:
    """An even smear is no bell curve: it counts as one that is as steep in the middle."""
    luma = studio(NARROW).take(Shot(pose_of(0.42), smear_px=(3.0, 0.0)))
    assert seen(luma).blur_px == pytest.approx(
        np.hypot(SHARP_PX, 3.0 / np.sqrt(2.0 * np.pi)), rel=0.1
    )


def _brightened(luma: U8Image) -> U8Image:
    return np.rint(255.0 * (luma / 255.0) ** (1 / 2.2)).astype(np.uint8)


def _sharpened(luma: U8Image) -> U8Image:
    plain = luma.astype(np.float32)
    halo = plain + 0.8 * (plain - cv2.GaussianBlur(plain, (0, 0), 1.2))
    return np.clip(np.rint(halo), 0, 255).astype(np.uint8)


def _shaded(luma: U8Image) -> U8Image:
    light = np.linspace(0.5, 1.0, luma.shape[1])
    return np.rint(luma * light).astype(np.uint8)


def _compressed(luma: U8Image) -> U8Image:
    data = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


@pytest.mark.parametrize("spoil", [_brightened, _sharpened, _shaded, _compressed])
def test_what_cameras_do_to_a_picture_moves_no_corner(spoil: Callable[[U8Image], U8Image]) -> None:
    """Nor where the chart hangs over the border: corners with half an arm missing are left out."""
    pose = pose_of(0.3, (0.2, 0.2, 0.0), (-0.4, -0.15))
    found = seen(spoil(studio(NARROW).take(Shot(pose, noise=1.0))))
    off = found.px - truth(NARROW, pose, list(found.ids))
    assert np.sqrt((off**2).mean()) < 0.03
    assert np.abs(off).max() < 0.15


def test_a_picture_whose_rows_are_padded_is_read() -> None:
    luma = frontal(NARROW)
    padded = np.zeros((luma.shape[0], luma.shape[1] + 64), np.uint8)
    padded[:, : luma.shape[1]] = luma
    assert seen(padded[:, : luma.shape[1]]) == seen(luma)


def test_a_chart_cut_by_the_border_is_used_as_far_as_it_is_seen() -> None:
    pose = pose_of(0.3, (0.2, 0.2, 0.0), (-0.45, -0.2))
    found = seen(studio(NARROW).take(Shot(pose)))
    assert 12 <= len(found.ids) < 35
    off = found.px - truth(NARROW, pose, list(found.ids))
    assert np.sqrt((off**2).mean()) < 0.03


def test_an_empty_room_is_told() -> None:
    luma = np.random.default_rng(0).integers(90, 150, (540, 960)).astype(np.uint8)
    refused = trouble(luma)
    assert refused.trouble is Trouble.UNSEEN
    assert "not seen" in refused.text


def test_a_mirrored_picture_is_told() -> None:
    refused = trouble(np.ascontiguousarray(frontal(NARROW)[:, ::-1]))
    assert refused.trouble is Trouble.MIRRORED
    assert "mirroring off" in refused.text


def test_an_upside_down_picture_is_none_the_worse() -> None:
    luma = frontal(NARROW)
    turned = seen(np.ascontiguousarray(luma[::-1, ::-1]))
    upright = seen(luma)
    assert turned.ids == upright.ids
    end = np.array(luma.shape[::-1]) - 1
    assert np.abs(end - turned.px - upright.px).max() < 0.01


def test_too_little_of_the_chart_is_told() -> None:
    refused = trouble(studio(NARROW).take(Shot(pose_of(0.3, aim=(-0.66, -0.36)))))
    assert refused.trouble is Trouble.FEW
    assert "of the chart's 35 corners" in refused.text


@pytest.mark.parametrize("changes", [{"blur_px": 2.0}, {"smear_px": (0.0, 7.0)}])
def test_a_blurred_picture_is_told_with_its_measure(changes: dict[str, float]) -> None:
    refused = trouble(frontal(NARROW, **changes))
    assert refused.trouble is Trouble.BLURRED
    assert "px wide (10 to 90 %), at most 3.8 px" in refused.text


def test_a_small_chart_must_be_sharper() -> None:
    far = Shot(pose_of(1.3, (0.2, 0.1, 0.0)), blur_px=1.25)
    near = Shot(pose_of(0.5, (0.2, 0.1, 0.0)), blur_px=1.25)
    assert trouble(studio(NARROW).take(far)).trouble in (Trouble.BLURRED, Trouble.UNSEEN)
    assert seen(studio(NARROW).take(near)).blur_px < find.BLUR_MAX_PX


def test_a_dark_picture_is_told() -> None:
    refused = trouble((frontal(NARROW, noise=1.0) * 0.12).astype(np.uint8))
    assert refused.trouble is Trouble.DIM
    assert "more light" in refused.text


def test_a_print_that_is_3_percent_small_has_corners_all_the_same() -> None:
    found = seen(studio(NARROW).take(Shot(POSE, scale=0.97)))
    assert len(found.ids) == 35
