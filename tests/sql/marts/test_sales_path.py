"""Who is served on the wrong path and since when, how far each path leads, and who crosses from one to the other."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_sources.judgements import AccountOwner, ReadinessDecision
from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)
JAN = datetime(2026, 1, 1)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def company(world: World, name: str, developers: int = 1, created: datetime = JAN, **organization) -> str:
    """A company whose developers sign up ten days apart; its account's id."""
    for n in range(developers):
        world.person(f"{name}{n}", f"p{n}@{name}.com", created=created + 10 * n * DAY)
    world.add("application", f"app_{name}", developer_id=f"{name}0", created_at=created)
    world.add("organization", f"o_{name}", name=name, domain=f"{name}.com", created_at=created, **organization)
    world.add("support_user", f"u_{name}", email=f"p0@{name}.com", verified=True, role="end-user")
    return f"dev:test:{name}0"


def asks(world: World, name: str, subject: str, at: datetime, status: str = "open", answered: bool = False) -> None:
    world.add("ticket", f"t_{name}_{at:%m%d}", requester_id=f"u_{name}", status=status, subject=subject, created_at=at)
    if answered:
        event = {"kind": "public_reply", "author_role": "agent", "occurred_at": at + timedelta(hours=1)}
        world.add("ticket_event", f"e_{name}_{at:%m%d}", ticket_id=f"t_{name}_{at:%m%d}", **event)


def mismatches(con, **params) -> dict[str, tuple]:
    return {row["name"]: (row["mismatch"], row["since"], row["days_lost"]) for row in ask(con, "path_mismatch", **params)}  # fmt: skip


def test_one_that_looks_like_an_enterprise_and_belongs_to_nobody(world):
    company(world, "big", employees=4000)
    asks(world, "big", "Security questionnaire and SOC 2 report", datetime(2026, 6, 10))
    company(world, "many", developers=4, created=datetime(2026, 5, 1))
    world.daily(date(2026, 5, 15), 3, ok=50, client_errors=9, refused_quota=9, application_ref="app_many")
    con = world.build()
    assert mismatches(con) == {
        "big": ("unowned", datetime(2026, 6, 10), 20),
        "many": ("unowned", datetime(2026, 5, 21), 40),
    }
    found = {row["name"]: row for row in ask(con, "path_mismatch")}
    assert found["big"]["signal_labels"] == "Size, Security question, Company domain"
    assert found["big"]["first_signal_at"] == JAN
    assert "4,000 employees" in found["big"]["evidence"]
    assert "27 calls over quota or rate on 3 days" in found["many"]["evidence"]
    assert "number 3 signed up 21 May 2026" in found["many"]["evidence"]
    assert mismatches(con, search="BIG").keys() == {"big"}
    assert mismatches(con, tier="partner") == {}


@pytest.mark.parametrize(
    "why",
    [
        "one sign",
        "limits alone",
        "an owner",
        "an opportunity",
        "a contract",
        "a draft",
        "dismissed",
        "not seen",
        "rules",
        "a partner",
    ],
)
def test_what_is_not_served_wrongly(world, why):
    """Each is the enterprise of the test above, but for one thing."""
    account = company(world, "big", employees=10 if why in ("one sign", "limits alone") else 4000)
    asked = datetime(2026, 2, 1) if why == "not seen" else datetime(2026, 6, 10)
    if why == "limits alone":
        asks(world, "big", "We need more quota", asked)
        world.daily(date(2026, 6, 1), 5, ok=50, client_errors=9, refused_quota=9, application_ref="app_big")
    else:
        asks(world, "big", "Security questionnaire", asked)
    agreed = {"organization_ref": "o_big", "domain": "big.com", "created_at": datetime(2026, 6, 12)}
    if why == "an owner":
        world.judgements.append(AccountOwner(author="me", decided_at=AS_OF, account_id=account, owner="Kim"))
    elif why == "an opportunity":
        world.add("opportunity", "s", organization_ref="o_big", stage="proposal", created_at=datetime(2026, 6, 11))
    elif why == "a contract":
        world.add("contract", "k", status="active", signed_at=datetime(2026, 6, 12), **agreed)
    elif why == "a draft":
        world.add("contract", "k", status="draft", **agreed)
    elif why == "a partner":
        world.add("contract", "k", status="active", tier="partner", signed_at=datetime(2026, 6, 12), **agreed)
    elif why == "dismissed":
        said = {"item": "sales_path", "state": "not_needed", "account_id": account}
        world.judgements.append(ReadinessDecision(author="me", decided_at=AS_OF, **said))
    elif why == "rules":
        world.path_rules = {"signals_needed": 3}
    found = mismatches(world.build())
    # whoever is small and asks for more quota is held up
    assert {kind for kind, _, _ in found.values()} == ({"held_up"} if why == "limits alone" else set())


def test_what_ended_otherwise_leads_nobody(world):
    """A lost sale, a refused draft and an answered question of price leave an enterprise without anyone."""
    company(world, "big", employees=4000)
    asks(world, "big", "Security questionnaire", datetime(2026, 6, 10))
    asks(world, "big", "What does the enterprise plan cost?", datetime(2026, 6, 2), "solved", answered=True)
    world.add("opportunity", "s", organization_ref="o_big", stage="lost", created_at=JAN)
    world.add("contract", "k", organization_ref="o_big", domain="big.com", status="rejected", created_at=JAN)
    con = world.build()
    assert mismatches(con).keys() == {"big"}
    assert rows(con, "select served from account_path") == [("self-service",)]


WAITS = {"ticket": 20, "draft": 30, "step": 10, "plan": 180}


@pytest.mark.parametrize("what", WAITS)
def test_one_that_is_small_and_waits_behind_a_sales_step(world, what):
    account = company(world, "tiny")
    world.plans = [(1, "free", True, True, 0.0), (2, "beta", True, False, None)]
    world.calls(date(2026, 6, 1), ok=20, application_ref="app_tiny")
    if what == "ticket":
        asks(world, "tiny", "Which price for 20 calls?", AS_OF - 20 * DAY)
    elif what == "plan":
        world.add("application", "app_tiny", developer_id="tiny0", plan="beta", created_at=JAN)
    else:
        steps = [{"step": "legal_review", "started_on": "2026-06-20", "waiting_for": "legal"}] if what == "step" else []
        drafted = AS_OF - 30 * DAY if what == "draft" else AS_OF - 10 * DAY
        world.add("contract", "k", domain="tiny.com", status="draft", created_at=drafted, steps=steps)
    con = world.build()
    found = ask(con, "path_mismatch")
    assert [(row["name"], row["mismatch"], row["days_lost"]) for row in found] == [("tiny", "held_up", WAITS[what])]
    (path,) = ask(con, "account_path", account=account)
    assert (path["fits"], path["mismatch"]) == ("self-service", "held_up")


@pytest.mark.parametrize("why", ["answered", "solved", "too fresh", "busy", "two people", "pays", "a way out"])
def test_what_is_not_held_up(world, why):
    company(world, "tiny", developers=2 if why == "two people" else 1)
    world.calls(date(2026, 6, 1), ok=5000 if why == "busy" else 20, application_ref="app_tiny")
    at = AS_OF - (2 if why == "too fresh" else 20) * DAY
    if why != "a way out":
        asks(world, "tiny", "Which price?", at, "solved" if why == "solved" else "open", answered=why == "answered")
    else:
        world.plans = [(1, "free", True, True, 0.0), (2, "beta", True, False, None)]
        for n, plan in enumerate(("free", "beta")):
            world.add("application", f"more_{n}", developer_id="tiny0", plan=plan, created_at=JAN)
    if why == "pays":
        world.add("billing_customer", "c", consumer_ref="app_tiny")
        world.add("invoice", "i", customer_id="c", status="paid", currency="usd", total=100, tax=0, paid_at=AS_OF - 5 * DAY)  # fmt: skip
    assert mismatches(world.build()) == {}


def test_volume_is_a_sign_among_thirty_callers_only(world):
    for n in range(30):
        company(world, f"firm{n:02}")
        world.calls(date(2026, 6, 3), ok=10 + n, application_ref=f"app_firm{n:02}")
    con = world.build()
    query = "select name, evidence from enterprise_signal join account using (account_id) where signal = 'volume' order by 1"
    assert rows(con, query) == [
        ("firm28", "38 calls in Jun 2026, more than 95 % of the 30 open accounts that called"),
        ("firm29", "39 calls in Jun 2026, more than 95 % of the 30 open accounts that called"),
    ]
    few = World(world.home / "few")
    for n in range(29):
        company(few, f"firm{n:02}")
        few.calls(date(2026, 6, 3), ok=10 + n, application_ref=f"app_firm{n:02}")
    assert rows(few.build(), "select * from enterprise_signal where signal = 'volume'") == []


# The two paths, step by step

MOMENT = st.integers(0, 170)
LIFE = st.fixed_dictionaries(
    {
        "signed_up": st.integers(0, 170),
        "use": st.lists(MOMENT, max_size=6),
        "orders": st.lists(MOMENT, max_size=2),
        "bills": st.lists(MOMENT, max_size=3),
        "asked": st.lists(MOMENT, max_size=1),
        "opportunity": st.lists(MOMENT, max_size=1),
        "steps": st.lists(MOMENT, max_size=2),
        "signed": st.lists(MOMENT, max_size=1),
    }
)


def at(day: int, hour: int = 0) -> datetime:
    return JAN + day * DAY + timedelta(hours=hour)


def integrated(use: list[int]) -> list[datetime]:
    """Three days with a success within fourteen: the days that complete them."""
    days = sorted(set(use))
    return [at(c, 12) for a, c in zip(days, days[2:], strict=False) if c - a < 14]


def own_orders(life: dict) -> list[datetime]:
    signed = min(life["signed"], default=10_000)
    return [at(day, 3) for day in life["orders"] if day < signed]


def walked(steps: list[list[datetime]]) -> list[datetime]:
    reached: list[datetime] = []
    for moments in steps:
        later = [one for one in moments if one <= AS_OF and (not reached or one >= reached[-1])]
        if not later:
            break
        reached.append(min(later))
    return reached


def paths(life: dict) -> dict[str, list[datetime]]:
    use = sorted(set(life["use"]))
    paid = [at(day, 20) for day in life["bills"]]
    drafted = [at(min(life["signed"] or life["steps"]), 1)] if life["signed"] or life["steps"] else []
    signed = [at(day, 2) for day in life["signed"]]
    contact = [at(day, 4) for day in life["asked"]] + [at(day, 5) for day in life["opportunity"]] + drafted
    first_seen = min([at(life["signed_up"])])
    return {
        "self-service": walked([[first_seen], [at(day, 12) for day in use], integrated(use), own_orders(life), paid]),
        "sales-led": walked([contact, [at(day) for day in life["steps"]] + signed, signed, paid]),
    }


def crossing(life: dict) -> tuple | None:
    drafted = [at(min(life["signed"] or life["steps"]), 1)] if life["signed"] or life["steps"] else []
    signed = [at(day, 2) for day in life["signed"]]
    sales = [at(day, 5) for day in life["opportunity"]] + drafted + [at(day) for day in life["steps"]] + signed
    sales = [moment for moment in sales if moment <= AS_OF]
    if not sales:
        return None
    took_over, orders, use = min(sales), own_orders(life), [at(day, 12) for day in life["use"]]
    if orders and min(orders) != took_over:
        early = min(orders) < took_over
        days = abs(min(orders) - took_over) / DAY
        return ("ordered, then sales" if early else "sales, then ordered"), days
    return ("built, then sales", (took_over - min(use)) / DAY) if use and min(use) < took_over else None


def world_of(home, lives: list[dict]) -> World:
    world = World(home)
    for n, life in enumerate(lives):
        name = f"firm{n:03}"
        world.person(name, f"p@{name}.com", created=at(life["signed_up"]))
        world.add("organization", f"o_{name}", name=name, domain=f"{name}.com", created_at=at(life["signed_up"]))
        world.add("application", f"app_{name}", developer_id=name, created_at=at(life["signed_up"]))
        world.add("billing_customer", f"c_{name}", consumer_ref=f"app_{name}")
        world.add("support_user", f"u_{name}", email=f"p@{name}.com", verified=True, role="end-user")
        for day in sorted(set(life["use"])):
            world.calls(at(day).date(), ok=1, application_ref=f"app_{name}")
        for k, day in enumerate(life["orders"]):
            world.add("subscription", f"s_{name}_{k}", customer_id=f"c_{name}", status="active", started_at=at(day, 3))
        for k, day in enumerate(life["bills"]):
            world.add("invoice", f"i_{name}_{k}", customer_id=f"c_{name}", status="paid", currency="usd", total=100, tax=0, paid_at=at(day, 20))  # fmt: skip
        for day in life["asked"]:
            world.add("ticket", f"t_{name}", requester_id=f"u_{name}", status="open", subject="Pricing", created_at=at(day, 4))  # fmt: skip
        for day in life["opportunity"]:
            world.add("opportunity", f"op_{name}", organization_ref=f"o_{name}", domain=f"{name}.com", stage="lost", created_at=at(day, 5))  # fmt: skip
        if life["signed"] or life["steps"]:
            steps = [{"step": "legal", "started_on": f"{at(day):%Y-%m-%d}"} for day in life["steps"]]
            signed = at(life["signed"][0], 2) if life["signed"] else None
            world.add("contract", f"k_{name}", organization_ref=f"o_{name}", domain=f"{name}.com", steps=steps, signed_at=signed,
                      status="active" if signed else "draft", created_at=at(min(life["signed"] or life["steps"]), 1))  # fmt: skip
    return world


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate])  # fmt: skip
@given(lives=st.lists(LIFE, min_size=40, max_size=60), window=st.sampled_from([30, 60]))
def test_both_paths_and_their_crossings_are_what_a_loop_over_every_account_says(tmp_path_factory, lives, window):
    con = world_of(tmp_path_factory.mktemp("paths"), lives).build()
    found: dict = {}
    query = "select name, path, reached_at from path_step join account using (account_id) order by name, path, position"
    for name, path, reached_at in rows(con, query):
        found.setdefault((name, path), []).append(reached_at)
    expected = {(f"firm{n:03}", path): steps for n, life in enumerate(lives) for path, steps in paths(life).items()}
    assert found == {key: steps for key, steps in expected.items() if steps}

    crossings = rows(con, "select name, crossing, days from path_crossing join account using (account_id)")
    crossed = {name: (kind, days) for name, kind, days in crossings}
    assert crossed == {f"firm{n:03}": (one[0], pytest.approx(one[1])) for n, life in enumerate(lives) if (one := crossing(life))}  # fmt: skip

    for row in ask(con, "sales_paths", window_days=window):
        mine = [steps for (_, path), steps in expected.items() if path == row["path"] and steps]
        mature = [steps for steps in mine if steps[0] <= AS_OF - window * DAY]
        place = row["position"] - 1

        def made(steps: list[datetime], place: int) -> bool:
            return len(steps) > place and steps[place] <= steps[0] + window * DAY

        assert row["tier"] == "open"
        assert row["reached"] == sum(len(steps) > place for steps in mine)
        assert row["entrants"] == len(mature)
        assert row["mature_reached"] == sum(made(steps, place) for steps in mature)
        assert row["in_progress"] == sum(len(s) <= place for s in mine if s[0] > AS_OF - window * DAY)
        before = sum(made(steps, place - 1) for steps in mature) if place else 0
        assert row["conversion"] == (pytest.approx(row["mature_reached"] / before) if before else None)


def test_an_order_on_the_day_of_the_signature_is_how_the_contract_is_billed(world):
    for name, gap in (("before", -1), ("same", 0), ("after", 5)):
        company(world, name)
        world.add("contract", f"k_{name}", organization_ref=f"o_{name}", domain=f"{name}.com", status="active", signed_at=datetime(2026, 3, 1, 18))  # fmt: skip
        world.add("billing_customer", f"c_{name}", consumer_ref=f"app_{name}")
        world.add("subscription", f"s_{name}", customer_id=f"c_{name}", status="active", started_at=datetime(2026, 3, 1) + gap * DAY)  # fmt: skip
    con = world.build()
    assert rows(con, "select name from own_order join account using (account_id)") == [("before",)]
    assert rows(con, "select name, crossing from path_crossing join account using (account_id)") == [
        ("before", "ordered, then sales")
    ]
