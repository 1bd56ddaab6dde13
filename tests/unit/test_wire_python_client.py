"""A client of the Python broker whose house takes its time, and the allowance of its user."""

import asyncio
from typing import Any

from event_loops import answered

from shinline.wire.frames import Publish
from shinline.wire.pace import Pace
from shinline.wire.python_broker import BURST, PER_S, SteadyBroker
from shinline.wire.python_client import Client

CUE = Publish("shinline/bay1/cue", b"Ready.", 1, retain=False)


class SlowHouse:
    """Answers about messages when the door is opened."""

    def __init__(self) -> None:
        self.door = asyncio.Event()
        self.asked = asyncio.Event()

    async def publish(self, _session: Any, _message: Publish) -> None: ...

    async def may_subscribe(self, _session: Any, _topic_filter: str) -> bool:
        return True

    async def covers(self, _session: Any, topic_filter: str, topic: str) -> bool:
        self.asked.set()
        await self.door.wait()
        return topic_filter == topic

    def retained(self) -> list[Publish]:
        return []


def subscription(*names: str) -> bytes:
    return b"\0\1" + b"".join(len(n).to_bytes(2, "big") + n.encode() + b"\1" for n in names)


def test_what_was_asked_before_a_subscription_is_not_remembered_after_it() -> None:
    async def scene() -> list[int]:
        house, waiting = SlowHouse(), []
        client = Client(house, Any, Any, None)  # type: ignore[arg-type]  # neither is used
        await client._on_subscribe(2, subscription("shinline/bay1/rep"))
        during = asyncio.create_task(client.deliver(CUE))
        await house.asked.wait()  # it looks at the one filter there is
        subscribing = asyncio.create_task(client._on_subscribe(2, subscription(CUE.topic)))
        await asyncio.sleep(0.0)
        house.door.set()
        await asyncio.gather(during, subscribing)
        waiting.append(len(client.mailbox))
        for _ in range(2):
            await client.deliver(CUE)
            waiting.append(len(client.mailbox))
        return waiting

    assert answered(scene()) == [1, 2, 3]


def test_what_was_asked_before_an_unsubscription_is_not_remembered_after_it() -> None:
    async def scene() -> int:
        house = SlowHouse()
        client = Client(house, Any, Any, None)  # type: ignore[arg-type]  # neither is used
        await client._on_subscribe(2, subscription(CUE.topic))
        during = asyncio.create_task(client.deliver(CUE))
        await house.asked.wait()
        await client._on_unsubscribe(2, subscription(CUE.topic)[:-1])
        house.door.set()
        await during
        await client.deliver(CUE)
        return len(client.mailbox)

    assert answered(scene()) == 0


def test_an_allowance_lasts_as_long_as_a_client_of_its_user_is_there() -> None:
    """Otherwise each connection opened after a quiet second would bring another one."""
    broker: Any = SteadyBroker.__new__(SteadyBroker)
    full = {user: Pace(BURST, PER_S) for user in ("here", "gone")}
    broker._paces, broker._clients = dict(full), {("here", "phone"): None}
    broker._forget_paces(1e6)
    assert broker._paces == {"here": full["here"]}
    full["here"].allows(1e6, BURST)
    del broker._clients["here", "phone"]
    broker._forget_paces(1e6)
    assert broker._paces == {"here": full["here"]}
    broker._forget_paces(2e6)
    assert broker._paces == {}
