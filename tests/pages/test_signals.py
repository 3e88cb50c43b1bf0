"""Demand and Usage value on the demo: every part opens, says what the metrics say, and a path opens to who asks for it."""

import pytest

from pages.shared import reads
from tests.pages.conftest import said


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("signals/demand.py", ["missing", "limits", "tickets", "noise"]),
        ("signals/usage_value.py", ["endpoints", "together", "versions", "retire", "errors"]),
    ],
)
@pytest.mark.parametrize("tier", ["", "internal"])
def test_every_part_opens(open_page, path, parts, tier):
    for part in parts:
        app = open_page(path, part=part, **({"tier": tier} if tier else {}))
        assert not app.exception, app.exception
        assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_the_planted_endpoints_are_first_and_no_scanner_among_them(open_page):
    app = open_page("signals/demand.py", period="365d")
    listed = next(frame.value for frame in app.dataframe if "reason_name" in frame.value)
    assert set(listed["path"].head(4)) == {
        "/v2/labels/batch",
        "/v1/tracking/bulk",
        "/v1/customs/duties",
        "/v1/insurance/quote",
    }
    assert not any(".php" in path or path == "/{id}" for path in listed["path"])


def test_a_path_opens_to_its_accounts_and_says_how_it_knows(open_page):
    view = {"period": "365d"}
    open_page("signals/demand.py", **view)
    from datetime import timedelta

    until = reads.current().as_of.date() + timedelta(days=1)
    dates = {"date_from": until - timedelta(days=365), "date_to": until}
    found = reads.read("unmet_demand", **dates)
    duties = found[found["path"] == "/v1/customs/duties"].iloc[0]
    app = open_page("signals/demand.py", asked=duties["key"], **view)
    who = next(frame.value for frame in app.dataframe if "basis_name" in frame.value)
    assert len(who) == duties["accounts"] > 0
    assert set(who["basis_name"]) == {"inferred by address"}
    assert "Who asks for POST /v1/customs/duties" in said(app).replace("\\", "")
    app.button(key="close_path").click().run()
    assert not [frame for frame in app.dataframe if "basis_name" in frame.value]


def test_an_unknown_path_of_a_link_shows_the_list(open_page):
    app = open_page("signals/demand.py", asked="no such path", how="never")
    assert not app.exception
    assert [frame for frame in app.dataframe if "reason_name" in frame.value]


def test_what_is_to_go_is_named_with_its_revenue(open_page):
    app = open_page("signals/usage_value.py", part="retire", period="all")
    listed = next(frame.value for frame in app.dataframe if "what_name" in frame.value)
    assert set(listed["pattern"]) == {"tracking-list", "harborline-python/2.*"}
    assert (listed["revenue"] > 0).all()
