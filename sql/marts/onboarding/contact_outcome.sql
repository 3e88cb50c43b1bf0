-- One row per stall spell in which somebody was contacted: whether thirty days have passed since the first contact, whether the account
-- moved on in them, and how many stalls of the same tier and reason that stood as long, not contacted by then, did so in theirs.

with contacts as (
    select *
    from spell_exposure
    where contacted_us >= 0
),

-- every spell is compared from the moment that it became stalled on, and counts as moving in the thirty days before it moved on
turns as (
    select tier, reason, cast(0 as bigint) as at_us, 1 as compared, 0 as moved, null as account_id, null as since
    from spell_exposure
    where comparable_us > 0

    union all

    select tier, reason, comparable_us, -1, 0, null, null
    from spell_exposure
    where comparable_us > 0

    union all

    select tier, reason, greatest(0, moved_us - 2592000000000), 0, 1, null, null
    from spell_exposure
    where comparable_us > greatest(0, moved_us - 2592000000000) and moved_us is not null

    union all

    select tier, reason, comparable_us, 0, -1, null, null
    from spell_exposure
    where comparable_us > greatest(0, moved_us - 2592000000000) and moved_us is not null

    union all

    select tier, reason, contacted_us, 0, 0, account_id, since
    from contacts
    where contacted_us <= known_us and reason is not null
),

counted as (
    select
        account_id,
        since,
        sum(compared) over until_now as compared,
        sum(moved) over until_now as moved
    from turns
    window until_now as (partition by tier, reason order by at_us range between unbounded preceding and current row)
)

select
    contacts.account_id,
    contacts.tier,
    contacts.stage,
    contacts.reason,
    contacts.contacted_at,
    contacts.contacted_us,
    contacts.contacted_us <= contacts.known_us as is_mature,
    coalesce(contacts.moved_us <= contacts.contacted_us + 2592000000000, false) as moved,
    cast(counted.compared as bigint) as compared,
    cast(counted.moved as bigint) as compared_moved
from contacts
left join counted using (account_id, since)
