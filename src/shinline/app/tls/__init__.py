"""Encryption for phones nearby: an authority of this machine's own, and its certificate."""

from shinline.app.tls.store import TlsError as TlsError
from shinline.app.tls.store import TlsFolder as TlsFolder
from shinline.app.tls.store import default_folder as default_folder
