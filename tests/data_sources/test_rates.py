"""Exchange rates in each form that they come in, and what is no rate."""

from datetime import datetime
from pathlib import Path

import pytest

from data_sources import program as programs
from data_sources.costs.rates import read
from data_sources.failures import SourceError
from data_sources.records import ExchangeRate
from data_sources.store import open_store
from data_sources.streams import Put, Rejected
from data_sources.sync import sync_all

NOW = datetime(2026, 6, 30)
WIDE = "Date,USD,JPY,CHF,\n2026-06-29,1.0873,161.20,N/A,\n2026-06-26,1.0850,160.95,0.9541,\n"
DAILY = "Date, USD, JPY, \n29 June 2026, 1.0873, 161.20, \n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><Cube>
<Cube time="2026-06-29"><Cube currency="USD" rate="1.0873"/><Cube currency="JPY" rate="161.20"/></Cube>
<Cube time="2026-06-26"><Cube currency="USD" rate="1.0850"/></Cube></Cube></gesmes:Envelope>
"""
LONG = "date,currency,rate,base\n2026-06-29,EUR,1.0873,\n2026-06-29,JPY,0.0067,USD\n,,,\n"


def rates(path: Path, text: str, currency: str = "usd") -> tuple[set, list]:
    """The rates as (base, currency, day, rate), and what was rejected as (line, reason)."""
    path.write_text(text)
    handed = list(read(path, path.name, currency))
    puts = [one.row for one in handed if isinstance(one, Put)]
    good = {(row["base"], row["currency"], row["valid_from"].day, row["rate"]) for row in puts}
    return good, [(one.line_no, one.reason) for one in handed if isinstance(one, Rejected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            WIDE,
            {
                ("eur", "usd", 29, "1.0873"),
                ("eur", "jpy", 29, "161.20"),
                ("eur", "usd", 26, "1.0850"),
                ("eur", "jpy", 26, "160.95"),
                ("eur", "chf", 26, "0.9541"),
            },
        ),
        (DAILY, {("eur", "usd", 29, "1.0873"), ("eur", "jpy", 29, "161.20")}),
        (XML, {("eur", "usd", 29, "1.0873"), ("eur", "jpy", 29, "161.20"), ("eur", "usd", 26, "1.0850")}),
        (LONG, {("eur", "usd", 29, "1.0873"), ("jpy", "usd", 29, "0.0067")}),
        (LONG.replace(",", ";"), {("eur", "usd", 29, "1.0873"), ("jpy", "usd", 29, "0.0067")}),
    ],
    ids=["history", "daily", "xml", "sheet", "semicolons"],
)
def test_each_form(tmp_path, text, expected):
    assert rates(tmp_path / "rates.csv", text) == (expected, [])


def test_a_bad_cell_is_rejected_with_its_line_and_the_rest_is_kept(tmp_path):
    good, bad = rates(tmp_path / "rates.csv", WIDE.replace("160.95", "many").replace("1.0873", "-1"))
    assert len(good) == 3
    assert bad == [(2, "rate of USD: '-1' is no number above 0"), (3, "rate of JPY: 'many' is no number above 0")]
    _, bad = rates(
        tmp_path / "sheet.csv", "date,currency,rate\nsoon,EUR,1.1\n2026-06-29,EURO,1.1\n2026-06-29,GBP,1.2\n"
    )
    assert [line for line, _ in bad] == [2, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,email\nAnn,a@b.example\n", "no exchange rates; expected Date and a column a currency"),
        ("<html><body>Moved</body></html>", "XML without exchange rates"),
        ("<Cube><Cube", "not valid XML"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_says_what_it_has(tmp_path, text, said):
    with pytest.raises(SourceError, match=said):
        rates(tmp_path / "rates.csv", text)


def test_an_entity_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    evil = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><Cube time="2026-06-29"><Cube currency="USD" rate="&e;"/></Cube>'
    with pytest.raises(SourceError) as refused:
        rates(tmp_path / "rates.xml", evil)
    assert "hidden" not in str(refused.value)


def test_what_is_no_longer_in_the_file_is_gone_and_an_unchanged_file_changes_nothing(tmp_path):
    (tmp_path / "rates.csv").write_text(WIDE)
    (tmp_path / "program.toml").write_text(
        '[program]\nname = "t"\n\n[[source]]\nname = "ecb"\nkind = "rates"\npath = "rates.csv"\n'
    )
    program, store = programs.load(tmp_path), open_store(tmp_path)
    (result,) = sync_all(store, program, NOW)
    assert (result.errors, result.changed) == ([], 5)
    (result,) = sync_all(store, program, NOW)
    assert (result.errors, result.changed) == ([], 0)
    (tmp_path / "rates.csv").write_text(WIDE.splitlines()[0] + "\n2026-06-26,1.0851,160.95,0.9541,\n")
    (result,) = sync_all(store, program, NOW)
    assert result.errors == []
    assert store.ids(ExchangeRate, "ecb") == {f"eur-{code}-2026-06-26" for code in ("usd", "jpy", "chf")}


def test_the_sample_that_ships_is_read(tmp_path):
    sample = Path(programs.__file__).parent / "costs" / "sample_rates.csv"
    handed = list(read(sample, sample.name, "usd"))
    assert len(handed) == 11
    assert all(isinstance(one, Put) for one in handed)
