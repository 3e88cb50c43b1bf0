-- One row per account: who pays for what it uses, as most of its calls of the last 90 days say (where there are none, most of its
-- applications); an account that has none is judged by how it pays itself. `rule` says which of the three it was.

with votes as (
    select
        account_id,
        relation,
        sum(calls_90d) as calls,
        count(*) as applications
    from chain
    group by account_id, relation
),

chosen as (
    select account_id, relation, if(calls > 0, 'most calls', 'most applications') as rule
    from votes
    qualify row_number() over (partition by account_id order by calls desc, applications desc, relation) = 1
),

steps as (
    select account_id, arg_max(two_step, (calls_90d, two_step)) as two_step
    from chain
    where two_step is not null
    group by account_id
)

select
    account_cluster.account_id,
    case
        when chosen.relation is not null then chosen.relation
        when account_tier_now.tier = 'internal' then 'internal team'
        when account_payer.account_id is null then if((select has_billing from money_known), 'nobody pays', 'unknown')
        when account_cluster.kind = 'developer' then 'developer pays'
        else coalesce(contract.relation, if(account_tier_now.tier = 'partner', 'partner pays', 'employer pays'))
    end as relation,
    coalesce(steps.two_step, contract.two_step) as two_step,
    coalesce(chosen.rule, 'how it pays') as rule
from account_cluster
left join chosen using (account_id)
left join steps using (account_id)
left join account_tier_now using (account_id)
left join account_payer using (account_id)
left join contract on contract.node = account_payer.contract_node
