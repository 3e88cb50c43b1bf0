"""How the model is learned and kept: those who may still pay, calibration, time splits, versions, and its quality counted a second time."""

import json
import random
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from data_sources.learned import TriageModel
from sql import load
from sql.catalogue import ROOT
from sql.marts.signals import cohorts, learn
from tests.sql.marts.test_triage import pays, person
from tests.sql.marts.world import AS_OF, World, ask, rows

WITHIN = cohorts.WITHIN_DAYS


def drawn(seed: int, count: int, youngest: int) -> tuple[cohorts.Cohort, np.ndarray, np.ndarray]:
    """A cohort with known chances, of which those younger than the window are only watched so long; the chances; who will ever pay in it."""
    dice = np.random.default_rng(seed)
    traits = dice.integers(0, 2, (count, 3)).astype(float)
    chance = 1 / (1 + np.exp(-(-3.0 + traits @ np.array([2.0, 1.0, 0.0]))))
    pays_ever = dice.uniform(size=count) < chance
    after = np.where(pays_ever, np.floor(dice.uniform(15, WITHIN, count)), np.inf)
    watched = np.minimum(dice.integers(youngest, 400, count), WITHIN)
    return cohorts.Cohort(traits, watched.astype(float), after), chance, pays_ever


def test_who_may_still_pay_is_no_failure():
    cohort, chance, pays_ever = drawn(1, 4000, 14)
    said = learn.learn(cohort).probability(cohort.traits)
    assert cohort.paid.mean() < 0.85 * pays_ever.mean(), "many that will pay have not yet"
    assert said.mean() == pytest.approx(pays_ever.mean(), rel=0.07)
    assert np.abs(said - chance).max() < 0.06
    naive = learn.learn(
        cohorts.Cohort(cohort.traits, np.full(4000, float(WITHIN)), np.where(cohort.paid, cohort.paid_after, np.inf))
    )
    assert naive.probability(cohort.traits).mean() < 0.85 * pays_ever.mean(), "taking them for failures says too little"


def test_weights_follow_what_was_drawn_and_rare_noise_weighs_little():
    cohort, _, _ = drawn(2, 4000, WITHIN)
    model = learn.learn(cohort)
    assert model.weights == pytest.approx([2.0, 1.0, 0.0], abs=0.3)
    rare = np.zeros((4000, 1))
    rare[:3] = 1
    widened = cohorts.Cohort(np.hstack([cohort.traits, rare]), cohort.watched, cohort.paid_after)
    trusting, careful = (abs(learn.learn(widened, np.array([1, 1, 1, t])).weights[3]) for t in (1.0, 0.3))
    assert careful < trusting


def test_few_payers_do_not_make_the_sure_look_surer_than_they_are():
    """With noise for traits and few payers the log-odds are drawn together until those of accounts left out come true."""
    dice = np.random.default_rng(3)
    traits = dice.normal(size=(400, 15))
    paid = dice.uniform(size=400) < 0.13
    cohort = cohorts.Cohort(traits, np.full(400, float(WITHIN)), np.where(paid, 60.0, np.inf))
    said = learn.learn(cohort).probability(traits)
    assert said.mean() == pytest.approx(paid.mean(), abs=0.02)
    assert said.std() < 0.08, "no trait says anything, so nobody is far from the average"


def test_the_pace_is_that_of_kaplan_and_meier():
    cohort, _, _ = drawn(4, 300, 10)
    alive, expected = 1.0, [0.0]
    for age in range(WITHIN):
        there = [
            n
            for n in range(300)
            if min(cohort.watched[n], cohort.paid_after[n]) >= age
            and not (cohort.watched[n] <= age and not cohort.paid[n] and cohort.watched[n] < age)
        ]
        left = sum(bool(cohort.paid[n]) and cohort.paid_after[n] == age for n in there)
        alive *= 1 - left / len(there)
        expected.append(1 - alive)
    assert learn.share_paid_by(cohort) == pytest.approx(np.array(expected) / expected[-1])


def test_nobody_paid_is_said():
    cohort = cohorts.Cohort(np.zeros((3, 1)), np.full(3, 50.0), np.full(3, np.inf))
    with pytest.raises(ValueError, match="nobody paid"):
        learn.learn(cohort)


def busy_world(home, as_of: datetime = AS_OF, more: int = 0) -> World:
    """A year and a half of accounts, of which those with a company's address and a week of calls mostly pay after two months."""
    world, dice = World(home, as_of), random.Random(8)
    for number in range(300 + more):
        begun = datetime(2025, 1, 2) + timedelta(days=number * 1.2 if number < 300 else (number - 300) * 0.5)
        company, busy = dice.random() < 0.5, dice.random() < 0.6
        id, domain = f"p{number}", f"firm{number}.example" if company else "gmail.com"
        likely, wait = dice.random() < 0.05 + 0.45 * company + 0.35 * busy * company, dice.uniform(40, 90)
        if begun >= as_of:
            continue
        person(world, id, begun, domain)
        for day in range(6 if busy else 1):
            at = (begun + timedelta(days=1 + day)).date()
            if at < as_of.date():
                world.calls(at, ok=3, writes_ok=2 * company, application_ref=f"app_{id}")
        if likely and begun + timedelta(days=wait) < as_of:
            pays(world, id, begun + timedelta(days=wait), begun + timedelta(days=wait - 1), domain)
    return world


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    return busy_world(tmp_path_factory.mktemp("busy")).build()


def test_quality_is_what_a_loop_counts(con):
    rows_held = rows(con, "select probability, paid, account_id from triage_held_out where window_day = 14")
    found = {row["window_day"]: row for row in ask(con, "triage_quality")}[14]
    assert found["kind"] == "learned"
    assert found["tested"] == len(rows_held) > 50
    won = [
        1.0 if one > other else 0.5 if one == other else 0.0
        for one, paid, _ in rows_held
        if paid
        for other, others, _ in rows_held
        if not others
    ]
    assert found["auc"] == pytest.approx(sum(won) / len(won))
    assert found["brier"] == pytest.approx(sum((p - paid) ** 2 for p, paid, _ in rows_held) / len(rows_held))
    rate = sum(paid for _, paid, _ in rows_held) / len(rows_held)
    assert found["brier_base_rate"] == pytest.approx(rate * (1 - rate))
    ranked = sorted(rows_held, key=lambda row: (-row[0], row[2]))
    size, rest = divmod(len(ranked), 10)
    error, start = 0.0, 0
    for tenth in range(10):
        part = ranked[start : start + size + (tenth < rest)]
        start += len(part)
        error += abs(sum(p for p, *_ in part) - sum(paid for _, paid, _ in part))
        if tenth == 0:
            assert found["lift"] == pytest.approx(sum(paid for _, paid, _ in part) / len(part) / rate)
    assert found["calibration_error"] == pytest.approx(error / len(ranked))
    assert found["auc"] > 0.7
    assert found["brier"] < found["brier_base_rate"]


def test_every_test_is_of_later_cohorts_and_their_whole_window(con):
    held = rows(
        con,
        "select held.cut_on, a.entered_on, held.window_day, a.age_days, held.paid, a.paid_after_days from triage_held_out as held"
        " join triage_account as a using (account_id)",
    )
    assert len({cut for cut, *_ in held}) > 1
    for cut, entered, day, age, paid, after in held:
        assert entered + timedelta(days=day) > cut, "its first days were not over when the model was learned"
        assert age >= WITHIN
        assert paid == (after is not None and after < WITHIN)


def test_what_was_said_at_a_cut_is_what_a_model_says_that_was_learned_on_that_day(con, tmp_path):
    """All that came after the cut is deleted, and a model learned from the rest."""
    ((cut,),) = rows(con, "select min(cut_on) from triage_held_out where window_day = 14")
    then = busy_world(tmp_path, as_of=datetime.combine(cut, time())).build()
    ((intercept, rate, traits),) = rows(
        then, "select intercept, base_rate, traits from triage_model where window_day = 14 and kind = 'learned'"
    )
    weights = {one["trait"]: one["weight"] for one in json.loads(traits)}
    odds: dict[str, float] = {}
    for account, trait, value in rows(con, "select account_id, trait, value from triage_value where window_day = 14"):
        odds[account] = odds.get(account, intercept) + weights[trait] * value
    held = rows(
        con,
        f"select account_id, probability, known_rate from triage_held_out where window_day = 14 and cut_on = date '{cut}'",
    )
    assert len(held) > 10
    for account, said, known_rate in held:
        assert said == pytest.approx(1 / (1 + np.exp(-odds[account])), abs=1e-9)
        assert known_rate == pytest.approx(rate, abs=1e-9)


def test_of_two_versions_of_one_day_the_one_that_knew_of_more_payers_holds(con, tmp_path):
    """Whatever their marks are; and what is learned again from the same data is there once."""
    mine = load.learned(con)
    older = [
        TriageModel(
            **(one.model_dump() | {"version": f"{one.version[:10]} zzzzzz", "conversions": one.conversions // 2})
        )
        for one in mine
    ]
    again = busy_world(tmp_path)
    again.models = older + mine
    built = again.build()
    versions = ask(built, "triage_versions")
    assert {row["version"] for row in versions if row["is_current"]} == {mine[0].version}
    assert len(versions) == len(older) + len(mine)
    assert ask(built, "triage_by_day") == ask(con, "triage_by_day")
    assert rows(built, (ROOT / "checks" / "model_version_once.sql").read_text()) == []


def test_a_version_is_kept_until_enough_is_new_and_gives_its_scores_again(con, tmp_path):
    models = load.learned(con)
    assert {(one.window_day, one.version) for one in models} == {(day, models[0].version) for day in cohorts.DAYS}
    before = {(row["account_id"], row["window_day"]): row["probability"] for row in ask(con, "triage_by_day")}

    again = busy_world(tmp_path / "again")
    again.models = load.learned(con)
    same = again.build()
    assert ask(same, "triage_by_day") == ask(con, "triage_by_day"), "from what the store kept, without learning"

    later = busy_world(tmp_path / "later", as_of=datetime(2026, 7, 4))
    later.models = load.learned(con)
    assert {row["version"] for row in ask(later.build(), "triage_versions")} == {models[0].version}

    grown = busy_world(tmp_path / "grown", more=120)
    grown.models = load.learned(con)
    new = grown.build()
    versions = ask(new, "triage_versions")
    assert len({row["version"] for row in versions}) == 2
    assert {row["version"] for row in versions if not row["is_current"]} == {models[0].version}
    old = {
        (row["account_id"], row["window_day"]): row["probability"]
        for row in ask(new, "triage_by_day", version=models[0].version)
    }
    assert {key: old[key] for key in before} == pytest.approx(before, abs=1e-12), "the old version gives the old scores"
    now = {(row["account_id"], row["window_day"]): row["probability"] for row in ask(new, "triage_by_day")}
    assert any(abs(now[key] - before[key]) > 1e-3 for key in before)


def test_a_day_in_the_past_uses_no_model_of_the_future(con, tmp_path):
    past = busy_world(tmp_path, as_of=datetime(2026, 1, 15))
    past.models = load.learned(con)
    versions = ask(past.build(), "triage_versions")
    assert all(row["learned_on"] <= date(2026, 1, 15) for row in versions)
