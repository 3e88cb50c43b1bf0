-- One row per account that has begun: when, with what, when it first paid, and for how many days since we have watched it. It begins on the day of
-- its first record, or of its first call where that was earlier or nothing is dated.

with firsts as (
    select account_id, if(is_dated, cast(joined_at as date), null) as day, node
    from triage_member
    where is_first
),

called as (
    select triage_member.account_id, min(caller.first_day) as day
    from caller
    join caller_account using (caller_id)
    join triage_member on triage_member.node = caller_account.node
    join firsts on firsts.account_id = triage_member.account_id
    where triage_member.joined_at < coalesce(firsts.day, date '0002-01-01') + interval 1 day
    group by triage_member.account_id
),

paid as (
    select account_id, min(day) as first_paid_on
    from revenue_event
    where kind = 'invoice' and net_minor > 0
    group by account_id
),

contracts as (
    select account_id, min(since) as contract_on
    from contract_span
    group by account_id
),

begun as (
    select
        firsts.account_id,
        firsts.node as first_node,
        least(firsts.day, called.day) as entered_on,
        paid.first_paid_on,
        contracts.contract_on
    from firsts
    left join called using (account_id)
    left join paid using (account_id)
    left join contracts using (account_id)
)

select
    account_id,
    first_node,
    entered_on,
    first_paid_on,
    contract_on,
    date_diff('day', entered_on, (select cast(as_of as date) from snapshot_info)) as age_days,
    date_diff('day', entered_on, first_paid_on) as paid_after_days
from begun
where entered_on <= (select cast(as_of as date) from snapshot_info)
