"""The door: whose requests are answered at all, and who may read what was measured.

Pages, their scripts and the words are no secret, and a phone needs them to pair; what is measured
is below ``/api/`` and is given to those who were paired.
"""

import base64
import binascii
from collections.abc import Collection
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shinline.web.hosts import is_ours
from shinline.web.state import Access

PRIVATE: Final = "/api/"
PAIRING: Final = "/api/pair"

SCHEME: Final = "Basic"
CHALLENGE: Final = 'Paired realm="shinline"'
"""Not ``Basic``, although that is taken: browsers would open a window and ask for a password."""

_LONGEST: Final = 512

_STRANGER: Final = (
    "This device is not known under that name. Open it by its address (http://192.168.…), or by a "
    "name ending in .local; other names are listed in the configuration: [web] names.\n"
)


def json_response(
    content: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Encode with msgspec: a NaN becomes null, where the standard encoder writes invalid JSON."""
    return Response(
        msgspec.json.encode(content), status, headers=headers, media_type="application/json"
    )


class Guard:
    """ASGI layer that turns away requests for other hosts, and strangers from what was measured."""

    def __init__(self, app: ASGIApp, access: Access, names: Collection[str] = ()) -> None:
        self._app = app
        self._access = access
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if not is_ours(headers.get("host", ""), self._names):
            await PlainTextResponse(_STRANGER, 421)(scope, receive, send)
        elif self._is_private(scope["path"]) and not await self._lets_in(headers):
            await _unknown()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_private(self, path: str) -> bool:
        return path.startswith(PRIVATE) and path != PAIRING

    async def _lets_in(self, headers: Headers) -> bool:
        found = credential_in(headers.get("authorization", ""))
        return found is not None and await run_in_threadpool(self._access.knows, *found)


def _unknown() -> Response:
    said = {"error": "this phone is not paired with the device", "code": "not_paired"}
    return json_response(said, 401, {"WWW-Authenticate": CHALLENGE})


def credential_in(header: str) -> tuple[str, str] | None:
    """Return user name and password of an Authorization header, None where there are none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != SCHEME.lower() or len(encoded) > _LONGEST:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    username, colon, password = text.partition(":")
    return (username, password) if colon else None
