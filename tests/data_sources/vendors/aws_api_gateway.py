"""API Gateway's own wire format in small, for what moto leaves out: pages, throttling, refusals and failures."""

from tests.data_sources.vendors.server import FakeVendor

BORN = 1_767_225_600  # 2026-01-01
ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
THROTTLED = (429, {"x-amzn-ErrorType": "TooManyRequestsException"}, {"message": "Too Many Requests"})
DENIED = (
    403,
    {"x-amzn-ErrorType": "AccessDeniedException"},
    {"Message": "User: arn:aws:iam::1:user/us is not authorized to perform: apigateway:GET on resource: arn:aws:x"},
)
WRONG = (
    403,
    {"x-amzn-ErrorType": "UnrecognizedClientException"},
    {"message": "The security token included in the request is invalid."},
)


class Vendor(FakeVendor):
    kind = "aws_api_gateway"
    page = 3

    def fill(self) -> None:
        self.keys = [
            {"id": f"key{n}", "name": f"n{n}", "customerId": f"app-{n}", "enabled": True, "createdDate": BORN,
             "lastUpdatedDate": BORN + 60, "tags": {}} for n in range(8)
        ]  # fmt: skip
        self.plans = [{"id": f"plan{n}", "name": f"Plan {n}"} for n in range(4)]
        self.keys_of = {f"plan{n}": [f"key{k}" for k in range(8) if k % 4 == n or k == 7] for n in range(4)}
        self.apis = [{"id": f"api{n}", "name": f"rates {n}", "createdDate": BORN} for n in range(4)]

    def authorised(self, headers: dict) -> bool:
        return f"Credential={ACCESS}/" in headers.get("authorization", "")

    def answer(self, path: str, query: dict) -> object:
        parts = path.strip("/").split("/")
        if parts == ["apikeys"]:
            assert query.get("includeValues") == "false"
            held = self.keys
        elif parts == ["usageplans"]:
            held = self.plans
        elif parts[0] == "usageplans":
            held = [
                {"id": key, "type": "API_KEY", "name": key, "value": f"raw-of-{key}"} for key in self.keys_of[parts[1]]
            ]
        elif parts == ["restapis"]:
            held = self.apis
        else:
            return {"item": [{"stageName": "prod", "createdDate": BORN}, {"stageName": "test", "createdDate": BORN}]}
        start = int(query.get("position", "p0")[1:])
        end = start + min(int(query["limit"]), self.page)
        return {"item": held[start:end]} | ({"position": f"p{end}"} if end < len(held) else {})
