"""Regulated data: which services handle it, who calls them, and from which countries as far as that is known."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import drawn, figures, filters, links, reads, room_charts, room_words, states, tables, words

DRAWN = 15


def draw(view: Any) -> None:
    """The whole part."""
    declared = reads.read("regulated_services", service=view.service)
    if declared.empty and len(reads.read("regulated_services")):
        states.nothing("regulated data of this service", search=None)
        return
    if declared.empty:
        states.empty(
            "program.toml declares no regulated data. [[regulated]] names a service, what it handles, and the regions that may call it; "
            "sample_program.toml shows how."
        )
        return
    found = reads.read(
        "regulated_calls", tier=view.tier, service=view.service, search=filters.asked("search"), **view.dates
    )
    figures.row(_cards(declared, found))
    _declared(declared)
    if not declared["has_countries"].any():
        st.info(
            "program.toml names no database of countries, so every country is unknown. `country_database` under [program] names a MaxMind file "
            "(GeoLite2-Country is free); addresses are hashed as they are read, so it holds from the next log lines on.",
            icon=":material/travel_explore:",
        )
    if found.empty:
        states.nothing("calls of regulated services", search=None)
        return
    _by_country(found)
    _list(found)
    figures.about("regulated_calls", "regulated_services", n=words.plural(found["calls"].sum(), "call"))


def _cards(declared: pd.DataFrame, found: pd.DataFrame) -> list[dict]:
    """How much goes where."""
    calls, named = found["calls"].sum(), found[~found["account_id"].str.startswith("nobody:")]
    outside = found[found["standing"] == "outside"]
    known = found[found["standing"].isin(["outside", "allowed"])]["calls"].sum()
    placed = found[found["country"].notna()]["calls"].sum()
    common = {"metric": "regulated_calls", "n": words.plural(calls, "call") + " of regulated services"}
    return [
        {"label": "Regulated services", "value": words.count(declared["service"].nunique()), "metric": "regulated_services"},
        {"label": "Accounts that call them", "value": words.count(named["account_id"].nunique()), **common},
        {
            "label": "Calls from outside the regions",
            "value": words.count(outside["calls"].sum()) if known else words.MISSING,
            "lacking": "no call's country is known of a service whose regions are declared",
            **common,
        },
        {"label": "Country unknown", "value": words.share((calls - placed) / calls, 1) if calls else words.MISSING, **common},
    ]  # fmt: skip


def _declared(declared: pd.DataFrame) -> None:
    """What program.toml says, a line each."""
    for row in declared.itertuples():
        said = f"**{words.plain(row.service)}**: {words.plain(row.data)}"
        said += (
            f" · to be called from {words.plain(row.regions)}" if not words.missing(row.regions) else " · from anywhere"
        )
        said += f" · {words.plain(row.regulator)}" if not words.missing(row.regulator) else ""
        said += (
            f" · {words.plain(row.owner)} answers for it"
            if not words.missing(row.owner)
            else " · nobody answers for it"
        )
        said += "" if row.is_logged else " · :orange[no log names this service]"
        st.markdown(f":material/gavel: {said}")


def _by_country(found: pd.DataFrame) -> None:
    """Calls by country and standing."""
    by = found.assign(
        country_name=found["country"].fillna("Unknown"), standing_name=found["standing"].map(room_words.STANDINGS)
    )
    by = by.groupby(["country_name", "standing_name"], as_index=False)["calls"].sum().nlargest(DRAWN, "calls")
    with st.container(border=True):
        st.markdown("##### Where the calls come from", anchors=False)
        st.caption("Where the calling server or gateway stands, which need not be where the data go.")
        top = by.iloc[0]
        drawn.chart(
            room_charts.countries,
            by,
            alt=f"Calls of regulated services by country; the most from {top['country_name']}, {words.count(top['calls'])}",
        )


def _list(found: pd.DataFrame) -> None:
    """Who calls what from where, outside first."""
    tables.table(
        found.assign(
            tier_name=found["tier"].map(words.TIERS),
            standing_name=found["standing"].map(room_words.STANDINGS),
            country=found["country"].fillna("unknown"),
        ),
        {
            "name": tables.text("Account"),
            "service": tables.text("API"),
            "data": tables.text("Data", width="medium"),
            "country": tables.text("From", help="The country of the calling address"),
            "standing_name": tables.text("Standing"),
            "country_on_record": tables.text("Country on record", help="What the organization's or its developers' records say; it decides nothing"),
            "tier_name": tables.text("Tier"),
            "calls": tables.number("Calls"),
            "ok": tables.number("Answered"),
            "first_day": tables.when("First"),
            "last_day": tables.when("Last"),
        },
        name="regulated",
        alt="Accounts that call services with regulated data, by country",
        account="name",
        opens=links.account,
    )  # fmt: skip
