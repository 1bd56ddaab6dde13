"""What each check says of a mount, the figures it stands on, and the one verdict of them all."""

import re
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mounting_material import LENS, RIG, scene, seen

from shinline.app.mounting import budget, checks
from shinline.app.mounting.assess import Progress, assess, level
from shinline.app.mounting.checks import TABLE
from shinline.app.mounting.scene import Grey, Scene
from shinline.app.words import codes, tell, with_words
from shinline.config import Coach, Config, Lifter, Marker, Rig
from shinline.types import Facing, Role
from shinline.wire.mount import Check, Level, Mount, Step

ORDER = "marker level distance height angle view blur light body lens calibration"


def check(scene: Scene, code: str) -> Check:
    return next(one for one in assess(scene).checks if one.code == code)


def test_a_good_mount_is_ready() -> None:
    mount = assess(scene())
    assert {one.code: one.state for one in mount.checks} == dict.fromkeys(ORDER.split(), "good")
    assert (mount.verdict, mount.headline, mount.reasons) == ("ready", "Ready.", ())


def test_all_checks_are_always_there_in_the_same_order() -> None:
    for one in (scene(), scene(markers={}), scene(lens=None, rig=None, grey=None, exposure_us=0)):
        assert " ".join(found.code for found in assess(one).checks) == ORDER
    assert [row.code for row in TABLE] == ORDER.split()


def test_without_a_marker_it_is_not_ready_and_says_what_to_do() -> None:
    mount = assess(scene(markers={}))
    assert mount.verdict == "not_ready"
    assert mount.headline == "Not ready. No marker is seen."
    assert mount.ghost is None
    assert "printed ring" in check(scene(markers={}), "marker").text
    plate = scene(markers={}, config=Config(marker=Marker(kind="plate")))
    assert "No plate's rim is seen." in assess(plate).headline


def test_an_uncalibrated_camera_is_usable_and_never_claims_to_be_level() -> None:
    mount = assess(scene(rig=None))
    assert mount.verdict == "usable"
    assert mount.headline == "Usable. It is not known how level the camera stands."
    assert mount.level == Level()
    told = check(scene(rig=None), "level")
    assert (told.state, told.value) == ("unknown", None)
    assert "string step" in told.text
    turned = scene(changed=("roll",))
    assert assess(turned).level == Level()
    assert check(turned, "level").state == "unknown"
    assert level(scene()) == Level(roll_deg=0.4, roll_sd_deg=0.1, pitch_deg=0.0, known=True)
    assert level(scene(lens=None)).pitch_deg is None


@pytest.mark.parametrize(
    ("sd_deg", "roll_deg", "state"),
    [(0.25, 2.0, "good"), (0.26, 0.0, "fair"), (0.1, -2.1, "fair"), (2.6, 0.0, "bad"),
     (0.1, 10.1, "bad")],
)  # fmt: skip
def test_a_lean_is_judged_by_how_well_it_is_known(
    sd_deg: float, roll_deg: float, state: str
) -> None:
    told = check(scene(rig=Rig(roll_deg=roll_deg, roll_sd_deg=sd_deg)), "level")
    assert (told.state, told.value, told.sd) == (state, roll_deg, sd_deg)
    assert told.error_mm == pytest.approx(budget.lean(0.5511, sd_deg), abs=0.051)


def test_a_bar_that_lies_nearer_leaves_the_level_alone() -> None:
    nearer = scene(stale=("rest",), changed=("distance",), moved="The bar's end is 5 % nearer.")
    assert check(nearer, "level").state == "good"
    assert check(nearer, "calibration").state == "fair"
    since_yesterday = scene(stale=("rest",))
    assert check(since_yesterday, "level").state == "unknown"


def test_the_figures_are_those_of_the_error_budget() -> None:
    """The examples of the published budget of a single camera, over 0.55 m."""
    assert budget.lean(0.55, 1.0) == pytest.approx(9.6, abs=0.01)
    assert budget.put_down(0.55, 3.0) == pytest.approx(1.8, abs=0.05)
    assert budget.parallax(0.2, 3.0) == pytest.approx(0.67, abs=0.01)
    assert budget.squint(10.0) == pytest.approx(3.5 + 0.6, abs=0.05)
    assert budget.bend(0.55, -0.1, 0.3) == pytest.approx(5.0, abs=0.1)
    assert budget.scale(0.55, 0.004) == pytest.approx(2.2)
    assert budget.blur_px(4000.0, 0.001) == pytest.approx(8.0)  # 2 m/s, 1/250 s, a pixel a mm
    assert budget.marker(0.55, 0.003, 0.0, 0.0) == pytest.approx(550 * budget.RADIUS_REL_SD)
    assert budget.marker(0.0, 0.003, 0.1, None) == pytest.approx(0.3 * 2.0**0.5)
    assert budget.blurred(0.003, 0.01, 0.0) == pytest.approx(0.03)
    assert budget.blurred(0.003, 0.01, 10.0) > 1.9 * 0.03


def test_error_figures_follow_the_lifter_and_the_mount() -> None:
    tall = Config(lifter=Lifter(stature_m=2.0))
    short = Config(lifter=Lifter(stature_m=1.5))
    for code in ("level", "distance", "calibration"):
        more, less = (check(scene(config=one), code).error_mm for one in (tall, short))
        assert more is not None
        assert less is not None
        assert more > less
    wide = check(scene(lens=msgspec.structs.replace(LENS, k1_sd=0.2)), "lens")
    assert wide.error_mm is not None
    assert wide.error_mm > 0.5


@pytest.mark.parametrize(
    ("r_px", "state"), [(12.0, "good"), (11.9, "fair"), (6.0, "fair"), (5.9, "bad")]
)
def test_a_marker_is_judged_by_its_size(r_px: float, state: str) -> None:
    told = check(scene(seen(r_px=r_px)), "marker")
    assert (told.state, told.value, told.unit) == (state, round(2.0 * r_px, 1), "px")
    assert ("Come nearer" in told.text) is (state != "good")


def test_a_marker_that_comes_and_goes_is_told() -> None:
    assert check(scene(seen(share=0.9)), "marker").state == "fair"
    told = check(scene(seen(share=0.3)), "marker")
    assert (told.state, "30 % of the pictures" in told.text) == ("bad", True)
    tiny = check(scene(seen(share=0.9, r_px=4.0)), "marker")
    assert (tiny.state, "Only 8 pixels" in tiny.text) == ("bad", True)


def test_distance_comes_from_the_size_of_the_marker_and_the_lens() -> None:
    told = check(scene(rig=None), "distance")  # 1300 px x 0.08 m / 26 px
    assert (told.state, told.value, told.unit) == ("good", 4.0, "m")
    assert told.sd is not None
    unsure = check(
        scene(rig=None, lens=msgspec.structs.replace(LENS, focal_rel_sd=0.05)), "distance"
    )
    assert unsure.sd == pytest.approx(0.2, abs=0.01)
    assert check(scene(lens=None), "distance").state == "unknown"
    assert "0.5 m back" in check(scene(seen(r_px=26.0), rig=None), "distance").text
    assert "2.7 m nearer" in check(scene(seen(r_px=6.0), rig=None), "distance").text


def test_height_is_known_from_a_calibration_only() -> None:
    assert check(scene(rig=None), "height").state == "unknown"
    told = check(scene(), "height")
    assert told.value == pytest.approx(0.225 + 4.0 * 130.5 / 1300.0, abs=0.02)
    low = scene(rig=msgspec.structs.replace(RIG, pitch_deg=9.0))
    assert "Raise it" in check(low, "height").text


def test_the_angle_is_what_a_circle_tells_until_it_is_calibrated() -> None:
    bare = check(scene(seen(axis_ratio=0.94), rig=None), "angle")
    assert (bare.state, "to which side" in bare.text) == ("fair", True)
    assert bare.value == pytest.approx(19.9, abs=0.1)
    nearly = check(scene(seen(axis_ratio=0.996), rig=None), "angle")
    assert nearly.sd is not None
    assert nearly.value is not None
    assert nearly.sd > 0.7 * nearly.value  # next to a square view it hardly tells
    known = check(scene(seen(axis_ratio=0.94)), "angle")
    assert (known.state, known.value) == ("good", 0.0)
    aside = check(scene(rig=msgspec.structs.replace(RIG, azimuth_deg=14.0)), "angle")
    assert (aside.state, "to the left" in aside.text) == ("fair", True)


@pytest.mark.parametrize(
    ("y_px", "state", "words"),
    [
        (490.0, "good", "stays in the picture"),
        (640.0, "fair", "Tilt the camera down a little, by"),
        (705.0, "bad", "Tilt the camera down"),
        (255.0, "fair", "Tilt the camera up"),
        (150.0, "bad", "Tilt the camera up"),
    ],
)
def test_advice_on_the_view_says_which_way_and_how_far(y_px: float, state: str, words: str) -> None:
    told = check(scene(seen(y_px=y_px), rig=None), "view")
    assert told.state == state
    assert words in told.text
    if state != "good":
        assert re.search(r"by \d+ degrees", told.text)
        bare = check(scene(seen(y_px=y_px), rig=None, lens=None), "view")
        assert re.search(r"by \d+ % of the picture", bare.text)


def test_a_plate_too_large_for_the_picture_wants_the_camera_back() -> None:
    near = seen(r_px=40.0, y_px=600.0)
    assert re.search(r"Move the camera \d\.\d m back", check(scene(near, rig=None), "view").text)
    told = check(scene(near, rig=None, lens=None), "view").text
    assert re.search(r"Move the camera back, by \d+ % of its distance", told)
    aside = check(scene(seen(x_px=60.0), rig=None), "view")
    assert "Turn the camera to the left" in aside.text


def test_a_turn_as_advised_brings_the_plate_inside() -> None:
    """In pixels: what is over the edge, moved inside by as much, leaves nothing over."""
    told = check(scene(seen(y_px=640.0), rig=None, lens=None), "view").text
    percent = float(re.search(r"by (\d+) %", told).group(1))  # type: ignore[union-attr]
    again = scene(seen(y_px=640.0 - (percent + 0.5) / 100.0 * 720.0), rig=None, lens=None)
    assert check(again, "view").state == "good"


@pytest.mark.parametrize(
    ("exposure_us", "state"), [(1000, "good"), (10_000, "good"), (11_000, "fair"), (22_000, "bad")]
)
def test_blur_is_judged_against_the_marker(exposure_us: int, state: str) -> None:
    told = check(scene(exposure_us=exposure_us), "blur")
    assert told.state == state
    assert told.value == pytest.approx(2.0 * exposure_us * 1e-6 * 26.0 / 0.08, abs=0.05)
    assert ("add light" in told.text) is (state != "good")
    if state != "good":
        part = int(re.search(r"1/(\d+) s", told.text).group(1))  # type: ignore[union-attr]
        assert check(scene(exposure_us=1_000_000 // part), "blur").state == "good"


def test_an_exposure_that_nobody_tells_is_not_known() -> None:
    told = check(scene(exposure_us=0), "blur")
    assert (told.state, told.value, told.error_mm) == ("unknown", None, None)
    assert assess(scene(exposure_us=0)).verdict == "ready"


def test_light_is_judged_by_contrast_burnt_paper_and_flicker() -> None:
    def light(**more: Any) -> Check:
        return check(scene(**more), "light")

    assert light(grey=Grey(90.0, 20.0, 0.0)).state == "good"
    assert light(grey=Grey(70.0, 20.0, 0.0)).state == "fair"
    assert light(grey=Grey(40.0, 20.0, 0.0)).state == "bad"
    burnt = light(grey=Grey(255.0, 30.0, 1.0))
    assert (burnt.state, "burnt out" in burnt.text) == ("fair", True)
    flicker = light(bar=seen(contrast_rel_sd=0.08))
    assert (flicker.state, "8 %" in flicker.text) == ("fair", True)
    dark_and_flickering = light(bar=seen(contrast_rel_sd=0.08), grey=Grey(30.0, 20.0, 0.0))
    assert "Add light" in dark_and_flickering.text


def test_no_body_markers_are_no_flaw_but_half_of_them_are() -> None:
    bar, hip = seen(), seen(Role.HIP)
    none = scene(markers={Role.BAR: bar})
    assert (check(none, "body").state, assess(none).verdict) == ("unknown", "ready")
    assert check(scene(markers={Role.BAR: bar, Role.HIP: hip}), "body").state == "fair"
    assert "ankle" in check(scene(), "body").text
    assert "hides" not in check(scene(facing=Facing.UNKNOWN), "body").text


def test_the_lens_is_told_from_a_data_sheet_or_a_chart() -> None:
    assert "Calibrated" in check(scene(), "lens").text
    nominal = msgspec.structs.replace(LENS, focal_rel_sd=0.03, k1_sd=0.2)
    assert "data sheet" in check(scene(lens=nominal), "lens").text
    assert check(scene(lens=None), "lens").state == "fair"


def test_the_calibration_says_whether_it_is_in_force_and_why_not() -> None:
    named = scene(rig=msgspec.structs.replace(RIG, name="imx296 of 3 May"))
    assert check(named, "calibration").text.startswith("In force: imx296 of 3 May")
    refused = scene(rig=None, rig_problem="it belongs to another resolution")
    told = check(refused, "calibration")
    assert (told.state, "it belongs to another resolution" in told.text) == ("fair", True)
    moved = scene(
        stale=("rest", "plumb"), changed=("roll",), moved="The picture has turned by 0.8 degrees."
    )
    told = check(moved, "calibration")
    assert told.text == ("The picture has turned by 0.8 degrees. Calibrate again what has moved.")
    assert "The camera has moved." in assess(moved).reasons
    unknown = check(scene(rig=None, moved="The bar lies 20 mm lower than before."), "calibration")
    assert "20 mm lower" in unknown.text


def test_the_worst_comes_first_and_of_equals_the_costlier() -> None:
    mount = assess(scene(seen(r_px=5.0), rig=None, lens=None))
    assert mount.verdict == "not_ready"
    assert mount.headline.startswith("Not ready. The marker is only 10 pixels")
    assert mount.reasons[0].startswith("The marker is only")
    assert mount.reasons[1].startswith("It is not known how level")
    usable = assess(scene(rig=None, lens=None))
    assert [reason.split()[0] for reason in usable.reasons] == ["It", "No", "The"]


def test_markers_are_listed_with_what_they_are_worth() -> None:
    markers = assess(scene()).markers
    assert [one.role for one in markers] == ["bar", "hip", "shoulder"]
    assert markers[0].error_mm == check(scene(), "marker").error_mm
    assert all(one.error_mm is not None and one.error_mm > 0.0 for one in markers)


def test_steps_and_problems_of_the_calibrator_pass_through() -> None:
    step = Step(id="rest", state="active", title="Bar on the floor", text="Wait", progress=0.5)
    mount = assess(scene(stale=("roll",)), Progress((step,), True, "the string swings"))
    assert (mount.steps, mount.step_ready, mount.problem) == ((step,), True, "the string swings")
    assert mount.stale == ("roll",)


def test_every_message_survives_its_own_encoding() -> None:
    for one in (scene(), scene(markers={}), scene(rig=None, lens=None)):
        mount = assess(one)
        assert msgspec.json.decode(msgspec.json.encode(mount), type=Mount) == mount


def test_a_number_that_is_none_is_bad_and_not_good() -> None:
    for row in (check(scene(seen(axis_ratio=nan), rig=None), "angle"),):
        assert row.state != "good"
    assert check(scene(grey=Grey(nan, nan, nan)), "light").state == "bad"


def test_texts_are_sentences_for_a_lifter() -> None:
    scenes = [
        scene(),
        scene(markers={}),
        scene(rig=None, lens=None),
        scene(seen(r_px=5.0, share=0.4, axis_ratio=0.8, y_px=700.0), exposure_us=30_000),
        replace(scene(), stale=("roll",), moved="The picture has turned by 1.0 degrees."),
    ]
    for one in scenes:
        mount = assess(one)
        for text in (mount.headline, *mount.reasons, *(found.text for found in mount.checks)):
            assert text[0].isupper() or text[0].isdigit()
            assert text.endswith(".")
            assert "nan" not in text
            assert "  " not in text


SCENES = [
    scene(),
    scene(markers={}),
    scene(markers={}, config=Config(marker=Marker(kind="plate"))),
    scene(rig=None, lens=None, rig_problem="it is another's"),
    scene(seen(r_px=5.0, share=0.4, axis_ratio=0.8, y_px=700.0), exposure_us=30_000),
    scene(seen(contrast_rel_sd=0.08), grey=Grey(255.0, 30.0, 1.0), changed=("roll",)),
    scene(rig=Rig(roll_deg=3.0, roll_sd_deg=0.1), lens=None, exposure_us=0),
]


@pytest.mark.parametrize("language", ["de", "es"])
def test_in_another_language_no_sentence_is_english(language: Any) -> None:
    """Each is another's words with the same figures, and says so with its key to any page."""
    words = with_words(Config(coach=Coach(language=language))).words
    for english in SCENES:
        other = replace(english, config=msgspec.structs.replace(english.config, words=words))
        ours, theirs = assess(other), assess(english)
        pairs = [(ours.headline, theirs.headline), *zip(ours.reasons, theirs.reasons, strict=True)]
        for mine, yours in zip(ours.checks, theirs.checks, strict=True):
            pairs += [(mine.title, yours.title), (mine.text, yours.text)]
            assert (mine.said, mine.text) == (yours.said, tell(mine.said, words))
        pairs += [(m.text, y.text) for m, y in zip(ours.markers, theirs.markers, strict=True)]
        pairs += [(m.text, y.text) for m, y in zip(ours.zones, theirs.zones, strict=True)]
        for mine_text, english_text in pairs:
            assert mine_text != english_text
            assert sorted(re.findall(r"\d+", mine_text)) == sorted(re.findall(r"\d+", english_text))
            assert "{" not in mine_text


def test_no_sentence_of_the_checks_is_translated_for_nobody() -> None:
    """A key that no code makes would be translated for nobody."""
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(checks.__file__).parent.glob("*.py")
    )
    stems = [key.removeprefix("check.") for key in codes() if key.startswith("check.")]
    made = ("title_", "role_", "wide_", "plate_hides_", "arm_hides_", "rim_", "marker_",
            "tilt_", "turn_", "ready", "usable", "not_ready")  # fmt: skip
    unused = [stem for stem in stems if f'"{stem}"' not in source and not stem.startswith(made)]
    assert unused == []
