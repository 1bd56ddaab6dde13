"""The page of faults, from the cards themselves: what is measured, and what is never seen.

``python -m shinline.app.fault_cards > docs/faults.md`` writes it;
``python -m shinline.app.fault_drawings docs/img/faults`` draws.
"""

import re
import sys
from dataclasses import dataclass, field
from typing import Final

import msgspec

from shinline.app.fault_drawings import value_text
from shinline.coach.faults import verdict
from shinline.coach.faults.card import MAX_SD_SHARE, Card, Finding, Levels, When
from shinline.coach.faults.table import CARDS, NEVER_SEEN
from shinline.coach.lifts import LIFTS
from shinline.coach.past import Past
from shinline.config import Coach

WHEN: Final = {
    When.LIFT: "at lift-off",
    When.OFF: "0.15 s after lift-off",
    When.EARLY: "120 mm up (or a quarter of the range)",
    When.KNEE: "at the knee",
    When.PAST_KNEE: "50 mm above the knee",
    When.TOP: "at the top",
    When.DOWN: "when the bar leaves the top",
    When.FLOOR: "when the repetition has ended",
}
NEVER: Final = {
    "asymmetry": "one side higher or earlier than the other",
    "bar_rotation": "a bar that tilts, or turns about the vertical",
    "knee_valgus": "knees that come together",
    "twisting": "a trunk that turns",
    "foot_turn_out": "how far the toes point out",
}
OF: Final = {"short_lockout": " of a usual 0.55 m"}
"""What a level is a share of."""

PARTS: Final = ("Formula", "Window", "Markers", "Threshold", "Not in it")
TWO_SIDED: Final = {"setup_gap": ("too near", "too far"), "elbows_to_knees": ("behind", "ahead")}


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A lifter of whom nothing is known."""

    coach: Coach = field(default_factory=Coach)
    past: Past = field(default_factory=Past)


NOBODY: Final = _Unknown()


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD, _verdicts(), _seen(), _lifts(), _never(), "## The faults\n"]
    parts += [_card(card) for card in CARDS]
    return "\n".join([*parts, _settings()])


_HEAD: Final = """# Faults

Made by `python -m shinline.app.fault_cards` from the cards in `src/shinline/coach/faults/`, one
file for each fault, and their drawings by `python -m shinline.app.fault_drawings`: a simulated
lifter of 1.75 m with the fault in colour, a good one in grey, and what is measured in blue. Adding
a fault is a file and a row in `src/shinline/coach/faults/table.py`.

Metres are in the plane of the bar's end, x toward the toes, y up. *Lift-off* and *lockout* are
those of [numbers.md](numbers.md). The *set position* is the last 0.2 s in which hip and shoulder
hold still (below 0.05 m/s) before the pull.

None of the thresholds was validated against coaches; the reasons are in the cards.
"""


def _verdicts() -> str:
    v = verdict
    return f"""## How a value becomes a verdict

| rule | value |
|---|---|
| a value is judged only if its standard deviation is at most | {MAX_SD_SHARE:.0%} of the way \
from where nothing is wrong to the threshold, or no level is within {v.CLEAR_SDS:g} of them |
| the doubt is the lifter's: a level must be passed by | {v.BENEFIT_SDS:g} standard deviations |
| the bar must have been seen in | {v.MIN_TRACKED:.0%} of the pull, a sticker without a gap of \
more than 0.1 s in the window |
| the lifter's own good repetitions move a threshold from | {v.LEAST_GOOD_REPS} of them on, to \
their mean and two standard deviations |
| but never below, nor above | {v.OWN_LEAST:.0%} and {v.OWN_MOST:.0%} of the general one, nor into \
the noise |

What was not seen, or not surely enough, is *not assessed*, with the reason, and never called good.
`confidence` is the share of the window in which the markers were seen, times the chance that
noise did not carry the value across the threshold.
"""


def _seen() -> str:
    rows = [
        "## What each fault takes",
        "",
        "| fault | stickers | facing | decided |",
        "|---|---|---|---|",
    ]
    for card in CARDS:
        roles = ", ".join(role.name.lower().replace("_", "-") for role in card.markers)
        faces = "must be known" if card.faces else ""
        cells = [f"[{card.title}](#{card.code})", roles or "bar only", faces, WHEN[card.when]]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def _lifts() -> str:
    names = [lift.replace("_", " ") for lift in LIFTS]
    rows = ["## Lifts", "", "What applies to which lift; from `src/shinline/coach/lifts.py`.", ""]
    rows += [f"| fault | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for card in CARDS:
        cells = ["" if card.code in lift.off else "✓" for lift in LIFTS.values()]
        rows.append(f"| {card.title} | {' | '.join(cells)} |")
    rows += ["", "Thresholds that are another lift's own:", ""]
    for lift in LIFTS.values():
        if lift.changes:
            told = ", ".join(f"`{name}` {value:g}" for name, value in lift.changes.items())
            rows.append(f"- {lift.name.replace('_', ' ')}: {told}")
    hanging = ", ".join(lift.name for lift in LIFTS.values() if lift.hangs)
    rows += ["", f"The bar hangs between repetitions: {hanging}.", ""]
    return "\n".join(rows)


def _never() -> str:
    rows = ["## What one camera at the side never sees", ""]
    rows += [f"- {NEVER[code]} (`{code}`)" for code in NEVER_SEEN]
    return "\n".join([*rows, "", "None of it is ever shown as fine.", ""])


def _card(card: Card) -> str:
    said = sys.modules[card.measure.__module__].__doc__ or ""
    first, *rest = re.split(rf"\b({'|'.join(PARTS)}): ", " ".join(said.split()))
    rows = [f'### <a id="{card.code}"></a>{card.title} (`{card.code}`)', ""]
    rows += [f"![{card.title}](img/faults/{card.code}.svg)", "", first.strip(), ""]
    rows += [
        f"- **{name}**: {text.strip()}" for name, text in zip(rest[::2], rest[1::2], strict=True)
    ]
    return "\n".join([*rows, "", _limits(card), ""])


def _limits(card: Card) -> str:
    rows = ["| nothing wrong | mention | fault | severe |", "|---|---|---|---|"]
    if card.code in TWO_SIDED:
        low, high = TWO_SIDED[card.code]
        rows = ["| side | nothing wrong | mention | fault | severe |", "|---|---|---|---|---|"]
        for name, value in ((low, -1.0), (high, 1.0)):
            rows.append(f"| {name} {_cells(card, card.levels(NOBODY, Finding(value, 0.0)))}")
        return "\n".join(rows)
    return "\n".join([*rows, _cells(card, card.levels(NOBODY, None))])


def _cells(card: Card, levels: Levels) -> str:
    def told(level: float | None) -> str:
        return "-" if level is None else value_text(level, card.unit)

    cells = [told(levels.nominal), told(levels.warn), told(levels.fault), told(levels.severe)]
    cells[2] += OF.get(card.code, "")
    return f"| {' | '.join(cells)} |"


def _settings() -> str:
    rows = ["## Settings", "", "In the section `[coach]` of the configuration:", ""]
    rows += ["| name | default |", "|---|---|"]
    for name, value in msgspec.structs.asdict(Coach()).items():
        shown = f"{value:g}" if isinstance(value, float) else repr(value).replace("'", '"')
        rows.append(f"| `{name}` | {shown} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
