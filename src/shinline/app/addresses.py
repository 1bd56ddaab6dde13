"""Under which addresses and names this machine can be reached; no packet is sent to find out."""

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

Address = IPv4Address | IPv6Address

SIOCGIFADDR: Final = 0x8915  # Linux: the IPv4 address of an interface
_INET6: Final = Path("/proc/net/if_inet6")


def lan_address() -> str:
    """Return this machine's address in the local network, 127.0.0.1 where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: only the routing table is asked
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def host_names() -> tuple[str, ...]:
    """Return what this machine is called: with the name that multicast DNS gives it."""
    name = socket.gethostname().partition(".")[0].lower()
    return ("localhost", name, f"{name}.local")


def addresses() -> tuple[Address, ...]:
    """Return this machine's addresses, loopback included; link-local ones of IPv6 are not."""
    found: set[Address] = {ipaddress.ip_address(lan_address())}
    found |= {IPv4Address("127.0.0.1"), IPv6Address("::1"), *_of_interfaces(), *_of_ipv6()}
    usable = [each for each in found if not (each.version == 6 and each.is_link_local)]
    return tuple(sorted(usable, key=lambda each: (each.version, int(each))))


def _of_interfaces() -> Iterator[Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(probe.fileno(), SIOCGIFADDR, request)
                yield IPv4Address(answer[20:24])


def _of_ipv6() -> Iterator[Address]:
    with suppress(OSError):  # not Linux, or IPv6 is switched off
        for line in _INET6.read_text(encoding="ascii").splitlines():
            yield IPv6Address(bytes.fromhex(line[:32]))
