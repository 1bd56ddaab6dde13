"""What can go wrong with a journal, each in one line a user can act on."""


class JournalError(Exception):
    """The journal cannot be opened, written or read; the message names the file and the reason."""


class UnknownEntryError(JournalError, KeyError):
    """No session, set or repetition of that name; the message lists what there is."""

    def __str__(self) -> str:
        # KeyError would show the message in quotes.
        return str(self.args[0])


class UnknownFormatError(JournalError, ValueError):
    """An export was asked for in a format this version does not write."""
