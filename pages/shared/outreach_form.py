"""Logging what was done: one activity by a form, many by a sheet, a change, a removal, and the undo of each."""

from typing import Any

import streamlit as st

from data_sources import outreach_sheet
from data_sources.failures import SourceError
from pages.shared import links, outreach, reads, tables, words

NEW = ""
SHOWN = 20
CHANGED = "outreach_changed"
OVERTAKEN = "outreach_overtaken"


def draw(channels: list[str], accounts: dict[str, str]) -> None:
    """The form, the sheet, and what was entered. `accounts` are those that partner work can be for, by id."""
    editing = st.session_state.get(CHANGED, NEW)
    told = outreach.words_about(editing) if editing else []
    one = told[0] if told and not told[0].is_removed else None
    with st.container(border=True, key="log_outreach"):
        st.markdown("##### Change what was done" if one else "##### Log what was done", anchors=False)
        if st.session_state.pop(OVERTAKEN, False):
            st.warning(
                "Somebody changed or removed this activity meanwhile, and your change was not kept. Look again, then keep it.",
                icon=":material/sync_problem:",
            )
        _form(one, channels, accounts)
    last = outreach.last_word()
    if last is not None:
        _just_said(last)
    with st.expander("From a sheet", icon=":material/upload_file:"):
        _sheet()
    _entered()


def _form(one: Any | None, channels: list[str], accounts: dict[str, str]) -> None:
    """The fields of an activity; with one of them the fields hold what it says."""
    mark = f"{one.activity_id}_{one.id}" if one else f"new_{st.session_state.get('outreach_made', 0)}"
    key = {
        name: f"outreach_{name}_{mark}"
        for name in ("title", "way", "day", "hours", "cost", "money", "from", "for", "note")
    }
    st.text_input(
        "What it was", value=one.title if one else "", max_chars=200, key=key["title"], placeholder="Talk at …"
    )
    directions = list(outreach.DIRECTIONS)
    st.segmented_control(
        "Direction",
        directions,
        format_func=outreach.DIRECTIONS.get,
        default=one.direction if one else None,
        key=key["way"],
    )
    currency = (one.currency if one and one.currency else reads.currency()).upper()
    with st.grid(4, min_column_width=150, gap="small"):
        today = reads.current().as_of.date()
        st.date_input("Day", value=one.happened_on if one else today, key=key["day"], format="YYYY-MM-DD")
        st.number_input(
            "Hours", value=one.hours if one else None, min_value=0.0, step=0.5, format="%.1f", key=key["hours"]
        )
        paid = words.major(one.cost, currency) if one else None
        st.number_input("Money spent", value=paid, min_value=0.0, step=50.0, format="%.2f", key=key["cost"])
        st.text_input("Currency", value=currency, max_chars=3, key=key["money"])
        known = sorted({*channels, *([one.channel] if one and one.channel else [])})
        st.selectbox(
            "Channel",
            known,
            index=known.index(one.channel) if one and one.channel else None,
            accept_new_options=True,
            placeholder="none",
            key=key["from"],
            help="As sign-ups name it: then those who came through it are counted as what it brought",
        )
        named = list(accounts)
        st.selectbox(
            "For one account",
            named,
            index=named.index(one.account_id) if one and one.account_id in named else None,
            format_func=accounts.get,
            placeholder="nobody in particular",
            key=key["for"],
        )
    st.text_input("Note", value=(one.reason or "") if one else "", max_chars=300, key=key["note"])
    said = {name: st.session_state.get(held) for name, held in key.items()}
    code = str(said["money"] or "").strip().lower()
    ready = bool(
        (said["title"] or "").strip() and said["way"] and said["day"] and (said["cost"] is None or len(code) == 3)
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Keep the change" if one else "Log it",
            key="save_outreach",
            type="primary",
            icon=":material/check:" if one else ":material/add:",
            disabled=not ready,
            on_click=_save,
            args=(one.activity_id if one else None, one.id if one else None, said, code),
        )
        if one:
            st.button("Leave it as it is", key="leave_outreach", type="tertiary", on_click=_edit, args=(NEW,))
    if not ready:
        st.caption(
            "It needs what it was, a direction and a day; money needs its currency. Hours or money left empty are not known, never 0."
        )


def _save(activity_id: str | None, word: int | None, said: dict[str, Any], code: str) -> None:
    kept = outreach.save(
        activity_id,
        word,
        title=said["title"].strip(),
        direction=said["way"],
        channel=(said["from"] or "").strip().lower() or None,
        happened_on=said["day"],
        hours=said["hours"],
        currency=code if said["cost"] is not None else None,
        cost=None if said["cost"] is None else words.minor(said["cost"], code),
        account_id=said["for"],
        reason=(said["note"] or "").strip() or None,
    )
    if not kept:
        st.session_state[OVERTAKEN] = True
        return
    st.session_state["outreach_made"] = st.session_state.get("outreach_made", 0) + 1
    _edit(NEW)


def _edit(activity_id: str) -> None:
    st.session_state[CHANGED] = activity_id


def _just_said(last: Any) -> None:
    """The visitor's last word with its undo."""
    act = "removed" if last.is_removed else "changed" if len(outreach.words_about(last.activity_id)) > 1 else "logged"
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="outreach_said"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f":material/check_circle: **{words.plain(last.title)}** was {act}")
            st.caption(
                f"{words.plain(last.author)}, {words.moment(last.decided_at)}. Charts mark it at once; its cost and what followed come with "
                "the build that began by itself."
            )
        st.button("Undo", key="undo_outreach", icon=":material/undo:", on_click=outreach.undo, args=(last.id,))


def _sheet() -> None:
    """Many activities at once, from a CSV; what does not fit is said by row."""
    st.caption(
        "CSV with the columns title, direction (internal, partner, public), date, and as far as they are known hours, cost, currency, "
        "channel, owner, url. Rows of an organization are for the form. The same row twice is one activity. A sheet that grows is better named in program.toml (a source of the table "
        "outreach_activity): then each refresh reads it."
    )
    links.link(links.SOURCES, "To the sources", icon=":material/database:")
    upload = st.file_uploader("A sheet of outreach", type=None, key="outreach_sheet", label_visibility="collapsed")
    if upload is None:
        return
    try:
        found = outreach_sheet.read(upload.name, upload.getvalue(), reads.currency())
    except SourceError as error:
        st.error(words.plain(error), title="It could not be read", icon=":material/help:")
        return
    new = outreach.count_new(found.activities)
    st.markdown(
        f"{words.plural(len(found.activities), 'row')} can be kept, **{words.count(new)} of them new**; "
        f"{words.plural(len(found.rejected), 'row')} cannot."
    )
    for row, reason in found.rejected[:SHOWN]:
        st.caption(f"row {row}: {words.plain(reason)}")
    if new:
        st.button(
            "Keep them",
            key="keep_outreach",
            type="primary",
            icon=":material/check:",
            on_click=outreach.save_rows,
            args=(found.activities,),
        )


def _entered() -> None:
    """What was entered, each with the way to change or remove it."""
    held = outreach.entered()
    st.markdown("##### Entered in this page", anchors=False)
    if not held:
        st.caption("Nothing yet. What sheets tell is in the list of activities.")
    for one in held[:SHOWN]:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"act_{one.activity_id}"
        ):
            with st.container(gap="xxsmall", width="stretch"):
                st.markdown(f"**{words.plain(one.title)}** · {_taken(one)}")
                note = f" · {words.plain(one.reason)}" if one.reason else ""
                st.caption(f"{words.plain(one.author)}, {words.moment(one.decided_at)}{note}")
            st.button(
                "Change", key=f"edit_{one.activity_id}", icon=":material/edit:", on_click=_edit, args=(one.activity_id,)
            )
            st.button(
                "Remove",
                key=f"remove_{one.activity_id}",
                icon=":material/delete:",
                on_click=outreach.remove,
                args=(one.activity_id,),
            )
    if len(held) > SHOWN:
        st.caption(f"{words.count(len(held) - SHOWN)} older ones are in the list of activities.")


def _taken(one: Any) -> str:
    """Direction, day, hours, money and channel in one line."""
    money = None
    if one.cost is not None:
        money = words.money(words.major(one.cost, one.currency), one.currency, exact=True).replace("$", r"\$")
    parts = [
        outreach.DIRECTIONS[one.direction].lower(),
        words.day(one.happened_on),
        "hours not known" if one.hours is None else f"{one.hours:g} h",
        money or "money not known",
        words.plain(one.channel) if one.channel else "no channel",
    ]
    return " · ".join(parts)


def activities(frame: Any) -> None:
    """All that was done in the period."""
    tables.table(
        frame.assign(
            direction_name=frame["direction"].map(outreach.DIRECTIONS).fillna("not known"),
            channel=frame["channel"].fillna("none"),
        ),
        {
            "day": tables.when("Day"),
            "title": tables.text("What it was", width="medium"),
            "direction_name": tables.text("Direction"),
            "channel": tables.text("Channel"),
            "hours": tables.number("Hours", form="%,.1f"),
            "cost": tables.money("Cost"),
            "unpriced_reason": tables.text("Why no cost"),
            "name": tables.text("For"),
            "owner": tables.text("By"),
            "source": tables.text("From"),
        },
        name="outreach",
        alt="What was done in the period, its direction, channel, hours and cost",
    )
