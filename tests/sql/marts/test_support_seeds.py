"""A real help desk's tickets (the seeds of Fivetran's dbt_zendesk), against figures that were counted by hand from its CSV files."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from data_sources.support.zendesk.time_zones import iana_name
from tests.sql.marts.world import World, ask, rows

AS_OF = datetime(2021, 2, 1)


def read(folder: Path, name: str) -> list[dict[str, str | None]]:
    """The rows of a seed; an empty cell is nothing."""
    with (folder / f"{name}_data.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def as_world(folder: Path, home: Path) -> World:
    """The seeds as records of ours."""
    world = World(home, AS_OF)
    users = {row["id"]: row for row in read(folder, "user")}
    for row in users.values():
        world.add("support_user", row["id"], name=row["name"], role=row["role"], organization_id=row["organization_id"])
    for row in read(folder, "group"):
        world.add("support_group", row["id"], name=row["name"])
    for row in read(folder, "ticket"):
        fields = {
            name: row[name] for name in ("status", "priority", "requester_id", "group_id", "organization_id", "subject")
        }
        world.add("ticket", row["id"], created_at=when(row["created_at"]), updated_at=when(row["updated_at"]), **fields)
    for row in read(folder, "ticket_comment"):
        role = {"agent": "agent", "end-user": "end-user"}.get(users.get(row["user_id"], {}).get("role"))
        kind = "public_reply" if row["public"] == "TRUE" else "internal_note"
        world.add("ticket_event", f"comment-{row['id']}", ticket_id=row["ticket_id"], kind=kind, author_role=role,
                  author_id=row["user_id"], occurred_at=when(row["created"]))  # fmt: skip
    for number, row in enumerate(read(folder, "ticket_field_history"), start=100):
        if row["field_name"] == "status":
            world.add("ticket_event", f"status-{number}", ticket_id=row["ticket_id"], kind="status_change",
                      to_value=row["value"].replace("on-hold", "hold"), occurred_at=when(row["updated"]))  # fmt: skip
    schedules = {}
    for row in read(folder, "schedule"):
        schedules.setdefault(row["id"], row | {"hours": []})["hours"].append(
            {"start_minute": int(row["start_time"]), "end_minute": int(row["end_time"])}
        )
    for number, row in schedules.items():
        off = [one for one in read(folder, "schedule_holiday") if one["schedule_id"] == number]
        world.add("support_schedule", number, name=row["name"], time_zone=iana_name(row["time_zone"]),
                  intervals=row["hours"], holidays=off, created_at=when(row["created_at"]))  # fmt: skip
    for number, row in enumerate(read(folder, "ticket_schedule")):
        world.add("ticket_event", f"schedule-{number}", ticket_id=row["ticket_id"], kind="schedule_applied",
                  to_value=row["schedule_id"], occurred_at=when(row["created_at"]))  # fmt: skip
    priority = {row["id"]: row["priority"] for row in read(folder, "ticket")}
    for row in read(folder, "ticket_sla_policy"):
        for target in read(folder, "sla_policy_metric_history"):
            if (target["sla_policy_id"], target["priority"]) == (row["sla_policy_id"], priority[row["ticket_id"]]):
                world.add("ticket_event", f"sla-{row['ticket_id']}-{target['metric']}", ticket_id=row["ticket_id"],
                          kind="sla_applied", metric=target["metric"], instance=1, target_minutes=int(target["target"]),
                          sla_policy_id=row["sla_policy_id"], occurred_at=when(row["policy_applied_at"]))  # fmt: skip
    return world


@pytest.fixture(scope="module")
def desk(cases, tmp_path_factory):
    folder = cases / "zendesk" / "dbt_zendesk_seeds"
    if not folder.is_dir():
        pytest.skip("the seeds of dbt_zendesk are not among the cases: figures of real tickets were not compared")
    return as_world(folder, tmp_path_factory.mktemp("seeds")).build()


def test_tickets(desk):
    """ticket_data.csv has ten lines; 1595 and 11013 are deleted, 16988 is solved, the other seven are closed: none is open."""
    (all_,) = [row for row in ask(desk, "support_by_tier") if row["tier"] == "all"]
    assert (all_["tickets"], all_["backlog"]) == (8, 0)
    assert (all_["solved"], all_["solved_undated"]) == (1, 7), "only 11071 is in ticket_field_history_data.csv"
    assert ask(desk, "support_backlog") == []


def test_replies(desk):
    """The 20 lines of ticket_comment_data.csv are about seven other tickets (1077, 7367, 7636, 13057, 13095, 13628, 14352)."""
    (all_,) = [row for row in ask(desk, "support_by_tier") if row["tier"] == "all"]
    assert (all_["first_reply_n"], all_["first_reply_median"], all_["handling_minutes"], all_["one_touch"]) == (
        0,
        None,
        0,
        0,
    )
    assert rows(desk, "select count(*) from ticket_event where kind = 'public_reply'") == [(20,)]


def test_the_ticket_whose_history_is_told(desk):
    """11071, by the calendar: opened on Friday 28 August 2020 at 18:06:36 UTC, solved on 14 November at 11:01:27, closed a day later.

    Solution: 77 days and 16:54:51 = 77 × 1,440 + 1,014.85 minutes. The requester waited (open or on hold) on the first day
    (16:54:51), 2 to 5 September (3 days), 15 to 30 September (15), 1 to 20 October (14 + 2 + 3 = 19) and 2 to 14 November
    (12), all from 11:01:27 to 11:01:27: 49 × 1,440 + 1,014.85; pending between them. Solved once, never opened again.
    """
    (row,) = desk.execute("select * from ticket_fact where ticket_id = '11071'").to_arrow_table().to_pylist()
    assert row["last_solved_at"] == row["first_solved_at"] == datetime(2020, 11, 14, 11, 1, 27)
    assert row["resolution_minutes"] == pytest.approx(111_894.85)
    assert row["wait_minutes"] == pytest.approx(71_574.85)
    assert (row["reopened"], row["public_replies"], row["one_touch"]) == (0, 0, False)


def test_the_same_in_business_time(desk):
    """schedule_data.csv: Monday to Friday 8:00 to 20:00, Pacific time: 720 minutes a day; its holidays are another schedule's.

    The ticket came on a Friday at 11:06:36 in California: 533.4 minutes until 20:00. Everything else happens at 11:01:27 UTC, which
    is 4:01 there (3:01 from 1 November on), before the day begins; so whole working days count. Solution: 31 August (1), September
    (22), October (22), 2 to 13 November (10) = 55. Waiting: 2 to 4 September (3), 15 to 29 September (11), 1 to 19 October (13),
    2 to 13 November (10) = 37.
    """
    (row,) = desk.execute("select * from ticket_fact where ticket_id = '11071'").to_arrow_table().to_pylist()
    assert row["resolution_business_minutes"] == pytest.approx(55 * 720 + 533.4)
    assert row["wait_business_minutes"] == pytest.approx(37 * 720 + 533.4)


def test_promises(desk):
    """ticket_sla_policy_data.csv gives 11071, which is urgent, policy 1002: 120 minutes to a reply, 240 of waiting. No line says how
    they ended, and the ticket is closed: neither kept, broken nor running. The others have no priority, so no target."""
    found = rows(desk, "select ticket_id, metric, target_minutes, state from sla_clock order by metric")
    assert found == [("11071", "first_reply_time", 120, "ended"), ("11071", "requester_wait_time", 240, "ended")]
    (all_,) = [row for row in ask(desk, "support_by_tier") if row["tier"] == "all"]
    assert (all_["sla_achieved"], all_["sla_breached"], all_["sla_running"], all_["sla_attainment"]) == (0, 0, 0, None)


def test_groups(desk):
    """group_data.csv names eight groups, none of them a ticket's: the ids stay. 16988 has one of its own, the other seven share one."""
    found = rows(desk, "select group_name, count(*) from ticket_fact group by 1 order by 2 desc, 1")
    assert found == [("360006965034", 7), ("360013366274", 1)]
