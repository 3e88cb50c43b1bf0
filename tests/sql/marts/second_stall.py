"""Why accounts stall, counted a second time: a loop over each account's own days, visits, tickets and steps, in plain Python.

Stages and thresholds are taken as they were found; moments, facts, reasons and spells are worked out from what happened.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

WINDOW = timedelta(days=14)
FOREVER = datetime(9999, 12, 31)


@dataclass
class Day:
    """Calls of one day by how they were answered; `failures` are (kind of path, method, status, refusal, calls)."""

    day: date
    first_at: datetime
    ok: int = 0
    first_ok_at: datetime | None = None
    failures: list[tuple] = field(default_factory=list)


@dataclass
class Ticket:
    """A ticket with its history of (moment, status), the moments of a broken and a kept promise, and the customer's words."""

    id: str
    created: datetime
    subject: str
    history: list[tuple[datetime, str]]
    breached: datetime | None = None
    kept: datetime | None = None
    words: list[datetime] = field(default_factory=list)


@dataclass
class Story:
    """All that happened to one account. `steps` are (step, waiting_for, started, done); `plan` is its application's."""

    name: str
    joined: datetime
    key_at: datetime
    plan: str | None
    days: list[Day] = field(default_factory=list)
    visits: list[tuple[str, datetime]] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    steps: list[tuple] = field(default_factory=list)
    drafted: datetime | None = None


def moments(
    stages: list[tuple], lapses: list[tuple], standing: str, next_of: dict, thresholds: dict, as_of: datetime
) -> list[tuple]:
    """(stage, next stage, since, moment, is now, moved at) of one account, from its (stage, reached at) in order.

    `lapses` are (from, to, since, until when or None), `standing` is where it stands: the last stage, or one before it where
    it has gone back.
    """
    found = []
    reached = dict(stages)
    stands = []
    for place, (stage, since) in enumerate(stages):
        moved = stages[place + 1][1] if place + 1 < len(stages) else None
        if moved or standing == stage:
            stands.append((stage, next_of.get(stage), since, since, moved))
    for lost, to, since, returned in lapses:
        after = next((at for stage, at in stages if next_of.get(lost) == stage), None)
        ends = [at for at in (returned, after) if at]
        stands.append((to, lost, since, reached[lost], min(ends, default=None)))
    if next_of.get(standing):
        found.append((standing, next_of[standing], stages[-1][1], as_of, True, None))
    for stage, following, since, counted_from, moved in stands:
        stalled = max(since, counted_from + timedelta(days=thresholds[stage]))
        if following and stage not in ("paying", "revenue_share") and stalled < (moved or as_of):
            found.append((stage, following, since, stalled, False, moved))
    return found


class Known:
    """Which paths lead somewhere: (route, method, segments) that anybody was answered under, and who failed with 404 where."""

    def __init__(self, answered: set[tuple], tried: dict[tuple, set[str]]) -> None:
        self.answered, self.tried = answered, tried

    def is_path(self, route: str, has_route: bool, method: str, depth: int) -> bool:
        """Whether a 404 there means that a thing is missing, and not that the path is wrong."""
        if (route, method, depth) in self.answered:
            return True
        if not has_route or any((r, m) == (route, method) for r, m, _ in self.answered):
            return False
        return len(self.tried.get((route, method), ())) < 3


def kind_of(failure: tuple, known: Known) -> str | None:
    """The kind of a failure (route, has_route, path, method, status, refusal, calls)."""
    route, has_route, path, method, status, refusal, _ = failure
    if refusal == "auth":
        return "auth"
    if refusal in ("quota", "rate_limit"):
        return "quota"
    if status in (405, 501):
        return "unmatched"
    if status == 404 or refusal == "no_route":
        return "not_found" if known.is_path(route, has_route, method, path.count("/")) else "unmatched"
    if refusal == "validation":
        return "invalid"
    return "error" if status is not None and 500 <= status < 600 else None


def facts(story: Story, moment: datetime, since: datetime, known: Known, plans: list[tuple]) -> dict[str, Any]:
    """What is known of an account at a moment; the names are those of FACTS."""
    signs = [at for _, at in story.visits] + [at for t in story.tickets for at in (t.created, *t.words)]
    signs = [at.date() for at in signs if at <= moment]
    days = [day for day in story.days if day.first_at <= moment]
    signs += [day.day for day in days]
    seen = max(signs) if signs else None
    found: dict[str, Any] = {"last_seen": seen or since.date()}
    inside = [day for day in days if seen and seen - WINDOW < day.day <= seen]
    _calls(found, inside, moment, known)
    had_ok = [day for day in days if day.first_ok_at and day.first_ok_at <= moment]
    last_call = max((day.day for day in days), default=None)
    found |= {
        "calls_ever": sum(day.ok for day in had_ok) + sum(one[-1] for day in days for one in day.failures),
        "ok_ever": sum(day.ok for day in had_ok),
        "last_call_on": last_call,
        "last_ok_on": max((day.day for day in had_ok), default=None),
        "silent_days": (moment.date() - (last_call or since.date())).days,
        "stage_days": (moment.date() - since.date()).days,
    }
    read = [kind for kind, at in story.visits if seen and seen - WINDOW < at.date() and at <= moment]
    has_key = story.key_at <= moment
    found |= {
        "docs_read": sum(kind in ("docs_read", "docs") for kind in read),
        "pricing_read": sum(kind.startswith("pricing") for kind in read),
        "credentials": int(has_key),
        "key_on": story.key_at.date() if has_key else None,
        "key_days": (moment.date() - story.key_at.date()).days if has_key else None,
        "contacts": sum(t.created <= moment and t.subject.startswith("Price") for t in story.tickets)
        + sum(kind.startswith("contact") and at <= moment for kind, at in story.visits)
        + bool(story.drafted and story.drafted <= moment),
    }
    _tickets(found, story.tickets, moment)
    _steps(found, story.steps, moment)
    _plans(found, story.plan if has_key else None, plans)
    return found


def _calls(found: dict, inside: list[Day], moment: datetime, known: Known) -> None:
    failures = [one for day in inside for one in day.failures]
    ok = sum(day.ok for day in inside if day.first_ok_at and day.first_ok_at <= moment)
    calls = ok + sum(one[-1] for one in failures)
    of_kind: dict[str, dict[tuple, list]] = {}
    for one in failures:
        route, has_route, path, method, status, _, count = one
        shown = f"{method} {route if has_route else path}"
        groups = of_kind.setdefault(kind_of(one, known) or "", {})
        group = groups.setdefault((shown, status), [0, path])
        groups[shown, status] = [group[0] + count, min(group[1], path)]

    def refused(*names: str) -> int:
        return sum(one[-1] for one in failures if one[5] in names)

    def status(low: int, high: int) -> int:
        return sum(one[-1] for one in failures if low <= one[4] < high)

    things_without_route = sum(
        one[-1] for one in failures if one[5] == "no_route" and kind_of(one, known) in ("not_found", "unmatched")
        and known.is_path(one[0], one[1], one[3], one[2].count("/"))
    )  # fmt: skip
    unmatched = sum(count for count, _ in of_kind.get("unmatched", {}).values())
    found |= {
        "calls": calls,
        "ok": ok,
        "client_errors": status(400, 500),
        "server_errors": max(0, status(500, 600) - status(501, 502)),
        "refused_auth": refused("auth"),
        "refused_quota": refused("quota", "rate_limit"),
        "refused_validation": refused("validation"),
        "unmatched": max(refused("no_route") - things_without_route, unmatched),
        "not_found": sum(count for count, _ in of_kind.get("not_found", {}).values()),
    }
    shares = {"ok": "ok", "auth": "refused_auth", "quota": "refused_quota", "error": "server_errors"}
    shares |= {"unmatched": "unmatched", "not_found": "not_found", "invalid": "refused_validation"}
    for share, fact in shares.items():
        found[f"{share}_share"] = found[fact] / calls if calls else None
    for kind in ("auth", "quota", "error", "unmatched", "not_found", "invalid"):
        groups = of_kind.get(kind)
        (route, code), (count, path) = (
            max(groups.items(), key=lambda item: (item[1][0], *item[0])) if groups else ((None, None), (None, None))
        )
        found |= {f"{kind}_route": route, f"{kind}_status": code, f"{kind}_route_calls": count, f"{kind}_path": path}


def _open_at(ticket: Ticket, moment: datetime) -> bool:
    """Whether a ticket was not solved at a moment: by its history, but from its last change on by what it is today."""
    if moment < ticket.created:
        return False
    changes = [status for at, status in ticket.history if at <= moment]
    return changes[-1] not in ("solved", "closed") if changes else True


def _tickets(found: dict, tickets: list[Ticket], moment: datetime) -> None:
    standing = sorted((t for t in tickets if _open_at(t, moment)), key=lambda t: (t.created, len(t.id), t.id))
    late = [t for t in standing if t.breached and t.breached <= moment]
    for name, chosen in (("ticket", standing), ("late_ticket", late)):
        first = chosen[0] if chosen else None
        found |= {
            f"{name}_id": first and first.id,
            f"{name}_subject": first and first.subject,
            f"{name}_on": first and first.created.date(),
            f"{name}_days": first and (moment.date() - first.created.date()).days,
        }
    found |= {"open_tickets": len(standing), "late_tickets": len(late)}
    found["ticket_topic"] = "pricing" if standing and standing[0].subject.startswith("Price") else None
    end = min(late[0].kept or moment, moment) if late else None
    found["late_by"] = (end - late[0].breached) // timedelta(minutes=1) if late else None
    found["late_word"] = ("came" if late[0].kept and late[0].kept <= moment else "is") if late else None


KINDS_OF_STEP = {
    "security_review": "security",
    "legal": "legal",
    "decision maker": "decision",
    "purchase_order": "procurement",
}


def _steps(found: dict, steps: list[tuple], moment: datetime) -> None:
    for kind in ("security", "legal", "decision", "procurement"):
        mine = [
            (started, step, whom)
            for step, whom, started, done in steps
            if started <= moment < (done or FOREVER)
            and kind == (KINDS_OF_STEP.get(whom) or KINDS_OF_STEP.get(step) or "procurement")
        ]
        started, step, whom = min(mine, key=lambda one: (one[0], one[1], one[2] or "")) if mine else (None, None, None)
        found |= {
            f"{kind}_step": step and step.replace("_", " "),
            f"{kind}_whom": whom,
            f"{kind}_since": started and started.date(),
            f"{kind}_days": started and (moment.date() - started.date()).days,
        }


def _plans(found: dict, plan: str | None, plans: list[tuple]) -> None:
    names = [name for name, _, _ in plans]
    above = None
    if plan in names:
        above = next(((n, price) for n, by_self, price in plans[names.index(plan) + 1 :] if by_self), None)
    found |= {
        "plan": plan if plan in names else None,
        "plan_above": above and above[0],
        "plan_above_price": above and above[1],
        "has_plan_above": above is not None,
        "no_plan_above": plan in names and above is None,
    }


def reasons(f: dict[str, Any]) -> list[str]:
    """The usual reasons that hold, in order."""

    def fails(count: str, share: str, least: float) -> bool:
        part = f[share] or 0
        return (f[count] >= 3 and part >= least) or (f["ok_ever"] == 0 and part > 0.5)

    over_quota = f["refused_quota"] >= 3 and (f["quota_share"] or 0) >= 0.05
    holds = {
        "auth_refused": fails("refused_auth", "auth_share", 0.2),
        "quota_refused_no_way_up": over_quota and f["no_plan_above"],
        "quota_refused": over_quota and not f["no_plan_above"],
        "our_errors": fails("server_errors", "error_share", 0.1),
        "wrong_path": fails("unmatched", "unmatched_share", 0.15),
        "not_found": fails("not_found", "not_found_share", 0.4),
        "invalid_requests": fails("refused_validation", "invalid_share", 0.15),
        "breached_ticket": f["late_tickets"] > 0,
        "open_ticket": f["open_tickets"] > 0 and f["late_tickets"] == 0,
        "waiting_security": f["security_days"] is not None,
        "waiting_legal": f["legal_days"] is not None,
        "waiting_decision_maker": f["decision_days"] is not None,
        "waiting_procurement": f["procurement_days"] is not None,
        "docs_no_key": f["credentials"] == 0 and f["docs_read"] >= 3,
        "key_no_call": f["credentials"] > 0 and f["calls_ever"] == 0,
        "pricing_no_contact": f["pricing_read"] > 0 and f["ok_ever"] > 0 and f["contacts"] == 0,
        "succeeded_silent": f["ok_ever"] > 0 and f["silent_days"] >= 7,
        "no_next_step": f["ok"] > 0 and f["silent_days"] < 7,
        "no_activity": True,
    }
    return [name for name, held in holds.items() if held]
