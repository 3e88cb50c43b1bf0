"""A tiny hand-written world: records in a real store, roll-ups by hand, and every model built over them in DuckDB."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_sources.program import (
    CostPool,
    Costs,
    Exposure,
    FxRate,
    LadderRule,
    OwnerRule,
    PathRules,
    Plan,
    Program,
    ProgramSection,
    Retire,
    StageSection,
    TierRule,
)
from data_sources.records import RECORD_TABLES
from data_sources.store import Store
from sql import load, models
from sql.catalogue import ROOT, metrics
from sql.engines import duckdb as engine
from tests.new_store import empty_home, new_store

AS_OF = datetime(2026, 6, 30)
SYNCED = datetime(2026, 6, 30)

NOBODY = "logs|api|||||"
USAGE = {
    "day": "date",
    "caller_id": "varchar",
    "source": "varchar",
    "surface": "varchar",
    "environment": "varchar",
    "service": "varchar",
    **dict.fromkeys(
        (
            "calls",
            "ok",
            "client_errors",
            "server_errors",
            "no_status",
            "refused_auth",
            "refused_quota",
            "refused_rate_limit",
            "refused_validation",
            "refused_no_route",
            "refused_upstream",
            "client_gone",
            "writes",
            "writes_ok",
        ),
        "bigint",
    ),
    "request_bytes": "bigint",
    "response_bytes": "bigint",
    "compute_ms": "double",
    "first_at": "timestamp",
    "last_at": "timestamp",
    "first_ok_at": "timestamp",
    "first_write_ok_at": "timestamp",
    "distinct_routes": "bigint",
    "distinct_ips": "bigint",
}
CALLERS = {
    "day": "date",
    **dict.fromkeys(
        (
            "caller_id",
            "source",
            "surface",
            "credential_ref",
            "consumer_ref",
            "application_ref",
            "developer_ref",
            "plan_ref",
        ),
        "varchar",
    ),
    "calls": "bigint",
}
FAILURES = {
    "day": "date",
    "caller_id": "varchar",
    "service": "varchar",
    "route": "varchar",
    "has_route": "boolean",
    "method": "varchar",
    "depth": "bigint",
    "status": "integer",
    "refusal": "varchar",
    "calls": "bigint",
    "sample_path": "varchar",
}
UNMATCHED = {
    "day": "date",
    **dict.fromkeys(("caller_id", "client_ip", "method", "path_template", "reason"), "varchar"),
    "calls": "bigint",
    "sample_path": "varchar",
    "user_agent": "varchar",
}
OTHER_TABLES = """
create table usage_route_day (day date, caller_id varchar, service varchar, route varchar, method varchar, calls bigint, ok bigint,
    client_errors bigint, server_errors bigint, not_found bigint, last_at timestamp, sample_path varchar, version varchar, has_route boolean);
create table address_month (month date, client_ip varchar, caller_id varchar, calls bigint, ok bigint);
create table agent_day (day date, caller_id varchar, service varchar, agent varchar, version varchar, calls bigint, ok bigint);
create table limit_day (day date, caller_id varchar, limit_window varchar, limit_calls bigint, used double, calls bigint, last_at timestamp,
    refused bigint);
create table echo_day (day date, source varchar, lines bigint);
create table route_depth_day (day date, surface varchar, service varchar, route varchar, method varchar, depth bigint, ok bigint);
create table usage_hour (day date, hour timestamp, source varchar, surface varchar, service varchar, route varchar, status integer,
    calls bigint);
create table latency_day (day date, service varchar, route varchar, bin integer, calls bigint);
create table latency_month (month date, caller_id varchar, bin integer, calls bigint);
create table caller_address_month (month date, caller_id varchar, address varchar, first_day date, calls bigint);
create table end_user_month (month date, caller_id varchar, end_users bigint);
create table caller_pace_day (day date, caller_id varchar, calls bigint, hours bigint, peak_hour_addresses bigint, gap_pairs bigint,
    regular_pairs bigint, numbered_pairs bigint, next_pairs bigint);
create table caller_place_day (day date, caller_id varchar, service varchar, client_country varchar, client_network varchar, calls bigint,
    ok bigint);
create table visit_month (month date, agent varchar, called boolean, client_network varchar, by_referrer boolean, by_page boolean,
    referrer_host varchar, page varchar, visitors bigint, views bigint);
create table check_result (name varchar, question varchar, bad_rows bigint, sample varchar);
"""
STAGES = {
    "internal": ["signed_up", "credential_issued", "first_call", "first_success", "integrated", "in_production"],
    "partner": [
        "agreement",
        "credential_issued",
        "first_call",
        "first_success",
        "integrated",
        "certified",
        "in_production",
    ],
    "open": ["signed_up", "credential_issued", "first_call", "first_success", "integrated", "paying"],
    "public": ["signed_up", "credential_issued", "first_call", "first_success", "integrated"],
}
RULES = [
    ("internal", "internal_domain", None),
    ("partner", "contract", "partner"),
    ("partner", "group", "partner"),
    ("open", "approved", None),
    ("public", "always", None),
]


class Marts:
    """A connection that makes, before a statement, the models whose names occur in it and all that they rest on.

    To plan all models takes seconds of the processor, and most tests ask for a few. Whatever is not asked by `execute` finds
    all of them built.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
        self._con, self._as_of = con, as_of
        self._unbuilt = models.find()

    def execute(self, statement: str, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        """As DuckDB's; raises ModelError when a model cannot be built."""
        self._make(set(re.findall(r"\w+", statement)))
        return self._con.execute(statement, parameters)

    def close(self) -> None:
        """What was not asked is not made."""
        self._con.close()

    def __getattr__(self, name: str) -> Any:
        self._make({table for model in self._unbuilt for table in model.creates})
        return getattr(self._con, name)

    def _make(self, wanted: set[str]) -> None:
        if wanted.isdisjoint(table for model in self._unbuilt for table in model.creates):
            return
        found = models.needed(self._unbuilt, self._con, wanted)
        models.build(self._con, self._as_of, found)
        self._unbuilt = [model for model in self._unbuilt if model not in found]


class World:
    """Collects records and calls, and makes the marts of them. All sources default to `test`."""

    def __init__(self, home: Path, as_of: datetime = AS_OF) -> None:
        self.home, self.as_of = home, as_of
        self.records: dict[str, list[dict[str, Any]]] = {}
        self.judgements: list[Any] = []
        self.usage: list[dict[str, Any]] = []
        self.callers: list[dict[str, Any]] = []
        self.routes: list[tuple] = []
        self.latency: list[tuple] = []
        self.addresses: list[tuple] = []
        self.models: list[Any] = []
        self.path_rules: dict[str, Any] = {}
        self.failures: list[dict[str, Any]] = []
        self.unmatched: list[dict[str, Any]] = []
        self.caller_addresses: list[tuple] = []
        self.agents: list[tuple] = []
        self.limits: list[tuple] = []
        self.retire: list[dict[str, Any]] = []
        self.answers: list[tuple] = []
        self.settings: dict[str, Any] = {"support_rate_per_hour": 60, "minutes_per_public_reply": 12}
        self.rules, self.stages = list(RULES), dict(STAGES)
        self.ladder: list[tuple] = []
        self.exposure: dict[str, list[str]] = {}
        self.owners: list[tuple] = []
        self.costs: list[tuple] = []
        self.pools: list[CostPool] = []
        self.plans: list[tuple] = []
        self.plan_calls: dict[str, int] = {}
        self.internal_domains, self.rates = ["house.example"], []
        self.stalled_after = 30
        self.domains: dict[str, list[str]] = {}
        self.traffic: dict[str, list[Any]] = {}

    def add(self, table: str, id: str, source: str = "test", **fields: Any) -> "World":
        """One record of a record table."""
        self.records.setdefault(table, []).append({"source": source, "id": id, **fields})
        return self

    def person(
        self, id: str, email: str, verified: bool = True, created: datetime = datetime(2026, 1, 1), **fields
    ) -> "World":
        """A developer with an address."""
        fields = {"email": email, "verified_at": created if verified else None, "created_at": created} | fields
        return self.add("developer", id, **fields)

    def calls(
        self, day: date, ok: int = 0, source: str = "logs", surface: str = "api", service: str = "rates", **given
    ) -> "World":
        """Calls of one caller on one day; references are `credential_ref=…` and so on, other names are measures."""
        names = ("credential_ref", "consumer_ref", "application_ref", "developer_ref", "plan_ref")
        refs = {name: given.pop(name, None) for name in names}
        noon = datetime(day.year, day.month, day.day, 12)
        row = dict.fromkeys(USAGE) | {name: 0 for name, kind in USAGE.items() if kind == "bigint"}
        row |= {
            "day": day,
            "source": source,
            "surface": surface,
            "service": service,
            "environment": "production",
            "ok": ok,
        }
        row |= given
        row["calls"] = given.get(
            "calls", sum(row[name] for name in ("ok", "client_errors", "server_errors", "no_status"))
        )
        row["caller_id"] = "|".join(str(part or "") for part in (source, surface, *refs.values()))
        row |= {"first_at": given.get("first_at", noon), "last_at": given.get("last_at", noon)}
        row["first_ok_at"] = given.get("first_ok_at", noon if row["ok"] else None)
        self.usage.append(row)
        one = {"day": day, "caller_id": row["caller_id"], "source": source, "surface": surface, "calls": row["calls"]}
        self.callers.append(one | refs)
        return self

    def fails(
        self, status: int, calls: int, path: str, route: str | None = None, refusal: str | None = None, **given
    ) -> "World":
        """Which route and path the last calls failed on, by the roll-up of failures; without a route none matched."""
        last = self.usage[-1]
        row = {"day": last["day"], "caller_id": last["caller_id"], "service": last["service"], "method": "GET"}
        row |= {"status": status, "calls": calls, "route": route or path, "has_route": route is not None}
        row |= {"sample_path": path, "depth": path.rstrip("/").count("/"), "refusal": refusal} | given
        self.failures.append(row)
        return self

    def asks(
        self,
        path: str,
        address: str | None = None,
        reason: str = "no_route",
        caller_id: str | None = None,
        day: date | None = None,
        **given,
    ) -> "World":
        """One call for what there is not, of nobody the log names unless `caller_id` says who; `day` is the last calls' else."""
        nobody = self.callers and next((one["caller_id"] for one in self.callers if one["caller_id"] == NOBODY), None)
        if caller_id is None and not nobody:
            row = {"day": AS_OF.date(), "caller_id": NOBODY, "source": "logs", "surface": "api", "calls": 1}
            self.callers.append(row)
        row = {"day": day or self.usage[-1]["day"], "caller_id": caller_id or NOBODY, "client_ip": address}
        row |= {"method": "POST", "path_template": path, "reason": reason, "calls": 1, "sample_path": path}
        self.unmatched.append(row | {"user_agent": "okhttp/4.12.0"} | given)
        return self

    def daily(self, first: date, days: int, **given) -> "World":
        """The same calls on several days in a row."""
        for n in range(days):
            self.calls(first + timedelta(days=n), **given)
        return self

    def build(self) -> "Marts":
        """A database of these records and calls, in which whatever is asked has been built. Loading is the product's."""
        store = new_store(self.home)
        for table, records in self.records.items():
            store.upsert(RECORD_TABLES[table], records, SYNCED)
        for judgement in self.judgements:
            store.judge(judgement)
        store.keep_models(self.models)
        con = loaded(store)
        con.execute("create table snapshot_info as select cast(? as timestamp) as as_of", [self.as_of])
        con.execute(OTHER_TABLES)
        load.program(con, self.program())
        store.engine.dispose()
        _fill(con, "usage_day", USAGE, self.usage)
        _fill(con, "callers", CALLERS, self.callers)
        for route in self.routes:
            con.execute("insert into usage_route_day values (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, null, null)", route)
        con.execute(
            "update usage_route_day set version = api_version(sample_path), has_route = not starts_with(route, '/')"
        )
        for name, rows_of in (
            ("address_month", self.addresses),
            ("agent_day", self.agents),
            ("limit_day", self.limits),
        ):
            for row in rows_of:
                con.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
        for row in self.latency:
            con.execute("insert into latency_month values (?, ?, ?, ?)", row)
        for row in self.caller_addresses:
            con.execute("insert into caller_address_month values (date_trunc('month', $1), $2, $3, $1, 1)", row)
        _fill(con, "failure_day", FAILURES, self.failures)
        _fill(con, "unmatched_day", UNMATCHED, self.unmatched)
        for answer in self.answers:
            con.execute("insert into route_depth_day values (?, 'api', ?, ?, ?, ?, ?)", answer)
        con.execute("create table firsts as " + (ROOT / "usage" / "firsts.sql").read_text())
        return Marts(con, self.as_of)

    def program(self) -> Program:
        """The program as program.toml would say it; files of rules in the home hold."""
        pools: dict[str, CostPool] = {}
        for name, service_name, driver, service in self.costs:
            pools[name] = CostPool(name=name, services=[service_name], driver=driver, service=service)
        made = Program(
            program=ProgramSection(name="Test", currency="usd", internal_domains=self.internal_domains, **self.domains),
            tier_rule=[TierRule(tier=tier, when=when, value=value or []) for tier, when, value in self.rules],
            ladder_rule=[LadderRule(ladder=rung, when=when, value=value or []) for rung, when, value in self.ladder],
            exposure=[Exposure(service=service, tiers=tiers) for service, tiers in self.exposure.items()],
            owner_rule=[OwnerRule(owner=owner, when=when, value=value or []) for owner, when, value in self.owners],
            stages={t: StageSection(steps=s, stalled_after_days=self.stalled_after) for t, s in self.stages.items()},
            plan=[
                Plan(name=n, free=f, self_serve=s, monthly_price=p, monthly_calls=self.plan_calls.get(n))
                for _, n, f, s, p in self.plans
            ],
            path_rules=PathRules(**self.path_rules),
            retire=[Retire(**one) for one in self.retire],
            costs=Costs(**self.settings, pool=[*pools.values(), *self.pools]),
            fx_rate=[FxRate(currency=currency, date=day, rate=rate) for currency, day, rate in self.rates],
            **self.traffic,
        )
        made._home = self.home
        return made


@cache
def _empty_tables() -> Path:
    """A database file with the records of an empty home loaded."""
    path = empty_home() / "loaded.duckdb"
    store = new_store(empty_home())
    with engine.connect(path) as con:
        load.prepare(con)
        load.records(con, store)
    store.engine.dispose()
    return path


def loaded(store: Store) -> duckdb.DuckDBPyConnection:
    """A database with a store's records loaded: as in a build, into a copy of the one before, and only what changed since."""
    con = duckdb.connect()
    con.execute(f"attach '{_empty_tables()}' as before (read_only)")
    con.execute("copy from database before to memory")
    con.execute("detach before")
    load.records(con, store)
    return con


def ask(con: Marts, metric: str, **params: Any) -> list[dict[str, Any]]:
    """The rows of a metric, as a page gets them; parameters that it does not name are left out."""
    text = metrics()[metric].sql
    named = {name: params.get(name) for name in set(re.findall(r"\$([a-z_]+)", text))}
    return con.execute(text, named).to_arrow_table().to_pylist()


def rows(con: Marts, select: str) -> list[tuple]:
    """What a statement returns."""
    return con.execute(select).fetchall()


def _fill(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], data: list[dict[str, Any]]) -> None:
    con.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if data:
        con.register("arrived", pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in data]))
        con.execute(f"insert into {table} select {', '.join(columns)} from arrived")
        con.unregister("arrived")
