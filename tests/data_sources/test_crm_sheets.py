"""What CRMs export: HubSpot's companies, contacts and deals, Salesforce's reports and Data Loader files."""

from datetime import datetime

import pytest

from data_sources import cells
from data_sources.check import check
from data_sources.records import Contact, Developer, Opportunity, Organization
from data_sources.streams import Unfit
from tests.data_sources.test_tables import NOW, Sheet

ACCOUNT_15, ACCOUNT_18 = "0015g00000XyZab", "0015g00000XyZabAAF"


@pytest.fixture
def read(tmp_path):
    """Reads a sheet as a table and returns its records and the sheet."""

    def read_as(model, text: str, more: str = "", encoding: str = "utf-8"):
        it = Sheet(tmp_path / f"home{len(list(tmp_path.iterdir()))}", model.__tablename__, more=more)
        it.write(text, encoding)
        assert it.sync().errors == []
        return it.rows(model), it

    return read_as


HUBSPOT_COMPANIES = (
    '"Record ID","Company name","Company owner","Create Date","Phone Number","Company Domain Name","Industry","Type",'
    '"Number of Employees","Country/Region","Website URL","Parent Company","Lifecycle Stage"\n'
    '"9817","Nordwind Fracht GmbH","Olga Owner","2026-01-05 10:20","","nordwind.example","Logistics","Prospect",'
    '"250","Germany","https://www.nordwind.example/start","","Opportunity"\n'
    '"9818","Südwind Cargo, S.A.","","2026-02-01 09:00","","","","","","","http://suedwind.example:8080/a","9817",""\n'
)


def test_companies_of_hubspot(read):
    rows, it = read(Organization, HUBSPOT_COMPANIES, encoding="utf-8-sig")
    row = rows["9817"]
    assert (row.name, row.domain, row.owner) == ("Nordwind Fracht GmbH", "nordwind.example", "Olga Owner")
    assert (row.employees, row.country, row.kind) == (250, "Germany", "Prospect")
    assert row.created_at == datetime(2026, 1, 5, 10, 20)
    assert row.attributes["Industry"] == "Logistics"
    assert (rows["9818"].parent_id, rows["9818"].owner, rows["9818"].employees) == ("9817", None, None)
    assert it.rejected() == []


def test_contacts_of_hubspot(read):
    rows, _ = read(
        Contact,
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Job Title,Buying Role,Company Name,Create Date,"
        "Associated Company,Associated Company IDs,Associated Company IDs (Primary)\n"
        "1,Ada,Berg,ada@nordwind.example,,Olga Owner,CFO,Budget Holder;Champion,Nordwind,2026-01-06 08:00,Nordwind;Other,9817;9818,9817\n"
        "2,,Li,li@x.example,,,,Legal & Compliance,,,,9818,\n"
        "3,Bo,,bo@x.example,,,CTO,,,,,,\n",
    )
    ada = rows["1"]
    assert (ada.name, ada.email, ada.title, ada.role) == ("Ada Berg", "ada@nordwind.example", "CFO", "economic_buyer")
    assert (ada.organization_ref, ada.organization_name, ada.owner) == ("9817", "Nordwind", "Olga Owner")
    assert ada.created_at == datetime(2026, 1, 6, 8)
    assert (rows["2"].name, rows["2"].role) == ("Li", "legal")
    assert (rows["3"].name, rows["3"].role, rows["3"].organization_ref) == ("Bo", None, None)


def test_a_contact_of_several_companies_belongs_to_none_unless_one_is_primary(read):
    rows, _ = read(
        Contact, "Record ID,Email,Associated Company IDs\n1,a@x.example,9817;9818\n2,b@x.example,9817;9817\n"
    )
    assert (rows["1"].organization_ref, rows["2"].organization_ref) == (None, "9817")


def test_deals_of_hubspot(read):
    rows, _ = read(
        Opportunity,
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Currency,Create Date,Associated Company,Associated Company IDs\n"
        "501,Rates API,Security review,2026-04-30 12:00,Olga Owner,12500.5,USD,2026-01-07 11:00,Nordwind,9817\n"
        "502,Tracking,Closed Won (Sales Pipeline),2026-02-02 00:00,,900000,JPY,2026-01-07 11:00,,\n",
    )
    deal = rows["501"]
    assert (deal.stage, deal.amount, deal.currency, deal.owner) == ("Security review", 1_250_050, "usd", "Olga Owner")
    assert (deal.organization_ref, deal.organization_name) == ("9817", "Nordwind")
    assert (deal.created_at, deal.closed_at) == (datetime(2026, 1, 7, 11), datetime(2026, 4, 30, 12))
    assert (rows["502"].amount, rows["502"].organization_ref) == (900_000, None)


def test_accounts_of_the_salesforce_data_loader(read):
    rows, _ = read(
        Organization,
        '"ID","NAME","WEBSITE","NUMBEROFEMPLOYEES","BILLINGCOUNTRY","OWNERID","CREATEDDATE","PARENTID","TYPE","NPE01__SYSTEM__C"\n'
        f'"{ACCOUNT_18}","Acme Ltd","https://www.acme.example/x","1200","United Kingdom","0055g00000AbCdEAAV",'
        '"2026-01-05T10:20:30.000Z","","Customer - Direct","yes"\n'
        f'"0015g00000XyZacAAF","Acme France","","","","","2026-01-05T10:20:30.000+0000","{ACCOUNT_15}","",""\n',
    )
    row = rows[ACCOUNT_18]
    assert (row.name, row.domain, row.employees) == ("Acme Ltd", "https://www.acme.example/x", 1200)
    assert (row.country, row.owner) == ("United Kingdom", "0055g00000AbCdEAAV")
    assert (row.created_at, row.attributes) == (datetime(2026, 1, 5, 10, 20, 30), {"NPE01__SYSTEM__C": "yes"})
    assert rows["0015g00000XyZacAAF"].parent_id == ACCOUNT_18


def test_contacts_and_opportunities_of_the_data_loader(read):
    people, _ = read(
        Contact,
        "Id,AccountId,FirstName,LastName,Title,Email,MailingCountry,OwnerId,CreatedDate\n"
        f"0035g00000AAAAAAA4,{ACCOUNT_18},Ann,Other,VP Procurement,ann@acme.example,UK,0055g00000AbCdEAAV,2026-01-05T10:20:30.000Z\n",
    )
    (ann,) = people.values()
    assert (ann.name, ann.title, ann.organization_ref, ann.country) == ("Ann Other", "VP Procurement", ACCOUNT_18, "UK")
    sales, _ = read(
        Opportunity,
        "Id,AccountId,Name,StageName,Amount,CurrencyIsoCode,CloseDate,LeadSource,OwnerId,CreatedDate\n"
        f"0065g00000BBBBBAAS,{ACCOUNT_15},Big,Negotiation/Review,1200,GBP,2026-03-31,Partner,0055g00000AbCdEAAV,2026-01-05T10:20:30.000Z\n",
    )
    (big,) = sales.values()
    assert (big.stage, big.amount, big.currency, big.sourced_by) == ("Negotiation/Review", 120_000, "gbp", "Partner")
    assert (big.organization_ref, big.closed_at) == (ACCOUNT_18, datetime(2026, 3, 31))


FOOTER = (
    '\n\n"Accounts this quarter"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
    '"Confidential Information - Do Not Distribute"\n"Generated By: Olga Owner 3/22/2026 10:00 AM"\n"Harbor"\n'
)


def test_a_salesforce_report_with_ids_in_15_characters(read):
    accounts, it = read(
        Organization,
        '"Account Name","Account ID","Website","Employees","Billing Country","Account Owner","Created Date"\n'
        f'"Acme Ltd","{ACCOUNT_15}","www.acme.example","1,200","United Kingdom","Olga Owner","1/5/2026"\n' + FOOTER,
        'dates = "month first"',
    )
    assert set(accounts) == {ACCOUNT_18}, "as the Data Loader writes it, and nothing from the lines below"
    assert it.rejected() == []
    row = accounts[ACCOUNT_18]
    assert (row.name, row.employees, row.created_at) == ("Acme Ltd", 1200, datetime(2026, 1, 5))
    assert (row.country, row.owner) == ("United Kingdom", "Olga Owner")


def test_a_salesforce_report_by_name_has_ids_of_its_own(read):
    accounts, it = read(
        Organization,
        "Account Name;Website;Account Owner\nAcme Ltd;www.acme.example;Olga\nAcme France;www.acme.example;Olga\nBeta;;\n"
        + FOOTER,
    )
    assert {row_id: row.name for row_id, row in accounts.items()} == {
        "www.acme.example": "Acme Ltd",
        "acme france": "Acme France",
        "beta": "Beta",
    }
    assert it.rejected() == []
    people, _ = read(
        Contact, "First Name;Last Name;Title;Account Name;Email\nAnn;Other;CFO;Acme Ltd;ann@acme.example\n"
    )
    ann = people["ann@acme.example"]
    assert (ann.name, ann.title, ann.organization_name, ann.organization_ref) == ("Ann Other", "CFO", "Acme Ltd", None)
    sales, _ = read(
        Opportunity,
        '"Account Name";"Stage";"Close Date";"Opportunity Owner";"Amount Currency";"Amount";"Opportunity Name"\n'
        '"Acme Ltd";"Closed Won";"31.03.2026";"Olga";"EUR";"1.200,50";"Big"\n'
        '"Acme Ltd";"Closed Won";"31.03.2026";"Olga";"EUR";"1.200,50";"Big, too"\n',
        'dates = "day first"',
    )
    assert len(sales) == 2, "two that differ in their name alone are two"
    for sale in sales.values():
        assert (sale.amount, sale.currency, sale.owner) == (120_050, "eur", "Olga")
        assert (sale.stage, sale.closed_at, sale.organization_name) == ("Closed Won", datetime(2026, 3, 31), "Acme Ltd")


def test_lines_of_one_cell_that_are_no_footer_are_rows(read):
    rows, _ = read(Organization, "Account Name,Website\nAcme\n\nBeta,beta.example\nGamma\n")
    assert {row.name for row in rows.values()} == {"Acme", "Beta", "Gamma"}


def test_a_date_that_two_countries_read_differently_is_refused_with_the_way_out(read, tmp_path):
    it = Sheet(tmp_path / "home", "opportunity")
    it.write("Id,Stage,Close Date\n1,Won,03/04/2026\n")
    (error,) = it.sync().errors
    assert 'dates = "day first" or "month first"' in error
    for order, month in (("day first", 4), ("month first", 3)):
        rows, _ = read(Opportunity, "Id,Stage,Close Date\n1,Won,03/04/2026\n", f'dates = "{order}"')
        assert rows["1"].closed_at.month == month


def test_another_order_of_dates_reads_the_sheet_again(tmp_path):
    it = Sheet(tmp_path / "home", "opportunity", more='dates = "day first"')
    it.write("Id,Stage,Close Date\n1,Won,03/04/2026\n")
    it.sync()
    it.program.sources[0].dates = "month first"
    assert it.sync().changed == 1
    assert it.rows(Opportunity)["1"].closed_at == datetime(2026, 3, 4)


@pytest.mark.parametrize(
    ("order", "cell", "moment"),
    [
        ("month first", "1/5/2026, 12:05 AM", datetime(2026, 1, 5, 0, 5)),
        ("month first", "1/5/2026 1:05 PM", datetime(2026, 1, 5, 13, 5)),
        ("day first", "05.01.2026 13:05:07", datetime(2026, 1, 5, 13, 5, 7)),
        ("day first", "5-1-2026", datetime(2026, 1, 5)),
        ("day first", "2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10)),
        ("day first", "", None),
    ],
)
def test_dates_with_another_order(order, cell, moment):
    assert cells.moment_with(order)(cell) == moment


@pytest.mark.parametrize(
    ("order", "cell"), [("month first", "31/1/2026"), ("day first", "1/5/26"), ("day first", "1/5/2026 14:00 PM")]
)
def test_dates_that_do_not_fit_their_order_are_refused(order, cell):
    with pytest.raises(Unfit, match="expected a date"):
        cells.moment_with(order)(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
        (ACCOUNT_15, ACCOUNT_18),
        (ACCOUNT_18, ACCOUNT_18),
        ("9817", "9817"),
        ("001000000000001", "001000000000001"),
        ("acct_0015g00000X", "acct_0015g00000X"),
        ("", None),
    ],
)
def test_ids_of_salesforce_have_one_spelling(cell, found):
    assert cells.crm_id(cell) == found


@pytest.mark.parametrize(
    ("cell", "role"),
    [
        ("BUDGET_HOLDER", "economic_buyer"),
        ("DECISION_MAKER;END_USER", "economic_buyer"),
        ("Economic Decision Maker", "economic_buyer"),
        ("LEGAL_AND_COMPLIANCE", "legal"),
        ("Legal & Compliance", "legal"),
        ("CHAMPION", "evaluator"),
        ("Technical Buyer", "evaluator"),
        ("Technical Decision Maker", "evaluator"),
        ("Procurement", "procurement"),
        ("Information Security", "security"),
        ("END_USER", "developer"),
        ("economic_buyer", "economic_buyer"),
        ("EXECUTIVE_SPONSOR", None),
        ("BLOCKER;OTHER", None),
        (None, None),
    ],
)
def test_roles_of_crms_are_ours(cell, role):
    assert cells.role(cell) == role


def test_a_job_title_is_not_a_name(read):
    rows, _ = read(Developer, "First Name,Last Name,Title,Email\nAda,Berg,CTO,ada@x.example\n")
    (ada,) = rows.values()
    assert (ada.name, ada.attributes) == ("Ada Berg", {"Title": "CTO"})
    rows, _ = read(Developer, "Name,First Name,Last Name,Email\nA. Berg,Ada,Berg,ada@x.example\n")
    assert rows["ada@x.example"].name == "A. Berg"


def test_check_tells_that_a_name_is_understood(read):
    _, it = read(Contact, "First Name,Last Name,Email\nAda,Berg,ada@x.example\n")
    (finding,) = check(it.program, it.program.sources[0], NOW).findings
    assert "understood: email, name" in finding.text
    assert "not understood" not in finding.text
