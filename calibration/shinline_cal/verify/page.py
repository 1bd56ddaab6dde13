"""The page: one file that needs no network and no script, for a desk, a phone and a printer."""

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path

from shinline import __version__
from shinline_cal.verify.report import Plot, Report, Row, Section


def write(report: Report, folder: Path, made: str) -> tuple[Path, Path]:
    """Write ``<test>.html`` and ``<test>.json`` into a folder that is made if missing.

    A file appears under its name when it is complete.

    Raises
    ------
    OSError
        It cannot be written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(report.to_json(__version__, made), allow_nan=False, indent=1)
    page, data = folder / f"{report.test}.html", folder / f"{report.test}.json"
    for path, text in ((page, render(report, made)), (data, document + "\n")):
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return page, data


def render(report: Report, made: str) -> str:
    """Return the page as HTML."""
    style = (files("shinline_cal.verify") / "page.css").read_text(encoding="utf-8")
    read = " · ".join(f"{name}: {value}" for name, value in report.inputs.items())
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="from">{escape(read)}<br>Shinline {__version__}, {escape(made)}</p>',
        f'<div class="answer">{_paragraphs(report.answer)}</div>',
        f'<div class="thin" role="note">{_paragraphs(report.thin)}</div>' if report.thin else "",
        *(_section(section) for section in report.sections),
        _list("What this test cannot show", report.cannot),
        _list("How it was worked out", report.how),
        _list("Notes on the data", report.notes),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _section(section: Section) -> str:
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    plots = "".join(_plot(plot) for plot in section.plots)
    return (
        f"<section><h2>{escape(section.title)}</h2>{note}"
        + (f'<div class="plots">{plots}</div>' if plots else "")
        + f"{_table(section.rows)}</section>"
    )


def _plot(plot: Plot) -> str:
    return (
        f"<figure><h3>{escape(plot.title)}</h3>{plot.svg}"
        f"<figcaption>{escape(plot.caption)}</figcaption></figure>"
    )


def _table(rows: Iterable[Row]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(row.name)}</th><td class="value">{escape(row.value)}</td>'
        f'<td class="interval">{escape(row.interval)}</td>'
        f'<td class="meaning">{escape(row.meaning)}</td></tr>'
        for row in rows
    )
    head = (
        "<thead><tr><th></th><th>value</th><th>95 % interval</th><th>what it"
        " means</th></tr></thead>"
    )
    return f"<table>{head}<tbody>{body}</tbody></table>" if body else ""


def _list(title: str, items: Iterable[str]) -> str:
    points = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<section><h2>{escape(title)}</h2><ul>{points}</ul></section>" if points else ""
