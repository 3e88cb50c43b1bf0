"""What is Zendesk's own: the end of an export, who spoke, replies and notes, promises kept and broken."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlmodel import select

from data_sources.failures import BadPayload
from data_sources.ledger import Cursor
from data_sources.records import SlaPolicy, SupportGroup, SupportSchedule, SupportUser, Ticket, TicketEvent
from data_sources.streams import Desk, Gone, Put, Rejected, fit
from data_sources.support.zendesk import NumberedPages, TimeExport, shapes, time_zones
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors.zendesk import Vendor

ROLES = {"1": "agent", "2": "admin", "3": "end-user"}


@pytest.fixture
def place(tmp_path):
    vendor = Vendor()
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def desk(**settings) -> Desk:
    source = SimpleNamespace(**settings)
    return Desk(source, NOW, None, stored=lambda model, column: ROLES if model is SupportUser else {})


def test_an_export_ends_where_it_says_so_and_not_before():
    pager, page = TimeExport("tickets"), {"tickets": [{}], "end_time": 50, "next_page": "https://x/?start_time=50"}
    assert pager.following(page | {"end_of_stream": True}, {"start_time": 0}) == (None, {"start_time": 50})
    assert pager.following(page | {"end_of_stream": False}, {"start_time": 0}) == (
        {"start_time": 50},
        {"start_time": 50},
    )


def test_an_export_without_end_of_stream_ends_with_a_short_page():
    pager = TimeExport("tickets")
    full = {"tickets": [{}] * 1000, "end_time": 50}
    assert pager.following(full, {"start_time": 0})[0] == {"start_time": 50}
    assert pager.following(full, {"start_time": 50})[0] is None
    assert pager.following({"tickets": [{}], "end_time": 50}, {"start_time": 0})[0] is None


def test_an_empty_export_keeps_the_cursor():
    empty = {"tickets": [], "end_time": None, "next_page": None, "end_of_stream": True}
    assert TimeExport("tickets").following(empty, {"start_time": 7}) == (None, None)


def test_an_export_that_stands_still_is_an_error():
    with pytest.raises(BadPayload, match="stands still"):
        TimeExport("tickets").following({"tickets": [{}], "end_time": 5, "end_of_stream": False}, {"start_time": 5})


def test_a_list_goes_to_the_page_that_is_named_and_never_back():
    pager, page = NumberedPages("groups"), {"groups": [{}], "next_page": "https://x/api/v2/groups.json?page=2"}
    assert pager.following(page, {"page": 1}) == ({"page": 2}, None)
    assert pager.following(page | {"next_page": None}, {"page": 1}) == (None, None)
    for stuck in (page, page | {"next_page": "https://x/api/v2/groups.json"}):
        with pytest.raises(BadPayload, match="stands still"):
            pager.following(stuck, {"page": 2})


def test_the_next_run_starts_a_little_earlier(place):
    place.sync()
    with place.store.session() as session:
        (cursor,) = session.exec(select(Cursor).where(Cursor.stream == "tickets")).all()
    end = int(cursor.value.split(": ")[1].rstrip("}"))
    asked = len(place.vendor.requests)
    place.sync(LATER)
    starts = [
        int(query["start_time"]) for path, query, _ in place.vendor.requests[asked:] if path.endswith("/tickets.json")
    ]
    assert starts[0] == end - 300


def happened(*children, updater=1, via="Web form", **settings) -> list:
    item = {
        "id": 9,
        "ticket_id": 5,
        "created_at": "2026-01-02T03:04:05Z",
        "timestamp": 1,
        "updater_id": updater,
        "via": via,
    }
    return fit(shapes.happened, item | {"child_events": list(children)}, desk(**settings))


def comment(**more) -> dict:
    return {"id": 70, "event_type": "Comment", "created_at": "2026-01-02T03:04:06Z"} | more


@pytest.mark.parametrize(
    ("author", "public", "kind", "role"),
    [
        (1, True, "public_reply", "agent"),
        (2, False, "internal_note", "agent"),
        (3, True, "public_reply", "end-user"),
        (-1, True, "public_reply", "bot"),
        (99, True, "public_reply", None),
    ],
)
def test_who_said_what(author, public, kind, role):
    (handed,) = happened(comment(author_id=author, public=public))
    assert (handed.row["kind"], handed.row["author_role"], handed.row["ticket_id"]) == (kind, role, "5")
    assert handed.row["occurred_at"] == datetime(2026, 1, 2, 3, 4, 6)


def test_a_rule_is_a_bot():
    (handed,) = happened(comment(author_id=1, public=True, via={"channel": "rule"}))
    assert handed.row["author_role"] == "bot"


def test_a_comment_without_the_side_load_is_one_too():
    (handed,) = happened({"id": 70, "event_type": "Change", "comment_present": True, "comment_public": False})
    assert (handed.row["kind"], handed.row["author_id"]) == ("internal_note", "1")


def test_a_comment_that_is_neither_public_nor_not_is_rejected():
    (handed,) = happened(comment(author_id=1))
    assert isinstance(handed, Rejected)
    assert "public: missing" in handed.reason


def test_changes_of_the_status_in_both_spellings():
    export = {"id": 71, "event_type": "Change", "status": "solved", "previous_value": "open"}
    audit = {"id": 72, "type": "Change", "field_name": "status", "value": "open", "previous_value": "solved"}
    other = {"id": 73, "event_type": "Change", "priority": "high", "previous_value": "low"}
    first = {"id": 74, "event_type": "Create", "status": "new", "priority": "low"}
    rows = [handed.row for handed in happened(export, audit, other, first)]
    assert [(row["from_value"], row["to_value"]) for row in rows] == [
        ("open", "solved"),
        ("solved", "open"),
        (None, "new"),
    ]


def logged(seconds, before=None, field="77", kind="Change") -> dict:
    return {"id": 81, "event_type": kind, "custom_ticket_fields": {field: seconds}, "previous_value": before}


def test_logged_work_is_the_updaters_and_the_reply_beside_it_has_none_of_its_own():
    reply, work = happened(comment(author_id=1, public=True), logged("150", "60"), time_field="77")
    assert (reply.row["kind"], reply.row["minutes"]) == ("public_reply", 0)
    row = work.row
    assert (row["id"], row["kind"], row["minutes"], row["author_id"], row["author_role"]) == (
        "work-81", "work_logged", 2.5, "1", "agent",
    )  # fmt: skip
    assert row["occurred_at"] == datetime(2026, 1, 2, 3, 4, 5)


def test_a_reply_without_logged_work_has_no_recorded_minutes():
    for change, field in ((logged("150"), None), (logged("150"), "78"), (logged(None, "60"), "77"), (logged(""), "77")):
        (reply,) = happened(comment(author_id=1, public=True), change, time_field=field)
        assert reply.row["minutes"] is None


def test_the_total_counts_by_its_growth_and_before_the_last_update():
    both = {"time_field": "77", "total_time_field": "78"}
    found = happened(logged("90", "90"), logged("300", "210", field="78"), **both)
    assert [one.row["minutes"] for one in found] == [1.5]
    (first,) = happened(logged(120, field="78", kind="Create"), **both)
    assert first.row["minutes"] == 2
    (corrected,) = happened(logged(60, "180", field="78"), **both)
    assert corrected.row["minutes"] == -2


def test_the_time_in_a_ticket_audit():
    (work,) = happened(
        {"id": 5, "type": "Change", "field_name": "77", "value": "30", "previous_value": None}, time_field="77"
    )
    assert (work.row["kind"], work.row["minutes"]) == ("work_logged", 0.5)


@pytest.mark.parametrize("value", ["an hour", "nan", {"of": 1}])
def test_a_time_that_is_none_is_rejected_and_the_reply_is_kept(value):
    reply, wrong = happened(comment(author_id=1, public=True), logged(value), time_field="77")
    assert (reply.row["kind"], reply.row["minutes"]) == ("public_reply", None)
    assert isinstance(wrong, Rejected)
    assert "time_field 77: expected seconds" in wrong.reason


def test_the_schedule_of_a_ticket():
    change = {"id": 5, "event_type": "ScheduleAssignment", "previous_schedule_id": None, "new_schedule_id": 41}
    (handed,) = happened(change, updater=-1)
    row = handed.row
    assert (row["kind"], row["from_value"], row["to_value"], row["id"]) == (
        "schedule_applied",
        None,
        "41",
        "schedule-5",
    )


def test_groups_and_schedules(place):
    assert place.sync().errors == []
    assert place.one(SupportGroup, "9").name == "Tier 1"
    berlin = place.one(SupportSchedule, "41")
    assert (berlin.time_zone, berlin.intervals[0]) == ("Europe/Berlin", {"start_minute": 1980, "end_minute": 2460})
    assert berlin.holidays == [{"name": "New Year", "start_date": "2026-01-01", "end_date": "2026-01-01"}]
    assert place.one(SupportSchedule, "42").time_zone is None, "a time zone that nobody knows"
    asked = [path for path, _, _ in place.vendor.requests if path.endswith("/holidays.json")]
    assert len(asked) == 2


def test_a_group_that_was_deleted_keeps_its_name_and_a_schedule_is_gone(place):
    place.sync()
    place.vendor.groups.clear()
    place.vendor.schedules.pop()
    place.sync(LATER)
    assert place.one(SupportGroup, "9").name == "Tier 1"
    assert place.one(SupportSchedule, "41")
    assert place.one(SupportSchedule, "42") is None


def test_a_schedule_that_goes_between_two_questions_is_left_out(place):
    place.vendor.holidays.pop("42")
    assert place.sync().errors == []
    assert [row.id for row in place.all(SupportSchedule)] == ["41"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_plan_without_schedules_is_no_failure(place, status):
    place.vendor.always = lambda path: (status, {}, {"error": "no"}) if "business_hours" in path else None
    result = place.sync()
    assert result.errors == []
    (stream,) = [one for one in result.streams if one.stream == "schedules"]
    assert "no business time" in stream.note
    assert place.all(SupportSchedule) == []


def test_a_setting_that_changes_what_events_say_reads_the_past_again(place):
    place.sync()
    assert not [row for row in place.all(TicketEvent) if row.kind == "work_logged"]
    place.program.sources[0].time_field = "77"
    place.sync(LATER)
    found = [row for row in place.all(TicketEvent) if row.kind == "work_logged"]
    assert {(row.id, row.minutes) for row in found} == {("work-6500", 1.5), ("work-6504", 1.5), ("work-6508", 1.5)}
    asked = len(place.vendor.requests)
    place.sync(LATER)
    starts = [int(query["start_time"]) for path, query, _ in place.vendor.requests[asked:] if "ticket_events" in path]
    assert min(starts) > 0, "the same setting reads on from where it was"


def test_every_time_zone_is_one_that_python_knows():
    assert set(time_zones._NAMES.values()) <= available_timezones()
    assert time_zones.iana_name("Europe/Berlin") == "Europe/Berlin"
    assert time_zones.iana_name("Atlantis") is None
    assert time_zones.iana_name(None) is None
    for name, summer in (("Pacific Time (US & Canada)", -7), ("Berlin", 2), ("Tokyo", 9), ("Sydney", 10)):
        offset = datetime(2026, 7, 1, tzinfo=ZoneInfo(time_zones.iana_name(name))).utcoffset()
        assert offset.total_seconds() == summer * 3600


def measured(kind: str, **more) -> list:
    item = {
        "id": 8,
        "ticket_id": 5,
        "metric": "reply_time",
        "instance_id": 2,
        "type": kind,
        "time": "2026-01-02T03:04:05Z",
    }
    return fit(shapes.measured, item | more, desk())


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("apply_sla", "sla_applied"),
        ("apply_group_sla", "sla_applied"),
        ("fulfill", "sla_fulfilled"),
        ("breach", "sla_breached"),
    ],
)
def test_promises(kind, ours):
    sla = {"target": 60, "target_in_seconds": 5400, "policy": {"id": 11, "title": "Gold"}}
    (handed,) = measured(kind, sla=sla)
    row = handed.row
    assert (row["kind"], row["target_minutes"], row["sla_policy_id"], row["instance"]) == (ours, 90, "11", 2)


def test_running_clocks_say_nothing():
    assert [measured(kind) for kind in ("activate", "pause", "update_status", "something new")] == [[], [], [], []]


def test_a_breach_that_was_taken_back_is_gone():
    assert measured("breach", deleted=True) == [Gone(TicketEvent, "metric-8")]
    assert isinstance(measured("breach", deleted=False)[0], Put)


def test_a_deleted_ticket_keeps_what_was_known_of_it(place):
    place.sync()
    place.vendor.remove()
    place.sync(LATER)
    row = place.one(Ticket, "306")
    assert (row.status, row.subject, row.organization_id) == ("deleted", "429 on rates 6", "100")


def test_a_ticket_that_was_deleted_before_we_came_is_still_counted(place):
    place.vendor.remove()
    assert place.sync().errors == []
    assert place.one(Ticket, "306").status == "deleted"


def test_people_who_left_are_marked_and_policies_that_went_are_gone(place):
    place.sync()
    assert place.one(SupportUser, "209").deleted
    assert place.one(SlaPolicy, "1").targets[0]["target_minutes"] == 60
    place.vendor.policies.clear()
    place.sync(LATER)
    assert place.one(SlaPolicy, "1") is None


def test_the_token_goes_as_zendesk_wants_it(place):
    place.sync()
    assert {"authorization"} <= set(place.vendor.requests[0][2])
    assert all(
        query.get("include") == "comment_events" for path, query, _ in place.vendor.requests if "ticket_events" in path
    )
