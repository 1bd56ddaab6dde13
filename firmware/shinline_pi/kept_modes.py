"""The sensor mode that was chosen, remembered: listing the modes sets the camera up for each."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from shinline import __version__
from shinline.kernel import cache_dir
from shinline_pi.modes import Mode

FILE: Final = "camera-modes.json"


class KeptModes:
    """One mode for each camera model, libcamera and release. A file that is no use is ignored.

    Parameters
    ----------
    libcamera
        The version of libcamera; another one may know other modes.
    path
        By default beside the compiled kernels in the cache folder.

    """

    def __init__(self, libcamera: str, path: Path | None = None) -> None:
        self._libcamera = libcamera
        self._path = cache_dir().parents[1] / FILE if path is None else path

    def get(self, model: str) -> Mode | None:
        """Return the remembered mode; None when there is none."""
        return self._read().get(self._key(model))

    def put(self, model: str, mode: Mode | None) -> None:
        """Remember a mode, or forget it (None). A folder that cannot be written costs time only."""
        kept = self._read()
        kept.pop(self._key(model), None)
        if mode is not None:
            kept[self._key(model)] = mode
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()

    def _key(self, model: str) -> str:
        return f"{model}, libcamera {self._libcamera}, shinline {__version__}"

    def _read(self) -> dict[str, Mode]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Mode])
        except (OSError, msgspec.DecodeError):
            return {}
