"""Whatever is asked, and however: it is taken as it was meant or refused with what was expected."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shinline.wire.inbox import Inbox, Refusal
from shinline.wire.requests import AVAILABLE, MOST_BYTES, UNKNOWN, BadRequest, StartSet, parse
from shinline.wire.strict import check_object

VERBS = st.sampled_from(AVAILABLE)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
KEYS = ("lifter", "load_kg", "lift", "target_reps", "target_rpe", "mode", "transaction", "schema")


def refusal(verb: str, payload: bytes) -> str:
    """Return the answer to a request that must be refused, and check that it is counted."""
    inbox = Inbox(lambda: 0.0)
    refused = inbox.put(verb, payload, False)
    assert isinstance(refused, Refusal)
    assert (len(inbox), inbox.refused, inbox.ignored) == (0, 1, 0)
    return refused.error


def put(verb: str, payload: bytes) -> Refusal | None:
    inbox = Inbox(lambda: 0.0)
    refused = inbox.put(verb, payload, False)
    assert (inbox.refused, inbox.ignored) == (int(refused is not None), 0)
    assert len(inbox) == (refused is None)
    return refused


@given(verb=VERBS | st.text(), payload=st.binary(max_size=200))
@example(verb="level", payload=b"\xef\xbb\xbf{}")
@example(verb="level", payload="{}".encode("utf-16"))
@example(verb="start_set", payload=b"[" * MOST_BYTES)
def test_any_bytes_are_refused_with_what_was_expected(verb: str, payload: bytes) -> None:
    refused = put(verb, payload)
    if refused is not None:
        assert "expected" in refused.error
        assert len(refused.error) < 1000
        assert refused.verb in (verb, UNKNOWN)


@given(verb=st.text(alphabet="/+#\0$abc_", max_size=40) | st.text())
@example(verb="")
@example(verb="level/#")
@example(verb="start_set\0")
@example(verb="x" * 60_000)
@example(verb="../level")
def test_no_verb_leads_to_a_topic_that_is_not_ours(verb: str) -> None:
    refused = put(verb, b"{}")
    if refused is not None:
        assert refused.verb.replace("_", "").isalpha()
        assert refused.verb.isascii()
        assert len(refused.verb) <= 32


@given(verb=VERBS, body=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4))
def test_any_object_is_taken_or_refused_and_what_is_taken_is_what_was_said(
    verb: str, body: dict[str, Any]
) -> None:
    payload = json.dumps(body).encode()
    try:
        taken = parse(verb, payload).body
    except BadRequest as problem:
        assert "expected" in str(problem)
    else:
        for key, value in body.items():
            assert getattr(taken, key) == value
            assert isinstance(getattr(taken, key), bool) == isinstance(value, bool)


@given(key=st.sampled_from(KEYS), value=JSON, other=JSON)
def test_a_key_given_twice_is_refused_wherever_it_is(key: str, value: Any, other: Any) -> None:
    """JSON leaves open which of the two counts; nobody shall have to guess."""
    pair = f'"{key}": {json.dumps(value)}, "{key}": {json.dumps(other)}'
    for text in (f"{{{pair}}}", f'{{"a": [1, {{{pair}}}]}}'):
        with pytest.raises(ValueError, match=f"key given twice: '{key}'"):
            check_object(text.encode())


def test_a_key_given_twice_is_named_also_when_it_is_written_differently() -> None:
    assert "key given twice: 'on'" in refusal("mute", b'{"on": true, "on": false}')
    assert "key given twice: 'on'" in refusal("mute", b'{"on": true, "o\\u006e": true}')
    twice = b'{"action":"start","step":"a","values":{"stature_m":1.8,"stature_m":1.7}}'
    assert "key given twice: 'stature_m'" in refusal("calibrate", twice)


@pytest.mark.parametrize(
    ("payload", "part"),
    [
        (b'{"load_kg": -20}', ">= 0.0 - at 'load_kg'"),
        (b'{"load_kg": 2000}', "<= 600.0 - at 'load_kg'"),
        (b'{"load_kg": NaN}', "malformed"),
        (b'{"load_kg": Infinity}', "malformed"),
        (b'{"load_kg": -Infinity}', "malformed"),
        (b'{"load_kg": 1e400}', "range"),
        (b'{"load_kg": "100"}', "got 'str' - at 'load_kg'"),
        (b'{"load_kg": true}', "got 'bool' - at 'load_kg'"),
        (b'{"load_kg": [100]}', "got 'array' - at 'load_kg'"),
        (b'{"load_kg": 100, "load_kg": 100}', "key given twice: 'load_kg'"),
        (b'{"load_kg": 100, "schema": 2}', "schema 2 is not understood, only 1"),
        (b'{"load_kg": 100, "schema": "1"}', "got 'str' - at 'schema'"),
        (b'{"load_kg": 100, "schema": true}', "got 'bool' - at 'schema'"),
        (b'{"load_kg": 100}' + b" " * 1_000_000, "bytes are too many"),
        (b"[" * 10_000, "bytes are too many"),
        (b'{"load_kg":' * 360, "got 'object' - at 'load_kg'"),
        (b"\xef\xbb\xbf" + b'{"load_kg": 100}', "malformed"),
        (b"", "truncated"),
    ],
)
def test_a_load_that_is_none_is_refused_with_what_was_expected(payload: bytes, part: str) -> None:
    said = refusal("set_load", payload)
    assert part in said
    assert said.endswith('{"load_kg": 0 to 600}')


def test_a_request_may_say_which_schema_it_is_of() -> None:
    assert parse("set_load", b'{"load_kg": 100, "schema": 1}').body.values() == {"load_kg": 100.0}


@pytest.mark.parametrize(
    "name",
    [
        "Zoë 🏋️‍♀️",
        "👩🏽‍🦰",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Mòrag",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "Robert'); DROP TABLE reps;--",
        "محمد",
        "יעל",
        "{{7*7}} ${x}",
    ],
)
def test_a_name_is_text_whatever_is_in_it(name: str) -> None:
    body = parse("start_set", json.dumps({"lifter": name}).encode()).body
    assert isinstance(body, StartSet)
    assert body.lifter == name


@pytest.mark.parametrize("code", [0x00, 0x07, 0x09, 0x1B, 0x7F, 0x9B, 0x2028, 0x202E, 0x2066])
def test_a_name_that_cannot_be_shown_as_it_is_is_refused(code: int) -> None:
    said = refusal("start_set", json.dumps({"lifter": f"An{chr(code)}na"}).encode())
    assert f"a character that cannot be shown: U+{code:04X}; expected any of" in said


@given(name=st.text(min_size=1, max_size=64))
def test_no_name_that_is_taken_moves_the_cursor_or_turns_the_text(name: str) -> None:
    refused = put(
        "start_set", json.dumps({"lifter": name}, ensure_ascii=False).encode(errors="surrogatepass")
    )
    if refused is None:
        assert not {unicodedata.category(sign) for sign in name} & {"Cc", "Cs", "Zl", "Zp"}
        assert not {unicodedata.bidirectional(sign) for sign in name} & {"RLO", "LRO", "RLE", "RLI"}


def test_a_retained_request_is_ignored_and_counted() -> None:
    inbox = Inbox(lambda: 0.0)
    assert inbox.put("level", b"{}", True) is None
    assert (len(inbox), inbox.refused, inbox.ignored) == (0, 0, 1)
