"""How likely each account was to pay, for whoever knows its persona and how far it had come, but not what it would do next.

It is what a triage of free accounts could know at best, so that tests can hold one against it. Its random stream is its own.
"""

import numpy as np

from data_sources.demo.company import Account
from data_sources.demo.stories import days_in_stage, onward_chance, stages_of
from data_sources.demo.timeline import Timeline

AFTER_DAYS = (3, 7, 14, 30)
WITHIN_DAYS = 180
DRAWS = 400


def chances(time: Timeline, accounts: list[Account]) -> dict[str, dict[str, float] | None]:
    """By account the chance of a first payment within 180 days of the day it began, as it stood after 3, 7, 14 and 30 days.

    None for internal teams and partners. An account that has paid by then has 1, one whose tier sells nothing 0.
    """
    rng = time.rng("chances")
    return {
        account.key: {str(days): _chance(account, days, rng) for days in AFTER_DAYS}
        if account.tier in ("open", "public")
        else None
        for account in accounts
    }


def _chance(account: Account, days: int, rng: np.random.Generator) -> float:
    reached, stages = account.story.reached, stages_of(account.tier, account.story.negotiates)
    now, until = np.floor(account.entry) + days, np.floor(account.entry) + WITHIN_DAYS
    if "paying" not in stages:
        return 0.0
    stage = [name for name in stages if reached.get(name, np.inf) <= now][-1:] or stages[:1]
    place = stages.index(stage[0])
    if place >= stages.index("paying"):
        return 1.0
    moment, chance = np.full(DRAWS, reached[stage[0]]), np.ones(DRAWS)
    for number, name in enumerate(stages[place : stages.index("paying")]):
        goes, took = onward_chance(account, name), days_in_stage(account, name, rng, DRAWS)
        if number == 0:
            took, goes = _not_yet(took, goes, max(0.0, now - reached[name]), rng)
        moment, chance = moment + took, chance * goes
    return round(float(np.mean(chance * (moment < until))), 4)


def _not_yet(took: np.ndarray, goes: float, waited: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """The days in a stage of those who have not left it after `waited` days, and the chance that one of them ever will."""
    later = took[took > waited]
    if not len(later):
        return took + waited, 0.0
    lasting = len(later) / len(took)
    return rng.choice(later, len(took)), goes * lasting / (goes * lasting + 1 - goes)
