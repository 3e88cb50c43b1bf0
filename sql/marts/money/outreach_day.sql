-- One row per outreach activity and account that it brought: signed up through its channel within the window after it. Where it names neither
-- channel nor whom it was for, within the window, and without a channel of its own: who came another way was not brought by it.
-- Shared evenly in whole micros (the first accounts by name carry the odd ones); what brought nobody stays unallocated. Null where it has no price.

with brought as (
    select
        outreach_cost.source,
        outreach_cost.id,
        outreach_cost.day,
        outreach_cost.cost_micros,
        account_channel.account_id
    from outreach_cost
    cross join setting
    join account_channel on account_channel.channel is not distinct from outreach_cost.channel
        and cast(account_channel.signed_up_at as date) >= outreach_cost.day
        and cast(account_channel.signed_up_at as date) < outreach_cost.day + setting.outreach_window_days
    where outreach_cost.channel is not null or (outreach_cost.organization_ref is null and outreach_cost.account_ref is null)

    union

    select outreach_cost.source, outreach_cost.id, outreach_cost.day, outreach_cost.cost_micros, account_member.account_id
    from outreach_cost
    join account_member on account_member.kind = 'organization' and account_member.id = outreach_cost.organization_ref

    union

    select outreach_cost.source, outreach_cost.id, outreach_cost.day, outreach_cost.cost_micros, account_alias.account_id
    from outreach_cost
    join account_alias on account_alias.alias_id = outreach_cost.account_ref
)

select
    source,
    id,
    day,
    account_id,
    cast(
        cost_micros // count(*) over activity
        + case when row_number() over (activity order by account_id) <= cost_micros % count(*) over activity then 1 else 0 end
        as bigint
    ) as cost_micros
from brought
window activity as (partition by source, id)
