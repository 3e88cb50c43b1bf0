-- metric: champions
-- label: Champions
-- question: Which developers carry us where it works?
-- unit: developers
-- grain: one row a developer, most signs first
-- good: up
-- definition: Own calls succeeded in at least seven of the last eight weeks, and two signs or more besides: two colleagues or more signed up after it; its account
--   pays; its account is in production; it uses as many routes as nine in ten do not. The parts are shown; there is no score.
-- column weeks: of the last eight, those with a success of its own
-- column followers: developers of its account who signed up after it
-- column routes: different routes that answered it in eight weeks
-- column signs: how many of the four hold
-- column why: which

select
    champion.account_id,
    account.name,
    account.tier,
    account.stage,
    developer_seen.name as developer,
    champion.weeks,
    champion.ok,
    champion.routes,
    champion.followers,
    champion.signs,
    concat_ws(
        ', ',
        case when is_followed then followers || ' colleagues came after' end,
        case when pays then 'its account pays' end,
        case when in_production then 'in production' end,
        case when is_broad then routes || ' routes' end
    ) as why,
    coalesce(account.owner, stall_owner.owner) as owner
from champion
join account using (account_id)
join developer_seen using (node)
left join stall_owner on stall_owner.account_id = champion.account_id
where ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id, developer_seen.name)), lower($search)))
order by champion.signs desc, champion.followers desc, champion.ok desc, champion.node
