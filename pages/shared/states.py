"""What a page says when there is nothing to show, when data are old, and when the last build failed."""

from typing import Any

import streamlit as st

from data_sources.connected import StoreAway
from pages.shared import access, filters, jobs, links, reads, words


def banner() -> None:
    """Above every page: the last build failed, or the data end too long ago. Silent when all is well."""
    now, age = reads.current(), reads.hours_old()
    if now.failed:
        st.error(
            f"{words.plain(now.failed)}\n\nThe pages show the last good build, of {words.moment(now.built_at)}, "
            "and nothing of it is lost. The Sources page says which source failed and can refresh again.",
            title="The last build failed",
            icon=":material/error:",
        )
    elif age > reads.STALE_HOURS:
        st.warning(
            f"They end at {words.moment(now.as_of)}, {words.ago(age)} ago. Refresh on the Sources page, "
            "or let `script/refresh` run from cron.",
            title="These data are old",
            icon=":material/schedule:",
        )


def heading(title: str, question: str) -> None:
    """A page's title and the question that it answers, with the as-of time beside it."""
    now = reads.current()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(title, anchor=False)
            st.markdown(f":gray[{question}]")
        named = coverage_in_words()
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            st.caption(
                f":material/schedule: **{words.plain(reads.program_name())}** · as of {words.moment(now.as_of)}"
                + (f" · {named}" if named else ""),
                width="content",
            )
            access.way_out()


def nothing(what: str, **reset: str | None) -> None:
    """The designed answer to filters that leave nothing: which they are, and the way to everything, with `reset` in the URL."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"### :material/filter_alt_off: No {what}", width="content")
        if kept := filters.in_words():
            st.caption(f"for {' · '.join(words.plain(part) for part in kept)}", width="content")
        page = st.session_state.get("_page", links.TIER_BOARD)
        gone = reset | {"tier": "all", "service": "all", "period": "all"}
        st.page_link(
            page,
            label="Show all of them",
            icon=":material/restart_alt:",
            query_params=filters.carried(**gone),
        )


def unconnected(source: str, gives: str) -> None:
    """The designed answer where no source of a kind was ever read: which one it takes, and the way to it."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"### :material/link_off: No {source} yet", width="content")
        st.caption(
            f"{gives} A source is named in program.toml, as the README shows; the Sources page says what each has brought.",
            width="content",
        )
        links.link(links.SOURCES, "To the sources", icon=":material/database:")


def empty(what: str) -> None:
    """A part of a page that has nothing, in a sentence."""
    st.caption(f":material/inbox: {what}")


def outdated() -> None:
    """The snapshot was built before the program was updated, so its tables are not those that pages ask for."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("### :material/update: Built by another version", width="content")
        st.caption(
            "The program was updated since these data were built. Nothing is lost: a refresh builds them again.",
            width="content",
        )
        st.button(
            "Refresh now", icon=":material/sync:", type="primary", on_click=jobs.refresh, disabled=jobs.jobs().running
        )
    jobs.progress()


def store_away(error: Exception) -> bool:
    """What a page says where the record store did not answer, whatever it was doing; False for any other error."""
    if not isinstance(error, StoreAway):
        return False
    st.error(words.plain(str(error)), title="The record store did not answer", icon=":material/cloud_off:")
    st.button("Show the page again", key="store_again", icon=":material/refresh:")
    return True


def footer() -> None:
    """Under every page: how much of what was logged, signed up and paid belongs to a known organization, and the way to the rest."""
    found = reads.read("coverage", **filters.view().dates)
    row = found.iloc[0]
    nouns = [noun for noun in ("calls", "developers", "revenue") if not words.missing(row[noun]) and row[noun]]
    parts = [f"{words.share(row[f'{noun}_resolved'] / row[noun], 1)} of {noun}" for noun in nouns]
    said = [] if "calls" in nouns else ["No calls were logged in this period."]
    said += [f"{words.listed(parts)} belong to a known organization."] if parts else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="coverage"):
        st.caption(
            f":material/verified: {' '.join(said)}",
            help="What does not is a row of its own in the Directory; it is never dropped or spread over others.",
            width="content",
        )
        if lacking := _lacking(row, nouns):
            links.link(
                links.DIRECTORY,
                f":small[Who the rest are, and why: {lacking}]",
                icon=":material/help:",
                tier="all",
                service="all",
                kind="unresolved",
            )


def _lacking(row: Any, nouns: list[str]) -> str:
    """What belongs to no known organization: 5,147 calls, 1,604 developers, $10.2k; empty where nothing does."""
    rest = {noun: row[noun] - row[f"{noun}_resolved"] for noun in nouns}
    said = [words.plural(rest[noun], noun[:-1]) for noun in ("calls", "developers") if rest.get(noun)]
    if rest.get("revenue", 0) > 0.005:  # what is left of a sum of parts is no shortfall
        said.append(words.money(rest["revenue"], reads.currency()).replace("$", r"\$"))
    return ", ".join(said)


def coverage_in_words() -> str:
    """97.4 % of calls have a name; empty where nothing was called."""
    found = reads.read("coverage", **filters.view().dates)
    if found.empty or not found.iloc[0]["calls"] or words.missing(found.iloc[0]["calls_named"]):
        return ""
    return f"{words.share(found.iloc[0]['calls_named'] / found.iloc[0]['calls'], 1)} of calls have a name"


def unknown_account(account: str) -> None:
    """A link to an account that this snapshot does not have."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("### :material/person_off: No such account", width="content")
        st.caption(
            f"{words.plain(account)} is not in this snapshot. Accounts that turn out to be one company are joined, "
            "and the link then names the old one.",
            width="content",
        )
        links.link(links.DIRECTORY, "Look for it in the directory", icon=":material/groups:", tier="all")
