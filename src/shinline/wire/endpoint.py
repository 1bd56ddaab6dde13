"""Where the broker is, and how one logs in there."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from shinline.config import ConfigError, Mqtt

Transport = Literal["tcp", "websockets"]
Protocol = Literal["auto", "3.1.1", "5"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A broker as the sink needs to know it.

    ``username`` is empty where none is wanted, ``tls`` is None where nothing is encrypted, ``path``
    counts for WebSocket only. ``protocol`` ``auto`` is MQTT 5 where the broker speaks it.
    ``hurries``: pictures are to be hurried along, because the broker is mosquitto 2.0 with a phone
    at its WebSocket.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    transport: Transport = "tcp"
    path: str = ""
    tls: ssl.SSLContext | None = None
    protocol: Protocol = "auto"
    hurries: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Scheme:
    transport: Transport
    encrypted: bool
    port: int


_SCHEMES: Final = {
    "mqtt": _Scheme("tcp", encrypted=False, port=1883),
    "mqtts": _Scheme("tcp", encrypted=True, port=8883),
    "ws": _Scheme("websockets", encrypted=False, port=80),
    "wss": _Scheme("websockets", encrypted=True, port=443),
}

EXPECTED: Final = "expected mqtt://HOST[:PORT], mqtts://HOST[:PORT], or ws or wss likewise"

WS_PATH: Final = "/mqtt"
"""Where brokers usually offer MQTT over WebSocket."""


def external(mqtt: Mqtt) -> Endpoint | None:
    """Return the configured broker; None where none is, and the embedded one is to be started.

    Raises
    ------
    ConfigError
        The settings contradict each other, name no broker, or a certificate cannot be read. The
        message has the key and what was expected, and never a password.

    """
    if mqtt.url and mqtt.host:
        raise ConfigError("mqtt.url and mqtt.host are both set; expected one of them")
    if mqtt.url:
        return _from_url(mqtt)
    _refuse_certificates(mqtt, "only a broker at mqtt.url = 'mqtts://...' needs one")
    if not mqtt.host:
        return None
    if mqtt.port == 0:
        raise ConfigError("mqtt.port: 0; expected 1 to 65535, where the broker at mqtt.host is")
    return Endpoint(
        _host(mqtt.host, "mqtt.host"),
        mqtt.port,
        mqtt.username,
        mqtt.password,
        protocol=mqtt.protocol,
    )


def _from_url(mqtt: Mqtt) -> Endpoint:
    parts = _split(mqtt.url)
    scheme = _SCHEMES[parts.scheme]
    if not scheme.encrypted:
        _refuse_certificates(mqtt, f"{parts.scheme}:// does not encrypt; expected mqtts or wss")
    tls = _context(mqtt) if scheme.encrypted else None
    return Endpoint(
        _host(parts.hostname or "", "mqtt.url"),
        parts.port or scheme.port,
        mqtt.username,
        mqtt.password,
        scheme.transport,
        parts.path or WS_PATH if scheme.transport == "websockets" else "",
        tls,
        mqtt.protocol,
    )


def _split(url: str) -> SplitResult:
    """Take the address apart. It is not repeated in errors: somebody may have put a secret in."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number, brackets that do not match
        raise ConfigError(f"mqtt.url: is no address; {EXPECTED}") from None
    if "@" in url:
        raise ConfigError(
            "mqtt.url: has a user name or a password in it; "
            "expected them in mqtt.username and mqtt.password"
        )
    if parts.scheme not in _SCHEMES or not parts.hostname or port == 0:
        raise ConfigError(f"mqtt.url: is no address of a broker; {EXPECTED}")
    has_path = parts.path not in ("", "/")
    if parts.query or parts.fragment or (has_path and not parts.scheme.startswith("ws")):
        raise ConfigError(f"mqtt.url: has more after the address than it can; {EXPECTED}")
    return parts


def _host(host: str, key: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise ConfigError(f"{key}: {host!r} is no name of a machine") from None
    return host


def _refuse_certificates(mqtt: Mqtt, reason: str) -> None:
    for key in ("ca_file", "cert_file", "key_file"):
        if getattr(mqtt, key):
            raise ConfigError(f"mqtt.{key} is set, but {reason}")


def _context(mqtt: Mqtt) -> ssl.SSLContext:
    """Return how to encrypt: TLS 1.2 or newer, the broker's certificate and name verified."""
    if mqtt.key_file and not mqtt.cert_file:
        raise ConfigError("mqtt.key_file is set without mqtt.cert_file; expected both")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mqtt.ca_file:
        certificates = "expected a PEM file of certificates"
        with _reading("mqtt.ca_file", certificates, mqtt.ca_file):
            context.load_verify_locations(mqtt.ca_file)
    else:
        context.load_default_certs()
    if mqtt.cert_file:
        key_file = mqtt.key_file or mqtt.cert_file
        pair = "expected a PEM certificate, and in mqtt.key_file its key, without a password"
        with _reading("mqtt.cert_file", pair, mqtt.cert_file, key_file):
            context.load_cert_chain(mqtt.cert_file, key_file, password="")  # "": ask nobody
    return context


@contextmanager
def _reading(key: str, expected: str, *files: str) -> Iterator[None]:
    """Turn what is wrong with the files into an error that names the key."""
    for file in files:
        try:
            Path(file).read_bytes()
        except OSError as problem:
            raise ConfigError(f"{key}: {file} cannot be read: {problem.strerror}") from None
    try:
        yield
    except (ssl.SSLError, ValueError):
        raise ConfigError(f"{key}: {files[0]} does not fit; {expected}") from None
