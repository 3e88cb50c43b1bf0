"""What a change of the rules is said to move is what the build that applies it moves."""

import shutil
from collections import Counter
from datetime import date

import duckdb
import pytest

from data_sources.program import DEFAULT_LADDER, Exposure, LadderRule, TierRule
from sql import models, rules, snapshot
from sql.query import OutdatedError
from tests.sql import small_home
from tests.sql.marts.test_ladder import at, bill
from tests.sql.marts.world import World, rows

JAN, APR, MAY, JUNE = (date(2026, month, 1) for month in (1, 4, 5, 6))
TODAY = date(2026, 6, 30)
RULES = [("internal", "internal_domain", None), ("partner", "contract", "partner"), ("public", "always", None)]
CHANGES = {
    "a tag": [RULES[0], RULES[1], ("open", "tag", ["reviewed"]), RULES[2]],
    "a contract counts no more": [RULES[0], RULES[2]],
    "a plan, that of nobody too": [("open", "plan", "free"), *RULES],
    "another order": [RULES[1], RULES[0], RULES[2]],
    "no rule at all": [],
    "everyone": [("open", "always", None)],
    "the same": RULES,
}


def company(home, tier_rules=tuple(RULES), ladder=(), exposure=None):
    """Ours, a partner since May whose contract ends in June, two that were tagged, a hobbyist, and calls of nobody."""
    world = World(home)
    world.rules, world.ladder, world.exposure = list(tier_rules), list(ladder), dict(exposure or {})
    for name, more in {
        "ours": {},
        "part": {},
        "tagged": {"tags": ["Reviewed"]},
        "later": {"tags": ["reviewed"]},
    }.items():
        host = "house.example" if name == "ours" else f"{name}.com"
        created = at(MAY) if name == "later" else at(JAN)
        world.add("organization", f"org_{name}", name=name.title(), domain=host, created_at=created, **more)
        world.person(f"dev_{name}", f"d@{host}").add("application", f"app_{name}", developer_id=f"dev_{name}")
        for n, day in enumerate((JAN, APR, date(2026, 4, 20), MAY, date(2026, 5, 20), date(2026, 6, 20), TODAY)):
            world.calls(
                day, ok=10 + n, client_errors=n, service="rates" if n % 2 else "maps", application_ref=f"app_{name}"
            )
    world.add("contract", "k", organization_ref="org_part", tier="partner", created_at=at(APR), signed_at=at(MAY),
              starts_at=at(MAY), ends_at=at(date(2026, 6, 15)))  # fmt: skip
    world.person("dev_hobby", "h@gmail.com").add("application", "app_h", developer_id="dev_hobby", plan="free")
    world.calls(TODAY, ok=3, application_ref="app_h")
    world.calls(TODAY, ok=2, plan_ref="free").calls(TODAY, client_errors=5).calls(
        MAY, ok=1, surface="docs", plan_ref="free"
    )
    for name in ("part", "tagged"):
        world.add("billing_customer", f"cus_{name}", source="stripe", email=f"d@{name}.com")
        for n, day in enumerate((JAN, MAY, date(2026, 6, 20))):
            bill(world, f"in_{name}_{n}", day, f"cus_{name}")
    return world.build()


@pytest.fixture(scope="module")
def now_built(tmp_path_factory):
    """The company under the rules as they are, everything built. A test asks by a cursor of its own."""
    return company(tmp_path_factory.mktemp("now"))


def by_day(con, select: str) -> Counter:
    """What a statement counts, by its other columns."""
    return Counter({tuple(row[:-1]): row[-1] for row in rows(con, select)})


CALLS = """select account_id, day, tier, sum(calls) from account_usage_day
where surface = 'api' and day > date '2026-04-01' group by all"""
MONEY = """select revenue_event.account_id, day, tier, cast(sum(net_micros) as bigint) from revenue_event
join account_tier on account_tier.account_id = revenue_event.account_id and day >= covers_from and day < covers_to
where day > date '2026-04-01' group by all"""


def moved(before: Counter, after: Counter) -> Counter:
    """What each known account counts in another tier than before, by account, tier then and tier now."""
    found: Counter = Counter()
    tiers = {key[:2]: key[2] for key in after}
    for (account, day, tier), amount in before.items():
        now = tiers.get((account, day))
        if now not in (None, tier):
            found[account, tier, now] += amount
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_a_preview_of_tiers_is_what_the_next_build_makes(tmp_path, now_built, name):
    con = now_built
    wanted = [TierRule(tier=tier, when=when, value=value or []) for tier, when, value in CHANGES[name]]
    asked = con.cursor()
    said = rules.tier_moves(asked, wanted).to_arrow_table().to_pylist()
    then = company(tmp_path / "after", CHANGES[name])

    now = dict(rows(con, "select account_id, tier from account_tier_now"))
    later = dict(rows(then, "select account_id, tier from account_tier_now"))
    known = {account for account in now if not account.startswith("nobody:")}
    assert {(row["account_id"], row["tier_was"], row["tier_is"]) for row in said if row["is_today"]} == {
        (account, now[account], later[account]) for account in known if now[account] != later[account]
    }
    mine = [row for row in said if row["account_id"] in known]
    for column, select in (("calls", CALLS), ("revenue", MONEY)):
        counted = moved(by_day(con, select), by_day(then, select))
        scale = 1 if column == "calls" else 1_000_000
        told = Counter(
            {(row["account_id"], row["tier_was"], row["tier_is"]): round(row[column] * scale) for row in mine}
        )
        assert +told == +counted, column
    nobody = {row["account_id"]: (row["tier_is"], row["calls"]) for row in said if row["account_id"] not in known}
    assert nobody == ({"nobody:public": ("open", 2)} if "plan" in name else {})
    assert asked.execute("select count(*) from was_account_tier_now").fetchone()[0] == len(now)
    with pytest.raises(Exception, match="was_account_tier_now"):
        con.execute("select * from was_account_tier_now")


@pytest.mark.parametrize(
    "ladder",
    [
        [("incubation", "pays", None)],
        [("incubation", "tag", "reviewed"), ("associate", "has_paid", None)],
        [("partner", "contract_begun", "partner")],
        [("associate", "stage", ["first_success"])],
        [("partner", "tier", "partner"), ("open", "always", None)],
    ],
)
def test_a_preview_of_the_ladder_is_what_the_next_build_makes(tmp_path, now_built, ladder):
    con = now_built
    wanted = [LadderRule(ladder=rung, when=when, value=value or []) for rung, when, value in ladder]
    said = rules.ladder_moves(con.cursor(), wanted).to_arrow_table().to_pylist()
    now = dict(rows(con, "select account_id, ladder from account_ladder_now"))
    then = company(tmp_path / "after", ladder=ladder)
    later = dict(rows(then, "select account_id, ladder from account_ladder_now"))
    assert {(row["account_id"], row["ladder_was"], row["ladder_is"]) for row in said} == {
        (account, now[account], later[account]) for account in now if now[account] != later[account]
    }
    assert said
    calls = {row["name"]: row["calls"] for row in said}
    assert all(
        calls[name] == sum(range(10 + 2, 10 + 7)) + sum(range(2, 7)) for name in calls if name in ("Part", "Tagged")
    )
    assert not rules.ladder_moves(con.cursor(), DEFAULT_LADDER).fetchall()


def test_a_preview_of_exposure_is_what_the_next_build_finds(tmp_path):
    con = company(tmp_path / "before", exposure={"maps": ["partner"]})
    wanted = [Exposure(service="rates", tiers=["internal", "public"])]
    said = rules.exposure_moves(con.cursor(), wanted).to_arrow_table().to_pylist()
    then = company(tmp_path / "after", exposure={"rates": ["internal", "public"]})
    select = "select account_id, service, tier, finding, calls, ok from exposure_finding"
    now, later = set(rows(con, select)), set(rows(then, select))
    assert {
        tuple(row[c] for c in ("account_id", "service", "tier", "finding", "calls", "ok")) for row in said
    } == now ^ later
    assert {row["change"]: row["service"] for row in said} == {"gone": "maps", "new": "rates"}
    assert now
    assert later


def test_a_preview_leaves_the_snapshot_as_it_is_and_forgets_itself(tmp_path):
    home = small_home.make(tmp_path / "home", calls=60)
    small_home.refreshed(home)
    published = snapshot.current(home)
    before = published.path.read_bytes(), small_home.contents(published)
    everyone = [TierRule(tier="open", when="always")]
    first = rules.preview_tiers(published, everyone)
    assert set(first["tier_is"]) == {"open"}
    assert len(rules.preview_ladder(published, [LadderRule(ladder="partner", when="tier", value="public")])) > 0
    assert first.equals(rules.preview_tiers(published, everyone)), "one preview knows nothing of another"
    assert rules.preview_exposure(published, []).empty
    assert (published.path.read_bytes(), small_home.contents(published)) == before


def test_a_snapshot_of_another_version_is_said_to_be_one(tmp_path):
    home = small_home.make(tmp_path / "home", calls=20)
    small_home.refreshed(home)
    older = shutil.copytree(home, tmp_path / "older")
    with duckdb.connect(older / "snapshots" / snapshot.current(home).path.name) as con:
        con.execute("drop table account_ladder_now")
    with pytest.raises(OutdatedError, match="another version"):
        rules.preview_ladder(snapshot.current(older), [LadderRule(ladder="open", when="always")])


def test_only_the_models_that_read_the_rules_are_built_again(now_built):
    chosen = models.between(models.find(), now_built, {"program_ladder_rule"}, {"account_ladder_now"})
    assert [model.name for model in chosen] == ["ladder_rule", "ladder_decision", "account_ladder_now"]
