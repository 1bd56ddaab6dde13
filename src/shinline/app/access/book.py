"""What can be done with the file: pair, check, list, revoke. For several threads and programs.

Every look is at the file as it is: what another process has changed counts at once.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec

from shinline.app.access import file
from shinline.app.access.code import new_code, same
from shinline.app.access.file import AccessError, Contents, Phone
from shinline.web.state import Credential
from shinline.wire.accounts import Account, matches, new_key

PASSWORD_BYTES: Final = 24
NAME_BYTES: Final = 5
NAMELESS: Final = "Phone"

Stamp = tuple[int, int, int]


def _today() -> date:
    return datetime.now(UTC).date()


class AccessBook:
    """The phones that were paired, and the code that pairs another one.

    Parameters
    ----------
    path
        The file. It and its folder are made when something is first written.
    today
        The present day, for ``created`` and ``seen``.

    """

    def __init__(self, path: Path, today: Callable[[], date] = _today) -> None:
        self.path: Final = path
        self._today = today
        self._guard = threading.Lock()  # of the two below
        self._seen: tuple[Stamp | None, Contents | None] = (None, None)
        self._good: dict[bytes, str] = {}
        """Digests of passwords that were right, with the key they were right for."""

    # --- looking ----------------------------------------------------------------------------------

    def contents(self) -> Contents | None:
        """Return what the file says, None where there is none yet.

        Raises
        ------
        AccessError
            It is damaged or cannot be read.

        """
        stamp = self._stamp()
        with self._guard:
            if stamp is not None and self._seen[0] == stamp:
                return self._seen[1]
        contents = file.read(self.path)
        with self._guard:
            self._seen = (stamp, contents)
        return contents

    def _stamp(self) -> Stamp | None:
        """Return what changes whenever the file is replaced."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def code(self) -> str:
        """Return the pairing code; the first call makes it. Raises AccessError."""
        contents = self.contents()
        if contents is not None:
            return contents.code
        with file.locked(self.path) as contents:
            file.write(self.path, contents)
        return contents.code

    def phones(self) -> tuple[Phone, ...]:
        """Return who was paired, the oldest first. Raises AccessError."""
        contents = self.contents()
        return () if contents is None else contents.phones

    def accounts(self) -> tuple[Account, ...]:
        """Return who may log in at the broker. Raises AccessError."""
        return tuple(Account(phone.username, phone.key) for phone in self.phones())

    def knows(self, username: str, password: str) -> bool:
        """Tell whether a credential is that of a phone, and note that it was seen today.

        A file that cannot be read knows nobody.
        """
        try:
            phone = next((each for each in self.phones() if each.username == username), None)
        except AccessError:
            return False
        if phone is None or not self._is_right(phone, password):
            return False
        self._note(phone)
        return True

    def _is_right(self, phone: Phone, password: str) -> bool:
        digest = hashlib.sha256(f"{phone.username}:{password}".encode()).digest()
        with self._guard:
            if self._good.get(digest) == phone.key:
                return True
        if not matches(phone.key, password):
            return False
        with self._guard:
            if len(self._good) >= file.MOST_PHONES:
                self._good.clear()
            self._good[digest] = phone.key
        return True

    def _note(self, phone: Phone) -> None:
        """Write down the day, once a day; a disk that cannot be written hinders nobody."""
        day = self._today().isoformat()
        if phone.seen == day:
            return
        try:
            with file.locked(self.path) as now:
                phones = [
                    msgspec.structs.replace(each, seen=day)
                    if each.username == phone.username
                    else each
                    for each in now.phones
                ]
                self._write(now, phones)
        except AccessError:
            return

    # --- changing ---------------------------------------------------------------------------------

    def pair(self, code: str, name: str) -> Credential | None:
        """Pair a phone whose owner knows the code; None when it is not the one.

        A name that is taken gets a number.

        Raises
        ------
        AccessError
            As many are paired as there is room for, or the file cannot be used.

        """
        with file.locked(self.path) as now:
            if not same(code, now.code):
                return None
            return self._add(now, _numbered(tidy(name) or NAMELESS, now.phones))

    def add(self, name: str) -> Credential:
        """Make a credential for another program, without the code.

        Raises
        ------
        AccessError
            The name is none or is taken, there is no room, or the file cannot be used.

        """
        wanted = tidy(name)
        if not wanted:
            raise AccessError("the name is empty; expected one to know the program by")
        with file.locked(self.path) as now:
            if _named(wanted, now.phones):
                raise AccessError(f"{wanted!r} is there already; revoke it first, or take another")
            return self._add(now, wanted)

    def _add(self, now: Contents, name: str) -> Credential:
        if len(now.phones) >= file.MOST_PHONES:
            raise AccessError(
                f"{file.MOST_PHONES} phones are paired, which is all there is room for; "
                "take one out with: shinline pair --revoke NAME"
            )
        taken = {phone.username for phone in now.phones}
        username = next(each for each in iter(_new_username, "") if each not in taken)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        phone = Phone(
            username=username, name=name, key=new_key(password), created=self._today().isoformat()
        )
        self._write(now, [*now.phones, phone])
        return Credential(username, password)

    def revoke(self, who: str) -> Phone:
        """Take a phone out, by its name or its user name.

        Raises
        ------
        AccessError
            There is none; or the file cannot be used.

        """
        with file.locked(self.path) as now:
            gone = _named(tidy(who), now.phones) or next(
                (phone for phone in now.phones if phone.username == who), None
            )
            if gone is None:
                names = ", ".join(phone.name for phone in now.phones) or "nobody"
                raise AccessError(f"{who!r} is not paired; paired: {names}")
            self._write(now, [phone for phone in now.phones if phone is not gone])
            return gone

    def revoke_all(self) -> tuple[Phone, ...]:
        """Take everybody out and return who that was. Raises AccessError."""
        with file.locked(self.path) as now:
            self._write(now, [])
            return now.phones

    def renew(self) -> str:
        """Make a new code: what was printed with the old one pairs nobody. Raises AccessError."""
        with file.locked(self.path) as now:
            code = new_code()
            file.write(self.path, msgspec.structs.replace(now, code=code))
            return code

    def _write(self, now: Contents, phones: list[Phone]) -> None:
        file.write(self.path, msgspec.structs.replace(now, phones=tuple(phones)))


def tidy(name: str) -> str:
    """Return a name as it is kept: one line, no control characters, not too long."""
    visible = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(visible.split())[: file.LONGEST_NAME].strip()


def _named(name: str, phones: tuple[Phone, ...]) -> Phone | None:
    wanted = name.casefold()
    return next((phone for phone in phones if phone.name.casefold() == wanted), None)


def _numbered(name: str, phones: tuple[Phone, ...]) -> str:
    """Return the name, or the first of "name 2", "name 3" that nobody has."""
    number, found = 1, name
    while _named(found, phones):
        number += 1
        end = f" {number}"
        found = name[: file.LONGEST_NAME - len(end)] + end
    return found


def _new_username() -> str:
    return f"phone-{secrets.token_hex(NAME_BYTES)}"
