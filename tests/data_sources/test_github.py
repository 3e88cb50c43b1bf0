"""What is GitHub's own: pull requests among issues, who maintains, what leaves no trace, how lists go on, its limits."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from data_sources.failures import Patience
from data_sources.records import SupportUser, Ticket, TicketEvent
from data_sources.streams import Desk, Put, Rejected, fit
from data_sources.support.github import CONNECTOR, Named
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.github import NAMED, PULL, Vendor, at


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def asked(place, name: str) -> list[dict]:
    return [query for path, query, _ in place.vendor.requests if place.vendor.name_of(path) == name]


def test_pull_requests_are_no_tickets_nor_are_their_comments_and_closings(place):
    assert place.sync().errors == []
    assert place.one(Ticket, str(PULL)) is None
    assert all(event.ticket_id != str(PULL) for event in place.all(TicketEvent))
    assert place.one(SupportUser, str(300 + PULL)) is None


def test_closed_issues_are_read_too_and_closed_is_solved(place):
    place.sync()
    assert {one.id: one.status for one in place.all(Ticket)} == {
        str(n): "solved" if n % 2 else "open" for n in range(1, 9) if n != PULL
    }


def test_who_spoke_is_told_by_the_association(place):
    place.vendor.lists["issues/comments"] += [
        place.vendor.comment(2, "robot") | {"id": 900, "author_association": "MEMBER"},
        place.vendor.comment(2, "asker") | {"id": 901, "author_association": "SOMETHING_NEW"},
        place.vendor.comment(2, "asker") | {"id": 902, "user": None, "author_association": "CONTRIBUTOR"},
    ]
    assert place.sync().errors == []
    spoke = {one.id: (one.kind, one.author_role, one.author_id) for one in place.all(TicketEvent)}
    assert spoke["comment-900"] == ("public_reply", "bot", "12")
    assert spoke["comment-30"] == ("public_reply", "agent", "11")
    assert spoke["comment-25"] == ("public_reply", "end-user", "302")
    assert spoke["comment-901"][1] is None
    assert spoke["comment-902"] == ("public_reply", "end-user", None)
    assert (place.one(SupportUser, "11").role, place.one(SupportUser, "302").role) == ("agent", None)
    assert place.one(SupportUser, "12").role is None


def test_closed_reopened_and_closed_again(place):
    place.vendor.lists["issues/events"] += [
        place.vendor.event(101, 1, "reopened", "asker"),
        place.vendor.event(102, 1, "labeled"),
        place.vendor.event(103, 1, "closed", "robot"),
        place.vendor.event(104, 1, "closed") | {"actor": None},
        place.vendor.event(105, 1, "closed") | {"issue": None},
    ]
    assert place.sync().errors == []
    moves = [one for one in place.all(TicketEvent) if one.kind == "status_change" and one.ticket_id == "1"]
    moves.sort(key=lambda one: one.occurred_at)
    assert [(one.id, one.from_value, one.to_value, one.author_role) for one in moves] == [
        ("opened-1", None, "open", None),
        ("event-91", "open", "solved", "agent"),
        ("event-101", "solved", "open", "end-user"),
        ("event-103", "open", "solved", "bot"),
        ("event-104", "open", "solved", None),
    ]
    assert moves[2].occurred_at == datetime(2026, 1, 5, 10, 41)


def test_events_are_read_back_to_those_that_are_known(place):
    place.vendor.lists["issues/events"] = [place.vendor.event(90 + n, 1, "closed") for n in range(30)]
    place.sync()
    whole = len(asked(place, "issues/events"))
    place.vendor.lists["issues/events"].append(place.vendor.event(130, 1, "reopened"))
    place.sync(LATER)
    assert (whole, len(asked(place, "issues/events")) - whole) == (10, 2)
    assert place.one(TicketEvent, "event-130").to_value == "open"


def test_comments_are_asked_for_by_their_last_change(place):
    place.sync()
    before = len(asked(place, "issues/comments"))
    place.vendor.lists["issues/comments"].append(place.vendor.comment(3, "asker") | {"id": 903, "updated_at": at(50)})
    place.sync(LATER)
    assert asked(place, "issues/comments")[before]["since"] == "2026-01-05T10:13:00Z"
    assert place.one(TicketEvent, "comment-903")


def test_a_comment_edited_while_the_pages_are_read_hides_no_other(place):
    answer, edited = place.vendor.answer, []

    def editing(path, query):
        body = answer(path, query)
        if path.endswith("/issues/comments") and not edited:
            edited.append(place.vendor.lists["issues/comments"][0] | {"updated_at": at(59)})
            place.vendor.lists["issues/comments"][0] = edited[0]
        return body

    place.vendor.answer = editing
    assert place.sync().errors == []
    assert {one.id for one in place.all(TicketEvent)} == place.vendor.ids()[TicketEvent]


def test_many_comments_of_one_second(place):
    for one in place.vendor.lists["issues/comments"]:
        one["updated_at"] = at(20)
    assert place.sync().errors == []
    assert {one.id for one in place.all(TicketEvent)} == place.vendor.ids()[TicketEvent]


def test_a_comment_that_was_deleted_is_gone(place):
    place.sync()
    place.vendor.lists["issues/comments"] = [one for one in place.vendor.lists["issues/comments"] if one["id"] != 25]
    place.vendor.lists["issues"][1]["comments"] = 1
    assert place.sync(LATER).errors == []
    assert place.one(TicketEvent, "comment-25") is None
    assert place.one(TicketEvent, "comment-30")


def test_a_transferred_issue_is_gone_from_here(place):
    place.sync()
    place.vendor.lists["issues"].pop(2)
    elsewhere, answer = "/repositories/9/issues/1", place.vendor.answer
    moved = {"number": 1, "repository_url": "/repos/harbor/elsewhere"}
    place.vendor.always = lambda path: (301, {"Location": elsewhere}, {}) if path == f"{NAMED}/issues/3" else None
    place.vendor.answer = lambda path, query: moved if path == elsewhere else answer(path, query)
    assert place.sync(LATER).errors == []
    assert (place.one(Ticket, "3").status, place.one(Ticket, "3").subject) == ("deleted", "Quotes time out 3")


def test_an_issue_that_a_list_passed_over_stays(place):
    place.sync()
    answer, passed = place.vendor.answer, place.vendor.lists["issues"][3]

    def passing(path, query):
        body = answer(path, query)
        return [one for one in body if one is not passed] if isinstance(body, list) else body

    place.vendor.answer = passing
    assert place.sync(LATER).errors == []
    assert place.one(Ticket, "4").status == "open"
    assert f"{NAMED}/issues/4" in {path for path, _, _ in place.vendor.requests}


def test_lists_go_on_where_link_says_and_never_at_another_host(place):
    place.sync()
    assert any(path == "/repositories/7001/issues" for path, _, _ in place.vendor.requests)
    elsewhere = {"Link": '<https://elsewhere.example/repositories/7001/issues?page=2>; rel="next"'}
    place.vendor.headers = lambda path, query: elsewhere
    assert "not the configured host" in place.sync(LATER).errors[0]


def test_a_limit_is_waited_out(place):
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp())), "Date": ""}
    place.vendor.faults = [(403, reset, {"message": "API rate limit exceeded"}), (403, {"Retry-After": "0"}, {})]
    assert place.sync().errors == []


def test_a_limit_that_lasts_too_long_says_so(place):
    place.vendor.always = lambda _path: (403, {"Retry-After": "1800"}, {"message": "a secondary rate limit"})
    assert (
        "HTTP 403: a secondary rate limit (the next attempt would be 1800 s away)"
        in place.sync(patience=Patience(longest_wait=60)).errors[0]
    )


def test_real_issues_and_comments_fit(cases):
    streams = {one.name: one for one in CONNECTOR.streams(type("Source", (), {"repository": "o/r"}))}
    events = json.loads((cases / "github" / "webhook_issue_events.json").read_text())
    desk, handed = Desk(None, NOW, Path()), []
    for one in events:
        for item in Named("number").items([one["issue"]]):
            handed += fit(streams["issues"].records, item, desk)
        if one.get("comment"):
            comment = {"issue_url": f"/issues/{one['issue']['number']}"} | one["comment"]
            handed += fit(streams["comments"].records, comment, desk)
    assert not [one for one in handed if isinstance(one, Rejected)]
    assert {one.model for one in handed if isinstance(one, Put)} == {SupportUser, Ticket, TicketEvent}
