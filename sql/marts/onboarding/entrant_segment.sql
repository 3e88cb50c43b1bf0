-- One row per entrant, dimension and value by which conversion can be compared: channel, service, kind, company kind, country, size, cohort,
-- plan, group, tag, product, and every attribute that a source gives of it (`attribute: key`). A dimension of one value has one row an entrant,
-- null where nobody tells; of a dimension of many values an entrant has as many rows.

with single as (
    unpivot (
        select
            account_id,
            tier,
            channel,
            service,
            kind,
            company_kind,
            country,
            size,
            strftime(cohort_week, '%Y-%m-%d') as cohort_week,
            strftime(cohort_month, '%Y-%m') as cohort_month
        from entrant
    )
    on channel, service, kind, company_kind, country, size, cohort_week, cohort_month
    into name dimension value value
),

whole as (
    select entrant.account_id, entrant.tier, dimensions.dimension
    from entrant
    cross join (
        select unnest(['channel', 'service', 'kind', 'company_kind', 'country', 'size', 'cohort_week', 'cohort_month']) as dimension
    ) as dimensions
)

select whole.account_id, whole.tier, whole.dimension, single.value
from whole
left join single using (account_id, dimension)

union all

select distinct
    entrant.account_id,
    entrant.tier,
    case when account_attribute.field = 'attribute' then 'attribute: ' || split_part(account_attribute.value, '=', 1) else account_attribute.field end,
    case when account_attribute.field = 'attribute' then substr(account_attribute.value, position('=' in account_attribute.value) + 1)
        else account_attribute.value end
from entrant
join account_attribute using (account_id)
where account_attribute.field in ('plan', 'group', 'tag', 'product', 'attribute') and coalesce(account_attribute.value, '') <> ''
