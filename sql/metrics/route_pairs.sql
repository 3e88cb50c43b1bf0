-- metric: route_pairs
-- label: Routes used together and in sequence
-- question: What are people building?
-- unit: accounts
-- grain: one row a pair of routes
-- good: -
-- definition: Pairs of routes that the same accounts were answered on in the period. Support is the share of all accounts that used both; lift is how
--   many times more often than if use of the one said nothing of the other (1: nothing). Of the 60 routes with the most accounts; pairs of at
--   least 5 accounts (2 where fewer than 50 accounts call). Sequence compares the days of an account's first success on each since counting
--   began. Counts are by the day: what came first within a day, and which call follows which, cannot be known from them.
-- column accounts: accounts that used both
-- column a_accounts: accounts that used the first
-- column b_accounts: accounts that used the second
-- column support: both ÷ all accounts answered in the period
-- column lift: support ÷ (share of the first × share of the second)
-- column a_first: of both, accounts that succeeded on the first on an earlier day
-- column same_day: on the same day: the order is not known
-- column b_first: on the second on an earlier day
-- column median_days: days from the first success on the one to that on the other, the median of those with an order
-- column paying_accounts: of both, accounts that have paid a bill

with answered as (
    select distinct account_route_span.account_id, account_route_span.service, account_route_span.route
    from account_route_span
    join account using (account_id)
    where ok > 0
        and account.kind <> 'nobody'
        and is_span_of(since, days, $date_from, $date_to)
        and ($tier is null or account.tier = $tier)
),

everyone as (
    select count(distinct account_id) as accounts
    from answered
),

routes as (
    select service, route, count(*) as accounts
    from answered
    group by service, route
    order by accounts desc, service, route
    limit 60
),

used as (
    select answered.*, first.first_day
    from answered
    join routes on routes.service is not distinct from answered.service and routes.route = answered.route
    join account_route_first as first on first.account_id = answered.account_id and first.service is not distinct from answered.service
        and first.route = answered.route
),

pairs as (
    select
        a.service as a_service,
        a.route as a_route,
        b.service as b_service,
        b.route as b_route,
        count(*) as accounts,
        count(*) filter (where a.first_day < b.first_day) as a_first,
        count(*) filter (where a.first_day = b.first_day) as same_day,
        count(*) filter (where a.first_day > b.first_day) as b_first,
        median(abs(b.first_day - a.first_day)) filter (where a.first_day <> b.first_day) as median_days,
        count(*) filter (where account.is_payer) as paying_accounts
    from used as a
    join used as b on b.account_id = a.account_id and (coalesce(b.service, ''), b.route) > (coalesce(a.service, ''), a.route)
    join account on account.account_id = a.account_id
    group by a.service, a.route, b.service, b.route
)

select
    pairs.a_service,
    pairs.a_route,
    pairs.b_service,
    pairs.b_route,
    pairs.accounts,
    one.accounts as a_accounts,
    two.accounts as b_accounts,
    pairs.accounts / everyone.accounts as support,
    pairs.accounts * everyone.accounts / (one.accounts * two.accounts) as lift,
    pairs.a_first,
    pairs.same_day,
    pairs.b_first,
    pairs.median_days,
    pairs.paying_accounts
from pairs
cross join everyone
join routes as one on one.service is not distinct from pairs.a_service and one.route = pairs.a_route
join routes as two on two.service is not distinct from pairs.b_service and two.route = pairs.b_route
where pairs.accounts >= if(everyone.accounts < 50, 2, 5)
    and ($service is null or pairs.a_service = $service or pairs.b_service = $service)
order by lift desc, pairs.accounts desc, pairs.a_route, pairs.b_route
limit 300
