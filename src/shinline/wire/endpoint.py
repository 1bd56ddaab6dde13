"""Where the broker is, and how one logs in there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A broker as the sink needs to know it.

    ``username`` is empty where none is wanted. ``hurries``: pictures are to be hurried along,
    because the broker is mosquitto 2.0 with a phone at its WebSocket.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    hurries: bool = False
