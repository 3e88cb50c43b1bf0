"""The look that Streamlit's theme cannot say: the mark, and what wraps. Nothing is fetched, nothing here is data."""

from pathlib import Path

from pages.shared.charts import TIER_COLOURS

# The mark: four tiers, each in its colour, each reaching as far as it does.
_LENGTHS = (12, 28, 22, 16)
_BARS = "".join(
    f'<rect x="2" y="{2 + 7.5 * place}" width="{length}" height="5.5" rx="2" fill="{colour}"/>'
    for place, (length, colour) in enumerate(zip(_LENGTHS, TIER_COLOURS.values(), strict=True))
)
MARK = f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">{_BARS}</svg>'
STYLE = Path(__file__).with_name("style.css")
