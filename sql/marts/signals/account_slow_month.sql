-- One row per month, account and bin of the time that calls of the API took, for the slow end alone: enough for the 95 % of any months together.
-- Bins are those of `latency_month`. The lowest one of an account holds all that was faster, too: the least of the bins within which 95 % of one
-- of its months' calls were answered, since no months together have their 95 % below it. `account_id` null is all accounts. Calls of monitors and of
-- our own tests are left out.

with bins as (
    select latency_month.month, caller_account.account_id, latency_month.bin, sum(latency_month.calls) as calls
    from latency_month
    join caller using (caller_id)
    join caller_account using (caller_id)
    anti join test_caller using (caller_id)
    where caller.surface = 'api'
    group by latency_month.month, caller_account.account_id, latency_month.bin
),

all_bins as (
    select month, account_id, bin, calls
    from bins

    union all

    select month, null, bin, sum(calls)
    from bins
    group by month, bin
),

ranked as (
    select
        month,
        account_id,
        bin,
        sum(calls) over (partition by month, account_id order by bin) as so_far,
        sum(calls) over (partition by month, account_id) as whole
    from all_bins
),

lowest as (
    select account_id, min(bin) as bin
    from ranked
    where so_far >= 0.95 * whole
    group by account_id
)

select
    all_bins.month,
    all_bins.account_id,
    greatest(all_bins.bin, lowest.bin) as bin,
    cast(sum(all_bins.calls) as bigint) as calls
from all_bins
join lowest on lowest.account_id is not distinct from all_bins.account_id
group by all
order by all_bins.month
