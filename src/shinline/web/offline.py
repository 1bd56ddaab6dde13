"""The service worker, which keeps the pages on a phone for when the device is out of reach."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PAGE_KINDS: Final = frozenset({".css", ".js", ".png", ".svg", ".webmanifest"})
_WORKER: Final = "sw.js"


def service_worker(
    static: Path, version: str, pages: Iterable[str], state: bytes
) -> tuple[str, str]:
    """Return the name of the release and the worker's script, which says what to keep.

    ``pages`` are addresses; ``state`` is what the server makes up itself. The name is another after
    every change of either or of a file, and so is the script: a browser compares it byte by byte
    each time a page is opened.
    """
    digest = hashlib.sha256(state)
    kept = list(pages)
    for file in sorted(static.rglob("*")):
        if not file.is_file():
            continue
        digest.update(file.read_bytes())
        if file.suffix in _PAGE_KINDS and file.name != _WORKER:
            kept.append(f"/static/{file.relative_to(static).as_posix()}")
    name = f"shinline-{version}-{digest.hexdigest()[:8]}"
    head = f"const NAME = {json.dumps(name)};\nconst KEPT = {json.dumps(kept, indent=1)};\n"
    return name, head + (static / _WORKER).read_text(encoding="utf-8")
