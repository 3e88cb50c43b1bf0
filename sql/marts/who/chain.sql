-- One row per application, and per credential or caller that no application stands behind: developer → application → organization → payer
-- → contract, each link with its evidence and confidence, who pays in our words, and how a partner stands between.
-- Calls are those of the last 90 days; `end_users` are those of the last month in which the log named any, else null.

with days as (
    select
        cast(as_of as date) - 89 as first_day,
        cast(as_of as date) as today
    from snapshot_info
),

items as (
    select
        application_account.node,
        'application' as kind,
        application.name,
        application_account.developer_node,
        'its developer' as developer_evidence,
        1.0 as developer_confidence,
        application_account.account_id,
        belonging.evidence,
        belonging.confidence
    from application_account
    join application using (node)
    join belonging using (node)

    union all

    -- a key is its consumer's: together they are one
    select credential.node, 'credential', coalesce(credential.username, credential.custom_id, credential.id), null, null, null,
        account_member.account_id, account_member.evidence, account_member.confidence
    from credential_application
    join credential using (node)
    join account_member using (node)
    where credential_application.node = credential_application.root_node
        and not exists (
            select 1 from credential_application as mine
            where mine.root_node = credential_application.node and mine.application_node is not null
        )

    union all

    select caller_account.caller_id, 'caller', caller_account.evidence, null, null, null,
        caller_account.account_id, caller_account.evidence, caller_account.confidence
    from caller_account
    left join credential_application using (node)
    where caller_account.application_node is null and credential_application.node is null
),

callers as (
    select caller_account.caller_id, caller_account.developer_node,
        coalesce(caller_account.application_node, credential_application.root_node, caller_account.caller_id) as node
    from caller_account
    left join credential_application using (node)
),

calls as (
    select callers.node,
        sum(usage_day.calls) filter (where usage_day.day between days.first_day and days.today) as calls_90d,
        max(usage_day.last_at) as last_call_at,
        arg_max(callers.developer_node, (usage_day.last_at, callers.developer_node)) as developer_node
    from usage_day
    join callers using (caller_id)
    cross join days
    where usage_day.surface = 'api'
    group by callers.node
),

end_users as (
    select callers.node, end_user_month.month, sum(end_user_month.end_users) as end_users
    from end_user_month
    join callers using (caller_id)
    group by callers.node, end_user_month.month
    qualify row_number() over (partition by callers.node order by end_user_month.month desc) = 1
),

linked as (
    select
        items.* exclude (developer_node, developer_evidence, developer_confidence),
        coalesce(items.developer_node, calls.developer_node) as developer_node,
        case when coalesce(items.developer_node, calls.developer_node) is not null
            then if(items.developer_node is null, 'holds its credential', items.developer_evidence) end as developer_evidence,
        case when coalesce(items.developer_node, calls.developer_node) is not null
            then if(items.developer_node is null, 0.98, items.developer_confidence) end as developer_confidence,
        cast(coalesce(calls.calls_90d, 0) as bigint) as calls_90d,
        calls.last_call_at,
        cast(end_users.end_users as bigint) as end_users,
        end_users.month as end_users_month
    from items
    left join calls using (node)
    left join end_users using (node)
),

-- the organization at whose address the developer writes, where the records belong to another: an agency's or freelancer's client
elsewhere as (
    select link.left_node as node, arg_max(theirs.account_id, (link.confidence, theirs.account_id)) as account_id,
        arg_max(link.evidence, (link.confidence, theirs.account_id)) as evidence, max(link.confidence) as confidence
    from identity_link as link
    join account_member as theirs on theirs.node = link.right_node
    join account_member as mine on mine.node = link.left_node
    where not link.accepted and mine.kind = 'developer' and theirs.kind = 'domain' and theirs.account_id <> mine.account_id
        and (link.why = 'would make two organizations one' or link.evidence = 'domain of a consultancy')
    group by link.left_node
),

employers as (
    select
        belonging.node,
        coalesce(elsewhere.account_id, belonging.account_id) as account_id,
        coalesce(elsewhere.evidence, belonging.evidence) as evidence,
        coalesce(elsewhere.confidence, belonging.confidence) as confidence
    from belonging
    left join elsewhere using (node)
    where belonging.kind = 'developer'
),

-- what names the application, else its organization, else the developer's: whoever pays now
paid as (
    select
        linked.*,
        employer.account_id as developer_account_id,
        employer.evidence as employer_evidence,
        employer.confidence as employer_confidence,
        account_tier_now.tier,
        coalesce(application_payer.account_id, own.account_id, theirs.account_id) as payer_account_id,
        coalesce(application_payer.evidence, own.evidence, theirs.evidence || ' (developer''s organization)') as payer_evidence,
        coalesce(application_payer.confidence, own.confidence, theirs.confidence) as payer_confidence,
        case
            when application_payer.account_id is not null then application_payer.contract_node
            when own.account_id is not null then own.contract_node
            else theirs.contract_node
        end as contract_node,
        case
            when application_payer.account_id is not null then application_payer.customer_node
            when own.account_id is not null then own.customer_node
            else theirs.customer_node
        end as billing_customer_node,
        coalesce(application_payer.since, own.since, theirs.since) as payer_since
    from linked
    left join employers as employer on employer.node = linked.developer_node
    left join account_tier_now on account_tier_now.account_id = linked.account_id
    left join application_payer on application_payer.application_node = linked.node
    left join account_payer as own on own.account_id = linked.account_id
    left join account_payer as theirs on theirs.account_id = employer.account_id and theirs.account_id <> linked.account_id
        and coalesce(account_tier_now.tier, '') <> 'internal'
),

-- what an organization's own record says that it is
kinds as (
    select account_member.account_id, min(said.kind) as kind
    from (
        select node, kind from organization
        union
        select node, lower(unnest(tags)) from organization
    ) as said
    join account_member using (node)
    where said.kind in ('isv', 'agency', 'reseller')
    group by account_member.account_id
    having count(distinct said.kind) = 1
),

agreements as (
    select
        paid.*,
        payer_tier.tier as payer_tier,
        contract.relation as contract_relation,
        coalesce(contract.partner_pays, false) as partner_pays,
        contract_state.confidence as contract_confidence,
        contract_state.evidence as contract_evidence,
        contract_state.since as contract_since,
        case
            when starts_with(paid.account_id, 'nobody:') or paid.tier = 'internal' then null
            when contract.two_step is not null
                then struct_pack(word := contract.two_step, evidence := 'the contract says so', confidence := 0.98)
            when paid.payer_account_id <> paid.account_id and paid.payer_account_id = paid.developer_account_id
                then struct_pack(word := 'agency', evidence := 'its developer''s organization pays', confidence := paid.employer_confidence)
            when paid.payer_account_id <> paid.account_id and (contract.partner_pays or payer_tier.tier = 'partner')
                then struct_pack(word := 'reseller', evidence := 'a partner pays for another''s application', confidence := paid.payer_confidence)
            when starts_with(paid.developer_account_id, 'org:') and paid.developer_account_id <> paid.account_id
                then struct_pack(word := 'agency', evidence := 'its developer belongs to another organization', confidence := paid.employer_confidence)
            when kinds.kind is not null
                then struct_pack(word := kinds.kind, evidence := 'its organization''s record says so', confidence := 0.9)
            when contract.revenue_share_percent > 0
                then struct_pack(word := 'isv', evidence := 'it shares its revenue with us', confidence := 0.7)
        end as between_us
    from paid
    left join contract on contract.node = paid.contract_node
    left join contract_state on contract_state.node = paid.contract_node
    left join account_tier_now as payer_tier on payer_tier.account_id = paid.payer_account_id
    left join kinds on kinds.account_id = coalesce(paid.payer_account_id, paid.account_id)
)

select
    node,
    kind,
    name,
    developer_node,
    developer_evidence,
    developer_confidence,
    developer_account_id,
    account_id,
    evidence as account_evidence,
    confidence as account_confidence,
    payer_account_id,
    payer_evidence,
    payer_confidence,
    payer_since,
    contract_node,
    contract_evidence,
    contract_confidence,
    contract_since,
    billing_customer_node,
    case
        when starts_with(account_id, 'nobody:') then 'unknown'
        when tier = 'internal' then 'internal team'
        when payer_account_id is null then if((select has_billing from money_known), 'nobody pays', 'unknown')
        when payer_account_id <> account_id
            then if(partner_pays or payer_tier = 'partner' or between_us is not null, 'partner pays', 'employer pays')
        when starts_with(account_id, 'dev:') then 'developer pays'
        when between_us.word in ('isv', 'reseller') or (between_us.word = 'agency' and tier = 'partner') then 'partner pays'
        else coalesce(contract_relation, if(tier = 'partner', 'partner pays', 'employer pays'))
    end as relation,
    between_us.word as two_step,
    between_us.evidence as two_step_evidence,
    between_us.confidence as two_step_confidence,
    calls_90d,
    last_call_at,
    end_users,
    end_users_month
from agreements
