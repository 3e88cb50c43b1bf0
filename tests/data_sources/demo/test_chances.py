"""The oracle's chances: those of what was drawn, by counting, and nothing for whoever cannot pay."""

from datetime import date

import pytest

from data_sources.demo.chances import chances
from data_sources.demo.company import Population
from data_sources.demo.stories import Storyteller
from data_sources.demo.timeline import DAYS, timeline


@pytest.fixture(scope="module")
def told():
    """Accounts with stories, and their chances."""
    time = timeline("2026-06-30", 7, date(2026, 6, 30))
    accounts = Population(time).accounts
    Storyteller(time, accounts)
    return accounts, chances(time, accounts)


def test_as_many_pay_as_the_chances_say(told):
    accounts, known = told
    old = [one for one in accounts if one.tier == "open" and one.entry < DAYS - 181]
    for day in ("3", "14", "30"):
        paid = sum(one.story.reached.get("paying", 1e9) < int(one.entry) + 180 for one in old)
        expected = sum(known[one.key][day] for one in old)
        assert paid == pytest.approx(
            expected, abs=3 * sum(p * (1 - p) for p in (known[o.key][day] for o in old)) ** 0.5
        )


def test_who_cannot_pay_has_no_chance(told):
    accounts, known = told
    assert all(known[one.key] is None for one in accounts if one.tier in ("internal", "partner"))
    assert all(set(known[one.key].values()) == {0.0} for one in accounts if one.tier == "public")
