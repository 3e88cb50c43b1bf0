"""AWS API Gateway's registry, read with boto3 from moto's server, and from a small vendor for what moto leaves out."""

import json
from datetime import datetime, timedelta
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlmodel import select

from data_sources import program as programs
from data_sources.check import check
from data_sources.failures import Patience
from data_sources.records import Credential, Service
from data_sources.sync import sync_all
from tests.data_sources.vendors.aws_api_gateway import ACCESS, DENIED, SECRET, THROTTLED, WRONG, Vendor
from tests.new_store import new_store

NOW = datetime(2026, 3, 22)
LATER = NOW + timedelta(hours=1)
BRISK = Patience(attempts=4, read=5, total=20)
REGION = "eu-central-1"


class Place:
    """A home whose only source is AWS at an address of ours."""

    def __init__(self, home, url: str, settings: str = 'key = "secret:aws"') -> None:
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "aws").write_text(f"{ACCESS}:{SECRET}\n")
        source = f'[[source]]\nname = "it"\nkind = "aws_api_gateway"\nregion = "{REGION}"\nurl = "{url}"\n{settings}\n'
        (home / "program.toml").write_text(f'[program]\nname = "t"\n\n{source}')
        self.home, self.program, self.store = home, programs.load(home), new_store(home)

    def sync(self, now: datetime = NOW, patience: Patience = BRISK):
        (result,) = sync_all(self.store, self.program, now, patience=patience)
        return result

    def check(self):
        return check(self.program, self.program.sources[0], NOW, BRISK)

    def rows(self, model) -> dict:
        with self.store.session() as session:
            return {row.id: row for row in session.exec(select(model)).all()}


@pytest.fixture(scope="module")
def moto_url():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_url):
    """A client of an empty API Gateway."""
    urlopen(Request(f"{moto_url}/moto-api/reset", method="POST")).close()
    given = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET}
    client = boto3.client("apigateway", region_name=REGION, endpoint_url=moto_url, **given)
    yield client
    client.close()


@pytest.fixture
def place(tmp_path, moto_url, aws):
    return Place(tmp_path / "home", moto_url)


@pytest.fixture
def vendor(tmp_path):
    small = Vendor()
    with small.serve() as url:
        yield small, Place(tmp_path / "home", url)


def key(aws, name: str, plans=(), **more) -> str:
    made = aws.create_api_key(name=name, value=f"raw-value-of-{name}-0123456789", **{"enabled": True} | more)["id"]
    for plan in plans:
        aws.create_usage_plan_key(usagePlanId=plan, keyId=made, keyType="API_KEY")
    return made


def test_keys_with_their_plans_tags_and_customers(aws, place):
    gold, silver = (aws.create_usage_plan(name=name)["id"] for name in ("Gold", "Silver"))
    tags = {"Application-Id": "app_7", "env": "production", "developer": "dev_9", "aws:x": "y"}
    one = key(aws, "acme rates", [gold], customerId="cus_1", tags=tags)
    both, bare = key(aws, "in both", [silver, gold]), key(aws, "bare")
    assert place.sync().errors == []
    rows = place.rows(Credential)
    assert set(rows) == {one, both, bare}
    found = rows[one]
    assert (found.kind, found.username, found.custom_id, found.plan) == ("key", "acme rates", "cus_1", "Gold")
    assert (found.application_ref, found.developer_ref, found.environment) == ("app_7", "dev_9", "production")
    assert found.tags == ["Application-Id:app_7", "aws:x:y", "developer:dev_9", "env:production"]
    assert found.created_at is not None
    assert found.created_at.tzinfo is None
    assert (rows[both].plan, rows[both].groups) == (None, ["Gold", "Silver"])
    assert (rows[bare].plan, rows[bare].groups, rows[bare].custom_id, rows[bare].revoked_at) == (None,) * 4


def test_the_value_of_a_key_is_stored_nowhere(aws, place):
    key(aws, "acme", [aws.create_usage_plan(name="Gold")["id"]])
    place.sync()
    place.check()
    stored = b"".join(path.read_bytes() for path in place.home.rglob("*") if path.is_file())
    assert b"acme" in stored
    assert b"raw-value-of" not in stored


def test_stages_are_the_services_that_logs_name(aws, place):
    api = aws.create_rest_api(name="rates", tags={"team": "pricing"})["id"]
    root = aws.get_resources(restApiId=api)["items"][0]["id"]
    aws.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    aws.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    for stage in ("prod", "test"):
        aws.create_deployment(restApiId=api, stageName=stage)
    aws.create_rest_api(name="never deployed")
    assert place.sync().errors == []
    rows = place.rows(Service)
    assert set(rows) == {f"{api}/prod", f"{api}/test"}
    found = rows[f"{api}/prod"]
    assert (found.name, found.tags) == ("rates/prod", ["team:pricing"])
    assert found.host == f"{api}.execute-api.eu-central-1.amazonaws.com"
    aws.delete_stage(restApiId=api, stageName="test")
    place.sync(LATER)
    assert set(place.rows(Service)) == {f"{api}/prod"}


def test_a_key_that_is_gone_or_disabled_is_revoked_and_stays(aws, place):
    lost, off = key(aws, "lost"), key(aws, "off")
    place.sync()
    assert [row.revoked_at for row in place.rows(Credential).values()] == [None, None]
    aws.delete_api_key(apiKey=lost)
    aws.update_api_key(apiKey=off, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert place.sync(LATER).errors == []
    rows = place.rows(Credential)
    assert rows[lost].revoked_at == LATER
    assert rows[off].revoked_at is not None
    place.sync(LATER + timedelta(days=1))
    assert place.rows(Credential)[lost].revoked_at == LATER, "dated once"


def test_an_unchanged_registry_changes_nothing(aws, place):
    key(aws, "acme", [aws.create_usage_plan(name="Gold")["id"]])
    place.sync()
    result = place.sync(LATER)
    assert (result.errors, result.changed) == ([], 0)


def test_check_says_what_would_come(aws, place):
    made = key(aws, "acme")
    found = place.check()
    assert (found.reachable, found.authorised, found.ok) == (True, True, True)
    assert {finding.stream for finding in found.findings} == {"usage_plans", "keys", "services"}
    assert any(finding.first and finding.first["id"] == made for finding in found.findings)
    assert place.rows(Credential) == {}


def test_the_usual_credentials_of_the_machine_are_used(aws, moto_url, tmp_path, monkeypatch):
    made = key(aws, "acme")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    place = Place(tmp_path / "usual", moto_url, settings="")
    assert place.sync().errors == []
    assert set(place.rows(Credential)) == {made}


def test_without_credentials_it_says_so(tmp_path, moto_url, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    place = Place(tmp_path / "home", moto_url, settings="")
    assert "credentials" in place.sync().errors[0]
    assert place.check().authorised is False
    lost = Place(tmp_path / "lost", moto_url, settings='profile = "nobody"')
    assert "nobody" in lost.sync().errors[0]


def test_a_secret_of_another_form_is_named_and_not_repeated(place):
    (place.home / "secrets" / "aws").write_text("justonewordofsecret")
    (error,) = place.sync().errors
    assert "ACCESS_KEY_ID:SECRET_ACCESS_KEY" in error
    assert "justoneword" not in error


def test_all_pages_of_every_list_are_read(vendor):
    _, place = vendor
    assert place.sync().errors == []
    rows = place.rows(Credential)
    assert set(rows) == {f"key{n}" for n in range(8)}
    assert {name: row.plan for name, row in rows.items() if row.plan} == {f"key{n}": f"Plan {n % 4}" for n in range(7)}
    assert rows["key7"].groups == ["Plan 0", "Plan 1", "Plan 2", "Plan 3"]
    assert rows["key0"].created_at == datetime(2026, 1, 1)
    assert len(place.rows(Service)) == 8
    assert not any("raw-of" in json.dumps(str(row)) for row in rows.values())


def test_throttling_is_waited_out(vendor):
    small, place = vendor
    small.faults = [THROTTLED, THROTTLED]
    assert place.sync().errors == []
    assert len(place.rows(Credential)) == 8


def test_what_lasts_is_an_error_with_its_reason(vendor):
    small, place = vendor
    for fault, word in (
        (THROTTLED, "TooManyRequests"),
        ((500, {}, {"message": "oops"}), "HTTP 500"),
        ("drop", "closed"),
    ):
        small.always = lambda _path, fault=fault: fault
        result = place.sync(patience=Patience(attempts=1))
        assert word in result.errors[0]
        assert not any("unexpected" in error for error in result.errors)
    assert place.rows(Credential) == {}


def test_a_missing_permission_and_a_wrong_key_are_told_apart(vendor):
    small, place = vendor
    small.always = lambda path: DENIED if path == "/apikeys" else None
    result = place.sync()
    assert {stream.stream for stream in result.streams if stream.error} == {"keys"}
    assert len(place.rows(Service)) == 8
    said = next(finding for finding in place.check().findings if finding.stream == "keys")
    assert "apigateway:GET on /apikeys" in said.text
    small.always = lambda _path: WRONG
    found = place.check()
    assert (found.reachable, found.authorised) == (True, False)
    assert all(SECRET not in error and ACCESS not in error for error in place.sync().errors)


def test_a_failure_in_the_middle_revokes_nothing(vendor):
    small, place = vendor
    place.sync()
    small.always = lambda path: (
        (500, {}, {}) if "position" in str(small.requests[-1][1]) and path == "/apikeys" else None
    )
    assert place.sync(LATER, Patience(attempts=1)).errors
    assert all(row.revoked_at is None for row in place.rows(Credential).values())


def test_paging_in_a_circle_ends(vendor):
    small, place = vendor
    small.always = lambda path: (200, {}, {"item": [], "position": "p3"}) if path == "/apikeys" else None
    assert any("circle" in error for error in place.sync().errors)


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b"null", b'{"item": 5}', b"\xff\xfe"])
def test_an_answer_that_is_not_documented_is_an_error_not_a_crash(vendor, body):
    small, place = vendor
    small.always = lambda _path: (200, {}, body)
    result = place.sync(patience=Patience(attempts=1))
    assert result.errors
    assert not any("unexpected" in error for error in result.errors), result.errors
    assert place.rows(Credential) == {}


def test_nobody_there_is_unreachable(place):
    place.program.sources[0].url = "http://127.0.0.1:1"
    found = check(place.program, place.program.sources[0], NOW, Patience(attempts=1))
    assert (found.reachable, found.ok) == (False, False)
