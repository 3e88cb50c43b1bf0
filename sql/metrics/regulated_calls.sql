-- metric: regulated_calls
-- label: Regulated data, and who calls it from where
-- question: Who calls the services that handle regulated data, and from which countries?
-- unit: calls
-- grain: one row a regulated service, its kind of data, account and country
-- good: -
-- definition: [[regulated]] of program.toml says which services handle what, and which countries may call them. The country is that of the calling address, by the
--   MaxMind database that program.toml names, looked up when the log line was read; without a database, or where it does not have the address, it is unknown
--   and counted as that. An address tells where a server or a gateway stands, which need not be where the data go. The country on record, of the
--   organization or its developers, stands beside it and decides nothing.
-- column standing: allowed, outside, unknown, or any where no region is declared
-- column country: the calling address's, two letters; null for unknown
-- column country_on_record: what the organization's or its developers' records say
-- column calls: API calls in the period
-- column ok: of these, answered

with records as (
    select account_id, mode(country) as country
    from (
        select account_member.account_id, identity_node.country
        from identity_node
        join account_member using (node)
        where identity_node.country is not null
        order by account_member.account_id, identity_node.country
    )
    group by account_id
)

select
    regulated_day.service,
    any_value(regulated.data) as data,
    any_value(regulated.regions) as regions,
    any_value(regulated.regulator) as regulator,
    regulated_day.account_id,
    any_value(if(starts_with(regulated_day.account_id, 'nobody:'), 'Nobody we know', coalesce(account.name, regulated_day.account_id))) as name,
    arg_max(regulated_day.tier, regulated_day.day) as tier,
    regulated_day.country,
    regulated_day.standing,
    any_value(records.country) as country_on_record,
    cast(sum(regulated_day.calls) as bigint) as calls,
    cast(sum(regulated_day.ok) as bigint) as ok,
    min(regulated_day.day) as first_day,
    max(regulated_day.day) as last_day
from regulated_day
join regulated on regulated.position = regulated_day.position
left join account on account.account_id = regulated_day.account_id
left join records on records.account_id = regulated_day.account_id
where ($tier is null or regulated_day.tier = $tier)
    and ($service is null or regulated_day.service = $service)
    and ($search is null or contains(lower(coalesce(account.name, '')), lower($search)))
    and ($date_from is null or regulated_day.day >= cast($date_from as date))
    and ($date_to is null or regulated_day.day < cast($date_to as date))
group by regulated_day.position, regulated_day.service, regulated_day.account_id, regulated_day.country, regulated_day.standing
order by regulated_day.position, regulated_day.standing = 'outside' desc, calls desc, regulated_day.account_id, regulated_day.country
