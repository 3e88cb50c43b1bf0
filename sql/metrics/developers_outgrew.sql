-- metric: developers_outgrew
-- label: Outgrew free
-- question: Who has outgrown the free plan, and is there a way up for them?
-- unit: rows
-- grain: one row an account, those without a way first
-- good: down
-- definition: Free accounts that were refused for quota or rate ten times or more in the last 30 days, or had more calls answered in them than the median account
--   that pays. Their way up is a sale that somebody leads, or a plan above their own that they can take by themselves; none where there is neither.
-- column way: none, unknown (no source tells its plan), plan or led
-- column refused: calls refused for quota or rate in 30 days
-- column ok: calls answered in 30 days
-- column median_payer_ok: what the median account that pays had; null where nobody pays
-- column plan: the highest plan that it is on
-- column plan_above: the next one that it can take by itself
-- column plan_above_price: by the month, in the reporting currency

select
    outgrew_free.account_id,
    account.name,
    account.tier,
    account.stage,
    outgrew_free.way,
    outgrew_free.refused,
    outgrew_free.ok,
    outgrew_free.median_payer_ok,
    outgrew_free.is_limited,
    outgrew_free.is_large,
    outgrew_free.plan,
    outgrew_free.plan_above,
    outgrew_free.plan_above_price,
    coalesce(account.owner, stall_owner.owner) as owner
from outgrew_free
join account using (account_id)
left join stall_owner using (account_id)
where ($tier is null or account.tier = $tier)
    and ($search is null or contains(lower(concat_ws(' ', account.name, account.domain, account.account_id)), lower($search)))
order by
    list_position(['none', 'unknown', 'plan', 'led'], outgrew_free.way),
    outgrew_free.refused desc,
    outgrew_free.ok desc,
    outgrew_free.account_id
