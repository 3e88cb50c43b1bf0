"""What is Intercom's own: who spoke and to whom, the last close, SLAs in parts, searches by day, lists that shift, the region."""

from datetime import datetime, timedelta

import pytest

from data_sources.records import SupportOrganization, SupportUser, Ticket, TicketEvent
from data_sources.support.intercom import RELIST_DAYS
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.intercom import AGENT, BORN, ROBOT, TOUCHED, Vendor, part

PERSON = {"type": "user", "id": "p3"}
AI = {"type": "admin", "id": "78", "name": "Fin", "from_ai_agent": True}
MUCH_LATER = NOW + timedelta(days=RELIST_DAYS)
TARGETS = {"first_reply_time": 600, "next_reply_time": None, "resolution_time": 3600, "time_to_close": None}


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def happened(place, *parts: dict, **more) -> list[tuple]:
    """(kind, minute) with who said it, what the status became or which target of which clock, of a conversation."""
    place.vendor.lists["conversations"][3] = place.vendor.conversation(3, *parts, **more)
    assert place.sync().errors == []
    return events(place)


def events(place, ticket: str = "503") -> list[tuple]:
    found = [one for one in place.all(TicketEvent) if one.ticket_id == ticket]
    told = [(one.kind, minute(one.occurred_at), one.author_role if one.kind in ("public_reply", "internal_note") else
             one.to_value or f"{one.metric} {one.instance} {one.target_minutes}") for one in found]  # fmt: skip
    return sorted(told, key=lambda one: (one[1], one[0]))


def minute(at: datetime) -> float:
    return (at - datetime(2026, 1, 5, 10)).total_seconds() / 60


def asked(place, name: str) -> list[dict]:
    return [query for path, query, _ in place.vendor.requests if path == f"/{name}"]


OPENED = [("public_reply", 0, "end-user"), ("status_change", 0, "open")]


def test_a_ticket(place):
    place.vendor.lists["conversations"][3] |= {"priority": "priority", "admin_assignee_id": 0}
    place.sync()
    row = place.one(Ticket, "503")
    assert (row.requester_id, row.organization_id, row.group_id, row.assignee_id) == ("p3", "c3", "901", None)
    assert (row.subject, row.status, row.priority, row.channel) == (
        "429 on rates 3",
        "solved",
        "priority",
        "conversation",
    )
    assert (row.created_at, row.updated_at) == (datetime(2026, 1, 5, 10), datetime(2026, 1, 5, 10, 4))
    company = place.one(SupportOrganization, "c3")
    assert (company.domain_names, company.external_id) == (["www.acme3.example"], "org_3")


def test_replies_notes_and_who_spoke(place):
    found = happened(
        place,
        part("31", 1, "comment", ROBOT, "we reply within the hour"),
        part("32", 2, "note", AGENT, "an old friend"),
        part("33", 3, "comment", AGENT, "try this"),
        part("34", 4, "comment", AI, "or this"),
        part("35", 5, "quick_reply", PERSON),
        part("36", 6, "assignment", AGENT),
        part("37", 7, "participant_added", AGENT, "somebody"),
        state="open",
    )
    assert found == [
        *OPENED,
        ("public_reply", 1, "bot"),
        ("internal_note", 2, "agent"),
        ("public_reply", 3, "agent"),
        ("public_reply", 4, "bot"),
        ("public_reply", 5, "end-user"),
    ]


def test_words_said_while_closing_assigning_or_reopening_are_replies(place):
    found = happened(
        place,
        part("31", 1, "assignment", AGENT, "my colleague takes over"),
        part("32", 2, "close", AGENT, "solved, bye"),
        part("33", 3, "open", PERSON, "not at all"),
        part("34", 4, "note_and_reopen", AGENT, "he is right"),
        state="open",
    )
    assert found == [
        *OPENED,
        ("public_reply", 1, "agent"),
        ("public_reply", 2, "agent"),
        ("status_change", 2, "solved"),
        ("public_reply", 3, "end-user"),
        ("status_change", 3, "open"),
        ("internal_note", 4, "agent"),
    ]


def test_the_last_close_is_the_resolution(place):
    found = happened(
        place,
        part("31", 1, "close", AGENT),
        part("32", 5, "open", PERSON),
        part("33", 6, "snoozed", AGENT),
        part("34", 7, "timer_unsnooze", ROBOT),
        part("35", 9, "close", AGENT),
        part("36", 10, "close", ROBOT),
    )
    moved = [one[1:] for one in found if one[0] == "status_change"]
    assert moved == [(0, "open"), (1, "solved"), (5, "open"), (6, "hold"), (7, "open"), (9, "solved")]


def test_a_close_that_is_not_among_the_parts_is_dated_by_the_statistics(place):
    found = happened(place, part("31", 1, "comment", AGENT, "x"), statistics={"last_close_at": BORN + 1200})
    assert found[-1] == ("status_change", 20, "solved")


@pytest.mark.parametrize(("delivered_as", "role"), [("automated", "bot"), ("admin_initiated", "agent")])
def test_what_a_conversation_opens_with_may_be_ours(place, delivered_as, role):
    source = {"type": "email", "id": "s3", "delivered_as": delivered_as, "author": AGENT, "subject": "News"}
    assert happened(place, part("31", 9, "comment", PERSON, "what?"), source=source)[0] == ("public_reply", 0, role)
    row = place.one(Ticket, "503")
    assert (row.requester_id, row.submitter_id) == ("p3", "71")


def test_targets_of_an_sla_are_clocks(place):
    sla = {"sla_name": "Gold", "sla_definition": TARGETS}
    missed = {"sla_name": "Gold", "sla_target_type": "resolution_time"}
    found = happened(
        place,
        part("31", 1, "conversation_sla_applied_by_rule", ROBOT, **sla),
        part("32", 4, "comment", AGENT, "try this"),
        part("33", 61, "conversation_sla_target_missed", ROBOT, **missed),
        part("34", 70, "close", AGENT),
        sla_applied={"sla_name": "Gold", "sla_status": "missed"},
    )
    assert [one for one in found if one[0].startswith("sla")] == [
        ("sla_applied", 1, "first_reply_time 1 10"),
        ("sla_applied", 1, "resolution_time 1 60"),
        ("sla_fulfilled", 4, "first_reply_time 1 10"),
        ("sla_breached", 61, "resolution_time 1 60"),
        ("sla_fulfilled", 70, "resolution_time 1 60"),
    ]


def test_an_sla_that_was_taken_back_is_not_kept_by_a_later_reply(place):
    found = happened(
        place,
        part("31", 1, "conversation_sla_applied_by_workflow", ROBOT, sla_name="Gold", sla_definition=TARGETS),
        part("32", 2, "conversation_sla_removed", AGENT),
        part("33", 4, "comment", AGENT, "try this"),
        part("34", 5, "close", AGENT),
        sla_applied={"sla_name": "Gold", "sla_status": None},
    )
    assert {one[0] for one in found if one[0].startswith("sla")} == {"sla_applied"}


@pytest.mark.parametrize(
    ("status", "became"),
    [("hit", [("sla_fulfilled", 4)]), ("missed", [("sla_breached", 4)]), ("active", []), ("cancelled", [])],
)
def test_an_sla_without_parts_has_the_status_that_is_given(place, status, became):
    sla = {"type": "conversation_sla_summary", "sla_name": "VIP <5m", "sla_status": status}
    found = happened(place, part("31", 4, "comment", AGENT, "x"), sla_applied=sla)
    told = [("sla_applied", 0), *became]
    assert [one for one in found if one[0].startswith("sla")] == [(*one, "vip_<5m 1 None") for one in told]


def test_events_beyond_the_parts_that_are_given_stay(place):
    place.sync()
    held = place.vendor.lists["conversations"][3]["conversation_parts"]
    held |= {"conversation_parts": held["conversation_parts"][2:], "total_count": 501}
    place.vendor.touch("conversations", 3)
    assert place.sync(LATER).errors == []
    assert place.one(TicketEvent, "comment-31")


def test_a_part_that_is_no_longer_there_is_gone(place):
    place.sync()
    held = place.vendor.lists["conversations"][3]["conversation_parts"]
    held |= {"conversation_parts": held["conversation_parts"][1:], "total_count": 3}
    place.vendor.touch("conversations", 3)
    place.sync(LATER)
    assert place.one(TicketEvent, "comment-31") is None
    assert place.one(TicketEvent, "comment-32")


def test_contacts_are_searched_by_days_and_conversations_by_seconds(place):
    place.sync()
    place.vendor.requests.clear()
    place.vendor.touch("contacts", 2, email="new@acme2.example")
    place.vendor.touch("conversations", 2, title="Another")
    place.sync(LATER)
    (contacts,), (conversations,) = asked(place, "contacts/search"), asked(place, "conversations/search")
    assert contacts["query"]["value"] == int(datetime.fromisoformat("2026-03-20T00:00:00+00:00").timestamp())
    assert conversations["query"]["value"] == TOUCHED - 1800 - 600
    assert (place.one(SupportUser, "p2").email, place.one(Ticket, "502").subject) == ("new@acme2.example", "Another")
    assert len(asked(place, "conversations/502")) == 1
    assert asked(place, "conversations/501") == []


def test_a_listing_that_was_cut_short_asks_for_no_conversation_twice(place):
    place.vendor.always = lambda path: (403, {}, {}) if path == "/conversations/504" else None
    assert len(place.sync().errors) == 1
    place.vendor.always = None
    place.vendor.requests.clear()
    assert place.sync(LATER).errors == []
    assert [len(asked(place, f"conversations/{500 + n}")) for n in range(8)] == [0, 0, 0, 1, 1, 1, 1, 1]


def test_what_the_weekly_list_lacks_is_deleted_only_where_intercom_says_so(place):
    place.sync()
    shown = place.vendor.paged
    place.vendor.paged = lambda name, held, query: shown(
        name, [one for one in held if one["id"] not in ("p1", "501")], query
    )
    place.vendor.lists["contacts"].pop(2)
    place.vendor.lists["conversations"].pop(2)
    assert place.sync(MUCH_LATER).errors == []
    assert [place.one(SupportUser, one).deleted for one in ("p1", "p2", "71")] == [False, True, False]
    assert [place.one(Ticket, one).status for one in ("501", "502")] == ["solved", "deleted"]
    assert place.one(TicketEvent, "comment-22"), "what was said stays"
    place.vendor.requests.clear()
    assert place.sync(MUCH_LATER + timedelta(days=RELIST_DAYS)).changed == 0
    assert asked(place, "contacts/p2") == []


def test_a_conversation_that_is_deleted_between_two_questions_ends_nothing(place):
    place.sync()
    place.vendor.touch("conversations", 2)
    place.vendor.always = lambda path: (404, {}, {}) if path == "/conversations/502" else None
    assert place.sync(LATER).errors == []
    assert place.one(Ticket, "502").status == "deleted"


def test_a_contact_of_several_companies_has_none(place):
    place.vendor.lists["contacts"][3]["companies"]["data"].append({"type": "company", "id": "c0"})
    place.vendor.lists["conversations"][4]["company"] = {"type": "company", "id": "c6"}
    place.sync()
    assert place.one(SupportUser, "p3").organization_id is None
    assert [place.one(Ticket, one).organization_id for one in ("503", "504")] == [None, "c6"]


def test_the_version_is_pinned_and_no_secret(place):
    place.vendor.always = lambda _path: (400, {}, {"errors": [{"message": "version 2.15 is odd"}]})
    assert "version 2.15 is odd" in place.sync().errors[0]
    assert {headers["intercom-version"] for _, _, headers in place.vendor.requests} == {"2.15"}
