-- One row per request for help; deleted tickets are left out. A secret that somebody wrote into its
-- subject is taken out of it.

select
    source,
    id,
    requester_id,
    organization_id,
    group_id,
    redacted(subject) as subject,
    lower(status) as status,
    lower(priority) as priority,
    lower(kind) as kind,
    lower(form) as form,
    coalesce(from_json(tags, '["VARCHAR"]'), []) as tags,
    created_at,
    updated_at
from raw_ticket
where coalesce(lower(status), '') <> 'deleted'
