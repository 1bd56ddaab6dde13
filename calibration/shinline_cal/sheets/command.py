"""``shinline markers``: words into calls. The PDF library is imported inside the command."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shinline.app.plugins import CommandError
from shinline.cli import EXISTING, told
from shinline_cal import files
from shinline_cal.sheets.layout import KINDS, PAPERS, LayoutError, plan

if TYPE_CHECKING:
    from shinline_cal.sheets.layout import Page


@click.command()
@click.option(
    "--out",
    type=EXISTING,
    default=Path("sheets.pdf"),
    show_default=True,
    help="The PDF; an older one is replaced.",
)
@click.option(
    "--paper",
    type=click.Choice(list(PAPERS), case_sensitive=False),
    default="a4",
    show_default=True,
    help="What is in the printer.",
)
@click.option(
    "--sizes",
    metavar="MM[,MM...]",
    help="Diameters of the black discs [bar: 120,80,50; body: 50,40].",
)
@click.option(
    "--only",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Only these pages; may be repeated.",
)
@told
def markers(out: Path, paper: str, sizes: str | None, kinds: tuple[str, ...]) -> None:
    """Make the sheets to print: ring markers, the chart for the lens, and how to place them.

    A vector PDF, exact to 0.1 mm when it is printed at 100 %: a ruler on every page tells.
    docs/sheets.md says which size for which distance.
    """
    from shinline_cal.sheets.sheets import render

    wanted = kinds or KINDS
    if sizes is not None and not {"bar", "body"} & set(wanted):
        raise click.UsageError("--sizes goes with the pages bar and body")
    try:
        pages = plan(PAPERS[paper], _numbers(sizes), wanted)
    except LayoutError as problem:
        raise click.UsageError(f"--sizes: {problem}") from None
    _check(out)
    _write(out, render(pages))
    click.echo(f"{out}: {_told(pages)}")
    click.echo("Print it at 100 % (actual size), then measure the ruler on the paper.")


def _numbers(sizes: str | None) -> tuple[float, ...]:
    if sizes is None:
        return ()
    try:
        return tuple(float(size) for size in sizes.split(","))
    except ValueError:
        raise click.UsageError(
            f"--sizes: expected millimetres such as 50,80, not {sizes!r}"
        ) from None


def _check(out: Path) -> None:
    if out.is_dir():
        raise CommandError(f"{out} is a folder; expected the name of a file such as sheets.pdf")
    if out.suffix.lower() != ".pdf":
        raise click.UsageError(f"--out: expected a name that ends in .pdf, not {str(out)!r}")


def _write(out: Path, data: bytes) -> None:
    try:
        files.replace(out, data)
    except OSError as problem:
        blocked = isinstance(problem, FileExistsError | NotADirectoryError)
        why = "a part of that path is a file" if blocked else files.reason(problem)
        raise CommandError(
            f"{out} cannot be written: {why}; expected a folder in which files can be made; "
            "nothing was changed"
        ) from None


def _told(pages: "tuple[Page, ...]") -> str:
    """Say what is on the pages."""
    sizes: dict[str, set[float]] = {}
    for page in pages:
        sizes.setdefault(page.kind, set()).update(spot.diameter_mm for spot in page.spots)
    parts = [
        kind + (f" {', '.join(f'{d:g}' for d in sorted(those, reverse=True))} mm" if those else "")
        for kind, those in sizes.items()
    ]
    count = f"{len(pages)} page{'s' if len(pages) > 1 else ''}"
    return f"{count} of {pages[0].paper.name}: {'; '.join(parts)}"
