"""Freshdesk in small: bare lists that `Link` leads on, 30 days without a date, a last page, a bin and spam listed apart."""

from urllib.parse import urlencode

from data_sources.http import basic
from data_sources.records import SupportGroup, SupportOrganization, SupportUser, Ticket, TicketEvent
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BLOCKED = 307
NONE = {"resolved_at": None, "closed_at": None, "reopened_at": None, "pending_since": None, "first_responded_at": None}


def at(minute: int) -> str:
    return f"2026-01-05T{10 + minute // 60}:{minute % 60:02}:00Z"


class Vendor(FakeVendor):
    kind = "freshdesk"
    page = 3
    deepest = 300
    streams = ("key", "companies", "groups", "agents", "contacts", "tickets", "deleted", "spam")

    def fill(self) -> None:
        self.url = ""
        self.lists = {
            "companies": [{"id": 500 + n, "name": f"Acme {n}", "domains": [f"acme{n}.example"], "created_at": "2026-01-01T05:30:00+05:30"} for n in range(1, 5)],
            "groups": [{"id": 41, "name": "Engineering", "created_at": at(0)}],
            "agents": [{"id": 21, "contact": {"name": "Ag Ent", "email": "a@harbor.example"}, "created_at": at(0)}],
            "contacts": [self.contact(n) for n in (303, 301, 305, 302, 304, 306, 308)],
            "tickets": [self.ticket(n) for n in range(1, 9)],
        }  # fmt: skip
        self.said = {str(n): [self.turn(n, k) for k in range(4)] for n in range(1, 9)}

    def contact(self, n: int) -> dict:
        return {
            "id": n, "name": f"P {n}", "email": f"p{n}@acme.example", "active": True, "company_id": n % 4 + 501,
            "unique_external_id": f"dev-{n}", "created_at": at(0), "updated_at": at(n - 300),
        }  # fmt: skip

    def ticket(self, n: int) -> dict:
        return {
            "id": n, "subject": f"429 on quotes {n}", "status": 2, "priority": 2, "source": 1, "type": "Question",
            "requester_id": 300 + n, "responder_id": 21, "group_id": 41, "company_id": 501, "tags": ["limits"],
            "requester": {"id": 300 + n, "name": f"P {n}", "email": f"p{300 + n}@acme.example"},
            "stats": NONE, "created_at": at(n), "updated_at": at(n + 30),
        }  # fmt: skip

    def turn(self, n: int, k: int) -> dict:
        """A customer's reply, a note, a reply, a forwarded mail."""
        return {
            "id": n * 10 + k,
            "user_id": 300 + n if k == 0 else 21,
            "incoming": k == 0,
            "private": k == 1,
            "source": (0, 2, 0, 8)[k],
            "created_at": at(n + k),
        }

    def settings(self, url: str) -> dict:
        self.url = url
        return {"kind": "freshdesk", "url": url, "key": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == basic(TOKEN, "X")

    def answer(self, path: str, query: dict) -> object:
        name, page = path.removeprefix("/api/v2/"), int(query.get("page", 1))
        if name == "agents/me":
            return {"id": 21, "contact": {"name": "Ag Ent"}}
        chosen = self.chosen(name, query)
        if chosen is None or (name == "tickets" and page > self.deepest):
            return None
        return chosen[(page - 1) * self.page : page * self.page]

    def headers(self, path: str, query: dict) -> dict:
        name, page = path.removeprefix("/api/v2/"), int(query.get("page", 1))
        if page * self.page >= len(self.chosen(name, query) or ()):
            return {}
        return {"Link": f'<{self.url}{path}?{urlencode(query | {"page": page + 1})}>; rel="next"'}

    def chosen(self, name: str, query: dict) -> list | None:
        if name.endswith("/conversations"):
            return self.said.get(name.split("/")[1])
        items = self.lists.get(name)
        if name == "contacts":
            is_deleted = query.get("state") == "deleted"
            items = [one for one in items if bool(one.get("deleted")) is is_deleted]
            return [one for one in items if one["updated_at"] >= query.get("_updated_since", "")]
        if name != "tickets":
            return items
        wanted = query.get("filter")
        items = [
            one for one in items if one.get("bin") == wanted and one["updated_at"] >= query.get("updated_since", "9")
        ]
        included = query.get("include", "").split(",")
        items = [{k: v for k, v in one.items() if k not in ("stats", "requester") or k in included} for one in items]
        by, is_rising = query.get("order_by", "created_at"), query.get("order_type") == "asc"
        return sorted(items, key=lambda one: str(one[by]), reverse=not is_rising)

    def ids(self) -> dict:
        return {
            SupportOrganization: {str(500 + n) for n in range(1, 5)},
            SupportGroup: {"41"},
            SupportUser: {"21"} | {str(300 + n) for n in range(1, 9)},
            Ticket: {str(n) for n in range(1, 9)},
            TicketEvent: {f"conversation-{n * 10 + k}" for n in range(1, 9) for k in range(4)}
            | {f"status-{n}-open-{at(n)}" for n in range(1, 9)},
        }

    def change(self):
        self.lists["tickets"][5] |= {"status": 4, "updated_at": at(80), "stats": NONE | {"resolved_at": at(80)}}
        return Ticket, "6", "status", "solved"

    def remove(self):
        self.lists["tickets"][6] |= {"bin": "deleted", "updated_at": at(80)}
        return Ticket, "7", lambda row: row.status == "deleted" and row.requester_id == "307"

    def spoil(self, how: str) -> str:
        item = self.lists["tickets"][3]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "4"
