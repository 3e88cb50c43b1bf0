"""One support story told by five help desks comes out the same: replies, resolutions, reopens, waiting, promises."""

from contextlib import ExitStack
from datetime import datetime

import pytest
from sqlmodel import select

from data_sources import program as programs
from data_sources.ledger import RejectedRecord
from data_sources.sync import sync_all
from tests.data_sources.vendors import one_support_story
from tests.data_sources.vendors.server import TOKEN
from tests.new_store import new_store
from tests.sql.marts.world import World, ask, rows

NOW = datetime(2026, 3, 31)
PROMISING = ("zendesk", "jira", "intercom", "freshdesk")
KINDS = (*PROMISING, "github")
PROMISES = {
    "reply_time": "first reply",
    "time_to_first_response": "first reply",
    "first_reply_time": "first reply",
    "requester_wait_time": "resolution",
    "time_to_resolution": "resolution",
    "resolution_time": "resolution",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The marts over one home whose sources tell the story, synced twice at its end; Freshdesk, which keeps no history, also on the way."""
    home = tmp_path_factory.mktemp("story")
    (home / "secrets").mkdir()
    (home / "secrets" / "vendor").write_text(TOKEN)
    sections = ['[program]\nname = "t"\n']
    vendors = {kind: getattr(one_support_story, f"of_{kind}")() for kind in KINDS}
    with ExitStack() as stack:
        for kind, vendor in vendors.items():
            settings = vendor.settings(stack.enter_context(vendor.serve())) | {"name": kind}
            sections.append("\n".join(["[[source]]", *(f'{name} = "{value}"' for name, value in settings.items()), ""]))
        (home / "program.toml").write_text("\n".join(sections))
        store = new_store(home)
        for minute in (70, 130):
            on_the_way = one_support_story.STORY[0].at(minute).replace(tzinfo=None)
            one_support_story.freshdesk_at(vendors["freshdesk"], one_support_story.STORY[0].at(minute))
            sync_all(store, programs.load(home), on_the_way)
        one_support_story.freshdesk_at(vendors["freshdesk"], None)
        results = sync_all(store, programs.load(home), NOW)
        assert [error for result in results for error in result.errors] == []
        again = sync_all(store, programs.load(home), NOW)
        assert [result.changed for result in again] == [0] * len(KINDS)
    with store.session() as session:
        assert session.exec(select(RejectedRecord)).all() == []
    world = World(home, NOW)
    for kind in KINDS:
        world.person(f"dev_{kind}", f"ann@{kind}ann.example")
    return world.build()


def of(told, kind: str, select: str) -> list[tuple]:
    return [row[1:] for row in rows(told, select) if row[0] == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_reply_is_a_persons_and_the_resolution_the_last(told, kind):
    figures = "first_reply_minutes, public_replies, resolution_minutes, reopened, wait_minutes, is_open, one_touch"
    found = of(told, kind, f"select source, ticket_id, {figures} from ticket_fact order by ticket_id")
    assert [tuple(row) for row in found if row[0] != "703"] == [
        ("701", 20, 2, 180, 1, 120, False, False),
        ("702", 45, 1, 90, 0, 90, False, True),
    ]
    ((*unanswered, waited, is_open, _),) = [row for row in found if row[0] == "703"]
    assert (unanswered, is_open) == (["703", None, 0, None, 0], True)
    assert waited == (NOW - datetime(2026, 3, 4, 9)).total_seconds() / 60


@pytest.mark.parametrize("kind", PROMISING)
def test_promises_are_kept_and_broken_alike(told, kind):
    figures = "ticket_id, metric, target_minutes, state, date_diff('minute', applied_at, breached_at)"
    found = of(told, kind, f"select source, {figures} from sla_clock")
    assert sorted((ticket, PROMISES[metric], *rest) for ticket, metric, *rest in found) == [
        ("701", "first reply", 30, "achieved", None),
        ("701", "resolution", 160, "breached", 160),
        ("702", "first reply", 30, "breached", 30),
        ("702", "resolution", 120, "achieved", None),
    ]


@pytest.mark.parametrize("kind", PROMISING)
def test_the_account_that_asked_has_the_same_figures(told, kind):
    accounts = dict(rows(told, "select distinct source, account_id from ticket_account"))
    assert len({accounts[kind] for kind in PROMISING}) == len(PROMISING), "a company each, none of them nobody"
    (row,) = [one for one in ask(told, "support_by_account") if one["account_id"] == accounts[kind]]
    told_of = ("tickets", "first_reply_n", "first_reply_median", "solved", "resolution_median", "reopened", "backlog")
    assert [row[name] for name in told_of] == [3, 2, 32.5, 2, 135.0, 1, 1]
    assert [row[name] for name in ("sla_achieved", "sla_breached", "sla_running")] == [2, 2, 0]
