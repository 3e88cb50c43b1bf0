-- One row per account and time that it went back: production without a success for so many days (a setting), or a payer whose last paid period
-- ended without another bill in the 30 days after, nor anything else that pays. Only what was the last stage by then goes back: who negotiates without calling still negotiates.
-- `returned_at` is when the stage was reached again; null while it was not.

with today as (
    select cast(as_of as date) as day
    from snapshot_info
),

last_ok as (
    select account_id, day, lead(day) over (partition by account_id order by day) as next_day
    from onboarding_day
    where ok > 0 and day <= (select today.day from today)
),

silences as (
    select
        last_ok.account_id,
        'in_production' as stage,
        cast(last_ok.day + setting.lapsed_after_days as timestamp) as lapsed_at,
        'no success for ' || setting.lapsed_after_days || ' days' as event,
        strftime(last_ok.day, '%Y-%m-%d') as event_ref
    from last_ok
    cross join setting
    where last_ok.day + setting.lapsed_after_days < coalesce(last_ok.next_day, (select today.day from today))
),

covered as (
    select
        account_id,
        invoice_id,
        max(covered_to) over (partition by account_id order by day, invoice_id rows unbounded preceding) as covered_to,
        lead(day) over (partition by account_id order by day, invoice_id) as next_day
    from paid_span
    where day <= (select today.day from today)
),

ends as (
    select account_id, covered_to, max(next_day) as next_day, arg_max(invoice_id, (next_day is null, invoice_id)) as invoice_id
    from covered
    where coalesce(next_day, (select today.day from today)) > covered_to + 30
    group by account_id, covered_to
),

subscribed as (
    select customer_account.account_id, cast(subscription.started_at as date) as since,
        coalesce(cast(subscription.ended_at as date), date '9999-12-31') as until
    from subscription
    join customer_account on customer_account.source = subscription.source and customer_account.customer_id = subscription.customer_id
    where subscription.started_at is not null
),

-- bills that were late while the subscription ran are no leaving; whether it pays today is known better than by its bills
left_us as (
    select ends.*
    from ends
    left join account_payer using (account_id)
    where case
        when ends.next_day is null then account_payer.account_id is null
        else not exists (
            select 1 from subscribed
            where subscribed.account_id = ends.account_id and subscribed.since <= ends.covered_to and subscribed.until > ends.next_day
        )
    end
),

churns as (
    select account_id, unnest(['paying', 'revenue_share']) as stage, cast(covered_to as timestamp) as lapsed_at,
        'no bill paid since' as event, invoice_id as event_ref
    from left_us
),

reached as (
    select
        account_id,
        tier,
        stage,
        position,
        reached_at,
        lag(stage) over ladder as before,
        -- growing keeps the payer a payer: the next other stage ends it
        lead(stage) over ladder as next_stage,
        lead(reached_at) over ladder as next_at
    from account_stage
    window ladder as (partition by account_id order by position)
),

lapses as (
    select
        reached.account_id,
        reached.tier,
        reached.stage as from_stage,
        reached.before as to_stage,
        reached.position,
        found.lapsed_at,
        found.event,
        found.event_ref
    from reached
    join (select * from silences union all select * from churns) as found using (account_id, stage)
    where found.lapsed_at > reached.reached_at and reached.before is not null
        and (reached.next_at is null or reached.next_stage = 'expanded' or found.lapsed_at < reached.next_at)
),

returns as (
    select lapses.account_id, lapses.from_stage, lapses.lapsed_at, min(stage_event.occurred_at) as returned_at
    from lapses
    join stage_event on stage_event.account_id = lapses.account_id and stage_event.stage = lapses.from_stage
    where stage_event.occurred_at >= lapses.lapsed_at and stage_event.occurred_at <= (select as_of from snapshot_info)
    group by all
)

select lapses.*, returns.returned_at
from lapses
left join returns using (account_id, from_stage, lapsed_at)
-- silence within a lapse that has not been made good is the same lapse
qualify lapses.lapsed_at >= coalesce(
    max(coalesce(returns.returned_at, timestamp '9999-12-31')) over (
        partition by lapses.account_id, lapses.from_stage order by lapses.lapsed_at rows between unbounded preceding and 1 preceding
    ),
    timestamp '0001-01-01'
)
