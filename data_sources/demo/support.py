"""Zendesk's side of the story: who asked for help with what, who answered when, and which promises were kept."""

from typing import Any

from data_sources.demo import help_desk
from data_sources.demo.company import Account
from data_sources.demo.questions import TARGETS, TOPICS, Questions, Request
from data_sources.demo.timeline import DAYS, Timeline

_RULE = -1
_ORGANIZATION, _USER, _TICKET, _EVENT = 36_000_000, 37_000_000, 1, 90_000_000_000


class Desk(Questions):
    """Writes the requests as Zendesk exports them; `objects[stream]` is in the order of the export."""

    def __init__(self, time: Timeline, accounts: list[Account]) -> None:
        super().__init__(time, accounts)
        self.objects: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("organizations", "users", "tickets", "ticket_events", "ticket_metric_events")
        }
        self._event_id = _EVENT
        self._people(accounts)
        for number, request in enumerate(self.requests, start=_TICKET):
            self._write(number, request)
        self.objects["ticket_events"].sort(key=lambda row: (row["timestamp"], row["id"]))
        self.objects["ticket_metric_events"].sort(key=lambda row: (row["time"], row["id"]))
        self.objects["tickets"].sort(key=lambda row: (row["generated_timestamp"], row["id"]))

    def _people(self, accounts: list[Account]) -> None:
        time = self.time
        self._agents = [_USER + number for number in range(9)]
        for number, agent in enumerate(self._agents):
            name = (
                "Automation",
                "Robin Vale",
                "Jo Park",
                "Sam Iyer",
                "Mika Dahl",
                "Ari Costa",
                "Lee Novak",
                "Kim Toure",
                "Pat Meyer",
            )[number]
            self._user(
                agent, name, f"support{number}@harborline.com", "agent" if number < 8 else "admin", None, 0.0, None
            )
        self._users: dict[str, int] = {}
        self._organizations: dict[str, int] = {}
        asked = {id(r.developer): r for r in reversed(self.requests)}
        for account in accounts:
            askers = [d for d in account.developers if id(d) in asked]
            if not askers:
                continue
            organization = None
            if account.is_organization and (account.tier != "public" or self.rng.uniform() < 0.4):
                organization = _ORGANIZATION + len(self._organizations)
                self._organizations[account.key] = organization
                created = time.iso(askers[0].signed_up)
                domains = [account.domain] if self.rng.uniform() < 0.8 and account.tier != "internal" else []
                external = account.key if self.rng.uniform() < 0.3 else None
                tags = ["partner"] if account.tier == "partner" else []
                self.objects["organizations"].append(
                    {
                        "id": organization,
                        "url": f"https://harborline.zendesk.com/api/v2/organizations/{organization}.json",
                        "name": account.name,
                    }
                    | {
                        "domain_names": domains,
                        "external_id": external,
                        "tags": tags,
                        "details": "",
                        "notes": "",
                        "group_id": None,
                    }
                    | {"shared_tickets": False, "created_at": created, "updated_at": created, "deleted_at": None}
                )
            for developer in askers:
                number = _USER + 100 + len(self._users)
                self._users[developer.id] = number
                self._user(
                    number,
                    developer.name,
                    developer.email,
                    "end-user",
                    organization,
                    asked[id(developer)].created,
                    developer.id if self.rng.uniform() < 0.4 else None,
                )
        for name in ("organizations", "users"):
            self.objects[name].sort(key=lambda row: (row["updated_at"], row["id"]))

    def _user(
        self,
        number: int,
        name: str,
        email: str,
        role: str,
        organization: int | None,
        created: float,
        external: str | None,
    ) -> None:
        stamp = self.time.iso(created)
        self.objects["users"].append(
            {
                "id": number,
                "url": f"https://harborline.zendesk.com/api/v2/users/{number}.json",
                "name": name,
                "email": email,
                "role": role,
            }
            | {
                "organization_id": organization,
                "external_id": external,
                "verified": True,
                "active": True,
                "suspended": False,
            }
            | {"tags": [], "time_zone": "UTC", "locale": "en-GB", "created_at": stamp, "updated_at": stamp}
        )

    def _write(self, number: int, request: Request) -> None:
        rng = self.rng
        subject, tags = TOPICS[request.topic]
        requester = self._users[request.developer.id]
        agent = self._agents[1 + int(rng.integers(8))]
        target = TARGETS[request.priority]
        steps: list[tuple[float, int, list[dict[str, Any]]]] = []
        opening = {
            "event_type": "Create",
            "status": "new",
            "subject": subject,
            "priority": request.priority,
            "tags": list(tags),
        }
        steps.append((request.created, requester, [opening, self._comment(requester, True)]))
        if rng.uniform() < 0.5:
            steps.append((request.created + 0.0004, _RULE, [self._comment(_RULE, True)]))
        if rng.uniform() < 0.35 and request.first_reply is not None:
            steps.append((request.created + request.first_reply * 0.4 / 1440, agent, [self._comment(agent, False)]))
        status = "new"
        if request.first_reply is not None:
            replied = request.created + request.first_reply / 1440
            steps.append((replied, agent, [self._change("status", "new", "open"), self._comment(agent, True)]))
            status, last = "open", request.solved or min(DAYS - 0.01, replied + 4)
            for part in range(1, request.replies):
                moment = replied + (last - replied) * part / (request.replies + 1)
                steps.append((moment, requester, [self._comment(requester, True)]))
                steps.append(
                    (moment + (last - replied) * 0.3 / (request.replies + 1), agent, [self._comment(agent, True)])
                )
        if request.solved is not None:
            solved = request.solved
            if request.reopened and solved + 2 < DAYS:
                steps.append((solved, agent, [self._change("status", status, "solved")]))
                steps.append(
                    (
                        solved + 0.6,
                        requester,
                        [self._change("status", "solved", "open"), self._comment(requester, True)],
                    )
                )
                status, solved = "open", solved + 1.7
            steps.append((solved, agent, [self._change("status", status, "solved")]))
            status = "solved"
            if solved + 28 < DAYS:
                steps.append((solved + 28, _RULE, [self._change("status", "solved", "closed")]))
                status = "closed"
        own = self.time.rng("help desk", number)
        group = help_desk.group_of(request.topic, own)
        steps[0][2].append(help_desk.schedule_applied(request.account))
        written = [step for step in sorted(steps, key=lambda step: step[0]) if step[1] == agent]
        comments = [children for _, _, children in written if any(c["event_type"] == "Comment" for c in children)]
        help_desk.log_work(comments, group, own)
        for moment, updater, children in steps:
            self._event(number, moment, updater, children)
        updated = max(step[0] for step in steps)
        self._metrics(number, request, target)
        self._ticket(
            number,
            request,
            subject,
            tags,
            status,
            agent if request.first_reply is not None else None,
            updated,
            requester,
            group,
        )

    def _ticket(
        self,
        number: int,
        request: Request,
        subject: str,
        tags: tuple[str, ...],
        status: str,
        agent: int | None,
        updated: float,
        requester: int,
        group: int,
    ) -> None:
        time, deleted = self.time, self.rng.uniform() < 0.003
        self.objects["tickets"].append(
            {
                "id": number,
                "url": f"https://harborline.zendesk.com/api/v2/tickets/{number}.json",
                "external_id": None,
                "via": {
                    "channel": ("web", "email", "email", "api")[int(self.rng.integers(4))],
                    "source": {"from": {}, "to": {}, "rel": None},
                },
                "created_at": time.iso(request.created),
                "updated_at": time.iso(updated),
                "generated_timestamp": time.epoch(updated) + 1,
                "type": "question" if request.topic != "error" else "incident",
                "subject": "SCRUBBED" if deleted else subject,
                "raw_subject": "SCRUBBED" if deleted else subject,
                "priority": request.priority,
                "status": "deleted" if deleted else status,
                "requester_id": requester,
                "submitter_id": requester,
                "assignee_id": agent,
                "organization_id": None if deleted else self._organizations.get(request.account.key),
                "group_id": group,
                "ticket_form_id": 360000042,
                "brand_id": 360000007,
                "tags": list(tags),
                "custom_fields": [],
                "satisfaction_rating": {"score": "unoffered"},
                "is_public": True,
            }
        )

    def _comment(self, author: int, public: bool) -> dict[str, Any]:
        return {"event_type": "Comment", "type": "Comment", "author_id": author, "public": public, "body": "…"}

    @staticmethod
    def _change(field: str, before: str, after: str) -> dict[str, Any]:
        return {"event_type": "Change", field: after, "previous_value": before}

    def _event(self, ticket: int, moment: float, updater: int, children: list[dict[str, Any]]) -> None:
        self._event_id += 10
        time, stamp = self.time, self.time.iso(moment)
        for offset, child in enumerate(children, start=1):
            child["id"] = self._event_id + offset
            child["via"] = {"channel": "rule" if updater == _RULE else "web"}
            child["via_reference_id"] = None
            if child["event_type"] == "Comment":
                child["created_at"] = stamp
        self.objects["ticket_events"].append(
            {
                "id": self._event_id,
                "ticket_id": ticket,
                "timestamp": time.epoch(moment),
                "created_at": stamp,
                "updater_id": updater,
            }
            | {
                "via": "Rule" if updater == _RULE else "Web form",
                "system": {},
                "metadata": {},
                "event_type": "Audit",
                "child_events": children,
            }
        )

    def _metrics(self, ticket: int, request: Request, target: int) -> None:
        """Reply time and requester wait time, with the SLA that applied, its end and its breach."""
        rows: list[tuple[float, str, str, dict[str, Any]]] = []
        policy = (
            {"id": 360000901, "title": "Paid plans", "description": ""}
            if request.priority in ("high", "urgent")
            else {"id": 360000902, "title": "Standard", "description": ""}
        )
        sla = {"target": target, "target_in_seconds": target * 60, "business_hours": False, "policy": policy}
        for metric, until in (
            ("reply_time", request.first_reply),
            ("requester_wait_time", None if request.solved is None else (request.solved - request.created) * 1440),
        ):
            rows.append((request.created, metric, "activate", {}))
            limit = target if metric == "reply_time" else target * 12
            rows.append(
                (
                    request.created,
                    metric,
                    "apply_sla",
                    {
                        "sla": sla
                        if metric == "reply_time"
                        else sla | {"target": limit, "target_in_seconds": limit * 60}
                    },
                )
            )
            late = (until if until is not None else (DAYS - request.created) * 1440) > limit
            if late:
                rows.append((request.created + limit / 1440, metric, "breach", {"deleted": False}))
            if until is not None:
                rows.append((request.created + until / 1440, metric, "fulfill", {}))
                minutes = int(until)
                rows.append(
                    (
                        request.created + until / 1440,
                        metric,
                        "update_status",
                        {"status": {"calendar": minutes, "business": minutes // 3}},
                    )
                )
        for moment, metric, kind, more in rows:
            self._event_id += 1
            self.objects["ticket_metric_events"].append(
                {
                    "id": self._event_id,
                    "ticket_id": ticket,
                    "metric": metric,
                    "instance_id": 1,
                    "type": kind,
                    "time": self.time.iso(min(moment, DAYS - 0.001)),
                }
                | more
            )

    def policies(self) -> list[dict[str, Any]]:
        """The SLA policies, as /api/v2/slas/policies lists them."""
        stamp = self.time.iso(0.0)
        found = []
        for position, (number, title) in enumerate(((360000901, "Paid plans"), (360000902, "Standard"))):
            metrics = [
                {"priority": p, "metric": "first_reply_time", "target": t, "business_hours": False}
                for p, t in TARGETS.items()
            ]
            metrics += [
                {"priority": p, "metric": "requester_wait_time", "target": t * 12, "business_hours": False}
                for p, t in TARGETS.items()
            ]
            found.append(
                {
                    "id": number,
                    "title": title,
                    "description": "",
                    "position": position,
                    "filter": {"all": [], "any": []},
                }
                | {"policy_metrics": metrics, "created_at": stamp, "updated_at": stamp}
            )
        return found
