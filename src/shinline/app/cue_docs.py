"""The tables of ``docs/cues.md``, made from the tables in force.

``python -m shinline.app.cue_docs`` prints them, to be put into the page.
"""

from shinline.app import words
from shinline.app.mounting.describe import requests_table
from shinline.coach.cues import LINES
from shinline.wire import topics
from shinline.wire.payloads import NOT_OBSERVABLE


def cues_table() -> str:
    """Return every cue in every language, those of faults in the order in which they go first."""
    said = {language: words.shipped(language).said for language in words.SHIPPED}
    codes = [key.removeprefix("cues.") for key in said["en"] if key.startswith("cues.")]
    ranked = sorted(codes, key=lambda code: (_rank(code), codes.index(code)))
    head = " | ".join(words.SHIPPED)
    lines = [f"| code | rank | moment | {head} |", "|---" * (3 + len(words.SHIPPED)) + "|"]
    for code in ranked:
        texts = " | ".join(said[language][f"cues.{code}"] for language in words.SHIPPED)
        lines.append(f"| `{code}` | {_shown_rank(code)} | {_moment(code)} | {texts} |")
    return "\n".join(lines)


def advice_table() -> str:
    """Return what is advised between sets, and why."""
    said = words.shipped("en").said
    codes = [key.split(".")[1] for key in said if key.startswith("advice.") and "text" in key]
    lines = ["| code | advice | reason |", "|---|---|---|"]
    lines += [
        f"| `{code}` | {said[f'advice.{code}.text']} | {said[f'advice.{code}.reason']} |"
        for code in codes
    ]
    return "\n".join(lines)


def topics_table() -> str:
    """Return the topics on which the coach speaks."""
    lines = ["| topic | QoS | retained | when |", "|---|---|---|---|"]
    for topic in (topics.SETUP, topics.CUE, topics.REP, topics.SET_LAST, topics.STATE):
        kept = "yes" if topic.retain else "no"
        lines.append(f"| `{topic.name}` | {topic.qos} | {kept} | {topic.rate} |")
    return "\n".join(lines)


def unseen_list() -> str:
    """Return what one camera cannot see."""
    said = words.shipped("en").said
    return "\n".join(f"- `{code}`: {said[f'unseen.{code}']}" for code in NOT_OBSERVABLE)


def _rank(code: str) -> int:
    return LINES[code].rank if code in LINES else 1000


def _shown_rank(code: str) -> str:
    return str(LINES[code].rank) if code in LINES else ""


def _moment(code: str) -> str:
    return LINES[code].moment.value if code in LINES else ""


def tables() -> tuple[str, ...]:
    """Return all that the page holds of this."""
    return cues_table(), advice_table(), topics_table(), requests_table(coach=True), unseen_list()


def main() -> None:
    """Print all tables."""
    for table in tables():
        print(table, end="\n\n")


if __name__ == "__main__":
    main()
