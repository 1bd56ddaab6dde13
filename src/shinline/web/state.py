"""What the pages are told by the program that serves them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from shinline.config import Words


class Catalogue(Protocol):
    """The journal as the review page reads it.

    Every method is called from worker threads, several at a time. Unknown ids raise ``KeyError``,
    a journal that cannot be read raises ``JournalError``.
    """

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions, newest first.

        Keys: id, started (ISO), source, version, lifter, lift, load_kg, set_count, rep_count.
        """
        ...

    def session(self, session: str) -> dict[str, Any]:
        """Return one session: as above, ``sets`` instead of counts, each with finished ``reps``.

        ``camera_events``: ``t`` (ISO), ``changed`` and ``text`` of each, in order. A set has a
        ``summary`` when it has ended. ``labels`` of people by repetition, and the lifters' ``own``
        baselines that were in force.
        """
        ...

    def weeks(self) -> list[dict[str, Any]]:
        """Return what was judged and what was at fault, by week, of each lifter and lift.

        Keys: lifter, lift, weeks; of a week: week (its Monday), reps, and codes: assessed, faulty,
        mean and unit of each.
        """
        ...

    def lifters(self) -> list[dict[str, Any]]:
        """Return those who lifted last, newest first.

        Keys: lifter, and lift, load_kg and start (ISO) of the last time.
        """
        ...

    def sets(self) -> list[dict[str, Any]]:
        """Return the newest sets, newest first.

        Keys: set, lifter, lift, load_kg, start (ISO), reps, tonnage_kg.
        """
        ...

    def set_of(self, rep_id: str) -> dict[str, Any]:
        """Return the set of a rep: ``reps`` and their ``labels``; both empty for an unknown id."""
        ...

    def path(self, rep_id: str) -> dict[str, list[float]]:
        """Return a rep's smoothed path: ``t_s`` from lift-off, ``x_m``, ``y_m``, ..."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What a phone logs in with."""

    username: str
    password: str = field(repr=False)


class Access(Protocol):
    """Who was paired. Both methods are called from worker threads, several at a time."""

    def knows(self, username: str, password: str) -> bool:
        """Tell whether this is the credential of somebody who was paired."""
        ...

    def pair(self, code: str, name: str) -> Credential | None:
        """Return a new credential to who knows the code, None to who does not.

        Raises OSError when nobody can be paired now.
        """
        ...


@dataclass(frozen=True, slots=True)
class PhoneBroker:
    """A broker that is not ours: where phones find it, and as whom they all log in there.

    An empty ``url`` means ``ws_port`` of the host that serves the page; an empty ``username`` that
    they log in as nobody.
    """

    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WebState:
    """What both pages need to know; fixed while the server runs.

    ``ws_port`` is the broker's WebSocket port on the host that serves the page. ``None`` means
    that nothing is being measured: there is no cue page, only the review. ``words`` are those of
    the lifter's language; a page has English ones of its own where there are none. ``secure``: the
    pages and the broker are served with TLS. ``broker`` is None for our own, where phones log in as
    who they are here. ``names`` are host names of this machine beside those
    that any local network knows it by. ``languages`` are those that a phone may choose instead of
    ``words``.
    """

    platform: str
    ws_port: int | None
    version: str
    catalogue: Catalogue
    words: Words = field(default_factory=Words)
    access: Access = field(kw_only=True)
    secure: bool = field(default=False, kw_only=True)
    broker: PhoneBroker | None = field(default=None, kw_only=True)
    names: tuple[str, ...] = field(default=(), kw_only=True)
    languages: Mapping[str, Words] = field(default_factory=dict, kw_only=True)
