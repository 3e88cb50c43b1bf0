-- metric: account_chain
-- label: Chain
-- question: From whom to whom does this account's use go, who pays for it, and how do we know?
-- unit: rows
-- grain: one row an application of the account, or a credential or caller without one; those that it pays for or builds for others too
-- good: -
-- definition: Developer → application → organization → payer → contract. The payer is the organization of the contract or subscription that covers
--   the application; else its own or its developer's organization, if that pays now; else nobody. Each link has its evidence and its
--   confidence; calls are those of the last 90 days; end users are known only where the log names them.
-- column application: its name, or what the credential is called
-- column kind: application, credential or caller
-- column side: own; paid where the account pays for another's application; built where its developer builds for another
-- column relation: who pays: employer, partner, developer, internal team, nobody, unknown
-- column two_step: isv, agency or reseller where a partner stands between us and those it is for
-- column contract: the contract that covers it, by its organization and its terms
-- column customer: the biller's customer that pays for it
-- column end_users: distinct end users in the last month in which the log named any; null where it never did

with here as (
    select distinct account_id
    from account_alias
    where alias_id = $account
),

rows_here as (
    select chain.*,
        case
            when chain.account_id in (select account_id from here) then 'own'
            when chain.payer_account_id in (select account_id from here) then 'paid'
            else 'built'
        end as side
    from chain
    where chain.account_id in (select account_id from here)
        or chain.payer_account_id in (select account_id from here)
        or chain.developer_account_id in (select account_id from here)
)

select
    rows_here.side,
    rows_here.node,
    rows_here.kind,
    coalesce(rows_here.name, 'without a name') as application,
    rows_here.developer_node,
    coalesce(developer.name, developer.email) as developer,
    rows_here.developer_evidence,
    rows_here.developer_confidence,
    rows_here.account_id,
    coalesce(owner.name, 'Nobody we know') as organization,
    rows_here.account_evidence,
    rows_here.account_confidence,
    rows_here.payer_account_id,
    payer.name as payer,
    rows_here.payer_evidence,
    rows_here.payer_confidence,
    rows_here.payer_since,
    rows_here.contract_node,
    coalesce(contract.organization_name, if(contract.node is null, null, 'Contract')) || coalesce(', ' || replace(contract.terms, '_', ' '), '') as contract,
    rows_here.contract_since,
    rows_here.contract_evidence,
    rows_here.contract_confidence,
    coalesce(billing_customer.name, billing_customer.email) as customer,
    rows_here.relation,
    rows_here.two_step,
    rows_here.two_step_evidence,
    rows_here.two_step_confidence,
    rows_here.calls_90d,
    rows_here.last_call_at,
    rows_here.end_users,
    rows_here.end_users_month
from rows_here
left join developer on developer.node = rows_here.developer_node
left join account as owner on owner.account_id = rows_here.account_id
left join account as payer on payer.account_id = rows_here.payer_account_id
left join contract on contract.node = rows_here.contract_node
left join billing_customer on billing_customer.node = rows_here.billing_customer_node
order by rows_here.side, rows_here.calls_90d desc, rows_here.last_call_at desc nulls last, application, rows_here.node
limit 1000
