"""Who is served on the wrong path and what that costs in days; the two paths to paying side by side, and who crosses over."""

import pandas as pd
import streamlit as st

from pages.shared import (
    charts,
    drawn,
    enterprise_charts,
    enterprise_words,
    figures,
    filters,
    links,
    moves,
    reads,
    states,
    tables,
    words,
)

COMPARED_FROM = 30
PARTS = {
    "unowned": "Enterprises without an owner",
    "held_up": "Small and held up",
    "crossings": "Crossings",
    "steps": "Both paths in figures",
}


def cards(wrong: pd.DataFrame, paths: pd.DataFrame, crossed: pd.DataFrame) -> list[dict]:
    """How many are served wrongly either way, for how long, and how many crossed over."""
    seen = words.plural(paths["seen"].sum(), "account") + " seen of late"
    found = []
    for mismatch, label, lost in (
        ("unowned", "Enterprises without an owner", "Median days lost, without an owner"),
        ("held_up", "Small and held up", "Median days lost, held up"),
    ):
        mine = wrong[wrong["mismatch"] == mismatch]
        days = mine["days_lost"].astype(float).median() if len(mine) else None
        common = {"metric": "path_mismatch", "n": seen}
        found.append({"label": label, "value": words.count(len(mine)), **common})
        value = words.MISSING if words.missing(days) else words.count(round(days))
        known = words.plural(len(mine), "account")
        found.append(
            {"label": lost, "value": value, "lacking": "there is no such account", **common, "n": known},
        )
    n = words.plural(paths["accounts"].sum(), "account")
    return [*found, {"label": "Crossed over", "value": words.count(crossed["accounts"].sum()), "metric": "path_crossings", "n": n}]  # fmt: skip


def side_by_side(steps: pd.DataFrame, tier: str) -> None:
    """The two paths of one tier, drawn on one scale; a path that too few began is said in words."""
    with st.container(border=True):
        st.markdown(f"#### {charts.mark(tier)} {words.TIERS[tier]}", anchors=False)
        with st.grid(2, min_column_width=300, gap="medium"):
            for path, (label, _) in enterprise_charts.PATHS.items():
                with st.container(gap="xsmall"):
                    mine = steps[(steps["tier"] == tier) & (steps["path"] == path)]
                    one_path(mine, path, label)


def one_path(mine: pd.DataFrame, path: str, label: str) -> None:
    """One path's steps as bars, or why there are none."""
    entrants = int(mine["entrants"].iloc[0]) if len(mine) else 0
    st.markdown(f"**{label}** · {words.plural(entrants, 'mature entrant')}")
    if entrants < COMPARED_FROM:
        reached = mine[mine["step"] == "paying"]["reached"].sum()
        states.empty(
            f"Fewer than {COMPARED_FROM} had the whole window: no shares to compare. "
            f"{words.plural(reached, 'account')} reached paying, ever."
        )
        return
    last = mine.iloc[-1]
    said = f"{words.share(last['from_start'], 1)} of them reached paying within the window"
    drawn.chart(
        enterprise_charts.path, mine, path, alt=f"{label}: of {words.count(entrants)} that began, step by step; {said}"
    )
    took = "" if words.missing(last["median_days"]) else f", half of those ever within {last['median_days']:,.0f} days"
    st.caption(f"{said[:1].upper()}{said[1:]}{took}. {words.count(last['in_progress'])} in progress.")


def unowned(wrong: pd.DataFrame) -> None:
    """Accounts that look like enterprises and nobody leads."""
    mine = wrong[wrong["mismatch"] == "unowned"]
    mine = mine.assign(named_since=moves.named_since(mine))
    if mine.empty:
        states.empty("No account looks like an enterprise without an owner, a sale or a contract.")
        return
    st.caption(
        "Signs are counted and listed, never weighed into a score; `[path_rules]` in program.toml says how many it takes. "
        "Days are lost since the sign that made up the number. An account opens its sheet, where it can be put aside."
    )
    first(mine, "signs", "evidence")
    tables.table(
        named(mine),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "days_lost": tables.number("Days lost", form="%.0f"),
            "since": tables.when("Since"),
            **({"named_since": tables.text("Assigned today")} if mine["named_since"].notna().any() else {}),
            "signals": tables.number("Strong signs"),
            "signal_labels": tables.text("Which, weak ones last"),
            "evidence": tables.text("What shows it", width="large"),
            "stage_name": tables.text("Stage"),
            "served_evidence": tables.text("Served"),
            "first_signal_at": tables.when("First sign"),
            "value_at_risk": tables.money("Value at risk", help="Where it stalls and enough have paid to tell"),
        },
        name="unowned",
        alt="Accounts that look like enterprises and nobody leads, the most days lost first",
        account="name",
        opens=links.ENTERPRISE,
    )


def held_up(wrong: pd.DataFrame) -> None:
    """Small accounts that wait behind a sales step."""
    mine = wrong[wrong["mismatch"] == "held_up"]
    if mine.empty:
        states.empty("No small account waits behind a sales step.")
        return
    st.caption(
        "One developer, few calls, no sign of a company, and yet they cannot go on by themselves. "
        "Days are lost since they began to wait."
    )
    first(mine, "waits", "evidence")
    tables.table(
        named(mine).assign(
            behind=[
                ", ".join(enterprise_words.WAITS.get(one, one) for one in str(kinds).split(", "))
                for kinds in mine["signal_labels"]
            ]
        ),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "days_lost": tables.number("Days lost", form="%.0f"),
            "since": tables.when("Since"),
            "behind": tables.text("Behind"),
            "evidence": tables.text("What shows it", width="large"),
            "served_evidence": tables.text("Why it is small", width="medium"),
            "stage_name": tables.text("Stage"),
        },
        name="held_up",
        alt="Small accounts that wait behind a sales step, the most days lost first",
        account="name",
    )


def first(mine: pd.DataFrame, what: str, column: str) -> None:
    """The three that have lost most, each with what shows it."""
    with st.grid(3, min_column_width=260, gap="small"):
        for row in mine.head(3).itertuples():
            with st.container(border=True, height="stretch", gap="xsmall", key=f"{what}_{row.Index}"):
                st.markdown(f"**{charts.mark(row.tier)} {words.plain(row.name)}**")
                st.markdown(f":orange-badge[{enterprise_words.days(row.days_lost)} lost]")
                st.caption(words.plain(getattr(row, column)))
                if not words.missing(getattr(row, "named_since", None)):
                    st.markdown(f":material/person: assigned to **{words.plain(row.named_since)}** today")
                st.space("stretch")
                page, label = (links.ENTERPRISE, "Open its sheet") if what == "signs" else (links.ACCOUNT, "Open the account")  # fmt: skip
                links.link(page, label, icon=":material/arrow_forward:", account=row.account_id)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """With the tier and the stage as people say them."""
    return frame.assign(tier_name=frame["tier"].map(words.TIERS), stage_name=frame["stage"].map(words.stage))


def crossings(crossed: pd.DataFrame) -> None:
    """How many crossed which way, after how long, and who they are."""
    if crossed.empty:
        states.empty("Nobody crossed from one path to the other.")
        return
    accounts = moves.owned(reads.read("path_crossing_accounts", tier=view.tier, search=filters.asked("search")))
    if accounts.empty and filters.asked("search"):
        states.nothing("crossings", search=None)
        return
    with st.grid(3, min_column_width=240, gap="small"):
        for name, label in enterprise_words.CROSSINGS.items():
            mine = accounts[accounts["crossing"] == name]
            with st.container(border=True, height="stretch", gap="xxsmall"):
                st.markdown(f"**{words.count(len(mine))}** · {label}")
                st.caption("" if mine.empty else f"median {mine['days'].median():,.0f} days")
    tables.table(
        named(accounts).assign(crossing=accounts["crossing"].map(enterprise_words.CROSSINGS)),
        {
            "name": tables.text("Account"),
            "crossing": tables.text("Crossing", width="large"),
            "days": tables.number("Days", form="%.0f"),
            "from_at": tables.when("From"),
            "to_at": tables.when("To"),
            "sales_event": tables.text("Sales began with"),
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "owner": tables.text("Owner"),
        },
        name="path_crossing_accounts",
        alt="Accounts that crossed from one path to the other, the newest first",
        account="name",
    )


def in_figures(steps: pd.DataFrame) -> None:
    """Both paths as a table."""
    tables.table(
        steps.assign(
            tier_name=steps["tier"].map(words.TIERS),
            path_name=steps["path"].map({name: label for name, (label, _) in enterprise_charts.PATHS.items()}),
            step_name=steps["step"].map(enterprise_charts.STEPS),
        ),
        {
            "tier_name": tables.text("Tier"),
            "path_name": tables.text("Path"),
            "step_name": tables.text("Step"),
            "entrants": tables.number("Mature entrants"),
            "mature_reached": tables.number("Reached it in the window"),
            "conversion": tables.part("of the step before"),
            "from_start": tables.part("of the entrants"),
            "in_progress": tables.number("In progress"),
            "reached": tables.number("Reached, ever"),
            "median_days": tables.number(
                "Median days", form="%.1f", help="From the first step, among all that reached it"
            ),
            "p90_days": tables.number("90 % within days", form="%.1f"),
        },
        name="sales_paths",
        alt="Steps of both paths by tier with conversion and days",
    )


view = filters.view()
window = filters.chosen("window")
paths = reads.read("account_paths", tier=view.tier)
if paths.empty:
    states.nothing("accounts with a path", search=None)
else:
    wrong = reads.read("path_mismatch", tier=view.tier, search=filters.asked("search"))
    steps = reads.read("sales_paths", tier=view.tier, window_days=int(window))
    crossed = reads.read("path_crossings", tier=view.tier)
    known = reads.read("sales_known").iloc[0]
    figures.row(cards(wrong, paths, crossed))
    lacking = [name for name, column in (("contracts", "has_contracts"), ("opportunities", "has_opportunities"), ("tickets", "has_support")) if not known[column]]  # fmt: skip
    if lacking:
        states.empty(f"No source tells of {words.listed(lacking)}: who is led by sales is known only as far as the rest says.")  # fmt: skip
    enough = set(steps[steps["entrants"] >= COMPARED_FROM]["tier"])
    for tier in sorted(set(steps["tier"]), key=lambda one: (one not in enough, list(words.TIERS).index(one))):
        side_by_side(steps, tier)
    st.caption(
        "The percentage is of the step before, among those whose first step lies the whole window back "
        f"({filters.WINDOWS[window]}). An account may be on both paths: nobody is put on one by how it ended."
    )
    part = filters.tabs("part", PARTS, "unowned")
    if part == "crossings":
        crossings(crossed)
    elif part == "steps":
        in_figures(steps)
    else:
        {"unowned": unowned, "held_up": held_up}[part](wrong)
    figures.about("path_mismatch", "account_paths", "sales_paths", "path_crossings", "path_crossing_accounts")
