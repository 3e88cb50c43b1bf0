-- One row: which kinds of money any source tells of. What no source tells is shown as missing, never as 0.

with rated as (
    select support_micros_per_minute is not null or exists (select 1 from program_support_rate) as has_support_rate
    from setting
)

select
    exists (select 1 from raw_billing_customer) or exists (select 1 from raw_invoice) as has_billing,
    exists (select 1 from cost_entry union all select 1 from program_unit_cost) as has_costs,
    exists (select 1 from raw_ticket) as has_support,
    rated.has_support_rate,
    exists (select 1 from cost_entry union all select 1 from program_unit_cost)
        and (rated.has_support_rate or not exists (select 1 from raw_ticket)) as cost_is_known,
    concat_ws(
        '; ',
        case when not exists (select 1 from raw_billing_customer) and not exists (select 1 from raw_invoice)
            then 'no billing source: revenue unknown' end,
        case when not exists (select 1 from cost_entry union all select 1 from program_unit_cost) then 'no cloud bill: infrastructure cost unknown' end,
        case when exists (select 1 from raw_ticket) and not rated.has_support_rate
            then 'no support rate in program.toml: support cost unknown' end
    ) as missing
from rated
