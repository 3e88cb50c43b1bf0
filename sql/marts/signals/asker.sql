-- One row per asker of what no route matched: a caller with an account, or an address (by hash) of which no account is known to call; what it
-- asked for, whether it was ever answered, and whether that is how a scanner behaves: many different paths on roots that are none of ours, and
-- no answer. Named callers must do so for far longer: who is only lost asks for many paths, too.

with callers_of as (
    select caller.caller_id, if(starts_with(caller_account.account_id, 'nobody:'), null, caller_account.account_id) as account_id
    from caller
    join caller_account using (caller_id)
    where caller.surface = 'api'
),

asked as (
    select
        if(callers_of.account_id is null, coalesce(unmatched_day.client_ip, 'caller ' || unmatched_day.caller_id), 'caller ' || unmatched_day.caller_id)
            as asker,
        unmatched_day.path_template,
        any_value(callers_of.account_id) as account_id,
        any_value(unmatched_day.caller_id) as caller_id,
        any_value(unmatched_day.client_ip) as client_ip,
        sum(unmatched_day.calls) as calls
    from unmatched_day
    join callers_of using (caller_id)
    group by asker, unmatched_day.path_template
),

askers as (
    select
        asked.asker,
        any_value(asked.account_id) as account_id,
        any_value(asked.caller_id) as caller_id,
        any_value(asked.client_ip) as client_ip,
        count(*) as paths,
        count(*) filter (where asked_path.is_foreign) as foreign_paths,
        cast(sum(asked.calls) as bigint) as calls
    from asked
    left join asked_path using (path_template)
    group by asked.asker
),

answers as (
    select client_ip, sum(address_month.ok) as ok
    from address_month
    join callers_of using (caller_id)
    group by client_ip
),

named_answers as (
    select caller_id, sum(ok) as ok
    from usage_day
    where surface = 'api'
    group by caller_id
),

judged as (
    select
        askers.* exclude (caller_id, client_ip),
        cast(coalesce(if(askers.account_id is null and askers.client_ip is not null, answers.ok, named_answers.ok), 0) as bigint) as ok
    from askers
    left join answers on answers.client_ip = askers.client_ip
    left join named_answers on named_answers.caller_id = askers.caller_id
)

select
    *,
    case
        when account_id is not null then foreign_paths >= 25 and ok = 0
        else (foreign_paths >= 5 and ok = 0) or (foreign_paths >= 20 and ok * 10 < calls)
    end as is_scanner
from judged
