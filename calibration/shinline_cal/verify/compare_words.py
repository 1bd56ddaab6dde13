"""What the page of two devices says in plain words."""

from typing import Final

from shinline_cal.verify.agreement import FEWEST, THIN, Estimate
from shinline_cal.verify.compare import Compared, Quantity, Sides
from shinline_cal.verify.pairing import Counts, Pairing
from shinline_cal.verify.report import between, counted, shown

FEW_SETS: Final = 5


def sentences(item: Compared, sides: Sides) -> list[str]:
    """Say within how much the two agree, and what of it is constant."""
    q, a = item.quantity, item.result
    if a.bias is None or a.lower is None or a.upper is None:
        gaps = ", ".join(shown(d, q.digits, q.unit, True) for d in item.ours - item.theirs)
        return [
            f"{q.title}: {counted(a.n, 'rep')} paired, {sides.ours} minus {sides.theirs} {gaps}."
            f" How well they agree cannot be told from fewer than {FEWEST} reps."
        ]
    if a.sd == 0.0 and a.bias.value == 0.0:
        return [f"{q.title} is the same to the last digit in all {a.n} reps."]
    lower, upper = (shown(e.value, q.digits, sign=True) for e in (a.lower, a.upper))
    widest = ""
    if a.n < THIN:
        low, high = (
            shown(a.lower.low, q.digits, sign=True),
            shown(a.upper.high, q.digits, sign=True),
        )
        widest = f" From so few reps, {low} to {high} {q.unit} cannot be excluded."
    return [
        f"{q.title} agrees within {lower} to {upper} {q.unit} in about 95 of 100 reps"
        f" ({sides.ours} minus {sides.theirs}, {a.n} reps).{widest}",
        bias_words(a.bias, q, sides),
    ]


def bias_words(bias: Estimate, q: Quantity, sides: Sides) -> str:
    """Say whether one of them reads more, as far as these reps show."""
    interval = between(bias.low, bias.high, q.digits, q.unit)
    if bias.low <= 0.0 <= bias.high:
        return f"No constant difference is shown (95 % interval {interval})."
    more = "more" if bias.value > 0.0 else "less"
    size = shown(abs(bias.value), q.digits, q.unit)
    return f"On average {sides.ours} reads {size} {more} (95 % interval {interval})."


def counting_sentence(counts: Counts, pairing: Pairing, sides: Sides) -> str:
    """Say who saw which reps."""
    best = "at best " if pairing.at_best else ""
    f1 = "" if counts.f1 is None else f" (F1 {best}{counts.f1:.3f})"
    if not counts.only_ours and not counts.only_theirs:
        return f"Reps: both counted the same {counts.both}{f1}."
    return (
        f"Reps: {best}{counts.both} seen by both, {counts.only_theirs} by {sides.theirs} alone,"
        f" {counts.only_ours} by {sides.ours} alone{f1}."
    )


def thin(compared: list[Compared], pairing: Pairing) -> list[str]:
    """List what makes this evidence weak."""
    n = max((item.result.n for item in compared), default=0)
    sets = max((item.result.sets for item in compared), default=0)
    said = []
    if not compared:
        said.append("No rep could be paired that both devices measured: nothing was compared.")
    elif n < THIN:
        said.append(
            f"Thin evidence: {counted(n, 'paired rep')}. With fewer than {THIN} the limits are"
            " themselves uncertain; their intervals below say by how much."
        )
    if n >= FEWEST and sets < FEW_SETS:
        said.append(
            f"{counted(sets, 'set')} only. Reps of one set are alike, and other lifters, loads and"
            " days may differ more than these."
        )
    return said + _thin_pairing(pairing)


def _thin_pairing(pairing: Pairing) -> list[str]:
    said = []
    if pairing.by == "time" and 0 < len(pairing.pairs) <= FEWEST:
        said.append("With so few reps their times hardly show which rep is which.")
    if pairing.rivals_s:
        shifts = (value - (pairing.offset_s or 0.0) for value in pairing.rivals_s)
        said.append(
            f"The pairing is ambiguous: shifting the clocks by"
            f" {', '.join(f'{shift:+.1f} s' for shift in shifts)} pairs the reps almost as well. If"
            " one device missed the first rep of a set, all of its pairs may be off by one. Name"
            " the offset with --offset-s if you know it."
        )
    if pairing.uncertain_sets:
        said.append(
            f"Not paired, because the counts differ and the file has no times:"
            f" {'; '.join(pairing.uncertain_sets)}. The reps that both saw are the most that the"
            " counts allow. Delete the extra rows if you know which rep or set they are."
        )
    return said


def cannot(sides: Sides) -> list[str]:
    """List what no number of reps would show here."""
    other = (
        f"{sides.theirs} is a yardstick, not the truth: where the two differ this page does not say"
        " which one is right. The drop, pendulum and ruler tests do not need another device."
        if sides.criterion
        else "Two cameras of one make share their mistakes: a wrong definition, or a plate whose"
        " diameter was entered wrong, shows in both alike and in no figure here."
    )
    return [
        other,
        "A device that begins or ends a rep by another rule measures another mean velocity and"
        " another range of motion of the same rep. Shinline's rules are in docs/numbers.md.",
        "Reps that neither device saw are in no count.",
        "How well it works for other lifters, loads, rooms and camera places than these.",
    ]


def how(pairing: Pairing, sides: Sides) -> list[str]:
    """Name the methods and their sources."""
    paired = {
        "time": "by their start times, each once, after taking out one offset between the clocks",
        "place": "by their place (set, rep), in sets for which both counted the same number",
    }[pairing.by]
    return [
        f"Reps are paired {paired}; never by how alike their values are.",
        f"Differences are {sides.ours} minus {sides.theirs}. Bias and limits of agreement"
        " (bias ± 1.96 sd) with 95 % intervals: Bland and Altman 1986, 1999; limits with sets:"
        " Bland and Altman 2007. Proportional bias: slope of difference on mean, and the Deming"
        " slope with a jackknife interval (Linnet 1993).",
        f"SEE: spread of {sides.theirs} about its regression on {sides.ours}, n - 2 degrees of"
        " freedom. CCC: Lin 1989, 2000. ICC(A,1): McGraw and Wong 1996. SEM = sd / √2, SDC ="
        " 1.96 √2 SEM, CV = SEM / mean (Hopkins 2000).",
    ]
