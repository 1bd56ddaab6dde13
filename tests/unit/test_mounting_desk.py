"""The desk: what it answers, when it speaks, and that it is quiet when nobody asks."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from mounting_desk import Bench, Script
from mounting_material import LENS, RIG, seen

from shinline.app.mounting.desk import EVERY_NS, NOT_INSTALLED, ON_S
from shinline.config import Config, Rig
from shinline.types import CameraEvent, Phase, PhaseEvent, Role

ON = '{"on": true}'
MOVED = CameraEvent(0, ("roll",), "The picture has turned by 0.8 degrees.")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.desk.close()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def guided(script: Script) -> Iterator[Bench]:
    made = Bench(script)
    yield made
    made.desk.close()


def test_it_says_once_how_the_camera_stands_and_is_quiet_then(bench: Bench) -> None:
    """A retained message of an earlier run must not outlive it."""
    bench.run(30.0)
    assert len(bench.line.mounts) == 1
    assert bench.line.pictures == []


def test_while_asked_for_it_shows_pictures_and_follows_changes(bench: Bench) -> None:
    bench.ask("preview", ON)
    for n in range(20):
        bench.run(0.5, seen(x_px=400.0 + 5.0 * n))
    assert bench.line.answers == [("preview", {"on": True, "for_s": ON_S})]
    assert 15 <= len(bench.line.mounts) <= 21
    spaced = [late - early for (early, _), (late, _) in pairwise(bench.line.mounts)]
    assert min(spaced) >= EVERY_NS
    bench.desk.close()
    assert 0 < len(bench.line.pictures) <= 51


def test_what_does_not_change_is_not_said_again(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(3.0)
    settled = len(bench.line.mounts)
    bench.run(20.0)
    assert len(bench.line.mounts) == settled


def test_a_page_that_was_closed_is_served_for_a_minute(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(ON_S - 1.0)
    bench.run(1.5, seen(x_px=300.0))
    spoken = len(bench.line.mounts)
    bench.run(5.0, seen(x_px=200.0))
    assert len(bench.line.mounts) == spoken
    bench.ask("preview", ON)
    bench.run(5.0, seen(x_px=100.0))
    assert len(bench.line.mounts) > spoken


def test_a_page_that_asks_again_is_served_on(bench: Bench) -> None:
    for n in range(6):
        bench.ask("preview", ON)
        bench.run(20.0, seen(x_px=300.0 + n))
    assert bench.mount.markers[0].x_px == 305.0


def test_it_can_be_switched_off(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(2.0)
    bench.ask("preview", '{"on": false}')
    bench.run(1.0)
    spoken = len(bench.line.mounts)
    bench.run(5.0, seen(x_px=200.0))
    assert len(bench.line.mounts) == spoken
    assert bench.line.answers[-1] == ("preview", {"on": False, "for_s": 0})


def test_level_and_health_are_answered_though_nobody_watches(bench: Bench) -> None:
    bench.run(2.0)
    bench.ask("level")
    bench.ask("health_check")
    bench.run(0.05)  # one answer a frame
    (_, level), (_, health) = bench.line.answers
    assert level == {"roll_deg": None, "roll_sd_deg": None, "pitch_deg": None, "known": False}
    assert health["verdict"] == "usable"
    assert health["headline"].startswith("Usable. It is not known")


def test_the_first_frame_of_all_can_be_asked_about(bench: Bench) -> None:
    bench.ask("health_check")
    bench.run(0.02)
    assert bench.line.answers[0][1]["verdict"] == "usable"


def test_a_configured_rig_is_known_and_the_default_is_not() -> None:
    for rig, known in ((Rig(), False), (Rig(roll_sd_deg=0.2), True), (Rig(roll_deg=1.0), True)):
        bench = Bench(config=Config(rig=rig, lens=LENS))
        bench.ask("level")
        bench.run(0.02)
        assert bench.line.answers[0][1]["known"] is known
        bench.desk.close()


def test_without_a_calibrator_calibrate_says_so_and_cancel_is_harmless(bench: Bench) -> None:
    bench.ask("calibrate", '{"action": "save"}')
    bench.ask("cancel")
    bench.run(1.0)
    assert bench.line.refusals == [("calibrate", NOT_INSTALLED)]
    assert bench.line.answers == [("cancel", {})]
    assert bench.mount.steps == ()


def test_the_calibrator_gets_every_frame_and_every_command(guided: Bench, script: Script) -> None:
    guided.run(1.0)
    assert script.offered == 60
    guided.ask("calibrate", '{"action":"start","step":"rest","values":{"stature_m":1.8}}')
    guided.ask("calibrate", '{"action":"save"}')
    guided.ask("cancel")
    guided.run(0.06)  # one answer a frame
    assert script.commands == [("start", "rest", {"stature_m": 1.8}), ("save", "", {})]
    assert script.cancelled == 1
    assert guided.line.answers[0] == ("calibrate", {"step": "rest"})


def test_what_the_lifter_measured_is_what_the_ghost_is_drawn_by(
    guided: Bench, script: Script
) -> None:
    def asked(**values: float) -> tuple[float, float]:
        payload = {"action": "start", "step": "rest", "values": values}
        guided.ask("calibrate", json.dumps(payload))
        guided.run(1.0)
        ghost = guided.mount.ghost
        assert ghost is not None
        return ghost.floor.y_px - ghost.lockout.y_px, ghost.floor.plate_r_px

    rise_px, plate_px = asked(stature_m=1.6)
    assert rise_px == pytest.approx((0.436 * 1.6 - 0.225) * 26.0 / 0.08, abs=0.2)
    assert plate_px == pytest.approx(0.225 * 26.0 / 0.08, abs=0.1)
    assert asked(stature_m=2.0)[0] > rise_px
    assert asked(plate_diameter_mm=400.0)[1] == pytest.approx(0.2 * 26.0 / 0.08, abs=0.1)
    assert asked(marker_diameter_mm=120.0)[1] < plate_px
    script.error = "expected the bar to lie still"
    assert asked(stature_m=1.5)[0] == asked()[0]  # what was refused counts for nothing


def test_its_steps_are_told_and_a_refresh_loses_none(guided: Bench, script: Script) -> None:
    """The last retained message is all that a page needs, watched or not."""
    guided.run(1.0)
    assert guided.mount.steps[0].state == "todo"
    guided.ask("calibrate", '{"action":"start","step":"rest"}')
    script.step_ready = True
    guided.run(1.0)
    assert (guided.mount.steps[0].state, guided.mount.step_ready) == ("active", True)


def test_its_refusal_is_the_answer_and_stays_until_something_works(
    guided: Bench, script: Script
) -> None:
    script.error = "the string swings; expected it to hang still"
    guided.ask("calibrate", '{"action":"save"}')
    guided.run(1.0)
    assert guided.line.refusals == [("calibrate", script.error)]
    assert guided.mount.problem == script.error
    script.error = ""
    guided.ask("calibrate", '{"action":"save"}')
    guided.run(1.0)
    assert guided.mount.problem == ""


def test_what_it_has_in_force_is_what_is_judged_by(guided: Bench, script: Script) -> None:
    script.problem = "it belongs to another camera"
    guided.run(1.0)
    told = {check.code: check for check in guided.mount.checks}
    assert "another camera" in told["calibration"].text
    script.rig, script.lens, script.problem = RIG, LENS, ""
    guided.ask("preview", ON)
    guided.run(1.0)
    told = {check.code: check for check in guided.mount.checks}
    assert guided.mount.level.known
    assert told["distance"].value == 4.0


def test_a_camera_that_moved_is_told_to_all_even_while_nobody_watches(
    guided: Bench, script: Script
) -> None:
    script.rig, script.lens = RIG, LENS
    guided.run(1.0)
    assert guided.mount.verdict == "ready"
    guided.desk.events([MOVED])
    guided.run(1.0)
    assert script.told == ("roll",)
    assert (guided.mount.verdict, guided.mount.stale) == ("usable", ("roll",))
    assert guided.mount.level.known is False
    guided.desk.events([CameraEvent(1, (), "The camera stands as it stood.")])
    guided.run(1.0)
    assert (guided.mount.verdict, guided.mount.stale) == ("ready", ())


def test_a_calibrator_ends_with_the_desk(guided: Bench, script: Script) -> None:
    guided.desk.close()
    assert script.closed


def test_steps_that_cannot_be_shown_harm_nothing(guided: Bench, script: Script) -> None:
    broken: list[dict[str, Any]] = [{"id": "rest", "state": "perhaps"}]
    script.shown = broken
    guided.run(1.0)
    assert guided.mount.steps == ()
    assert "cannot be shown" in guided.mount.problem


def test_while_a_bar_is_lifted_the_ghost_stays_on_the_floor(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(2.0, seen(y_px=490.0))
    bench.desk.events([PhaseEvent(0, Phase.PULL, 1, 1)])
    bench.run(2.0, seen(y_px=320.0))
    assert bench.mount.ghost is not None
    assert bench.mount.ghost.floor.y_px == 490.0
    bench.desk.events([PhaseEvent(0, Phase.FLOOR, 1, 1)])
    bench.run(2.0, seen(y_px=460.0))  # the camera was tilted meanwhile
    assert bench.mount.ghost.floor.y_px == 460.0


def test_the_light_is_read_where_the_bar_is_and_not_where_it_was(bench: Bench) -> None:
    bench.ask("preview", ON)
    for n in range(35):
        bench.run(0.04, seen(y_px=490.0 - 6.0 * n))
    told = {check.code: check for check in bench.mount.checks}
    assert (told["light"].state, told["light"].value) == ("good", 0.8)
    assert bench.mount.markers[0].y_px < 350.0


def test_a_lost_marker_is_told_within_the_window(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(2.0)
    bench.run(3.0, seen(Role.HIP))
    assert bench.mount.headline == "Not ready. No marker is seen."


def test_a_clock_that_was_set_back_stops_nothing(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(10.0)
    spoken = len(bench.line.mounts)
    bench.t_ns = 0
    bench.run(10.0, seen(x_px=300.0))
    assert len(bench.line.mounts) > spoken
    bench.run(ON_S, seen(x_px=300.0))
    spoken = len(bench.line.mounts)
    bench.run(2.0, seen(x_px=200.0))
    assert len(bench.line.mounts) == spoken  # a minute is a minute


def test_another_pass_begins_anew_for_a_page_that_still_looks(bench: Bench) -> None:
    bench.ask("preview", ON)
    bench.run(2.0)
    bench.desk.events([MOVED])
    bench.run(1.0)
    assert "turned" in next(c.text for c in bench.mount.checks if c.code == "calibration")
    bench.desk.begin()
    bench.run(1.0)
    assert "turned" not in next(c.text for c in bench.mount.checks if c.code == "calibration")


def test_nonsense_rows_harm_nothing(bench: Bench) -> None:
    bench.ask("preview", ON)
    odd = seen(x_px=float("nan")), seen(Role.HIP, r_px=-1.0), seen(Role.CREST, y_px=float("inf"))
    bench.run(2.0, *odd)
    assert bench.mount.markers == ()
    camera = seen(Role.BAR)
    bench.run(2.0, camera, seen(Role.SCENE), seen(Role.CAMERA))
    assert [marker.role for marker in bench.mount.markers] == ["bar"]
