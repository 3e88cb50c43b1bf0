"""Whose move it is: owners by person, contract and rule; status, next action and due date as judged or proposed; and judgements that follow records."""

from datetime import date, datetime, timedelta

import pytest

from data_sources.judgements import AccountMove, AccountNote, AccountOwner
from sql.catalogue import ROOT
from tests.sql.marts.test_onboarding import joined
from tests.sql.marts.world import AS_OF, World, ask, rows

DAY = timedelta(days=1)
LONG_AGO = datetime(2026, 1, 1)
SAID = datetime(2026, 6, 20)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def stuck(world: World, id: str, **more) -> str:
    """An account that stands at an issued key since January: its reason is that it never called."""
    return joined(world, id, LONG_AGO, **more)


def move(
    world: World, account: str, status: str, at: datetime = SAID, stage: str = "credential_issued", **more
) -> None:
    world.judgements.append(
        AccountMove(account_id=account, stage=stage, status=status, author="me", decided_at=at, **more)
    )


def contact(world: World, account: str, at: datetime = SAID, **more) -> None:
    move(world, account, "contacted", at, contacted_at=at, **more)


def items(world: World) -> dict[str, dict]:
    con = world.build()
    return {row["account_id"]: row for row in con.execute("from work_item").to_arrow_table().to_pylist()}


def test_what_nobody_judged_is_open_with_what_its_reason_proposes(world):
    account = stuck(world, "ann")
    item = items(world)[account]
    assert (item["status"], item["owner"], item["judged_status"]) == ("open", None, None)
    assert item["next_action"] == item["proposed_action"] == "Send a first call to copy, in their language"
    # stalled thirty days after 1 January, and five days to act
    assert (item["stalled_on"], item["due_on"]) == (date(2026, 1, 31), date(2026, 2, 5))


def test_the_newest_judgement_that_was_not_undone_holds(world):
    account = stuck(world, "ann")
    contact(world, account, due_on=date(2026, 7, 9), next_action="Call them")
    move(world, account, "given_up", SAID + DAY, given_up_because="went elsewhere", undone_at=SAID + 2 * DAY)
    item = items(world)[account]
    assert (item["status"], item["next_action"], item["due_on"]) == ("contacted", "Call them", date(2026, 7, 9))
    assert (item["action_is_judged"], item["due_is_judged"], item["contacted_at"]) == (True, True, SAID)


def test_of_two_judgements_in_one_second_the_later_stored_holds(world):
    account = stuck(world, "ann")
    contact(world, account)
    move(world, account, "waiting", SAID, contacted_at=SAID)
    assert items(world)[account]["status"] == "waiting"


def test_a_contact_without_a_date_gives_the_days_of_its_reason_again(world):
    account = stuck(world, "ann")
    contact(world, account)
    assert items(world)[account]["due_on"] == date(2026, 6, 25)


def test_what_is_given_up_stays_listed_and_is_never_due(world):
    account = stuck(world, "ann")
    move(world, account, "given_up", given_up_because="a student's project", due_on=date(2026, 6, 1))
    (row,) = ask(world.build(), "stalled")
    assert (row["account_id"], row["status"], row["due_on"], row["overdue"]) == (account, "given_up", None, False)


def test_overdue_is_before_the_snapshots_day(world):
    for n, name in enumerate(("past", "today", "next")):
        contact(world, stuck(world, name), due_on=AS_OF.date() + (n - 1) * DAY)
    overdue = {row["account_id"]: row["overdue"] for row in ask(world.build(), "stalled")}
    assert overdue == {"dev:test:past": True, "dev:test:today": False, "dev:test:next": False}


def called(world: World, id: str, at: datetime) -> None:
    world.calls(at.date(), client_errors=1, application_ref=f"app_{id}", first_at=at, last_at=at)


def test_who_moved_on_after_a_contact_is_shown_as_won_back_and_the_judgement_stays(world):
    account = stuck(world, "ann")
    contact(world, account)
    called(world, "ann", SAID + 2 * DAY)
    item = items(world)[account]
    assert (item["stalled"], item["status"], item["judged_status"]) == (False, "won_back", "contacted")
    assert (item["moved_at"], item["moved_to"], item["due_on"]) == (SAID + 2 * DAY, "first_call", None)


def test_who_had_moved_before_the_contact_is_not_won_back_by_it(world):
    account = stuck(world, "ann")
    contact(world, account)
    called(world, "ann", SAID - 2 * DAY)
    item = items(world)[account]
    assert (item["stalled"], item["status"], item["moved_at"]) == (False, "contacted", SAID - 2 * DAY)


def test_who_moves_on_by_itself_leaves_the_list(world):
    account = stuck(world, "ann")
    move(world, account, "open", next_action="Think about it")
    called(world, "ann", SAID + 2 * DAY)
    for name in ("won_back", "given_up"):
        move(world, stuck(world, name), name)
        called(world, name, SAID + 2 * DAY)
    assert items(world) == {}


@pytest.mark.parametrize("status", ["contacted", "given_up", "won_back"])
def test_a_stall_at_a_later_stage_opens_again(world, status):
    account = stuck(world, "ann")
    at = datetime(2026, 3, 1)
    move(
        world, account, status, at, contacted_at=at, due_on=date(2026, 3, 9), next_action="Call", given_up_because="no"
    )
    called(world, "ann", datetime(2026, 4, 1))
    item = items(world)[account]
    assert (item["stage"], item["stalled"], item["status"]) == ("first_call", True, "open")
    assert (item["due_on"], item["action_is_judged"], item["given_up_because"]) == (date(2026, 5, 15), False, None)
    assert (item["contacted_at"], item["moved_at"]) == (at, datetime(2026, 4, 1)), "what was done is still known"


def test_a_judgement_made_while_the_data_were_late_is_about_the_stage_that_it_names(world):
    """Decided on 20 June about a key without a call; its call of 5 May came in later, and it stalls there."""
    account = stuck(world, "ann")
    move(world, account, "given_up", given_up_because="no")
    called(world, "ann", datetime(2026, 5, 5))
    assert items(world)[account]["status"] == "open"


def test_an_owner_is_who_a_person_named_then_a_contract_then_a_rule(world):
    world.owners = [("ruled", "always", None)]
    stuck(world, "alone")
    for domain in ("acme.com", "shop.com"):
        stuck(world, domain[:4], domain=domain)
        world.add("contract", domain, domain=domain, status="draft", owner="seller", created_at=LONG_AGO)
    con = world.build()
    by_domain = dict(rows(con, "select coalesce(domain, 'none'), account_id from account"))
    world.judgements.append(AccountOwner(account_id=by_domain["shop.com"], owner="kim", author="me", decided_at=SAID))
    found = {key: (row["owner"], row["named_by"], row["ruled_owner"]) for key, row in items(world).items()}
    assert found == {
        "dev:test:alone": ("ruled", "rule", "ruled"),
        by_domain["acme.com"]: ("seller", "contract", "seller"),
        by_domain["shop.com"]: ("kim", "person", "seller"),
    }


RULES = [
    ("tier", "public", "dev:test:anon"),
    ("stage", ["first_success", "first_call"], "dev:test:caller"),
    ("reason", "auth_refused", "dev:test:caller"),
    ("whose_move", "support", "dev:test:asker"),
    ("channel", "Conference", "dev:test:guest"),
    ("country", "fi", "dev:test:guest"),
    ("plan", "Growth", "dev:test:planned"),
    ("attribute", "team=red", "dev:test:tagged"),
]


@pytest.mark.parametrize(("when", "value", "account"), RULES, ids=[rule[0] for rule in RULES])
def test_each_condition_of_a_rule_finds_its_account_alone(world, when, value, account):
    stuck(world, "other")
    joined(world, "anon", LONG_AGO)
    world.records["developer"][-1]["verified_at"] = None
    stuck(world, "caller")
    world.calls(date(2026, 2, 1), client_errors=9, refused_auth=9, application_ref="app_caller")
    stuck(world, "asker")
    world.add("support_user", "u", email="asker@gmail.com", verified=True, role="end-user")
    world.add("ticket", "t", requester_id="u", status="open", subject="Help", created_at=datetime(2026, 2, 1))
    stuck(world, "guest")
    world.records["developer"][-1] |= {"country": "FI", "channel": "conference"}
    stuck(world, "planned")
    world.records["application"][-1] |= {"plan": "growth"}
    stuck(world, "tagged")
    world.records["application"][-1] |= {"attributes": {"team": "red"}}
    world.owners = [("kim", when, value)]
    assert {key for key, row in items(world).items() if row["owner"] == "kim"} == {account}


def test_the_first_rule_that_holds_wins(world):
    world.owners = [("none", "tier", "partner"), ("first", "reason", "key_no_call"), ("second", "always", None)]
    account = stuck(world, "ann")
    assert items(world)[account]["owner"] == "first"


def test_a_rule_that_names_no_reason_is_said(world):
    world.owners = [("kim", "reason", ["key_no_call", "key_no_cal"]), ("lee", "whose_move", "marketing")]
    check = (ROOT / "checks" / "owner_rule_without_a_match.sql").read_text()
    assert rows(world.build(), check) == [(1, "reason", "key_no_cal"), (2, "whose_move", "marketing")]


def test_judgements_follow_records_that_become_one_account(world):
    """Ann was judged alone; then her company became known."""
    alone = stuck(world, "ann", domain="acme.com")
    contact(world, f"{alone}")
    world.judgements.append(AccountNote(account_id=alone, text="Nice", author="me", decided_at=SAID))
    world.judgements.append(AccountOwner(account_id=alone, owner="kim", author="me", decided_at=SAID))
    world.add("organization", "o", name="Acme", domain="acme.com", created_at=LONG_AGO)
    (item,) = items(world).values()
    assert item["account_id"].startswith("org:")
    assert (item["status"], item["owner"], item["notes"], item["last_note"]) == ("contacted", "kim", 1, "Nice")


def test_of_two_accounts_that_become_one_the_newest_word_holds(world):
    first, second = stuck(world, "ann", domain="acme.com"), stuck(world, "bob", domain="acme.com")
    contact(world, first)
    move(world, second, "given_up", SAID + DAY, given_up_because="no")
    world.add("organization", "o", name="Acme", domain="acme.com", created_at=LONG_AGO)
    (item,) = items(world).values()
    assert (item["status"], item["contacted_at"]) == ("given_up", SAID)


def test_notes_that_were_undone_are_not_counted(world):
    account = stuck(world, "ann")
    for n, undone in enumerate((None, None, SAID)):
        world.judgements.append(
            AccountNote(account_id=account, text=f"note {n}", author="me", decided_at=SAID + n * DAY, undone_at=undone)
        )
    item = items(world)[account]
    assert (item["notes"], item["last_note"]) == (2, "note 1")


def test_the_metric_finds_by_owner_and_status(world):
    for name in ("kim", "lee", "none"):
        account = stuck(world, name)
        if name != "none":
            world.judgements.append(AccountOwner(account_id=account, owner=name, author="me", decided_at=SAID))
    contact(world, "dev:test:lee")
    con = world.build()

    def found(**asked) -> list[str]:
        return sorted(row["account_id"].removeprefix("dev:test:") for row in ask(con, "stalled", **asked))

    assert found() == ["kim", "lee", "none"]
    assert found(owner="Kim") == ["kim"]
    assert found(owner="nobody") == ["none"]
    assert found(status="contacted") == ["lee"]
    assert found(owner="kim", status="contacted") == []
    assert ask(con, "work_list", account="dev:test:lee")[0]["contacted_at"] == SAID


def test_the_timeline_tells_what_was_decided(world):
    account = stuck(world, "ann")
    contact(world, account, next_action="Call them", due_on=date(2026, 7, 9))
    said = [row["text"] for row in ask(world.build(), "account_timeline", account=account) if row["kind"] == "move"]
    assert said == ["me: contacted, Call them, due 9 Jul 2026"]
