"""The AI Camera's network: loaded before the camera, read from its frames as places in them."""

from pathlib import Path
from typing import Any

import numpy as np
import picamera_material as material
import pytest
from body_material import HIP, JOINTS, SHOULDER, configured
from picamera_material import MS, Module, at, following

from shinline.config import Body, Config, ConfigError
from shinline.types import BodySensor
from shinline_pi.ai_camera import SENSOR_PX, AiCamera, open_body
from shinline_pi.camera import PiCamera
from shinline_pi.silence import CameraError

INPUT = (288, 384)
"""Rows and columns, HigherHRNet's."""

LEFT_HIP, LEFT_SHOULDER = 11, 5


class Device:
    """Stands for picamera2's IMX500; a frame's answers travel in its metadata as they are."""

    camera_num = 0

    def __init__(self, network_file: str) -> None:
        if "refused" in network_file:
            raise RuntimeError("No matching footer found in firmware file")
        self.network_file = network_file
        self.config: dict[str, Any] = {"input_tensor_size": (INPUT[1], INPUT[0])}

    def get_outputs(self, metadata: dict[str, Any], add_batch: bool = False) -> Any:
        assert add_batch
        return metadata["answers"]


class Devices:
    IMX500 = Device


@pytest.fixture
def config(tmp_path: Path) -> Config:
    model = tmp_path / "pose.rpk"
    model.write_bytes(b"")
    return configured(model, "imx500")


def _people(*people: dict[int, tuple[float, float, float]], tags: tuple[float, ...]) -> Any:
    """Return HigherHRNet's answer: each person's joints as (column, row of the map, confidence)."""
    tag = np.zeros((1, 30, JOINTS), np.float32)
    cell, sure = np.zeros_like(tag), np.zeros_like(tag)
    for person, (joints, own) in enumerate(zip(people, tags, strict=True)):
        for joint, (column, row, confidence) in joints.items():
            at_rank = (0, (person + joint) % 30, joint)  # each joint's peaks have their own order
            tag[at_rank], sure[at_rank] = own, confidence
            cell[at_rank] = row * (INPUT[1] // 2) + column
    return [tag, cell, sure]


def _told(answers: Any, **more: Any) -> dict[str, Any]:
    """Return a frame's metadata with an answer."""
    numbers = np.concatenate([each.ravel() for each in answers]).tolist()
    return {"answers": answers, "CnnOutputTensor": numbers, **more}


LIFTER = {HIP: (96.0, 72.0, 0.8), SHOULDER: (120.0, 30.0, 0.7)}
SPOTTER = {HIP: (10.0, 72.0, 0.6), SHOULDER: (12.0, 30.0, 0.9)}


def test_the_joints_of_one_person_are_taken_and_brought_into_the_picture(config: Config) -> None:
    camera = AiCamera(config, Devices())
    answers = _people(LIFTER, SPOTTER, tags=(0.2, 4.0))
    camera.note(_told(answers, ScalerCrop=(0, 0, *SENSOR_PX)), 9, (2028, 1520))
    found = camera.body_in_frame()
    assert found is not None and found.hip is not None and found.shoulder is not None
    assert found.t_ns == 9
    # Cell 96 of 192 covers the columns 192 and 193 of 384: 192.5, and its middle is there.
    assert found.hip.x_px == pytest.approx((192.5 + 0.5) / 384 * 2028 - 0.5)
    assert found.hip.y_px == pytest.approx((144.5 + 0.5) / 288 * 1520 - 0.5)
    assert found.shoulder.x_px == pytest.approx((240.5 + 0.5) / 384 * 2028 - 0.5)
    assert (found.hip.confidence, found.shoulder.confidence) == pytest.approx((0.8, 0.7))
    assert camera.body_in_frame() is None  # once


def test_a_cropped_picture_is_not_where_the_network_looked(config: Config) -> None:
    camera = AiCamera(config, Devices())
    answers = _people(LIFTER, tags=(0.2,))
    camera.note(_told(answers, ScalerCrop=(1014, 760, 2028, 1520)), 9, (1014, 760))
    found = camera.body_in_frame()
    assert found is not None and found.hip is not None
    sensor_x, sensor_y = (193 / 384 * 4056, 145 / 288 * 3040)
    assert found.hip.x_px == pytest.approx((sensor_x - 1014) / 2 - 0.5)
    assert found.hip.y_px == pytest.approx((sensor_y - 760) / 2 - 0.5)


def test_maps_and_coordinates_are_read_as_from_any_network(config: Config) -> None:
    camera = AiCamera(config, Devices())
    table = np.zeros((1, JOINTS, 3), np.float32)
    table[0, HIP], table[0, SHOULDER] = (192.0, 144.0, 0.9), (192.0, 72.0, 0.9)
    camera.note(_told([table]), 1, (384, 288))
    found = camera.body_in_frame()
    assert found is not None and found.hip is not None
    assert (found.hip.x_px, found.hip.y_px) == pytest.approx((192.0, 144.0))


def test_a_frame_without_an_answer_has_none(config: Config) -> None:
    camera = AiCamera(config, Devices())
    assert isinstance(camera, BodySensor)
    camera.note(_told(_people(LIFTER, tags=(0.2,))), 1, (384, 288))
    camera.note({}, 2, (384, 288))
    assert camera.body_in_frame() is None


def test_answers_that_cannot_be_read_are_told_once_and_stop_nothing(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    camera = AiCamera(config, Devices())
    for t_ns in range(3):
        camera.note(_told([np.zeros((1, 80, 4), np.float32)]), t_ns, (384, 288))
    assert camera.body_in_frame() is None
    assert "expected heat maps" in camera.problem
    assert len(caplog.records) == 1


def test_whole_heat_maps_are_refused_for_they_hold_the_loop_up(config: Config) -> None:
    camera = AiCamera(config, Devices())
    camera.note(_told([np.zeros((1, 40, 40, JOINTS), np.float32)]), 0, (384, 288))
    assert "27200 numbers; expected at most" in camera.problem


def test_answers_are_read_ten_times_a_second_and_after_a_clock_was_set_back(
    config: Config,
) -> None:
    camera = AiCamera(config, Devices())
    metadata = _told(_people(LIFTER, tags=(0.2,)))
    times = [3600_000 * MS + n * 10 * MS for n in range(31)] + [5 * MS]
    read = []
    for t_ns in times:
        camera.note(metadata, t_ns, (384, 288))
        read.append(camera.body_in_frame() is not None)
    assert [n for n, yes in enumerate(read) if yes] == [0, 10, 20, 30, 31]


def test_the_camera_is_opened_with_the_network_and_gives_its_answers_with_each_frame(
    config: Config,
) -> None:
    body = AiCamera(config, Devices())
    answers = _people(LIFTER, tags=(0.2,))
    module = Module(*[at(n * MS) for n in range(1, 4)], at(100 * MS) | _told(answers))
    module.connected = [{"Model": "imx500", "Num": 0}]
    source = PiCamera(module, clock=lambda: material.NOW_NS, body=body)
    assert source.name == "imx500"
    assert open_body(config, source) is body
    frames = []
    while body._found is None:
        frames.append(following(source))
    found = body.body_in_frame()
    assert found is not None
    assert found.t_ns == frames[-1].t_ns
    source.close()


def test_another_camera_has_no_network_on_its_sensor(config: Config) -> None:
    source = PiCamera(Module(at(MS)), clock=lambda: material.NOW_NS)
    with pytest.raises(ConfigError, match=r"needs --source picamera .* cannot be had from imx708"):
        open_body(config, source)
    source.close()


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set body\.model"):
        AiCamera(Config(body=Body(source="imx500")), Devices())
    refused = tmp_path / "refused.rpk"
    refused.write_bytes(b"")
    with pytest.raises(CameraError, match=r"refused\.rpk: the AI Camera refuses it: No matching"):
        AiCamera(configured(refused, "imx500"), Devices())


def test_the_tools_to_install_are_named(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "picamera2.devices.imx500", None)
    with pytest.raises(CameraError, match="apt install imx500-all python3-picamera2"):
        AiCamera(config)


def test_the_left_side_is_taken_of_a_lifter_who_faces_left(config: Config) -> None:
    config = configured(Path(config.body.model), "imx500", facing="left")
    camera = AiCamera(config, Devices())
    left = {LEFT_HIP: (50.0, 72.0, 0.5), LEFT_SHOULDER: (60.0, 30.0, 0.5)}
    camera.note(_told(_people({**LIFTER, **left}, tags=(0.0,))), 1, (384, 288))
    found = camera.body_in_frame()
    assert found is not None and found.hip is not None
    assert found.hip.x_px == pytest.approx(100.5)
