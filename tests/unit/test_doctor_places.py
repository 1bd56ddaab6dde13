"""The doctor on network, storage, compiled code, pins, and a camera that is really opened."""

import os
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from shinline.app import doctor_disk, doctor_program, doctor_trial, doctor_wire, startup, warming
from shinline.app.doctor_command import doctor
from shinline.app.doctor_start import estimated, starts, told
from shinline.app.doctor_trial import Seen, judged, look
from shinline.app.startup import Startup
from shinline.config import Config, Indicators, Mqtt, Web
from shinline.types import NS_PER_S, Frame
from shinline.web.server import STATIC, serve

HERE = Path("journal.sqlite3")


# --- network ----------------------------------------------------------------------------------

WIRELESS = (
    "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n"
    " face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n"
)


@pytest.mark.parametrize(
    ("row", "ok", "told"),
    [
        (" wlan0: 0000   54.  -56.  -256  0 0 0 0 0 0", True, "-56"),
        (" wlan0: 0000   20.  -81.  -256  0 0 0 0 0 0", False, "-81"),
        (" wlan0: 0000    0.  -256  -256  0 0 0 0 0 0", True, ""),
        ("", True, ""),
    ],
)  # fmt: skip
def test_a_weak_wifi_is_told_with_its_level(
    row: str, ok: bool, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_wire, "lan_address", lambda: "192.168.1.7")
    monkeypatch.setattr(doctor_wire, "WIRELESS", tmp_path / "wireless")
    (tmp_path / "wireless").write_text(WIRELESS + row)
    check = doctor_wire.network(Config(), HERE)
    assert (check.ok, "192.168.1.7" in check.detail) == (ok, True)
    assert (f"{told} dBm" in check.detail) is bool(told)


def test_a_machine_in_no_network_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_wire, "lan_address", lambda: "127.0.0.1")
    check = doctor_wire.network(Config(), HERE)
    assert (check.ok, "Wi-Fi" in check.advice) == (False, True)


def test_a_port_that_does_not_answer_from_outside_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(address: object, timeout_s: float) -> None:
        raise TimeoutError("timed out")

    config = Config(web=Web(bind="127.0.0.1", port=0))
    assert "answers at 127.0.0.1" in doctor_wire.web_port(config, HERE).detail
    monkeypatch.setattr("socket.create_connection", closed)
    assert not doctor_wire.web_port(config, HERE).ok


def test_ports_that_a_running_shinline_holds_are_no_trouble() -> None:
    pages = Starlette(routes=[Mount("/static", StaticFiles(directory=STATIC))])
    with serve(pages, "127.0.0.1", 0) as running, serve(Starlette(), "127.0.0.1", 0) as other:
        ours = Config(web=Web(bind="127.0.0.1", port=running.port), mqtt=Mqtt(port=other.port))
        assert doctor_wire.web_port(ours, HERE).detail == doctor_wire.OURS
        assert doctor_wire.mqtt_port(ours, HERE).detail == doctor_wire.OURS
        theirs = Config(web=Web(bind="127.0.0.1", port=other.port))
        assert not doctor_wire.web_port(theirs, HERE).ok


# --- storage ----------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /sys and /proc, in which the journal's disk is an SD card."""
    number = tmp_path.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    card = tmp_path / "devices" / "mmcblk0"
    (card / "mmcblk0p2").mkdir(parents=True)
    (card / "device").mkdir()
    (tmp_path / "dev/block").mkdir(parents=True)
    (tmp_path / "dev/block" / device).symlink_to(card / "mmcblk0p2")
    (tmp_path / "fs/ext4/mmcblk0p2").mkdir(parents=True)
    monkeypatch.setattr(doctor_disk, "SYS", tmp_path)
    monkeypatch.setattr(doctor_disk, "MOUNTS", tmp_path / "mountinfo")
    mounted(tmp_path, "ext4", "rw")
    return tmp_path


def mounted(folder: Path, kind: str, options: str, more: str = "") -> None:
    number = folder.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    line = f"27 1 {device} / / rw,relatime shared:1 - {kind} source {options}\n"
    (folder / "mountinfo").write_text(line + more)


def stored(disk: Path) -> Any:
    return doctor_disk.lasting(Config(), disk / "journal.sqlite3")


def test_a_card_that_says_nothing_bad_is_fine(disk: Path) -> None:
    assert (stored(disk).ok, stored(disk).detail) == (True, "ext4")
    (disk / "mountinfo").unlink()
    assert stored(disk).ok


@pytest.mark.parametrize(("count", "ok"), [("0", True), ("3", False)])
def test_errors_that_the_file_system_noted_are_bad(disk: Path, count: str, ok: bool) -> None:
    (disk / "fs/ext4/mmcblk0p2/errors_count").write_text(f"{count}\n")
    assert stored(disk).ok is ok


@pytest.mark.parametrize(
    ("life", "ok", "told"),
    [("0x02 0x03", True, "30 %"), ("0x09 0x01", False, "90 %"), ("0x00 0x00", True, "ext4")],
)
def test_a_worn_module_is_told(disk: Path, life: str, ok: bool, told: str) -> None:
    (disk / "devices/mmcblk0/device/life_time").write_text(life + "\n")
    assert (stored(disk).ok, told in stored(disk).detail) == (ok, True)


def test_what_is_written_into_memory_does_not_last(disk: Path) -> None:
    mounted(disk, "tmpfs", "rw")
    assert "in memory only" in stored(disk).detail
    root = "28 27 0:30 / /media/root-rw rw - tmpfs tmpfs rw\n"
    mounted(disk, "overlay", "rw,upperdir=/media/root-rw/overlay", root)
    assert not stored(disk).ok
    mounted(disk, "overlay", "rw,upperdir=/var/lib/docker/upper", root)
    assert stored(disk).ok


# --- compiled code and pins -------------------------------------------------------------------


def compiled(folder: Path, *names: tuple[str, str, str]) -> None:
    kept = {((), name, ()): "kernel.nbc" for name in names}
    folder.mkdir(exist_ok=True)
    data = pickle.dumps("0.68") + pickle.dumps(((1.0, 2), kept))
    (folder / f"{names[0][1]}.nbi").write_bytes(data)


def test_kernels_count_only_for_the_processor_they_were_compiled_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, other = ("aarch64", "cortex-a76", "+neon"), ("aarch64", "cortex-a72", "+neon")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(doctor_program, "_this_processor", lambda: here)
    monkeypatch.setattr(doctor_program, "_folders", lambda folder: [folder / "vision"])
    said = lambda: doctor_program.kernel_cache(Config(), HERE).detail  # noqa: E731
    assert "nothing yet; the first start compiles" in said()
    compiled(tmp_path / "vision", other)
    assert "none for cortex-a76, only for cortex-a72" in said()
    compiled(tmp_path / "vision", here)
    (tmp_path / "vision" / "damaged.nbi").write_bytes(b"\x80no")
    assert "1 kernels for cortex-a76" in said()


def test_the_kernels_of_this_installation_are_looked_for_where_numba_keeps_them() -> None:
    assert len(doctor_program._this_processor()) == 3
    folders = doctor_program._folders(Path("/cache"))
    assert any(folder.name.startswith("ring") or "vision" in folder.name for folder in folders)


def wired(**values: Any) -> Any:
    return doctor_program.indicators(Config(indicators=Indicators(**values)), HERE)


def test_pins_that_cannot_be_opened_are_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    monkeypatch.setattr(doctor_program, "find_spec", lambda _name: object())
    monkeypatch.setattr(doctor_program, "GPIO", tmp_path / "gpiochip0")
    monkeypatch.setattr(doctor_program, "SPI", tmp_path / "spidev0.0")
    assert wired().ok
    assert wired(device="terminal").ok
    assert "terminal" in wired(device="disco").advice
    assert "is missing" in wired(device="gpio", lamp_pin=4).detail
    (tmp_path / "gpiochip0").touch()
    assert wired(device="gpio", lamp_pin=4).ok
    assert "dtparam=spi=on" in wired(device="gpio", light="strip").advice
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert "usermod -aG gpio" in wired(device="gpio", lamp_pin=4).advice
    monkeypatch.setattr(doctor_program, "find_spec", lambda _name: None)
    assert "apt install python3-gpiozero" in wired(device="gpio", lamp_pin=4).advice
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    assert "simulated" in wired(device="gpio", lamp_pin=4).detail


# --- the camera -------------------------------------------------------------------------------


class Camera:
    """Gives pictures of one brightness, at a rate of its own."""

    name, width_px, height_px, rate_hz, dropped = "a camera", 64, 48, 100.0, 3

    def __init__(self, grey: int = 120, every_s: float = 0.01, most: int = 10**6) -> None:
        self._luma = np.full((48, 64), grey, np.uint8)
        self._every_s, self._most, self._seq = every_s, most, 0
        self.closed = False

    def read(self) -> Frame | None:
        if self._seq >= self._most:
            return None
        time.sleep(0.001)
        self._seq += 1
        return Frame(self._seq, round(self._seq * self._every_s * NS_PER_S), 900, self._luma)

    def now_ns(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_trial, "WATCHED_S", 0.05)
    monkeypatch.setattr(doctor_trial, "PATIENCE_S", 0.5)


@pytest.mark.parametrize(
    ("camera", "bad"),
    [
        (Camera(), set()),
        (Camera(every_s=0.02), {"camera rate"}),
        (Camera(grey=30), {"light"}),
        (Camera(grey=255), {"light"}),
    ],
)
def test_a_camera_is_judged_by_its_pictures_and_let_go(camera: Camera, bad: set[str]) -> None:
    found = judged(look(lambda: camera))
    assert {check.name for check in found if not check.ok} == bad
    assert all(bool(check.advice) is not check.ok for check in found)
    assert camera.closed
    assert "3 dropped" in found[1].detail


def test_a_camera_without_pictures_is_let_go_as_well() -> None:
    camera = Camera(most=0)
    with pytest.raises(OSError, match="no picture"):
        look(lambda: camera)
    assert camera.closed


def test_a_driver_that_hangs_or_raises_is_told_and_left_behind() -> None:
    def hang() -> Seen:
        time.sleep(1.0)
        raise AssertionError

    def fail() -> Seen:
        raise RuntimeError("camera in use")

    assert "no picture within" in str(doctor_trial._patiently(hang))
    assert doctor_trial._patiently(fail) == "camera in use"


def start(boot_s: float | None) -> Startup:
    return Startup(boot_s=boot_s, interpreter_s=0.5, imports_s=3.5, check_s=0.5, kernels_s=1.5,
                   kernels_missing=0)  # fmt: skip


def test_a_start_is_added_up_and_too_slow_a_one_is_bad() -> None:
    quick = estimated(start(8.0), 2.0)
    assert quick.ok
    assert "about 16 s" in quick.detail
    assert "program 6.0 s (loading 4.0, kernels 2.0), camera 2.0 s" in quick.detail
    slow = estimated(start(14.0), 2.0)
    assert (slow.ok, "systemd-analyze" in slow.advice) == (False, True)
    assert "not known" in estimated(start(None), 2.0).detail
    assert "camera not tried" in estimated(start(8.0), None).detail


def test_the_last_start_is_told_and_judged_if_it_began_with_the_boot() -> None:
    assert "6.2 s after its program began" in told(6.2, None).detail
    assert (told(60.0, None).ok, told(6.2, 15.0).ok, told(6.2, 21.0).ok) == (True, True, False)


def test_a_start_that_would_compile_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "missing", lambda: [None] * 7)
    monkeypatch.setattr(startup, "startup_estimate", None)
    (check, *_) = starts(None)
    assert (check.ok, "7 kernels are not compiled" in check.detail) == (True, True)


def test_a_start_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Startup:
        raise OSError("a start for measurement failed: no memory")

    monkeypatch.setattr(warming, "missing", list)
    monkeypatch.setattr(startup, "startup_estimate", fail)
    (check,) = starts(None)
    assert (check.ok, "no memory" in check.detail) == (False, True)


def test_the_camera_is_tried_only_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "missing", list)
    monkeypatch.setattr(startup, "startup_estimate", lambda: start(None))
    text = "[web]\nport = 0\n[mqtt]\nport = 0\nws_port = 0\n"
    (tmp_path / "c.toml").write_text(text)
    common = ["--config", str(tmp_path / "c.toml"), "--journal", str(tmp_path / "j.sqlite3")]
    plain = CliRunner().invoke(doctor, common)
    assert "ok   clock" in plain.output
    assert "camera rate" not in plain.output
    tried = CliRunner().invoke(doctor, [*common, "--camera"])  # none is here
    assert "BAD  camera: picamera: " in tried.output
    assert "ok   start: program" in plain.output
    assert tried.exit_code == 1
    unknown = CliRunner().invoke(doctor, [*common, "--camera", "periscope"])
    assert "no source named 'periscope'" in unknown.output
