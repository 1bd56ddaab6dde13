"""What waits for one client of the Python broker: bounded, in order, and sent in pieces."""

import pytest
from amqtt.adapters import BufferReader
from amqtt.mqtt.publish import PublishPacket
from event_loops import answered
from hypothesis import given
from hypothesis import strategies as st

from shinline.wire.frames import BadPacket, Publish, parse_publish
from shinline.wire.mailbox import AT_ONCE_BYTES, MOST_BYTES, MOST_WAITING, WINDOW, Mailbox
from shinline.wire.pace import Pace

TOPICS = st.text(st.characters(exclude_characters="#+\0", exclude_categories=["Cs"]), min_size=1)


def message(number: int, qos: int, size: int = 8) -> Publish:
    return Publish("t", b"%*d" % (size, number), qos, retain=False)


def numbers(piece: bytes) -> list[int]:
    """Return what the payloads of a piece of packets say, in order."""
    found, at = [], 0
    while at < len(piece):
        length, shift, digit_at = 0, 0, at + 1
        while True:
            length |= (piece[digit_at] & 0x7F) << shift
            shift, digit_at = shift + 7, digit_at + 1
            if piece[digit_at - 1] < 0x80:
                break
        body = piece[digit_at : digit_at + length]
        found.append(int(parse_publish(piece[at] & 15, body).payload))
        at = digit_at + length
    return found


@given(
    topic=TOPICS.filter(lambda name: not name.startswith("$") and len(name) < 1000),
    payload=st.binary(max_size=300),
    qos=st.integers(0, 2),
    retain=st.booleans(),
    packet_id=st.integers(1, 65535),
)
def test_a_packet_is_read_as_it_was_written_by_us_and_by_amqtt(
    topic: str, payload: bytes, qos: int, retain: bool, packet_id: int
) -> None:
    sent = Publish(topic, payload, qos, retain, packet_id if qos else 0)
    packet = sent.to_bytes()
    theirs = PublishPacket.build(topic, payload, packet_id if qos else None, False, qos, retain)
    assert packet == theirs.to_bytes()
    reading = PublishPacket.from_stream(BufferReader(packet))
    read = answered(reading)
    assert (read.topic_name, bytes(read.data or b""), read.qos) == (topic, payload, qos)
    start = 2 if len(packet) < 130 else 3
    assert parse_publish(packet[0] & 15, packet[start:]) == sent


@given(flags=st.integers(0, 15), body=st.binary(max_size=40))
def test_any_bytes_are_a_packet_or_a_bad_one(flags: int, body: bytes) -> None:
    try:
        read = parse_publish(flags, body)
    except BadPacket as problem:
        assert str(problem)
    else:
        assert read.topic.encode() in body
        assert body.endswith(read.payload)


@pytest.mark.parametrize(
    ("flags", "body"),
    [
        (0, b""),
        (0, b"\0"),
        (0, b"\0\0payload"),
        (0, b"\0\5abc"),
        (2, b"\0\1a\0"),
        (2, b"\0\1a\0\0payload"),
        (6, b"\0\1a\0\1payload"),
        (0, b"\0\1#"),
        (0, b"\0\1+"),
        (0, b"\0\2a\0"),
        (0, b"\0\1$"),
        (0, b"\0\1\xff"),
    ],
)
def test_what_breaks_the_protocol_is_named(flags: int, body: bytes) -> None:
    with pytest.raises(BadPacket):
        parse_publish(flags, body)


def test_the_longest_length_is_written_in_four_digits_and_no_more() -> None:
    assert Publish("t", bytes(300_000), 0, False).to_bytes()[1:4] == b"\xe3\xa7\x12"
    with pytest.raises(ValueError, match="at most 268435455"):
        Publish("t", bytes(2**28), 0, False).to_bytes()


def test_messages_leave_in_order_whatever_their_qos() -> None:
    box = Mailbox()
    for number in range(WINDOW):
        assert box.put(message(number, number % 2))
    assert numbers(box.take(0.0)) == list(range(WINDOW))
    assert (box.take(0.0), len(box)) == (b"", 0)


def test_a_client_that_acknowledges_nothing_gets_a_window_of_messages_and_then_waits() -> None:
    box = Mailbox()
    for number in range(WINDOW + 2):
        box.put(message(number, 1))
    box.put(message(99, 0))
    assert numbers(box.take(3.0)) == list(range(WINDOW))
    assert box.take(4.0) == b""
    assert box.unacknowledged_since_s == 3.0
    assert box.acknowledged(1)
    assert not box.acknowledged(1)
    assert numbers(box.take(5.0)) == [WINDOW]
    for packet_id in range(2, WINDOW + 2):
        assert box.acknowledged(packet_id)
    assert numbers(box.take(6.0)) == [WINDOW + 1, 99]
    assert box.acknowledged(WINDOW + 2)
    assert box.unacknowledged_since_s is None


def test_packet_identifiers_go_round_and_pass_over_those_in_flight() -> None:
    box = Mailbox()
    box.put(message(0, 1))
    box.take(0.0)
    for packet_id in range(2, 65536):
        box.put(message(packet_id, 1))
        box.take(0.0)
        assert box.acknowledged(packet_id)
    box.put(message(0, 1))
    box.take(0.0)
    assert box.acknowledged(2)  # 1 is still on its way


def test_the_oldest_samples_give_way_and_events_stay() -> None:
    box = Mailbox()
    for number in range(MOST_WAITING + 5):
        assert box.put(message(number, qos=int(number == 2)))
    assert box.lost == 5
    assert len(box) == MOST_WAITING
    assert numbers(box.take(0.0)) == [2, *range(6, MOST_WAITING + 5)]


def test_pictures_are_bounded_by_their_bytes() -> None:
    box = Mailbox()
    for number in range(10):
        assert box.put(message(number, 0, MOST_BYTES // 4))
    assert (len(box), box.lost) == (4, 6)
    assert numbers(box.take(0.0)) == [6]  # a piece ends where it is long enough
    assert numbers(box.take(0.0)) == [7]


def test_a_piece_is_as_long_as_is_handed_over_at_once() -> None:
    box = Mailbox()
    for number in range(100):
        box.put(message(number, 0, 1000))
    piece = box.take(0.0)
    assert AT_ONCE_BYTES <= len(piece) < AT_ONCE_BYTES + 1100
    assert numbers(piece + box.take(0.0)) == list(range(100))


def test_events_without_room_are_told() -> None:
    box = Mailbox()
    assert all(box.put(message(number, 1)) for number in range(MOST_WAITING))
    assert not box.put(message(0, 1))


def test_answers_overtake_messages_and_are_not_lost() -> None:
    box = Mailbox()
    box.put(message(1, 0))
    for _ in range(MOST_WAITING + 1):
        box.answer(b"\xd0\0")
    piece = box.take(0.0)
    assert piece.startswith(b"\xd0\0" * (MOST_WAITING + 1))
    assert numbers(piece[2 * (MOST_WAITING + 1) :]) == [1]


def test_a_pace_lets_a_burst_pass_and_then_so_much_a_second() -> None:
    pace = Pace(burst=4, per_s=2)
    assert [pace.allows(100.0) for _ in range(5)] == [True] * 4 + [False]
    assert not pace.allows(100.4)
    assert [pace.allows(100.5), pace.allows(100.5)] == [True, False]
    assert not pace.full(102.4)
    assert pace.full(102.5)
    assert not pace.allows(200.0, cost=4.5)
    assert pace.allows(200.0, cost=4.0)
