"""Organizations on their way at size, made in the database: keys, calls, visits to the portal, tickets, contracts and bills, three million dates."""

from typing import Any

AS_OF = "timestamp '2026-07-01'"
STAMP = f"{AS_OF} as synced_at"
# how far each gets: 0 signed up, 1 has a key, 2 calls, 3 succeeds, 4 integrates, 5 is in production, 6 talks, 7 pays
REACH = "list_position([hash(n + 7) % 100 < x for x in [12, 28, 38, 55, 75, 86, 92, 100]], true) - 1"
REFUSALS = ("refused_auth", "refused_quota", "refused_validation", "refused_no_route")


def make(con: Any, organizations: int) -> dict[str, int]:
    """Fill the `raw_*` tables and roll-ups of an empty warehouse; returns how many dated rows each got."""
    con.execute("set preserve_insertion_order = false")
    con.execute(
        f"create temp table company as select n, timestamp '2024-07-01' + to_minutes(cast(hash(n) % (725 * 1440) as integer)) as began,"
        f" {REACH} as reach from range({organizations}) as t(n)"
    )
    for table, select in _records().items():
        columns = [row[0] for row in con.execute(f"describe raw_{table}").fetchall()]
        given = [row[0] for row in con.execute(f"describe {select}").fetchall()]
        wanted = ", ".join(f'"{name}"' if name in given else "null" for name in columns)
        con.execute(f"insert into raw_{table} select {wanted} from ({select})")
    _usage(con)
    con.execute("reset preserve_insertion_order")
    counted = [f"raw_{table}" for table in _records()] + ["usage_day", "usage_route_day", "failure_day"]
    return {table: con.execute(f"select count(*) from {table}").fetchone()[0] for table in counted}


def _records() -> dict[str, str]:
    person = "'u' || n || '@firm' || n || '.example'"
    ticket = (
        "select *, began + to_days(cast(3 + hash(n * 10 + k) % 200 as integer)) as asked from company, range(2) as t(k)"
        f" where hash(n * 3 + k) % 3 = 0 and began + to_days(cast(3 + hash(n * 10 + k) % 200 as integer)) < {AS_OF}"
    )
    bill = (
        "select *, began + to_days(cast(60 + 30 * month as integer)) as billed from company, range(20) as m(month)"
        f" where reach = 7 and began + to_days(cast(60 + 30 * month as integer)) < {AS_OF}"
    )
    step = "{{\"step\": \"' || ['security_review', 'legal_review', 'procurement', 'decision'][1 + n % 4] || '\", \"started_on\": \"' || strftime(began + interval 70 day, '%Y-%m-%d') || '\"}}"
    return {
        "developer": f"select 'portal' as source, 'dev_' || n as id, {STAMP}, {person} as email, began as verified_at, began as created_at,"
        " ['search', 'conference', 'partner', 'docs'][1 + n % 4] as channel, ['us', 'de', 'in'][1 + n % 3] as country from company",
        "application": f"select 'portal' as source, 'app_' || n as id, {STAMP}, 'dev_' || n as developer_id, 'free' as plan,"
        " case when n % 2 = 0 then 'sandbox' end as environment, began + interval 1 hour as created_at from company where reach > 0",
        "portal_event": f"select 'portal' as source, 'pe_' || n || '_' || k as id, {STAMP}, ['registered', 'verified', 'docs_read', 'pricing_read'][1 + k] as kind,"
        " began + to_minutes(cast(k * 30 * (1 + n % 50) as integer)) as occurred_at, 'dev_' || n as developer_ref from company, range(4) as t(k)"
        " where k < 3 or reach > 4",
        "support_user": f"select 'desk' as source, 'su_' || n as id, {STAMP}, {person} as email, true as verified, 'end-user' as role, false as deleted,"
        " began as created_at from company",
        "ticket": f"select 'desk' as source, n || '_' || k as id, {STAMP}, 'su_' || n as requester_id,"
        " ['401 with my key', 'What would more calls cost?', 'Security questionnaire', 'Invoice address'][1 + (n + k) % 4] as subject,"
        f" case when hash(n + k) % 5 = 0 then 'open' else 'solved' end as status, asked as created_at, asked as updated_at from ({ticket})",
        "ticket_event": f"select 'desk' as source, n || '_' || k || '_' || e as id, {STAMP}, n || '_' || k as ticket_id,"
        " ['public_reply', 'status_change', 'sla_breached'][1 + e] as kind, asked + to_hours(cast(1 + e as integer)) as occurred_at,"
        " 'agent' as author_role, case when e = 1 then 'new' end as from_value,"
        f" case when e = 1 then case when hash(n + k) % 5 = 0 then 'open' else 'solved' end end as to_value, 'reply_time' as metric from ({ticket}), range(3) as x(e)"
        " where e < 2 or n % 7 = 0",
        "contract": f"select 'crm' as source, 'ct_' || n as id, {STAMP}, 'firm' || n || '.example' as domain, 'negotiating' as status,"
        f" 'negotiated' as terms, began + interval 65 day as created_at, '[{step.format()}]' as steps"
        f" from company where reach = 6 and n % 3 = 0 and began + interval 71 day < {AS_OF}",
        "billing_customer": f"select 'stripe' as source, 'cus_' || n as id, {STAMP}, {person} as email, 'app_' || n as consumer_ref, false as deleted,"
        " began as created_at from company where reach = 7",
        "subscription": f"select 'stripe' as source, 'sub_' || n as id, {STAMP}, 'cus_' || n as customer_id, 'active' as status, 'usd' as currency,"
        f" began + interval 60 day as started_at from company where reach = 7 and began + interval 60 day < {AS_OF}",
        "invoice": f"select 'stripe' as source, 'in_' || n || '_' || month as id, {STAMP}, 'cus_' || n as customer_id, 'paid' as status, 'usd' as currency,"
        " 4900 + 100 * (n % 90) + month * 50 as total, 0 as tax, billed as created_at, billed as finalized_at, billed as paid_at,"
        f" billed as period_started_at, billed + interval 30 day as period_ends_at from ({bill})",
    }


def _usage(con: Any) -> None:
    """Days with calls: the further a company gets the more of them, every failure among them, on three routes."""
    con.execute(
        "create temp table called as"
        " select n, day, reach, hash(n * 977 + k) as dice, 'logs|api|||app_' || n || '||' as caller_id from ("
        "select n, reach, k, cast(began as date) + cast(k * (case when reach > 4 then 5 else 2 end) + 1 as integer) as day"
        " from company, range(23) as t(k) where reach > 1 and k < [0, 0, 2, 4, 8, 23, 23, 23][reach + 1])"
        f" where day < cast({AS_OF} as date)"
    )
    refused = ", ".join(
        f"case when dice % 7 = {n} and (reach = 2 or dice % 3 = 0) then 4 else 0 end as {name}"
        for n, name in enumerate(REFUSALS)
    )
    failed = "case when (reach = 2 or dice % 3 = 0) and dice % 7 < 4 then 4 else 0 end"
    zero = ", ".join(
        f"0 as {name}"
        for name in ("no_status", "refused_rate_limit", "refused_upstream", "client_gone", "writes", "writes_ok")
    )
    con.execute(
        "insert into usage_day by name select day, caller_id, 'logs' as source, 'api' as surface,"
        " case when n % 2 = 1 then 'production' end as environment, 'rates' as service,"
        f" ok + {failed} + bad as calls, ok, {failed} as client_errors, bad as server_errors, {refused}, {zero},"
        " 700 as request_bytes, 2000 as response_bytes, 3.5 as compute_ms, 3 as distinct_routes, 1 as distinct_ips,"
        " day + interval 9 hour as first_at, day + interval 17 hour as last_at, case when ok > 0 then day + interval 10 hour end as first_ok_at"
        " from (select *, case when reach = 2 then 0 else 1 + dice % 90 end as ok, case when dice % 7 = 5 and dice % 5 = 0 then 5 else 0 end as bad from called)"
    )
    con.execute(
        "insert into usage_route_day by name select day, caller_id, 'rates' as service, '/v1/r' || (dice % 3) as route, 'GET' as method,"
        " 4 as calls, case when reach = 2 then 0 else 3 end as ok, 1 as client_errors, 0 as server_errors, 0 as not_found,"
        " day + interval 9 hour as last_at, '/v1/r' || (dice % 3) as sample_path, true as has_route from called where dice % 4 = 0"
    )
    con.execute(
        "insert into failure_day by name select day, caller_id, 'rates' as service, '/v1/r0' as route, true as has_route, 'GET' as method, 2 as depth,"
        " kind.status, kind.refusal, kind.calls, '/v1/r0' as sample_path from (select day, caller_id, unnest(["
        "{status: 401, refusal: 'auth', calls: refused_auth}, {status: 429, refusal: 'quota', calls: refused_quota},"
        " {status: 422, refusal: 'validation', calls: refused_validation}, {status: 404, refusal: 'no_route', calls: refused_no_route},"
        " {status: 500, refusal: null, calls: server_errors}]) as kind from usage_day) where kind.calls > 0"
    )
    con.execute(
        "insert into callers by name select day, caller_id, 'logs' as source, 'api' as surface, 'app_' || n as application_ref, 1 as calls from called"
    )
