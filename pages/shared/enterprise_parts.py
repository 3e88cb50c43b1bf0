"""The board of procurement, and the parts of one enterprise's sheet."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    charts,
    drawn,
    enterprise_charts,
    enterprise_words,
    figures,
    links,
    paper,
    readiness,
    reads,
    tables,
    words,
)
from pages.shared.states import empty

CARDS = 8
MONTHS = 12


def board(steps: pd.DataFrame) -> None:
    """A column a kind of step with its open steps, the longest wait first; columns stand under each other on a phone."""
    kinds = [kind for kind in enterprise_words.KINDS if kind in set(steps["kind"])]
    st.caption(
        ":gray-badge[usual] no longer than half of those that ended · :blue-badge[longer than half] · "
        ":orange-badge[longer than three of four]"
    )
    with st.grid(len(kinds), min_column_width=230, gap="small"):
        for kind in kinds:
            mine = steps[steps["kind"] == kind]
            with st.container(gap="small", height="stretch", key=f"board_{kind}"):
                worth = mine["value"].astype(float).sum(min_count=1)
                said = "" if words.missing(worth) else f" · {words.money(worth, reads.currency())}".replace("$", r"\$")
                st.markdown(f"**{enterprise_words.KINDS[kind]}** · {words.count(len(mine))}{said}")
                for row in mine.head(CARDS).itertuples():
                    _card(row)
                if len(mine) > CARDS:
                    st.caption(f"and {len(mine) - CARDS} more, in the list below")
    st.caption(_compared(steps))


def opened(account: str | None) -> None:
    """Write into the URL whose sheet is open; None for none."""
    if account:
        st.query_params["account"] = account
    else:
        st.query_params.pop("account", None)


def _card(row: Any) -> None:
    tone = enterprise_words.TONES.get(row.ageing, "gray")
    with st.container(border=True, gap="xxsmall"):
        # a link of a page to itself would open the sheet without a word of it in the URL
        key = f"card_{row.Index}_{row.account_id}"
        st.button(f"**{words.plain(row.name)}**", type="tertiary", key=key, on_click=opened, args=(row.account_id,))
        waits = enterprise_words.days(row.days_waiting)
        st.markdown(f":{tone}-badge[{waits}] {row.ageing}")
        worth = words.money(row.value, reads.currency()).replace("$", r"\$")
        worth = worth if row.value == row.value else words.plain(row.unpriced_reason)
        owner = "no owner" if words.missing(row.owner) else words.plain(row.owner)
        st.caption(f"{words.plain(enterprise_words.move(row))} · {worth} · {owner}")


def _compared(steps: pd.DataFrame) -> str:
    """What the ages are compared with, kind by kind."""
    said = []
    for kind, mine in steps.groupby("kind"):
        row, label = mine.iloc[0], enterprise_words.KINDS[kind]
        if row["compared_with"] == "its kind":
            said.append(f"{label}: median {row['median_days']:,.0f}, p75 {row['p75_days']:,.0f} days, n = {row['compared_n']:,.0f}")  # fmt: skip
        elif not words.missing(row["compared_with"]) and row["compared_with"]:
            said.append(f"{label}: only {row['kind_n']:,.0f} ended, fewer than 30")
        else:
            said.append(f"{label}: {row['kind_n']:,.0f} ended, too few to compare with")
    pooled = steps[steps["compared_with"] == "all kinds"]
    if len(pooled):
        row = pooled.iloc[0]
        said.append(f"those are compared with all kinds together: median {row['median_days']:,.0f}, p75 {row['p75_days']:,.0f} days, n = {row['compared_n']:,.0f}")  # fmt: skip
    return "Ages against finished steps. " + "; ".join(said) + "."


def waiting(steps: pd.DataFrame) -> None:
    """Every open step as a list."""
    tables.table(
        steps.assign(
            tier_name=steps["tier"].map(words.TIERS),
            kind_name=steps["kind"].map(enterprise_words.KINDS),
            step_name=[enterprise_words.step(name) for name in steps["step"]],
            move=[enterprise_words.move(row) for row in steps.itertuples()],
        ),
        {
            "name": tables.text("Account"),
            "kind_name": tables.text("Kind"),
            "step_name": tables.text("Step"),
            "since": tables.when("Since"),
            "days_waiting": tables.number("Days waiting", form="%.0f"),
            "ageing": tables.text("Against others"),
            "move": tables.text("Whose move"),
            "value": tables.money("A year"),
            "unpriced_reason": tables.text("No value because"),
            "owner": tables.text("Owner"),
            "median_days": tables.number("Median of others", form="%.0f"),
            "p75_days": tables.number("p75", form="%.0f"),
            "compared_n": tables.number("n"),
            "compared_with": tables.text("Compared with"),
            "tier_name": tables.text("Tier"),
        },
        name="procurement_aging",
        alt="Open steps of procurement, the longest wait first",
        account="name",
        opens=links.ENTERPRISE,
    )


def head(row: Any) -> None:
    """Who it is, how it is served and how it should be, with what shows either."""
    with st.container(border=True, gap="small"):
        badges = [enterprise_words.sentence(row.standing), f"served: {row.served}", f"fits: {row.fits}"]
        said = " ".join(f":gray-badge[{words.plain(one)}]" for one in badges if one)
        st.markdown(f"## {words.plain(row.name)}\n{charts.mark(row.tier)} **{words.TIERS[row.tier]}** &nbsp; {said}", anchors=False)  # fmt: skip
        owner = "nobody looks after it" if words.missing(row.owner) else f"owner: {words.plain(row.owner)}"
        st.caption(f"{owner} · served {row.served}: {words.plain(row.served_evidence)}")
        st.caption(f"Fits {row.fits}: {words.plain(row.fits_evidence)}")
        if not words.missing(row.mismatch):
            why = "looks like an enterprise, and nobody leads it" if row.mismatch == "unowned" else "is small, and waits behind a sales step"  # fmt: skip
            st.markdown(f":orange-badge[{enterprise_words.days(row.days_lost)} lost] It {why}.")


def figures_of(account: str, items: pd.DataFrame, promises: pd.DataFrame, steps: pd.DataFrame) -> None:
    """How much is ready, what has waited longest, what it is worth, and the error budget of the last month that is over."""
    n = words.plural(len(items), "item")
    ready = int(items["state"].isin(["done", "not_needed"]).sum())
    unknown = int((items["state"] == "not_known").sum())
    waits = [float(value) for frame in (items, steps) for value in frame["days_waiting"].dropna()]
    longest = words.MISSING if not waits else words.count(int(max(waits)))
    worth = steps.drop_duplicates("contract_id")["value"].astype(float).sum(min_count=1) if len(steps) else None
    over = promises[(promises["promise"] == "availability") & ~promises["in_progress"].astype(bool)]
    last = None if over.empty else over.iloc[0]
    figures.row(
        [
            {"label": "Ready", "value": f"{ready} of {len(items)}" if len(items) else words.MISSING, "metric": "enterprise_readiness", "n": f"{n}, {unknown} not known", "lacking": "nothing makes it an enterprise"},
            {"label": "Longest wait, days", "value": longest, "metric": "enterprise_readiness", "n": n, "lacking": "nothing waits"},
            {"label": "Yearly value waiting", "value": words.money(worth, reads.currency()), "metric": "procurement_aging", "n": words.plural(len(steps), "open step"), "lacking": "no step is open, or its contract has no amount"},
            {
                "label": "Error budget" + ("" if last is None else f", {pd.Timestamp(last['month']):%b %Y}"),
                "value": words.MISSING if last is None else enterprise_words.budget(last["budget_left"]),
                "metric": "sla_delivered",
                "n": "" if last is None else words.plural(last["n"], "call"),
                "lacking": "no contract promised an availability in a month that is over, or nothing was called in it",
            },
        ]
    )  # fmt: skip


def steps_of(steps: pd.DataFrame) -> None:
    """The open steps of one account."""
    if steps.empty:
        empty("No step of its procurement is open.")
        return
    for row in steps.itertuples():
        tone = enterprise_words.TONES.get(row.ageing, "gray")
        since = "" if words.missing(row.since) else f" since {words.day(row.since)}"
        st.markdown(
            f":{tone}-badge[{enterprise_words.days(row.days_waiting)}] **{words.plain(enterprise_words.step(row.step))}**{since}, "
            f"{row.ageing} · {words.plain(enterprise_words.move(row)).lower()}"
        )


def people(account: str) -> None:
    """Who evaluates and who approves, and who else is around."""
    found = reads.read("evaluator_approver", account=account)
    if len(found):
        row = found.iloc[0]
        both = row["known"] == "both known"
        badge = f":{'gray' if both else 'orange'}-badge[{row['known'].capitalize()}]"
        evaluates = words.plain(row["evaluator_names"]) if not words.missing(row["evaluator_names"]) else words.plural(row["evaluators"], "developer") + ", none named as evaluator"  # fmt: skip
        approves = "nobody known" if words.missing(row["approver_names"]) else words.plain(row["approver_names"])
        st.markdown(f"{badge} Evaluates: **{evaluates}** · approves: **{approves}**")
    roles = reads.read("account_roles", account=account)
    if roles.empty:
        empty("No person is known.")
        return
    tables.table(
        roles.assign(role_name=[words.reason(role) if not words.missing(role) else None for role in roles["role"]]),
        {
            "name": tables.text("Person"),
            "role_name": tables.text("Role"),
            "evidence": tables.text("How we know", width="large"),
            "last_seen_at": tables.when("Last seen"),
            "email": tables.text("E-mail"),
        },
        name="roles",
        alt="People around the account with role and evidence",
    )


def promised(promises: pd.DataFrame) -> None:
    """What was delivered of what was promised, month by month, and the error budget drawn."""
    if promises.empty:
        empty("No contract of this account has promised anything in a month that it was in force.")
        return
    recent = promises[pd.to_datetime(promises["month"]).isin(sorted(set(pd.to_datetime(promises["month"])))[-MONTHS:])]
    drawable = recent[(recent["promise"] == "availability") & recent["budget_left"].notna()]
    if len(drawable):
        broken = int((drawable["budget_left"].astype(float) < 0).sum())
        columns = ["month", "in_progress", "budget_left", "delivered", "target", "n", "failures"]
        drawn.chart(
            enterprise_charts.budget,
            drawable[columns],
            alt=f"Error budget left by month; spent in {broken} of {words.plural(len(drawable), 'month')}",
            over="month",
        )
        st.caption("Blue is left, orange was spent beyond what the contract allows; * the month is not over. Few calls make it jump: n is below.")  # fmt: skip
    promise_table(
        recent,
        more={
            "failures": tables.number("Failed"),
            "allowed_failures": tables.number("allowed", form="%.1f"),
            "p90": tables.text("9 of 10 within"),
        },
        alt="Promises by month with what was delivered and the error budget",
    )


def promise_table(found: pd.DataFrame, whose: dict | None = None, more: dict | None = None, **asked: Any) -> None:
    """Promises as a list, between the columns `whose` and `more`. Takes rows of `sla_delivered`, and what `tables.table` takes."""
    tables.table(
        found.assign(
            what=[enterprise_words.promise(row) for row in found.itertuples()],
            is_over=["in progress" if running else "over" for running in found["in_progress"]],
            promised=[enterprise_words.measured(*pair) for pair in zip(found["promise"], found["target"], strict=True)],
            was=[enterprise_words.measured(*pair) for pair in zip(found["promise"], found["delivered"], strict=True)],
            p90=[
                enterprise_words.measured("first_reply", value) if not words.missing(value) else None
                for value in found["p90_minutes"]
            ],
            left=[enterprise_words.budget(value) for value in found["budget_left"]],
            kept=[enterprise_words.kept(value) for value in found["is_kept"]],
        ),
        {
            **(whose or {}),
            "month": tables.when("Month", form="MMM YYYY"),
            "what": tables.text("Promise"),
            "promised": tables.text("Promised"),
            "was": tables.text("Delivered", help="First reply: the median"),
            "kept": tables.text("Kept"),
            "n": tables.number("n", help="Calls that were judged, or tickets"),
            "left": tables.text("Error budget"),
            "within_share": tables.part("Within"),
            "is_over": tables.text("The month is"),
            **(more or {}),
        },
        name="sla_delivered",
        **asked,
    )


def peers(account: str) -> None:
    """Up to five customers that are most like it."""
    found = reads.read("account_peers", account=account)
    if found.empty:
        empty("No customer shares an API, kind, country, size or plan with it, as far as is known.")
        return
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            routes=[
                f"{shared:,} of {every:,}" if every else words.MISSING
                for shared, every in zip(found["shared_routes"], found["all_routes"], strict=True)
            ],
            standing=["pays" if pays else "contract in force" for pays in found["pays"]],
        ),
        {
            "name": tables.text("Customer"),
            "shared_services": tables.text("Same APIs"),
            "routes": tables.text("Same routes", help="Routes that both use, of those that either uses"),
            "same": tables.text("Also the same", width="medium"),
            "case_study": tables.text("Case study"),
            "standing": tables.text("Customer by"),
            "customer_since": tables.when("Since"),
            "tier_name": tables.text("Tier"),
        },
        name="account_peers",
        alt="Customers most like this account, with what they share",
        account="name",
    )
    st.caption("Alike is shown as its parts. Ask before naming anyone who is no case study yet.")


def sheet(row: Any) -> None:
    """Everything of one account, on the screen in parts side by side, on paper one below the other."""
    account = row.account_id
    items = readiness.items(account)
    promises = reads.read("sla_delivered", account=account)
    steps = reads.read("procurement_aging", account=account)
    head(row)
    figures_of(account, items, promises, steps)
    for title, draw in (
        ("Readiness", lambda: readiness.draw(account, items)),
        ("Open steps", lambda: steps_of(steps)),
        ("Evaluator and approver", lambda: people(account)),
        ("Delivered against contracted", lambda: promised(promises)),
        ("Customers to name as peers", lambda: peers(account)),
    ):
        with paper.section(title):
            draw()
    if not paper.asked():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            paper.link("enterprise", account=account)
            links.link(links.ACCOUNT, "Everything about the account", icon=":material/badge:", account=account)
