"""Tyk's Dashboard in small: numbered pages, lists under three names, an empty one written as null."""

from pathlib import Path

from data_sources.records import Credential, Developer, Service
from data_sources.store import keyed_hash
from tests.data_sources.vendors.server import TOKEN, FakeVendor


class Vendor(FakeVendor):
    kind = "tyk"
    page = 3
    streams = ("policies", "developers", "keys", "apis")
    names = {
        "api/portal/policies": ("Data", "Pages"),
        "api/portal/developers": ("Data", "Pages"),
        "api/keys/detailed": ("keys", "pages"),
        "api/apis": ("apis", "pages"),
    }

    def fill(self) -> None:
        self.lists = {
            "api/portal/policies": [{"_id": f"pol-{n}", "name": f"plan-{n}", "active": True} for n in range(2)],
            "api/portal/developers": [
                {"_id": f"dev-{n}", "email": f"dev{n}@acme.example", "date_created": "2026-01-08T04:26:34.287-04:00",
                 "inactive": False, "org_id": "org", "fields": {"Name": f"Dev {n}", "Company": "Acme"},
                 "keys": {f"hash{n}": ["pol-0"]}}
                for n in range(7)
            ],
            "api/keys/detailed": [
                {"key_id": f"hash{n}", "key_hash": f"hash{n}",
                 "data": {"alias": f"app {n}", "apply_policies": ["pol-0"], "org_id": "org", "is_inactive": False,
                          "expires": 0, "date_created": "2026-01-09T00:00:00Z", "meta_data": {}, "tags": ["eu"]}}
                for n in range(7)
            ],
            "api/apis": [
                {"api_definition": {"api_id": f"api{n}", "name": f"Rates {n}", "slug": f"r{n}",
                                    "proxy": {"listen_path": f"/r{n}/", "target_url": f"http://up{n}.internal/"}}}
                for n in range(4)
            ],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "tyk", "url": url, "token": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == TOKEN

    def answer(self, path: str, query: dict) -> object:
        path = path.strip("/")
        items = self.lists.get(path)
        if items is None:
            return None
        start = (int(query["p"]) - 1) * self.page
        name, pages = self.names[path]
        return {name: items[start : start + self.page] or None, pages: -(-len(items) // self.page)}

    def ids(self) -> dict:
        return {
            Developer: {one["_id"] for one in self.lists["api/portal/developers"]},
            Credential: {one["key_id"] for one in self.lists["api/keys/detailed"]},
            Service: {one["api_definition"]["api_id"] for one in self.lists["api/apis"]},
        }

    def named(self, model: type, listed: str, home: Path) -> str:
        return f"key:{keyed_hash(home, listed)}" if model is Credential else listed

    def change(self):
        self.lists["api/portal/developers"][1]["email"] = "renamed@acme.example"
        return Developer, "dev-1", "email", "renamed@acme.example"

    def remove(self):
        self.lists["api/portal/developers"].pop(2)
        return Developer, "dev-2", lambda row: row is None

    def spoil(self, how: str) -> str:
        item = self.lists["api/portal/developers"][4]
        item["id"] = "dev-4"
        if how == "gone":
            del item["_id"]
        elif how == "odd":
            item["date_created"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "dev-4"
