"""The patient session: how long it waits, what it retries, where it goes, what it never says."""

import time
from datetime import datetime

import pytest

from data_sources import failures
from data_sources.failures import Patience
from data_sources.http import Http
from tests.data_sources.vendors.server import TOKEN, FakeVendor

NOW = datetime(2026, 3, 22, 12)


class Echo(FakeVendor):
    def authorised(self, headers):
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path, query):
        return {"path": path, "query": query}


@pytest.fixture
def vendor():
    echo = Echo()
    with echo.serve() as url:
        echo.url = url
        yield echo


def session(vendor, waits=None, **patience) -> Http:
    rules = Patience(**{"attempts": 4, "first_wait": 0.001, "read": 2, "total": 60, "longest_wait": 30} | patience)
    sleep = waits.append if waits is not None else time.sleep
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return Http(vendor.url, headers, secrets=(TOKEN,), now=lambda: NOW, patience=rules, sleep=sleep)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Sun, 22 Mar 2026 12:00:09 GMT", "Date": "Sun, 22 Mar 2026 12:00:04 GMT"}, 5),
        ({"Retry-After": "Sun, 22 Mar 2020 12:00:00 GMT", "Date": "Sun, 22 Mar 2026 12:00:00 GMT"}, 0),
    ],
)
def test_retry_after_in_both_forms(vendor, headers, seconds):
    vendor.faults, waits = [(429, headers, {})], []
    session(vendor, waits).get("x")
    assert waits == [seconds]


EPOCH = 1774180800  # NOW


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(EPOCH + 12)}, 12),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str((EPOCH + 12) * 1000)}, 12),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}, 12),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(EPOCH - 5)}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(EPOCH + 12), "Retry-After": "3"}, 3),
        (
            {
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(EPOCH + 12),
                "Date": "Sun, 22 Mar 2026 12:00:04 GMT",
            },
            8,
        ),
    ],
)
@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_says_when_it_ends(vendor, status, headers, seconds):
    vendor.faults, waits = [(status, headers, {"message": "limit"})], []
    session(vendor, waits).get("x")
    assert waits == [seconds]


def test_a_403_that_is_a_limit_is_waited_out_also_where_it_does_not_say_when_it_ends(vendor):
    vendor.faults, waits = [(403, {}, {"message": "You have exceeded a secondary rate limit."})], []
    session(vendor, waits, longest_wait=120, total=600).get("x")
    assert waits == [60]
    vendor.always = lambda _path: (403, {}, {"message": "You have exceeded a secondary rate limit."})
    with pytest.raises(failures.RateLimited, match=r"HTTP 403: .* \(the next attempt would be 60 s away\)"):
        session(vendor).get("x")


def test_a_403_with_calls_left_is_a_missing_permission(vendor):
    vendor.always = lambda _path: (403, {"X-RateLimit-Remaining": "17", "X-RateLimit-Reset": str(EPOCH + 12)}, {})
    with pytest.raises(failures.Forbidden):
        session(vendor, []).get("x")
    assert len(vendor.requests) == 1


def test_links_of_the_last_answer(vendor):
    vendor.headers = lambda path, query: {
        "Link": '<https://v.example/x?page=2>; rel="next", </x?page=9>; rel=last, <y>; title="no rel"'
    }
    one = session(vendor)
    one.get("x")
    assert one.links == {"next": "https://v.example/x?page=2", "last": "/x?page=9"}
    vendor.headers = lambda path, query: {}
    one.get("x")
    assert one.links == {}


def test_waits_grow_and_vary(vendor):
    waits, others = [], []
    for kept in (waits, others):
        vendor.faults = [(503, {}, {})] * 3
        session(vendor, kept, first_wait=1).get("x")
    assert [1 <= waits[0] <= 2, 2 <= waits[1] <= 4, 4 <= waits[2] <= 8] == [True] * 3
    assert waits != others, "jitter"


def test_all_waits_together_are_bounded(vendor):
    vendor.always = lambda _path: (429, {"Retry-After": "25"}, {})
    with pytest.raises(failures.RateLimited, match="25 s away"):
        session(vendor, [], total=20, attempts=50).get("x")
    assert len(vendor.requests) == 1


def test_attempts_are_bounded(vendor):
    vendor.always = lambda _path: (502, {}, b"<html><title>bad gateway</title></html>")
    with pytest.raises(failures.VendorFailure, match=r"HTTP 502: bad gateway \(gave up after 4 attempts\)"):
        session(vendor, []).get("x")
    assert len(vendor.requests) == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, failures.Refused), (401, failures.Unauthorised), (403, failures.Forbidden), (404, failures.NotFound)],
)
def test_what_the_client_did_wrong_is_not_tried_again(vendor, status, error):
    vendor.always = lambda _path: (status, {}, {"message": "no"})
    with pytest.raises(error, match=f"HTTP {status}: no"):
        session(vendor).get("x")
    assert len(vendor.requests) == 1


def test_the_missing_permission_is_named(vendor):
    text = (
        "The provided key does not have the required permissions. Having the 'rak_charge_read' permission would help."
    )
    vendor.always = lambda _path: (403, {}, {"error": {"message": text}})
    with pytest.raises(failures.Forbidden) as caught:
        session(vendor).get("x")
    assert caught.value.permission == "rak_charge_read"


def test_an_answer_that_trickles_is_given_up(vendor):
    slow = b"[" + b" " * 1_000_000
    vendor.answer = lambda path, query: None
    vendor.always = lambda _path: (200, {}, slow)
    with pytest.raises(failures.BadPayload, match="more than 0 MB"):
        session(vendor, largest_body=100_000).get("x")


@pytest.mark.parametrize(
    "where",
    [
        "http://elsewhere.example/x",
        "https://elsewhere.example/",
        "//elsewhere.example/x",
        "http://127.0.0.1:1/x",
        "http://[::1",
        "http://x:y/",
    ],
)
def test_another_host_is_refused_before_anything_is_sent(vendor, where):
    vendor.faults = [(302, {"Location": where}, {})]
    with pytest.raises(failures.SourceError, match=r"not followed|not an address"):
        session(vendor).get("x")
    if "://" in where:
        with pytest.raises(failures.WrongHost):
            session(vendor).get(where)
    assert len(vendor.requests) == 1


def test_https_is_never_left_for_http():
    with Http("https://vendor.example", {}, now=lambda: NOW) as one, pytest.raises(failures.WrongHost):
        one.get("http://vendor.example/x")


def test_redirects_in_a_circle_end(vendor):
    vendor.always = lambda path: (302, {"Location": path}, {})
    with pytest.raises(failures.WrongHost, match="circle"):
        session(vendor).get("x")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://x", "expected http"),
        ("kong:8001", "expected http"),
        ("", "expected http"),
        ("http://user:pw@host", "no user or password"),
        ("http://host:port", "expected http"),
    ],
)
def test_a_wrong_address_says_so(url, words):
    with pytest.raises(failures.SourceError, match=words) as caught:
        Http(url, {}, now=lambda: NOW)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("token", ["two\nlines", "café", "a\0b"])
def test_a_token_that_no_header_may_carry(vendor, token):
    with pytest.raises(failures.SourceError, match="no HTTP header") as caught:
        Http(vendor.url, {"Authorization": f"Bearer {token}"}, secrets=(token,), now=lambda: NOW)
    assert token not in str(caught.value)


def test_redaction_of_every_spelling(vendor):
    one = Http(vendor.url, {}, secrets=("p@ss/word+1", "abc"), now=lambda: NOW)
    text = (
        "p@ss/word+1 p%40ss%2Fword%2B1 cEBzcy93b3JkKzE= abc abcdef sk_live_51Habc Bearer eyJhbGciOi.x rk_test_9*****9"
    )
    assert one.redact(text) == "••• ••• ••• ••• abcdef ••• ••• •••"


def test_a_secret_cut_by_the_length_of_a_message_is_still_hidden(vendor):
    vendor.always = lambda _path: (400, {}, {"message": "x" * 295 + " " + TOKEN})
    with pytest.raises(failures.Refused) as caught:
        session(vendor).get("x")
    assert TOKEN[:4] not in str(caught.value)


def test_proxies_hold_beyond_loopback_only(vendor):
    assert not session(vendor)._session.trust_env
    assert Http("https://vendor.example", {}, now=lambda: NOW)._session.trust_env
