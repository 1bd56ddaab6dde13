"""The page about the lens says what the program does."""

import re
import shlex
from pathlib import Path

import msgspec
import numpy as np

from shinline_cal.command import calibrate
from shinline_cal.lens import accept, collect, consistency, coverage, file, find, fit, model, run
from shinline_cal.lens.profiles import default_size, nominal, profiles

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lens.md").read_text(encoding="utf-8")

LIFT_M, ASIDE_M, BELOW_M, SEEN_M = 0.55, 0.5, 0.1, 1.0
NEAREST_M = 2.5


def drift_mm(k1: float, k2: float = 0.0, away_m: float = NEAREST_M) -> float:
    """Return by how much a straight lift seems to drift through a lens that is taken for none."""
    y = (np.linspace(0.0, LIFT_M, 50) - BELOW_M) / away_m
    x = ASIDE_M / away_m
    r2 = x * x + y * y
    return float(1000.0 * away_m * np.ptp(x * (1.0 + k1 * r2 + k2 * r2 * r2)))


def row(name: str) -> str:
    """Return a profile's row of the table."""
    width_px, height_px = default_size(name)
    lens = nominal(name, width_px, height_px)
    ends = np.array([[-0.5, lens.cy_px], [width_px - 0.5, lens.cy_px]])
    rays = model.unproject(model.theta_of(lens.lens), ends)
    across = np.degrees(np.ptp(np.arctan(rays[:, 0])))
    away_m = max(NEAREST_M, SEEN_M * lens.fy_px / height_px)
    known = drift_mm(lens.k1_sd, away_m=away_m)
    unknown = np.hypot(known, drift_mm(lens.k1, lens.k2, away_m))
    return (
        f"| `{name}` | {width_px} x {height_px} | {lens.fx_px:.0f} ± {100 * lens.focal_rel_sd:.0f} "
        f"% | {across:.0f}° | {lens.k1:g} ± {lens.k1_sd:g} | {unknown:.1f} mm | {known:.1f} mm |"
    )


def test_the_ready_made_lenses_are_those_there_are() -> None:
    told = re.findall(r"^\| `\w+` \| \d+ x \d+ \|.*$", PAGE, re.M)
    assert told == [row(name) for name in profiles()]


def test_every_command_in_the_page_can_be_typed() -> None:
    lines = re.findall(r"^shinline calibrate lens (.*)$", PAGE, re.M)
    assert len(lines) >= 4
    for line in lines:
        calibrate.commands["lens"].make_context("lens", shlex.split(line))


def test_every_option_is_in_the_page_and_no_other() -> None:
    told = set(re.findall(r"--[a-z][\w-]*", PAGE))
    options = {o for p in calibrate.commands["lens"].params for o in p.opts if o.startswith("--")}
    assert told - options <= {"--runs"}
    assert options - told == set()


def test_every_key_of_the_file_is_in_the_page() -> None:
    table = PAGE[PAGE.index("| key |") : PAGE.index("## What is checked")]
    told = set(re.findall(r"`(\w+)`", table)) - {"calibrated", "nominal"}
    assert {*told, "date"} == {field.name for field in msgspec.structs.fields(file.LensFile)}


def test_the_limits_in_the_page_are_those_in_force() -> None:
    checks = PAGE[PAGE.index("## What is checked") : PAGE.index("A mirrored picture")]
    width = find.EDGE_WIDTH
    for words in (
        f"{find.FEWEST_CORNERS} of 35",
        f"{width * find.BLUR_MAX_PX:.1f} px, and {width * find.BLUR_SHARE:.2f} squares",
        f"{collect.STILL_PX} px from frame to frame",
        f"{coverage.ALIKE:.0%}",
        f"{fit.FEWEST_VIEWS}, covering {accept.COVERAGE_MIN:.0%}",
        f"{fit.VIEW_TIMES:.0f} medians",
        f"beyond {1000 * accept.BULGE_MAX_M:.0f} mm",
        f"{consistency.FOCAL_CHANGE:.1%} or scatter of {accept.FOCUS_SCATTER_MAX:.1%}",
        f"| {accept.HELD_OUT_MAX_PX} px |",
        f"{accept.FOCAL_REL_SD_MAX:.0%}, and to {accept.CENTRE_SD_MAX:.0%} of the width",
        f"within {accept.SQUARE:.0%} of each other",
        f"within {accept.MIDDLE:.0%} of the middle",
        f"more than {run.UNLIKE_SD:.0f} sd",
    ):
        assert words.replace("%", " %") in checks
    assert f"{run.WARMTH_REL_SD:.2%}".replace("%", " %") in PAGE
    assert f"more than {file.DIOPTRES_APART} dioptres" in PAGE


def test_the_figure_for_a_measured_lens_is_right() -> None:
    assert drift_mm(0.001) < 0.02
