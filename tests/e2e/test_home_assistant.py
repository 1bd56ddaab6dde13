"""Home Assistant finds the device, shows it, asks it, and forgets it again."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from broker_material import (
    FINISHED,
    INFO,
    PHONE,
    PHONES,
    Watcher,
    cue_event,
    eventually,
    rep_event,
    utc,
    wipe,
)
from home_assistant import UNKNOWN, HomeAssistant

from shinline.config import Config, Mqtt
from shinline.config import HomeAssistant as Settings
from shinline.types import (
    CameraEvent,
    MarkerEvent,
    Phase,
    PhaseEvent,
    Plan,
    PlanEvent,
    RepKind,
    Role,
    SetEvent,
)
from shinline.wire import mosquitto, requests
from shinline.wire.broker import Broker, start_broker
from shinline.wire.homeassistant import Introduction
from shinline.wire.payloads import Stats
from shinline.wire.sink import MqttSink

PLATFORM = "rack_3"
CONFIG = Config(platform=PLATFORM)
TOPIC = f"homeassistant/device/shinline_{PLATFORM}/config"
PAGE = "http://192.0.2.7:8080/"
NOW_NS = 5_250_000_000
MUTED = Plan("Zoë <b>", "sumo", 142.5, 5, muted=True)


@pytest.fixture(scope="module", params=["mosquitto", "python"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Broker]:
    if request.param == "mosquitto" and mosquitto.find() is None:
        pytest.skip("mosquitto is not installed")
    ports = Mqtt(port=0, ws_port=0, tls_port=0)
    folder = tmp_path_factory.mktemp("broker")
    accounts = (replace(PHONES[0], home=True),)
    with start_broker(ports, PLATFORM, folder, request.param, accounts) as running:
        yield running


@pytest.fixture(autouse=True)
def as_before(broker: Broker) -> Iterator[None]:
    """Leave the broker with nothing retained."""
    yield
    wipe(broker)


class Clock:
    """Goes on by ten seconds whenever it is asked."""

    def __init__(self) -> None:
        self._ticks = itertools.count(step=10)

    def __call__(self) -> float:
        return float(next(self._ticks))


@contextmanager
def device_on(broker: Broker, config: Config = CONFIG) -> Iterator[MqttSink]:
    home = Introduction(config, PAGE, Clock())
    sink = MqttSink(config, broker.endpoint, utc, lambda: NOW_NS, home)
    try:
        assert eventually(lambda: sink.connected)
        yield sink
    finally:
        sink.close()


@contextmanager
def home_on(broker: Broker) -> Iterator[HomeAssistant]:
    with HomeAssistant(broker.tcp_port, PHONE) as home:
        yield home


@contextmanager
def both(broker: Broker) -> Iterator[tuple[MqttSink, HomeAssistant]]:
    """Give a device and a Home Assistant that follows it already."""
    with device_on(broker) as device, home_on(broker) as home:
        home.wait_until(lambda: home.available is True)
        home.wait_until(lambda: home.entities["phase"].state is not None)
        home.wait_until(lambda: len(home.found) >= 2)  # it has said that it has started
        yield device, home


def taken(device: MqttSink) -> requests.Request:
    got: list[requests.Request] = []

    def take() -> bool:
        request = device.take_request()
        return request is not None and not got.append(request)

    assert eventually(take)
    return got[0]


def test_a_home_assistant_that_starts_later_finds_the_device(broker: Broker) -> None:
    with both(broker) as (_, home):
        assert home.device is not None
        assert home.device["dev"]["identifiers"] == [f"shinline_{PLATFORM}"]
        assert home.device["dev"]["configuration_url"] == PAGE
        assert home.found[0][0] == TOPIC


def test_a_set_is_shown_as_it_is_lifted(broker: Broker) -> None:
    with both(broker) as (device, home):
        device.publish_info(INFO)
        device.publish_event(MarkerEvent(0, Role.BAR, seen=True))
        device.publish_event(PlanEvent(0, plan=MUTED, set=1))
        device.publish_event(PhaseEvent(1_000_000_000, Phase.PULL, 1, 1))
        device.publish_event(rep_event(RepKind.NEW))
        home.wait_for("phase", "pull")
        home.wait_for("lifting", "ON")
        home.wait_for("bar_seen", "ON")
        home.wait_for("mute", "ON")
        home.wait_for("set_load", "142.5")
        home.wait_for("lifter", "Zoë <b>")
        done = replace(FINISHED, mean_velocity_mps=0.4321, drift_forward_m=0.0346)
        device.publish_event(replace(rep_event(RepKind.END), rep=done))
        shown = home.wait_for("mean_velocity", "0.4321")
        home.wait_for("under_way", "ON")
        assert home.wait_for("drift", "34.6").attributes["id"] == "r1"
        assert (shown.attributes["faults"], shown.attributes["mean_velocity_sd_mps"]) == ([], None)
        assert "loop_m" in shown.attributes["not_assessed"]
        home.wait_for("peak_velocity", UNKNOWN)
        home.wait_until(lambda: len(home.entities["repetition"].fired) == 2)
        types = [event["event_type"] for event in home.entities["repetition"].fired]
        assert types == ["new", "end"]
        device.publish_event(SetEvent(1, 1, 1, 0.43, 0.43, 0.0, {"bar_forward": 1}, None))
        assert home.wait_for("set_reps", "1").attributes["faults"] == {"bar_forward": 1}
        home.wait_for("velocity_loss", "0.0")
        home.wait_for("under_way", "OFF")


def test_a_fault_beyond_tolerance_is_named_and_one_that_was_not_judged_is_not(
    broker: Broker,
) -> None:
    judged = replace(FINISHED.faults[0], assessed=True, value=0.04, confidence=0.9)
    good = replace(judged, code="hitch", severity=type(judged.severity).GOOD)
    unseen = replace(judged, code="rounding", assessed=False, value=None)
    with both(broker) as (device, home):
        rep = replace(FINISHED, mean_velocity_mps=0.5, faults=(judged, good, unseen))
        device.publish_event(replace(rep_event(RepKind.END), rep=rep))
        assert home.wait_for("mean_velocity", "0.5").attributes["faults"] == ["bar_forward"]


def test_a_moved_camera_is_a_problem_and_one_of_which_nothing_is_known_is_not(
    broker: Broker,
) -> None:
    with both(broker) as (device, home):
        home.wait_for("camera_moved", UNKNOWN)
        device.publish_event(CameraEvent(1, ("height",), "The camera stands lower."))
        moved = home.wait_for("camera_moved", "ON")
        assert moved.attributes["problems"] == ["The camera stands lower."]
        device.publish_event(CameraEvent(2, (), "It is back."))
        home.wait_for("camera_moved", "OFF")


def test_how_well_the_machine_keeps_up_is_shown_and_what_is_not_measured_is_unknown(
    broker: Broker,
) -> None:
    with both(broker) as (device, home):
        device.publish_stats(Stats(rate_hz=59.9, dropped=2, latency_p95_ms=7.5))
        home.wait_for("rate", "59.9")
        home.wait_for("latency", "7.5")
        home.wait_for("temperature", UNKNOWN)
        home.wait_for("throttled", UNKNOWN)
        device.publish_stats(Stats(rate_hz=60.0, dropped=2, temperature_c=81.5, throttled=True))
        home.wait_for("throttled", "ON")
        home.wait_for("temperature", "81.5")


def test_a_cue_starts_an_automation_and_one_that_came_late_does_not(broker: Broker) -> None:
    late = replace(cue_event("late"), t_ns=0)  # decided 5.25 s before it is handed over
    with both(broker) as (device, home):
        device.publish_event(late)
        device.publish_event(cue_event("fresh"))
        cues = home.entities["cue"].fired
        home.wait_until(lambda: bool(cues))
        assert [(cue["event_type"], cue["id"]) for cue in cues] == [("warn", "fresh")]
        assert (cues[0]["code"], cues[0]["text"]) == ("bar_forward", "Keep it close")
        assert cues[0]["evidence"] == {"drift_m": 0.031}


def test_what_is_pressed_is_asked_and_answered(broker: Broker) -> None:
    with both(broker) as (device, home), Watcher(broker.tcp_port, PLATFORM) as phone:
        home.press("feedback_now")
        request = taken(device)
        assert (request.verb, request.transaction) == ("feedback_now", "home_assistant")
        device.answer(request, {"code": None})
        answer = phone.wait_for("response/feedback_now")[0].json
        assert (answer["status"], answer["transaction"]) == ("ok", "home_assistant")
        home.press("end_set")
        assert isinstance(taken(device).body, requests.EndSet)
        home.switch("mute", on=True)
        assert taken(device).body == requests.Mute(on=True, transaction="home_assistant")
        home.switch("mute", on=False)
        assert taken(device).body == requests.Mute(on=False, transaction="home_assistant")
        home.set_number("set_load", 102.5)
        assert taken(device).body == requests.SetLoad(load_kg=102.5, transaction="home_assistant")
        home.press("preview")
        assert taken(device).body == requests.Preview(on=True, transaction="home_assistant")
        device.publish_preview(b"\xff\xd8 a picture")
        home.wait_until(lambda: home.entities["camera"].picture == b"\xff\xd8 a picture")


def test_a_device_that_stops_is_not_available(broker: Broker) -> None:
    with home_on(broker) as home:
        with device_on(broker):
            home.wait_until(lambda: home.available is True)
        home.wait_until(lambda: home.available is False)


def test_the_device_introduces_itself_again_when_home_assistant_has_started(
    broker: Broker,
) -> None:
    with both(broker) as (_, home):
        before = len(home.found)
        home.say("offline")
        home.say("online")
        home.wait_until(lambda: len(home.found) == before + 1)
        assert home.found[-1][1] == home.found[0][1]


def test_a_device_that_no_longer_wants_to_be_found_is_taken_away(broker: Broker) -> None:
    with both(broker) as (_, home):
        assert home.device is not None
    silent = Config(platform=PLATFORM, home_assistant=Settings(discovery=False))
    with home_on(broker) as home:
        home.wait_until(lambda: home.device is not None)
        with device_on(broker, silent):
            home.wait_until(lambda: home.device is None)
            before = len(home.found)
            home.say("online")
        assert home.found[before:] == []
    with home_on(broker) as later, device_on(broker) as device:
        assert device.connected
        later.wait_until(lambda: later.device is not None)
        assert json.loads(later.found[0][1]) == later.device


def test_a_phone_cannot_pretend_to_be_another_device(broker: Broker) -> None:
    with both(broker) as (device, home), Watcher(broker.tcp_port, PLATFORM) as phone:
        before = len(home.found)
        phone.client.publish(TOPIC, b"", qos=1, retain=True)
        phone.client.publish("homeassistant/sensor/spy/config", b"{}", qos=1, retain=True)
        phone.client.publish(f"shinline/{PLATFORM}/request/level", b"{}", qos=1)
        assert taken(device).verb == "level"  # the broker has dealt with what came before
        assert len(home.found) == before
