"""Who was paired, kept in one private file: the pairing code, and the phones that used it."""

from shinline.app.access.book import AccessBook as AccessBook
from shinline.app.access.file import AccessError as AccessError
from shinline.app.access.file import Phone as Phone
from shinline.app.access.file import default_path as default_path
