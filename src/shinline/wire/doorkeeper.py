"""Who may do what on the Python broker: the device writes; everybody reads, and may ask it things.

amqtt's own access list cannot say that for wills, and it trusts the user name that a connection
*claims*. A session here is the device's only after its password was right.
"""

import hmac
from dataclasses import dataclass
from typing import Final

from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from shinline.wire.amqtt_config import digest

READABLE: Final = ("shinline/",)
"""Topic prefixes that everybody may read."""

WRITABLE: Final = ("shinline/", "homeassistant/")
"""Topic prefixes that the device may write and read."""

ASKING: Final = "request"
"""The third level of the topics that everybody may write: ``shinline/<platform>/request/#``."""

_MARK: Final = "shinline_is_device"
"""Set on the sessions that proved to be the device's; absent means that they did not."""


class Doorkeeper(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]  # amqtt has no types
    """Lets in the device with its password and anybody without a name, and nobody else."""

    @dataclass
    class Config:
        """The device's credential."""

        username: str = ""
        password_sha256: str = ""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._device: Doorkeeper.Config = context.config

    async def authenticate(self, *, session: Session) -> bool:
        """Tell whether a session may connect.

        A last will is a message too, and the broker sends it without asking again; so who may
        not write its topic is not let in with it.
        """
        is_device = self._is_device(session)
        setattr(session, _MARK, is_device)
        session.is_anonymous = not is_device
        if not is_device and session.username is not None:
            return False
        return not session.will_flag or may_write(session.will_topic, is_device)

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        """Tell whether a session may publish to, subscribe to or receive from a topic."""
        proved = session is not None and is_device(session)
        allowed = may_write if action is Action.PUBLISH else may_read
        return allowed(topic, proved)

    def _is_device(self, session: Session) -> bool:
        named = session.username == self._device.username
        known = digest(session.password or "")
        return named and hmac.compare_digest(known, self._device.password_sha256)


def may_write(topic: str | None, is_device: bool) -> bool:
    """Tell whether a topic may be published to."""
    if topic is None:
        return False
    if is_device:
        return topic.startswith(WRITABLE)
    return topic.startswith(READABLE) and topic.split("/")[2:3] == [ASKING]


def may_read(topic: str | None, is_device: bool) -> bool:
    """Tell whether a topic or filter may be subscribed to and received from."""
    return topic is not None and topic.startswith(WRITABLE if is_device else READABLE)


def is_device(session: Session) -> bool:
    """Tell whether a session proved to be the device's."""
    return bool(getattr(session, _MARK, False))
