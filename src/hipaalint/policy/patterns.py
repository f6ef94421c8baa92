"""Patterns with `*` and `?`, as IAM writes actions and resources: what they match, and whether two of them meet.

Used by policy/iam.py, iam_grants.py and iam_trust.py; plain texts in, no values.
"""

from __future__ import annotations

from functools import lru_cache

LONGEST = 300  # no name of an action is half as long; what is longer is not compared


@lru_cache(maxsize=16384)
def overlap(first: str, second: str) -> bool:
    """Whether some text matches both patterns."""
    if len(first) > LONGEST or len(second) > LONGEST:
        return True
    # Most pairs differ in what stands before their first wildcards; what is the same there need not be compared again.
    plain = min(_plain_start(first), _plain_start(second))
    if first[:plain] != second[:plain]:
        return False
    first, second = first[plain:], second[plain:]
    if not first or not second:
        return not (first + second).strip("*")
    # reached[j]: the texts of first[:i] and second[:j] can be the same
    reached = [True, *([False] * len(second))]
    for j, other in enumerate(second):
        reached[j + 1] = reached[j] and other == "*"
    for own in first:
        before, reached[0] = reached[0], reached[0] and own == "*"
        for j, other in enumerate(second):
            here = reached[j + 1]
            if "*" in (own, other):
                now = here or reached[j]
            else:
                now = before and (own == other or "?" in (own, other))
            before, reached[j + 1] = here, now
    return reached[-1]


def _plain_start(pattern: str) -> int:
    """How many characters stand before the first wildcard."""
    return min(position if position >= 0 else len(pattern) for position in (pattern.find("*"), pattern.find("?")))


@lru_cache(maxsize=16384)
def covers(pattern: str, other: str) -> bool:
    """Whether a pattern matches everything that another pattern does (a `*` of the other needs a `*`)."""
    if len(pattern) > LONGEST or len(other) > LONGEST:
        return False
    reached = [True, *([False] * len(other))]
    for own in pattern:
        before, reached[0] = reached[0], reached[0] and own == "*"
        for j, letter in enumerate(other):
            here = reached[j + 1]
            if own == "*":
                now = here or reached[j]
            else:
                now = before and (own == letter or (own == "?" and letter != "*"))
            before, reached[j + 1] = here, now
    return reached[-1]
