"""How far those who start get: stages in order, conversion of those who had the whole window, segments and cohorts beside each other."""

import streamlit as st

from pages.shared import (
    charts,
    conversion_charts,
    conversion_words,
    drawn,
    figures,
    filters,
    links,
    reads,
    states,
    tables,
    words,
)

PARTS = {"steps": "Steps", "segments": "Segments", "cohorts": "Cohorts"}
USUAL = "first_success"


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
        visitors = frame.loc[frame["stage"] == "discovered", "reached"]
        if visitors.sum():
            st.caption(
                f"{words.plural(int(visitors.sum()), 'visitor')} read the docs before; who they were is not known."
            )
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


def stage_choice(name: str, shown: list[str], usual: str | None = None) -> str:
    """A select box of the stages after the first of the tiers that are shown; what the URL says, else the usual or the last one."""
    options = list(dict.fromkeys(stage for tier in shown for stage in later(tier)))
    default = usual if usual in options else options[-1]
    return filters.choice(name, "Stage", {stage: words.stage(stage) for stage in options}, default, 210)


def later(tier: str) -> list[str]:
    """The stages of a tier that come after its first."""
    frame = everything[(everything["tier"] == tier) & (everything["stage"] != "discovered")]
    return list(frame.sort_values("position")["stage"])[1:]


def curve(shown: list[str]) -> None:
    """What share has reached a chosen stage after so many days, of everyone, with its band."""
    with st.container(border=True, height="stretch"):
        st.markdown("#### How soon they get there", anchors=False)
        stage = stage_choice("to", shown, USUAL)
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
    rows = steps.reset_index(drop=True)
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


def by_segment() -> None:
    """Who gets to a stage and who does not, by an attribute of the entrants of one tier."""
    if not view.tier:
        states.empty("Segments are compared within one tier, because tiers have stages of their own. Choose one:")
        for tier in words.TIERS:
            links.link(links.FUNNEL, words.TIERS[tier], icon=":material/compare_arrows:", tier=tier, part="segments")
        return
    known = reads.read("segment_dimensions", tier=view.tier)
    useful = known[known["is_useful"]]
    if useful.empty:
        states.empty(
            f"No attribute of these entrants has a value that {conversion_words.ENOUGH} of them share, so nothing can be compared."
        )
        return
    with st.container(horizontal=True, gap="small"):
        options = {name: conversion_words.dimension(name) for name in useful["dimension"]}
        default = "channel" if "channel" in options else next(iter(options))
        dimension = filters.choice("dimension", "Attribute", options, default, 260)
        stage = stage_choice("to", [view.tier], USUAL)
    asked = {"tier": view.tier, "dimension": dimension, "stage": stage, "window_days": window}
    found = reads.read("funnel_segments", **asked)
    found = found.assign(name=[conversion_words.segment(name) for name in found["segment"]])
    told = useful[useful["dimension"] == dimension].iloc[0]
    with st.container(border=True):
        title = f"##### {words.stage(stage)} within {window} days of entry, by {conversion_words.dimension(dimension).lower()}"
        st.markdown(words.plain(title).replace("\\#", "#"), anchors=False)
        st.caption(
            "Dot and band: the estimate of all entrants (Kaplan–Meier) and its 95 % band. Orange: mature conversion."
        )
        shown = found[found["is_shown"]]
        said = "; ".join(f"{row.name} {words.share(row.conversion)}" for row in shown.itertuples())
        drawn.chart(
            conversion_charts.segments, found, alt=f"Conversion to {words.stage_at(stage)}: {said or 'too few to tell'}"
        )
    sums = reads.read("segment_log_rank", **asked)
    test = reads.module("sql.survival").log_rank(sums)
    st.markdown(conversion_words.difference(test, bool(told["is_exclusive"])))
    for note in notes(found, dimension):
        st.caption(note)
    tables.table(
        found,
        {
            "name": tables.text(conversion_words.dimension(dimension)),
            "entrants": tables.number("Entrants"),
            "mature_entrants": tables.number("Mature (n)"),
            "mature_reached": tables.number("of whom reached it"),
            "conversion": tables.part("Conversion"),
            "in_progress": tables.number("In progress"),
            "eventual": tables.part("Estimate of all"),
            "eventual_lower": tables.part("at least"),
            "eventual_upper": tables.part("at most"),
            "median_days": tables.number("Median days to it", form="%.1f"),
        },
        name="funnel_segments",
        alt="Conversion by segment with n, estimate and band",
    )


def notes(found, dimension: str) -> list[str]:
    """What must be said beside a comparison: who is too few, and what the attribute cannot say."""
    said = [conversion_words.too_few(found)]
    if dimension in conversion_words.LATER:
        said.append(
            "This attribute is as of today, or known only of those who came so far: it says who got there, not what leads there."
        )
    return [note for note in said if note]


def by_cohort(shown: list[str]) -> None:
    """Whether those who enter later get further."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        grain = filters.tabs("grain", conversion_words.GRAINS, "month", label="Cohorts")
        stage = stage_choice("to", shown, USUAL)
    found = reads.read("funnel_cohorts", tier=view.tier, stage=stage, grain=grain, window_days=window)
    found = found[found["tier"].isin(shown)]
    if found.empty or not found["mature_entrants"].sum():
        states.empty(f"No entrant has had {window} days yet.")
        return
    drawn_ones = found[found["mature_entrants"] >= conversion_words.DRAWN]
    with st.container(border=True):
        st.markdown(f"##### Reached {words.stage_at(stage)} within {window} days, by {grain} of entry", anchors=False)
        st.caption(
            "Hollow: some of the cohort have not had the whole window, and only those who have are counted. "
            f"{conversion_words.SMALL_COHORTS}"
        )
        if drawn_ones.empty:
            states.empty(f"No cohort has {conversion_words.DRAWN}.")
        else:
            drawn.chart(
                conversion_charts.over_cohorts,
                drawn_ones.assign(is_open=~drawn_ones["is_mature"].astype(bool))[
                    ["tier", "cohort", "conversion", "is_open", "mature_entrants", "mature_reached"]
                ],
                "conversion",
                "Conversion",
                ".0%",
                {"mature_reached": "reached it", "mature_entrants": "of mature entrants"},
                alt=f"Conversion to {words.stage_at(stage)} by {grain} of entry and tier",
            )
    tables.table(
        found.sort_values(["cohort", "tier"], ascending=[False, True]).assign(
            tier_name=lambda rows: rows["tier"].map(words.TIERS),
            state=lambda rows: rows["is_mature"].map({True: "whole", False: "unfinished"}),
        ),
        {
            "cohort": tables.when("Entered from"),
            "tier_name": tables.text("Tier"),
            "state": tables.text("Cohort"),
            "entrants": tables.number("Entrants"),
            "mature_entrants": tables.number("Mature (n)"),
            "mature_reached": tables.number("of whom reached it"),
            "conversion": tables.part("Conversion"),
            "in_progress": tables.number("In progress"),
            "reached": tables.number("Reached, ever"),
        },
        name="funnel_cohorts",
        alt="Conversion by cohort of entry and tier, the newest first",
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
        by_segment()
    elif part == "cohorts":
        by_cohort(tiers)
    else:
        by_step([tier for tier in words.TIERS if view.tier in (None, tier)])
    figures.about("funnel", "stage_survival", "funnel_segments", "segment_log_rank", "funnel_cohorts")
