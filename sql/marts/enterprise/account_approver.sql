-- One row per account of enterprise_account: who evaluates there, who approves, and which of the two nobody knows. A developer or evaluator who
-- has only asked about procurement approves nothing; one whom a source names as the buyer does.

with roles as (
    select person.*
    from account_person as person
    left join (select distinct account_id, person from account_person where role in ('evaluator', 'developer')) as evaluating using (account_id, person)
    where person.role <> 'procurement' or evaluating.person is null
),

people as (
    select
        account_id,
        count(distinct person) filter (where role in ('evaluator', 'developer')) as evaluators,
        count(distinct person) filter (where role in ('economic_buyer', 'procurement')) as approvers,
        string_agg(distinct coalesce(name, email, person), ', ' order by coalesce(name, email, person)) filter (where role = 'evaluator') as evaluator_names,
        string_agg(distinct coalesce(name, email, person), ', ' order by coalesce(name, email, person))
            filter (where role in ('economic_buyer', 'procurement')) as approver_names,
        count(distinct person) filter (where role = 'economic_buyer') as buyers,
        max(last_seen_at) filter (where role in ('evaluator', 'developer')) as evaluator_seen_at,
        max(last_seen_at) filter (where role in ('economic_buyer', 'procurement')) as approver_seen_at
    from roles
    group by account_id
)

select
    enterprise_account.account_id,
    enterprise_account.tier,
    coalesce(people.evaluators, 0) as evaluators,
    coalesce(people.approvers, 0) as approvers,
    coalesce(people.buyers, 0) as buyers,
    people.evaluator_names,
    people.approver_names,
    people.evaluator_seen_at,
    people.approver_seen_at,
    case
        when coalesce(people.evaluators, 0) > 0 and coalesce(people.approvers, 0) > 0 then 'both known'
        when coalesce(people.evaluators, 0) > 0 then 'approver not known'
        when coalesce(people.approvers, 0) > 0 then 'evaluator not known'
        else 'neither known'
    end as known
from enterprise_account
left join people using (account_id)
