"""Why accounts stall: each reason with what shows it, rules that a home changes, and the field's known mistakes."""

import json
from datetime import date, datetime, timedelta

import pytest

from data_sources import stall_reasons
from data_sources.stall_reasons import FACTS, KINDS
from sql.engines import duckdb as engine
from sql.marts.onboarding import rule_sql
from tests.sql.marts.test_onboarding import joined
from tests.sql.marts.world import AS_OF, World, ask, rows

USUAL = stall_reasons.RULES.default.read_text(encoding="utf-8")
JOINED = datetime(2026, 1, 1)
CALLED = date(2026, 6, 1)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    world.plans = [
        (1, "free", True, True, 0.0),
        (2, "growth", False, True, 1399.5),
        (3, "enterprise", False, False, None),
    ]
    return world


def why(world: World, account: str) -> tuple[str, str]:
    """The reason of an account and its evidence."""
    asked = f"select reason, evidence from stall_reason where is_now and account_id = '{account}' order by position"
    return rows(world.build(), asked)[0]


def ann(world: World, plan: str | None = None) -> str:
    account = joined(world, "ann", JOINED)
    if plan:
        world.add("application", "app_ann", developer_id="ann", plan=plan, created_at=JOINED)
    return account


def calls(world: World, day: date = CALLED, **given) -> World:
    return world.calls(day, application_ref="app_ann", **given)


def own_rules(world: World, text: str) -> None:
    (world.home / stall_reasons.RULES.name).write_text(text)


def test_refused_credentials_name_route_status_share_and_path(world):
    account = ann(world)
    calls(world, client_errors=8, refused_auth=7, ok=2)
    world.fails(401, 5, "/v1/rates/{id}", "rates", "auth").fails(403, 2, "/v1/labels", "labels", "auth", method="POST")
    world.fails(409, 1, "/v1/labels", "labels")
    assert why(world, account) == (
        "auth_refused",
        "7 of 10 calls (70 %) refused for their credentials in the 14 days to 1 Jun 2026, 5 of them 401 on GET rates, such as /v1/rates/{id}",
    )


def test_what_nobody_tells_is_left_out(world):
    account = ann(world)
    calls(world, client_errors=1, refused_auth=1)
    assert why(world, account) == (
        "auth_refused",
        "1 of 1 call (100 %) refused for their credentials in the 14 days to 1 Jun 2026",
    )


@pytest.mark.parametrize(
    ("plan", "reason", "end"),
    [
        ("free", "quota_refused", "; the plan above free is growth, 1,399.50 USD a month"),
        ("growth", "quota_refused_no_way_up", "; no plan above growth to take"),
        ("enterprise", "quota_refused_no_way_up", "; no plan above enterprise to take"),
        ("unheard of", "quota_refused", ""),
        (None, "quota_refused", ""),
    ],
)
def test_over_quota_says_whether_a_plan_above_exists_and_its_price(world, plan, reason, end):
    account = ann(world, plan)
    calls(world, client_errors=4, refused_quota=1, refused_rate_limit=3, ok=16)
    world.fails(429, 4, "/v1/rates", "rates", "rate_limit")
    said = "4 of 20 calls (20 %) over quota or rate in the 14 days to 1 Jun 2026, 4 of them 429 on GET rates"
    assert why(world, account) == (reason, said + end)


def test_our_errors_and_not_those_of_what_we_never_had(world):
    account = ann(world)
    calls(world, server_errors=9, ok=31)
    world.fails(502, 4, "/v1/rates", "rates", "upstream", method="POST").fails(501, 5, "/v2/batch", "labels")
    assert why(world, account) == (
        "our_errors",
        "4 of 40 calls (10 %) failed on our side in the 14 days to 1 Jun 2026, 4 of them 502 on POST rates, such as /v1/rates",
    )
    world.failures[-1]["calls"] = 9
    assert why(world, account)[0] == "wrong_path"


def test_a_404_on_a_known_route_is_another_matter_than_one_without(world):
    account = ann(world)
    calls(world, client_errors=4, ok=6)
    world.answers = [(CALLED, "rates", "rates", "GET", 2, 6)]
    world.fails(404, 4, "/v1/rates", "rates")
    assert why(world, account) == (
        "not_found",
        "4 of 10 calls (40 %) for things that are not there in the 14 days to 1 Jun 2026, 4 of them on GET rates, such as /v1/rates",
    )
    world.failures[-1] |= {"route": "/v1/rates", "has_route": False, "service": None, "refusal": "no_route"}
    assert why(world, account) == (
        "wrong_path",
        "4 of 10 calls (40 %) to paths that no route takes in the 14 days to 1 Jun 2026, 4 of them 404 on GET /v1/rates, such as /v1/rates",
    )


def test_a_few_things_not_found_are_usual_and_a_few_wrong_paths_are_not(world):
    account = ann(world)
    calls(world, client_errors=3, ok=12)
    world.answers = [(CALLED, "rates", "rates", "GET", 2, 12)]
    world.fails(404, 3, "/v1/rates", "rates")
    assert why(world, account)[0] == "succeeded_silent"
    world.failures[-1] |= {"route": "/v1/nothing", "has_route": False}
    assert why(world, account)[0] == "wrong_path"


def test_a_route_found_by_its_prefix_answers_nobody_under_a_path_of_another_length(world):
    account = ann(world)
    calls(world, client_errors=4, ok=6)
    world.answers = [(CALLED, "rates", "rates", "GET", 2, 6)]
    world.fails(404, 4, "/v1/rates/of/mine", "rates")
    assert why(world, account)[0] == "wrong_path"
    world.answers.append((CALLED, "rates", "rates", "GET", 4, 1))
    assert why(world, account)[0] == "not_found"


def test_a_log_without_routes_knows_a_path_by_whom_it_answered(world):
    account = ann(world)
    calls(world, client_errors=4, refused_no_route=4, ok=6)
    world.fails(404, 4, "/v1/rates", None, "no_route")
    assert why(world, account)[0] == "wrong_path"
    world.answers = [(CALLED, "rates", "/v1/rates", "GET", 2, 1)]
    assert why(world, account)[0] == "not_found"


def test_a_route_that_answered_nobody_is_wrong_when_three_have_tried(world):
    account = ann(world)
    for name in ("bob", "cyd"):
        joined(world, name, JOINED)
        world.calls(CALLED, client_errors=1, application_ref=f"app_{name}").fails(404, 1, "/v1/all", "all")
    calls(world, client_errors=4)
    world.fails(404, 4, "/v1/all", "all")
    assert why(world, account)[0] == "wrong_path"
    world.failures.pop(0)
    assert why(world, account)[0] == "not_found"


def test_invalid_requests(world):
    account = ann(world)
    calls(world, client_errors=4, refused_validation=4, ok=16)
    world.fails(422, 3, "/v1/rates", "rates", "validation", method="POST").fails(
        400, 1, "/v1/rates", "rates", "validation"
    )
    assert why(world, account) == (
        "invalid_requests",
        "4 of 20 calls (20 %) refused as invalid in the 14 days to 1 Jun 2026, 3 of them 422 on POST rates, such as /v1/rates",
    )


def with_ticket(world: World, **given) -> str:
    account = ann(world)
    world.add("support_user", "u", email="ann@gmail.com", verified=True, role="end-user")
    fields = {"requester_id": "u", "status": "open", "subject": "Help", "created_at": datetime(2026, 6, 20, 12)} | given
    world.add("ticket", "4711", **fields)
    return account


def promise(world: World, kind: str, at: datetime, metric: str = "reply_time") -> None:
    world.add("ticket_event", kind, ticket_id="4711", kind=kind, metric=metric, instance=1, occurred_at=at)


def test_an_open_ticket_is_named_with_its_age(world):
    account = with_ticket(world)
    assert why(world, account) == ("open_ticket", 'Ticket 4711 "Help", 10 days old, no promised reply late')
    world.records["ticket"][0]["subject"] = None
    assert why(world, account) == ("open_ticket", "Ticket 4711, 10 days old, no promised reply late")


@pytest.mark.parametrize("metric", ["reply_time", "first_reply_time", "time_to_first_response"])
def test_a_late_reply_is_told_by_how_much(world, metric):
    account = with_ticket(world)
    promise(world, "sla_breached", datetime(2026, 6, 21), metric)
    assert why(world, account) == (
        "breached_ticket",
        'Ticket 4711 "Help", 10 days old: a promised reply is 9 days late',
    )
    promise(world, "sla_fulfilled", datetime(2026, 6, 21, 5), metric)
    assert why(world, account) == (
        "breached_ticket",
        'Ticket 4711 "Help", 10 days old: a promised reply came 5 hours late',
    )
    con = world.build()
    assert rows(con, "select secondary_reasons from stall") == [('["key_no_call"]',)], "it is not open beside that"


def test_a_solution_that_takes_longer_than_promised_is_an_open_ticket(world):
    account = with_ticket(world)
    world.add(
        "ticket_event",
        "e",
        ticket_id="4711",
        kind="sla_breached",
        metric="requester_wait_time",
        occurred_at=datetime(2026, 6, 21),
    )
    assert why(world, account)[0] == "open_ticket"


@pytest.mark.parametrize(
    ("step", "whom", "reason", "said"),
    [
        ("security_review", None, "waiting_security", "Security review since 1 Apr 2026, 90 days"),
        ("security_review", "procurement", "waiting_procurement", "Security review since 1 Apr 2026, 90 days, waits for procurement"),
        ("paper", "legal_team", "waiting_legal", "Paper since 1 Apr 2026, 90 days, waits for legal team"),
        ("paper", "economic buyer", "waiting_decision_maker", "Paper since 1 Apr 2026, 90 days, waits for economic buyer"),
        ("paper", "somebody", "waiting_procurement", "Paper since 1 Apr 2026, 90 days, waits for somebody"),
    ],
)  # fmt: skip
def test_a_step_is_named_with_since_when_and_on_whom(world, step, whom, reason, said):
    account = ann(world)
    steps = [{"step": step, "started_on": "2026-04-01", "done_on": None, "waiting_for": whom}]
    world.add("contract", "k", application_ref="app_ann", status="draft", steps=steps, created_at=datetime(2026, 3, 1))
    con = world.build()
    assert rows(con, "select reason, evidence from stall") == [(reason, said)], account


def test_two_steps_at_once_are_a_reason_each(world):
    ann(world)
    steps = [
        {"step": step, "started_on": "2026-04-01", "done_on": None, "waiting_for": None}
        for step in ("legal_review", "security_review")
    ]
    world.add("contract", "k", application_ref="app_ann", status="draft", steps=steps, created_at=datetime(2026, 3, 1))
    (found,) = rows(world.build(), "select reason, secondary_evidence from stall")
    assert found[0] == "waiting_security"
    assert json.loads(found[1])[0] == {
        "reason": "waiting_legal",
        "label": "Waiting for legal",
        "evidence": "Legal review since 1 Apr 2026, 90 days",
    }


def visits(world: World, kind: str, count: int) -> None:
    for n in range(count):
        world.add("portal_event", f"{kind}{n}", kind=kind, developer_ref="ann", occurred_at=datetime(2026, 6, 1 + n))


def test_docs_read_and_no_key(world):
    world.person("ann", "ann@gmail.com", created=JOINED)
    visits(world, "docs_read", 3)
    assert why(world, "dev:test:ann") == (
        "docs_no_key",
        "3 visits to the docs in the 14 days to 3 Jun 2026, no key asked for",
    )


def test_a_key_and_no_call(world):
    assert why(world, ann(world)) == ("key_no_call", "A key since 1 Jan 2026, 180 days without a call")


def test_prices_read_until_somebody_was_spoken_to(world):
    account = ann(world)
    calls(world, ok=5)
    visits(world, "pricing_read", 1)
    assert why(world, account) == (
        "pricing_no_contact",
        "1 visit to the price page in the 14 days to 1 Jun 2026, and nobody was spoken to",
    )
    world.add("portal_event", "c", kind="contact_requested", developer_ref="ann", occurred_at=datetime(2026, 6, 2))
    assert why(world, account)[0] == "succeeded_silent"


def test_someone_on_holiday_succeeded_and_is_silent(world):
    """Failures of long ago are no reason, and no calls are no errors."""
    account = ann(world)
    calls(world, date(2026, 3, 1), client_errors=50, refused_auth=50)
    world.daily(date(2026, 5, 1), 20, ok=3, application_ref="app_ann")
    assert why(world, account) == ("succeeded_silent", "Last success 20 May 2026, no call for 41 days")


def test_in_use_and_no_next_step(world):
    account = ann(world)
    world.daily(date(2026, 6, 27), 2, ok=1, application_ref="app_ann")
    assert why(world, account) == (
        "no_next_step",
        "2 successes in the 14 days to 28 Jun 2026, the last 28 Jun 2026; nothing shows what keeps it from integrated",
    )


def test_nothing_that_says_why(world):
    world.person("ann", "ann@gmail.com", created=JOINED)
    assert why(world, "dev:test:ann") == ("no_activity", "Nothing that says why; last seen 1 Jan 2026")


def test_a_word_of_ours_is_no_sign_of_life_of_theirs(world):
    """A ticket that we close months later does not move the window away from what they ran into."""
    account = with_ticket(world, status="closed", created_at=datetime(2026, 2, 1), updated_at=datetime(2026, 6, 1))
    calls(world, date(2026, 2, 2), ok=5, client_errors=5, refused_auth=5)
    world.add(
        "ticket_event",
        "s",
        ticket_id="4711",
        kind="status_change",
        from_value="open",
        to_value="closed",
        author_role="bot",
        occurred_at=datetime(2026, 6, 1),
    )
    assert why(world, account)[0] == "auth_refused"
    world.add(
        "ticket_event",
        "r",
        ticket_id="4711",
        kind="public_reply",
        author_role="end-user",
        occurred_at=datetime(2026, 4, 1),
    )
    assert why(world, account)[0] == "succeeded_silent"


def test_the_reason_at_the_time_is_kept_though_it_is_another_now(world):
    """A key in January, no call until stalled; then calls that fail; then success: two spells with their reasons."""
    account = ann(world)
    world.stalled_after = 10
    calls(world, date(2026, 2, 1), client_errors=9, refused_auth=9)
    calls(world, date(2026, 2, 20), ok=1)
    con = world.build()
    spells = rows(con, "select stage, since, stalled_at, moved_at, reason from stall_spell order by since, stalled_at")
    assert spells == [
        ("credential_issued", JOINED, datetime(2026, 1, 11), datetime(2026, 2, 1, 12), "key_no_call"),
        ("first_call", datetime(2026, 2, 1, 12), datetime(2026, 2, 11, 12), datetime(2026, 2, 20, 12), "auth_refused"),
        ("first_success", datetime(2026, 2, 20, 12), datetime(2026, 3, 2, 12), None, "succeeded_silent"),
    ]
    assert rows(con, "select account_id, stage, reason, stalled from stall") == [
        (account, "first_success", "succeeded_silent", True)
    ]


@pytest.mark.parametrize(
    ("over", "waits"),
    [
        ({"status": "draft"}, True),
        ({"status": "lost"}, False),
        ({"status": "draft", "signed_at": datetime(2026, 5, 1)}, False),
    ],
)
def test_a_step_of_a_contract_that_is_over_waits_for_nobody(world, over, waits):
    ann(world)
    steps = [{"step": "security_review", "waiting_for": None, "started_on": "2026-02-01", "done_on": None}]
    world.add("contract", "k", application_ref="app_ann", steps=steps, created_at=datetime(2026, 1, 20), **over)
    ((reason,),) = rows(world.build(), "select reason from stall")
    assert (reason == "waiting_security") == waits


def test_a_key_that_only_the_portal_knows_is_a_key(world):
    world.person("ann", "ann@gmail.com", created=JOINED)
    world.add("portal_event", "k", kind="key_issued", occurred_at=JOINED, developer_ref="ann")
    for n in range(4):
        world.add("portal_event", f"d{n}", kind="docs_read", occurred_at=JOINED, developer_ref="ann")
    con = world.build()
    assert rows(con, "select stage from account_stage_now") == [("credential_issued",)]
    assert rows(con, "select reason from stall_reason where is_now order by position")[0] == ("key_no_call",)


def test_a_secret_in_a_subject_is_not_shown(world):
    ann(world)
    world.add("support_user", "u", email="ann@gmail.com", verified=True, role="end-user")
    world.add("ticket", "1", requester_id="u", status="open", subject="token=abcdef123456 fails", created_at=JOINED)
    con = world.build()
    assert rows(con, "select subject from ticket") == [("token=[redacted] fails",)]


@pytest.mark.parametrize(("last_bill", "stage"), [(datetime(2026, 6, 20), "paying"), (None, "signed_up")])
def test_whoever_pays_or_paid_has_no_spell(world, last_bill, stage):
    world.stages["open"] = ["signed_up", "paying", "expanded"]
    ann(world)
    world.add("billing_customer", "cus_1", consumer_ref="app_ann")
    for n, paid in enumerate(one for one in (datetime(2026, 1, 2), last_bill) if one):
        world.add(
            "invoice",
            f"in_{n}",
            customer_id="cus_1",
            status="paid",
            currency="usd",
            total=100,
            tax=0,
            paid_at=paid,
        )
    con = world.build()
    assert rows(con, "select stage, stalled from stall") == [(stage, False)]
    assert rows(con, "select stage from stall_spell") == []


def test_a_lapsed_production_is_asked_why_at_the_stage_to_which_it_went_back(world):
    world.stages["open"] = ["signed_up", "first_success", "in_production", "paying"]
    ann(world)
    world.daily(date(2026, 1, 5), 30, ok=1, application_ref="app_ann")
    con = world.build()
    ((stage, stalled, reason),) = rows(con, "select stage, stalled, reason from stall")
    assert (stage, stalled, reason) == ("first_success", True, "succeeded_silent")
    assert rows(con, "select stage, next_stage, reason from stall_spell where moved_at is null") == [
        ("first_success", "in_production", "succeeded_silent")
    ]


def test_a_ticket_counts_at_the_moments_at_which_it_was_open(world):
    with_ticket(world, status="solved", created_at=datetime(2026, 1, 20))
    world.stalled_after = 30
    for n, (before, status, at) in enumerate(
        [("new", "open", datetime(2026, 1, 20)), ("open", "solved", datetime(2026, 2, 10))]
    ):
        world.add(
            "ticket_event",
            f"s{n}",
            ticket_id="4711",
            kind="status_change",
            from_value=before,
            to_value=status,
            occurred_at=at,
        )
    con = world.build()
    assert rows(con, "select stalled_at, reason from stall_spell") == [(datetime(2026, 1, 31), "open_ticket")]
    assert rows(con, "select reason from stall") == [("key_no_call",)]


def test_a_rule_is_added_before_the_others(world):
    account = ann(world)
    calls(world, date(2026, 5, 1), ok=5, client_errors=5, refused_auth=5)
    own_rules(
        world,
        '[[reason]]\nname = "vip"\nlabel = "It\'s a VIP"\nwhen = "plan_above == \'growth\' and calls >= 10"\n'
        'evidence = "{plan}: it\'s {{theirs}}, {calls:call} at {ok_share}, quota [[{quota_share}]], {has_plan_above}"\n'
        'next_action = "Call them"\nwhose_move = "sales"\ndue_days = 1\n\n' + USUAL,
    )
    world.add("application", "app_ann", developer_id="ann", plan="free", created_at=JOINED)
    con = world.build()
    found = rows(
        con, "select reason, reason_label, evidence, next_action, whose_move, due_days, secondary_reasons from stall"
    )
    assert found == [
        ("vip", "It's a VIP", "Free: it's {theirs}, 10 calls at 50 %, quota [0 %], yes", "Call them", "sales", 1, '["auth_refused","succeeded_silent"]')
    ]  # fmt: skip
    rules = ask(con, "reason_rules")
    assert [rule["position"] for rule in rules] == list(range(1, len(rules) + 1))
    assert {
        rule["reason"]: (rule["accounts"], rule["secondary_accounts"])
        for rule in rules
        if rule["accounts"] or rule["secondary_accounts"]
    } == {
        "vip": (1, 0),
        "auth_refused": (0, 1),
        "succeeded_silent": (0, 1),
    }
    assert account


def test_the_order_of_the_file_decides(world):
    account = ann(world)
    calls(world, ok=10, client_errors=10, refused_auth=5, refused_validation=5)
    assert why(world, account)[0] == "auth_refused"
    blocks = USUAL.split("[[reason]]")
    at = next(n for n, block in enumerate(blocks) if 'name = "invalid_requests"' in block)
    own_rules(world, "[[reason]]".join([blocks[0], blocks[at], *blocks[1:at], *blocks[at + 1 :]]))
    assert why(world, account)[0] == "invalid_requests"


def test_the_facts_are_the_columns_that_rules_are_read_by(world):
    columns = [row[0] for row in world.build().execute("describe stall_fact").fetchall()]
    assert [name for name in columns if name not in ("account_id", "moment", "is_now")] == list(FACTS)


FACT = "select 3 as calls, cast(null as double) as auth_share, 'It''s; drop' as ticket_subject, 'paying' as stage, true as has_plan_above"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("always", True),
        ("calls == 3 and has_plan_above", True),
        ("calls < -3 or calls > 1e3", False),
        ("1 <= calls < 3", False),
        ("auth_share >= 0", False),
        ("not auth_share >= 0", True),
        ("auth_share != 1", False),
        ('ticket_subject == "It\'s; drop"', True),
        ('ticket_subject == "\'; drop table x; --"', False),
        ('"IT\'S" in ticket_subject', True),
        ('stage in ("paying", "x")', True),
        ('stage not in ("paying", "x")', False),
        ("not (calls == 3 and not has_plan_above)", True),
    ],
)
def test_conditions_hold_or_not_and_never_neither(text, holds):
    condition, _ = rule_sql.compiled(text, "x", KINDS)
    assert engine.connect().execute(f"select {condition} from ({FACT})").fetchone() == (holds,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{calls:visit} and {calls:reply}, {calls:address}", "3 visits and 3 replies, 3 addresses"),
        ("share {auth_share}[, of {auth_share}]", "Share unknown"),
        ("[{calls} of {auth_share}]it's", "It's"),
        ("{ticket_subject}", "It's; drop"),
        ("{has_plan_above}", "Yes"),
    ],
)
def test_evidence_is_written(text, said):
    _, evidence = rule_sql.compiled("always", text, KINDS)
    assert engine.connect().execute(f"select {evidence} from ({FACT})").fetchone() == (said,)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (2879, "47 hours"), (2880, "2 days"), (None, "unknown")],
)
def test_durations_are_written(minutes, said):
    _, evidence = rule_sql.compiled("always", "late {late_by}", KINDS)
    asked = engine.connect().execute(f"select {evidence} from (select cast($m as bigint) as late_by)", {"m": minutes})
    assert asked.fetchone() == (f"Late {said}",)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/rates/quotes", "/v1/rates/quotes"),
        ("/v2/labels/batch-print.json/", "/v2/labels/batch-print.json/"),
        ("/v1/tracking/1Z000369110938/status", "/v1/tracking/{id}/status"),
        ("/v1/orders/42", "/v1/orders/{id}"),
        ("/v20/orders/v2/42/items/999999999999999999", "/v20/orders/v2/{id}/items/{id}"),
        ("/v1/orders/99999999999999999999", "/v1/orders/{key}"),
        ("/v1/bcdfg/42", "/v1/{id}/{id}"),
        ("/v1/tokens/42", "/v1/tokens/{key}"),
        ("/v1/logs/42", "/v1/logs/{id}"),
        ("/x/550e8400-e29b-41d4-a716-446655440000", "/x/{uuid}"),
        ("/v1/users/ann.lee@firm.example/keys", "/v1/users/{email}/keys"),
        ("/v1/users/ann.lee%40firm.example", "/v1/users/{email}"),
        ("/v1/users/ann.lee%2540firm.example", "/v1/users/{email}"),
        ("/login/ann:hunter", "/login/{key}"),
        ("/token/abc", "/token/{key}"),
        ("/v1/api-keys/abc/rotate", "/v1/api-keys/{key}/rotate"),
        ("/reset-password/welcome", "/reset-password/{key}"),
        ("/v1/rates/apikey_abcdefghij", "/v1/rates/{key}"),
        ("/v1/access_token_hunterhunter", "/v1/{key}"),
        ("/v1/token//supersecretword", "/v1/token//{key}"),
        ("/v1/session-id/abcdef", "/v1/session-id/{key}"),
        ("/v1/oauth/code/abcdefgh", "/v1/oauth/{key}/{key}"),
        ("/v1/auth/login", "/v1/auth/login"),
        ("/v1/login/alice/swordfish", "/v1/login/{key}/{key}"),
        ("/v1/getUserAccountById/currentURL", "/v1/getUserAccountById/currentURL"),
        ("/v1/landed-cost/thresholds/backgrounds", "/v1/landed-cost/thresholds/backgrounds"),
        ("/sessions/short?x=1", "/sessions/{key}"),
        ("/v1/sk_live_abcdefghijk/x", "/v1/{key}/x"),
        ("/a/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "/a/{key}"),
        ("/a/AKIAIOSFODNN7EXAMPLE", "/a/{key}"),
        ("/a/ghp_abcdefghijklmnopqrst", "/a/{key}"),
        ("/a/" + "deadbeef" * 8, "/a/{key}"),
        ("/a/" + "x" * 64, "/a/{key}"),
        ("/a/aBcDeFgHiJkL", "/a/{id}"),
        ("/a/xkcdqwrtplm", "/a/{id}"),
        ("/a/hunter2hunter2", "/a/{id}"),
        ("/a;jsessionid=AB12/b", "/{key}/b"),
        ("/a/apikey=abc", "/a/{key}"),
        ("/a/%73%6b_live", "/a/{key}"),
        ("/a/'; drop table x", "/a/{key}"),
        ("/a/b?key=secret", "/a/b"),
        ("/" + "/".join(["long"] * 90), ("/" + "/".join(["long"] * 90))[:200]),
        ("*", "*"),
        ("", ""),
        (None, None),
    ],
)
def test_a_path_shows_no_secret(path, shown):
    assert engine.connect().execute("select shown_path($path)", {"path": path}).fetchone() == (shown,)


def test_what_no_route_takes_is_shown_masked(world):
    account = ann(world)
    calls(world, client_errors=4)
    world.fails(404, 4, "/v1/nothing/ann@firm.example", None, "no_route", sample_path="/v1/nothing/{email}")
    assert "404 on GET /v1/nothing/{email}, such as /v1/nothing/{email}" in why(world, account)[1]


def test_moments_are_of_today_for_who_stands_and_of_then_for_who_moved_on(world):
    ann(world)
    world.stalled_after = 10
    joined(world, "bob", AS_OF - timedelta(days=3))
    con = world.build()
    assert rows(con, "select account_id, stage, moment, is_now from stall_moment order by all") == [
        ("dev:test:ann", "credential_issued", datetime(2026, 1, 11), False),
        ("dev:test:ann", "credential_issued", AS_OF, True),
        ("dev:test:bob", "credential_issued", AS_OF, True),
    ]
