"""The pages' server: a few routes, and uvicorn in a background thread."""

import dataclasses
import errno
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shinline.journal.errors import JournalError
from shinline.web.gate import Gate, Paces, TimelyProtocol
from shinline.web.guard import PAIRING, Guard, json_response
from shinline.web.headers import SecurityHeaders
from shinline.web.offline import service_worker
from shinline.web.pairing import pairing
from shinline.web.state import WebState
from shinline.wire.accounts import TlsFiles

STATIC: Final = Path(__file__).parent / "static"
_CLOSE_S: Final = 5.0
_NEIGHBOURS: Final = 20

Answer = Callable[[Request], Response]


class PortInUse(OSError):  # noqa: N818  (the name already is the error)
    """Another program listens there; ``offer`` is a port that was free a moment ago."""

    def __init__(self, port: int, offer: int) -> None:
        super().__init__(
            errno.EADDRINUSE, f"port {port} is already in use for the pages; {offer} is free"
        )
        self.port = port
        self.offer = offer

    def __str__(self) -> str:
        return str(self.strerror)


def create_app(state: WebState) -> Starlette:
    """Build the application: four pages, the read-only JSON behind them, and their files.

    The JSON is for those who were paired: see :mod:`shinline.web.guard`.
    """
    catalogue = state.catalogue
    release, worker = _worker(state)
    routes = [
        Route("/", _live_page(state, "cue.html", release)),
        Route("/learn", _live_page(state, "learn.html", release)),
        Route("/mount", _live_page(state, "mount.html", release)),
        Route("/review", _page("review.html", release)),
        Route("/review/{session:path}", _page("review.html", release)),
        Route("/healthz", lambda _: Response("ok", media_type="text/plain")),
        Route("/words.json", lambda _: json_response(state.words)),
        Route("/words/{language}.json", _words(state)),
        Route("/sw.js", lambda _: Response(worker, media_type="text/javascript")),
        Route(PAIRING, pairing(state.access), methods=["POST"]),
        Route("/api/info", lambda _: json_response(_info(state, release))),
        Route("/api/sessions", lambda _: json_response(catalogue.sessions())),
        Route("/api/sessions/{id:path}", _lookup("session", catalogue.session)),
        Route("/api/lifters", lambda _: json_response(catalogue.lifters())),
        Route("/api/sets", lambda _: json_response(catalogue.sets())),
        Route("/api/set-of/{id:path}", _lookup("repetition", catalogue.set_of)),
        Route("/api/weeks", lambda _: json_response(catalogue.weeks())),
        Route("/api/paths/{id:path}", _lookup("rep", catalogue.path)),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    layers = [
        Middleware(Paces),
        Middleware(
            SecurityHeaders,
            ws_port=state.ws_port,
            secure=state.secure,
            broker_url=state.broker.url if state.broker else "",
        ),
        Middleware(Guard, access=state.access, names=state.names),
    ]
    return Starlette(
        routes=routes, middleware=layers, exception_handlers={JournalError: _unreadable}
    )


def _words(state: WebState) -> Answer:
    def answer(request: Request) -> Response:
        language = request.path_params["language"]
        if language not in state.languages:
            known = ", ".join(sorted(state.languages)) or "none"
            return json_response(
                {"error": f"no words in {language!r}; there are: {known}"}, status=404
            )
        return json_response(state.languages[language])

    return answer


def _worker(state: WebState) -> tuple[str, str]:
    live = () if state.ws_port is None else ("/", "/learn", "/mount")
    words = ("/words.json", *(f"/words/{language}.json" for language in state.languages))
    told = msgspec.json.encode((state.words, dict(state.languages)))
    return service_worker(STATIC, state.version, (*live, "/review", *words), told)


def _info(state: WebState, release: str) -> dict[str, Any]:
    """Return what a paired page needs: ``mqtt`` is null for the broker beside the pages.

    ``pages`` is another after every change of the pages or their words.
    """
    there = state.broker
    mqtt = None if there is None else dataclasses.asdict(there)
    return {
        "platform": state.platform,
        "ws_port": state.ws_port,
        "version": state.version,
        "pages": release,
        "mqtt": mqtt,
    }


def _live_page(state: WebState, name: str, release: str) -> Answer:
    """Answer with a page of the device at work; where nothing is measured lead to the review."""
    if state.ws_port is None:
        return lambda _: RedirectResponse("/review")
    return _page(name, release)


def _page(name: str, release: str) -> Answer:
    told = {"Shinline-Pages": release}
    return lambda _: FileResponse(STATIC / name, media_type="text/html", headers=told)


def _lookup(noun: str, find: Callable[[str], object]) -> Answer:
    def answer(request: Request) -> Response:
        key = request.path_params["id"]
        try:
            return json_response(find(key))
        except KeyError:
            return json_response({"error": f"there is no {noun} {key!r}"}, status=404)

    return answer


def _unreadable(_: Request, problem: Exception) -> Response:
    """Tell the reader what is wrong with the journal; the file may be well again next time."""
    return json_response({"error": str(problem)}, status=503)


class Server:
    """A running server; the port takes connections from the moment this object exists."""

    def __init__(
        self, app: Starlette, listener: socket.socket, tls: TlsFiles | None = None
    ) -> None:
        self.port: Final[int] = listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=TimelyProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,  # who asks is who is connected
            timeout_graceful_shutdown=1,
            ssl_certfile=None if tls is None else str(tls.certificate),
            ssl_keyfile=None if tls is None else str(tls.key),
        )
        config.load()  # a certificate that cannot be used is told here, and not in a thread
        self._listener = Gate(listener)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._uvicorn.run, args=([self._listener],), name="pages", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Finish the requests in hand and free the port; closing twice is harmless."""
        self._uvicorn.should_exit = True
        self._thread.join(_CLOSE_S)
        self._listener.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(app: Starlette, host: str, port: int, tls: TlsFiles | None = None) -> Server:
    """Serve ``app`` in a background thread; port 0 takes any free one (see ``Server.port``).

    With ``tls`` it speaks HTTPS and nothing else.

    Raises
    ------
    PortInUse
        Another program listens on the port; the message offers a free one.
    OSError
        The address is not one of this machine, the port needs more rights, or the certificate
        cannot be used.

    """
    try:
        listener = _listen(host, port)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        raise PortInUse(port, _free_port(host, port)) from None
    try:
        return Server(app, listener, tls)
    except OSError:
        listener.close()
        raise


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _free_port(host: str, taken: int) -> int:
    """Return a free port, near the taken one if possible: it is easier to remember."""
    for port in (*range(taken + 1, min(taken + _NEIGHBOURS, 65536)), 0):
        try:
            with _listen(host, port) as probe:
                found: int = probe.getsockname()[1]
                return found
        except OSError:
            continue
    raise OSError(errno.EADDRINUSE, "no port is free")
