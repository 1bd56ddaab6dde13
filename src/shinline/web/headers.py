"""Security headers: a page may load from, and talk to, the host that served it, nothing else."""

import re
from typing import Final

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
    "Cache-Control": "no-cache",  # an updated device must not meet yesterday's scripts
}


def content_security_policy(host: str, ws_port: int | None) -> str:
    """Build the policy for a page that was asked for under ``host`` (a Host header's value).

    The broker is allowed on that host name only. An IPv6 literal cannot be written in a policy;
    there the broker is allowed by its scheme.
    """
    if ws_port is None:
        return _POLICY.format(broker="")
    name = host if host.startswith("[") else host.partition(":")[0]
    if _HOST_NAME.fullmatch(name):
        return _POLICY.format(broker=f" ws://{name}:{ws_port}")
    return _POLICY.format(broker=" ws:" if name.startswith("[") else "")


class SecurityHeaders:
    """ASGI layer that adds the headers to every response, errors and files included."""

    def __init__(self, app: ASGIApp, ws_port: int | None) -> None:
        self._app = app
        self._ws_port = ws_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the start of its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        policy = content_security_policy(host, self._ws_port)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**_FIXED, "Content-Security-Policy": policy})
            await send(message)

        await self._app(scope, receive, send_with_headers)
