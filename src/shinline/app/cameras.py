"""What a camera knows beyond its frames: how it reads its rows out, and that it fell silent."""

import msgspec

from shinline.config import Config
from shinline.types import FrameSource
from shinline.wire.sink import MqttSink


def with_readout(config: Config, source: FrameSource) -> Config:
    """Return the configuration with the source's own ``readout_ms``, where it has one.

    It goes before what is configured, which the source knew when it was opened: a camera dates its
    frames by that number, and their rows must be dated by the same.
    """
    readout_ms = getattr(source, "readout_ms", None)
    if readout_ms is None:
        return config
    rig = msgspec.structs.replace(config.rig, readout_ms=float(readout_ms))
    return msgspec.structs.replace(config, rig=rig)


def tell_silence(source: FrameSource, sink: MqttSink) -> None:
    """Have a source that can fall silent say so to the phone; others are left alone."""
    if hasattr(source, "on_silence"):
        source.on_silence = lambda silent: sink.publish_camera(not silent)
        sink.publish_camera(True)  # it has just been opened
