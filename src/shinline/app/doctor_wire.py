"""``shinline doctor`` on where the device talks: broker, ports, pages, network, who may come in."""

import http.client
import importlib
import socket
from contextlib import closing
from pathlib import Path
from typing import Final, Literal

import msgspec
from starlette.applications import Starlette

from shinline.app import doctor_access
from shinline.app.addresses import lan_address
from shinline.app.doctor_check import Check
from shinline.app.surroundings import EVERYWHERE
from shinline.config import Config, ConfigError, Mqtt, Web
from shinline.web.server import PortInUse, serve
from shinline.wire import mosquitto, ports
from shinline.wire.endpoint import external
from shinline.wire.knock import knock

ANSWER_S: Final = 3.0
KNOCK_S: Final = 1.0
"""A page of ours on this machine answers within some milliseconds."""

WIRELESS: Final = Path("/proc/net/wireless")
WEAK_DBM: Final = -75
"""Below this a picture a second still passes, but a cue may have to be sent twice."""

OURS: Final = "in use by a Shinline that is running"


def broker(config: Config, _journal: Path) -> Check:
    """Check that the broker lets us in, or that one can be started."""
    try:
        endpoint = external(config.mqtt)
    except ConfigError as problem:
        return Check("broker", False, str(problem), "correct it in the configuration")
    if endpoint is None:
        return _embedded_broker(config.mqtt)
    trouble = knock(config.platform, endpoint, ANSWER_S)
    advice = "start or correct it; without mqtt.url and mqtt.host a broker is brought along"
    return Check("broker", not trouble, trouble or f"{endpoint} lets us in", advice)


def _embedded_broker(mqtt: Mqtt) -> Check:
    program = None if mqtt.broker == "python" else mosquitto.find()
    if program:
        return Check("broker", True, f"mosquitto, {program}")
    if mqtt.broker == "mosquitto":
        advice = "install it: sudo apt install mosquitto; or set mqtt.broker to 'auto'"
        return Check("broker", False, "mosquitto is not installed", advice)
    try:
        importlib.import_module("amqtt.broker")
    except ImportError as problem:
        advice = "install one: sudo apt install mosquitto, or pip install amqtt"
        return Check("broker", False, f"there is none: {problem}", advice)
    return Check("broker", True, "the Python broker; mosquitto would be twice as quick")


def mqtt_port(config: Config, _journal: Path) -> Check:
    """Check that the broker can have its port."""
    return _broker_port(config, "MQTT port", "port", other="ws_port")


def ws_port(config: Config, _journal: Path) -> Check:
    """Check that the broker can have its WebSocket port."""
    return _broker_port(config, "WebSocket port", "ws_port", other="port")


def _broker_port(
    config: Config, name: str, key: Literal["port", "ws_port"], other: Literal["port", "ws_port"]
) -> Check:
    """Check one of the broker's ports; the other one is set to 0, so that it cannot interfere."""
    mqtt, web = config.mqtt, config.web
    if mqtt.host or mqtt.url:
        return Check(name, True, "not used: the broker is elsewhere")
    try:
        ports.choose(msgspec.structs.replace(mqtt, **{other: 0}))
    except ports.BrokerError as problem:
        if _is_running(web):
            return Check(name, True, OURS)
        return Check(name, False, str(problem), "or end the program that uses it")
    return Check(name, True, _free(getattr(mqtt, key)))


def web_port(config: Config, _journal: Path) -> Check:
    """Serve an empty site for a moment: then the port, the address and the server all work."""
    web = config.web
    try:
        with serve(Starlette(), web.bind, web.port) as server:
            return _reached(web, server.port)
    except PortInUse as problem:
        if _is_running(web):
            return Check("web port", True, OURS)
        advice = f"set web.port to {problem.offer}, or end the program that uses {web.port}"
        return Check("web port", False, str(problem), advice)
    except OSError as problem:
        advice = "correct web.bind (0.0.0.0: every interface) or web.port (from 1024 on)"
        return Check("web port", False, f"{web.bind} port {web.port}: {problem}", advice)


def phones(config: Config, _journal: Path) -> Check:
    """Check the book of who was paired."""
    return Check("phones", *doctor_access.phones(config))


def tls(config: Config, _journal: Path) -> Check:
    """Check that certificates are in order."""
    return Check("encryption", *doctor_access.tls(config))


def _free(port: int) -> str:
    return f"{port} is free" if port else "any free one"


def _reached(web: Web, port: int) -> Check:
    """Knock at the served port from this machine's own address in the network."""
    host = lan_address() if web.bind in EVERYWHERE else web.bind
    try:
        socket.create_connection((host, port), ANSWER_S).close()
    except OSError as problem:
        advice = "a firewall on this machine may be closed: sudo ufw allow, or what it is set with"
        return Check("web port", False, f"{host} port {port} does not answer: {problem}", advice)
    return Check("web port", True, f"{_free(web.port)}, and answers at {host}")


def _is_running(web: Web) -> bool:
    """Tell whether our own pages are served at the port already."""
    host = "127.0.0.1" if web.bind in EVERYWHERE else web.bind
    with closing(http.client.HTTPConnection(host, web.port, timeout=KNOCK_S)) as line:
        try:
            line.request("GET", "/static/manifest.webmanifest")
            return b'"Shinline"' in line.getresponse().read(4096)
        except (OSError, http.client.HTTPException):
            return False


def network(_config: Config, _journal: Path) -> Check:
    """Check that phones can find this machine, and how well its Wi-Fi hears.

    Whether a router passes phones on to it cannot be seen from here.
    """
    host = lan_address()
    if host.startswith("127."):
        advice = "connect it to the Wi-Fi of the phones (sudo nmtui), or by cable"
        return Check("network", False, "this machine is in no network", advice)
    levels = _wireless_dbm()
    told = [f"{name} hears its Wi-Fi at {level:.0f} dBm" for name, level in levels.items()]
    detail = ", ".join([host, *told])
    if levels and max(levels.values()) < WEAK_DBM:
        advice = f"nearer to the access point, or a cable: {WEAK_DBM} dBm is the least"
        return Check("network", False, detail, advice)
    return Check("network", True, detail)


def _wireless_dbm() -> dict[str, float]:
    """Return the level of each Wi-Fi interface that is connected."""
    try:
        lines = WIRELESS.read_text(encoding="ascii").splitlines()[2:]
    except OSError:
        return {}
    rows = [line.split() for line in lines]
    levels = {row[0].rstrip(":"): row[3] for row in rows if len(row) > 3}
    return {name: float(level) for name, level in levels.items() if _is_level(level)}


def _is_level(text: str) -> bool:
    """Tell a level in dBm from the 0 or the -256 of an interface without a connection."""
    try:
        return -200.0 < float(text) < 0.0
    except ValueError:
        return False
