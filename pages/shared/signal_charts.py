"""Charts of what use tells: what is asked for and missing, and which endpoints carry the money."""

import altair as alt
import pandas as pd

from pages.shared.charts import GAIN, MUTED, legend, step_bars

ASKING = {"Paying": GAIN, "Others": "#56B4E9"}


def unmet(frame: pd.DataFrame) -> alt.LayerChart:
    """Accounts that ask for each path, those that pay first. Takes label, paying_accounts, accounts, unnamed_callers, calls, in order."""
    paying = frame["paying_accounts"].fillna(0).astype(int)
    parts = pd.concat(
        [
            frame.assign(who="Paying", n=paying, place=0),
            frame.assign(who="Others", n=frame["accounts"] - paying, place=1),
        ]
    )
    y = alt.Y(
        "label:N", sort=list(frame["label"]), axis=alt.Axis(title=None, labelLimit=250, ticks=False, domain=False)
    )
    bars = (
        alt.Chart(parts)
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("n:Q", stack="zero", axis=alt.Axis(title="Accounts", tickMinStep=1, tickCount=5)),
            color=alt.Color(
                "who:N", scale=alt.Scale(domain=list(ASKING), range=list(ASKING.values())), legend=legend()
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="Path"),
                alt.Tooltip("who:N", title="Who"),
                alt.Tooltip("n:Q", title="Accounts", format=",d"),
                alt.Tooltip("unnamed_callers:Q", title="Addresses of nobody known", format=",d"),
                alt.Tooltip("calls:Q", title="Calls", format=",d"),
            ],
        )
    )
    labels = alt.Chart(frame).mark_text(align="left", dx=5, color=MUTED).encode(y=y, x="accounts:Q", text="accounts:Q")
    return (bars + labels).properties(height=alt.Step(30))


def endpoints(frame: pd.DataFrame, currency: str) -> alt.LayerChart:
    """The endpoints that carry the most revenue. Takes name, revenue, revenue_touched, accounts, growth, label, in order."""
    return step_bars(
        frame,
        "revenue",
        float(frame["revenue"].max() or 1) * 1.6,
        GAIN,
        [
            alt.Tooltip("name:N", title="Endpoint"),
            alt.Tooltip("revenue:Q", title=f"Shared revenue ({currency.upper()})", format=",.0f"),
            alt.Tooltip("revenue_touched:Q", title=f"Of all who use it ({currency.upper()})", format=",.0f"),
            alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
            alt.Tooltip("growth:Q", title="Calls against the period before", format="+.0%"),
        ],
    )


def endpoints_by_use(frame: pd.DataFrame) -> alt.LayerChart:
    """The endpoints with the most accounts, where nobody tells of money. Takes name, accounts, calls, label, in order."""
    return step_bars(
        frame,
        "accounts",
        float(frame["accounts"].max() or 1) * 1.6,
        GAIN,
        [
            alt.Tooltip("name:N", title="Endpoint"),
            alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
            alt.Tooltip("calls:Q", title="Calls", format=",d"),
        ],
    )
