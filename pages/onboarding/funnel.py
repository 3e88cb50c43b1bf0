"""How far those who start get: stages reached in order, conversion of those who had the whole window, time and stalls."""

import streamlit as st

from pages.shared import charts, drawn, figures, filters, links, reads, states, tables, words


def weakest(frame):
    """The step that loses the most of those who had the whole window; None where no step can be judged."""
    steps = frame.dropna(subset=["conversion"])
    steps = steps[steps["mature_entrants"] >= 10]
    return None if steps.empty else steps.loc[steps["conversion"].astype(float).idxmin()]


def cards(frame) -> list[dict]:
    """Who entered, who got to the end, where most are lost, how many are stalled."""
    first = frame.sort_values("position").groupby("tier").first()
    entered, last = int(first["reached"].sum()), frame.sort_values("position").groupby("tier").last()
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
            "n": words.MISSING if worst is None else words.plural(worst["mature_entrants"], "mature entrant"),
            "lacking": "fewer than 10 have had the whole window",
        },
        {"label": "In progress", "value": words.count(frame["in_progress"].sum()), **common},
        {"label": "Stalled", "value": words.count(frame["stalled"].sum()), **common},
    ]


def draw(frame, tier: str) -> None:
    """One tier's funnel, with links to those who are stuck in its stages."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"#### {charts.mark(tier)} {words.TIERS[tier]}", anchors=False)
        if frame.empty or not frame["reached"].sum():
            st.caption("Nobody has entered yet.")
            return
        worst = weakest(frame)
        said = (
            f"weakest step: to {words.stage_at(worst['stage'])}" if worst is not None else "no step can be judged yet"
        )
        drawn.chart(charts.funnel, frame, tier, alt=f"Accounts that reached each stage, {words.TIERS[tier]}; {said}")
        stuck = frame[frame["stalled"] > 0].sort_values("stalled", ascending=False).head(3)
        for row in stuck.itertuples():
            links.link(
                links.STALLED,
                f"{words.plural(row.stalled, 'account')} stalled at {words.stage_at(row.stage)}",
                icon=":material/hourglass_top:",
                tier=tier,
                stage=row.stage,
            )


view = filters.view()
window = filters.chosen("window")
steps = reads.read("funnel", tier=view.tier, window_days=int(window))
if steps.empty or not steps["reached"].sum():
    states.nothing("entrants")
else:
    figures.row(cards(steps))
    shown = [tier for tier in words.TIERS if view.tier in (None, tier)]
    with st.grid(2 if len(shown) > 1 else 1, min_column_width=330, gap="small"):
        for tier in shown:
            draw(steps[steps["tier"] == tier], tier)
    st.caption(
        "The percentage is of those who had reached the stage before, and counts only who did so long enough ago to have "
        f"had the whole window ({filters.WINDOWS[window]}); the younger are in progress, never lost."
    )
    tables.table(
        steps.assign(tier_name=steps["tier"].map(words.TIERS), stage_name=steps["stage"].map(words.stage)),
        {
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "reached": tables.number("Reached"),
            "mature_entrants": tables.number("Mature entrants"),
            "mature_reached": tables.number("of whom reached it"),
            "conversion": tables.part("Conversion"),
            "in_progress": tables.number("In progress"),
            "median_days": tables.number("Median days", form="%.1f"),
            "p90_days": tables.number("90 % within days", form="%.1f"),
            "stalled": tables.number("Stalled"),
        },
        name="funnel",
        alt="Stages by tier with reached, conversion, days and stalled",
    )
    figures.about("funnel")
