"""Zendesk's incremental exports in small: pages cut on whole seconds, next_page never null and on another host."""

from datetime import UTC, datetime

from data_sources.http import basic
from data_sources.records import (
    SlaPolicy,
    SupportGroup,
    SupportOrganization,
    SupportSchedule,
    SupportUser,
    Ticket,
    TicketEvent,
)
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = 1_767_225_600


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Vendor(FakeVendor):
    kind = "zendesk"
    page = 4
    streams = (
        "organizations", "users", "groups", "schedules", "policies", "tickets", "ticket_events", "ticket_metric_events",
    )  # fmt: skip

    def fill(self) -> None:
        made = [BORN + 60 * n for n in range(12)]

        def more(n: int) -> list[dict]:
            """Every fourth update logs work and applies a schedule."""
            via = {"via": {"channel": "web"}, "created_at": iso(made[n])}
            work = {
                "id": 6500 + n,
                "event_type": "Change",
                "custom_ticket_fields": {"77": "90"},
                "previous_value": None,
            }
            schedule = {"id": 6600 + n, "event_type": "ScheduleAssignment", "previous_schedule_id": None}
            return [] if n % 4 else [work | via, schedule | via | {"new_schedule_id": 41}]

        self.lists = {
            "organizations": [
                {"id": 100 + n, "name": f"Acme {n}", "domain_names": [f"acme{n}.example"], "external_id": None,
                 "tags": [], "created_at": iso(made[n]), "_at": made[n]} for n in range(6)
            ],
            "users": [
                {"id": 200 + n, "name": f"P {n}", "email": f"p{n}@acme.example", "role": "agent" if n == 0 else "end-user",
                 "organization_id": 100 + n % 6, "external_id": None, "verified": True, "active": n != 9,
                 "created_at": iso(made[n]), "_at": made[n]} for n in range(10)
            ],
            "tickets": [
                {"id": 300 + n, "subject": f"429 on rates {n}", "status": "open", "priority": "high", "type": "question",
                 "requester_id": 201 + n % 8, "submitter_id": 201 + n % 8, "assignee_id": 200, "group_id": 9,
                 "organization_id": 100, "via": {"channel": "email"}, "ticket_form_id": None, "tags": ["quota"],
                 "created_at": iso(made[n]), "updated_at": iso(made[n]), "_at": made[n]} for n in range(12)
            ],
            "ticket_events": [
                {"id": 4000 + n, "ticket_id": 300 + n, "created_at": iso(made[n]), "timestamp": made[n], "event_type": "Audit",
                 "updater_id": 200, "via": "Web form", "_at": made[n], "child_events": [
                     {"id": 5000 + n, "event_type": "Comment", "type": "Comment", "public": n % 2 == 0, "author_id": 200,
                      "via": {"channel": "web"}, "created_at": iso(made[n])},
                     {"id": 6000 + n, "event_type": "Change", "status": "solved", "previous_value": "open",
                      "via": {"channel": "web"}, "created_at": iso(made[n])}, *more(n)]}
                for n in range(12)
            ],
            "ticket_metric_events": [
                {"id": 7000 + n, "ticket_id": 300 + n, "metric": "reply_time", "instance_id": 1, "time": iso(made[n]),
                 "type": ("activate", "apply_sla", "fulfill", "breach")[n % 4], "_at": made[n],
                 **({"sla": {"target": 60, "target_in_seconds": 3600, "business_hours": False, "policy": {"id": 1}}}
                    if n % 4 == 1 else {})} for n in range(12)
            ],
        }  # fmt: skip
        # Five tickets in the same second: more than fit a page, and a page is cut on whole seconds.
        for ticket in self.lists["tickets"][3:8]:
            ticket["_at"] = made[3]
        self.policies = [
            {"id": 1, "title": "Gold", "position": 1, "filter": {"all": []}, "created_at": iso(BORN),
             "policy_metrics": [{"priority": "high", "metric": "first_reply_time", "target": 60, "business_hours": False}]}
        ]  # fmt: skip

        self.groups = [
            {"id": 9, "name": "Tier 1", "deleted": False, "created_at": iso(BORN)},
            {"id": 10, "name": "Engineering", "deleted": False, "created_at": iso(BORN)},
        ]
        workweek = [{"start_time": 1440 * day + 540, "end_time": 1440 * day + 1020} for day in range(1, 6)]
        self.schedules = [
            {"id": 41, "name": "Europe", "time_zone": "Berlin", "intervals": workweek, "created_at": iso(BORN)},
            {"id": 42, "name": "Elsewhere", "time_zone": "Atlantis", "intervals": workweek, "created_at": iso(BORN)},
        ]
        self.holidays = {
            "41": [{"id": 1, "name": "New Year", "start_date": "2026-01-01", "end_date": "2026-01-01"}],
            "42": [],
        }

    def settings(self, url: str) -> dict:
        return {"kind": "zendesk", "url": url, "email": "a@acme.example", "token": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == basic("a@acme.example/token", TOKEN)

    def answer(self, path: str, query: dict) -> object:
        if path == "/api/v2/slas/policies.json":
            return {"sla_policies": self.policies, "next_page": None, "count": len(self.policies)}
        if path == "/api/v2/groups.json":
            page = int(query.get("page", 1))
            more = path + "?page=2" if page < len(self.groups) else None
            return {"groups": self.groups[page - 1 : page], "next_page": more, "count": len(self.groups)}
        if path == "/api/v2/business_hours/schedules.json":
            return {"schedules": self.schedules, "url": "https://elsewhere.example" + path}
        if path.startswith("/api/v2/business_hours/schedules/"):
            number = path.split("/")[-2]
            return {"holidays": self.holidays[number]} if number in self.holidays else None
        name = path.removeprefix("/api/v2/incremental/").removesuffix(".json")
        if name not in self.lists:
            return None
        waiting = sorted(
            (one for one in self.lists[name] if one["_at"] >= int(query["start_time"])), key=lambda one: one["_at"]
        )
        cut = waiting[: self.page]
        if cut:
            cut = [one for one in waiting if one["_at"] <= cut[-1]["_at"]]
        over = len(cut) == len(waiting)
        end = cut[-1]["_at"] + (0 if over else 1) if cut else None
        sent = [{key: value for key, value in one.items() if key != "_at"} for one in cut]
        return {
            name: sent,
            "count": len(sent),
            "end_of_stream": over,
            "end_time": end,
            "next_page": f"https://elsewhere.example{path}?start_time={end}",
        }

    def ids(self) -> dict:
        events = {f"comment-{5000 + n}" for n in range(12)} | {f"status-{6000 + n}" for n in range(12)}
        events |= {f"metric-{7000 + n}" for n in range(12) if n % 4} | {f"schedule-{6600 + n}" for n in (0, 4, 8)}
        return {
            SupportGroup: {"9", "10"},
            SupportSchedule: {"41", "42"},
            SupportOrganization: {str(one["id"]) for one in self.lists["organizations"]},
            SupportUser: {str(one["id"]) for one in self.lists["users"]},
            SlaPolicy: {"1"},
            Ticket: {str(one["id"]) for one in self.lists["tickets"]},
            TicketEvent: events,
        }

    def change(self):
        self._touch(self.lists["tickets"][5], status="solved")
        return Ticket, "305", "status", "solved"

    def remove(self):
        self._touch(self.lists["tickets"][6], status="deleted", subject="SCRUBBED", organization_id=None)
        return Ticket, "306", lambda row: row.status == "deleted" and row.organization_id == "100"

    def _touch(self, item: dict, **fields) -> None:
        item.update(fields)
        item["_at"] = BORN + 90_000

    def spoil(self, how: str) -> str:
        item = self.lists["tickets"][9]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "309"
