"""Names as they compare: without legal form, case, accents and punctuation. "Åcme Shipping, Inc." is `acme shipping`."""

import re
from functools import lru_cache

from cleanco.clean import normalized, prepare_default_terms

_BREAK = re.compile(r"[^\w]+|_")
_DROPPED = re.compile(r"[.'’`´]")
# What cleanco's list of legal forms lacks: words that say as little, and forms that are written without a space.
_MORE_ENDINGS = (("group",), ("holding",), ("holdings",), ("se",), ("ug",), ("pbc",), ("and", "co"), ("and", "sons"))
_LEADING = (("the",), ("ooo",), ("oao",), ("zao",), ("pt",), ("tov",))
_UNSPACED = re.compile(r"株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|\(株\)|㈱|주식회사")


def _tokens(text: str) -> tuple[str, ...]:
    text = _UNSPACED.sub(" ", text.replace("&", " and "))
    return tuple(_BREAK.sub(" ", normalized(_DROPPED.sub("", text))).split())


_ENDINGS = frozenset(_tokens(" ".join(parts)) for _, parts in prepare_default_terms()) | frozenset(_MORE_ENDINGS)
_LONGEST = max(len(ending) for ending in _ENDINGS)


@lru_cache(maxsize=1 << 18)
def plain_name(name: str) -> str | None:
    """A name's words that tell organizations apart, lower-case, one space between; null where none are left.

    Legal forms come from cleanco's lists, many countries together. A name that is nothing but a legal form keeps it.
    """
    words = _tokens(name)
    for leading in _LEADING:
        if len(words) > len(leading) and words[: len(leading)] == leading:
            words = words[len(leading) :]
    shorter = True
    while shorter:
        shorter = False
        for size in range(min(_LONGEST, len(words) - 1), 0, -1):
            if words[-size:] in _ENDINGS:
                words, shorter = words[:-size], True
                break
    return " ".join(words) or None
