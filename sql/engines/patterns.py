"""Regular expressions as DuckDB reads them (RE2), written so that Java's and Rust's engines find the same."""

import re

DIGITS, WORD, SPACE = "0-9", "0-9A-Za-z_", r"\t\n\f\r "
SHORT = {"d": DIGITS, "w": WORD, "s": SPACE}
FLAGS = re.compile(r"\(\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])")
BEFORE_IT = r"\A((?s:.*?))"


class Unportable(ValueError):
    """A pattern, or what stands in its place, that engines read differently; says which part of it."""


def portable(pattern: str, options: str = "") -> str:
    """The pattern for Java and Rust; `options` are DuckDB's: s (a dot is a line feed too), i, g (which is no matter of a pattern).

    A dot is no line feed and nothing else, `$` is the very end, `\\d`, `\\w`, `\\s` and `\\b` are ASCII's, a letter's case
    is Unicode's. On Java before 19 a `\\b` is Unicode's all the same. Raises Unportable.
    """
    if unknown := set(options) - set("gsi"):
        raise Unportable(f"option {sorted(unknown)[0]!r} of a regular expression")
    dot = "(?s:.)" if "s" in options else r"[^\n]"
    out = ["(?iu)"] if "i" in options else []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "[":
            text, at = _set(pattern, at)
        elif sign == "\\":
            text, at = _escape(pattern, at), at + 2
        elif flags := FLAGS.match(pattern, at):
            text, at = _flags(*flags.groups(default="")), flags.end()
        else:
            text, at = {".": dot, "$": r"\z"}.get(sign, sign), at + 1
        out.append(text)
    return "".join(out)


def quoted(text: str) -> str:
    """A pattern that finds the text itself."""
    return re.sub(r"[\\.\[\]{}()*+?^$|]", r"\\\g<0>", text)


def only_first(pattern: str) -> str:
    """A portable pattern that finds the first place only: what stands before it is group 1, the place 2, the pattern's groups follow."""
    return f"{BEFORE_IT}({pattern})"


def replacement(text: str, first: bool = False) -> str:
    """What stands in a match's place, with `$1` for DuckDB's `\\1`; `first` where the pattern is one of `only_first`.

    Raises Unportable.
    """
    if "$" in text:
        raise Unportable(f"a dollar sign in a replacement: {text!r}")
    if found := re.search(r"\\(?:[0-9]\w|[^0-9]|$)", text):
        raise Unportable(f"{found[0]!r} in a replacement: {text!r}")
    return ("$1" if first else "") + re.sub(r"\\([0-9])", lambda group: f"${int(group[1]) + 2 * first}", text)


def _escape(pattern: str, at: int) -> str:
    name = pattern[at + 1 : at + 2]
    if name in SHORT:
        return f"[{SHORT[name]}]"
    if name.lower() in SHORT:
        return f"[^{SHORT[name.lower()]}]"
    if name in "bB":
        return rf"(?-u:\{name})"
    if name.isalpha() and name not in "pPxtnrfz":
        raise Unportable(f"\\{name} in a regular expression")
    return "\\" + name


def _flags(on: str, off: str, end: str) -> str:
    if (on + off).strip("-i"):
        raise Unportable(f"(?{on}{off}{end} in a regular expression")
    return "(?" + ("iu" if on else "") + off + end


def _set(pattern: str, start: int) -> tuple[str, int]:
    """A set such as `[^a-z\\s]` from its bracket on, and where it ends."""
    at = start + 1
    out = ["["]
    if pattern[at : at + 1] == "^":
        out.append("^")
        at += 1
    first = at
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        sign = pattern[at]
        if sign == "\\":
            name = pattern[at + 1 : at + 2]
            if name in "DWSb":
                raise Unportable(f"\\{name} in a set of a regular expression")
            out.append(SHORT.get(name, "\\" + name))
            at += 2
            continue
        # Java and Rust know sets within sets, && and ~~
        out.append("\\" + sign if sign in "[]&~" else sign)
        at += 1
    return "".join(out) + "]", at + 1
