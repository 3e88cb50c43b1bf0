-- check: tickets_counted
-- question: Is every ticket counted once, and is what they cost together the support cost of all days?
-- severity: error

with sums as (
    select
        (select count(*) from ticket) as tickets,
        (select count(*) from ticket_fact) as counted,
        (select round(coalesce(sum(minutes), 0), 3) from support_day) as minutes_by_day,
        (select round(coalesce(sum(handling_minutes), 0), 3) from ticket_fact) as minutes_by_ticket,
        (select count(*) from ticket_fact where first_reply_minutes < 0 or resolution_minutes < 0 or wait_minutes < 0) as below_zero,
        (select count(*) from ticket_fact where first_reply_business_minutes > first_reply_minutes + 0.001
            or resolution_business_minutes > resolution_minutes + 0.001 or wait_business_minutes > wait_minutes + 0.001) as more_than_calendar
)

select *
from sums
where tickets <> counted or abs(minutes_by_day - minutes_by_ticket) > 0.01 or below_zero > 0 or more_than_calendar > 0
