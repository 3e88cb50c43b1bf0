"""The words of the sales path and of enterprise accounts, as the pages write them. Nothing here draws."""

from typing import Any

from pages.shared import durations, words

ITEMS = {
    "security": "Security documents",
    "legal": "Legal review",
    "sla": "SLA agreed",
    "support_tier": "Support tier",
    "case_study": "Peer case study",
    "integration": "Integration help",
    "decision_maker": "Decision maker met",
}
NOT_ONE = "sales_path"
STATES = {
    "done": "Done",
    "waiting": "Waiting",
    "not_begun": "Not begun",
    "not_needed": "Not needed",
    "not_known": "Not known",
}
KINDS = {
    "security": "Security",
    "legal": "Legal",
    "sla": "SLA",
    "support": "Support",
    "case_study": "Case study",
    "integration": "Integration",
    "procurement": "Procurement",
    "decision": "Decision maker",
    "signature": "Signature",
    "other": "Other steps",
}
MOVES = {"us": "Ours", "them": "Theirs"}
TONES = {"usual": "gray", "longer than half": "blue", "longer than three of four": "orange"}
WAITS = {"procurement": "an open step", "contract": "an unsigned contract", "ticket": "an unanswered question", "plan": "a plan"}  # fmt: skip
CROSSINGS = {
    "built, then sales": "Built by themselves, then sales took over",
    "ordered, then sales": "Ordered by themselves, then sales took over",
    "sales, then ordered": "Began with sales, then ordered by themselves",
}


def sentence(text: Any) -> str | None:
    """With a capital letter at its beginning; None where there is none."""
    return None if words.missing(text) or not text else str(text)[:1].upper() + str(text)[1:]


def step(name: Any) -> str | None:
    """A step's name as the sheet has it, to read: Security review."""
    return sentence(None if words.missing(name) else str(name).replace("_", " "))


def move(row: Any) -> str:
    """Whose move it is, with the party where one is named: theirs (legal)."""
    said = MOVES.get(row.whose_move, "")
    if not said:
        return "not said"
    party = getattr(row, "waiting_for", None)
    return said if words.missing(party) or party in ("us", "we") else f"{said} ({party})"


def days(value: Any) -> str:
    """Whole days: 12 days; — where unknown."""
    return words.MISSING if words.missing(value) else words.plural(int(value), "day")


def promise(row: Any) -> str:
    """What is promised: Availability, Latency p95, First reply."""
    if row.promise == "latency":
        return f"Latency p{f'{row.quantile:.3f}'[2:].rstrip('0').ljust(2, '0')}"
    return {"availability": "Availability", "first_reply": "First reply"}[row.promise]


def measured(promise: str, value: Any) -> str:
    """A target or what was delivered, with its unit."""
    if words.missing(value):
        return words.MISSING
    if promise == "availability":
        return f"{float(value):.3f}".rstrip("0").rstrip(".") + f"{words.THIN}%"
    return f"{float(value):,.0f} ms" if promise == "latency" else durations.spoken(value)


def budget(value: Any) -> str:
    """Error budget: 62 % left, or spent 2.6×."""
    if words.missing(value):
        return words.MISSING
    return f"{words.share(value)} left" if value >= 0 else f"spent {1 - float(value):,.1f}×"


def kept(value: Any) -> str:
    """Whether a promise was kept, in a word."""
    return words.MISSING if words.missing(value) else "kept" if value else "broken"
