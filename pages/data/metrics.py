"""What each number means: every metric with its question, definition, unit, grain, columns and SQL."""

import streamlit as st

from pages.shared import figures, filters, reads, words

sought = filters.search("search", "Name, question or definition", 420)
known = reads.metrics()
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
for name, metric in found.items():
    with st.container(border=True):
        st.markdown(
            f"#### {metric.label} :gray-badge[{name}]\n:gray[{figures.escaped(metric.question)}]", anchors=False
        )
        st.markdown(figures.escaped(metric.definition))
        st.caption(f"Unit: {metric.unit} · Grain: {metric.grain} · Better: {metric.good}")
        if metric.columns:
            with st.expander(f"Columns · {len(metric.columns)}", icon=":material/view_column:"):
                st.markdown(
                    "\n".join(f"- **{c}**: {figures.escaped(meaning)}" for c, meaning in metric.columns.items())
                )
        with st.expander("SQL", icon=":material/code:"):
            st.code(metric.sql, language="sql")
