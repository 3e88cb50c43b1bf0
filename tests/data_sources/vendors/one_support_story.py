"""One support story in the words of Zendesk, Jira Service Management, Intercom, Freshdesk and GitHub: three tickets of one person
of one company.

`STORY` is what happened, in minutes after a ticket was opened: (minute, what, who). What is a public reply (says), an internal
note (notes), or a status: solves, reopens. Who is agent, person or robot. An SLA's clock is (promise, target, done, missed).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.data_sources.vendors import freshdesk, github, intercom, jira, zendesk

ORGANIZATION, PERSON, AGENT, ROBOT, FIRST_REPLY, RESOLUTION = "31", "41", "51", "61", "first reply", "resolution"


@dataclass(frozen=True)
class Told:
    """A ticket: when it was opened, what happened, and its clocks."""

    number: int
    subject: str
    opened: datetime
    happened: tuple[tuple[float, str, str], ...]
    clocks: tuple[tuple[str, int, int, int | None], ...] = ()

    def at(self, minute: float) -> datetime:
        """A moment of the ticket, in UTC."""
        return self.opened + timedelta(minutes=minute)

    def second(self, minute: float) -> int:
        """The same in epoch seconds."""
        return int(self.at(minute).timestamp())

    @property
    def solved(self) -> bool:
        """Whether it ended solved."""
        return any(what == "solves" for _, what, _ in self.happened)

    @property
    def last(self) -> float:
        """The minute of the last thing that happened."""
        return max((minute for minute, _, _ in self.happened), default=0)


def day(number: int) -> datetime:
    return datetime(2026, 3, number, 9, tzinfo=UTC)


STORY = (
    Told(
        701,
        "429 on rates",
        day(2),
        (
            (1, "says", "robot"),
            (5, "notes", "agent"),
            (20, "says", "agent"),
            (60, "solves", "agent"),
            (120, "reopens", "person"),
            (150, "says", "agent"),
            (180, "solves", "agent"),
        ),
        ((FIRST_REPLY, 30, 20, None), (RESOLUTION, 160, 180, 160)),
    ),
    Told(
        702,
        "A key for the sandbox",
        day(3),
        ((45, "says", "agent"), (90, "solves", "agent")),
        ((FIRST_REPLY, 30, 45, 30), (RESOLUTION, 120, 90, None)),
    ),
    Told(703, "More quota", day(4), ((2, "notes", "agent"),)),
)


def of_zendesk() -> zendesk.Vendor:
    """Updates with child events, and the clocks as metric events."""
    vendor = zendesk.Vendor()
    opened = zendesk.iso(int(day(1).timestamp()))
    common = {"created_at": opened, "_at": int(day(1).timestamp())}
    people = [(PERSON, "end-user", "ann@zendeskann.example", ORGANIZATION), (AGENT, "agent", "ag@house.example", None)]
    vendor.lists = {"tickets": [], "ticket_events": [], "ticket_metric_events": [], "organizations": [
        {"id": int(ORGANIZATION), "name": "Ann of Zendesk", "domain_names": ["zendeskann.example"], "tags": []} | common
    ], "users": [
        {"id": int(number), "name": role, "email": email, "role": role, "organization_id": where, "verified": True,
         "active": True} | common for number, role, email, where in people
    ]}  # fmt: skip
    who = {"agent": AGENT, "person": PERSON, "robot": "-1"}
    for one in STORY:
        ticket, made = one.number, zendesk.iso(one.second(0))
        vendor.lists["tickets"].append(
            {"id": ticket, "subject": one.subject, "status": "solved" if one.solved else "new", "requester_id": int(PERSON),
             "submitter_id": int(PERSON), "organization_id": int(ORGANIZATION), "via": {"channel": "web"}, "tags": [],
             "created_at": made, "updated_at": zendesk.iso(one.second(one.last)), "_at": one.second(one.last)}
        )  # fmt: skip
        said = {"event_type": "Comment", "public": True}
        told = [(0, "person", said), (0, "person", {"event_type": "Create", "status": "new"})]
        before = "new"
        for minute, what, actor in one.happened:
            if what in ("says", "notes"):
                told.append((minute, actor, said | {"public": what == "says"}))
            else:
                becomes = "solved" if what == "solves" else "open"
                told.append((minute, actor, {"event_type": "Change", "status": becomes, "previous_value": before}))
                before = becomes
        for place, (minute, actor, child) in enumerate(told):
            number, at = ticket * 100 + place, one.second(minute)
            child |= {
                "id": number,
                "created_at": zendesk.iso(at),
                "author_id": int(who[actor]),
                "via": {"channel": "web"},
            }
            vendor.lists["ticket_events"].append(
                {"id": number, "ticket_id": ticket, "created_at": zendesk.iso(at), "timestamp": at, "_at": at,
                 "updater_id": int(who[actor]), "child_events": [dict(child)]}
            )  # fmt: skip
        for place, (promise, target, done, missed) in enumerate(one.clocks):
            sla = {"sla": {"target": target, "target_in_seconds": target * 60, "policy": {"id": 1}}}
            for nth, (kind, minute) in enumerate((("apply_sla", 0), ("breach", missed), ("fulfill", done))):
                if minute is not None:
                    metric = {FIRST_REPLY: "reply_time", RESOLUTION: "requester_wait_time"}[promise]
                    vendor.lists["ticket_metric_events"].append(
                        {"id": ticket * 100 + place * 10 + nth, "ticket_id": ticket, "metric": metric, "instance_id": 1,
                         "time": zendesk.iso(one.second(minute)), "type": kind, "_at": one.second(minute)}
                        | (sla if kind == "apply_sla" else {})
                    )  # fmt: skip
    return vendor


def of_jira() -> jira.Vendor:
    """Comments, a changelog, and cycles in custom fields; what a request opens with is no comment."""
    vendor = jira.Vendor()
    vendor.statuses.append({"id": "4", "name": "Waiting for support", "statusCategory": {"key": "indeterminate"}})
    vendor.members = {ORGANIZATION: [PERSON]}
    vendor.lists = {"organizations": [{"id": ORGANIZATION, "name": "Ann of Jira"}], "issues": []}
    people = {
        "agent": {"accountId": AGENT, "accountType": "atlassian"},
        "robot": {"accountId": ROBOT, "accountType": "app"},
    }
    people["person"] = {"accountId": PERSON, "accountType": "customer", "emailAddress": "ann@jiraann.example"}
    fields = {
        FIRST_REPLY: ("customfield_10030", "Time to first response"),
        RESOLUTION: ("customfield_10031", "Time to resolution"),
    }
    for one in STORY:
        said, moved, before = [], [], "1"

        def at(minute: float, one: Told = one) -> str:
            return one.at(minute).strftime("%Y-%m-%dT%H:%M:%S.000+0000")

        for place, (minute, what, actor) in enumerate(one.happened):
            event = {"id": str(one.number * 100 + place), "author": people[actor], "created": at(minute)}
            if what in ("says", "notes"):
                said.append(event | {"jsdPublic": what == "says"})
            else:
                becomes = "3" if what == "solves" else "4"
                moved.append(event | {"items": [{"field": "status", "from": before, "to": becomes}]})
                before = becomes
        held = {
            "summary": one.subject, "status": next(s for s in vendor.statuses if s["id"] == before), "labels": [],
            "reporter": people["person"], "creator": people["person"], "created": at(0), "updated": at(one.last),
            "comment": {"comments": said, "total": len(said)},
        }  # fmt: skip
        for promise, target, done, missed in one.clocks:
            moments = {"startTime": 0, "stopTime": done, "breachTime": target if missed is None else missed}
            cycle = {name: {"epochMillis": one.second(minute) * 1000} for name, minute in moments.items()}
            cycle |= {"breached": missed is not None, "goalDuration": {"millis": target * 60_000}}
            field, name = fields[promise]
            held[field] = {"id": "1", "name": name, "completedCycles": [cycle]}
        changelog = {"histories": moved, "total": len(moved)}
        vendor.lists["issues"].append(
            {"id": str(one.number), "key": f"SUP-{one.number}", "changelog": changelog, "fields": held}
        )
    return vendor


def of_intercom() -> intercom.Vendor:
    """Parts of conversations, with the targets of an SLA in one of them."""
    vendor = intercom.Vendor()
    linked = {"type": "list", "data": [{"type": "company", "id": ORGANIZATION}], "has_more": False}
    people = {"agent": intercom.AGENT, "robot": intercom.ROBOT, "person": {"type": "user", "id": PERSON}}
    vendor.lists = {
        "companies": [{"id": ORGANIZATION, "name": "Ann of Intercom", "website": "https://intercomann.example"}],
        "contacts": [{"id": PERSON, "role": "user", "email": "ann@intercomann.example", "companies": linked,
                      "created_at": int(day(1).timestamp()), "updated_at": int(day(1).timestamp())}],
        "conversations": [],
    }  # fmt: skip
    kinds = {"says": "comment", "notes": "note", "solves": "close", "reopens": "open"}
    names = {FIRST_REPLY: "first_reply_time", RESOLUTION: "resolution_time"}
    for one in STORY:
        told = [(minute, kinds[what], people[actor], {}) for minute, what, actor in one.happened]
        if one.clocks:
            definition = {names[promise]: target * 60 for promise, target, _, _ in one.clocks}
            told.append((0, "conversation_sla_applied_by_rule", people["robot"], {"sla_definition": definition}))
        for promise, _, _, missed in one.clocks:
            if missed is not None:
                details = {"sla_target_type": names[promise]}
                told.append((missed, "conversation_sla_target_missed", people["robot"], details))
        parts = [
            intercom.part(f"{one.number}{n}", minute + (one.second(0) - intercom.BORN) / 60, kind, author, **details)
            for n, (minute, kind, author, details) in enumerate(told)
        ]
        source = {"type": "conversation", "delivered_as": "customer_initiated", "author": people["person"]}
        made = vendor.conversation(0, *parts, title=one.subject, source=source, statistics={}, id=str(one.number))
        made["contacts"]["contacts"][0]["id"] = PERSON
        made |= {
            "created_at": one.second(0),
            "updated_at": one.second(one.last),
            "state": "closed" if one.solved else "open",
        }
        vendor.lists["conversations"].append(made)
    return vendor


def of_freshdesk() -> freshdesk.Vendor:
    """As of_zendesk, at the end; what Freshdesk says at an earlier moment is `freshdesk_at`."""
    vendor = freshdesk.Vendor()
    vendor.page = 100
    vendor.lists = {
        "companies": [{"id": int(ORGANIZATION), "name": "Ann of Freshdesk", "domains": ["freshdeskann.example"]}],
        "groups": [],
        "agents": [{"id": int(AGENT), "contact": {"name": "Ag Ent", "email": "ag@house.example"}}],
        "contacts": [{"id": int(PERSON), "name": "Ann", "email": "ann@freshdeskann.example", "active": True,
                      "company_id": int(ORGANIZATION), "created_at": _iso(day(1)), "updated_at": _iso(day(1))}],
    }  # fmt: skip
    freshdesk_at(vendor, None)
    return vendor


def freshdesk_at(vendor: freshdesk.Vendor, moment: datetime | None) -> None:
    """Let Freshdesk tell the tickets as they are at a moment: of what they were before it only keeps the last time of each."""
    tickets, who = [], {"agent": int(AGENT), "person": int(PERSON), "robot": None}
    for one in STORY:
        happened = [each for each in one.happened if moment is None or one.at(each[0]) <= moment]
        if moment and one.opened > moment:
            continue
        vendor.said[str(one.number)] = [
            {"id": one.number * 100 + place, "user_id": who[actor], "incoming": actor == "person",
             "private": what == "notes", "source": 0, "created_at": _iso(one.at(minute))}
            for place, (minute, what, actor) in enumerate(happened) if what in ("says", "notes")
        ]  # fmt: skip
        last = {what: _iso(one.at(minute)) for minute, what, _ in happened}
        replies = [minute for minute, what, actor in happened if (what, actor) == ("says", "agent")]
        stats = freshdesk.NONE | {"resolved_at": last.get("solves"), "reopened_at": last.get("reopens")}
        stats["first_responded_at"] = _iso(one.at(replies[0])) if replies else None
        is_solved = [what for _, what, _ in happened if what in ("solves", "reopens")][-1:] == ["solves"]
        due = {promise: _iso(one.at(target)) for promise, target, _, _ in one.clocks}
        tickets.append(
            {"id": one.number, "subject": one.subject, "status": 4 if is_solved else 2, "requester_id": int(PERSON),
             "company_id": int(ORGANIZATION), "tags": [], "stats": stats, "fr_due_by": due.get(FIRST_REPLY),
             "due_by": due.get(RESOLUTION), "created_at": _iso(one.opened),
             "updated_at": _iso(one.at(max((minute for minute, *_ in happened), default=0)))}
        )  # fmt: skip
    vendor.lists["tickets"] = tickets


def of_github() -> github.Vendor:
    """Comments and events; what an agent notes for colleagues has no place there, and nobody has an address."""
    vendor = github.Vendor()
    vendor.page = 100
    people = {
        "agent": {"id": int(AGENT), "login": "ag", "type": "User"},
        "person": {"id": int(PERSON), "login": "ann", "type": "User"},
        "robot": {"id": int(ROBOT), "login": "helper", "type": "Bot"},
    }
    vendor.lists = {"issues": [], "issues/comments": [], "issues/events": []}
    for one in STORY:
        issue = {"number": one.number, "id": one.number, "title": one.subject, "repository_url": github.NAMED, "labels": [],
                 "state": "closed" if one.solved else "open", "user": people["person"], "author_association": "NONE",
                 "assignee": None, "created_at": _iso(one.opened), "updated_at": _iso(one.at(one.last))}  # fmt: skip
        vendor.lists["issues"].append(issue)
        for place, (minute, what, actor) in enumerate(one.happened):
            made = {"id": one.number * 100 + place, "created_at": _iso(one.at(minute))}
            if what == "says":
                vendor.lists["issues/comments"].append(
                    made | {"user": people[actor], "author_association": "MEMBER" if actor == "agent" else "NONE",
                            "issue_url": f"https://api.github.com/repos/harbor/api/issues/{one.number}",
                            "html_url": f"https://github.com/harbor/api/issues/{one.number}#issuecomment-{place}",
                            "updated_at": made["created_at"]}
                )  # fmt: skip
            elif what in ("solves", "reopens"):
                event = {"event": "closed" if what == "solves" else "reopened", "actor": people[actor]}
                vendor.lists["issues/events"].append(
                    made | event | {"issue": {key: value for key, value in issue.items() if key != "repository_url"}}
                )
    return vendor


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
