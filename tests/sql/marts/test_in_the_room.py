"""Who else is in the room: the scraper score's parts, verdicts, declared parties, visitors, regulated data, end users and stakeholders."""

from datetime import date, datetime
from itertools import product

import pytest

from data_sources.judgements import ScraperVerdict
from data_sources.outsiders import Party, Regulated
from tests.sql.marts.world import World, ask, rows

DAY = date(2026, 6, 10)
PARTS = ("addresses", "sequential", "regular", "lists")


class Room(World):
    """A world with callers of a known pace, and places that calls came from."""

    def __init__(self, home, **program) -> None:
        super().__init__(home)
        self.pace, self.places, self.visits = [], [], []
        self.traffic = program

    def caller(self, app: str, email: str, shows=(), n: int = 100, **given) -> "Room":
        """A person with an application that calls a hundred times in a day, in which these parts of the score stand out."""
        self.person(f"dev_{app}", email).add(
            "application", app, developer_id=f"dev_{app}", created_at=datetime(2026, 1, 1)
        )
        self.calls(DAY, ok=n, application_ref=app, **given)
        caller = self.usage[-1]["caller_id"]
        lists = n // 2 if "lists" in shows else n // 10
        for route, path, calls in (("item", "/v1/things/{id}", n - lists), ("list", "/v1/things", lists)):
            self.routes.append((DAY, caller, "rates", route, "GET", calls, calls, None, path.replace("{id}", "77")))
        several = "addresses" in shows
        pairs = [n, n * 9 // 10 if "regular" in shows else n // 20, n, n * 3 // 4 if "sequential" in shows else 0]
        self.pace.append((DAY, caller, n, 3, 9 if several else 1, *pairs))
        self.caller_addresses += [(DAY, caller, f"hash-{one}") for one in range(24 if several else 1)]
        return self

    def from_(self, country: str | None = None, network: str | None = None, calls: int = 5) -> "Room":
        """Where some of the last caller's calls came from."""
        last = self.usage[-1]
        self.places.append((last["day"], last["caller_id"], last["service"], country, network, calls, calls))
        return self

    def visit(self, visitors: int, page: str | None = None, referrer: str | None = None, **given) -> "Room":
        """A row of the roll-up of visits."""
        row = {"agent": "reader", "called": False, "network": None, "views": visitors} | given
        self.visits.append((date(2026, 5, 1), row["agent"], row["called"], row["network"], referrer is not None, page is not None, referrer, page, visitors, row["views"]))  # fmt: skip
        return self

    def build(self):
        con = super().build()
        for table, found in (("caller_pace_day", self.pace), ("caller_place_day", self.places), ("visit_month", self.visits)):  # fmt: skip
            for row in found:
                con._con.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)
        return con


def parts_of(con) -> dict[str, tuple]:
    found = ask(con, "scraper_queue")
    return {row["name"]: (row["status"], row["parts"]) for row in found}


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A caller for each of the sixteen combinations of parts."""
    room = Room(tmp_path_factory.mktemp("room"))
    for shown in product((False, True), repeat=4):
        names = [name for name, is_shown in zip(PARTS, shown, strict=True) if is_shown]
        room.caller(
            "app_" + "".join("ny"[one] for one in shown), f"ann@{''.join('ny'[one] for one in shown)}.example", names
        )
    return room.build()


def test_two_parts_of_four_ask_for_a_look(every):
    expected = {}
    for shown in product((False, True), repeat=4):
        if sum(shown) >= 2:
            name = f"ann@{''.join('ny'[one] for one in shown)}.example"
            expected[name] = ("to look at", ",".join(n for n, one in zip(PARTS, shown, strict=True) if one))
    assert parts_of(every) == expected
    counted = {row["part"]: (row["shown"], row["known"], row["callers"]) for row in ask(every, "scraper_parts")}
    assert counted == dict.fromkeys(PARTS, (8, 16, 16))


def test_what_each_part_rests_on(every):
    (row,) = [row for row in ask(every, "scraper_queue") if row["parts_shown"] == 4]
    assert (row["peak_hour_addresses"], row["month_addresses"]) == (9, 24)
    assert (row["sequential_share"], row["regular_share"], row["list_share"]) == (0.75, 0.9, 0.5)
    assert (row["lists_used"], row["lists_known"], row["reads"], row["calls"]) == (1, 1, 100, 100)


def test_few_calls_tell_nothing_and_ours_never_ask(tmp_path):
    room = Room(tmp_path)
    room.caller("app_few", "few@few.example", PARTS[1:], n=10).caller("app_ours", "kim@house.example", PARTS)
    room.calls(DAY, ok=500).caller("app_real", "real@real.example", PARTS)
    con = room.build()
    assert list(parts_of(con)) == ["real@real.example"], "anonymous calls have no key to be judged by"
    few = rows(con, "select sequential_share, regular_share, list_share, parts from scraper_part where calls = 10")
    assert few == [(None, None, None, "")]


def test_of_a_route_that_is_list_and_item_at_once_nothing_is_known(tmp_path):
    room = Room(tmp_path).caller("app_1", "ann@acme.example", PARTS)
    room.routes = [
        (DAY, room.usage[-1]["caller_id"], "rates", "rates", "GET", 50, 50, None, path)
        for path in ("/v1/rates", "/v1/rates/77")
    ]
    con = room.build()
    assert rows(con, "select list_share, shows_lists, lists_known, parts from scraper_part") == [
        (None, None, 0, "addresses,sequential,regular")
    ]


def test_a_tests_key_says_nothing_of_its_account(tmp_path):
    room = Room(tmp_path).caller("app_1", "ann@acme.example")
    room.caller("app_2", "ann2@acme.example", PARTS, credential_ref="k_app_2")
    room.caller("app_3", "bob@bolt.example", PARTS, credential_ref="k_app_3")
    for app in ("app_2", "app_3"):
        room.add(
            "credential", f"k_{app}", kind="key", application_ref=app, tags=["monitor"], created_at=datetime(2026, 1, 1)
        )
    found = rows(room.build(), "select calls, is_test, parts_shown, asks from scraper_part order by parts_shown")
    assert found == [(100, False, 0, False), (100, True, 4, False)]


def verdict(subject, said="dismissed", parts="addresses,lists", day=1, **more) -> ScraperVerdict:
    return ScraperVerdict(
        subject=subject, verdict=said, parts=parts, author="kim", decided_at=datetime(2026, 6, day), **more
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([{}], "dismissed"),
        ([{"said": "watched"}], "watched"),
        ([{"said": "watched"}, {"day": 2}], "dismissed"),
        ([{"undone_at": datetime(2026, 6, 5)}], "to look at"),
        ([{"said": "watched"}, {"day": 2, "undone_at": datetime(2026, 6, 5)}], "watched"),
        ([{"parts": "addresses"}], "to look at"),
        ([{"parts": "addresses,regular,lists"}], "dismissed"),
    ],
)
def test_the_newest_verdict_holds_until_another_part_stands_out(tmp_path, given, status):
    room = Room(tmp_path).caller("app_1", "ann@acme.example", ("addresses", "lists"))
    # by the name that the account had before its domain joined it with others
    room.judgements += [verdict("dev:test:dev_app_1", **one) for one in given]
    con = room.build()
    assert parts_of(con) == {"ann@acme.example": (status, "addresses,lists")}
    assert {row["decided_for"] for row in ask(con, "scraper_verdicts")} == {"dev:test:dev_app_1"}


def test_parties_are_seen_by_domain_and_network(tmp_path):
    room = Room(
        tmp_path,
        party=[
            Party(name="Rival", kind="competitor", domains=["rival.example"], networks=["192.0.2.0/24"]),
            Party(name="Unseen", kind="competitor", domains=["unseen.example"]),
        ],
    )
    room.caller("app_1", "spy@labs.rival.example").caller("app_2", "ann@notrival.example").from_(
        network="Rival", calls=7
    )
    room.visit(3, network="Rival", views=11)
    found = [(row["party"], row["how"], row["name"], row["calls"], row["views"]) for row in ask(room.build(), "party_sightings")]  # fmt: skip
    assert found == [
        ("Rival", "calls from its network", "ann@notrival.example", 7, None),
        ("Rival", "domain", "spy@labs.rival.example", 100, None),
        ("Rival", "visits from its network", None, None, 11),
        ("Unseen", None, None, None, None),
    ]


def test_visitors_and_crawlers_apart(tmp_path):
    room = Room(tmp_path).person("dev_1", "ann@acme.example", created=datetime(2026, 5, 3))
    room.visit(50, views=80).visit(4, called=True).visit(9, agent="crawler").visit(20, "/pricing").visit(30, "/docs/a")
    room.visit(12, "/pricing", "news.example").visit(8, "/pricing", "docs.house.example").visit(
        12, referrer="news.example"
    )
    con = room.build()
    months = {row["agent"]: row for row in ask(con, "visitors")}
    reader = months["reader"]
    assert (reader["visitors"], reader["called"], reader["never_called"], reader["views"]) == (54, 4, 50, 84)
    assert (reader["pricing_visitors"], reader["signup_visitors"], reader["sign_ups"]) == (20, 0, 1)
    assert (months["crawler"]["visitors"], months["crawler"]["is_unfinished"]) == (9, False)
    pages = [(row["referrer_host"], row["referrer_kind"], row["visitors"], row["is_pricing"]) for row in ask(con, "visitors_by_origin")]  # fmt: skip
    assert pages == [("news.example", "another site", 12, True), ("docs.house.example", "our own pages", 8, True)]


def test_no_page_is_shown_with_a_mailbox_or_a_token(tmp_path):
    room = Room(tmp_path).caller("app_1", "ann@acme.example")
    for page in ("/invite/kqzxwvbn", "/invite/abcdefgh", "/rates/ann@acme.com"):
        room.visit(3, page, "news.example").visit(3, page)
    con = room.build()
    found = {row["page"]: row["visitors"] for row in ask(con, "visitors_by_origin")}
    assert found == {"/invite/{key}": 6, "/rates/{email}": 3}
    assert ask(con, "visitors_by_origin", search="kqzx") == []
    assert [row["said"] for row in ask(con, "stakeholders") if row["role"] == "reader"] == ["readers of /rates/{email}"]


def test_visitors_without_addresses_are_not_known(tmp_path):
    con = Room(tmp_path).visit(None, views=80).visit(None, "/pricing", views=20).build()
    (row,) = ask(con, "visitors")
    assert [row[name] for name in ("visitors", "called", "never_called", "pricing_visitors", "signup_visitors")] == [
        None
    ] * 5
    assert row["views"] == 80


def test_regulated_data_by_country(tmp_path):
    room = Room(tmp_path, regulated=[Regulated(service="rates", data="names", regions=["EU", "US"], owner="Ines")])
    room.caller("app_1", "ann@acme.example").from_("DE", calls=5).from_("BR", calls=2).from_(None, calls=3)
    con = room.build()
    found = {(row["country"], row["standing"]): (row["calls"], row["tier"]) for row in ask(con, "regulated_calls")}
    assert found == {("DE", "allowed"): (5, "open"), ("BR", "outside"): (2, "open"), (None, "unknown"): (3, "open")}
    (declared,) = ask(con, "regulated_services")
    assert (declared["is_logged"], declared["has_countries"], declared["owner"]) == (True, False, "Ines")


def test_end_users_measured_and_reported_stay_apart(tmp_path):
    room = Room(tmp_path).caller("app_1", "ann@acme.example").caller("app_2", "bob@bolt.example")
    room.add("organization", "o1", name="Acme", domain="acme.example")
    room.add(
        "end_user_report", "r1", organization_ref="o1", month=datetime(2026, 5, 1), end_users=900, counted_as="shops"
    )
    for n, (count, kind) in enumerate([(60, "users"), (7, "users"), (30, "shops")]):
        room.add(
            "end_user_report",
            f"r2{n}",
            application_ref="app_2",
            month=datetime(2026, 5, 1),
            end_users=count,
            counted_as=kind,
        )
    room.add(
        "end_user_report", "r1a", application_ref="app_1", month=datetime(2026, 5, 1), end_users=50, counted_as="shops"
    )
    room.add("end_user_report", "r3", organization_name="Nobody's", month=datetime(2026, 5, 1), end_users=7)
    con = room.build()
    con._con.execute("insert into end_user_month select date '2026-05-01', caller_id, 40 from callers limit 1")
    found = {(row["name"], row["how"]): (row["end_users"], row["is_newest"]) for row in ask(con, "end_users")}
    assert found[("Acme", "measured")] == (40, True)
    assert found[("Nobody's", "reported")] == (7, True)
    assert found["Acme", "reported"] == (900, True), "its application is a part of it"
    bolt = [(row["counted_as"], row["end_users"]) for row in ask(con, "end_users") if row["name"] == "bob@bolt.example"]
    assert bolt == [("users", 67), ("shops", 30)], "shops and users are not added"


def test_the_stakeholders_of_an_api(tmp_path):
    room = Room(
        tmp_path,
        party=[Party(name="Rival", kind="competitor", domains=["rival.example"])],
        regulated=[Regulated(service="rates", data="names", regulator="The authority", owner="Ines")],
    )
    room.caller("app_1", "ann@acme.example").caller("app_2", "kim@house.example").caller("app_3", "spy@rival.example")
    room.add("organization", "o1", name="Acme", domain="acme.example")
    room.add("contract", "c1", organization_ref="o1", status="active", owner="Jonas", starts_at=datetime(2026, 1, 1), signed_at=datetime(2026, 1, 1))  # fmt: skip
    room.add(
        "opportunity", "s1", domain="rival.example", stage="qualified", owner="Tove", created_at=datetime(2026, 6, 1)
    )
    room.add("end_user_report", "r1", organization_ref="o1", month=datetime(2026, 5, 1), end_users=900)
    found = {(row["role"], row["name"]): row for row in ask(room.build(), "stakeholders")}
    assert {role for role, _ in found} == {
        "payer",
        "developer",
        "end users",
        "team",
        "prospect",
        "competitor",
        "regulator",
    }
    assert {row["service"] for row in found.values()} == {"rates"}
    payer = found["payer", "Acme"]
    assert (payer["owner"], payer["last_contact"], payer["people"], payer["calls"]) == ("Jonas", "a contract was signed", 1, 100)  # fmt: skip
    assert found["end users", "Acme"]["end_users"] == 900
    assert found["regulator", "The authority: names"]["owner"] == "Ines"
    rival = next(row for (role, _), row in found.items() if role == "competitor")
    assert (rival["said"], rival["owner"], rival["last_contact"]) == ("Rival: domain", "Tove", "a sale was begun")
    assert [role for role, name in found if name == rival["name"]] == ["competitor", "developer", "prospect"]


def test_a_concern_is_the_first_of_what_is_open(tmp_path):
    room = Room(tmp_path).caller("app_1", "ann@acme.example")
    room.add("support_user", "u1", email="ann@acme.example", verified=True)
    room.add("ticket", "t1", subject="Labels fail", requester_id="u1", status="open", created_at=datetime(2026, 6, 20))
    room.add("ticket", "t2", subject="Old one", requester_id="u1", status="open", created_at=datetime(2026, 6, 2))
    (row,) = [row for row in ask(room.build(), "stakeholders") if row["role"] == "developer"]
    assert (row["concern_kind"], row["concern"], row["concern_since"]) == ("ticket", "Old one", datetime(2026, 6, 2))
    assert row["concerns"] >= 2
