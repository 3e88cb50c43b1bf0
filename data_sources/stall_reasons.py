"""stall_reasons.toml: why accounts stall, as ordered rules over facts. A home's own file replaces the one beside this module."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data_sources import conditions, evidence, sections
from data_sources.sections import RulesFile, Section

TEAMS = ("evangelist", "sales", "support", "engineering", "legal")
FAILURES = {
    "auth": "refused for their credentials",
    "quota": "refused for quota or rate",
    "error": "failed on our side",
    "unmatched": "that no route takes",
    "not_found": "for things that are not there",
    "invalid": "refused as invalid",
}
WAITS = {"security": "security", "legal": "legal", "decision": "a decision maker", "procurement": "procurement"}

# What rules can ask of an account: the columns of stall_fact, each with its kind and meaning. "The window" are the 14 days up
# to its last sign of life: a call, a visit, a ticket of theirs or a word of theirs in one.
FACTS: dict[str, tuple[str, str]] = {
    "tier": ("name", "its tier"),
    "stage": ("name", "the stage in which it stands"),
    "next_stage": ("name", "the stage that would be next"),
    "since": ("date", "when it reached its stage"),
    "stage_days": ("number", "days in its stage"),
    "last_seen": ("date", "its last sign of life, else when it reached its stage"),
    "silent_days": ("number", "days since its last call, else since it reached its stage"),
    "calls": ("number", "calls in the window"),
    "ok": ("number", "of them successful"),
    "client_errors": ("number", "of them answered with 4xx"),
    "server_errors": ("number", "of them failed on our side: 5xx but 501"),
    "refused_auth": ("number", "of them refused for their credentials"),
    "refused_quota": ("number", "of them refused for quota or rate"),
    "refused_validation": ("number", "of them refused as invalid"),
    "unmatched": ("number", "of them to paths that no route takes: 404 without a route, 405, 501"),
    "not_found": ("number", "of them answered with 404 on a route that there is"),
    "ok_share": ("share", "successful ÷ calls"),
    "auth_share": ("share", "refused for credentials ÷ calls"),
    "quota_share": ("share", "refused for quota or rate ÷ calls"),
    "error_share": ("share", "failed on our side ÷ calls"),
    "unmatched_share": ("share", "to paths that no route takes ÷ calls"),
    "not_found_share": ("share", "404 on a route that there is ÷ calls"),
    "invalid_share": ("share", "refused as invalid ÷ calls"),
    **{
        f"{kind}_{part}": (fact_kind, f"{meaning} of the calls {what}")
        for kind, what in FAILURES.items()
        for part, fact_kind, meaning in (
            ("route", "text", "the method and route of most"),
            ("status", "number", "the status of most"),
            ("route_calls", "number", "how many have that route and status,"),
            ("path", "text", "a sample of the path, masked,"),
        )
    },
    "calls_ever": ("number", "all its calls"),
    "ok_ever": ("number", "all its successful calls"),
    "last_call_on": ("date", "its last call"),
    "last_ok_on": ("date", "its last success"),
    "credentials": ("number", "keys and applications that it was given"),
    "key_on": ("date", "when it was given the first"),
    "key_days": ("number", "days since it was given the first"),
    "docs_read": ("number", "visits to the docs in the window"),
    "pricing_read": ("number", "visits to the price page in the window"),
    "contacts": ("number", "times that it spoke to us about prices, quota or a contract, ever"),
    "open_tickets": ("number", "tickets that are not solved"),
    "ticket_id": ("text", "the oldest of them"),
    "ticket_subject": ("text", "its subject"),
    "ticket_topic": ("text", "its topic"),
    "ticket_on": ("date", "when it was opened"),
    "ticket_days": ("number", "its age in days"),
    "late_tickets": (
        "number",
        "tickets that are not solved, and in which a promised reply came late or is still missing",
    ),
    "late_ticket_id": ("text", "the oldest of them"),
    "late_ticket_subject": ("text", "its subject"),
    "late_ticket_on": ("date", "when it was opened"),
    "late_ticket_days": ("number", "its age in days"),
    "late_by": ("minutes", "how late the latest promised reply of it is"),
    "late_word": ("text", "came (late) or is (late, still missing)"),
    **{
        f"{kind}_{part}": (fact_kind, f"{meaning} that waits for {what}")
        for kind, what in WAITS.items()
        for part, fact_kind, meaning in (
            ("step", "text", "the oldest open step of a contract"),
            ("whom", "text", "on whom it waits, as the contract says, of the step"),
            ("since", "date", "since when, of the step"),
            ("days", "number", "days waiting, of the step"),
        )
    },
    "plan": ("text", "its highest plan"),
    "plan_above": ("text", "the next plan that it can take by itself"),
    "plan_above_price": ("money", "the monthly price of that plan"),
    "has_plan_above": ("flag", "there is such a plan"),
    "no_plan_above": ("flag", "its plan is known, and there is none above to take"),
}
KINDS = {name: kind for name, (kind, _) in FACTS.items()}


def _condition(text: str) -> str:
    conditions.parse(text, KINDS)
    return text.strip()


def _evidence(text: str) -> str:
    evidence.parse(text, KINDS)
    return text.strip()


Words = Annotated[str, Field(min_length=1, max_length=200)]


class StallReason(Section):
    """[[reason]]: holds for an account when its facts satisfy `when`; the first that holds is *the* reason, others are secondary."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    label: Words
    when: Annotated[str, AfterValidator(_condition)]
    evidence: Annotated[str, AfterValidator(_evidence)]
    next_action: Words
    whose_move: Literal[TEAMS]  # type: ignore[valid-type]
    due_days: int = Field(ge=0, le=365)


class StallReasons(Section):
    """All of stall_reasons.toml."""

    reason: list[StallReason] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> "StallReasons":
        names = [reason.name for reason in self.reason]
        sections.once(names, "reasons")
        always = [reason.name for reason in self.reason if reason.when == conditions.ALWAYS]
        if always != names[-1:]:
            raise ValueError(
                'the last reason, and no other, has when = "always", so that every stalled account has one; '
                f"last is '{names[-1]}'" + (f", always holds: {', '.join(always)}" if always else "")
            )
        return self


RULES = RulesFile("stall_reasons.toml", StallReasons, "reason")
