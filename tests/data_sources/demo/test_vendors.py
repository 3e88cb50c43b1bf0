"""Bills and tickets: sums that hold, references that lead somewhere, money and promises that are plausible."""

from collections import Counter, defaultdict
from datetime import datetime

from data_sources.demo import help_desk


def test_an_invoice_is_the_sum_of_its_lines(vendor):
    invoices = vendor("stripe/invoices")
    assert len(invoices) > 500
    for invoice in invoices:
        lines = invoice["lines"]["data"]
        discount = sum(part["amount"] for line in lines for part in line["discount_amounts"])
        tax = sum(part["amount"] for line in lines for part in line["taxes"])
        assert invoice["subtotal"] == sum(line["amount"] for line in lines)
        assert invoice["total"] == invoice["subtotal"] - discount + tax
        assert invoice["total_excluding_tax"] == invoice["total"] - tax
        assert invoice["amount_paid"] in (0, invoice["total"])


def test_every_paid_invoice_has_its_payment_and_fee(vendor):
    intents = {charge["payment_intent"]: charge for charge in vendor("stripe/charges") if charge["paid"]}
    payments = {row["invoice"]: intents[row["payment"]["payment_intent"]] for row in vendor("stripe/invoice_payments")}
    movements = {row["id"]: row for row in vendor("stripe/balance_transactions")}
    for invoice in vendor("stripe/invoices"):
        if invoice["status"] == "paid" and invoice["total"]:
            charge = payments[invoice["id"]]
            assert charge["amount"] == invoice["total"]
            assert movements[charge["balance_transaction"]]["fee"] > 0
        else:
            assert invoice["id"] not in payments
    assert all(row["net"] == row["amount"] - row["fee"] for row in movements.values())


def test_the_shape_is_that_of_today(vendor):
    for subscription in vendor("stripe/subscriptions"):
        assert "current_period_end" not in subscription
        assert all("current_period_end" in item for item in subscription["items"]["data"])
    invoice = vendor("stripe/invoices")[0]
    assert invoice["parent"]["subscription_details"]["subscription"].startswith("sub_")
    assert not {"paid", "charge", "payment_intent", "tax", "subscription"} & set(invoice)


def test_references_lead_somewhere(vendor):
    known = {
        name: {row["id"] for row in vendor(f"stripe/{name}")}
        for name in ("customers", "prices", "charges", "subscriptions")
    }
    assert {row["customer"] for row in vendor("stripe/subscriptions")} <= known["customers"]
    assert {row["charge"] for row in vendor("stripe/refunds")} | {
        row["charge"] for row in vendor("stripe/disputes")
    } <= known["charges"]
    prices = {item["price"]["id"] for row in vendor("stripe/subscriptions") for item in row["items"]["data"]}
    assert prices <= known["prices"]


def test_there_is_some_of_everything(vendor):
    assert Counter(row["currency"] for row in vendor("stripe/invoices")).keys() == {"usd", "eur", "jpy"}
    assert {"paid", "open"} <= {row["status"] for row in vendor("stripe/invoices")}
    assert {"active", "canceled"} <= {row["status"] for row in vendor("stripe/subscriptions")}
    assert len(vendor("stripe/refunds")) > 3
    assert {"charge", "refund"} <= {row["type"] for row in vendor("stripe/balance_transactions")}
    shared = sum("consumer_id" in row["metadata"] for row in vendor("stripe/customers")) / len(
        vendor("stripe/customers")
    )
    assert 0.3 < shared < 0.8


def test_revenue_grows_and_comes_from_where_it_should(truth, vendor):
    monthly, revenue = Counter(), Counter()
    for account in truth:
        monthly[account["tier"]] += account["monthly_cents"]
        revenue[account["tier"]] += account["revenue_cents"]
        assert account["revenue_cents"] == 0 or account["tier"] in ("partner", "open")
    assert 4_000_000 < sum(monthly.values()) < 20_000_000
    halves = Counter()
    paid = [row for row in vendor("stripe/invoices") if row["status"] == "paid" and row["currency"] == "usd"]
    middle = (min(row["created"] for row in paid) + max(row["created"] for row in paid)) / 2
    for row in paid:
        halves[row["created"] > middle] += row["total"]
    assert halves[True] > 1.5 * halves[False]
    assert all(
        account["will_pay"] == ("paying" in account["reached"]) for account in truth if account["tier"] == "open"
    )


def test_tickets_can_be_measured(vendor):
    roles = {user["id"]: user["role"] for user in vendor("zendesk/users")}
    tickets = {row["id"]: row for row in vendor("zendesk/tickets")}
    events = defaultdict(list)
    for event in vendor("zendesk/ticket_events"):
        events[event["ticket_id"]].append(event)
    assert events.keys() == tickets.keys()
    answered = 0
    for number, found in events.items():
        assert found[0]["child_events"][0]["event_type"] == "Create"
        replies = [
            event["timestamp"]
            for event in found
            for child in event["child_events"]
            if child["event_type"] == "Comment"
            and child["public"]
            and roles.get(child["author_id"]) in ("agent", "admin")
        ]
        answered += bool(replies)
        assert not replies or min(replies) > found[0]["timestamp"]
        assert replies or tickets[number]["status"] in ("new", "deleted"), "solved without an answer"
    assert 0.8 < answered / len(tickets) < 1


def test_tickets_have_groups_schedules_and_some_logged_work(vendor):
    groups = Counter(ticket["group_id"] for ticket in vendor("zendesk/tickets"))
    assert groups.keys() == {group["id"] for group in vendor("zendesk/groups")}
    assert min(groups.values()) > 0.05 * sum(groups.values())
    schedules, totals, logged, updates = Counter(), defaultdict(int), 0, 0
    for event in vendor("zendesk/ticket_events"):
        spent = {}
        for child in event["child_events"]:
            if child["event_type"] == "ScheduleAssignment":
                schedules[child["new_schedule_id"]] += 1
            spent |= child.get("custom_ticket_fields", {})
        if spent:
            last, total = (int(spent[field]) for field in (help_desk.TIME_FIELD, help_desk.TOTAL_TIME_FIELD))
            assert total == totals[event["ticket_id"]] + last
            totals[event["ticket_id"]] = total
        by_person = event["updater_id"] in range(37_000_000, 37_000_009)
        updates += by_person and any(child["event_type"] == "Comment" for child in event["child_events"])
        logged += bool(spent)
        assert by_person or not spent, "only our people log time"
    assert schedules.keys() == {one["id"] for one in vendor("zendesk/schedules")}
    assert schedules.total() == len(vendor("zendesk/tickets"))
    assert 0.2 < logged / updates < 0.6


def test_a_breach_is_a_reply_that_came_too_late(vendor):
    metrics = defaultdict(dict)
    for row in vendor("zendesk/ticket_metric_events"):
        if row["metric"] == "reply_time":
            metrics[row["ticket_id"]][row["type"]] = row
    breached = 0
    for found in metrics.values():
        applied = datetime.fromisoformat(found["apply_sla"]["time"])
        target = found["apply_sla"]["sla"]["target"]
        if "fulfill" in found:
            minutes = (datetime.fromisoformat(found["fulfill"]["time"]) - applied).total_seconds() / 60
            assert ("breach" in found) == (minutes > target) or abs(minutes - target) < 1
        breached += "breach" in found
    assert 0.05 < breached / len(metrics) < 0.5


def test_an_account_that_waits_for_a_reply_has_such_a_ticket(vendor, truth):
    open_of = defaultdict(list)
    users = {user["id"]: user["email"] for user in vendor("zendesk/users")}
    for ticket in vendor("zendesk/tickets"):
        if ticket["status"] in ("new", "open", "pending", "hold"):
            open_of[users.get(ticket["requester_id"])].append(ticket)
    assert sum(map(len, open_of.values())) > 40
    topics = Counter(tag for found in vendor("zendesk/tickets") for tag in found["tags"])
    assert {"security", "legal", "procurement", "quota", "pricing", "feature_request"} <= topics.keys()
    assert sum(account["trying"] and account["reason"] in ("open_ticket", "breached_ticket") for account in truth) > 20
