"""The registries of Azure API Management, Apigee and Tyk: what their records say, and that calls find them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from data_sources import program as programs
from data_sources.records import Application, Credential, Developer
from data_sources.store import keyed_hash, salt
from data_sources.sync import sync_all
from sql.engines import duckdb as engine
from tests.data_sources.test_connectors import LATER, NOW, Place
from tests.data_sources.vendors import vendor_of
from tests.data_sources.vendors.server import TOKEN
from tests.new_store import new_store


@pytest.fixture
def place(request, tmp_path):
    vendor = vendor_of(request.param)
    with vendor.serve() as url:
        yield Place(tmp_path / "home", vendor, url)


def only(kind: str):
    return pytest.mark.parametrize("place", [kind], indirect=True)


def test_a_raw_key_has_the_name_that_request_events_give_it(tmp_path):
    with engine.connect() as con:
        con.execute(f"set variable salt = '{salt(tmp_path).hex()}'")
        assert con.execute("select keyed_hash('a raw key')").fetchone()[0] == keyed_hash(tmp_path, "a raw key")


@pytest.mark.parametrize("place", ["apigee", "tyk"], indirect=True)
def test_no_raw_key_is_stored(place):
    assert place.sync().errors == []
    held = json.dumps(place.records(), default=str)
    for said in ("rawkey", "rawsecret", "hash1"):
        assert said not in held
    for path in place.home.rglob("*"):
        assert not path.is_file() or b"rawsecret" not in path.read_bytes()


# Azure API Management


@only("azure_apim")
def test_a_subscription_is_an_application_and_its_key(place):
    place.sync()
    application, key = place.one(Application, "sub-1"), place.one(Credential, "sub-1")
    assert (application.name, application.plan, application.developer_id) == ("App 1", "growth", "user-1")
    assert (key.developer_ref, key.application_ref, key.plan, key.groups) == ("user-1", "sub-1", "growth", ["Growth"])
    user = place.one(Developer, "user-1")
    assert (user.email, user.name, user.tags, user.status) == ("dev1@acme.example", "Dev 1", ["Developers"], "active")
    assert user.created_at.isoformat() == "2026-01-02T10:00:00.123456"


@only("azure_apim")
def test_a_cancelled_subscription_ended_when_azure_says_or_when_it_was_first_seen(place):
    said, silent = (place.vendor.lists["subscriptions"][n]["properties"] for n in (0, 1))
    said |= {"state": "cancelled", "endDate": "2026-02-01T00:00:00Z"}
    silent["state"] = "expired"
    place.sync()
    place.sync(LATER)
    assert place.one(Credential, "sub-0").revoked_at.isoformat() == "2026-02-01T00:00:00"
    assert place.one(Credential, "sub-1").revoked_at == NOW


@only("azure_apim")
def test_a_subscription_to_all_apis_has_no_plan_and_one_without_owner_nobody(place):
    held = place.vendor.lists["subscriptions"][0]["properties"]
    held |= {"scope": held["scope"].split("/products")[0] + "/apis", "ownerId": None}
    place.sync()
    key = place.one(Credential, "sub-0")
    assert (key.plan, key.groups, key.developer_ref) == (None, None, None)


@only("azure_apim")
def test_the_next_link_of_another_host_is_asked_of_ours(place):
    place.sync()
    assert {query.get("$skip") for path, query, _ in place.vendor.requests if path.endswith("/users")} == {
        None,
        "3",
        "6",
    }


# Apigee


@only("apigee")
def test_an_app_with_its_keys(place):
    app = place.vendor.lists["apps"][0]
    app["credentials"] += [
        {"consumerKey": "rawkey-old", "status": "revoked", "issuedAt": "-1", "expiresAt": "-1",
         "apiProducts": [{"apiproduct": "growth"}, {"apiproduct": "starter"}]},
        {"consumerKey": "rawkey-over", "status": "approved", "expiresAt": "1770000000000", "apiProducts": []},
        {"consumerKey": "rawkey-soon", "status": "approved", "expiresAt": "1900000000000"},
    ]  # fmt: skip
    place.sync()
    one = lambda raw: place.one(Credential, f"key:{keyed_hash(place.home, raw)}")  # noqa: E731
    live, old, over, soon = (one(raw) for raw in ("rawkey0", "rawkey-old", "rawkey-over", "rawkey-soon"))
    assert (live.application_ref, live.developer_ref, live.plan, live.revoked_at) == ("app-0", "dev-0", "growth", None)
    assert (old.plan, old.groups, old.created_at, old.revoked_at) == (None, ["growth", "starter"], None, NOW)
    assert over.revoked_at.isoformat() == "2026-02-02T02:40:00"
    assert soon.revoked_at is None
    assert place.one(Application, "app-0").name == "App 0"


@only("apigee")
def test_the_keys_of_an_app_that_is_gone_are_kept(place):
    place.sync()
    place.vendor.lists["apps"].pop(0)
    place.sync(LATER)
    assert place.one(Application, "app-0") is None
    assert place.one(Credential, f"key:{keyed_hash(place.home, 'rawkey0')}").revoked_at == LATER


# Tyk


@only("tyk")
def test_a_key_has_its_owner_and_its_plan(place):
    told = place.vendor.lists["api/keys/detailed"]
    told[1]["data"] |= {"apply_policies": ["pol-0", "pol-1"], "is_inactive": True}
    told[2]["data"] |= {"meta_data": {"tyk_developer_id": "dev-5"}, "expires": 1_770_000_000}
    place.sync()
    one = lambda raw: place.one(Credential, f"key:{keyed_hash(place.home, raw)}")  # noqa: E731
    assert (one("hash0").developer_ref, one("hash0").plan, one("hash0").username) == ("dev-0", "plan-0", "app 0")
    assert (one("hash1").plan, one("hash1").groups, one("hash1").revoked_at) == (None, ["plan-0", "plan-1"], NOW)
    assert (one("hash2").developer_ref, one("hash2").revoked_at.isoformat()) == ("dev-5", "2026-02-02T02:40:00")
    developer = place.one(Developer, "dev-0")
    assert (developer.name, developer.organization_name, developer.status) == ("Dev 0", "Acme", "active")
    assert developer.created_at.isoformat() == "2026-01-08T08:26:34.287000"


# Access tokens


class Tokens:
    """The address of an authority that gives access tokens, on loopback; `asked` is what it was asked with."""

    def __init__(self, answer: dict | None, status: int = 200) -> None:
        self.asked: list[dict] = []
        tokens = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                tokens.asked.append({"path": self.path, **dict(parse_qsl(form))})
                body = json.dumps(answer).encode() if answer is not None else b"<html>"
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "Tokens":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()


GOOD = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3599}


def signed_in(home, settings: dict, secret: str):
    (home / "secrets").mkdir(parents=True)
    (home / "secrets" / "way_in").write_text(secret)
    lines = "\n".join(f'{name} = "{value}"' for name, value in settings.items())
    (home / "program.toml").write_text(f'[program]\nname = "t"\n\n[[source]]\nname = "it"\n{lines}\n')
    (result,) = sync_all(new_store(home), programs.load(home), NOW)
    return result


def azure(vendor, url: str, tokens: Tokens) -> dict:
    kept = {name: value for name, value in vendor.settings(url).items() if name != "token"}
    return kept | {"login_url": tokens.url, "tenant": "harbor.example", "client_id": "app-1", "key": "secret:way_in"}


@pytest.fixture
def authlib_over_http(monkeypatch):
    """Authlib refuses plain HTTP; only these tests have an authority on loopback."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.mark.usefixtures("authlib_over_http")
def test_azure_is_entered_with_a_client_secret(tmp_path):
    vendor = vendor_of("azure_apim")
    with vendor.serve() as url, Tokens(GOOD) as tokens:
        result = signed_in(tmp_path / "home", azure(vendor, url, tokens), "a client secret")
    assert result.errors == []
    (asked,) = tokens.asked
    assert asked == {
        "path": "/harbor.example/oauth2/v2.0/token", "grant_type": "client_credentials", "client_id": "app-1",
        "client_secret": "a client secret", "scope": "https://management.azure.com/.default",
    }  # fmt: skip


@pytest.mark.usefixtures("authlib_over_http")
@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            {"error": "invalid_client", "error_description": "AADSTS7000215: a client secret"},
            401,
            "no access token: invalid_client",
        ),
        ({"token_type": "Bearer"}, 200, "no access token"),
        (None, 200, "gave no JSON"),
    ],
)
def test_an_authority_that_gives_no_token_is_said_without_the_secret(tmp_path, answer, status, words):
    vendor = vendor_of("azure_apim")
    with vendor.serve() as url, Tokens(answer, status) as tokens:
        result = signed_in(tmp_path / "home", azure(vendor, url, tokens), "a client secret")
    assert vendor.requests == []
    assert all(words in error for error in result.errors), result.errors
    assert result.errors
    assert not any("a client secret" in error for error in result.errors)


@pytest.mark.usefixtures("authlib_over_http")
def test_apigee_is_entered_by_a_service_account(tmp_path):
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    vendor = vendor_of("apigee")
    with vendor.serve() as url, Tokens(GOOD) as tokens:
        account = {"type": "service_account", "client_email": "reader@harbor.example", "private_key_id": "k1",
                   "private_key": pem, "token_uri": f"{tokens.url}/token"}  # fmt: skip
        settings = {name: value for name, value in vendor.settings(url).items() if name != "token"}
        result = signed_in(tmp_path / "home", settings | {"key": "secret:way_in"}, json.dumps(account))
    assert result.errors == []
    (asked,) = tokens.asked
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    said = jwt.decode(asked["assertion"], RSAKey.import_key(pem), algorithms=["RS256"])
    assert (said.header["kid"], said.claims["iss"], said.claims["aud"]) == (
        "k1",
        "reader@harbor.example",
        f"{tokens.url}/token",
    )
    assert said.claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"


@pytest.mark.parametrize(
    "secret", ["no JSON", "{}", '{"private_key": "x", "private_key_id": "1", "client_email": "a@b.example"}']
)
def test_a_service_account_that_is_none_is_said(tmp_path, secret):
    vendor = vendor_of("apigee")
    with vendor.serve() as url:
        settings = {name: value for name, value in vendor.settings(url).items() if name != "token"}
        result = signed_in(tmp_path / "home", settings | {"key": "secret:way_in"}, secret)
    assert result.errors
    assert all("expected the JSON file of a service account" in error for error in result.errors), result.errors
