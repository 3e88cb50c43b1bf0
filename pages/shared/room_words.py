"""How the page In the room names parts of the scraper score, roles and kinds. Nothing here draws."""

from typing import Any

from pages.shared import words

SCORE = {
    "addresses": "Many addresses",
    "sequential": "Sequential ids",
    "regular": "Regular intervals",
    "lists": "Mostly lists",
}
ROLES = {
    "payer": "Payers",
    "developer": "Developers",
    "end users": "With end users",
    "team": "Teams",
    "partner": "Partners",
    "prospect": "Prospects",
    "reader": "Only readers",
    "competitor": "Competitors",
    "regulator": "Regulators",
}
KINDS = {"competitor": "Competitor", "scraper": "Scraper", "regulator": "Regulator"}
REFERRERS = {"another site": "Another site", "our own pages": "Our own pages", "no referrer": "No referrer"}
STANDINGS = {
    "outside": "Outside the regions",
    "unknown": "Country unknown",
    "allowed": "Inside the regions",
    "any": "No region declared",
}


def parts(names: Any) -> str:
    """The parts that stand out, as people say it: many addresses, lists read through."""
    said = [SCORE[name].lower() for name in str(names).split(",") if name in SCORE]
    return ", ".join(said).capitalize() or words.MISSING


def value(part: str, row: Any) -> str:
    """What a part of the score rests on, in a few words; unknown where too few calls tell."""
    if part == "addresses":
        if words.missing(row.peak_hour_addresses) and words.missing(row.month_addresses):
            return "unknown: the log names none"
        return f"{words.count(row.peak_hour_addresses)} in an hour, {words.count(row.month_addresses)} in a month"
    share, n, what = {
        "sequential": (row.sequential_share, row.numbered_pairs, "pair"),
        "regular": (row.regular_share, row.gap_pairs, "pair"),
        "lists": (row.list_share, row.reads, "read"),
    }[part]
    return (
        f"unknown: {words.plural(n, what)}"
        if words.missing(share)
        else f"{words.share(share)} of {words.plural(n, what)}"
    )
