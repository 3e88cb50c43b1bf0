"""Rules while somebody changes them: a row a rule, in order, to be changed, moved, removed or added; nothing is saved here."""

from typing import Any, get_args

import streamlit as st

from data_sources import program
from pages.shared import reads, rule_words, ruling, words

FREE_VALUES = ("group", "tag", "plan", "product", "attribute", "contract", "approved", "contract_begun")


def conditions(section: str) -> list[str]:
    """The conditions that rules of the section know, in the order in which the file's reader lists them."""
    kind = program.LadderRule if section == "ladder_rule" else program.TierRule
    return list(get_args(kind.model_fields["when"].annotation))


def known_values(when: str) -> list[str]:
    """What a condition can name: fixed words, or what the accounts of the snapshot have, the most frequent first."""
    if when == "tier":
        return list(program.TIERS)
    if when == "stage":
        return list(program.STAGES)
    found = reads.read("rule_values")
    field = "contract" if when == "contract_begun" else when
    return list(found[found["field"] == field]["rule_value"])


def rows(draft: Any) -> None:
    """The rules of a draft; the rows then say what their boxes say. Below a rule that cannot be used stands why."""
    last = len(draft.rows) - 1
    for place, row in enumerate(draft.rows):
        with st.container(border=True, gap="xsmall", key=f"rule_{row.id}"):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.markdown(f"**{place + 1}**", width=24)
                _gives(draft, row)
                _when(draft, row)
                _values(draft, row)
                with st.container(horizontal=True, width="content", gap="xsmall"):
                    _move(draft, row, -1, ":material/arrow_upward:", "up", place == 0)
                    _move(draft, row, +1, ":material/arrow_downward:", "down", place == last)
                    st.button(
                        "Remove",
                        key=f"remove_{row.id}",
                        icon=":material/delete:",
                        type="tertiary",
                        help=f"Remove rule {place + 1}",
                        on_click=draft.rows.remove,
                        args=(row,),
                    )
            _, wrong = ruling.made(draft.section, [row])
            if wrong:
                st.caption(f":orange[:material/error: {words.plain(wrong[row.id])}]")
    st.button(
        "Add a rule",
        icon=":material/add:",
        key="add_rule",
        on_click=_add,
        args=(draft,),
    )


def _add(draft: Any) -> None:
    """A new rule, as the last but one where the last holds always: after that it would never be asked."""
    row = draft.add(next(iter(rule_words.given(draft.section))), "tag", [])
    if len(draft.rows) > 1 and draft.rows[-2].when == "always":
        draft.rows[-2], draft.rows[-1] = row, draft.rows[-2]


def _gives(draft: Any, row: Any) -> None:
    names = rule_words.given(draft.section)
    row.gives = st.selectbox(
        "Becomes",
        list(names),
        index=list(names).index(row.gives),
        format_func=names.get,
        key=f"gives_{row.id}",
        width=140,
    )


def _when(draft: Any, row: Any) -> None:
    known = conditions(draft.section)
    chosen = st.selectbox(
        "when",
        known,
        index=known.index(row.when),
        format_func=rule_words.WHEN.get,
        key=f"when_{row.id}",
        width=330,
    )
    if chosen != row.when:
        row.when, row.values = chosen, []


def _values(draft: Any, row: Any) -> None:
    if row.when in program.VALUE_NONE:
        st.space("stretch")
        return
    free = row.when in FREE_VALUES
    known = known_values(row.when)
    row.values = st.multiselect(
        "one of",
        [*known, *(value for value in row.values if value not in known)],
        default=row.values,
        format_func=words.stage if row.when == "stage" else str,
        key=f"values_{row.id}_{row.when}",
        accept_new_options=free,
        placeholder="choose at least one"
        if row.when in program.VALUE_NEEDED
        else "key=value"
        if row.when == "attribute"
        else "any",
        width="stretch",
    )


def _move(draft: Any, row: Any, by: int, icon: str, where: str, off: bool) -> None:
    place = draft.rows.index(row) + 1
    st.button(
        where.capitalize(),
        key=f"{where}_{row.id}",
        icon=icon,
        type="tertiary",
        help=f"Move rule {place} {where}",
        disabled=off,
        on_click=_moved,
        args=(draft, row, by),
    )


def _moved(draft: Any, row: Any, by: int) -> None:
    place = draft.rows.index(row)
    draft.rows.insert(place + by, draft.rows.pop(place))


def apis(draft: Any, used: Any) -> None:
    """Each API with the tiers that it is meant for; without one it is meant for all."""
    for service in dict.fromkeys([*used["service"].dropna(), *draft.tiers]):
        draft.tiers[service] = st.pills(
            words.plain(service),
            list(words.TIERS),
            format_func=words.TIERS.get,
            selection_mode="multi",
            default=draft.tiers.get(service, []),
            key=f"exposure_{service}",
        )
    st.caption("An API without a tier is meant for all of them.")
