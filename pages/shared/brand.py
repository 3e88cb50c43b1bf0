"""The mark of the dashboard: four tiers, each in its colour, each reaching as far as it does. An SVG, so nothing is fetched."""

from pages.shared.charts import TIER_COLOURS

_LENGTHS = (12, 28, 22, 16)
_BARS = "".join(
    f'<rect x="2" y="{2 + 7.5 * place}" width="{length}" height="5.5" rx="2" fill="{colour}"/>'
    for place, (length, colour) in enumerate(zip(_LENGTHS, TIER_COLOURS.values(), strict=True))
)
MARK = f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">{_BARS}</svg>'
