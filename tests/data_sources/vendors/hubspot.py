"""HubSpot's v3 API in small: pages by `after`, associations in lists, searches by filter, a bin for what was deleted."""

from datetime import UTC, datetime

from data_sources.records import Contact, Opportunity, Organization
from tests.data_sources.vendors.server import TOKEN, FakeVendor

BORN = "2026-01-05T10:00:00.123Z"
TOUCHED = "2026-03-22T00:30:00Z"  # between the two runs of a test
KINDS = ("companies", "contacts", "deals")
MODIFIED = {"companies": "hs_lastmodifieddate", "contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}


class Vendor(FakeVendor):
    kind = "hubspot"
    page = 3
    streams = ("owners", "pipelines", *KINDS)

    def fill(self) -> None:
        self.lists = {
            "companies": [
                self.item("companies", 1000 + n, name=f"Acme {n}", domain=f"acme{n}.example", type="PROSPECT",
                          numberofemployees=str(10 * n), country="Germany", hs_country_code="DE", industry="COMPUTER_SOFTWARE",
                          hubspot_owner_id="51", website=f"https://www.acme{n}.example/") for n in range(7)
            ],
            "contacts": [
                self.item("contacts", 2000 + n, firstname="Ada", lastname=f"Nr {n}", email=f"ada{n}@acme{n}.example",
                          jobtitle="CTO", hs_buying_role="BUDGET_HOLDER;CHAMPION" if n == 0 else None,
                          company=f"Acme {n}", hubspot_owner_id="52") for n in range(8)
            ],
            "deals": [
                self.item("deals", 3000 + n, dealname=f"Deal {n}", dealstage="closedwon" if n == 4 else "9471231",
                          amount=f"{1000 + n}.5", deal_currency_code="EUR", closedate="2026-02-03T00:00:00Z",
                          hs_is_closed="true" if n == 4 else "false", hubspot_owner_id="59") for n in range(5)
            ],
        }  # fmt: skip
        self.archived = {name: [self.item(name, 9000, name="gone before")] for name in KINDS}
        self.companies_of = {str(2000 + n): [(str(1000 + n % 7), "contact_to_company")] for n in range(8)}
        self.companies_of |= {str(3000 + n): [(str(1000 + n), "deal_to_company")] for n in range(5)}
        self.owners = [
            {"id": "51", "email": "o@us.example", "firstName": "Olga", "lastName": "Owner", "archived": False},
            {"id": "52", "email": "nameless@us.example", "firstName": "", "lastName": "", "archived": False},
            {"id": "59", "email": "left@us.example", "firstName": "Lee", "lastName": "Left", "archived": True},
        ]
        self.pipelines = [
            {"id": "default", "label": "Sales", "stages": [
                {"id": "closedwon", "label": "Closed won", "metadata": {"isClosed": "true", "probability": "1.0"}},
                {"id": "9471231", "label": "Security review", "metadata": {"isClosed": "false", "probability": "0.4"}}]}
        ]  # fmt: skip

    def item(self, kind: str, number: int, **properties) -> dict:
        held = {"hs_object_id": str(number), "createdate": BORN, MODIFIED[kind]: BORN} | properties
        return {"id": str(number), "properties": held, "createdAt": BORN, "updatedAt": BORN, "archived": False}

    def settings(self, url: str) -> dict:
        return {"kind": "hubspot", "url": url, "token": "secret:vendor"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, path: str, query: dict) -> object:
        name = path.removeprefix("/crm/v3/objects/")
        archived = query.get("archived") == "true"
        if path == "/crm/v3/pipelines/deals":
            return {"results": self.pipelines}
        if path == "/crm/v3/owners":
            held = [one for one in self.owners if one["archived"] is archived]
        elif name in KINDS:
            held = [self.shown(name, one, query) for one in (self.archived if archived else self.lists)[name]]
        else:
            return None
        start = int(query.get("after", 0))
        end = start + min(int(query["limit"]), self.page)
        more = {"paging": {"next": {"after": str(end), "link": "https://elsewhere.example/?after=x"}}}
        return {"results": held[start:end]} | (more if end < len(held) else {})

    def shown(self, name: str, item: dict, query: dict) -> dict:
        """Only the properties that were asked for, and associations where they were."""
        asked = query["properties"].split(",")
        sent = {**item, "properties": {key: value for key, value in item["properties"].items() if key in asked}}
        if "associations" in query and name != "companies" and "id" in item:
            linked = self.associated(item["id"])
            sent |= {"associations": {"companies": {"results": linked}}} if linked else {}
        return sent

    def associated(self, record: str) -> list[dict]:
        linked = self.companies_of.get(record, [])
        unlabeled = [{"id": one, "type": kind.removesuffix("_unlabeled") + "_unlabeled"} for one, kind in linked]
        return [{"id": one, "type": kind} for one, kind in linked if not kind.endswith("_unlabeled")] + unlabeled

    def searched(self, path: str, question: dict) -> object:
        if path.startswith("/crm/v3/associations/"):
            linked = {one["id"]: self.associated(one["id"]) for one in question["inputs"]}
            return {"status": "COMPLETE", "results": [{"from": {"id": k}, "to": to} for k, to in linked.items() if to]}
        name = path.removeprefix("/crm/v3/objects/").removesuffix("/search")
        modified, greater = question["filterGroups"][0]["filters"]
        assert (modified["propertyName"], modified["operator"]) == (MODIFIED[name], "GTE")
        assert (greater["propertyName"], greater["operator"]) == ("hs_object_id", "GT")
        assert "after" not in question
        since = datetime.fromtimestamp(int(modified["value"]) / 1000, UTC)
        found = [
            {key: value for key, value in one.items() if key != "associations"}
            for one in sorted(self.lists[name], key=lambda one: int(one["properties"]["hs_object_id"]))
            if int(one["properties"]["hs_object_id"]) > int(greater["value"])
            and datetime.fromisoformat(one["properties"][MODIFIED[name]]) >= since
        ]
        return {"total": len(found), "results": found[: min(question["limit"], self.page)]}

    def ids(self) -> dict:
        held = {name: {one["id"] for one in self.lists[name]} for name in KINDS}
        return {Organization: held["companies"], Contact: held["contacts"], Opportunity: held["deals"]}

    def touch(self, name: str, number: int, **properties) -> None:
        self.lists[name][number]["properties"] |= {MODIFIED[name]: TOUCHED} | properties

    def change(self):
        self.touch("companies", 1, domain="acme-renamed.example")
        return Organization, "1001", "domain", "acme-renamed.example"

    def remove(self):
        self.archived["contacts"].append(self.lists["contacts"].pop(2))
        return Contact, "2002", lambda row: row is None

    def spoil(self, how: str) -> str:
        item = self.lists["contacts"][4]
        if how == "gone":
            del item["id"]
        elif how == "odd":
            item["properties"]["createdate"] = {"never": "a time"}
        else:
            item["properties"]["a_new_property"] = "x"
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "2004"
