-- metric: account_profile
-- label: Account
-- question: Who is this, how are they served, and where do they stand?
-- unit: row
-- grain: one row
-- good: -
-- definition: Everything that is known of one account today. An id that it had before records joined it finds it too.
-- column account_id: the account's id today
-- column kind: organization, developer (alone), or nobody
-- column tier_rule: the rule of program.toml, or the person, that decided its tier
-- column relation: who pays: employer, partner, developer, internal team, nobody, unknown
-- column two_step: isv, agency or reseller where a partner stands between us and those it is for
-- column relation_rule: what the relation rests on: most calls, most applications, or how it pays
-- column owner: who of ours looks after it, while it is stalled also by a rule of program.toml
-- column named_by: what names the owner of an account that is stalled or waited for: person, contract, opportunity or rule
-- column bucket: new, active, inactive, billable, partner or internal
-- column stage_since: when it reached its stage
-- column days: days in the stage
-- column threshold_days: after how many it counts as stalled
-- column threshold_basis: what that rests on
-- column secondary: further reasons, as a list
-- column value_at_risk: expected first-year revenue, in the reporting currency; null where unknown

select
    account.* replace (coalesce(account.owner, work_item.owner) as owner),
    work_item.named_by,
    account_relation.rule as relation_rule,
    stall.next_stage,
    stall.days,
    stall.threshold_days,
    stall.threshold_basis,
    coalesce(stall.stalled, false) as stalled,
    stall.reason,
    stall.reason_label,
    stall.secondary_reasons as secondary,
    stall.evidence,
    stall.value_at_risk_micros / 1000000 as value_at_risk,
    stall.next_action,
    stall.whose_move
from account
left join work_item using (account_id)
left join stall using (account_id)
left join account_relation using (account_id)
where account.account_id in (select account_id from account_alias where alias_id = $account)
    or account.account_id = $account
