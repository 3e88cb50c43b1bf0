"""What was learned from the data: coefficients as rows, never pickles. They outlive every rebuild, so that yesterday's scores can be had again."""

from datetime import date
from typing import Any

from sqlmodel import Field, SQLModel

from data_sources.records import json_field


class TriageModel(SQLModel, table=True):
    """How likely free accounts are to pay, by their traits in the first `window_day` days: one row a version and number of days.

    Log-odds = `intercept` + Σ weight × trait. `traits`: [{"trait", "weight", "mean"}], the mean of the accounts that it was learned
    from; `pace`: of those who pay, the share that has by each age in days. `base_rate` is the share that pays, `accounts` and
    `conversions` are what it was learned from.
    """

    __tablename__ = "triage_model"
    version: str = Field(primary_key=True)
    window_day: int = Field(primary_key=True)
    learned_on: date
    intercept: float
    base_rate: float
    accounts: int
    conversions: int
    entered_from: date
    entered_to: date
    traits: list[dict[str, Any]] | None = json_field()
    pace: list[float] | None = json_field()


LEARNED_TABLES: dict[str, type[SQLModel]] = {"triage_model": TriageModel}
