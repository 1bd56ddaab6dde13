"""The tables of ``docs/mounting.md``, made from the tables in force.

``python -m shinline.app.mounting.describe`` prints them, to be put into the page.
"""

from shinline.app.mounting.checks import TABLE
from shinline.wire import topics
from shinline.wire.requests import VERBS, CoachBody, Shown
from shinline.wire.topics import Topic

TOPICS = (topics.PREVIEW, topics.MOUNT, topics.RESPONSE)


def checks_table() -> str:
    """Return the checks: when each is good, when it will do, and why."""
    lines = ["| check | good | usable | why |", "|---|---|---|---|"]
    for row in TABLE:
        note = "" if row.needed else " †"
        lines.append(f"| `{row.code}`{note} | {row.good} | {row.fair} | {row.why} |")
    return "\n".join(lines)


def topics_table() -> str:
    """Return the topics of the assistant, as all topics are declared."""
    lines = ["| topic | QoS | retained | when |", "|---|---|---|---|"]
    for topic in TOPICS:
        kept = "yes" if topic.retain else "no"
        lines.append(f"| `{_name(topic)}` | {topic.qos} | {kept} | {topic.rate} |")
    return "\n".join(lines)


def requests_table(coach: bool = False) -> str:
    """Return what may be asked about the camera, or of the ``coach`` and its cues."""
    lines = ["| request | payload | what for |", "|---|---|---|"]
    for verb in VERBS:
        if issubclass(verb.body, CoachBody | Shown) == coach:
            said = (verb.body.__doc__ or "").splitlines()[0]
            lines.append(f"| `request/{verb.name}` | {verb.expects} | {said} |")
    return "\n".join(lines)


def _name(topic: Topic) -> str:
    return f"{topic.name}/<verb>" if topic is topics.RESPONSE else topic.name


def main() -> None:
    """Print all tables."""
    for table in (checks_table(), topics_table(), requests_table()):
        print(table, end="\n\n")


if __name__ == "__main__":
    main()
