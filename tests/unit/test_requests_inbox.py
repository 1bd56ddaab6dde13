"""The inbox: bounded, in order, and not to be flooded."""

from shinline.wire.inbox import BUSY, MOST_PER_S, MOST_WAITING, TOO_MANY, Inbox, Refusal


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def test_requests_come_out_in_the_order_in_which_they_went_in() -> None:
    inbox = Inbox(Clock())
    for number in range(3):
        assert inbox.put("level", f'{{"transaction": {number}}}'.encode(), False) is None
    taken = [inbox.take() for _ in range(4)]
    assert [one and one.transaction for one in taken] == [0, 1, 2, None]


def test_a_retained_request_is_from_another_day() -> None:
    inbox = Inbox(Clock())
    assert inbox.put("preview", b'{"on": true}', True) is None
    assert inbox.put("nonsense", b"\xff", True) is None
    assert len(inbox) == 0


def test_what_is_malformed_is_refused_and_does_not_wait() -> None:
    inbox = Inbox(Clock())
    refused = inbox.put("preview", b'{"on": "yes", "transaction": "t"}', False)
    assert refused is not None
    assert (refused.verb, refused.transaction) == ("preview", "t")
    odd = inbox.put("a/b", b"{}", False)
    assert odd is not None
    assert odd.verb == "unknown"
    assert len(inbox) == 0


def test_more_than_may_wait_are_refused_and_those_that_wait_stay() -> None:
    inbox = Inbox(Clock())
    answers = [inbox.put("level", b'{"transaction": 5}', False) for _ in range(MOST_WAITING + 1)]
    assert answers == [None] * MOST_WAITING + [Refusal("level", BUSY, 5)]
    assert len(inbox) == MOST_WAITING


def test_a_flood_is_refused_then_ignored_and_passes() -> None:
    clock = Clock()
    inbox = Inbox(clock)
    answers = []
    for _ in range(1000):
        answers.append(inbox.put("level", b"{}", False))
        inbox.take()
    assert answers[:MOST_PER_S] == [None] * MOST_PER_S
    assert answers[MOST_PER_S : 2 * MOST_PER_S] == [Refusal("level", TOO_MANY, None)] * MOST_PER_S
    assert set(answers[2 * MOST_PER_S :]) == {None}
    assert inbox.ignored == 1000 - 2 * MOST_PER_S
    assert inbox.take() is None  # what was ignored waits nowhere
    clock.s += 1.0
    assert inbox.put("level", b"{}", False) is None
    assert inbox.take() is not None


def test_at_the_permitted_pace_nothing_is_ever_refused() -> None:
    clock = Clock()
    inbox = Inbox(clock)
    for _ in range(200):
        assert inbox.put("level", b"{}", False) is None
        assert inbox.take() is not None
        clock.s += 1.001 / MOST_PER_S
