"""The book of repetitions: who pulled what under which plan, what counts as usual, the sets."""

from dataclasses import replace

import numpy as np
import pytest
from judged import finished
from talk import BAD, FORWARD, GOOD

from shinline.coach.body import Point
from shinline.coach.floor import Floor
from shinline.coach.legs import Legs
from shinline.coach.past import Past, Standing
from shinline.coach.segment import Mark, MarkKind
from shinline.coach.tally import NO_FLOOR, Tally
from shinline.config import Baseline, Coach, Config, Lifter, Reps
from shinline.types import (
    NS_PER_S,
    PATH,
    CueEvent,
    Event,
    FaultVerdict,
    Plan,
    PlanEvent,
    Rep,
    RepEvent,
    RepKind,
    SetEvent,
)

S = NS_PER_S
ANKLE, KNEE = Point(-0.1, -0.1, 0.01), Point(-0.1, 0.3, 0.01)
LEGS = Legs(0.4, 0.42, 0.81, ANKLE, (ANKLE, KNEE))


class _Ground(Floor):
    """A floor at height 0 that is known or not."""

    known = True

    def supports(self, level_m: float) -> bool:
        return self.known and level_m == 0.0


class Book:
    """A session of repetitions every ten seconds."""

    def __init__(self, config: Config | None = None) -> None:
        self.ground = _Ground()
        self.tally = Tally(config or Config(coach=Coach(test_set=0)), "s", self.ground)
        self.t_ns = 0
        self.events: list[Event] = []

    def pull(
        self, *faults: FaultVerdict, quiet: bool = False, level_m: float = 0.0, **changes: object
    ) -> Rep:
        self.t_ns += 10 * S
        tally = self.tally
        self.events += tally.begin(Mark(MarkKind.LIFT, self.t_ns - 3 * S))
        rep = finished(
            tally.rep_number,
            id=tally.lift_id,
            set=tally.set_number,
            faults=faults,
            plan=tally.begun_under,
            end_ns=self.t_ns,
            floor_ns=self.t_ns,
            **changes,
        )
        path = np.zeros(3, PATH)
        self.events += tally.end(self.t_ns, rep, path, (level_m,), quiet, LEGS)
        return rep

    def plan(self, **changes: object) -> None:
        plan = replace(self.tally.plan, **changes)  # type: ignore[arg-type]
        self.events += self.tally.change_plan(plan, self.t_ns)

    def end_set(self) -> None:
        self.events += self.tally.end_set(self.t_ns)

    def past(self) -> Past:
        return self.tally.past(Standing(), None)

    def of(self, kind: type) -> list:  # type: ignore[type-arg]
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def kinds(self) -> list[RepKind]:
        return [event.kind for event in self.of(RepEvent)]


# --- repetitions ------------------------------------------------------------


def test_ids_never_repeat_and_numbers_count_within_the_set() -> None:
    book = Book()
    told = [book.pull() for _ in range(2)]
    book.end_set()
    told.append(book.pull())
    assert [(rep.id, rep.set, rep.rep) for rep in told] == [
        ("s-0001", 1, 1),
        ("s-0002", 1, 2),
        ("s-0003", 2, 1),
    ]


def test_a_void_takes_an_id_and_no_number() -> None:
    book = Book()
    book.pull()
    book.events += book.tally.begin(Mark(MarkKind.LIFT, 11 * S))
    book.events += book.tally.void(12 * S, "it came back")
    assert book.tally.rep_number == 1
    rep = book.pull()
    assert (rep.id, rep.rep) == ("s-0003", 2)
    void = book.of(RepEvent)[3]
    assert (void.kind, void.id, void.number, void.reason) == (
        RepKind.VOID,
        "s-0002",
        2,
        "it came back",
    )


def test_a_repetition_waits_for_a_floor_and_counts_when_there_is_one() -> None:
    book = Book()
    book.ground.known = False
    book.pull(BAD[0])
    assert book.kinds == [RepKind.NEW]
    assert book.of(CueEvent) == []
    book.ground.known = True
    released = book.tally.release(20 * S)
    assert [type(event) for event in released] == [RepEvent, CueEvent]
    assert book.tally.release(21 * S) == []


def test_what_still_waits_at_the_end_is_void() -> None:
    book = Book()
    book.ground.known = False
    rep = book.pull()
    (void,) = book.tally.finish(30 * S)
    assert isinstance(void, RepEvent)
    assert (void.kind, void.id, void.reason) == (RepKind.VOID, rep.id, NO_FLOOR)


def test_a_bar_that_hangs_needs_no_floor() -> None:
    book = Book()
    book.ground.known = False
    book.plan(lift="romanian")
    book.pull()
    assert book.kinds == [RepKind.NEW, RepKind.END]


def test_nothing_is_said_of_a_repetition_of_which_something_was_just_said() -> None:
    loud, quiet = Book(), Book()
    loud.pull(FORWARD)
    quiet.pull(FORWARD, quiet=True)
    assert len(loud.of(CueEvent)) == 1
    assert quiet.of(CueEvent) == []


# --- plans ------------------------------------------------------------


def test_the_first_plan_is_that_of_the_configuration() -> None:
    config = Config(lifter=Lifter(name="Anna"))
    assert Book(config).tally.plan == Plan("Anna", "conventional", 0.0)


def test_a_change_of_plan_is_told_and_does_not_reach_back_into_the_lift_under_way() -> None:
    book = Book()
    book.events += book.tally.begin(Mark(MarkKind.LIFT, 1 * S))
    book.plan(load_kg=150.0)
    assert book.tally.begun_under.load_kg == 0.0
    (told,) = book.of(PlanEvent)
    assert (told.plan.load_kg, told.set) == (150.0, 1)
    book.tally.begin(Mark(MarkKind.LIFT, 2 * S))
    assert book.tally.begun_under.load_kg == 150.0


@pytest.mark.parametrize("change", [{"lifter": "Ben"}, {"lift": "sumo"}])
def test_the_book_never_mixes_two_lifters_or_two_lifts(change: dict[str, str]) -> None:
    book = Book()
    mine = [book.pull(rom_m=0.50), book.pull(rom_m=0.51)]
    book.end_set()
    back = {name: getattr(book.tally.plan, name) for name in change}
    book.plan(**change)
    assert book.past().reps == ()
    others = book.pull(rom_m=0.62)
    assert book.past().reps == (others,)
    book.end_set()
    book.plan(**back)
    assert book.past().reps == tuple(mine)


def test_a_baseline_is_its_lifters_in_its_lift_only() -> None:
    def base(lifter: str, lift: str, mean: float) -> Baseline:
        return Baseline(lifter, lift, "rom", mean, 0.01, 9)  # type: ignore[arg-type]

    config = Config(
        lifter=Lifter(name="Anna"),
        own=(
            base("Anna", "conventional", 0.50),
            base("Anna", "sumo", 0.40),
            base("Ben", "conventional", 0.60),
        ),
    )
    book = Book(config)
    assert book.past().own_rom_m() == 0.50
    book.plan(lift="sumo")
    assert book.past().own_rom_m() == 0.40
    book.plan(lifter="Ben")
    assert book.past().own == {}
    book.plan(lift="conventional")
    assert book.past().own_rom_m() == 0.60


def test_another_lifters_legs_are_not_these() -> None:
    book = Book()
    book.pull()
    assert book.past().legs == LEGS
    book.plan(load_kg=120.0)
    assert book.past().legs == LEGS
    book.plan(lifter="Ben")
    assert book.past().legs == Legs()


def test_a_lifter_who_stood_up_keeps_the_length_of_the_legs_but_not_the_place_of_the_foot() -> None:
    book = Book()
    book.pull()
    book.tally.foot_moved()
    assert book.past().legs == Legs(LEGS.shank_m, LEGS.thigh_m, LEGS.reach_m)


def test_a_set_that_ends_forgets_the_place_of_the_foot() -> None:
    book = Book()
    book.pull()
    book.end_set()
    assert book.past().legs == Legs(LEGS.shank_m, LEGS.thigh_m, LEGS.reach_m)


# --- labels ------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "usual"), [("good", True), ("bad", True), ("false", False), ("failed", False)]
)
def test_a_repetition_that_was_none_says_nothing_of_what_is_usual(label: str, usual: bool) -> None:
    book = Book()
    rep = book.pull()
    book.tally.label(rep.id, label)
    assert (book.past().reps == (rep,)) is usual
    assert (book.past().of_set == (rep,)) is usual


def test_the_last_word_on_a_repetition_counts() -> None:
    book = Book()
    rep = book.pull()
    book.tally.label(rep.id, "failed")
    book.tally.label(rep.id, "good")
    assert book.past().reps == (rep,)


def test_an_invalid_repetition_says_nothing_of_what_is_usual() -> None:
    book = Book()
    book.pull(valid=False)
    assert book.past().reps == book.past().of_set == ()


# --- sets ------------------------------------------------------------


def test_a_set_ends_on_request_and_only_with_a_repetition_in_it() -> None:
    book = Book()
    book.end_set()
    assert book.of(SetEvent) == []
    book.pull()
    book.end_set()
    (summary,) = book.of(SetEvent)
    assert (summary.set, summary.reps) == (1, 1)
    assert (book.tally.set_number, book.tally.rep_number) == (2, 0)
    assert book.past().of_set == ()
    assert len(book.past().reps) == 1
    assert book.tally.last_rep is None
    assert book.tally.last_floor_ns is None


@pytest.mark.parametrize(("after_s", "ends"), [(29.9, False), (30.1, True)])
def test_a_set_ends_after_its_gap(after_s: float, ends: bool) -> None:
    book = Book(Config(reps=Reps(set_gap_s=30.0)))
    book.pull()
    events = book.tally.rest(book.t_ns + round(after_s * S))
    assert bool(events) is ends
    assert book.tally.rest(book.t_ns + 99 * S) == [] or not ends


def test_a_session_that_ends_sums_its_set_up_and_announces_nothing() -> None:
    book = Book(Config(coach=Coach(test_set=2)))
    book.pull()
    (summary,) = book.tally.finish(99 * S)
    assert isinstance(summary, SetEvent)
    assert summary.next_mode == ""
    assert book.tally.plan.mode == "standard"


def test_one_set_of_a_session_is_silent_and_is_announced_before() -> None:
    book = Book(Config(coach=Coach(test_set=2)))
    book.pull(GOOD)
    book.end_set()
    summary, cue, plan = book.events[-3:]
    assert isinstance(summary, SetEvent) and summary.next_mode == "test"
    assert isinstance(cue, CueEvent) and cue.text == "Next set: no cues."
    assert isinstance(plan, PlanEvent) and plan.plan.mode == "test"
    before = len(book.of(CueEvent))
    book.pull(FORWARD)
    assert len(book.of(CueEvent)) == before
    book.end_set()
    assert book.tally.plan.mode == "standard"
    book.pull(FORWARD)
    assert book.of(CueEvent)[-1].code == "bar_forward"


def test_a_lifter_who_trains_technique_has_no_silent_set() -> None:
    book = Book(Config(coach=Coach(test_set=2)))
    book.plan(mode="technique")
    book.pull(GOOD)
    book.end_set()
    assert book.tally.plan.mode == "technique"
    assert book.of(SetEvent)[-1].next_mode == ""


def test_no_set_is_silent_where_none_is_wanted() -> None:
    book = Book(Config(coach=Coach(test_set=0)))
    for _ in range(3):
        book.pull(GOOD)
        book.end_set()
    assert {event.next_mode for event in book.of(SetEvent)} == {""}


def test_a_fault_of_a_whole_set_is_told_between_sets_with_advice() -> None:
    book = Book()
    for _ in range(3):
        book.pull(FORWARD)
    book.end_set()
    (summary,) = book.of(SetEvent)
    assert summary.faults == {"bar_forward": 3}
    assert [row.code for row in summary.advice] == ["bar_forward"]
    assert book.events[-1].code == "bar_forward"  # type: ignore[union-attr]


def test_a_clock_that_is_set_back_forgets_when_the_bar_came_down() -> None:
    book = Book(Config(reps=Reps(set_gap_s=30.0)))
    book.pull()
    book.tally.set_back(1 * S)
    assert book.tally.last_floor_ns is None
    assert book.tally.rest(30 * S) == []
    assert book.tally.rest(32 * S) != []


# --- what is expected ------------------------------------------------------------


def test_a_stature_tells_the_range_of_motion_to_expect_by_lift() -> None:
    book = Book(Config(lifter=Lifter(stature_m=1.80)))
    plain = 0.436 * 1.80 - 0.225
    assert book.tally.model_rom_m() == pytest.approx(plain)
    book.plan(lift="sumo")
    assert book.tally.model_rom_m() == pytest.approx(0.8 * plain)


def test_the_lifters_own_repetitions_come_before_the_model() -> None:
    book = Book()
    for rom_m in (0.50, 0.56, 0.51):
        book.pull(rom_m=rom_m)
    assert book.past().own_rom_m() == 0.51
    assert Past().own_rom_m() is None


def test_the_usual_top_is_as_sure_as_it_is_steady() -> None:
    """1.48 times the median distance from the median, over the root of their number."""
    roms = (0.50, 0.51, 0.52, 0.53, 0.60)
    top = Past(reps=tuple(finished(n, rom_m=rom) for n, rom in enumerate(roms))).top_m()
    assert top == pytest.approx((0.52, 1.48 * 0.01 / 5**0.5))
    same = Past(reps=tuple(finished(n) for n in range(4))).top_m()
    assert same == pytest.approx((0.52, 0.006 / 2.0))
    assert Past(reps=(finished(),)).top_m() is None
    own = {"rom": Baseline("Anna", "conventional", "rom", 0.55, 0.002, 9)}
    assert Past(own=own).top_m() == pytest.approx((0.55, 0.006 / 3.0))
