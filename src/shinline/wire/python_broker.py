"""The broker for machines without mosquitto: amqtt, in a process of its own.

``python -m shinline.wire.python_broker CONFIGURATION`` runs until it is killed.

Its limits, next to mosquitto: MQTT 3.1.1 only; about twice the delay and five times the
processor; a client that subscribes with QoS 1 and then stops reading can hold up all the others;
and what a client published just before it disconnects can be lost although it was acknowledged.
It is meant for a laptop and a handful of clients.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from amqtt.errors import BrokerError
from amqtt.session import Session

from shinline.wire.entrance import Entrance


class _Subscriptions(dict[str, list[Any]]):
    """A dictionary that may change while somebody looks through it.

    amqtt looks through its subscriptions with pauses in between, and loses the message it was
    about to deliver when a client subscribes in one of them.
    """

    def items(self) -> Any:
        return [(topic, list(clients)) for topic, clients in super().items()]

    def __iter__(self) -> Iterator[str]:
        return iter(list(super().__iter__()))


class SteadyBroker(Entrance):
    """amqtt with two habits mended: see the members."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        super().__init__(configuration)
        self._subscriptions = _Subscriptions()

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """Send retained messages, but not those of subscriptions that other clients made."""
        if any(client == session for client, _ in self._subscriptions.get(subscription[0], [])):
            await super()._publish_retained_messages_for_subscription(subscription, session)


async def serve(configuration: dict[str, Any]) -> None:
    """Run the broker for ever."""
    await SteadyBroker(configuration).start()
    await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    """Run with the configuration file named on the command line."""
    logging.basicConfig(level=logging.WARNING)
    for chatty in ("websockets", "amqtt"):  # they report every port scan with a traceback
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        asyncio.run(serve(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))))
    except BrokerError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
