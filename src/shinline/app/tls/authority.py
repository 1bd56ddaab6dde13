"""Making certificates: an authority that may vouch for local names only, and what it vouches for.

Whoever installs an authority trusts it with every name in the world. This one is restricted to the
machine and the addresses of local networks (RFC 5280, 4.2.1.10, marked critical), so that its key,
which lies on a device in a gym, opens nothing else if somebody takes it.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shinline.app.addresses import Address

CURVE: Final = ec.SECP256R1
AUTHORITY_DAYS: Final = 3652
SERVER_DAYS: Final = 820
"""Apple's systems take no more than 825 (support.apple.com/103769)."""

SKEW: Final = timedelta(days=1)
"""Phones whose clock is behind ours shall not have to wait."""

LOCAL_DOMAINS: Final = ("localhost", "local", "home.arpa", "internal", "lan", "home")
LOCAL_NETWORKS: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Names:
    """What a certificate vouches for."""

    dns: tuple[str, ...]
    ip: tuple[Address, ...]


def new_authority(title: str, names: Names, now: datetime | None = None) -> Pair:
    """Make an authority for local networks, the names given, and the addresses given."""
    key = ec.generate_private_key(CURVE())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shinline"),
            x509.NameAttribute(NameOID.COMMON_NAME, title[:64]),
        ]
    )
    domains = sorted({*LOCAL_DOMAINS, *names.dns})
    networks = [*LOCAL_NETWORKS, *(net for net in map(_single, names.ip) if not _is_local(net))]
    permitted = [*map(x509.DNSName, domains), *map(x509.IPAddress, networks)]
    certificate = (
        _begun(subject, subject, key, AUTHORITY_DAYS, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, SHA256())
    )
    return Pair(certificate, key)


def new_server(authority: Pair, names: Names, now: datetime | None = None) -> Pair:
    """Make the machine's own certificate."""
    key = ec.generate_private_key(CURVE())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.dns[0][:64])])
    signer = authority.key.public_key()
    certificate = (
        _begun(subject, authority.certificate.subject, key, SERVER_DAYS, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_alternatives(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
        .sign(authority.key, SHA256())
    )
    return Pair(certificate, key)


def names_of(certificate: x509.Certificate) -> Names:
    """Return what a certificate vouches for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return Names(
        tuple(found.get_values_for_type(x509.DNSName)),
        tuple(_addresses(found.get_values_for_type(x509.IPAddress))),
    )


def may_vouch_for(authority: x509.Certificate, names: Names) -> Names:
    """Return those of the names which an authority is allowed to vouch for."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    domains = [each.value for each in permitted if isinstance(each, x509.DNSName)]
    networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
    return Names(
        tuple(name for name in names.dns if any(_is_below(name, each) for each in domains)),
        tuple(ip for ip in names.ip if any(_is_in(ip, net) for net in networks)),
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    days: int,
    now: datetime | None,
) -> x509.CertificateBuilder:
    begins = (now or datetime.now(UTC)) - SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Names) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [*map(x509.DNSName, names.dns), *map(x509.IPAddress, names.ip)]
    )


def _addresses(values: Sequence[object]) -> Iterable[Address]:
    return [each for each in values if isinstance(each, Address)]


def _single(address: Address) -> IPv4Network | IPv6Network:
    return ipaddress.ip_network(address)


def _is_local(network: IPv4Network | IPv6Network) -> bool:
    return any(network.network_address in each for each in LOCAL_NETWORKS)


def _is_in(address: Address, network: object) -> bool:
    return isinstance(network, IPv4Network | IPv6Network) and address in network


def _is_below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
