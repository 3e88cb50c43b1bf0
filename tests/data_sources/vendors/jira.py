"""Jira Service Management in small: a search by page tokens that cuts comments short, organizations and members by start."""

from datetime import datetime

from data_sources.http import basic
from data_sources.records import SupportOrganization, SupportUser, Ticket, TicketEvent
from tests.data_sources.vendors.server import TOKEN, FakeVendor

STATUSES = [("1", "To do", "new"), ("2", "Waiting for customer", "indeterminate"), ("3", "Resolved", "done")]
SLA = "com.atlassian.servicedesk:sd-sla-field"
FIELDS = [
    ("summary", "Summary", None),
    ("customfield_10010", "Organizations", "com.atlassian.servicedesk:sd-customer-organizations"),
    ("customfield_10030", "Time to first response", SLA),
    ("customfield_10031", "Time to resolution", SLA),
    ("customfield_10040", "Team", "com.atlassian.jira.plugin.system.customfieldtypes:select"),
]


def at(minute: int) -> str:
    return f"2026-01-05T10:{minute:02}:00.000+0100"


def moment(minute: int) -> dict:
    """A time as the service desk's own addresses write one."""
    when = datetime.fromisoformat(at(minute))
    return {"iso8601": when.strftime("%Y-%m-%dT%H:%M:%S%z"), "epochMillis": int(when.timestamp() * 1000)}


def cycle(began: int, goal: int, ended: int | None = None, missed: int | None = None, **more) -> dict:
    """A clock of an SLA in minutes; where it was kept, `breachTime` says when it would not have been."""
    said = {"startTime": moment(began), "breached": missed is not None, "goalDuration": {"millis": goal * 60_000}}
    said["breachTime"] = moment(began + goal if missed is None else missed)
    ending = {"stopTime": moment(ended)} if ended is not None else {"paused": False, "withinCalendarHours": True}
    return said | ending | more


class Vendor(FakeVendor):
    kind = "jira"
    page = 3
    streams = ("statuses", "fields", "organizations", "issues")

    def fill(self) -> None:
        self.deleted: set[str] = set()
        self.statuses = [{"id": i, "name": n, "statusCategory": {"key": key}} for i, n, key in STATUSES]
        self.fields = [{"id": i, "name": n, "schema": {"type": "any", "custom": kind}} for i, n, kind in FIELDS]
        self.members = {str(n): [f"qm:{n}", f"qm:{n + 5}", "qm:4", "agent"] for n in range(5)}
        self.lists = {
            "organizations": [{"id": str(n), "name": f"Acme {n}"} for n in range(5)],
            "issues": [self.issue(n) for n in range(8)],
        }

    def issue(self, n: int) -> dict:
        asker = {"accountId": f"qm:{n}", "accountType": "customer", "emailAddress": f"p{n}@acme.example"}
        agent = {"accountId": "agent", "accountType": "atlassian", "displayName": "Ag Ent"}
        said = [
            {"id": f"{n}1", "author": agent, "jsdPublic": False, "created": at(1)},
            {"id": f"{n}2", "author": agent, "jsdPublic": True, "created": at(2)},
            {"id": f"{n}3", "author": asker, "jsdPublic": True, "created": at(3)},
        ]
        moved = [
            {"id": f"{n}4", "author": agent, "created": at(4), "items": [{"field": "status", "from": "1", "to": "3"}]}
        ]
        return {
            "id": str(500 + n),
            "key": f"SUP-{n}",
            "changelog": {"histories": moved, "total": 1},
            "fields": {
                "summary": f"429 on rates {n}", "status": self.statuses[2], "reporter": asker, "creator": asker,
                "assignee": None, "labels": [], "created": at(0), "updated": at(4),
                "comment": {"comments": said, "total": 3},
                "customfield_10010": [],
                "customfield_10030": {"id": "7", "name": "Time to first response", "completedCycles": [cycle(0, 30, 2)]},
                "customfield_10031": None,
            },
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "jira", "url": url, "email": "a@acme.example", "token": "secret:vendor", "project": "SUP"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == basic("a@acme.example", TOKEN)

    def answer(self, path: str, query: dict) -> object:
        if path == "/rest/api/3/status":
            return self.statuses
        if path == "/rest/api/3/field":
            return self.fields
        if path == "/rest/servicedeskapi/organization":
            start = int(query["start"])
            held = self.lists["organizations"]
            return {
                "start": start,
                "values": held[start : start + self.page],
                "isLastPage": start + self.page >= len(held),
            }
        if path.startswith("/rest/servicedeskapi/organization/"):
            held, start = self.members.get(path.split("/")[-2]), int(query["start"])
            people = [{"accountId": one, "displayName": one} for one in held[start : start + self.page]] if held else []
            last = start + self.page >= len(held or ())
            return None if held is None else {"start": start, "values": people, "isLastPage": last}
        if path == "/rest/api/3/search/jql":
            start = int(query.get("nextPageToken", "t0")[1:])
            held, end = self.lists["issues"], start + self.page
            sent = [self.shown(one, query["fields"].split(",")) for one in held[start:end]]
            return {"issues": sent} | ({"nextPageToken": f"t{end}"} if end < len(held) else {"isLast": True})
        if path.endswith("/changelog"):
            moved = next(one for one in self.lists["issues"] if one.get("id") == path.split("/")[-2])["changelog"]
            start = int(query["startAt"])
            return {
                "startAt": start,
                "values": moved["histories"][start : start + 30],
                "total": len(moved["histories"]),
            }
        if path.endswith("/comment"):
            found = [one for one in self.lists["issues"] if one.get("id") == path.split("/")[-2]]
            if not found or found[0]["id"] in self.deleted:
                return None
            said, start = found[0]["fields"]["comment"], int(query["startAt"])
            return said | {"startAt": start, "comments": said["comments"][start : start + 2]}
        return None

    def shown(self, issue: dict, asked: list[str]) -> dict:
        """Only the fields that were asked for; the comments of one issue are cut short."""
        held = {name: value for name, value in issue["fields"].items() if name in asked}
        if issue.get("id") == "501":
            held["comment"] = held["comment"] | {"comments": held["comment"]["comments"][:1]}
        histories = issue["changelog"]["histories"][:40]
        return issue | {"fields": held, "changelog": {"histories": histories, "total": len(histories)}}

    def ids(self) -> dict:
        events = {f"comment-{n}{k}" for n in range(8) for k in (1, 2, 3)} | {f"status-{n}4" for n in range(8)}
        events |= {f"sla_{kind}-{500 + n}-customfield_10030-1" for kind in ("applied", "fulfilled") for n in range(8)}
        return {
            SupportOrganization: {str(n) for n in range(5)},
            SupportUser: {f"qm:{n}" for n in range(8)},
            Ticket: {str(500 + n) for n in range(8)},
            TicketEvent: events,
        }

    def change(self):
        self.lists["issues"][5]["fields"]["status"] = self.statuses[1]
        return Ticket, "505", "status", "pending"

    def remove(self):
        self.lists["issues"].pop(6)
        return Ticket, "506", lambda row: row.status == "deleted" and row.requester_id == "qm:6"

    def spoil(self, how: str) -> str:
        item = self.lists["issues"][4]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["fields"]["created"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "504"
