"""What is said: every table is whole and fit, a mistake in one's own is told with what to do."""

import ast
import re
import string
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner

from shinline.app import asking, cue_docs, words
from shinline.app.mounting.desk import NO_SESSION
from shinline.app.words_command import words as command
from shinline.coach import advice, cues, gauge
from shinline.coach.asking import UNDER_WAY
from shinline.coach.body import name_of
from shinline.coach.faults.table import CARDS
from shinline.config import Coach, Config, ConfigError, Words
from shinline.types import MARKERS
from shinline.wire import inbox
from shinline.wire.mount import Said, as_told
from shinline.wire.payloads import NOT_OBSERVABLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cues.md").read_text(encoding="utf-8")
CONTRACT = [
    "setup_gap_near",
    "setup_gap_far",
    "hips_high_start",
    "hips_low_start",
    "elbows_to_knees",
    "bar_rolled",
    "hips_shoot_up",
    "bar_forward",
    "bar_leaves_legs",
    "knee_loop",
    "reversal",
    "hitch",
    "rounding",
    "lean_back",
    "short_lockout",
    "yank",
    "bounce",
    "lowering",
    "velocity_loss",
    "set_complete",
    "praise",
    "ready",
    "nothing_seen",
    "all_good",
    "test_set",
]
"""Everything that is spoken."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "gym.toml"


def refused(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        words.read_own(path)
    message = str(told.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("language", words.SHIPPED)
def test_a_table_that_comes_along_is_whole_and_passes_its_own_rules(language: str) -> None:
    table = words.shipped(language)
    assert table.language == language
    assert set(table.said) == words.codes()
    assert {key.removeprefix("cues.") for key in table.said if key.startswith("cues.")} == set(
        CONTRACT
    )
    assert max(len(text.split()) for key, text in table.said.items() if "cues." in key) <= 7


def test_everything_the_coach_says_has_words() -> None:
    """And without a table the coach says the same as with the English one."""
    english = words.shipped("en").said
    for code, line in cues.LINES.items():
        assert english[f"cues.{code}"] == line.text
    for code, (text, reason) in advice.TABLE.items():
        assert (english[f"advice.{code}.text"], english[f"advice.{code}.reason"]) == (text, reason)
    for code, text in gauge.TEXTS.items():
        assert english[f"camera.{code}"] == text
    titled = {key.removeprefix("faults.") for key in english if key.startswith("faults.")}
    assert titled == {card.code for card in CARDS}
    assert [code for code in cues.LINES if f"cues.{code}" not in words.codes()] == []
    assert [code for code in NOT_OBSERVABLE if f"unseen.{code}" not in words.codes()] == []


def test_the_words_that_come_along_are_not_the_english_ones() -> None:
    """A line that was forgotten in a translation would be the same."""
    english = words.shipped("en").said
    same = {
        "de": {"lifts.sumo"},
        "es": {"lifts.sumo", "check.role_crest"},
    }
    for language in ("de", "es"):
        said = words.shipped(language).said
        assert {key for key, text in said.items() if text == english[key]} == same[language]


STATIC = ROOT / "src" / "shinline" / "web" / "static"
IN_SCRIPTS = re.compile(r'\bsay(?:With)?\(\s*"([a-z_.]+)",\s*"((?:[^"\\]|\\.)*)"')
IN_PAGES = re.compile(r'data-say="([a-z_.]+)"[^>]*>([^<]+)<')
LABELS = re.compile(r'aria-label="([^"]+)" data-say-label="([a-z_.]+)"')


def test_what_a_page_is_written_with_is_what_the_english_table_says() -> None:
    """A page without its words says the same; and a key that there is none of is never asked."""
    written: list[tuple[str, str]] = []
    for path in (*STATIC.glob("*.html"), *STATIC.glob("js/*.js")):
        text = path.read_text(encoding="utf-8")
        written += [(key, said.replace('\\"', '"')) for key, said in IN_SCRIPTS.findall(text)]
        written += [(key, said.strip()) for key, said in IN_PAGES.findall(text)]
        written += [(key, said) for said, key in LABELS.findall(text)]
    english = words.shipped("en").said
    assert len(written) > 150
    assert [(key, said) for key, said in written if english.get(key) != said] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[cues]\nhips_shoot = "Up."', "cues.hips_shoot: unknown; expected one of the codes"),
        ('[cues]\nhips_shoot = "Up."', "is cues.hips_shoot_up meant?"),
        ('[cues]\nyank = "a b c d e f g h"', "cues.yank: 8 words; expected at most 7"),
        ('[cues]\nyank = "' + "x" * 61 + '"', "cues.yank: 61 characters; expected at most 60"),
        ('[steps.bend]\ntext = "' + "x" * 161 + '"', "steps.bend.text: 161 characters"),
        ('[cues]\nyank = ""', "cues.yank: is empty; expected words"),
        ('[cues]\nyank = "  "', "cues.yank: is empty; expected words"),
        ('[cues]\nyank = " Go. "', "cues.yank: expected one line, without blanks around it"),
        ('[cues]\nyank = "Go.\\nNow."', "cues.yank: expected one line"),
        ('[cues]\nyank = "Off {mm} mm."', "cues.yank: expected no braces"),
        ('[cues]\npraise = "{mm} {mm}"', "cues.praise: expected {mm}, each once"),
        (
            '[cues]\npraise = "{cm} cm"',
            "cues.praise: expected {mm}, each once",
        ),
        ('[cues]\npraise = "mm} mm"', "cues.praise: expected {mm}, each once"),
        ("[cues]\nyank = 7", "cues.yank: expected text in quotes, not 7"),
        ("[cues]\nyank = []", "cues.yank: expected text in quotes, not []"),
        ("yank = 'Go.'", "yank: unknown; expected one of the codes"),
        ("[cues", "is no TOML: "),
        ("language = 'English'", "language: expected a code such as en, de or pt-BR"),
        ("language = 7", "language: expected a code such as en, de or pt-BR"),
        ('[cues]\nyank = "That is dangerous."', "'dangerous': expected nothing that frightens"),
        ('[cues]\nyank = "Or get hurt."', "'hurt': expected nothing that frightens"),
        ('[faults]\nyank = "Unsafe pull"', "'Unsafe': expected nothing that frightens"),
        ('[cues]\nyank = "Keep your back flat."', "'your back': expected words about the bar"),
        ('[cues]\nyank = "Brace the spine."', "'spine': expected words about the bar"),
        ('[advice.yank]\ntext = "Rest the lower back."', "about the body's inside"),
        ('language = "de"\n[cues]\nyank = "Rücken gerade."', "'Rücken': expected words about"),
        ('language = "de"\n[cues]\nyank = "Sonst tut es weh."', "'weh': expected nothing that"),
        ('language = "es"\n[cues]\nyank = "Cuida la espalda."', "'espalda': expected words"),
        ('language = "es"\n[cues]\nyank = "Es peligroso."', "'peligroso': expected nothing"),
        ('language = "fr"\n[cues]\nyank = "Plie la barre."', "more missing; expected words"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_what_was_expected(
    own: Path, text: str, told: str
) -> None:
    assert told in refused(own, text)


@pytest.mark.parametrize(
    "text",
    [
        "[cues]\nyank = 'Step back a thumb.'",
        "[cues]\nyank = 'Put the bar back, then go.'",
        "[cues]\nyank = 'Paint the wall.'",
        "[faults]\nrounding = 'The lower back changes shape'",
        "[cues]\npraise = 'Straight as a string.'",
        "language = 'de'\n[cues]\nyank = 'Einen Schritt zurück.'",
        "language = 'es'\n[cues]\nyank = 'Discos en el suelo.'",
    ],
)
def test_what_only_looks_like_a_forbidden_word_may_be_said(own: Path, text: str) -> None:
    own.write_text(text, encoding="utf-8")
    words.read_own(own)


def test_a_gym_writes_only_what_it_changes(own: Path) -> None:
    own.write_text("language = 'es'\n[cues]\nyank = 'Tensa y tira.'", encoding="utf-8")
    table = words.read_own(own)
    assert table.said == words.shipped("es").said | {"cues.yank": "Tensa y tira."}


def test_another_language_says_everything_itself(own: Path) -> None:
    english = (words.FOLDER / "en.toml").read_text(encoding="utf-8")
    own.write_text(english.replace('language = "en"', 'language = "pt-BR"'), encoding="utf-8")
    assert words.read_own(own).language == "pt-BR"


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read \(No such file"):
        words.read_own(tmp_path / "gone.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is no TOML"):
        words.read_own(tmp_path / "binary.toml")


def with_coach(**settings: object) -> Config:
    return words.with_words(Config(coach=msgspec.structs.replace(Coach(), **settings)))


def test_the_configuration_gets_the_words_of_its_language_or_of_its_file(own: Path) -> None:
    assert with_coach().words.said["cues.bar_forward"] == "Drag the bar up your legs."
    german = with_coach(language="de").words
    assert (german.language, german.said["cues.lowering"]) == ("de", "Leise Scheiben.")
    own.write_text("[cues]\nlowering = 'Ganz leise.'", encoding="utf-8")
    mine = with_coach(language="de", words=str(own)).words
    assert (mine.language, mine.said["cues.lowering"]) == ("de", "Ganz leise.")
    assert mine.said["cues.yank"] == german.said["cues.yank"]
    with pytest.raises(ConfigError, match=r"none\.toml"):
        with_coach(words=str(own.with_name("none.toml")))


# --- the command ----------------------------------------------------------------------------------


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, [*arguments], env={"COLUMNS": "160"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_table_is_shown_beside_the_english() -> None:
    code, shown = said("--language", "de")
    assert code == 0
    assert re.search(r"cues\.lowering +Quiet plates\. +Leise Scheiben\.", shown)
    assert re.search(r"cues\.lowering +Quiet plates\.\s*\n", said()[1])


def test_a_copy_is_a_table_that_passes_and_nothing_is_overwritten(own: Path) -> None:
    code, shown = said("--copy", str(own))
    assert (code, words.read_own(own)) == (0, words.shipped("en"))
    assert f"shinline words {own}" in shown
    own.write_text("[cues]\nyank = 'Go.'", encoding="utf-8")
    code, shown = said("--copy", str(own))
    assert (code, "is there already; expected a new name" in shown) == (2, True)
    assert own.read_text(encoding="utf-8") == "[cues]\nyank = 'Go.'"
    code, shown = said(str(own))
    assert code == 0
    assert f"1 of {len(words.codes())} texts differ" in shown
    assert said("--copy", str(own), str(own))[0] == 2
    assert said("--copy", str(own.parent / "no" / "folder.toml"))[0] == 1


def test_a_table_with_a_mistake_is_told_in_one_line(own: Path) -> None:
    own.write_text("[cues]\nyank = ''", encoding="utf-8")
    assert said(str(own)) == (2, f"shinline: {own}: cues.yank: is empty; expected words\n")


def test_the_command_is_one_of_shinlines() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'words = "shinline.app.words_command:words"' in text
    assert isinstance(command, click.Command)


# --- the page -------------------------------------------------------------------------------------


def test_the_page_has_the_tables_in_force() -> None:
    for table in cue_docs.tables():
        assert PAGE.count(table) == 1, table.splitlines()[0]


def test_the_page_names_the_limits_in_force() -> None:
    plain = " ".join(PAGE.split())
    limits = f"more than {words.MOST_WORDS} words or {words.MOST_CUE_CHARACTERS} characters"
    assert limits in plain
    assert f"more than {words.MOST_CHARACTERS};" in plain
    assert [field for _, field, _, _ in string.Formatter().parse(words.NUMBER)] == ["mm"]
    assert f"Only `praise` may do without its `{words.NUMBER}`" in plain


REASON = re.compile(r"^[a-z][a-z' :,-]+$")


def reasons_of(path: Path) -> set[str]:
    """Return what a part of the coach gives as reasons: its texts that begin in lower case.

    In texts with figures every figure is 1.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
    texts = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in parts
    ]
    return {text for text in texts if text.count(" ") >= 2 and REASON.match(text)}


def test_every_reason_of_the_coach_has_words_under_its_own_text() -> None:
    """The review page finds them so; a reason that was reworded would be shown in English."""
    folder = Path(cues.__file__).parent
    given = {text for path in (folder / "faults").glob("*.py") for text in reasons_of(path)}
    given |= reasons_of(folder / "hips.py") | reasons_of(folder / "outline.py")
    given |= {f"the {name_of(role)} marker was out of sight" for role in MARKERS if role}
    given |= {"the bar was seen in 42% of the pull", "the bar was not seen for 0.52 s"}
    given |= {asking.NO_REP, asking.NO_SET, UNDER_WAY, NO_SESSION}
    given |= {inbox.TOO_MANY, inbox.BUSY.removeprefix("busy: ")}
    given |= {"failed: the bar came 0.31 m high, of 0.55 m before"}
    slugs = {re.sub(r"[^a-z]+", "_", re.sub(r"\d+(\.\d+)?", "n", text.lower())) for text in given}
    assert len(slugs) > 35
    assert sorted(slug for slug in slugs if f"reasons.{slug}" not in words.codes()) == []


def test_a_sentence_is_told_with_its_figures_as_the_language_writes_them() -> None:
    rig = Said(key="check.calibration_named", values={"name": "rig {mm} 1.2", "mm": "5.5"})
    roles = Said(key="check.body_seen", values={"roles": ("check.role_hip", "check.role_knee")})
    english = "In force: rig {mm} 1.2; sizes are good to 5.5 mm. Seen: hip, knee."
    assert words.tell((rig, roles), Words()) == english
    assert words.tell((rig, roles), with_coach().words) == english
    german = "In Kraft: rig {mm} 1.2; Größen sind auf 5,5 mm genau. Zu sehen: Hüfte, Knie."
    assert words.tell((rig, roles), with_coach(language="de").words) == german
    assert words.tell((as_told("As it {came}, 1.5."),), with_coach(language="de").words) == (
        "As it {came}, 1.5."
    )


def test_words_of_a_gym_that_lack_a_key_are_filled_up_with_english() -> None:
    """A session that was recorded before a text came along still says it."""
    old = Words(language="de", said={"check.ready": "Los."})
    assert words.tell((Said(key="check.ready"), Said(key="check.usable")), old) == "Los. Usable."


def test_a_problem_is_told_in_english_and_can_be_told_in_any_language() -> None:
    problem = words.ToldError(Said(key="calibrate.bar_short", values={"s": "0.4", "least": "1.0"}))
    assert str(problem) == "The bar was seen for 0.4 s; 1.0 s are needed while it lies still."
    assert words.tell(problem.said, with_coach(language="es").words).startswith(
        "La barra se vio 0,4 s; hacen falta 1,0 s"
    )


CALIBRATION = ROOT / "calibration" / "shinline_cal"
SAID = re.compile(r'\b(say|refuse)\(\s*f?"([a-z_{}.\[\]()0-9]+)"')


def test_every_sentence_of_the_calibration_has_words_and_none_is_there_for_nobody() -> None:
    section = {"say": "calibrate", "refuse": "refusals"}
    source = "".join(path.read_text(encoding="utf-8") for path in CALIBRATION.rglob("*.py"))
    asked = {f"{section[call]}.{code}" for call, code in SAID.findall(source)}
    plain = {key for key in asked if "{" not in key}
    assert sorted(plain - words.codes()) == []
    made = ("title_", "remedy_", "part_", "what_", "lean", "too_", "upside_down", "on_its_side")
    unused = [
        key
        for key in words.codes() - plain
        if key.startswith(("calibrate.", "refusals.")) and not key.split(".")[1].startswith(made)
    ]
    assert sorted(unused) == []
