"""Zendesk Support: organizations, people, groups, schedules, SLA policies, tickets, and what happened to them.

Four lists are incremental exports (`/api/v2/incremental/…?start_time=`): oldest change first, cut on whole seconds, over
only when `end_of_stream` says so, because `next_page` is never null. The cursor is the `end_time` of the last page, so a
run that is killed goes on where it stopped; the next run starts OVERLAP seconds earlier, because Zendesk's index lags behind.
Only the query of `next_page` is used, never its host. A deleted ticket comes back with the status `deleted` and little
else: the status is taken over, what was known of it stays. Lists of settings (groups, schedules with their holidays, SLA
policies) are read whole.
https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from data_sources.failures import BadPayload, Forbidden, NotFound, SourceError
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
from data_sources.streams import Connector, Desk, Gone, Handed, Stream, api, whole
from data_sources.support.zendesk import shapes

OVERLAP = 300
FULL_PAGE = 1000
EVENTS_UNDERSTOOD = 2  # raised when more is taken from a ticket's events, so that the past is read again


class TimeExport:
    """An incremental export by time; `key` is where the payloads lie."""

    def __init__(self, key: str) -> None:
        self.key = key

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From OVERLAP seconds before the end of what is stored."""
        return {"start_time": max(0, (cursor or {}).get("start_time", 0) - OVERLAP)}

    def items(self, body: Any) -> list[Any]:
        """The payloads of a page."""
        items = body.get(self.key) if isinstance(body, Mapping) else None
        if not isinstance(items, list):
            raise BadPayload(f"Zendesk: expected {{{self.key!r}: […]}}")
        return items

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next second to ask for. Where `end_of_stream` is missing, a short page or one that stands still is the end."""
        asked = int(request["start_time"])
        after = whole(body, "end_time")
        if after is None:
            after = _number_in(body.get("next_page"), "start_time")
        mark = None if after is None else {"start_time": after}
        over = body.get("end_of_stream")
        if over is None:
            over = len(self.items(body)) < FULL_PAGE or after is None or after <= asked
        if over:
            return None, mark
        if after is None or after <= asked:
            raise BadPayload(f"Zendesk: the export of {self.key} stands still at start_time={asked}")
        return {"start_time": after}, mark


def _number_in(next_page: Any, name: str) -> int | None:
    values = parse_qs(urlsplit(next_page).query).get(name) if isinstance(next_page, str) else None
    return int(values[0]) if values and values[0].isdigit() else None


class EventExport(TimeExport):
    """The export of ticket events, read again from the start where a setting has changed what is taken from them."""

    def __init__(self, key: str, fields: tuple[str | None, ...]) -> None:
        super().__init__(key)
        self.reading = {"understood": EVENTS_UNDERSTOOD, "fields": list(fields)}

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From OVERLAP seconds before the end of what is stored and was read in the same way."""
        known = cursor and {name: cursor.get(name) for name in self.reading} == self.reading
        return super().first(cursor if known else None, desk)

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next second to ask for; the cursor says how the events were read."""
        request, mark = super().following(body, request)
        return request, mark and mark | self.reading


class NumberedPages:
    """`next_page` with `page=N`: only the number is taken from it."""

    whole = True

    def __init__(self, key: str) -> None:
        self.key = key

    def first(self, cursor: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
        """From the start."""
        return {"page": 1}

    items = TimeExport.items

    def following(self, body: Any, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The next number, as long as there is a next page; one that does not lead on would go round for ever."""
        if not body.get("next_page") or not self.items(body):
            return None, None
        number = _number_in(body["next_page"], "page")
        if number is None or number <= request["page"]:
            raise BadPayload(f"Zendesk: the list of {self.key} stands still at page={request['page']}")
        return {"page": number}, None


def _removed(model: Any, record: str, desk: Desk) -> Handed:
    return Gone(model, record)


def _export(name: str, tables: tuple[Any, ...], records: Any, permission: str, **more: Any) -> Stream:
    more = {"pager": TimeExport(name)} | more
    return Stream(name, f"api/v2/incremental/{name}.json", tables, records, permission, **more)


def _list(name: str, path: str, table: Any, records: Any, permission: str, **more: Any) -> Stream:
    return Stream(name, path, (table,), records, permission, NumberedPages(name), **more)


def _streams(source: Any) -> Sequence[Stream]:
    fields = (getattr(source, "time_field", None), getattr(source, "total_time_field", None))
    return (
        _export("organizations", (SupportOrganization,), shapes.organization, "admin: organizations read"),
        _export("users", (SupportUser,), shapes.user, "admin: users read"),
        # One that is gone from the list stays here: the tickets that it had still name it.
        _list("groups", "api/v2/groups.json", SupportGroup, shapes.group, "admin: groups read"),
        _list(
            "schedules",
            "api/v2/business_hours/schedules.json",
            SupportSchedule,
            shapes.schedule,
            "admin: read business hours",
            missing=_removed,
            without="no schedules can be read here: there is no business time",
            without_on=(NotFound, Forbidden),
        ),
        _list(
            "sla_policies",
            "api/v2/slas/policies.json",
            SlaPolicy,
            shapes.policy,
            "admin: read business rules",
            missing=_removed,
            without="this Zendesk plan has no SLA policies",
        ),
        _export("tickets", (Ticket,), shapes.ticket, "admin: tickets read"),
        _export(
            "ticket_events",
            (TicketEvent,),
            shapes.happened,
            "admin: tickets read",
            pager=EventExport("ticket_events", fields),
            params={"include": "comment_events"},
            needs=("users",),
        ),
        _export("ticket_metric_events", (TicketEvent,), shapes.measured, "admin: tickets read"),
    )


def _headers(source: Any, secret: str) -> Mapping[str, str]:
    """An API token is sent as `address/token:token` (basic authentication)."""
    if not secret:
        raise SourceError('token: missing; write token = "env:NAME" and put the API token there')
    user = source.email if "/" in source.email else f"{source.email}/token"
    return {"Authorization": basic(user, secret)}


CONNECTOR = Connector(
    kind="zendesk",
    label="Zendesk Support",
    open=api(_headers),
    streams=_streams,
    settings='url = "https://SUBDOMAIN.zendesk.com", email = "you@company", token = "env:…" (an API token of an admin);'
    ' time_field or total_time_field = "360…", the ids of the Time Tracking app\'s fields',
)
