"""One row per name of an organization or application that a record carries: its plain words, and the same without spaces."""

import pyarrow as pa

from sql.marts.who.plain_names import plain_name

READS = (
    "raw_developer",
    "raw_billing_customer",
    "raw_support_organization",
    "raw_organization",
    "raw_contact",
    "raw_contract",
    "raw_opportunity",
    "raw_application",
)

NAMES = """
select organization_name as name from raw_developer
union select organization_name from raw_contact
union select organization_name from raw_contract
union select organization_name from raw_opportunity
union select name from raw_billing_customer
union select name from raw_support_organization
union select name from raw_organization
union select name from raw_application
"""


def build(con, now) -> None:
    """Make the table `name_of(name, plain, squeezed)`; nothing here depends on `now`."""
    names = [
        name for (name,) in con.execute(f"select distinct trim(name) from ({NAMES}) where trim(name) <> ''").fetchall()
    ]
    plain = [plain_name(name) for name in names]
    table = pa.table({"name": pa.array(names, pa.string()), "plain": pa.array(plain, pa.string())})
    con.register("name_rows", table)
    con.execute(
        "create or replace table name_of as"
        " select name, plain, replace(plain, ' ', '') as squeezed from name_rows where plain is not null"
    )
    con.unregister("name_rows")
