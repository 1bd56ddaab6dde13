"""Events survive the way through text, and arrays the way through bytes, exactly."""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_material import some_frames

from shinline.journal import arrays, codec
from shinline.journal.errors import JournalError
from shinline.types import (
    DETECTION,
    FRAME,
    PATH,
    CueEvent,
    Event,
    MarkerEvent,
    Moment,
    Rep,
    RepEvent,
    RepKind,
    Role,
    ScaleEvent,
    Severity,
)

INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.floats(allow_nan=False)
st.register_type_strategy(float, NUMBER)
st.register_type_strategy(int, INT64)
EVENTS = st.one_of(
    *(
        st.builds(cls, path=st.none(), rep=st.none() | st.from_type(Rep))
        if cls is RepEvent
        else st.from_type(cls)
        for cls in codec.KINDS.values()
    )
)


@given(EVENTS)
@settings(max_examples=300, deadline=None)
def test_an_event_read_back_is_the_event_that_was_written(event: Event) -> None:
    kind, text = codec.encode(event)
    again = codec.decode(kind, text)
    assert again == event
    assert repr(again) == repr(event) or "evidence" in text  # also -0.0, and the enums themselves
    assert codec.KINDS[kind] is type(event)


def test_every_event_there_is_can_be_kept() -> None:
    assert set(codec.KINDS.values()) == set(get_args(Event))


def test_the_kind_is_not_lost_among_the_fields() -> None:
    kind, text = codec.encode(RepEvent(7, RepKind.VOID, "r", 1, 2, reason="only rolled"))
    assert kind == "rep"
    assert json.loads(text)["kind"] == "void"


def test_not_a_number_comes_back_as_one() -> None:
    event = ScaleEvent(1, float("nan"), float("inf"), float("-inf"), -0.0)
    again = codec.decode(*codec.encode(event))
    assert repr(again) == repr(event)


def test_numpy_numbers_are_stored_as_numbers() -> None:
    evidence = {"drift_m": np.float64(0.1), "count": np.int64(3)}
    event = CueEvent(1, "c", "x", Severity.GOOD, Moment.AFTER, "", "", 1, evidence)
    again = codec.decode(*codec.encode(event))
    assert isinstance(again, CueEvent)
    assert again.evidence == {"drift_m": 0.1, "count": 3.0}


def test_the_path_of_a_rep_is_not_in_the_text() -> None:
    event = RepEvent(7, RepKind.END, "r", 1, 2, path=np.zeros(1000, PATH))
    assert len(codec.encode(event)[1]) < 200


def test_something_that_is_no_event_field_is_refused() -> None:
    evidence = {"drift_m": object()}
    event = CueEvent(1, "c", "x", Severity.GOOD, Moment.AFTER, "", "", 1, evidence)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot hold object"):
        codec.encode(event)


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("song", "{}", "unknown kind 'song'"),
        ("marker", '{"t_ns": 1, "role": 99, "seen": true}', "role"),
        ("marker", '{"t_ns": 1', "cannot be read"),
        ("marker", '{"t_ns": 1}', "role"),
    ],
)
def test_text_that_is_no_event_is_told(kind: str, text: str, told: str) -> None:
    with pytest.raises(JournalError, match=told):
        codec.decode(kind, text)


def test_a_role_comes_back_as_a_role() -> None:
    again = codec.decode(*codec.encode(MarkerEvent(1, Role.CREST, True)))
    assert isinstance(again, MarkerEvent)
    assert again.role is Role.CREST


def _rows(count: int) -> np.ndarray:
    return np.concatenate([rows for _, rows in some_frames(count)])


def test_rows_read_back_are_the_same_bytes_and_writable() -> None:
    rows = _rows(50)
    data = rows.tobytes()
    again = arrays.unpack(data, arrays.crc(data), DETECTION, DETECTION)
    assert again.tobytes() == data
    assert again.flags.writeable


def test_todays_layout_is_understood_from_its_own_description() -> None:
    assert arrays.read_layout(arrays.layout_json()) == arrays.LAYOUT


def test_rows_of_an_older_layout_are_read_by_name() -> None:
    older = np.dtype([(name, DETECTION[name]) for name in ("y_px", "t_ns", "x_px")])
    rows = _rows(20)
    data = np.zeros(len(rows), older)
    for name in older.names:
        data[name] = rows[name]
    again = arrays.unpack(data.tobytes(), arrays.crc(data.tobytes()), older, DETECTION)
    assert all((again[name] == rows[name]).all() for name in older.names)
    assert np.isnan(again["quality"]).all()
    assert (again["role"] == 0).all()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"frame": 1}', '{"frame": [["seq", "<q8"]]}', '{"frame": [["a"]]}']
)
def test_a_layout_that_is_none_is_told(text: str) -> None:
    with pytest.raises(arrays.DamagedError, match="layout"):
        arrays.read_layout(text)


def test_stored_objects_are_never_revived() -> None:
    data = bytes(16)
    with pytest.raises(arrays.DamagedError):
        arrays.unpack(data, arrays.crc(data), np.dtype([("a", "O"), ("b", "<i8")]), FRAME)


@given(st.integers(0, 200), st.integers(0, 7))
def test_a_flipped_bit_is_noticed(byte: int, bit: int) -> None:
    data = bytearray(_rows(10).tobytes())
    checksum = arrays.crc(bytes(data))
    data[byte] ^= 1 << bit
    with pytest.raises(arrays.DamagedError, match="checksum"):
        arrays.unpack(bytes(data), checksum, DETECTION, DETECTION)
