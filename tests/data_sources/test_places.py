"""Addresses as logs write them, and the networks that they lie in, against a loop over all networks."""

import ipaddress

from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources.outsiders import Party
from data_sources.places import Places, parse
from data_sources.program import Program, ProgramSection

NETWORKS = st.lists(
    st.builds(
        lambda address, bits: str(ipaddress.ip_network((address, bits), strict=False)),
        st.integers(0, 255).map(lambda last: f"192.0.2.{last}"),
        st.integers(24, 32),
    ),
    min_size=1,
    max_size=6,
    unique=True,
)


def test_addresses_as_logs_write_them():
    said = {
        "192.0.2.1": "192.0.2.1",
        "192.0.2.1:8443": "192.0.2.1",
        "2001:db8::1": "2001:db8::1",
        "[2001:db8::1]:443": "2001:db8::1",
        "::ffff:192.0.2.1": "192.0.2.1",
        "fe80::1%eth0": "fe80::1",
        "unknown": None,
        "": None,
        None: None,
        "192.0.2.300": None,
    }
    assert {text: parse(text) and str(parse(text)) for text in said} == said


@settings(max_examples=20)
@given(NETWORKS, st.integers(0, 255))
def test_the_smallest_network_that_holds_an_address_names_it(networks, last):
    parties = [Party(name=f"p{n}", kind="scraper", networks=[one]) for n, one in enumerate(networks)]
    places = Places(Program(program=ProgramSection(name="Test"), party=parties))
    address = ipaddress.ip_address(f"192.0.2.{last}")
    holding = [(one.num_addresses, n) for n, one in enumerate(map(ipaddress.ip_network, networks)) if address in one]
    assert places.network(str(address)) == (f"p{min(holding)[1]}" if holding else None)
