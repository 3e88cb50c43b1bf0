"""What people call the columns of a record in their sheets. Names are compared without case, spaces and punctuation."""

import re

# Column names that mean the same in every table, best first.
EVERYWHERE = {
    "email": ("email address", "mail", "contact email", "user email"),
    "name": ("full name", "display name", "title"),
    "domain": ("company domain name", "company domain", "website", "web site", "website url", "email domain", "url"),
    "organization_id": ("org id", "company id", "account id", "team id"),
    "organization_ref": (
        "organization id",
        "org id",
        "company id",
        "account id",
        "associated company ids (primary)",
        "associated company id",
        "associated company ids",
        "organization",
    ),
    "organization_name": (
        "organization",
        "org",
        "company",
        "company name",
        "account",
        "account name",
        "employer",
        "customer",
        "associated company (primary)",
        "associated company",
    ),
    "developer_id": ("developer", "user id", "owner id", "created by"),
    "developer_ref": ("developer id", "developer", "user id", "user", "actor"),
    "application_ref": ("application id", "app id", "application", "app"),
    "billing_customer_ref": ("billing customer", "customer id", "stripe customer", "stripe customer id", "billing id"),
    "consumer_ref": ("consumer", "consumer id", "kong consumer", "gateway consumer"),
    "credential_ref": ("credential id", "api key id", "aws api key id", "key id", "client id"),
    "created_at": (
        "created",
        "created on",
        "creation date",
        "date created",
        "create date",
        "created date",
        "signed up",
        "signed up at",
        "signup date",
    ),
    "verified_at": ("verified", "verified on", "email verified at"),
    "occurred_at": (
        "occurred",
        "date",
        "time",
        "timestamp",
        "when",
        "event date",
        "happened at",
        "created at",
        "held on",
    ),
    "signed_at": ("signed", "signed on", "signature date", "date signed"),
    "starts_at": ("starts", "start", "start date", "starts on", "valid from", "effective date"),
    "ends_at": ("ends", "end", "end date", "ends on", "valid to", "expiry date", "renewal date"),
    "closed_at": ("closed", "close date", "closed on"),
    "channel": ("source channel", "acquisition channel", "signup source", "utm source", "medium"),
    "status": ("state",),
    "country": (
        "country code",
        "country/region code",
        "billing country code",
        "mailing country code",
        "country/region",
        "billing country",
        "mailing country",
        "region",
    ),
    "tags": ("labels", "tag"),
    "owner": (
        "account owner",
        "account manager",
        "responsible",
        "owner name",
        "owner email",
        "sales rep",
        "company owner",
        "contact owner",
        "deal owner",
        "opportunity owner",
        "owner id",
    ),
    "currency": ("currency code", "ccy", "currency iso code", "amount currency"),
    "plan": ("plan name", "tariff", "product", "package"),
    "environment": ("env", "stage"),
    "kind": ("type", "event", "event type", "event name", "action"),
    "tier": ("ecosystem tier", "api tier", "segment"),
    "employees": ("number of employees", "headcount", "employee count", "size"),
    "detail": ("details", "description", "page", "note", "notes"),
    "url": ("link", "address"),
}
IN_TABLE = {
    ("organization", "name"): (
        "organization",
        "organization name",
        "company",
        "company name",
        "account",
        "account name",
        "team",
    ),
    ("organization", "parent_id"): (
        "parent",
        "parent organization",
        "parent company id",
        "parent company",
        "parent account id",
    ),
    ("contact", "name"): ("contact", "contact name", "full name"),
    ("contact", "title"): ("job title", "position"),
    ("contact", "role"): ("buying role", "contact role", "role in purchase", "roles"),
    ("developer", "name"): ("developer", "developer name", "full name", "contact", "contact name", "user name"),
    ("application", "name"): ("application", "application name", "app", "app name"),
    ("application", "consumer_ref"): ("kong consumer id", "custom id"),
    ("contract", "annual_value"): (
        "annual contract value",
        "acv",
        "arr",
        "value",
        "contract value",
        "amount",
        "annual amount",
    ),
    ("contract", "revenue_share_percent"): ("revenue share", "rev share", "share percent", "partner share"),
    ("contract", "support_plan"): ("support", "support tier", "support level"),
    ("contract", "terms"): ("contract type", "agreement type", "type"),
    ("contract", "relation"): ("relationship", "who pays"),
    ("contract", "steps"): ("procurement steps", "procurement"),
    ("contract", "people"): ("contacts", "stakeholders"),
    ("contract", "sla"): ("sla targets", "service levels"),
    ("opportunity", "amount"): ("value", "deal size", "deal value", "deal amount", "opportunity amount"),
    ("opportunity", "stage"): ("deal stage", "stage name", "opportunity stage"),
    ("opportunity", "sourced_by"): ("lead source", "source", "partner"),
    ("outreach_activity", "title"): ("name", "activity", "event", "campaign", "subject"),
    ("outreach_activity", "direction"): ("audience", "direction of work"),
    ("outreach_activity", "cost"): ("amount", "spend", "budget", "total cost"),
    ("outreach_activity", "hours"): ("hours spent", "effort", "effort hours", "time spent"),
    ("partner_payment", "amount"): ("paid", "payout", "share paid", "total"),
    ("partner_payment", "paid_at"): ("paid on", "date", "payment date", "payout date"),
    ("partner_payment", "organization_name"): ("partner", "partner name"),
    ("end_user_report", "month"): ("period", "date"),
    ("end_user_report", "end_users"): ("users", "active users", "monthly active users", "mau", "merchants", "shops"),
    ("end_user_report", "organization_name"): ("partner", "partner name"),
    ("plan_figure", "month"): ("period", "date"),
    ("plan_figure", "line"): ("figure", "account", "category"),
    ("plan_figure", "amount"): ("plan", "planned", "budget", "value"),
    ("outreach_activity", "channel"): ("type", "kind", "format"),
    ("portal_event", "visitor_ref"): ("visitor", "visitor id", "anonymous id", "session id"),
    ("ticket", "subject"): ("title", "summary"),
    ("ticket", "kind"): ("ticket type",),
}
OWN_ID = {
    "organization": ("company id", "account id"),
    "developer": ("user id",),
    "application": ("app id",),
    "opportunity": ("deal id",),
}
GIVEN_NAMES, FAMILY_NAMES = ("first name", "given name"), ("last name", "family name", "surname")
NATURAL_KEYS = {
    "organization": ("domain", "name"),
    "contact": ("email",),
    "developer": ("email",),
    "support_user": ("email",),
    "billing_customer": ("email",),
}
CODES = {
    ("portal_event", "kind"),
    ("contract", "tier"),
    ("contract", "terms"),
    ("contract", "relation"),
    ("organization", "tier"),
    ("outreach_activity", "direction"),
    ("plan_figure", "tier"),
    ("plan_figure", "line"),
    ("application", "environment"),
    ("credential", "kind"),
    ("ticket_event", "kind"),
}
NOT_MONEY = {"quantity"}
IN_MINOR_UNITS = ("cents", "minor", "minorunits", "inminorunits", "pence")


def plain(name: str) -> str:
    """A header without case, spaces and punctuation, in one spelling: "Organisation - Name" is organizationname."""
    return re.sub(r"[\W_]+", "", name.casefold()).replace("organis", "organiz")


def header_names(table: str, column: str) -> tuple[str, ...]:
    """The headers that mean a column of a record table, as people write them, best first."""
    if column == "id":
        names = (
            "id",
            f"{table} id",
            f"{table} number",
            f"{table} no",
            *OWN_ID.get(table, ()),
            "record id",
            "key",
            "uuid",
            "identifier",
        )
    else:
        names = (column, *IN_TABLE.get((table, column), ()), *EVERYWHERE.get(column, ()))
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(plain(name), name.replace("_", " "))
    return tuple(spelled.values())
