"""What the page on mounting promises is what the assistant does."""

import re
from pathlib import Path

from shinline.app.mounting import describe, desk, outlook, preview
from shinline.config import Config
from shinline.wire import inbox, requests

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mounting.md").read_text(encoding="utf-8")


def test_the_tables_are_those_in_force() -> None:
    for table in (describe.checks_table(), describe.topics_table(), describe.requests_table()):
        assert PAGE.count(table.splitlines()[0]) == PAGE.count(table) == 1


def test_the_limits_are_those_in_force() -> None:
    words = " ".join(PAGE.split())
    assert f"longer than {requests.MOST_BYTES} bytes" in words
    assert f"More than {inbox.MOST_PER_S} a second are refused" in words
    assert f"at most {inbox.MOST_PER_S} refusals a second" in words
    assert f"At most {inbox.MOST_WAITING} wait" in words
    assert f"at most {preview.WIDEST_PX} pixels wide" in words
    assert f"and {100 * outlook.MARGIN:.0f} % of the picture around it" in words
    assert f"may sit {100 * outlook.REACH_M:.0f} cm from" in words
    assert (desk.ON_S, preview.EVERY_NS) == (60, 200_000_000)  # in words there


def test_the_requests_of_the_page_are_understood() -> None:
    asked = re.findall(r"request/(\w+) -m '(.*)'", PAGE)
    assert asked
    for verb, payload in asked:
        requests.parse(verb, payload.encode())
    assert f"shinline/{Config().platform}/mount" in PAGE


def test_every_file_the_page_names_is_there() -> None:
    files = re.findall(r"`((?:src|tests)/[\w./-]+\.py)`", PAGE)
    assert len(files) >= 4
    assert [file for file in files if not (ROOT / file).exists()] == []
