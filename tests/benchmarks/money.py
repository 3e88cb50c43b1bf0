"""How fast invoices, cost pools and calls become statements, and that not a cent is lost on the way."""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from data_sources.program import CostPool, Costs, FxRate, Program, ProgramSection, TierRule
from sql import models
from tests.benchmarks import _warehouse, billing

INVOICES = 1_000_000
NOW = datetime(2026, 7, 1)
DRIVERS = dict(zip(billing.SERVICES, ("compute_ms", "calls", "response_bytes", "even"), strict=True))
FOLDER = "money"


def run(scale: float = 1.0) -> dict:
    """seconds < 60, peak_mb < 4000, unexplained_cents 0: a million invoices with five million lines, 24 months of cost pools.

    Measured is the building of every mart in sql/marts/money, and of what staging keeps as a table, over loaded records and known accounts. Unexplained is what a
    second sum over the records themselves finds otherwise: of revenue, of what was earned, of MRR's movements, of each pool.
    """
    return _warehouse.apart("tests.benchmarks.money", int(INVOICES * scale))


def measure(invoices: int, folder: Path) -> dict[str, Any]:
    """Make the records, build what the money marts rest on, then them; returns seconds, peak memory and what does not tie."""
    con = _warehouse.empty(folder, "money", program(), NOW)
    print(json.dumps(billing.make(con, invoices)), flush=True)
    figures = _warehouse.timed(con, NOW, lambda model: model.path.parent.name == FOLDER or _is_kept(model))
    return figures | {"unexplained_cents": unexplained(con)}


def _is_kept(model: models.Model) -> bool:
    return model.path.parent.name == "staging" and model.materialise == "table"


def program() -> Program:
    """Four pools with a driver each, three currencies."""
    return Program(
        program=ProgramSection(name="Benchmark"),
        tier_rule=[TierRule(tier="open", when="approved"), TierRule(tier="public", when="always")],
        costs=Costs(
            pool=[
                CostPool(name=name, services=[name], driver=driver, service=name) for name, driver in DRIVERS.items()
            ],
            support_rate_per_hour=60,
        ),
        fx_rate=[
            FxRate(currency=currency, date=day, rate=rate)
            for currency, first in (("eur", 1.05), ("jpy", 0.0064))
            for day, rate in (
                (datetime(2024 + (6 + n) // 12, (6 + n) % 12 + 1, 1).date(), round(first * (1 + n / 200), 6))
                for n in range(25)
            )
        ],
    )


def unexplained(con: Any) -> int:
    """Cents by which sums over the records differ from the marts', all differences taken as positive."""
    rate = (
        "coalesce((select arg_max(cast(rate as decimal(20, 10)), valid_from) from program_fx_rate as fx"
        " where fx.currency = {table}.currency and fx.valid_from <= cast({day} as date)), 1)"
    )
    unit = "case currency when 'jpy' then 1000000 else 10000 end"

    def micros(table: str, amount: str, day: str) -> str:
        on = rate.format(table=table, day=f"{table}.{day}")
        return f"coalesce(sum(cast(round(cast(({amount}) * {unit} as decimal(18, 0)) * {on}) as bigint)), 0)"

    sums = {
        "revenue": (
            f"select (select {micros('i', 'total - tax', 'paid_at')} from raw_invoice as i)"
            f" - (select {micros('r', 'amount', 'created_at')} from raw_refund as r)"
            f" - (select {micros('c', 'total', 'created_at')} from raw_credit_note as c)",
            "select coalesce(sum(revenue_micros), 0) from account_money_day",
        ),
        "earned": (
            "select coalesce(sum(cast(round(cast((l.amount - l.discount) * case l.currency when 'jpy' then 1000000 else 10000 end as decimal(18, 0))"
            " * coalesce((select arg_max(cast(rate as decimal(20, 10)), valid_from) from program_fx_rate as r where r.currency = l.currency"
            " and r.valid_from <= cast(i.finalized_at as date)), 1)) as bigint)), 0)"
            " from raw_invoice_line as l join raw_invoice as i on i.id = l.invoice_id",
            "select coalesce(sum(recognised_micros), 0) from recognised_month where kind in ('recurring', 'usage', 'one-off')",
        ),
        "pools": (
            "select coalesce(sum(billed_cost_micros), 0) from raw_cost_entry",
            "select (select coalesce(sum(infrastructure_cost_micros), 0) from account_money_day)"
            " + (select coalesce(sum(unallocated_micros), 0) from cost_pool_month where pool not in ('support', 'outreach', 'payment fees'))",
        ),
        "movements": (
            "select coalesce(sum(mrr_micros), 0) from mrr_month where month = (select max(month) from mrr_month)",
            "select coalesce(sum(new_micros + expansion_micros + reactivation_micros - contraction_micros - churn_micros"
            " + currency_effect_micros), 0) from mrr_month",
        ),
    }
    differences = {
        name: abs(con.execute(records).fetchone()[0] - con.execute(marts).fetchone()[0])
        for name, (records, marts) in sums.items()
    }
    print(json.dumps({name: int(difference) for name, difference in differences.items()}), "micros apart", flush=True)
    return sum(-(-int(difference) // 10_000) for difference in differences.values())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(int(sys.argv[1]), Path(place))))
