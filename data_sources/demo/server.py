"""The vendor server: Kong's Admin API, Stripe and Zendesk for the demo company, on loopback.

It pages as they do, wants the token, and fails as they do: now and then a 429 with Retry-After, now and then a dropped
connection; the same request asked again succeeds.
"""

import base64
import json
import re
import socket
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from data_sources.demo.payments import ENDPOINTS
from data_sources.demo.program_file import TOKEN
from data_sources.demo.vendors import read_pages

TOO_MANY_EVERY, DROPPED_EVERY = 23, 41
ZENDESK_PAGE = 1000
_ZENDESK_SETTINGS = {
    "api/v2/groups": "groups",
    "api/v2/slas/policies": "sla_policies",
    "api/v2/business_hours/schedules": "schedules",
}
_ZENDESK_STREAMS = ("tickets", "ticket_events", "ticket_metric_events", "users", "organizations")


class Refused(Exception):
    """An answer that is not 200: status, headers, body."""

    def __init__(self, status: int, body: dict, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Vendors:
    """Answers requests from the files under `<home>/vendors`, each read when it is first asked for."""

    def __init__(self, home: Path, faults: bool = True) -> None:
        self.folder, self.faults = home / "vendors", faults
        self.requests = 0
        self._seen: set[str] = set()
        self._pages: dict[str, tuple[list[bytes], list[int], list[bytes]]] = {}
        self._lock = threading.Lock()

    def pages(self, name: str) -> tuple[list[bytes], list[int], list[bytes]]:
        """Ids, times and bodies of one endpoint."""
        with self._lock:
            if name not in self._pages:
                self._pages[name] = read_pages(self.folder / f"{name}.jsonl")
            return self._pages[name]

    def trouble(self, target: str) -> str | None:
        """`busy`, `drop` or None: which fault this request meets. A request that met one does not meet another."""
        with self._lock:
            self.requests += 1
            if not self.faults or target in self._seen:
                return None
            fault = (
                "busy"
                if self.requests % TOO_MANY_EVERY == 7
                else "drop"
                if self.requests % DROPPED_EVERY == 17
                else None
            )
            if fault:
                self._seen.add(target)
            return fault

    def answer(self, target: str, headers, base: str) -> bytes:
        """The body for a path with its query; raises Refused for any other answer."""
        url = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        vendor, _, path = url.path.lstrip("/").partition("/")
        path = path.strip("/")
        if vendor == "kong":
            return self._kong(path, query, headers)
        if vendor == "stripe":
            return self._stripe(path, query, parse_qs(url.query), headers)
        if vendor == "zendesk":
            return self._zendesk(path.removesuffix(".json"), query, headers, base)
        raise Refused(404, {"message": "not found"})

    def _kong(self, path: str, query: dict[str, str], headers) -> bytes:
        if headers.get("Kong-Admin-Token") != TOKEN:
            raise Refused(401, {"message": "Invalid credentials. Token or User credentials required"})
        if path == "":
            return json.dumps({"version": "3.9.1", "tagline": "Welcome to kong", "configuration": {}}).encode()
        if path not in ("consumers", "key-auths", "acls", "services", "routes"):
            raise Refused(404, {"message": "Not found"})
        _, _, bodies = self.pages(f"kong/{path}")
        size = min(1000, max(1, _number(query.get("size"), 100)))
        try:
            start = int(base64.urlsafe_b64decode(query["offset"])) if "offset" in query else 0
        except ValueError:
            raise Refused(400, {"message": "invalid offset", "name": "invalid offset", "code": 7}) from None
        end = start + size
        following = b'"next":null'
        if end < len(bodies):
            offset = base64.urlsafe_b64encode(str(end).encode()).decode()
            following = f'"next":"/{path}?offset={offset}","offset":"{offset}"'.encode()
        return b'{"data":[' + b",".join(bodies[start:end]) + b"]," + following + b"}"

    def _stripe(self, path: str, query: dict[str, str], lists: dict[str, list[str]], headers) -> bytes:
        scheme, _, secret = headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            secret = base64.b64decode(secret).decode().partition(":")[0]
        if secret != TOKEN:
            raise Refused(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}})
        parts = path.split("/")
        if path == "v1/account":
            return (
                b'{"id":"acct_1HarborlineDemo","object":"account","country":"US","default_currency":"usd","email":null}'
            )
        if len(parts) == 2 and parts[0] == "v1" and parts[1] in ENDPOINTS:
            return self._stripe_list(parts[1], query, lists)
        if len(parts) == 3 and parts[0] == "v1" and parts[1] in ENDPOINTS:
            ids, _, bodies = self.pages(f"stripe/{parts[1]}")
            if parts[2].encode() in ids:
                return bodies[ids.index(parts[2].encode())]
            raise Refused(
                404,
                {
                    "error": {
                        "type": "invalid_request_error",
                        "code": "resource_missing",
                        "message": f"No such object: {parts[2]}",
                    }
                },
            )
        raise Refused(
            404, {"error": {"type": "invalid_request_error", "message": f"Unrecognized request URL (GET: /{path})."}}
        )

    def _stripe_list(self, endpoint: str, query: dict[str, str], lists: dict[str, list[str]]) -> bytes:
        """Newest first. Subscriptions that were cancelled are listed only with status=all, as Stripe does."""
        ids, times, bodies = self.pages(f"stripe/{endpoint}")
        limit = min(100, max(1, _number(query.get("limit"), 10)))
        # Files are newest first, so times fall; bisect wants them to rise.
        falling = [-time for time in times]
        start, end = 0, len(ids)
        for key, value in query.items():
            if key in ("created[lte]", "created[lt]"):
                start = max(start, bisect_left(falling, -_number(value, 0) + (key == "created[lt]")))
            elif key in ("created[gte]", "created[gt]"):
                end = min(end, bisect_left(falling, -_number(value, 0) + (key == "created[gte]")))
        if "starting_after" in query:
            try:
                start = max(start, ids.index(query["starting_after"].encode()) + 1)
            except ValueError:
                message = f"No such object: '{query['starting_after']}'"
                raise Refused(
                    400, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": message}}
                ) from None
        wanted = query.get("status")
        chosen: list[bytes] = []
        position = start
        while position < end and len(chosen) <= limit:
            if self._stripe_wants(endpoint, bodies[position], wanted, query):
                chosen.append(bodies[position])
            position += 1
        expanded = {name for key in ("expand[]", "expand") for name in lists.get(key, [])}
        if endpoint in ("subscriptions", "invoices") and "data.discounts" not in expanded:
            chosen = [_collapse_discounts(body) if b'"object":"discount"' in body else body for body in chosen]
        more = b"true" if len(chosen) > limit else b"false"
        head = f'{{"object":"list","url":"/v1/{endpoint}","has_more":'.encode()
        return head + more + b',"data":[' + b",".join(chosen[:limit]) + b"]}"

    @staticmethod
    def _stripe_wants(endpoint: str, body: bytes, status: str | None, query: dict[str, str]) -> bool:
        if endpoint == "subscriptions" and status != "all":
            return b'"status":"canceled"' not in body if status is None else f'"status":"{status}"'.encode() in body
        if endpoint == "events" and "type" in query:
            return f'"type":"{query["type"].removesuffix("*")}'.encode() in body
        if "customer" in query and f'"customer":"{query["customer"]}"'.encode() not in body:
            return False
        return not ("invoice" in query and endpoint == "invoice_payments" and query["invoice"].encode() not in body)

    def _zendesk(self, path: str, query: dict[str, str], headers, base: str) -> bytes:
        scheme, _, secret = headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, secret = base64.b64decode(secret).decode().partition(":")
            if not user.endswith("/token"):
                secret = ""
        if secret != TOKEN:
            raise Refused(401, {"error": "Couldn't authenticate you"})
        if path == "api/v2/users/me":
            return b'{"user":{"id":37000008,"name":"Pat Meyer","email":"support8@harborline.com","role":"admin","active":true}}'
        if path in _ZENDESK_SETTINGS:
            name = _ZENDESK_SETTINGS[path]
            _, _, bodies = self.pages(f"zendesk/{name}")
            first = _number(query.get("page"), 1) == 1
            tail = {"count": len(bodies), "next_page": None, "previous_page": None}
            return _listing(name, bodies if first else [], tail)
        if holidays := re.fullmatch(r"api/v2/business_hours/schedules/(\d+)/holidays", path):
            ids, _, bodies = self.pages("zendesk/holidays")
            if holidays[1].encode() in ids:
                return bodies[ids.index(holidays[1].encode())]
        stream = path.removeprefix("api/v2/incremental/")
        if stream not in _ZENDESK_STREAMS:
            raise Refused(404, {"error": "InvalidEndpoint", "description": "Not found"})
        if "start_time" not in query:
            raise Refused(400, {"error": "StartTimeMissing", "description": "start_time is missing"})
        _, times, bodies = self.pages(f"zendesk/{stream}")
        begin = bisect_left(times, _number(query["start_time"], 0))
        end = min(begin + ZENDESK_PAGE, len(times))
        # A page ends between two seconds, so it may be longer than asked for.
        while end < len(times) and end > begin and times[end] == times[end - 1]:
            end += 1
        over = end >= len(times)
        until = times[end - 1] + 1 if end > begin else _number(query["start_time"], 0)
        tail = {
            "count": end - begin,
            "end_of_stream": over,
            "end_time": until,
            "next_page": f"{base}/zendesk/{path}.json?start_time={until}",
        }
        return _listing(stream, bodies[begin:end], tail)


def _listing(key: str, bodies: list[bytes], tail: dict) -> bytes:
    """Objects under their key, and what stands beside them."""
    return f'{{"{key}":['.encode() + b",".join(bodies) + b"]," + json.dumps(tail).encode()[1:]


def _number(text: str | None, otherwise: int) -> int:
    try:
        return int(text) if text is not None else otherwise
    except ValueError:
        raise Refused(
            400, {"error": {"type": "invalid_request_error", "message": f"Invalid integer: {text}"}}
        ) from None


def _collapse_discounts(body: bytes) -> bytes:
    row = json.loads(body)
    row["discounts"] = [discount["id"] for discount in row["discounts"]]
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Harborline"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer, refuse, or fail on purpose."""
        vendors: Vendors = self.server.vendors  # type: ignore[attr-defined]
        fault = vendors.trouble(self.path)
        if fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        try:
            if fault == "busy":
                raise Refused(429, {"message": "API rate limit exceeded"}, {"Retry-After": "0"})
            self._send(
                200, vendors.answer(self.path, self.headers, f"http://{self.headers.get('Host', 'localhost')}"), {}
            )
        except Refused as refused:
            self._send(refused.status, json.dumps(refused.body).encode(), refused.headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        head = [f"HTTP/1.1 {status} {self.responses[status][0]}", "Content-Type: application/json; charset=utf-8"]
        head += [
            f"Date: {self.date_time_string()}",
            f"Content-Length: {len(body)}",
            *(f"{k}: {v}" for k, v in headers.items()),
            "",
            "",
        ]
        self.wfile.write("\r\n".join(head).encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the client reports."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is none of the server's business."""


@contextmanager
def serve(home: str | Path, faults: bool = True) -> Iterator[str]:
    """Serve the demo company's vendors for as long as the context lasts; yields http://127.0.0.1:PORT."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.vendors = Vendors(Path(home), faults)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
