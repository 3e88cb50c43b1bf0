"""The vendor server: pages, tokens, and faults, as the vendors have them."""

import json
import time
from collections import Counter

import pytest
import requests

from data_sources.demo.program_file import AGENT, TOKEN
from data_sources.demo.server import serve

STRIPE = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
KONG = {"headers": {"Kong-Admin-Token": TOKEN}}
ZENDESK = {"auth": (f"{AGENT}/token", TOKEN)}


@pytest.fixture(scope="module")
def base(home):
    with serve(home, faults=False) as address:
        yield address


def test_it_starts_at_once(home):
    began = time.perf_counter()
    with serve(home) as address:
        assert address.startswith("http://127.0.0.1:")
        assert time.perf_counter() - began < 0.3


@pytest.mark.parametrize("path", ["kong/consumers", "stripe/v1/customers", "zendesk/api/v2/incremental/tickets.json"])
def test_without_the_token_there_is_nothing(base, path):
    assert requests.get(f"{base}/{path}", timeout=5).status_code == 401
    wrong = requests.get(f"{base}/{path}", headers={"Authorization": "Bearer x", "Kong-Admin-Token": "x"}, timeout=5)
    assert wrong.status_code == 401
    assert TOKEN not in wrong.text


@pytest.mark.parametrize("name", ["consumers", "key-auths", "acls", "services", "routes"])
def test_kong_lists_everything_once(base, vendor, name):
    found, offset = [], None
    while True:
        params = {"size": 900} | ({"offset": offset} if offset else {})
        body = requests.get(f"{base}/kong/{name}", params=params, timeout=5, **KONG).json()
        found += [row["id"] for row in body["data"]]
        offset = body.get("offset")
        if not offset:
            assert body["next"] is None
            break
    assert found == [row["id"] for row in vendor(f"kong/{name}")]


@pytest.mark.parametrize("name", ["customers", "invoices", "charges", "balance_transactions", "events", "prices"])
def test_stripe_lists_newest_first(base, vendor, name):
    found, after = [], None
    while True:
        params = {"limit": 100} | ({"starting_after": after} if after else {})
        body = requests.get(f"{base}/stripe/v1/{name}", params=params, timeout=5, **STRIPE).json()
        found += body["data"]
        if not body["has_more"]:
            break
        after = body["data"][-1]["id"]
    assert [row["id"] for row in found] == [row["id"] for row in vendor(f"stripe/{name}")]
    assert [row["created"] for row in found] == sorted((row["created"] for row in found), reverse=True)


def test_stripe_filters_by_creation(base, vendor):
    rows = vendor("stripe/charges")
    edge = rows[40]["created"]
    for comparison, holds in (
        ("gte", lambda t: t >= edge),
        ("gt", lambda t: t > edge),
        ("lte", lambda t: t <= edge),
        ("lt", lambda t: t < edge),
    ):
        params = {"limit": 100, f"created[{comparison}]": edge}
        body = requests.get(f"{base}/stripe/v1/charges", params=params, timeout=5, **STRIPE).json()
        assert [row["id"] for row in body["data"]] == [row["id"] for row in rows if holds(row["created"])][:100], (
            comparison
        )


def test_stripe_hides_what_was_cancelled_and_what_was_not_asked_for(base, vendor):
    def listed(**params) -> list[dict]:
        return requests.get(
            f"{base}/stripe/v1/subscriptions", params={"limit": 100, **params}, timeout=5, **STRIPE
        ).json()["data"]

    assert "canceled" not in {row["status"] for row in listed()}
    assert "canceled" in {row["status"] for row in listed(status="all")}
    plain = [discount for row in listed(status="all") for discount in row["discounts"]]
    spelled_out = [
        discount for row in listed(status="all", **{"expand[]": "data.discounts"}) for discount in row["discounts"]
    ]
    assert plain == [discount["id"] for discount in spelled_out]
    assert len(plain) > 0


@pytest.mark.parametrize("name", ["tickets", "ticket_events", "ticket_metric_events", "users", "organizations"])
def test_zendesk_exports_everything_and_says_when_it_is_over(base, vendor, name):
    found, start, pages = [], 0, 0
    while True:
        url = f"{base}/zendesk/api/v2/incremental/{name}.json"
        body = requests.get(url, params={"start_time": start}, timeout=5, **ZENDESK).json()
        assert body["count"] == len(body[name])
        assert body["next_page"], "never null, not even at the end"
        found += [row["id"] for row in body[name]]
        pages += 1
        if body["end_of_stream"]:
            break
        assert body["end_time"] > start
        start = body["end_time"]
    assert found == [row["id"] for row in vendor(f"zendesk/{name}")]
    again = requests.get(url, params={"start_time": body["end_time"]}, timeout=5, **ZENDESK).json()
    assert (again["count"], again["end_of_stream"], again["next_page"] is None) == (0, True, False)


def test_zendesk_lists_the_promises(base):
    body = requests.get(f"{base}/zendesk/api/v2/slas/policies.json", timeout=5, **ZENDESK).json()
    metrics = {metric["metric"] for policy in body["sla_policies"] for metric in policy["policy_metrics"]}
    assert metrics == {"first_reply_time", "requester_wait_time"}


def test_zendesk_lists_groups_and_schedules_with_their_holidays(base):
    def asked(path: str) -> dict:
        return requests.get(f"{base}/zendesk/api/v2/{path}.json", timeout=5, **ZENDESK).json()

    assert [group["name"] for group in asked("groups")["groups"]] == ["Tier 1", "Engineering", "Customer success"]
    schedules = asked("business_hours/schedules")["schedules"]
    assert [one["time_zone"] for one in schedules] == ["Eastern Time (US & Canada)", "Berlin"]
    for one in schedules:
        holidays = asked(f"business_hours/schedules/{one['id']}/holidays")["holidays"]
        assert len(holidays) == 9, "three in each of the three years"
        assert all(day["start_date"] <= day["end_date"] for day in holidays)
    missing = requests.get(f"{base}/zendesk/api/v2/business_hours/schedules/1/holidays.json", timeout=5, **ZENDESK)
    assert missing.status_code == 404


def test_it_fails_now_and_then_but_never_twice_for_one_request(home):
    seen = Counter()
    with serve(home) as address, requests.Session() as session:
        for page in range(120):
            params = {"limit": 1, "created[lte]": 2_000_000_000 + page}
            for _ in range(2):
                try:
                    answer = session.get(f"{address}/stripe/v1/charges", params=params, timeout=5, **STRIPE)
                except requests.ConnectionError:
                    seen["dropped"] += 1
                    continue
                seen[answer.status_code] += 1
                if answer.status_code == 429:
                    assert int(answer.headers["Retry-After"]) <= 1
                    continue
                assert json.loads(answer.text)["object"] == "list"
                break
    assert seen[200] == 120
    assert seen[429] >= 3
    assert seen["dropped"] >= 2


def test_what_is_not_there_is_not_found(base):
    assert requests.get(f"{base}/stripe/v1/nothing", timeout=5, **STRIPE).status_code == 404
    assert requests.get(f"{base}/kong/nothing", timeout=5, **KONG).status_code == 404
    assert requests.get(f"{base}/nobody", timeout=5).status_code == 404
    bad = requests.get(f"{base}/stripe/v1/charges", params={"limit": "many"}, timeout=5, **STRIPE)
    assert bad.status_code == 400
