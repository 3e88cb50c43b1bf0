"""What a snapshot is built from, as tables: records and judgements (`raw_*`), the roll-ups, and program.toml (`program_*`).

A snapshot starts as a copy of the one before. Its table `build_input(name, version)` says which version of what it holds,
so only what changed is loaded again.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from data_sources import scanners
from data_sources.lakes import Lake
from data_sources.learned import LEARNED_TABLES, TriageModel
from data_sources.program import CostPool, Exposure, LadderRule, Program, TierRule
from data_sources.stall_reasons import StallReason
from data_sources.store import TABLES, Store
from data_sources.ticket_topics import TicketTopic
from sql.count import Partition, Rollup, base_sql, read_parquet, rollups
from sql.engines import duckdb as engine

LEDGER_TABLES = ("log_file", "log_chunk", "stream_run", "rejected_record")
LEARNED = tuple(TriageModel.__table__.columns.keys())
FROM_SCRATCH_ABOVE = 0.5  # of a roll-up's partitions changed: reading all again is faster than replacing them

Say = Callable[[str], None]


def prepare(con: Any) -> None:
    """Make the tables that remember what a snapshot holds, where they are not there yet."""
    con.execute("create table if not exists build_input (name varchar primary key, version varchar)")
    con.execute("create table if not exists rollup_partition (rollup varchar, partition varchar, fingerprint varchar)")


def records(con: Any, store: Store, say: Say = lambda text: None) -> None:
    """Load each record and judgement table that changed as `raw_<table>`, the ledger's, and what was learned before."""
    had = dict(con.execute("select name, version from build_input").fetchall())
    versions = store.records_versions()
    for table, model in TABLES.items():
        # with its columns: a new version of the program may know more of them than the snapshot before
        version = f"{versions.get(table, 0)} {','.join(model.__table__.columns.keys())}"
        if had.get(f"raw_{table}") != version:
            say(f"loading {table.replace('_', ' ')} records")
            _replace(con, f"raw_{table}", store.arrow(table))
            con.execute("insert or replace into build_input values ($name, $version)", _input(f"raw_{table}", version))
    for table in (*LEDGER_TABLES, *LEARNED_TABLES):
        _replace(con, f"raw_{table}", store.arrow(table))
    con.execute(
        "delete from raw_stream_run where id not in (select max(id) from raw_stream_run group by source, stream)"
    )


def learned(con: Any) -> list[TriageModel]:
    """The versions of models that this snapshot holds, as the store keeps them. The stated prior is none."""
    found = con.execute("select * from triage_model where kind = 'learned'").to_arrow_table().to_pylist()
    return [
        TriageModel(**{name: json.loads(row[name]) if name in ("traits", "pace") else row[name] for name in LEARNED})
        for row in found
    ]


def counts(con: Any, lake: Lake, wanted: list[Partition], say: Say = lambda text: None) -> None:
    """Load the days and months of each roll-up whose counts changed since the snapshot that this one is a copy of."""
    con.execute(
        "set preserve_insertion_order = false"
    )  # files are read in parallel; nothing depends on the rows' order
    try:
        _counts(con, lake, wanted, say)
    finally:
        con.execute("reset preserve_insertion_order")


def _counts(con: Any, lake: Lake, wanted: list[Partition], say: Say) -> None:
    for rollup in sorted(rollups().values(), key=lambda rollup: rollup.partition == "none"):
        if rollup.is_part:
            continue
        if rollup.partition == "none":
            con.execute(f"create or replace table {rollup.name} as {rollup.sql}")
            continue
        mine = {p.key: p for p in wanted if p.rollup.name == rollup.name}
        had = dict(
            con.execute(
                "select partition, fingerprint from rollup_partition where rollup = $name", {"name": rollup.name}
            ).fetchall()
        )
        changed = [key for key, partition in mine.items() if had.get(key) != partition.fingerprint]
        if not changed and _exists(con, rollup.name):
            continue
        say(f"loading {rollup.name.replace('_', ' ')}")
        if not mine:
            _empty_rollup(con, rollup, rollup.name)
        elif not had or len(changed) > FROM_SCRATCH_ABOVE * len(mine) or not _same_columns(con, lake, rollup, mine):
            changed = list(mine)
            if any(partition.is_older for partition in mine.values()):
                columns = ", ".join(f"{engine.identifier(n)} {kind}" for n, kind in _columns(con, lake, rollup, mine))
                con.execute(f"create or replace table {rollup.name} ({columns})")
                _insert_by_name(con, lake, rollup, list(mine.values()))
            else:
                select, values = read_parquet(lake, rollup, [p.path for p in mine.values()])
                con.execute(f"create or replace table {rollup.name} as {select}", values)
        else:
            dates = [key if rollup.partition == "day" else f"{key}-01" for key in changed]
            con.execute(
                f"delete from {rollup.name} where {rollup.partition} in (select cast(unnest($dates) as date))",
                {"dates": dates},
            )
            _insert_by_name(con, lake, rollup, [mine[key] for key in changed])
        con.execute(
            "delete from rollup_partition where rollup = $name and partition in (select unnest($keys))",
            {"name": rollup.name, "keys": changed},
        )
        marks = pa.table(
            {
                "rollup": [rollup.name] * len(changed),
                "partition": changed,
                "fingerprint": [mine[key].fingerprint for key in changed],
            },
            schema=pa.schema([(c, pa.string()) for c in ("rollup", "partition", "fingerprint")]),
        )
        con.register("marks", marks)
        con.execute("insert into rollup_partition select * from marks")
        con.unregister("marks")


def program(con: Any, program: Program) -> None:
    """Make the `program_*` tables: what program.toml says, one table a section.

    program_setting(key, value) · program_source(position, name, kind, surface, format, service) ·
    the rules (see `rules`) · program_environment_rule(position, environment, field, pattern) ·
    program_test_traffic(field, pattern, tier) tier null for all · program_owner_rule(position, owner, field, value) one row a value,
    null for always · program_stage(tier, position, stage, stalled_after_days) ·
    program_plan(position, name, free, self_serve, monthly_price, monthly_calls) · program_retire(position, what, pattern, due_on, instead) ·
    program_scanner(position, name, label, kind, paths, unless, agents) the three as regular expressions, null for none ·
    the stall reasons (see `stall_reasons`) · the ticket topics (see `ticket_topics`) · the cost pools (see `cost_pools`) ·
    program_support_rate(group_name, valid_from, micros_per_minute) group_name null for all groups, valid_from for all time ·
    program_party(position, name, kind) · program_party_domain(name, domain) · program_party_network(name, network) ·
    program_regulated(position, service, data, regions, regulator, owner) regions as written, null for any ·
    program_regulated_country(position, country) none for any · program_internal_domain(domain) · program_free_mail_domain(domain) · program_shared_domain(domain) ·
    program_fx_rate(currency, valid_from, rate)
    """
    top, costs = program.program, program.costs
    settings = {
        **top.model_dump(mode="json", exclude={"engine", "spark", "spark_token"}),
        **program.stage_rules.model_dump(mode="json"),
        **program.path_rules.model_dump(mode="json"),
        **{f"scraper_{key}": value for key, value in program.scraper_rules.model_dump(mode="json").items()},
        **costs.model_dump(mode="json", exclude={"pool", "support_rate"}),
    }
    text = ("varchar",)
    _rows(
        con,
        "program_setting",
        {"key": "varchar", "value": "varchar"},
        ((key, _text(value)) for key, value in settings.items()),
    )
    _rows(
        con,
        "program_source",
        {"position": "integer", **dict.fromkeys(("name", "kind", "surface", "format", "service"), *text)},
        (
            (n, s.name, s.kind, *(getattr(s, field, None) for field in ("surface", "format", "service")))
            for n, s in enumerate(program.sources, 1)
        ),
    )
    rules(con, program.tier_rule, program.ladder, program.exposure)
    _traffic_rules(con, program)
    _rows(
        con,
        "program_owner_rule",
        {"position": "integer", **dict.fromkeys(("owner", "field", "value"), *text)},
        (
            (position, rule.owner.strip(), rule.when, value)
            for position, rule in enumerate(program.owner_rule, 1)
            for value in (rule.values or [None])
        ),
    )
    _rows(
        con,
        "program_stage",
        {"tier": "varchar", "position": "integer", "stage": "varchar", "stalled_after_days": "integer"},
        (
            (tier, n, step, stage.stalled_after_days)
            for tier, stage in program.stages.items()
            for n, step in enumerate(stage.steps, 1)
        ),
    )
    _rows(
        con,
        "program_plan",
        {
            "position": "integer",
            "name": "varchar",
            "free": "boolean",
            "self_serve": "boolean",
            "monthly_price": "decimal(18, 2)",
            "monthly_calls": "bigint",
        },
        ((n, p.name, p.free, p.self_serve, p.monthly_price, p.monthly_calls) for n, p in enumerate(program.plan, 1)),
    )
    _rows(
        con,
        "program_retire",
        {"position": "integer", "what": "varchar", "pattern": "varchar", "due_on": "date", "instead": "varchar"},
        (
            (n, one.what, pattern, one.by, one.instead)
            for n, one in enumerate(program.retire, 1)
            for pattern in _patterns(one.value)
        ),
    )
    _rows(
        con,
        "program_scanner",
        {"position": "integer", **dict.fromkeys(("name", "label", "kind", "paths", "unless", "agents"), "varchar")},
        (
            (
                n,
                one.name,
                one.label,
                one.kind,
                *(scanners.expression(p) or None for p in (one.paths, one.unless, one.agents)),
            )
            for n, one in enumerate(program.scanners, 1)
        ),
    )
    cost_pools(con, costs.pool)
    stall_reasons(con, program.stall_reasons)
    ticket_topics(con, program.ticket_topics)
    _rows(
        con,
        "program_support_rate",
        {"group_name": "varchar", "valid_from": "date", "micros_per_minute": "bigint"},
        ((rate.group, rate.valid_from, round(rate.per_hour * 1_000_000 / 60)) for rate in costs.support_rate),
    )
    for table, domains in (
        ("program_internal_domain", top.internal_domains),
        ("program_free_mail_domain", top.free_mail_domains),
        ("program_shared_domain", top.shared_domains),
    ):
        _rows(con, table, {"domain": "varchar"}, ((domain.lower(),) for domain in domains))
    _outsiders(con, program)
    _rows(
        con,
        "program_fx_rate",
        {"currency": "varchar", "valid_from": "date", "rate": "double"},
        ((r.currency.lower(), r.date, r.rate) for r in program.fx_rate),
    )


def rules(
    con: Any,
    tier: list[TierRule] | None = None,
    ladder: list[LadderRule] | None = None,
    exposure: list[Exposure] | None = None,
    temporary: bool = False,
) -> None:
    """Make the tables of the rules that are given, one row a value: program_tier_rule(position, tier, field, value) ·
    program_ladder_rule(position, ladder, field, value) · program_exposure(service, tier)."""
    for table, gives, given in (("program_tier_rule", "tier", tier), ("program_ladder_rule", "ladder", ladder)):
        if given is not None:
            rows = (
                (position, rule.gives, rule.when, value)
                for position, rule in enumerate(given, 1)
                for value in (rule.values or [None])
            )
            columns = {"position": "integer", **dict.fromkeys((gives, "field", "value"), "varchar")}
            _rows(con, table, columns, rows, temporary)
    if exposure is not None:
        rows = ((one.service, name) for one in exposure for name in dict.fromkeys(one.tiers))
        _rows(con, "program_exposure", {"service": "varchar", "tier": "varchar"}, rows, temporary)


def _traffic_rules(con: Any, program: Program) -> None:
    """Patterns are lower case, with * for any text."""
    _rows(
        con,
        "program_environment_rule",
        {"position": "integer", **dict.fromkeys(("environment", "field", "pattern"), "varchar")},
        (
            (position, rule.environment, "service" if rule.when == "host" else rule.when, pattern)
            for position, rule in enumerate(program.environment_rule, 1)
            for pattern in _patterns(rule.value)
        ),
    )
    _rows(
        con,
        "program_test_traffic",
        dict.fromkeys(("field", "pattern", "tier"), "varchar"),
        ((rule.when, pattern, rule.tier) for rule in program.tests for pattern in _patterns(rule.value)),
    )


def _outsiders(con: Any, program: Program) -> None:
    """Who may be in the room, and what regulated data goes where."""
    text = ("varchar",)
    _rows(
        con,
        "program_party",
        {"position": "integer", **dict.fromkeys(("name", "kind"), *text)},
        ((n, party.name, party.kind) for n, party in enumerate(program.party, 1)),
    )
    for table, column, field in (
        ("program_party_domain", "domain", "domains"),
        ("program_party_network", "network", "networks"),
    ):
        rows = ((party.name, value) for party in program.party for value in dict.fromkeys(getattr(party, field)))
        _rows(con, table, dict.fromkeys(("name", column), *text), rows)
    _rows(
        con,
        "program_regulated",
        {"position": "integer", **dict.fromkeys(("service", "data", "regions", "regulator", "owner"), *text)},
        (
            (n, one.service, one.data, ", ".join(one.regions) or None, one.regulator, one.owner)
            for n, one in enumerate(program.regulated, 1)
        ),
    )
    _rows(
        con,
        "program_regulated_country",
        {"position": "integer", "country": "varchar"},
        ((n, country) for n, one in enumerate(program.regulated, 1) for country in one.countries),
    )


def _patterns(value: str | list[str]) -> list[str]:
    return [one.strip().lower() for one in ([value] if isinstance(value, str) else value)]


def stall_reasons(con: Any, reasons: list[StallReason]) -> None:
    """Make the table of the reasons for stalls: program_stall_reason(position, reason, label, condition, evidence, next_action,
    whose_move, due_days)."""
    names = ("reason", "label", "condition", "evidence", "next_action", "whose_move")
    _rows(
        con,
        "program_stall_reason",
        {"position": "integer", **dict.fromkeys(names, "varchar"), "due_days": "integer"},
        (
            (n, one.name, one.label, one.when, one.evidence, one.next_action, one.whose_move, one.due_days)
            for n, one in enumerate(reasons, 1)
        ),
    )


def ticket_topics(con: Any, topics: list[TicketTopic]) -> None:
    """Make the tables of ticket topics: program_ticket_topic(position, topic, label, counts_as) ·
    program_ticket_phrase(position, kind, phrase) kind tag, form or word."""
    _rows(
        con,
        "program_ticket_topic",
        {"position": "integer", **dict.fromkeys(("topic", "label", "counts_as"), "varchar")},
        ((n, one.name, one.label, one.counts_as) for n, one in enumerate(topics, 1)),
    )
    _rows(
        con,
        "program_ticket_phrase",
        {"position": "integer", "kind": "varchar", "phrase": "varchar"},
        (
            (n, kind, phrase)
            for n, one in enumerate(topics, 1)
            for kind, phrases in (("tag", one.tags), ("form", one.forms), ("word", one.words))
            for phrase in dict.fromkeys(phrases)
        ),
    )


def cost_pools(con: Any, pools: list[CostPool], temporary: bool = False) -> None:
    """Make the tables of cost pools: program_cost_pool(position, pool, method, driver, service) ·
    program_cost_service(position, pool, cost_service) the FOCUS service names · program_cost_share(position, pool, tier, percent) ·
    program_unit_cost(pool, valid_from, micros_per_unit)."""
    text = ("varchar",)
    _rows(
        con,
        "program_cost_pool",
        {"position": "integer", **dict.fromkeys(("pool", "method", "driver", "service"), *text)},
        ((n, pool.name, pool.method, pool.shared_by, pool.service) for n, pool in enumerate(pools, 1)),
        temporary,
    )
    _rows(
        con,
        "program_cost_service",
        {"position": "integer", "pool": "varchar", "cost_service": "varchar"},
        ((n, pool.name, service) for n, pool in enumerate(pools, 1) for service in pool.services),
        temporary,
    )
    _rows(
        con,
        "program_cost_share",
        {"position": "integer", "pool": "varchar", "tier": "varchar", "percent": "decimal(9, 6)"},
        ((n, pool.name, tier, percent) for pool in pools for n, (tier, percent) in enumerate(pool.shares.items(), 1)),
        temporary,
    )
    _rows(
        con,
        "program_unit_cost",
        {"pool": "varchar", "valid_from": "date", "micros_per_unit": "double"},
        ((pool.name, one.valid_from, one.price * 1_000_000 / one.per) for pool in pools for one in pool.unit_cost),
        temporary,
    )


def _rows(con: Any, table: str, columns: dict[str, str], rows: Iterable[tuple], temporary: bool = False) -> None:
    what = "temp table" if temporary else "table"
    con.execute(f"create or replace {what} {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    values = list(zip(*rows, strict=True))
    if values:
        # at once: row by row takes a millisecond each
        con.register("given_rows", pa.table([pa.array(column) for column in values], names=list(columns)))
        con.execute(f"insert into {table} select * from given_rows")
        con.unregister("given_rows")


def _replace(con: Any, table: str, rows: pa.Table) -> None:
    con.register("loaded_rows", rows)
    con.execute(f"create or replace table {table} as select * from loaded_rows")
    con.unregister("loaded_rows")


def _exists(con: Any, table: str) -> bool:
    found = con.execute(
        "select count(*) from information_schema.tables where table_name = $name and table_type = 'BASE TABLE'",
        {"name": table},
    ).fetchone()
    return found[0] > 0


def _same_columns(con: Any, lake: Lake, rollup: Rollup, mine: dict[str, Partition]) -> bool:
    """Whether the table copied from the previous snapshot has the columns that are counted now."""
    if not _exists(con, rollup.name):
        return False
    now, then = _columns(con, lake, rollup, mine), _described(con, f"from {rollup.name}")
    return [name for name, _ in now] == [name for name, _ in then]


def _columns(con: Any, lake: Lake, rollup: Rollup, mine: dict[str, Partition]) -> list[tuple[str, str]]:
    """Names and types of what the roll-up counts now, whatever older counts have."""
    current = next((partition for partition in mine.values() if not partition.is_older), None)
    if current:
        return _described(con, *read_parquet(lake, rollup, [current.path]))
    _empty_rollup(con, rollup, "rollup_now")
    columns = _described(con, "from rollup_now")
    con.execute("drop table rollup_now")
    return columns


def _described(con: Any, select: str, values: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return con.execute(f"select column_name, column_type from (describe {select})", values).fetchall()


def _insert_by_name(con: Any, lake: Lake, rollup: Rollup, partitions: list[Partition]) -> None:
    """Add counts to the roll-up's table. What an older count lacks is null there; what it has beyond today's is left."""
    select, values = read_parquet(lake, rollup, [partition.path for partition in partitions])
    has = {name for name, _ in _described(con, select, values)}
    names = ", ".join(engine.identifier(n) for n, _ in _described(con, f"from {rollup.name}") if n in has)
    con.execute(f"insert into {rollup.name} ({names}) select {names} from ({select})", values)


def _empty_rollup(con: Any, rollup: Rollup, table: str) -> None:
    """A table of the roll-up's columns without a row, for a home that has no request yet."""
    con.execute(f"create or replace temp view lake_event as {base_sql('no_request')}")
    con.execute(f"create or replace temp view lake_request as {base_sql('lake_request')}")
    con.execute(f"create or replace temp view request as {base_sql('request')}")
    for part in rollup.parts:
        con.execute(f"create or replace temp view {part} as {rollups()[part].sql}")
    con.execute(f"create or replace table {table} as {rollup.sql}")
    for view in (*rollup.parts, "request"):
        con.execute(f"drop view {view}")
    con.execute("drop view lake_request")
    con.execute("drop view lake_event")


def _input(name: str, version: str) -> dict[str, str]:
    return {"name": name, "version": version}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | list | dict) else str(value)
