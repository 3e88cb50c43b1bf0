"""What enterprises wait for and whose move it is, as a board; and one account's sheet: readiness, people, promises, peers."""

import pandas as pd
import streamlit as st

from pages.shared import (
    enterprise_parts,
    enterprise_words,
    figures,
    filters,
    links,
    moves,
    paper,
    reads,
    states,
    tables,
    words,
)

PARTS = {"accounts": "Accounts", "steps": "Open steps", "people": "Evaluator and approver", "promises": "Promises"}


def cards(accounts: pd.DataFrame, steps: pd.DataFrame) -> list[dict]:
    """How many there are, what waits, what it is worth, whose approver nobody knows, and which promises were broken."""
    worth = steps.drop_duplicates("contract_id")["value"].astype(float).sum(min_count=1) if len(steps) else None
    longest = steps["days_waiting"].astype(float).max() if len(steps) else None
    n, open_steps = words.plural(len(accounts), "account"), words.plural(len(steps), "open step")
    judged = accounts["sla_broken"].dropna()
    return [
        {
            "label": "In procurement",
            "value": words.count(accounts["is_in_procurement"].sum()),
            "metric": "enterprise_accounts",
            "n": f"{n} that are, or look like, enterprises",
        },
        {
            "label": "Longest wait, days",
            "value": words.MISSING if words.missing(longest) else words.count(int(longest)),
            "metric": "procurement_aging",
            "n": open_steps,
            "lacking": "no step with a date is open",
        },
        {
            "label": "Yearly value waiting",
            "value": words.money(worth, reads.currency()),
            "metric": "procurement_aging",
            "n": open_steps,
            "lacking": "no step is open, or no contract has an amount with a rate",
        },
        {
            "label": "Approver not known",
            "value": words.count((accounts["known"] == "approver not known").sum()),
            "metric": "evaluator_approver",
            "n": n,
        },
        {
            "label": "Promises we broke last month",
            "value": words.count((judged > 0).sum()) if len(judged) else words.MISSING,
            "metric": "sla_delivered",
            "n": f"{words.plural(len(judged), 'account')} with a promise in it",
            "lacking": "no contract promised anything in the last month that is over",
        },
    ]


def everyone(accounts: pd.DataFrame) -> None:
    """All of them, with how ready each is; a name opens its sheet."""
    tables.table(
        accounts.assign(
            tier_name=accounts["tier"].map(words.TIERS),
            standing=[enterprise_words.sentence(one) for one in accounts["standing"]],
            known=[enterprise_words.sentence(one) for one in accounts["known"]],
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "standing": tables.text("Standing"),
            "done": tables.number("Ready, of 7"),
            "waiting": tables.number("Waiting"),
            "not_begun": tables.number("Not begun"),
            "not_known": tables.number("Not known"),
            "longest_days": tables.number("Longest wait (days)", form="%.0f"),
            "known": tables.text("Evaluator, approver"),
            "sla_broken": tables.number("Promises broken last month"),
            "owner": tables.text("Owner"),
        },
        name="enterprise_accounts",
        alt="Enterprise accounts with readiness, waits, people and promises",
        account="name",
        opens=links.ENTERPRISE,
    )


def people() -> None:
    """Where evaluator or approver is not known."""
    found = moves.owned(reads.read("evaluator_approver", tier=view.tier, search=filters.asked("search")))
    counted = found["known"].value_counts()
    st.caption(" · ".join(f"{enterprise_words.sentence(known)}: **{count:,}**" for known, count in counted.items()))
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            known=[enterprise_words.sentence(one) for one in found["known"]],
            standing=[enterprise_words.sentence(one) for one in found["standing"]],
        ),
        {
            "name": tables.text("Account"),
            "known": tables.text("Known"),
            "evaluator_names": tables.text("Named as evaluator"),
            "evaluators": tables.number("Evaluators and developers"),
            "approver_names": tables.text("Approver"),
            "buyers": tables.number("Economic buyers"),
            "standing": tables.text("Standing"),
            "approver_seen_at": tables.when("Approver last seen"),
            "owner": tables.text("Owner"),
            "tier_name": tables.text("Tier"),
        },
        name="evaluator_approver",
        alt="Who evaluates and who approves by account, those with one missing first",
        account="name",
        opens=links.ENTERPRISE,
    )


def promises() -> None:
    """Every promise of the last months, the broken ones first."""
    found = reads.read("sla_delivered", tier=view.tier, search=filters.asked("search"))
    if found.empty and filters.asked("search"):
        states.nothing("promises", search=None)
        return
    if found.empty:
        states.empty("No contract with an SLA was in force.")
        return
    months = sorted(set(pd.to_datetime(found["month"])))[-3:]
    found = found[pd.to_datetime(found["month"]).isin(months)].copy()
    found["order"] = found["is_kept"].map({False: 0, True: 2}).fillna(1)
    found = found.sort_values(["order", "month", "name"], ascending=[True, False, True])
    st.caption(f"{words.plural(len(months), 'month')} to {months[-1]:%b %Y}, broken promises first.")
    enterprise_parts.promise_table(
        found.assign(tier_name=found["tier"].map(words.TIERS)),
        {"name": tables.text("Account")},
        {"tier_name": tables.text("Tier")},
        alt="Promises by account and month, the broken ones first",
        account="name",
        opens=links.ENTERPRISE,
    )


def overview() -> None:
    """The board and the lists behind it."""
    found = {"tier": view.tier, "search": filters.asked("search")}
    accounts = moves.owned(reads.read("enterprise_accounts", **found))
    steps = moves.owned(reads.read("procurement_aging", **found))
    known = reads.read("sales_known").iloc[0]
    if accounts.empty and not (known["has_contracts"] or known["has_opportunities"]):
        states.unconnected("contract or sale", "Contracts with their steps, and opportunities, come from sheets or a CRM.")  # fmt: skip
        return
    if accounts.empty:
        states.nothing("enterprise accounts", search=None)
        return
    figures.row(cards(accounts, steps))
    with st.container(border=True, key="board"):
        st.markdown("##### What they wait for", anchors=False)
        if steps.empty:
            states.empty("No step of procurement is open." if known["has_steps"] else "No contract lists the steps of its procurement.")  # fmt: skip
        else:
            enterprise_parts.board(steps)
    part = filters.tabs("part", PARTS, "accounts")
    if part == "steps" and steps.empty:
        states.empty("No step of procurement is open.")
    else:
        {
            "accounts": lambda: everyone(accounts),
            "steps": lambda: enterprise_parts.waiting(steps),
            "people": people,
            "promises": promises,
        }[part]()
    figures.about(
        "enterprise_accounts",
        "procurement_aging",
        "enterprise_readiness",
        "evaluator_approver",
        "sla_delivered",
    )


def one(account: str) -> None:
    """The sheet of one account."""
    rows = reads.read("account_path", account=account)
    if rows.empty:
        states.unknown_account(account)
        return
    row = next(moves.owned(rows).itertuples())
    if paper.asked():
        with paper.sheet():
            enterprise_parts.sheet(row)
        return
    st.button(
        "All enterprise accounts",
        icon=":material/arrow_back:",
        type="tertiary",
        key="all_enterprises",
        on_click=enterprise_parts.opened,
        args=(None,),
    )
    enterprise_parts.sheet(row)
    figures.about("account_path", "enterprise_readiness", "sla_delivered", "account_peers", "evaluator_approver")


view = filters.view()
account = filters.asked("account")
if account:
    one(account)
else:
    overview()
