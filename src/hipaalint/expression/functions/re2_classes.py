"""Classes of characters in RE2's syntax: Perl's, POSIX', Unicode's, and case folding.

Used by re2_syntax.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Matcher = Callable[[str], bool]


class PatternError(Exception):
    """A pattern that RE2 refuses."""


_DIGIT = frozenset("0123456789")
_UPPER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
WORD = _DIGIT | _UPPER | _LOWER | {"_"}
PERL = {"d": _DIGIT, "w": WORD, "s": frozenset("\t\n\f\r ")}
POSIX = {
    "alnum": _DIGIT | _UPPER | _LOWER,
    "alpha": _UPPER | _LOWER,
    "ascii": frozenset(map(chr, range(128))),
    "blank": frozenset("\t "),
    "cntrl": frozenset(map(chr, [*range(32), 127])),
    "digit": _DIGIT,
    "graph": frozenset(map(chr, range(33, 127))),
    "lower": _LOWER,
    "print": frozenset(map(chr, range(32, 127))),
    "punct": frozenset(map(chr, range(33, 127))) - WORD | {"_"},
    "space": frozenset("\t\n\v\f\r "),
    "upper": _UPPER,
    "word": WORD,
    "xdigit": _DIGIT | frozenset("abcdefABCDEF"),
}
ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CATEGORY = r"C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?"
_SCRIPT = (
    # the scripts whose name begins the names of their characters
    "Arabic|Armenian|Bengali|Braille|Cherokee|Coptic|Cyrillic|Devanagari|Ethiopic|Georgian|Greek|Gujarati|Gurmukhi|"
    "Han|Hangul|Hebrew|Hiragana|Kannada|Katakana|Khmer|Lao|Latin|Malayalam|Mongolian|Myanmar|Oriya|Sinhala|Tamil|"
    "Telugu|Thaana|Thai|Tibetan"
)


def property_matcher(name: str, negative: bool) -> Matcher | None:
    """Characters with (or without) a general category or a script; None where there is none of that name."""
    if name == "Any":
        return lambda x: not negative
    if re.fullmatch(_CATEGORY, name):
        return lambda x: unicodedata.category(x).startswith(name) != negative
    if re.fullmatch(_SCRIPT, name):
        prefix = "CJK UNIFIED " if name == "Han" else f"{name.upper()} "
        return lambda x: unicodedata.name(x, "").startswith(prefix) != negative
    return None


def folds(c: str) -> tuple[str, ...]:
    """The forms of a character that count as the same without regard to case."""
    return tuple(form for form in (c, c.lower(), c.upper(), c.upper().lower()) if len(form) == 1)


def class_matcher(
    singles: frozenset[str], ranges: list[tuple[str, str]], matchers: list[Matcher], negative: bool, fold: bool
) -> Matcher:
    """A bracket expression."""

    def within(x: str) -> bool:
        return x in singles or any(low <= x <= high for low, high in ranges) or any(m(x) for m in matchers)

    if fold:
        return lambda x: any(within(form) for form in folds(x)) != negative
    if not ranges and not matchers:
        return (lambda x: x not in singles) if negative else singles.__contains__
    return lambda x: within(x) != negative
