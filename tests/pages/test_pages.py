"""Every page on the demo company, from one table: it opens, answers its question, and its filters hold."""

import re

import pytest

from tests.pages.conftest import said

PAGES = {
    "overview/tier_board.py": [
        "WHO",
        "WHAT THEY COST AND BRING",
        "WHERE THEY STALL",
        "Internal",
        "Partner",
        "Open",
        "Public",
    ],
    "customers/directory.py": ["Accounts", "Developers", "Calls", "Contribution"],
    "customers/account.py": ["Which account?"],
    "customers/identity_review.py": ["Waiting", "Calls at stake", "Are these the same organization?", "Decided"],
    "money/contribution.py": ["Revenue", "Cost to serve", "Contribution", "Unallocated cost", "How few carry the rest"],
    "money/revenue.py": [
        "MRR",
        "Net revenue retention",
        "Collected",
        "Earned",
        "What moved recurring revenue",
        "together",
    ],
    "money/freemium.py": [
        "Cost of free accounts",
        "Would have to pay",
        "pay within the window",
        "What became of those",
    ],
    "money/partners.py": ["Put in", "Sourced", "Return", "Influenced, apart", "Share still owed"],
    "money/internal.py": ["Cost of own teams", "For 1,000 successful calls", "Teams served"],
    "money/costs.py": ["Spent", "On accounts", "On nobody's traffic", "Unallocated", "it ties to the cent"],
    "money/support.py": ["Median first reply", "Promises kept", "Open tickets", "Support cost", "How long they wait"],
    "onboarding/funnel.py": ["Entered", "Weakest step", "In progress", "Stalled"],
    "onboarding/time_to_value.py": [
        "Half succeed within",
        "Never called",
        "From sign-up to the first call that works",
        "Pale",
    ],
    "onboarding/retention.py": ["Once succeeded", "After 1 month", "Still there", "Dashed and pale"],
    "onboarding/stalled.py": ["Stalled accounts", "Value at risk", "Why they stall", "Worth the most"],
    "onboarding/sales_path.py": [
        "Enterprises without an owner",
        "Small and held up",
        "Crossed over",
        "Self-service",
        "Sales-led",
    ],
    "onboarding/enterprise.py": ["In procurement", "Longest wait", "Approver not known", "What they wait for"],
    "signals/demand.py": [
        "Missing, and asked for",
        "Accounts that ask",
        "Refused revenue, at most",
        "Left out as noise",
        "Who asks for what",
    ],
    "signals/usage_value.py": [
        "Endpoints in use",
        "Revenue that they carry",
        "Write share",
        "Revenue on what retires",
        "What carries the money",
    ],
    "evangelism/developers.py": [
        "Signed up yesterday",
        "Our errors now",
        "Sign-ups a day, by channel",
        "most pressing first",
    ],
    "evangelism/outreach.py": ["Hours of outreach", "Hours by direction", "short of a third", "What was done"],
    "signals/triage.py": ["Free accounts scored", "Expected to pay", "Known so far", "Who they are, and who will pay"],
    "data/sources.py": ["Sources", "Log lines read", "Lines add up", "Check a source"],
    "data/rules.py": ["Decided by a rule", "By a person", "Exposure broken", "nothing above holds"],
    "data/metrics.py": ["Tier board", "Grain"],
}
VIEWS = [
    {},
    {"tier": "open", "period": "30d"},
    {"tier": "internal", "period": "all", "against": "none"},
    {"tier": "nonsense", "period": "7 years", "service": "no such service", "stage": "x", "window": "-1", "kind": "?"},
]


@pytest.mark.parametrize("params", VIEWS, ids=lambda v: "-".join(v.values()) or "plain")
@pytest.mark.parametrize("path", PAGES)
def test_page_opens_and_answers(open_page, path, params):
    app = open_page(path, **params)
    assert not app.exception, app.exception
    text = said(app)
    if params.get("tier") != "nonsense" or path in ("overview/tier_board.py", "data/metrics.py"):
        missing = [words for words in PAGES[path] if words not in text and not params]
        assert not missing, text
    assert "belong to a known organization" in text or "No calls were logged" in text


def test_board_has_a_row_a_tier_and_every_cell_is_a_link(open_page):
    app = open_page()
    for tier in ("internal", "partner", "open", "public"):
        row = app.container(key=f"tier_{tier}")
        links = row.get("page_link")
        assert len(links) == 3, f"{tier}: {[link.label for link in links]}"
        for link in links:
            assert f"tier={tier}" in link.proto.query_string


def test_board_says_the_same_as_the_metric(open_page):
    from pages.shared import reads, words

    app = open_page(period="30d", against="none")
    from sql import query, snapshot

    found = snapshot.current(reads.home())
    from datetime import timedelta

    until = found.as_of.date() + timedelta(days=1)
    frame = query.run(found, "tier_board", date_from=until - timedelta(days=30), date_to=until)
    partner = frame[frame["tier"] == "partner"].iloc[0]
    row = "\n".join(e.value for e in app.container(key="tier_partner").markdown)
    assert words.money(partner["contribution"], "usd", sign=True).replace("$", r"\$") in row
    assert words.plural(partner["organizations"], "partner") in row


@pytest.mark.parametrize("tier", ["", "open", "internal"])
def test_the_figures_of_contribution_tie_out(open_page, tier):
    from pages.shared import reads, words
    from sql import query, snapshot

    app = open_page("money/contribution.py", period="all", **({"tier": tier} if tier else {}))
    frame = query.run(snapshot.current(reads.home()), "contribution_by_tier")
    frame = frame[frame["tier"] == tier] if tier else frame
    shown = {metric.label: metric.value for metric in app.metric}
    cost = frame["cost_to_serve"].sum()
    assert shown["Cost to serve"] == words.money(cost, "usd")
    revenue = None if tier == "internal" else frame["revenue"].sum()
    assert shown["Revenue"] == words.money(revenue, "usd")
    left = None if tier == "internal" else revenue - cost
    assert shown["Contribution"] == words.money(left, "usd", sign=True)


@pytest.mark.parametrize("part", ["tiers", "accounts", "topics", "backlog", "promises", "groups"])
@pytest.mark.parametrize("time", ["calendar", "business"])
def test_every_part_of_support(open_page, part, time):
    app = open_page("money/support.py", part=part, time=time, period="365d")
    assert not app.exception, app.exception
    assert len(app.dataframe[0].value) > 0
    assert len(app.get("download_button")) == 1


def test_what_no_rule_knows_stands_beside_the_topics(open_page, demo_home):
    from sql import query, snapshot

    text = said(open_page("money/support.py", part="topics", period="all"))
    rows = query.run(snapshot.current(demo_home), "ticket_topics").set_index("topic")
    assert f"No rule knows {rows.loc['unknown', 'tickets']} tickets of this period" in text
    assert "The rules for topics" in text


def test_the_figures_of_support_are_those_of_the_metric_in_both_times(open_page):
    from pages.shared import durations, reads, words
    from sql import query, snapshot

    shown = {}
    for time in ("calendar", "business"):
        app = open_page("money/support.py", period="all", tier="partner", time=time)
        shown[time] = {metric.label: metric.value for metric in app.metric}
    row = query.run(snapshot.current(reads.home()), "support_by_tier", tier="partner").iloc[0]
    assert shown["calendar"]["Median first reply"] == durations.spoken(row["first_reply_median"])
    assert shown["business"]["Median first reply"] == durations.spoken(
        row["first_reply_business_median"], business=True
    )
    assert shown["calendar"]["Median first reply"] != shown["business"]["Median first reply"]
    for label, value in (
        ("Promises kept", words.share(row["sla_attainment"], 1)),
        ("Open tickets", words.count(row["backlog"])),
        ("Support cost", words.money(row["support_cost"], "usd")),
    ):
        assert shown["calendar"][label] == shown["business"][label] == value


def test_a_filter_changes_the_url_and_the_page(open_page):
    app = open_page("customers/directory.py")
    everyone = len(app.dataframe[0].value)
    app.selectbox(key="filter_tier").select("partner").run()
    assert app.query_params["tier"] == "partner"
    table = app.dataframe[0].value
    assert 0 < len(table) < everyone
    assert set(table["tier_name"]) == {"Partner"}
    app.selectbox(key="filter_tier").select("all").run()
    assert "tier" not in app.query_params
    assert len(app.dataframe[0].value) == everyone


def test_filters_are_kept_on_the_way_to_another_page(open_page):
    app = open_page("customers/directory.py", tier="open", period="30d")
    for name in ("tier", "period"):
        del app.query_params[name]
    app.switch_page("pages/money/contribution.py").run()
    assert app.query_params["tier"] == "open"
    assert app.selectbox(key="filter_period").value == "30d"


def test_nothing_found_is_designed(open_page):
    app = open_page("customers/directory.py", search="no company is called this")
    assert not app.exception
    assert "No accounts" in said(app)
    assert "Show all of them" in said(app)


@pytest.mark.parametrize("part", ["activity", "money", "stages", "people", "support", "timeline", "identity", "notes"])
def test_every_part_of_an_account(open_page, part):
    listed = open_page("onboarding/stalled.py", tier="open")
    link = next(one for one in listed.get("page_link") if one.label == "Open the account")
    account = dict(pair.split("=") for pair in link.proto.query_string.split("&"))["account"].replace("%3A", ":")
    app = open_page("customers/account.py", account=account, part=part)
    assert not app.exception, app.exception
    assert "Stalled at" in said(app)


def test_an_account_says_each_word_about_itself_once(open_page):
    from pages.shared import reads

    open_page("customers/directory.py")
    directory = reads.read("directory")
    for tier, is_like in (("partner", "Partner"), ("internal", "Internal"), ("open", "Open")):
        account = directory[(directory["tier"] == tier) & (directory["kind"] == "organization")]["account_id"].iloc[0]
        app = open_page("customers/account.py", account=account)
        title = next(one.value for one in app.markdown if one.value.startswith("## "))
        badges = re.findall(r":gray-badge\[([^\]]*)\]", title)
        assert f"**{is_like}**" in title
        assert len(badges) == len(set(badges))
        assert tier not in badges


def test_an_unknown_account_is_explained(open_page):
    assert "No such account" in said(open_page("customers/account.py", account="org:nobody"))


def test_hostile_text_in_the_url_stays_text(open_page):
    app = open_page("customers/account.py", account="**x** [a](http://b)")
    assert "**x**" not in said(app).replace("\\*", "")


def test_owner_and_note_are_kept_with_who_and_when(open_page, demo_home, tmp_path):
    import shutil

    from pages.shared import moves

    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    account = open_page("customers/directory.py", home=home).dataframe[0]
    assert account is not None
    from pages.shared import reads

    account = reads.read("directory")["account_id"].iloc[0]
    app = open_page("customers/account.py", home=home, account=account, part="notes")
    next(box for box in app.text_input if box.label == "New owner").set_value("Ana")
    next(b for b in app.button if b.label == "Set owner").click().run()
    assert not app.exception
    kept = moves.of(account).owner
    assert [(one.owner, one.author) for one in kept] == [("Ana", "local user")]
    assert "**Ana**" in said(app)


def test_every_table_has_a_csv_and_every_chart_an_alt(open_page):
    for path in PAGES:
        app = open_page(path)
        tables = [f for f in app.dataframe if f.proto.id.startswith("$$ID") or f.proto.id]
        assert all(chart.proto.alt for chart in app.get("vega_lite_chart")), path
        assert len(app.get("download_button")) >= len({t.proto.id for t in tables}), path
