"""The port without encryption, where TLS is on: how a phone comes to trust the device, no more."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shinline.config import Words
from shinline.web.guard import Guard, json_response
from shinline.web.headers import SecurityHeaders
from shinline.web.server import STATIC
from shinline.web.state import Credential

CERTIFICATE: Final = "application/x-x509-ca-cert"
"""What makes phones offer to install it."""


@dataclass(frozen=True, slots=True)
class PlainState:
    """Where the encrypted pages are, and what vouches for them.

    ``page`` is the one to go to, ``authority`` the file to download, ``fingerprint`` its SHA-256.
    """

    tls_port: int
    page: str
    authority: Path
    fingerprint: str
    words: Words
    names: tuple[str, ...] = ()


class _Nobody:
    """There is nothing here to let anybody in to."""

    def knows(self, username: str, password: str) -> bool:
        return False

    def pair(self, code: str, name: str) -> Credential | None:
        return None


def create_plain_app(state: PlainState) -> Starlette:
    """Build the application: one page, the authority's certificate, and the files of the page."""
    way = {"tls_port": state.tls_port, "page": state.page, "fingerprint": state.fingerprint}
    routes = [
        Route("/", lambda _: FileResponse(STATIC / "trust.html", media_type="text/html")),
        Route("/ca.crt", lambda _: FileResponse(state.authority, media_type=CERTIFICATE)),
        Route("/way.json", lambda _: json_response(way)),
        Route("/words.json", lambda _: json_response(state.words)),
        Route("/healthz", lambda _: Response("ok", media_type="text/plain")),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/{elsewhere:path}", lambda _: RedirectResponse("/")),
    ]
    layers = [
        Middleware(SecurityHeaders, ws_port=None),
        Middleware(Guard, access=_Nobody(), names=state.names),
    ]
    return Starlette(routes=routes, middleware=layers)
