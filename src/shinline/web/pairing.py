"""``POST /api/pair``: a phone that knows the code gets a credential of its own, once."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shinline.web.guard import json_response
from shinline.web.state import Access
from shinline.web.tries import Tries

LARGEST_BYTES: Final = 1024

Answer = Callable[[Request], Awaitable[Response]]


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=200)] = ""


def pairing(access: Access, now_s: Callable[[], float] = time.monotonic) -> Answer:
    """Return the answer to the route. All of it but the file runs on the server's one thread."""
    tries = Tries(now_s)

    async def answer(request: Request) -> Response:
        address = request.client.host if request.client else ""
        pause_s = tries.pause_s(address)
        if pause_s > 0.0:
            return _wait(pause_s)
        wish = await _wish(request)
        if isinstance(wish, Response):
            return wish
        pause_s = tries.pause_s(address)  # others tried while the body was on its way
        if pause_s > 0.0:
            return _wait(pause_s)
        tries.wrong(address)  # until it was right: many may ask at once
        try:
            credential = await run_in_threadpool(access.pair, wish.code, wish.name)
        except OSError:  # what it says is for the device's owner: shinline pair tells them
            return _refused(
                503, "cannot_pair", "this device cannot pair anybody now; its owner sees why with: "
                "shinline pair",
            )  # fmt: skip
        if credential is None:
            return _refused(403, "wrong_code", "that is not the code of this device")
        tries.right(address)
        return json_response(credential, headers={"Cache-Control": "no-store"})

    return answer


async def _wish(request: Request) -> _Wish | Response:
    """Return what is asked for, or what is wrong with it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # which no form of a stranger's page can send
        return _refused(415, "bad_request", "expected Content-Type: application/json")
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BYTES:
                return _refused(413, "bad_request", f"expected at most {LARGEST_BYTES} bytes")
        return msgspec.json.decode(body, type=_Wish)
    except (msgspec.DecodeError, UnicodeDecodeError, ClientDisconnect):
        return _refused(400, "bad_request", 'expected {"code": "…", "name": "…"}')


def _wait(pause_s: float) -> Response:
    seconds = math.ceil(pause_s)
    said = {"error": f"too many tries; wait {seconds} s", "code": "wait", "wait_s": seconds}
    return json_response(said, 429, {"Retry-After": str(seconds)})


def _refused(status: int, code: str, error: str) -> Response:
    return json_response({"error": error, "code": code}, status)
