"""What the documents promise is what the program does."""

import re
import shlex
import sys
from pathlib import Path

import click
import pytest

from shinline import config as configuration
from shinline.app import fault_cards, fault_drawings
from shinline.cli import main
from shinline.coach import assemble, numbers, segment
from shinline.coach.faults.card import Card, Finding
from shinline.coach.faults.table import CARDS, NEVER_SEEN
from shinline.config import Coach, Reps
from shinline.engine import CLOCK_FRAMES
from shinline.journal.record import DEFINITIONS
from shinline.motion import smooth
from shinline.types import Rep
from shinline.wire import payloads
from shinline_cal.verify import agreement, devices, gravity
from shinline_cal.verify.command import verify

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERIFY = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
DRAWINGS = ROOT / "docs" / "img" / "faults"
NUMBERS = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")


def test_the_settings_in_the_readme_are_accepted() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.S)
    assert block
    assert configuration.parse(block.group(1)).lifter.name == "Anna"


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in main.list_commands(click.Context(main)) if name not in README] == []


def test_every_option_of_verify_is_in_its_page_and_no_other() -> None:
    listed = VERIFY[VERIFY.index("## Options") :]
    shared = set(re.findall(r"--[\w-]+", listed.split("|")[0]))
    told = {
        row[0]: set(re.findall(r"--[\w-]+", row[1]))
        for row in re.findall(r"^\| `(\w+)` \| (.*) \|$", listed, re.M)
    }
    assert set(told) == set(verify.commands)
    for name, command in verify.commands.items():
        options = {o for p in command.params for o in p.opts if o.startswith("--")}
        assert told[name] <= options, name
        assert options <= told[name] | shared, name


def test_every_command_in_the_page_of_verify_can_be_typed() -> None:
    lines = re.findall(r"^shinline verify (.*)$", VERIFY, re.M)
    assert len(lines) >= 7
    for line in lines:
        name, *arguments = shlex.split(line)
        verify.commands[name].make_context(name, arguments)


def test_the_columns_in_the_page_of_verify_are_found() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", VERIFY, re.M)
    told = {field: names.split(", ") for field, names in rows if field in devices.VALUES}
    assert set(told) == set(devices.VALUES)
    for field, names in told.items():
        assert [n for n in names if n.lower() not in devices.ALIASES[field]] == []


def test_the_limits_in_the_page_of_verify_are_those_in_force() -> None:
    assert f"Fewer than {agreement.FEWEST} pairs give no figures" in VERIFY
    assert f"With {agreement.THIN}\nreps or more" in VERIFY
    assert f"{gravity.STANDARD_MPS2} m/s² ± {100 * gravity.gravity(None).relative:.2f} %" in VERIFY


def test_every_file_the_readme_names_is_there() -> None:
    names = re.findall(r"`((?:src|docs|deploy|tests)/[\w./-]+\.\w+)`|src=\"([^\"]+)\"", README)
    files = [a or b for a, b in names]
    assert len(files) >= 5
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_the_number_of_the_definitions_is_the_recorded_one() -> None:
    assert f"Definitions number **{DEFINITIONS}**" in NUMBERS


def test_every_number_of_a_rep_that_can_be_missing_is_defined() -> None:
    measured = [n for n in assemble.MAYBE_NULL if n not in ("hip", "drift_sd_m")]
    assert [n for n in measured if n not in NUMBERS] == []
    assert set(assemble.MAYBE_NULL) <= set(Rep.__annotations__)


def test_the_fields_of_a_moved_camera_in_the_page_of_numbers_are_those_sent() -> None:
    section = NUMBERS[NUMBERS.index("## Marks") : NUMBERS.index("## From positions")]
    told = set(re.findall(r"`(floor_\w+)(?:\[\])?`", section))
    sent = set(payloads.Calibration.__struct_fields__)
    assert told == {name for name in sent if name.startswith("floor_")}
    assert "`marks[]`" in section
    assert "marks" in payloads.FinishedRep.__struct_fields__


def test_the_documented_limits_of_a_rep_are_those_in_force() -> None:
    reps = Reps()
    assert f"at least {reps.min_rom_m:.2f} m, at most {reps.max_rom_m:.2f} m" in NUMBERS
    assert f"{numbers.KNEE_SHARE:.0%}".replace("%", " %") in NUMBERS


def test_the_documented_rules_of_the_numbers_are_those_in_force() -> None:
    densities = ", ".join(f"{each:.0f}" for each in smooth.JERK_DENSITIES[:-1])
    assert f"{densities} and {smooth.JERK_DENSITIES[-1]:.0f} m²/s⁵" in NUMBERS
    assert f"below {assemble.FAILED_SHARE:.0%}".replace("%", " %") in NUMBERS
    assert f"less than {assemble.FAILED_MPS:.2f} m/s" in NUMBERS
    assert f"the mount: {numbers.MOUNT_REL_SD:.2%}".replace("%", " %") in NUMBERS
    assert f"and {1000 * numbers.DEPTH_SD_M:.0f} mm of unknown depth" in NUMBERS
    assert (numbers.CALM_SHARE, segment.STAYED_S, CLOCK_FRAMES) == (0.6, 6.0, 5)  # in words there


def test_the_page_of_faults_is_made_from_the_cards() -> None:
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == fault_cards.page()
    assert set(fault_cards.NEVER) == set(NEVER_SEEN)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_each_drawing_of_a_fault_is_what_the_simulator_draws(card: Card) -> None:
    drawn = DRAWINGS / f"{card.code}.svg"
    assert drawn.read_text(encoding="utf-8") == fault_drawings.draw(card)


def test_there_is_a_drawing_for_each_fault_and_no_other() -> None:
    assert {file.stem for file in DRAWINGS.iterdir()} == {card.code for card in CARDS}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_the_levels_a_card_tells_are_those_in_force(card: Card) -> None:
    """Each level's number is in the words of the card's threshold."""
    words = str(sys.modules[card.measure.__module__].__doc__)
    told = set(re.findall(r"\d+(?:\.\d+)?", words[words.index("Threshold:") :]))
    coach = Coach()
    shares = {"short_lockout": (coach.short_warn_share, coach.short_fault_share)}
    if card.code in shares:
        numbers_told = {f"{100.0 * share:g}" for share in shares[card.code]}
    elif card.code == "hitch":
        told, numbers_told = set(words.split()), {"two"}
        assert coach.hitch_stops == 2
    else:
        scale = {"m": 1000.0, "ratio": 100.0}.get(card.unit, 1.0)
        values = [-1.0, 1.0] if card.code in fault_cards.TWO_SIDED else [0.0]
        found = [card.levels(fault_cards.NOBODY, Finding(value, 0.0)) for value in values]
        levels = [level for each in found for level in (each.warn, each.fault, each.severe)]
        numbers_told = {f"{abs(scale * level):g}" for level in levels if level is not None}
    assert numbers_told <= told
