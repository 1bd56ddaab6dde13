"""``shinline verify`` as it is typed: pages and numbers, and one line for what went wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from falling import View, drop, rest, swing, to_and_fro
from verify_material import PX_PER_M, write_fall, write_path, write_reps

from shinline.cli import main
from shinline.config import Config
from shinline_cal.verify.paths import read_path
from shinline_cal.verify.report import MINUS


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def numbers(folder: Path, test: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{test}.json").read_text(encoding="utf-8"))
    return found


VIEW = View(scale=1.01, lean_deg=0.6, noise_m=0.0004)


def test_drop_pendulum_ruler_and_still(tmp_path: Path) -> None:
    """One set-up whose lengths are 1 % long and which leans by 0.6 degrees, by four tests."""
    paths = {
        "drop": write_path(tmp_path / "drop.csv", drop(VIEW, (1.0,) * 3)),
        "pendulum": write_path(tmp_path / "swing.csv", swing(VIEW)),
        "ruler": write_path(tmp_path / "ruler.csv", to_and_fro(VIEW)),
        "still": write_path(tmp_path / "still.csv", rest(VIEW)),
    }
    options = {
        "drop": ["--latitude-deg", 50],
        "pendulum": ["--latitude-deg", 50, "--length-m", 1.0],
        "ruler": ["--distance-m", 0.5],
        "still": [],
    }
    for test, path in paths.items():
        result = verify(test, path, "--out", tmp_path / "out", *options[test])
        assert result.exit_code == 0, result.output
        assert f"{test}.html" in result.output
    for test in ("drop", "pendulum", "ruler"):
        scale = numbers(tmp_path / "out", test)["numbers"]["scale_ratio"]
        assert scale["low"] < 1.01 < scale["high"], test
    lean = numbers(tmp_path / "out", "pendulum")["numbers"]["lean_deg"]
    assert lean["value"] == pytest.approx(0.6, abs=0.05)
    still = numbers(tmp_path / "out", "still")["numbers"]
    assert still["y"]["sd_m"] == pytest.approx(0.0004, rel=0.1)


def test_a_recording_of_a_falling_marker(tmp_path: Path) -> None:
    """From pixels to gravity: the small error of the scale that tracking chose is what is found."""
    clip = write_fall(tmp_path / "fall.mp4", 9.81)
    result = verify("drop", clip, "--latitude-deg", 50, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    pull = numbers(tmp_path, "drop")["numbers"]["gravity_measured_mps2"]
    path = read_path(str(clip), Config(), tmp_path, lambda _what, _share: None)
    assert path.mm_per_px is not None
    error = path.mm_per_px / (1000.0 / PX_PER_M)
    assert error == pytest.approx(1.0, abs=0.003)
    assert pull["low"] - 0.001 < 9.81 * error < pull["high"] + 0.001


def test_the_lean_is_that_of_the_picture_whoever_faces_where(tmp_path: Path) -> None:
    """The marker falls 8 mm to the right per metre: a plumb line leans 0.46 degrees to the left."""
    clip = write_fall(tmp_path / "fall.mp4", 9.81)
    for facing in ("left", "right"):
        config = tmp_path / "shinline.toml"
        config.write_text(f'[marker]\nfacing = "{facing}"\n')
        result = verify("drop", clip, "--config", config, "--out", tmp_path)
        assert result.exit_code == 0, result.output
        lean = numbers(tmp_path, "drop")["numbers"]["lean_deg"]
        assert lean["value"] == pytest.approx(-0.458, abs=0.02)
        assert "to the left at its upper end" in result.output


def test_a_marker_of_another_size_is_a_wrong_scale_that_the_drop_finds(tmp_path: Path) -> None:
    clip = write_fall(tmp_path / "fall.mp4", 9.81)
    result = verify("drop", clip, "--marker-diameter-m", 0.084, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert re.match(r"Lengths read [45]\.\d\d\s% too long against a free fall", result.output)


def test_comparing_with_another_device(tmp_path: Path) -> None:
    ours, theirs = write_reps(tmp_path)
    result = verify("compare", ours, theirs, "--device", "gymaware", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    found = numbers(tmp_path, "compare")["numbers"]
    assert found["reps"] == {
        "both": 38,
        "only_ours": 1,
        "only_theirs": 1,
        "precision": pytest.approx(38 / 39),
        "recall": pytest.approx(38 / 39),
        "f1": pytest.approx(38 / 39),
        "at_best": False,
    }
    assert found["pairing"]["offset_s"] == pytest.approx(812.3, abs=0.1)
    speed = found["quantities"]["mean_velocity_mps"]
    assert speed["bias"]["low"] < -0.004 < speed["bias"]["high"]
    assert speed["n"] == 38
    assert speed["sets"] == 8
    assert set(found["quantities"]) == {"mean_velocity_mps", "rom_m"}
    rom = found["quantities"]["rom_m"]
    assert rom["mean_ours"] == pytest.approx(0.56, abs=0.01)  # metres, as its name says
    assert rom["sd"] == pytest.approx(0.002, rel=0.4)
    page = (tmp_path / "compare.html").read_text(encoding="utf-8")
    assert f"{1000 * rom['sd'] * 1.96:.1f}\u00a0mm" in page  # millimetres, as people read them


def test_two_cameras(tmp_path: Path) -> None:
    ours, _ = write_reps(tmp_path)
    again, _ = write_reps(tmp_path, seed=5)
    result = verify("cameras", ours, again, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert numbers(tmp_path, "cameras")["numbers"]["reps"]["f1"] == 1.0
    assert "criterion" not in (tmp_path / "cameras.html").read_text(encoding="utf-8")


def test_numbers_to_standard_output_and_words_to_the_other(tmp_path: Path) -> None:
    path = write_path(tmp_path / "still.csv", rest(View(), 40.0))
    result = verify("still", path, "--out", tmp_path, "--json", "-")
    assert json.loads(result.stdout)["test"] == "still"
    assert "A bar at rest moves by" in result.stderr
    copy = tmp_path / "copy.json"
    assert verify("still", path, "--out", tmp_path, "--json", copy).exit_code == 0
    assert json.loads(copy.read_text())["schema"] == 1


def test_few_reps_are_told_without_figures(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("Set,Rep,Mean Velocity (m/s)\n1,1,0.52\n1,2,0.48\n")
    ours = tmp_path / "ours.json"
    reps = [
        {"set": 1, "rep": i + 1, "liftoff_s": 4.0 * i, "mean_velocity_mps": 0.5} for i in (0, 1)
    ]
    ours.write_text(json.dumps({"reps": reps}))
    result = verify("compare", ours, theirs, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert (
        f"2 reps paired, Shinline minus the other device {MINUS}0.020\u00a0m/s, +0.020"
        in result.output
    )
    assert "cannot be told from fewer than 3 reps" in result.output
    assert (
        numbers(tmp_path, "compare")["numbers"]["quantities"]["mean_velocity_mps"]["bias"] is None
    )


def test_nothing_to_compare_is_a_failure_that_keeps_the_page(tmp_path: Path) -> None:
    ours, _ = write_reps(tmp_path)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("Set,Rep,Mean Velocity (m/s)\n1,1,0.52\n1,2,0.48\n")
    result = verify("compare", ours, theirs, "--out", tmp_path)
    assert result.exit_code == 1
    assert "nothing was compared" in result.stderr
    assert (tmp_path / "compare.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["drop", "missing.mp4"], 1, "missing.mp4: no such file"),
        (["drop", "last", "--journal", "none.sqlite3"], 1, "nothing was recorded yet"),
        (["still", "STILL", "--marker-diameter-m", "3"], 2, "diameter_m"),
        (["drop", "STILL"], 1, "no free fall of at least"),
        (["drop", "STILL", "--mass-kg", "1"], 2, "go together"),
        (["drop", "STILL", "--latitude-deg", "99"], 2, "99"),
        (["ruler", "STILL"], 2, "--distance-m"),
        (["pendulum", "STILL", "--length-m", "1"], 1, "let go without a push"),
        (["compare", "OURS", "missing.csv"], 1, "missing.csv"),
        (["compare", "OURS", "THEIRS", "--column", "x"], 2, "FIELD=NAME"),
        (
            ["compare", "OURS", "THEIRS", "--column", "mean_velocity_mps=Speed"],
            1,
            "no column 'Speed'",
        ),
        (["compare", "OURS", "STILL"], 1, "expected a column of mean velocity"),
        (["compare", "STILL", "THEIRS"], 1, "expected the reps.csv"),
        (["cameras", "OURS", "missing.json"], 1, "missing.json: no such file"),
        (["compare", "OURS", "NOTIME", "--by", "time"], 2, "theirs has none"),
    ],
)
def test_what_is_wrong_is_one_line_and_the_right_exit_code(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    ours, theirs = write_reps(tmp_path)
    notime = tmp_path / "notime.csv"
    notime.write_text("Set,Rep,Mean Velocity (m/s)\n1,1,0.52\n")
    files = {"OURS": ours, "THEIRS": theirs, "NOTIME": notime}
    files["STILL"] = write_path(tmp_path / "still.csv", rest(View(), 6.0))
    result = verify(*(files.get(a, a) for a in arguments), "--out", tmp_path / "out")
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    if code == 1:
        assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
