-- One row per account that began without paying: since when it uses us, until when it was free, and what became of it. Internal teams,
-- partners and accounts that somebody else pays for are none. Who paid before the first success did not convert and stands apart.

with paid as (
    select account_id, min(day) as first_paid_on, min(occurred_at) as first_paid_at
    from revenue_event
    where kind = 'invoice' and net_minor > 0
    group by account_id
),

used as (
    select account_id, min(day) filter (where ok > 0) as first_ok_on, max(day) filter (where ok > 0) as last_ok_on, min(first_ok_at) as first_ok_at
    from account_day
    group by account_id
),

accounts as (
    select
        account.account_id,
        account.kind,
        account.tier,
        account.channel,
        least(coalesce(cast(account.signed_up_at as date), account_seen.first_day), account_seen.first_day, used.first_ok_on) as started_on,
        used.first_ok_on,
        used.last_ok_on,
        paid.first_paid_on,
        coalesce(paid.first_paid_at <= coalesce(used.first_ok_at, timestamp '9999-12-31'), false) as paid_first
    from account
    left join account_seen using (account_id)
    left join paid using (account_id)
    left join used using (account_id)
    where account.kind <> 'nobody'
        and account.tier in ('open', 'public')
        and (paid.account_id is not null or account.relation in ('nobody pays', 'unknown'))
)

select
    account_id,
    kind,
    tier,
    channel,
    started_on,
    cast(date_trunc('month', started_on) as date) as cohort,
    first_ok_on,
    last_ok_on,
    first_paid_on,
    coalesce(first_paid_on, date '9999-12-31') as free_until,
    paid_first,
    case
        when paid_first then 'paid first'
        when first_paid_on is not null then 'paid'
        when first_ok_on is null then 'never used'
        when last_ok_on < (select cast(as_of as date) from snapshot_info) - 60 then 'gone'
        else 'still free'
    end as outcome
from accounts
where started_on is not null
