-- materialise: view
-- One row per line of a bill that was sent: whose it is, what kind of revenue (recurring, usage, one-off), what is ours of it in its own
-- currency and in the reporting one at the rate of the day of the bill, and the time that it pays for. Void bills and drafts are none.

select
    line.source,
    line.id,
    line.invoice_id,
    line.subscription_id,
    line.customer_id,
    coalesce(customer_account.account_id, 'nobody:public') as account_id,
    line.status,
    line.description,
    case
        when price.is_metered then 'usage'
        when line.subscription_item_id is not null or line.proration or price.months_in is not null then 'recurring'
        else 'one-off'
    end as kind,
    line.currency,
    line.net as net_minor,
    fx_rate.rate,
    at_rate(in_micros(line.net, currency_unit.decimals), fx_rate.rate) as net_micros,
    line.billed_at,
    line.starts_at,
    greatest(line.ends_at, line.starts_at) as ends_at,
    case
        when line.net is null then 'no amount on the line'
        when fx_rate.rate is null then 'no rate for ' || coalesce(line.currency, 'an unnamed currency')
    end as unpriced_reason
from invoice_line as line
left join price on price.source = line.source and price.id = line.price_id
left join customer_account on customer_account.source = line.source and customer_account.customer_id = line.customer_id
left join currency_unit on currency_unit.currency = line.currency
left join fx_rate on fx_rate.currency = line.currency
    and cast(line.billed_at as date) >= fx_rate.valid_from
    and cast(line.billed_at as date) < fx_rate.valid_to
where line.status in ('open', 'paid', 'uncollectible')
