-- metric: account_applications
-- label: Applications
-- question: What have they built, and does it still call?
-- unit: rows
-- grain: one row an application and credential of the account
-- good: -
-- definition: The applications of one account; calls by its credentials that name no application are rows without one.
-- column application: the application's name, or its id
-- column credential: the reference that it calls by
-- column plan: its plan, where a source says so
-- column environment: production or sandbox, where a source says so
-- column calls: API calls in all
-- column ok: of them answered with 2xx or 3xx
-- column last_call_at: the last one

with callers_here as (
    select caller_account.caller_id, caller_account.application_node, caller.credential_ref, caller.consumer_ref, caller.application_ref, caller.plan_ref
    from caller_account
    join caller using (caller_id)
    where caller_account.account_id in (select account_id from account_alias where alias_id = $account) and caller.surface = 'api'
),

calls as (
    select
        callers_here.application_node,
        coalesce(credential_ref, consumer_ref, application_ref, 'none') as credential,
        any_value(plan_ref) as plan,
        any_value(environment) as environment,
        sum(calls) as calls,
        sum(ok) as ok,
        max(last_at) as last_call_at
    from usage_day
    join callers_here using (caller_id)
    group by 1, 2
),

applications as (
    select application.*
    from application
    join application_account using (node)
    where application_account.account_id in (select account_id from account_alias where alias_id = $account)
)

select
    coalesce(applications.name, applications.id) as application,
    calls.credential,
    coalesce(applications.plan, calls.plan) as plan,
    coalesce(applications.environment, calls.environment) as environment,
    cast(coalesce(calls.calls, 0) as bigint) as calls,
    cast(coalesce(calls.ok, 0) as bigint) as ok,
    calls.last_call_at
from applications
full join calls on calls.application_node = applications.node
order by calls desc, application
