"""Templates of paths: they replace what differs from call to call, keep what names a route, and are their own template."""

import re
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources.demo.catalog import CALLS, REFUSALS, ROUTES, SCANNER_PATHS
from sql.engines import duckdb as engine

PATHS = sorted({call.path for call in CALLS.values()} | {refusal.path for refusal in REFUSALS.values() if refusal.path})
REGISTERED = [path for _, paths, _ in ROUTES.values() for path in paths if not path.startswith("~")]
ENDINGS = ["", "", "", ".pdf", ".csv"]

# with fewer than four figures, and none after an underscore: form_1098 cannot be told from an id
words = st.one_of(
    st.from_regex(r"[a-z]{1,12}(-[a-z]{1,8})?", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"v20[0-9]{6}", fullmatch=True),
)
ids = st.one_of(
    st.integers(0, 10**12).map(str),
    st.uuids().map(str),
    st.from_regex(r"[0-9a-f]{16,40}", fullmatch=True),
    st.from_regex(r"(lbl|cus|ord)_[0-9][a-zA-Z0-9]{3,12}", fullmatch=True),
    st.dates().map(str),
    st.from_regex(r"[a-z]{1,8}[.][a-z]{1,8}@[a-z]{2,8}[.]com", fullmatch=True),
    st.from_regex(r"1Z[0-9]{12}", fullmatch=True),
    st.from_regex(r"[a-z]{1,8}%2B[a-z]{1,8}%40[a-z]{2,8}[.]com", fullmatch=True),
    st.lists(st.integers(0, 999).map(str), min_size=2, max_size=4).map(",".join),
    st.from_regex(r"-?[0-9]{1,3}[.][0-9]{2,6}", fullmatch=True),
)
anything = st.text(st.sampled_from("/abV1290.-_~@%{}:é "), max_size=40).map(lambda text: "/" + text)


@pytest.fixture(scope="module")
def con():
    return engine.connect()


def template(con, path: str) -> str:
    return con.execute("select path_template($path)", {"path": path}).fetchone()[0]


@settings(max_examples=60, deadline=None)
@given(path=st.one_of(anything, st.lists(st.one_of(words, ids), max_size=6).map(lambda parts: "/" + "/".join(parts))))
def test_a_template_is_its_own_template(con, path):
    once = template(con, path)
    assert template(con, once) == once
    assert once.count("/") == path.count("/")


@settings(max_examples=30, deadline=None)
@given(one=st.sampled_from(PATHS), two=st.sampled_from(PATHS), first=ids, second=ids)
def test_ids_of_a_route_are_one_template_and_two_routes_never(con, one, two, first, second):
    if one != two:
        assert template(con, one.replace("{}", first)) != template(con, two.replace("{}", second))
    kinds = {template(con, one.replace("{}", value)) for value in (first, second)}
    assert {re.sub("{[a-z]+}", "{}", kind) for kind in kinds} == {one}


@settings(max_examples=30, deadline=None)
@given(
    version=st.sampled_from(["", "/v1", "/v2", "/api/v3", "/v10"]),
    one=st.lists(words, min_size=1, max_size=4),
    two=st.lists(words, min_size=1, max_size=4),
    at=st.integers(0, 4),
    first=ids,
    ending=st.sampled_from(ENDINGS),
)
def test_routes_of_words_with_an_id_anywhere_stay_apart(con, version, one, two, at, first, ending):
    filled = [version + "/" + "/".join([*parts[:at], first, *parts[at:]]) + ending for parts in (one, two)]
    same = one[:at] == two[:at] and one[at:] == two[at:]
    assert (template(con, filled[0]) == template(con, filled[1])) == same
    assert template(con, filled[0]).startswith(version)


def test_known_routes_are_their_own_templates(con):
    for path in REGISTERED + list(SCANNER_PATHS):
        assert template(con, path) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/labels/88213", "/v2/labels/{id}"),
        ("/v2/labels/88213.pdf", "/v2/labels/{id}.pdf"),
        ("/backup-20260101.tar.gz", "/{id}.tar.gz"),
        ("/order.1234.gz", "/{id}.gz"),
        (f"/v1/x/{uuid.UUID(int=5)}/y", "/v1/x/{uuid}/y"),
        ("/v1/days/2026-06-01", "/v1/days/{date}"),
        ("/v1/users/ann%40acme.com", "/v1/users/{email}"),
        ("/v1/users/ann@acme.com/keys", "/v1/users/{email}/keys"),
        ("/v1/users/ann%2Btest%40acme.com", "/v1/users/{email}"),
        ("/v1/users/1,2,3", "/v1/users/{id}"),
        ("/v1/near/51.5,-0.12", "/v1/near/{id}"),
        ("/v1/hs-codes/85.17", "/v1/hs-codes/{id}"),
        ("/1.1/labels", "/1.1/labels"),
        ("/v20240101/labels", "/v20240101/labels"),
        # the price of reading ids by their looks: where the gateway names routes, these stay apart
        ("/v1/forms/form_1098", "/v1/forms/{id}"),
        ("/v1/iso8601", "/v1/{id}"),
    ],
)
def test_examples(con, path, expected):
    assert template(con, path) == expected


@pytest.mark.parametrize(
    ("path", "version", "root"),
    [
        ("/v1/labels", "v1", "labels"),
        ("/api/v2.1/labels/5", "v2.1", "labels"),
        ("/prod/V3/customs", "v3", "customs"),
        ("/labels", None, "labels"),
        ("/a/b/c/v1", None, "a"),
        ("/", None, ""),
    ],
)
def test_the_version_and_the_root_of_a_path(con, path, version, root):
    assert con.execute("select api_version($path), path_root($path)", {"path": path}).fetchone() == (version, root)


@pytest.mark.parametrize(
    ("agent", "name", "version"),
    [
        ("harborline-python/2.4.1", "harborline-python", "2.4.1"),
        ("Apache-HttpClient/4.5.13 (Java/17)", "Apache-HttpClient", "4.5.13"),
        ("harborline-node v3", "harborline-node", "3"),
        ("Mozilla/5.0 (X11; Linux) Chrome/131.0", "browser", None),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)", "Googlebot", None),
        ("sk_live_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c", "other", None),
        ("-", None, None),
        (None, None, None),
    ],
)
def test_the_program_behind_a_user_agent(con, agent, name, version):
    assert con.execute("select agent_name($agent), agent_version($agent)", {"agent": agent}).fetchone() == (
        name,
        version,
    )


def test_a_shown_user_agent_holds_no_key_and_no_mailbox(con):
    agent = "acme-sync (ann@acme.com; key=abcdef0123456789) sk_live_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c 198.51.100.7"
    shown = con.execute("select shown_agent($agent)", {"agent": agent}).fetchone()[0]
    for secret in ("ann@acme.com", "4f9a8b7c", "198.51.100.7", "abcdef0123456789"):
        assert secret not in shown
    assert shown.startswith("acme-sync")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://ann:pw@Blog.example/rates?email=ann@acme.com#top", "blog.example/rates"),
        ("blog.example/rates?token=abc", "blog.example/rates"),
        ("https://blog.example/u/ann%40acme.com/x", "blog.example/u/{email}/x"),
        ("https://blog.example/reset/abcdef", "blog.example/reset/{key}"),
        ("newsletter", "newsletter"),
        ("A friend", "A friend"),
        ("ann@acme.com", None),
        ("mailto:ann@acme.com", None),
        ("https://198.51.100.7/x", None),
        ("a7f9c3a7f9c3a7f9c3a7f9c3a7", None),
        ("", None),
        (None, None),
    ],
)
def test_a_shown_link_holds_no_mailbox_and_no_token(con, link, shown):
    assert con.execute("select shown_link($link)", {"link": link}).fetchone()[0] == shown
