"""What followed a contact, against a loop over every contact and every stall beside it in plain Python."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources import stall_reasons
from data_sources.judgements import AccountMove
from sql import load, models
from tests.sql.marts.test_onboarding import joined
from tests.sql.marts.world import AS_OF, World, ask

WINDOW = timedelta(days=30)
BEGIN = AS_OF - timedelta(days=120)
REASONS = ("auth_refused", "key_no_call", None)
FEWEST = 30


@dataclass
class Spell:
    """One stall, and when somebody was contacted in its stage."""

    account: str
    tier: str
    reason: str | None
    since: datetime
    stalled: datetime
    moved: datetime | None
    contacts: list[datetime] = field(default_factory=list)

    @property
    def contacted(self) -> datetime | None:
        """The first contact while it stood there."""
        inside = [at for at in self.contacts if at >= self.since and (self.moved is None or at < self.moved)]
        return min(inside, default=None)

    def moved_within(self, start: datetime) -> bool:
        """Whether it moved on within thirty days after a moment at which it still stood."""
        return self.moved is not None and start < self.moved <= start + WINDOW


def comparable(contact: Spell, other: Spell) -> datetime | None:
    """The moment of another stall that lies as long after its beginning as the contact did; None where it cannot be compared."""
    lag = contact.contacted - contact.stalled
    then = other.stalled + lag
    alike = contact.reason is not None and (other.tier, other.reason) == (contact.tier, contact.reason)
    stands = other.moved is None or other.moved > then
    alone = other.contacted is None or other.contacted > then
    return then if alike and stands and alone and then + WINDOW <= AS_OF else None


def oracle(spells: list[Spell], tier: str | None = None) -> dict[str | None, dict]:
    """What the metric must say, by reason."""
    found: dict[str | None, dict] = {}
    contacts = [one for one in spells if one.contacted and one.contacted >= one.stalled and tier in (None, one.tier)]
    for reason in {one.reason for one in contacts}:
        mine = [one for one in contacts if one.reason == reason]
        mature = [one for one in mine if one.contacted + WINDOW <= AS_OF]
        moved = [one for one in mature if one.moved_within(one.contacted)]
        matched, shares, used = [], [], set()
        for one in mature:
            beside = {n: then for n, other in enumerate(spells) if (then := comparable(one, other))}
            used |= set(beside)
            if beside:
                matched.append(one)
                shares.append(sum(spells[n].moved_within(then) for n, then in beside.items()) / len(beside))
        share = sum(one.moved_within(one.contacted) for one in matched) / len(matched) if matched else None
        expected = sum(shares) / len(shares) if shares else None
        found[reason] = {
            "contacted": len(mine),
            "in_progress": len(mine) - len(mature),
            "mature": len(mature),
            "moved": len(moved),
            "moved_share": len(moved) / len(mature) if mature else None,
            "matched": len(matched),
            "matched_share": share,
            "compared": len(used),
            "compared_share": expected,
            "difference": share - expected if matched and min(len(matched), len(used)) >= FEWEST else None,
        }
    return found


TIMES = pa.timestamp("us")
SPELLS = pa.schema(
    [
        ("account_id", pa.string()),
        ("tier", pa.string()),
        ("stage", pa.string()),
        ("since", TIMES),
        ("stalled_at", TIMES),
        ("moved_at", TIMES),
        ("reason", pa.string()),
    ]
)
MOVES = pa.schema([("account_id", pa.string()), ("contacted_at", TIMES)])


@cache
def statements() -> list[str]:
    """What makes the marts that the metric reads."""
    known = {model.name: model for model in models.find()}
    return [models.statement(known[name]) for name in ("reason", "spell_exposure", "contact_outcome")]


def answered(spells: list[Spell], tier: str | None = None) -> dict[str | None, dict]:
    """What the metric says over these stalls and contacts."""
    rows = [[one.account, one.tier, "any", one.since, one.stalled, one.moved, one.reason] for one in spells]
    contacts = list(dict.fromkeys((one.account, at) for one in spells for at in one.contacts))
    with duckdb.connect() as con:
        con.execute("create table snapshot_info as select cast(? as timestamp) as as_of", [AS_OF])
        for table, schema, values in (("stall_spell", SPELLS, rows), ("account_move", MOVES, contacts)):
            con.register(
                table, pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in values], schema)
            )
        load.stall_reasons(con, stall_reasons.RULES.usual())
        for statement in statements():
            con.execute(statement)
        found = ask(con, "move_outcomes", tier=tier)
    return {row.pop("reason"): {k: v for k, v in row.items() if k != "reason_label"} for row in found}


# coarse, so that many things happen exactly thirty days apart, or a microsecond more
lags = st.builds(
    lambda tens, more: timedelta(days=tens * 10, microseconds=more), st.integers(0, 12), st.sampled_from([0, 0, 1])
)


@st.composite
def stalls(draw) -> list[Spell]:
    """Up to twelve accounts with one or two stalls in a row; sometimes each of them many times over."""
    spells: list[Spell] = []
    times = draw(st.sampled_from([1, 1, 35]))
    for n in range(draw(st.integers(1, 12 if times == 1 else 4))):
        tier = draw(st.sampled_from(["open", "partner"]))
        begin = BEGIN + draw(lags)
        one = []
        for _ in range(draw(st.integers(1, 2))):
            since = begin
            stalled = since + draw(st.sampled_from([timedelta(0), timedelta(days=10)]))
            moved = draw(st.none() | lags.map(lambda lag, from_=stalled: from_ + lag))
            moved = moved if moved and stalled < moved <= AS_OF else None
            if stalled >= AS_OF:
                break
            one.append((since, stalled, moved, draw(st.sampled_from(REASONS)), draw(st.lists(lags, max_size=2))))
            if moved is None:
                break
            begin = moved
        for copy in range(times):
            for since, stalled, moved, reason, waits in one:
                contacts = [since + wait for wait in waits]
                spells.append(Spell(f"a{n}_{copy}", tier, reason, since, stalled, moved, contacts))
    # a contact is a fact of its account: it may also lie in the account's other stall
    for spell in spells:
        spell.contacts = sorted({at for other in spells if other.account == spell.account for at in other.contacts})
    return spells


@settings(max_examples=50, deadline=None)
@given(stalls(), st.sampled_from([None, "open"]))
def test_the_metric_says_what_a_loop_over_all_pairs_says(spells, tier):
    expected = oracle(spells, tier)
    found = answered(spells, tier)
    assert set(found) == set(expected)
    for reason, row in expected.items():
        assert found[reason] == pytest.approx(row), reason


def spell(account: str, days: float | None, contact: float | None = None, reason: str = "key_no_call") -> Spell:
    """A stall since 1 April that moved on after so many days, contacted after so many."""
    stalled = datetime(2026, 4, 1)
    moved = stalled + timedelta(days=days) if days is not None else None
    contacts = [stalled + timedelta(days=contact)] if contact is not None else []
    return Spell(account, "open", reason, stalled - timedelta(days=5), stalled, moved, contacts)


def test_who_had_moved_before_anybody_could_write_is_compared_with_nobody():
    """Of four others one moved on the second day: a contact on the tenth is compared with the three that still stood."""
    others = [spell("quick", 2), spell("soon", 20), spell("late", 41), spell("never", None)]
    (row,) = answered([spell("ours", 15, contact=10), *others]).values()
    assert (row["mature"], row["moved"], row["compared"]) == (1, 1, 3)
    assert row["compared_share"] == pytest.approx(1 / 3), "one within the thirty days after the tenth"
    assert row["difference"] is None, "of one and three nothing is said"


def test_the_difference_shows_from_thirty_on():
    ours = [spell(f"o{n}", 20 if n % 2 else None, contact=10) for n in range(30)]
    others = [spell(f"c{n}", 20 if n % 4 == 0 else None) for n in range(40)]
    (row,) = answered([*ours, *others]).values()
    assert (row["moved_share"], row["compared_share"], row["difference"]) == pytest.approx((0.5, 0.25, 0.25))
    assert answered([*ours[1:], *others])["key_no_call"]["difference"] is None
    assert answered([*ours, *others[:29]])["key_no_call"]["difference"] is None


def test_from_the_page_to_the_figure(tmp_path):
    """An account stalls on 31 January, is contacted in March, and calls in April."""
    world = World(tmp_path)
    account = joined(world, "ann", datetime(2026, 1, 1))
    world.calls(datetime(2026, 4, 1).date(), client_errors=1, application_ref="app_ann")
    when = datetime(2026, 3, 10)
    for n, undone in enumerate((None, AS_OF)):
        at = when - timedelta(days=n)
        world.judgements.append(
            AccountMove(
                account_id=account,
                stage="credential_issued",
                stall_reason="key_no_call",
                status="contacted",
                contacted_at=at,
                author="me",
                decided_at=at,
                undone_at=undone,
            )
        )
    con = world.build()
    (row,) = ask(con, "move_outcomes")
    assert (row["contacted"], row["mature"], row["moved"], row["moved_share"]) == (1, 1, 1, 1)
    assert ask(con, "move_outcomes", tier="partner") == []
    assert con.execute("select contacted_at from contact_outcome").fetchall() == [(when,)], "what was undone is none"
