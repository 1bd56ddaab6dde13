"""What Home Assistant is told: one device with its entities, in one retained message.

Home Assistant finds it by *device discovery* (2024.11 and newer; its documentation of MQTT
discovery: ``dev``, ``o``, ``cmps``). The entities are those of ``homeassistant.toml``: each reads a
topic of the table, or asks with a request of the table; nothing else is published for Home
Assistant.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from shinline import __version__
from shinline.config import Config
from shinline.wire import topics

ENTITIES: Final = Path(__file__).with_suffix(".toml")

STARTED: Final = b"online"
"""What Home Assistant says on its own status topic when it has started."""

AGAIN_S: Final = 1.0
"""The device introduces itself again at most so often: anybody with a credential may ask for it."""

_SHOWN: Final = {"camera": "topic"}
"""Where the topic that an entity shows is not called ``state_topic``."""

Settings = dict[str, Any]


def entities() -> dict[str, Settings]:
    """Return the table of entities by their keys, as it is written."""
    return msgspec.toml.decode(ENTITIES.read_bytes(), type=dict[str, Settings])


def config_path(config: Config) -> str:
    """Return the topic on which Home Assistant looks for this device."""
    return topics.DISCOVERY.format(prefix=config.home_assistant.prefix, platform=config.platform)


def status_path(config: Config) -> str:
    """Return the topic on which Home Assistant says that it has started."""
    return f"{config.home_assistant.prefix}/status"


def discovery(config: Config, page: str = "") -> Settings:
    """Describe the device to Home Assistant.

    Parameters
    ----------
    config
        Platform and prefix.
    page
        The address of the device's own pages; empty where that is not known.

    """
    platform = config.platform
    device = {
        "identifiers": [f"{topics.ROOT}_{platform}"],
        "name": f"Shinline {platform}",
        "manufacturer": "Shinline",
        "model": "Deadlift bar-path tracker",
        "sw_version": __version__,
    }
    return {
        "dev": device | ({"configuration_url": page} if page else {}),
        "o": {"name": "shinline", "sw": __version__},
        "availability": [{"topic": topics.STATUS.path(platform)}],
        "qos": 1,
        "cmps": {key: _component(key, row, platform) for key, row in entities().items()},
    }


def _component(key: str, row: Settings, platform: str) -> Settings:
    """Put the topics of one platform in the place of their names."""
    settings = {name: value for name, value in row.items() if name not in ("topic", "verb")}
    settings["unique_id"] = f"{topics.ROOT}_{platform}_{key}"
    if "topic" in row:
        shown = f"{topics.ROOT}/{platform}/{row['topic']}"
        settings[_SHOWN.get(row["p"], "state_topic")] = shown
        if "json_attributes_template" in row:
            settings["json_attributes_topic"] = shown
    if "verb" in row:
        settings["command_topic"] = f"{topics.ROOT}/{platform}/{topics.REQUESTS}/{row['verb']}"
    return settings


class Introduction:
    """What is published for Home Assistant, and when.

    Where discovery is switched off the message is empty, which takes a device away that was
    announced earlier and does nothing otherwise.

    Parameters
    ----------
    config
        Says whether, and below which prefix.
    page
        The address of the device's own pages.
    now_s
        A clock that never goes back.

    """

    def __init__(
        self, config: Config, page: str = "", now_s: Callable[[], float] = time.monotonic
    ) -> None:
        wanted = config.home_assistant.discovery
        self.path = config_path(config)
        self.payload = msgspec.json.encode(discovery(config, page)) if wanted else b""
        self.listens = (status_path(config),) if wanted else ()
        """Topics to subscribe to."""

        self._now_s = now_s
        self._said_s = float("-inf")

    def said(self) -> None:
        """Note that it was published just now."""
        self._said_s = self._now_s()

    def is_asked_for(self, topic: str, payload: bytes, retained: bool) -> bool:
        """Tell whether a message means that Home Assistant has just started.

        A retained one came with the subscription, as the introduction itself did.
        """
        heard = topic in self.listens and payload == STARTED and not retained
        return heard and self._now_s() - self._said_s >= AGAIN_S
