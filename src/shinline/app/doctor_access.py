"""``shinline doctor`` on who may come in: the book of phones, and the certificates."""

from shinline.app.access import AccessBook, AccessError, default_path
from shinline.app.tls import TlsError, TlsFolder, default_folder
from shinline.config import Config


def phones(config: Config) -> tuple[bool, str, str]:
    """Return whether the book of phones is in order, what it says, and what to do if it is not."""
    path = default_path(config.access.path)
    try:
        paired = AccessBook(path).phones()
    except AccessError as problem:
        return False, str(problem), "put it right; shinline run measures without it"
    if paired and path.stat().st_mode & 0o077:
        return False, f"{path}: others can read it", f"chmod 600 {path}"
    return True, f"{len(paired)} paired, {path}", ""


def tls(config: Config) -> tuple[bool, str, str]:
    """Return whether phones are served encrypted or plainly as intended, and what to do if not."""
    folder = TlsFolder(default_folder(config.tls.folder))
    if config.tls.mode == "off":
        return True, "switched off; others in the network can read along", ""
    if not folder.exists:
        return True, "no certificates; others in the network can read along (shinline tls)", ""
    try:
        standing = folder.standing(config.web.names)
    except TlsError as problem:
        return False, str(problem), "shinline tls --remove, then shinline tls"
    if standing.reason:
        return False, f"a new certificate is due: {standing.reason}", "shinline tls"
    return True, f"certificate until {standing.ends.date()}", ""
