-- materialise: table
-- One row per developer: a person who signed up. `node` names it in the identity graph; e-mails are lower case.

select
    'developer:' || source || ':' || id as node,
    source,
    id,
    nullif(lower(trim(email)), '') as email,
    verified_at,
    name,
    organization_id,
    nullif(trim(organization_name), '') as organization_name,
    nullif(lower(trim(channel)), '') as channel,
    lower(status) as status,
    from_json(tags, '["VARCHAR"]') as tags,
    -- where a portal says that somebody came from another page or campaign, under one of the names that they have for it; a link's query says whom
    list_filter(list_transform(
        attributes ->> ['$.referrer', '$.referer', '$.referral', '$.utm_source'],
        lambda link: shown_link(link)
    ), lambda link: link is not null)[1] as referrer,
    nullif(upper(trim(country)), '') as country,
    created_at
from raw_developer
