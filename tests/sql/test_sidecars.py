"""A call that two Istio sidecars logged is one call; no call whose other line is not there is lost; every line is accounted for."""

import json
import shutil

import pytest

from sql import checks, snapshot
from sql.engines import duckdb as engine
from tests.sql.small_home import refreshed

PROGRAM = """
[program]
name = "Harbor"
currency = "usd"
[[source]]
name = "mesh"
kind = "logs"
paths = ["logs/mesh/*.log"]
[[source]]
name = "other"
kind = "logs"
paths = ["logs/other/*.log"]
"""
OUTBOUND = "outbound|8080||rates.shop.svc.cluster.local"
INBOUND = "inbound|8080||"


def line(
    request_id: str, cluster: str, path: str = "/v1/rates", status: int = 200, at: str = "2026-03-09T12:00:00.250Z"
) -> str:
    """An Istio line of one side of a call."""
    return (
        f'[{at}] "GET {path} HTTP/1.1" {status} - via_upstream - "-" 0 512 14 12 "203.0.113.8" "harbor-go/3.1" "{request_id}" '
        f'"rates.shop.svc.cluster.local:8080" "10.8.0.4:8080" {cluster} 10.8.0.9:41022 10.8.0.4:8080 203.0.113.8:0 - default'
    )


@pytest.fixture
def mesh(tmp_path):
    """Writes logs of a source, then refreshes and answers what is asked of the snapshot."""
    home = tmp_path / "home"
    for folder in ("mesh", "other"):
        (home / "logs" / folder).mkdir(parents=True)
    (home / "program.toml").write_text(PROGRAM)

    def write(name: str, *lines: str) -> None:
        with (home / "logs" / name).open("a") as file:
            file.writelines(f"{one}\n" for one in lines)

    def ask(statement: str) -> list[tuple]:
        assert not refreshed(home).failures
        return snapshot.current(home).execute(statement)[1]

    write.ask, write.home = ask, home
    return write


def counted(mesh) -> tuple[int, int, int]:
    """Calls, lines that tell of a call that another tells of, and accepted lines; the checks hold."""
    ((calls, echoes, accepted),) = mesh.ask(
        "select (select coalesce(sum(calls), 0) from usage_day), (select coalesce(sum(lines), 0) from echo_day), "
        "(select sum(accepted) from raw_log_chunk)"
    )
    ((failing,),) = mesh.ask(
        "select count(*) from check_result where (bad_rows > 0 or error is not null) and severity = 'error'"
    )
    assert failing == 0
    return calls, echoes, accepted


def test_both_sides_of_a_call_are_one_call_even_in_two_files(mesh):
    mesh("mesh/gateway.log", line("a", OUTBOUND), line("b", OUTBOUND))
    mesh("mesh/rates.log", line("a", INBOUND), line("b", INBOUND, at="2026-03-09T12:00:00.252Z"))
    assert counted(mesh) == (2, 2, 4)
    assert mesh.ask("select service, sum(calls) from usage_day group by service") == [
        ("rates.shop.svc.cluster.local", 2)
    ]


def test_a_line_without_its_pair_is_a_call(mesh):
    mesh("mesh/a.log", line("a", OUTBOUND), line("b", INBOUND), line("-", OUTBOUND), line("-", INBOUND))
    mesh("other/a.log", line("a", INBOUND))
    assert counted(mesh) == (5, 0, 5)


def test_other_paths_and_days_are_other_calls(mesh):
    mesh(
        "mesh/a.log",
        line("a", OUTBOUND, "/v1/rates"),
        line("a", INBOUND, "/v1/zones"),
        line("a", INBOUND, at="2026-03-10T12:00:00.250Z"),
    )
    assert counted(mesh) == (3, 0, 3)


def test_tries_of_one_call_are_one_call_and_calls_that_never_arrived_count(mesh):
    mesh(
        "mesh/a.log",
        line("a", OUTBOUND),
        line("a", INBOUND, status=503),
        line("a", INBOUND, status=503),
        line("a", INBOUND),
    )
    mesh("mesh/a.log", line("b", OUTBOUND, status=503), line("b", OUTBOUND), line("b", INBOUND))
    assert counted(mesh) == (3, 4, 7)
    assert mesh.ask("select sum(ok), sum(server_errors) from usage_day") == [(2, 1)]


def test_the_other_line_may_come_later(mesh):
    mesh("mesh/rates.log", line("a", INBOUND))
    assert counted(mesh) == (1, 0, 1)
    mesh("mesh/gateway.log", line("a", OUTBOUND))
    assert counted(mesh) == (1, 1, 2)


def test_hosts_outside_the_mesh_and_ports_it_does_not_know(mesh):
    mesh("mesh/a.log", line("a", "PassthroughCluster"), line("a", "InboundPassthroughClusterIpv4"))
    assert counted(mesh) == (1, 1, 2)


def test_the_name_of_a_source_leaves_the_side(mesh):
    text = (mesh.home / "program.toml").read_text()
    (mesh.home / "program.toml").write_text(
        text.replace('["logs/mesh/*.log"]', '["logs/mesh/*.log"]\nservice = "rates"')
    )
    mesh("mesh/a.log", line("a", OUTBOUND), line("a", INBOUND))
    assert counted(mesh) == (1, 1, 2)
    assert mesh.ask("select distinct service from usage_day") == [("rates",)]


def test_json_lines_pair_with_text_lines(mesh):
    record = {
        "start_time": "2026-03-09T12:00:00.250Z", "method": "GET", "path": "/v1/rates?x=1", "response_code": 200,
        "request_id": "a", "authority": "rates.shop", "upstream_cluster": INBOUND, "protocol": "HTTP/1.1",
    }  # fmt: skip
    mesh("mesh/a.log", line("a", OUTBOUND))
    mesh("mesh/b.log", json.dumps(record))
    assert counted(mesh) == (1, 1, 2)


def test_the_check_finds_a_line_that_is_neither_a_call_nor_an_echo(mesh, tmp_path):
    mesh("mesh/a.log", line("a", OUTBOUND), line("a", INBOUND))
    assert counted(mesh) == (1, 1, 2)
    copy = shutil.copy(snapshot.current(mesh.home).path, tmp_path / "copy.duckdb")
    with engine.connect(copy) as con:
        con.execute("delete from echo_day")
        (check,) = [result for result in checks.run(con) if result.name == "events_counted"]
    assert check.fatal
    assert check.bad_rows == 1
