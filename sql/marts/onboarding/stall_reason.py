"""One row per account, stage and moment of stall_fact and reason that its facts satisfy, with what shows it: the program's rules in their
order. The first that holds is *the* reason, the others are secondary."""

from datetime import datetime
from typing import Any

from data_sources.stall_reasons import KINDS
from sql.marts.onboarding import rule_sql

READS = ("stall_fact", "setting")


def build(con: Any, now: datetime) -> None:
    """Make `stall_reason(account_id, stage, moment, is_now, position, reason, evidence)`."""
    rules = con.execute(
        "select position, reason, condition, evidence from program_stall_reason order by position"
    ).fetchall()
    holds = [_holds(*rule) for rule in rules]
    con.execute(f"create or replace table stall_reason as {holds[0]}")
    for one in holds[1:]:  # one after another: a union of all holds every row twice until its end
        con.execute(f"insert into stall_reason {one}")


def _holds(position: int, reason: str, when: str, shows: str) -> str:
    condition, evidence = rule_sql.compiled(when, shows, KINDS)
    return (
        f"select account_id, stage, moment, is_now, {position} as position, {rule_sql.literal(reason)} as reason, {evidence} as evidence "
        f"from stall_fact where {condition}"
    )
