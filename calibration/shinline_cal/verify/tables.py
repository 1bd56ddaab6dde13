"""Tables of other programs as they come: any encoding, separator and decimal mark.

Spreadsheets of half the world write ``0,52;1,10`` and put a byte order mark in front. What is
guessed is only what the file itself shows; a guess that fails is an error that says what was
expected.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Final

from shinline.app.plugins import CommandError

SEPARATORS: Final = (";", "\t", ",", "|")
MOST_BYTES: Final = 50_000_000
MOST_REMARKS: Final = 200
"""Lines above the header."""

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NUMBER: Final = re.compile(
    r"^[+-]?(\d+|\d{1,3}([ '\u00a0\u202f.,]\d{3})+)?([.,]\d*)?([eE][+-]?\d+)?$"
)


class TableError(CommandError):
    """A file is not the table that was expected; the message names it and says what was."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, text as it stands in the file; rows as long as the header."""

    file: str
    header: list[str]
    rows: list[list[str]]
    decimal: str
    """``.`` or ``,``: what separates the units from the tenths."""

    def column(self, index: int) -> list[str]:
        """Return the texts of one column."""
        return [row[index] for row in self.rows]

    def numbers(self, index: int) -> list[float | None]:
        """Return a column as numbers, None for an empty field.

        Raises
        ------
        TableError
            A field is no number; the message names its row and column.

        """
        return [self._number(n, index, row[index]) for n, row in enumerate(self.rows)]

    def _number(self, n: int, index: int, text: str) -> float | None:
        try:
            return number(text, self.decimal)
        except ValueError:
            raise TableError(
                f"{self.file}: row {n + 2}, column {self.header[index]!r}: expected a number,"
                f" found {text!r}"
            ) from None


def number(text: str, decimal: str = ".") -> float | None:
    """Read a number in either notation; None for an empty field, a dash, or ``nan``.

    Raises
    ------
    ValueError
        It is no number.

    """
    text = text.strip().lstrip("'").replace("\u2212", "-")
    if text.lower() in ("", "-", "--", "\u2013", "nan", "na", "n/a", "null", "none"):
        return None
    if not _NUMBER.match(text) or not any(c.isdigit() for c in text):
        raise ValueError(f"no number: {text!r}")
    thousands = "." if decimal == "," else ","
    for mark in (thousands, " ", "'", "\u00a0", "\u202f"):
        text = text.replace(mark, "")
    value = float(text.replace(decimal, "."))
    if not isfinite(value):
        raise ValueError(f"no finite number: {text!r}")
    return value


def read_table(path: Path) -> Table:
    """Read a CSV file.

    Raises
    ------
    TableError
        It is empty, no text, too large, or has no header with at least two columns and a row.
    OSError
        It cannot be read.

    """
    text = _decoded(path)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise TableError(f"{path}: the file is empty; expected a header and one row for each rep")
    separator, lines = _separator(lines)
    rows = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=separator) if row]
    start = _header_row(rows)
    header = [cell.strip() for cell in rows[start]]
    body = [row for row in rows[start + 1 :] if any(cell.strip() for cell in row)]
    if len(header) < 2 or not body:
        raise TableError(
            f"{path}: expected a header with columns separated by a comma, a semicolon or a tab,"
            f" and rows below it; found {len(header)} column(s) and {len(body)} row(s)"
        )
    width = len(header)
    even = [(row + [""] * width)[:width] for row in body]
    return Table(path.name, header, even, _decimal(even, separator))


def _decoded(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise TableError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB; expected a CSV file")
    data = path.read_bytes()
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise TableError(f"{path}: this is a spreadsheet; save it as CSV first")
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TableError(f"{path}: this is no text; expected a CSV file")


def _separator(lines: list[str]) -> tuple[str, list[str]]:
    """Return the separator, and the lines without Excel's ``sep=;``."""
    if lines[0].strip().lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[4], lines[1:]
    sample = lines[-20:]  # at the top there may be remarks

    def evenness(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(io.StringIO("\n".join(sample)), delimiter=mark)]
        common = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(common) if common > 1 else 0, common)

    return max(SEPARATORS, key=evenness), lines


def _header_row(rows: list[list[str]]) -> int:
    """Return the first row that is about as wide as the widest and holds mostly words."""
    widest = max(len(row) for row in rows)
    for i, row in enumerate(rows[:MOST_REMARKS]):
        named = [cell for cell in row if cell.strip() and not _NUMBER.match(cell.strip())]
        if len(row) >= 0.8 * widest and len(named) >= max(2, 0.6 * widest):
            return i
    return 0


def _decimal(rows: list[list[str]], separator: str) -> str:
    """Tell a decimal comma from a decimal point by the fields that can only be one of them."""
    if separator == ",":
        quoted = [cell for row in rows for cell in row if "," in cell]
        commas = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", cell.strip())) for cell in quoted)
    else:
        commas = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", c.strip())) for row in rows for c in row)
    points = sum(bool(re.fullmatch(r"[+-]?\d*\.\d+", c.strip())) for row in rows for c in row)
    return "," if commas > points else "."


_TIME_FORMS: Final = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
)


def seconds(texts: list[str], decimal: str = ".") -> list[float] | None:
    """Read a column of instants as seconds; None unless every field is one in the same form.

    Accepts seconds (or epoch milliseconds), ``h:mm:ss``, ISO 8601 and common dates. The zone does
    not matter: only differences are used.
    """
    readers = (
        lambda text: _as_number(text, decimal),
        _as_clock,
        _as_iso,
        *map(_as_form, _TIME_FORMS),
    )
    for read in readers:
        values: list[float] = []
        for text in texts:
            value = read(text.strip().replace("\u202f", " ").replace(", ", " "))
            if value is None:
                break
            values.append(value)
        if values and len(values) == len(texts):
            milliseconds = min(values) > 1e11
            return [value / 1000.0 for value in values] if milliseconds else values
    return None


def _as_number(text: str, decimal: str) -> float | None:
    try:
        return number(text, decimal)
    except ValueError:
        return None


def _as_clock(text: str) -> float | None:
    match = re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)", text)
    if not match:
        return None
    hours, minutes, rest = match.groups()
    return 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(rest.replace(",", "."))


def _as_iso(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if "T" not in text and " " not in text:
        return None  # a date alone says nothing about a rep
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _as_form(form: str) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            return None

    return read
