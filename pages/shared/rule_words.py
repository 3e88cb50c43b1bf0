"""Rules in words: what a tier rule, a ladder rule and an exposure say, as people read them. Nothing here draws."""

from typing import Any

from pages.shared import charts, words

TIERS, LADDER, APIS, CHANGES = "tiers", "ladder", "apis", "changes"
REASONS, TOPICS = "reasons", "topics"
SECTIONS = {TIERS: "tier_rule", LADDER: "ladder_rule", APIS: "exposure"}
NAMES = {
    "tier_rule": "Tier rules",
    "ladder_rule": "Ladder rules",
    "exposure": "Who an API is meant for",
    "costs.pool": "Cost pools",
}
RUNGS = {"open": "Open", "associate": "Associate", "incubation": "Incubation", "partner": "Partner"}
WHEN = {
    "group": "a key of it is in the gateway group",
    "tag": "a record of it has the tag",
    "plan": "an application or key of it is on the plan",
    "product": "it subscribes to the product",
    "attribute": "a record of it says",
    "internal_domain": "its e-mail domain is ours",
    "contract": "it has a signed contract of the kind",
    "approved": "a verified developer of it is on the plan",
    "always": "nothing above holds",
    "tier": "its tier is",
    "pays": "a paid bill covers the day",
    "has_paid": "it has paid a bill",
    "contract_begun": "a contract has begun, signed or not, of the kind",
    "stage": "it has reached the stage",
}
NO_RULE = {
    "a person decided": "A person decided",
    "no rule matches": "No rule holds",
    "calls of nobody": "Calls of nobody we know",
}


def gives(section: str, value: str) -> str:
    """The tier or rung that a rule gives, with the tier's colour."""
    if section == "ladder_rule":
        return RUNGS[value]
    return f"{charts.mark(value)} {words.TIERS[value]}"


def given(section: str) -> dict[str, str]:
    """What a rule of the section can give, by the file's word for it."""
    return RUNGS if section == "ladder_rule" else words.TIERS


def condition(when: str, values: list[str]) -> str:
    """A condition as Markdown: a record of it has the tag **reviewed**."""
    said = WHEN.get(when, when)
    if not values:
        return said + {"plan": " of any name", "approved": ": any plan"}.get(when, "")
    named = [f"**{words.plain(words.stage(value) if when == 'stage' else value)}**" for value in values]
    return f"{said} {' or '.join(named) if len(named) < 3 else ', '.join(named[:-1]) + ' or ' + named[-1]}"


def tiers(names: list[str]) -> str:
    """Who an API is meant for: Partner and Open; everyone where nothing limits it."""
    ordered = [words.TIERS[name] for name in words.TIERS if name in names]
    return words.listed(ordered) if ordered and len(ordered) < len(words.TIERS) else "every tier"


def problem(error: Any) -> str:
    """What is wrong with a rule, in the words of its first mistake."""
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
