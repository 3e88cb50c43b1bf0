"""Period, comparison, tier and service: read from the URL and written back to it, so that a link is a view.

The URL is the truth. A widget shows what the URL says; touching it changes the URL; moving on with the menu keeps it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from pages.shared import moves, reads, words

PERIODS = {"30d": "Last 30 days", "90d": "Last 90 days", "365d": "Last 12 months", "all": "All time"}
COMPARISONS = {"before": "vs period before", "year": "vs a year ago", "none": "No comparison"}
DEFAULTS = {"period": "90d", "against": "before", "tier": "all", "service": "all"}
WINDOWS = {"30": "within 30 days", "90": "within 90 days", "180": "within 180 days"}
KINDS = {
    "all": "All kinds",
    "organization": "Organizations",
    "developer": "Lone developers",
    "unresolved": "No known organization",
}
FLAGS = {
    "all": "All flags",
    "exposure_broken": "Exposure broken",
    "usage_after_contract": "Usage after contract",
    "no_economic_buyer": "No economic buyer",
    "stalled": "Stalled",
    "held_back": "Merge held back",
    "contract_without_usage": "Contract without usage",
    "payer_differs": "Somebody else pays",
}
STATUSES = {moves.TO_DO: "To do", "all": "All statuses", **moves.STATUSES}
OVERDUE = {
    "all": "Any due date",
    "yes": "Overdue",
    "set": "Overdue, day set by a person",
    "past": "Past its reason's days, not taken up",
}
CLASSES = {
    "all": "All classes",
    "commercial": "Commercial",
    "prototype": "Prototype",
    "exploring": "Exploring",
    "hobby": "Hobby",
    "abuse": "Abuse",
    "undetermined": "Undetermined",
}
JUDGED = {"all": "Any days", "3": "By 3 days", "7": "By 7 days", "14": "By 14 days", "30": "By 30 days"}
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class View:
    """What is asked for: days are UTC days, half-open [date_from, date_to); tier and service are None for all."""

    period: str
    against: str
    tier: str | None
    service: str | None
    date_from: date
    date_to: date
    before_from: date | None
    before_to: date | None

    @property
    def dates(self) -> dict[str, date]:
        """The period, as parameters of a metric."""
        return {"date_from": self.date_from, "date_to": self.date_to}

    @property
    def compared(self) -> dict[str, date | None]:
        """The period and the one to compare it with, as parameters of a metric."""
        return {**self.dates, "before_from": self.before_from, "before_to": self.before_to}

    @property
    def in_words(self) -> str:
        """The period as people say it: 26 Aug 2026 to 23 Nov 2026."""
        if self.period == "all":
            return f"all time to {words.day(self.date_to - timedelta(days=1))}"
        return f"{words.day(self.date_from)} to {words.day(self.date_to - timedelta(days=1))}"

    @property
    def against_words(self) -> str:
        """What it is compared with, short enough to stand beside a change."""
        if self.before_from is None:
            return ""
        return "a year ago" if self.against == "year" else "period before"


def asked(name: str, default: str | None = None) -> str | None:
    """What the URL says about a filter of one page (account, stage, reason, …)."""
    return st.query_params.get(name, default)


def chosen(name: str) -> str | None:
    """What a page's own filter (kind, window, stage, reason) stands at; None for all of them."""
    default = _FILTERS[name][2]
    said = _held(name, st.query_params.get(name, default), _options(name))
    said = default if said is None else said
    return None if said in ("all", moves.ANYBODY) else said


def said_by(name: str) -> str:
    """What a page's own filter stands at, as its box says it; empty where it leaves nothing out."""
    held = chosen(name)
    return "" if held is None else _options(name)[held]


def of_page() -> list[str]:
    """The names of the filters that the page has."""
    return st.session_state.get("_has", [])


def in_words() -> list[str]:
    """What the page's filters leave, as people say it, one after the other; nothing of those that leave out nothing."""
    now = view()
    said = {
        "period": now.in_words,
        "against": "",
        "tier": words.TIERS.get(now.tier or "", ""),
        "service": now.service or "",
        "search": f"“{asked('search')}”" if asked("search") else "",
    }
    return [part for name in of_page() if (part := said[name] if name in said else said_by(name))]


def _options(name: str) -> dict[str, str]:
    """The options of a filter; of stages, reasons and owners also what is asked for and nobody holds today."""
    options = _FILTERS[name][1]
    options = options if isinstance(options, dict) else options()
    said = st.query_params.get(name)
    if said and name in _NAMED and _held(name, said, options) is None:
        options = {**options, said: _NAMED[name](said)}
    return options


def _held(name: str, said: str, options: dict[str, str]) -> str | None:
    """The option that a value of the URL means, names of people in any case; None where there is none."""
    if said in options or name != "owner":
        return said if said in options else None
    return next((option for option in options if option.lower() == said.lower()), None)


def view() -> View:
    """What the URL asks for, with defaults for what it leaves out or says wrongly."""
    period = _valid("period", PERIODS)
    against = _valid("against", COMPARISONS)
    tier = _valid("tier", {"all": "", **words.TIERS})
    service = st.query_params.get("service", "all")
    until = reads.current().as_of.date() + timedelta(days=1)
    days = {"30d": 30, "90d": 90, "365d": 365}.get(period)
    start = until - timedelta(days=days) if days else FIRST_DAY
    before: tuple[date, date] | tuple[None, None] = (None, None)
    if days and against == "before":
        before = (start - timedelta(days=days), start)
    elif days and against == "year":
        before = (start - timedelta(days=365), until - timedelta(days=365))
    chosen = [None if value == "all" else value for value in (tier, service)]
    return View(period, against, chosen[0], chosen[1], start, until, *before)


def _valid(name: str, options: dict[str, str]) -> str:
    said = st.query_params.get(name, DEFAULTS[name])
    return said if said in options else DEFAULTS[name]


def carried(**changes: Any) -> dict[str, str]:
    """The URL parameters of a link that keeps the view, with `changes` (None removes one)."""
    now = {name: st.query_params.get(name, default) for name, default in DEFAULTS.items()}
    return {name: str(value) for name, value in {**now, **changes}.items() if value is not None}


def keep(page: str) -> None:
    """Give a page that the menu opened without any parameters those that were in the URL before."""
    came_from = st.session_state.get("_page")
    if came_from not in (None, page) and not any(name in st.query_params for name in DEFAULTS):
        for name, value in st.session_state.get("_filters", {}).items():
            st.query_params[name] = value
    st.session_state["_page"] = page
    st.session_state["_filters"] = {n: st.query_params[n] for n in DEFAULTS if n in st.query_params}


def draw(names: list[str]) -> None:
    """The row of filters that a page answers to."""
    st.session_state["_has"] = names
    if not names:
        return
    with st.container(horizontal=True, gap="small", key="filters"):
        for name in names:
            if name == "search":
                search(name, "Name, domain or e-mail")
            else:
                label, _, default, width = _FILTERS[name]
                choice(name, label, _options(name), default, width)


def _services() -> dict[str, str]:
    found = reads.read("services")["service"].dropna().astype(str)
    return {"all": "All services", **{service: service for service in found}}


def _stages() -> dict[str, str]:
    tier = view().tier
    used = [stage for name in words.TIERS if tier in (None, name) for stage in reads.stages(name)]
    held = set(reads.read("stall_reasons", tier=tier)["stage"])
    return {"all": "All stages", **{stage: words.stage(stage) for stage in used if stage in held}}


def _reasons() -> dict[str, str]:
    held = reads.read("stall_reasons", tier=view().tier)
    return {"all": "All reasons", **dict(zip(held["reason"], held["reason_label"], strict=True))}


def _reason(name: str) -> str:
    rules = reads.read("reason_rules")
    return dict(zip(rules["reason"], rules["reason_label"], strict=True)).get(name, name)


_NAMED = {"stage": words.stage, "reason": _reason, "owner": str}
_FILTERS = {
    "period": ("Period", PERIODS, "90d", 165),
    "against": ("Comparison", COMPARISONS, "before", 175),
    "tier": ("Tier", {"all": "All tiers", **words.TIERS}, "all", 130),
    "service": ("Service", _services, "all", 165),
    "window": ("Window", WINDOWS, "90", 165),
    "kind": ("Kind", KINDS, "all", 215),
    "flag": ("Flag", FLAGS, "all", 215),
    "stage": ("Stage", _stages, "all", 190),
    "reason": ("Reason", _reasons, "all", 270),
    "owner": ("Owner", moves.owners, moves.ANYBODY, 190),
    "status": ("Status", STATUSES, moves.TO_DO, 160),
    "class": ("Class", CLASSES, "all", 170),
    "day": ("Days judged", JUDGED, "all", 150),
    "overdue": ("Due", OVERDUE, "all", 190),
}


def choice(name: str, label: str, options: dict[str, str], default: str, width: int | str = 200) -> str:
    """A select box that mirrors one parameter of the URL. Returns the chosen key of `options`."""
    key = f"filter_{name}"
    said = _held(name, st.query_params.get(name, default), options)
    st.session_state[key] = default if said is None else said
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=key,
        on_change=_write,
        args=(name, default),
        label_visibility="collapsed",
        help=None,
        width=width,
    )
    return st.session_state[key]


def search(name: str, label: str, width: int | str = 260) -> str | None:
    """A search box that mirrors one parameter of the URL."""
    key = f"filter_{name}"
    st.session_state[key] = st.query_params.get(name, "")
    st.text_input(
        label,
        key=key,
        on_change=_write,
        args=(name, ""),
        placeholder=label,
        label_visibility="collapsed",
        icon=":material/search:",
        width=width,
    )
    return st.session_state[key].strip() or None


def _write(name: str, default: str) -> None:
    value = st.session_state[f"filter_{name}"]
    if value == default and name in st.query_params:
        del st.query_params[name]
    elif value != default:
        st.query_params[name] = value


def tabs(name: str, options: dict[str, str], default: str, label: str = "Part") -> str:
    """Parts of a page to choose from, mirrored in the URL; only the chosen one is computed."""
    key = f"filter_{name}"
    said = st.query_params.get(name, default)
    st.session_state[key] = said if said in options else default
    st.segmented_control(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=key,
        on_change=_write_part,
        args=(name, default),
        label_visibility="collapsed",
        required=True,
    )
    return st.session_state[key] or default


def _write_part(name: str, default: str) -> None:
    if st.session_state[f"filter_{name}"] is None:
        st.session_state[f"filter_{name}"] = default
    _write(name, default)
