"""What each number means: every metric with its question, definition, unit, grain, columns and SQL."""

import streamlit as st

from pages.shared import figures, filters, reads, words

sought = filters.search("search", "Name, question or definition", 420)
known = reads.metrics()
known = {
    name: known[name] for name in sorted(known, key=lambda name: (name.startswith("account_"), name != "tier_board"))
}
found = {
    name: metric
    for name, metric in known.items()
    if not sought or sought.lower() in f"{name} {metric.label} {metric.question} {metric.definition}".lower()
}
st.caption(
    f"{words.plural(len(found), 'metric')} of {len(known)}; each is one file of `sql/metrics/`, shown as it runs."
)
if not found:
    st.markdown("##### :material/search_off: No metric says that", anchors=False)
with st.grid(2, min_column_width=380, gap="small"):
    for name, metric in found.items():
        with st.container(border=True, height="stretch", gap="small"):
            st.markdown(f"#### {metric.label} :gray-badge[{name}]", anchors=False)
            st.markdown(f":gray[{figures.escaped(metric.question)}]")
            st.markdown(figures.escaped(metric.definition))
            better = f" · Better: {metric.good}" if metric.good != "-" else ""
            st.caption(f"Unit: {metric.unit} · Grain: {metric.grain}{better}")
            st.space("stretch")
            with st.expander(f"{words.plural(len(metric.columns), 'column')} and the SQL", icon=":material/code:"):
                st.markdown("\n".join(f"- **{c}**: {figures.escaped(text)}" for c, text in metric.columns.items()))
                st.code(metric.sql, language="sql")
