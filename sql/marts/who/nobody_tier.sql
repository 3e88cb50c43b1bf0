-- One row per caller that names its plan: the tier that a rule gives to that plan, for calls whose caller is unknown.

select
    caller.caller_id,
    arg_min(tier_rule.tier, tier_rule.position) as tier
from caller
join tier_rule on tier_rule.field in ('plan', 'product') and tier_rule.value = lower(caller.plan_ref)
group by caller.caller_id
