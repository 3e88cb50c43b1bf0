"""Tables `listed_path` (path_template, list, label, kind) and `listed_agent` (user_agent, list, label, kind): what the lists of scanners.toml
know of what was asked for without a route. A path that an account of ours was answered on is on no list."""

from typing import Any

from sql.engines import duckdb as engine

CREATES = ("listed_path", "listed_agent")
READS = ("program_scanner", "unmatched_day", "usage_route_day", "caller_account", "caller")


def build(con: Any, now: Any) -> None:
    """Create both; a path or agent is on the first list that knows it. Expressions stand in the statement, so that each is compiled once."""
    lists = con.execute(
        "select name, label, kind, paths, unless, agents from program_scanner order by position"
    ).fetchall()
    paths = [(name, paths, unless) for name, _, _, paths, unless, _ in lists if paths]
    agents = [(name, agents, None) for name, _, _, _, _, agents in lists if agents]
    names = "program_scanner.name as list, program_scanner.label, program_scanner.kind"
    con.execute(
        f"""create or replace table listed_path as
        with asked as (
            select path_template, lower(path_template) as text
            from unmatched_day
            where path_template is not null
            group by path_template
        ),
        found as (select path_template, text, {_first(paths)} as list from asked),
        answered as (
            select distinct lower(usage_route_day.sample_path) as text
            from usage_route_day
            join caller_account using (caller_id)
            where usage_route_day.ok > 0 and not starts_with(caller_account.account_id, 'nobody:')
        ),
        -- a platform of ours may well have scripts with the same ending
        endings as (
            select distinct {_first(paths)} as list, regexp_extract(text, '[.][a-z0-9]+$') as ending
            from answered
            where regexp_matches(text, '[.][a-z0-9]+$')
        )
        select found.path_template, {names}
        from found
        join program_scanner on program_scanner.name = found.list
        where not exists (select 1 from answered where answered.text = found.text)
            and not exists (
                select 1 from endings
                where endings.list = found.list and endings.ending = regexp_extract(found.text, '[.][a-z0-9]+$')
            )"""
    )
    con.execute(
        f"""create or replace table listed_agent as
        with asked as (
            select user_agent, lower(user_agent) as text from unmatched_day where user_agent is not null group by user_agent
        ),
        found as (select user_agent, {_first(agents)} as list from asked)
        select found.user_agent, {names}
        from found
        join program_scanner on program_scanner.name = found.list"""
    )


def _first(lists: list[tuple[str, str, str | None]]) -> str:
    """An expression: the name of the first list whose expression finds something in `text`."""
    cases = "".join(
        f" when regexp_matches(text, {engine.quoted(wanted)})"
        + (f" and not regexp_matches(text, {engine.quoted(unless)})" if unless else "")
        + f" then {engine.quoted(name)}"
        for name, wanted, unless in lists
    )
    return f"case{cases} end" if cases else "cast(null as varchar)"
