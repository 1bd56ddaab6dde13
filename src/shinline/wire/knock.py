"""Ask a broker once whether it would let us in, for somebody who wants to know before the set."""

import time

from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

from shinline.wire import client as clients
from shinline.wire.client import WINDOW
from shinline.wire.endpoint import Endpoint
from shinline.wire.link import OFFLINE, OTHER_VERSION, VERSIONS

TURN_S = 0.05


def knock(platform: str, endpoint: Endpoint, timeout_s: float) -> str:
    """Log in, say nothing, and leave; return why that was not possible, empty if it was."""
    answer = ""
    for version in VERSIONS[endpoint.protocol]:
        answer = _knock(platform, endpoint, version, timeout_s)
        if OTHER_VERSION not in answer:
            break
    return answer


def _knock(
    platform: str, endpoint: Endpoint, version: MQTTProtocolVersion, timeout_s: float
) -> str:
    client = clients.new_client(platform, endpoint, version, WINDOW, OFFLINE)
    answers: list[str] = []

    def answered(
        _client: object, _data: object, _flags: object, reason: object, *_: object
    ) -> None:
        answers.append("" if str(reason) == "Success" else f"the broker refuses: {reason}")

    client.on_connect = answered
    try:
        clients.connect(client, endpoint)
    except OSError as problem:
        return clients.why(endpoint, problem)
    deadline_s = time.monotonic() + timeout_s
    state = MQTTErrorCode.MQTT_ERR_SUCCESS
    while not answers and state is MQTTErrorCode.MQTT_ERR_SUCCESS and time.monotonic() < deadline_s:
        state = client.loop(TURN_S)
    client.disconnect()
    client.close()
    return answers[0] if answers else f"nothing at {endpoint} answers as a broker does"
