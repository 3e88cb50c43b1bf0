"""Who is in the room at Harborline without saying so: two competitors, and what partners say of their end users. A random stream of its own."""

from typing import Any

from data_sources.demo.company import Account
from data_sources.demo.timeline import DAYS, Timeline

COMPETITORS = (("Parcelgate", "198.22.64.0/24"), ("Freightwise", "198.22.130.0/24"))
REGULATED = """# What binds by law. Nobody has named a database of countries here, so where the calls come from is not known until somebody does.
[[regulated]]
service = "customs"
data = "customs declarations, with names and goods"
regions = ["EU", "GB", "US"]
regulator = "Customs authorities"
owner = "Ines Duarte"

[[regulated]]
service = "addresses"
data = "private addresses (GDPR)"
regions = ["EEA", "GB"]
regulator = "Data protection authorities"
owner = "Ines Duarte"

"""


def competitors(time: Timeline, accounts: list[Account]) -> dict[str, str]:
    """By the key of an account the competitor that signed up as it: small, exploring, with an address of its own domain."""
    found = [
        account
        for account in accounts
        if account.persona == "explorer" and account.domain and "first_success" in account.story.reached
        and any(one.email.endswith("@" + account.domain) for one in account.developers)
    ]  # fmt: skip
    chosen = time.rng("competitors").choice(len(found), min(len(COMPETITORS), len(found)), replace=False)
    return {found[place].key: name for place, (name, _) in zip(sorted(chosen), COMPETITORS, strict=False)}


def outsiders_text(time: Timeline, accounts: list[Account]) -> str:
    """What program.toml says of them."""
    hidden = competitors(time, accounts)
    domains = {hidden[account.key]: account.domain for account in accounts if account.key in hidden}
    text = ""
    for name, network in COMPETITORS:
        text += f'[[party]]\nname = "{name}"\nkind = "competitor"\n'
        text += f'domains = ["{domains[name]}"]\n' if name in domains else ""
        text += f'networks = ["{network}"]\n\n'
    return text + REGULATED


def end_users(time: Timeline, accounts: list[Account]) -> list[dict[str, Any]]:
    """What software vendors and resellers say of the shops behind their applications, at the end of each month in which they are in production."""
    rng, rows = time.rng("end users"), []
    for account in accounts:
        begun = account.story.reached.get("in_production")
        if account.persona not in ("isv", "reseller") or begun is None:
            continue
        shops, counted_as = float(rng.integers(40, 900)), str(rng.choice(["shops", "merchants active in the month"]))
        for moment in time.month_starts():
            if begun <= moment and moment + 27 < (account.story.left or DAYS):
                shops *= float(rng.normal(1.03, 0.04))
                rows.append(
                    {
                        "id": f"eu-{account.key}-{time.day(moment)[:7]}",
                        "organization_ref": account.key,
                        "organization_name": account.name,
                        "month": time.day(moment),
                        "end_users": round(shops),
                        "counted_as": counted_as,
                    }
                )
    return rows
