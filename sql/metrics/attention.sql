-- metric: attention
-- label: What changed and matters
-- question: What is not as usual, and what is it worth?
-- unit: rows
-- grain: one row a change that goes on or began within the last week
-- good: down
-- definition: Daily series of each tier, of its stages and of each account that pays, is a partner or an enterprise, against their own eight weeks
--   before: by weekday, moved by the last two weeks, with the spread that they had. Of all series that are found unlikely in a day at most 1 % is
--   expected to be chance (Benjamini–Hochberg). Of these, less than half as much again, or fewer than 5, is left out as no news; the share of chance
--   among those that stay was not set, but measured by replaying days without a change. Beside them: a tier's contribution of 31 days that changed its
--   sign, and enterprises that have come to wait thirty days. Ranked by money; unknown money comes last.
-- column kind: what changed
-- column account_id: whose; null for a tier's
-- column since: the first day of it
-- column day: the last day of what is shown
-- column span_days: over how many days up to then
-- column value: what was seen
-- column of: of how many calls or entrants; null for counts
-- column expected: what is usual
-- column low: the normal range, in which 99 of 100 such spans lie; so with high
-- column p: how likely such a distance is by chance, before all others are taken into account; null where nothing was tested
-- column money: in the reporting currency; null where it is not known
-- column money_is: what the money is

select
    attention_item.position,
    attention_item.kind,
    attention_item.tier,
    attention_item.account_id,
    account.name,
    attention_item.stage,
    attention_item.since,
    attention_item.day,
    attention_item.span_days,
    attention_item.value,
    attention_item."of",
    attention_item.expected,
    attention_item.low,
    attention_item.high,
    attention_item.p,
    attention_item.money_micros / 1000000 as money,
    attention_item.money_is
from attention_item
left join account using (account_id)
where $tier is null or attention_item.tier = $tier
order by attention_item.position
