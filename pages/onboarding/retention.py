"""Of those who once succeeded, who still uses it: cohorts by their first success, in each week or month since, or in it or later."""

import pandas as pd
import streamlit as st

from pages.shared import conversion_words, drawn, figures, filters, reads, states, tables, time_charts, words

MODES = {"on": "In that period", "after": "In it or later"}
COLUMNS = {"on": ("active", "retained"), "after": ("active_or_later", "retained_or_later")}
SHOWN = {"month": 18, "week": 26}
MARKS = {"month": (1, 3, 6, 12), "week": (1, 4, 12, 26)}


def together(frame: pd.DataFrame) -> pd.DataFrame:
    """The cohorts of all tiers that are shown as one: an account has one tier, so they add up."""
    sums = frame.groupby(["cohort", "period", "starts_on", "is_unfinished"], as_index=False)[
        ["accounts", "active", "active_or_later"]
    ].sum()
    return sums.assign(
        retained=sums["active"] / sums["accounts"], retained_or_later=sums["active_or_later"] / sums["accounts"]
    ).sort_values(["cohort", "period"])


def cards(frame: pd.DataFrame) -> list[dict]:
    """How many there are, and what share of the cohorts that are so old was still there after some periods."""
    everyone = frame[frame["period"] == 0]["accounts"].sum()
    said = [
        {
            "label": "Once succeeded",
            "value": words.count(everyone),
            "metric": "retention",
            "n": words.plural(everyone, "account"),
        }
    ]
    for period in MARKS[grain]:
        whole = frame[(frame["period"] == period) & ~frame["is_unfinished"]]
        n = whole["accounts"].sum()
        said.append(
            {
                "label": f"After {words.plural(period, grain)}",
                "value": words.share(whole[count].sum() / n) if n else words.MISSING,
                "metric": "retention",
                "n": words.plural(n, "account") + " of cohorts whose period is over",
                "lacking": "no cohort is so old",
            }
        )
    return said


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The cohorts to draw, the newest below, with their names and n."""
    latest = sorted(frame["cohort"].unique())[-SHOWN[grain] :]
    frame = frame[frame["cohort"].isin(latest) & (frame["period"] < SHOWN[grain])]
    form = "%b %Y" if grain == "month" else "%-d %b %Y"
    return frame.assign(
        cohort_name=[
            f"{pd.Timestamp(row.cohort).strftime(form)} · {words.count(row.accounts)}" for row in frame.itertuples()
        ],
        still=frame[count],
        state=frame["is_unfinished"].map({True: "unfinished, may still rise", False: "over"}),
    )


view = filters.view()
with st.container(horizontal=True, gap="small", vertical_alignment="center"):
    grain = filters.tabs("grain", conversion_words.GRAINS, "month", label="Cohorts")
    mode = filters.tabs("mode", MODES, "on", label="Counted")
count, share = COLUMNS[mode]
by_tier = reads.read("retention", tier=view.tier, grain=grain)
if by_tier.empty:
    states.nothing("accounts that have succeeded")
else:
    cohorts = together(by_tier)
    figures.row(cards(cohorts))
    shown = named(cohorts)
    with st.container(border=True):
        st.markdown(f"##### Still there, in % of those whose first success was in that {grain}", anchors=False)
        said = "in that period or a later one" if mode == "after" else "in that period"
        unfinished = "Dashed and pale: the period is not over, and the share may still rise."
        more = " Any cell may: somebody may come back." if mode == "after" else ""
        st.caption(f"A success {said}; beside each cohort its n. {unfinished}{more}")
        drawn.chart(
            time_charts.retention,
            shown[["cohort_name", "accounts", "period", share, "still", "is_unfinished", "state"]],
            share,
            grain.capitalize(),
            drawn.dark(),
            alt=f"Share of each {grain}'s cohort with a success {said}, unfinished cells dashed",
        )
        if len(cohorts["cohort"].unique()) > SHOWN[grain]:
            st.caption(f"The latest {SHOWN[grain]} cohorts and periods; the list has all.")
    tables.table(
        by_tier.sort_values(["cohort", "tier", "period"], ascending=[False, True, True]).assign(
            tier_name=lambda rows: rows["tier"].map(words.TIERS),
            state=lambda rows: rows["is_unfinished"].map({True: "unfinished", False: "over"}),
        ),
        {
            "cohort": tables.when("First success from"),
            "tier_name": tables.text("Tier"),
            "accounts": tables.number("Accounts (n)"),
            "period": tables.number(f"{grain.capitalize()}s since"),
            "state": tables.text("Period"),
            "active": tables.number("With a success in it"),
            "retained": tables.part("In it"),
            "active_or_later": tables.number("In it or later"),
            "retained_or_later": tables.part("In it or later, share"),
        },
        name="retention",
        alt="Cohorts by tier and period since, with the share that still succeeds",
    )
    figures.about("retention")
