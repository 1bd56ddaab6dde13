"""The way in for phones: who is let in, whether encrypted, and the pages behind it."""

from contextlib import ExitStack

from rich.console import Console
from rich.markup import escape

from shinline import __version__
from shinline.app.access import AccessBook, default_path
from shinline.app.phones import Phones
from shinline.app.surroundings import announce, page_address
from shinline.app.tls import TlsFolder, default_folder
from shinline.app.words import languages
from shinline.config import Config
from shinline.journal.reader import Catalogue
from shinline.web.plain import PlainState, create_plain_app
from shinline.web.server import create_app, serve
from shinline.web.state import PhoneBroker, WebState
from shinline.wire.accounts import TlsFiles


class Door:
    """Opened once by a command that lasts.

    Raises
    ------
    TlsError
        There are certificates, and they cannot be used.

    """

    def __init__(self, config: Config, console: Console) -> None:
        self._config = config
        self._console = console
        self.phones = Phones(AccessBook(default_path(config.access.path)), self._warn)
        self._folder = TlsFolder(default_folder(config.tls.folder))
        self.tls = self._certificates()

    def _warn(self, problem: str) -> None:
        self._console.print(f"[yellow]{escape(problem)}")

    def _certificates(self) -> TlsFiles | None:
        """Return what to serve with, renewed where that is due; None where TLS is off."""
        folder = self._folder
        if self._config.tls.mode == "off" or not folder.exists:
            return None
        names = self._config.web.names
        reason = folder.standing(names).reason
        if reason:
            try:
                folder.make(names)
                self._console.print(f"TLS      a new certificate was made: {escape(reason)}")
            except OSError as problem:  # the old one may do for a while
                self._warn(f"{problem}; a new certificate is due: {reason}")
        return folder.files

    def serve(
        self,
        stack: ExitStack,
        catalogue: Catalogue,
        ws_port: int | None,
        broker: PhoneBroker | None = None,
        page: str = "",
    ) -> str:
        """Serve the pages until ``stack`` is closed; say where they are, and return it.

        ``ws_port`` is None where nothing is measured.

        Raises
        ------
        PortInUse, OSError
            A port is taken, or cannot be listened on.

        """
        web, secure = self._config.web, self.tls is not None
        state = WebState(
            self._config.platform,
            ws_port,
            __version__,
            catalogue,
            self._config.words,
            access=self.phones,
            secure=secure,
            broker=broker,
            names=web.names,
            languages=languages(),
        )
        port = web.tls_port if secure else web.port
        server = stack.enter_context(serve(create_app(state), web.bind, port, self.tls))
        address = page_address(web, server.port, secure, page)
        announce(self._console, address, self.phones.code())
        if secure:
            self._serve_plainly(stack, server.port, page)
        return address

    def _serve_plainly(self, stack: ExitStack, tls_port: int, page: str) -> None:
        """Serve what a phone needs before it can trust us, on the port without encryption."""
        web = self._config.web
        state = PlainState(
            tls_port,
            page,
            self._folder.download,
            self._folder.standing().fingerprint,
            self._config.words,
            web.names,
        )
        server = stack.enter_context(serve(create_plain_app(state), web.bind, web.port))
        self._console.print(
            f"trust    {page_address(web, server.port, False)}  (once per phone: how it trusts us)",
            highlight=False,
            soft_wrap=True,
        )
