"""The words that are said, from their tables: shipped in three languages, or a gym's own.

A table is strict, because a mistake in it would be met in the middle of a set: every code has its
words and no other has, a cue has at most seven, and nothing in it frightens.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from shinline.config import Config, ConfigError, Words
from shinline.wire.mount import Said

FOLDER: Final = Path(__file__).parents[1] / "words"
SHIPPED: Final = ("en", "de", "es")

MOST_WORDS: Final = 7
MOST_CUE_CHARACTERS: Final = 60
MOST_CHARACTERS: Final = 160
PLACE: Final = re.compile(r"\{(\w+)\}")
"""Where a number or a name is put into a text: ``{mm}``. Which ones a key has the English says."""

NUMBER: Final = "{mm}"
WITH_NUMBER: Final = "cues.praise"
"""The one text that may do without its place: praise needs no figure."""

NO_BRACES: Final = "expected no braces: nothing is put into this text"

POINT: Final = "page.decimal"
AS_IT_IS: Final = "name"
"""A place for what is no number, and is not to be read as one."""

FRIGHTENING: Final = {
    "en": r"danger\w*|injur\w*|hurts?|pains?|painful|harm(?:s|ful)?|damag\w*|risk\w*|unsafe|"
    r"safe\w*|break\w*|tear\w*|terribl\w*|fail\w*|wrong|bad",
    "de": r"gefähr\w*|gefahr\w*|verletz\w*|schmerz\w*|weh|schad\w*|schäd\w*|risik\w*|sicher\w*|"
    r"brech\w*|reiß\w*|furchtbar|versag\w*|falsch|schlecht\w*",
    "es": r"peligr\w*|lesi\w*|dolor\w*|duel\w*|dañ\w*|riesg\w*|segur\w*|romp\w*|rotur\w*|"
    r"terribl\w*|fall\w*|mal|mala|malo",
}
"""Words that make nobody lift better, and those that promise what no camera knows."""

INSIDE: Final = {
    "en": r"spin(?:e|al)|dis[ck]s?|vertebra\w*|lumbar|pelvi\w*|joints?|muscle\w*|ligament\w*|"
    r"tendon\w*|nerves?|backs|backbone|"
    r"(?:your|my|his|her|their|the|lower|upper|whole|flat|straight|round(?:ed)?|arch(?:ed)?) back",
    "de": r"wirbel\w*|bandscheibe\w*|lende\w*|becken\w*|gelenk\w*|muskel\w*|bänder|sehne\w*|"
    r"nerv\w*|rückens?|kreuz",
    "es": r"columna|vértebra\w*|lumbar\w*|pelvi\w*|articulaci\w*|músculo\w*|ligamento\w*|"
    r"tend[oó]n\w*|nervio\w*|espalda\w*|riñón\w*|intervertebral\w*",
}
"""What is inside the body, and the back as a thing: a cue is about the bar and the room.

"Step back a thumb" is about a place, and allowed; so are discs in Spanish, where plates are called
so.
"""

SPOKEN: Final = ("cues.", "advice.", "steps.")
"""What a lifter is told to do; the rest are names of things, or reasons."""


@dataclass(frozen=True, slots=True)
class Table:
    """The words of one language: ``said`` by key, ``cues.hips_shoot_up``."""

    language: str
    said: dict[str, str]


@cache
def shipped(language: str) -> Table:
    """Return one of the tables that come with the program."""
    path = FOLDER / f"{language}.toml"
    table = _read(path, language)
    _expect_complete(path, table)
    return table


@cache
def codes() -> frozenset[str]:
    """Return the keys of a table: those of the English one, which is the pattern for all."""
    return frozenset(_pattern())


@cache
def _pattern() -> dict[str, str]:
    """Return the English texts by key, unchecked."""
    return _flat(FOLDER / "en.toml", _document(FOLDER / "en.toml"))


def tell(said: Iterable[Said], words: Words) -> str:
    """Write sentences out in the words given, in English where those have none for a key."""
    return " ".join(_told(one, words.said) for one in said)


class ToldError(ValueError):
    """A problem in sentences of the tables: its text is English, and it can be told in any."""

    def __init__(self, *said: Said) -> None:
        super().__init__(tell(said, Words()))
        self.said = said


def _told(one: Said, said: Mapping[str, str]) -> str:
    point = _word(POINT, said)

    def put(place: re.Match[str]) -> str:
        value = one.values[place[1]]
        if not isinstance(value, str):
            return ", ".join(_word(key, said) for key in value)
        return value if place[1] == AS_IT_IS else re.sub(r"(?<=\d)\.(?=\d)", point, value)

    return PLACE.sub(put, _word(one.key, said) if one.key else f"{{{AS_IT_IS}}}")


def _word(key: str, said: Mapping[str, str]) -> str:
    return said[key] if key in said else _pattern()[key]


def read_own(path: Path, usual: str = "en") -> Table:
    """Return a table of somebody's own.

    In a shipped language it may leave out what it does not change; in any other nothing may be
    missing. ``usual`` is the language of a file that does not name one.

    Raises
    ------
    ConfigError
        It cannot be used; the message names the file, the key and what was expected.
    """
    own = _read(path, usual)
    if own.language in SHIPPED:
        return Table(own.language, shipped(own.language).said | own.said)
    _expect_complete(path, own)
    return own


def languages() -> dict[str, Words]:
    """Return what a phone may choose from: the words of each language that is shipped."""
    tables = {language: shipped(language) for language in SHIPPED}
    return {name: Words(language=name, said=table.said) for name, table in tables.items()}


def with_words(config: Config) -> Config:
    """Return the configuration with what is said in its language, or as its own file has it.

    Raises ConfigError as :func:`read_own` does.
    """
    coach = config.coach
    own = Path(coach.words).expanduser() if coach.words else None
    table = shipped(coach.language) if own is None else read_own(own, coach.language)
    words = Words(language=table.language, said=dict(sorted(table.said.items())))
    return msgspec.structs.replace(config, words=words)


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or problem
        raise ConfigError(f"{path}: cannot be read ({reason}); expected a table of words") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: is no TOML: {problem}") from None


def _read(path: Path, usual: str) -> Table:
    document = _document(path)
    language = document.pop("language", usual)
    if not (
        isinstance(language, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", language)
    ):
        raise ConfigError(f"{path}: language: expected a code such as en, de or pt-BR")
    said = _flat(path, document)
    for key, text in said.items():
        _check(path, language, key, text)
    return Table(language, said)


def _flat(path: Path, tree: dict[str, Any], before: str = "") -> dict[str, str]:
    """Return the texts of a document by their dotted keys."""
    said: dict[str, str] = {}
    for name, value in tree.items():
        if name == "language" and not before:
            continue
        key = before + name
        if isinstance(value, dict):
            said |= _flat(path, value, key + ".")
        elif isinstance(value, str):
            said[key] = value
        else:
            raise ConfigError(f"{path}: {key}: expected text in quotes, not {value!r}")
    return said


def _expect_complete(path: Path, table: Table) -> None:
    missing = sorted(codes() - set(table.said))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ConfigError(
            f"{path}: {missing[0]}{more} missing; expected words for every code, "
            f"as {', '.join(SHIPPED)} have them (shinline words)"
        )


def _check(path: Path, language: str, key: str, text: str) -> None:
    problem = _problem(language, key, text)
    if problem:
        raise ConfigError(f"{path}: {key}: {problem}")


def _problem(language: str, key: str, text: str) -> str:
    """Say what is wrong with the words of a key, empty when nothing is."""
    if key not in codes():
        near = difflib.get_close_matches(key, codes(), 1)
        hint = f"; is {near[0]} meant?" if near else ""
        return f"unknown; expected one of the codes that 'shinline words' lists{hint}"
    if not text.strip():
        return "is empty; expected words"
    if text != text.strip() or not text.isprintable():
        return "expected one line, without blanks around it"
    return _misplaced(key, text) or _too_long(key, text) or _unfit(language, key, text)


def _misplaced(key: str, text: str) -> str:
    """Say what is wrong with the places for numbers: each that the English has, once, no others."""
    wanted = sorted(set(PLACE.findall(_pattern()[key])))
    found = sorted(PLACE.findall(text))
    left = PLACE.sub("", text)
    if "{" in left or "}" in left or (found != wanted and (found or key != WITH_NUMBER)):
        places = " and ".join(f"{{{place}}}" for place in wanted)
        return f"expected {places}, each once, and no other braces" if wanted else NO_BRACES
    return ""


def _too_long(key: str, text: str) -> str:
    cue = key.startswith("cues.")
    words = len(text.split())
    if cue and words > MOST_WORDS:
        return f"{words} words; expected at most {MOST_WORDS}"
    most = MOST_CUE_CHARACTERS if cue else MOST_CHARACTERS
    return f"{len(text)} characters; expected at most {most}" if len(text) > most else ""


def _unfit(language: str, key: str, text: str) -> str:
    of = language if language in SHIPPED else "en"
    found = _found(FRIGHTENING[of], text)
    if found:
        return f"{found!r}: expected nothing that frightens, or promises safety"
    told_to_do = key.startswith(SPOKEN) and not key.endswith(".reason")
    if told_to_do and (found := _found(INSIDE[of], text)):
        return f"{found!r}: expected words about the bar or the room, not about the body's inside"
    return ""


def _found(pattern: str, text: str) -> str:
    match = re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
    return match.group() if match else ""
