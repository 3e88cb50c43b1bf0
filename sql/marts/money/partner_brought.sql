-- One row per partner and account whose revenue it stands behind: sourced where it pays itself or a sale or the biller names it as the source,
-- influenced where it builds or runs the application of an account that pays on its own. An account is sourced by one partner only.

with sourced as (
    select account_id as partner_id, account_id, 'pays itself' as how, 1 as rank
    from partner_account

    union all

    select partner_name.account_id, account_member.account_id, 'named by a sale', 2
    from opportunity
    join partner_name on partner_name.said = lower(opportunity.sourced_by)
    join account_member using (node)

    union all

    select partner_name.account_id, customer_account.account_id, 'named by the biller', 3
    from billing_customer
    join customer_account using (node)
    join partner_name on partner_name.said = lower(coalesce(
        json_extract_string(billing_customer.attributes, '$.partner'),
        json_extract_string(billing_customer.attributes, '$.referred_by'),
        json_extract_string(billing_customer.attributes, '$.sourced_by')
    ))
),

first_source as (
    select *
    from sourced
    qualify row_number() over (partition by account_id order by rank, partner_id) = 1
),

influenced as (
    select distinct chain.developer_account_id as partner_id, chain.account_id
    from chain
    join partner_account on partner_account.account_id = chain.developer_account_id
    where chain.account_id <> chain.developer_account_id

    union

    select distinct chain.payer_account_id, chain.account_id
    from chain
    join partner_account on partner_account.account_id = chain.payer_account_id
    where chain.account_id <> chain.payer_account_id
)

select partner_id, account_id, 'sourced' as kind, how
from first_source

union all

select influenced.partner_id, influenced.account_id, 'influenced', 'builds or pays for its application'
from influenced
left join first_source on first_source.account_id = influenced.account_id
where first_source.partner_id is distinct from influenced.partner_id
