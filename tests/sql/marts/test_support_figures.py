"""Replies, promises, backlog, load and cost of a small help desk: figures that a person counts by reading the tickets."""

from datetime import date, datetime, timedelta

import pytest

from tests.sql.marts.world import AS_OF, World, ask, rows

MILLION = 1_000_000
NINE_TO_FIVE = [{"start_minute": 1440 * day + 540, "end_minute": 1440 * day + 1020} for day in range(1, 6)]
JUNE = datetime(2026, 6, 10, 8)


@pytest.fixture
def desk(tmp_path):
    """A help desk in Berlin and one account, of the open tier, whose first call is on 12 June."""
    world = World(tmp_path)
    world.rules = [("open", "always", None)]
    world.person("dev_1", "ann@acme.com")
    world.add("application", "app_1", developer_id="dev_1", created_at=datetime(2026, 1, 1))
    world.calls(date(2026, 6, 12), ok=400, client_errors=100, application_ref="app_1")
    world.add("support_user", "u", source="zendesk", email="ann@acme.com", verified=True, role="end-user")
    world.add("support_schedule", "s", source="zendesk", time_zone="Europe/Berlin", intervals=NINE_TO_FIVE, holidays=[])
    for number, name in ((1, "Tier 1"), (2, "Engineering")):
        world.add("support_group", f"g{number}", source="zendesk", name=name)
    return world


def ticket(world: World, id: str, created: datetime = JUNE, status: str = "open", requester: str = "u", **more) -> None:
    world.add("ticket", id, source="zendesk", requester_id=requester, status=status, created_at=created, **more)


def event(world: World, id: str, kind: str, at: datetime, **more) -> None:
    number = len(world.records.get("ticket_event", [])) + 1
    world.add("ticket_event", str(number), source="zendesk", ticket_id=id, kind=kind, occurred_at=at, **more)


def reply(world: World, id: str, at: datetime, role: str = "agent", **more) -> None:
    event(world, id, "public_reply", at, author_role=role, **more)


def status(world: World, id: str, at: datetime, now: str, before: str | None = None) -> None:
    event(world, id, "status_change", at, from_value=before, to_value=now)


def after(minutes: float, since: datetime = JUNE) -> datetime:
    return since + timedelta(minutes=minutes)


def fact(con, id: str) -> dict:
    (row,) = con.execute("select * from ticket_fact where ticket_id = $id", {"id": id}).to_arrow_table().to_pylist()
    return row


def test_the_first_reply_is_a_public_one_of_a_person_of_ours(desk):
    ticket(desk, "asked")
    reply(desk, "asked", JUNE, "end-user")
    reply(desk, "asked", after(1), "bot")
    event(desk, "asked", "internal_note", after(2), author_role="agent")
    reply(desk, "asked", after(3), None)
    reply(desk, "asked", after(30))
    ticket(desk, "ours")
    reply(desk, "ours", JUNE)
    reply(desk, "ours", after(50))
    ticket(desk, "quick")
    reply(desk, "quick", JUNE, "end-user")
    reply(desk, "quick", after(0.5))
    con = desk.build()
    assert (fact(con, "asked")["first_reply_minutes"], fact(con, "asked")["public_replies"]) == (30, 1)
    assert (fact(con, "ours")["first_reply_minutes"], fact(con, "ours")["opened_by_agent"]) == (50, True)
    assert (fact(con, "quick")["first_reply_minutes"], fact(con, "quick")["opened_by_agent"]) == (0.5, False)


def test_a_weekend_in_which_the_clocks_change(desk):
    """Friday 27 March 2026, 16:00 in Berlin (15:00 UTC), to Monday, 9:30 there (7:30 UTC, as summer time began on Sunday)."""
    friday, monday = datetime(2026, 3, 27, 15), datetime(2026, 3, 30, 7, 30)
    ticket(desk, "t", friday)
    reply(desk, "t", monday)
    row = fact(desk.build(), "t")
    assert (row["first_reply_minutes"], row["first_reply_business_minutes"]) == (64.5 * 60, 90)


def test_a_help_desk_without_schedules_has_no_business_time(desk):
    del desk.records["support_schedule"]
    ticket(desk, "t")
    reply(desk, "t", after(60))
    con = desk.build()
    assert (fact(con, "t")["first_reply_minutes"], fact(con, "t")["first_reply_business_minutes"]) == (60, None)
    (row,) = ask(con, "support_by_tier", tier="open")
    assert (row["first_reply_n"], row["first_reply_business_n"], row["first_reply_business_median"]) == (1, 0, None)


def test_a_schedule_in_a_time_zone_that_nobody_knows_has_no_business_time(desk):
    desk.records["support_schedule"][0]["time_zone"] = None
    ticket(desk, "t")
    reply(desk, "t", after(60))
    assert fact(desk.build(), "t")["first_reply_business_minutes"] is None


def test_promises_that_run_are_neither_kept_nor_broken(desk):
    for id, now in (("kept", "solved"), ("broken", "solved"), ("runs", "open"), ("gone", "closed"), ("none", "open")):
        ticket(desk, id, status=now)
        if id != "none":
            event(desk, id, "sla_applied", JUNE, metric="reply_time", instance=1, target_minutes=240)
    event(desk, "kept", "sla_applied", after(5), metric="reply_time", instance=1, target_minutes=60)
    event(desk, "kept", "sla_fulfilled", after(50), metric="reply_time", instance=1)
    event(desk, "broken", "sla_breached", after(240), metric="reply_time", instance=1)
    event(desk, "broken", "sla_fulfilled", after(300), metric="reply_time", instance=1)
    event(desk, "none", "sla_fulfilled", after(10), metric="reply_time", instance=1)
    event(desk, "runs", "sla_breached", AS_OF + timedelta(hours=1), metric="reply_time", instance=1)
    event(desk, "kept", "sla_applied", after(60), metric="reply_time", instance=2, target_minutes=60)
    event(desk, "kept", "sla_fulfilled", after(70), metric="reply_time", instance=2)
    con = desk.build()
    found = rows(con, "select ticket_id, instance, target_minutes, state from sla_clock order by 1, 2")
    assert found == [
        ("broken", 1, 240, "breached"),
        ("gone", 1, 240, "ended"),
        ("kept", 1, 60, "achieved"),
        ("kept", 2, 60, "achieved"),
        ("runs", 1, 240, "running"),
    ]
    for row in (*ask(con, "support_by_tier", tier="open"), *ask(con, "support_by_account")):
        assert (row["sla_achieved"], row["sla_breached"], row["sla_running"]) == (2, 1, 1)
        assert row["sla_attainment"] == pytest.approx(2 / 3)
    (promise,) = ask(con, "support_promises")
    assert (promise["sla_metric"], promise["attainment"], promise["running"]) == ("reply_time", pytest.approx(2 / 3), 1)
    assert {row["ticket_id"]: row["promise"] for row in ask(con, "support_backlog")} == {
        "runs": "running",
        "none": None,
    }


def test_an_hour_costs_what_the_group_s_hour_costs_on_that_day(desk):
    desk.settings |= {
        "support_rate_per_hour": 30,
        "minutes_per_public_reply": 10,
        "support_rate": [
            {"group": "engineering", "per_hour": 120},
            {"group": "G2", "from": date(2026, 6, 12), "per_hour": 180},
            {"from": date(2026, 6, 12), "per_hour": 60},
        ],
    }
    for id, group in (("one", "g1"), ("two", "g2"), ("three", None)):
        ticket(desk, id, group_id=group)
        reply(desk, id, after(60))
        reply(desk, id, after(60 + 2 * 1440))
    con = desk.build()
    found = rows(
        con, "select ticket_id, cast(sum(cost_micros) / 1000000 as integer) from support_day group by 1 order by 1"
    )
    assert found == [("one", 5 + 10), ("three", 5 + 10), ("two", 20 + 30)], "ten minutes each, before and after 12 June"
    groups = {
        row["group_name"]: (row["tickets"], row["support_cost"], row["per_hour"])
        for row in ask(con, "support_by_group")
    }
    assert groups == {"Tier 1": (1, 15, 45), "Engineering": (1, 50, 150), None: (1, 15, 45)}


def test_work_before_the_first_rate_is_unpriced_and_said_to_be(desk):
    desk.settings |= {"support_rate_per_hour": None, "support_rate": [{"from": date(2026, 6, 12), "per_hour": 60}]}
    ticket(desk, "t")
    reply(desk, "t", after(60))
    reply(desk, "t", after(60 + 2 * 1440))
    con = desk.build()
    assert rows(con, "select cost_micros from support_day order by day") == [(None,), (12 * MILLION,)]
    assert (fact(con, "t")["handling_minutes"], fact(con, "t")["cost_micros"]) == (24, None)
    (row,) = ask(con, "support_by_tier", tier="open")
    assert (row["support_cost"], row["unpriced_reason"]) == (
        12,
        "1 days of work on a ticket have no rate and are left out of the cost",
    )


def test_without_any_rate_the_cost_is_missing_and_said_to_be(desk):
    desk.settings["support_rate_per_hour"] = None
    ticket(desk, "t")
    reply(desk, "t", after(60))
    con = desk.build()
    (row,) = ask(con, "support_by_tier", tier="open")
    assert (row["support_cost"], row["cost_per_ticket"], row["handling_minutes"]) == (None, None, 12)
    assert "no support rate" in row["unpriced_reason"]
    assert ask(con, "support_by_account")[0]["support_cost"] is None


def test_recorded_work_takes_the_place_of_the_reply_beside_it(desk):
    ticket(desk, "t", group_id="g2")
    reply(desk, "t", after(60), minutes=0.0)
    event(desk, "t", "work_logged", after(60), author_role="agent", minutes=45.0)
    reply(desk, "t", after(90))
    con = desk.build()
    assert fact(con, "t")["handling_minutes"] == 45 + 12
    (group,) = ask(con, "support_by_group")
    assert group["recorded_share"] == pytest.approx(45 / 57)


def four_tickets(desk: World) -> None:
    """Two before the first call, one of them by nobody we know; one solved at a touch, one reopened, one open, one deleted."""
    ticket(desk, "touch", status="solved", subject="Invoice for May")
    reply(desk, "touch", after(10))
    status(desk, "touch", JUNE, "new")
    status(desk, "touch", after(20), "solved", "new")
    ticket(desk, "again", after(3 * 1440), status="closed")
    reply(desk, "again", after(3 * 1440 + 30))
    reply(desk, "again", after(3 * 1440 + 100))
    for minutes, now in ((0, "new"), (40, "open"), (60, "solved"), (90, "open"), (150, "solved"), (9000, "closed")):
        status(desk, "again", after(3 * 1440 + minutes), now)
    ticket(desk, "open", after(4 * 1440))
    ticket(desk, "stranger", requester="nobody")
    ticket(desk, "deleted", status="deleted")
    ticket(desk, "may", datetime(2026, 5, 20), status="solved")
    reply(desk, "may", datetime(2026, 5, 20, 1))


PERIOD = {
    "date_from": date(2026, 6, 1), "date_to": date(2026, 7, 1), "before_from": date(2026, 5, 1), "before_to": date(2026, 6, 1),
}  # fmt: skip


def test_every_figure_per_tier(desk):
    four_tickets(desk)
    con = desk.build()
    found = {row["tier"]: row for row in ask(con, "support_by_tier", **PERIOD)}
    assert list(found) == ["internal", "partner", "open", "public", "all"]
    row = found["open"]
    assert (row["tickets"], row["tickets_before"], row["accounts"], row["unanswered"]) == (3, 1, 1, 1)
    assert (row["first_reply_n"], row["first_reply_median"], row["first_reply_p90"]) == (2, 20, 28)
    assert (row["first_reply_median_before"], row["solved_undated"]) == (60, 1)
    assert (row["solved"], row["resolution_n"], row["resolution_median"], row["resolution_p90"]) == (2, 2, 85, 137)
    assert (row["wait_n"], row["wait_median"]) == (2, (20 + 60 + 60) / 2)
    assert (row["one_touch"], row["one_touch_share"], row["reopened"]) == (1, 0.5, 1)
    assert (row["backlog"], row["backlog_oldest_days"], row["backlog_median_days"]) == (1, 15.7, 15.7)
    assert (row["calls"], row["active_accounts"]) == (500, 1)
    assert (row["tickets_per_1000_calls"], row["tickets_per_active_account"], row["tickets_before_first_call"]) == (
        6,
        3,
        1,
    )
    assert (row["handling_minutes"], row["support_cost"], row["cost_per_ticket"], row["support_cost_before"]) == (
        36,
        36,
        12,
        12,
    )
    nobody = found["public"]
    assert (nobody["tickets"], nobody["accounts"], nobody["tickets_before_first_call"], nobody["backlog"]) == (
        1,
        0,
        0,
        1,
    )
    assert (found["all"]["tickets"], found["all"]["backlog"], found["all"]["first_reply_median"]) == (4, 2, 20)
    assert ask(con, "support_by_tier", tier="open", **PERIOD) == [row]


def test_every_figure_per_account(desk):
    four_tickets(desk)
    con = desk.build()
    tier = next(row for row in ask(con, "support_by_tier", **PERIOD) if row["tier"] == "open")
    ann, nobody = ask(con, "support_by_account", **PERIOD)
    same = set(tier) & set(ann) - {"tier"}
    assert len(same) > 30
    assert {name: ann[name] for name in same} == {name: tier[name] for name in same}, "the tier has one account"
    assert (ann["is_active"], nobody["tickets"], nobody["tickets_before_first_call"]) == (True, 1, None)
    assert [row["name"] for row in ask(con, "support_by_account", tier="open", **PERIOD)] == [ann["name"]]


def test_the_backlog_and_what_it_was_when_the_period_began(desk):
    four_tickets(desk)
    ticket(desk, "long", status="solved")
    for minutes, now in ((0, "new"), (5 * 1440, "solved")):
        status(desk, "long", after(minutes), now)
    con = desk.build()
    assert [row["ticket_id"] for row in ask(con, "support_backlog")] == ["stranger", "open"]
    assert [row["ticket_id"] for row in ask(con, "support_backlog", tier="open")] == ["open"]

    def before(day: int) -> int:
        period = PERIOD | {"date_from": date(2026, 6, day), "before_to": date(2026, 6, day)}
        return ask(con, "support_by_tier", tier="open", **period)[0]["backlog_before"]

    # 10 to 15 June: long; from 14 June on: open, whose history nobody tells; again was opened, solved and reopened on one day
    assert [before(day) for day in (10, 11, 14, 15, 16)] == [0, 1, 1, 2, 1]


def test_topics(desk):
    four_tickets(desk)
    ticket(desk, "both", subject="Legal review of the enterprise quote")
    con = desk.build()
    found = {
        row["topic"]: (row["tickets"], row["solved"], row["backlog"]) for row in ask(con, "support_topics", **PERIOD)
    }
    assert found == {"unknown": (3, 1, 2), "billing": (1, 1, 0), "legal": (1, 0, 1), "pricing": (1, 0, 1)}
    assert sum(row["share"] for row in ask(con, "support_topics", **PERIOD)) == pytest.approx(6 / 5)


def test_support_cost_is_the_same_in_every_statement(desk):
    four_tickets(desk)
    desk.settings["support_rate"] = [{"group": "Engineering", "per_hour": 99}]
    desk.records["ticket"][0]["group_id"] = "g2"
    con = desk.build()
    by_tier = {row["tier"]: row["support_cost"] for row in ask(con, "support_by_tier", **PERIOD)}
    for row in ask(con, "contribution_by_tier", **PERIOD):
        assert by_tier[row["tier"]] == row["support_cost"]
    (all_,) = [cost for tier, cost in by_tier.items() if tier == "all"]
    assert sum(row["support_cost"] for row in ask(con, "support_by_account", **PERIOD)) == pytest.approx(all_)
    assert sum(row["support_cost"] for row in ask(con, "support_by_group", **PERIOD)) == pytest.approx(all_)
