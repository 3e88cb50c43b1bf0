"""Gravitee's file reporter as CSV: no header, four layouts, cells of the users' own at the end."""

import json

import pytest

from tests.sql.requests.lines import STARTED_MS, preview, write

BEFORE = ["5f0b", "5f0c", STARTED_MS, "198.51.100.23", "10.0.0.4", "a-1", "Quotes"]
SCOPE = ["org-1", "env-1"]
WHO = ["app-7", "gold", "sub-3", "jo", "", "/v1/quotes/88213?api-key=Zx81kQ7sT0vB", "/quotes/88213", ""]
ANSWER = ["POST", 201]
ERROR = ["http://up:80/quotes", "", "", "Mozilla/5.0 (X11; Linux)", "api.harbor.example"]
NUMBERS = [412, 1530, 38, 43, 5]
SECURITY = ["API_KEY", "a-1"]


def line(
    wide=True, v4=False, more=(), who=WHO, answer=ANSWER, error=ERROR, numbers=NUMBERS, before=BEFORE, last=SECURITY
):
    """A line as the reporter writes it: text in quotes, numbers bare."""
    cells = [
        *before,
        *(SCOPE if wide else []),
        *who,
        *answer,
        *(["http-get"] if v4 else []),
        *error,
        *numbers,
        *last,
        *more,
    ]
    return ";".join(str(cell) if isinstance(cell, int | float) else f'"{cell}"' for cell in cells)


def one(tmp_path, text):
    seen = preview(write(tmp_path, text, end="\r\n"))
    assert (seen.summary["format"], len(seen.events)) == ("gravitee_csv", 1), seen
    return seen.events[0]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("v4", [False, True])
@pytest.mark.parametrize("more", [(), ("europe", 12, 12.6, "own")])
def test_everything_that_a_call_says(tmp_path, wide, v4, more):
    expected = {
        "occurred_at": "2026-06-09T12:00:00.250Z",
        "request_id": "5f0c",
        "method": "POST",
        "path": "/v1/quotes/88213",
        "path_template": "/v1/quotes/{id}",
        "route": None,
        "service": "Quotes",
        "status": 201,
        "latency_ms": 43,
        "upstream_latency_ms": 38,
        "request_bytes": 412,
        "response_bytes": 1530,
        "credential_ref": "sub-3",
        "consumer_ref": "app-7",
        "application_ref": "app-7",
        "plan_ref": "gold",
        "end_user_ref": "jo",
        "client_ip": "198.51.100.23",
        "user_agent": "Mozilla/5.0 (X11; Linux)",
        "refusal": None,
    }
    event = one(tmp_path, line(wide, v4, more))
    assert {name: event[name] for name in expected} == expected
    assert "Zx81kQ7sT0vB" not in json.dumps(event)


METHODS = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


@pytest.mark.parametrize(("number", "name"), [*enumerate(METHODS, 1), (0, None)])
def test_a_method_may_be_a_number(tmp_path, number, name):
    assert one(tmp_path, line(answer=[number, 200]))["method"] == name
    assert one(tmp_path, line(answer=[str(number), 200]))["method"] == name


def test_minus_one_is_none(tmp_path):
    event = one(tmp_path, line(numbers=[-1, -1, -1, 43, 5]))
    assert (event["request_bytes"], event["response_bytes"], event["upstream_latency_ms"]) == (None, None, None)
    assert event["latency_ms"] == 43


def test_application_1_is_a_call_without_one(tmp_path):
    event = one(tmp_path, line(who=["1", "keyless", "", "", "", "/v1/quotes", "", "/v1/quotes"]))
    assert (event["consumer_ref"], event["application_ref"], event["credential_ref"]) == (None, None, None)
    assert (event["plan_ref"], event["route"], event["path_template"]) == ("keyless", "/v1/quotes", "/v1/quotes")


@pytest.mark.parametrize(("status", "refusal"), [(401, "auth"), (429, "rate_limit"), (404, None), (502, "upstream")])
def test_refusals(tmp_path, status, refusal):
    assert one(tmp_path, line(answer=["GET", status]))["refusal"] == refusal


def test_what_is_none_is_rejected_with_its_own_reason(tmp_path):
    token = "Zx81kQ7sT0vB4nM2"
    lines = [
        line(),
        line(before=["5f0b", "5f0c", 12, *BEFORE[3:]]),
        line(answer=["GET", "none"]),
        line(numbers=["a", "b", "c", "d", "e"]),
        line()[:120],
        line(last=["API_KEY", token], before=["5f0b", "5f0c", 12, *BEFORE[3:]]),
        '"one";"two";' + token,
        "",
    ]
    seen = preview(write(tmp_path, *lines))
    assert seen.summary == {"format": "gravitee_csv", "lines": 8, "accepted": 1, "rejected": 6, "blank": 1}
    reasons = [reject["reason"] for reject in seen.rejected]
    assert "third cell" in reasons[0]
    assert "16th and 17th" in reasons[1]
    assert "sizes and times" in reasons[2]
    assert "quoted cell does not end" in reasons[3]
    assert "3 cells where a row has 27 to 96" in reasons[5]
    assert token not in str(seen.rejected)
