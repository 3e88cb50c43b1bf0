"""One row per decision that holds about which records belong together: what it changes against all else that is known.

`change` is joined, parted or nothing; `organizations_without` and `organizations_with` count the groups of records that differ
between the two, `records`, `developers` and `applications` what is in them, `account_ids` where they are now.
"""

import pyarrow as pa

from sql.marts.who.effect import Decision, Effect, effects

READS = ("identity_evidence", "identity_node", "identity_decision", "contract", "setting", "account_member")

DECISIONS = """
select id, action, left_node, right_node, value
from identity_decision
where action in ('confirm', 'merge', 'reject', 'split') or (action = 'set_domain' and value is not null)
order by id
"""
ACCOUNTS = "select node, account_id from account_member where node in (select unnest(cast($nodes as varchar[])))"
COLUMNS = pa.schema(
    [
        ("decision_id", pa.int64()),
        ("change", pa.string()),
        ("organizations_without", pa.int64()),
        ("organizations_with", pa.int64()),
        ("records", pa.int64()),
        ("developers", pa.int64()),
        ("applications", pa.int64()),
        ("account_ids", pa.list_(pa.string())),
    ]
)
SHARED = ("domain", "email", "team", "split")


def build(con, now) -> None:
    """Make the table `decision_effect`; nothing here depends on `now`."""
    found = con.execute(DECISIONS).fetchall()
    decisions = [Decision(*row[1:]) for row in found]
    rows = [_row(con, row[0], effect) for row, effect in zip(found, effects(con, decisions, decisions), strict=True)]
    con.register("effect_rows", pa.Table.from_pylist(rows, COLUMNS))
    con.execute("create or replace table decision_effect as select * from effect_rows")
    con.unregister("effect_rows")


def _row(con, decision: int, effect: Effect) -> dict:
    without, having = (_of_records(groups) for groups in (effect.without, effect.having))
    nodes = sorted({node for group in having for node in group})
    accounts = dict(con.execute(ACCOUNTS, {"nodes": nodes}).fetchall()) if nodes else {}
    kinds = [node.split(":", 1)[0] for node in nodes]
    return {
        "decision_id": decision,
        "change": "nothing" if len(without) == len(having) else "joined" if len(having) < len(without) else "parted",
        "organizations_without": len(without),
        "organizations_with": len(having),
        "records": len(nodes),
        "developers": kinds.count("developer"),
        "applications": kinds.count("application"),
        "account_ids": sorted(set(accounts.values())),
    }


def _of_records(groups: list[tuple[str, ...]]) -> list[list[str]]:
    """The groups without what is no record, and without those that hold none."""
    found = [[node for node in group if node.split(":", 1)[0] not in SHARED] for group in groups]
    return [group for group in found if group]
