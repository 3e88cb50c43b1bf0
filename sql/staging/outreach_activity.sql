-- One row per thing done to be found, adopted or understood: what sheets tell, and what people entered in the pages (source `entered`), each as
-- the newest word about it that was not undone says. `account_ref` names the account that an entered one was for.

with entered as (
    select *
    from raw_outreach_entered
    where undone_at is null
    qualify row_number() over (partition by activity_id order by decided_at desc, id desc) = 1
)

select
    source,
    id,
    title,
    lower(trim(direction)) as direction,
    nullif(lower(trim(channel)), '') as channel,
    nullif(trim(organization_ref), '') as organization_ref,
    cast(null as varchar) as account_ref,
    occurred_at,
    hours,
    lower(coalesce(currency, (select currency from setting))) as currency,
    cost,
    owner
from raw_outreach_activity

union all

select
    'entered',
    activity_id,
    title,
    direction,
    nullif(lower(trim(channel)), ''),
    null,
    account_id,
    cast(happened_on as timestamp),
    hours,
    lower(coalesce(currency, (select currency from setting))),
    cost,
    author
from entered
where not is_removed
