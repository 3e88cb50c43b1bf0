"""What is Jira's own: replies and notes, who spoke, the status by its category, SLAs and organizations in custom fields."""

from datetime import datetime

import pytest

from data_sources.ledger import RejectedRecord
from data_sources.records import SupportUser, Ticket, TicketEvent
from tests.data_sources.test_connectors import LATER, Place
from tests.data_sources.vendors.jira import Vendor, cycle


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def test_replies_notes_and_who_spoke(place):
    assert place.sync().errors == []
    said = [
        (place.one(TicketEvent, f"comment-1{n}").kind, place.one(TicketEvent, f"comment-1{n}").author_role)
        for n in (1, 2, 3)
    ]
    assert said == [("internal_note", "agent"), ("public_reply", "agent"), ("public_reply", "end-user")]
    assert place.one(TicketEvent, "comment-12").occurred_at == datetime(2026, 1, 5, 9, 2)


def test_a_status_is_told_by_its_category(place):
    place.sync()
    moved = place.one(TicketEvent, "status-14")
    assert (moved.from_value, moved.to_value, place.one(Ticket, "501").status) == ("new", "solved", "solved")


def test_a_long_history_is_read_whole_though_a_search_gives_only_its_newest_part(place):
    moved = place.vendor.lists["issues"][3]["changelog"]["histories"]
    more = [{"id": f"9{n}", "created": moved[0]["created"], "items": [{"field": "labels"}]} for n in range(99, 60, -1)]
    place.vendor.lists["issues"][3]["changelog"]["histories"] = [*more, *moved, moved[0] | {"id": "first"}]
    assert place.sync().errors == []
    assert place.one(TicketEvent, "status-first")


def test_a_status_that_was_deleted_is_unknown(place):
    place.vendor.statuses = place.vendor.statuses[:2]
    assert place.sync().errors == []
    assert place.one(TicketEvent, "status-14").to_value is None


def test_a_comment_that_was_deleted_is_gone(place):
    place.sync()
    said = place.vendor.lists["issues"][2]["fields"]["comment"]
    said |= {"comments": said["comments"][:2], "total": 2}
    place.sync(LATER)
    assert place.one(TicketEvent, "comment-23") is None
    assert place.one(TicketEvent, "comment-22")


def test_only_the_project_is_asked_for(place):
    place.sync()
    asked = [query["jql"] for path, query, _ in place.vendor.requests if path.endswith("/search/jql")]
    assert set(asked) == {'project = "SUP" ORDER BY created ASC'}


def issue(place, n: int) -> dict:
    return place.vendor.lists["issues"][n]["fields"]


def promised(place, ticket: str, metric: str) -> list[tuple]:
    """(kind, minute after nine, instance, target) of one SLA of a ticket, in the order of time."""
    found = [one for one in place.all(TicketEvent) if one.ticket_id == ticket and one.metric == metric]
    told = [
        (one.kind, (one.occurred_at - datetime(2026, 1, 5, 9)).seconds // 60, one.instance, one.target_minutes)
        for one in found
    ]
    return sorted(told, key=lambda one: one[1:])


def test_a_kept_promise_is_not_broken_though_it_says_when_it_would_have_been(place):
    place.sync()
    told = [("sla_applied", 0, 1, 30), ("sla_fulfilled", 2, 1, 30)]
    assert promised(place, "503", "time_to_first_response") == told


def test_every_cycle_is_a_clock_of_its_own(place):
    cycles = [cycle(20, 10, ended=40, missed=30), cycle(0, 10, ended=5)]
    issue(place, 3)["customfield_10031"] = {
        "id": "8", "name": "Time to resolution", "completedCycles": cycles, "ongoingCycle": cycle(50, 5),
    }  # fmt: skip
    assert place.sync().errors == []
    assert promised(place, "503", "time_to_resolution") == [
        ("sla_applied", 0, 1, 10),
        ("sla_fulfilled", 5, 1, 10),
        ("sla_applied", 20, 2, 10),
        ("sla_breached", 30, 2, 10),
        ("sla_fulfilled", 40, 2, 10),
        ("sla_applied", 50, 3, 5),
    ]


def test_a_running_promise_that_was_broken_is_dated_even_while_it_is_paused(place):
    paused = {name: value for name, value in cycle(1, 4, missed=9, paused=True).items() if name != "breachTime"}
    issue(place, 3)["customfield_10031"] = {"name": "Time to resolution", "completedCycles": [], "ongoingCycle": paused}
    place.sync()
    assert promised(place, "503", "time_to_resolution") == [("sla_applied", 1, 1, 4), ("sla_breached", 5, 1, 4)]


def test_a_clock_that_has_ended_since_is_the_same_clock(place):
    issue(place, 3)["customfield_10031"] = {"name": "Time to resolution", "ongoingCycle": cycle(1, 4)}
    place.sync()
    issue(place, 3)["customfield_10031"] = {"name": "Time to resolution", "completedCycles": [cycle(1, 4, ended=3)]}
    assert place.sync(LATER).changed == 1
    assert promised(place, "503", "time_to_resolution") == [("sla_applied", 1, 1, 4), ("sla_fulfilled", 3, 1, 4)]


def test_a_field_without_a_promise_says_nothing(place):
    issue(place, 3)["customfield_10031"] = {"id": "8", "errorMessage": "metric not found"}
    assert place.sync().errors == []
    assert place.all(RejectedRecord) == []
    assert promised(place, "503", "time_to_resolution") == []


def test_the_organization_is_the_one_of_the_request_else_of_the_reporter(place):
    issue(place, 1)["customfield_10010"] = [{"id": "3", "name": "Acme 3"}]
    issue(place, 2)["customfield_10010"] = [{"id": "3", "name": "Acme 3"}, {"id": "2", "name": "Acme 2"}]
    issue(place, 3)["customfield_10010"] = [{"id": "0", "name": "Acme 0"}, {"id": "1", "name": "Acme 1"}]
    place.sync()
    found = [place.one(Ticket, str(500 + n)).organization_id for n in range(5)]
    assert found == ["0", "3", "2", None, None], "of several none, as nobody says whose it is"
    assert [place.one(SupportUser, f"qm:{n}").organization_id for n in (1, 4)] == ["1", None]


def test_members_who_cannot_be_read_today_stay_where_they_were(place):
    place.sync()
    place.vendor.forbidden = {"organization/3"}
    assert len(place.sync(LATER).errors) == 1
    assert [place.one(Ticket, f"50{n}").organization_id for n in range(4)] == ["0", "1", "2", "3"]


def test_an_organization_that_is_deleted_between_two_questions_ends_nothing(place):
    del place.vendor.members["2"]
    assert place.sync().errors == []
    assert [place.one(Ticket, f"50{n}").organization_id for n in range(4)] == ["0", "1", None, "3"]


def test_an_issue_that_is_deleted_between_two_questions_ends_nothing(place):
    place.vendor.deleted = {"501"}
    assert place.sync().errors == []
    assert place.one(Ticket, "501") is None
    assert place.one(Ticket, "507")
    place.vendor.deleted = set()
    place.sync(LATER)
    place.vendor.deleted = {"501"}
    assert place.sync(LATER).errors == []
    assert place.one(Ticket, "501").status == "deleted"
    assert place.one(TicketEvent, "comment-13"), "what was said stays"
