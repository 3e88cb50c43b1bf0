"""OpenTelemetry's spans and logs in OTLP JSON, with each surprise that they have."""

import json

import pytest

from tests.sql.requests.lines import aws, kong, preview, write

START = 1_781_006_400_250_000_000  # 2026-06-09T12:00:00.250Z
MS = 1_000_000
NEW = {
    "http.request.method": "POST",
    "url.scheme": "https",
    "url.path": "/v1/quotes/88213",
    "url.query": "api_key=sk_live_abcdef",
    "http.route": "/v1/quotes/{quote}",
    "http.response.status_code": 201,
    "http.request.size": 412,
    "http.response.body.size": 1530,
    "client.address": "198.51.100.23",
    "network.peer.address": "10.0.0.4",
    "user_agent.original": "harbor-go/3.1",
    "enduser.id": "u-17",
}
OLD = {
    "http.method": "POST",
    "http.target": "/v1/quotes/88213?api_key=sk_live_abcdef",
    "http.route": "/v1/quotes/{quote}",
    "http.status_code": 201,
    "http.request_content_length": 412,
    "http.response_content_length": 1530,
    "http.client_ip": "198.51.100.23",
    "net.peer.ip": "10.0.0.4",
    "http.user_agent": "harbor-go/3.1",
    "enduser.id": "u-17",
}


def attributes(values):
    """OTLP's list of keys and values; whole numbers are texts, a list of pairs is a kvlistValue."""

    def value(of):
        if isinstance(of, dict):
            return {"kvlistValue": {"values": attributes(of)}}
        return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}

    return [{"key": key, "value": value(of)} for key, of in values.items()]


def span(values=NEW, kind=2, span_id="00f067aa0ba902b7", parent="", start=START, took=61 * MS, **more):
    return {
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId": span_id,
        "parentSpanId": parent,
        "name": "POST",
        "kind": kind,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + took),
        "attributes": attributes(values),
        "status": {},
        **more,
    }


def spans(*items, resource=None):
    told = attributes(
        {"service.name": "quotes", "deployment.environment.name": "prod"} if resource is None else resource
    )
    return {
        "resourceSpans": [
            {"resource": {"attributes": told}, "scopeSpans": [{"scope": {"name": "http"}, "spans": list(items)}]}
        ]
    }


def logs(*items):
    told = attributes({"service.name": "quotes", "deployment.environment": "staging"})
    return {"resourceLogs": [{"resource": {"attributes": told}, "scopeLogs": [{"logRecords": list(items)}]}]}


def line(of):
    return json.dumps(of, separators=(",", ":"))


def one(tmp_path, *items, **more):
    seen = preview(write(tmp_path, line(spans(*items, **more))))
    assert seen.status == 0, seen
    assert len(seen.events) == 1, seen
    return seen.events[0]


@pytest.mark.parametrize("values", [NEW, OLD], ids=["new names", "old names"])
@pytest.mark.parametrize("kind", [2, "SPAN_KIND_SERVER"])
def test_every_column_of_a_successful_call(tmp_path, values, kind):
    event = one(tmp_path, span(values, kind))
    assert event == {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "source": None,
        "surface": "api",
        "environment": "production",
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{quote}",
        "route": "/v1/quotes/{quote}",
        "service": "quotes",
        "status": 201,
        "latency_ms": 61.0,
        "upstream_latency_ms": None,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": None,
        "consumer_ref": None,
        "application_ref": None,
        "developer_ref": None,
        "plan_ref": None,
        "end_user_ref": "u-17",
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


def test_numbers_may_be_numbers(tmp_path):
    call = span(
        {"http.method": "GET", "http.url": "https://api.example/v1/x?k=1"},
        startTimeUnixNano=START,
        endTimeUnixNano=START + MS,
    )
    call["attributes"].append({"key": "http.status_code", "value": {"intValue": 404}})
    event = one(tmp_path, call)
    assert (event["status"], event["latency_ms"], event["path"], event["refusal"]) == (404, 1, "/v1/x", "no_route")


def test_the_upstream_time_is_that_of_the_http_client_spans_below(tmp_path):
    http = {"http.request.method": "POST"}
    below = {"parent": "00f067aa0ba902b7"}
    items = [
        span(http, 3, "b1", start=START + 5 * MS, took=20 * MS, **below),
        span(),
        span(http, "SPAN_KIND_CLIENT", "b2", start=START + 30 * MS, took=15 * MS, **below),
        span({"db.system.name": "postgresql"}, 3, "b3", took=60 * MS, **below),
        span(http, 3, "b4", took=60 * MS, parent="another"),
    ]
    assert one(tmp_path, *items)["upstream_latency_ms"] == 40


def test_only_server_spans_are_calls_and_every_span_counts(tmp_path):
    inner = span({}, 1, "a1", parent="00f067aa0ba902b7")
    unkind = {key: value for key, value in span().items() if key != "kind"}
    grpc = span({"rpc.system": "grpc"})
    seen = preview(
        write(
            tmp_path, line(spans(span(), inner, unkind)), line(spans(inner)), line(spans(grpc, span())), line(spans())
        )
    )
    assert [event["line_no"] for event in seen.events] == [1, 3]
    assert [(r["line_no"], "not of HTTP" in r["reason"]) for r in seen.rejected] == [(3, True)]
    assert seen.summary == {"format": "otel", "lines": 7, "accepted": 2, "rejected": 1, "blank": 4}


def test_several_resources_of_one_line_keep_their_service(tmp_path):
    both = spans(span())["resourceSpans"] + spans(span(), span(), resource={"service.name": "labels"})["resourceSpans"]
    seen = preview(write(tmp_path, line({"resourceSpans": both})))
    assert [(e["service"], e["environment"]) for e in seen.events] == [
        ("quotes", "production"), ("labels", None), ("labels", None)]  # fmt: skip


def test_a_service_need_not_be_named_and_a_clock_may_go_back(tmp_path):
    event = one(tmp_path, span(took=-MS), resource={})
    assert (event["service"], event["environment"], event["latency_ms"]) == (None, None, None)


def test_attributes_that_come_twice_and_unknown_methods(tmp_path):
    call = span({"http.request.method": "_OTHER", "http.request.method_original": "PURGE", "url.path": "/a"})
    call["attributes"] += [
        *attributes({"url.path": "/b"}),
        {"key": "x"},
        {"key": None, "value": {"arrayValue": {"values": []}}},
    ]
    event = one(tmp_path, call)
    assert (event["method"], event["path"], event["status"]) == ("PURGE", "/a", None)


def test_log_records_of_http_requests(tmp_path):
    record = {"timeUnixNano": str(START), "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "attributes": attributes(NEW)}
    body = {
        "observedTimeUnixNano": str(START),
        "timeUnixNano": "0",
        "body": {"kvlistValue": {"values": attributes(OLD)}},
    }
    plain = {"timeUnixNano": str(START), "body": {"stringValue": "ready"}, "attributes": []}
    seen = preview(write(tmp_path, line(logs(record, plain)), line(logs(body))))
    for event in seen.events:
        assert (event["method"], event["path"], event["status"]) == ("POST", "/v1/quotes/88213", 201)
        assert (event["service"], event["environment"], event["latency_ms"]) == ("quotes", "sandbox", None)
        assert event["occurred_at"] == "2026-06-09T12:00:00.250Z"
    assert [event["line_no"] for event in seen.events] == [1, 2]
    assert ["not of an HTTP request" in r["reason"] for r in seen.rejected] == [True]


def test_what_is_no_call_is_rejected_with_its_reason(tmp_path):
    lines = [
        line(spans(span())),
        line({"resourceMetrics": [{"resource": {}, "scopeMetrics": []}]}),
        line(spans(span()))[:200],
        '{"resourceSpans": 5}',
        '{"a": 1}',
        line(spans(span(startTimeUnixNano="0"))),
        "",
    ]
    seen = preview(write(tmp_path, *lines))
    said = [
        "metrics (resourceMetrics)",
        "cut short",
        "not an OTLP record",
        "not an OTLP record",
        "a span without a time",
    ]
    for reject, words in zip(seen.rejected, said, strict=True):
        assert words in reject["reason"]
    assert seen.summary == {"format": "otel", "lines": 7, "accepted": 1, "rejected": 5, "blank": 1}


def test_no_query_string_is_shown(tmp_path):
    seen = preview(write(tmp_path, line(spans(span(OLD), span({**OLD, "http.method": 7})))))
    assert (len(seen.events), len(seen.rejected)) == (1, 1)
    assert "sk_live" not in json.dumps([seen.events, seen.rejected])


def test_metrics_alone_are_no_log_and_other_formats_are_not_read(tmp_path):
    metrics = write(tmp_path, line({"resourceMetrics": []}))
    assert preview(metrics).summary["format"] is None
    assert preview(write(tmp_path, kong(), aws()), "--format", "otel").summary["accepted"] == 0


def test_a_first_line_longer_than_a_sample_is_recognised(tmp_path):
    many = [span(span_id=f"{number:016x}") for number in range(1500)]
    path = write(tmp_path, line(spans(*many)))
    assert path.stat().st_size > 1 << 20
    assert preview(path).summary == {"format": "otel", "lines": 1500, "accepted": 1500, "rejected": 0, "blank": 0}
