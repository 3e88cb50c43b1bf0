-- metric: unmet_summary
-- label: Unmet demand, altogether
-- question: How many ask for what we do not have, and how much of what was not found is noise?
-- unit: rows
-- grain: one row
-- good: down
-- definition: Over the paths of unmet demand: how many there are, who asks, and what was left out as noise. With a tier chosen, the noise stays that
--   of all, for scanners have no tier.
-- column paths: path and reason pairs that were asked for
-- column accounts: distinct accounts that asked
-- column paying_accounts: of them, those that have paid a bill; null without a billing source
-- column inferred_accounts: of them, those that only their address tells of
-- column unnamed_callers: distinct addresses of which no account is known
-- column calls: calls
-- column accounts_before: accounts in the period to compare with
-- column paying_before: paying ones in it
-- column removed_calls: calls that were left out as noise
-- column removed_callers: addresses or callers that they came from
-- column removed_paths: path templates that they asked for

with asked as (
    select
        unmet_call.*,
        account.is_payer,
        account.tier,
        ($date_from is null or unmet_call.day >= cast($date_from as date)) and ($date_to is null or unmet_call.day < cast($date_to as date)) as is_now,
        unmet_call.day >= cast($before_from as date) and unmet_call.day < cast($before_to as date) as is_before
    from unmet_call
    left join account using (account_id)
),

kept as (
    select *
    from asked
    where removed_by is null and ($tier is null or tier = $tier)
),

sums as (
    select
        count(distinct key) filter (where is_now) as paths,
        count(distinct account_id) filter (where is_now) as accounts,
        count(distinct account_id) filter (where is_now and is_payer) as paying_accounts,
        count(distinct account_id) filter (where is_now and not is_inferred) as named_accounts,
        count(distinct coalesce(client_ip, caller_id)) filter (where is_now and account_id is null) as unnamed_callers,
        cast(coalesce(sum(calls) filter (where is_now), 0) as bigint) as calls,
        count(distinct account_id) filter (where is_before) as accounts_before,
        count(distinct account_id) filter (where is_before and is_payer) as paying_before
    from kept
),

removed as (
    select
        cast(coalesce(sum(calls), 0) as bigint) as removed_calls,
        count(distinct coalesce(client_ip, caller_id)) as removed_callers,
        count(distinct path_template) as removed_paths
    from asked
    where is_now and removed_by is not null
)

select
    sums.paths,
    sums.accounts,
    case when money_known.has_billing then sums.paying_accounts end as paying_accounts,
    sums.accounts - sums.named_accounts as inferred_accounts,
    sums.unnamed_callers,
    sums.calls,
    case when $before_from is not null then sums.accounts_before end as accounts_before,
    case when $before_from is not null and money_known.has_billing then sums.paying_before end as paying_before,
    removed.removed_calls,
    removed.removed_callers,
    removed.removed_paths
from sums
cross join removed
cross join money_known
