"""A log of a company's own, JSON or CSV: [source.columns] of program.toml names which of its columns means what."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from data_sources.sections import Section

TIMES = ("iso", "epoch_s", "epoch_ms", "clf")
UNITS = ("s", "ms", "us", "ns")
Named = Annotated[str, Field(min_length=1, max_length=200)] | Annotated[int, Field(ge=1, le=1000)] | None


class LogColumns(Section):
    """The log's name for each column of ours, or its position from 1 in a CSV without a header; in JSON a dotted path.

    `api_key` is a column of raw keys: only a hash of each is kept, as the credential where there is no `credential_ref`.
    """

    occurred_at: Annotated[str, Field(min_length=1, max_length=200)] | Annotated[int, Field(ge=1, le=1000)]
    method: Named = None
    path: Named = None
    status: Named = None
    latency: Named = None
    upstream_latency: Named = None
    request_bytes: Named = None
    response_bytes: Named = None
    request_id: Named = None
    route: Named = None
    service: Named = None
    credential_ref: Named = None
    api_key: Named = None
    consumer_ref: Named = None
    application_ref: Named = None
    developer_ref: Named = None
    plan_ref: Named = None
    end_user_ref: Named = None
    client_ip: Named = None
    forwarded_for: Named = None
    user_agent: Named = None
    referrer: Named = None

    @property
    def named(self) -> dict[str, str | int]:
        """The log's names (or positions) by column of ours, without those that it lacks."""
        return self.model_dump(exclude_none=True)


class NamedColumns(Section):
    """What a source of log files says of a format of its own: `columns`, and in which units they are."""

    format: str = "auto"
    columns: LogColumns | None = None
    time: Literal[TIMES] | None = None  # type: ignore[valid-type]
    latency_unit: Literal[UNITS] | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _columns_and_units(self) -> "NamedColumns":
        if self.columns is None:
            if self.format in ("json", "csv"):
                raise ValueError(
                    f'format = "{self.format}" needs [source.columns], which names its columns; occurred_at at least'
                )
            if self.time or self.latency_unit:
                raise ValueError("time and latency_unit belong to [source.columns]; the known formats have their own")
            return self
        if self.format not in ("json", "csv"):
            raise ValueError(f'[source.columns] are for format = "json" or "csv", not for "{self.format}"')
        has_latency = self.columns.latency is not None or self.columns.upstream_latency is not None
        if has_latency and not self.latency_unit:
            raise ValueError(f"latency_unit is missing: say whether times are in {', '.join(UNITS)}")
        if self.latency_unit and not has_latency:
            raise ValueError("latency_unit is of no use: neither latency nor upstream_latency is among the columns")
        (_check_json if self.format == "json" else _check_csv)(self.columns.named)
        return self


def _check_csv(named: dict[str, str | int]) -> None:
    if len({type(name) for name in named.values()}) > 1:
        raise ValueError("columns: name all by their header, or all by their position where there is no header")
    if wrong := [name for name in named.values() if isinstance(name, str) and not any(map(str.isalnum, name))]:
        raise ValueError(f"columns: {wrong[0]!r} is no header")


def _check_json(named: dict[str, str | int]) -> None:
    """Keys become names of fields: no two that differ in case alone, none that holds both a value and others."""
    seen: dict[str, tuple[str, bool]] = {}
    for ours, path in named.items():
        if isinstance(path, int):
            raise ValueError(f"columns.{ours}: a position is for a CSV; write the key, as in request.method")
        parts = path.split(".")
        if not all(parts) or any(letter.isspace() or not letter.isprintable() or letter in "\"'" for letter in path):
            raise ValueError(f"columns.{ours}: {path!r} is no path of keys, such as request.method")
        for depth in range(1, len(parts) + 1):
            key, is_value = ".".join(parts[:depth]), depth == len(parts)
            spelled, was_value = seen.setdefault(key.lower(), (key, is_value))
            if spelled != key:
                raise ValueError(f"columns.{ours}: {key} and {spelled} differ in case alone")
            if was_value != is_value:
                raise ValueError(f"columns.{ours}: {key} cannot be a value and hold {path} or others")
