"""Jira Service Management in small: a search by page tokens that cuts comments short, and organizations by start."""

from data_sources.http import basic
from data_sources.records import SupportOrganization, SupportUser, Ticket, TicketEvent
from tests.data_sources.vendors.server import TOKEN, FakeVendor

STATUSES = [("1", "To do", "new"), ("2", "Waiting for customer", "indeterminate"), ("3", "Resolved", "done")]


def at(minute: int) -> str:
    return f"2026-01-05T10:{minute:02}:00.000+0100"


class Vendor(FakeVendor):
    kind = "jira"
    page = 3
    streams = ("statuses", "organizations", "issues")

    def fill(self) -> None:
        self.statuses = [{"id": i, "name": n, "statusCategory": {"key": key}} for i, n, key in STATUSES]
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
            },
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "jira", "url": url, "email": "a@acme.example", "token": "secret:vendor", "project": "SUP"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == basic("a@acme.example", TOKEN)

    def answer(self, path: str, query: dict) -> object:
        if path == "/rest/api/3/status":
            return self.statuses
        if path == "/rest/servicedeskapi/organization":
            start = int(query["start"])
            held = self.lists["organizations"]
            return {
                "start": start,
                "values": held[start : start + self.page],
                "isLastPage": start + self.page >= len(held),
            }
        if path == "/rest/api/3/search/jql":
            start = int(query.get("nextPageToken", "t0")[1:])
            held, end = self.lists["issues"], start + self.page
            sent = [self.shown(one) for one in held[start:end]]
            return {"issues": sent} | ({"nextPageToken": f"t{end}"} if end < len(held) else {"isLast": True})
        if path.endswith("/comment"):
            said = next(one for one in self.lists["issues"] if one.get("id") == path.split("/")[-2])["fields"][
                "comment"
            ]
            start = int(query["startAt"])
            return said | {"startAt": start, "comments": said["comments"][start : start + 2]}
        return None

    def shown(self, issue: dict) -> dict:
        """The comments of one issue are cut short."""
        if issue.get("id") != "501":
            return issue
        said = issue["fields"]["comment"]
        return issue | {"fields": issue["fields"] | {"comment": said | {"comments": said["comments"][:1]}}}

    def ids(self) -> dict:
        events = {f"comment-{n}{k}" for n in range(8) for k in (1, 2, 3)} | {f"status-{n}4" for n in range(8)}
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
