-- One row per account and thing about it that the Directory flags: findings and a stall.

with flags as (
    select distinct
        account_id,
        finding as flag,
        case finding
            when 'no_economic_buyer' then 'No economic buyer'
            when 'exposure_broken' then 'Exposure broken'
            when 'usage_after_contract' then 'Usage after contract'
            else label
        end as label,
        case finding when 'exposure_broken' then 1 when 'usage_after_contract' then 2 when 'no_economic_buyer' then 3 when 'held_back' then 5 else 6 end as rank
    from account_finding

    union all

    select account_id, 'stalled', 'Stalled', 4 from stall where stalled
)

select account_id, flag, label, rank
from flags
