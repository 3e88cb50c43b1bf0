-- metric: triage_calibration
-- label: Said and come true
-- question: Of those who were given a probability, how many paid?
-- unit: shares
-- grain: one row a number of days and tenth of the accounts by probability; the likeliest is the first
-- good: -
-- definition: The accounts of Triage quality in ten equal parts by the probability that they were given: its mean, and the share that paid within 180 days, with its
--   95 % interval (Wilson).
-- column window_day: days
-- column tenth: 1 is the likeliest
-- column accounts: how many
-- column said: mean probability
-- column paid: how many paid
-- column came: the share that paid
-- column low: lower end of its interval
-- column high: upper end of its interval

with tenths as (
    select window_day, probability, cast(paid as integer) as outcome,
        ntile(10) over (partition by window_day order by probability desc, account_id) as tenth
    from triage_held_out
),

counts as (
    select window_day, tenth, count(*) as accounts, avg(probability) as said, sum(outcome) as paid, avg(outcome) as came, 1.96 * 1.96 / count(*) as z
    from tenths
    group by window_day, tenth
)

select
    window_day,
    tenth,
    accounts,
    said,
    cast(paid as bigint) as paid,
    came,
    greatest(0, (came + z / 2 - sqrt(z * came * (1 - came) + z * z / 4)) / (1 + z)) as low,
    least(1, (came + z / 2 + sqrt(z * came * (1 - came) + z * z / 4)) / (1 + z)) as high
from counts
where $window_day is null or window_day = cast($window_day as integer)
order by window_day, tenth
