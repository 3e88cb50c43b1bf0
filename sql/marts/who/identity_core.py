"""One row per record and shared e-mail, domain or team: the cluster that keys, addresses and domains alone put it into.

What names suggest is measured against these clusters; what people decided joins in afterwards.
"""

import pyarrow as pa

from sql.marts.who.resolve import Resolution, turn_of

READS = ("identity_tie", "identity_node", "identity_decision", "setting", "contract")

LINKS = f"""
select left_node, right_node, confidence, {turn_of("identity_tie")} as turn
from identity_tie
order by turn, confidence desc, evidence, left_node, right_node, left_value
"""


def build(con, now) -> None:
    """Make the table `identity_core(node, cluster)`; `cluster` is the smallest node of it. Nothing here depends on `now`."""
    found = Resolution.of(con, con.execute(LINKS).to_arrow_table())
    names = pa.array(found.names, pa.string())
    table = pa.table({"node": names, "cluster": names.take(pa.array(found.roots))})
    con.register("core_rows", table)
    con.execute("create or replace table identity_core as select * from core_rows")
    con.unregister("core_rows")
