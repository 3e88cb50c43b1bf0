-- One row per account and span of days that one ladder rule decides: the first that holds on a day. `position` is the rule's.
-- Position 1000000 is no rule at all: open. `valid_to` is null today. Nobody's calls stand on no ladder.

with accounts as (
    select account_id, first_day
    from account_seen
    where not starts_with(account_id, 'nobody:')
),

attributes as (
    select account_id, field, value, since_day, until_day from account_attribute
    union all
    select account_id, 'tier', tier, valid_from, valid_to from account_tier
    union all
    select account_id, 'pays', '', day, covered_to from paid_span
    union all
    select account_id, 'has_paid', '', min(day), null from paid_span group by account_id
    union all
    select account_id, 'contract_begun', lower(contract.tier),
        cast(least(contract.created_at, contract.signed_at, contract.starts_at) as date), cast(contract.ends_at as date)
    from contract
    join account_member using (node)
    where contract.tier is not null
    union all
    select account_id, 'stage', stage, cast(reached_at as date), null from account_stage
),

matches as (
    select
        accounts.account_id,
        ladder_rule.position,
        ladder_rule.ladder,
        ladder_rule.field || case when attributes.value <> '' then ' = ' || attributes.value else '' end as rule,
        coalesce(attributes.since_day, accounts.first_day, date '1970-01-01') as since_day,
        coalesce(attributes.until_day, date '9999-12-31') as until_day
    from attributes
    join ladder_rule on ladder_rule.field = attributes.field
        and (ladder_rule.value is null or ladder_rule.value = attributes.value)
    join accounts using (account_id)

    union all

    select account_id, 1000000, 'open', 'no rule matches', coalesce(first_day, date '1970-01-01'), date '9999-12-31'
    from accounts
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
        arg_min(matches.ladder, (matches.position, matches.rule)) as ladder,
        arg_min(matches.rule, (matches.position, matches.rule)) as rule,
        min(matches.position) as position
    from turns
    join matches on matches.account_id = turns.account_id and turns.day >= matches.since_day and turns.day < matches.until_day
    group by turns.account_id, turns.day
),

changes as (
    select *
    from decided
    qualify (ladder, position, rule) is distinct from lag((ladder, position, rule)) over (partition by account_id order by day)
)

select
    account_id,
    ladder,
    position,
    rule,
    day as valid_from,
    lead(day) over (partition by account_id order by day) as valid_to
from changes
