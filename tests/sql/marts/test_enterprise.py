"""What contracts promise against what was delivered, steps that wait, and how ready an enterprise is, recomputed in plain Python."""

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor, log

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_sources.judgements import ReadinessDecision
from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)
FIRST = date(2026, 2, 1)
EXAMPLES = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "phases": [Phase.generate]}  # fmt: skip


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def firm(world: World, name: str, created: datetime = datetime(2026, 1, 1), **organization) -> str:
    """A company with a developer, an application and a person at the help desk; the application's id."""
    world.person(f"d_{name}", f"ann@{name}.com", created=created)
    world.add("application", f"app_{name}", developer_id=f"d_{name}", created_at=created)
    world.add("organization", f"o_{name}", name=name, domain=f"{name}.com", created_at=created, **organization)
    world.add("support_user", f"u_{name}", email=f"ann@{name}.com", verified=True, role="end-user")
    return f"app_{name}"


def contract(world: World, name: str, id: str = "", **fields) -> None:
    fields = {"status": "active", "signed_at": datetime(2026, 2, 1), "created_at": datetime(2026, 1, 10)} | fields
    world.add("contract", f"k_{name}{id}", organization_ref=f"o_{name}", domain=f"{name}.com", **fields)


# Delivered against contracted

SPAN = st.tuples(st.integers(0, 120), st.integers(-5, 140))
CONTRACT = st.fixed_dictionaries(
    {
        "span": SPAN,
        "open_end": st.booleans(),
        "availability": st.sampled_from([None, "90", "99.5", "99.9", "100"]),
        "latency": st.sampled_from([None, ("latency_p95_ms", 0.95), ("latency_p50_ms", 0.5), ("latency_ms", 0.95)]),
        "latency_ms": st.sampled_from([40, 200, 900]),
        "reply": st.sampled_from([None, 30, 240]),
    }
)
USE = st.tuples(
    st.integers(0, 150),
    st.integers(0, 60),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 3),
    st.sampled_from(["api", "api", "docs"]),
)
TICKET = st.tuples(st.integers(0, 148), st.integers(0, 1439), st.sampled_from([None, 5, 29, 31, 240, 241, 4000]), st.booleans())  # fmt: skip
FIRM = st.fixed_dictionaries(
    {
        "contracts": st.lists(CONTRACT, min_size=1, max_size=2),
        "use": st.lists(USE, max_size=12),
        "tickets": st.lists(TICKET, max_size=6),
        "bins": st.lists(st.tuples(st.integers(0, 5), st.integers(1, 2000), st.integers(1, 30)), max_size=8),
    }
)


def months(since: date, until: date) -> list[date]:
    """The first days of the months that the half-open span touches, up to the snapshot's."""
    last = min(until - DAY, AS_OF.date())
    return sorted({day.replace(day=1) for n in range((last - since).days + 1) if (day := since + n * DAY)})


def in_force(one: dict) -> tuple[date, date]:
    """First day and the day after the last on which a contract holds."""
    first, length = one["span"]
    since = FIRST + first * DAY
    return since, date.max if one["open_end"] else since + length * DAY


def within(day: date, contracts: list[dict], term: str) -> bool:
    return any(since <= day < until for one in contracts if one[term] for since, until in [in_force(one)])


def kept_promises(told: dict) -> dict:
    """(month, promise, quantile) → target, n, delivered, failures, budget left, share within: a loop over everything."""
    found: dict = {}
    for one in told["contracts"]:
        since, until = in_force(one)
        if until <= since or since > AS_OF.date():
            continue
        for month in months(since, until):
            terms = [("availability", None, Fraction(one["availability"]))] if one["availability"] else []
            terms += [("latency", one["latency"][1], Fraction(one["latency_ms"]))] if one["latency"] else []
            terms += [("first_reply", None, Fraction(one["reply"]))] if one["reply"] else []
            for promise, quantile, target in terms:
                before = found.get((month, promise, quantile))
                stricter = max if promise == "availability" else min
                found[month, promise, quantile] = target if before is None else stricter(before, target)
    return {key: delivered(told, *key, target) for key, target in found.items()}


def delivered(told: dict, month: date, promise: str, quantile: float | None, target: Fraction) -> dict:
    if promise == "availability":
        mine = [
            use
            for use in told["use"]
            if use[5] == "api"
            and (day := FIRST + use[0] * DAY).replace(day=1) == month
            and day <= AS_OF.date()
            and within(day, told["contracts"], "availability")
        ]
        failed = sum(use[2] for use in mine)
        reached = sum(use[1] for use in mine) + failed
        allowed = (100 - target) / 100 * reached
        return {
            "n": reached,
            "delivered": float(100 * (1 - Fraction(failed, reached))) if reached else None,
            "failures": failed,
            "budget_left": float((allowed - failed) / allowed) if allowed else None,
            "is_kept": failed <= allowed if reached else None,
        }
    if promise == "latency":
        times = sorted(ms for place, ms, calls in told["bins"] for _ in range(calls) if month_number(place) == month)
        value = times[max(0, -floor(-Fraction(str(quantile)) * len(times)) - 1)] if times else None
        middle = None if value is None else 1.02 ** (floor(log(value) / log(1.02)) + 0.5)
        return {"n": len(times), "delivered": middle, "is_kept": None if middle is None else middle <= float(target)}
    replies, late = [], 0
    for day_number, minute, wait, solved in told["tickets"]:
        created = datetime.combine(FIRST, datetime.min.time()) + day_number * DAY + minute * timedelta(minutes=1)
        if created.date().replace(day=1) != month or not within(created.date(), told["contracts"], "reply"):
            continue
        if wait is not None:
            replies.append(wait)
        elif not solved and (AS_OF - created) / timedelta(minutes=1) > target:
            late += 1
    good = sum(wait <= target for wait in replies)
    total = len(replies) + late
    return {
        "n": total,
        "within_share": good / total if total else None,
        "is_kept": good == total if total else None,
    }


def month_number(place: int) -> date:
    return date(2026, 2 + place, 1)


def world_of(home, firms: list[dict]) -> World:
    world = World(home)
    for number, told in enumerate(firms):
        name = f"firm{number}"
        app = firm(world, name)
        for place, one in enumerate(told["contracts"]):
            since, until = in_force(one)
            sla = {"availability": float(one["availability"])} if one["availability"] else {}
            sla |= {one["latency"][0]: one["latency_ms"]} if one["latency"] else {}
            sla |= {"first_reply_minutes": one["reply"]} if one["reply"] else {}
            noon = datetime(since.year, since.month, since.day)
            ends = None if until == date.max else datetime(until.year, until.month, until.day)
            contract(world, name, str(place), sla=sla, signed_at=noon, starts_at=noon, ends_at=ends, created_at=noon)
        for day, ok, failed, errors, gone, surface in told["use"]:
            world.calls(
                FIRST + day * DAY,
                ok=ok,
                server_errors=failed,
                refused_upstream=failed // 2,
                client_errors=errors,
                refused_rate_limit=errors // 2,
                no_status=gone,
                client_gone=gone,
                surface=surface,
                application_ref=app,
            )
        if told["bins"]:
            world.calls(date(2026, 1, 2), ok=1, application_ref=app)
            caller = world.usage[-1]["caller_id"]
            histogram = Counter()
            for place, ms, calls in told["bins"]:
                histogram[month_number(place), floor(log(ms) / log(1.02))] += calls
            world.latency += [(month, caller, bin, calls) for (month, bin), calls in histogram.items()]
        for place, (day, minute, wait, solved) in enumerate(told["tickets"]):
            created = datetime.combine(FIRST, datetime.min.time()) + day * DAY + minute * timedelta(minutes=1)
            ticket = {"requester_id": f"u_{name}", "status": "solved" if solved else "open", "created_at": created}
            world.add("ticket", f"t_{number}_{place}", **ticket)
            steps = [(created, "end-user", "asks")] + ([] if wait is None else [(created + wait * timedelta(minutes=1), "agent", "answers")])  # fmt: skip
            for at, role, what in steps:
                event = {
                    "ticket_id": f"t_{number}_{place}",
                    "kind": "public_reply",
                    "occurred_at": at,
                    "author_role": role,
                }
                world.add("ticket_event", f"e_{number}_{place}_{what}", **event)
    return world


@settings(max_examples=8, **EXAMPLES)
@given(firms=st.lists(FIRM, min_size=10, max_size=16))
def test_what_was_delivered_is_what_plain_python_says(tmp_path_factory, firms):
    con = world_of(tmp_path_factory.mktemp("sla"), firms).build()
    found: dict = {}
    query = "select account.name, sla_month.* from sla_month join account using (account_id)"
    for row in con.execute(query).to_arrow_table().to_pylist():
        quantile = row["quantile"]
        found[row["name"], row["month"], row["promise"], quantile] = row
    expected = {
        (f"firm{n}", month, promise, quantile): value
        for n, told in enumerate(firms)
        for (month, promise, quantile), value in kept_promises(told).items()
    }
    assert set(found) == set(expected)
    for key, value in expected.items():
        for name, wanted in value.items():
            assert found[key][name] == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), (key, name)
        assert found[key]["in_progress"] == (key[1] == date(2026, 6, 1))


def test_the_programs_of_the_oracle_hold_what_is_hard():
    """Without spent budgets, late and missing replies, and months without a call the test above would agree about nothing."""
    seen: Counter = Counter()

    @settings(max_examples=200, database=None, **EXAMPLES)
    @given(FIRM)
    def look(told):
        for (_, promise, _), value in kept_promises(told).items():
            seen["spent"] += promise == "availability" and (value["budget_left"] or 0) < 0
            seen["no budget"] += promise == "availability" and bool(value["n"]) and value["budget_left"] is None
            seen["no calls"] += value["n"] == 0
            seen["late"] += promise == "first_reply" and value["is_kept"] is False
            seen["slow"] += promise == "latency" and value["is_kept"] is False
            seen["fast"] += promise == "latency" and value["is_kept"] is True

    look()
    assert all(seen[what] >= 5 for what in ("spent", "no budget", "no calls", "late", "slow", "fast")), seen


def test_only_what_was_promised_and_when_it_was_in_force(world):
    for name in ("draft", "lone", "gone", "share"):
        app = firm(world, name)
        world.daily(date(2026, 3, 1), 40, ok=9, server_errors=1, client_errors=5, application_ref=app)
    contract(world, "draft", status="negotiating", signed_at=None, sla={"availability": 99.9})
    contract(world, "lone", application_ref="app_lone", sla={"availability": 99.9})
    contract(world, "gone", status="ended", sla={"availability": 99.9})
    contract(world, "share", sla={"uptime": 0.95, "smiles": 3}, signed_at=datetime(2026, 3, 31), ends_at=datetime(2026, 4, 2))  # fmt: skip
    con = world.build()
    found = [(row["name"], row["month"], row["target"], row["n"], row["failures"]) for row in ask(con, "sla_delivered")]
    assert found == [("share", date(2026, 4, 1), 95, 10, 1), ("share", date(2026, 3, 1), 95, 10, 1)]


# Procurement

STEP = st.tuples(
    st.sampled_from(["security_review", "Legal review", "purchase_order", "decision", "kickoff"]),
    st.one_of(st.none(), st.integers(0, 170)),
    st.one_of(st.none(), st.integers(-3, 90)),
    st.sampled_from([None, "security", "us", "our legal", "Decision maker", "their security"]),
)
DEAL = st.fixed_dictionaries(
    {
        "steps": st.lists(STEP, min_size=1, max_size=4),
        "signed": st.one_of(st.none(), st.integers(0, 170)),
        "status": st.sampled_from(["negotiating", "negotiating", "active", "lost"]),
        "value": st.sampled_from([None, 120_000, 99]),
        "currency": st.sampled_from(["usd", "eur", "sek"]),
    }
)
START = datetime(2026, 1, 1)
KINDS = {
    "security_review": "security",
    "Legal review": "legal",
    "purchase_order": "procurement",
    "decision": "decision",
}
MOVES = {None: None, "us": "us", "our legal": "us"}


def open_steps(deal: dict) -> list[tuple]:
    """(step, days waiting, whose move) of what waits."""
    signed = None if deal["signed"] is None else START + deal["signed"] * DAY
    if deal["status"] == "lost":
        return []
    ends = [START + (begun + took) * DAY for _, begun, took, _ in deal["steps"] if None not in (begun, took)]
    ends = [end for end in ends if end <= AS_OF]
    found = []
    for step, begun, took, party in deal["steps"]:
        done = None if None in (begun, took) or START + (begun + took) * DAY > AS_OF else START + (begun + took) * DAY
        since = START + begun * DAY if begun is not None else max(ends, default=START)
        if done is None and (signed is None or since >= signed or signed > AS_OF) and since <= AS_OF:
            found.append((step.lower(), (AS_OF - since) / DAY, MOVES.get(party, "them")))
    return sorted(found, key=str)


@settings(max_examples=6, **EXAMPLES)
@given(deals=st.lists(DEAL, min_size=20, max_size=40))
def test_what_waits_and_against_what_is_what_plain_python_says(tmp_path_factory, deals):
    world = World(tmp_path_factory.mktemp("steps"))
    world.rates = [("eur", date(2026, 1, 1), 1.25)]
    durations: dict[str, list[float]] = {}
    for number, deal in enumerate(deals):
        name = f"deal{number}"
        firm(world, name)
        steps = [
            {
                "step": step,
                "started_on": None if begun is None else f"{START + begun * DAY:%Y-%m-%d}",
                "done_on": None if None in (begun, took) else f"{START + (begun + took) * DAY:%Y-%m-%d}",
                "waiting_for": party,
            }
            for step, begun, took, party in deal["steps"]
        ]
        for step, begun, took, _ in deal["steps"]:
            if None not in (begun, took) and took >= 0 and START + (begun + took) * DAY <= AS_OF:
                durations.setdefault(KINDS.get(step, "other"), []).append(float(took))
        signed = None if deal["signed"] is None else START + deal["signed"] * DAY
        contract(world, name, status=deal["status"], signed_at=signed, created_at=START, steps=steps,
                 annual_value=deal["value"], currency=deal["currency"])  # fmt: skip
    con = world.build()
    found: dict[str, list] = {}
    every = [days for some in durations.values() for days in some]
    for row in ask(con, "procurement_aging"):
        found.setdefault(row["name"], []).append(row)
    for number, deal in enumerate(deals):
        mine = found.get(f"deal{number}", [])
        said = sorted(((row["step"], row["days_waiting"], row["whose_move"]) for row in mine), key=str)
        assert said == [(step, pytest.approx(days, abs=0.06), move) for step, days, move in open_steps(deal)], deal
        for row in mine:
            kind = durations.get(row["kind"], [])
            basis = kind if len(kind) >= 30 else every if len(every) >= 30 else None
            assert (row["kind_n"], row["compared_n"]) == (len(kind), None if basis is None else len(basis))
            if basis:
                assert row["median_days"] == pytest.approx(quantile(basis, 0.5), abs=0.06)
                assert row["p75_days"] == pytest.approx(quantile(basis, 0.75), abs=0.06)
            rate = {"usd": 1, "eur": 1.25}.get(deal["currency"])
            worth = None if None in (deal["value"], rate) else deal["value"] / 100 * rate
            assert row["value"] == (None if worth is None else pytest.approx(worth))
            assert (row["unpriced_reason"] is None) == (worth is not None)


def quantile(values: list[float], share: float) -> float:
    """Linear between the two nearest."""
    ordered, place = sorted(values), share * (len(values) - 1)
    low = floor(place)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


@pytest.mark.parametrize(("n", "compared"), [(30, "its kind"), (29, None)])
def test_a_kind_is_compared_with_itself_from_thirty_on(world, n, compared):
    steps = [{"step": "security", "started_on": "2026-01-01", "done_on": "2026-01-11"}] * n
    for name in ("a", "b"):
        firm(world, name)
    contract(world, "a", steps=steps)
    contract(world, "b", status="draft", signed_at=None, steps=[{"step": "security", "started_on": "2026-06-01"}])
    (row,) = ask(world.build(), "procurement_aging")
    assert (row["compared_with"], row["kind_n"]) == (compared, n)
    assert row["ageing"] == ("longer than three of four" if compared else "nothing to compare with")


# Readiness


def readiness(con, account: str) -> dict[str, tuple]:
    found = ask(con, "enterprise_readiness", account=account)
    return {row["item"]: (row["state"], row["dated_at"], row["days_waiting"], row["whose_move"]) for row in found}


def test_readiness_is_read_from_steps_contract_outreach_and_tickets(world):
    firm(world, "acme")
    contract(
        world,
        "acme",
        status="negotiating",
        signed_at=None,
        created_at=datetime(2026, 5, 1),
        owner="Kim",
        sla={"availability": 99.9},
        people=[{"name": "Bo", "email": "bo@acme.com", "role": "economic_buyer"}],
        steps=[
            {
                "step": "SOC 2 questionnaire",
                "started_on": "2026-05-01",
                "done_on": "2026-05-20",
                "waiting_for": "security",
            },
            {"step": "legal_review", "started_on": "2026-06-10", "waiting_for": "legal"},
        ],
    )
    world.add("outreach_activity", "w", title="Integration workshop", organization_ref="o_acme", occurred_at=datetime(2026, 4, 2))  # fmt: skip
    con = world.build()
    account = rows(con, "select account_id from account where kind = 'organization'")[0][0]
    assert readiness(con, account) == {
        "security": ("done", datetime(2026, 5, 20), None, None),
        "legal": ("waiting", datetime(2026, 6, 10), 20, "them"),
        "sla": ("waiting", datetime(2026, 5, 1), 60, None),
        "support_tier": ("not_begun", None, None, "us"),
        "case_study": ("not_begun", None, None, "us"),
        "integration": ("done", datetime(2026, 4, 2), None, None),
        "decision_maker": ("not_begun", None, None, "us"),
    }
    assert {row["owner"] for row in ask(con, "enterprise_readiness", account=account)} == {"Kim"}
    said = {row["item"]: row["evidence"] for row in ask(con, "enterprise_readiness", account=account)}
    assert said["decision_maker"] == "known: Bo; no meeting is recorded"
    (people,) = ask(con, "evaluator_approver", account=account)
    assert (people["known"], people["approver_names"]) == ("both known", "Bo")


def test_unknown_is_not_known_and_a_person_comes_first_and_can_be_undone(world):
    firm(world, "acme", employees=5000)
    world.add("ticket", "t", requester_id="u_acme", status="open", subject="Security questionnaire", created_at=AS_OF - 9 * DAY)  # fmt: skip
    said = {"author": "me", "account_id": "dev:test:d_acme", "item": "legal"}
    world.judgements = [
        ReadinessDecision(**said, decided_at=datetime(2026, 6, 1), state="waiting", on_day=date(2026, 6, 1)),
        ReadinessDecision(**said, decided_at=datetime(2026, 6, 2), state="done", on_day=date(2026, 6, 2), owner="Lee"),
        ReadinessDecision(**said, decided_at=datetime(2026, 6, 3), state="not_needed", undone_at=datetime(2026, 6, 3)),
    ]
    con = world.build()
    found = readiness(con, "dev:test:d_acme")
    assert found.pop("security") == ("waiting", AS_OF - 9 * DAY, 9, "us")
    assert found.pop("legal") == ("done", datetime(2026, 6, 2), None, None)
    assert set(found.values()) == {("not_known", None, None, None)}
    assert len(found) == 5
    assert rows(con, "select owner, by_person from readiness_item where item = 'legal'") == [("Lee", True)]
    (row,) = ask(con, "enterprise_accounts")
    assert (row["standing"], row["done"], row["waiting"], row["not_known"]) == ("looks like one", 1, 1, 5)
    (people,) = ask(con, "evaluator_approver")
    assert people["known"] == "approver not known"


def test_a_developer_who_asks_about_procurement_approves_nothing(world):
    for name in ("asks", "other"):
        firm(world, name, employees=5000)
        contract(world, name)
        requester = f"u_{name}"
        if name == "other":
            requester = "u_buyer"
            world.add("support_user", requester, email="buyer@other.com", verified=True, role="end-user")
        world.add("ticket", f"t_{name}", requester_id=requester, status="open", subject="Purchase order", created_at=AS_OF - DAY)  # fmt: skip
    found = {row["name"]: row["known"] for row in ask(world.build(), "evaluator_approver")}
    assert found == {"asks": "approver not known", "other": "both known"}


def test_a_step_left_open_at_the_signature_waits_for_nobody(world):
    firm(world, "acme")
    steps = [{"step": "legal_review", "started_on": "2026-01-15", "waiting_for": "legal"},
             {"step": "purchase_order", "started_on": "2026-02-01", "waiting_for": "procurement"}]  # fmt: skip
    contract(world, "acme", steps=steps)
    con = world.build()
    assert rows(con, "select step from procurement_waiting") == [("purchase_order",)]
    assert readiness(con, "dev:test:d_acme")["legal"][0] == "not_known"


# Peers


def test_peers_are_customers_that_share_something_the_most_alike_first(world):
    traits = {"kind": "retail", "country": "SE", "employees": 500}
    firm(world, "mine", **traits)
    contract(world, "mine", status="negotiating", signed_at=None)
    for name, more in {
        "twin": traits,
        "half": {"country": "SE"},
        "other": {"country": "US"},
        "free": traits,
        "gone": traits,
    }.items():
        firm(world, name, **more)
        if name != "free":
            contract(world, name, ends_at=datetime(2026, 3, 1) if name == "gone" else None)
    world.person("d_team", "x@house.example").add(
        "organization", "o_team", name="team", domain="house.example", **traits
    )
    for name, routes in {"mine": 3, "twin": 2, "half": 3, "other": 0}.items():
        if routes:
            world.calls(date(2026, 6, 1), ok=routes, application_ref=f"app_{name}")
            caller = world.usage[-1]["caller_id"]
            world.routes += [(date(2026, 6, 1), caller, "rates", f"/{n}", "GET", 1, 1, AS_OF, f"/{n}") for n in range(routes)]  # fmt: skip
    world.add("outreach_activity", "c", title="Case study: twin", organization_ref="o_twin", occurred_at=datetime(2026, 5, 1))  # fmt: skip
    con = world.build()
    found = [
        (row["name"], row["parts"], row["shared_routes"], row["all_routes"], row["same"], row["case_study"])
        for row in ask(con, "account_peers", account="dev:test:d_mine")
    ]
    assert found == [
        ("twin", 5, 2, 3, "kind: retail, country: SE, size: 200 to 999 people", "Case study: twin"),
        ("half", 3, 3, 3, "country: SE", None),
    ]
    assert ask(con, "account_peers") == []
