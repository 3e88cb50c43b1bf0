"""What followed outreach, what a developer cost who came of it, and how far each channel's accounts get."""

import pandas as pd
import streamlit as st

from pages.shared import drawn, filters, outreach, outreach_charts, reads, states, tables, words

OUTCOMES = {"sign_up": "Sign-ups", "first_success": "First successes", "partner_step": "Partner steps"}
SCOPES = {"all": "All of them", "channel": "Through its channel"}
DRAWN = 60
VERDICTS = {"more": "more than usual", "usual": "as usual", "fewer": "fewer than usual"}
CHANCE = 0.05


def followed(dates: dict) -> None:
    """What followed each activity within its window, against the same weekdays before it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        outcome = filters.tabs("outcome", OUTCOMES, "sign_up", label="Outcome")
        scope = filters.tabs("scope", SCOPES, "all", label="Counted")
    found = reads.read("outreach_followed", value=outcome, dimension=scope, **dates)
    judged = found[found["verdict"].notna()]
    said_days = reads.the_program().costs.outreach_window_days if reads.the_program() else 30
    st.caption(
        f"{OUTCOMES[outcome]} in the {said_days} days from each activity's own on, against the same weekdays of the 8 whole weeks before it (4 at "
        "least), with the interval in which 95 of 100 windows lie where nothing changes. **A correlation, no proof:** other "
        "activities, seasons and releases fall into the same days, and growth alone lifts a window above what came before."
    )
    if judged.empty:
        states.empty("No activity of this period is over and has four weeks before it to be compared with.")
    else:
        _chart(judged, outcome)
        _table(judged, f"outreach_followed_{outcome}_{scope}")
    if outcome == "partner_step":
        st.caption("A partner step is any stage of the partners' ladder that a partner reached.")
    young = found[~found["is_mature"]]
    if len(young):
        st.markdown("##### Not over yet", anchors=False)
        st.caption("What came so far, and what the baseline lets expect of the days that are over. No result yet.")
        _table(young, f"outreach_young_{outcome}_{scope}")
    lacking = int((found["is_mature"] & found["expected"].isna()).sum())
    if lacking:
        plural = words.plural(lacking, "activity", "activities")
        st.caption(f"{plural} came too early to have four whole weeks before: no baseline, and in no figure here.")


def _chart(judged: pd.DataFrame, outcome: str) -> None:
    counted = judged["verdict"].value_counts()
    out = int(len(judged) - counted.get("usual", 0))
    lone = int((judged["overlapping"] == 0).sum())
    chance = f"{CHANCE * len(judged):.0f}"
    with st.container(border=True):
        st.markdown(f"##### {OUTCOMES[outcome]} after each activity, and what was to be expected", anchors=False)
        shown = judged.head(DRAWN)
        said = f"{words.count(counted.get('more', 0))} of {words.plural(len(judged), 'activity', 'activities')} were followed by more than usual, {words.count(counted.get('fewer', 0))} by fewer"
        drawn.chart(
            outreach_charts.followed,
            shown[
                ["title", "day", "followed", "expected", "expected_lower", "expected_upper", "overlapping", "verdict"]
            ],
            OUTCOMES[outcome],
            alt=f"{OUTCOMES[outcome]} after each activity against its interval; {said}",
        )
        rest = f" The newest {DRAWN} are drawn." if len(judged) > DRAWN else ""
        st.caption(
            f"{said}. Of {words.count(len(judged))} some {chance} would lie outside by chance alone; {words.count(out)} do. "
            f"{words.count(lone)} had no other activity in the same days.{rest}"
        )


def _table(frame: pd.DataFrame, name: str) -> None:
    over = frame["is_mature"].all()
    tables.table(
        frame.assign(
            direction_name=frame["direction"].map(outreach.DIRECTIONS).fillna("not known"),
            channel=frame["channel"].fillna("none"),
            verdict_name=frame["verdict"].map(VERDICTS),
            overlaps=frame["overlapping"].gt(0).map({True: "yes", False: "no"}),
        ),
        {
            "day": tables.when("Day"),
            "title": tables.text("Activity"),
            "direction_name": tables.text("Direction"),
            "channel": tables.text("Channel"),
            **({} if over else {"counted_to": tables.when("Counted to")}),
            "followed": tables.number("Came"),
            "expected": tables.number("To be expected", form="%.1f"),
            "expected_lower": tables.number("from", form="%.1f"),
            "expected_upper": tables.number("to", form="%.1f"),
            "more": tables.number("More", form="%+.1f"),
            "more_lower": tables.number("at least", form="%+.1f"),
            "more_upper": tables.number("at most", form="%+.1f"),
            **({"verdict_name": tables.text("Reads as")} if over else {}),
            "overlaps": tables.text("Overlaps", help="Whether another activity's window falls into the same days"),
            "overlapping": tables.number("with"),
            "baseline_weeks": tables.number("Weeks before"),
        },
        name=name,
        alt="Activities with what followed, what was to be expected, and the interval",
    )


def activated(dates: dict, currency: str) -> None:
    """What an activated developer cost, by channel."""
    found = reads.read("outreach_activated", **dates)
    found = found[~found["is_total"].astype(bool)]
    st.markdown("##### What an activated developer cost", anchors=False)
    st.caption(
        "Activated: signed up through the channel within the window, and first succeeded within as many days from then. Mature activities only; a "
        "developer whom several may have brought counts in parts. Where one activity's cost is not known, the channel's is not."
    )
    if found.empty:
        states.empty("Nothing was done in this period.")
        return
    tables.table(
        found.assign(
            direction_name=found["direction"].map(outreach.DIRECTIONS).fillna("not known"),
            channel=found["channel"].fillna("none"),
        ),
        {
            "channel": tables.text("Channel"),
            "direction_name": tables.text("Direction"),
            "activities": tables.number("Activities"),
            "mature": tables.number("mature"),
            "median_cost": tables.money("Median for one", help="Over the activities that activated somebody"),
            "activities_counted": tables.number("n"),
            "cost_per_activated": tables.money("All together", help="Cost of all ÷ all whom they activated"),
            "activated": tables.number("Activated", form="%,.1f"),
            "cost": tables.money("Cost"),
            "without_cost": tables.number("Cost not known"),
            "brought_nobody": tables.number("Activated nobody"),
        },
        name="outreach_activated",
        alt="What an activated developer cost by channel, the median over activities and all together",
    )
    st.caption(f"In {currency.upper()}; money spent and hours at the program's rate.")


def channels() -> None:
    """From sign-up to paying, by the channel through which accounts came."""
    st.markdown("##### From sign-up to paying, by channel", anchors=False)
    with st.container(horizontal=True, gap="small"):
        tier = filters.choice("tier", "Tier", words.TIERS, "open", 130)
        window = int(filters.choice("window", "Window", filters.WINDOWS, "90", 165))
    found = reads.read("channel_cohorts", tier=tier, window_days=window)
    found = found.assign(channel=found["channel"].fillna(outreach_charts.NOT_KNOWN))
    if found.empty:
        states.empty("Nobody of this tier has entered its ladder yet.")
        return
    st.caption(
        f"{words.TIERS[tier]}: % of those who entered {window} days ago or earlier that reached each stage within {window} days; beside each "
        "channel their n. Below 30 nothing is shown."
    )
    shown = found[found["position"] > 1]
    last = shown[shown["stage"] == "paying"].dropna(subset=["conversion"])
    best = last.loc[last["conversion"].astype(float).idxmax()] if len(last) else None
    said = f"; most of {best.channel} paid, {words.share(best.conversion, 1)}" if best is not None else ""
    drawn.chart(
        outreach_charts.channels,
        shown[[
            "channel", "position", "stage", "entrants", "mature_entrants", "mature_reached", "conversion", "median_days",
        ]],
        drawn.dark(),
        alt=f"Share of each channel's accounts that reached each stage{said}",
    )  # fmt: skip
    stages = {one: words.stage(one) for one in dict.fromkeys(shown.sort_values("position")["stage"])}
    stage = filters.choice("to", "To stage", stages, "paying" if "paying" in stages else list(stages)[-1], 210)
    months = reads.read("channel_cohorts", tier=tier, window_days=window, stage=stage, grain="month")
    whole = months["mature_entrants"] == months["entrants"]
    months = months.assign(
        channel=months["channel"].fillna(outreach_charts.NOT_KNOWN),
        state=whole.map({True: "mature", False: "in progress"}),
    )
    tables.table(
        months.sort_values(["cohort", "entrants"], ascending=False),
        {
            "cohort": tables.when("Signed up in", form="MMM YYYY"),
            "channel": tables.text("Channel"),
            "entrants": tables.number("Accounts"),
            "mature_entrants": tables.number("mature"),
            "mature_reached": tables.number(f"{words.stage(stage)} in {window} days"),
            "in_progress": tables.number("In progress"),
            "conversion": tables.part("Share", help="Hidden below 30"),
            "state": tables.text("Cohort"),
        },
        name="channel_cohorts",
        alt="Accounts by the month of their sign-up and channel, and how many reached the stage",
    )
