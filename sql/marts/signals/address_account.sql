-- One row per month and address (by hash) that asked for something that no route matched, and that exactly one account called from with its key
-- in that month: the account, and its share of what else was called from there. Calls without a route name nobody; this is whose they
-- most likely are. An address of several accounts (an office, a cloud's way out) is nobody's.

with others as (
    select
        address_month.month,
        address_month.client_ip,
        if(starts_with(caller_account.account_id, 'nobody:'), null, caller_account.account_id) as account_id,
        sum(address_month.calls) as calls
    from address_month
    join caller using (caller_id)
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    where caller.surface = 'api'
    group by all
),

unmatched as (
    select cast(date_trunc('month', unmatched_day.day) as date) as month, unmatched_day.client_ip, sum(unmatched_day.calls) as calls
    from unmatched_day
    join caller using (caller_id)
    join caller_account using (caller_id)
    where caller.surface = 'api' and unmatched_day.client_ip is not null and starts_with(caller_account.account_id, 'nobody:')
    group by all
),

sums as (
    select
        others.month,
        others.client_ip,
        count(distinct others.account_id) as accounts,
        max(others.account_id) as account_id,
        coalesce(sum(others.calls) filter (where others.account_id is not null), 0) as named_calls,
        greatest(coalesce(sum(others.calls) filter (where others.account_id is null), 0) - coalesce(any_value(unmatched.calls), 0), 0) as unnamed_calls
    from others
    left join unmatched on unmatched.month = others.month and unmatched.client_ip = others.client_ip
    group by others.month, others.client_ip
)

select
    month,
    client_ip,
    account_id,
    named_calls / (named_calls + unnamed_calls) as share,
    cast(named_calls as bigint) as named_calls
from sums
where accounts = 1 and named_calls >= unnamed_calls
