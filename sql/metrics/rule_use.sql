-- metric: rule_use
-- label: What each rule decides
-- question: How many accounts and calls does each rule decide today?
-- unit: rows
-- grain: one row a tier rule and ladder rule, in order; what no rule decides has rows of its own
-- good: -
-- definition: The rule that decides each account's tier, and its rung of the ladder, on the snapshot's day: the first that holds. Calls are those of these
--   accounts in the period, whatever decided on those days.
-- column kind: tier or ladder
-- column position: its place in program.toml; null for what no rule decides
-- column gives: the tier or rung; null where it differs
-- column field: the condition (a person decided, no rule matches, calls of nobody: no rule of the file)
-- column rule_values: the values that it looks for, as a list; empty for any
-- column accounts: accounts that it decides today
-- column calls: their API calls in the period

with rules as (
    select 'tier' as kind, position, tier as gives, field, list(value order by value) filter (where value is not null) as rule_values
    from program_tier_rule
    group by position, tier, field
    union all
    select 'ladder', position, ladder, field, list(value order by value) filter (where value is not null)
    from program_ladder_rule
    group by position, ladder, field
),

decided as (
    select
        account_id,
        'tier' as kind,
        case when position between 1 and 999999 then position end as position,
        case when position between 1 and 999999 then null else rule end as other
    from account_tier_now
    union all
    select
        account_id,
        'ladder',
        case when position between 1 and 999999 then position end,
        case when position between 1 and 999999 then null else rule end
    from account_ladder_now
),

called as (
    select account_id, sum(calls) as calls
    from account_usage_day
    where surface = 'api'
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by account_id
),

sums as (
    select
        decided.kind,
        decided.position,
        decided.other,
        count(*) filter (where not starts_with(decided.account_id, 'nobody:')) as accounts,
        coalesce(sum(called.calls), 0) as calls
    from decided
    left join called using (account_id)
    group by decided.kind, decided.position, decided.other
)

select
    coalesce(rules.kind, sums.kind) as kind,
    rules.position,
    rules.gives,
    coalesce(rules.field, sums.other) as field,
    coalesce(rules.rule_values, []) as rule_values,
    coalesce(sums.accounts, 0) as accounts,
    cast(coalesce(sums.calls, 0) as bigint) as calls
from rules
full join sums on sums.kind = rules.kind and sums.position = rules.position
order by kind desc, rules.position nulls last, field
