"""The page of two devices on the same reps, in the form of the validity papers."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from shinline_cal.verify.agreement import FEWEST, Agreement, Estimate
from shinline_cal.verify.charts import Level, Line, Mark, Points, chart
from shinline_cal.verify.compare import Compared, Quantity, Sides, compare
from shinline_cal.verify.compare_words import cannot, counting_sentence, how, sentences, thin
from shinline_cal.verify.pairing import Counts, Pairing, RepRow, count
from shinline_cal.verify.quantiles import wilson
from shinline_cal.verify.report import (
    DASH,
    MINUS,
    Plot,
    Report,
    Row,
    Section,
    between,
    counted,
    shown,
)


def report(
    test: str,
    sides: Sides,
    ours: Sequence[RepRow],
    theirs: Sequence[RepRow],
    pairing: Pairing,
    inputs: dict[str, str],
    notes: list[str],
) -> Report:
    """Make the report of two devices on the same reps."""
    compared = compare(ours, theirs, pairing)
    on_page = [item.in_shown_unit() for item in compared]
    counts = count(pairing, len(ours), len(theirs))
    answer = [text for item in on_page[:1] for text in sentences(item, sides)]
    answer.append(counting_sentence(counts, pairing, sides))
    answer += [" ".join(sentences(item, sides)) for item in on_page[1:]]
    title = (
        f"{sides.ours} beside {sides.theirs}, rep by rep"
        if sides.criterion
        else "Two cameras on one bar"
    )
    return Report(
        test=test,
        title=title,
        answer=answer,
        thin=thin(compared, pairing),
        sections=[
            *(_section(item, sides) for item in on_page),
            _counting_section(counts, pairing, ours, theirs, sides),
            *([_published()] if sides.criterion else []),
        ],
        cannot=cannot(sides),
        how=how(pairing, sides),
        inputs=inputs,
        numbers=_numbers(compared, counts, pairing),
        notes=notes,
    )


def _section(item: Compared, sides: Sides) -> Section:
    q, a = item.quantity, item.result
    title = f"{q.title} ({counted(a.n, 'rep')})"
    if a.bias is None:
        return Section(title, note=f"Fewer than {FEWEST} pairs: no figures.")
    plots = [_bland_altman(item, sides), _scatter(item, sides)]
    return Section(title, [*_main_rows(item, sides), *_more_rows(item)], plots)


def _row(name: str, estimate: Estimate | None, q: Quantity, meaning: str, sign: bool = True) -> Row:
    if estimate is None:
        return Row(name, shown(None, 0), "", "cannot be told from these reps")
    value = shown(estimate.value, q.digits, q.unit, sign)
    return Row(name, value, between(estimate.low, estimate.high, q.digits, q.unit), meaning)


def _main_rows(item: Compared, sides: Sides) -> list[Row]:
    q, a = item.quantity, item.result
    plain = Quantity("", "", "", 1.0, 3)
    rows = [
        _row("Bias", a.bias, q, "constant difference"),
        _row("Lower limit of agreement", a.lower, q, "bias - 1.96 sd"),
        _row("Upper limit of agreement", a.upper, q, "bias + 1.96 sd"),
    ]
    if a.lower_sets is not None and a.bias_sets is not None:
        limits = between(a.lower_sets, a.upper_sets, q.digits, q.unit)
        bias = between(a.bias_sets.low, a.bias_sets.high, q.digits, q.unit)
        meaning = f"for a rep of any of the {a.sets} sets; bias {bias}"
        rows.append(Row("Limits with spread between sets", limits, "", meaning))
    rows += [
        Row("RMSE", shown(a.rmse, q.digits, q.unit), "", "bias and spread together"),
        Row(
            "SEE",
            shown(a.see, q.digits, q.unit),
            "",
            f"error of {sides.theirs} predicted from {sides.ours}",
        ),
        _row("CCC (Lin)", a.ccc, plain, "1 is perfect agreement", sign=False),
        _row("Proportional bias", a.proportional, plain, _proportional_words(a)),
        _row("Deming slope", a.deming_slope, plain, "1 is no proportional bias", sign=False),
    ]
    return rows


def _proportional_words(a: Agreement) -> str:
    if a.proportional is None:
        return ""
    if a.proportional.low <= 0.0 <= a.proportional.high:
        return "slope of difference on mean: none shown"
    return "slope of difference on mean: the difference changes with size"


def _more_rows(item: Compared) -> list[Row]:
    q, a = item.quantity, item.result
    cv = None if a.cv_ratio is None else 100.0 * a.cv_ratio
    rows = [
        Row("SDC", shown(a.sdc, q.digits, q.unit), "", "smallest change beyond the noise of both"),
        Row("SEM", shown(a.sem, q.digits, q.unit), "", "typical error of either, if they share it"),
        Row("CV", shown(cv, 1, "%"), "", "SEM as a share of the mean"),
        Row("ICC(A,1)", shown(a.icc, 3), "", "absolute agreement"),
        Row("Pearson r", shown(a.pearson_r, 3), "", "goes together; says nothing of agreement"),
    ]
    growing = a.growing is not None and (a.growing.low > 0.0 or a.growing.high < 0.0)
    if growing and a.ratio_limits is not None:
        low, high = (100.0 * (ratio - 1.0) for ratio in a.ratio_limits)
        text = f"{shown(low, 1, sign=True)} to {shown(high, 1, '%', True)}"
        rows.append(
            Row("Limits in percent", text, "", "the spread changes with size; these fit better")
        )
    if item.within is not None:
        one, two = (f"{100 * share:.0f} %" for share in item.within)
        meaning = "of differences within 1 and 2 of our own sd; 68 and 95 % if the other were exact"
        rows.append(Row("Stated uncertainty", f"{one}, {two}", "", meaning))
    return rows


def _bland_altman(item: Compared, sides: Sides) -> Plot:
    q, a = item.quantity, item.result
    assert a.bias is not None and a.lower is not None and a.upper is not None  # noqa: S101
    marks: list[Mark] = [
        Level(0.0, "", kind="zero"),
        *(
            Level(e.value, shown(e.value, q.digits, sign=True), e.low, e.high, kind)
            for e, kind in ((a.upper, "limit"), (a.bias, "bias"), (a.lower, "limit"))
        ),
        Points(0.5 * (item.ours + item.theirs), item.ours - item.theirs, names=item.names),
    ]
    svg = chart(
        f"Bland-Altman plot of {q.title}",
        f"mean of both, {q.unit}",
        f"{sides.ours} {MINUS} {sides.theirs}, {q.unit}",
        marks,
    )
    caption = (
        "Each dot is a rep. Middle line: bias; broken lines: limits of agreement; shaded: their"
        " 95 % intervals."
    )
    return Plot(f"Bland{DASH}Altman", svg, caption)


def _scatter(item: Compared, sides: Sides) -> Plot:
    q = item.quantity
    low = float(min(item.ours.min(), item.theirs.min()))
    high = float(max(item.ours.max(), item.theirs.max()))
    ends = np.array([low, high])
    svg = chart(
        f"{q.title} of both devices",
        f"{sides.theirs}, {q.unit}",
        f"{sides.ours}, {q.unit}",
        [Line(ends, ends, "equal"), Points(item.theirs, item.ours, names=item.names)],
        square=True,
    )
    return Plot("Rep against rep", svg, "On the broken line both read the same.")


def _counting_section(
    counts: Counts,
    pairing: Pairing,
    ours: Sequence[RepRow],
    theirs: Sequence[RepRow],
    sides: Sides,
) -> Section:
    best = "at best" if pairing.at_best else ""
    yard = sides.theirs
    rows = [
        Row("Reps of either", f"{len(ours)}, {len(theirs)}", "", f"{sides.ours}, {yard}"),
        Row("Seen by both", str(counts.both), "", best),
        Row(f"{yard} alone", str(counts.only_theirs), "", "missed by ours, or a ghost of theirs"),
        Row(
            f"{sides.ours} alone", str(counts.only_ours), "", "a ghost of ours, or missed by theirs"
        ),
        _share_row("Precision", counts.both, counts.both + counts.only_ours, best),
        _share_row("Recall", counts.both, counts.both + counts.only_theirs, best),
        Row("F1", shown(counts.f1, 3), "", best),
    ]
    if pairing.offset_s is not None and pairing.scatter_s is not None:
        meaning = "their clock minus ours; scatter of the starts about it"
        text = f"{pairing.offset_s:.2f} s; {pairing.scatter_s:.2f} s"
        rows.append(Row("Clock offset; scatter", text, "", meaning))
    return Section("Counting reps", rows, _timeline(pairing, ours, theirs, sides))


def _share_row(name: str, hits: int, trials: int, meaning: str) -> Row:
    low, high = wilson(hits, trials) or (None, None)
    value = hits / trials if trials else None
    return Row(name, shown(value, 3), between(low, high, 3), meaning)


def _timeline(
    pairing: Pairing, ours: Sequence[RepRow], theirs: Sequence[RepRow], sides: Sides
) -> list[Plot]:
    if pairing.by != "time" or pairing.offset_s is None or not pairing.pairs:
        return []
    a = np.array([row.t_s for row in ours], float)
    b = np.array([row.t_s for row in theirs], float) - pairing.offset_s
    zero = min(a.min(), b.min())
    a, b = (a - zero) / 60.0, (b - zero) / 60.0
    left, right = np.array(pairing.only_ours, int), np.array(pairing.only_theirs, int)
    both = np.array(pairing.pairs, int)
    marks: list[Mark] = [
        *(Line(np.array([a[i], b[j]]), np.array([0.0, 1.0]), "equal") for i, j in pairing.pairs),
        Points(a[both[:, 0]], np.zeros(len(both))),
        Points(b[both[:, 1]], np.ones(len(both))),
        Points(a[left], np.zeros(len(left)), "lost"),
        Points(b[right], np.ones(len(right)), "lost"),
    ]
    svg = chart("Reps over time", "minutes", "", marks, rows=(sides.ours, sides.theirs))
    return [Plot("Which rep is which", svg, "Joined: taken for one rep. Red: seen by one alone.")]


def _published() -> Section:
    rows = [
        Row("RepOne, Qwik VBT", "0.01 to 0.04 m/s", "", "RMSE of mean velocity against Vicon [1]"),
        Row(
            "GymAware",
            f"{MINUS}0.03 to 0.03 m/s",
            "",
            "limits of agreement against motion capture [2]",
        ),
        Row(
            "Phone app, deadlift",
            "13.3 %; 0.13 m/s",
            "",
            "CV; SDC of mean velocity, two phones [3]",
        ),
    ]
    note = (
        "Other lifters, lifts and rooms: a rough scale, not a ranking. [1] Renner, Mitter, Baca"
        " 2024, PLOS ONE 19:e0313919. [2] Thompson 2020, Sports 8:94. [3] 2025,"
        " doi 10.1177/17479541251391967."
    )
    return Section("For scale: what others have published", rows, note=note)


def _numbers(compared: list[Compared], counts: Counts, pairing: Pairing) -> dict[str, Any]:
    quantities = {}
    for item in compared:
        figures: dict[str, Any] = asdict(item.result)
        figures["ours"], figures["theirs"] = item.ours.tolist(), item.theirs.tolist()
        figures["within_own_sd"] = item.within
        quantities[item.quantity.name] = figures
    reps = {
        **asdict(counts),
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "at_best": pairing.at_best,
    }
    pairs = asdict(pairing)
    return {"quantities": quantities, "reps": reps, "pairing": pairs}
