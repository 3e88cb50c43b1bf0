"""Who may come in: everyone on this machine; beyond it only people who logged in, who then see what they asked for."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pages.shared import words

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ASKED_COOKIE = "asked_for"
ASKED_LIVES = 600
LONGEST_ASKED = 2_000


def guarded() -> bool:
    """Whether `[auth]` is configured in Streamlit's secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def only_here() -> bool:
    """Whether the server listens on this machine alone. No address means every address."""
    return (st.get_option("server.address") or "") in LOOPBACK


def welcome_in() -> bool:
    """Whether this visitor may see anything at all."""
    return st.user.is_logged_in if guarded() else only_here()


def explain() -> None:
    """What a visitor who may not come in sees instead of a page: the login, or why there is none."""
    _login() if guarded() else _refuse()


def _login() -> None:
    with st.container(horizontal_alignment="center", width="stretch"), st.container(width=420, border=True):
        st.title("Log in", icon=":material/lock:")
        st.markdown("This dashboard shows customers, money and support. Log in with your company account to see it.")
        st.button("Log in", type="primary", on_click=st.login, width="stretch", icon=":material/login:")


class BackToAsked:
    """ASGI middleware: whoever logs in lands on the page that they asked for; Streamlit alone always opens the first page.

    The way to the provider starts on that page, which the browser names as its referrer; a cookie keeps it until the way
    back. Only its path and query are used, so no other site can be reached through it.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on; add the cookie on the way out, and use it on the way back."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.endswith("/auth/login"):
            await self.app(scope, receive, _adding(send, lambda message: _remember(message, scope)))
        elif scope["type"] == "http" and path.endswith("/oauth2callback"):
            await self.app(scope, receive, _adding(send, lambda message: _go_back(message, scope)))
        else:
            await self.app(scope, receive, send)


def _adding(send: Any, change: Any) -> Any:
    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] in (302, 303, 307):
            change(message)
        await send(message)

    return sent


def _remember(message: Any, scope: Any) -> None:
    address = urlsplit(_header(scope, b"referer"))
    asked = address.path + (f"?{address.query}" if address.query else "")
    if _is_ours(asked):
        _set_cookie(message, quote(asked, safe=""), ASKED_LIVES)


def _go_back(message: Any, scope: Any) -> None:
    kept = SimpleCookie(_header(scope, b"cookie")).get(ASKED_COOKIE)
    asked = unquote(kept.value) if kept else ""
    came_in = any(name == b"set-cookie" and value.startswith(b"_streamlit_user=") for name, value in message["headers"])
    if came_in and _is_ours(asked):
        others = [(name, value) for name, value in message["headers"] if name != b"location"]
        message["headers"] = [*others, (b"location", quote(asked, safe="/?&=%+:,;@~.-_!$'()*").encode())]
        _set_cookie(message, "", 0)


def _is_ours(asked: str) -> bool:
    """Whether it is a path on this server: `//other.example` and `/\\other.example` would lead elsewhere."""
    return asked.startswith("/") and asked[1:2] not in ("/", "\\") and len(asked) <= LONGEST_ASKED


def _header(scope: Any, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _set_cookie(message: Any, value: str, lives: int) -> None:
    cookie = f"{ASKED_COOKIE}={value}; Path=/; Max-Age={lives}; HttpOnly; SameSite=Lax"
    message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode("latin-1"))]


def way_out() -> None:
    """Who is logged in, with the way out; nothing where nobody has to log in."""
    if not guarded() or not st.user.is_logged_in:
        return
    email = str(st.user.get("email") or "")
    name = str(st.user.get("name") or email or "Logged in")
    with st.popover(words.plain(name), icon=":material/account_circle:", type="tertiary", width="content"):
        if email and email != name:
            st.caption(words.plain(email))
        st.button("Log out", icon=":material/logout:", on_click=st.logout, key="log_out")


def _refuse() -> None:
    address = st.get_option("server.address") or "every address (0.0.0.0)"
    with st.container(horizontal_alignment="center", width="stretch"), st.container(width=720):
        st.title("Not open to the network", icon=":material/lock:")
        st.markdown(
            f"This server listens on **{address}**, beyond this machine, and no login is configured. "
            "It shows customers, money and support, so it stays closed until one of these is done:"
        )
        st.markdown("**1.** Keep it on this machine: start it with the address that it has by default.")
        st.code("streamlit run dashboard.py --server.address 127.0.0.1", language="sh")
        st.markdown("**2.** Let people log in: name your OpenID Connect provider in `.streamlit/secrets.toml`.")
        st.code(
            "[auth]\n"
            'redirect_uri = "https://dashboard.example.com/oauth2callback"\n'
            'cookie_secret = "a long random text"\n'
            'client_id = "…"\n'
            'client_secret = "…"\n'
            'server_metadata_url = "https://login.example.com/.well-known/openid-configuration"',
            language="toml",
        )


def who() -> str:
    """The name under which a judgement is stored."""
    if guarded() and st.user.is_logged_in:
        return str(st.user.get("email") or st.user.get("name") or "someone who logged in")
    return "local user"
