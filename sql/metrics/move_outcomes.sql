-- metric: move_outcomes
-- label: What followed a contact
-- question: Of those that we contacted, who moved on, and would they have done so anyway?
-- unit: accounts
-- grain: one row a reason
-- good: up
-- definition: Of the accounts first contacted in a stall thirty days ago or longer, the share that reached their next stage within thirty days of it;
--   younger contacts are in progress. Beside it the share of comparable stalls: same tier, same reason, stalled for as long as the account
--   was when it was contacted, not contacted until then; did they move on within the thirty days after? (Comparing with all that were never
--   contacted would count those that had moved before anybody could write.) Each contact weighs the same. The difference is hidden where
--   either side has fewer than 30, and it is no proof: people write to those that look promising.
-- column reason: why they were stuck when they became stalled; null where that is not known, and then nothing is compared
-- column contacted: stalls in which somebody was contacted
-- column in_progress: of them, contacted less than thirty days ago
-- column mature: contacted thirty days ago or longer
-- column moved: of the mature, those that reached their next stage within thirty days
-- column moved_share: moved ÷ mature
-- column matched: mature contacts for which there is anything to compare with
-- column matched_share: of the matched, the share that moved
-- column compared: stalls that they are compared with, each counted once
-- column compared_share: of those comparable with a contact, the share that moved; the mean over the matched contacts
-- column difference: matched share − compared share; null below 30 on either side

with firsts as (
    select tier, reason, min(contacted_us) as first_us
    from contact_outcome
    where is_mature and reason is not null
    group by tier, reason
),

others as (
    select spell_exposure.reason, count(*) as compared
    from spell_exposure
    join firsts on firsts.tier = spell_exposure.tier and firsts.reason = spell_exposure.reason
        and firsts.first_us < spell_exposure.comparable_us
    where $tier is null or spell_exposure.tier = $tier
    group by spell_exposure.reason
),

contacts as (
    select
        reason,
        count(*) as contacted,
        count(*) filter (where not is_mature) as in_progress,
        count(*) filter (where is_mature) as mature,
        count(*) filter (where is_mature and moved) as moved,
        count(*) filter (where compared > 0) as matched,
        count(*) filter (where compared > 0 and moved) as matched_moved,
        avg(compared_moved / compared) filter (where compared > 0) as compared_share
    from contact_outcome
    where $tier is null or tier = $tier
    group by reason
)

select
    contacts.reason,
    coalesce(reason.label, contacts.reason, 'Reason not known') as reason_label,
    contacts.contacted,
    contacts.in_progress,
    contacts.mature,
    contacts.moved,
    contacts.moved / nullif(contacts.mature, 0) as moved_share,
    contacts.matched,
    contacts.matched_moved / nullif(contacts.matched, 0) as matched_share,
    coalesce(others.compared, 0) as compared,
    contacts.compared_share,
    case when contacts.matched >= 30 and others.compared >= 30 then contacts.matched_moved / contacts.matched - contacts.compared_share end as difference
from contacts
left join others using (reason)
left join reason using (reason)
where $reason is null or contacts.reason = $reason
order by contacts.contacted desc, contacts.reason
