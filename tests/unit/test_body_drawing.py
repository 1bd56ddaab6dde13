"""What a lifter sees of how the outline was followed: believable at a glance, or plainly not."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from shinline.app.analyze import Analysis
from shinline.app.body_drawing import (
    Back,
    HipTrail,
    draw_sight,
    hip_path,
    is_weak,
    sight_words,
)
from shinline.app.hip_pictures import TALL_PX, explain_hips
from shinline.app.mounting.preview import encode
from shinline.app.overlay import shown, words, write_overlay
from shinline.config import Config
from shinline.sources.video import VideoFile
from shinline.types import DETECTION, NS_PER_S, BodySight, FloatArray, Role, Rows

BACK_PX = np.linspace([40.0, 80.0], [100.0, 40.0], 9)
PATCHES_PX = np.array([[50.0, 60.0], [70.0, 50.0], [60.0, 80.0]])
CONFIG = Config()


def seen(
    t_ns: int = 1000, *, sd_rad: float = 0.005, holds: bool = True, up: float = 0
) -> BodySight:
    """Return a sight ``up`` pixels above where it was at lift-off, at 1000 ns."""
    risen = np.array([0.0, up])
    return BodySight(
        t_ns,
        1000,
        PATCHES_PX - risen,
        BACK_PX - risen,
        hip_rise_px=up,
        bar_rise_px=2.0 * up,
        flatter_rad=np.radians(3.0),
        sd_rad=sd_rad,
        holds=holds,
    )


def drawn(sight: BodySight, *, weak: bool) -> np.ndarray:
    picture = np.full((120, 140, 3), 90, np.uint8)
    draw_sight(picture, sight, np.zeros((0, 2)), weak=weak, thick=1)
    return picture


def coloured(picture: np.ndarray) -> np.ndarray:
    return np.asarray(np.ptp(picture.astype(int), axis=2) > 40)


def test_patches_and_back_are_drawn_in_colour_where_they_are() -> None:
    colour = coloured(drawn(seen(), weak=False))
    for x, y in (*PATCHES_PX, *BACK_PX):
        assert colour[round(y), round(x)]
    assert not colour[:30].any()


def test_weak_evidence_is_grey_and_thinner() -> None:
    good, weak = drawn(seen(), weak=False), drawn(seen(), weak=True)
    assert not coloured(weak).any()
    changed = [(picture != 90).any(axis=2).sum() for picture in (weak, good)]
    assert 0 < changed[0] < changed[1]


@pytest.mark.parametrize(
    ("sight", "expected"),
    [(seen(), False), (seen(holds=False), True), (seen(sd_rad=np.radians(1.2)), True)],
)
def test_weak_is_what_the_coach_would_not_judge_by(sight: BodySight, expected: bool) -> None:
    assert is_weak(sight, CONFIG) is expected


def test_words_tell_the_turn_with_its_doubt_and_both_rises() -> None:
    assert sight_words(seen(up=40.0), 0.001, weak=False) == [
        "back 3.0 +- 1.2 deg flatter",
        "hip 40 mm, bar 80 mm up: hip/bar 0.50",
    ]
    steeper = replace(seen(), flatter_rad=np.radians(-2.0))
    assert sight_words(steeper, 0.001, weak=False) == ["back 2.0 +- 1.2 deg steeper"]
    assert sight_words(seen(up=40.0), 0.001, weak=True) == ["outline of the back: too unsure"]


def test_the_path_of_the_hip_is_that_of_its_own_pull_in_order_of_time() -> None:
    other = replace(seen(3000), since_ns=5)
    lost = seen(1100, holds=False)
    sights = [seen(3000, up=30.0), seen(500), lost, other, seen(2000, up=20.0)]
    path = hip_path(sights, seen(2000, up=20.0))
    assert path.tolist() == [[40.0, 80.0], [40.0, 60.0]]


# --- live -------------------------------------------------------------------------------------


def rows(t_ns: int, y_px: float, first: bool = False) -> Rows:
    found = np.zeros(3, DETECTION)
    found["t_ns"], found["y_px"], found["x_px"] = t_ns, y_px, 40.0
    found["role"] = (Role.HIP_OUTLINE, Role.SHOULDER_OUTLINE, Role.BACK_LINE)
    found["axis_ratio"] = 0.0 if first else 0.01
    return found


def trail_of(*looks: Rows) -> HipTrail:
    trail = HipTrail()
    for look in looks:
        trail.take(look)
    return trail


def path_of(trail: HipTrail, sight: BodySight) -> FloatArray:
    (back,) = trail.back((sight,), sight.t_ns, CONFIG)
    return back.path_px


def test_the_trail_sorts_what_was_found_later_and_forgets_the_last_pull() -> None:
    first = np.concatenate([rows(1500, 70.0), rows(1000, 80.0, first=True), rows(1200, 75.0)])
    trail = trail_of(first, rows(800, 81.0))
    assert path_of(trail, seen(1500))[:, 1].tolist() == [81.0, 80.0, 75.0, 70.0]
    trail.take(np.concatenate([rows(9500, 60.0), rows(9000, 82.0, first=True)]))
    assert path_of(trail, seen(9500))[:, 1].tolist() == [82.0, 60.0]


def test_a_picture_that_was_not_looked_at_shows_nothing_old() -> None:
    trail = trail_of(rows(1000, 80.0, first=True))
    assert trail.back((), 1000, CONFIG) == ()
    assert trail.back((seen(),), 1000 + NS_PER_S, CONFIG) == ()


def test_the_preview_shows_the_back_where_it_is_in_the_small_picture() -> None:
    far = replace(seen(), back_px=10.0 * BACK_PX, patches_px=10.0 * PATCHES_PX)
    back = Back(far, np.array([[400.0, 900.0], [400.0, 800.0]]), weak=False)
    grey = np.full((1088, 1456), 90, np.uint8)
    picture = cv2.imdecode(np.frombuffer(encode(grey, (back,)), np.uint8), cv2.IMREAD_COLOR)
    share = picture.shape[1] / 1456
    for x, y in far.back_px:
        assert coloured(picture)[round(y * share), round(x * share)]


# --- a recording ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "grey.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 30.0, (160, 120))
    for _ in range(12):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()
    return path


def analysis(clip: Path, count: int) -> Analysis:
    """Return an analysis in which the first pictures show a trunk that leaves at the fourth."""
    result = Analysis(clip, CONFIG, 30.0, scale_m_per_px=0.002)
    times = [frame.t_ns for frame in VideoFile(clip).frames()][:count]
    for n, t_ns in enumerate(times):
        sight = replace(seen(t_ns, up=10.0 * max(0, n - 3)), since_ns=times[3])
        result.sights[t_ns] = sight
    return result


def test_each_pull_is_explained_in_three_pictures(clip: Path, tmp_path: Path) -> None:
    found = analysis(clip, 8)
    (path,) = explain_hips(found, tmp_path / "out", lambda *_: None)
    assert path.name == "grey-hips-1.png"
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape[0] > TALL_PX
    for panel in np.array_split(picture[:TALL_PX], 3, axis=1):
        assert coloured(panel).any()


def test_where_nothing_was_followed_nothing_is_explained(clip: Path, tmp_path: Path) -> None:
    assert explain_hips(analysis(clip, 0), tmp_path, lambda *_: None) == []


def test_the_overlay_draws_each_picture_with_what_was_seen_in_it(
    clip: Path, tmp_path: Path
) -> None:
    write_overlay(analysis(clip, 8), tmp_path / "tracked.mp4", lambda *_: None)
    kept = cv2.VideoCapture(str(tmp_path / "tracked.mp4"))
    has_colour = [bool(coloured(kept.read()[1]).any()) for _ in range(12)]
    kept.release()
    assert has_colour == [True] * 8 + [False] * 4


def test_the_words_in_the_overlay_are_those_of_the_picture(clip: Path) -> None:
    found = analysis(clip, 8)
    t_ns = max(found.sights)
    assert words(t_ns / NS_PER_S, None, found)[1:] == [
        "back 3.0 +- 1.2 deg flatter",
        "hip 80 mm, bar 160 mm up: hip/bar 0.50",
    ]


def test_between_two_pictures_of_a_pull_the_one_before_is_shown() -> None:
    t_ns, step_ns = 10 * NS_PER_S, NS_PER_S // 30
    sights = {t_ns + n * step_ns: seen(t_ns + n * step_ns) for n in (0, 2)}
    assert shown(sights, t_ns) is sights[t_ns]
    assert shown(sights, t_ns + step_ns) is sights[t_ns]
    assert shown(sights, t_ns + 3 * step_ns) is None
    assert shown(sights, t_ns - step_ns) is None
