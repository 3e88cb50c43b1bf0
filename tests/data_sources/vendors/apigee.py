"""Apigee's management API in small: pages by token, numbers as text, secrets sent along, an empty list left out."""

from pathlib import Path

from data_sources.records import Application, Credential, Developer, Service
from data_sources.store import keyed_hash
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = "1767225600000"  # 2026-01-01


class Vendor(FakeVendor):
    kind = "apigee"
    page = 3
    streams = ("developers", "apps", "apis")
    names = {"developers": "developer", "apps": "app", "apis": "proxies"}

    def fill(self) -> None:
        self.lists = {
            "developers": [
                {"developerId": f"dev-{n}", "email": f"dev{n}@acme.example", "firstName": "Dev", "lastName": str(n),
                 "userName": f"dev{n}", "status": "active", "createdAt": BORN, "lastModifiedAt": BORN,
                 "attributes": [{"name": "team", "value": "x"}]}
                for n in range(7)
            ],
            "apps": [
                {"appId": f"app-{n}", "name": f"app{n}", "developerId": f"dev-{n}", "status": "approved", "createdAt": BORN,
                 "attributes": [{"name": "DisplayName", "value": f"App {n}"}],
                 "credentials": [
                     {"consumerKey": f"rawkey{n}", "consumerSecret": f"rawsecret{n}", "status": "approved", "issuedAt": BORN,
                      "expiresAt": "-1", "apiProducts": [{"apiproduct": "growth", "status": "approved"}]}
                 ]}
                for n in range(7)
            ],
            "apis": [{"name": f"rates-v{n}", "apiProxyType": "PROGRAMMABLE"} for n in range(4)],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "apigee", "url": url, "token": "secret:vendor", "organization": "harbor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path: str, query: dict) -> object:
        kind = path.removeprefix("/v1/organizations/harbor/")
        items = self.lists.get(kind)
        if items is None:
            return None
        if kind == "apis":
            return {self.names[kind]: items}
        start = int(query.get("pageToken", "t0")[1:])
        size = min(int(query["pageSize"]), self.page)
        more = {"nextPageToken": f"t{start + size}"} if start + size < len(items) else {}
        found = items[start : start + size]
        return ({self.names[kind]: found} if found else {}) | more

    def ids(self) -> dict:
        return {
            Developer: {one["developerId"] for one in self.lists["developers"]},
            Application: {one["appId"] for one in self.lists["apps"]},
            Credential: {key["consumerKey"] for app in self.lists["apps"] for key in app["credentials"]},
            Service: {one["name"] for one in self.lists["apis"]},
        }

    def named(self, model: type, listed: str, home: Path) -> str:
        return f"key:{keyed_hash(home, listed)}" if model is Credential else listed

    def change(self):
        self.lists["developers"][1]["email"] = "renamed@acme.example"
        return Developer, "dev-1", "email", "renamed@acme.example"

    def remove(self):
        self.lists["apps"].pop(2)
        return Application, "app-2", lambda row: row is None

    def spoil(self, how: str) -> str:
        item = self.lists["developers"][4]
        item["id"] = "dev-4"
        if how == "gone":
            del item["developerId"]
        elif how == "odd":
            item["createdAt"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "dev-4"
