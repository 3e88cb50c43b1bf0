"""What an empty home shows: two ways on, the demo company or a first log file."""

import streamlit as st

from pages.shared import inbox, jobs, reads

DEMO_SIZES = {
    "small": (50_000, "about a minute"),
    "usual": (2_000_000, "about two minutes"),
    "large": (10_000_000, "up to ten minutes, and some 2 GB of disk"),
}


def draw() -> None:
    """Greet, and offer the demo company, a first log file, or a refresh where a program is set up already."""
    st.title("API Program Health", anchor=False)
    st.markdown(
        "#### Who your API's customers are, what they cost and bring, and where they stall: "
        "from gateway logs, bills and support tickets.",
    )
    if jobs.jobs().last:
        jobs.progress()
    if jobs.jobs().running:
        return
    if reads.the_program():
        _ready()
    st.space("small")
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container(border=True, height="stretch"):
            _demo()
        with st.container(border=True, height="stretch"):
            _first_log()
    st.caption(f"Everything stays on this machine, in the folder `{reads.home().resolve()}`.")


def _ready() -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{reads.program_name()}** is set up, and nothing of it has been read yet.", width="content")
        st.button("Refresh now", icon=":material/sync:", type="primary", on_click=jobs.refresh)


def _demo() -> None:
    st.subheader("Look around first", anchor=False)
    st.markdown(
        "**Harborline** sells shipping rates and tracking by API: 18 months, 1,100 organizations, 4,000 developers, "
        "their logs, bills and tickets, in the vendors' own formats. It is invented; every number is computed the way "
        "yours will be."
    )
    st.space("stretch")
    size = st.segmented_control(
        "How big", list(DEMO_SIZES), default="usual", format_func=str.capitalize, key="demo_size", required=True
    )
    requests, takes = DEMO_SIZES[size]
    st.button(
        "Load the demo company",
        type="primary",
        icon=":material/sailing:",
        width="stretch",
        on_click=jobs.load_demo,
        args=(requests,),
        key="load_demo",
    )
    st.caption(f"{requests:,} requests: {takes} on a laptop.")


def _first_log() -> None:
    st.subheader("Start with your own", anchor=False)
    st.markdown(
        "Drop a log file of your gateway or web server (**Kong**, **AWS**, **Azure**, **Apigee**, **Tyk**, **Envoy**, **nginx** and others), "
        "plain or compressed. You see what is recognised before anything is kept."
    )
    inbox.draw("first")
