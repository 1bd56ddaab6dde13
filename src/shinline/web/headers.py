"""Security headers: a page may load from, and talk to, the host that served it, nothing else.

Not among them is Strict-Transport-Security: it holds for every port of a name, so it would take
away the plain page that says how to trust the device, and lock phones out when TLS is switched off.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,253}")

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; "
    "connect-src 'self'{broker}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types offline"
)

_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def content_security_policy(
    host: str, ws_port: int | None, secure: bool = False, broker_url: str = ""
) -> str:
    """Build the policy for a page that was asked for under ``host`` (a Host header's value).

    The broker is allowed on that host name only, or on that of ``broker_url``. An IPv6 literal
    cannot be written in a policy; there the broker is allowed by its scheme.
    """
    if ws_port is None:
        return _POLICY.format(broker="")
    if broker_url:
        found = urlsplit(broker_url)
        host, port, scheme = found.netloc.rpartition("@")[2], found.port, found.scheme
    else:
        port, scheme = ws_port, "wss" if secure else "ws"
    name = host if host.startswith("[") else host.partition(":")[0]
    if _HOST_NAME.fullmatch(name):
        return _POLICY.format(broker=f" {scheme}://{name}" + (f":{port}" if port else ""))
    return _POLICY.format(broker=f" {scheme}:" if name.startswith("[") else "")


class SecurityHeaders:
    """ASGI layer that adds the headers to every response, errors and files included."""

    def __init__(
        self, app: ASGIApp, ws_port: int | None, secure: bool = False, broker_url: str = ""
    ) -> None:
        self._app = app
        self._broker = (ws_port, secure, broker_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the start of its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        policy = content_security_policy(host, *self._broker)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**_FIXED, "Content-Security-Policy": policy})
                # An updated device must not meet yesterday's scripts.
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
