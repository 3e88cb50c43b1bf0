"""The hidden truth, for tests to score against. Nothing outside this package and the tests reads it."""

import json
from pathlib import Path

from data_sources.demo.billing import Biller
from data_sources.demo.catalog import REFUSALS, SCANNER_PATHS
from data_sources.demo.chances import chances
from data_sources.demo.company import Account
from data_sources.demo.timeline import Timeline


def write_truth(
    home: Path,
    time: Timeline,
    accounts: list[Account],
    biller: Biller,
    competitors: dict[str, str],
    wishes: dict[str, str],
) -> None:
    """One JSON object a line: `.truth/accounts.jsonl` and `.truth/developers.jsonl`; and one in all: `.truth/demand.json`.

    An account's `reason` is the true cause; `trying` says whether it still shows in the last two weeks. `revenue_cents` is
    what was paid, net of tax and refunds, in cents of USD at the demo's rates; `monthly_cents` its MRR at the end. `competitor` is whose
    people these really are. `wishes` are the accounts that ask for an endpoint which there is not; demand.json has them by path,
    and what scanners ask for. `chance_of_paying` is that within 180 days, by the days after which it stood so (see `chances`).
    """
    folder = home / ".truth"
    folder.mkdir(exist_ok=True)
    asked = {account: REFUSALS[refusal].path for account, refusal in wishes.items()}
    demand = {"planted": sorted(set(asked.values())), "scanners": list(SCANNER_PATHS), "wishes": asked}
    (folder / "demand.json").write_text(json.dumps(demand, indent=1), encoding="utf-8")
    known = chances(time, accounts)
    with (folder / "accounts.jsonl").open("w", encoding="utf-8") as file:
        for account in accounts:
            story = account.story
            row = {
                "account": account.key,
                "name": account.name,
                "domain": account.domain or None,
                "is_organization": account.is_organization,
                "persona": account.persona,
                "competitor": competitors.get(account.key),
                "tier": account.tier,
                "plan": story.plans[-1][1],
                "stage": story.stage,
                "reached": {stage: time.iso(moment) for stage, moment in story.reached.items()},
                "stall": story.stall,
                "reason": story.reason,
                "second_reason": story.second,
                "trying": story.trying,
                "left_at": time.iso(story.left) or None,
                "will_pay": story.will_pay,
                "chance_of_paying": known[account.key],
                "payer": account.key if "paying" in story.reached or "revenue_share" in story.reached else None,
                "billing_customer": (biller.customers.get(account.key) or {}).get("id"),
                "revenue_cents": biller.revenue.get(account.key, 0),
                "monthly_cents": biller.monthly.get(account.key, 0),
                "applications": [app.id for app in account.applications],
                "credentials": [c.id for app in account.applications for c in app.credentials],
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    with (folder / "developers.jsonl").open("w", encoding="utf-8") as file:
        for account in accounts:
            for developer in account.developers:
                row = {
                    "developer": developer.id,
                    "email": developer.email,
                    "account": account.key,
                    "organization": account.key if account.is_organization else None,
                    "employed_there": developer.employed_here,
                    "persona": account.persona,
                    "tier": account.tier,
                    "stage": account.story.stage,
                    "stall": account.story.stall,
                    "reason": account.story.reason,
                    "payer": account.key if account.story.will_pay else None,
                    "will_pay": account.story.will_pay,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
