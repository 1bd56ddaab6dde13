"""Under which names the pages may be asked for.

A stranger's page can have its own name lead to this machine (DNS rebinding), and would then count
as ours. It cannot do that with an address, with a name without a dot, or below the endings that
only a local network gives out; those are let in, and names that somebody configured.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from functools import cache
from typing import Final

LOCAL_ENDINGS: Final = (
    ".local",  # multicast DNS, RFC 6762
    ".home.arpa",  # RFC 8375
    ".internal",  # reserved by ICANN in 2024
    ".localhost",
    ".lan",  # of many routers; never delegated
    ".home",  # the same
)

_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?(\.[a-z0-9_-]{1,63})*\.?")
_LONGEST: Final = 255


def is_ours(header: str, names: Collection[str]) -> bool:
    """Tell whether a request's Host header names this machine; ``names`` are further ones."""
    if len(header) > _LONGEST:
        return False
    host = _without_port(header)
    if host is None:
        return False
    if _is_address(host):
        return True
    name = host.lower()
    if not _NAME.fullmatch(name):
        return False
    name = name.removesuffix(".")
    known = {each.lower() for each in names} | machine_names()
    return "." not in name or name.endswith(LOCAL_ENDINGS) or name in known


@cache
def machine_names() -> frozenset[str]:
    """Return what this machine is called; asked once, because the answer may take a while."""
    return frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})


def _without_port(header: str) -> str | None:
    """Return the host of a Host header, an IPv6 address without its brackets; None: malformed."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(:\d{1,5})?", header)
    return None if found is None else found.group(1).strip("[]")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
