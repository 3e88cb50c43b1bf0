-- One row per account: the path on which it is served, sales-led or self-service, and the one that fits it, with since when and what shows
-- either. `fits` is either where its signs say neither; what a person has said about it comes first. Our own teams have no path.

with today as (
    select as_of, cast(as_of as date) as day, path_rule.*
    from snapshot_info
    cross join path_rule
),

records as (
    select
        account_id,
        bool_or(decides) as is_led,
        min(since) filter (where decides) as since,
        list_sort(list({weak: not decides, since: coalesce(since, timestamp '9999-12-31'), kind: kind, evidence: evidence})) as told
    from sales_record
    group by account_id
),

strong as (
    select account_id, since, row_number() over (partition by account_id order by since nulls last, signal) as place
    from enterprise_signal
    where is_strong
),

signals as (
    select
        account_id,
        count(*) filter (where is_strong) as strong_signals,
        count(*) filter (where is_strong and is_company) as company_signals,
        count(*) as signals,
        min(since) filter (where is_strong) as first_signal_at,
        -- sorted once they are together: several times faster than as they are gathered
        list_sort(list({weak: not is_strong, since: coalesce(since, timestamp '9999-12-31'), signal: signal, label: label, evidence: evidence})) as told
    from enterprise_signal
    group by account_id
),

-- limits alone are anybody's: among the signs must be one that tells of a company
looks as (
    select strong.account_id, greatest(strong.since, companies.since) as since
    from strong
    join (select account_id, min(since) as since from enterprise_signal where is_strong and is_company group by account_id) as companies using (account_id)
    where strong.place = (select signals_needed from path_rule)
),

used as (
    select account_id, sum(calls) filter (where onboarding_day.day > today.day - 90) as calls, max(onboarding_day.day) as day
    from onboarding_day
    cross join today
    where onboarding_day.day <= today.day
    group by account_id
),

asked as (
    select account_id, cast(max(coalesce(updated_at, created_at)) as date) as day
    from ticket_account
    group by account_id
),

people as (
    select developer_account.account_id, count(*) as developers, cast(max(developer.created_at) as date) as day
    from developer_account
    join developer using (node)
    group by developer_account.account_id
),

in_force as (
    select contract_state.account_id, min(contract_state.since) as since
    from contract_state
    join contract using (node)
    where contract_state.state = 'in force' and contract.terms is distinct from 'self_serve'
    group by contract_state.account_id
),

dismissed as (
    select coalesce(account_alias.account_id, readiness_decision.said_of) as account_id,
        max_by(readiness_decision.author, (readiness_decision.decided_at, readiness_decision.id)) as author,
        max(readiness_decision.decided_at) as decided_at
    from readiness_decision
    left join account_alias on account_alias.alias_id = readiness_decision.said_of
    where readiness_decision.item = 'sales_path' and readiness_decision.state = 'not_needed'
    group by 1
),

ordered as (
    select account_id, min(ordered_at) as ordered_at
    from own_order
    group by account_id
),

facts as (
    select
        account_tier_now.account_id,
        account_tier_now.tier,
        account_seen.signed_up_at,
        ordered.ordered_at,
        coalesce(records.is_led, false) as is_led,
        records.since as led_since,
        list_transform(records.told, lambda one: one.evidence) as led_evidence,
        coalesce(signals.signals, 0) as signals,
        coalesce(signals.strong_signals, 0) as strong_signals,
        coalesce(signals.company_signals, 0) as company_signals,
        signals.first_signal_at,
        list_transform(signals.told, lambda one: one.label) as labels,
        list_transform(signals.told, lambda one: one.evidence) as signal_evidence,
        looks.account_id is not null as looks_enterprise,
        looks.since as looks_since,
        coalesce(people.developers, 0) as developers,
        cast(coalesce(used.calls, 0) as bigint) as calls,
        greatest(used.day, asked.day, people.day, cast(account_seen.signed_up_at as date)) as last_seen,
        account_payer.account_id is not null as pays,
        in_force.account_id is not null as has_contract,
        in_force.since as contract_since,
        dismissed.author as dismissed_by,
        dismissed.decided_at as dismissed_at
    from account_tier_now
    left join account_seen using (account_id)
    left join ordered using (account_id)
    left join records using (account_id)
    left join signals using (account_id)
    left join looks using (account_id)
    left join people using (account_id)
    left join used using (account_id)
    left join asked using (account_id)
    left join account_payer using (account_id)
    left join in_force using (account_id)
    left join dismissed using (account_id)
    where account_tier_now.tier <> 'internal' and not starts_with(account_tier_now.account_id, 'nobody:')
),

judged as (
    select
        facts.*,
        case
            when dismissed_at is not null then 'self-service'
            when has_contract or tier = 'partner' or looks_enterprise then 'sales-led'
            when developers <= 1 and calls <= today.explorer_calls and company_signals = 0 and not pays then 'self-service'
            else 'either'
        end as fits,
        coalesce(last_seen > today.day - today.seen_within_days, false) as is_seen
    from facts
    cross join today
)

select
    account_id,
    tier,
    if(is_led, 'sales-led', 'self-service') as served,
    if(is_led, led_since, signed_up_at) as served_since,
    case
        when is_led then array_to_string(led_evidence[:4], '; ')
        when ordered_at is not null then 'ordered by itself ' || strftime(ordered_at, '%-d %b %Y')
        else coalesce('signed up ' || strftime(signed_up_at, '%-d %b %Y') || ', ', '') || 'nobody of ours in between'
    end as served_evidence,
    fits,
    case
        when dismissed_at is not null then dismissed_at
        when has_contract then cast(contract_since as timestamp)
        when looks_enterprise then looks_since
        else signed_up_at
    end as fits_since,
    case
        when dismissed_at is not null then dismissed_by || ' said that it is no enterprise'
        when has_contract then 'a negotiated contract in force'
        when looks_enterprise then array_to_string(signal_evidence, '; ')
        when tier = 'partner' then 'a partner'
        when fits = 'self-service' then developers || if(developers = 1, ' developer, ', ' developers, ') || format('{:,}', calls)
            || ' calls in 90 days, no sign of a company'
        else coalesce(array_to_string(signal_evidence, '; '), 'no sign of a company, but more than exploring')
    end as fits_evidence,
    looks_enterprise,
    looks_since,
    first_signal_at,
    signals,
    strong_signals,
    labels as signal_labels,
    developers,
    calls,
    last_seen,
    is_seen,
    pays,
    dismissed_at is not null as is_dismissed
from judged
