"""Every cost pool: what was spent, who carries it, what no one does, and that it ties out; entering costs and changing how they are shared."""

import pandas as pd
import streamlit as st

from pages.shared import (
    cost_rules,
    deciding,
    drawn,
    entered_costs,
    figures,
    filters,
    jobs,
    money_charts,
    reads,
    states,
    tables,
    words,
)

PARTS = {"pools": "Pools", "enter": "Enter a cost", "rules": "How they are shared out"}
NO_BILL = "no bill was read and no cost entered for this period"
SUMS = ("ledger", "to_accounts", "to_nobody", "unallocated")


def summed(frame: pd.DataFrame) -> dict[str, float | None]:
    """The sums of the ledger's columns; None where there is no row."""
    return {name: float(frame[name].astype(float).sum()) if len(frame) else None for name in SUMS}


def cards(now: dict, before: dict, frame: pd.DataFrame) -> list[dict]:
    """What was spent, what accounts and nobody carry of it, and what no one does."""
    n = f"{words.plural(frame['pool'].nunique(), 'pool')}, {words.plural(frame['month'].nunique(), 'month')}"
    names = {
        "ledger": "Spent",
        "to_accounts": "On accounts",
        "to_nobody": "On nobody's traffic",
        "unallocated": "Unallocated",
    }
    found = [
        {
            "label": label,
            "value": words.money(now[name], currency),
            "now": now[name],
            "before": before[name],
            "metric": "cost_tie_out",
            "n": n,
            "lacking": NO_BILL,
        }
        for name, label in names.items()
    ]
    unpriced = int(frame["unpriced"].sum()) if len(frame) else 0
    return [
        *found,
        {"label": "Without a price or rate", "value": words.count(unpriced), "metric": "cost_tie_out", "n": n},
    ]


def tie_out(now: dict) -> None:
    """The sentence that says that nothing is lost, to the cent."""
    rest = now["ledger"] - now["to_accounts"] - now["to_nobody"] - now["unallocated"]
    exact = [
        words.money(now[name], currency, exact=True).replace("$", r"\$")
        for name in ("to_accounts", "to_nobody", "unallocated", "ledger")
    ]
    ties = "it ties to the cent" if abs(rest) < 0.005 else "it does not tie"
    with st.container(key="tie_out"):
        st.markdown(
            f"On accounts **{exact[0]}** + on nobody's traffic **{exact[1]}** + unallocated **{exact[2]}** = spent **{exact[3]}**: {ties}."
        )
        st.caption(
            "Shares are rounded by largest remainder: everyone carries the floor of the exact share, the millionths left over go to the largest fractions."
        )


def pools(frame: pd.DataFrame) -> None:
    """Each pool by month."""
    exact = {
        "ledger": tables.money("Spent", form="%,.2f"),
        "to_accounts": tables.money("On accounts", form="%,.2f"),
        "to_nobody": tables.money("On nobody's traffic", form="%,.2f", help="Calls without a known caller, scanners"),
        "unallocated": tables.money("Unallocated", form="%,.2f"),
    }
    tables.table(
        frame.sort_values(["month", "ledger"], ascending=[False, False]).assign(
            driver=lambda rows: [
                None if words.missing(name) else cost_rules.DRIVERS.get(name, name.capitalize())
                for name in rows["driver"]
            ]
        ),
        {
            "month": tables.when("Month", form="MMM YYYY"),
            "pool": tables.text("Pool"),
            "method": tables.text("Shared out"),
            "driver": tables.text("By"),
            **exact,
            "unpriced": tables.number("No price", help="Lines or use without a rate or price: in no figure"),
        },
        name="cost_tie_out",
        alt="Cost pools by month: spent, on accounts, on nobody's traffic and unallocated",
    )


view = filters.view()
currency = reads.currency()
frame = reads.read("cost_tie_out", **view.dates)
earlier = {"date_from": view.before_from, "date_to": view.before_to}
before = reads.read("cost_tie_out", **earlier) if view.before_from else frame.iloc[:0]
now = summed(frame)
figures.row(cards(now, summed(before), frame))
if len(frame):
    with st.container(border=True):
        st.markdown("##### Who carries what was spent", anchors=False)
        drawn.chart(
            money_charts.carried,
            frame,
            currency,
            alt="What was spent a month, on accounts, on nobody's traffic and unallocated",
            over="month",
        )
    tie_out(now)
if reads.the_program() is not None:
    st.caption(f"Bills are read by {reads.the_program().costs.cost_column}; whole months of the period.")
if jobs.jobs().running:
    st.caption(":material/sync: A build is running; this page moves on to its result.")
deciding.watch()
part = filters.tabs("part", PARTS, "pools")
if part == "pools":
    if frame.empty:
        states.empty("No bill was read and no cost entered for this period.")
    else:
        pools(frame)
elif part == "enter":
    known = [one.name for one in reads.the_program().costs.pool] if reads.the_program() else []
    entered_costs.draw(known)
else:
    cost_rules.draw()
figures.about("cost_tie_out", "cost_pools", "costs_typed")
