"""The Directory's parts: the list with certainty and flags, what has no known organization, and who moved where."""

import re
from datetime import date

import pytest

from tests.pages.conftest import said


def flow_table(app):
    """The accounts behind the flow."""
    return next(f.value for f in app.dataframe if "changed_on" in f.value)


def test_the_list_says_how_sure_it_is_and_what_is_flagged(open_page):
    app = open_page("customers/directory.py")
    listed = app.dataframe[0].value
    assert {"developers", "applications", "calls", "revenue", "certainty", "flags"} <= set(listed)
    sure = listed["certainty"].notna()
    assert (listed.loc[sure, "kind"] == "organization").all()
    assert listed.loc[~sure, "why_unresolved"].notna().all()
    tiers = app.table[0].value
    assert list(tiers["Tier"]) == ["Internal", "Partner", "Open", "Public"]
    assert sum(int(n.replace(",", "")) for n in tiers["Accounts"]) == len(listed)


def test_a_flag_leaves_the_accounts_that_carry_it(open_page):
    app = open_page("customers/directory.py")
    everyone = app.dataframe[0].value
    app.selectbox(key="filter_flag").select("no_economic_buyer").run()
    assert app.query_params["flag"] == "no_economic_buyer"
    found = app.dataframe[0].value
    assert 0 < len(found) == everyone["flags"].fillna("").str.contains("No economic buyer").sum()


@pytest.mark.parametrize("path", ["overview/tier_board.py", "money/contribution.py", "data/metrics.py"])
def test_the_footer_s_shortfall_opens_what_it_counts(open_page, path):
    app = open_page(path, period="30d", tier="partner", service="rates")
    link = next(one for one in app.get("page_link") if one.label.startswith(":small[Who the rest are"))
    asked = dict(pair.split("=") for pair in link.proto.query_string.split("&"))
    assert asked | {"kind": "unresolved", "tier": "all", "service": "all", "period": "30d"} == asked
    lacking = re.search(r"why: ([\d,]+) calls, ([\d,]+) developers", link.label).groups()
    opened = open_page("customers/directory.py", **asked)
    shown = opened.dataframe[0].value
    assert [f"{shown[what].sum():,}" for what in ("calls", "developers")] == list(lacking)
    assert shown["calls"].is_monotonic_decreasing
    assert shown["why_label"].notna().all()
    assert {"Calls without a key", "A free-mail address"} <= set(shown["why_label"])


def test_hidden_parts_do_not_compute(open_page):
    app = open_page("customers/directory.py", part="flow")
    assert not app.exception
    assert all("certainty" not in f.value for f in app.dataframe)
    assert not any("changed_on" in f.value for f in open_page("customers/directory.py").dataframe)


@pytest.mark.parametrize("dimension", ["bucket", "tier", "ladder"])
@pytest.mark.parametrize("grain", ["week", "month"])
def test_every_flow_adds_up_on_the_page(open_page, dimension, grain):
    app = open_page("customers/directory.py", part="flow", dimension=dimension, grain=grain)
    assert not app.exception
    shown = {metric.label: int(metric.value.replace(",", "")) for metric in app.metric}
    assert shown["There at the start"] + shown["Came"] == shown["There at the end"] > 0
    (chart,) = app.get("vega_lite_chart")
    assert f"{shown['Moved']:,} of {shown['There at the end']:,} accounts moved" in chart.proto.alt
    if shown["Came"] + shown["Moved"]:
        assert len(flow_table(app)) == shown["Came"] + shown["Moved"]


def test_a_cell_lists_its_accounts_and_the_boxes_choose_it(open_page):
    from pages.shared import reads

    app = open_page("customers/directory.py", part="flow", grain="month", starts="2026-05-01")
    asked = {"dimension": "bucket", "grain": "month", "period_from": date(2026, 5, 1)}
    cells = reads.read("flow", **asked)
    cell = cells[(cells["from_state"] == "active") & (cells["to_state"] == "inactive")].iloc[0]
    app.selectbox(key="filter_from_state").select("active").run()
    app.selectbox(key="filter_to_state").select("inactive").run()
    assert (app.query_params["from_state"], app.query_params["to_state"]) == ("active", "inactive")
    table = flow_table(app)
    assert len(table) == cell["accounts"] > 0
    assert set(table["from_state"]) == {"active"}
    assert set(table["to_state"]) == {"inactive"}
    linked = open_page("customers/directory.py", **dict(app.query_params))
    assert list(flow_table(linked)["name"]) == list(table["name"])


def test_a_tier_narrows_the_flow_and_nonsense_in_the_url_is_ignored(open_page):
    wide = open_page("customers/directory.py", part="flow")
    narrow = open_page("customers/directory.py", part="flow", tier="partner")
    ends = [
        int(next(m.value for m in app.metric if m.label == "There at the end").replace(",", ""))
        for app in (wide, narrow)
    ]
    assert 0 < ends[1] < ends[0]
    odd = open_page("customers/directory.py", part="flow", dimension="x", grain="y", starts="never", from_state="'; --")
    assert not odd.exception
    assert said(odd) == said(wide)
