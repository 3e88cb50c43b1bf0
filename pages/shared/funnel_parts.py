"""The parts of the Funnel page that compare: segments of one tier beside each other, and cohorts of entry."""

import pandas as pd
import streamlit as st

from pages.shared import conversion_charts, conversion_words, drawn, filters, links, reads, states, tables, words

USUAL = "first_success"


def visitors(steps: pd.DataFrame) -> None:
    """How many read the docs: one number, which rows of `funnel` repeat with every tier, because nobody knows whose they are."""
    found = steps.loc[steps["stage"] == "discovered", "reached"].max()
    if not words.missing(found) and found:
        st.caption(
            f"{words.plural(int(found), 'visitor')} read the docs; who they were, and of which tier, is not known."
        )


def stage_choice(name: str, everything: pd.DataFrame, shown: list[str]) -> str:
    """A select box of the stages after the first of the tiers that are shown; what the URL says, else the usual or the last one."""
    options = list(dict.fromkeys(stage for tier in shown for stage in later(everything, tier)))
    default = USUAL if USUAL in options else options[-1]
    return filters.choice(name, "Stage", {stage: words.stage(stage) for stage in options}, default, 210)


def later(everything: pd.DataFrame, tier: str) -> list[str]:
    """The stages of a tier that come after its first. Takes rows of `funnel`."""
    frame = everything[(everything["tier"] == tier) & (everything["stage"] != "discovered")]
    return list(frame.sort_values("position")["stage"])[1:]


def by_segment(everything: pd.DataFrame, tier: str | None, window: int) -> None:
    """Who gets to a stage and who does not, by an attribute of the entrants of one tier."""
    if not tier:
        states.empty("Segments are compared within one tier, because tiers have stages of their own. Choose one:")
        for one in words.TIERS:
            links.link(links.FUNNEL, words.TIERS[one], icon=":material/compare_arrows:", tier=one, part="segments")
        return
    known = reads.read("segment_dimensions", tier=tier)
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
        stage = stage_choice("to", everything, [tier])
    asked = {"tier": tier, "dimension": dimension, "stage": stage, "window_days": window}
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


def one_segment(tier: str | None) -> dict[str, str | None]:
    """What metrics take as `dimension` and `value`: one segment of the entrants, chosen in two boxes; everyone by default."""
    known = reads.read("segment_dimensions", tier=tier)
    names = dict.fromkeys(known.loc[known["is_useful"], "dimension"])
    nobody = {"dimension": None, "value": None}
    if not names:
        return nobody
    with st.container(horizontal=True, gap="small"):
        options = {"all": "Everyone", **{name: conversion_words.dimension(name) for name in names}}
        dimension = filters.choice("dimension", "Attribute", options, "all", 220)
        if dimension == "all":
            return nobody
        found = reads.read("funnel_segments", tier=tier, dimension=dimension).sort_values(["place", "segment"])
        values = {name: conversion_words.segment(name) for name in dict.fromkeys(found["segment"])}
        value = filters.choice("value", conversion_words.dimension(dimension), values, next(iter(values)), 220)
    return {"dimension": dimension, "value": value}


def notes(found: pd.DataFrame, dimension: str) -> list[str]:
    """What must be said beside a comparison: who is too few, and what the attribute cannot say."""
    said = [conversion_words.too_few(found)]
    if dimension in conversion_words.LATER:
        said.append(
            "This attribute is as of today, or known only of those who came so far: it says who got there, not what leads there."
        )
    return [note for note in said if note]


def by_cohort(everything: pd.DataFrame, tier: str | None, window: int, shown: list[str]) -> None:
    """Whether those who enter later get further. `shown` are the tiers that somebody has entered."""
    if not shown:
        states.empty("Nobody has entered yet.")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        grain = filters.tabs("grain", conversion_words.GRAINS, "month", label="Cohorts")
        stage = stage_choice("to", everything, shown)
    found = reads.read("funnel_cohorts", tier=tier, stage=stage, grain=grain, window_days=window)
    found = found[found["tier"].isin(shown)]
    if found.empty or not found["mature_entrants"].sum():
        states.empty(f"No entrant has had {window} days yet.")
        return
    cohort_lines(
        found.assign(is_open=~found["is_mature"].astype(bool)),
        "mature_entrants",
        f"Reached {words.stage_at(stage)} within {window} days, by {grain} of entry",
        "Hollow: some of the cohort have not had the whole window, and only those who have are counted.",
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


def cohort_lines(
    found: pd.DataFrame,
    n: str,
    title: str,
    note: str,
    column: str,
    axis: str,
    form: str,
    said: dict[str, str],
    alt: str,
) -> None:
    """A figure by cohort and tier as lines, of the cohorts that are large enough by the column `n`; `note` says what is hollow.

    Takes tier, cohort, is_open, `column` and the columns that `said` names with their titles.
    """
    large = found[found[n] >= conversion_words.DRAWN]
    with st.container(border=True):
        st.markdown(f"##### {title}", anchors=False)
        st.caption(f"{note} {conversion_words.SMALL_COHORTS}")
        if large.empty:
            states.empty(f"No cohort has {conversion_words.DRAWN}.")
        else:
            rows = large[["tier", "cohort", column, "is_open", *said]]
            drawn.chart(conversion_charts.over_cohorts, rows, column, axis, form, said, alt=alt, over="cohort")
