"""What is Jira's own: replies and notes, who spoke, the status by its category, what a search cuts short."""

from datetime import datetime

import pytest

from data_sources.records import Ticket, TicketEvent
from tests.data_sources.test_connectors import LATER, Place
from tests.data_sources.vendors.jira import Vendor


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
