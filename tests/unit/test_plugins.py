"""Commands that others bring along are found by name, and a broken one harms no other."""

from importlib.metadata import EntryPoint, EntryPoints

import click
import pytest
from click.testing import CliRunner

from shinline.app import plugins
from shinline.cli import main

STRANGERS = {
    "hello": "test_plugins:hello",
    "gone": "no_such_module_at_all:command",
    "odd": "test_plugins:STRANGERS",
    "analyze": "test_plugins:hello",
}


@click.command()
def hello() -> None:
    """Say hello."""
    click.echo("hello from elsewhere")


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(EntryPoint(n, v, plugins.GROUP) for n, v in STRANGERS.items())
    monkeypatch.setattr(plugins, "entry_points", lambda group: points.select(group=group))


@pytest.mark.usefixtures("strangers")
def test_a_command_of_another_package_is_one_of_ours() -> None:
    result = CliRunner().invoke(main, ["hello"])
    assert (result.exit_code, result.output) == (0, "hello from elsewhere\n")
    assert "Say hello." in CliRunner().invoke(main, ["--help"]).output


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "No module named"), ("odd", "it is no command")]
)
def test_a_broken_one_says_so_and_only_when_it_is_used(name: str, reason: str) -> None:
    result = CliRunner().invoke(main, [name, "--anything", "x"])
    assert result.exit_code == 1
    assert reason in result.stderr
    listing = CliRunner().invoke(main, ["--help"])
    assert listing.exit_code == 0
    assert "analyze" in listing.output


@pytest.mark.usefixtures("strangers")
def test_a_stranger_cannot_take_the_name_of_one_of_ours() -> None:
    assert "hello from elsewhere" not in CliRunner().invoke(main, ["analyze", "x"]).output


def test_verify_is_brought_along_by_the_calibration_tools() -> None:
    assert "verify" in main.list_commands(click.Context(main))
