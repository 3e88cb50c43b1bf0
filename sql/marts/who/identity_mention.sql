-- One row per developer and organization that his or her names point to, be it the developer's own or another.
-- `declared`: 1 the same name, else the Jaro-Winkler similarity; `applications`: applications named after it; `shared_host`: the address is
-- on shared hosting under its name. `others`: further organizations that the same developer's names point to.

with organizations as (
    select *
    from identity_name
    where sole
),

developers as (
    select
        identity_node.node,
        identity_node.name_key,
        identity_node.plain_name,
        identity_node.organization_name,
        identity_node.country,
        identity_node.created_at,
        identity_node.domain,
        identity_node.linkable,
        if(identity_node.linkable, null, identity_node.label) as host_label,
        identity_core.cluster,
        bool_or(split_part(members.node, ':', 1) in ('domain', 'team', 'organization')) as anchored
    from identity_node
    join identity_core using (node)
    join identity_core as members on members.cluster = identity_core.cluster
    where identity_node.kind = 'developer' and not identity_node.internal
    group by all
),

declared as (
    select developers.node, organizations.name_key, 1.0 as similarity
    from developers
    join organizations using (name_key)
),

-- "Acme Shiping" for "Acme Shipping": only where nobody is called just as it was typed. A beginning that hundreds of names share is too
-- common to compare each with each.
beginnings as (
    select substr(name_key, 1, 4) as beginning
    from organizations
    where anchored
    group by 1
    having count(*) <= 200
),

misspelt as (
    select developers.node, organizations.name_key, jaro_winkler_similarity(developers.name_key, organizations.name_key) as similarity
    from developers
    join organizations on substr(organizations.name_key, 1, 4) = substr(developers.name_key, 1, 4)
        and abs(length(organizations.name_key) - length(developers.name_key)) <= 3
    where developers.node not in (select node from declared)
        and organizations.anchored
        and substr(developers.name_key, 1, 4) in (select beginning from beginnings)
        and similarity >= 0.93
    qualify row_number() over (partition by developers.node order by similarity desc, organizations.name_key) = 1
),

words as (
    select developers.node, developers.cluster, application.node as application, application.name, string_split(name_of.plain, ' ') as words
    from application
    join name_of on name_of.name = trim(application.name)
    join identity_tie on identity_tie.left_node = application.node and identity_tie.evidence = 'its developer'
    join developers on developers.node = identity_tie.right_node
),

-- every run of up to four words of an application's name that is somebody's name
mentions as (
    select distinct words.node, words.cluster, words.application, words.name, organizations.name_key, organizations.cluster as named
    from words
    cross join unnest(range(1, least(len(words.words), 8) + 1)) as begins (first)
    cross join unnest(range(0, 4)) as runs (more)
    join organizations on organizations.name_key = array_to_string(words.words[begins.first : begins.first + runs.more], '')
    where begins.first + runs.more <= len(words.words) and length(organizations.name_key) >= 4
),

-- a word that strangers use for their applications as often as its owner ("tracker") names nobody
telling as (
    select name_key
    from mentions
    join (select distinct node, anchored from developers) as writers using (node)
    group by name_key
    having count(distinct application) filter (where named <> cluster and anchored)
        <= count(distinct application) filter (where named = cluster) + 1
),

applications as (
    select node, name_key, count(distinct application) as applications, min(name) as example
    from mentions
    where name_key in (select name_key from telling)
    group by node, name_key
),

hosts as (
    select developers.node, organizations.name_key
    from developers
    join organizations on organizations.name_key = developers.host_label
    where organizations.anchored
),

pointed as (
    select node, name_key, max(similarity) as declared, max(applications) as applications, any_value(example) as example,
        coalesce(bool_or(host), false) as shared_host
    from (
        select node, name_key, similarity, null as applications, null as example, null as host from declared
        union all
        select node, name_key, similarity, null, null, null from misspelt
        union all
        select node, name_key, null, applications, example, null from applications
        union all
        select node, name_key, null, null, null, true from hosts
    )
    group by node, name_key
),

-- two names of one organization point to one
claims as (
    select
        pointed.node,
        organizations.node as organization_node,
        organizations.cluster,
        any_value(organizations.anchored) as organization_known,
        arg_max(pointed.name_key, (coalesce(declared, 0), pointed.name_key)) as name_key,
        max(declared) as declared,
        max(applications) as applications,
        min(example) as example,
        bool_or(shared_host) as shared_host,
        any_value(organizations.countries) as countries,
        any_value(organizations.first_at) as first_at,
        any_value(organizations.last_at) as last_at
    from pointed
    join organizations using (name_key)
    group by pointed.node, organizations.node, organizations.cluster
)

-- all that a developer's names point to counts, his or her own organization too
select
    claims.*,
    count(*) over (partition by node) - 1 as others,
    developers.cluster as own_cluster,
    developers.anchored
from claims
join developers using (node)
