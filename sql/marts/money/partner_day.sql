-- One row per day and partner: what the accounts behind it brought and cost, what we put into it, and the share that it is owed, in millionths
-- of the reporting currency; its own on the days that it was a partner. Payments in a currency without a rate are counted as unpriced. The share is the contract's percentage of what the accounts that it sourced paid that day; no contract, no share.

with share as (
    select account_member.account_id, contract.revenue_share_percent as percent, contract_span.since, contract_span.until
    from contract
    join account_member using (node)
    join contract_span using (node)
    where contract.revenue_share_percent > 0
),

behind as (
    select
        partner_brought.partner_id,
        money.day,
        partner_brought.kind,
        partner_brought.account_id = partner_brought.partner_id as is_own,
        money.revenue_micros,
        coalesce(money.infrastructure_cost_micros, 0) + coalesce(money.support_cost_micros, 0) + coalesce(money.outreach_cost_micros, 0)
            + coalesce(money.fee_cost_micros, 0) as cost_micros
    from partner_brought
    join account_money_day as money using (account_id)
    where not is_own or money.tier = 'partner'
),

brought as (
    select
        partner_id,
        day,
        sum(revenue_micros) filter (where kind = 'sourced') as sourced,
        sum(revenue_micros) filter (where kind = 'influenced') as influenced,
        sum(cost_micros) filter (where kind = 'sourced' and not is_own) as client_cost
    from behind
    group by partner_id, day
),

percents as (
    select brought.partner_id, brought.day, max(share.percent) as percent
    from brought
    join share on share.account_id = brought.partner_id and brought.day >= share.since and brought.day <= share.until
    group by brought.partner_id, brought.day
),

put_in as (
    select
        money.account_id as partner_id,
        money.day,
        sum(money.infrastructure_cost_micros) as infrastructure,
        sum(money.support_cost_micros) as support,
        sum(money.fee_cost_micros) as fees
    from account_money_day as money
    join partner_account on partner_account.account_id = money.account_id
    where money.tier = 'partner'
    group by money.account_id, money.day
),

-- hours at their rate are people, the rest of what was done for them is marketing
outreach as (
    select
        outreach_day.account_id as partner_id,
        outreach_day.day,
        sum(outreach_day.cost_micros) as together,
        sum(cast(round(outreach_day.cost_micros * least(
            coalesce(outreach_activity.hours * (select outreach_micros_per_hour from setting), 0), outreach_cost.cost_micros
        ) / nullif(outreach_cost.cost_micros, 0)) as bigint)) as people
    from outreach_day
    join outreach_cost using (source, id)
    join outreach_activity using (source, id)
    join partner_account on partner_account.account_id = outreach_day.account_id
    group by outreach_day.account_id, outreach_day.day
),

paid_out as (
    select
        partner_name.account_id as partner_id,
        cast(partner_payment.paid_at as date) as day,
        sum(at_rate(in_micros(partner_payment.amount, currency_unit.decimals), fx_rate.rate)) as paid,
        count(*) filter (where fx_rate.rate is null) as unpriced
    from partner_payment
    join partner_name on partner_name.said = coalesce(lower(partner_payment.organization_ref), partner_payment.domain,
        lower(trim(partner_payment.organization_name)))
    left join currency_unit on currency_unit.currency = partner_payment.currency
    left join fx_rate on fx_rate.currency = partner_payment.currency
        and cast(partner_payment.paid_at as date) >= fx_rate.valid_from
        and cast(partner_payment.paid_at as date) < fx_rate.valid_to
    group by 1, 2
),

days as (
    select partner_id, day from brought
    union
    select partner_id, day from put_in
    union
    select partner_id, day from outreach
    union
    select partner_id, day from paid_out
)

select
    days.partner_id,
    days.day,
    cast(coalesce(brought.sourced, 0) as bigint) as sourced_micros,
    cast(coalesce(brought.influenced, 0) as bigint) as influenced_micros,
    cast(coalesce(brought.client_cost, 0) as bigint) as client_cost_micros,
    percents.percent as share_percent,
    cast(round(coalesce(brought.sourced, 0) * coalesce(percents.percent, 0) / 100) as bigint) as share_owed_micros,
    cast(coalesce(paid_out.paid, 0) as bigint) as share_paid_micros,
    coalesce(paid_out.unpriced, 0) as unpriced,
    cast(coalesce(outreach.people, 0) as bigint) as people_micros,
    cast(coalesce(outreach.together, 0) - coalesce(outreach.people, 0) as bigint) as marketing_micros,
    cast(coalesce(put_in.support, 0) as bigint) as support_micros,
    cast(coalesce(put_in.infrastructure, 0) as bigint) as infrastructure_micros,
    cast(coalesce(put_in.fees, 0) as bigint) as fee_micros
from days
left join brought using (partner_id, day)
left join percents using (partner_id, day)
left join put_in using (partner_id, day)
left join outreach using (partner_id, day)
left join paid_out using (partner_id, day)
