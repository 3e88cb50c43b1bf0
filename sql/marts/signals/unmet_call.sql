-- One row per day, caller, address, method, path template and reason (no_route, 405, 501) of calls for what we do not have: whose they are (named
-- by the log, or inferred by the address), and why they are no demand (removed_by; null where they are). `path` is the
-- template as it may be shown, `key` stands for it and the reason: what looks alike on the page is one row there. For callers whom the log names
-- and who were answered elsewhere only lists of what no API is asked for hold.

with asked as (
    select
        unmatched_day.day,
        unmatched_day.caller_id,
        unmatched_day.client_ip,
        unmatched_day.method,
        unmatched_day.path_template,
        unmatched_day.reason,
        unmatched_day.calls,
        unmatched_day.sample_path,
        unmatched_day.user_agent,
        if(starts_with(caller_account.account_id, 'nobody:'), null, caller_account.account_id) as named_id,
        cast(date_trunc('month', unmatched_day.day) as date) as month
    from unmatched_day
    join caller using (caller_id)
    join caller_account using (caller_id)
    where caller.surface = 'api' and unmatched_day.path_template is not null
),

linked as (
    select
        asked.*,
        coalesce(asked.named_id, if(coalesce(asker.is_scanner, false), null, address_account.account_id)) as account_id,
        asked.named_id is null and address_account.account_id is not null and not coalesce(asker.is_scanner, false) as is_inferred,
        address_account.share,
        coalesce(asker.is_scanner, false) as is_scanner,
        coalesce(asker.ok, 0) > 0 as is_answered,
        asked_path.shown,
        asked_path.list,
        asked_path.is_foreign
    from asked
    join asked_path using (path_template)
    left join asker on asker.asker = if(asked.named_id is null, coalesce(asked.client_ip, 'caller ' || asked.caller_id), 'caller ' || asked.caller_id)
    left join address_account on address_account.month = asked.month and address_account.client_ip = asked.client_ip
    where asked.reason <> 'no_route' or not asked_path.is_answered
),

found as materialized (
    select
        linked.*,
        coalesce(
            if(test_caller.caller_id is not null, 'tests', null),
            if(
                linked.named_id is null or not linked.is_answered or linked.list in ('secrets', 'version_control', 'traversal', 'injection', 'crawlers'),
                linked.list, null
            ),
            if(linked.account_id is null, listed_agent.list, null),
            if(linked.is_scanner, 'behaviour', null)
        ) as noise
    from linked
    left join test_caller using (caller_id)
    left join listed_agent using (user_agent)
),

-- nobody whom we know wants it, its root is none of ours and nobody who asked was ever answered, or scanners asked for it as often
unclaimed as (
    select shown, count(*) as n, bool_or(is_answered) as is_answered, bool_and(is_foreign) as is_foreign
    from found
    where noise is null
    group by shown
    having count(account_id) = 0
),

scanned as (
    select found.shown, count(*) as n
    from found
    semi join unclaimed using (shown)
    where found.noise = 'behaviour'
    group by found.shown
),

never_answered as (
    select unclaimed.shown
    from unclaimed
    left join scanned using (shown)
    where scanned.n >= unclaimed.n or (unclaimed.is_foreign and not unclaimed.is_answered)
)

select
    found.day,
    if(found.noise is null, md5(found.shown || ' ' || found.reason), null) as key,
    found.caller_id,
    found.client_ip,
    found.method,
    found.path_template,
    if(found.noise is null, found.shown, null) as path,
    found.reason,
    found.account_id,
    found.is_inferred,
    if(found.is_inferred, found.share, null) as share,
    found.calls,
    found.sample_path,
    coalesce(found.noise, if(never_answered.shown is not null, 'never_answered', null)) as removed_by
from found
left join never_answered using (shown)
