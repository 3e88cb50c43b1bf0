"""Where an address is: its country, by an optional MaxMind database file, and the named network that it lies in.

Addresses are kept as keyed hashes only, so both are asked while a log is read, before the address is hashed.
"""

import ipaddress
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

import maxminddb

from data_sources.program import Program, ProgramError

KEPT = 200_000  # addresses whose answer is remembered


class Places:
    """What a program knows of addresses. Raises ProgramError where its database file cannot be read."""

    def __init__(self, program: Program) -> None:
        self._reader = _opened(program)
        self._networks = _ranges(program)
        self.country = lru_cache(KEPT)(self._country)
        self.network = lru_cache(KEPT)(self._network)

    @property
    def knows_countries(self) -> bool:
        """Whether there is a database of countries."""
        return self._reader is not None

    @property
    def knows_networks(self) -> bool:
        """Whether program.toml names networks."""
        return any(starts for starts, _ in self._networks.values())

    def _country(self, address: str | None) -> str | None:
        """The ISO code of the country where an address is; None where the database does not say."""
        parsed = parse(address)
        if parsed is None or self._reader is None or (parsed.version == 6 and self._reader.metadata().ip_version == 4):
            return None
        found = self._reader.get(parsed)
        country = found.get("country") if isinstance(found, dict) else None
        return country.get("iso_code") if isinstance(country, dict) else None

    def _network(self, address: str | None) -> str | None:
        """The name of the party whose network an address lies in, the smallest network first; None for none."""
        parsed = parse(address)
        if parsed is None:
            return None
        starts, rows = self._networks[parsed.version]
        number = int(parsed)
        place = bisect_right(starts, number)
        inside = [row for row in rows[:place] if number <= row[1]]
        return min(inside, key=lambda row: row[1] - row[0])[2] if inside else None


def parse(address: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as logs write it, with a port or in brackets too; an IPv4 one inside IPv6 as itself; None where it is none."""
    if not address:
        return None
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _opened(program: Program) -> maxminddb.Reader | None:
    if not program.program.country_database:
        return None
    path = Path(program.home) / program.program.country_database
    try:
        reader = maxminddb.open_database(str(path))
    except FileNotFoundError:
        raise ProgramError(f"country_database: there is no file {path}") from None
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise ProgramError(f"country_database: {path} is no MaxMind database: {error}") from None
    if not any(word in reader.metadata().database_type for word in ("Country", "City")):
        raise ProgramError(
            f"country_database: {path} is a database of {reader.metadata().database_type}, not of countries"
        )
    return reader


def _ranges(program: Program) -> dict[int, tuple[list[int], list[tuple[int, int, str]]]]:
    """By version of addresses the first ones of the networks, and (first, last, party), both ordered by the first."""
    rows: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    for party in program.party:
        for network in map(ipaddress.ip_network, party.networks):
            first, last = int(network.network_address), int(network.broadcast_address)
            rows[network.version].append((first, last, party.name))
    return {version: ([row[0] for row in sorted(found)], sorted(found)) for version, found in rows.items()}
