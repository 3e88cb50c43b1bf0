-- One row per account: the unit of everything. Organizations, developers without one, and nobody's traffic and money by tier.

with accounts as (
    select account_id, kind, is_payer from account_cluster
    union all
    select account_id, 'nobody', false
    from (
        select account_id from account_usage_day
        union
        select account_id from account_money_day
        union
        select account_id from ticket_account
    )
    where starts_with(account_id, 'nobody:')
),

counts as (
    select
        account_id,
        count(*) filter (where kind = 'developer') as developers,
        count(*) filter (where kind = 'application') as applications
    from account_member
    group by account_id
),

calls as (
    select account_id, min(first_at) as first_call_at, max(last_at) as last_call_at
    from account_day
    group by account_id
),

payers as (
    select
        account_id,
        bool_or(kind = 'invoice' and net_minor > 0) as pays
    from revenue_event
    group by account_id
),

buckets as (
    select account_id, bucket
    from account_bucket
    where valid_from <= (select as_of from snapshot_info) and (valid_to is null or valid_to > (select as_of from snapshot_info))
)

select
    accounts.account_id,
    accounts.kind,
    coalesce(account_name.name, account_name.domain, if(accounts.kind = 'nobody', 'Nobody we know', accounts.account_id)) as name,
    account_name.domain,
    coalesce(account_tier_now.tier, 'public') as tier,
    account_tier_now.rule as tier_rule,
    -- how far the relationship has grown; a second dimension beside the tier
    if(accounts.kind = 'nobody', null, coalesce(account_ladder_now.ladder, 'open')) as ladder,
    buckets.bucket,
    coalesce(account_relation.relation, 'unknown') as relation,
    account_relation.two_step,
    coalesce(payers.pays, false) as is_payer,
    account_owner.owner,
    coalesce(counts.developers, 0) as developers,
    coalesce(counts.applications, 0) as applications,
    account_seen.signed_up_at,
    account_channel.channel,
    calls.first_call_at,
    calls.last_call_at,
    account_stage_now.stage,
    coalesce(account_stage_now.went_back_at, account_stage_now.reached_at) as stage_since
from accounts
left join account_name using (account_id)
left join account_tier_now using (account_id)
left join account_ladder_now using (account_id)
left join account_seen using (account_id)
left join counts using (account_id)
left join calls using (account_id)
left join payers using (account_id)
left join buckets using (account_id)
left join account_owner using (account_id)
left join account_channel using (account_id)
left join account_stage_now using (account_id)
left join account_relation using (account_id)
