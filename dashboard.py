"""The front door: page config, who may enter, navigation, filters and freshness. `streamlit run dashboard.py` starts it."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from pages.shared import access, brand, deciding, filters, jobs, reads, states, welcome
from sql.query import OutdatedError

PAGES = {
    "Overview": [
        (
            "overview/tier_board.py",
            "Tier board",
            ":material/view_agenda:",
            "Who are the customers, what do they cost and bring, and where do they stall?",
            ["period", "against", "service"],
        ),
    ],
    "Customers": [
        (
            "customers/directory.py",
            "Directory",
            ":material/groups:",
            "Who are the customers, tier by tier?",
            ["period", "against", "tier", "service", "kind", "flag", "search"],
        ),
        (
            "customers/account.py",
            "Account",
            ":material/badge:",
            "Who is this, what do they do, cost and bring, and where do they stand?",
            ["period", "against", "service"],
        ),
        (
            "customers/identity_review.py",
            "Identity review",
            ":material/join_inner:",
            "Which links need a person?",
            ["period", "tier"],
        ),
    ],
    "Money": [
        (
            "money/contribution.py",
            "Contribution",
            ":material/payments:",
            "What do they bring, what do they cost, and what is left?",
            ["period", "against", "tier"],
        ),
        (
            "money/revenue.py",
            "Revenue",
            ":material/trending_up:",
            "What recurs, what moved it, and what was collected and earned?",
            ["period", "against", "tier"],
        ),
        (
            "money/freemium.py",
            "Freemium",
            ":material/redeem:",
            "What do free accounts cost, what became of them, and does it pay?",
            ["period", "window", "tier"],
        ),
        (
            "money/partners.py",
            "Partners",
            ":material/handshake:",
            "What do we put into each partner, and what comes back?",
            ["period"],
        ),
        (
            "money/internal.py",
            "Internal",
            ":material/apartment:",
            "What does each of our own teams cost for what it uses?",
            ["period", "against"],
        ),
        (
            "money/costs.py",
            "Costs",
            ":material/receipt:",
            "What was spent, who carries it, and does it tie out?",
            ["period", "against"],
        ),
        (
            "money/support.py",
            "Support",
            ":material/support_agent:",
            "How long do they wait for us, which promises do we keep, and what does it cost?",
            ["period", "against", "tier"],
        ),
    ],
    "Onboarding": [
        (
            "onboarding/funnel.py",
            "Funnel",
            ":material/filter_alt:",
            "How far do those who start get, and where do we lose them?",
            ["tier", "window"],
        ),
        (
            "onboarding/time_to_value.py",
            "Time to value",
            ":material/timer:",
            "How long until the first call works, and until each stage after it?",
            ["tier"],
        ),
        (
            "onboarding/retention.py",
            "Retention",
            ":material/repeat:",
            "Of those who once succeeded, who still uses it?",
            ["tier"],
        ),
        (
            "onboarding/stalled.py",
            "Stalled",
            ":material/hourglass_top:",
            "Who is stuck, why, what is it worth, and whose move is it?",
            ["tier", "stage", "reason", "owner", "status", "overdue", "search"],
        ),
        (
            "onboarding/sales_path.py",
            "Sales path",
            ":material/alt_route:",
            "Who is served on the wrong path, and how far does each path lead?",
            ["tier", "window", "search"],
        ),
        (
            "onboarding/enterprise.py",
            "Enterprise",
            ":material/domain:",
            "What do enterprises wait for, whose move is it, and what do we deliver of what we promised?",
            ["tier", "search"],
        ),
    ],
    "Signals": [
        (
            "signals/triage.py",
            "Triage",
            ":material/troubleshoot:",
            "Which free accounts are a company at work, and which only try or play?",
            ["tier", "class", "day", "search"],
        ),
        (
            "signals/demand.py",
            "Demand",
            ":material/search_off:",
            "What do they ask for that we do not have, and whom do our limits turn away?",
            ["period", "against", "tier"],
        ),
        (
            "signals/usage_value.py",
            "Usage value",
            ":material/insights:",
            "Which endpoints carry the money, what do people build of them, and what do errors cost whom?",
            ["period", "against", "tier", "service"],
        ),
        (
            "signals/in_the_room.py",
            "In the room",
            ":material/visibility:",
            "Who else is there: who pays, builds and uses, who competes, copies, regulates, and who only reads?",
            ["period", "tier", "service", "search"],
        ),
    ],
    "Evangelism": [
        (
            "evangelism/developers.py",
            "Developers",
            ":material/waving_hand:",
            "Who is new, who is failing, who moved, and whom should we write to this morning?",
            ["tier", "owner", "search"],
        ),
        (
            "evangelism/outreach.py",
            "Outreach",
            ":material/campaign:",
            "Where does our effort go, and what followed it?",
            ["period", "against"],
        ),
    ],
    "Data": [
        ("data/sources.py", "Sources", ":material/database:", "Is it fresh, and is it complete?", []),
        (
            "data/rules.py",
            "Rules",
            ":material/rule:",
            "Who is in which tier, and what would move if that changed?",
            ["period", "tier"],
        ),
        ("data/metrics.py", "Metrics", ":material/menu_book:", "What does each number mean?", []),
    ],
}


def visit() -> None:
    """What one visitor's run shows: the login, the welcome, or the page that the address names."""
    st.set_page_config(page_title="API Program Health", page_icon=brand.MARK, layout="wide")
    st.html(brand.STYLE)
    sections, about = {}, {}
    for section, rows in PAGES.items():
        for path, title, icon, question, shown in rows:
            page = st.Page(f"pages/{path}", title=title, icon=icon, help=question, default=title == "Tier board")
            sections.setdefault(section, []).append(page)
            about[title] = (f"pages/{path}", question, shown)
    open_to_all = access.welcome_in()
    now = reads.current() if open_to_all else None
    chosen = st.navigation(sections, position="top" if now else "hidden")
    if not open_to_all:
        access.explain()
    elif now is None:
        welcome.draw()
    else:
        st.logo(brand.MARK, size="large")
        path, question, shown = about[chosen.title]
        filters.keep(path)
        deciding.keep_up()
        jobs.notice()
        try:
            states.banner()
            states.heading(chosen.title, question)
            filters.draw(shown)
            chosen.run()
            states.footer()
        except OutdatedError:
            states.outdated()


if __name__ == "__main__":
    with reads.one_snapshot():
        visit()
else:
    # The server imports this file once before its first visitor. Without this Streamlit looks into pages/ for pages of its
    # own, finds none, and tells the first who opens a deep link that it does not exist.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, middleware=[Middleware(access.BackToAsked)], on_script_error=states.store_away)
