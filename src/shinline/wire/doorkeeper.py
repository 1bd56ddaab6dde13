"""Who may do what on the Python broker: it asks this plugin before everything.

amqtt's own access list cannot say it for wills, trusts the user name that a connection *claims*,
and cannot change while the broker runs. A session here has the rights of an account only after
the account's password was right, and loses them when the account goes.
"""

import asyncio
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from shinline.wire.accounts import Account, matches
from shinline.wire.rights import DEVICE, NONE, Entry, Rights, covered

_ENTRY: Final = "shinline_entry"
"""What a session proved to be; absent means that it proved nothing."""


class Doorkeeper(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]  # amqtt has no types
    """Lets in who is in the table, lets them do what is in the table, and nothing else."""

    @dataclass
    class Config:
        """Where the table is: a file of :mod:`shinline.wire.amqtt_config`."""

        accounts: str = ""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._path = Path(context.config.accounts)
        self._read()

    async def on_broker_pre_start(self) -> None:
        """Listen for the signal that the table has changed, before anybody can come in."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(self.read_again()))

    async def read_again(self) -> None:
        """Put the table in force as it is now, and throw out who is no longer in it."""
        self._read()
        broker = self.context._broker_instance  # amqtt offers plugins the sessions only
        for client in broker.clients:
            session = client.session
            entry = getattr(session, _ENTRY, None)
            if entry is not None and self._entries.get(entry.account.username) != entry:
                delattr(session, _ENTRY)
                session.will_flag = False  # nobody may say anything any more, not even at the end
                client.throw_out("its account is gone")

    async def authenticate(self, *, session: Session) -> bool:
        """Tell whether a session may connect.

        A last will is a message too, and the broker sends it without asking again; so who may
        not write its topic is not let in with it.
        """
        entry = self._entries.get(session.username or "")
        if entry is None or not matches(entry.account.key, session.password or ""):
            return False
        setattr(session, _ENTRY, entry)
        return not session.will_flag or covered(session.will_topic, by=entry.rights.writes)

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        """Tell whether a session may publish to, subscribe to or receive from a topic."""
        entry = getattr(session, _ENTRY, None)
        rights: Rights = NONE if entry is None else entry.rights
        return covered(topic, by=rights.writes if action is Action.PUBLISH else rights.reads)

    def _read(self) -> None:
        known = json.loads(self._path.read_text(encoding="utf-8"))
        self._entries = {row["username"]: _entry(row) for row in known}


def is_device(session: Session) -> bool:
    """Tell whether a session proved to be the device's."""
    entry = getattr(session, _ENTRY, None)
    return entry is not None and entry.account.username == DEVICE


def _entry(row: dict[str, Any]) -> Entry:
    rights = Rights(tuple(row["reads"]), tuple(row["writes"]))
    return Entry(Account(row["username"], row["key"]), rights)
