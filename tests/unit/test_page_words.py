"""What a page says by itself, before the device's words have come, are the English ones."""

import re
from pathlib import Path

import pytest

from shinline.app.words import shipped

SCRIPTS = Path(__file__).parents[2] / "src" / "shinline" / "web" / "static" / "js"
SAID = re.compile(r'\b(?:say|words)\(\s*"((?:set|table)\.[a-z_.]+)",\s*"([^"]+)"')
KEYS = re.compile(r'["`]((?:set|table)\.[a-z_.]+)(?=["`$])')
FOUND = [
    (file.name, key, text)
    for file in sorted(SCRIPTS.glob("*.js"))
    for key, text in SAID.findall(file.read_text(encoding="utf-8"))
]


def test_the_scripts_were_read() -> None:
    assert len(FOUND) > 40


@pytest.mark.parametrize(("file", "key", "text"), FOUND)
def test_what_a_page_says_by_itself_is_the_english_of_the_table(
    file: str, key: str, text: str
) -> None:
    assert shipped("en").said.get(key) == text


def test_every_word_of_the_set_and_its_table_is_used() -> None:
    """A word that nobody says would be translated for nothing."""
    text = "".join(file.read_text(encoding="utf-8") for file in SCRIPTS.glob("*.js"))
    used = set(KEYS.findall(text))
    known = {key for key in shipped("en").said if key.startswith(("set.", "table."))}
    begun = tuple(key for key in used if key.endswith((".", "_")))
    assert {key for key in known if key not in used and not key.startswith(begun)} == set()
