-- One row per month, account and kind of revenue: what was earned in it. A line of a bill is earned evenly, second by second, over the time
-- that it pays for; one without such a time, on its bill's day. Credit notes, refunds, disputes and bills given up take it back on their day.
-- The months of a line add up to the line exactly: each is what is earned by its end less what was by its beginning, in whole millionths.

with spread as (
    select
        account_id,
        kind,
        net_micros,
        starts_at,
        epoch(ends_at) - epoch(starts_at) as seconds,
        unnest(range(date_trunc('month', starts_at), greatest(ends_at, starts_at + interval 1 microsecond), interval 1 month)) as month
    from bill_line
    where unpriced_reason is null
),

earned as (
    select
        month,
        account_id,
        kind,
        case
            when seconds = 0 then net_micros
            else round(net_micros * least(1.0, (epoch(month + interval 1 month) - epoch(starts_at)) / seconds))
                - round(net_micros * greatest(0.0, (epoch(month) - epoch(starts_at)) / seconds))
        end as micros
    from spread
),

-- a credit note on a bill that is not paid takes back what was to be earned; on a paid one it is an event of revenue already
noted as (
    select
        credit_note.source,
        credit_note.invoice_id,
        coalesce(customer_account.account_id, 'nobody:public') as account_id,
        credit_note.created_at,
        at_rate(
            in_micros(
                cast(round(credit_note.amount * coalesce(invoice.net / nullif(cast(invoice.total as double), 0), 1)) as bigint),
                currency_unit.decimals
            ),
            fx_rate.rate
        ) as micros
    from credit_note
    join invoice on invoice.source = credit_note.source and invoice.id = credit_note.invoice_id and invoice.status in ('open', 'uncollectible')
    left join customer_account on customer_account.source = invoice.source and customer_account.customer_id = invoice.customer_id
    left join currency_unit on currency_unit.currency = credit_note.currency
    left join fx_rate on fx_rate.currency = credit_note.currency
        and cast(credit_note.created_at as date) >= fx_rate.valid_from
        and cast(credit_note.created_at as date) < fx_rate.valid_to
),

given_up as (
    select
        bill_line.source,
        bill_line.invoice_id,
        bill_line.account_id,
        sum(bill_line.net_micros) as micros
    from bill_line
    where bill_line.status = 'uncollectible'
    group by bill_line.source, bill_line.invoice_id, bill_line.account_id
),

everything as (
    select cast(month as date) as month, account_id, kind, sum(micros) as micros
    from earned
    group by month, account_id, kind

    union all

    select date_trunc('month', day), account_id, 'given back', sum(net_micros)
    from revenue_event
    where kind <> 'invoice'
    group by date_trunc('month', day), account_id

    union all

    select date_trunc('month', created_at), account_id, 'given back', - sum(micros)
    from noted
    group by 1, 2

    union all

    select
        date_trunc('month', coalesce(raw_invoice.uncollectible_at, raw_invoice.finalized_at, raw_invoice.created_at)),
        given_up.account_id,
        'given up',
        - sum(given_up.micros - coalesce(noted.micros, 0))
    from given_up
    left join (select source, invoice_id, sum(micros) as micros from noted group by source, invoice_id) as noted using (source, invoice_id)
    join raw_invoice on raw_invoice.source = given_up.source and raw_invoice.id = given_up.invoice_id
    group by 1, 2
)

select
    cast(everything.month as date) as month,
    everything.account_id,
    coalesce(account_tier.tier, 'public') as tier,
    everything.kind,
    cast(sum(everything.micros) as bigint) as recognised_micros
from everything
left join account_tier on account_tier.account_id = everything.account_id
    and cast(everything.month + interval 1 month - interval 1 day as date) >= account_tier.covers_from
    and cast(everything.month + interval 1 month - interval 1 day as date) < account_tier.covers_to
group by all
