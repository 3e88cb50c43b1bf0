-- One row per account and span of days with one tier: the first rule that holds on a day decides.
-- Spans touch and never overlap; the first one reaches back to the account's first day and to all before it; `valid_to` is null today.

with accounts as (
    select account_id, first_day
    from account_seen
),

overrides as (
    select
        coalesce(account_alias.account_id, raw_tier_override.account_id) as account_id,
        arg_max(tier, (decided_at, id)) as tier
    from raw_tier_override
    left join account_alias on account_alias.alias_id = raw_tier_override.account_id
    where undone_at is null
    group by 1
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

turns as (
    select account_id, since_day as day from matches
    union
    select account_id, until_day from matches where until_day < date '9999-12-31'
),

decided as (
    select
        turns.account_id,
        turns.day,
        arg_min(matches.tier, (matches.position, matches.rule)) as tier,
        arg_min(matches.rule, (matches.position, matches.rule)) as rule
    from turns
    join matches on matches.account_id = turns.account_id and turns.day >= matches.since_day and turns.day < matches.until_day
    group by turns.account_id, turns.day
),

changes as (
    select *
    from decided
    qualify tier is distinct from lag(tier) over (partition by account_id order by day)
)

select
    account_id,
    tier,
    rule,
    day as valid_from,
    lead(day) over spans as valid_to,
    case when row_number() over spans = 1 then date '0001-01-01' else day end as covers_from,
    coalesce(lead(day) over spans, date '9999-12-31') as covers_to
from changes
window spans as (partition by account_id order by day)
