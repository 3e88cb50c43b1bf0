-- metric: ladder_moves
-- label: Promotions and demotions
-- question: Whose relationship grew, whose shrank, and when?
-- unit: rows
-- grain: one row a step of an account up or down the ladder, newest first
-- good: -
-- definition: The ladder says how far a relationship has grown: open, associate, incubation, partner. Each day the first ladder rule that holds decides;
--   a step is dated by the day on which another rung began. The first rung of an account is no step.
-- column moved_on: the first UTC day on the new rung
-- column move: promotion or demotion
-- column ladder_was: the rung before
-- column ladder_is: the rung from that day on
-- column rule: the rule that decided it
-- column tier: the account's tier today

select
    account_ladder.account_id,
    account.name,
    account.tier,
    account_ladder.valid_from as moved_on,
    account_ladder.move,
    account_ladder.came_from as ladder_was,
    account_ladder.ladder as ladder_is,
    account_ladder.rule
from account_ladder
join account using (account_id)
where account_ladder.move is not null
    and ($tier is null or account.tier = $tier)
    and ($account is null or account_ladder.account_id in (select account_id from account_alias where alias_id = $account))
    and ($date_from is null or account_ladder.valid_from >= cast($date_from as date))
    and ($date_to is null or account_ladder.valid_from < cast($date_to as date))
order by account_ladder.valid_from desc, account_ladder.account_id
