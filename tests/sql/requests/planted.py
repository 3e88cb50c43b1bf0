"""Lines of every format with secrets in each place where a gateway is known to leave them."""

import base64
import json
from itertools import count
from typing import Any

from sql.requests import formats
from tests.sql.requests.lines import merged

_numbers = count(1)


def secret() -> str:
    """A secret that occurs nowhere else: letters and digits without a shape that any vendor has."""
    return f"Pl4nted{next(_numbers):04}q7ZpR2vT8wKxJ3"


def lines() -> dict[str, list[str]]:
    """Good lines by format, each with its secrets."""
    found = {name: [line.replace("\n", "")] for name, line in _in_text().items()}
    for name, changes in _in_json().items():
        found[name] = [json.dumps(merged(json.loads(formats()[name].example), change)) for change in changes]
    return found | {"otel": [_span()]}


def planted(line: str) -> set[str]:
    """The secrets in a line, also those that are only a part of it."""
    return {word for word in _words(line) if word.startswith("Pl4nted") and len(word) >= 11}


def _words(line: str) -> list[str]:
    return "".join(one if one.isalnum() else " " for one in line).split()


def _query(name: str = "api_key") -> str:
    return f"?{name}={secret()}&zone=4"


def _in_json() -> dict[str, list[dict[str, Any]]]:
    bearer = lambda: f"Bearer {secret()}"  # noqa: E731
    raw = base64.b64encode(f"GET / HTTP/1.1\r\nAuthorization: Bearer {secret()}".encode()).decode()
    return {
        "kong": [
            {"request": {"headers": {"apikey": secret(), "x-api-key": secret(), "cookie": f"session={secret()}"}}},
            {"request": {"uri": f"/v1/rates{_query()}", "querystring": {"api_key": secret()}}},
            {"request": {"headers": {"authorization": bearer(), "proxy-authorization": f"Basic {secret()}"}}},
        ],
        "aws_api_gateway": [{"apiKey": secret(), "path": f"/v1/rates{_query('key')}"}, {"authorizer": {"token": secret()}}],
        "envoy_json": [{"path": f"/v1/rates{_query()}", "authorization": bearer(), "x_api_key": secret()}],
        "azure_apim": [
            {"properties": {"url": f"https://api.harbor.example/v1/quotes/7{_query('subscription-key')}"}},
            {"properties": {"requestHeaders": {"Ocp-Apim-Subscription-Key": secret(), "Authorization": bearer()}}},
        ],
        "apigee": [{"client_id": secret(), "request_uri": f"/v1/quotes/7{_query('apikey')}", "access_token": secret()}],
        "caddy": [
            {"request": {"uri": f"/v1/quotes/88213{_query()}", "headers": {"Authorization": [bearer()], "X-Api-Key": [secret()]}}},
            {"request": {"headers": {"Cookie": [f"sid={secret()}"]}}},
        ],
        "gravitee": [{"security-type": "API_KEY", "security-token": secret(), "uri": f"/v1/quotes/7{_query('api-key')}"}],
        "krakend_json": [{"path": f"/v1/rates{_query()}"}],
        "traefik": [
            {"RequestPath": f"/v1/quotes/88213{_query()}", "request_Authorization": bearer(), "request_X-Api-Key": secret()},
            {"request_Cookie": f"sid={secret()}", "downstream_Set-Cookie": f"sid={secret()}"},
        ],
        "tyk": [{"api_key": secret(), "tags": [f"key-{secret()}"], "raw_request": raw}, {"raw_path": f"/v1/quotes{_query()}"}],
    }  # fmt: skip


def _in_text() -> dict[str, str]:
    example = {name: form.example for name, form in formats().items()}

    def with_query(name: str, path: str) -> str:
        assert path in example[name], (name, path)
        return example[name].replace(path, path.split("?")[0] + _query(), 1)

    referer = f"https://ann:{secret()}@acme.example/?token={secret()}"
    return {
        "combined": with_query("combined", "/docs/rates").replace("https://acme.example/", referer),
        "nginx_ingress": with_query("nginx_ingress", "/v1/rates").replace('"-"', f'"{referer}"', 1),
        "traefik_clf": with_query("traefik_clf", "/v1/rates"),
        "envoy": with_query("envoy", "/v1/rates?zone=4"),
        "krakend": with_query("krakend", "/v1/rates?zone=4"),
        "haproxy": with_query("haproxy", "/v1/quotes").replace("0/0 ", f"0/0 {{Bearer {secret()}|{secret()}}} ", 1),
        "aws_api_gateway_clf": with_query("aws_api_gateway_clf", "/parcels/{id}"),
        "aws_api_gateway_csv": with_query("aws_api_gateway_csv", "/parcels/{id}"),
        "aws_api_gateway_xml": with_query("aws_api_gateway_xml", "/parcels/{id}"),
        "gravitee_csv": with_query("gravitee_csv", "/v1/quotes/7?lang=en"),
        "tyk_access": example["tyk_access"].replace("****4c1d", secret()),
        "tyk_pump": example["tyk_pump"].replace("6129dc1e8b64c6b4", secret()),
        "tyk_csv": example["tyk_csv"].split("\n")[1].replace("5a1c0d3e", secret()),
        "apigee_csv": example["apigee_csv"].split("\n")[1].replace("Kx7dExampleKey", secret()),
        "azure_apim_csv": example["azure_apim_csv"].split("\n")[1].replace("?lang=en", _query("subscription-key")),
    }


def _span() -> str:
    held = json.loads(formats()["otel"].example)
    span = held["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    for key, value in (
        ("http.request.header.authorization", f"Bearer {secret()}"),
        ("http.request.header.x-api-key", secret()),
        ("url.full", f"https://api.harbor.example/v1/quotes{_query()}"),
        ("url.query", f"api_key={secret()}"),
    ):
        span["attributes"].append({"key": key, "value": {"stringValue": value}})
    return json.dumps(held)
