"""A cloud bill in FOCUS columns (FinOps Open Cost and Usage Specification, 1.0 to 1.2), CSV or Parquet.

A FOCUS row has no id, so its content is its id and equal rows are numbered: a bill that is exported again with the days that
came since changes nothing of what was there. Costs become millionths of the billing currency, because many lines are
smaller than a cent. https://focus.finops.org/focus-specification/
"""

from collections.abc import Callable
from typing import Any

from data_sources import cells
from data_sources.records import CostEntry
from data_sources.streams import Connector, Stream
from data_sources.tables import Column, Layout, open_home, sheet_stream


def _plainly(cell: cells.Cell) -> Callable[[Any, str], Any]:
    return lambda value, _currency: cell(value)


def _column(name: str, cell: cells.Cell, *headers: str, needed: bool = False) -> Column:
    return Column(name, headers, _plainly(cell), needed)


def _currency(value: Any) -> str | None:
    code = cells.text(value)
    return code.lower() if code else None


LAYOUT = Layout(
    CostEntry,
    (
        _column("provider", cells.text, "ProviderName", "ServiceProviderName", "PublisherName"),
        _column("service_name", cells.text, "ServiceName", needed=True),
        _column("service_category", cells.text, "ServiceCategory"),
        _column("charge_category", cells.text, "ChargeCategory"),
        _column("charge_description", cells.text, "ChargeDescription"),
        _column("resource_id", cells.text, "ResourceId"),
        _column("resource_name", cells.text, "ResourceName"),
        _column("sub_account", cells.text, "SubAccountName", "SubAccountId"),
        _column("region", cells.text, "RegionId", "RegionName", "Region"),
        _column("currency", _currency, "BillingCurrency", needed=True),
        _column("billed_cost_micros", cells.micros, "BilledCost"),
        _column("effective_cost_micros", cells.micros, "EffectiveCost"),
        _column("list_cost_micros", cells.micros, "ListCost"),
        _column("consumed_quantity", cells.real, "ConsumedQuantity", "UsageQuantity"),
        _column("consumed_unit", cells.text, "ConsumedUnit", "UsageUnit"),
        _column("tags", cells.mapping, "Tags"),
        _column("billing_period_started_at", cells.moment, "BillingPeriodStart"),
        _column("charge_period_started_at", cells.moment, "ChargePeriodStart", needed=True),
        _column("charge_period_ends_at", cells.moment, "ChargePeriodEnd"),
    ),
    needs_one_of=("billed_cost_micros", "effective_cost_micros"),
)


def _streams(source: Any) -> tuple[Stream, ...]:
    return (sheet_stream(LAYOUT, source.path, {}, "cost_entry"),)


CONNECTOR = Connector(
    kind="focus",
    label="Cloud bill (FOCUS)",
    open=open_home,
    streams=_streams,
    settings='path = "sheets/focus*.csv"',
)
