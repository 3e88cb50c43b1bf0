"""Unmet demand: whose it is, what is noise, what limits refuse; counted a second time in plain Python."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

import duckdb
import pytest

from data_sources.scanners import RULES
from sql.catalogue import ROOT
from tests.sql.marts.world import NOBODY, World, ask, rows

DAY = date(2026, 6, 10)
PERIOD = {"date_from": date(2026, 6, 1), "date_to": date(2026, 7, 1)}
FIRMS = ["acme", "bolt", "cargo", "delta"]


def caller(app: int) -> str:
    """The caller of an application's key."""
    return f"logs|api|||app_{app}||"


def people(world: World) -> World:
    """Four organizations, of which the first two have paid, and two lone developers; each with one application."""
    for n, firm in enumerate(FIRMS):
        world.add("organization", f"org_{n}", name=firm.title(), domain=f"{firm}.example")
        world.person(f"dev_{n}", f"ann@{firm}.example", organization_id=f"org_{n}")
    for n in (4, 5):
        world.person(f"dev_{n}", f"lone{n}@gmail.com")
    for n in range(6):
        world.add("application", f"app_{n}", developer_id=f"dev_{n}", created_at=datetime(2026, 1, 1))
        world.calls(DAY, ok=5, application_ref=f"app_{n}")
        world.routes.append(
            (DAY, caller(n), "rates", "rates-quote", "POST", 5, 5, datetime(2026, 6, 10), "/v1/rates/quote")
        )
    for n in (0, 1):
        world.add("billing_customer", f"cus_{n}", source="stripe", consumer_ref=f"app_{n}", currency="usd")
        world.add("invoice", f"in_{n}", source="stripe", customer_id=f"cus_{n}", status="paid", currency="usd", total=1000 * (n + 1),
                  tax=0, amount_paid=1000 * (n + 1), paid_at=datetime(2026, 6, 5))  # fmt: skip
    return world


def from_address(world: World, address: str, *apps: int, month: date = date(2026, 6, 1), ok: int = 4) -> None:
    """Calls with these keys from an address in a month."""
    for app in apps:
        world.addresses.append((month, address, caller(app), 5, ok))


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    world = people(World(tmp_path_factory.mktemp("demand")))
    # named by the log, though no route: another gateway
    world.asks("/v1/refunds", reason="501", caller_id=caller(0), address="a0").asks(
        "/v1/refunds", reason="501", caller_id=caller(4)
    )
    # inferred: a1 is used by one account, a2 by two, a3 by nobody, a4 by one in another month only
    from_address(world, "a1", 1)
    from_address(world, "a2", 1, 2)
    from_address(world, "a4", 3, month=date(2026, 5, 1))
    for address in ("a1", "a2", "a3", "a4"):
        world.asks("/v1/rates/bulk", address=address)
        world.addresses.append((date(2026, 6, 1), address, NOBODY, 1, 0))
    # an address where most is called without a key is nobody's
    from_address(world, "a5", 2)
    world.addresses.append((date(2026, 6, 1), "a5", NOBODY, 90, 80))
    world.asks("/v1/rates/bulk", address="a5")
    # noise: a list, an agent, behaviour, a stray
    world.asks("/.env", address="a1").asks("/v1/rates/probe", address="s1", user_agent="Mozilla/5.0 zgrab/0.x")
    world.asks("/v1/rates/probe2", caller_id=caller(5), user_agent="shipbot/1.0")
    for n in range(5):
        world.asks(f"/strange{n}/x", address="s2")
    world.asks("/v1/rates/odd", address="s2").asks("/curious/thing", address="s3")
    # who calls with a key and is answered may well ask for what stands on a list, but for no secret
    world.asks("/login", caller_id=caller(1)).asks("/id_rsa", caller_id=caller(1)).asks("/login", address="s4")
    # one missing endpoint, whatever its ids look like
    for path in ("/v1/rates/x7k2/copy", "/v1/rates/y81b/copy", "/v1/rates/{id}/copy"):
        world.asks(path, caller_id=caller(2))
    # a 405 beside a 404 of the same path
    world.asks("/v1/rates/bulk", address="a1", reason="405", method="PUT")
    world.plans = [(1, "free", True, True, None), (2, "growth", False, True, 100.0)]
    return world.build()


def listed(con, **more) -> dict[tuple, dict]:
    return {(row["path"], row["reason"]): row for row in ask(con, "unmet_demand", **PERIOD, **more)}


def test_an_address_of_exactly_one_account_tells_whose_call_it_was(con):
    bulk = listed(con)["/v1/rates/bulk", "no_route"]
    assert (bulk["accounts"], bulk["inferred_accounts"], bulk["paying_accounts"], bulk["company_accounts"]) == (
        1,
        1,
        1,
        1,
    )
    assert bulk["unnamed_callers"] == 4, "an office of two, a stranger, one of another month, and a place without keys"
    shares = rows(con, "select client_ip, share from address_account order by client_ip")
    assert dict(shares)["a1"] == 1
    assert {"a2", "a3", "a5"}.isdisjoint(dict(shares))


def test_who_the_log_names_is_not_inferred(con):
    refunds = listed(con)["/v1/refunds", "501"]
    assert (
        refunds["accounts"],
        refunds["inferred_accounts"],
        refunds["paying_accounts"],
        refunds["company_accounts"],
    ) == (2, 0, 1, 1)
    who = ask(con, "unmet_accounts", value=refunds["key"], **PERIOD)
    assert [(row["basis"], row["share"]) for row in who] == [("named by the log", None)] * 2
    assert who[0]["name"] == "Acme"
    assert who[0]["revenue"] == 10


def test_who_asks_says_what_it_rests_on(con):
    who = ask(con, "unmet_accounts", value=listed(con)["/v1/rates/bulk", "no_route"]["key"], **PERIOD)
    assert [(row["name"], row["basis"], row["callers"]) for row in who] == [
        ("Bolt", "inferred by address", 1),
        (None, "not known", 4),
    ]


def test_noise_is_left_out_and_counted(con):
    assert {path for path, _ in listed(con)} == {
        "/v1/rates/bulk",
        "/v1/refunds",
        "/v1/rates/probe2",
        "/login",
        "/v1/rates/{id}/copy",
    }
    noise = {row["list"]: (row["calls"], row["callers"]) for row in ask(con, "scanner_noise", **PERIOD)}
    assert noise == {
        "secrets": (2, 2),
        "consoles": (1, 1),
        "tools": (1, 1),
        "behaviour": (6, 1),
        "never_answered": (1, 1),
    }
    one = ask(con, "unmet_summary", **PERIOD)[0]
    assert one["removed_calls"] == sum(calls for calls, _ in noise.values())
    assert one["calls"] + one["removed_calls"] == rows(con, "select sum(calls) from unmatched_day")[0][0], (
        "no call is lost"
    )


def test_a_customers_program_may_be_called_a_bot(con):
    assert listed(con)["/v1/rates/probe2", "no_route"]["accounts"] == 1


def test_a_list_is_for_strangers(con):
    assert (listed(con)["/login", "no_route"]["accounts"], listed(con)["/login", "no_route"]["calls"]) == (1, 1)


def test_what_looks_alike_on_the_page_is_one_row(con):
    assert listed(con)["/v1/rates/{id}/copy", "no_route"]["calls"] == 3
    asked = [(row["path"], row["reason"]) for row in ask(con, "unmet_demand", **PERIOD)]
    assert len(asked) == len(set(asked))


def test_revenue_of_nobody_known_is_not_known(tmp_path):
    world = people(World(tmp_path))
    world.asks("/v1/rates/bulk", address="a3").asks("/v1/rates/slow", caller_id=caller(4))
    found = {row["path"]: row["revenue"] for row in ask(world.build(), "unmet_demand", **PERIOD)}
    assert found == {"/v1/rates/bulk": None, "/v1/rates/slow": 0}


def test_what_was_answered_under_an_id_is_no_missing_path(tmp_path):
    world = people(World(tmp_path))
    # a log that names no routes: the template of what was answered, and of what was not there
    for path in ("/v1/rates/x7k2", "/v1/rates/anna/terms"):
        world.routes.append((DAY, caller(0), None, path, "GET", 5, 5, datetime(2026, 6, 10), path))
    world.asks("/v1/rates/z8a1", caller_id=caller(1)).asks("/v1/rates/bulk", caller_id=caller(1))
    assert {row["path"] for row in ask(world.build(), "unmet_demand", **PERIOD)} == {"/v1/rates/bulk"}


def test_methods_stand_apart_from_paths(con):
    found = listed(con)
    assert found["/v1/rates/bulk", "405"]["methods"] == "PUT"
    assert found["/v1/rates/bulk", "no_route"]["methods"] == "POST"


def test_the_order_is_paying_then_companies_then_all(con):
    found = ask(con, "unmet_demand", **PERIOD)
    keys = [(row["paying_accounts"], row["company_accounts"], row["accounts"], row["unnamed_callers"]) for row in found]
    assert keys == sorted(keys, reverse=True)


def test_a_tier_sees_its_own_demand(con):
    assert listed(con, tier="internal") == {}


def test_nothing_is_paying_where_nobody_tells_of_money(tmp_path):
    world = World(tmp_path)
    world.person("dev_1", "ann@acme.com").add(
        "application", "app_1", developer_id="dev_1", created_at=datetime(2026, 1, 1)
    )
    world.calls(DAY, ok=1, application_ref="app_1").asks("/v1/rates/bulk", caller_id=caller(1))
    (row,) = ask(world.build(), "unmet_demand")
    assert row["accounts"] == 1
    assert row["paying_accounts"] is None
    assert row["revenue"] is None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_list_counted_a_second_time(tmp_path, seed):
    draw = random.Random(seed)
    world = people(World(tmp_path))
    apps_of = {f"ip{n}": draw.sample(range(6), draw.choice([0, 1, 1, 2])) for n in range(14)}
    for address, apps in apps_of.items():
        from_address(world, address, *apps)
    for _ in range(80):
        named = draw.random() < 0.3
        path = f"/v1/rates/{draw.choice(['bulk', 'slow', 'fast', 'void', 'copy'])}"
        address = draw.choice(list(apps_of))
        day = DAY + timedelta(days=draw.randrange(10))
        reason = draw.choice(["no_route", "405"])
        world.asks(
            path,
            address=address,
            reason=reason,
            day=day,
            caller_id=caller(draw.randrange(6)) if named else None,
            calls=draw.randrange(1, 4),
        )
    expected: dict[tuple, dict] = defaultdict(lambda: {"accounts": set(), "unnamed": set(), "calls": 0})
    for row in world.unmatched:
        app = None if row["caller_id"] == NOBODY else int(row["caller_id"].split("app_")[1][0])
        if app is None and len(apps_of[row["client_ip"]]) == 1:
            app = apps_of[row["client_ip"]][0]
        mine = expected[row["path_template"], row["reason"]]
        mine["calls"] += row["calls"]
        mine["unnamed" if app is None else "accounts"].add(row["client_ip"] if app is None else app)
    found = ask(world.build(), "unmet_demand", **PERIOD)
    assert {
        (row["path"], row["reason"]): (
            row["accounts"],
            row["paying_accounts"],
            row["company_accounts"],
            row["unnamed_callers"],
            row["calls"],
        )
        for row in found
    } == {
        key: (len(a := mine["accounts"]), len(a & {0, 1}), len(a & {0, 1, 2, 3}), len(mine["unnamed"]), mine["calls"])
        for key, mine in expected.items()
    }


def test_refused_revenue_is_an_upper_bound_by_the_next_priced_plan(tmp_path):
    world = World(tmp_path)
    world.plans = [
        (1, "free", True, True, None),
        (2, "growth", False, True, 100.0),
        (3, "enterprise", False, False, None),
    ]
    world.plan_calls = {"growth": 50_000}
    for n, plan in enumerate(["free", "growth", None]):
        world.person(f"dev_{n}", f"lone{n}@gmail.com")
        world.add("application", f"app_{n}", developer_id=f"dev_{n}", plan=plan, created_at=datetime(2026, 1, 1))
        world.calls(DAY, ok=90, client_errors=10, refused_quota=6, refused_rate_limit=4, application_ref=f"app_{n}")
    world.limits.append((date(2026, 6, 23), caller(0), "month", 1000, 0.79999, 5, datetime(2026, 6, 23, 9), 0))
    world.limits.append((date(2026, 6, 12), caller(0), "day", 100, 0.9, 5, datetime(2026, 6, 12, 9), 0))
    world.limits.append((date(2026, 6, 25), caller(1), "minute", 100, 0.3, 5, datetime(2026, 6, 25, 9), 0))
    world.limits.append((date(2026, 6, 25), caller(2), "hour", 100, 1.0, 5, datetime(2026, 6, 25, 9), 0))
    con = world.build()
    by_plan = {row["plan"]: row for row in ask(con, "refusals_by_plan", **PERIOD)}
    assert by_plan["free"]["refused_revenue"] == pytest.approx(10 * 100 / 50_000)
    assert by_plan["growth"]["refused_revenue"] is None, "no plan above has a price"
    assert by_plan[None]["refused_revenue"] is None
    assert (by_plan["free"]["refused_quota"], by_plan["free"]["refused_rate"], by_plan["free"]["refused_share"]) == (
        6,
        4,
        0.1,
    )
    near = {row["limit_window"]: row for row in ask(con, "limit_use", **PERIOD)}
    assert near["month"]["at_pace"] == pytest.approx(0.79999 / 23 * 30, rel=1e-6)
    assert {window: row["state"] for window, row in near.items()} == {
        "month": "about to hit",
        "minute": "below",
        "day": "not seen lately",
        "hour": "refused",
    }
    assert near["minute"]["at_pace"] is None


def test_use_of_a_limit_counts_what_was_refused_and_two_days_tell_no_pace(tmp_path):
    world = people(World(tmp_path))
    for day, used, refused in ((30, 0.9, 500), (31, 1.2, 200)):
        world.limits.append((date(2026, 5, day), caller(0), "month", 1000, used, 5, datetime(2026, 5, day), refused))
    world.limits.append((date(2026, 6, 2), caller(0), "month", 1000, 0.08, 5, datetime(2026, 6, 2), 0))
    con = world.build()
    (row,) = ask(con, "limit_use", date_from=date(2026, 5, 1), date_to=date(2026, 6, 1))
    assert row["used"] == pytest.approx(1.7), "what was refused on the month's earlier days was asked for, too"
    assert row["at_pace"] == pytest.approx(1.7)
    (row,) = ask(con, "limit_use", date_from=date(2026, 6, 1), date_to=date(2026, 7, 1))
    assert (row["used"], row["at_pace"]) == (0.08, None)


def test_the_roll_up_of_limits_adds_allowed_and_refused_of_one_window():
    con = duckdb.connect()
    con.execute(
        "create table request (day date, caller_id varchar, limit_window varchar, occurred_at timestamp, limit_calls bigint, limit_left bigint, status int)"
    )
    noon = datetime(2026, 6, 10, 12)
    for window, limit in (("minute", 4), ("month", 100)):
        # four answered in one minute and two refused in it, three refused in the next
        answers = [(0, left, 200) for left in (3, 2, 1, 0)] + [(0, 0, 429)] * 2 + [(1, 0, 429)] * 3
        for minute, left, status in answers:
            at = noon + timedelta(minutes=minute)
            con.execute("insert into request values (?, 'c', ?, ?, ?, ?, ?)", [DAY, window, at, limit, left, status])
    found = con.execute((ROOT / "usage" / "limit_day.sql").read_text()).to_arrow_table().to_pylist()
    used = {row["limit_window"]: (row["used"], row["refused"], row["calls"]) for row in found}
    assert used == {"minute": (1.75, 5, 9), "month": (1.05, 5, 9)}


def test_what_the_log_does_not_say_of_limits_is_not_known(con):
    assert ask(con, "limit_use", **PERIOD) == []


def test_features_asked_for_in_tickets(tmp_path):
    world = people(World(tmp_path))
    for n, subject in enumerate(["Feature request: bulk labels", "feature request: bulk labels", "401 with my key"]):
        world.add("support_user", f"su_{n}", email=f"ann@{FIRMS[n]}.example", verified=True, role="end-user")
        world.add(
            "ticket", f"t_{n}", requester_id=f"su_{n}", subject=subject, status="open", created_at=datetime(2026, 6, 8)
        )
    (row,) = ask(world.build(), "feature_requests", **PERIOD)
    assert (row["tickets"], row["accounts"], row["paying_accounts"], row["open"]) == (2, 2, 2, 2)


def test_a_list_never_holds_what_customers_are_answered_on(tmp_path):
    world = people(World(tmp_path))
    world.routes.append((DAY, caller(0), "old", "old", "GET", 5, 5, datetime(2026, 6, 10), "/old/api.php"))
    world.asks("/old/orders.php", caller_id=caller(0)).asks("/wp-login.php", address="s9")
    found = {row["path"] for row in ask(world.build(), "unmet_demand", **PERIOD)}
    assert found == {"/old/orders.php"}


@pytest.mark.parametrize("path", ["/v1/orders/export", "/files/upload", "/v1/backups", "/v2/admin/users", "/feedback", "/reports/summary.csv",
                                  "/v1/login-links", "/images/resize", "/shop/orders", "/v1/webhooks/{id}/replay", "/graphql", "/v1/vendor/invoices", "/exchange/rates",
                                  "/printers/{id}", "/vpn/tunnels", "/v1/autodiscovery", "/backups/{id}", "/backup/{id}", "/account/login-links", "/sdk/versions",
                                  "/v1/lucid", "/jira/webhooks", "/v1/exports/{id}.zip", "/rails/freight", "/v1/struts", "/mapi/tiles"])  # fmt: skip
def test_no_list_holds_what_an_api_may_well_be_asked_for(path):
    assert on_lists(path) == []


@pytest.mark.parametrize("path", ["/wordpress/wp-login.php", "/.ENV.bak", "/.git/HEAD", "/phpMyAdmin/index.php", "/cgi-bin/test.sh", "/actuator/env",
                                  "/db.sql.gz", "/static/%2e%2e/etc/passwd", "/shell?cd+/tmp", "/HNAP1/", "/boaform/admin/formLogin", "/owa/auth/x.js",
                                  "/solr/admin/cores", "/robots.txt", "/v2/_catalog", "/geoserver/web/", "/.aws/credentials", "/id_rsa",
                                  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/cgi-bin/luci/;stok=/locale", "/EWS/Exchange.asmx", "/backup.zip",
                                  "/autodiscover/autodiscover.json", "/Autodiscover/Autodiscover.xml", "/vpn/index.html", "/sdk/webLanguage", "/account/login",
                                  "/struts2-showcase/index.action", "/jira/secure/Dashboard.jspa", "/dana-na/auth/url_default/welcome.cgi", "/telescope/requests"])  # fmt: skip
def test_lists_are_of_general_kinds(path):
    assert on_lists(path)


def on_lists(path: str) -> list[str]:
    """The lists that hold a path, by their patterns taken literally in Python."""

    def like(patterns: list[str]) -> bool:
        return any(fnmatchcase(path.lower(), one.lower().replace("[", "[[]").replace("?", "[?]")) for one in patterns)

    return [one.name for one in RULES.usual() if like(one.paths) and not like(one.unless)]
