"""How numbers are written: the oracles are what a person would write."""

import re

import pandas as pd
import pytest

from pages.shared import durations, tables, words


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (184_000, "$184k"),
        (-22_000, "−$22k"),
        (1_840, "$1.8k"),
        (999_600, "$1m"),
        (1_234_567, "$1.2m"),
        (3.1, "$3.10"),
        (31.4, "$31"),
        (0, "$0"),
        (-0.001, "$0"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_money(amount, written):
    assert words.money(amount, "usd") == written


def test_money_with_sign_and_other_currencies():
    assert words.money(88_000, "usd", sign=True) == "+$88k"
    assert words.money(-1.5, "eur", sign=True) == "−€1.50"
    assert words.money(1234.5, "usd", exact=True) == "$1,234.50"
    assert words.money(500, "sek") == "SEK 500"


def test_minor_units_know_currencies_without_cents():
    assert words.major(1999, "usd") == 19.99
    assert words.major(1999, "JPY") == 1999


@pytest.mark.parametrize(
    ("now", "before", "written"),
    [(108, 100, "▲\u202f8\u202f%"), (-22, -20, "▼\u202f10\u202f%"), (100, 100, "no change"), (5, None, ""), (5, 0, "")],
)
def test_change_goes_by_the_size_of_what_was(now, before, written):
    assert words.arrow(words.change(now, before)) == written


def test_text_of_the_data_cannot_format_or_link():
    shown = words.plain("[pay](http://evil) :red[x] **b** ![i](u) $x$ <b>")
    for active in ("[pay](", ":red[", "**b**", "![i]", "$x$", "<b>"):
        assert active not in shown


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/x", "HTTP:///evil.example", "WWW.evil.example", "a@b.example", "mailto:a@b.example"],
)
def test_an_address_in_the_data_does_not_become_a_link(text):
    """The patterns are those by which the page's Markdown finds addresses once escapes are resolved."""
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words.plain(f"see {text} now"))
    assert shown.replace(words.JOINER, "") == f"see {text} now", "nothing that is seen changes"
    assert not re.search(r"(?i)(https?://|www(?=\.))[-.\w]+", shown)
    assert not re.search(r"[-.\w+]+@[-\w]+(\.[-\w]+)+", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- a", r"\- a"),
        ("+ a", r"\+ a"),
        ("1. a", r"1\. a"),
        ("12) a", r"12\) a"),
        (" \n- a\n- b", r"\- a - b"),
        ("--- a", r"\--- a"),
        ("https&#58;//evil", r"https\&\#58;//evil"),
    ],
)
def test_text_of_the_data_is_no_list_and_no_entity(text, shown):
    assert words.plain(text) == shown


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@sum(a)", "\tx", "\rx", "\nx"])
def test_csv_never_starts_a_formula(start):
    import pandas as pd

    written = tables.csv(pd.DataFrame({"name": [start, "plain"], "amount": [-5, 7]})).decode("utf-8-sig")
    cell = written.split("\n", 1)[1].lstrip('"')
    assert cell.startswith("'")
    assert "-5" in written, "numbers stay numbers"
    assert "\nplain,7" in written


def test_a_list_in_a_sentence():
    assert words.listed(["calls"]) == "calls"
    assert words.listed(["calls", "developers"]) == "calls and developers"
    assert words.listed(["calls", "developers", "revenue"]) == "calls, developers and revenue"
    assert words.listed([]) == ""


@pytest.mark.parametrize(
    ("minutes", "written", "in_business"),
    [
        (0, "0 min", "0 min"),
        (45.4, "45 min", "45 min"),
        (89, "89 min", "89 min"),
        (120, "2 h", "2 h"),
        (200, "3 h 20 min", "3 h 20 min"),
        (2 * 1440, "2.0 days", "48 h"),
        (3600, "2.5 days", "60 h"),
        (150_000, "104.2 days", "2,500 h"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
    ],
)
def test_durations(minutes, written, in_business):
    assert durations.spoken(minutes) == written
    assert durations.spoken(minutes, business=True) == in_business


def test_nothing_is_missing_whatever_pandas_calls_it():
    assert all(words.missing(value) for value in (None, float("nan"), pd.NA, pd.NaT))
    assert not any(words.missing(value) for value in (0, "", False, 0.0))
    assert words.count(pd.NA) == words.MISSING
    assert words.change(3, pd.NA) is None
