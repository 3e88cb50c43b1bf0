"""The kinds of source that a `[[source]]` of program.toml can be, with what each needs."""

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from data_sources.log_columns import NamedColumns
from data_sources.sections import Section


def _reference(value: str) -> str:
    if not re.fullmatch(r"(env|secret):[A-Za-z0-9_.-]+", value):
        raise ValueError("write a secret as env:NAME or secret:NAME, never the secret itself")
    return value


Secret = Annotated[str, AfterValidator(_reference)]


class Source(Section):
    """What every source has: a name of its own, and its kind."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")


class LogSource(Source, NamedColumns):
    """Log files of a gateway or web server. `paths` are globs, relative to the home; or s3://bucket/prefix/*.gz (globs, too, and
    a prefix that ends in /), or cloudwatch:GROUP, or cloudwatch:GROUP:STREAM_PREFIX.

    For the latter two, credentials are those that the AWS tools find on this machine: `profile` names one of theirs, `key` is
    a secret instead, written ACCESS_KEY_ID:SECRET_ACCESS_KEY. `endpoint` is for services that answer like AWS.
    A log of another kind is read with format = "json" or "csv", where [source.columns] names its columns.
    """

    kind: Literal["logs"]
    paths: list[str] = Field(min_length=1)
    region: str | None = None
    profile: str | None = None
    key: Secret | None = None
    endpoint: str | None = Field(default=None, pattern=r"^https?://[^@\s]+$")
    surface: Literal["api", "docs", "portal"] = "api"
    environment: Literal["production", "sandbox"] | None = None
    service: str | None = None

    @model_validator(mode="after")
    def _reachable(self) -> "LogSource":
        from data_sources.remote import misspelt

        if wrong := next(filter(None, map(misspelt, self.paths)), None):
            raise ValueError(wrong)
        return self


class KongSource(Source):
    """Kong's Admin API. The token is sent as Kong-Admin-Token; leave it out where the Admin API has none."""

    kind: Literal["kong"]
    url: str
    token: Secret | None = None


class StripeSource(Source):
    """Stripe, read with a restricted key."""

    kind: Literal["stripe"]
    url: str = "https://api.stripe.com"
    key: Secret


class LagoSource(Source):
    """Lago, in its cloud (`url` as given, or https://api.us.getlago.com) or self-hosted."""

    kind: Literal["lago"]
    url: str = "https://api.getlago.com"
    key: Secret


class ChargebeeSource(Source):
    """Chargebee, read with a read-only key. `product_catalog` is 1 for a site with plans and addons, 2 for one with item prices."""

    kind: Literal["chargebee"]
    url: str
    key: Secret
    product_catalog: Literal[1, 2] = 2


class RecurlySource(Source):
    """Recurly, read with a private API key; `url` is https://v3.eu.recurly.com for sites in the EU."""

    kind: Literal["recurly"]
    url: str = "https://v3.recurly.com"
    key: Secret


class ZendeskSource(Source):
    """Zendesk, read by an agent's e-mail and API token.

    `time_field` and `total_time_field` are the ids of the ticket fields "Time spent last update (sec)" and "Total time spent
    (sec)" that its Time Tracking app fills; the total counts where both are given.
    """

    kind: Literal["zendesk"]
    url: str
    email: str
    token: Secret
    time_field: str | None = Field(default=None, pattern=r"^\d+$")
    total_time_field: str | None = Field(default=None, pattern=r"^\d+$")


class JiraSource(Source):
    """One project of Jira Service Management, read by an agent's e-mail and API token. `project` is its key."""

    kind: Literal["jira"]
    url: str
    email: str
    token: Secret
    project: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")


class FreshdeskSource(Source):
    """Freshdesk, read with the API key of an agent who may see all tickets."""

    kind: Literal["freshdesk"]
    url: str
    key: Secret


class GithubSource(Source):
    """The issues of one repository on GitHub. `repository` is OWNER/NAME; `url` is that of a GitHub Enterprise Server."""

    kind: Literal["github"]
    url: str = "https://api.github.com"
    token: Secret
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")


class IntercomSource(Source):
    """Intercom, read with the access token of an app. `url` is the one of the region that hosts the workspace."""

    kind: Literal["intercom"]
    url: str = "https://api.intercom.io"
    token: Secret


class HubspotSource(Source):
    """HubSpot, read with the access token of a private app. `properties` are kept in addition, by HubSpot's names."""

    kind: Literal["hubspot"]
    url: str = "https://api.hubapi.com"
    token: Secret
    properties: list[Annotated[str, Field(pattern=r"^\w+$")]] = []


class AwsApiGatewaySource(Source):
    """AWS API Gateway's keys, usage plans and stages, read with the credentials that the AWS tools find on this machine.

    `profile` names one of theirs; `key` is a secret instead, written ACCESS_KEY_ID:SECRET_ACCESS_KEY. `url` is for
    services that answer like AWS.
    """

    kind: Literal["aws_api_gateway"]
    region: str
    profile: str | None = None
    key: Secret | None = None
    url: str | None = None


class AzureApimSource(Source):
    """Azure API Management, read through the Resource Manager by an app's client secret (`key`), or an access token."""

    kind: Literal["azure_apim"]
    url: str = "https://management.azure.com"
    login_url: str = "https://login.microsoftonline.com"
    subscription: str = Field(pattern=r"^[\w-]+$")
    resource_group: str = Field(pattern=r"^[\w().-]+$")
    service: str = Field(pattern=r"^[\w-]+$")
    tenant: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    client_id: str | None = None
    key: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> "AzureApimSource":
        if not self.token and not (self.tenant and self.client_id and self.key):
            raise ValueError("needs tenant, client_id and key, or token")
        return self


class ApigeeSource(Source):
    """Apigee, read by a service account (`key` is its JSON), or an access token."""

    kind: Literal["apigee"]
    url: str = "https://apigee.googleapis.com"
    organization: str = Field(pattern=r"^[\w-]+$")
    key: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> "ApigeeSource":
        if not self.token and not self.key:
            raise ValueError("needs key or token")
        return self


class TykSource(Source):
    """Tyk's Dashboard, read with the API access credentials of one of its users."""

    kind: Literal["tyk"]
    url: str
    token: Secret


class SheetSource(Source):
    """A CSV or Parquet sheet of one record table. `columns` maps a column of ours to a header of the sheet.

    `dates` says how the sheet writes dates whose order a reader could mistake, such as 03/04/2026.
    """

    kind: Literal["csv"]
    table: str
    path: str
    columns: dict[str, str] = {}
    dates: Literal["year first", "day first", "month first"] = "year first"

    @model_validator(mode="after")
    def _known_table(self) -> "SheetSource":
        from data_sources.records import RECORD_TABLES

        if self.table not in RECORD_TABLES:
            raise ValueError(f"table '{self.table}' is none of {', '.join(RECORD_TABLES)}")
        return self


class FocusSource(Source):
    """A cloud bill in FOCUS columns (1.0 to 1.2), CSV or Parquet."""

    kind: Literal["focus"]
    path: str


class RatesSource(Source):
    """Exchange rates by day: a file of the European Central Bank (CSV or XML), or a sheet of date, currency and rate."""

    kind: Literal["rates"]
    path: str


AnySource = Annotated[
    LogSource
    | KongSource
    | AwsApiGatewaySource
    | AzureApimSource
    | ApigeeSource
    | TykSource
    | StripeSource
    | LagoSource
    | ChargebeeSource
    | RecurlySource
    | ZendeskSource
    | JiraSource
    | FreshdeskSource
    | GithubSource
    | IntercomSource
    | HubspotSource
    | SheetSource
    | FocusSource
    | RatesSource,
    Field(discriminator="kind"),
]
SOURCE_KINDS = frozenset(
    get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(AnySource)[0])
)
