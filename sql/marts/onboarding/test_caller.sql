-- One row per caller whose calls are nobody's onboarding, and why: a rule of program.toml says so, or one of ours tests inside another's account.

with ruled as (
    select caller_trait.caller_id, rule.field || ' ' || caller_trait.value as reason
    from caller_trait
    join program_test_traffic as rule on rule.field = caller_trait.field and caller_trait.value glob rule.pattern
    join caller_account on caller_account.caller_id = caller_trait.caller_id
    left join account_tier_now using (account_id)
    where rule.tier is null or rule.tier = account_tier_now.tier
),

ours as (
    select caller_account.caller_id, 'one of ours: ' || domain_of.domain as reason
    from caller_account
    join developer on developer.node = caller_account.developer_node
    join domain_of on domain_of.email_or_host = developer.email
    join program_internal_domain on lower(program_internal_domain.domain) = domain_of.domain
    join account_tier_now using (account_id)
    where account_tier_now.tier <> 'internal'
)

select caller_id, min(reason) as reason
from (select * from ruled union all select * from ours)
group by caller_id
