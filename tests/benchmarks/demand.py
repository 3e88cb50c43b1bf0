"""Whether what is asked for and missing stands before what scanners ask for, against the demo's hidden truth, and how fast at size."""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources.program import Plan, Program, ProgramSection, TierRule
from sql import query, snapshot
from tests import demo_home
from tests.benchmarks import _warehouse, relationships
from tests.benchmarks.onboarding import lines, matched

PATHS, COMPANIES = 2_000_000, 5_000
REQUESTS, AS_OF = 60_000, "2026-06-30"
NOW = datetime(2026, 7, 1)
FOLDER = "signals"
NOBODY = "logs|api|||||"
WORDS = ["orders", "refunds", "invoices", "webhooks", "exports", "returns", "parcels", "customers", "drivers", "depots"]
PROBES = [
    "/wp-content/plugins/{w}-{n}/readme.txt",
    "/{w}{n}.php",
    "/.git/{w}/{n}",
    "/backup/{w}-{n}.sql",
    "/{w}/{n}/shell",
    "/cgi-bin/{w}{n}",
    "/{w}-{n}/index.html",
]


def run(scale: float = 1.0) -> dict:
    """planted_first true, scanner_in_50 0; seconds < 60 and peak_mb < 4000 for the signals marts at 2 million distinct paths.

    Planted are the endpoints that the demo's customers ask for and that there are not; they are first when they are the top of the list in any
    order. `right_accounts` is the share of the accounts that the list names (or infers) which truly ask for that path.
    """
    with tempfile.TemporaryDirectory() as folder:
        figures = score(demo_home.build(Path(folder) / "demo", REQUESTS, AS_OF))
    return figures | _warehouse.apart("tests.benchmarks.demand", int(PATHS * scale))


def score(home: Path) -> dict[str, Any]:
    """Where the planted paths and those of scanners stand in the list of all time, on a home with `.truth`; prints the list."""
    truth = json.loads((home / ".truth" / "demand.json").read_text(encoding="utf-8"))
    built = snapshot.current(home)
    listed = query.run(built, "unmet_demand")
    templates = dict(built.execute("select distinct key, path_template from unmet_call")[1])
    con = built.cursor()
    named = {
        kind: {con.execute("select path_template($path)", {"path": path}).fetchone()[0] for path in truth[kind]}
        for kind in ("planted", "scanners")
    }
    paths = [templates[key] for key in listed["key"]]
    print(
        listed[["path", "reason", "paying_accounts", "company_accounts", "accounts", "unnamed_callers"]].head(20),
        flush=True,
    )
    return {
        "planted_first": set(paths[: len(named["planted"])]) == named["planted"],
        "scanner_in_50": sum(path in named["scanners"] for path in paths[:50]),
        "right_accounts": round(_right(home, con, truth["wishes"]), 4),
    }


def _right(home: Path, con: Any, wishes: dict[str, str]) -> float:
    """The share of pairs of account and path without a route that are true; each true account is the one of ours with most of its developers."""
    mine = dict(con.execute("select developer_id, account_id from developer_account").fetchall())
    best = matched(mine, {row["developer"]: row["account"] for row in lines(home / ".truth" / "developers.jsonl")})
    true = {(best[account], path) for account, path in wishes.items() if account in best}
    found = con.execute(
        "select distinct account_id, path_template from unmet_call where is_inferred and removed_by is null"
    ).fetchall()
    return sum(pair in true for pair in found) / max(1, len(found))


def measure(paths: int, folder: Path) -> dict[str, Any]:
    """Make companies, their use and so many distinct paths that there are not, then the signals marts; returns seconds and peak memory."""
    con = _warehouse.empty(folder, "demand", _program(), NOW)
    relationships.make(con, COMPANIES)
    _unmatched(con, paths)
    figures = _warehouse.timed(con, NOW, lambda model: model.path.parent.name == FOLDER)
    counted = con.execute(
        "select count(distinct path_template), count(distinct key) filter (where removed_by is null) from unmet_call"
    ).fetchone()
    print(f"{counted[0]:,} distinct paths, {counted[1]:,} of them demand", flush=True)
    return figures | {"distinct_paths": counted[0]}


def _unmatched(con: Any, paths: int) -> None:
    """One in fifty of the paths is a customer's wish, from its own address; the others are asked for by 20,000 addresses of scanners."""
    wishes = paths // 50
    con.execute(
        "create temp table word as select unnest($words) as word, generate_subscripts($words, 1) as place",
        {"words": WORDS},
    )
    con.execute(
        "create temp table probe as select unnest($probes) as probe, generate_subscripts($probes, 1) as place",
        {"probes": PROBES},
    )
    con.execute(
        f"insert into callers by name select date '2026-06-01' as day, '{NOBODY}' as caller_id, 'logs' as source, 'api' as surface, 1 as calls"
    )
    con.execute(
        "insert into unmatched_day by name"
        f" select date '2026-01-01' + cast(n % 180 as integer) as day, '{NOBODY}' as caller_id, 'address' || n % 20000 as client_ip,"
        " 'GET' as method, replace(replace(probe.probe, '{w}', word.word), '{n}', substr(md5(n::varchar), 1, 7)) as path_template,"
        " 'no_route' as reason, 1 + n % 3 as calls, '/{id}' as sample_path, 'Mozilla/5.0' as user_agent"
        f" from range({paths - wishes}) as t(n) join word on word.place = 1 + n % 10 join probe on probe.place = 1 + n // 10 % 7"
    )
    con.execute(
        "insert into unmatched_day by name"
        f" select date '2026-01-01' + cast(n % 180 as integer) as day, '{NOBODY}' as caller_id, 'customer' || n % 900 as client_ip,"
        " 'POST' as method, '/v1/r' || n % 3 || '/' || word.word || '/' || substr(md5(n::varchar), 1, 5) as path_template,"
        " 'no_route' as reason, 2 as calls, '/v1/{id}' as sample_path, 'okhttp/4.12.0' as user_agent"
        f" from range({wishes}) as t(n) join word on word.place = 1 + n % 10"
    )
    con.execute(
        "insert into address_month by name"
        " select month, 'customer' || n as client_ip, 'logs|api|||app_' || (5 * n + 4) || '||' as caller_id, 9 as calls, 8 as ok"
        " from range(900) as t(n), (select unnest(range(date '2026-01-01', date '2026-07-01', interval 1 month)) as month)"
        " union all select distinct date_trunc('month', day), client_ip, caller_id, 20, 0 from unmatched_day"
    )


def _program() -> Program:
    """Everyone is in the open tier; two plans."""
    return Program(
        program=ProgramSection(name="Benchmark"),
        tier_rule=[TierRule(tier="open", when="always")],
        plan=[
            Plan(name="free", free=True, monthly_calls=5000),
            Plan(name="growth", monthly_price=99, monthly_calls=500_000),
        ],
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(int(sys.argv[1]), Path(place))))
