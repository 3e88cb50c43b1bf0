"""Tables `asked_path` and `listed_agent`: what the lists of scanners.toml know of what was asked for and is missing.

asked_path(path_template, shown, list, is_foreign, is_answered), one row a path: as it may be shown (where no list knows it, or somebody whom the
log names asked for it: that is dear), the first list that knows it, whether its root is none of the API's own, and whether it is one on which
somebody was answered, as shown (gateways that name no route give templates as routes: what is missing there is a thing, not a path). listed_agent(user_agent, list), one row a user agent on a list.
A path that an account of ours was answered on is on no list, nor is a script with the same ending.
"""

from typing import Any

from sql.engines import duckdb as engine

CREATES = ("asked_path", "listed_agent")
READS = (
    "program_scanner",
    "unmatched_day",
    "usage_route_day",
    "caller_account",
    "caller",
    "answered_root",
    "shown_route",
)


def build(con: Any, now: Any) -> None:
    """Create both. Expressions stand in the statement, so that each is compiled once."""
    lists = con.execute("select name, paths, unless, agents from program_scanner order by position").fetchall()
    on_list = _first([(name, paths, unless) for name, paths, unless, _ in lists if paths])
    agent_on_list = _first([(name, agents, None) for name, _, _, agents in lists if agents])
    con.execute(
        f"""create or replace table asked_path as
        with asked as (
            select
                unmatched_day.path_template,
                lower(unmatched_day.path_template) as text,
                bool_or(not starts_with(caller_account.account_id, 'nobody:')) as is_named
            from unmatched_day
            left join caller_account using (caller_id)
            where unmatched_day.path_template is not null
            group by unmatched_day.path_template
        ),
        listed as materialized (select path_template, text, is_named, {on_list} as list from asked),
        found as materialized (
            select path_template, text, list, shown_path(path_template) as shown from listed where list is null or is_named
            union all
            select path_template, text, list, null from listed where list is not null and not coalesce(is_named, false)
        ),
        answered as (
            select distinct lower(usage_route_day.sample_path) as text
            from usage_route_day
            join caller_account using (caller_id)
            where usage_route_day.ok > 0 and not starts_with(caller_account.account_id, 'nobody:')
        ),
        endings as (
            select distinct {on_list} as list, regexp_extract(text, '[.][a-z0-9]+$') as ending
            from answered
            where regexp_matches(text, '[.][a-z0-9]+$')
        ),
        known as (
            select distinct coalesce(shown_route.shown, usage_route_day.route) as route
            from usage_route_day
            join caller using (caller_id)
            left join shown_route on shown_route.route = usage_route_day.route
            where usage_route_day.ok > 0 and usage_route_day.route is not null and caller.surface = 'api'
        )
        select
            found.path_template,
            found.shown,
            case when not exists (select 1 from answered where answered.text = found.text)
                and not exists (
                    select 1 from endings
                    where endings.list = found.list and endings.ending = regexp_extract(found.text, '[.][a-z0-9]+$')
                ) then found.list end as list,
            not exists (select 1 from answered_root where answered_root.root = path_root(found.path_template)) as is_foreign,
            exists (select 1 from known where known.route = coalesce(found.shown, found.path_template)) as is_answered
        from found"""
    )
    con.execute(
        f"""create or replace table listed_agent as
        with asked as (
            select user_agent, lower(user_agent) as text from unmatched_day where user_agent is not null group by user_agent
        )
        select * from (select user_agent, {agent_on_list} as list from asked) where list is not null"""
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
