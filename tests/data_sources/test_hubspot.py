"""What is HubSpot's own: whose company, roles and owners, stages and money, searches for changes, the bin, merges."""

from datetime import datetime, timedelta

import pytest

from data_sources.check import check
from data_sources.crm.hubspot import AfterPages, _company, _contact, _deal
from data_sources.failures import Patience
from data_sources.records import Contact, Opportunity, Organization
from data_sources.streams import Desk, Gone, Put, Rejected, fit
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.hubspot import MODIFIED, Vendor

SECONDLY = {
    "status": "error",
    "message": "You have reached your secondly limit.",
    "errorType": "RATE_LIMIT",
    "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
    "policyName": "SECONDLY",
}
DAILY = SECONDLY | {"message": "You have reached your daily limit.", "policyName": "DAILY"}


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def made(records, properties: dict, **item) -> dict:
    (handed,) = fit(lambda one, desk: records(one, desk, kept=()), {"id": "1", "properties": properties} | item, desk())
    assert isinstance(handed, Put), handed
    return handed.row


def desk() -> Desk:
    return Desk(None, NOW, None, currency="usd")


def linked(*pairs) -> dict:
    return {"companies": {"results": [{"id": company, "type": kind} for company, kind in pairs]}}


def searches(place) -> list:
    return [path for path, _, _ in place.vendor.requests if path.endswith("/search")]


def test_a_company_and_its_owner(place):
    place.sync()
    row = place.one(Organization, "1003")
    assert (row.name, row.domain, row.employees, row.country) == ("Acme 3", "acme3.example", 30, "DE")
    assert (row.owner, row.kind, row.created_at) == ("Olga Owner", "prospect", datetime(2026, 1, 5, 10, 0, 0, 123000))
    assert row.attributes == {"industry": "COMPUTER_SOFTWARE", "website": "https://www.acme3.example/"}


def test_a_contact_with_its_role_and_company(place):
    place.sync()
    row = place.one(Contact, "2000")
    assert (row.name, row.email, row.title, row.role) == ("Ada Nr 0", "ada0@acme0.example", "CTO", "economic_buyer")
    assert (row.organization_ref, row.organization_name, row.owner) == ("1000", "Acme 0", "nameless@us.example")
    assert row.attributes["hs_buying_role"] == "BUDGET_HOLDER;CHAMPION"
    assert place.one(Contact, "2001").role is None


def test_a_deal_with_its_stage_in_words_and_an_owner_who_left(place):
    place.sync()
    open_, won = place.one(Opportunity, "3000"), place.one(Opportunity, "3004")
    assert (open_.stage, open_.amount, open_.currency) == ("Security review", 100050, "eur")
    assert (open_.owner, open_.organization_ref) == ("Lee Left", "1000")
    assert open_.closed_at is None, "an open deal's date is a hope"
    assert (won.stage, won.closed_at) == ("Closed won", datetime(2026, 2, 3))


@pytest.mark.parametrize(
    ("pairs", "company"),
    [
        ([], None),
        ([("7", "contact_to_company"), ("7", "contact_to_company_unlabeled")], "7"),
        (
            [("8", "contact_to_company_unlabeled"), ("7", "contact_to_company"), ("7", "contact_to_company_unlabeled")],
            "7",
        ),
        ([("8", "contact_to_company_unlabeled")], "8"),
        ([("8", "contact_to_company_unlabeled"), ("9", "contact_to_company_unlabeled")], None),
        ([("7", "contact_to_company"), ("9", "reseller_of")], "7"),
        ([("7", "contact_to_company"), ("9", "contact_to_company")], None),
    ],
)
def test_whose_company(pairs, company):
    assert made(_contact, {}, associations=linked(*pairs))["organization_ref"] == company


def test_the_primary_company_of_a_contact_or_deal_comes_first():
    several = linked(("8", "contact_to_company_unlabeled"), ("9", "contact_to_company_unlabeled"))
    assert made(_contact, {"associatedcompanyid": "9"}, associations=several)["organization_ref"] == "9"
    assert made(_deal, {"hs_primary_associated_company": "9"}, associations=several)["organization_ref"] == "9"


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "code"),
    [
        ("1234.5", "EUR", 123450, "eur"),
        ("500", "JPY", 500, "jpy"),
        ("1.005", "KWD", 1005, "kwd"),
        ("33.333333", "USD", 3333, "usd"),
        ("12", None, 1200, "usd"),
        ("", "EUR", None, "eur"),
        (None, None, None, "usd"),
        ("0", "EUR", 0, "eur"),
    ],
)
def test_money(amount, currency, minor, code):
    row = made(_deal, {"amount": amount, "deal_currency_code": currency})
    assert (row["amount"], row["currency"]) == (minor, code)


def test_what_nobody_filled_in_is_unknown():
    row = made(_company, {"name": "", "domain": None, "numberofemployees": "", "country": " "})
    assert {name for name, value in row.items() if value is not None} == {"id"}
    assert made(_company, {"website": "https://www.acme.example/x"})["domain"] == "https://www.acme.example/x"


def test_a_number_that_is_none_is_rejected_by_name():
    (handed,) = fit(lambda one, desk: _deal(one, desk, kept=()), {"id": "1", "properties": {"amount": "lots"}}, desk())
    assert isinstance(handed, Rejected)
    assert "amount: expected a number" in handed.reason


def test_properties_of_ones_own_are_kept(place):
    place.vendor.lists["companies"][0]["properties"]["api_tier"] = "partner"
    place.sync()
    assert "api_tier" not in place.one(Organization, "1000").attributes
    place.program.sources[0].properties = ["api_tier"]
    assert place.sync(LATER).errors == []
    assert place.one(Organization, "1000").attributes["api_tier"] == "partner", "the lists are read again for it"


def test_after_the_first_time_only_changes_are_asked_for(place):
    place.sync()
    assert searches(place) == []
    place.vendor.requests.clear()
    assert place.sync(LATER).errors == []
    listed = [query for path, query, _ in place.vendor.requests if "/objects/" in path and not path.endswith("/search")]
    assert {query["archived"] for query in listed} == {"true"}
    assert len(searches(place)) == 3
    asked = next(query for path, query, _ in place.vendor.requests if path.endswith("/contacts/search"))
    (modified, _) = asked["filterGroups"][0]["filters"]
    assert modified["propertyName"] == "lastmodifieddate"
    assert datetime(1970, 1, 1) + timedelta(milliseconds=int(modified["value"])) == NOW - timedelta(minutes=10)


def test_a_search_of_many_changes_goes_on_by_record_id(place):
    place.sync()
    for number in range(8):
        place.vendor.touch("contacts", number, jobtitle="CEO")
    result = place.sync(LATER)
    assert (result.errors, result.changed) == ([], 8)
    assert searches(place).count("/crm/v3/objects/contacts/search") == 3
    rows = place.all(Contact)
    assert {row.title for row in rows} == {"CEO"}
    assert all(row.organization_ref for row in rows), "a search has no associations; they are asked for beside it"


def test_a_change_of_a_contacts_company_is_seen_with_the_change(place):
    place.sync()
    place.vendor.companies_of["2001"] = [("1006", "contact_to_company")]
    place.vendor.companies_of["2002"] = []
    place.vendor.touch("contacts", 1)
    place.vendor.touch("contacts", 2)
    place.sync(LATER)
    assert place.one(Contact, "2001").organization_ref == "1006"
    assert place.one(Contact, "2002").organization_ref is None


def test_a_search_that_stands_still_is_an_error(place):
    place.sync()
    place.vendor.searched = lambda path, question: {
        "total": 10**6, "results": [place.vendor.lists["companies"][0]] if path.endswith("/search") else []
    }  # fmt: skip
    assert any("stands still" in error for error in place.sync(LATER).errors)
    assert len(place.vendor.requests) < 100


def test_the_lists_are_read_whole_again_after_a_week(place):
    place.sync()
    del place.vendor.lists["companies"][3]  # gone for good, without a trace in the bin
    place.sync(LATER)
    assert place.one(Organization, "1003") is not None
    place.vendor.requests.clear()
    place.sync(NOW + timedelta(days=7))
    assert searches(place) == []
    assert place.one(Organization, "1003") is None


def test_what_comes_back_from_the_bin_is_back(place):
    place.sync()
    place.vendor.remove()
    place.sync(LATER)
    assert place.one(Contact, "2002") is None
    back = place.vendor.archived["contacts"].pop()
    back["properties"][MODIFIED["contacts"]] = "2026-03-22T01:01:00Z"
    place.vendor.lists["contacts"].append(back)
    place.sync(LATER + timedelta(minutes=5))
    assert place.one(Contact, "2002").organization_ref == "1002"


def test_companies_that_were_merged_are_one(place):
    place.sync()
    del place.vendor.lists["companies"][5]
    place.vendor.touch("companies", 0, hs_merged_object_ids="1005")
    place.sync(LATER)
    assert place.one(Organization, "1005") is None
    assert place.one(Organization, "1000") is not None
    handed = fit(
        lambda one, desk: _company(one, desk, kept=()),
        {"id": "1", "properties": {"hs_merged_object_ids": "2;3"}},
        desk(),
    )
    assert handed[1:] == [Gone(Organization, "2"), Gone(Organization, "3")]


def test_without_the_right_to_read_owners_all_else_is_read(place):
    place.vendor.forbidden = {"/owners"}
    result = place.sync()
    assert result.errors == []
    assert "crm.objects.owners.read" in next(one.note for one in result.streams if one.stream == "owners")
    assert place.one(Organization, "1003").owner is None
    found = check(place.program, place.program.sources[0], NOW)
    assert found.ok


def test_without_pipelines_deals_keep_the_ids_of_their_stages(place):
    place.vendor.pipelines.clear()
    assert place.sync().errors == []
    assert place.one(Opportunity, "3000").stage == "9471231"


@pytest.mark.parametrize("where", ["/companies", "/companies/search", "/batch/read"])
def test_a_limit_by_the_second_is_waited_out(place, where):
    place.sync()
    place.vendor.touch("contacts", 0, jobtitle="CEO")
    met: list[str] = []

    def limited(path):
        if path.endswith(where) and len(met) < 2:
            met.append(path)
            return 429, {}, SECONDLY
        return None

    place.vendor.always = limited
    assert place.sync(LATER).errors == []
    assert len(met) == 2
    assert place.one(Contact, "2000").title == "CEO"


def test_a_daily_limit_ends_the_run_in_hubspots_words_and_loses_nothing(place):
    place.sync()
    place.vendor.touch("deals", 0, amount="7")
    place.vendor.always = lambda path: (429, {}, DAILY) if path.endswith("/search") else None
    result = place.sync(LATER, Patience(attempts=2, first_wait=0.001))
    assert all("daily limit" in error for error in result.errors)
    place.vendor.always = None
    place.sync(LATER + timedelta(hours=1))
    assert place.one(Opportunity, "3000").amount == 700


def test_the_next_page_is_asked_by_its_mark_and_never_by_its_link():
    pager = AfterPages()
    body = {"results": [], "paging": {"next": {"after": "33", "link": "https://elsewhere.example/"}}}
    first = pager.first(None, desk())
    assert pager.following(body, first)[0] == first | {"after": "33"}
    assert pager.following({"results": []}, first) == (None, None)
