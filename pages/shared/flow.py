"""The Directory's part about movement: who went from which bucket, tier or rung to which, in one week or month."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import charts, drawn, figures, filters, reads, states, tables, words

DIMENSIONS = {"bucket": "Bucket", "tier": "Tier", "ladder": "Ladder"}
GRAINS = {"week": "Week", "month": "Month"}
NEW = "not there yet"
ORDER = {
    "bucket": [NEW, "new", "active", "inactive", "billable", "partner", "internal"],
    "tier": [NEW, *words.TIERS],
    "ladder": [NEW, "open", "associate", "incubation", "partner"],
}
CHART = "flow_chart"


def period_in_words(first: date, after: date, grain: str) -> str:
    """A week or month as people say it: 22 to 28 Jun 2026, May 2026."""
    if grain == "month":
        return first.strftime("%B %Y")
    last = after - timedelta(days=1)
    start = first.strftime("%-d %b" if first.month != last.month else "%-d")
    return f"{start if first.year == last.year else words.day(first)} to {words.day(last)}"


def takeaway(matrix: pd.DataFrame, period: str) -> str:
    """What a matrix says in one sentence, for those who cannot see it."""
    came = matrix.loc[matrix["from_state"] == NEW, "accounts"].sum()
    moved = matrix[(matrix["from_state"] != NEW) & (matrix["from_state"] != matrix["to_state"])]
    said = f"{period}: {words.count(moved['accounts'].sum())} of {words.plural(matrix['accounts'].sum(), 'account')} moved, "
    said += f"{words.count(came)} came"
    if moved.empty:
        return said
    top = moved.loc[moved["accounts"].idxmax()]
    return f"{said}; the most moved from {top['from_state']} to {top['to_state']}: {words.count(top['accounts'])}"


def part() -> None:
    """Choosers, the matrix of one period, the accounts behind it, and every period's moves as a table."""
    view = filters.view()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        dimension = filters.tabs("dimension", DIMENSIONS, "bucket", "Dimension")
        grain = filters.tabs("grain", GRAINS, "week", "Week or month")
        found = reads.read("flow", dimension=dimension, grain=grain, tier=view.tier, **view.dates)
        if found.empty:
            chosen = None
        else:
            periods = _periods(found, grain)
            finished = found.loc[found["finished"], "period_from"]
            last = finished.max() if len(finished) else found["period_from"].max()
            chosen = filters.choice("starts", "Period", periods, _key(last), 250)
    if chosen is None:
        states.empty("No account was known in this period that could have moved; calls of nobody are none.")
        return
    st.caption(
        "Of the filters above, the period and the tier of today apply here. Weeks begin on Monday; days are UTC days."
    )
    matrix = found[found["period_from"].map(_key) == chosen]
    figures.row(_cards(matrix))
    way = (_state("from_state", dimension), _state("to_state", dimension))
    with st.container(border=True):
        st.markdown(f"##### {DIMENSIONS[dimension]}: from where to where, {periods[chosen]}", anchors=False)
        drawn.chart(
            charts.flow,
            matrix,
            ORDER[dimension],
            way,
            drawn.dark(),
            alt=takeaway(matrix, periods[chosen]),
            key=CHART,
            on_select=_choose,
        )
        st.caption("Down: at its start. The bluer, the more moved; grey: stayed. A cell opens its accounts below.")
    _accounts(dimension, grain, chosen, way, view.tier)
    st.markdown(f"##### Every {grain} of the period", anchors=False)
    tables.table(
        found[found["from_state"] != found["to_state"]].sort_values(["period_from", "accounts"], ascending=False),
        {
            "period_from": tables.when("From"),
            "from_state": tables.text("At its start"),
            "to_state": tables.text("At its end"),
            "accounts": tables.number("Accounts"),
            "finished": st.column_config.CheckboxColumn("Finished"),
        },
        name="flow",
        alt=f"Moves between states, {grain} by {grain}, the latest first",
    )
    figures.about("flow", "flow_accounts", n=words.plural(matrix["accounts"].sum(), "account"))


def _key(day: Any) -> str:
    return f"{day:%Y-%m-%d}"


def _periods(found: pd.DataFrame, grain: str) -> dict[str, str]:
    """The periods to choose from, the latest first, by their first day."""
    listed = (
        found[["period_from", "period_to", "finished"]].drop_duplicates().sort_values("period_from", ascending=False)
    )
    return {
        _key(one.period_from): period_in_words(one.period_from.date(), one.period_to.date(), grain)
        + ("" if one.finished else " · not finished")
        for one in listed.itertuples()
    }


def _cards(matrix: pd.DataFrame) -> list[dict]:
    came = matrix["from_state"] == NEW
    moved = ~came & (matrix["from_state"] != matrix["to_state"])
    sums = {
        "There at the start": matrix.loc[~came, "accounts"].sum(),
        "Came": matrix.loc[came, "accounts"].sum(),
        "Moved": matrix.loc[moved, "accounts"].sum(),
        "There at the end": matrix["accounts"].sum(),
    }
    n = words.plural(matrix["accounts"].sum(), "account")
    return [{"label": label, "value": words.count(value), "metric": "flow", "n": n} for label, value in sums.items()]


def _state(name: str, dimension: str) -> str | None:
    """The state that the URL names, where the dimension has it."""
    said = filters.asked(name)
    return said if said in ORDER[dimension] else None


def _choose() -> None:
    """A cell of the chart was chosen: put it into the URL, which the boxes and the list follow."""
    cells = st.session_state[CHART]["selection"].get("cell") or []
    if cells:
        st.query_params["from_state"], st.query_params["to_state"] = cells[0]["from_state"], cells[0]["to_state"]


def _accounts(dimension: str, grain: str, starts: str, way: tuple[str | None, str | None], tier: str | None) -> None:
    """The accounts of the chosen cell; all that moved where none is chosen."""
    st.markdown("##### The accounts behind it", anchors=False)
    with st.container(horizontal=True, gap="small"):
        for name, label in (("from_state", "At its start"), ("to_state", "At its end")):
            named = {state: f"{label}: {state}" for state in ORDER[dimension] if (name, state) != ("to_state", NEW)}
            filters.choice(name, label, {"all": f"{label}: any", **named}, "all", 240)
    behind = reads.read(
        "flow_accounts",
        dimension=dimension,
        grain=grain,
        period_from=date.fromisoformat(starts),
        from_state=way[0],
        to_state=way[1],
        tier=tier,
    )
    if way == (None, None):
        behind = behind[behind["from_state"] != behind["to_state"]]
    if behind.empty:
        states.empty("No account went this way." if any(way) else "No account came or moved.")
        return
    st.caption(words.plural(len(behind), "account") + (" that came or moved" if way == (None, None) else ""))
    tables.table(
        behind.assign(tier_name=behind["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "from_state": tables.text("At its start"),
            "to_state": tables.text("At its end"),
            "changed_on": tables.when("Changed on"),
            "changes": tables.number("Changes"),
            "calls": tables.number("Calls", "API calls in the week or month"),
            "tier_name": tables.text("Tier today"),
            "bucket": tables.text("Bucket today"),
            "owner": tables.text("Owner"),
        },
        name="flow_accounts",
        alt="Accounts with their state at the start and at the end of the period",
        account="name",
    )
