"""``shinline words``: what is said, beside the English; checks a table of one's own.

An entry point, as ``markers`` is; but it lies below the command line and tells its own problems.
"""

from collections.abc import Iterator
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from shinline.app import words as tables
from shinline.app.problems import Misused, Told
from shinline.config import ConfigError

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_PATH, required=False)
@click.option(
    "--language",
    type=click.Choice(tables.SHIPPED),
    default="en",
    show_default=True,
    help="Which of those that come along to show, or to copy.",
)
@click.option("--copy", "copy", type=_PATH, help="Write the table here, to begin with.")
def words(file: Path | None, language: str, copy: Path | None) -> None:
    """Show what is said, beside the English words; with FILE check a table of your own.

    A table of your own is named in the configuration: [coach] words = "FILE". See docs/cues.md.
    """
    if file is not None and copy is not None:
        raise click.UsageError("--copy writes a table that comes along; it cannot go with FILE")
    if copy is not None:
        _copy(language, copy)
        return
    try:
        table = tables.shipped(language) if file is None else tables.read_own(file)
    except ConfigError as problem:
        raise Misused(str(problem)) from None
    _show(table)
    if file is not None:
        english = tables.shipped("en").said
        own = sum(text != english[key] for key, text in table.said.items())
        click.echo(f"{file}: in order; {own} of {len(table.said)} texts differ from the English")


def _copy(language: str, target: Path) -> None:
    text = (tables.FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise Misused(f"{target} is there already; expected a new name") from None
    except OSError as problem:
        raise Told(f"{target} cannot be written: {problem.strerror}") from None
    click.echo(f"{target}: written. Check it after a change with: shinline words {target}")


def _show(table: tables.Table) -> None:
    grid = Grid(box=box.SIMPLE_HEAD)
    grid.add_column("code", no_wrap=True)
    grid.add_column("en")
    beside = table.said != tables.shipped("en").said
    if beside:
        grid.add_column(table.language)
    for row in _rows(table):
        grid.add_row(*(Text(cell) for cell in row[: 3 if beside else 2]))
    Console(highlight=False).print(grid)


def _rows(table: tables.Table) -> Iterator[tuple[str, str, str]]:
    """Yield key, English words and words of the table, in the order of the English file."""
    for key, english in tables.shipped("en").said.items():
        yield key, english, table.said[key]
