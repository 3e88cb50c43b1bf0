-- One row per month, tier and line that was planned, in the reporting currency: what a person typed in before what a sheet says, the newest first.
-- Cost to serve is its own line, or the sum of its parts where those are planned.

with said as (
    select cast(date_trunc('month', month) as date) as month, lower(tier) as tier, lower(line) as line,
        lower(coalesce(currency, (select currency from setting))) as currency, amount, 2 as rank, synced_at as said_at, id
    from raw_plan_figure

    union all

    select cast(date_trunc('month', month) as date), lower(tier), lower(line), lower(currency), amount, 1, decided_at, cast(id as varchar)
    from raw_plan_entered
    where undone_at is null
),

chosen as (
    select *
    from said
    qualify row_number() over (partition by month, tier, line order by rank, said_at desc, id desc) = 1
)

select
    chosen.month,
    chosen.tier,
    chosen.line,
    at_rate(in_micros(chosen.amount, currency_unit.decimals), fx_rate.rate) as plan_micros
from chosen
left join currency_unit on currency_unit.currency = chosen.currency
left join fx_rate on fx_rate.currency = chosen.currency and chosen.month >= fx_rate.valid_from and chosen.month < fx_rate.valid_to
