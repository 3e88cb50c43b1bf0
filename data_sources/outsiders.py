"""Who may be in the room without saying so, what regulated data goes where, and when a caller looks like a scraper: program.toml's [[party]],
[[regulated]] and [scraper_rules]."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from data_sources.sections import Section


def _domain(value: str) -> str:
    value = value.strip().lower().rstrip(".")
    if not re.fullmatch(r"([a-z0-9_-]+\.)+[a-z0-9-]+", value):
        raise ValueError(f"'{value}' is no domain; write one as example.com")
    return value


def _addresses(value: str) -> str:
    try:
        return str(ip_network(value.strip()))
    except ValueError as error:
        raise ValueError(f"{error}; write a network as 192.0.2.0/24 or 2001:db8::/32") from None


class Party(Section):
    """[[party]]: somebody who may be in the room without saying so, known by domains of e-mail addresses and sites, and by networks.

    A network holds for the log lines that are read from then on: addresses that were read before are hashes, which nobody can
    look up any more.
    """

    name: str = Field(min_length=1)
    kind: Literal["competitor", "scraper", "regulator"]
    domains: list[Annotated[str, AfterValidator(_domain)]] = []
    networks: list[Annotated[str, AfterValidator(_addresses)]] = []


EU = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
REGIONS = {"EU": EU, "EEA": (*EU, "IS", "LI", "NO")}


def _region(value: str) -> str:
    value = value.strip().upper()
    if value not in REGIONS and not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError(f"'{value}' is no region: write EU, EEA or the two letters of a country (ISO 3166)")
    return value


class Regulated(Section):
    """[[regulated]]: what regulated data a service handles, the regions that may call it, and who watches over it.

    `data` says in words what it is; `regions` are countries by their two letters, or EU, EEA; left out: any region. `regulator`
    is a name; `owner` who of ours answers to it.
    """

    service: str = Field(min_length=1)
    data: str = Field(min_length=1)
    regions: list[Annotated[str, AfterValidator(_region)]] = []
    regulator: str | None = Field(default=None, min_length=1)
    owner: str | None = Field(default=None, min_length=1)

    @property
    def countries(self) -> list[str]:
        """The countries that may call it, each once; none where any may."""
        return sorted({country for region in self.regions for country in REGIONS.get(region, [region])})


class ScraperRules(Section):
    """[scraper_rules]: when a part of the scraper score stands out, in the last `within_days` days, and how many parts of the four ask
    for a look. A part is judged from `calls_needed` calls (or pairs of calls) on; with fewer it is not known.

    addresses_an_hour, addresses_a_month: different addresses of one key · sequential_share: of reads whose number is the next one ·
    regular_share: of intervals as long as the one before · list_share: of reads that go to endpoints which list a collection.
    """

    within_days: int = Field(default=90, ge=1)
    calls_needed: int = Field(default=20, ge=2)
    parts_needed: int = Field(default=2, ge=1, le=4)
    addresses_an_hour: int = Field(default=5, ge=2)
    addresses_a_month: int = Field(default=10, ge=2)
    sequential_share: float = Field(default=0.5, gt=0, le=1)
    regular_share: float = Field(default=0.5, gt=0, le=1)
    list_share: float = Field(default=0.25, gt=0, le=1)
