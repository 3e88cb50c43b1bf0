"""A vendor on loopback that pages, and fails when it is told to: busy, broken, dropping, redirecting, echoing the token."""

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

TOKEN = "tok_1a2B3c4D5e6F7g8H"


class FakeVendor:
    """A base for vendors: subclasses answer a path and query with JSON, and say what they hold.

    `faults` are used up one a request: (status, headers, body), "drop" (no answer) or "break" (half an answer).
    """

    kind = ""

    def __init__(self) -> None:
        self.faults: list = []
        self.always: Callable[[str], object] | None = None
        self.requests: list[tuple[str, dict, dict]] = []
        self.forbidden: set[str] = set()
        self.fill()

    def fill(self) -> None:
        """Make the vendor's data."""

    def settings(self, url: str) -> dict:
        """The [[source]] of program.toml."""
        raise NotImplementedError

    def authorised(self, headers: dict) -> bool:
        """Whether the request carries the token as this vendor wants it."""
        raise NotImplementedError

    def answer(self, path: str, query: dict) -> object:
        """The JSON for a GET, or None for an unknown path."""
        raise NotImplementedError

    def headers(self, path: str, query: dict) -> dict:
        """More headers for the answer to a GET, such as `Link`."""
        return {}

    def searched(self, path: str, question: dict) -> object:
        """The JSON for a search asked by POST, or None for an unknown path."""

    def named(self, model: type, listed: str, home: Path) -> str:
        """The id that a record has here; another than the vendor lists only where that is a raw key."""
        return listed

    def serve(self) -> "Serving":
        return Serving(self)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address) -> None:
        """A client that went away is part of the tests, not news."""


class Serving:
    """A vendor being served; `url` is its address."""

    def __init__(self, vendor) -> None:
        handler = type("Handler", (_Handler,), {"vendor": vendor})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self.url

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    vendor: FakeVendor

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._serve(parts.path, query, self.vendor.answer)

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._serve(urlsplit(self.path).path, question, self.vendor.searched)

    def _serve(self, path: str, query: dict, answer: Callable[[str, dict], object]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.vendor.requests.append((path, query, headers))
        fault = self.vendor.faults.pop(0) if self.vendor.faults else None
        if fault is None and self.vendor.always:
            fault = self.vendor.always(path)
        if fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "break":
            self.close_connection = True
            self._send(200, {"Content-Length": "100000"}, b'{"data": [')
        elif fault is not None:
            status, extra, body = fault
            self._send(status, extra, body if isinstance(body, bytes) else json.dumps(body).encode())
        elif not self.vendor.authorised(headers):
            self._send(
                401, {}, json.dumps({"error": {"message": f"bad credentials: {headers.get('authorization')}"}}).encode()
            )
        elif any(name in path for name in self.vendor.forbidden):
            self._send(403, {}, json.dumps({"error": "Forbidden", "description": "not for you"}).encode())
        else:
            body = answer(path, query)
            self._send(
                404 if body is None else 200,
                self.vendor.headers(path, query),
                json.dumps(body if body is not None else {"message": "Not found"}).encode(),
            )

    def _send(self, status: int, extra: dict, body: bytes) -> None:
        self.send_response_only(status)
        for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(body))} | extra).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Quiet."""
