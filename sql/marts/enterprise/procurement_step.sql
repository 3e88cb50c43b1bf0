-- One row per step of an account's procurement: of which kind, since when, how long it took or has taken, and whose move it is.
-- Waiting is counted from the last date that is known: the step's own, else the end of the step before, else the contract's draft.
-- What was still open when its contract was signed or given up ended then, nobody wrote down when: it waits for nobody and has no days.
-- `open_until` is when it was done or its contract signed, far away while it is open; null where the contract was lost or is over.

with named as (
    select
        contract_step.node,
        contract_state.account_id,
        contract_state.state,
        contract_step.source,
        contract_step.id as contract_id,
        contract_step.step,
        contract_step.waiting_for,
        contract_step.started_at,
        contract_step.done_at,
        contract.signed_at,
        contract.created_at,
        coalesce(contract.status, '') in ('lost', 'rejected') as is_lost,
        regexp_replace(contract_step.step, '[^a-z0-9]+', ' ', 'g') as words,
        regexp_replace(contract_step.waiting_for, '[^a-z0-9]+', ' ', 'g') as party,
        (select as_of from snapshot_info) as as_of
    from contract_step
    join contract using (node)
    join contract_state using (node)
    where contract_step.step is not null
),

dated as (
    select
        *,
        coalesce(
            started_at,
            max(done_at) filter (where done_at <= as_of) over (partition by node),
            created_at
        ) as since
    from named
    where coalesce(started_at, timestamp '0001-01-01') <= as_of
),

ended as (
    select
        *,
        case when not is_lost and state <> 'ended' then coalesce(
            least(done_at, case when cast(since as date) < cast(signed_at as date) then signed_at end),
            timestamp '9999-12-31'
        ) end as open_until
    from dated
)

select
    node,
    account_id,
    source,
    contract_id,
    step,
    case
        when regexp_matches(words, '\b(case stud\w*|references?|peers?)\b') then 'case_study'
        when regexp_matches(words, '\b(slas?|service levels?|uptime)\b') then 'sla'
        when regexp_matches(words, '\b(security|soc ?2|iso ?27001|pen ?tests?|penetration|questionnaires?|compliance|infosec|privacy|gdpr)\b') then 'security'
        when regexp_matches(words, '\b(legal|msa|dpa|redlines?|terms|liability|counsel|law)\b') then 'legal'
        when regexp_matches(words, '\b(procure\w*|purchas\w*|vendors?|suppliers?|orders?|po)\b') then 'procurement'
        when regexp_matches(words, '\b(decisions?|decider|executives?|sponsors?|economic|buyers?|budgets?|approvals?|board)\b') then 'decision'
        when regexp_matches(words, '\b(integrat\w*|pilots?|poc|proof of concept|technical|trials?|workshops?|certif\w*)\b') then 'integration'
        when regexp_matches(words, '\bsupport\b') then 'support'
        when regexp_matches(words, '\b(sign\w*|contracts?|agreements?|negotiat\w*)\b') then 'signature'
        else 'other'
    end as kind,
    since,
    started_at,
    case when done_at <= as_of then done_at end as done_at,
    open_until,
    coalesce(open_until > as_of, false) as is_open,
    case when done_at <= as_of and done_at >= started_at then date_diff('second', started_at, done_at) / 86400.0 end as days,
    nullif(trim(party), '') as waiting_for,
    case
        when nullif(trim(party), '') is null then null
        when regexp_matches(party, '^their\b') then 'them'
        when regexp_matches(party, '\b(us|we|our|ours|provider|sales|account manager|solutions?|engineering|support)\b') then 'us'
        else 'them'
    end as whose_move
from ended
