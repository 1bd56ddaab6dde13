"""The page about pose networks says what the program does."""

import re
import typing
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from shinline import config as configuration
from shinline.app.body import joints, runner
from shinline.app.body.opening import GROUP
from shinline.config import Body

PAGE = (Path(__file__).parents[2] / "docs" / "body.md").read_text(encoding="utf-8")


def test_the_settings_are_accepted() -> None:
    block = re.search(r"```toml\n(.*?)```", PAGE, re.S)
    assert block
    assert configuration.parse(block.group(1)).body.source == "onnx"


@pytest.mark.parametrize("key", Body.__struct_fields__)
def test_every_key_is_told_with_its_values(key: str) -> None:
    row = re.search(rf"^\| `{key}` \| (.*?) \|", PAGE, re.M)
    assert row
    kind = typing.get_type_hints(Body)[key]
    values = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    assert [value for value in values if f"`{value}`" not in row.group(1)] == []


def test_every_source_there_is_is_told() -> None:
    assert {point.name for point in entry_points(group=GROUP)} == {"onnx", "tflite", "imx500"}
    assert [p.name for p in entry_points(group=GROUP) if f"| `{p.name}` |" not in PAGE] == []


def test_the_limits_are_those_in_force() -> None:
    assert (runner.RATE_HZ, runner.SHARE, runner.REST_NS) == (10.0, 0.5, 1_000_000_000)  # in words
    assert f"confidence of {joints.LEAST_CONFIDENCE} count" in PAGE
    hip, shoulder = joints.SPREAD["hip"], joints.SPREAD["shoulder"]
    assert f"(hip {hip}, shoulder {shoulder} of the root" in PAGE
    assert f"taken as {joints.ROOT_AREA_TRUNKS} trunk lengths" in PAGE
