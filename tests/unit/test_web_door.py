"""Whose requests are answered: host names, credentials, and how often a code may be tried."""

import asyncio
import base64
from typing import Any

import pytest
from event_loops import answered
from starlette.requests import Request

from shinline.web.guard import credential_in
from shinline.web.hosts import is_ours, machine_names
from shinline.web.pairing import pairing
from shinline.web.tries import BURST, LONGEST_PAUSE_S, MOST_ADDRESSES, PER_S, Tries


@pytest.mark.parametrize(
    "host",
    [
        "192.168.0.7:8080",
        "192.168.0.7",
        "[fe80::1]:8080",
        "[::1]",
        "localhost:8080",
        "rack2:8080",
        "Rack2.local",
        "rack2.local.:8443",
        "a.b.home.arpa",
        "rack2.lan",
        "gym.example.org:8443",
        *(f"{name}:80" for name in sorted(machine_names())),
    ],
)
def test_this_machine_is_known_by_address_local_name_and_configured_name(host: str) -> None:
    assert is_ours(host, ("gym.example.org",))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example.org",
        "gym.example.org.evil.com:8080",
        "192.168.0.7.evil.com",
        "local",
        "evil.com:80:80",
        "evil.com\\.local",
        "evil.com#.local",
        "evil.com@192.168.0.7",
        "[evil.com]",
        "rack2.local:port",
        "x" * 300 + ".local",
        "evil.com .local",
        "é.local",
    ],
)
def test_any_other_name_is_a_strangers(host: str) -> None:
    assert is_ours(host, ("gym.example.org",)) == (host == "local")  # one label leads nowhere else


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (basic("phone-1:secret"), ("phone-1", "secret")),
        (basic("phone-1:se:cret"), ("phone-1", "se:cret")),
        (basic("phone-1:").replace("Basic", "bAsIc"), ("phone-1", "")),
        (basic("nobody"), None),
        ("Basic", None),
        ("Basic !!!", None),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), None),
        ("Basic " + "QQ" * 1000, None),
        ("Bearer abc", None),
        ("", None),
    ],
)
def test_the_header_is_read_strictly(header: str, found: tuple[str, str] | None) -> None:
    assert credential_in(header) == found


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_one_address_waits_longer_after_each_wrong_code() -> None:
    clock = Clock()
    tries = Tries(clock)
    pauses = []
    for _ in range(10):
        assert tries.pause_s("eve") == 0.0
        tries.wrong("eve")
        pauses.append(tries.pause_s("eve"))
        clock.now_s += pauses[-1]
    assert pauses == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[LONGEST_PAUSE_S] * 3]
    assert tries.pause_s("anna") == 0.0
    tries.right("eve")
    tries.wrong("eve")
    assert tries.pause_s("eve") == 0.0


def test_all_addresses_together_may_try_a_few_times_a_second() -> None:
    clock = Clock()
    tries = Tries(clock)
    tried = 0
    for step in range(1000):
        if tries.pause_s(f"eve {step}") == 0.0:
            tries.wrong(f"eve {step}")
            tried += 1
        clock.now_s += 0.01
    assert tried == pytest.approx(BURST + PER_S * 10.0, abs=1)


def test_many_addresses_cost_little_memory() -> None:
    clock = Clock()
    tries = Tries(clock)
    for step in range(MOST_ADDRESSES * 3):
        tries.wrong(f"eve {step}")
    assert len(tries._wrong) == MOST_ADDRESSES


def test_after_thousands_of_wrong_codes_the_longest_pause_is_still_a_pause() -> None:
    clock = Clock()
    tries = Tries(clock)
    for _ in range(3000):
        tries.wrong("eve")
    assert tries.pause_s("eve") == LONGEST_PAUSE_S
    assert 0.0 < tries.pause_s("anna") <= 1.0 / PER_S


class OneCode:
    """Counts how often it was asked."""

    tried = 0

    def knows(self, _username: str, _password: str) -> bool:
        return False

    def pair(self, _code: str, _name: str) -> None:
        self.tried += 1


def test_bodies_that_are_held_back_and_come_at_once_are_tries_like_others() -> None:
    access, crowd = OneCode(), 40

    async def scene() -> list[int]:
        answer, held = pairing(access, Clock()), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await held.wait()
            return {"type": "http.request", "body": b'{"code": "wrong"}'}

        def request(number: int) -> Request:
            headers = [(b"content-type", b"application/json")]
            client = (f"192.168.0.{number}", 1)
            return Request({"type": "http", "headers": headers, "client": client}, receive)

        asked = [asyncio.create_task(answer(request(number))) for number in range(crowd)]
        await asyncio.sleep(0.01)  # all have passed the first look
        held.set()
        return [response.status_code for response in await asyncio.gather(*asked)]

    statuses = answered(scene())
    assert (statuses.count(403), statuses.count(429)) == (BURST, crowd - BURST)
    assert access.tried == BURST
