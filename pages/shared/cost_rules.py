"""How each pool is shared out, and changing it: what would move is tried by the build's own models before it is saved."""

from typing import Any

import pandas as pd
import streamlit as st

from data_sources import program, rules
from pages.shared import access, deciding, ledger, reads, ruling, tables, words
from sql import rules as previews

METHODS = {
    "driver": "In proportion to use",
    "even": "The same for everyone who used it that day",
    "fixed": "Fixed shares by tier",
    "unit": "Use × unit cost",
}
DRIVERS = {
    "calls": "Calls",
    "compute_ms": "Compute time",
    "request_bytes": "Bytes in",
    "response_bytes": "Bytes out",
    "bytes_out": "Bytes out",
    "tickets": "Tickets",
    "developers": "Active developers",
    "even": "Everyone the same",
}
UNITS = {"compute_ms": "milliseconds", "response_bytes": "bytes", "request_bytes": "bytes"}
SEEN, SAID = "cost_rules_seen", "cost_rules_said"


def draw() -> None:
    """The pools as they are, and one of them to change."""
    setup = reads.the_program()
    if setup is None:
        st.caption("program.toml cannot be read, so its pools cannot be changed here.")
        return
    pools = list(setup.costs.pool)
    _said()
    st.table(
        _listed(pools), border="horizontal", hide_index=True, alt="Cost pools with their method, driver and services"
    )
    chosen = st.selectbox(
        "Change a pool",
        [one.name for one in pools],
        index=None,
        key="pool_chosen",
        placeholder="Choose a pool to change",
    )
    if chosen:
        _change(next(one for one in pools if one.name == chosen), pools)


def _listed(pools: list[Any]) -> pd.DataFrame:
    rows = [
        {
            "Pool": words.plain(one.name),
            "Method": METHODS[one.method],
            "By": DRIVERS[one.shared_by],
            "API": words.plain(one.service) if one.service else "all",
            "FOCUS services": words.plain(", ".join(one.services)) if one.services else "none: entered by people",
            "Details": _details(one),
        }
        for one in pools
    ]
    return pd.DataFrame(rows, columns=["Pool", "Method", "By", "API", "FOCUS services", "Details"])


def _details(pool: Any) -> str:
    shares = [f"{words.TIERS[tier]} {percent:g} %" for tier, percent in pool.shares.items()]
    costs = [f"from {one.valid_from:%-d %b %Y} {one.price:g} for {one.per:g}" for one in pool.unit_cost]
    return ", ".join([*shares, *costs])


def _change(pool: Any, pools: list[Any]) -> None:
    if st.session_state.get(SEEN, ("",))[0] != pool.name:
        st.session_state[SEEN] = (pool.name, rules.as_it_is(reads.home()))
    key = f"pool_{pool.name}_"
    with st.container(border=True):
        with st.grid(3, min_column_width=220, gap="small"):
            method = st.selectbox(
                "Method", list(METHODS), list(METHODS).index(pool.method), format_func=METHODS.get, key=key + "method"
            )
            drivers = [name for name in DRIVERS if name not in ("bytes_out", "even")]
            driver = st.selectbox(
                "In proportion to",
                drivers,
                drivers.index(pool.shared_by) if pool.shared_by in drivers else 0,
                format_func=DRIVERS.get,
                key=key + "driver",
                disabled=method == "even",
            )
            services = [None, *reads.read("services")["service"].dropna().astype(str)]
            service = st.selectbox(
                "Only this API",
                services,
                services.index(pool.service) if pool.service in services else 0,
                format_func=lambda one: one or "All APIs",
                key=key + "service",
            )
        shares = _shares(pool, key) if method == "fixed" else {}
        costs = _unit_costs(pool, key, driver) if method == "unit" else []
        made = _made(pool, method, driver, service, shares, costs)
        if isinstance(made, str):
            st.caption(f":orange[:material/error:] {words.plain(made)}")
            return
        wanted = [made if one.name == pool.name else one for one in pools]
        if made == pool:
            st.caption(
                "Nothing is changed yet: what you change above is tried at once, on the snapshot that pages show."
            )
            return
        _effect(wanted)
        reason = st.text_input(
            "Reason", key=key + "reason", max_chars=500, placeholder="Why; it is kept with the change and your name"
        )
        st.button(
            "Save",
            type="primary",
            icon=":material/save:",
            key="save_pool",
            disabled=not (reason or "").strip(),
            on_click=_save,
            args=(wanted, reason),
        )


def _shares(pool: Any, key: str) -> dict[str, float]:
    st.caption("Percent of the pool by tier; what is left of 100 stays unallocated.")
    found = {}
    with st.grid(4, min_column_width=130, gap="small"):
        for tier, name in words.TIERS.items():
            found[tier] = st.number_input(
                name, 0.0, 100.0, float(pool.shares.get(tier, 0)), 5.0, format="%.1f", key=f"{key}share_{tier}"
            )
    return {tier: percent for tier, percent in found.items() if percent}


def _unit_costs(pool: Any, key: str, driver: str) -> list[Any]:
    st.caption(
        f"What the use costs, in {reads.currency().upper()}: from a day on, so much for so many {UNITS.get(driver, DRIVERS[driver].lower())}."
    )
    held = [{"From": one.valid_from, "Price": one.price, "For": one.per} for one in pool.unit_cost]
    start = held or [{"From": reads.current().as_of.date().replace(month=1, day=1), "Price": 0.0, "For": 1000.0}]
    frame = st.data_editor(pd.DataFrame(start), num_rows="dynamic", hide_index=True, key=key + "unit")
    return [
        {"valid_from": row["From"], "price": row["Price"], "per": row["For"]}
        for row in frame.to_dict("records")
        if not any(words.missing(value) for value in row.values())
    ]


def _made(pool: Any, method: str, driver: str, service: str | None, shares: dict, costs: list) -> Any:
    """The pool as the form has it, or what is wrong with it."""
    kept_driver = "bytes_out" if driver == "response_bytes" and pool.driver == "bytes_out" else driver
    try:
        return program.CostPool(
            name=pool.name,
            services=pool.services,
            method=method,
            driver=None if method == "even" else kept_driver,
            shares=shares,
            unit_cost=costs,
            service=service,
        )
    except ValueError as error:
        return (
            str(error).split("Value error, ")[-1].split(" [type")[0].split("\n")[0]
            if "Value error" in str(error)
            else str(error).split("\n")[0]
        )


def _effect(wanted: list[Any]) -> None:
    """What would move, by tier and the accounts that move most."""
    now = reads.current()
    with st.spinner("Sharing out the costs again …", show_time=True):
        moved, unallocated, would_be = _moves(now.name, repr(wanted), now, wanted)
    currency = reads.currency()
    by_tier = moved.groupby("tier", as_index=False)[["cost_was", "cost_is", "change"]].sum()
    st.markdown(f"##### What would move, in the last {previews.DAYS} days", anchors=False)
    parts = [
        f"{words.TIERS[row.tier]} {words.money(row.cost_was, currency)} → **{words.money(row.cost_is, currency)}**"
        for tier in words.TIERS
        for row in by_tier[by_tier["tier"] == tier].itertuples()
    ]
    parts.append(f"unallocated {words.money(unallocated, currency)} → **{words.money(would_be, currency)}**")
    st.markdown(" · ".join(parts).replace("$", r"\$"))
    rows = moved[moved["change"].abs() >= 0.005]
    if rows.empty:
        st.caption(":material/check: No account carries more or less.")
        return
    tables.table(
        rows.assign(tier_name=rows["tier"].map(words.TIERS)),
        {
            "name": tables.text("Account"),
            "tier_name": tables.text("Tier"),
            "cost_was": tables.money("Carries", form="%,.2f"),
            "cost_is": tables.money("Would carry", form="%,.2f"),
            "change": tables.money("Change", form="%+,.2f"),
        },
        name="moves_costs",
        alt="Accounts that would carry more or less, the largest change first",
        account="name",
    )


@st.cache_data(max_entries=40, show_spinner=False)
def _moves(name: str, said: str, _snapshot: Any, _wanted: list[Any]) -> tuple:
    return previews.preview_costs(_snapshot, _wanted)


def _save(wanted: list[Any], reason: str) -> None:
    _, seen = st.session_state.pop(SEEN)
    try:
        rules.save(
            reads.home(),
            ledger.the_store(),
            rules.COSTS,
            wanted,
            seen=seen,
            author=access.who(),
            reason=reason,
            now=program.now(),
        )
        st.session_state[SAID] = None
        st.session_state["pool_chosen"] = None
        deciding.keep_up()
    except rules.RuleError as error:
        st.session_state[SAID] = str(error)


def _said() -> None:
    if SAID in st.session_state:
        wrong = st.session_state[SAID]
        if wrong:
            st.error(words.plain(wrong), title="The pools were not changed", icon=":material/error:")
        else:
            still = (
                "The next build applies them; it starts by itself."
                if ruling.pools_wait()
                else "Built: every page shows them."
            )
            st.success(
                f"{still} The Rules page lists the change and can undo it.",
                title="Cost pools: saved",
                icon=":material/check:",
            )
