-- One row per account and span of days that one tier rule decides: the first that holds on a day. `position` is the rule's.
-- Position 0 is a person's decision, or calls of nobody; 1000000 is none at all. `valid_to` is null today.

with accounts as (
    select account_id, first_day
    from account_seen
),

-- a person's word: the tier of an account, or that somebody is one of us
said as (
    select coalesce(account_alias.account_id, raw_tier_override.account_id) as account_id, tier, decided_at, id
    from raw_tier_override
    left join account_alias on account_alias.alias_id = raw_tier_override.account_id
    where undone_at is null

    union all

    select account_member.account_id, 'internal', identity_decision.decided_at, identity_decision.id
    from identity_decision
    join account_member on account_member.node = identity_decision.left_node
    where identity_decision.action = 'mark_internal'
),

overrides as (
    select account_id, arg_max(tier, (decided_at, id)) as tier
    from said
    group by account_id
),

matches as (
    select
        account_attribute.account_id,
        tier_rule.position,
        tier_rule.tier,
        tier_rule.field || case when account_attribute.value <> '' then ' = ' || account_attribute.value else '' end as rule,
        coalesce(account_attribute.since_day, accounts.first_day, date '1970-01-01') as since_day,
        coalesce(account_attribute.until_day, date '9999-12-31') as until_day
    from account_attribute
    join tier_rule on tier_rule.field = account_attribute.field
        and (tier_rule.value is null or tier_rule.value = account_attribute.value)
    left join accounts using (account_id)

    union all

    select account_id, 0, tier, 'a person decided', coalesce(first_day, date '1970-01-01'), date '9999-12-31'
    from overrides
    left join accounts using (account_id)

    union all

    -- whoever matches no rule is public
    select account_id, 1000000, 'public', 'no rule matches', coalesce(first_day, date '1970-01-01'), date '9999-12-31'
    from accounts

    union all

    select account_id, 0, split_part(account_id, ':', 2), 'calls of nobody', coalesce(first_day, date '1970-01-01'), date '9999-12-31'
    from accounts
    where starts_with(account_id, 'nobody:')
),

-- days on which something begins or ends; what only begins after the snapshot's day counts for nothing yet, but a first one does
turns as (
    select account_id, since_day as day from matches where since_day <= (select cast(as_of as date) from snapshot_info)
    union
    select account_id, until_day from matches where until_day <= (select cast(as_of as date) from snapshot_info)
    union
    select account_id, min(since_day) from matches group by account_id
),

decided as (
    select
        turns.account_id,
        turns.day,
        arg_min(matches.tier, (matches.position, matches.rule)) as tier,
        arg_min(matches.rule, (matches.position, matches.rule)) as rule,
        min(matches.position) as position
    from turns
    join matches on matches.account_id = turns.account_id and turns.day >= matches.since_day and turns.day < matches.until_day
    group by turns.account_id, turns.day
),

changes as (
    select *
    from decided
    qualify (tier, position, rule) is distinct from lag((tier, position, rule)) over (partition by account_id order by day)
)

select
    account_id,
    tier,
    position,
    rule,
    day as valid_from,
    lead(day) over (partition by account_id order by day) as valid_to
from changes
