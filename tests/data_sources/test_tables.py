"""Sheets: headers by name and synonym, bad rows apart, a sheet as the whole truth of its source, FOCUS bills."""

import gzip
import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from sqlmodel import select

from data_sources import program as programs
from data_sources.ledger import RejectedRecord
from data_sources.records import Contract, CostEntry, Developer, Organization, OutreachActivity, PortalEvent
from data_sources.sync import sync_all
from tests.new_store import new_store

NOW = datetime(2026, 3, 22)


class Sheet:
    """A home with one sheet."""

    def __init__(self, home: Path, table: str, name: str = "sheet.csv", more: str = "", kind: str = "csv") -> None:
        home.mkdir()
        table_line = f'table = "{table}"\n' if kind == "csv" else ""
        source = f'[[source]]\nname = "it"\nkind = "{kind}"\n{table_line}path = "{name}"\n{more}\n'
        (home / "program.toml").write_text(f'[program]\nname = "t"\ncurrency = "eur"\n\n{source}')
        self.path, self.store, self.program = home / name, new_store(home), programs.load(home)

    def write(self, text: str, encoding: str = "utf-8") -> None:
        before = self.path.stat().st_mtime_ns if self.path.exists() else 0
        self.path.write_bytes(text.encode(encoding))
        os.utime(self.path, ns=(before + 10**9, before + 10**9))

    def sync(self):
        (result,) = sync_all(self.store, self.program, NOW)
        return result

    def rows(self, model) -> dict:
        with self.store.session() as session:
            return {row.id: row for row in session.exec(select(model)).all()}

    def rejected(self) -> list:
        with self.store.session() as session:
            return list(session.exec(select(RejectedRecord)).all())


@pytest.fixture
def sheet(tmp_path):
    return lambda *args, **more: Sheet(tmp_path / "home", *args, **more)


def test_headers_by_synonym_case_and_punctuation(sheet):
    it = sheet("developer")
    it.write(
        "User ID,E-Mail,Full Name,Organisation,Signed up,Favourite colour\nd1,a@acme.example,Ada,Acme,2026-01-02,blue\n"
    )
    assert it.sync().errors == []
    row = it.rows(Developer)["d1"]
    assert (row.email, row.name, row.organization_name) == ("a@acme.example", "Ada", "Acme")
    assert (row.created_at, row.attributes) == (datetime(2026, 1, 2), {"Favourite colour": "blue"})


def test_an_own_name_is_never_taken_by_a_synonym(sheet):
    it = sheet("developer")
    it.write("id,organization,organization_name,organization_id\nd1,x,Acme,org_1\n")
    assert it.sync().errors == []
    row = it.rows(Developer)["d1"]
    assert (row.organization_name, row.organization_id, row.attributes) == ("Acme", "org_1", {"organization": "x"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(sheet, encoding, delimiter):
    it = sheet("organization")
    it.write(
        delimiter.join(["id", "name", "domain"])
        + "\r\n"
        + delimiter.join(["o1", '"Café, Zürich"', "cafe.example"])
        + "\r\n",
        encoding,
    )
    assert it.sync().errors == []
    assert it.rows(Organization)["o1"].name == "Café, Zürich"


def test_gzip(sheet):
    it = sheet("organization", "sheet.csv.gz")
    it.path.write_bytes(gzip.compress(b"id,name\no1,Acme\n"))
    assert it.sync().errors == []
    assert it.rows(Organization)["o1"].name == "Acme"


def test_parquet(sheet):
    it = sheet("outreach_activity", "sheet.parquet")
    held = {"id": [1, 2], "Title": ["Talk", "Webinar"], "Date": [datetime(2026, 1, 2), None], "Cost": [99.99, None]}
    parquet.write_table(pa.table(held), it.path)
    assert it.sync().errors == []
    rows = it.rows(OutreachActivity)
    assert (rows["1"].cost, rows["1"].currency, rows["1"].occurred_at) == (9999, "eur", datetime(2026, 1, 2))
    assert (rows["2"].cost, rows["2"].occurred_at) == (None, None)


def test_money_by_the_currency_of_its_row(sheet):
    it = sheet("contract")
    it.write('id,ACV,Currency\nc1,"1,234.50",USD\nc2,500,jpy\nc3,10,\n')
    assert it.sync().errors == []
    rows = it.rows(Contract)
    assert [(row.annual_value, row.currency) for row in (rows["c1"], rows["c2"], rows["c3"])] == [
        (123450, "usd"),
        (500, "jpy"),
        (1000, "eur"),
    ]


def test_a_header_that_says_cents_holds_minor_units(sheet):
    it = sheet("contract")
    it.write("id,annual value (cents)\nc1,123450\n")
    assert it.sync().errors == []
    assert it.rows(Contract)["c1"].annual_value == 123450


def test_what_cannot_be_matched_is_one_message_with_what_was_expected(sheet):
    it = sheet("portal_event")
    it.write("who,what\nd1,registered\n")
    (error,) = it.sync().errors
    for words in ("sheet.csv", "kind", "event type", "occurred_at", "timestamp", "'who', 'what'", "columns = {"):
        assert words in error
    assert it.rows(PortalEvent) == {}


def test_columns_can_be_named_in_the_program(sheet):
    it = sheet("portal_event", more='columns = { kind = "what", occurred_at = "at what time" }')
    it.write("who,what,At what time\nd1,Key Issued,2026-01-02\n")
    assert it.sync().errors == []
    (row,) = it.rows(PortalEvent).values()
    assert (row.kind, row.occurred_at) == ("key_issued", datetime(2026, 1, 2))


def test_a_bad_row_is_rejected_with_file_line_and_reason(sheet):
    it = sheet("contract")
    it.write(
        'id,value,signed\nc1,"multi\nline",2026-01-01\nc2,10,03/04/2026\n\nc3,10,2026-01-03\nc3,11,2026-01-04\nc4,1,2,3,4\n'
    )
    result = it.sync()
    assert result.errors == []
    found = [(row.file, row.line_no, row.record_id) for row in it.rejected()]
    assert found == [("sheet.csv", 2, "c1"), ("sheet.csv", 4, "c2"), ("sheet.csv", 7, "c3"), ("sheet.csv", 8, "c4")]
    assert "annual_value: expected a number" in it.rejected()[0].reason
    assert "signed_at: expected a date" in it.rejected()[1].reason
    assert "used before (sheet.csv, line 6)" in it.rejected()[2].reason
    assert set(it.rows(Contract)) == {"c3"}
    assert it.rows(Contract)["c3"].annual_value == 1000


def test_unchanged_is_skipped_changed_is_read_and_what_is_gone_is_gone(sheet):
    it = sheet("organization")
    it.write("id,name\no1,Acme\no2,Beta\n")
    assert it.sync().changed == 2
    again = it.sync()
    assert (again.changed, again.streams[0].records) == (0, 0)
    os.utime(it.path, ns=(5 * 10**18, 5 * 10**18))
    assert it.sync().streams[0].records == 0, "touched, but the content is the same"
    it.write("id,name\no1,Acme\no3,Gamma\n")
    assert it.sync().changed == 2
    assert set(it.rows(Organization)) == {"o1", "o3"}


def test_a_sheet_that_went_bad_or_away_takes_nothing_with_it(sheet):
    it = sheet("organization")
    it.write("id,name,employees\no1,Acme,5\n")
    it.sync()
    it.write("id,name,employees\no1,Acme,many\no2,Beta,few\n")
    (error,) = it.sync().errors
    assert "no row could be read" in error
    assert "line 2" in error
    it.path.unlink()
    assert "no such file" in it.sync().errors[0]
    assert it.rows(Organization)["o1"].employees == 5


def test_rows_without_an_id_are_known_by_their_content(sheet):
    it = sheet("portal_event")
    it.write(
        "event,date,email\nregistered,2026-01-01,a@x.example\nregistered,2026-01-01,a@x.example\ndocs read,2026-01-02,b@x.example\n"
    )
    it.sync()
    before = set(it.rows(PortalEvent))
    assert len(before) == 3
    it.write(
        "event,date,email\nkey issued,2026-01-03,c@x.example\nregistered,2026-01-01,a@x.example\nregistered,2026-01-01,a@x.example\n"
    )
    assert it.sync().changed == 2
    assert len(before & set(it.rows(PortalEvent))) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b'{"id": 1}', "JSON"),
        (b"%PDF-1.7", "PDF"),
        (b"<html>", "HTML"),
        (b"", "empty"),
        (b"PAR1nonsense", "cannot be read"),
        (b"\x1f\x8bnonsense", "cannot be read"),
    ],
)
def test_another_kind_of_file_is_named(sheet, content, words):
    it = sheet("organization")
    it.path.write_bytes(content)
    (error,) = it.sync().errors
    assert words in error


FOCUS = (
    "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,RegionId,Tags,x_Custom\n"
    '0.000012,1.2e-05,USD,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,Compute,AWS,eu-1,"{""api"": ""rates""}",1\n'
    "3.5,NULL,USD,2026-01-01 00:00:00,2026-01-02 00:00:00,Storage,AWS,NULL,,2\n"
    "3.5,NULL,USD,2026-01-01 00:00:00,2026-01-02 00:00:00,Storage,AWS,NULL,,2\n"
)


def test_a_cloud_bill_in_focus_columns(sheet):
    it = sheet("", "focus.csv", kind="focus")
    it.write(FOCUS)
    assert it.sync().errors == []
    rows = sorted(it.rows(CostEntry).values(), key=lambda row: row.billed_cost_micros)
    assert [row.billed_cost_micros for row in rows] == [12, 3_500_000, 3_500_000], "equal rows are both charged"
    assert (rows[0].effective_cost_micros, rows[0].tags, rows[0].currency) == (12, {"api": "rates"}, "usd")
    assert (rows[1].effective_cost_micros, rows[1].region, rows[1].tags) == (None, None, None)
    it.write(FOCUS + "1,1,USD,2026-01-02T00:00:00Z,2026-01-03T00:00:00Z,Compute,AWS,eu-1,,3\n")
    assert it.sync().changed == 1, "the days that were there stay as they are"


def test_a_focus_parquet_with_tags_as_a_map(sheet):
    it = sheet("", "focus.parquet", kind="focus")
    columns = {
        "BilledCost": pa.array([1.25]),
        "BillingCurrency": pa.array(["EUR"]),
        "ChargePeriodStart": pa.array([datetime(2026, 1, 1)]),
        "ServiceName": pa.array(["Compute"]),
        "Tags": pa.array([[("api", "rates")]], pa.map_(pa.string(), pa.string())),
    }
    parquet.write_table(pa.table(columns), it.path)
    assert it.sync().errors == []
    (row,) = it.rows(CostEntry).values()
    assert (row.billed_cost_micros, row.tags, row.currency) == (1_250_000, {"api": "rates"}, "eur")


def test_a_bill_that_is_no_focus_says_what_is_missing(sheet):
    it = sheet("", "focus.csv", kind="focus")
    it.write("lineItem/UnblendedCost,product/servicename\n1,EC2\n")
    (error,) = it.sync().errors
    for words in (
        "'BillingCurrency'",
        "'ChargePeriodStart'",
        "'BilledCost'",
        "'ServiceName'",
        "'lineItem/UnblendedCost'",
    ):
        assert words in error
