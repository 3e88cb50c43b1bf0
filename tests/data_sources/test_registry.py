"""Connectors are found, not listed."""

import types

import pytest

from data_sources import program as programs
from data_sources import registry
from data_sources.streams import Connector, Stream


def test_every_kind_of_the_program_but_logs_has_a_connector():
    kinds = {
        field.model_fields["kind"].annotation.__args__[0]
        for field in programs.AnySource.__origin__.__args__
    }  # fmt: skip
    assert set(registry.connectors()) == kinds - {"logs"}


def test_every_connector_is_whole():
    for kind, connector in registry.connectors().items():
        assert isinstance(connector, Connector)
        assert connector.kind == kind
        assert connector.label
        assert connector.settings


def test_streams_are_named_apart_and_need_only_earlier_ones():
    for kind in ("kong", "stripe", "zendesk"):
        streams: tuple[Stream, ...] = registry.connectors()[kind].streams(None)
        names = [stream.name for stream in streams]
        assert len(set(names)) == len(names)
        for number, stream in enumerate(streams):
            assert set(stream.needs) <= set(names[:number])


def test_two_connectors_of_one_kind_are_a_mistake(monkeypatch):
    twin = types.SimpleNamespace(CONNECTOR=registry.connectors()["kong"])
    monkeypatch.setattr(registry.importlib, "import_module", lambda name: twin)
    monkeypatch.setattr(registry, "_modules", lambda: ["data_sources.gateways.twin"])
    registry.connectors.cache_clear()
    with pytest.raises(ValueError, match="another connector of kind 'kong'"):
        registry.connectors()
    monkeypatch.undo()
    registry.connectors.cache_clear()
