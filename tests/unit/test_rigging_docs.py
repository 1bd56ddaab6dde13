"""What docs/rig.md says of the solver is what the solver does."""

import re
from math import degrees
from pathlib import Path

import pytest

from shinline_cal.rigging import bundle, checks, groups, measures, seeing, single, vertical, yields
from shinline_cal.rigging.edges import LEAN_SD_DEG
from shinline_cal.rigging.pendulum import DIRECTION_SD

PAGE = (Path(__file__).parents[2] / "docs" / "rig.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (r"string plumb within ([\d.]+)°", degrees(groups.STRING_LEAN_SD)),
        (r"nod (\d)° \(the same", degrees(groups.NOD_SD)),
        (r"heights\), turn (\d+)°", degrees(groups.TURN_SD)),
        (r"along the bar's path within (\d+)°", degrees(DIRECTION_SD)),
        (r"lean ([\d.]+)°, [\d.]+ m/s", degrees(groups.FALL_LEAN_SD)),
        (r"lean [\d.]+°, ([\d.]+) m/s", groups.TOWARD_SD_MPS),
        (r"a frame stands plumb within ([\d.]+)°", LEAN_SD_DEG),
        (r"floor level within ([\d.]+)°", degrees(groups.SLOPE_SD)),
        (r"rolled straight within (\d)°", degrees(groups.ASKEW_SD)),
        (r"offset (\d+) mm", 1000 * groups.OFF_AXIS_SD_M),
        (r"over the floor \| — \| (\d+) mm", 1000 * single.FLOOR_SD_M),
        (r"found out at ([\d.]+) standard", vertical.CONTRADICTS_SDS),
        (r"it counts (\d)°", vertical.UNCONFIRMED_DEG),
        (r"than the ([\d.]+)° up to which drift is judged", checks.MOST_ROLL_SD_DEG),
        (r"beyond ([\d.]+) % and 3 sd: sheet", 100 * measures.GRAVITY_REL),
        (r"beyond (\d) mm and 3 sd", 1000 * measures.OFF_AXIS_M),
        (r"beyond (\d+) mm; marks", 1000 * measures.MOST_OFF_AXIS_M),
        (r"([\d.]+) px and 3 sd: camera knocked", checks.REST_SHIFT_PX),
        (r"([\d.]+) . the 95 % quantile", bundle.MISFIT),
        (r"quantile of χ², and (\d)", bundle.FEW),
        (r"([\d.]+) sd; a fold", seeing.LENS_SDS),
    ],
)
def test_what_is_believed_and_refused_is_what_the_page_says(words: str, value: float) -> None:
    found = re.search(words, PAGE)
    assert found, words
    assert float(found.group(1)) == pytest.approx(value, rel=0.05)


def test_every_set_of_steps_in_the_table_is_one_that_the_command_prints() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [\d.]+° \|", PAGE, re.M)
    assert rows == [name for name, _ in yields.SETS]
