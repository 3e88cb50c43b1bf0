"""A biller, a cloud bill and its callers at size, made in the database: subscriptions with seats, coupons, usage, refunds, three currencies."""

from typing import Any

START = "2024-07-01"
MONTHS = 24
MEAN_STAY = 22
BILLED = f"timestamp '{START}' + to_months(cast(month as integer)) + to_days(cast(hash(customer) % 27 as integer))"
SERVICES = ("rates", "labels", "tracking", "addresses")


def make(con: Any, invoices: int) -> dict[str, int]:
    """Fill the `raw_*` tables of an empty warehouse: `invoices` bills or a few more, with five lines each, over two years; returns the counts.

    A customer in six has a second seat added in the middle of a month, one in ten a coupon, one in fifty is given a payment
    back, one in two hundred a credit note; one in five leaves on the way.
    """
    customers = max(1, invoices // MEAN_STAY)
    con.execute("set preserve_insertion_order = false")
    con.execute(
        "create temp table customer as select n as customer, ['usd', 'usd', 'usd', 'eur', 'jpy'][1 + n % 5] as currency,"
        f" case when hash(n + 1) % 5 = 0 then 6 + hash(n) % 18 else {MONTHS} end as stays from range({customers}) as t(n)"
    )
    for table, select in _tables(customers).items():
        columns = [row[0] for row in con.execute(f"describe raw_{table}").fetchall()]
        given = [row[0] for row in con.execute(f"describe {select}").fetchall()]
        wanted = ", ".join(f'"{name}"' if name in given else "null" for name in columns)
        con.execute(f"insert into raw_{table} select {wanted} from ({select})")
    _usage(con, customers)
    con.execute("reset preserve_insertion_order")
    return {table: con.execute(f"select count(*) from raw_{table}").fetchone()[0] for table in _tables(1)}


def _tables(customers: int) -> dict[str, str]:
    stamp = "timestamp '2026-07-01' as synced_at"
    bill = f"select *, {BILLED} as billed, customer || '-' || month as key from customer, range({MONTHS}) as m(month) where month < stays"
    unit = "case currency when 'jpy' then 1 else 100 end"
    amounts = {
        0: (f"49 * {unit}", "plan"),
        1: (f"10 * (1 + (customer % 6 = 0 and month > 5)::integer) * {unit}", "seat"),
        2: (f"(hash(key) % 40) * {unit} // 2", "usage"),
        3: (f"(hash(key) % 9) * {unit}", "requests"),
        4: (f"case when hash(key) % 20 = 0 then 30 * {unit} else 0 end", "setup"),
    }
    lines = " union all ".join(
        "select 'stripe' as source, 'il_' || key || '_" + str(n) + f"' as id, {stamp}, 'in_' || key as invoice_id, "
        "'sub_' || customer as subscription_id, "
        + ("'si_' || customer || '_" + name + "'" if name != "setup" else "null")
        + f" as subscription_item_id, 'price_{name}_' || currency as price_id, currency, cast({amount} as bigint) as amount, "
        + ("1 + (customer % 6 = 0 and month > 5)::integer" if name == "seat" else "1")
        + " as quantity, "
        + (f"cast(case when customer % 10 = 3 then ({amount}) // 5 else 0 end as bigint)" if n < 2 else "0")
        + " as discount, case when customer % 10 = 3 and "
        + str(n < 2).lower()
        + f""" then '[{{"discount_id": "di_' || customer || '", "amount": ' || ({amount}) // 5 || '}}]' end as discounts, """
        "0 as tax, false as tax_inclusive, false as proration, billed as period_started_at, billed + interval 1 month as period_ends_at"
        f" from ({bill})"
        for n, (amount, name) in amounts.items()
    )
    total = " + ".join(f"({amount})" for amount, _ in amounts.values())
    off = f"case when customer % 10 = 3 then (49 * {unit}) // 5 + ({amounts[1][0]}) // 5 else 0 end"
    net = f"cast({total} - {off} as bigint)"
    paid = f"select *, {net} as total from ({bill})"
    price_rows = ", ".join(
        f"('price_{name}_{currency}', '{currency}', {'null' if name in ('usage', 'requests') else amount}, "
        f"{'null' if name == 'setup' else repr('month')}, '{'metered' if name in ('usage', 'requests') else 'licensed'}')"
        for name, whole in (("plan", 49), ("seat", 10), ("usage", 0), ("requests", 0), ("setup", 30))
        for currency, amount in (("usd", whole * 100), ("eur", whole * 100), ("jpy", whole))
    )
    return {
        "billing_customer": f"select 'stripe' as source, 'cus_' || customer as id, {stamp}, 'Firm ' || customer as name, "
        "'pay@firm' || customer || '.example' as email, 'app_' || customer as consumer_ref, currency, false as deleted, "
        f"timestamp '{START}' as created_at from customer",
        "developer": f"select 'portal' as source, 'dev_' || customer as id, {stamp}, 'ann@firm' || customer || '.example' as email, "
        f"timestamp '{START}' as verified_at, timestamp '{START}' as created_at from customer",
        "application": f"select 'portal' as source, 'app_' || customer as id, {stamp}, 'dev_' || customer as developer_id, "
        f"timestamp '{START}' as created_at from customer",
        "price": f"select 'stripe' as source, id, {stamp}, id as nickname, currency, unit_amount, interval, 1 as interval_count, usage_type, "
        f"'per_unit' as billing_scheme from (values {price_rows}) as t(id, currency, unit_amount, interval, usage_type)",
        "subscription": f"select 'stripe' as source, 'sub_' || customer as id, {stamp}, 'cus_' || customer as customer_id, "
        f"case when stays < {MONTHS} then 'canceled' else 'active' end as status, currency, timestamp '{START}' as started_at, "
        f"case when stays < {MONTHS} then timestamp '{START}' + to_months(cast(stays as integer)) end as ended_at from customer",
        "discount": f"select 'stripe' as source, 'di_' || customer as id, {stamp}, 20.0 as percent_off, 'forever' as duration from customer "
        "where customer % 10 = 3",
        "invoice": f"select 'stripe' as source, 'in_' || key as id, {stamp}, 'cus_' || customer as customer_id, "
        "'sub_' || customer as subscription_id, 'paid' as status, currency, total, 0 as tax, total as amount_paid, billed as created_at, "
        f"billed as finalized_at, billed as paid_at, billed as period_started_at, billed as period_ends_at from ({paid})",
        "invoice_line": lines,
        "payment": f"select 'stripe' as source, 'ch_' || key as id, {stamp}, 'cus_' || customer as customer_id, "
        f"'succeeded' as status, currency, total as amount, billed as created_at from ({paid})",
        "refund": f"select 'stripe' as source, 're_' || key as id, {stamp}, 'ch_' || key as payment_id, 'succeeded' as status, currency, "
        f"total // 2 as amount, billed + interval 9 day as created_at from ({paid}) where hash(key) % 50 = 0",
        "credit_note": f"select 'stripe' as source, 'cn_' || key as id, {stamp}, 'in_' || key as invoice_id, 'cus_' || customer as customer_id, "
        "'issued' as status, currency, total // 3 as total, 0 as tax, 0 as refunded, billed + interval 12 day as created_at "
        f"from ({paid}) where hash(key) % 200 = 1",
        "balance_fee": f"select 'stripe' as source, 'txn_' || key as id, {stamp}, 'charge' as kind, 'ch_' || key as source_ref, currency, "
        f"total as amount, cast(total * 29 // 1000 as bigint) as fee, billed as created_at from ({paid})",
        "cost_entry": f"select 'cloud' as source, day || service as id, {stamp}, service as service_name, 'usd' as currency, "
        "cast(200000000 + hash(day || service) % 90000007 as bigint) as billed_cost_micros, cast(day as timestamp) as charge_period_started_at, "
        "cast(day as timestamp) + interval 1 day as charge_period_ends_at "
        f"from range(date '{START}', date '2026-07-01', interval 1 day) as d(day), "
        f"(select unnest({list(SERVICES)}) as service)",
    }


def _usage(con: Any, customers: int) -> None:
    """Calls of every customer on one day in ten, of two of four services each."""
    con.execute(
        "insert into usage_day by name select day, 'logs|api||' || 'app_' || customer as caller_id, 'logs' as source, 'api' as surface, "
        "'production' as environment, service, calls, calls as ok, 0 as client_errors, 0 as server_errors, 0 as no_status, 0 as refused_auth, "
        "0 as refused_quota, 0 as refused_rate_limit, 0 as refused_validation, 0 as refused_no_route, 0 as refused_upstream, 0 as client_gone, "
        "0 as writes, 0 as writes_ok, calls * 700 as request_bytes, calls * 2000 as response_bytes, calls * 3.5 as compute_ms, "
        "cast(day as timestamp) as first_at, cast(day as timestamp) as last_at, cast(day as timestamp) as first_ok_at, 1 as distinct_routes, "
        "1 as distinct_ips from (select customer, cast(day as date) as day, service, 1 + hash(customer || day::varchar) % 400 as calls "
        f"from range({customers}) as c(customer), range(date '{START}', date '2026-07-01', interval 1 day) as d(day), "
        f"(select unnest({list(SERVICES)}) as service, unnest(range({len(SERVICES)})) as place) "
        "where hash(customer * 1000003 + epoch_days(day)) % 10 = 0 and (customer + place) % 2 = 0)".replace(
            "epoch_days(day)", "date_diff('day', date '1970-01-01', cast(day as date))"
        )
    )
    con.execute(
        "insert into callers by name select day, caller_id, source, surface, split_part(caller_id, '|', 4) as consumer_ref, sum(calls) as calls "
        "from usage_day group by all"
    )
