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

    def path(self, rep_id: str) -> dict[str, list[float]]:
        """Return a rep's smoothed path: ``t_s`` from lift-off, ``x_m``, ``y_m``, ..."""
        ...


@dataclass(frozen=True, slots=True)
class WebState:
    """What both pages need to know; fixed while the server runs.

    ``ws_port`` is the broker's WebSocket port on the host that serves the page. ``None`` means
    that nothing is being measured: there is no cue page, only the review. ``words`` are those of
    the lifter's language; a page has English ones of its own where there are none. ``languages``
    are those that a phone may choose instead.
    """

    platform: str
    ws_port: int | None
    version: str
    catalogue: Catalogue
    words: Words = field(default_factory=Words)
    languages: Mapping[str, Words] = field(default_factory=dict, kw_only=True)
