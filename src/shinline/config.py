"""Configuration: strict TOML into frozen structs; the range of a value is part of its type.

Read once at the start, copied into every session's record. An unknown key or a value outside its
range is a :class:`ConfigError` that names the key and says what was expected.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from shinline.limits import Coach as Coach
from shinline.pins import Indicators as Indicators
from shinline.section import Section
from shinline.types import Plan

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
PlatformId = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
Port = Annotated[int, Meta(ge=0, le=65535)]
HostName = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Distortion = Annotated[float, Meta(ge=-10.0, le=10.0)]

SPREAD: Final = ("roll_deg", "pitch_deg", "azimuth_deg", "focal_rel", "cx_px", "cy_px", "k1")
Way = tuple[float, float, float, float, float, float, float]
"""One way in which a calibration may be wrong: a value for each of ``SPREAD``."""


class ConfigError(ValueError):
    """The configuration cannot be used; the message says which key and what was expected."""


LiftName = Literal["conventional", "sumo", "trap_bar", "blocks", "romanian", "stiff_leg"]
MODES: Final = ("standard", "technique", "test")


class Lifter(Section, frozen=True):
    """Who lifts. Stature only sets the first guess of knee and lockout height."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] = "lifter"
    stature_m: Annotated[float, Meta(ge=1.2, le=2.3)] = 1.75


class Lift(Section, frozen=True):
    """What is lifted."""

    style: LiftName = "conventional"
    load_kg: Annotated[float, Meta(ge=0.0, le=600.0)] = 0.0
    target_reps: Annotated[int, Meta(ge=0, le=100)] = 0


class Marker(Section, frozen=True):
    """What the camera follows."""

    kind: Literal["ring", "plate"] = "ring"
    diameter_m: Annotated[float, Meta(ge=0.02, le=0.30)] = 0.08
    plate_diameter_m: Annotated[float, Meta(ge=0.15, le=0.60)] = 0.45
    body_diameter_m: Annotated[float, Meta(ge=0.02, le=0.30)] = 0.05
    facing: Literal["left", "right", "auto"] = "auto"


class Lens(Section, frozen=True):
    """How the camera's lens draws, in OpenCV's model. Without a focal length there is none.

    ``focal_rel_sd`` is the relative standard deviation of the focal lengths, ``centre_sd_px`` that
    of each coordinate of the principal point, ``k1_sd`` of the distortion: a ray at the distance r
    from the axis is unsure by ``k1_sd`` r^3.
    """

    fx_px: Annotated[float, Meta(ge=0.0, le=100000.0)] = 0.0
    fy_px: Annotated[float, Meta(ge=0.0, le=100000.0)] = 0.0
    cx_px: Annotated[float, Meta(ge=-10000.0, le=20000.0)] = 0.0
    cy_px: Annotated[float, Meta(ge=-10000.0, le=20000.0)] = 0.0
    k1: Distortion = 0.0
    k2: Distortion = 0.0
    p1: Distortion = 0.0
    p2: Distortion = 0.0
    k3: Distortion = 0.0
    focal_rel_sd: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.02
    centre_sd_px: Annotated[float, Meta(ge=0.0, le=1000.0)] = 10.0
    k1_sd: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.05


class Rest(Section, frozen=True):
    """How the bar looked where it lay when the rig was calibrated. A radius of 0: not known."""

    x_px: float = 0.0
    y_px: float = 0.0
    r_px: Annotated[float, Meta(ge=0.0, le=5000.0)] = 0.0
    axis_ratio: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    contrast: Annotated[float, Meta(ge=0.0, le=255.0)] = 0.0


class Rig(Section, frozen=True):
    """How the camera stands. Without calibration the roll is taken as level within 1 degree.

    The angles are those of :class:`shinline.geometry.view.View`; pitch and azimuth count only where
    there is a lens. ``spread`` holds how unsure all that is together: each entry is one independent
    way of being wrong by one standard deviation, in the order and units of ``SPREAD``. Empty: the
    standard deviations beside it, and those of the lens, each for itself.
    ``readout_ms`` is how much later a rolling shutter exposes the last row of the picture than the
    first; 0 for a global shutter. ``off_axis_m`` is how far from the bar's axis its marker sits.
    """

    roll_deg: Annotated[float, Meta(ge=-45.0, le=45.0)] = 0.0
    roll_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = 1.0
    pitch_deg: Annotated[float, Meta(ge=-45.0, le=45.0)] = 0.0
    pitch_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = 3.0
    azimuth_deg: Annotated[float, Meta(ge=-60.0, le=60.0)] = 0.0
    azimuth_sd_deg: Annotated[float, Meta(ge=0.0, le=45.0)] = 8.0
    scale_rel_sd: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.01
    readout_ms: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.0
    off_axis_m: Annotated[float, Meta(ge=0.0, le=0.2)] = 0.0
    spread: tuple[Way, ...] = ()
    rest: Rest = Rest()
    name: Annotated[str, Meta(max_length=200)] = ""


class Reps(Section, frozen=True):
    """What counts as a repetition."""

    min_rom_m: Annotated[float, Meta(ge=0.10, le=0.60)] = 0.20
    max_rom_m: Annotated[float, Meta(ge=0.40, le=1.20)] = 0.85
    set_gap_s: Annotated[float, Meta(ge=20.0, le=1800.0)] = 150.0


class Baseline(Section, frozen=True):
    """What is usual for one lifter in one lift, from repetitions that were labelled good.

    ``code`` is a fault's, or "rom" for the range of motion; ``mean`` and ``sd`` are in its unit.
    """

    lifter: Annotated[str, Meta(min_length=1, max_length=64)]
    lift: LiftName
    code: Annotated[str, Meta(pattern=r"^[a-z_]{1,32}$")]
    mean: float
    sd: Annotated[float, Meta(ge=0.0)]
    reps: Annotated[int, Meta(ge=1)]


class Words(Section, frozen=True):
    """What is said, in the lifter's language: the words of each code. Empty: the English ones."""

    language: Annotated[str, Meta(max_length=16)] = "en"
    said: dict[str, str] = msgspec.field(default_factory=dict)


class Mqtt(Section, frozen=True):
    """Where messages go. Without ``url`` and ``host`` the embedded broker starts on the ports.

    ``url`` names a broker that is already there, ``mqtts://broker.local:8883`` for one with TLS;
    ``host`` and ``port`` do without TLS. ``username`` and ``password`` are the device's own there,
    ``phone_username`` and ``phone_password`` what paired phones are given, ``phone_url`` where they
    find it (``wss://broker.local:9001/mqtt``; empty: ``ws_port`` of the host that serves the page).
    ``ca_file`` is whom to trust (empty: whom the system trusts), ``cert_file`` and ``key_file`` are
    the device's own certificate. ``tls_port`` is the embedded broker's, where TLS is on.
    """

    url: Annotated[str, Meta(max_length=300)] = ""
    host: Annotated[str, Meta(max_length=253)] = ""
    port: Port = 1883
    ws_port: Port = 9001
    tls_port: Port = 8883
    username: Annotated[str, Meta(max_length=128)] = ""
    password: Annotated[str, Meta(max_length=128)] = ""
    phone_url: Annotated[str, Meta(max_length=300)] = ""
    phone_username: Annotated[str, Meta(max_length=128)] = ""
    phone_password: Annotated[str, Meta(max_length=128)] = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    protocol: Literal["auto", "3.1.1", "5"] = "auto"
    broker: Literal["auto", "mosquitto", "python"] = "auto"


class HomeAssistant(Section, frozen=True):
    """Whether the device announces itself to Home Assistant, and below which topic."""

    discovery: bool = True
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "homeassistant"


class Web(Section, frozen=True):
    """The phone page and the review page. ``tls_port`` serves them where TLS is on.

    ``names`` are further host names of this machine, beside its own, those ending in ``.local``
    and its addresses: under any other name the pages are not served, and no certificate is made.
    """

    bind: Annotated[str, Meta(max_length=64)] = "0.0.0.0"  # noqa: S104  (for phones nearby)
    port: Port = 8080
    tls_port: Port = 8443
    names: tuple[HostName, ...] = ()


class Tls(Section, frozen=True):
    """Whether phones are served encrypted: ``auto`` where ``shinline tls`` has made certificates.

    An empty folder means the user's data folder.
    """

    mode: Literal["auto", "off"] = "auto"
    folder: str = ""


class Access(Section, frozen=True):
    """Where it is kept who was paired. An empty path means the user's data folder."""

    path: str = ""


class Journal(Section, frozen=True):
    """Where sessions are kept. An empty path means the user's data folder."""

    path: str = ""


class Calibration(Section, frozen=True):
    """Where calibrations are kept, and which lens is on a camera that takes several.

    An empty folder means the user's data folder. ``lens_profile`` counts where no lens was
    measured: one of the makers' figures in ``docs/lens.md``, such as ``imx477_6mm``; empty means
    that of the camera's model.
    """

    folder: str = ""
    lens_profile: Annotated[str, Meta(max_length=64)] = ""


class Body(Section, frozen=True):
    """Where the lifter's joints are taken from, beside markers: a pose network that you supply.

    ``source`` is an entry point of the group ``shinline.body``: ``onnx`` and ``tflite`` run the
    file ``model``, ``imx500`` has it run on the sensor of a Raspberry Pi AI Camera. ``layout`` says
    which number is which joint. ``input``: whether the network takes height, width, channels or
    channels first; ``values``: what black and white are to it; ``points``: how a network that
    answers with coordinates writes them: ``yx`` and ``xy`` are shares of its input, ``xy_px``
    pixels of it.
    ``auto`` goes by the shapes and types the model states. See docs/body.md.
    """

    source: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$")] = "none"
    model: str = ""
    layout: Literal["coco17", "blazepose33"] = "coco17"
    input: Literal["auto", "nhwc", "nchw"] = "auto"
    values: Literal["auto", "0..255", "0..1", "-1..1", "imagenet"] = "auto"
    points: Literal["auto", "yx", "xy", "xy_px"] = "auto"


class Config(Section, frozen=True):
    """Everything that can be set."""

    platform: PlatformId = "platform1"
    lifter: Lifter = Lifter()
    lift: Lift = Lift()
    marker: Marker = Marker()
    rig: Rig = Rig()
    lens: Lens = Lens()
    calibration: Calibration = Calibration()
    reps: Reps = Reps()
    coach: Coach = Coach()
    own: tuple[Baseline, ...] = ()
    words: Words = Words()
    mqtt: Mqtt = Mqtt()
    home_assistant: HomeAssistant = HomeAssistant()
    web: Web = Web()
    tls: Tls = Tls()
    access: Access = Access()
    journal: Journal = Journal()
    indicators: Indicators = Indicators()
    body: Body = Body()


def load(path: Path) -> Config:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        The file is missing, is no TOML, has an unknown key, or a value out of its range.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: cannot be read: {problem}") from None
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from None


def parse(text: str) -> Config:
    """Turn TOML text into a Config; see :func:`load` for what is refused."""
    try:
        return msgspec.toml.decode(text.encode(), type=Config)
    except msgspec.DecodeError as problem:  # ValidationError is one
        raise ConfigError(str(problem).replace("`", "'")) from None


def to_json(config: Config) -> bytes:
    """Encode for a session's record; :func:`from_json` gives an equal Config back."""
    return msgspec.json.encode(config)


def from_json(data: bytes) -> Config:
    """Decode what :func:`to_json` wrote."""
    return msgspec.json.decode(data, type=Config)


def first_plan(config: Config) -> Plan:
    """Return the plan that is in force until somebody asks for another one."""
    lift = config.lift
    return Plan(config.lifter.name, lift.style, lift.load_kg, lift.target_reps)
