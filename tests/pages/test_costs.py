"""The Costs page: a cost entered, built and taken back; a pool shared out otherwise, foreseen, saved and undone."""

import re
from datetime import timedelta

import pytest

from data_sources import program
from pages.shared import reads, ruling
from sql import rules as previews
from sql import snapshot
from tests.pages.conftest import ended, press, said, with_companies
from tests.sql import small_home

POOLS = """
[[costs.pool]]
name = "rent"
driver = "calls"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small home with a pool that only people fill; tests take copies of it."""
    home = with_companies(tmp_path_factory.mktemp("costs") / "home", "id,name\norg_1,Firm One\n", calls=300)
    with (home / "program.toml").open("a") as file:
        file.write(POOLS)
    small_home.refreshed(home)
    return home


def enter(app, amount: float, pool: str = "rent"):
    app.number_input(key="cost_amount").set_value(amount)
    day = reads.current().as_of.date()
    app.date_input(key="cost_days").set_value((day.replace(day=1), day.replace(day=10)))
    app.text_input(key="cost_reason").set_value("the office").run()
    return press(app, "enter_cost")


def spent(app) -> str:
    return next(metric.value for metric in app.metric if metric.label == "Spent")


def test_a_cost_is_entered_built_shared_out_and_taken_back(open_page, home):
    app = open_page("money/costs.py", home=home, part="enter", period="all")
    assert spent(app) == "—"
    app = enter(app, 1000.0)
    assert re.search(r"rent: \\\$1,000\.00.*the office", said(app))
    ended()
    app = open_page("money/costs.py", home=home, part="enter", period="all")
    assert spent(app) == "$1k"
    assert "it ties to the cent" in said(app)
    assert "still to come" not in said(app)
    (row,) = reads.read("cost_tie_out").itertuples()
    assert float(row.ledger) == 1000
    assert float(row.to_accounts + row.to_nobody + row.unallocated) == pytest.approx(1000)
    assert row.allocated > 0
    press(app, "undo_cost_entered_1")
    ended()
    assert spent(open_page("money/costs.py", home=home, part="enter", period="all")) == "—"


def test_a_pool_shared_out_otherwise_is_foreseen_saved_built_and_undone(open_page, home):
    enter(open_page("money/costs.py", home=home, part="enter", period="all"), 1000.0)
    ended()
    app = open_page("money/costs.py", home=home, part="rules", period="all")
    app.selectbox(key="pool_chosen").select("rent").run()
    assert "Nothing is changed yet" in said(app)
    app.selectbox(key="pool_rent_method").select("fixed").run()
    assert "belong together" in said(app)
    app.number_input(key="pool_rent_share_public").set_value(25.0).run()
    assert "What would move" in said(app)
    wanted = [program.CostPool(name="rent", driver="calls", method="fixed", shares={"public": 25})]
    foreseen, _, _ = previews.preview_costs(snapshot.current(home), wanted)
    app.text_input(key="pool_rent_reason").set_value("most of it is ours").run()
    press(app, "save_pool")
    assert program.load(home).costs.pool == wanted
    ended()
    open_page("money/costs.py", home=home)
    assert not ruling.pools_wait()
    (row,) = reads.read("cost_tie_out").itertuples()
    assert (float(row.ledger), float(row.unallocated)) == pytest.approx(
        (1000, 1000 - float(row.to_accounts + row.to_nobody))
    )
    assert float(row.unallocated) >= 750, "three quarters belong to no tier"
    since = reads.current().as_of.date() - timedelta(days=previews.DAYS - 1)
    now = (
        reads.read("contribution_by_account", date_from=since)
        .set_index("account_id")["infrastructure_cost"]
        .astype(float)
    )
    then = foreseen.groupby("account_id")["cost_is"].sum()
    assert now[now > 0].to_dict() == pytest.approx(then[then > 0].to_dict())

    (change,) = ruling.changes()
    assert (change.section, change.reason) == ("costs.pool", "most of it is ours")
    assert ruling.can_undo(change)
    assert "Cost pools" in said(open_page("data/rules.py", home=home, part="changes"))
    assert ruling.undo(change.id)
    assert program.load(home).costs.pool == [program.CostPool(name="rent", driver="calls")]
