"""What goes wrong with a source. All of it may be shown to people as it is.

    SourceError
    ├── Unreachable      no answer: name, connection or time
    ├── VendorFailure    the vendor answered with a failure of its own (5xx) until patience ended
    ├── RateLimited      the vendor asks to wait longer than we may (429, or a 403 that is a limit)
    ├── Unauthorised     the token is wrong or expired (401)
    ├── Forbidden        the token is right, a permission is missing (403); `.permission` names it where known
    ├── NotFound         no such address (404, 410)
    ├── Refused          another 4xx: the vendor does not understand us
    ├── WrongHost        a redirect or next page leads away from the configured host: not followed
    └── BadPayload       an answer that is not what the vendor documents

Apart from the session that raises most of it, so that whoever only catches it need not load an HTTP client.
"""

from dataclasses import dataclass


class SourceError(Exception):
    """What went wrong with a source, in words for people, without secrets."""


class Unreachable(SourceError):
    """No answer: the name, the connection or the time."""


class VendorFailure(SourceError):
    """The vendor failed (5xx) until our patience ended."""


class RateLimited(SourceError):
    """The vendor asks to wait longer than we may."""


class Unauthorised(SourceError):
    """The token is wrong or expired (401)."""


class Forbidden(SourceError):
    """The token is right, a permission is missing (403)."""

    permission: str | None = None


class NotFound(SourceError):
    """No such address (404, 410)."""


class Refused(SourceError):
    """Another 4xx: the vendor does not understand us."""


class WrongHost(SourceError):
    """A redirect or a next page leads away from the configured host; it was not followed."""


class BadPayload(SourceError):
    """An answer that is not what the vendor documents."""


@dataclass(frozen=True)
class Patience:
    """How long one request may take, all its attempts and waits together. Seconds and bytes."""

    attempts: int = 8
    connect: float = 10.0
    read: float = 60.0
    total: float = 600.0
    longest_wait: float = 120.0
    first_wait: float = 0.2
    largest_body: int = 256 << 20
