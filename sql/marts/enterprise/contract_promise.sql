-- One row per contract of an account and thing that it promises: availability in percent, latency at a quantile in milliseconds, the first reply
-- in minutes; and the days on which it is in force. Keys as a sheet names them: availability or uptime, latency_p95_ms, first_reply_minutes …;
-- a latency without a quantile is meant for 95 % of calls, an availability up to 1 is a share. A contract for one application promises nothing
-- to the account as a whole, and one that ended nobody knows when is left out.

with spans as (
    select
        contract_state.node,
        contract_state.account_id,
        contract_state.since,
        coalesce(contract_state.until, date '9999-12-31') as until,
        contract.sla
    from contract_state
    join contract using (node)
    where contract_state.state in ('in force', 'ended') and contract_state.since <= (select cast(as_of as date) from snapshot_info)
        and (contract_state.state = 'in force' or contract_state.until is not null)
        and contract.application_ref is null and json_type(contract.sla) = 'OBJECT'
),

keys as (
    select *, regexp_replace(lower(key), '[^a-z0-9]+', '_', 'g') as words, try_cast(sla ->> ('$."' || key || '"') as decimal(18, 6)) as amount
    from (select node, account_id, since, until, sla, unnest(json_keys(sla)) as key from spans)
),

understood as (
    select
        *,
        case
            when regexp_matches(words, '^(availability|uptime)(_percent)?$') then 'availability'
            when regexp_matches(words, '^(p[0-9]{2,3}_)?latency(_p[0-9]{2,3})?_ms(_p[0-9]{2,3})?$') then 'latency'
            when regexp_matches(words, '^first_(reply|response)(_minutes|_hours)$') then 'first_reply'
        end as promise,
        regexp_extract(words, 'p([0-9]{2,3})', 1) as digits
    from keys
    where amount > 0
)

select
    node,
    account_id,
    since,
    until,
    promise,
    case when promise = 'latency' then coalesce(try_cast('0.' || nullif(digits, '') as double), 0.95) end as quantile,
    case
        when promise = 'availability' and amount <= 1 then 100 * amount
        when words like '%hours' then 60 * amount
        else amount
    end as target
from understood
where promise is not null and (promise <> 'availability' or amount <= 100)
