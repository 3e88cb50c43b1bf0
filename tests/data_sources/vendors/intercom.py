"""Intercom in small: lists by `starting_after` or page, searches by seconds or by days, parts only with their conversation."""

from datetime import UTC, datetime

from data_sources.records import SupportGroup, SupportOrganization, SupportUser, Ticket, TicketEvent
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = int(datetime(2026, 1, 5, 10, tzinfo=UTC).timestamp())
TOUCHED = int(datetime(2026, 3, 22, 0, 30, tzinfo=UTC).timestamp())  # between the two runs of a test
DAY = 86_400
KEYS = {"contacts": "data", "conversations": "conversations"}
AGENT = {"type": "admin", "id": "71", "name": "Ag Ent", "email": "agent@us.example"}
ROBOT = {"type": "bot", "id": "79", "name": "Operator"}


def part(number: str, minute: float, kind: str, author: dict, body: str | None = None, **details) -> dict:
    """A part of a conversation, so many minutes after its creation."""
    at = BORN + int(minute * 60)
    return {"type": "conversation_part", "id": number, "part_type": kind, "body": body, "created_at": at, "updated_at": at,
            "author": author, "assigned_to": None, "redacted": False, "event_details": details or None}  # fmt: skip


class Vendor(FakeVendor):
    kind = "intercom"
    page = 3
    streams = ("admins", "teams", "companies", "contacts", "conversations")

    def fill(self) -> None:
        self.admins = [
            {"type": "admin", **AGENT},
            {"type": "admin", "id": "72", "name": "Other", "email": "o@us.example"},
        ]
        self.teams = [{"type": "team", "id": "901", "name": "Tier 1", "admin_ids": [71]}]
        self.lists = {
            "companies": [
                {"type": "company", "id": f"c{n}", "company_id": f"org_{n}", "name": f"Acme {n}", "created_at": BORN,
                 "website": f"https://www.acme{n}.example/home", "tags": {"type": "tag.list", "tags": []}} for n in range(7)
            ],
            "contacts": [self.contact(n) for n in range(8)],
            "conversations": [self.conversation(n) for n in range(8)],
        }  # fmt: skip

    def contact(self, n: int) -> dict:
        linked = {"type": "list", "data": [{"type": "company", "id": f"c{n % 7}"}], "total_count": 1, "has_more": False}
        return {"type": "contact", "id": f"p{n}", "external_id": f"u{n}", "role": "user", "email": f"p{n}@acme{n}.example",
                "name": f"Person {n}", "created_at": BORN, "updated_at": BORN, "companies": linked}  # fmt: skip

    def conversation(self, n: int, *parts: dict, **more) -> dict:
        person = {"type": "user", "id": f"p{n}", "email": f"p{n}@acme{n}.example"}
        said = list(parts) or [
            part(f"{n}1", 1, "note", AGENT, "look"),
            part(f"{n}2", 2, "comment", AGENT, "try this"),
            part(f"{n}3", 3, "comment", person, "thanks"),
            part(f"{n}4", 4, "close", AGENT),
        ]
        return {
            "type": "conversation", "id": str(500 + n), "title": f"429 on rates {n}", "created_at": BORN,
            "updated_at": BORN + 240, "state": "closed", "open": False, "priority": "not_priority",
            "admin_assignee_id": 71, "team_assignee_id": "901", "company": None, "tags": {"type": "tag.list", "tags": []},
            "source": {"type": "conversation", "id": f"s{n}", "delivered_as": "customer_initiated", "subject": "",
                       "body": "help", "author": person},
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": f"p{n}"}]},
            "sla_applied": None, "statistics": {"type": "conversation_statistics", "last_close_at": BORN + 240},
            "conversation_parts": {"type": "conversation_part.list", "conversation_parts": said, "total_count": len(said)},
        } | more  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "intercom", "url": url, "token": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}" and headers.get("intercom-version") == "2.15"

    def answer(self, path: str, query: dict) -> object:
        name, _, record = path.removeprefix("/").partition("/")
        if record:
            return next((one for one in self.lists.get(name, ()) if one.get("id") == record), None)
        if name in ("admins", "teams"):
            return {"type": f"{name[:-1]}.list", name: getattr(self, name)}
        if name == "companies":
            number, held = int(query["page"]), self.lists["companies"]
            size = min(int(query["per_page"]), self.page)
            pages = {"type": "pages", "page": number, "per_page": size, "total_pages": -(-len(held) // size)}
            return {"type": "list", "data": held[(number - 1) * size : number * size], "pages": pages}
        return self.paged(name, self.lists[name], query) if name in KEYS else None

    def searched(self, path: str, question: dict) -> object:
        name, query = path.removeprefix("/").removesuffix("/search"), question["query"]
        assert (query["field"], query["operator"]) == ("updated_at", ">")
        unit = DAY if name == "contacts" else 1
        found = [one for one in self.lists[name] if one["updated_at"] // unit > query["value"] // unit]
        return self.paged(name, found, question["pagination"])

    def paged(self, name: str, held: list[dict], asked: dict) -> dict:
        start = int(asked.get("starting_after", "a0")[1:])
        end = start + min(int(asked["per_page"]), self.page)
        shown = [{key: value for key, value in one.items() if key != "conversation_parts"} for one in held[start:end]]
        following = {"per_page": self.page, "starting_after": f"a{end}"} if end < len(held) else None
        return {
            "type": "list",
            KEYS[name]: shown,
            "total_count": len(held),
            "pages": {"type": "pages", "next": following},
        }

    def ids(self) -> dict:
        events = {f"comment-{n}{k}" for n in range(8) for k in (1, 2, 3)} | {
            f"comment-{500 + n}-source" for n in range(8)
        }
        events |= {f"status-{n}4" for n in range(8)} | {f"status-{500 + n}-created" for n in range(8)}
        return {
            SupportOrganization: {f"c{n}" for n in range(7)},
            SupportUser: {f"p{n}" for n in range(8)} | {"71", "72"},
            SupportGroup: {"901"},
            Ticket: {str(500 + n) for n in range(8)},
            TicketEvent: events,
        }

    def touch(self, name: str, number: int, **more) -> None:
        self.lists[name][number] |= {"updated_at": TOUCHED} | more

    def change(self):
        self.touch("contacts", 5, email="renamed@acme5.example")
        return SupportUser, "p5", "email", "renamed@acme5.example"

    def remove(self):
        self.lists["companies"].pop(2)
        return SupportOrganization, "c2", lambda row: row is None

    def spoil(self, how: str) -> str:
        item = self.lists["conversations"][4]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "504"
