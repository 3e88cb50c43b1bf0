"""The Tier board's list of what changed and matters: what the metric says, in its order, each with its link; else that nothing is unusual."""

import shutil

import duckdb

from pages.shared import words
from sql import attention, query, snapshot
from tests.pages.conftest import said
from tests.sql import small_home

CHANGE = (
    "insert into attention_item by name select 'sign_ups' as kind, 'open' as tier, date '2026-06-29' as since, date '2026-06-29' as day, 1 as span_days,"
    " 40 as value, 5 as expected, 1 as low, 11 as high, 1e-9 as p, 70000000 as money_micros, 'expected' as money_is, 2 as position"
    " union all by name select 'calls' as kind, 'open' as tier, account_id, date '2026-06-28' as since, date '2026-06-29' as day, 3 as span_days,"
    " 4 as value, 90 as expected, 60 as low, 120 as high, 1e-9 as p, 90000000 as money_micros, 'paid' as money_is, 1 as position"
    " from (select min(account_id) as account_id from account where kind <> 'nobody')"
)


def changes_of(home) -> list[attention.Change]:
    columns, rows = query.rows(snapshot.current(home), "attention")
    return [attention.change(dict(zip(columns, row, strict=True)), "usd") for row in rows]


def test_the_board_lists_what_the_metric_says(open_page, demo_home):
    app = open_page()
    text = said(app)
    assert "What changed and matters" in text
    changes = changes_of(demo_home)
    labels = [link.label for link in app.get("page_link")]
    for number, change in enumerate(changes, 1):
        assert f"**{number}.** {words.plain(change.what)}" in labels
    if not changes:
        assert "Nothing is out of its usual range" in text
    assert "compared with their own eight weeks before" in text


def test_a_change_is_said_with_its_range_and_leads_to_its_page(open_page, tmp_path):
    home = small_home.make(tmp_path / "home", calls=5)
    small_home.refreshed(home)
    old = next((home / "snapshots").glob("*.duckdb"))
    new = old.with_name("20990101T000000Z.duckdb")  # under a name of its own, as what is open is kept open
    shutil.copyfile(old, new)
    with duckdb.connect(str(new)) as con:
        con.execute(CHANGE)
    (home / "snapshots" / "CURRENT").write_text(f"{new.stem}\n")
    first, second = changes_of(home)
    app = open_page(home=home)
    links = {link.label: link.proto for link in app.get("page_link")}
    one, other = (links[f"**{n}.** {words.plain(change.what)}"] for n, change in ((1, first), (2, second)))
    assert one.page.endswith("account")
    assert "4 calls in 3 days up to 29 Jun 2026" in first.what
    assert f"account={first.params['account'].replace(':', '%3A')}" in one.query_string
    assert other.page.endswith("developers")
    assert "tier=open" in other.query_string
    assert words.plain("Usual are 5 (99 of 100 times 1 to 11)") in said(app)


def test_a_young_program_is_said_to_have_no_usual_yet(open_page, tmp_path):
    home = small_home.make(tmp_path / "home", calls=5)
    small_home.refreshed(home)
    assert "Nothing can be called unusual yet" in said(open_page(home=home))
