"""The queue before the broker: order is kept, samples give way, events never do."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinline.wire import topics
from shinline.wire.compose import Message
from shinline.wire.outbox import Outbox
from shinline.wire.topics import TOPICS, Topic


def drain(outbox: Outbox) -> list[Message]:
    return [outbox.take() for _ in range(len(outbox))]


def numbered(topic: Topic, count: int) -> list[Message]:
    return [Message(topic, {"n": n}) for n in range(count)]


@settings(deadline=None)  # the machine may be busy; nothing here is about time
@given(st.lists(st.sampled_from(TOPICS), max_size=100))
def test_what_is_left_is_the_newest_of_each_topic_in_order(sent: list[Topic]) -> None:
    outbox = Outbox()
    messages = [Message(topic, {"n": n}) for n, topic in enumerate(sent)]
    for message in messages:
        outbox.put(message)
    newer: Counter[str] = Counter()
    kept: list[Message] = []
    for message in reversed(messages):
        limit = message.topic.waiting_max
        if limit is None or newer[message.topic.name] < limit:
            kept.insert(0, message)
        newer[message.topic.name] += 1
    gone = newer - Counter(message.topic.name for message in kept)
    counted = {name: gone[name] for name in ("live", "stats", "preview", "response")}
    assert outbox.lost == counted
    assert drain(outbox) == kept


@pytest.mark.parametrize("topic", [topics.REP, topics.CUE])
def test_reps_and_cues_are_never_dropped(topic: Topic) -> None:
    outbox = Outbox()
    for message in numbered(topic, 10_000):
        outbox.put(message)
    assert [message.fields["n"] for message in drain(outbox)] == list(range(10_000))
    assert sum(outbox.lost.values()) == 0


def test_the_newest_path_samples_stay_and_the_rest_is_counted() -> None:
    outbox = Outbox()
    for message in numbered(topics.LIVE, topics.LIVE_WAITING_MAX + 8):
        outbox.put(message)
    assert drain(outbox)[0].fields["n"] == 8
    assert {name: lost for name, lost in outbox.lost.items() if lost} == {"live": 8}


def test_a_retained_value_that_is_out_of_date_is_no_loss() -> None:
    outbox = Outbox()
    for message in numbered(topics.STATE, 3):
        outbox.put(message)
    outbox.count_lost(topics.STATE)
    assert [message.fields["n"] for message in drain(outbox)] == [2]
    assert not any(outbox.lost.values())


def test_taking_from_an_empty_outbox_is_an_error() -> None:
    with pytest.raises(KeyError):
        Outbox().take()
