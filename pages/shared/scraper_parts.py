"""Competitors and scrapers: the queue of callers that read as scrapers read, what people say of them, and the parties that are declared."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import (
    access,
    drawn,
    figures,
    filters,
    links,
    reads,
    room_charts,
    room_words,
    scraper_acts,
    states,
    tables,
    words,
)

DRAWN = 12
DONE, SAVED = "scraper_done", "scraper_saved"
DIFFER = "Two rows of one name differ by their key."


def draw(view: Any) -> None:
    """The whole part."""
    found = scraper_acts.queue(tier=view.tier, service=view.service, search=filters.asked("search"))
    known = reads.read("scraper_parts", tier=view.tier, service=view.service)
    parties = reads.read("party_sightings", tier=view.tier, service=view.service, search=filters.asked("search"))
    figures.row(_cards(found, known, parties))
    _picture(found, known)
    _queue(found)
    _parties(parties)
    figures.about("scraper_queue", "scraper_parts", "party_sightings", n=words.plural(known["callers"].max(), "caller"))


def _cards(found: pd.DataFrame, known: pd.DataFrame, parties: pd.DataFrame) -> list[dict]:
    """How many ask for a look, how many a person watches or put aside, and what is known of the declared parties."""
    n = words.plural(known["callers"].max(), "caller") + " with a key"
    held = found["status"].value_counts()
    seen = parties[parties["how"].notna()]
    return [
        *(
            {"label": label, "value": words.count(held.get(status, 0)), "metric": "scraper_queue", "n": n}
            for status, label in scraper_acts.STATUSES.items()
        ),
        {
            "label": "Declared parties seen",
            "value": words.count(seen["party"].nunique()) if len(parties) else words.MISSING,
            "metric": "party_sightings",
            "n": words.plural(parties["party"].nunique(), "party", "parties") + " in program.toml",
            "lacking": "program.toml names no [[party]], or none is left by the filters",
        },
    ]  # fmt: skip


def _picture(found: pd.DataFrame, known: pd.DataFrame) -> None:
    """Who shows which part, those to look at first."""
    shown = found[found["status"] != "dismissed"].head(DRAWN)
    if shown.empty:
        return
    twice = shown["name"].duplicated(keep=False)
    shown = shown.assign(name=shown["name"].where(~twice, shown["name"] + " · " + shown["subject"].str[-4:]))
    rows = pd.DataFrame(
        [
            {
                "name": row.name,
                "part_name": label,
                "state": _state(part, row),
                "said": room_words.value(part, row),
                "brief": _brief(part, row),
            }
            for row in shown.rename(columns={"name": "caller"}).assign(name=shown["name"]).itertuples()
            for part, label in room_words.SCORE.items()
        ]
    )
    with st.container(border=True):
        st.markdown("##### Which parts of the score stand out", anchors=False)
        st.caption(
            f"In the last {known['within_days'].iloc[0]} days. Each part has an honest use: an app on many phones, a nightly export, a timer. They "
            f"are shown as parts and never as one number; {known['parts_needed'].iloc[0]} of four ask for a look."
        )
        drawn.chart(
            room_charts.scraper_parts,
            rows,
            drawn.dark(),
            alt=f"{words.plural(len(shown), 'caller')} by the four parts of the scraper score; the first, "
            f"{shown.iloc[0]['name']}, shows {room_words.parts(shown.iloc[0]['parts']).lower()}",
        )
        if len(found) > DRAWN:
            st.caption(f"The first {DRAWN}; the list has all.")


def _state(part: str, row: Any) -> str:
    if part in row.parts.split(","):
        return "stands out"
    return "unknown" if room_words.value(part, row).startswith("unknown") else "does not"


def _brief(part: str, row: Any) -> str:
    if part == "addresses":
        return words.count(row.month_addresses) + " a month"
    share = {"sequential": row.sequential_share, "regular": row.regular_share, "lists": row.list_share}[part]
    return room_charts.brief(share)


def _queue(found: pd.DataFrame) -> None:
    """The list of one status, and what to say of the rows that are chosen."""
    held = found["status"].value_counts()
    named = {one: f"{label} {words.count(held.get(one, 0))}" for one, label in scraper_acts.STATUSES.items()}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("##### The queue", anchors=False)
        status = filters.tabs("status", named, scraper_acts.TO_LOOK_AT, label="Status")
    _just_said()
    shown = found[found["status"] == status]
    if shown.empty:
        states.empty(f"Nobody here is {scraper_acts.STATUSES[status].lower()}." if status != scraper_acts.TO_LOOK_AT else "Nobody asks for a look.")  # fmt: skip
        return
    places = tables.table(
        shown.assign(
            tier_name=shown["tier"].map(words.TIERS),
            parts_name=shown["parts"].map(room_words.parts),
            **{part: [room_words.value(part, row) for row in shown.itertuples()] for part in room_words.SCORE},
        ),
        {
            "name": tables.text("Caller"),
            "tier_name": tables.text("Tier"),
            "parts_name": tables.text("What stands out", width="medium"),
            **{part: tables.text(label) for part, label in room_words.SCORE.items()},
            "lists_used": tables.number("Lists used", help="Different endpoints that list a collection"),
            "calls": tables.number("Calls"),
            "writes": tables.number("Writes"),
            "throttled": tables.number("Throttled"),
            "services": tables.text("APIs"),
            "last_day": tables.when("Last call"),
            **(
                {
                    "author": tables.text("Said by"),
                    "decided_at": tables.when("On"),
                    "reason": tables.text("Because", width="medium"),
                }
                if status != scraper_acts.TO_LOOK_AT
                else {}
            ),
        },
        name="scrapers",
        alt="Callers that read as scrapers read, with the parts of the score and what each rests on",
        account="name",
        opens=links.account,
        chosen=f"_{status}_{st.session_state.get(SAVED, 0)}_{len(shown)}",
    )
    _decide(shown.iloc[places], status)


def _decide(rows: pd.DataFrame, status: str) -> None:
    """Watch, dismiss or take back what is chosen."""
    with st.container(border=True, key="verdict"):
        if rows.empty:
            st.caption(
                ":material/checklist: Choose rows to watch or dismiss them. Nothing here changes what anybody may call."
            )
            return
        st.markdown(_in_brief(list(rows["name"])))
        st.text_input("Why", max_chars=300, placeholder="Kept with your name", key=f"verdict_why_{status}")
        with st.container(horizontal=True, gap="small"):
            for verdict, label, icon in (("watched", "Watch", "visibility"), ("dismissed", "Dismiss", "check")):
                if verdict != status:
                    st.button(
                        label,
                        key=f"verdict_{verdict}",
                        icon=f":material/{icon}:",
                        on_click=_save,
                        args=(rows, verdict, f"verdict_why_{status}"),
                    )
            if status != scraper_acts.TO_LOOK_AT:
                st.button("Take back", key="verdict_undo", icon=":material/undo:", on_click=_take_back, args=(list(rows["verdict_id"]),))  # fmt: skip


def _in_brief(names: list[str]) -> str:
    more = len(names) - 3
    shown = [f"**{words.plain(name)}**" for name in names[:3]]
    return words.listed([*shown, f"{words.count(more)} more"] if more > 0 else shown)


def _save(rows: pd.DataFrame, verdict: str, why: str) -> None:
    ids = scraper_acts.save(rows, verdict, st.session_state.get(why))
    st.session_state[DONE] = (ids, verdict, list(rows["name"]))
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    st.session_state[why] = ""


def _take_back(ids: list[int]) -> None:
    scraper_acts.undo([int(one) for one in ids])
    st.session_state.pop(DONE, None)
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1


def _just_said() -> None:
    """What the visitor said last, with its undo."""
    if DONE not in st.session_state:
        return
    ids, verdict, names = st.session_state[DONE]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="just_said"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f":material/check_circle: {_in_brief(names)}: {scraper_acts.STATUSES[verdict].lower()}")
            st.caption(
                f"{words.plain(access.who())}. Everybody sees it at once, and it outlives every refresh. Where another part of the score "
                "stands out later, the caller asks again."
            )
        st.button("Undo", key="undo_verdict", icon=":material/undo:", on_click=_take_back, args=(ids,))


def _parties(parties: pd.DataFrame) -> None:
    """The parties of program.toml, and what was seen of each."""
    st.markdown("##### Declared competitors, scrapers and regulators", anchors=False)
    if parties.empty and len(reads.read("party_sightings")):
        states.empty("None that the filters leave.")
        return
    if parties.empty:
        states.empty(
            "None. Name them as [[party]] in program.toml, by their domains and networks; sample_program.toml shows how."
        )
        return
    st.caption(
        "By their domains in any record, and by their networks in log lines that were read after program.toml named them: addresses are kept "
        "as hashes, so older calls cannot be looked up. It says who it may be, not what for."
    )
    hows = {"domain": "A person or site of its domain"}
    tables.table(
        parties.assign(
            kind_name=parties["kind"].map(room_words.KINDS),
            how_name=[
                words.MISSING if words.missing(how) else hows.get(how, how.capitalize()) for how in parties["how"]
            ],
            tier_name=parties["tier"].map(words.TIERS),
            stage_name=[None if words.missing(one) else words.stage(one) for one in parties["stage"]],
            name=parties["name"],
        ),
        {
            "party": tables.text("Party"),
            "kind_name": tables.text("Kind"),
            "how_name": tables.text("Seen by"),
            "name": tables.text("As"),
            "tier_name": tables.text("Tier"),
            "stage_name": tables.text("Stage"),
            "calls": tables.number("Calls"),
            "services": tables.text("APIs"),
            "views": tables.number("Pages read"),
            "first_day": tables.when("First"),
            "last_day": tables.when("Last"),
            "domains": tables.text("Domains"),
            "networks": tables.text("Networks"),
        },
        name="parties",
        alt="Declared competitors, scrapers and regulators with what was seen of each",
        account="name",
        opens=links.account,
    )
