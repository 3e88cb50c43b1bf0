-- One row per piece of evidence that two records belong together, with its kind, confidence, both values and since when it can be known.
-- Names alone stay below the threshold. What else fits or does not moves the odds: names as below; the same country × 3, another ÷ 4;
-- signed up within 90 days of its people × 1.5, more than a year away × 0.7; pointing to other organizations as well × 0.3.

with claims as (
    select
        *,
        case
            when declared = 1 and (applications > 0 or shared_host) then 3.4
            when declared = 1 then 3.0
            when declared < 1 and applications > 0 then 2.2
            when declared < 1 then 1.2
            when applications > 0 and shared_host then 2.2
            when applications > 0 then 1.4
            else 1.2
        end as name_odds,
        case
            when country is null or countries is null or length(country) <> length(countries[1]) then 1.0
            when list_contains(countries, country) then 3.0
            else 0.25
        end as country_odds,
        case
            when created_at is null or first_at is null then 1.0
            when created_at between first_at - interval 90 day and coalesce(last_at, first_at) + interval 90 day then 1.5
            when created_at between first_at - interval 365 day and coalesce(last_at, first_at) + interval 365 day then 1.0
            else 0.7
        end as time_odds,
        if(others > 0, 0.3, 1.0) as other_odds
    from identity_claim
),

names as (
    select
        node,
        organization_node,
        if(country_odds > 1 and other_odds = 1, 'name and circumstances', 'similar name') as evidence,
        -- without the country, a name is worth what it is worth alone: those who sign up at the same time are many
        if(evidence = 'similar name', least(0.78, odds / (1 + odds)), odds / (1 + odds)) as confidence,
        concat_ws(' · ',
            organization_name,
            'application ' || application_name,
            if(shared_host, 'address under its name', null),
            country
        ) as left_value,
        concat_ws(' · ', name_key, array_to_string(countries[1:3], ', '), 'since ' || cast(cast(first_at as date) as varchar)) as right_value
    from (select *, name_odds * country_odds * time_odds * other_odds as odds from claims)
),

-- records of organizations that have nothing but a like name in common wait for a person
alike as (
    select
        identity_node.node,
        identity_name.node as organization_node,
        'similar name' as evidence,
        0.6 as confidence,
        identity_node.organization_name as left_value,
        identity_name.name_key as right_value
    from identity_node
    join identity_core using (node)
    join identity_name using (name_key)
    where identity_name.cluster <> identity_core.cluster
        and identity_node.kind in ('organization', 'billing_customer', 'support_organization', 'contract', 'opportunity')
        and (identity_name.sole or identity_name.cluster < identity_core.cluster)
    qualify row_number() over (partition by identity_node.node order by identity_name.sole desc, identity_name.cluster) = 1
),

decisions as (
    select left_node, right_node, 'a person' as evidence, author as left_value, coalesce(reason, author) as right_value, decided_at
    from identity_decision
    where action in ('confirm', 'merge')

    union all

    select left_node, 'split:' || left_node, 'split by a person', author, coalesce(reason, author), decided_at
    from identity_decision
    where action = 'split'

    union all

    select left_node, 'domain:' || value, 'a person', author, coalesce(reason, author), decided_at
    from identity_decision
    where action = 'set_domain' and value is not null
),

-- whoever writes from a consultancy and is with somebody else by name, even with somebody unknown, is not one of its own
for_a_client as (
    select identity_node.mailbox
    from identity_node
    join identity_consultancy using (domain)
    left join identity_core as own on own.node = 'domain:' || identity_node.domain
    left join identity_name on identity_name.name_key = identity_node.name_key and identity_name.sole
    where identity_node.kind in ('developer', 'billing_customer', 'contact') and identity_node.name_key is not null
        and identity_name.cluster is distinct from own.cluster
        and not starts_with(identity_node.name_key, identity_node.label) and not starts_with(identity_node.label, identity_node.name_key)

    union

    select identity_node.mailbox
    from names
    join identity_node using (node)
    where names.confidence >= (select identity_threshold from setting)
),

-- a consultancy's domain says less of whom somebody works for than another's, and least where the country is another
ties as (
    select
        identity_tie.* replace (
            case
                when for_a_client.mailbox is not null then 'domain, but names another company'
                when identity_tie.left_kind = 'developer' and identity_consultancy.domain is not null then 'domain of a consultancy'
                else evidence
            end as evidence,
            round(case
                when for_a_client.mailbox is not null then least(confidence, 0.75)
                when identity_tie.left_kind = 'developer' and identity_consultancy.domain is not null
                    then confidence - if(identity_node.country <> identity_consultancy.country, 0.1, 0.05)
                else confidence
            end, 3) as confidence
        )
    from identity_tie
    left join identity_node on identity_node.node = identity_tie.left_node
    left join for_a_client on for_a_client.mailbox = if(identity_tie.evidence = 'domain', identity_node.mailbox, null)
    left join identity_consultancy on identity_consultancy.domain = if(identity_tie.evidence = 'domain', identity_tie.right_value, null)
),

evidence as (
    select left_node, right_node, left_kind, right_kind, evidence, confidence, left_value, right_value, null as decided_at
    from ties

    union all

    select node, organization_node, split_part(node, ':', 1), split_part(organization_node, ':', 1), evidence, round(confidence, 3), left_value,
        right_value, null
    from (select * from names union all select * from alike)

    union all

    select left_node, right_node, split_part(left_node, ':', 1), split_part(right_node, ':', 1), evidence, 1.0, left_value, right_value, decided_at
    from decisions
    where left_node in (select node from identity_node) or split_part(left_node, ':', 1) in ('domain', 'team', 'email')
)

select
    evidence.* exclude (decided_at),
    coalesce(evidence.decided_at, greatest(earlier.created_at, later.created_at)) as linked_at
from evidence
left join identity_node as earlier on earlier.node = evidence.left_node
left join identity_node as later on later.node = evidence.right_node
