-- One row per way in which a sheet may name a partner: an organization's id, a name or a domain of its account, in lower case.

with names as (
    select account_member.account_id, lower(account_member.id) as said
    from account_member
    where account_member.kind = 'organization'
    union
    select account_member.account_id, lower(trim(organization.name))
    from organization
    join account_member using (node)
    union
    select account_id, lower(domain) from account
    union
    select account_id, lower(name) from account
)

select said, min(names.account_id) as account_id
from names
join partner_account using (account_id)
where said is not null and said <> ''
group by said
having count(distinct names.account_id) = 1
