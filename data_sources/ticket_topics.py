"""ticket_topics.toml: what tickets are about, by tags, forms and words. A home's own file replaces the one beside this module."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data_sources import sections
from data_sources.sections import Section

FILE = "ticket_topics.toml"
DEFAULT = Path(__file__).with_name(FILE)
MEANINGS = ("commercial", "security", "legal", "billing", "procurement")


def _phrase(text: str) -> str:
    if not re.search(r"\w", text):
        raise ValueError(f"'{text}' holds no letter or digit, so that no ticket can have it")
    if "/" in text:
        raise ValueError(f"'{text}' can match nothing: what holds a / is taken for a path and left out")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_phrase)]


class TicketTopic(Section):
    """[[topic]]: a ticket is about it when it has one of the tags, or a form that names one of the forms; where no topic of the
    file holds so, when its subject has one of the words.

    `counts_as` says what the program concludes: commercial (a commercial contact), security, legal, billing, procurement.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    label: str = Field(min_length=1, max_length=200)
    tags: list[Name] = []
    forms: list[Name] = []
    words: list[Name] = []
    counts_as: Literal[MEANINGS] | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _finds_something(self) -> "TicketTopic":
        if not (self.tags or self.forms or self.words):
            raise ValueError("a topic needs tags, forms or words to be found by")
        if self.name == "unknown":
            raise ValueError("'unknown' is the name of what no rule knows; name the topic otherwise")
        return self


class TicketTopics(Section):
    """All of ticket_topics.toml."""

    topic: list[TicketTopic] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> "TicketTopics":
        names = [topic.name for topic in self.topic]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"topics have names of their own; twice: {', '.join(twice)}")
        return self


def path(home: str | Path) -> Path:
    """The file that holds for a home: its own, or the usual one."""
    own = Path(home) / FILE
    return own if own.is_file() else DEFAULT


def place(home: str | Path) -> str:
    """Where the rules of a home are, and how to have others, as people read it."""
    if path(home) != DEFAULT:
        return f"{FILE} of this home"
    return f"data_sources/{FILE}, as this home has none of its own; a copy of it beside program.toml replaces it"


def load(home: str | Path) -> list[TicketTopic]:
    """The topics of a home, in order. Raises ProgramError naming every mistake by file, line and topic."""
    file = path(home)
    return usual() if file == DEFAULT else _read(file)


@cache
def usual() -> list[TicketTopic]:
    """The topics that hold where a home has no file of its own."""
    return _read(DEFAULT)


def _read(file: Path) -> list[TicketTopic]:
    return sections.read(file, file.read_text(encoding="utf-8-sig"), TicketTopics, by_name=True).topic
