-- metric: outreach_followed
-- label: What followed outreach
-- question: What followed each activity within its window, against what the same weekdays had before it?
-- unit: accounts
-- grain: one row an activity, outcome and scope
-- good: up
-- definition: Accounts that signed up, that first succeeded, and stages that partners reached, in the 30 days (or what program.toml says) from the activity's day on,
--   against the mean of each weekday in the 8 whole weeks before it (4 at least), with the interval in which 95 of 100 windows lie where nothing changes.
--   An internal activity is held against the steps of our own teams, any other against everybody else's. It is a correlation: other activities, seasons and
--   releases fall into the same days, and growth alone lifts a window above its baseline. Windows that are not over are no result yet.
-- column scope: all (the whole audience) or channel (those who came through its channel)
-- column outcome: sign_up, first_success or partner_step
-- column counted_to: the day after the last day that is counted
-- column overlapping: other activities of the same scope whose window overlaps
-- column followed: what came
-- column expected: what the baseline lets expect; null where fewer than 4 whole weeks are known before it
-- column expected_lower: the lower end of its interval
-- column expected_upper: its upper end
-- column more: what came less what was to be expected
-- column more_lower: the lower end of that difference
-- column more_upper: its upper end
-- column verdict: more, fewer or usual; null where there is no baseline or the window is not over
-- column dispersion: how much more than Poisson the baseline's days vary; 1 is Poisson

select
    outreach_followed.source,
    outreach_followed.id,
    outreach_done.title,
    outreach_done.direction,
    outreach_done.channel,
    outreach_followed.day,
    outreach_followed.counted_to,
    outreach_followed.is_mature,
    outreach_followed.scope,
    outreach_followed.outcome,
    outreach_followed.overlapping,
    outreach_followed.followed,
    outreach_followed.baseline_weeks,
    outreach_followed.baseline,
    round(outreach_followed.expected, 2) as expected,
    round(outreach_followed.expected_lower, 2) as expected_lower,
    round(outreach_followed.expected_upper, 2) as expected_upper,
    round(outreach_followed.followed - outreach_followed.expected, 2) as more,
    round(outreach_followed.followed - outreach_followed.expected_upper, 2) as more_lower,
    round(outreach_followed.followed - outreach_followed.expected_lower, 2) as more_upper,
    case
        when not outreach_followed.is_mature or outreach_followed.expected is null then null
        when outreach_followed.followed > outreach_followed.expected_upper then 'more'
        when outreach_followed.followed < outreach_followed.expected_lower then 'fewer'
        else 'usual'
    end as verdict,
    round(outreach_followed.dispersion, 2) as dispersion
from outreach_followed
join outreach_done using (source, id)
where ($date_from is null or outreach_followed.day >= cast($date_from as date))
    and ($date_to is null or outreach_followed.day < cast($date_to as date))
    and ($dimension is null or outreach_followed.scope = $dimension)
    and ($value is null or outreach_followed.outcome = $value)
order by outreach_followed.day desc, outreach_followed.source, outreach_followed.id, outreach_followed.scope, outreach_followed.outcome
