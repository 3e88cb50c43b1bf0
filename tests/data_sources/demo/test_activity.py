"""What accounts do at the gateways."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from data_sources.demo.activity import Observer
from data_sources.demo.company import Population
from data_sources.demo.stories import Storyteller
from data_sources.demo.timeline import timeline
from data_sources.demo.traffic import Traffic


@pytest.fixture(scope="module")
def traffic():
    """The traffic of a demo company of half a million requests, and its activity."""
    time = timeline("2026-06-30", 7, date(2026, 6, 30))
    accounts = Population(time).accounts
    storyteller = Storyteller(time, accounts)
    activity = Observer(time, accounts, storyteller.credentials).activity
    return Traffic(time, activity, 500_000), activity


def test_who_changes_plans_goes_on_calling(traffic):
    """On the first days of a new plan a key calls about as much as on the last days of the one before, weekdays alike."""
    drawn, activity = traffic
    of_key = defaultdict(list)
    for number, mix, first, last, *rest in activity.segments:
        plan = activity.outcomes[activity.mixes[mix][0][0]].plan
        of_key[number].append((first, last, plan, rest[3]))
    ratios, gaps = [], []
    for number, parts in of_key.items():
        for (first, last, plan, ramp), (then, until, later, _) in pairwise(sorted(parts)):
            if plan == later or not ramp or last - first < 14 or until - then < 14:
                continue
            gaps.append(then - last)
            mine = drawn._caller == number
            before, after = (
                sum(drawn.expected(day)[mine].sum() for day in range(since, since + 7)) for since in (last - 7, then)
            )
            ratios.append(after / before)
    assert len(ratios) > 30
    assert set(gaps) == {0}
    assert np.quantile(ratios, 0.05) > 0.9
