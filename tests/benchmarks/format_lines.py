"""Lines of each log format for the benchmark: the same calls told in every gateway's way, and how GoAccess is told to read them."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATHS = (
    "/v1/rates",
    "/v1/shipments/{}",
    "/v1/tracking/{}/events",
    "/v1/labels",
    "/v1/addresses/validate",
    "/v2/quotes/{}",
)
STARTED = 1_781_006_400


@dataclass
class Call:
    """One call: `n` is its number, 30 a second."""

    n: int
    chance: random.Random
    path: str = field(init=False)
    status: int = field(init=False)
    took: int = field(init=False)
    app: int = field(init=False)

    def __post_init__(self) -> None:
        roll = self.chance.random
        self.path = PATHS[int(roll() * 6)].format(int(roll() * 10**8))
        self.status = (200, 200, 200, 201, 404, 429)[int(roll() * 6)]
        self.took = 4 + int(roll() * 300)
        self.app = int(roll() * 20_000)

    @property
    def ms(self) -> int:
        """When it came, in epoch milliseconds."""
        return STARTED * 1000 + self.n * 33

    def at(self, form: str) -> str:
        """When it came, as strftime writes it."""
        return time.strftime(form, time.gmtime(self.ms // 1000))

    @property
    def iso(self) -> str:
        """When it came, ISO 8601 with milliseconds."""
        return f"{self.at('%Y-%m-%dT%H:%M:%S')}.{self.ms % 1000:03}Z"

    @property
    def clf(self) -> str:
        """When it came, as the common log format has it."""
        return self.at("%d/%b/%Y:%H:%M:%S +0000")

    @property
    def ip(self) -> str:
        """The client's address."""
        return f"198.51.{self.app % 250}.{self.app // 250}"

    @property
    def uuid(self) -> str:
        """A request id."""
        bits = f"{self.chance.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"

    @property
    def size(self) -> int:
        """Bytes of the answer."""
        return 200 + self.n % 9000

    @property
    def agent(self) -> str:
        """The user agent."""
        return f"harbor-go/3.{self.app % 7}"


HEADERS: dict[str, str] = {}
LINE_OF: dict[str, Callable[[Call], str]] = {
    "combined": lambda c: f'{c.ip} - - [{c.clf}] "GET {c.path} HTTP/1.1" {c.status} {c.size} "-" "{c.agent}"',
    "envoy": lambda c: (
        f'[{c.iso}] "GET {c.path} HTTP/2" {c.status} - via_upstream - "-" 0 {c.size} {c.took} {c.took - 2} "{c.ip}" "{c.agent}" '
        f'"{c.uuid}" "api.harbor.example" "10.8.0.{c.app % 9}:8080" rates 10.8.0.9:41022 10.8.0.9:8443 10.0.0.4:51022 - default'
    ),
    "krakend": lambda c: (
        f'[GIN] {c.at("%Y/%m/%d - %H:%M:%S")} | {c.status} | {c.took}.53ms | {c.ip} | GET      "{c.path}"'
    ),
    "kong": lambda c: (
        f'{{"started_at":{c.ms},"client_ip":"{c.ip}","request":{{"id":"{c.uuid}","method":"GET","uri":"{c.path}?page={c.n % 9}",'
        f'"size":{c.size % 900},"querystring":{{"page":"{c.n % 9}"}},"headers":{{"host":"api.example.com","user-agent":"{c.agent}",'
        f'"accept":"*/*"}}}},"response":{{"status":{c.status},"size":{c.size},"headers":{{"content-type":"application/json",'
        f'"x-ratelimit-remaining-minute":"{c.n % 60}"}}}},"latencies":{{"kong":1,"proxy":{c.took},"request":{c.took + 2}}},'
        f'"route":{{"id":"0f1a4101","name":"r{c.app % 6}"}},"service":{{"id":"fb4eecf8","name":"shipping","host":"up.example"}},'
        f'"consumer":{{"id":"{c.app:08}-1111","custom_id":"app_{c.app:05}"}},"authenticated_entity":{{"id":"key-{c.app:05}"}},'
        f'"upstream_status":"{c.status}","tries":[{{"ip":"10.0.0.{c.app % 9}","port":80}}]}}'
    ),
    "aws_api_gateway": lambda c: (
        f'{{"requestId":"{c.uuid}","ip":"{c.ip}","caller":"-","user":"-","requestTime":"{c.clf}","requestTimeEpoch":"{c.ms}",'
        f'"httpMethod":"GET","resourcePath":"/v1/rates/{{id}}","path":"/prod{c.path}","status":"{c.status}","protocol":"HTTP/1.1",'
        f'"responseLength":"{c.size}","responseLatency":"{c.took}","integrationLatency":"{c.took - 2}","apiKeyId":"key{c.app:05}"}}'
    ),
    "envoy_json": lambda c: (
        f'{{"start_time":"{c.iso}","method":"GET","path":"{c.path}?zone=4","protocol":"HTTP/2","response_code":{c.status},'
        f'"response_flags":"-","response_code_details":"via_upstream","bytes_received":0,"bytes_sent":{c.size},"duration":{c.took},'
        f'"upstream_service_time":"{c.took - 2}","x_forwarded_for":"{c.ip}","user_agent":"{c.agent}","request_id":"{c.uuid}",'
        f'"authority":"api.harbor.example","upstream_host":"10.8.0.4:8080","upstream_cluster":"rates",'
        f'"downstream_remote_address":"10.0.0.4:51022","route_name":"default"}}'
    ),
}
# log-format, date-format, time-format
GOACCESS: dict[str, tuple[str, ...]] = {
    "combined": ("COMBINED",),
    "envoy": (
        '[%dT%t.%^] "%m %U %H" %s %^ %^ %^ "%^" %^ %b %L %^ "%h" "%u" "%^" "%v" "%^" %^',
        "%Y-%m-%d",
        "%H:%M:%S",
    ),
    "krakend": ('[GIN] %d - %t | %s | %Lms | %h | %m %^"%U"', "%Y/%m/%d", "%H:%M:%S"),
}
