-- metric: account_peers
-- label: Customers to name as peers
-- question: Which customers are most like this account?
-- unit: rows
-- grain: one row a customer, the most alike first; at most 5
-- good: -
-- definition: Customers with a contract in force or that pay now, never our own teams, and partners only for a partner. Alike is shown as its parts: the same routes,
--   APIs, kind of company, country, size, plan. Whoever shares more parts comes first, then more of the routes; what is not known of either is no part.
--   One that shares nothing is no peer.
-- column parts: how many of the six it shares
-- column shared_routes: routes that both use
-- column all_routes: routes that either uses
-- column same: what is the same, in words
-- column shared_services: APIs that both use
-- column pays: whether it pays now; else it has a contract in force
-- column case_study: its case study, or that it is a reference; null where none is known

with me as (
    select *
    from customer_trait
    where account_id in (select account_id from account_alias where alias_id = $account)
),

pairs as (
    select
        peer.account_id,
        peer.tier,
        peer.pays,
        peer.customer_since,
        peer.case_study,
        peer.company_kind,
        peer.country,
        peer.size,
        peer.plan,
        list_intersect(coalesce(me.services, []), coalesce(peer.services, [])) as services,
        len(list_intersect(coalesce(me.routes, []), coalesce(peer.routes, []))) as shared_routes,
        len(list_distinct(list_concat(coalesce(me.routes, []), coalesce(peer.routes, [])))) as all_routes,
        coalesce(me.company_kind = peer.company_kind, false) as same_kind,
        coalesce(me.country = peer.country, false) as same_country,
        coalesce(me.size = peer.size, false) as same_size,
        coalesce(me.plan = peer.plan, false) as same_plan
    from me
    join customer_trait as peer on peer.account_id <> me.account_id
    where peer.is_customer and (peer.tier <> 'partner' or me.tier = 'partner')
),

counted as (
    select
        *,
        (shared_routes > 0)::integer + (len(services) > 0)::integer + same_kind::integer + same_country::integer + same_size::integer + same_plan::integer
            as parts
    from pairs
)

select
    counted.account_id,
    account.name,
    counted.tier,
    counted.parts,
    cast(counted.shared_routes as integer) as shared_routes,
    cast(counted.all_routes as integer) as all_routes,
    array_to_string(list_sort(counted.services), ', ') as shared_services,
    concat_ws(
        ', ',
        case when counted.same_kind then 'kind: ' || counted.company_kind end,
        case when counted.same_country then 'country: ' || counted.country end,
        case when counted.same_size then 'size: ' || counted.size end,
        case when counted.same_plan then 'plan: ' || counted.plan end
    ) as same,
    counted.pays,
    counted.customer_since,
    counted.case_study
from counted
join account using (account_id)
where counted.parts > 0
order by counted.parts desc, counted.shared_routes / nullif(counted.all_routes, 0) desc nulls last, counted.case_study is null, counted.account_id
limit 5
