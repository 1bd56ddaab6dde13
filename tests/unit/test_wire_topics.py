"""The topic table against the contract that other programs rely on."""

import pytest

from shinline.wire.topics import TOPICS, Topic

CONTRACT = {
    "status": (1, True),
    "info": (1, True),
    "calibration": (1, True),
    "state": (1, True),
    "live": (0, False),
    "setup": (1, True),
    "rep": (1, False),
    "rep/last": (1, True),
    "set/last": (1, True),
    "cue": (1, False),
    "stats": (0, False),
    "preview": (0, False),
    "mount": (1, True),
    "response": (1, False),
}
"""Name: QoS, retained."""


def test_the_table_keeps_the_contract() -> None:
    assert {topic.name: (topic.qos, topic.retain) for topic in TOPICS} == CONTRACT


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_hangs_below_its_platform(topic: Topic) -> None:
    assert topic.path("rack_3") == f"shinline/rack_3/{topic.name}"


def test_only_events_are_kept_without_limit() -> None:
    assert {topic.name for topic in TOPICS if topic.waiting_max is None} == {"rep", "cue"}
    assert {topic.name for topic in TOPICS if topic.counts_lost} == {
        "live",
        "stats",
        "preview",
        "response",
    }
