"""What the Account page says in words where the data hold a short name: rules, roles, relations, records, findings."""

from typing import Any

from pages.shared import words

RELATIONS = {
    "employer pays": "The organization itself pays",
    "partner pays": "A partner pays",
    "developer pays": "The developer pays",
    "internal team": "Internal team, charged back",
    "nobody pays": "Nobody pays",
    "unknown": "Who pays is not known",
}
TWO_STEPS = {
    "isv": "a software vendor whose own customers pay it",
    "agency": "an agency that builds for a client",
    "reseller": "a reseller that pays for its client's application",
}
ROLES = {
    "economic_buyer": "Economic buyer",
    "procurement": "Procurement",
    "legal": "Legal",
    "security": "Security",
    "billing_contact": "Receives the bills",
    "evaluator": "Evaluator",
    "developer": "Developer",
    "support": "Asks for help",
}
RECORDS = {
    "developer": "Developer",
    "application": "Application",
    "credential": "Credential",
    "organization": "Organization",
    "contact": "Contact",
    "contract": "Contract",
    "opportunity": "Sale hoped for",
    "billing_customer": "Billing customer",
    "support_user": "Help-desk user",
    "support_organization": "Help-desk organization",
    "email": "E-mail address",
    "domain": "Domain",
    "team": "Internal team",
    "person": "Person",
}
EVENTS = {
    "stage": "Stage",
    "call": "Calls",
    "ticket": "Ticket",
    "money": "Money",
    "contract": "Contract",
    "portal": "Portal",
    "outreach": "Outreach",
    "person": "Person",
    "tier": "Tier",
    "ladder": "Ladder",
    "bucket": "Bucket",
    "link": "Link",
    "decision": "Decision",
    "owner": "Owner",
    "move": "Move",
    "note": "Note",
}
SEVERITIES = {"high": "Grave", "medium": "Worth a look", "low": "Good to know"}
_CONDITIONS = {
    "group": "gateway group",
    "tag": "tag",
    "plan": "plan",
    "product": "product",
    "attribute": "attribute",
    "contract": "contract",
    "contract_begun": "contract begun",
    "approved": "reviewed developer on plan",
    "tier": "tier",
    "stage": "stage",
}
_ALONE = {
    "internal_domain": "an address at our own domain",
    "approved": "reviewed developer",
    "contract": "a contract",
    "contract_begun": "a contract begun",
    "always": "no other rule holds",
    "pays": "pays now",
    "has_paid": "has paid a bill",
}


def rule(said: Any) -> str:
    """A rule of tier or ladder as people say it: `contract = partner` is "contract: partner"."""
    if words.missing(said) or not said:
        return ""
    field, _, value = str(said).partition(" = ")
    if not value:
        return _ALONE.get(field, field.replace("_", " "))
    return f"{_CONDITIONS.get(field, field.replace('_', ' '))}: {value.replace('_', ' ')}"


def role(name: Any) -> str:
    """A role around an account: Economic buyer; a person without one is a contact."""
    return "Contact, role not known" if words.missing(name) else ROLES.get(name, str(name).replace("_", " "))


def relation(name: Any, two_step: Any = None) -> str:
    """Who pays, and how a partner stands between: A partner pays, a reseller that …"""
    said = RELATIONS.get(name, RELATIONS["unknown"])
    between = None if words.missing(two_step) else TWO_STEPS.get(two_step)
    return f"{said}: {between}" if between else said


def record(kind: Any) -> str:
    """The kind of a record or of what it shares with others."""
    return RECORDS.get(kind, str(kind).replace("_", " ").capitalize())
