"""How often attention cries wolf on the demo, and how soon it sees what was planted."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sql import models, snapshot
from sql.engines import duckdb as engine
from tests import demo_home
from tests.benchmarks.onboarding import lines, matched

REQUESTS, AS_OF = 10_000_000, "2026-06-30"
LARGER = 8  # times the demo's people: with seven sign-ups a day no fall of conversion shows in three days
REPLAYED = 90
STARTS = (40, 25, 10)  # days before the end on which a change is planted
LOOKED_AT = 6  # days after it on which it may be found
FACTS = ("enterprise_waits",)  # a date that came, not a judgement about what is usual
OURS = ("attention_series", "attention_test", "attention_turn", "attention_item")

# More people of the same kind, each some weeks earlier or later than the one that it is like.
_COPIES = (
    "insert into {table} by name select * exclude (n, shift) replace (account_id || '/' || n as account_id, {at} + shift as {at})"
    " from (select *, to_days(7 * (cast(hash(account_id, n) % 5 as integer) - 2)) as shift"
    " from {table} cross join (select unnest(range(1, $times)) as n)) where {at} + shift <= (select as_of from snapshot_info)"
)
MORE_PEOPLE = (
    _COPIES.format(table="account_stage", at="reached_at"),
    _COPIES.format(table="account_seen", at="signed_up_at"),
    "insert into account_tier_now by name select * exclude (n) replace (account_id || '/' || n as account_id)"
    " from account_tier_now cross join (select unnest(range(1, $times)) as n)",
)

# What changes on the demo because its story says so: they stop calling one day, or are refused from one day on.
LEFT, REFUSED = "left_at", "quota_refused"
FACTS_OF_USE = ("account_usage_day", "account_money_day")

_PARTNER = (
    "select account_id from account_usage_day where tier = 'partner' and day > $day - 30 and day < $day group by account_id"
    " order by sum(server_errors) desc, account_id limit 1"
)
_PAYER = (
    "select account_id from account_usage_day join account_payer using (account_id) where tier = 'open' and day > $day - 30 and day < $day"
    " group by account_id order by sum(calls) desc, account_id limit 1"
)

# What is planted from $day on, as changes of what the marts rest on, and what tells of it: (kind, tier, account, stage), null for any.
PLANTED: dict[str, tuple[str, str]] = {
    "a partner's errors tripled": (
        "update account_usage_day set server_errors = server_errors * 3, calls = calls + server_errors * 2"
        f" where day >= $day and account_id = ({_PARTNER})",
        f"select 'server_errors', null, ({_PARTNER}), null",
    ),
    "a payer stopped calling": (
        f"delete from account_usage_day where day >= $day and account_id = ({_PAYER})",
        f"select 'calls', null, ({_PAYER}), null",
    ),
    "refusals of the open tier doubled": (
        "update account_usage_day set client_errors = client_errors * 2, calls = calls + client_errors where day >= $day and tier = 'open'",
        "select unnest(['tier_client_errors', 'client_errors']), 'open', null, null",
    ),
    "sign-ups of the public tier tripled": (
        "insert into account_seen by name select replace(account_id, 'dev:', 'dev:more' || n) as account_id, signed_up_at from account_seen"
        " join account_tier_now using (account_id) cross join range(2) as copies (n) where tier = 'public' and signed_up_at >= $day;"
        "insert into account_tier_now by name select replace(account_id, 'dev:', 'dev:more' || n) as account_id, tier from account_tier_now"
        " join account_seen using (account_id) cross join range(2) as copies (n) where tier = 'public' and signed_up_at >= $day"
        " and not starts_with(account_id, 'dev:more')",
        "select 'sign_ups', 'public', null, null",
    ),
    "hardly anybody moves on from sign-up": (
        "delete from account_stage where position > 1 and hash(account_id) % 4 > 0 and account_id in (select account_id from account_stage"
        " where position = 1 and reached_at >= $day)",
        "select distinct 'conversion', tier, null, stage from account_stage where position = 1",
    ),
    "a tier's contribution turned": (
        "update account_money_day set infrastructure_cost_micros = infrastructure_cost_micros * 60 where day >= $day and tier = 'partner'",
        "select 'contribution', 'partner', null, null",
    ),
}


def run(scale: float = 1.0) -> dict[str, Any]:
    """false_alarms_per_week ≤ 1 over 90 days without a planted change; worst_days ≤ 3 until each planted one is said.

    Each day is looked at as that day's build would: what is unusual rests on the days before it alone. A false alarm is a change
    that begins to be said. The demo's own stories are planted changes too, as its truth knows: accounts that left in those days and accounts
    that came to be refused for their quota are taken out for this figure; begun_per_week is the same with them. A plant is found where
    its own tier or account is named. A change of how many move on counts from the first day on which a touched week is over, seven days after
    the plant. Stages and sign-ups are of eight times as many people as the demo has; calls are not multiplied, as that would multiply their noise.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = demo_home.build(Path(folder) / "demo", int(REQUESTS * scale), AS_OF)
        return score(snapshot.current(home).path, home / ".truth", Path(folder))


def score(path: Path, truth: Path, folder: Path) -> dict[str, Any]:
    """The figures on a snapshot's file, which is copied and never changed."""
    begun = _begun(path, folder, None)
    false = _begun(path, folder, truth)
    with engine.connect(path, read_only=True) as con:
        last = _last(con)
    waits = {}
    for name, (plant, tells) in PLANTED.items():
        found = [_days_until_said(path, folder, plant, tells, last - timedelta(days=back)) for back in STARTS]
        since = ", counted from the end of the first week that it touched" if "'conversion'" in tells else ""
        print(
            f"{name}: said after {', '.join(str(days) if days else 'never' for days in found)} days{since}", flush=True
        )
        waits[name] = max(days or 99 for days in found)
    weeks = REPLAYED / 7
    return {
        "false_alarms_per_week": round(len(false) / weeks, 2),
        "worst_days": max(waits.values()),
        "planted": len(PLANTED) * len(STARTS),
        "begun_per_week": round(len(begun) / weeks, 2),
    }


def _begun(path: Path, folder: Path, truth: Path | None) -> list[tuple]:
    """What begins to be said in the days replayed; with a truth, without the accounts whose story changes in them."""
    with copied(path, folder) as con:
        last = _last(con)
        if truth:
            _without_stories(con, truth, last)
        said = replayed(con, [last - timedelta(days=back) for back in range(REPLAYED - 1, -1, -1)])
    begun = [key for day, keys in said.items() for key in keys - said.get(day - timedelta(days=1), set())]
    by_kind = Counter(kind for kind, *_ in begun)
    print(
        f"begun without a plant{' and without its own stories' if truth else ''}: "
        + (", ".join(f"{kind} {n}" for kind, n in sorted(by_kind.items())) or "nothing"),
        flush=True,
    )
    return begun


def _last(con: Any) -> date:
    return con.execute("select cast(as_of as date) - 1 from snapshot_info").fetchone()[0]


def _without_stories(con: Any, truth: Path, last: date) -> None:
    """Take out the use of accounts that left in the days replayed, or whose reason to stall is that they are refused for their quota."""
    mine = dict(con.execute("select developer_id, account_id from developer_account").fetchall())
    theirs = matched(mine, {row["developer"]: row["account"] for row in lines(truth / "developers.jsonl")})
    since = (last - timedelta(days=REPLAYED)).isoformat()
    changed = [
        theirs[row["account"]]
        for row in lines(truth / "accounts.jsonl")
        if row["account"] in theirs and ((row[LEFT] or "") >= since or str(row["reason"]).startswith(REFUSED))
    ]
    for table in FACTS_OF_USE:
        con.execute(f"delete from {table} where account_id in (select unnest($changed))", {"changed": changed})
    print(f"{len(changed)} accounts taken out, as their stories change in these days", flush=True)


@contextmanager
def copied(path: Path, folder: Path) -> Iterator[Any]:
    """A copy of a snapshot to plant in, in which attention looks as far back as the replay."""
    aside = folder / "replayed.duckdb"
    shutil.copyfile(path, aside)
    con = engine.connect(aside)
    try:
        con.execute(
            "create table set_for_replay as select * replace ($days as attention_days) from setting",
            {"days": REPLAYED + 4},
        )
        con.execute("create or replace view setting as select * from set_for_replay")
        for statement in MORE_PEOPLE:
            con.execute(statement, {"times": LARGER})
        yield con
    finally:
        con.close()
        aside.unlink()


def replayed(con: Any, days: list[date]) -> dict[date, set[tuple]]:
    """What is said on each day, as (kind, tier, account, stage), without dates that came."""
    now = con.execute("select as_of from snapshot_info").fetchone()[0]
    ours = {model.name: model for model in models.find() if model.name in OURS}
    models.build(con, now, [ours[name] for name in OURS[:3]])
    for name in ("attention_test", "attention_turn"):
        con.execute(f"create or replace table every_{name} as select * from {name}")
    said = {}
    for day in days:
        con.execute("update snapshot_info set as_of = cast($day as timestamp) + interval 1 day", {"day": day})
        for name in ("attention_test", "attention_turn"):
            con.execute(f"create or replace table {name} as select * from every_{name} where day <= $day", {"day": day})
        con.execute(models.statement(ours["attention_item"]))
        rows = con.execute("select kind, tier, account_id, stage from attention_item").fetchall()
        said[day] = {row for row in rows if row[0] not in FACTS}
    return said


def _days_until_said(path: Path, folder: Path, plant: str, tells: str, day: date) -> int | None:
    """On the how manieth day after a plant something that tells of it is said that was not before; None: not within six days."""
    with copied(path, folder) as con:
        mine = con.execute(tells, {"day": day} if "$day" in tells else None).fetchall()
        for statement in plant.split(";"):
            con.execute(statement, {"day": day})
        week = any(kind == "conversion" for kind, *_ in mine)
        seen = day + timedelta(
            days=con.execute("select attention_window_days from setting").fetchone()[0] if week else 0
        )
        said = replayed(con, [seen + timedelta(days=n) for n in range(-1, LOOKED_AT)])
    before = said.pop(seen - timedelta(days=1))
    found = [n for n, keys in enumerate(said.values(), 1) if any(_tells(key, mine) for key in keys - before)]
    return found[0] if found else None


def _tells(key: tuple, mine: list[tuple]) -> bool:
    return any(all(want in (None, got) for want, got in zip(one, key, strict=True)) for one in mine)
