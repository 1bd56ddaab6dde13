"""The service worker, which keeps the pages on a phone for when the device is out of reach."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PAGE_KINDS: Final = frozenset({".css", ".js", ".png", ".svg", ".webmanifest"})
_WORKER: Final = "sw.js"


def service_worker(static: Path, version: str, pages: Iterable[str], state: bytes) -> str:
    """Return the worker's script: what to keep, under a name that is another after every change.

    ``pages`` are addresses; ``state`` is what the server makes up itself, so that the worker is
    another when that is. A browser compares the script byte by byte each time a page is opened.
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
    return head + (static / _WORKER).read_text(encoding="utf-8")
