"""Kong's Admin API in small: pages by offset, an empty list written as {}."""

from data_sources.records import Credential, Route, Service
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = 1_767_225_600  # 2026-01-01


class Vendor(FakeVendor):
    kind = "kong"
    page = 3
    streams = ("services", "routes", "acls", "consumers", "key-auths")

    def fill(self) -> None:
        self.lists = {
            "services": [
                {"id": f"svc-{n}", "name": f"rates-{n}", "host": f"up{n}.internal", "created_at": BORN, "tags": None}
                for n in range(4)
            ],
            "routes": [
                {"id": f"rt-{n}", "service": {"id": f"svc-{n % 4}"}, "name": f"r{n}", "paths": [f"/v1/r{n}"],
                 "methods": ["GET", "POST"], "created_at": BORN, "tags": ["public"]}
                for n in range(5)
            ],
            "acls": [{"id": f"acl-{n}", "group": "partner", "consumer": {"id": f"con-{n}"}} for n in range(4)],
            "consumers": [
                {"id": f"con-{n}", "custom_id": f"app-{n}" if n % 3 else None, "username": f"dev{n}@acme.example",
                 "created_at": BORN + n, "tags": ["plan:growth", "env:production"]}
                for n in range(10)
            ],
            "key-auths": [
                {"id": f"key-{n}", "key": f"raw-key-material-{n}", "consumer": {"id": f"con-{n}"}, "created_at": BORN,
                 "tags": None, "ttl": None}
                for n in range(10)
            ],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "kong", "url": url, "token": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("kong-admin-token") == TOKEN

    def answer(self, path: str, query: dict) -> object:
        items = self.lists.get(path.strip("/"))
        if items is None:
            return None
        start = int(query.get("offset", "o0")[1:])
        size = min(int(query["size"]), self.page)
        more = start + size < len(items)
        found = items[start : start + size]
        return {"data": found or {}, "next": f"{path}?offset=o{start + size}" if more else None} | (
            {"offset": f"o{start + size}"} if more else {}
        )

    def ids(self) -> dict:
        held = {name: {one["id"] for one in items} for name, items in self.lists.items()}
        return {Service: held["services"], Route: held["routes"], Credential: held["consumers"] | held["key-auths"]}

    def change(self):
        self.lists["consumers"][1]["custom_id"] = "app-renamed"
        return Credential, "con-1", "custom_id", "app-renamed"

    def remove(self):
        self.lists["key-auths"].pop(2)
        return Credential, "key-2", lambda row: row is not None and row.revoked_at is not None

    def spoil(self, how: str) -> str:
        item = self.lists["consumers"][4]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "con-4"
