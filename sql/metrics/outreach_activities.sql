-- metric: outreach_activities
-- label: Outreach
-- question: What was done to be found, adopted and understood, in which direction, and what did it take?
-- unit: rows
-- grain: one row an activity, the newest first
-- good: -
-- definition: Activities from sheets, and those that people entered. Cost is what was paid plus hours at the program's rate, in the reporting currency; null
--   where neither money nor priced hours are known, or where no rate is.
-- column direction: internal, partner or public; null where none of them is named
-- column source: the sheet, or entered
-- column window_to: the day after its window
-- column is_mature: whether the window is over
-- column overlapping: other activities for the same audience whose window overlaps its own
-- column account_id: whom it was for, where it was one account
-- column unpriced_reason: why no cost is known

select
    outreach_done.source,
    outreach_done.id,
    outreach_done.day,
    outreach_done.title,
    outreach_done.direction,
    outreach_done.channel,
    outreach_done.hours,
    outreach_done.cost_micros / 1000000 as cost,
    outreach_done.unpriced_reason,
    outreach_done.owner,
    outreach_done.window_to,
    outreach_done.is_mature,
    outreach_done.overlapping,
    account.account_id,
    account.name
from outreach_done
left join account_alias on account_alias.alias_id = outreach_done.account_ref
left join account on account.account_id = account_alias.account_id
where ($date_from is null or outreach_done.day >= cast($date_from as date))
    and ($date_to is null or outreach_done.day < cast($date_to as date))
order by outreach_done.day desc, outreach_done.source, outreach_done.id
