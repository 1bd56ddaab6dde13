"""The page with which the second screen begins: a file on the device that knows the way in.

It holds the credential, so it is for its owner alone; a browser that was given the address on its
command line would show it to everybody who lists processes. A browser does not try again when the
pages are not served yet: ``python -m shinline.app.kiosk FILE`` waits until they are.
"""

import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin

from shinline.app.surroundings import EVERYWHERE
from shinline.config import Config
from shinline.web.state import Credential

NAME: Final = "screen"
"""Under which name it is paired."""

TRY_S: Final = 0.5
PATIENCE_S: Final = 3.0

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Shinline</title>
<style>body {{ background: #0b0e12; cursor: none }}</style>
<script>location.replace({there});</script>
</html>
"""
_THERE: Final = re.compile(rb'location\.replace\("(https?://[^/"]+/)')


def screen_address(config: Config, secure: bool, sound: bool, port: int | None = None) -> str:
    """Return where the second screen finds its page, on this machine."""
    web = config.web
    host = "127.0.0.1" if web.bind in EVERYWHERE else web.bind
    host = f"[{host}]" if ":" in host else host
    scheme, usual = ("https", web.tls_port) if secure else ("http", web.port)
    return f"{scheme}://{host}:{port or usual}/?screen=1{'&sound=1' if sound else ''}"


def kiosk_page(address: str, login: Credential) -> bytes:
    """Return the page: it goes to ``address`` with the credential.

    The credential is in the fragment, which a browser sends to nobody.
    """
    secret = f"{quote(login.username, safe='')}:{quote(login.password, safe='')}"
    there = json.dumps(f"{address}#login={secret}").replace("<", "\\u003c")
    return _PAGE.format(there=there).encode()


def wait_for(page: Path) -> None:
    """Return as soon as the pages are served that a page of ours goes to.

    Raises
    ------
    OSError, ValueError
        There is no such file, or it is none of ours.

    """
    found = _THERE.search(page.read_bytes())
    if found is None:
        raise ValueError(f"{page}: expected a page that shinline pair --screen has written")
    asked = urljoin(found.group(1).decode(), "healthz")
    anybody = ssl.create_default_context()  # nothing is told, and what is heard is not used
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    while True:
        try:
            urllib.request.urlopen(asked, timeout=PATIENCE_S, context=anybody).close()  # noqa: S310
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(TRY_S)


if __name__ == "__main__":
    try:
        wait_for(Path(sys.argv[1]))
    except (OSError, ValueError, IndexError) as problem:
        sys.exit(f"shinline: {problem}")
