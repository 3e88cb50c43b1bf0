"""Azure's Resource Manager in small, as far as one API Management service: pages by nextLink."""

from data_sources.records import Application, Credential, Developer, Service
from tests.data_sources.vendors.server import TOKEN, FakeVendor

SERVICE = "/subscriptions/0000-1111/resourceGroups/rg-api/providers/Microsoft.ApiManagement/service/harbor"


def entity(kind: str, name: str, **properties: object) -> dict:
    return {"id": f"{SERVICE}/{kind}/{name}", "type": f"Microsoft.ApiManagement/service/{kind}", "name": name,
            "properties": properties}  # fmt: skip


class Vendor(FakeVendor):
    kind = "azure_apim"
    page = 3
    streams = ("users", "products", "subscriptions", "apis")

    def fill(self) -> None:
        self.lists = {
            "users": [
                entity("users", f"user-{n}", email=f"dev{n}@acme.example", firstName="Dev", lastName=str(n), state="active",
                       registrationDate=f"2026-01-0{n + 1}T10:00:00.1234567Z",
                       groups=[{"id": f"{SERVICE}/groups/developers", "name": "Developers", "type": "system"}])
                for n in range(7)
            ],
            "products": [entity("products", name, displayName=name.title(), state="published") for name in ("starter", "growth")],
            "subscriptions": [
                entity("subscriptions", f"sub-{n}", ownerId=f"{SERVICE}/users/user-{n}", displayName=f"App {n}", state="active",
                       scope=f"{SERVICE}/products/{'growth' if n % 2 else 'starter'}", createdDate="2026-01-20T08:00:00Z",
                       primaryKey=None)
                for n in range(7)
            ],
            "apis": [
                entity("apis", f"rates{n}", displayName=f"Rates {n}", path=f"r{n}", isCurrent=True,
                       serviceUrl=f"https://up{n}.internal/v1")
                for n in range(4)
            ] + [entity("apis", "rates1;rev=2", displayName="Rates 1", path="r1", isCurrent=False)],
        }  # fmt: skip

    def settings(self, url: str) -> dict:
        return {"kind": "azure_apim", "url": url, "token": "secret:vendor", "subscription": "0000-1111",
                "resource_group": "rg-api", "service": "harbor"}  # fmt: skip

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path: str, query: dict) -> object:
        items = self.lists.get(path.removeprefix(SERVICE).strip("/"))
        if items is None or not path.startswith(SERVICE) or not query.get("api-version"):
            return None
        start = int(query.get("$skip", 0))
        body = {"value": items[start : start + self.page], "count": len(items)}
        if start + self.page < len(items):
            kept = "".join(f"&{name}={value}" for name, value in query.items() if name not in ("$skip", "api-version"))
            body["nextLink"] = (
                f"https://management.azure.example{path}?api-version={query['api-version']}&$skip={start + self.page}{kept}"
            )
        return body

    def ids(self) -> dict:
        held = {name: {one["name"] for one in items if ";rev" not in one["name"]} for name, items in self.lists.items()}
        return {
            Developer: held["users"],
            Application: held["subscriptions"],
            Credential: held["subscriptions"],
            Service: held["apis"],
        }

    def change(self):
        self.lists["users"][1]["properties"]["email"] = "renamed@acme.example"
        return Developer, "user-1", "email", "renamed@acme.example"

    def remove(self):
        self.lists["subscriptions"].pop(2)
        return Credential, "sub-2", lambda row: row is not None and row.revoked_at is not None

    def spoil(self, how: str) -> str:
        item = self.lists["users"][4]
        if how == "gone":
            del item["name"]
        elif how == "odd":
            item["properties"]["registrationDate"] = {"never": "a time"}
            return item["id"]
        else:
            item["properties"]["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "user-4"
