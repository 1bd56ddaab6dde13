"""Where certificates are kept, whether they still serve, and making them anew when they do not.

A key and its certificate share one file, so that no power cut can leave one without the other.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shinline.app.addresses import addresses, host_names
from shinline.app.private import private_folder, replace_private
from shinline.app.tls.authority import (
    Names,
    Pair,
    may_vouch_for,
    names_of,
    new_authority,
    new_server,
)
from shinline.wire.accounts import TlsFiles

RENEW_BEFORE: Final = timedelta(days=60)


class TlsError(OSError):
    """The certificates cannot be used or made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with the certificates: ``reason`` says why new ones are due, if they are."""

    names: Names
    ends: datetime
    fingerprint: str
    """SHA-256 of the authority's certificate, as phones show it."""

    reason: str = ""


def default_folder(configured: str = "") -> Path:
    """Return where certificates are: as configured, or in the user's data folder."""
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "shinline" / "tls"


class TlsFolder:
    """The authority, the machine's certificate, and what phones download."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        self.authority: Final = folder / "authority.pem"
        self.server: Final = folder / "server.pem"
        self.download: Final = folder / "ca.crt"

    @property
    def exists(self) -> bool:
        """Whether certificates were made; what is there may be broken."""
        return self.server.exists() or self.authority.exists()

    @property
    def files(self) -> TlsFiles:
        """What a server needs."""
        return TlsFiles(self.server, self.server)

    def standing(self, further: Iterable[str] = (), now: datetime | None = None) -> Standing:
        """Look at the certificates and at what this machine is called today.

        Raises
        ------
        TlsError
            They cannot be read.

        """
        authority, server = _read(self.authority), _read(self.server)
        found = names_of(server.certificate)
        wanted = may_vouch_for(authority.certificate, _today(further))
        missing = [each for each in wanted.dns if each not in found.dns]
        missing += [str(each) for each in wanted.ip if each not in found.ip]
        ends = server.certificate.not_valid_after_utc
        reason = ""
        if ends - (now or datetime.now(UTC)) < RENEW_BEFORE:
            reason = f"it ends on {ends.date()}"
        elif missing:
            reason = f"it does not name {', '.join(missing)} yet"
        return Standing(found, ends, _fingerprint(authority.certificate), reason)

    def make(self, further: Iterable[str] = (), now: datetime | None = None) -> Standing:
        """Make the machine's certificate anew, and the authority if there is none.

        Names that were added once stay; addresses are those of today.

        Raises
        ------
        TlsError
            The authority may not vouch for a name in ``further``, or nothing can be written.

        """
        further = tuple(name.lower() for name in further)
        try:
            private_folder(self.folder)
            authority = self._authority(further, now)
            self._expect_vouching(authority, further)
            before = names_of(_read(self.server).certificate).dns if self.server.exists() else ()
            wanted = may_vouch_for(authority.certificate, _today((*further, *before)))
            replace_private(self.server, _pem(new_server(authority, wanted, now)))
        except TlsError:
            raise
        except OSError as problem:
            raise TlsError(f"{self.folder}: cannot be written: {problem.strerror}") from None
        return self.standing((), now)

    def _authority(self, further: tuple[str, ...], now: datetime | None) -> Pair:
        if self.authority.exists():
            authority = _read(self.authority)
            if authority.certificate.not_valid_after_utc > (now or datetime.now(UTC)):
                self._offer(authority)
                return authority
        names = _today(further)
        authority = new_authority(f"Shinline on {names.dns[0]}", names, now)
        replace_private(self.authority, _pem(authority))
        self._offer(authority)
        return authority

    def _offer(self, authority: Pair) -> None:
        """Lay out what phones download: the certificate, and never the key."""
        replace_private(self.download, authority.certificate.public_bytes(Encoding.PEM))

    @staticmethod
    def _expect_vouching(authority: Pair, further: tuple[str, ...]) -> None:
        allowed = may_vouch_for(authority.certificate, Names(further, ())).dns
        for name in further:
            if name not in allowed:
                raise TlsError(
                    f"the authority was made without {name!r} and may not vouch for it; make all "
                    f"anew (shinline tls --remove, then shinline tls --name {name}) and install "
                    "the new one on every phone"
                )

    def remove(self) -> bool:
        """Delete authority, certificate and keys; False when there were none.

        Raises
        ------
        TlsError
            Something cannot be deleted.

        """
        there = self.exists
        try:
            for path in (self.server, self.authority, self.download):
                path.unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                shutil.rmtree(self.folder)
        except OSError as problem:
            raise TlsError(f"{self.folder}: cannot be removed: {problem.strerror}") from None
        return there


def _today(further: Iterable[str]) -> Names:
    """Return what this machine is called now: its own name first, which titles the certificate."""
    localhost, name, multicast = host_names()
    dns = dict.fromkeys((multicast, name, localhost, *(each.lower() for each in further)))
    return Names(tuple(dns), addresses())


def _pem(pair: Pair) -> bytes:
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + pair.certificate.public_bytes(Encoding.PEM)


def _read(path: Path) -> Pair:
    try:
        data = path.read_bytes()
        key = load_pem_private_key(data, password=None)
        certificate = x509.load_pem_x509_certificate(data)
    except OSError as problem:
        reason = str(problem.strerror)
    except ValueError:  # without its words, which may hold a piece of the key
        reason = "it is damaged"
    else:
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return Pair(certificate, key)
        reason = "it was not made by shinline tls"
    raise TlsError(
        f"{path}: cannot be used: {reason}; make certificates anew: shinline tls --remove, "
        "then shinline tls"
    )


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex(":").upper()
