"""Stages counted a second time: a loop in plain Python over what each account did, by the words of DESIGN, not by the marts' SQL."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from data_sources.program import DEFAULT_STAGES

DAY = timedelta(days=1)
LADDERS = {tier: DEFAULT_STAGES[tier] for tier in ("open", "partner")}


@dataclass
class Calls:
    """One day of an account: when it began and ended, when it first succeeded (None: never), and on which routes."""

    first: datetime
    last: datetime
    first_ok: datetime | None
    routes: tuple[str, ...] = ()
    production: bool = False


@dataclass
class Life:
    """Everything that one account did. `portal` holds (kind, moment), `steps` (name, begun, done), `bills` (moment, total)."""

    tier: str
    signed_up: datetime
    key_created: datetime
    sandbox: bool
    days: list[Calls] = field(default_factory=list)
    portal: list[tuple[str, datetime]] = field(default_factory=list)
    sales_tickets: list[datetime] = field(default_factory=list)
    contract_created: datetime | None = None
    contract_signed: datetime | None = None
    steps: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)
    bills: list[tuple[datetime, int]] = field(default_factory=list)


def moments(life: Life) -> dict[str, list[datetime]]:
    """Per stage every moment that could date it."""
    found: dict[str, list[datetime]] = {stage: [] for ladder in LADDERS.values() for stage in ladder}
    found["signed_up"].append(life.signed_up)
    found["credential_issued"].append(life.key_created)
    for day in life.days:
        for stage in ("credential_issued", "first_call"):
            found[stage] += [day.first, day.last]
    for kind, moment in life.portal:
        stage = {"key_issued": "credential_issued", "agreement_signed": "agreement", "certified": "certified"}.get(kind)
        found[stage or "commercial_contact"].append(moment)
    _successes(life, found)
    _commercial(life, found)
    return found


def _successes(life: Life, found: dict[str, list[datetime]]) -> None:
    good = [day for day in life.days if day.first_ok]
    for number, day in enumerate(good):
        found["first_success"].append(day.first_ok)
        if number >= 2 and (day.first_ok.date() - good[number - 2].first_ok.date()).days < 14:
            found["integrated"].append(day.first_ok)
        if day.production and life.sandbox:
            found["in_production"].append(day.first_ok)
        if len({route for before in good[: number + 1] for route in before.routes}) >= 3:
            found["integrated"].append(day.first_ok)
    weeks: dict[date, datetime] = {}
    for day in good:
        monday = day.first_ok.date() - day.first_ok.weekday() * DAY
        weeks.setdefault(monday, day.first_ok)
    for monday, moment in weeks.items():
        if all(monday - back * 7 * DAY in weeks for back in (1, 2, 3)):
            found["in_production"].append(moment)


def _commercial(life: Life, found: dict[str, list[datetime]]) -> None:
    found["commercial_contact"] += life.sales_tickets
    if life.contract_created:
        found["commercial_contact"].append(life.contract_created)
    for name, begun, done in life.steps:
        found["procurement"].append(begun)
        if done and name == "certification":
            found["certified"].append(done)
    if life.contract_signed:
        for stage in ("procurement", "contracted", "agreement"):
            found[stage].append(life.contract_signed)
    shares = life.tier == "partner" and life.contract_created
    for moment, total in life.bills:
        for stage in ("commercial_contact", "procurement", "contracted", "paying"):
            found[stage].append(moment)
        if total >= 1.25 * life.bills[0][1]:
            found["expanded"].append(moment)
        if shares:
            found["revenue_share"].append(moment)


def walk(life: Life, as_of: datetime) -> list[tuple[str, datetime]]:
    """The stages reached, in order: each at its first moment on or after the stage before."""
    reached: list[tuple[str, datetime]] = []
    found, before = moments(life), datetime.min
    for stage in LADDERS[life.tier]:
        later = [moment for moment in found[stage] if before <= moment <= as_of]
        if not later:
            break
        before = min(later)
        reached.append((stage, before))
    return reached


def silent_since(life: Life, as_of: datetime) -> list[datetime]:
    """When production lapsed: the days sixty after a last success, where none came by then."""
    good = [day.first_ok.date() for day in life.days if day.first_ok and day.first_ok <= as_of]
    ends = [*good[1:], as_of.date()]
    return [
        datetime.combine(day + 60 * DAY, datetime.min.time())
        for day, after in zip(good, ends, strict=True)
        if day + 60 * DAY < after
    ]


def standing(life: Life, as_of: datetime) -> tuple[str | None, datetime | None]:
    """The stage where it stands, and since when it has gone back (production only); None where it did not."""
    reached = walk(life, as_of)
    if not reached:
        return None, None
    stage, since = reached[-1]
    if stage != "in_production":
        return stage, None
    back: datetime | None = None
    for lapsed in silent_since(life, as_of):
        if lapsed <= since or back:
            continue
        again = [moment for moment in moments(life)["in_production"] if lapsed <= moment <= as_of]
        back = None if again else lapsed
    return (reached[-2][0], back) if back else (stage, None)
