"""An OpenID Connect provider on this machine: discovery, a login page, codes with PKCE, signed ID tokens, keys, logout.

It is as strict as a company's own: what a client sends wrongly is refused, so that a login through it proves something.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dashboard", "known to the provider and to the dashboard only"
LIVES = 300


class Provider:
    """What the provider knows: its key, the clients' logins that are under way, and who came in and went out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = RSAKey.generate_key(2048, parameters={"kid": "test", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.refused: list[str] = []
        self.tokens = 0
        self.logouts = 0

    def metadata(self) -> dict:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def problem(self, asked: dict[str, str]) -> str | None:
        """Why a client's request for a login is refused."""
        wanted = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256"}
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if not asked.get(name)]
        wrong += ["scope"] if "openid" not in asked.get("scope", "").split() else []
        wrong += ["redirect_uri"] if not asked.get("redirect_uri", "").endswith("/oauth2callback") else []
        return f"wrong or missing: {', '.join(wrong)}" if wrong else None

    def code(self, asked: dict[str, str], email: str) -> str:
        """A code for a person who logged in."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "email": email}
        return code

    def token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict]:
        """Tokens for a code: once, for the client that asked for it, with the verifier that only it knows."""
        kind, _, credentials = authorization.partition(" ")
        given = base64.b64decode(credentials).decode().split(":", 1) if kind == "Basic" else []
        if [unquote(part) for part in given] != [CLIENT, SECRET]:
            return self._refuse(401, "invalid_client")
        login = self.codes.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        verified = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not login or verified != login["code_challenge"] or asked.get("redirect_uri") != login["redirect_uri"]:
            return self._refuse(400, "invalid_grant")
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": hashlib.sha256(login["email"].encode()).hexdigest()[:16],
            "iat": now,
            "exp": now + LIVES,
            "nonce": login["nonce"],
            "email": login["email"],
            "name": login["email"].partition("@")[0].capitalize(),
        }
        self.tokens += 1
        signed = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self.key)
        return 200, {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": LIVES,
            "id_token": signed,
        }

    def _refuse(self, status: int, error: str) -> tuple[int, dict]:
        self.refused.append(error)
        return status, {"error": error}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, _fields(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            self._json(200, self.provider.metadata())
        elif path == "/keys":
            self._json(200, {"keys": [self.provider.key.as_dict(private=False)]})
        elif path == "/authorize" and (problem := self.provider.problem(asked)):
            self.provider.refused.append(problem)
            self._send(400, "text/plain", problem)
        elif path == "/authorize":
            self._send(200, "text/html", _login_page(asked))
        elif path == "/logout" and asked.get("client_id") == CLIENT:
            self.provider.logouts += 1
            self._redirect(asked["post_logout_redirect_uri"])
        else:
            self._send(404, "text/plain", "no such page")

    def do_POST(self) -> None:
        asked = _fields(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/token":
            self._json(*self.provider.token(asked, self.headers.get("Authorization", "")))
        elif self.path == "/authorize" and not self.provider.problem(asked):
            email = asked.pop("email", "")
            said = {"code": self.provider.code(asked, email)} if email else {"error": "access_denied"}
            self._redirect(f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}")
        else:
            self._send(404, "text/plain", "no such page")

    def _json(self, status: int, content: dict) -> None:
        self._send(status, "application/json", json.dumps(content))

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", quote(url, safe=":/?&=%+-._~"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, kind: str, content: str) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at what the provider knows."""


def _fields(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _login_page(asked: dict[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
    )
    return (
        "<!doctype html><title>Company login</title><h1>Company login</h1>"
        f'<form method="post" action="/authorize">{hidden}<label>E-mail <input name="email"></label>'
        "<button>Continue</button></form>"
    )


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that listens on a free port of this machine until the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    running = Provider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"provider": running})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
