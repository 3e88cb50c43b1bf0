"""The record tables: what a source must deliver, whatever the vendor calls it.

Every record is keyed by (`source`, `id`): the name of the source in program.toml and the vendor's own id. Times are naive
UTC. Money is an integer in the currency's minor unit (JPY has none, so 500 is 500 yen) beside a lower-case ISO 4217 code;
cloud bills alone are kept in millionths, because their lines are smaller than a cent. Unknown is null, never 0.
Fields that end in `_id` name a record of the same source; fields that end in `_ref` may be named by any source.
"""

from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel


def json_field() -> Any:
    """A nullable JSON column for lists and mappings that a vendor sends."""
    return Field(default=None, sa_type=JSON(none_as_null=True))


def big_field() -> Any:
    """A nullable 64-bit integer column: money, bytes, counts."""
    return Field(default=None, sa_type=BigInteger)


class Record(SQLModel):
    """What all records share. `synced_at` is when the content last changed here, in naive UTC."""

    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    synced_at: NaiveDatetime


# Who: gateways, portals, sheets


class Organization(Record, table=True):
    """A company, team, agency or individual that developers belong to, as a portal, CRM or sheet names it."""

    name: str | None = None
    domain: str | None = None
    parent_id: str | None = None
    kind: str | None = None
    tier: str | None = None
    employees: int | None = None
    country: str | None = None
    owner: str | None = None
    tags: list[str] | None = json_field()
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class Contact(Record, table=True):
    """A person around an account, as a CRM or sheet names one: who decides, buys, evaluates; not who holds a credential.

    `role` is developer, evaluator, economic_buyer, procurement, security, legal or support; null where nobody says.
    """

    email: str | None = None
    name: str | None = None
    title: str | None = None
    role: str | None = None
    organization_ref: str | None = None
    organization_name: str | None = None
    owner: str | None = None
    country: str | None = None
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class Developer(Record, table=True):
    """A person who signed up or holds a credential."""

    email: str | None = None
    verified_at: NaiveDatetime | None = None
    name: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None
    channel: str | None = None
    status: str | None = None
    country: str | None = None
    tags: list[str] | None = json_field()
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class Application(Record, table=True):
    """What a developer builds; it holds credentials."""

    name: str | None = None
    developer_id: str | None = None
    organization_id: str | None = None
    plan: str | None = None
    environment: str | None = None
    status: str | None = None
    consumer_ref: str | None = Field(default=None, description="the gateway consumer that calls for it")
    credential_ref: str | None = Field(default=None, description="an API key id at another gateway, for example AWS's")
    tags: list[str] | None = json_field()
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class Credential(Record, table=True):
    """A key, consumer or client id at a gateway; never the secret itself. `kind` is consumer or key."""

    kind: str
    consumer_id: str | None = None
    custom_id: str | None = None
    username: str | None = None
    application_ref: str | None = None
    developer_ref: str | None = None
    plan: str | None = None
    environment: str | None = None
    groups: list[str] | None = json_field()
    tags: list[str] | None = json_field()
    created_at: NaiveDatetime | None = None
    revoked_at: NaiveDatetime | None = None


class Service(Record, table=True):
    """An API as the gateway knows it."""

    name: str | None = None
    host: str | None = None
    tags: list[str] | None = json_field()
    created_at: NaiveDatetime | None = None


class Route(Record, table=True):
    """A path of a service that the gateway forwards."""

    service_id: str | None = None
    name: str | None = None
    paths: list[str] | None = json_field()
    methods: list[str] | None = json_field()
    tags: list[str] | None = json_field()
    created_at: NaiveDatetime | None = None


class PortalEvent(Record, table=True):
    """A dated step in the portal: registered, verified, key_issued, docs_read, pricing_read, agreement_signed, certified, …"""

    __tablename__ = "portal_event"
    kind: str
    occurred_at: NaiveDatetime
    developer_ref: str | None = Field(default=None, index=True)
    application_ref: str | None = None
    organization_ref: str | None = None
    email: str | None = None
    visitor_ref: str | None = None
    channel: str | None = None
    detail: str | None = None


# Money: billing


class BillingCustomer(Record, table=True):
    """Whom the biller charges."""

    __tablename__ = "billing_customer"
    email: str | None = None
    name: str | None = None
    consumer_ref: str | None = Field(default=None, description="the shared key in the biller's metadata")
    organization_ref: str | None = None
    currency: str | None = None
    country: str | None = None
    attributes: dict[str, Any] | None = json_field()
    deleted: bool = False
    created_at: NaiveDatetime | None = None


class Product(Record, table=True):
    """What the biller sells."""

    name: str | None = None
    active: bool | None = None
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class Price(Record, table=True):
    """A price of a product. `unit_amount` is null where it is tiered or metered."""

    product_id: str | None = None
    nickname: str | None = None
    currency: str | None = None
    unit_amount: int | None = big_field()
    unit_amount_decimal: str | None = None
    interval: str | None = Field(default=None, description="day, week, month or year; null for one-off prices")
    interval_count: int | None = None
    usage_type: str | None = Field(default=None, description="licensed or metered")
    billing_scheme: str | None = Field(default=None, description="per_unit or tiered")
    tiers_mode: str | None = Field(default=None, description="graduated or volume")
    tiers: list[dict[str, Any]] | None = json_field()
    package_size: int | None = Field(
        default=None, description="units that are sold together; null where each is priced alone"
    )
    package_round: str | None = Field(default=None, description="up or down, to whole packages")
    tax_behavior: str | None = None
    active: bool | None = None
    created_at: NaiveDatetime | None = None


class Subscription(Record, table=True):
    """A customer's agreement to pay again and again."""

    customer_id: str | None = Field(default=None, index=True)
    status: str | None = None
    currency: str | None = None
    started_at: NaiveDatetime | None = None
    trial_started_at: NaiveDatetime | None = None
    trial_ends_at: NaiveDatetime | None = None
    current_period_started_at: NaiveDatetime | None = None
    current_period_ends_at: NaiveDatetime | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: NaiveDatetime | None = None
    canceled_at: NaiveDatetime | None = None
    ended_at: NaiveDatetime | None = None
    pause: dict[str, Any] | None = json_field()
    discounts: list[dict[str, Any]] | None = json_field()
    attributes: dict[str, Any] | None = json_field()
    created_at: NaiveDatetime | None = None


class SubscriptionItem(Record, table=True):
    """One price within a subscription. `quantity` is null where it is metered."""

    __tablename__ = "subscription_item"
    subscription_id: str | None = Field(default=None, index=True)
    price_id: str | None = None
    quantity: int | None = big_field()
    current_period_started_at: NaiveDatetime | None = None
    current_period_ends_at: NaiveDatetime | None = None
    created_at: NaiveDatetime | None = None


class SubscriptionChange(Record, table=True):
    """What a subscription was from a moment on: its state after a change, whole. What it is now may say nothing of before.

    `cause` is what the biller calls the change, or `listed` where it was only seen. `items`: [{"item_id", "price_id",
    "quantity"}]; `discounts` are in the shape of Discount's fields.
    """

    __tablename__ = "subscription_change"
    subscription_id: str = Field(index=True)
    occurred_at: NaiveDatetime
    cause: str | None = None
    customer_id: str | None = None
    status: str | None = None
    currency: str | None = None
    trial_ends_at: NaiveDatetime | None = None
    ended_at: NaiveDatetime | None = None
    pause: dict[str, Any] | None = json_field()
    items: list[dict[str, Any]] | None = json_field()
    discounts: list[dict[str, Any]] | None = json_field()


class Discount(Record, table=True):
    """A coupon as it was applied to a subscription or a bill. `duration` is once, repeating or forever."""

    coupon_id: str | None = None
    name: str | None = None
    percent_off: float | None = None
    amount_off: int | None = big_field()
    currency: str | None = None
    duration: str | None = None
    duration_months: int | None = None
    subscription_id: str | None = None
    started_at: NaiveDatetime | None = None
    ends_at: NaiveDatetime | None = None


class Invoice(Record, table=True):
    """A bill. `total` holds tax and discounts; `tax` is null where the biller does not say."""

    number: str | None = None
    customer_id: str | None = Field(default=None, index=True)
    subscription_id: str | None = None
    status: str | None = Field(default=None, description="draft, open, paid, void or uncollectible")
    billing_reason: str | None = None
    currency: str | None = None
    subtotal: int | None = big_field()
    discount: int | None = big_field()
    tax: int | None = big_field()
    total: int | None = big_field()
    amount_due: int | None = big_field()
    amount_paid: int | None = big_field()
    period_started_at: NaiveDatetime | None = None
    period_ends_at: NaiveDatetime | None = None
    created_at: NaiveDatetime | None = None
    finalized_at: NaiveDatetime | None = None
    paid_at: NaiveDatetime | None = None
    voided_at: NaiveDatetime | None = None
    uncollectible_at: NaiveDatetime | None = None


class InvoiceLine(Record, table=True):
    """A line of a bill, before discounts, and before tax unless `tax_inclusive`. `discounts`: [{"discount_id", "amount"}]."""

    __tablename__ = "invoice_line"
    invoice_id: str | None = Field(default=None, index=True)
    subscription_id: str | None = None
    subscription_item_id: str | None = None
    price_id: str | None = None
    description: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    quantity: int | None = big_field()
    discount: int | None = big_field()
    discounts: list[dict[str, Any]] | None = json_field()
    tax: int | None = big_field()
    tax_inclusive: bool | None = None
    proration: bool | None = None
    period_started_at: NaiveDatetime | None = None
    period_ends_at: NaiveDatetime | None = None


class CreditNote(Record, table=True):
    """What was taken back of a bill. `refunded` is the part of `total` that refunds give back and that they tell of themselves."""

    __tablename__ = "credit_note"
    number: str | None = None
    invoice_id: str | None = Field(default=None, index=True)
    customer_id: str | None = None
    status: str | None = Field(default=None, description="issued or void")
    reason: str | None = None
    currency: str | None = None
    total: int | None = big_field()
    tax: int | None = big_field()
    refunded: int | None = big_field()
    created_at: NaiveDatetime | None = None
    voided_at: NaiveDatetime | None = None


class Payment(Record, table=True):
    """Money that moved, or failed to (Stripe: a charge)."""

    customer_id: str | None = None
    invoice_id: str | None = None
    payment_intent_id: str | None = None
    balance_transaction_id: str | None = None
    status: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    amount_refunded: int | None = big_field()
    failure_code: str | None = None
    created_at: NaiveDatetime | None = None


class Refund(Record, table=True):
    """Money given back for a payment."""

    payment_id: str | None = None
    payment_intent_id: str | None = None
    balance_transaction_id: str | None = None
    status: str | None = None
    reason: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    created_at: NaiveDatetime | None = None


class Dispute(Record, table=True):
    """A payment that the payer's bank contests. `warning_*` states are inquiries: no money moved.

    The bank takes the money when it opens the dispute (`withdrawn_at`) and gives it back if it is won (`reinstated_at`).
    """

    payment_id: str | None = None
    payment_intent_id: str | None = None
    status: str | None = None
    reason: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    withdrawn_at: NaiveDatetime | None = None
    reinstated_at: NaiveDatetime | None = None
    created_at: NaiveDatetime | None = None


class BalanceFee(Record, table=True):
    """A movement of the balance at the biller, with the fee that it cost: net = amount − fee."""

    __tablename__ = "balance_fee"
    kind: str | None = None
    source_ref: str | None = Field(default=None, description="the payment, refund or dispute that moved it")
    currency: str | None = None
    amount: int | None = big_field()
    fee: int | None = big_field()
    net: int | None = big_field()
    created_at: NaiveDatetime | None = None


class ExchangeRate(Record, table=True):
    """What one unit of `base` was worth in `currency` from a day on. `rate` is written as published."""

    __tablename__ = "exchange_rate"
    base: str
    currency: str
    valid_from: NaiveDatetime
    rate: str


class PartnerPayment(Record, table=True):
    """What a partner was paid as its share of what it brought."""

    __tablename__ = "partner_payment"
    organization_ref: str | None = None
    organization_name: str | None = None
    domain: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    period_started_at: NaiveDatetime | None = None
    period_ends_at: NaiveDatetime | None = None
    paid_at: NaiveDatetime | None = None


class EndUserReport(Record, table=True):
    """How many end users stand behind an application in a month, as the partner who runs it says; nothing that was measured."""

    __tablename__ = "end_user_report"
    organization_ref: str | None = None
    organization_name: str | None = None
    domain: str | None = None
    application_ref: str | None = None
    month: NaiveDatetime
    end_users: int | None = None
    counted_as: str | None = None


class PlanFigure(Record, table=True):
    """What was planned for a tier and month. `line` is revenue, cost_to_serve, infrastructure, support, outreach or fees."""

    __tablename__ = "plan_figure"
    month: NaiveDatetime
    tier: str
    line: str
    currency: str | None = None
    amount: int | None = big_field()


# Where they stall: help desks


class SupportOrganization(Record, table=True):
    """An organization as the help desk knows it."""

    __tablename__ = "support_organization"
    name: str | None = None
    domain_names: list[str] | None = json_field()
    external_id: str | None = None
    tags: list[str] | None = json_field()
    created_at: NaiveDatetime | None = None


class SupportUser(Record, table=True):
    """A person at the help desk. `role` is end-user, agent or admin."""

    __tablename__ = "support_user"
    email: str | None = None
    verified: bool | None = None
    name: str | None = None
    role: str | None = None
    organization_id: str | None = None
    external_id: str | None = None
    deleted: bool = False
    created_at: NaiveDatetime | None = None


class SupportGroup(Record, table=True):
    """A team of the help desk; its hour may have a rate of its own."""

    __tablename__ = "support_group"
    name: str | None = None
    created_at: NaiveDatetime | None = None


class SupportSchedule(Record, table=True):
    """When a help desk works. `intervals`: [{"start_minute", "end_minute"}] of a week that begins on Sunday, in `time_zone`;
    `holidays`: [{"name", "start_date", "end_date"}], both days included."""

    __tablename__ = "support_schedule"
    name: str | None = None
    time_zone: str | None = None
    intervals: list[dict[str, Any]] | None = json_field()
    holidays: list[dict[str, Any]] | None = json_field()
    created_at: NaiveDatetime | None = None


class Ticket(Record, table=True):
    """A request for help. `status` is new, open, pending, hold, solved, closed or deleted."""

    requester_id: str | None = Field(default=None, index=True)
    submitter_id: str | None = None
    assignee_id: str | None = None
    group_id: str | None = None
    organization_id: str | None = None
    subject: str | None = None
    status: str | None = None
    priority: str | None = None
    kind: str | None = None
    channel: str | None = None
    form: str | None = None
    tags: list[str] | None = json_field()
    created_at: NaiveDatetime | None = None
    updated_at: NaiveDatetime | None = None


class SlaPolicy(Record, table=True):
    """A promise of the help desk. `targets`: [{"priority", "metric", "target_minutes", "business_hours"}]."""

    __tablename__ = "sla_policy"
    title: str | None = None
    position: int | None = None
    conditions: dict[str, Any] | None = json_field()
    targets: list[dict[str, Any]] | None = json_field()
    created_at: NaiveDatetime | None = None


class TicketEvent(Record, table=True):
    """A dated change of a ticket: public_reply, internal_note, status_change, work_logged, schedule_applied, sla_applied,
    sla_fulfilled, sla_breached.

    `author_role` is agent, end-user or bot; `minutes` is recorded work time; `metric` is the SLA's (reply_time, …) and
    `instance` counts its clocks within the ticket. A clock is fulfilled with or without a promise: `sla_fulfilled` counts
    only where the same ticket, metric and instance has `sla_applied`.
    """

    __tablename__ = "ticket_event"
    ticket_id: str = Field(index=True)
    kind: str
    occurred_at: NaiveDatetime
    author_id: str | None = None
    author_role: str | None = None
    from_value: str | None = None
    to_value: str | None = None
    metric: str | None = None
    instance: int | None = None
    sla_policy_id: str | None = None
    target_minutes: int | None = None
    minutes: float | None = None


# Sheets: contracts, opportunities, costs, outreach


class Contract(Record, table=True):
    """An agreement. `terms` is self_serve or negotiated; `steps` lists procurement steps with dates, `people` with roles.

    `steps`: [{"step": "security_review", "started_on": "2026-01-02", "done_on": null, "waiting_for": "security"}];
    `people`: [{"name": …, "email": …, "role": "economic_buyer"}]; `sla`: {"availability": 99.9, "first_reply_minutes": 240}.
    """

    organization_ref: str | None = None
    organization_name: str | None = None
    domain: str | None = None
    billing_customer_ref: str | None = None
    application_ref: str | None = None
    terms: str | None = None
    tier: str | None = None
    relation: str | None = None
    status: str | None = None
    currency: str | None = None
    annual_value: int | None = big_field()
    revenue_share_percent: float | None = None
    support_plan: str | None = None
    sla: dict[str, Any] | None = json_field()
    steps: list[dict[str, Any]] | None = json_field()
    people: list[dict[str, Any]] | None = json_field()
    owner: str | None = None
    created_at: NaiveDatetime | None = None
    signed_at: NaiveDatetime | None = None
    starts_at: NaiveDatetime | None = None
    ends_at: NaiveDatetime | None = None


class Opportunity(Record, table=True):
    """A sale that is hoped for."""

    organization_ref: str | None = None
    organization_name: str | None = None
    domain: str | None = None
    stage: str | None = None
    currency: str | None = None
    amount: int | None = big_field()
    owner: str | None = None
    sourced_by: str | None = None
    created_at: NaiveDatetime | None = None
    closed_at: NaiveDatetime | None = None


class CostEntry(Record, table=True):
    """A line of a cloud bill in FOCUS columns; costs in millionths of the billing currency."""

    __tablename__ = "cost_entry"
    provider: str | None = None
    service_name: str | None = None
    service_category: str | None = None
    charge_category: str | None = None
    charge_description: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None
    sub_account: str | None = None
    region: str | None = None
    currency: str | None = None
    billed_cost_micros: int | None = big_field()
    effective_cost_micros: int | None = big_field()
    list_cost_micros: int | None = big_field()
    consumed_quantity: float | None = None
    consumed_unit: str | None = None
    tags: dict[str, Any] | None = json_field()
    billing_period_started_at: NaiveDatetime | None = None
    charge_period_started_at: NaiveDatetime | None = None
    charge_period_ends_at: NaiveDatetime | None = None


class OutreachActivity(Record, table=True):
    """Something done to be found, adopted or understood. `direction` is internal, partner or public."""

    __tablename__ = "outreach_activity"
    title: str | None = None
    direction: str | None = None
    channel: str | None = None
    organization_ref: str | None = None
    occurred_at: NaiveDatetime | None = None
    hours: float | None = None
    currency: str | None = None
    cost: int | None = big_field()
    owner: str | None = None
    url: str | None = None


RECORD_TABLES: dict[str, type[Record]] = {
    model.__tablename__: model
    for model in (
        Organization,
        Contact,
        Developer,
        Application,
        Credential,
        Service,
        Route,
        PortalEvent,
        BillingCustomer,
        Product,
        Price,
        Subscription,
        SubscriptionItem,
        SubscriptionChange,
        Discount,
        Invoice,
        InvoiceLine,
        CreditNote,
        Payment,
        Refund,
        Dispute,
        BalanceFee,
        ExchangeRate,
        PartnerPayment,
        EndUserReport,
        PlanFigure,
        SupportOrganization,
        SupportUser,
        SupportGroup,
        SupportSchedule,
        SlaPolicy,
        Ticket,
        TicketEvent,
        Contract,
        Opportunity,
        CostEntry,
        OutreachActivity,
    )
}
