-- One row per account and thing about it that somebody should know: since when, how grave, and what shows it.
-- Live usage is a success in the last 30 days, outside internal teams. One developer who stands alone is expected to have no buyer, unless
-- the calls of those days are as many as the middle one of the organizations makes; who pays for himself is his own buyer.

with day as (
    select cast(as_of as date) as today, cast(as_of as date) - 29 as live_from
    from snapshot_info
),

recent as (
    select account_day.account_id, sum(account_day.calls) as calls, sum(account_day.ok) as ok, max(account_day.day) as last_day
    from account_day
    cross join day
    where account_day.day between day.live_from and day.today and not starts_with(account_day.account_id, 'nobody:')
    group by account_day.account_id
),

ever as (
    select account_id, min(day) filter (where ok > 0) as first_ok_day, max(day) as last_day
    from account_day
    group by account_id
),

live as (
    select recent.*, account_cluster.kind, account_tier_now.tier, ever.first_ok_day, account_stage_now.stage
    from recent
    join account_cluster using (account_id)
    join account_tier_now using (account_id)
    join ever using (account_id)
    left join account_stage_now using (account_id)
    where recent.ok > 0
),

worth as (
    select median(calls) as calls
    from live
    where kind = 'organization' and tier <> 'internal'
),

buyers as (
    select account_id,
        bool_or(role = 'economic_buyer') as has_buyer,
        min(email) filter (where role in ('billing_contact', 'procurement')) as billed_to
    from account_person
    group by account_id
),

no_buyer as (
    select
        live.account_id,
        'no_economic_buyer' as finding,
        case
            when buyers.billed_to is not null then 'low'
            when live.tier = 'partner' or live.stage in (
                'in_production', 'commercial_contact', 'procurement', 'contracted', 'paying', 'revenue_share', 'expanded'
            ) then 'high'
            else 'medium'
        end as severity,
        live.first_ok_day as since,
        format('{:,} calls in the last 30 days; nobody is known who decides to buy', cast(live.calls as bigint))
            || coalesce(', only ' || buyers.billed_to || ' who handles bills or orders', '') as evidence,
        live.calls
    from live
    cross join worth
    left join buyers using (account_id)
    where live.tier <> 'internal' and not coalesce(buyers.has_buyer, false)
        and (live.kind = 'organization' or live.calls >= worth.calls)
),

payer_differs as (
    select
        chain.account_id,
        'payer_differs' as finding,
        'low' as severity,
        min(chain.payer_since) as since,
        format('{} of its applications {} paid for by {}', count(*), if(count(*) = 1, 'is', 'are'), any_value(account_name.name))
            || ': ' || string_agg(distinct chain.payer_evidence, ', ' order by chain.payer_evidence) as evidence,
        sum(chain.calls_90d) as calls
    from chain
    join account_name on account_name.account_id = chain.payer_account_id
    where chain.payer_account_id <> chain.account_id
    group by chain.account_id, chain.payer_account_id
),

-- the calls that a contract is for: of the application that it names, else of its whole account
covered as (
    select contract_state.node, max(cast(chain.last_call_at as date)) as last_day, sum(chain.calls_90d) as calls
    from contract_state
    join contract using (node)
    join chain on chain.contract_node = contract_state.node
        or (contract.application_ref is null and chain.account_id = contract_state.account_id)
    group by contract_state.node
),

named as (
    select
        contract_state.*,
        coalesce(contract.organization_name, 'this account') as organization,
        contract.application_ref
    from contract_state
    join contract using (node)
),

unused as (
    select
        named.account_id,
        'contract_without_usage' as finding,
        'medium' as severity,
        greatest(named.since, covered.last_day) as since,
        'contract in force since ' || strftime(named.since, '%-d %b %Y') || ', '
            || coalesce('last call ' || strftime(covered.last_day, '%-d %b %Y'), 'no call so far')
            || if(named.application_ref is not null, ' by the application that it names', '') as evidence,
        0 as calls
    from named
    cross join day
    left join covered using (node)
    where named.state = 'in force' and named.since <= day.live_from and coalesce(covered.last_day < day.live_from, true)
),

outlived as (
    select
        named.account_id,
        'usage_after_contract' as finding,
        if(account_payer.account_id is null, 'high', 'low') as severity,
        named.until as since,
        'contract ended ' || strftime(named.until, '%-d %b %Y') || format(', {:,} successful calls in the last 30 days', cast(live.ok as bigint))
            || coalesce('; still pays by ' || account_payer.evidence, '; nothing covers them now') as evidence,
        live.calls
    from named
    join live using (account_id)
    left join account_payer using (account_id)
    where named.state = 'ended' and named.application_ref is null and named.until <= live.last_day
        and not exists (
            select 1 from named as other
            where other.account_id = named.account_id and other.state = 'in force' and other.application_ref is null
        )
    qualify row_number() over (partition by named.account_id order by named.until desc, named.node) = 1
),

exposed as (
    select
        account_id,
        'exposure_broken' as finding,
        if(ok > 0, 'high', 'medium') as severity,
        first_day as since,
        format('{:,} calls to {}, {:,} of them answered, as {} account; it is meant for {}', cast(calls as bigint), service, cast(ok as bigint),
            if(tier in ('open', 'internal'), 'an ', 'a ') || tier, meant_for) as evidence,
        calls
    from exposure_finding
),

held as (
    select distinct identity_held.*, unnest(account_ids) as account_id
    from identity_held
),

held_back as (
    select
        held.account_id,
        'held_back' as finding,
        if(held.kind = 'contracts of two parties', 'medium', 'low') as severity,
        cast(null as date) as since,
        case held.kind
            when 'many organizations on one domain' then format('{} organizations write from {}; none was merged by it', held.organizations, held.what)
            when 'contracts of two parties' then format('evidence ({}) ties it to {}, which has a contract of its own; they were left apart', held.what, other.name)
            else format('{} record{} it to {} as well ({}); they were left apart', held.records, if(held.records = 1, ' ties', 's tie'), other.name, held.what)
        end as evidence,
        0 as calls
    from held
    left join account_name as other on len(held.account_ids) = 2 and other.account_id <> held.account_id
        and list_contains(held.account_ids, other.account_id)
),

found as (
    select * from no_buyer
    union all
    select * from payer_differs
    union all
    select * from unused
    union all
    select * from outlived
    union all
    select * from exposed
    union all
    select * from held_back
)

select
    account_id,
    finding,
    case finding
        when 'no_economic_buyer' then 'Live usage, no economic buyer known'
        when 'payer_differs' then 'Somebody else pays'
        when 'contract_without_usage' then 'Contract without usage'
        when 'usage_after_contract' then 'Usage after the contract''s end'
        when 'exposure_broken' then 'Calls an API that is not meant for it'
        when 'held_back' then 'Merge held back'
    end as label,
    severity,
    list_position(['high', 'medium', 'low'], severity) as rank,
    since,
    evidence,
    cast(calls as bigint) as calls
from found
