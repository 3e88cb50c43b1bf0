"""One patient HTTP session for every vendor API: it waits, retries, stays on its host and never tells a secret.

What goes wrong is a SourceError of `data_sources.failures`.
"""

import base64
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import requests

from data_sources.failures import (
    BadPayload,
    Forbidden,
    NotFound,
    Patience,
    RateLimited,
    Refused,
    SourceError,
    Unauthorised,
    Unreachable,
    VendorFailure,
    WrongHost,
)

RETRIED_STATUS = {408, 425, 500, 502, 503, 504}
REDIRECTS = {301, 302, 303, 307, 308}
LOOPBACK = re.compile(r"^(localhost|127(\.\d+){3}|\[?::1\]?)$")
HIDDEN = "•••"
SECRET_SHAPES = re.compile(
    r"\b(?:sk|rk|pk|whsec)_(?:live|test)_[A-Za-z0-9*]+|(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"
)
CHUNK_BYTES = 1 << 16
UNTOLD_LIMIT = 60.0  # seconds: the least that GitHub asks for where a limit does not say when it ends


class _Headers(requests.auth.AuthBase):
    """Sets the headers itself, because requests would otherwise let a .netrc entry replace `Authorization`."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = dict(headers)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self.headers)
        return request


class Http:
    """A session with one vendor. `base_url` fixes the host; `headers` (the token among them) are sent nowhere else.

    Nothing here changes anything at a vendor: there is GET, and POST for searches that are asked that way; `tell` only says
    something to an address that was made to listen. One session serves one thread.
    `now` gives naive UTC for a time to wait until without a `Date` header beside it. `links` holds the addresses that the
    `Link` header of the last answer names, by their `rel`; they lead on when they are given to `get`.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        secrets: tuple[str, ...] = (),
        now: Callable[[], datetime],
        patience: Patience = Patience(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = _split(base_url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"url: expected http(s)://host…, got {re.sub('//[^/]*@', '//', base_url)!r}")
        if parts.username or parts.password:
            raise SourceError("url: put no user or password into it; use secret = 'env:NAME'")
        if any(not value.isascii() or not value.isprintable() for value in headers.values()):
            raise SourceError("secret: it holds a character that no HTTP header may carry (a line break, an accent?)")
        self._address = base_url
        self.base_url = base_url.rstrip("/") + "/"
        self.origin = _origin(parts)
        self._secrets = _spellings(secrets)
        self._now = now
        self._patience = patience
        self._sleep = sleep
        self.links: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = not LOOPBACK.match(parts.hostname)
        self._session.auth = _Headers({"Accept": "application/json", **headers})

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """GET a path below `base_url` (or a full address of the same host) and return its JSON, or raise a SourceError."""
        return self._json(*self._answer(path, params, None))

    def search(self, path: str, question: Mapping[str, Any]) -> Any:
        """POST a question as JSON to an address that only reads, with the same patience; its JSON, or a SourceError."""
        return self._json(*self._answer(path, None, question))

    def tell(self, message: Mapping[str, Any]) -> None:
        """POST a message as JSON to `base_url` as it was given; its answer is of no interest unless it is a refusal: a SourceError."""
        self._answer(self._address, None, message)

    def _answer(
        self, path: str, params: Mapping[str, Any] | None, question: Mapping[str, Any] | None
    ) -> tuple[str, bytes]:
        url = self._inside(self.base_url, path.lstrip("/") if "://" not in path else path)
        where = urlsplit(url).path
        deadline = time.monotonic() + self._patience.total
        attempt = 0
        while True:
            attempt += 1
            try:
                status, headers, body = self._once(url, params, question, deadline)
            except requests.exceptions.RequestException as error:
                if isinstance(error, ValueError):
                    raise SourceError(f"{self.origin}: not an address that can be asked: {where}") from None
                failure: SourceError = Unreachable(f"{self.origin}: {self._plain(error)}")
                wait = self._backoff(attempt)
            except ValueError:  # requests looks at a redirect even where it is told not to follow it
                raise WrongHost(
                    f"{self.origin}{where}: the vendor points to an address that is none; not followed"
                ) from None
            else:
                if status < 300:
                    self.links = _links(headers.get("link", ""))
                    return where, body
                busy = status == 429 or (status == 403 and _is_limit(headers, body))
                failure = self._failure(429 if busy else status, where, body, status)
                if busy:
                    wait = self._until_allowed(headers)
                    wait = wait if wait is not None else UNTOLD_LIMIT if status == 403 else self._backoff(attempt)
                elif status in RETRIED_STATUS:
                    wait = max(self._backoff(attempt), self._retry_after(headers) or 0.0)
                else:
                    raise failure from None
            if attempt >= self._patience.attempts:
                raise type(failure)(f"{failure} (gave up after {attempt} attempts)") from None
            if wait > self._patience.longest_wait or time.monotonic() + wait > deadline:
                raise type(failure)(f"{failure} (the next attempt would be {wait:.0f} s away)") from None
            self._sleep(wait)

    def redact(self, text: str) -> str:
        """The text without this session's secrets, however they are spelled, and without anything that looks like one."""
        for secret in self._secrets:
            text = secret.sub(HIDDEN, text)
        return SECRET_SHAPES.sub(HIDDEN, text)

    def _once(
        self, url: str, params: Mapping[str, Any] | None, question: Mapping[str, Any] | None, deadline: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        method, timeout = "GET" if question is None else "POST", (self._patience.connect, self._patience.read)
        how = {"timeout": timeout, "stream": True, "allow_redirects": False}
        for _ in range(4):
            with self._session.request(method, url, params=params, json=question, **how) as response:
                if response.status_code not in REDIRECTS or "location" not in response.headers:
                    return response.status_code, response.headers, self._body(response, deadline)
                url, params = self._inside(response.url, response.headers["location"]), None
        raise WrongHost(f"{self.origin}{urlsplit(url).path}: redirects in a circle")

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > self._patience.largest_body:
                raise BadPayload(f"{self.origin}: an answer of more than {self._patience.largest_body >> 20} MB")
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the answer trickled in too slowly")
        return b"".join(parts)

    def _inside(self, base: str, reference: str) -> str:
        """Where `reference` leads from `base` when that is on our host; http may become https, never the other way."""
        parts = _split(base, reference)
        if parts is None:
            raise WrongHost(f"{self.origin}: the vendor points to an address that is none; not followed")
        upgraded = parts.scheme == "https" and parts.hostname == urlsplit(self.origin).hostname and not parts.port
        if _origin(parts) != self.origin and not upgraded:
            raise WrongHost(
                f"{self.origin}: the vendor points to {_origin(parts)}, which is not the configured host; not followed"
            )
        return parts.geturl()

    def _json(self, where: str, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            start = self.redact(body[:80].decode("utf-8", "replace"))
            raise BadPayload(f"{self.origin}{where}: expected JSON, got {start!r}") from None

    def _failure(self, status: int, where: str, body: bytes, sent: int) -> SourceError:
        """The error for a status; `sent` is the one that the vendor sent, which may mean another."""
        said = _vendor_message(self.redact(body[:8000].decode("utf-8", "replace")))
        text = f"{self.origin}{self.redact(where)}: HTTP {sent}" + (f": {said}" if said else "")
        if status == 403:
            forbidden = Forbidden(text)
            named = re.search(r"'(rak_\w+)'", said)
            forbidden.permission = named.group(1) if named else None
            return forbidden
        known = {401: Unauthorised, 404: NotFound, 410: NotFound, 429: RateLimited}
        return known.get(status, VendorFailure if status >= 500 else Refused)(text)

    def _backoff(self, attempt: int) -> float:
        """Half fixed, half chance, doubling: 0.2–0.4 s, 0.4–0.8 s, …"""
        return self._patience.first_wait * 2 ** (attempt - 1) * (1 + random.random())

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds from a `Retry-After` in either form (seconds, HTTP date); None where there is none to be understood."""
        value = headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        until, vendor_clock = _http_date(value), _http_date(headers.get("date", ""))
        if until is None:
            return None
        return max(0.0, (until - (vendor_clock or self._now())).total_seconds())

    def _until_allowed(self, headers: Mapping[str, str]) -> float | None:
        """Seconds until a limit lets us on: `Retry-After`, else `X-RateLimit-Reset` where nothing remains; None if untold.

        Vendors give the reset as epoch seconds, epoch milliseconds or seconds from now; sizes tell them apart.
        """
        told, reset = self._retry_after(headers), headers.get("x-ratelimit-reset", "").strip()
        if told is not None or headers.get("x-ratelimit-remaining") != "0" or not re.fullmatch(r"\d{1,15}", reset):
            return told
        seconds = int(reset) / 1000 if len(reset) > 11 else int(reset)
        if len(reset) < 9:
            return float(seconds)
        clock = _http_date(headers.get("date", "")) or self._now()
        return max(0.0, seconds - clock.replace(tzinfo=UTC).timestamp())

    def _plain(self, error: requests.exceptions.RequestException) -> str:
        kinds = (
            (requests.exceptions.ProxyError, "the proxy cannot be reached"),
            (requests.exceptions.SSLError, "the certificate cannot be trusted"),
            (requests.exceptions.ConnectTimeout, "no connection in time"),
            (requests.exceptions.ReadTimeout, "no answer in time"),
            (requests.exceptions.ChunkedEncodingError, "the connection broke in the middle of an answer"),
        )
        for kind, words in kinds:
            if isinstance(error, kind):
                return words
        detail = str(error)
        if "NameResolution" in detail or "getaddrinfo" in detail:
            return "the host name is not known"
        if "refused" in detail:
            return "the connection is refused"
        if isinstance(error, requests.exceptions.ConnectionError):
            return "the connection broke"
        return self.redact(type(error).__name__)


def basic(user: str, password: str) -> str:
    """The value of an `Authorization` header for HTTP basic authentication."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def access_token(words: str, session: Any, url: str | None = None) -> str:
    """An OAuth 2 access token by a session of Authlib's (from `url`, or where the session asks itself).

    Raises SourceErrors that begin with `words` and tell no secret.
    """
    from authlib.integrations.base_client import OAuthError

    with session:
        try:
            token = session.fetch_token(url, grant_type="client_credentials") if url else session.refresh_token()
        except OAuthError as error:
            raise Unauthorised(f"{words}: no access token: {error.error}") from None
        except requests.exceptions.RequestException as error:
            raise Unreachable(f"{words}: the address of its tokens gave no answer ({type(error).__name__})") from None
        except ValueError:
            raise BadPayload(f"{words}: the address of its tokens gave no JSON") from None
    if not isinstance(token, dict) or not token.get("access_token"):
        raise BadPayload(f"{words}: no access token in the answer")
    return str(token["access_token"])


def _split(base: str, reference: str = "") -> SplitResult | None:
    """The parts of the address that `reference` means on the page `base`; None for one that is malformed."""
    try:
        parts = urlsplit(urljoin(base, reference))
        _ = parts.port  # a port that is no number is found out only when it is asked for
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def _spellings(secrets: tuple[str, ...]) -> list[re.Pattern[str]]:
    spelled = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), _base64(secret))}
    patterns = []
    for form in sorted(spelled, key=len, reverse=True):
        text = re.escape(form)
        patterns.append(re.compile(text if len(form) >= 8 else rf"(?<!\w){text}(?!\w)"))
    return patterns


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _vendor_message(text: str) -> str:
    """The one sentence that vendors put into an error body, wherever they put it; at most 300 characters."""
    try:
        said = json.loads(text)
    except ValueError:
        return re.sub(r"(<[^>]*>|\s)+", " ", text).strip()[:300]
    for key in ("error", "message", "description", "title"):
        if isinstance(said, dict) and said.get(key):
            said = said[key] if not isinstance(said[key], dict) else said[key].get("message") or said[key]
            break
    return (said if isinstance(said, str) else json.dumps(said))[:300]


def _is_limit(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a 403 asks to wait rather than for a permission, as GitHub's does."""
    if "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return True
    return b"secondary rate limit" in body[:8000].lower()


def _links(header: str) -> dict[str, str]:
    return {one["rel"]: one["url"] for one in requests.utils.parse_header_links(header) if one.get("rel")}


def _http_date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value).replace(tzinfo=None)
    except (ValueError, TypeError):
        return None
