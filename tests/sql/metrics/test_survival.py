"""Kaplan–Meier and the log-rank test in SQL are those of lifelines, on lifelines' own data sets."""

from datetime import datetime, timedelta

import lifelines
import numpy as np
import pandas as pd
import pytest
from lifelines import datasets, statistics
from scipy import stats

from sql import survival
from sql.engines import duckdb as engine
from tests.sql.marts.world import ask
from tests.sql.metrics.dated import Dated, built

CLOSE = 1e-9
# a data set's loader with its columns: time, whether it happened, group
SETS = {
    "waltons": ("T", "E", "group"),
    "rossi": ("week", "arrest", "race"),
    "lung": ("time", "status", "sex"),
    "larynx": ("time", "death", "Stage_II"),
    "leukemia": ("t", "status", "Rx"),
    "gbsg2": ("time", "cens", "horTh"),
    "kidney_transplant": ("time", "death", "black_male"),
    "lymph_node": ("survtime", "censdead", "size"),
    "dd": ("duration", "observed", "regime"),
    "g3": ("time", "event", "histology"),
    "regression_dataset": ("T", "E", None),
    "canadian_senators": ("diff_days", "observed", "Political Affiliation at Appointment"),
}


def subjects(name: str) -> pd.DataFrame:
    """A data set as days, happened, segment."""
    time, event, group = SETS[name]
    frame = getattr(datasets, f"load_{name}")()
    found = pd.DataFrame(
        {
            "days": frame[time].astype(float),
            "happened": True if event is None else frame[event].astype(float) > 0,
            "segment": frame[group].astype(str) if group else "all",
        }
    )
    return found[found["days"].notna() & (found["days"] >= 0)].reset_index(drop=True)


@pytest.fixture(scope="module", params=SETS)
def data(request):
    return subjects(request.param)


def test_curve_and_band_are_those_of_lifelines(data):
    con = engine.connect()
    con.register("subjects", data.assign(series=data["segment"]))
    found = con.execute("select * from kaplan_meier('subjects') order by series, days").df()
    for segment, ours in found.groupby("series"):
        part = data[data["segment"] == segment]
        fitted = lifelines.KaplanMeierFitter().fit(part["days"], part["happened"])
        theirs = fitted.survival_function_.join(fitted.confidence_interval_).join(fitted.event_table)
        theirs = theirs.loc[ours["days"]]
        for name, column in (
            ("survival", "KM_estimate"),
            ("lower", "KM_estimate_lower_0.95"),
            ("upper", "KM_estimate_upper_0.95"),
        ):
            np.testing.assert_allclose(ours[name], theirs[column], rtol=0, atol=CLOSE, err_msg=f"{segment}: {name}")
        for name, column in (("at_risk", "at_risk"), ("events", "observed"), ("censored", "censored")):
            assert list(ours[name]) == list(theirs[column]), f"{segment}: {name}"


def test_the_metric_says_the_same_of_accounts_that_waited_so_long(data):
    as_of = datetime(2026, 6, 30)
    accounts, kept = [], []
    for n, row in enumerate(data.itertuples()):
        wait = timedelta(days=row.days)
        entered = as_of - wait - (timedelta(days=n % 3) if row.happened else timedelta(0))
        accounts.append(Dated(f"a{n}", [entered, entered + wait] if row.happened else [entered]))
        kept.append(wait / timedelta(days=1))
    con = built(accounts, as_of, stages=["signed_up", "first_call"])
    ours = pd.DataFrame(ask(con, "stage_survival", tier="open", stage="first_call"))
    fitted = lifelines.KaplanMeierFitter().fit(kept, data["happened"])
    assert (ours["subjects"] == len(data)).all()
    assert ours["days"].is_monotonic_increasing
    assert ours["days"].iloc[0] == 0
    steps = fitted.event_table[(fitted.event_table["observed"] > 0) & (fitted.event_table.index > 0)]
    assert set(steps.index) <= set(ours["days"]), "every step of the curve is there"
    theirs = fitted.survival_function_.join(fitted.confidence_interval_).loc[ours["days"]]
    np.testing.assert_allclose(ours["survival"], theirs["KM_estimate"], rtol=0, atol=CLOSE)
    np.testing.assert_allclose(ours["reached_upper"], 1 - theirs["KM_estimate_lower_0.95"], rtol=0, atol=CLOSE)
    np.testing.assert_allclose(ours["reached_lower"], 1 - theirs["KM_estimate_upper_0.95"], rtol=0, atol=CLOSE)


def test_log_rank_is_that_of_lifelines(data):
    if data["segment"].nunique() < 2:
        assert survival.log_rank(pd.DataFrame({"segment": ["all"]})) is None
        return
    con = engine.connect()
    con.register("subjects", data.assign(stratum="all"))
    sums = con.execute(
        "select sums.*, counts.entrants, counts.observed from log_rank_sums('subjects') as sums"
        " join (select segment, count(*) as entrants, count(*) filter (happened) as observed from subjects group by segment) as counts"
        " using (segment)"
    ).df()
    ours = survival.log_rank(sums)
    theirs = statistics.multivariate_logrank_test(data["days"], data["segment"], data["happened"])
    assert ours.degrees == theirs.degrees_of_freedom
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=CLOSE)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-7, abs=CLOSE)
    assert ours.entrants == len(data)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 11, 12])
def test_the_tail_of_chi_squared_is_that_of_scipy(degrees):
    for x in (0, 0.01, 0.5, 1, 3.84, 11.07, 40, 400):
        assert survival.chi_squared_tail(x, degrees) == pytest.approx(stats.chi2.sf(x, degrees), rel=1e-12, abs=1e-300)


def test_a_long_curve_is_thinned_and_still_right():
    as_of = datetime(2026, 6, 30)
    entered = as_of - timedelta(days=100)
    waits = [timedelta(seconds=3600 * n + 7 * n * n) for n in range(1, 1500)]
    accounts = [Dated(f"a{n}", [entered, entered + wait]) for n, wait in enumerate(waits)]
    con = built(accounts, as_of, stages=["signed_up", "first_call"])
    ours = pd.DataFrame(ask(con, "stage_survival", tier="open"))
    assert 500 < len(ours) <= 1002
    for row in ours.itertuples():
        reached = sum(wait / timedelta(days=1) <= row.days for wait in waits)
        assert row.reached == pytest.approx(reached / len(waits), abs=CLOSE)


def test_the_log_rank_metric_compares_named_segments_of_thirty_and_more():
    as_of = datetime(2026, 6, 30)
    entered = as_of - timedelta(days=60)
    accounts, rows = [], []
    for segment, n, wait in (("fast", 40, 1), ("slow", 30, 9), ("few", 29, 3), (None, 50, 2)):
        for k in range(n):
            days = wait + k % 7
            happened = k % 3 != 0
            moments = [entered, entered + timedelta(days=days)] if happened else [entered]
            accounts.append(Dated(f"{segment}{k}", moments, values=[("channel", segment)]))
            if segment in ("fast", "slow"):
                rows.append((segment, days if happened else 60, happened))
    con = built(accounts, as_of, stages=["signed_up", "first_call"])
    ours = survival.log_rank(pd.DataFrame(ask(con, "segment_log_rank", tier="open", dimension="channel")))
    segments, days, happened = zip(*rows, strict=True)
    theirs = statistics.multivariate_logrank_test(days, segments, happened)
    assert (ours.segments, ours.entrants) == (("fast", "slow"), 70)
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=CLOSE)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-7)
    one_in_two = [*accounts[1:], Dated("fast0", accounts[0].moments, values=[("channel", "fast"), ("channel", "slow")])]
    con = built(one_in_two, as_of, stages=["signed_up", "first_call"])
    assert ask(con, "segment_log_rank", tier="open", dimension="channel") == []
    con = built([one for one in accounts if not one.id.startswith("slow")], as_of, stages=["signed_up", "first_call"])
    assert ask(con, "segment_log_rank", tier="open", dimension="channel") == []
