"""python -m data_sources: what people type, what they read, what scripts get as exit status."""

import os
import re

import pytest
import zstandard

from data_sources import program as programs
from data_sources.__main__ import main
from data_sources.kinds import SOURCE_KINDS
from data_sources.records import Credential, Developer
from data_sources.store import open_store
from tests.data_sources.test_program import COMMENTED
from tests.data_sources.vendors.kong import Vendor
from tests.data_sources.vendors.server import TOKEN


@pytest.fixture
def vendor():
    kong = Vendor()
    with kong.serve() as url:
        kong.url = url
        yield kong


@pytest.fixture
def home(tmp_path, vendor):
    folder = tmp_path / "home"
    for name in ("secrets", "logs", "sheets"):
        (folder / name).mkdir(parents=True)
    (folder / "secrets" / "vendor").write_text(TOKEN)
    (folder / "logs" / "a.log").write_text('{"request": {}}\nsecond line\n')
    (folder / "sheets" / "developers.csv").write_text("id,email,shoe size\nd1,a@acme.example,42\n")
    (folder / "program.toml").write_text(
        f"""[program]
name = "t"
[[source]]
name = "gateway"
kind = "logs"
paths = ["logs/*.log"]
[[source]]
name = "kong"
kind = "kong"
url = "{vendor.url}"
token = "secret:vendor"
[[source]]
name = "portal"
kind = "csv"
table = "developer"
path = "sheets/developers.csv"
"""
    )
    return folder


def run(capsys, *arguments) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_init_writes_a_program_that_loads_and_never_overwrites(tmp_path, capsys):
    status, out, _ = run(capsys, "init", "--home", tmp_path / "new")
    assert (status, "program.toml" in out) == (0, True)
    assert programs.load(tmp_path / "new").sources
    before = (tmp_path / "new" / "program.toml").read_text()
    status, _, err = run(capsys, "init", "--home", tmp_path / "new")
    assert (status, "nothing was written" in err) == (2, True)
    assert (tmp_path / "new" / "program.toml").read_text() == before


def test_list_names_the_sources_and_every_kind(home, capsys):
    status, out, _ = run(capsys, "list", "--home", home)
    assert status == 0
    for words in ("gateway", "logs/*.log", "kong", "portal", "[[source]]", "stripe", "zendesk", "focus"):
        assert words in out
    assert TOKEN not in out


def test_check_says_what_it_found_and_stores_nothing(home, capsys):
    status, out, _ = run(capsys, "check", "--home", home)
    assert status == 0
    for words in ("kong (kong): reachable: yes, authorised: yes", "first record", "would read: services → service"):
        assert words in out
    assert '1 file(s), 0.0 MB, format auto; a.log begins: {"request": {}}' in out
    assert f"what would be read of it: python -m sql preview {home}/logs/a.log\n" in out
    assert "not understood: shoe size" in out
    assert not (home / "store.db").exists()
    assert TOKEN not in out


def test_check_shows_the_newest_log_that_has_lines(home, capsys):
    logs, day = home / "logs", 1_700_000_000
    for age, name, content in (
        (3, "a.log", b"plain\n"),
        (2, "b c.log", zstandard.compress(b"packed\nmore\n")),
        (1, "c.log", b""),
    ):
        (logs / name).write_bytes(content)
        os.utime(logs / name, (day - age, day - age))
    settings = (home / "program.toml").read_text()
    (home / "program.toml").write_text(settings.replace('["logs/*.log"]', '["logs/*.log"]\nformat = "combined"'))
    status, out, _ = run(capsys, "check", "--home", home, "gateway")
    assert status == 0
    assert "3 file(s), 0.0 MB, format combined; b c.log begins: packed\n" in out
    assert f"python -m sql preview '{logs}/b c.log' --format combined\n" in out


def test_check_of_a_damaged_log_says_so(home, capsys):
    (home / "logs" / "a.log").write_bytes(b"\x1f\x8b" + bytes(20))
    status, out, _ = run(capsys, "check", "--home", home, "gateway")
    assert status == 1
    assert "NO  logs/*.log: " in out


def test_check_of_what_cannot_work(home, vendor, capsys):
    (home / "secrets" / "vendor").write_text("tok_wrong")
    (home / "logs" / "a.log").unlink()
    status, out, _ = run(capsys, "check", "--home", home, "kong", "gateway")
    assert status == 1
    assert "kong (kong): reachable: yes, authorised: NO" in out
    assert "no such file" in out
    (home / "secrets" / "vendor").unlink()
    status, out, _ = run(capsys, "check", "--home", home, "kong")
    assert (status, "secret:vendor: there is no file vendor" in out) == (1, True)


def test_sync_reads_everything_and_says_how_much(home, capsys):
    status, out, _ = run(capsys, "sync", "--home", home)
    assert status == 0
    assert "consumers                     10 records, 10 changed" in out
    store = open_store(home)
    assert len(store.ids(Credential, "kong")) == 20
    assert store.ids(Developer, "portal") == {"d1"}


def test_one_source_fails_alone(home, vendor, capsys):
    vendor.always = lambda _path: (401, {}, {"message": "Invalid"})
    status, _, err = run(capsys, "sync", "--home", home)
    assert status == 1
    assert "kong, services: " in err
    assert "401: Invalid" in err
    assert open_store(home).ids(Developer, "portal") == {"d1"}


def test_sync_of_one_source_leaves_the_others(home, capsys):
    assert run(capsys, "sync", "--home", home, "portal")[0] == 0
    assert open_store(home).ids(Credential, "kong") == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sync", "nobody"), "no source nobody in program.toml; there are: gateway, kong, portal"),
        (("check", "nobody"), "no source nobody"),
        (("sync", "gateway"), "read by `python -m sql refresh`"),
    ],
)
def test_a_wrong_name_is_explained(home, capsys, arguments, words):
    status, _, err = run(capsys, *arguments, "--home", home)
    assert status == 2
    assert words in err


def test_a_home_without_a_program_says_how_to_make_one(tmp_path, capsys):
    status, _, err = run(capsys, "list", "--home", tmp_path)
    assert status == 2
    assert "data_sources init" in err


def test_list_tells_of_every_kind_of_source_where_it_is(tmp_path, capsys):
    (tmp_path / "program.toml").write_text(COMMENTED.replace("# [costs]", "[costs]"))
    status, out, _ = run(capsys, "list", "--home", tmp_path)
    assert status == 0
    named, _, needed = out.partition("kinds that a [[source]] can have:")
    for kind in SOURCE_KINDS:
        assert re.search(rf"^\S+ +{kind} ", named, re.M), kind
        assert re.search(rf"^  {kind} ", needed, re.M), kind
    assert "AWS API Gateway: eu-central-1" in out
    assert "HubSpot: https://api.hubapi.com" in out
