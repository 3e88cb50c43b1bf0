"""The program.toml and the demo token of the demo company."""

from datetime import date
from pathlib import Path

from data_sources.demo.catalog import PLANS
from data_sources.demo.help_desk import TIME_FIELD, TOTAL_TIME_FIELD
from data_sources.demo.stories import STAGES
from data_sources.demo.timeline import Timeline

TOKEN = "demo-token"
AGENT = "agent@harborline.com"

_SHEETS = (
    ("crm", "organization", "organizations.csv", ""),
    ("portal", "developer", "developers.csv", ""),
    ("portal-applications", "application", "applications.csv", 'columns = { credential_ref = "aws_api_key_id" }\n'),
    ("portal-events", "portal_event", "portal_events.csv", ""),
    ("contracts", "contract", "contracts.csv", ""),
    ("sales", "opportunity", "opportunities.csv", ""),
    ("outreach", "outreach_activity", "outreach.csv", ""),
    ("partner-payments", "partner_payment", "partner_payments.csv", ""),
    ("plan", "plan_figure", "plan.csv", ""),
    ("end-users", "end_user_report", "end_users.csv", ""),
)


def _sources() -> str:
    logs = (("kong-logs", "kong", "api"), ("aws-logs", "aws", "api"), ("docs-logs", "docs", "docs"))
    text = "".join(
        f'[[source]]\nname = "{name}"\nkind = "logs"\npaths = ["logs/{folder}/*.log*"]\nsurface = "{surface}"\n'
        + ('service = "customs"\n' if folder == "aws" else "")
        + "\n"
        for name, folder, surface in logs
    )
    text += '[[source]]\nname = "kong"\nkind = "kong"\nurl = "demo:/kong"\ntoken = "secret:demo"\n\n'
    text += '[[source]]\nname = "stripe"\nkind = "stripe"\nurl = "demo:/stripe"\nkey = "secret:demo"\n\n'
    text += f'[[source]]\nname = "zendesk"\nkind = "zendesk"\nurl = "demo:/zendesk"\nemail = "{AGENT}"\ntoken = "secret:demo"\n'
    text += f'time_field = "{TIME_FIELD}"\ntotal_time_field = "{TOTAL_TIME_FIELD}"\n\n'
    for name, table, file, more in _SHEETS:
        text += f'[[source]]\nname = "{name}"\nkind = "csv"\ntable = "{table}"\npath = "sheets/{file}"\n{more}\n'
    text += '[[source]]\nname = "rates"\nkind = "rates"\npath = "sheets/eurofxref.csv"\n\n'
    return text + '[[source]]\nname = "cloud"\nkind = "focus"\npath = "sheets/focus.csv"\n\n'


_RULES = """[[tier_rule]]
tier = "internal"
when = "group"
value = "internal"

[[tier_rule]]
tier = "partner"
when = "group"
value = "partner"

[[tier_rule]]
tier = "internal"
when = "internal_domain"

[[tier_rule]]
tier = "partner"
when = "contract"
value = "partner"

[[tier_rule]]
tier = "open"
when = "tag"
value = "reviewed"

[[tier_rule]]
tier = "open"
when = "approved"
value = ["free", "starter", "growth", "beta", "enterprise"]

[[tier_rule]]
tier = "public"
when = "always"

[[ladder_rule]]
ladder = "partner"
when = "tier"
value = "partner"

[[ladder_rule]]
ladder = "incubation"
when = "contract_begun"
value = "partner"

[[ladder_rule]]
ladder = "associate"
when = "pays"

[[ladder_rule]]
ladder = "open"
when = "always"

# Customs declarations bind whoever makes them: not for keys that nobody has reviewed.
[[exposure]]
service = "customs"
tiers = ["internal", "partner", "open"]

# Who looks after accounts that stall: the first rule that holds, the last for whoever only tries things out.
[[owner_rule]]
owner = "Elena Costa"
when = "tier"
value = "partner"

[[owner_rule]]
owner = "Jonas Berg"
when = "whose_move"
value = ["sales", "legal"]

[[owner_rule]]
owner = "Tove Nilsen"
when = "whose_move"
value = "support"

[[owner_rule]]
owner = "Kwame Asante"
when = "tier"
value = ["open", "internal"]

[[owner_rule]]
owner = "Ines Duarte"
when = "always"

"""

_RETIRE = """[[retire]]
what = "route"
value = "tracking-list"
by = 2026-12-31
instead = "tracking-events"

[[retire]]
what = "agent"
value = "harborline-python/2.*"
instead = "harborline-python/3"

"""

_COSTS = """[costs]
cost_column = "BilledCost"
support_rate_per_hour = 55
minutes_per_public_reply = 12
minutes_per_internal_note = 4
outreach_rate_per_hour = 60
outreach_window_days = 30

[[costs.support_rate]]
group = "Engineering"
per_hour = 80

[[costs.pool]]
name = "compute"
services = ["Amazon Elastic Compute Cloud", "AWS Lambda"]
driver = "compute_ms"

[[costs.pool]]
name = "gateway"
services = ["Amazon API Gateway"]
driver = "calls"
service = "customs"

[[costs.pool]]
name = "database and logs"
services = ["Amazon Relational Database Service", "Amazon CloudWatch"]
driver = "calls"

[[costs.pool]]
name = "network and storage"
services = ["Amazon CloudFront", "AWS Data Transfer", "Amazon Simple Storage Service"]
driver = "response_bytes"

"""


def program_text(time: Timeline, as_of: date | None, outsiders: str = "") -> str:
    """program.toml as text, `outsiders` in it. `as_of` is written only where the demo was made for a day of its own."""
    text = '[program]\nname = "Harborline"\ncurrency = "usd"\ntime_zone = "UTC"\n'
    text += 'internal_domains = ["harborline.com", "harborline.io"]\nretention_days = 400\n'
    if as_of:
        text += f"as_of = {as_of.isoformat()}\n"
    text += "\n" + _sources() + _RULES + outsiders
    for tier, stages in STAGES.items():
        steps = ", ".join(f'"{stage}"' for stage in stages)
        days = {"internal": 30, "partner": 21, "open": 21, "public": 14}[tier]
        text += f"[stages.{tier}]\nsteps = [{steps}]\nstalled_after_days = {days}\n\n"
    for plan in PLANS.values():
        if plan.name in ("partner", "internal"):
            continue
        price = f"monthly_price = {plan.monthly / 100:g}\n" if plan.monthly else ""
        free = "free = true\n" if plan.name in ("sandbox", "free", "beta") else ""
        included = f"monthly_calls = {plan.quota}\n"
        own = "self_serve = false\n" if plan.name in ("beta", "enterprise") else ""
        text += f'[[plan]]\nname = "{plan.name}"\n{free}{price}{included}{own}\n'
    return text + _RETIRE + _COSTS


def write_program(home: Path, time: Timeline, as_of: date | None, outsiders: str = "") -> None:
    """Write program.toml and the token that the vendor server asks for."""
    (home / "program.toml").write_text(program_text(time, as_of, outsiders), encoding="utf-8")
    secrets = home / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "demo").write_text(TOKEN + "\n", encoding="utf-8")
    (secrets / "demo").chmod(0o600)
