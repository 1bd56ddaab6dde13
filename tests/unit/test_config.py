"""Configuration is strict: what is not understood is refused by name."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from shinline.config import Config, ConfigError, Lift, Marker, from_json, load, parse, to_json


def test_nothing_said_means_the_defaults() -> None:
    assert parse("") == Config()


def test_what_is_said_is_taken() -> None:
    config = parse('[lift]\nload_kg = 180.0\n[marker]\nkind = "plate"\nfacing = "left"\n')
    assert config.lift == Lift(load_kg=180.0)
    assert config.marker == Marker(kind="plate", facing="left")


def test_a_whole_number_serves_where_a_fraction_may_stand() -> None:
    assert parse("[lift]\nload_kg = 180\n").lift.load_kg == 180.0


@dataclass(frozen=True)
class Bad:
    text: str
    names: str
    expected: str


@pytest.mark.parametrize(
    "bad",
    [
        Bad("lod_kg = 3\n", "lod_kg", "unknown"),
        Bad("[lift]\nlod_kg = 3\n", "lift", "lod_kg"),
        Bad("[lift]\nload_kg = 601\n", "$.lift.load_kg", "<= 600"),
        Bad("[lift]\nload_kg = -1\n", "$.lift.load_kg", ">= 0"),
        Bad('[lift]\nload_kg = "heavy"\n', "$.lift.load_kg", "float"),
        Bad('[marker]\nkind = "qr"\n', "$.marker.kind", "qr"),
        Bad("[marker]\ndiameter_m = 80\n", "$.marker.diameter_m", "<= 0.3"),
        Bad("[lifter]\nstature_m = 175\n", "$.lifter.stature_m", "<= 2.3"),
        Bad('platform = "Platform 1"\n', "$.platform", "regex"),
        Bad("[mqtt]\nport = 65536\n", "$.mqtt.port", "<= 65535"),
        Bad("[mqtt]\nport = 1.5\n", "$.mqtt.port", "int"),
        Bad("[coach]\nbar_forward_fault_m = nan\n", "$.coach.bar_forward_fault_m", "0."),
        Bad("lift = 3\n", "$.lift", "object"),
    ],
    ids=lambda bad: bad.text.strip().replace("\n", " "),
)
def test_what_is_wrong_is_named_with_what_was_expected(bad: Bad) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(bad.text)
    message = str(caught.value)
    assert bad.names in message
    assert bad.expected in message
    assert "\n" not in message
    assert "`" not in message


@pytest.mark.parametrize("text", ["[lift\n", "a = \n", "\x00", "[lift]\n[lift]\n"])
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shinline.toml"
    path.write_text('[lifter]\nname = "Zoë"\n', encoding="utf-8")
    assert load(path).lifter.name == "Zoë"


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[lift]\nload = 3\n", encoding="utf-8")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing.toml", tmp_path, wrong, binary):
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_a_record_gives_an_equal_configuration_back() -> None:
    config = parse('platform = "rack-2"\n[rig]\nroll_deg = -1.25\n[journal]\npath = "/x/y"\n')
    assert from_json(to_json(config)) == config


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Config().lift.load_kg = 3.0  # type: ignore[misc]


def test_every_section_is_strict() -> None:
    for name, section in Config.__annotations__.items():
        if isinstance(section, type) and issubclass(section, msgspec.Struct):
            assert section.__struct_config__.forbid_unknown_fields, name
            assert section.__struct_config__.frozen, name
