-- One row per open step of procurement: how long it has waited, for whom, against those that came to an end, and what the contract is
-- worth. Compared with steps of its kind where 30 of them ended; else with all kinds together, and `compared_with` says so; else with nothing.

with finished as (
    select kind, count(*) as n, median(days) as median_days, quantile_cont(days, 0.75) as p75_days
    from procurement_step
    where days is not null
    group by kind
),

all_kinds as (
    select count(*) as n, median(days) as median_days, quantile_cont(days, 0.75) as p75_days
    from procurement_step
    where days is not null
),

norms as (
    select
        kinds.kind,
        coalesce(finished.n, 0) as kind_n,
        case when finished.n >= setting.movers_needed then 'its kind' when all_kinds.n >= setting.movers_needed then 'all kinds' end as compared_with,
        case when finished.n >= setting.movers_needed then finished.n when all_kinds.n >= setting.movers_needed then all_kinds.n end as compared_n,
        case when finished.n >= setting.movers_needed then finished.median_days when all_kinds.n >= setting.movers_needed then all_kinds.median_days end
            as median_days,
        case when finished.n >= setting.movers_needed then finished.p75_days when all_kinds.n >= setting.movers_needed then all_kinds.p75_days end
            as p75_days
    from (select distinct kind from procurement_step) as kinds
    left join finished using (kind)
    cross join all_kinds
    cross join setting
),

worth as (
    select
        contract.node,
        contract.annual_value,
        contract.currency,
        at_rate(in_micros(contract.annual_value, currency_unit.decimals), fx_rate.rate) as value_micros,
        case
            when contract.annual_value is null then 'the contract names no amount'
            when fx_rate.rate is null then 'no rate for ' || coalesce(contract.currency, 'an unnamed currency')
        end as unpriced_reason
    from contract
    left join currency_unit on currency_unit.currency = contract.currency
    left join fx_rate on fx_rate.currency = contract.currency
        and (select cast(as_of as date) from snapshot_info) >= fx_rate.valid_from
        and (select cast(as_of as date) from snapshot_info) < fx_rate.valid_to
),

waiting as (
    select *, date_diff('second', since, (select as_of from snapshot_info)) / 86400.0 as days_waiting
    from procurement_step
    where is_open
)

select
    waiting.node,
    waiting.account_id,
    waiting.contract_id,
    waiting.step,
    waiting.kind,
    waiting.since,
    waiting.days_waiting,
    waiting.waiting_for,
    waiting.whose_move,
    norms.kind_n,
    norms.compared_with,
    norms.compared_n,
    norms.median_days,
    norms.p75_days,
    case
        when waiting.days_waiting is null then 'no date'
        when norms.p75_days is null then 'nothing to compare with'
        when waiting.days_waiting > norms.p75_days then 'longer than three of four'
        when waiting.days_waiting > norms.median_days then 'longer than half'
        else 'usual'
    end as ageing,
    worth.value_micros,
    worth.unpriced_reason,
    contract.owner as contract_owner
from waiting
join norms using (kind)
join worth using (node)
join contract using (node)
