-- metric: account_refusals
-- label: What fails
-- question: Which of their calls fail, and whose fault is it?
-- unit: calls
-- grain: one row a service, route and kind of answer
-- good: down
-- definition: Calls of one account in the period that were not answered with success: 404s apart from other errors of the caller (4xx),
--   errors of ours (5xx) apart from both. The share is of all calls to that route.
-- column status_class: 404, 4xx (other than 404) or 5xx
-- column refusal: not found, refused or our error
-- column calls: calls that failed this way
-- column share: of the calls of that route
-- column sample_path: one path of them, as it may be shown

with used as (
    select
        service,
        route,
        sum(calls) as all_calls,
        sum(not_found) as not_found,
        sum(client_errors - not_found) as client_errors,
        sum(server_errors) as server_errors,
        min(sample_path) as sample_path
    from account_answer_day
    where account_id in (select account_id from account_alias where alias_id = $account)
        and ($date_from is null or day >= cast($date_from as date))
        and ($date_to is null or day < cast($date_to as date))
    group by service, route
),

failures as (
    select service, route, '404' as status_class, 'not found' as refusal, not_found as calls, all_calls, sample_path from used
    union all
    select service, route, '4xx', 'refused', client_errors, all_calls, sample_path from used
    union all
    select service, route, '5xx', 'our error', server_errors, all_calls, sample_path from used
)

select
    service,
    route,
    status_class,
    refusal,
    cast(calls as bigint) as calls,
    calls / all_calls as share,
    shown_path(sample_path) as sample_path
from failures
where calls > 0
order by calls desc, service, route, status_class
