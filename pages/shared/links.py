"""Links between pages that keep the view: period, comparison, tier and service travel in the URL."""

from typing import Any

import streamlit as st

from pages.shared import filters

TIER_BOARD = "pages/overview/tier_board.py"
DIRECTORY = "pages/customers/directory.py"
ACCOUNT = "pages/customers/account.py"
IDENTITY_REVIEW = "pages/customers/identity_review.py"
CONTRIBUTION = "pages/money/contribution.py"
REVENUE = "pages/money/revenue.py"
FREEMIUM = "pages/money/freemium.py"
PARTNERS = "pages/money/partners.py"
INTERNAL = "pages/money/internal.py"
COSTS = "pages/money/costs.py"
FUNNEL = "pages/onboarding/funnel.py"
STALLED = "pages/onboarding/stalled.py"
DEMAND = "pages/signals/demand.py"
USAGE_VALUE = "pages/signals/usage_value.py"
ENTERPRISE = "pages/onboarding/enterprise.py"
IN_THE_ROOM = "pages/signals/in_the_room.py"
DEVELOPERS = "pages/evangelism/developers.py"
OUTREACH = "pages/evangelism/outreach.py"
TRIAGE = "pages/signals/triage.py"
SOURCES = "pages/data/sources.py"
RULES = "pages/data/rules.py"
METRICS = "pages/data/metrics.py"


def link(page: str, label: str, *, icon: str = "", help: str = "", width: str = "content", **changes: Any) -> None:
    """Draw a link to a page with the view kept and `changes` made to it."""
    st.page_link(page, label=label, icon=icon, help=help, width=width, query_params=filters.carried(**changes))


def go(page: str, **changes: Any) -> None:
    """Open a page at once, with the view kept and `changes` made to it."""
    st.switch_page(page, query_params=filters.carried(**changes))


def account(account: str) -> None:
    """Open the account of a row; a row of nobody's opens nothing."""
    if isinstance(account, str) and account and not account.startswith("nobody:"):
        go(ACCOUNT, account=account)
