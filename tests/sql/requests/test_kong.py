"""Kong's file-log and http-log, with each surprise that they have."""

import json

import pytest

from sql.requests import EVENT_COLUMNS
from tests.sql.requests.lines import KONG, kong, preview, write


def one(tmp_path, **changes):
    """The only event of a file with one Kong line."""
    seen = preview(write(tmp_path, kong(**changes)))
    assert seen.status == 0
    assert len(seen.events) == 1, seen
    return seen.events[0]


def test_every_column_of_a_successful_call(tmp_path):
    assert one(tmp_path) == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "source": None,
        "surface": "api",
        "environment": None,
        "request_id": "5f0b3c7d9e1a4b6c8d2e0f1a2b3c4d5e",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": "quotes-write",
        "service": "quotes",
        "status": 201,
        "latency_ms": 43.5,
        "upstream_latency_ms": 40.0,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": "key-55",
        "consumer_ref": "app_7",
        "application_ref": None,
        "developer_ref": None,
        "plan_ref": None,
        "end_user_ref": None,
        "client_ip": "198.51.100.23",
        "user_agent": "harbor-go/3.1",
        "refusal": None,
        "limit_window": None,
        "limit_calls": None,
        "limit_left": None,
        "line_no": 1,
        "referrer_host": None,
        "client_country": None,
        "client_network": None,
    }


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ratelimit-limit-minute": "120", "x-ratelimit-remaining-minute": "60"}, ("minute", 120, 60)),
        (
            {
                "x-ratelimit-limit-minute": "120",
                "x-ratelimit-remaining-minute": "60",
                "x-ratelimit-limit-month": 5000,
                "x-ratelimit-remaining-month": "100",
            },
            ("month", 5000, 100),
        ),
        ({"x-ratelimit-limit-day": "10"}, (None, None, None)),
        ({"x-ratelimit-limit-day": "0", "x-ratelimit-remaining-day": "0"}, (None, None, None)),
        ({"x-ratelimit-limit-hour": "many", "x-ratelimit-remaining-hour": "1"}, (None, None, None)),
    ],
)
def test_the_limit_with_the_least_left(tmp_path, headers, expected):
    event = one(tmp_path, response={"headers": headers})
    assert (event["limit_window"], event["limit_calls"], event["limit_left"]) == expected


def test_the_columns_are_those_of_the_design_in_their_order(tmp_path):
    assert tuple(one(tmp_path)) == EVENT_COLUMNS


def test_a_call_never_proxied_has_no_upstream_time_but_a_zero_is_a_zero(tmp_path):
    event = one(tmp_path, latencies={"proxy": -1, "request": 0}, response={"headers": {"x-kong-upstream-latency": "2"}})
    assert event["upstream_latency_ms"] is None
    assert event["latency_ms"] == 0


@pytest.mark.parametrize("upstream", ["500, 200 : 200, 200", "", 502])
def test_several_tries_are_one_call_with_the_final_status(tmp_path, upstream):
    tries = [{"ip": "10.1.0.4", "port": 80, "state": "failed", "code": 502}] * 2 + [{"ip": "10.1.0.5", "port": 80}]
    event = one(tmp_path, tries=tries, upstream_status=upstream, response={"status": 200})
    assert (event["status"], event["refusal"]) == (200, None)


def test_sizes_are_strings_before_3_and_numbers_after(tmp_path):
    event = one(tmp_path, request={"size": "77"}, response={"size": "0"})
    assert (event["request_bytes"], event["response_bytes"]) == (77, 0)


def test_absent_keys_are_null(tmp_path):
    event = one(
        tmp_path, consumer=None, route=None, service=None, authenticated_entity=None, latencies=None, client_ip=None
    )
    for column in (
        "consumer_ref",
        "route",
        "service",
        "credential_ref",
        "latency_ms",
        "upstream_latency_ms",
        "client_ip",
    ):
        assert event[column] is None, column


@pytest.mark.parametrize(
    ("consumer", "expected"),
    [
        ({"custom_id": None}, "jo@acme.example"),
        ({"custom_id": None, "username": None}, "c-1"),
        ({"custom_id": ""}, "jo@acme.example"),
    ],
)
def test_a_consumer_is_custom_id_then_username_then_id(tmp_path, consumer, expected):
    assert one(tmp_path, consumer=consumer)["consumer_ref"] == expected


def test_ids_stand_in_for_names_and_headers_for_the_request_id(tmp_path):
    event = one(
        tmp_path,
        route={"name": None},
        service={"name": None},
        request={"id": None},
        response={"headers": {"x-kong-request-id": "abc"}},
    )
    assert (event["route"], event["service"], event["request_id"]) == ("4c1d", "9b2e", "abc")
    event = one(tmp_path, request={"id": None, "headers": {"kong-request-id": "corr#7"}})
    assert event["request_id"] == "corr#7"


def test_a_query_string_may_be_a_list_and_a_uri_a_template(tmp_path):
    event = one(tmp_path, request={"uri": "/v1/quotes/{int}/lines", "querystring": []})
    assert event["path_template"] == "/v1/quotes/{int}/lines"


@pytest.mark.parametrize(
    ("uri", "template"),
    [
        ("/v2/a/3f2504e0-4f89-11d3-9a0c-0305e82c3301/b", "/v2/a/{uuid}/b"),
        ("/users/ann%40acme.example/keys", "/users/{email}/keys"),
        ("/users/ann@acme.example", "/users/{email}"),
        ("/days/2026-06-09/rates", "/days/{date}/rates"),
        ("/blobs/9f86d081884c7d659a2feaa0c55ad015", "/blobs/{hash}"),
        ("/labels/lbl_9Xk2", "/labels/{id}"),
        ("/track/1Z999AA10123456784", "/track/{id}"),
        ("/a/12/34/56", "/a/{id}/{id}/{id}"),
        ("/v1/oauth2/token", "/v1/oauth2/token"),
        ("/", "/"),
        ("https://api.harbor.example/v1/x/5?q=1", "/v1/x/{id}"),
    ],
)
def test_path_templates(tmp_path, uri, template):
    assert one(tmp_path, request={"uri": uri})["path_template"] == template


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"response": {"status": 401}}, "auth"),
        ({"response": {"status": 403}}, "auth"),
        ({"response": {"status": 400}}, "validation"),
        ({"response": {"status": 422}}, "validation"),
        ({"response": {"status": 404}}, None),
        ({"response": {"status": 404}, "route": None, "service": None}, "no_route"),
        ({"response": {"status": 502}}, "upstream"),
        ({"response": {"status": 504}}, "upstream"),
        ({"response": {"status": 500}}, None),
        ({"response": {"status": 500}, "latencies": {"proxy": -1}}, "upstream"),
        ({"response": {"status": 499}}, "client_gone"),
        ({"response": {"status": 0}}, "client_gone"),
        ({"response": {"status": 405}}, None),
        ({"response": {"status": 429}}, "rate_limit"),
        ({"response": {"status": 429, "headers": {"x-ratelimit-remaining-minute": "0", "x-ratelimit-limit-minute": "9",
                                                 "x-ratelimit-remaining-month": "8"}}}, "rate_limit"),
        ({"response": {"status": 429, "headers": {"x-ratelimit-remaining-minute": "4", "x-ratelimit-limit-month": "900",
                                                 "x-ratelimit-remaining-month": "0"}}}, "quota"),
        ({"response": {"status": 429, "headers": {"x-ratelimit-remaining-day": "0"}}}, "quota"),
        ({"response": {"status": 429, "headers": {"x-ratelimit-remaining-day": 0}}}, "quota"),
        ({"response": {"status": 429, "headers": {"ratelimit-remaining": "0", "ratelimit-reset": "34"}}}, "rate_limit"),
        ({"response": {"status": 429, "headers": {"retry-after": "86000"}}}, "quota"),
    ],
)  # fmt: skip
def test_refusals(tmp_path, changes, refusal):
    assert one(tmp_path, **changes)["refusal"] == refusal


def test_a_batch_is_one_line_of_several_records(tmp_path):
    batch = json.dumps([KONG, {**KONG, "started_at": 1_781_006_401_000}, {"started_at": 1}])
    seen = preview(write(tmp_path, kong(), batch, "[]", kong()))
    assert [event["line_no"] for event in seen.events] == [1, 2, 2, 4]
    assert [(r["line_no"], r["reason"]) for r in seen.rejected] == [(2, "not a Kong record: no request")]
    assert seen.summary == {"format": "kong", "lines": 6, "accepted": 4, "rejected": 1, "blank": 1}


def test_what_is_no_request_is_rejected_with_its_reason(tmp_path):
    stream = json.dumps(
        {"session": {"tls": {}, "received": 3, "sent": 9}, "started_at": 1_781_006_400_000, "latencies": {}}
    )
    cut = kong()[:300]
    interleaved = kong()[:200] + kong()
    seen = preview(write(tmp_path, kong(), stream, cut, interleaved, "", kong(started_at="soon"), '"text"', kong()))
    assert [event["line_no"] for event in seen.events] == [1, 8]
    reasons = {r["line_no"]: r["reason"] for r in seen.rejected}
    assert "TCP stream" in reasons[2]
    assert "cut short" in reasons[3]
    assert "cut short, interleaved" in reasons[4]
    assert "started_at" in reasons[6]
    assert "no request" in reasons[7]
    assert seen.summary == {"format": "kong", "lines": 8, "accepted": 2, "rejected": 5, "blank": 1}


def test_no_key_and_no_query_string_is_shown(tmp_path):
    path = write(
        tmp_path,
        kong(),
        kong(started_at="x"),
        kong()[:330],
        '{"request": {"headers": {"authorization": "Basic cGE6c3M=',
    )
    seen = preview(path)
    shown = json.dumps([seen.events, seen.rejected])
    assert len(seen.rejected) == 3
    for secret in ("sk_live_abcdef", "carrier=all", "cGE6c3M"):
        assert secret not in shown, secret


def test_a_record_of_the_documentation(cases):
    seen = preview(cases / "kong" / "kong_docs_38_sample.json")
    assert seen.status == 0
    (event,) = seen.events
    assert event["occurred_at"] == "2024-09-19T22:10:39.538Z"
    assert (event["status"], event["latency_ms"], event["upstream_latency_ms"]) == (200, 173, 171)
    assert (event["request_bytes"], event["response_bytes"], event["consumer_ref"]) == (139, 9982, None)
    assert (event["route"], event["service"], event["client_ip"]) == (
        "example_route",
        "example_service",
        "192.168.65.1",
    )
