"""ticket_topics.toml: what tickets are about, by tags, forms and words. A home's own file replaces the one beside this module."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data_sources import sections
from data_sources.sections import RulesFile, Section

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
        sections.once(names, "topics")
        return self


RULES = RulesFile("ticket_topics.toml", TicketTopics, "topic")
