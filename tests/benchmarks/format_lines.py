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


HEADERS = {
    "azure_apim_csv": "TimeGenerated [UTC],Method,Url,ResponseCode,TotalTime,BackendTime,CallerIpAddress,ApimSubscriptionId,ProductId\n",
    "apigee_csv": (
        "client_received_start_timestamp,client_sent_end_timestamp,request_verb,request_path,response_status_code,apiproxy,client_id,"
        "developer_app,developer_email\n"
    ),
    "tyk_csv": "Method,Host,Path,RawPath,ContentLength,UserAgent,Day,Month,Year,Hour,ResponseCode,APIKey,TimeStamp\n",
}
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
    "haproxy": lambda c: (
        f"Jun  9 12:00:00 lb haproxy[2801]: {c.ip}:{33000 + c.n % 9000} [{c.at('%d/%b/%Y:%H:%M:%S')}.{c.ms % 1000:03}] web~ quotes/srv{c.app % 9} "
        f'10/0/3/{c.took - 4}/{c.took + 13} {c.status} {c.size} - - ---- 1/1/1/1/0 0/0 "GET {c.path} HTTP/1.1"'
    ),
    "traefik_clf": lambda c: (
        f'{c.ip} - - [{c.clf}] "GET {c.path} HTTP/1.1" {c.status} {c.size} "-" "{c.agent}" {c.n} "rates@docker" "http://10.0.3.2:8080" {c.took}ms'
    ),
    "nginx_ingress": lambda c: (
        f'{c.ip} - - [{c.clf}] "GET {c.path} HTTP/2.0" {c.status} {c.size} "-" "{c.agent}" 310 0.{c.took:03} [shop-quotes-80] [] '
        f"10.8.0.{c.app % 9}:8080 {c.size} 0.{c.took:03} {c.status} {c.uuid.replace('-', '')}"
    ),
    "tyk_access": lambda c: (
        f'time="{c.at("%Y-%m-%dT%H:%M:%S")}Z" level=info api_id=b1a41c9a api_key=k{c.app:07x} api_name=quotes api_version="Not Versioned" '
        f"client_ip={c.ip} host=api.harbor.example latency_total={c.took} method=GET org_id=53ac07777cbb8c2d53000002 path={c.path} "
        f"prefix=access-log protocol=HTTP/1.1 remote_addr=10.0.0.4:51022 status={c.status} upstream_addr=http://10.8.0.9:8080/ "
        f"upstream_latency={c.took - 2} user_agent={c.agent}"
    ),
    "tyk_pump": lambda c: (
        f"<6>{c.at('%Y-%m-%dT%H:%M:%S')}Z pump-0 gateway[1]: map[alias:acme api_id:a1b2c3 api_key:k{c.app:07x} api_name:quotes api_version:Non Versioned "
        f"content_length:0 host:quotes.internal ip_address:{c.ip} method:GET oauth_id: org_id:53ac07777cbb8c2d53000002 path:{c.path} raw_path:{c.path} "
        f"raw_request: raw_response: request_time_ms:{c.took} response_code:{c.status} timestamp:{c.at('%Y-%m-%d %H:%M:%S')}.25 +0000 UTC "
        f"user_agent:{c.agent}]"
    ),
    "aws_api_gateway_clf": lambda c: (
        f'{c.ip} - - [{c.clf}]"GET /v1/rates/{{id}} HTTP/1.1" {c.status} {c.size} {c.uuid}'
    ),
    "aws_api_gateway_csv": lambda c: f"{c.ip},-,-,{c.clf},GET,/v1/rates/{{id}},HTTP/1.1,{c.status},{c.size}, {c.uuid}",
    "aws_api_gateway_xml": lambda c: (
        f'<request id="{c.uuid}"> <ip>{c.ip}</ip> <caller>-</caller> <user>-</user> <requestTime>{c.clf}</requestTime> '
        f"<httpMethod>GET</httpMethod> <resourcePath>/v1/rates/{{id}}</resourcePath> <status>{c.status}</status> "
        f"<protocol>HTTP/1.1</protocol> <responseLength>{c.size}</responseLength> </request>"
    ),
    "azure_apim_csv": lambda c: (
        f"{c.iso},GET,https://api.harbor.example{c.path},{c.status},{c.took},{c.took - 2},{c.ip},app-{c.app:05},starter"
    ),
    "apigee_csv": lambda c: (
        f"{c.ms},{c.ms + c.took},GET,{c.path},{c.status},quotes-v1,k{c.app:07x},app-{c.app:05},jo{c.app}@acme.example"
    ),
    "tyk_csv": lambda c: (
        f"GET,api.harbor.example,/quotes,{c.path},0,{c.agent},9,June,2026,12,{c.status},k{c.app:07x},{c.at('%Y-%m-%d %H:%M:%S')}.25 +0000 UTC"
    ),
    "gravitee_csv": lambda c: (
        f'"{c.uuid}";"{c.uuid}";{c.ms};"{c.ip}";"10.0.0.4";"a-1";"Quotes";"app-{c.app:05}";"gold";"sub-{c.app:05}";"";"";"{c.path}";"";"";'
        f'"GET";{c.status};"http://up:80";"";"";"{c.agent}";"api.harbor.example";0;{c.size};{c.took - 2};{c.took};2;"API_KEY";"a-1"'
    ),
    "azure_apim": lambda c: (
        f'{{"time":"{c.iso}","category":"GatewayLogs","operationName":"Microsoft.ApiManagement/GatewayLogs","durationMs":{c.took},'
        f'"callerIpAddress":"{c.ip}","correlationId":"{c.uuid}","properties":{{"method":"GET","url":"https://api.harbor.example{c.path}",'
        f'"backendResponseCode":{c.status},"responseCode":{c.status},"responseSize":{c.size},"backendTime":{c.took - 2},"clientTime":1,'
        f'"apiId":"quotes","operationId":"get-quote","productId":"starter","userId":"u{c.app}","apimSubscriptionId":"app-{c.app:05}"}}}}'
    ),
    "apigee": lambda c: (
        f'{{"organization":"harbor","environment":"prod","apiproxy":"quotes","gateway_flow_id":"{c.uuid}","request_verb":"GET",'
        f'"request_path":"{c.path}","response_status_code":{c.status},"response_size":{c.size},"client_received_start_timestamp":{c.ms},'
        f'"client_sent_end_timestamp":{c.ms + c.took},"target_sent_start_timestamp":{c.ms + 1},"target_received_end_timestamp":{c.ms + c.took - 1},'
        f'"client_ip":"{c.ip}","client_id":"k{c.app:07x}","developer_app":"app-{c.app:05}","developer_email":"jo@acme.example",'
        f'"api_product":"gold","useragent":"{c.agent}"}}'
    ),
    "otel": lambda c: (
        f'{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"quotes"}}}}]}},"scopeSpans":[{{"scope":{{}},'
        f'"spans":[{{"traceId":"{c.uuid.replace("-", "")}","spanId":"eee19b7ec3c1b174","name":"GET","kind":2,"startTimeUnixNano":"{c.ms}000000",'
        f'"endTimeUnixNano":"{c.ms + c.took}000000","attributes":[{{"key":"http.request.method","value":{{"stringValue":"GET"}}}},'
        f'{{"key":"url.path","value":{{"stringValue":"{c.path}"}}}},{{"key":"http.response.status_code","value":{{"intValue":"{c.status}"}}}},'
        f'{{"key":"client.address","value":{{"stringValue":"{c.ip}"}}}},{{"key":"user_agent.original","value":{{"stringValue":"{c.agent}"}}}}]}}]}}]}}]}}'
    ),
    "caddy": lambda c: (
        f'{{"level":"info","ts":{c.ms / 1000:.6f},"logger":"http.log.access.log0","msg":"handled request","request":{{"remote_ip":"{c.ip}",'
        f'"remote_port":"51622","client_ip":"{c.ip}","proto":"HTTP/2.0","method":"GET","host":"api.harbor.example","uri":"{c.path}?page={c.n % 9}",'
        f'"headers":{{"User-Agent":["{c.agent}"],"Accept":["*/*"],"Authorization":["REDACTED"]}}}},"bytes_read":0,"user_id":"app_{c.app:05}",'
        f'"duration":0.{c.took:03}250,"size":{c.size},"status":{c.status},"resp_headers":{{"Content-Type":["application/json"]}}}}'
    ),
    "gravitee": lambda c: (
        f'{{"gateway":"gw-1","_id":"{c.uuid}","type":"v4-metrics","date":"2026.06.09","@timestamp":"{c.iso}","request-id":"{c.uuid}",'
        f'"api-id":"quotes","plan-id":"gold","application-id":"app-{c.app:05}","subscription-id":"sub-{c.app:05}","http-method":3,'
        f'"remote-address":"{c.ip}","host":"api.harbor.example","uri":"{c.path}?page={c.n % 9}","user-agent":"{c.agent}","request-ended":"true",'
        f'"endpoint":"https://quotes.internal/","endpoint-response-time-ms":{c.took - 2},"status":{c.status},"response-content-length":{c.size},'
        f'"gateway-response-time-ms":{c.took},"gateway-latency-ms":2}}'
    ),
    "traefik": lambda c: (
        f'{{"ClientAddr":"{c.ip}:51514","ClientHost":"{c.ip}","ClientUsername":"-","DownstreamContentSize":{c.size},"DownstreamStatus":{c.status},'
        f'"Duration":{c.took}250000,"OriginContentSize":{c.size},"OriginDuration":{c.took - 2}100000,"OriginStatus":{c.status},"RequestContentSize":0,'
        f'"RequestHost":"api.harbor.example","RequestMethod":"GET","RequestPath":"{c.path}?page={c.n % 9}","RetryAttempts":0,'
        f'"RouterName":"quotes@docker","ServiceName":"quotes@docker","StartUTC":"{c.iso}","level":"info","msg":"",'
        f'"request_User-Agent":"{c.agent}","time":"{c.iso}"}}'
    ),
    "tyk": lambda c: (
        f'{{"method":"GET","host":"quotes.internal","path":"{c.path}","raw_path":"{c.path}","content_length":0,"user_agent":"{c.agent}","day":9,'
        f'"month":6,"year":2026,"hour":12,"response_code":{c.status},"api_key":"k{c.app:07x}","timestamp":"{c.iso}","api_version":"Non Versioned",'
        f'"api_name":"quotes","api_id":"a1b2c3","org_id":"53ac07777cbb8c2d53000002","oauth_id":"","request_time":{c.took},"ip_address":"{c.ip}",'
        f'"latency":{{"total":{c.took},"upstream":{c.took - 2}}},"tags":[],"alias":"acme","track_path":false}}'
    ),
    "krakend_json": lambda c: (
        f'{{"prefix":"[KRAKEND]","time":"{c.at("%Y/%m/%d - %H:%M:%S")}.{c.ms % 1000:03}","status_code":{c.status},"latency":"0.{c.took:03}",'
        f'"client_ip":"{c.ip}","method":"GET","path":"{c.path}"}}'
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
    "haproxy": (
        '%^ %^ %^ %^ %^: %h:%^ [%d:%t.%^] %^ %^ %^/%^/%^/%^/%L %s %b %^ %^ %^ %^ %^ "%r"',
        "%d/%b/%Y",
        "%H:%M:%S",
    ),
    "traefik_clf": ('%h - %e [%d:%t %^] "%r" %s %b "%R" "%u" %^ "%^" "%^" %Lms', "%d/%b/%Y", "%H:%M:%S"),
    "nginx_ingress": ('%h - %e [%d:%t %^] "%r" %s %b "%R" "%u" %^ %T [%^] [%^] %^', "%d/%b/%Y", "%H:%M:%S"),
    "tyk_access": (
        'time="%dT%tZ" %^ %^ %^ %^ %^ %^ client_ip=%h %^ latency_total=%L method=%m %^ path=%U %^ protocol=%H %^ status=%s %^ %^ user_agent=%u',
        "%Y-%m-%d",
        "%H:%M:%S",
    ),
    "aws_api_gateway_clf": ('%h %^ %^ [%d:%t %^]"%r" %s %b %^', "%d/%b/%Y", "%H:%M:%S"),
    "aws_api_gateway_csv": ("%h,%^,%^,%d:%t %^,%m,%U,%H,%s,%b,%^", "%d/%b/%Y", "%H:%M:%S"),
}
