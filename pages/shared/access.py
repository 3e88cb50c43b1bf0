"""Who may come in: everyone on this machine; beyond it only people who logged in."""

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
