"""Money that moved at Stripe: charges, what was given back or contested, and the balance with its fees."""

from typing import Any

from data_sources.demo.company import Account
from data_sources.demo.money import to_cents
from data_sources.demo.timeline import DAYS, Timeline

ENDPOINTS = (
    "customers",
    "products",
    "prices",
    "subscriptions",
    "invoices",
    "credit_notes",
    "charges",
    "refunds",
    "disputes",
    "balance_transactions",
    "invoice_payments",
    "events",
)


class Payments:
    """The objects of every endpoint, and the ones that a paid invoice brings. `revenue` is in cents of USD, by account."""

    def __init__(self, time: Timeline) -> None:
        self.time, self.rng = time, time.rng("billing")
        self.objects: dict[str, list[dict[str, Any]]] = {endpoint: [] for endpoint in ENDPOINTS}
        self.revenue: dict[str, int] = {}
        self._after = time.rng("after payment")
        self._numbers: dict[str, int] = {}

    def _id(self, prefix: str) -> str:
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{prefix}_1{self.time.token('stripe', prefix, self._numbers[prefix], length=22)}"

    def _add(self, endpoint: str, prefix: str, kind: str, created: float | int, **fields: Any) -> dict[str, Any]:
        stamp = self.time.epoch(created) if isinstance(created, float) else created
        row = {"id": self._id(prefix), "object": kind, "created": stamp, "livemode": False, **fields}
        self.objects[endpoint].append(row)
        return row

    def _charge(
        self, account: Account, invoice: dict[str, Any], customer: dict[str, Any], moment: float, failed: bool = False
    ) -> dict[str, Any]:
        intent = self._id("pi")
        charge = self._add(
            "charges",
            "ch",
            "charge",
            min(moment, DAYS - 0.001),
            amount=invoice["total"],
            amount_captured=0 if failed else invoice["total"],
            amount_refunded=0,
            balance_transaction=None,
            currency=account.currency,
            customer=customer["id"],
            payment_intent=intent,
            status="failed" if failed else "succeeded",
            paid=not failed,
            captured=not failed,
            refunded=False,
            disputed=False,
            failure_code="card_declined" if failed else None,
            metadata={},
        )
        if not failed:
            amount = to_cents(invoice["total"], account.currency)
            fee = (
                min(500, amount * 8 // 1000)
                if account.persona == "enterprise"
                else amount * (29 if account.currency == "usd" else 44) // 1000 + 30
            )
            charge["balance_transaction"] = self._movement(charge, "charge", amount, fee)["id"]
        return charge

    def _movement(self, source: dict[str, Any], kind: str, amount: int, fee: int) -> dict[str, Any]:
        details = (
            [{"amount": fee, "currency": "usd", "description": "Stripe processing fees", "type": "stripe_fee"}]
            if fee
            else []
        )
        return self._add(
            "balance_transactions",
            "txn",
            "balance_transaction",
            source["created"],
            amount=amount,
            fee=fee,
            net=amount - fee,
            fee_details=details,
            currency="usd",
            exchange_rate=None,
            source=source["id"],
            type=kind,
            reporting_category=kind,
            status="available",
            available_on=source["created"] + 2 * 86400,
        )

    def _payment(self, account: Account, invoice: dict[str, Any], customer: dict[str, Any], paid_at: float) -> None:
        rng, draw = self.rng, self.rng.uniform()
        if draw < 0.03:
            self._charge(account, invoice, customer, paid_at - 0.005, failed=True)
        charge = self._charge(account, invoice, customer, paid_at)
        self._add(
            "invoice_payments",
            "inpay",
            "invoice_payment",
            charge["created"],
            invoice=invoice["id"],
            amount_paid=invoice["total"],
            amount_requested=invoice["total"],
            currency=account.currency,
            is_default=True,
            payment={"type": "payment_intent", "payment_intent": charge["payment_intent"]},
            status="paid",
            status_transitions={"paid_at": charge["created"], "canceled_at": None},
        )
        if rng.uniform() < 0.014 and paid_at + 6 < DAYS:
            self._refund(account, charge, paid_at + 5.0, int(charge["amount"] * (1.0 if rng.uniform() < 0.5 else 0.4)))
        elif rng.uniform() < 0.004 and paid_at + 20 < DAYS:
            self._dispute(account, charge, paid_at + 18.0)
        else:
            self._amends(account, invoice, charge, paid_at)

    def _amends(self, account: Account, invoice: dict[str, Any], charge: dict[str, Any], paid_at: float) -> None:
        """A few bills are credited in part, to be set off against the next; a few payments are contested and won back."""
        draw = self._after.uniform()
        if draw < 0.012 and paid_at + 9 < DAYS:
            before_tax = invoice["total_excluding_tax"] * 3 // 10
            total = before_tax + (invoice["total"] - invoice["total_excluding_tax"]) * 3 // 10
            self._numbers["credit note"] = self._numbers.get("credit note", 0) + 1
            self._add(
                "credit_notes",
                "cn",
                "credit_note",
                paid_at + 8.0,
                number=f"{invoice['number']}-CN-{self._numbers['credit note']:02d}",
                invoice=invoice["id"],
                customer=invoice["customer"],
                currency=account.currency,
                amount=total,
                total=total,
                total_excluding_tax=before_tax,
                subtotal=before_tax,
                pre_payment_amount=0,
                post_payment_amount=total,
                refunds=[],
                reason="product_unsatisfactory",
                status="issued",
                type="post_payment",
                voided_at=None,
                effective_at=self.time.epoch(paid_at + 8.0),
                metadata={},
            )
            self.revenue[account.key] -= to_cents(before_tax, account.currency)
        elif draw > 0.996 and paid_at + 90 < DAYS:
            self._contested(account, charge, paid_at + 15.0)

    def _contested(self, account: Account, charge: dict[str, Any], moment: float) -> None:
        """The bank takes the payment, and gives it back two months later."""
        dispute = self._add(
            "disputes",
            "dp",
            "dispute",
            moment,
            amount=charge["amount"],
            charge=charge["id"],
            currency=account.currency,
            payment_intent=charge["payment_intent"],
            reason="fraudulent",
            status="won",
            is_charge_refundable=False,
            metadata={},
        )
        charge["disputed"] = True
        amount = to_cents(charge["amount"], account.currency)
        taken = self._movement(dispute, "adjustment", -amount, 1500)
        back = self._movement({**dispute, "created": self.time.epoch(moment + 60.0)}, "adjustment", amount, 0)
        dispute["balance_transactions"] = [taken, back]

    def _refund(self, account: Account, charge: dict[str, Any], moment: float, amount: int) -> None:
        refund = self._add(
            "refunds",
            "re",
            "refund",
            moment,
            amount=amount,
            charge=charge["id"],
            currency=account.currency,
            payment_intent=charge["payment_intent"],
            reason="requested_by_customer",
            status="succeeded",
            balance_transaction=None,
            metadata={},
        )
        charge["amount_refunded"], charge["refunded"] = amount, amount == charge["amount"]
        cents = to_cents(amount, account.currency)
        refund["balance_transaction"] = self._movement(refund, "refund", -cents, 0)["id"]
        self.revenue[account.key] -= cents

    def _dispute(self, account: Account, charge: dict[str, Any], moment: float) -> None:
        inquiry = self.rng.uniform() < 0.3
        dispute = self._add(
            "disputes",
            "dp",
            "dispute",
            moment,
            amount=charge["amount"],
            charge=charge["id"],
            currency=account.currency,
            payment_intent=charge["payment_intent"],
            reason="product_not_received",
            status="warning_closed" if inquiry else "lost",
            balance_transactions=[],
            is_charge_refundable=inquiry,
            metadata={},
        )
        charge["disputed"] = True
        if not inquiry:
            dispute["balance_transactions"] = [
                self._movement(dispute, "adjustment", -to_cents(charge["amount"], account.currency), 1500)
            ]
