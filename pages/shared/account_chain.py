"""The chain behind an account: a small graph for those who see it, and the same as a table with its CSV."""

import pandas as pd
import streamlit as st

from pages.shared import account_words, chain_chart, drawn, links, reads, tables, words
from pages.shared.states import empty

OTHERS_LINKED = 6
INK, INK_ON_DARK = "#16202A", "#E8EDF2"


def draw(account: str) -> None:
    """From developer to contract: the graph, who pays, the others in it, and the table."""
    found = reads.read("account_chain", account=account)
    if found.empty:
        empty("Nothing is built here yet: no application, no credential, no call.")
        return
    nodes, edges = chain_chart.graph(found)
    ink = INK_ON_DARK if st.context.theme.type == "dark" else INK
    drawn.chart(chain_chart.chain, nodes, edges, ink, alt=in_words(found))
    st.caption(
        "Point at a line to see what it rests on and how sure that is; a dashed one is less than 90 % sure. "
        "The table says the same."
    )
    _others(found, account)
    _table(found)


def in_words(found: pd.DataFrame) -> str:
    """What the graph shows, in a sentence or two."""
    own = found[found["side"] == "own"]
    developers = own["developer_node"].nunique()
    said = [f"{words.plural(developers, 'developer')} and {words.plural(len(own), 'application')}"]
    for relation, rows in own.groupby("relation", sort=False):
        payers = ", ".join(rows["payer"].dropna().unique()[:3])
        said.append(f"{account_words.RELATIONS[relation].lower()} for {len(rows)}" + (f" ({payers})" if payers else ""))
    for side, what in (("paid", "paid for here and used by others"), ("built", "built here for others")):
        if count := int((found["side"] == side).sum()):
            said.append(f"{words.plural(count, 'application')} {what}")
    return "; ".join(said)


def _others(found: pd.DataFrame, account: str) -> None:
    """Ways to the other accounts in the chain: who pays for these, and for whom this one pays or builds."""
    mine = set(found.loc[found["side"] == "own", "account_id"]) | {account}
    pairs = [*zip(found["payer_account_id"], found["payer"], strict=True)]
    pairs += zip(found["account_id"], found["organization"], strict=True)
    others = {key: name for key, name in pairs if not words.missing(key) and key not in mine}
    if others:
        with st.container(horizontal=True, gap="small"):
            for key, name in list(others.items())[:OTHERS_LINKED]:
                links.link(links.ACCOUNT, words.plain(name), icon=":material/arrow_outward:", account=key)


def _table(found: pd.DataFrame) -> None:
    sure = ["developer_confidence", "account_confidence", "payer_confidence"]
    shown = found.assign(
        who_pays=[account_words.relation(*pair) for pair in zip(found["relation"], found["two_step"], strict=True)],
        sure=found[sure].min(axis=1),
        how=[_how(row) for row in found.to_dict("records")],
    )
    tables.table(
        shown,
        {
            "developer": tables.text("Developer"),
            "application": tables.text("Application"),
            "organization": tables.text("Organization"),
            "payer": tables.text("Payer"),
            "contract": tables.text("Contract"),
            "who_pays": tables.text("Who pays"),
            "how": tables.text("How we know", width="large"),
            "sure": tables.part("Weakest link", help="The confidence of the least sure link of the three"),
            "calls_90d": tables.number("Calls, 90 days"),
            "end_users": tables.number("End users a month", help="Distinct, where the log names them; else not known"),
            "last_call_at": tables.when("Last call"),
        },
        name="chain",
        alt="The chain, one row an application: developer, organization, payer and contract, with the evidence",
    )


def _how(row: dict) -> str:
    said = []
    for what in ("developer", "organization", "payer"):
        column = "account" if what == "organization" else what
        evidence, confidence = row[f"{column}_evidence"], row[f"{column}_confidence"]
        if not words.missing(evidence):
            said.append(f"{what}: {evidence}" + ("" if words.missing(confidence) else f" ({words.share(confidence)})"))
    if not words.missing(row["two_step_evidence"]):
        said.append(f"{account_words.TWO_STEPS[row['two_step']]}: {row['two_step_evidence']}")
    return " · ".join(said)
