"""Renders blocks of traffic as log lines, a whole block at a time, by joining columns of ready-made fragments."""

import json
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_sources.demo.activity import Activity, Outcome, failing
from data_sources.demo.catalog import CALLS, DOCS, PLANS, REFUSALS, ROUTES, Refusal
from data_sources.demo.timeline import Timeline
from data_sources.demo.traffic import Block

_POOL = 6000
_UNTOLD = Refusal(404)


def _text(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _take(fragments: pa.Array, numbers: np.ndarray) -> pa.Array:
    return fragments.take(pa.array(numbers))


def _column(texts: Iterable[str]) -> pa.Array:
    return pa.array(list(texts), pa.string())


def _hexes(rng: np.random.Generator, count: int, digits: int) -> pa.Array:
    """`count` random hexadecimal strings, without a Python object each."""
    data = pa.py_buffer(rng.bytes(count * digits // 2).hex().encode())
    offsets = pa.py_buffer(np.arange(0, (count + 1) * digits, digits, dtype=np.int32).tobytes())
    return pa.StringArray.from_buffers(count, offsets, data)


def _join(pieces: list[pa.Array | str]) -> memoryview:
    """The pieces of every line joined, lines one after another, as the bytes of a file."""
    count = next(len(piece) for piece in pieces if not isinstance(piece, str))
    if not count:
        return memoryview(b"")
    joined = pc.binary_join_element_wise(*[pa.scalar(p) if isinstance(p, str) else p for p in pieces], "")
    offsets = np.frombuffer(joined.buffers()[1], dtype=np.int32, count=count + 1)
    return memoryview(joined.buffers()[2])[int(offsets[0]) : int(offsets[-1])]


class Lines:
    """What the three formats share: the outcomes as columns, and the pool of ids that paths are filled with."""

    gateway = ""

    def __init__(self, time: Timeline, activity: Activity) -> None:
        self.time, self.activity = time, activity
        rng = time.rng("ids")
        digits = rng.integers(0, 10, (_POOL, 16)).astype(str)
        numbers = ["".join(row) for row in digits]
        hs = [f"{n[:4]}.{n[4:6]}" for n in numbers]
        kinds = {
            "": [""],
            "parcel": [f"1Z{n[:12]}" for n in numbers],
            "label": [f"lbl_{time.token('label', n)}" for n in numbers],
            "hs": hs,
            "declaration": [time.uuid("declaration", n) for n in numbers],
        }
        self._ids, self._id_start = [], {}
        for kind, pool in kinds.items():
            self._id_start[kind] = (len(self._ids), len(pool))
            self._ids += pool
        self._ids_array = pa.array(self._ids, pa.string())
        self._addresses = pa.array([a for caller in activity.callers for a in caller.addresses], pa.string())
        outcomes = activity.outcomes
        calls = [CALLS.get(o.call) for o in outcomes]
        refusals = [REFUSALS.get(o.refusal or "") for o in outcomes]
        self.latency = np.array(
            [(c.latency_ms if c else 4.0) * (r.latency if r else 1.0) for c, r in zip(calls, refusals, strict=True)]
        )
        self.size = np.array(
            [r.message_size if r else (c.size if c else 6200) for c, r in zip(calls, refusals, strict=True)]
        )
        self.status, self.upstream = map(np.array, zip(*map(failing, outcomes), strict=True))
        pools = [self._id_start[self._id_kind(o)] for o in outcomes]
        self._pool_start, self._pool_size = (np.array(c) for c in zip(*pools, strict=True))

    def _id_kind(self, outcome: Outcome) -> str:
        refusal = REFUSALS.get(outcome.refusal or "")
        if refusal and refusal.path:
            return "parcel" if "{}" in refusal.path else ""
        return CALLS[outcome.call].ids if outcome.call in CALLS else ""

    def _path_ids(self, block: Block) -> pa.Array:
        start, size = self._pool_start[block.outcome], self._pool_size[block.outcome]
        return self._ids_array.take(pa.array(start + (block.dice * size).astype(np.int64)))


class KongLines(Lines):
    """Kong 3.x file-log: one JSON object a line, as its log serializer writes them, without the timeouts."""

    gateway = "kong"
    # what each caller has used of its month by the end of each day, of how many calls; without them no answer says so
    month_use: np.ndarray | None = None
    month_quota: np.ndarray | None = None

    def __init__(self, time: Timeline, activity: Activity) -> None:
        super().__init__(time, activity)
        nothing = ("", "", "", "", False)
        rows = [self._fragments(outcome) if outcome.gateway == "kong" else nothing for outcome in activity.outcomes]
        *texts, known = zip(*rows, strict=True)
        self._head, self._mid, self._response, self._upstream_status = map(_column, texts)
        self._known = np.array(known)
        telling = [
            outcome.gateway == "kong" and not (outcome.refusal and REFUSALS.get(outcome.refusal, _UNTOLD).headers)
            for outcome in activity.outcomes
        ]
        self._telling = np.array(telling) & self._known
        self._agent = _column(self._request_headers(number) for number in range(len(activity.callers)))
        self._consumer = _column([*map(self._identity, activity.callers), ""])

    def _fragments(self, outcome: Outcome) -> tuple[str, str, str, str, bool]:
        """Text before the id in the path, after it, of the response, of the upstream; and whether the consumer is known."""
        refusal, call = REFUSALS.get(outcome.refusal or ""), CALLS.get(outcome.call)
        method, path, query, route, service = "GET", outcome.call, "", "", ""
        if call:
            method, path, query, route, service = call.method, call.path, call.query, call.route, call.service
        routed = call is not None
        if refusal:
            routed = refusal.routed
            if refusal.path:
                method, path, query, route, service = refusal.method, refusal.path, "", refusal.route, refusal.service
        before, _, after = path.partition("{}")
        head = "{"
        if routed:
            service_id = self.time.uuid("service", service)
            head += f'"service":{{"id":"{service_id}","name":"{service}","host":"{service}.internal"}},'
            paths = json.dumps(ROUTES[route][1], separators=(",", ":"))
            head += f'"route":{{"id":"{self.time.uuid("route", route)}","name":"{route}","paths":{paths}}},'
        head += f'"request":{{"method":"{method}","uri":"{before}'
        pairs = dict(pair.split("=", 1) for pair in query.lstrip("?").split("&") if pair)
        asked = json.dumps({k: v.replace("%20", " ") for k, v in pairs.items()}, separators=(",", ":"))
        mid = f'{after}{query}","querystring":{asked},"headers":{{"host":"api.harborline.com",'
        if method in ("POST", "PUT"):
            mid += '"content-type":"application/json",'
        status, reached = failing(outcome)
        response = self._limits(outcome.plan, refusal.headers if refusal else "")
        response += f'}},"status":{status},"size":'
        backend = (refusal.upstream_status if refusal else "") or str(status)
        upstream = f'"upstream_status":"{backend}",' if reached else ""
        upstream += '"source":"upstream"' if reached else '"source":"kong"'
        known = (routed and (refusal is None or refusal.identified)) and outcome.refusal != "scan"
        return head, mid, response, upstream, known

    def _limits(self, plan: str, kind: str) -> str:
        terms = PLANS.get(plan) or PLANS["sandbox"]
        if kind == "quota":
            return (
                f',"x-ratelimit-limit-month":"{terms.quota}","x-ratelimit-remaining-month":"0","ratelimit-limit":"{terms.quota}",'
                '"ratelimit-remaining":"0","ratelimit-reset":"86400","retry-after":"86400"'
            )
        if kind == "rate":
            return (
                f',"x-ratelimit-limit-minute":"{terms.a_minute}","x-ratelimit-remaining-minute":"0",'
                f'"ratelimit-limit":"{terms.a_minute}","ratelimit-remaining":"0","ratelimit-reset":"23","retry-after":"23"'
            )
        return ""

    def _month(self, block: Block) -> pa.Array | str:
        """The headers of the month's limit, as Kong sends them with every answer to a caller that it knows."""
        if self.month_use is None or self.month_quota is None:
            return ""
        day = np.minimum((block.started_at - self.time.start_ms) // 86_400_000, self.month_use.shape[1] - 1)
        quota = np.where(self._telling[block.outcome], self.month_quota[block.caller, day], 0)
        left = np.maximum(0, quota - self.month_use[block.caller, day].astype(np.int64))
        headers = pc.binary_join_element_wise(
            pa.scalar(',"x-ratelimit-limit-month":"'),
            _text(quota),
            pa.scalar('","x-ratelimit-remaining-month":"'),
            _text(left),
            pa.scalar('"'),
            "",
        )
        return pc.if_else(pa.array(quota > 0), headers, pa.scalar(""))

    def _request_headers(self, number: int) -> str:
        caller = self.activity.callers[number]
        headers = f'"user-agent":"{caller.user_agent}"'
        if caller.id and number % 97 == 5:
            headers += f',"apikey":"hlk_live_{self.time.token("key", caller.id, length=24)}"'
        return headers + '},"id":"'

    def _identity(self, caller) -> str:
        if not caller.consumer_id:
            return ""
        consumer = {"id": caller.consumer_id, "username": caller.username, "tags": caller.tags}
        if caller.custom_id:
            consumer["custom_id"] = caller.custom_id
        named = json.dumps(consumer, separators=(",", ":"), ensure_ascii=False)
        return f'"authenticated_entity":{{"id":"{caller.id}"}},"consumer":{named},'

    def render(self, block: Block) -> memoryview:
        """The block as the bytes of a log file."""
        outcome, count = block.outcome, len(block.outcome)
        upstream = self.upstream[outcome]
        took = np.maximum(1, self.latency[outcome] * np.exp(0.5 * block.noise)).astype(np.int64)
        kong = 1 + (block.dice * 4).astype(np.int64)
        proxy = np.where(upstream, took, -1)
        total = np.where(upstream, took + kong, kong)
        body = (self.size[outcome] * (0.8 + 0.4 * block.dice)).astype(np.int64) + 240
        who = np.where(self._known[outcome], block.caller, len(self._consumer) - 1)
        started = _text(block.started_at)
        begun = _text(block.started_at + kong)
        tries = pc.if_else(
            pa.array(upstream),
            pc.binary_join_element_wise(
                pa.scalar('[{"balancer_start":'),
                begun,
                pa.scalar(',"ip":"10.0.3.17","port":8080}]'),
                "",
            ),
            pa.scalar("[]"),
        )
        ids = self._path_ids(block)
        return _join(
            [
                _take(self._head, outcome),
                ids,
                _take(self._mid, outcome),
                _take(self._agent, block.caller),
                _hexes(self.time.rng("request ids", int(block.started_at[0]) if count else 0), count, 32),
                '","size":',
                _text(310 + (block.dice * 90).astype(np.int64)),
                '},"response":{"headers":{"content-type":"application/json"',
                self._month(block),
                _take(self._response, outcome),
                _text(body),
                '},"latencies":{"kong":',
                _text(kong),
                ',"proxy":',
                _text(proxy),
                ',"request":',
                _text(total),
                ',"receive":0},"tries":',
                tries,
                ',"client_ip":"',
                self._addresses.take(pa.array(block.address)),
                '",',
                _take(self._consumer, who),
                '"started_at":',
                started,
                ",",
                _take(self._upstream_status, outcome),
                "}\n",
            ]
        )


class AwsLines(Lines):
    """AWS API Gateway access log in JSON, from a template that leaves numbers unquoted, so an absent one is a bare `-`."""

    gateway = "aws"

    def __init__(self, time: Timeline, activity: Activity) -> None:
        super().__init__(time, activity)
        self._head = _column(self._path_fragment(o) if o.gateway == "aws" else "" for o in activity.outcomes)
        self._agent = _column(
            f'","apiKeyId":"{c.id or "-"}","userAgent":"{c.user_agent}","requestTime":"' for c in activity.callers
        )
        self._status = _column(f'","status":{status},"responseLength":' for status in self.status)

    @staticmethod
    def _path_fragment(outcome: Outcome) -> str:
        call = CALLS[outcome.call]
        return f'{{"apiId":"h4rb0rl1n3","stage":"prod","httpMethod":"{call.method}","resourcePath":"{call.route}","path":"/prod{call.path.partition("{}")[0]}'

    def render(self, block: Block) -> memoryview:
        """The block as the bytes of a log file."""
        outcome, count = block.outcome, len(block.outcome)
        upstream = pa.array(self.upstream[outcome])
        took = np.maximum(1, self.latency[outcome] * np.exp(0.5 * block.noise)).astype(np.int64)
        waited = pc.if_else(upstream, _text(took), pa.scalar("-"))
        ids = _hexes(self.time.rng("aws ids", int(block.started_at[0]) if count else 0), count, 32)
        pieces = [pc.utf8_slice_codeunits(ids, a, b) for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))]
        dashed = pc.binary_join_element_wise(*pieces, "-")
        return _join(
            [
                _take(self._head, outcome),
                self._path_ids(block),
                '","requestId":"',
                dashed,
                '","ip":"',
                self._addresses.take(pa.array(block.address)),
                '","caller":"-","user":"-","protocol":"HTTP/1.1',
                _take(self._agent, block.caller),
                clf_time(block.started_at),
                _take(self._status, outcome),
                _text((self.size[outcome] * (0.8 + 0.4 * block.dice)).astype(np.int64)),
                ',"responseLatency":',
                _text(took + 4),
                ',"integrationLatency":',
                waited,
                "}\n",
            ]
        )


class DocsLines(Lines):
    """nginx combined log of the documentation site."""

    gateway = "docs"

    def __init__(self, time: Timeline, activity: Activity) -> None:
        super().__init__(time, activity)
        requests = []
        for outcome, status in zip(activity.outcomes, self.status, strict=True):
            path = DOCS.get(outcome.call, outcome.call)
            if outcome.refusal == "missing" and outcome.call in DOCS:
                path = f"/docs/v0{path}"
            requests.append(f'] "GET {path} HTTP/1.1" {status} ')
        self._request = _column(requests)
        referers = ("-", "https://www.google.com/", "https://harborline.com/docs/", "https://github.com/")
        self._tail = _column(f' "{r}" "{c.user_agent}"\n' for c in activity.callers for r in referers)

    def render(self, block: Block) -> memoryview:
        """The block as the bytes of a log file."""
        referer = block.caller * 4 + (block.dice * 4).astype(np.int64)
        return _join(
            [
                self._addresses.take(pa.array(block.address)),
                " - - [",
                clf_time(block.started_at),
                _take(self._request, block.outcome),
                _text((self.size[block.outcome] * (0.6 + block.dice)).astype(np.int64)),
                _take(self._tail, referer),
            ]
        )


def clf_time(milliseconds: np.ndarray) -> pa.Array:
    """Epoch milliseconds as the common log format writes a time, in UTC: 10/Jun/2023:15:36:28 +0000."""
    seconds = pa.array(milliseconds // 1000, pa.int64()).cast(pa.timestamp("s"))
    return pc.strftime(seconds, format="%d/%b/%Y:%H:%M:%S +0000", locale="C")
