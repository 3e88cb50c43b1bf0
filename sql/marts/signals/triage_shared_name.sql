-- One row per account and number of days: how many other accounts without a company's domain had by then somebody of the same full name, who signed up
-- within ninety days. Names are common, so this alone accuses nobody.

with people as (
    select
        triage_step_name.account_id,
        triage_account.entered_on,
        triage_step_name.name,
        min(triage_step_name.joined_at) as known_at
    from (
        select triage_member.account_id, lower(trim(identity_node.name)) as name, triage_member.joined_at
        from triage_member
        join identity_node using (node)
        where (triage_member.is_dated or triage_member.is_first)
            and identity_node.kind = 'developer'
            and not identity_node.linkable
            and contains(trim(identity_node.name), ' ')
            and not contains(identity_node.name, '@')
    ) as triage_step_name
    join triage_account using (account_id)
    group by triage_step_name.account_id, triage_account.entered_on, triage_step_name.name
),

several as (
    select name
    from people
    group by name
    having count(*) between 2 and 1000
),

own as (
    select people.*, days.window_day, people.entered_on + days.window_day as until
    from people
    join several using (name)
    cross join (values (3), (7), (14), (30)) as days (window_day)
    where people.known_at < people.entered_on + days.window_day
)

select own.account_id, own.window_day, count(distinct other.account_id) as others
from own
join people as other on other.name = own.name
where other.account_id <> own.account_id
    and other.known_at < own.until
    and other.known_at >= own.entered_on - 90
group by own.account_id, own.window_day
