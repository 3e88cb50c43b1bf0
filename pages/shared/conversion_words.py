"""How segments, cohorts and their differences are said. Nothing here draws."""

from typing import Any

import pandas as pd

from pages.shared import words

ENOUGH = 30
DRAWN = 10
SMALL_COHORTS = f"Cohorts of fewer than {DRAWN} are in the list, not in the picture: one account would make a peak."
DIMENSIONS = {
    "channel": "Channel",
    "service": "First API",
    "kind": "Organization or lone developer",
    "company_kind": "Kind of company",
    "country": "Country",
    "size": "Size of company",
    "plan": "Plan",
    "group": "Gateway group",
    "tag": "Tag",
    "product": "Product bought",
}
# what these say is of today, or only of those who came so far
LATER = ("service", "plan", "group", "tag", "product")
GRAINS = {"month": "Months", "week": "Weeks"}


def dimension(name: str) -> str:
    """A dimension as people say it: Channel, Attribute: region."""
    return DIMENSIONS.get(name, name[:1].upper() + name[1:].replace("_", " "))


def segment(name: str) -> str:
    """A segment's name: as the source gives it, the two that we made capitalised."""
    return {"others": "Others", "not known": "Not known"}.get(name, str(name))


def too_few(frame: pd.DataFrame) -> str:
    """Which segments are too small to say anything of, with their n; empty where none is. Takes rows of `funnel_segments`."""
    few = frame[~frame["is_shown"]]
    said = [f"{words.plain(segment(row.segment))} (n = {words.count(row.mature_entrants)})" for row in few.itertuples()]
    return f"Too few to tell, below {ENOUGH} who have had the whole window: {words.listed(said)}." if said else ""


def difference(test: Any, exclusive: bool) -> str:
    """What the log-rank test says of the compared segments, in words. `test` is a `LogRank`, or None."""
    if not exclusive:
        return "Accounts may be in several of these, so whether they differ cannot be tested."
    if test is None:
        return f"Whether they differ cannot be tested: fewer than two have {ENOUGH} who have had the whole window."
    names = words.listed([words.plain(segment(name)) for name in test.segments])
    of = f"log-rank χ² = {test.statistic:.1f}, {words.plural(test.degrees, 'degree')} of freedom, {chance(test.p)}, n = {words.count(test.entrants)}"
    if test.p < 0.05:
        return (
            f"**The difference between {names} is more than chance would make** ({of}). That is no cause: who comes by one way "
            "may differ from the others in everything else. One in twenty such tests finds a difference where there is none."
        )
    return f"**The difference between {names} may be chance** ({of}). That is no proof that they are alike."


def chance(p: float) -> str:
    """The p value: p = 0.19, p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def days(value: Any) -> str:
    """Days for reading: 12 min, 5.2 h, 3.4 days, 84 days."""
    if words.missing(value):
        return words.MISSING
    minutes = float(value) * 1440
    if minutes < 90:
        return f"{minutes:.0f} min"
    if minutes < 2 * 1440:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} days" if minutes < 20 * 1440 else f"{minutes / 1440:.0f} days"
