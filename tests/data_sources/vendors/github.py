"""GitHub in small: bare lists whose next page `Link` names by the repository's id, pull requests among the issues."""

from urllib.parse import urlencode

from data_sources.records import SupportUser, Ticket, TicketEvent
from tests.data_sources.vendors.server import TOKEN, FakeVendor

NAMED, NUMBERED = "/repos/harbor/api", "/repositories/7001"
PULL = 5


def at(minute: int) -> str:
    return f"2026-01-05T{10 + minute // 60}:{minute % 60:02}:00Z"


class Vendor(FakeVendor):
    kind = "github"
    page = 3
    streams = ("repository", "issues", "comments", "events")

    def fill(self) -> None:
        self.url = ""
        self.lists = {
            "issues": [self.issue(n) for n in range(1, 9)],
            "issues/comments": [self.comment(n, who) for n in range(1, 9) for who in ("asker", "maintainer")],
            "issues/events": [self.event(90 + n, n, "closed") for n in range(1, 9) if n % 2],
        }

    def issue(self, n: int) -> dict:
        pull = {"pull_request": {"url": f"{NAMED}/pulls/{n}"}} if n == PULL else {}
        return {
            "id": 880000 + n,
            "node_id": f"I_{n}",
            "number": n,
            "repository_url": NAMED,
            "title": f"Quotes time out {n}",
            "state": "closed" if n % 2 else "open",
            "user": self.user("asker", n),
            "author_association": "NONE",
            "assignee": None,
            "labels": [{"name": "bug"}],
            "comments": 2,
            "created_at": at(n),
            "updated_at": at(n + 30),
        } | pull

    def user(self, who: str, n: int) -> dict:
        number = {"asker": 300 + n, "maintainer": 11, "robot": 12}[who]
        return {"id": number, "login": f"{who}-{number}", "type": "Bot" if who == "robot" else "User"}

    def comment(self, n: int, who: str) -> dict:
        return {
            "id": n * 10 + len(who),
            "issue_url": f"https://api.github.com/repos/harbor/api/issues/{n}",
            "html_url": f"https://github.com/harbor/api/{'pull' if n == PULL else 'issues'}/{n}#issuecomment-{n}",
            "user": self.user(who, n),
            "author_association": "NONE" if who == "asker" else "MEMBER",
            "created_at": at(n + 10),
            "updated_at": at(n + 10),
        }

    def event(self, number: int, n: int, what: str, who: str = "maintainer") -> dict:
        return {
            "id": number,
            "event": what,
            "actor": self.user(who, n),
            "created_at": at(number - 60),
            "issue": {key: value for key, value in self.issue(n).items() if key != "repository_url"},
        }

    def settings(self, url: str) -> dict:
        self.url = url
        return {"kind": "github", "url": url, "token": "secret:vendor", "repository": "harbor/api"}

    def authorised(self, headers: dict) -> bool:
        return headers.get("authorization") == f"Bearer {TOKEN}" and "x-github-api-version" in headers

    def answer(self, path: str, query: dict) -> object:
        name = self.name_of(path)
        if name == "":
            return {"id": 7001, "full_name": "harbor/api", "url": NAMED}
        if name in self.lists or name.endswith("/comments"):
            start = (int(query.get("page", 1)) - 1) * self.page
            return self.chosen(name, query)[start : start + self.page]
        return next((one for one in self.lists["issues"] if name == f"issues/{one['number']}"), None)

    def headers(self, path: str, query: dict) -> dict:
        name, page = self.name_of(path), int(query.get("page", 1))
        is_list = name in self.lists or name.endswith("/comments")
        if not is_list or page * self.page >= len(self.chosen(name, query)):
            return {}
        there = f"{self.url}{NUMBERED}/{name}?"
        following, first = urlencode(query | {"page": page + 1}), urlencode(query | {"page": 1})
        return {"Link": f'<{there}{first}>; rel="first", <{there}{following}>; rel="next"'}

    def name_of(self, path: str) -> str:
        return path.removeprefix(NAMED).removeprefix(NUMBERED).strip("/")

    def chosen(self, name: str, query: dict) -> list:
        if name not in self.lists:
            number = name.split("/")[1]
            return [one for one in self.lists["issues/comments"] if one["issue_url"].endswith(f"/{number}")]
        items = self.lists[name]
        if name == "issues/events":
            return sorted(items, key=lambda one: -one["id"])
        if name == "issues" and query.get("state") != "all":
            items = [one for one in items if one["state"] == "open"]
        items = [one for one in items if one["updated_at"] >= query.get("since", "")]
        by = f"{query.get('sort', 'created')}_at"
        return sorted(items, key=lambda one: str(one[by]), reverse=query.get("direction", "desc") == "desc")

    def ids(self) -> dict:
        numbers = [n for n in range(1, 9) if n != PULL]
        replies = {f"comment-{n * 10 + len(who)}" for n in numbers for who in ("asker", "maintainer")}
        return {
            SupportUser: {str(300 + n) for n in numbers} | {"11"},
            Ticket: {str(n) for n in numbers},
            TicketEvent: replies | {f"opened-{n}" for n in numbers} | {f"event-{90 + n}" for n in numbers if n % 2},
        }

    def change(self):
        self.lists["issues"][5] |= {"state": "closed", "updated_at": at(80)}
        self.lists["issues/events"].append(self.event(140, 6, "closed"))
        return Ticket, "6", "status", "solved"

    def remove(self):
        self.lists["issues"].pop(6)
        return Ticket, "7", lambda row: row.status == "deleted" and row.requester_id == "307"

    def spoil(self, how: str) -> str:
        item = self.lists["issues"][3]
        if how == "gone":
            del item["number"]
        elif how == "odd":
            item["created_at"] = {"never": "a time"}
        else:
            item["a_new_field"] = {"of": ["a", "new"], "kind": 1}
        return "4"
