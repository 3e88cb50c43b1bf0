"""What Harborline sells: its APIs with their routes, the plans, and the prices of a call."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """A route and what a good call of it looks like. `path` may hold one `{}`, filled from a pool of ids.

    `latency_ms` is the median upstream time; `size` the median response body in bytes.
    """

    service: str
    route: str
    method: str
    path: str
    ids: str = ""
    query: str = ""
    status: int = 200
    latency_ms: float = 40.0
    size: int = 900


CALLS: dict[str, Call] = {
    "quote": Call("rates", "rates-quote", "POST", "/v1/rates/quote", latency_ms=85, size=2400),
    "batch_quote": Call("rates", "rates-batch", "POST", "/v1/rates/batch", latency_ms=310, size=9800),
    "carriers": Call(
        "rates", "rates-carriers", "GET", "/v1/rates/carriers", query="?country=US", latency_ms=18, size=3100
    ),
    "label": Call("labels", "labels-create", "POST", "/v1/labels", status=201, latency_ms=180, size=1500),
    "label_get": Call("labels", "labels-item", "GET", "/v1/labels/{}", "label", latency_ms=30, size=1450),
    "label_void": Call("labels", "labels-item", "DELETE", "/v1/labels/{}", "label", status=204, latency_ms=60, size=0),
    "track": Call("tracking", "tracking-item", "GET", "/v1/tracking/{}", "parcel", latency_ms=34, size=1250),
    "track_events": Call(
        "tracking", "tracking-events", "GET", "/v1/tracking/{}/events", "parcel", "?limit=50", latency_ms=45, size=2900
    ),
    "track_list": Call("tracking", "tracking-list", "GET", "/v1/tracking", query="?page=2", latency_ms=120, size=18400),
    "track_hook": Call(
        "tracking", "tracking-webhooks", "POST", "/v1/tracking/webhooks", status=201, latency_ms=38, size=420
    ),
    "track_by_key": Call(
        "tracking",
        "tracking-item",
        "GET",
        "/v1/tracking/{}",
        "parcel",
        "?apikey=hlk_live_5b1f0c77e2d94a36",
        latency_ms=34,
        size=1250,
    ),
    "health": Call("tracking", "tracking-health", "GET", "/v1/tracking/health", latency_ms=3, size=60),
    "validate": Call("addresses", "addresses-validate", "POST", "/v1/addresses/validate", latency_ms=26, size=780),
    "suggest": Call(
        "addresses", "addresses-suggest", "GET", "/v1/addresses/suggest", query="?q=12%20harb", latency_ms=14, size=640
    ),
    "hs_code": Call(
        "customs", "/v1/customs/hs-codes/{code}", "GET", "/v1/customs/hs-codes/{}", "hs", latency_ms=52, size=880
    ),
    "declaration": Call(
        "customs", "/v1/customs/declarations", "POST", "/v1/customs/declarations", status=201, latency_ms=240, size=1900
    ),
    "declaration_get": Call(
        "customs",
        "/v1/customs/declarations/{id}",
        "GET",
        "/v1/customs/declarations/{}",
        "declaration",
        latency_ms=44,
        size=1850,
    ),
}

KONG_SERVICES = ("rates", "labels", "tracking", "addresses")

ROUTES: dict[str, tuple[str, list[str], list[str]]] = {
    "rates-quote": ("rates", ["/v1/rates/quote"], ["POST"]),
    "rates-batch": ("rates", ["/v1/rates/batch"], ["POST"]),
    "rates-carriers": ("rates", ["/v1/rates/carriers"], ["GET"]),
    "rates-any": ("rates", ["/v1/rates"], []),
    "labels-create": ("labels", ["/v1/labels"], ["POST"]),
    "labels-item": ("labels", ["~/v1/labels/[^/]+$"], ["GET", "DELETE"]),
    "labels-v2": ("labels", ["/v2/labels"], []),
    "tracking-list": ("tracking", ["/v1/tracking"], []),
    "tracking-item": ("tracking", ["~/v1/tracking/[^/]+$"], ["GET"]),
    "tracking-events": ("tracking", ["~/v1/tracking/[^/]+/events$"], ["GET"]),
    "tracking-webhooks": ("tracking", ["/v1/tracking/webhooks"], ["POST"]),
    "tracking-health": ("tracking", ["/v1/tracking/health"], ["GET"]),
    "addresses-validate": ("addresses", ["/v1/addresses/validate"], ["POST"]),
    "addresses-suggest": ("addresses", ["/v1/addresses/suggest"], ["GET"]),
}


@dataclass(frozen=True)
class Plan:
    """A plan of the rate card. `monthly` in cents of USD; None where it is negotiated or free. `quota` in calls a month."""

    name: str
    monthly: int | None
    quota: int
    a_minute: int


PLANS: dict[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan("sandbox", None, 500, 10),
        Plan("free", None, 5_000, 30),
        Plan("starter", 4_900, 50_000, 120),
        Plan("growth", 39_900, 500_000, 600),
        Plan("beta", None, 20_000, 60),
        Plan("enterprise", None, 20_000_000, 6_000),
        Plan("partner", None, 10_000_000, 3_000),
        Plan("internal", None, 100_000_000, 12_000),
    )
}

# What a product does decides which routes it uses, and how much of each.
WORKLOADS: dict[str, dict[str, float]] = {
    "shop": {"quote": 30, "label": 16, "label_get": 6, "label_void": 1, "track": 30, "track_events": 8, "validate": 9},
    "tracker": {"track": 54.9, "track_by_key": 0.1, "track_events": 34, "track_hook": 3, "track_list": 8},
    "checkout": {"quote": 44, "carriers": 6, "validate": 28, "suggest": 22},
    "fulfilment": {"label": 34, "label_get": 18, "label_void": 2, "track": 26, "batch_quote": 12, "validate": 8},
    "export": {"quote": 22, "label": 14, "hs_code": 26, "declaration": 16, "declaration_get": 12, "track": 10},
    "reader": {"quote": 34, "carriers": 16, "track": 30, "suggest": 20},
    "monitor": {"health": 1},
    "scraper": {"track_list": 44, "track": 30, "carriers": 20, "suggest": 6},
}


@dataclass(frozen=True)
class Refusal:
    """How a call fails: which status, who said so, and what Kong then writes.

    `upstream` is False where Kong answered by itself; `routed` is False where no route matched (no consumer is known then).
    """

    status: int
    upstream: bool = True
    routed: bool = True
    identified: bool = True
    headers: str = ""
    message_size: int = 120
    path: str = ""
    method: str = ""
    route: str = ""
    service: str = ""
    latency: float = 0.4
    upstream_status: str = field(default="")


REFUSALS: dict[str, Refusal] = {
    "acl": Refusal(403, upstream=False, message_size=46),
    "bad_token": Refusal(401, message_size=98),
    "bad_key": Refusal(401, upstream=False, identified=False, message_size=41),
    "quota": Refusal(429, upstream=False, headers="quota", message_size=37),
    "rate": Refusal(429, upstream=False, headers="rate", message_size=37),
    "invalid": Refusal(422, message_size=260),
    "malformed": Refusal(400, message_size=180),
    "conflict": Refusal(409, message_size=150),
    "error": Refusal(500, message_size=140, latency=2.0),
    "unavailable": Refusal(503, upstream=False, message_size=90, latency=0.1),
    "bad_gateway": Refusal(502, message_size=75, latency=6.0, upstream_status="502, 502"),
    "timeout": Refusal(504, message_size=55, latency=200.0, upstream_status="504"),
    "unknown_id": Refusal(404, message_size=88),
    "wrong_path": Refusal(
        404,
        message_size=70,
        path="/v1/tracking/shipments/{}/status",
        method="GET",
        route="tracking-list",
        service="tracking",
    ),
    "wrong_rates": Refusal(
        404, message_size=70, path="/v1/rates/quotes", method="GET", route="rates-any", service="rates"
    ),
    "no_duties": Refusal(
        404, upstream=False, routed=False, identified=False, message_size=52, path="/v1/customs/duties", method="POST"
    ),
    "no_batch": Refusal(
        501, message_size=80, path="/v2/labels/batch", method="POST", route="labels-v2", service="labels"
    ),
    "no_bulk": Refusal(
        405, message_size=64, path="/v1/tracking/bulk", method="POST", route="tracking-list", service="tracking"
    ),
    "no_insurance": Refusal(
        404, upstream=False, routed=False, identified=False, message_size=52, path="/v1/insurance/quote", method="POST"
    ),
}

SCANNER_PATHS = (
    "/wp-login.php",
    "/.env",
    "/.git/config",
    "/phpmyadmin/index.php",
    "/admin/login",
    "/actuator/health",
    "/xmlrpc.php",
    "/cgi-bin/luci",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
)

DOCS = {
    "home": "/docs/",
    "quickstart": "/docs/quickstart",
    "authentication": "/docs/authentication",
    "errors": "/docs/errors",
    "rates": "/docs/rates/quote",
    "labels": "/docs/labels/create",
    "tracking": "/docs/tracking/events",
    "customs": "/docs/customs/declarations",
    "limits": "/docs/rate-limits",
    "pricing": "/pricing",
    "security": "/trust/security",
    "signup": "/signup",
    "changelog": "/docs/changelog",
}
