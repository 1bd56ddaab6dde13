"""The calibration as a phone walks through it: steps, commands, what is kept and what refused."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from shinline.config import Config, Marker
from shinline.types import CameraIdentity, Frame, Rows
from shinline.wire.answers import Done
from shinline_cal import rig as rigs
from shinline_cal.lens import file as lenses
from shinline_cal.live import RESUME_WITHIN, RigCalibrator
from shinline_cal.rigging.steps import Session, Trouble
from shinline_cal.rigging.world import Mount, draw_mount
from shinline_cal.store import store
from shinline_cal.trial import Trial

TODAY = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
CONFIG = Config(marker=Marker(kind="ring", diameter_m=0.08, facing="right"))


class AtOnce(Executor):
    """Does what it is asked before it answers, where a thread would take its time."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except ValueError as problem:
            future.set_exception(problem)
        return future


@dataclass
class Gym:
    """A camera whose place is known, and what it sees when told to."""

    folder: Path
    mount: Mount
    trouble: Trouble = field(default_factory=Trouble)
    now: datetime = TODAY
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self.mount, np.random.default_rng(5), self.trouble)

    @property
    def camera(self) -> CameraIdentity:
        return CameraIdentity("sim", "s1", self.mount.width_px, self.mount.height_px)

    def calibrator(self) -> RigCalibrator:
        return self.of(self.camera)

    def of(self, camera: CameraIdentity | None) -> RigCalibrator:
        return RigCalibrator(
            CONFIG,
            camera,
            self.folder,
            now=lambda: self.now,
            find=lambda _, t_ns: FOUND[t_ns],
            trial=Trial(AtOnce),
        )

    def shown(self, step: str) -> Rows:
        """Return what is seen while somebody does a step as asked."""
        if step == "rest":
            return self.session.rest()
        if step == "plumb":
            return self.session.swing(0.1, 0.0, 0.9, 0.25)
        if step == "again":
            return self.session.plumb(-0.2, 0.0, 0.6, 0.25)
        return self.session.roll(0.4)

    def do(
        self, calibrator: RigCalibrator, step: str, rows: Rows | None = None
    ) -> dict[str, object]:
        """Do a step; return what the phone shows of it then."""
        calibrator.command("start", step, {})
        feed(calibrator, self.shown(step) if rows is None else rows, self.camera)
        return told(calibrator, step)


def told(calibrator: RigCalibrator, step: str) -> dict[str, object]:
    return next(one for one in calibrator.steps() if one["id"] == step)


def feed(calibrator: RigCalibrator, rows: Rows, camera: CameraIdentity) -> None:
    """Offer rows picture by picture, then empty pictures until the step is no longer active."""
    last_ns = int(rows["t_ns"][-1])
    for t_ns in np.unique(rows["t_ns"]):
        _offer(calibrator, int(t_ns), rows[rows["t_ns"] == t_ns], camera)
    for i in range(1, 400):
        if not any(step["state"] == "active" for step in calibrator.steps()):
            return
        _offer(calibrator, last_ns + i * 100_000_000, rows[:0], camera)


def _offer(calibrator: RigCalibrator, t_ns: int, rows: Rows, camera: CameraIdentity) -> None:
    """Show a picture in which these markers are found."""
    luma = np.broadcast_to(np.uint8(90), (camera.height_px, camera.width_px))
    FOUND[t_ns] = rows
    calibrator.offer(Frame(0, t_ns, 1000, luma))


FOUND: dict[int, Rows] = {}
"""What is found in a picture, by its time."""


@pytest.fixture
def gym(tmp_path: Path) -> Iterator[Gym]:
    mount = draw_mount(np.random.default_rng(11), "HQ 6 mm")
    gym = Gym(tmp_path, mount)
    names = ("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "p1", "p2", "k3")
    lens = lenses.LensFile(
        serial="s1",
        camera="sim",
        width_px=mount.width_px,
        height_px=mount.height_px,
        date=date(2026, 11, 1),
        source="calibrated",
        focal_rel_sd=0.003,
        centre_sd_px=3.0,
        k1_sd=0.005,
        **{name: getattr(mount.lens, name) for name in names},
    )
    lenses.save(tmp_path / "lenses" / "s1.toml", lens)
    yield gym


STEPS = ("rest", "plumb", "again", "roll")


def test_all_steps_and_a_save_put_a_rig_in_force(gym: Gym) -> None:
    calibrator = gym.calibrator()
    assert [step["state"] for step in calibrator.steps()] == ["todo"] * 4
    assert not calibrator.step_ready and calibrator.rig is None
    for step in STEPS:
        assert gym.do(calibrator, step)["state"] == "done", told(calibrator, step)
    assert calibrator.step_ready and calibrator.version == 0
    answer = calibrator.command("save", "", {})
    assert calibrator.version == 1 and "Saved" in str(answer["text"])
    assert msgspec.convert(answer, Done).roll_sd_deg == calibrator.rig.roll_sd_deg
    config = calibrator.applied(CONFIG)
    assert config.rig.roll_sd_deg < 0.25
    for name in ("roll", "pitch", "azimuth"):
        off_deg = getattr(config.rig, f"{name}_deg") - getattr(gym.mount, f"{name}_deg")
        assert abs(off_deg) < 4.0 * getattr(config.rig, f"{name}_sd_deg") + 0.3, name
    assert config.lens.fx_px == pytest.approx(gym.mount.lens.fx_px, rel=0.01)
    assert calibrator.room is not None
    assert calibrator.room.shape == (gym.mount.height_px, gym.mount.width_px)
    again = gym.calibrator()  # the next day, the same is in force
    assert again.applied(CONFIG) == config


def test_one_string_before_a_bare_wall_is_taken_and_not_believed_for_drift(gym: Gym) -> None:
    """Nothing could tell if that string touched something."""
    calibrator = gym.calibrator()
    for step in ("rest", "plumb"):
        gym.do(calibrator, step)
    answer = calibrator.command("save", "", {})
    assert "too rough to judge how far the bar drifts" in str(answer["text"])
    assert calibrator.applied(CONFIG).rig.roll_sd_deg > 0.25


def test_without_a_lens_the_roll_is_told_and_the_metres_are_less_sure(gym: Gym) -> None:
    (gym.folder / "lenses" / "s1.toml").unlink()
    calibrator = gym.calibrator()
    for step in ("rest", "plumb", "again"):
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    assert calibrator.lens is None
    config = calibrator.applied(CONFIG)
    assert config.lens.fx_px == 0.0 and config.rig.scale_rel_sd > 0.01
    assert "not measured" in rigs.load(gym.folder / "rigs" / "s1.toml").notes


@pytest.mark.parametrize(("profile", "fx_px"), [("imx477_6mm", 1921.0), ("", 0.0)])
def test_the_lens_of_a_camera_that_takes_several_is_named_in_the_configuration(
    tmp_path: Path, profile: str, fx_px: float
) -> None:
    camera = CameraIdentity("imx477", "s2", 1280, 950)
    lens, why = store(tmp_path, camera).lens(camera, profile)
    assert (lens.fx_px if lens is not None else 0.0) == pytest.approx(fx_px, rel=0.1)
    assert "not measured" in why and (lens is None or lens.source == "nominal")


def test_what_is_in_force_is_kept_for_another_mode_and_not_used(gym: Gym) -> None:
    calibrator = gym.calibrator()
    for step in STEPS:
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    other = RigCalibrator(CONFIG, replace(gym.camera, width_px=640), gym.folder)
    assert other.rig is None and "calibrated at" in other.problem
    assert other.applied(CONFIG) == CONFIG
    assert (gym.folder / "rigs" / "s1.toml").exists()


def test_nothing_is_saved_before_all_that_is_needed_was_seen(gym: Gym) -> None:
    calibrator = gym.calibrator()
    gym.do(calibrator, "rest")
    with pytest.raises(ValueError, match="still to be done: Straight up and down"):
        calibrator.command("save", "", {})
    assert not (gym.folder / "rigs" / "s1.toml").exists()


@pytest.mark.parametrize(
    ("trouble", "told_of"),
    [
        (Trouble(printed=0.97), "size|metre|second"),
        (Trouble(turned_deg=90.0), "side"),
        (Trouble(second_plate=True), "Two things"),
    ],
)
def test_what_the_checks_refuse_leaves_the_last_good_one(
    gym: Gym, trouble: Trouble, told_of: str
) -> None:
    calibrator = gym.calibrator()
    for step in STEPS:
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    before = (gym.folder / "rigs" / "s1.toml").read_bytes()
    mount = replace(gym.mount, roll_deg=gym.mount.roll_deg + trouble.turned_deg)
    bad = Gym(gym.folder, mount, replace(trouble, turned_deg=0.0))
    calibrator.command("restart", "", {})
    words = []
    try:
        for step in ("rest", "plumb", "again"):
            words.append(str(bad.do(calibrator, step)["text"]))
        calibrator.command("save", "", {})
    except ValueError as problem:
        words.append(str(problem))
    assert any(any(w in text for w in told_of.split("|")) for text in words), words
    assert (gym.folder / "rigs" / "s1.toml").read_bytes() == before
    assert calibrator.version == 1


def test_a_step_can_be_left_and_what_was_found_before_stays(gym: Gym) -> None:
    calibrator = gym.calibrator()
    gym.do(calibrator, "rest")
    calibrator.command("start", "rest", {})
    assert told(calibrator, "rest")["state"] == "active"
    calibrator.cancel()
    assert told(calibrator, "rest")["state"] == "done"
    calibrator.command("start", "plumb", {})
    calibrator.command("start", "roll", {})  # one at a time
    states = {step["id"]: step["state"] for step in calibrator.steps()}
    assert states == {"rest": "done", "plumb": "todo", "again": "todo", "roll": "active"}
    calibrator.command("redo", "rest", {})
    calibrator.cancel()
    assert told(calibrator, "rest")["state"] == "todo"


def test_an_optional_step_may_be_left_out_and_a_needed_one_not(gym: Gym) -> None:
    calibrator = gym.calibrator()
    calibrator.command("skip", "roll", {})
    assert told(calibrator, "roll")["state"] == "skipped"
    with pytest.raises(ValueError, match="cannot be left out"):
        calibrator.command("skip", "rest", {})


def test_a_step_that_sees_nothing_says_what_it_waits_for_and_gives_up(gym: Gym) -> None:
    calibrator = gym.calibrator()
    calibrator.command("start", "rest", {})
    rows = gym.session.rest()[:2].copy()
    rows["t_ns"] = 0, 5_000_000
    feed(calibrator, rows, gym.camera)
    for i in range(50, 110):
        _offer(calibrator, i * 1_000_000_000, rows[:0], gym.camera)
    step = told(calibrator, "rest")
    assert step["state"] == "failed"
    assert "Given up after 90 s" in str(step["text"]) and "seen in" in str(step["text"])


def test_steps_are_taken_up_again_after_a_power_cut_but_not_the_next_day(gym: Gym) -> None:
    first = gym.calibrator()
    gym.do(first, "rest")
    gym.do(first, "plumb")
    second = gym.calibrator()
    assert [step["state"] for step in second.steps()] == ["done", "done", "todo", "todo"]
    gym.now = TODAY + RESUME_WITHIN + timedelta(minutes=1)
    assert [step["state"] for step in gym.calibrator().steps()] == ["todo"] * 4


def test_a_kept_step_that_was_cut_off_is_done_again(gym: Gym) -> None:
    gym.do(gym.calibrator(), "rest")
    (path,) = (gym.folder / "rigs" / "s1.steps").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert told(gym.calibrator(), "rest")["state"] == "todo"


def test_a_moved_camera_names_the_steps_to_be_redone_and_one_tap_does_them(gym: Gym) -> None:
    calibrator = gym.calibrator()
    for step in STEPS:
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    calibrator.moved(("distance",))
    assert calibrator.stale == ("rest",)
    calibrator.moved(("roll",))
    assert calibrator.stale == ("rest", "plumb", "again")
    calibrator.moved(())
    assert calibrator.stale == ()
    calibrator.moved(("roll",))
    answer = calibrator.command("recalibrate", "", {})
    assert answer["steps"] == ["rest", "plumb", "again"]
    for step in ("rest", "plumb", "again"):
        assert told(calibrator, step)["state"] == "active"
        feed_one(calibrator, gym, step)
    assert calibrator.version == 2 and calibrator.stale == ()


def feed_one(calibrator: RigCalibrator, gym: Gym, step: str) -> None:
    """Feed until this step is done; the next one begins by itself."""
    rows = gym.shown(step)
    for t_ns in np.unique(rows["t_ns"]):
        _offer(calibrator, int(t_ns), rows[rows["t_ns"] == t_ns], gym.camera)
    last_ns = int(rows["t_ns"][-1])
    for i in range(1, 400):
        if told(calibrator, step)["state"] != "active":
            return
        _offer(calibrator, last_ns + i * 100_000_000, rows[:0], gym.camera)


@pytest.mark.parametrize(
    ("action", "step", "values", "told_of"),
    [
        ("fly", "", {}, "Unknown action 'fly'; expected one of start, redo"),
        ("start", "jump", {}, "Unknown step 'jump'; expected one of rest, plumb"),
        ("start", "rest", {"marker_diameter_mm": 5.0}, "expected 20 to 300 mm, not 5"),
        ("start", "rest", {"plate_diameter_mm": float("nan")}, "expected 150 to 600 mm"),
        ("start", "rest", {"weight": 5.0}, "Unknown value 'weight'"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_and_changes_nothing(
    gym: Gym, action: str, step: str, values: dict[str, float], told_of: str
) -> None:
    calibrator = gym.calibrator()
    before = calibrator.steps()
    with pytest.raises(ValueError, match=told_of):
        calibrator.command(action, step, values)
    assert calibrator.steps() == before


def test_a_rig_file_that_cannot_be_read_is_told_and_left_alone(gym: Gym) -> None:
    path = gym.folder / "rigs" / "s1.toml"
    path.parent.mkdir()
    path.write_text("role_deg = 1\n")
    calibrator = gym.calibrator()
    assert calibrator.rig is None and "role_deg" in calibrator.problem
    assert path.read_text() == "role_deg = 1\n"


def test_a_full_disk_leaves_the_last_good_one(gym: Gym, monkeypatch: pytest.MonkeyPatch) -> None:
    calibrator = gym.calibrator()
    for step in STEPS:
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    rig = rigs.load(gym.folder / "rigs" / "s1.toml")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ValueError, match="No space left"):
        calibrator.command("save", "", {})
    assert rigs.load(gym.folder / "rigs" / "s1.toml") == rig
    assert calibrator.version == 1


def test_a_plate_without_a_ring_is_told_what_is_needed(gym: Gym) -> None:
    config = Config(marker=Marker(kind="plate"))
    calibrator = RigCalibrator(config, gym.camera, gym.folder)
    with pytest.raises(ValueError, match="need a ring marker"):
        calibrator.command("start", "rest", {})


def test_a_recording_takes_no_calibration_and_makes_none(gym: Gym) -> None:
    """Whose it is could not be told: the next recording may be of another camera."""
    calibrator = gym.calibrator()
    for step in STEPS:
        gym.do(calibrator, step)
    calibrator.command("save", "", {})
    nameless = gym.of(None)
    assert nameless.applied(CONFIG) == CONFIG
    for step in STEPS:
        gym.do(nameless, step)
    with pytest.raises(ValueError, match="does not say which one it is"):
        nameless.command("save", "", {})
