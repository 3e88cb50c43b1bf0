-- metric: went_back
-- label: Accounts that went back
-- question: Who was in production or paid, and does not any more?
-- unit: rows
-- grain: one row an account that stands lower than it has been
-- good: down
-- definition: Production lapses after the days without a success that program.toml sets (60); a payer is lost when the last paid period ended without
--   another bill in the 30 days after, nor anything else that pays. A lapsed production may be stalled as well; a lost payer is not.
-- column from_stage: where it was: in production, paying, or sharing revenue
-- column stage: where it stands now
-- column went_back_at: since when
-- column days: days since
-- column event: what shows it
-- column revenue: what it paid in its time, net of tax and of what was given back, in the reporting currency; null where none is priced
-- column owner: who of ours looks after it

with paid as (
    select account_id, sum(net_micros) / 1000000 as revenue
    from revenue_event
    group by account_id
)

select
    account_stage_now.account_id,
    account.name,
    account_stage_now.tier,
    account_stage_now.went_back_from as from_stage,
    account_stage_now.stage,
    account_stage_now.went_back_at,
    date_diff('day', account_stage_now.went_back_at, (select as_of from snapshot_info)) as days,
    stage_lapse.event,
    round(paid.revenue, 2) as revenue,
    coalesce(account.owner, stall_owner.owner) as owner
from account_stage_now
join account using (account_id)
join stage_lapse on stage_lapse.account_id = account_stage_now.account_id
    and stage_lapse.from_stage = account_stage_now.went_back_from
    and stage_lapse.lapsed_at = account_stage_now.went_back_at
left join stall_owner on stall_owner.account_id = account_stage_now.account_id
left join paid on paid.account_id = account_stage_now.account_id
where account_stage_now.went_back_at is not null and ($tier is null or account_stage_now.tier = $tier)
order by paid.revenue desc nulls last, account_stage_now.went_back_at desc, account_stage_now.account_id
