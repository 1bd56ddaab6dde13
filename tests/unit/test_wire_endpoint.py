"""Where the broker is: what may be configured, and what is refused with which words."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shinline.config import ConfigError, Mqtt
from shinline.wire.endpoint import Endpoint, external

SECRET = "a-secret-word"


def test_without_an_address_the_embedded_broker_is_meant() -> None:
    assert external(Mqtt()) is None


@pytest.mark.parametrize(
    ("url", "transport", "port", "path", "encrypted"),
    [
        ("mqtt://gym.local", "tcp", 1883, "", False),
        ("mqtt://gym.local/", "tcp", 1883, "", False),
        ("MQTT://Gym.local:1884", "tcp", 1884, "", False),
        ("mqtts://gym.local", "tcp", 8883, "", True),
        ("mqtts://[::1]:9", "tcp", 9, "", True),
        ("ws://gym.local", "websockets", 80, "/mqtt", False),
        ("wss://gym.local:9001/ws/mqtt", "websockets", 9001, "/ws/mqtt", True),
    ],
)
def test_an_address_says_how_one_gets_there(
    url: str, transport: str, port: int, path: str, encrypted: bool
) -> None:
    found = external(Mqtt(url=url, username="u", password=SECRET, protocol="5"))
    assert found is not None
    assert found.host in ("gym.local", "::1")
    assert (found.transport, found.port, found.path) == (transport, port, path)
    assert (found.tls is not None) is encrypted
    assert (found.username, found.password, found.protocol) == ("u", SECRET, "5")


def test_host_and_port_still_do() -> None:
    expected = Endpoint("gym.local", 1884, "u", SECRET)
    assert external(Mqtt(host="gym.local", port=1884, username="u", password=SECRET)) == expected


def test_a_broker_elsewhere_is_verified_with_tls_1_2_or_newer() -> None:
    found = external(Mqtt(url="mqtts://gym.local"))
    assert found is not None
    assert found.tls is not None
    assert found.tls.verify_mode is ssl.CERT_REQUIRED
    assert found.tls.check_hostname
    assert found.tls.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "mqtt://a", "host": "a"}, "mqtt.url and mqtt.host are both set"),
        ({"host": "a", "port": 0}, "mqtt.port: 0; expected 1 to 65535"),
        ({"host": "a..b"}, "mqtt.host: 'a..b' is no name"),
        ({"url": "mqtt://a..b"}, "mqtt.url: 'a..b' is no name"),
        ({"url": "http://a"}, "expected mqtt://HOST"),
        ({"url": "gym.local"}, "expected mqtt://HOST"),
        ({"url": "mqtt://"}, "expected mqtt://HOST"),
        ({"url": "mqtt://:1883"}, "expected mqtt://HOST"),
        ({"url": "mqtt://a:0"}, "expected mqtt://HOST"),
        ({"url": "mqtt://a:99999"}, "expected mqtt://HOST"),
        ({"url": "mqtt://a:b"}, "expected mqtt://HOST"),
        ({"url": "mqtt://[a"}, "expected mqtt://HOST"),
        ({"url": "mqtt://a/path"}, "more after the address"),
        ({"url": f"ws://a/?token={SECRET}"}, "more after the address"),
        ({"url": f"mqtt://u:{SECRET}@a"}, "mqtt.username and mqtt.password"),
        ({"url": f"mqtt://{SECRET}@a"}, "mqtt.username and mqtt.password"),
        ({"url": "mqtt://a", "ca_file": "x"}, "mqtt.ca_file is set, but mqtt:// does not encrypt"),
        ({"url": "ws://a", "cert_file": "x"}, "mqtt.cert_file is set, but ws:// does not encrypt"),
        ({"host": "a", "ca_file": "x"}, "mqtt.ca_file is set, but only a broker at mqtt.url"),
        ({"key_file": "x"}, "mqtt.key_file is set, but only a broker at mqtt.url"),
        ({"url": "mqtts://a", "key_file": "x"}, "mqtt.key_file is set without mqtt.cert_file"),
        ({"url": "mqtts://a", "ca_file": "/no/such"}, "mqtt.ca_file: /no/such cannot be read: No"),
        ({"url": "mqtts://a", "cert_file": "/no/such"}, "mqtt.cert_file: /no/such cannot be read"),
    ],
)
def test_what_cannot_be_is_named_with_its_key(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        external(Mqtt(password=SECRET, **settings))
    assert words in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("key", ["ca_file", "cert_file"])
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, key: str) -> None:
    file = tmp_path / "file.pem"
    for content in (b"", b"no certificate", b"\xff\x00"):
        file.write_bytes(content)
        with pytest.raises(
            ConfigError, match=f"mqtt.{key}: .*file.pem does not fit; expected a PEM"
        ):
            external(Mqtt(url="mqtts://a", **{key: str(file)}))


def test_a_key_that_has_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    locked = serialization.BestAvailableEncryption(SECRET.encode())
    file = tmp_path / "own.key"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, pkcs8, locked))
    with pytest.raises(ConfigError, match="its key, without a password"):
        external(Mqtt(url="mqtts://a", cert_file=str(file)))


def test_a_password_is_not_part_of_what_is_printed() -> None:
    assert SECRET not in repr(Endpoint("a", 1, "u", SECRET))
    assert str(Endpoint("a", 1, "u", SECRET)) == "a:1"
