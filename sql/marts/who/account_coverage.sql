-- One row per account: how sure it is whose it is, and where no organization stands behind it, why not.
-- `certainty` is the confidence of its weakest link between a developer or application and the organization; null where none is known.
-- Of several reasons the one that a person can settle comes first.

with people as (
    select
        account_member.account_id,
        bool_or(account_member.kind = 'developer') as has_developer,
        bool_or(account_member.kind in ('developer', 'application', 'credential', 'organization', 'contract')) as is_known,
        min(account_member.confidence) as confidence
    from account_member
    group by account_member.account_id
),

links as (
    select account_id, min(confidence) as confidence
    from belonging
    group by account_id
),

-- links to another account that were not followed
open_links as (
    select one.account_id, identity_link.why
    from identity_link
    join account_member as one on one.node = identity_link.left_node
    join account_member as other on other.node = identity_link.right_node and other.account_id <> one.account_id
    where not identity_link.accepted and identity_link.evidence <> 'domain of many organizations'

    union

    select other.account_id, identity_link.why
    from identity_link
    join account_member as one on one.node = identity_link.left_node
    join account_member as other on other.node = identity_link.right_node and other.account_id <> one.account_id
    where not identity_link.accepted and identity_link.evidence <> 'domain of many organizations'
),

waiting as (
    select
        account_id,
        bool_or(why = 'below the threshold') as in_review,
        bool_or(starts_with(why, 'would ')) as held_back,
        bool_or(why = 'kept apart by a person') as kept_apart
    from open_links
    group by account_id
),

addresses as (
    select
        account_member.account_id,
        min(domain_of.domain) as domain,
        bool_or(identity_domain.many) as many,
        min(domain_of.why) as why,
        bool_or(program_internal_domain.domain is not null) as internal
    from account_member
    join developer using (node)
    join domain_of on domain_of.email_or_host = developer.email
    left join identity_domain on identity_domain.domain = domain_of.domain
    left join program_internal_domain on lower(program_internal_domain.domain) = domain_of.domain
    group by account_member.account_id
),

judged as (
    select
        account_cluster.account_id,
        account_cluster.kind,
        coalesce(links.confidence, people.confidence) as confidence,
        addresses.domain,
        case
            when account_cluster.kind = 'organization' then if(people.is_known, null, 'only a bill')
            when waiting.held_back then 'held back'
            when waiting.in_review then 'in review'
            when waiting.kept_apart then 'kept apart'
            when not people.has_developer then 'no owner'
            when addresses.account_id is null then 'no address'
            when addresses.internal then 'no team'
            when addresses.many then 'shared domain'
            when addresses.why in ('free mail', 'disposable mail', 'shared hosting', 'no registrable domain') then addresses.why
            else 'no organization'
        end as why
    from account_cluster
    join people using (account_id)
    left join links using (account_id)
    left join waiting using (account_id)
    left join addresses using (account_id)
)

select
    account_id,
    why is null as resolved,
    if(why is null, confidence, null) as certainty,
    why,
    case why
        when 'only a bill' then 'Only a bill is known'
        when 'held back' then 'A merge was held back'
        when 'in review' then 'A link waits for a person'
        when 'kept apart' then 'A person keeps it apart'
        when 'no owner' then 'A key whose owner no source names'
        when 'no address' then 'A person without an address'
        when 'no team' then 'A house address without a team'
        when 'shared domain' then 'A domain of many organizations'
        when 'free mail' then 'A free-mail address'
        when 'disposable mail' then 'A throw-away address'
        when 'shared hosting' then 'An address at a shared host'
        when 'no registrable domain' then 'An address without a domain'
        when 'no organization' then 'Nothing names an organization'
    end as why_label,
    case
        when why is not null and why not in ('only a bill', 'no owner', 'no address') then domain
    end as detail,
    case
        when why in ('held back', 'in review', 'kept apart') then 'Decide in Identity review'
        when why = 'only a bill' then 'Give the customer at the biller a key that a source knows'
        when why = 'no owner' then 'Name its developer or organization at the gateway'
        when why = 'no team' then 'Name the team at the gateway or portal'
        when why is not null then 'Ask for the organization at sign-up, or add it from the CRM'
    end as what_settles_it
from judged
