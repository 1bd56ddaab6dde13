"""Who may do what on a broker of ours: one table, which both kinds of broker are told.

A right is a topic, or a topic with ``/#`` at its end for all below it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shinline.wire.accounts import Account
from shinline.wire.topics import REQUESTS, ROOT

DEVICE: Final = "device"
"""The name under which the device itself logs in; nobody else can have it."""

DISCOVERY: Final = "homeassistant"
"""Where Home Assistant looks for devices, unless it was told otherwise."""

_USERNAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_KEY: Final = re.compile(r"[A-Za-z0-9+/=$]{1,256}")


@dataclass(frozen=True, slots=True)
class Rights:
    """Topics that may be subscribed to and received, and topics that may be published to."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


NONE: Final = Rights((), ())


@dataclass(frozen=True, slots=True)
class Entry:
    """An account and its rights."""

    account: Account
    rights: Rights


def entries(
    platform: str, device_key: str, phones: Sequence[Account], discovery: str = DISCOVERY
) -> tuple[Entry, ...]:
    """Return everybody who may log in.

    The device says everything about its platform, hears what it is asked, and announces itself
    below ``discovery``. Phones, and programs that were paired like phones, read all of the
    platform and ask. One of these programs may be Home Assistant: below ``discovery``, where the
    device alone announces anything, all may read, and may say that they have started. Nothing
    else. Who is not in the table is nobody.

    Raises
    ------
    ValueError
        Two accounts have one name, or a name or a key that no file of a broker can hold.

    """
    names = [DEVICE, *(phone.username for phone in phones)]
    if len(set(names)) < len(names):
        raise ValueError(f"two accounts have one name; expected others, and none named {DEVICE!r}")
    for phone in phones:
        if not (_USERNAME.fullmatch(phone.username) and _KEY.fullmatch(phone.key)):
            raise ValueError("an account's name or key has characters that it must not have")
    everything = f"{ROOT}/{platform}/#"
    of_device = Rights(
        reads=(everything, f"{discovery}/status"),
        writes=(everything, f"{discovery}/device/{ROOT}_{platform}/config"),
    )
    of_phone = Rights(
        reads=(everything, f"{discovery}/#"),
        writes=(f"{ROOT}/{platform}/{REQUESTS}/#", f"{discovery}/status"),
    )
    device = Entry(Account(DEVICE, device_key), of_device)
    return (device, *(Entry(phone, of_phone) for phone in phones))


def covered(topic: str | None, by: tuple[str, ...]) -> bool:
    """Tell whether a topic, or all that a subscription's filter can match, is among the rights."""
    return topic is not None and any(_covers(right, topic) for right in by)


def _covers(right: str, topic: str) -> bool:
    above, _, rest = right.rpartition("/")
    if rest != "#":
        return topic == right
    return topic == above or topic.startswith(f"{above}/")
