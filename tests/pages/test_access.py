"""The way back after a login: to the page that was asked for, and never to another site."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages.shared.access import BackToAsked


def through(path: str, headers: dict[str, str], answer: list[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """The headers of a redirect with `answer`, as a browser gets them through the middleware."""
    sent = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 302, "headers": answer})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}
    with ThreadPoolExecutor(1) as beside:  # The browser of other tests keeps a loop running in this thread.
        beside.submit(asyncio.run, BackToAsked(app)(scope, None, send)).result()
    found: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        found.setdefault(name.decode(), []).append(value.decode())
    return found


PROVIDER = [(b"location", b"https://login.example/authorize?x=1")]
CAME_IN = [(b"location", b"/"), (b"set-cookie", b"_streamlit_user=signed; Path=/")]


def kept(referrer: str) -> str | None:
    """The cookie that starting a login on this page leaves."""
    cookies = through("/auth/login", {"referer": referrer}, PROVIDER).get("set-cookie", [])
    return cookies[0].partition(";")[0] if cookies else None


@pytest.mark.parametrize(
    "asked", ["/stalled?tier=open&period=365d", "/account?account=org%3Ax&search=a%20b%26c", "/base/path/directory"]
)
def test_there_and_back(asked):
    cookie = kept(f"https://dashboard.example{asked}")
    back = through("/oauth2callback", {"cookie": f"other=1; {cookie}"}, CAME_IN)
    assert back["location"] == [asked]
    assert len(back["set-cookie"]) == 2
    assert "Max-Age=0" in back["set-cookie"][1]


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://dashboard.example",
        "https://x.example//evil.example/",
        "https://x.example/\\evil.example",
        "x" * 3000,
    ],
)
def test_what_is_not_a_page_of_ours_is_not_kept(referrer):
    assert kept(referrer) is None


@pytest.mark.parametrize("value", ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example", ""])
def test_a_cookie_that_leads_elsewhere_leads_to_the_first_page(value):
    assert through("/oauth2callback", {"cookie": f"asked_for={value}"}, CAME_IN)["location"] == ["/"]


def test_no_line_break_and_no_tab_comes_through():
    back = through("/oauth2callback", {"cookie": "asked_for=%2F%09%2Fevil.example%0d%0aSet-Cookie%3A%20a"}, CAME_IN)
    assert back["location"] == ["/%09/evil.example%0D%0ASet-Cookie:%20a"]


def test_who_did_not_come_in_goes_to_the_first_page():
    assert through("/oauth2callback", {"cookie": "asked_for=%2Fstalled"}, [(b"location", b"/")])["location"] == ["/"]


def test_other_requests_are_left_alone():
    assert through("/stalled", {"referer": "https://x.example/a", "cookie": "asked_for=%2Fb"}, CAME_IN) == {
        "location": ["/"],
        "set-cookie": ["_streamlit_user=signed; Path=/"],
    }
