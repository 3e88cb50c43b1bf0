"""One row per piece of evidence between two records: followed or not, why, since when, and the cluster that it led to."""

import pyarrow as pa

from sql.marts.who.resolve import FOLLOWED, Resolution, turn_of

READS = ("identity_evidence", "identity_node", "identity_decision", "setting", "contract")

LINKS = f"""
select left_node, right_node, evidence, confidence, left_value, right_value, linked_at, {turn_of("identity_evidence")} as turn
from identity_evidence
order by turn, confidence desc, evidence, left_node, right_node, left_value
"""


def build(con, now) -> None:
    """Make the table `identity_link`; nothing here depends on `now`."""
    links = con.execute(LINKS).to_arrow_table()
    found = Resolution.of(con, links)
    table = links.drop_columns("turn")
    table = table.append_column("accepted", pa.array([why == FOLLOWED for why in found.why], pa.bool_()))
    table = table.append_column("why", pa.array(found.why, pa.string()))
    table = table.append_column("cluster", pa.array(found.roots[found.left], pa.int64()))
    con.register("link_rows", table)
    con.execute("create or replace table identity_link as select * from link_rows")
    con.unregister("link_rows")
