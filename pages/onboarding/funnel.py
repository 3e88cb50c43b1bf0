"""How far those who start get: stages in order, conversion of those who had the whole window, segments and cohorts beside each other."""

import streamlit as st

from pages.shared import (
    charts,
    conversion_charts,
    drawn,
    figures,
    filters,
    funnel_parts,
    links,
    reads,
    states,
    tables,
    words,
)

PARTS = {"steps": "Steps", "segments": "Segments", "cohorts": "Cohorts"}


def weakest(frame):
    """The step that loses the most of those who had the whole window; None where no step can be judged."""
    rows = frame.dropna(subset=["conversion"])
    rows = rows[rows["mature_before"] >= 10]
    return None if rows.empty else rows.loc[rows["conversion"].astype(float).idxmin()]


def cards(frame) -> list[dict]:
    """Who entered, who got to the end, where most are lost, how many are stalled."""
    ranked = frame[frame["stage"] != "discovered"].sort_values("position").groupby("tier")
    entered, last = int(ranked.first()["reached"].sum()), ranked.last()
    worst = weakest(frame)
    n = words.plural(entered, "entrant")
    common = {"metric": "funnel", "n": n}
    return [
        {"label": "Entered", "value": words.count(entered), **common},
        {"label": "Reached the last stage", "value": words.count(last["reached"].sum()), **common},
        {
            "label": "Weakest step" + (f": to {words.stage_at(worst['stage'])}" if worst is not None else ""),
            "value": words.MISSING if worst is None else words.share(worst["conversion"]),
            "metric": "funnel",
            "n": words.MISSING if worst is None else words.plural(worst["mature_before"], "mature entrant"),
            "lacking": "fewer than 10 have had the whole window",
        },
        {"label": "In progress", "value": words.count(frame["in_progress"].sum()), **common},
        {"label": "Stalled", "value": words.count(frame["stalled"].sum()), **common},
    ]


def stalled_at(tier: str, stage: str) -> None:
    """Open the list of those who are stuck at a stage."""
    links.go(links.STALLED, tier=tier, stage=stage)


def step_clicked(key: str, tier: str) -> None:
    """Open the stalled list of the stage whose bar was clicked."""
    chosen = (st.session_state.get(key) or {}).get("selection", {}).get("step") or []
    if chosen and chosen[0].get("stage"):
        stalled_at(tier, chosen[0]["stage"])


def draw(frame, tier: str) -> None:
    """One tier's funnel; a bar, and a link for the stages that hold most, opens those who are stuck in it."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"#### {charts.mark(tier)} {words.TIERS[tier]}", anchors=False)
        entrants = frame[frame["stage"] != "discovered"]
        if not entrants["reached"].sum():
            st.caption("Nobody has entered yet.")
            return
        worst = weakest(frame)
        said = (
            f"weakest step: to {words.stage_at(worst['stage'])}" if worst is not None else "no step can be judged yet"
        )
        key = f"funnel_{tier}"
        drawn.chart(
            conversion_charts.funnel,
            entrants,
            tier,
            alt=f"Accounts that reached each stage, {words.TIERS[tier]}; {said}",
            key=key,
            on_select=lambda: step_clicked(key, tier),
        )
        stuck = frame[frame["stalled"] > 0].sort_values("stalled", ascending=False).head(3)
        for row in stuck.itertuples():
            links.link(
                links.STALLED,
                f"{words.plural(row.stalled, 'account')} stalled at {words.stage_at(row.stage)}",
                icon=":material/hourglass_top:",
                tier=tier,
                stage=row.stage,
            )


def curve(shown: list[str]) -> None:
    """What share has reached a chosen stage after so many days, of everyone, with its band."""
    with st.container(border=True, height="stretch"):
        st.markdown("#### How soon they get there", anchors=False)
        stage = funnel_parts.stage_choice("to", everything, shown)
        found = reads.read("stage_survival", tier=view.tier, stage=stage)
        found = found[found["tier"].isin(shown)]
        if found.empty or not found["events"].sum():
            states.empty(f"Nobody has reached {words.stage_at(stage)} yet.")
            return
        at = steps[(steps["stage"] == stage) & steps["tier"].isin(shown)]
        said = "; ".join(
            f"{words.TIERS[row.tier]} {words.share(row.eventual)} within {window} days, n = {words.count(row.entrants)}"
            for row in at.itertuples()
        )
        drawn.chart(
            conversion_charts.survival, found, window, alt=f"Share that reached {words.stage_at(stage)}: {said}"
        )
        rests = [
            f"{words.TIERS[row.tier]} **{words.share(row.eventual)}**"
            + (
                ""
                if words.missing(row.eventual_lower)
                else f" ({words.share(row.eventual_lower)} to {words.share(row.eventual_upper)})"
            )
            + f", n = {words.count(row.entrants)}"
            for row in at.itertuples()
        ]
        st.caption(
            f"Within {window} days of entry, of all entrants, the youngest for as long as they were seen (Kaplan–Meier, 95 % band): "
            f"{'; '.join(rests)}."
        )


def by_step(shown: list[str]) -> None:
    """The funnel of each tier, the curve to one stage, and the steps as a list."""
    funnel_parts.visitors(steps)
    with st.grid(2 if len(shown) > 1 else 1, min_column_width=330, gap="small"):
        if len(shown) > 1:
            for tier in shown:
                draw(steps[steps["tier"] == tier], tier)
    if len(shown) == 1:
        with st.grid(2, min_column_width=330, gap="small"):
            draw(steps, shown[0])
            curve(shown)
    else:
        curve(shown)
    st.caption(
        "The percentage is of those who had reached the stage before; both within the window, which runs from the entry, and only of those "
        f"who entered long enough ago to have had all of it ({filters.WINDOWS[str(window)]}). Dashed and with a +: younger ones who may "
        "still get there; they are in progress, never lost. A bar opens those who are stalled there."
    )
    rows = steps[steps["stage"] != "discovered"].reset_index(drop=True)
    tables.table(
        rows.assign(tier_name=rows["tier"].map(words.TIERS), stage_name=rows["stage"].map(words.stage)),
        {
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "reached": tables.number("Reached"),
            "conversion": tables.part("Conversion"),
            "stalled": tables.number("Stalled"),
            "in_progress": tables.number("In progress"),
            "mature_before": tables.number("Mature, reached the one before (n)"),
            "mature_reached": tables.number("of whom reached it"),
            "share_of_entrants": tables.part("of all mature entrants"),
            "eventual": tables.part(
                "Estimate of all", help="Kaplan–Meier: who gets there within the window of the entry"
            ),
            "eventual_lower": tables.part("at least"),
            "eventual_upper": tables.part("at most"),
            "median_days": tables.number("Median days", form="%.1f"),
            "p90_days": tables.number("90 % within days", form="%.1f"),
            "moved": tables.number("n of the days"),
        },
        name="funnel",
        alt="Stages by tier with reached, conversion, estimate, days and stalled",
        action=(
            "stalled",
            "Opens those who are stalled there",
            lambda row: stalled_at(*rows.loc[row, ["tier", "stage"]]),
        ),
    )


view = filters.view()
window = int(filters.chosen("window"))
everything = reads.read("funnel", window_days=window)
steps = everything if view.tier is None else everything[everything["tier"] == view.tier]
if steps.empty or not steps["reached"].sum():
    states.nothing("entrants")
else:
    figures.row(cards(steps))
    entered = steps[(steps["reached"] > 0) & (steps["stage"] != "discovered")]
    tiers = [tier for tier in words.TIERS if tier in set(entered["tier"])]
    part = filters.tabs("part", PARTS, "steps")
    if part == "segments":
        funnel_parts.by_segment(everything, view.tier, window)
    elif part == "cohorts":
        funnel_parts.by_cohort(everything, view.tier, window, tiers)
    else:
        by_step([tier for tier in words.TIERS if view.tier in (None, tier)])
    figures.about("funnel", "stage_survival", "funnel_segments", "segment_log_rank", "funnel_cohorts")
