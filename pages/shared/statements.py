"""The statement of each tier in the terms of its own economics, as a short list of lines; what if a rate, share or price were another."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import charts, filters, links, reads, tables, words

MIX = {"commercial": "Commercial", "hobby": "Hobby", "exploring": "Exploring"}


def draw(view: Any, currency: str) -> None:
    """All four statements, or the one of the chosen tier."""
    for tier, (title, make) in STATEMENTS.items():
        if view.tier in (None, tier):
            with st.container(border=True):
                st.markdown(f"##### {charts.mark(tier)} {title}", anchors=False)
                make(view, currency)


def _lines(rows: list[tuple[str, str, str]], name: str, alt: str) -> None:
    frame = pd.DataFrame(rows, columns=["line", "figure", "note"])
    st.table(
        frame.rename(columns={"line": "What", "figure": "Figure", "note": "Of it"}),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )


def _internal(view: Any, currency: str) -> None:
    frame = reads.read("internal_teams", **view.compared)
    cost, before = _sum(frame, "cost"), _sum(frame, "cost_before")
    ok, ok_before = _sum(frame, "ok"), _sum(frame, "ok_before")
    now = cost * 1000 / ok if cost is not None and ok else None
    then = before * 1000 / ok_before if before is not None and ok_before else None
    _lines(
        [
            ("Teams served", words.count(frame.loc[frame["ok"] > 0, "account_id"].nunique()), ""),
            ("Cost", words.money(cost, currency), words.arrow(words.change(cost, before))),
            ("For 1,000 successful calls", words.money(now, currency), words.arrow(words.change(now, then))),
        ],
        "statement_internal",
        "Statement of the internal tier: teams, cost, cost of 1,000 successful calls",
    )
    links.link(links.INTERNAL, "By team", icon=":material/apartment:")


def _partner(view: Any, currency: str) -> None:
    frame = reads.read("partners", **view.dates)
    investment, value = _sum(frame, "investment"), _sum(frame, "value")
    back = (value - investment) / investment if investment and value is not None else None
    _lines(
        [
            ("Sourced revenue", words.money(_sum(frame, "sourced"), currency), f"{len(frame)} partners"),
            ("Left after serving the clients", words.money(value, currency), ""),
            (
                "Put in, their share included",
                words.money(investment, currency),
                f"share {words.money(_sum(frame, 'share_owed'), currency)}",
            ),
            ("Return", words.share(back), ""),
            ("Influenced revenue, apart", words.money(_sum(frame, "influenced"), currency), "in no sum above"),
            ("Share still owed today", words.money(_sum(frame, "share_open"), currency), ""),
        ],
        "statement_partner",
        "Statement of the partner tier: sourced revenue, investment, return, share",
    )
    links.link(links.PARTNERS, "By partner", icon=":material/handshake:")


def _open(view: Any, currency: str) -> None:
    mix = reads.read("open_mix", **view.dates)
    free = next(reads.read("freemium_summary", tier="open", **view.dates).itertuples())
    rows = [
        (
            MIX[row.kind],
            words.plural(row.accounts, "account"),
            f"{words.money(row.revenue, currency)} − {words.money(row.cost_to_serve, currency)} = {words.money(row.contribution, currency, sign=True)}",
        )
        for row in mix.itertuples()
    ]
    rows += [
        ("Conversion, mature cohorts", words.share(free.conversion, 2), words.plural(free.mature_entrants, "account")),
        (
            "Cost of its free accounts",
            words.money(free.free_cost, currency),
            words.plural(free.free_accounts, "account"),
        ),
        ("Contribution", words.money(_sum(mix, "contribution"), currency, sign=True), ""),
    ]
    _lines(rows, "statement_open", "Statement of the open tier: mix, conversion, cost and contribution")
    links.link(links.FREEMIUM, "Freemium", icon=":material/redeem:", tier="open")


def _public(view: Any, currency: str) -> None:
    row = next(reads.read("public_reach", **view.dates).itertuples())
    refused = f"{words.count(row.refused_auth)} for credentials, {words.count(row.refused_limit)} over a limit, {words.count(row.refused_no_route)} without a route"
    _lines(
        [
            ("Reach", words.plural(row.accounts, "account"), f"{words.count(row.signed_up)} signed up in the period"),
            ("Calls", words.count(row.calls), f"and {words.count(row.nobody_calls)} of nobody we know"),
            ("Refusals", words.count(row.refused), refused),
            ("Cost", words.money(row.cost, currency), f"{words.money(row.cost_per_account, currency)} an account"),
            (
                "Cost of nobody's traffic",
                words.money(row.nobody_cost, currency),
                "calls without a known caller, scanners",
            ),
            (
                "Became something",
                words.plural(row.moved_up, "account moved up", "accounts moved up"),
                f"{words.count(row.first_paid)} began to pay",
            ),
        ],
        "statement_public",
        "Statement of the public tier: reach, refusals, cost, what became something",
    )


def _sum(frame: pd.DataFrame, column: str) -> float | None:
    found = frame[column].astype(float).sum(min_count=1)
    return None if words.missing(found) else float(found)


STATEMENTS = {
    "internal": ("Internal: showback", _internal),
    "partner": ("Partner: investment and return", _partner),
    "open": ("Open: mix and conversion", _open),
    "public": ("Public: reach and what became something", _public),
}


def what_if(currency: str) -> None:
    """Sliders for rates, share and price, and the statements as they would be. Nothing is saved."""
    st.caption(
        "Move a rate, the partners' share or our price and see the period's statements move. Nothing is saved, and nobody is assumed to leave."
    )
    with st.grid(4, min_column_width=190, gap="medium"):
        price = st.slider("Our prices", -50, 100, 0, 5, format="%+d %%", key="if_price")
        support = st.slider("Rate of a support hour", -50, 100, 0, 5, format="%+d %%", key="if_support")
        cloud = st.slider("The cloud's prices", -50, 100, 0, 5, format="%+d %%", key="if_cloud")
        points = st.slider("Partners' share", -30, 30, 0, 1, format="%+d points", key="if_share")
    frame = reads.read(
        "what_if",
        price_factor=1 + price / 100,
        support_factor=1 + support / 100,
        infrastructure_factor=1 + cloud / 100,
        share_points=float(points),
        **filters.view().dates,
    )
    now, then = _sum(frame, "left_over"), _sum(frame, "then_left_over")
    if now is not None and then is not None:
        said = [words.money(value, currency, sign=True).replace("$", r"\$") for value in (now, then, then - now)]
        st.markdown(f"Left over **{said[0]}** → **{said[1]}** ({said[2]}), partners' share taken off.")
    money = {
        "revenue": "Revenue",
        "infrastructure": "Infrastructure",
        "support": "Support",
        "outreach": "Outreach",
        "fees": "Fees",
        "share": "Share",
        "left_over": "Left over",
    }
    columns = {"tier_name": tables.text("Tier")}
    for column, label in money.items():
        columns |= {column: tables.money(label), f"then_{column}": tables.money(f"→ {label}")}
    tables.table(
        frame.assign(tier_name=frame["tier"].map(words.TIERS)),
        columns,
        name="what_if",
        alt="Each tier's money as it was and as it would be",
    )
