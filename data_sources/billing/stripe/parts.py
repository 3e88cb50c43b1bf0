"""What the shapes of Stripe's objects share: lists inside objects, sums."""

from typing import Any

from data_sources.billing.parts import Item
from data_sources.streams import Desk, Unfit, mapping, needed, objects, whole

PAGE = 100


def sum_of(item: Item, name: str) -> int | None:
    """The sum of a list of {"amount": …}; null where Stripe gives no list."""
    if item.get(name) is None:
        return None
    return sum(whole(one, "amount") or 0 for one in objects(item, name))


def all_of(item: Item, name: str, path: str, params: dict[str, Any], desk: Desk) -> list[Item]:
    """A list inside an object, whole: where it `has_more`, the rest is asked for."""
    inside = mapping(item, name)
    found = list(objects(inside, "data"))
    more = inside.get("has_more") is True
    asked: set[str] = set()
    while more:
        if not found or needed(found[-1], "id") in asked:
            raise Unfit(f"{name}: has_more without anything more")
        after = needed(found[-1], "id")
        asked.add(after)
        body = desk.http.get(path, {"limit": PAGE, "starting_after": after, **params})
        following = objects(body, "data")
        found += following
        more = body.get("has_more") is True and bool(following)
    return found
