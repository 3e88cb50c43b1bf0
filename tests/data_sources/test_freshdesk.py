"""What is Freshdesk's own: statuses by number, the little that is known of their past, replies and notes, bin and spam, page limits."""

import json

import pytest

from data_sources.records import SupportOrganization, SupportUser, Ticket, TicketEvent
from tests.data_sources.test_connectors import LATER, Place
from tests.data_sources.vendors.freshdesk import BLOCKED, NONE, Vendor, at


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def moves(place, ticket: str) -> list[tuple]:
    events = [one for one in place.all(TicketEvent) if one.kind == "status_change" and one.ticket_id == ticket]
    return [(one.to_value, one.occurred_at.minute) for one in sorted(events, key=lambda one: one.occurred_at)]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (2, "open"),
        (3, "pending"),
        (4, "solved"),
        (5, "closed"),
        (6, "pending"),
        (7, "hold"),
        (12, "open"),
        (None, None),
    ],
)
def test_a_status_is_told_by_its_number(place, number, status):
    place.vendor.lists["tickets"][0]["status"] = number
    assert place.sync().errors == []
    assert place.one(Ticket, "1").status == status


def test_priority_and_channel_in_words(place):
    place.vendor.lists["tickets"][1] |= {"priority": 4, "source": 99}
    place.sync()
    one, two = place.one(Ticket, "1"), place.one(Ticket, "2")
    assert (one.priority, one.channel, one.assignee_id, one.organization_id) == ("medium", "email", "21", "501")
    assert (two.priority, two.channel) == ("urgent", None)


def test_replies_notes_and_who_spoke(place):
    place.vendor.said["1"].append(place.vendor.turn(1, 2) | {"id": 19, "user_id": None})
    place.sync()
    said = [place.one(TicketEvent, f"conversation-1{k}") for k in (0, 1, 2, 3, 9)]
    assert [(one.kind, one.author_role) for one in said] == [
        ("public_reply", "end-user"),
        ("internal_note", "agent"),
        ("public_reply", "agent"),
        ("internal_note", "agent"),  # a forwarded mail went to somebody else
        ("public_reply", None),
    ]


def test_a_conversation_without_the_word_private_is_rejected_with_its_ticket(place):
    del place.vendor.said["2"][1]["private"]
    assert sum(one.rejected for one in place.sync().streams) == 1
    assert place.one(Ticket, "2") is None


def test_a_conversation_that_was_deleted_is_gone(place):
    place.sync()
    place.vendor.said["2"].pop()
    place.vendor.lists["tickets"][1]["updated_at"] = at(70)
    place.sync(LATER)
    assert place.one(TicketEvent, "conversation-23") is None
    assert place.one(TicketEvent, "conversation-22")


def test_what_is_known_of_a_status_is_kept_when_the_ticket_is_reopened_and_solved_again(place):
    ticket = place.vendor.lists["tickets"][0]
    ticket |= {"status": 4, "stats": NONE | {"resolved_at": at(40)}}
    place.sync()
    ticket |= {"status": 2, "updated_at": at(50), "stats": NONE | {"reopened_at": at(50)}}
    place.sync(LATER)
    ticket |= {
        "status": 5,
        "updated_at": at(58),
        "stats": NONE | {"reopened_at": at(50), "resolved_at": at(55), "closed_at": at(58)},
    }
    place.sync(LATER)
    assert moves(place, "1") == [("open", 1), ("solved", 40), ("open", 50), ("solved", 55), ("closed", 58)]


def test_one_that_is_closed_at_once_is_closed_once(place):
    place.vendor.lists["tickets"][0] |= {"status": 5, "stats": NONE | {"resolved_at": at(40), "closed_at": at(40)}}
    place.vendor.lists["tickets"][1] |= {"status": 3, "stats": NONE | {"pending_since": at(41)}}
    place.sync()
    assert moves(place, "1") == [("open", 1), ("closed", 40)]
    assert moves(place, "2") == [("open", 2), ("pending", 41)]


def test_a_requester_whom_no_list_holds_is_known_by_the_ticket(place):
    place.sync()
    blocked, listed = place.one(SupportUser, str(BLOCKED)), place.one(SupportUser, "301")
    assert (blocked.email, blocked.role, blocked.verified) == ("p307@acme.example", "end-user", None)
    assert (listed.verified, listed.external_id, listed.organization_id) == (True, "dev-301", "502")


def test_spam_and_the_bin_and_back(place):
    place.sync()
    place.vendor.lists["tickets"][0] |= {"bin": "spam"}
    place.vendor.lists["tickets"][1] |= {"bin": "deleted"}
    place.sync(LATER)
    assert [place.one(Ticket, n).status for n in "123"] == ["deleted", "deleted", "open"]
    place.vendor.lists["tickets"][0] |= {"bin": None, "updated_at": at(90)}
    place.sync(LATER)
    assert [place.one(Ticket, n).status for n in "12"] == ["open", "deleted"]


def test_a_deleted_contact_is_marked(place):
    place.sync()
    place.vendor.lists["contacts"][0] |= {"deleted": True, "updated_at": at(60)}
    assert place.sync(LATER).errors == []
    assert place.one(SupportUser, "303").deleted
    assert place.one(SupportUser, "303").email == "p303@acme.example"


def test_tickets_beyond_the_last_page_are_read_by_their_change(place):
    place.vendor.deepest = 2
    place.vendor.lists["tickets"] = [place.vendor.ticket(n) for n in range(1, 40)]
    result = place.sync()
    tickets = next(one for one in result.streams if one.stream == "tickets")
    assert tickets.error is None
    assert {one.id for one in place.all(Ticket)} == {str(n) for n in range(1, 40)}


def test_only_what_changed_is_asked_for_again(place):
    place.sync()
    before = len(place.vendor.requests)
    place.sync(LATER)
    again = [(path, query) for path, query, _ in place.vendor.requests[before:] if path == "/api/v2/tickets"]
    assert again[0][1]["updated_since"] == "2026-01-05T10:33:00Z"
    assert "filter" not in again[0][1]


def test_a_key_that_may_not_list_agents_reads_the_rest(place):
    place.vendor.always = lambda path: (403, {}, {"code": "access_denied"}) if path == "/api/v2/agents" else None
    result = place.sync()
    assert result.errors == []
    note = next(one for one in result.streams if one.stream == "agents")
    assert (note.error, note.note) == (None, "agents cannot be listed with this key: they have no names here")
    assert len(place.all(Ticket)) == 8


def test_real_tickets_contacts_and_companies_fit(place, cases):
    real = {name: json.loads((cases / "freshdesk" / f"{name}.json").read_text()) for name in ("contacts", "companies")}
    ticket = json.loads((cases / "freshdesk" / "ticket_1.json").read_text())
    place.vendor.lists |= real | {"tickets": [ticket]}
    place.vendor.said = {str(ticket["id"]): []}
    result = place.sync()
    assert (result.errors, sum(one.rejected for one in result.streams)) == ([], 0)
    assert {one.name for one in place.all(SupportOrganization)} == {one["name"] for one in real["companies"]}
    assert {one.email for one in place.all(SupportUser)} >= {one["email"] for one in real["contacts"]}
    assert place.one(Ticket, str(ticket["id"])).status == "open"
    told = {(one.kind, one.to_value or one.metric): f"{one.occurred_at.isoformat()}Z" for one in place.all(TicketEvent)}
    stats, replied, resolved = ticket["stats"], "first_reply_time", "resolution_time"
    assert told == {
        ("status_change", "open"): ticket["created_at"],
        ("status_change", "solved"): stats["resolved_at"],
        ("sla_applied", replied): ticket["created_at"],
        ("sla_applied", resolved): ticket["created_at"],
        ("sla_breached", replied): ticket["fr_due_by"],
        ("sla_breached", resolved): ticket["due_by"],
        ("sla_fulfilled", replied): stats["first_responded_at"],
        ("sla_fulfilled", resolved): stats["resolved_at"],
    }


def promises(place, ticket: str) -> set[tuple]:
    events = [one for one in place.all(TicketEvent) if one.kind.startswith("sla_") and one.ticket_id == ticket]
    return {(one.metric.split("_")[0], one.kind[4:], one.occurred_at.minute, one.target_minutes) for one in events}


def test_a_promise_stands_still_while_the_customer_is_waited_for(place):
    """LATER is after all that is due: what is open has broken its promise, what waits for its customer has not."""
    due = {"fr_due_by": at(20), "due_by": at(45)}
    answered = NONE | {"first_responded_at": at(25)}
    for ticket, status, stats in (
        (0, 2, answered),
        (1, 3, answered | {"pending_since": at(30)}),
        (2, 3, answered | {"pending_since": at(50)}),
        (3, 2, answered | {"resolved_at": at(40), "reopened_at": at(44)}),
        (4, 4, NONE | {"first_responded_at": at(15), "resolved_at": at(40)}),
    ):
        place.vendor.lists["tickets"][ticket] |= {"status": status, "stats": stats} | due
    place.sync(LATER)
    late = {("first", "applied"), ("first", "fulfilled"), ("first", "breached"), ("resolution", "applied")}
    broken = late | {("resolution", "breached")}
    found = {number: {one[:2] for one in promises(place, str(number))} for number in range(1, 6)}
    assert found[1] == found[3] == found[4] == broken
    assert found[2] == late
    assert found[5] == {
        ("first", "applied"),
        ("first", "fulfilled"),
        ("resolution", "applied"),
        ("resolution", "fulfilled"),
    }
    assert ("first", "breached", 20, 19) in promises(place, "1")
