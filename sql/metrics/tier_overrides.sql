-- metric: tier_overrides
-- label: Tiers that people decided
-- question: Whose tier did a person decide, whatever the rules say?
-- unit: rows
-- grain: one row an override that this snapshot has applied
-- good: -
-- definition: The newest override of an account that was not undone decides its tier on all days, before every rule.
-- column id: the override's number in the store
-- column account_id: the account today
-- column decided_for: the account as it was named when it was decided
-- column tier: the tier

select
    raw_tier_override.id,
    coalesce(account_alias.account_id, raw_tier_override.account_id) as account_id,
    raw_tier_override.account_id as decided_for,
    raw_tier_override.tier,
    raw_tier_override.author,
    raw_tier_override.decided_at,
    raw_tier_override.reason
from raw_tier_override
left join account_alias on account_alias.alias_id = raw_tier_override.account_id
where raw_tier_override.undone_at is null
    and ($account is null
        or coalesce(account_alias.account_id, raw_tier_override.account_id) in (select account_id from account_alias where alias_id = $account))
order by raw_tier_override.decided_at desc, raw_tier_override.id desc
