"""How long until the first call works, how many never call, and how long each stage after it takes. Medians, never the mean."""

import streamlit as st

from pages.shared import (
    charts,
    conversion_words,
    drawn,
    figures,
    filters,
    funnel_parts,
    reads,
    states,
    tables,
    time_charts,
    words,
)

PARTS = {"spread": "Spread", "trend": "Trend", "stages": "Each stage"}
ORIGINS = {"before": "From the stage before", "entry": "From the entry"}
AGED = "signed up 14 days ago or more"


def cards(row) -> list[dict]:
    """Median and nine of ten, beside them those who are in neither because they never called."""
    n, old = words.plural(row.succeeded, "account"), words.plural(row.old_enough, "account") + f" {AGED}"
    common = {"metric": "time_to_first_call", "n": n, "lacking": "nobody has had a success after signing up"}
    aged = {"metric": "time_to_first_call", "n": old, "lacking": "nobody signed up 14 days ago or more"}
    return [
        {"label": "Half succeed within", "value": conversion_words.days(row.median_days), **common},
        {"label": "Nine of ten within", "value": conversion_words.days(row.p90_days), **common},
        {"label": "Never called", "value": words.share(row.never_called_share), **aged},
        {"label": "Never succeeded", "value": words.share(row.never_succeeded_share), **aged},
        {"label": "Signed up", "value": words.count(row.signed_up), **common},
    ]


def spread() -> None:
    """How the times are spread, and who is in none of the spans."""
    found = reads.read("time_to_first_call_bins", tier=view.tier, **segment)
    if found.empty:
        states.empty("Everyone here succeeded before the first known sign-up, so there is no time to show.")
        return
    total = found.groupby(["place", "span"], as_index=False)["accounts"].sum()
    most = total.loc[total["accounts"].idxmax(), "span"]
    with st.container(border=True):
        st.markdown("##### From sign-up to the first call that works", anchors=False)
        drawn.chart(time_charts.spread, found, alt=f"Accounts by time to the first call that works; most: {most}")
        older = int(whole.success_is_older)
        st.caption(
            "Pale: no success yet, of those who signed up 14 days ago or more, and younger ones of whom it is too early to tell."
            + (
                f" {words.plural(older, 'account')} succeeded before the first known sign-up and stand in no span."
                if older
                else ""
            )
        )
    tables.table(
        everyone[everyone["tier"] != "all"].assign(tier_name=lambda rows: rows["tier"].map(words.TIERS)),
        {
            "tier_name": tables.text("Tier"),
            "signed_up": tables.number("Signed up"),
            "succeeded": tables.number("Succeeded (n)"),
            "median_days": tables.number("Median days", form="%.2f"),
            "p90_days": tables.number("90 % within days", form="%.2f"),
            "old_enough": tables.number("14 days old or more"),
            "never_called": tables.number("of whom never called"),
            "never_called_share": tables.part("Never called"),
            "never_succeeded_share": tables.part("Never succeeded"),
            "success_is_older": tables.number("Success before sign-up"),
        },
        name="time_to_first_call",
        alt="Time to the first call by tier, with the share that never called",
    )


def trend() -> None:
    """Whether those who sign up later get there sooner."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        grain = filters.tabs("grain", conversion_words.GRAINS, "month", label="Cohorts")
    found = reads.read("time_to_first_call_trend", tier=view.tier, grain=grain, **segment)
    if not found["succeeded"].sum():
        states.empty("Nobody has had a success after signing up.")
        return
    funnel_parts.cohort_lines(
        found.assign(is_open=found["is_unfinished"].astype(bool)),
        "succeeded",
        f"Median days to the first call that works, by {grain} of sign-up",
        "Hollow: unfinished, the slow ones of it have not called yet.",
        "median_days",
        "Median days",
        ".1f",
        {"succeeded": "rests on", "signed_up": "of signed up"},
        alt=f"Median days from sign-up to the first call that works, by {grain} of sign-up and tier",
    )
    tables.table(
        found.sort_values(["cohort", "tier"], ascending=[False, True]).assign(
            tier_name=lambda rows: rows["tier"].map(words.TIERS),
            state=lambda rows: rows["is_unfinished"].map({True: "unfinished", False: "whole"}),
        ),
        {
            "cohort": tables.when("Signed up from"),
            "tier_name": tables.text("Tier"),
            "state": tables.text("Cohort"),
            "signed_up": tables.number("Signed up"),
            "succeeded": tables.number("Succeeded (n)"),
            "median_days": tables.number("Median days", form="%.2f"),
            "p90_days": tables.number("90 % within days", form="%.2f"),
            "never_called": tables.number("Never called"),
            "never_called_share": tables.part("of those 14 days old or more"),
        },
        name="time_to_first_call_trend",
        alt="Time to the first call by cohort of sign-up and tier, the newest first",
    )


def stages() -> None:
    """How long each step takes those who make it."""
    origin = filters.tabs("origin", ORIGINS, "before", label="Counted")
    found = reads.read("time_to_stage", tier=view.tier, origin=origin, **segment)
    shown = [tier for tier in words.TIERS if found.loc[found["tier"] == tier, "moved"].sum()]
    if not shown:
        states.empty("Nobody has moved on yet.")
        return
    with st.grid(2 if len(shown) > 1 else 1, min_column_width=330, gap="small"):
        for tier in shown:
            part = found[found["tier"] == tier]
            slow = part.loc[part["p50_days"].idxmax()]
            with st.container(border=True, height="stretch"):
                st.markdown(f"#### {charts.mark(tier)} {words.TIERS[tier]}", anchors=False)
                drawn.chart(
                    time_charts.stage_times,
                    part,
                    tier,
                    alt=f"Days to each stage, {words.TIERS[tier]}; the slowest: {words.stage_at(slow['stage'])}, "
                    f"half within {conversion_words.days(slow['p50_days'])}",
                )
    st.caption(
        "Bar: the middle half of those who made the step, the white mark their median; the line ends where nine of ten have. "
        "Who has not made it is in none of them; the curve of the Funnel page counts those too. Logarithmic, in days."
    )
    tables.table(
        found.assign(tier_name=found["tier"].map(words.TIERS), stage_name=found["stage"].map(words.stage)),
        {
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("To"),
            "moved": tables.number("n"),
            "p25_days": tables.number("A quarter within days", form="%.2f"),
            "p50_days": tables.number("Half", form="%.2f"),
            "p75_days": tables.number("Three quarters", form="%.2f"),
            "p90_days": tables.number("Nine of ten", form="%.2f"),
        },
        name="time_to_stage",
        alt="Days to each stage by tier: quartiles and nine of ten",
    )


view = filters.view()
segment = funnel_parts.one_segment(view.tier)
everyone = reads.read("time_to_first_call", tier=view.tier, **segment)
if everyone.empty:
    states.nothing("sign-ups")
else:
    whole = everyone[everyone["tier"] == "all"].iloc[0]
    figures.row(cards(whole))
    part = filters.tabs("part", PARTS, "spread")
    if part == "trend":
        trend()
    elif part == "stages":
        stages()
    else:
        spread()
    figures.about("time_to_first_call", "time_to_first_call_bins", "time_to_first_call_trend", "time_to_stage")
