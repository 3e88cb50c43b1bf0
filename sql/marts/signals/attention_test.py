"""One row per watched series and day that could be tested: what was seen, what is usual, and how unlikely what was seen is."""

from datetime import datetime
from typing import Any

import pyarrow as pa

READS = ("attention_series", "setting")
COLUMNS = {
    "kind": "varchar",
    "tier": "varchar",
    "subject": "varchar",
    "day": "date",
    "span_days": "integer",
    "value": "double",
    '"of"': "double",
    "expected": "double",
    "low": "double",
    "high": "double",
    "p": "double",
    "is_unusual": "boolean",
}


def build(con: Any, now: datetime) -> None:
    """Make `attention_test(kind, tier, subject, day, span_days, value, of, expected, low, high, p, is_unusual)`.

    `value` is of the `span_days` (1 or 3) that end with `day`, whichever is the less likely; `low` to `high` is what 99 of 100 such spans
    were; `p` is for both spans together. `is_unusual`: of those in which the share of false ones is held at 1 % over all series of
    a day, the ones that are large enough to be news (`unusual.flagged`). A series too young to have a normal is no row.
    """
    days, history = con.execute("select attention_days, attention_history_days from setting").fetchone()
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    con.execute(f"create or replace table attention_test ({columns})")
    found = con.execute("select * from attention_series order by kind, tier, subject, day").to_arrow_table()
    if not found.num_rows:
        return
    from sql.marts.signals import unusual  # takes a second, which a program without series need not wait

    series = unusual.matrix(found)
    tested = [table for back in range(days) if (table := unusual.test(series, series.last - back, history))]
    if tested:
        con.register("tested", pa.concat_tables(tested))
        con.execute("insert into attention_test select * from tested")
        con.unregister("tested")
