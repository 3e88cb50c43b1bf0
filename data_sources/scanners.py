"""scanners.toml: what scanners and crawlers ask for and call themselves. A home's own file replaces the one beside this module."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data_sources import sections
from data_sources.sections import RulesFile, Section


def _pattern(text: str) -> str:
    if not text.strip("* "):
        raise ValueError(f"'{text}' matches everything, so that nothing would be left")
    return text


def _path(text: str) -> str:
    if not text.startswith(("/", "*")):
        raise ValueError(f"'{text}': a path begins with / (or with * for any text before)")
    return _pattern(text)


Path = Annotated[str, AfterValidator(_path)]
Agent = Annotated[str, AfterValidator(_pattern)]


class Scanner(Section):
    """[[scanner]]: calls are its kind of noise when their path is like one of `paths` and like none of `unless`, or, where no account
    is known for them, their user agent like one of `agents`.

    * stands for any text; capitals make no difference.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    label: str = Field(min_length=1, max_length=200)
    kind: Literal["scanner", "crawler"] = "scanner"
    paths: list[Path] = []
    unless: list[Path] = []
    agents: list[Agent] = []

    @model_validator(mode="after")
    def _finds_something(self) -> "Scanner":
        if not (self.paths or self.agents):
            raise ValueError("a list needs paths or agents to find anything by")
        return self


class Scanners(Section):
    """All of scanners.toml."""

    scanner: list[Scanner] = []

    @model_validator(mode="after")
    def _once(self) -> "Scanners":
        sections.once([one.name for one in self.scanner], "lists of scanners")
        return self


def expression(patterns: list[str]) -> str:
    """One regular expression, for lower-case text, that says what any of the patterns says; empty where there are none."""
    known = dict.fromkeys(one.strip().lower() for one in patterns)
    return (
        "|".join(f"^{'.*'.join(map(re.escape, one.split('*')))}$" for one in known)
        .replace("^.*", "")
        .replace(".*$", "")
    )


RULES = RulesFile("scanners.toml", Scanners, "scanner")
