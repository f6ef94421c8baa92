"""Patterns with wildcards: whether two of them meet, and whether one takes the other in."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipaalint.policy.patterns import covers, overlap


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("kms:*", "kms:decrypt", True),
        ("kms:d*t", "kms:de*", True),
        ("kms:*t", "*:encrypt", True),
        ("s3:*", "kms:*", False),
        ("a?c", "abc", True),
        ("a?", "a", False),
        ("*", "", True),
        ("", "", True),
        ("[a]", "a", False),
    ],
)
def test_overlap(first: str, second: str, meet: bool) -> None:
    assert overlap(first, second) is meet
    assert overlap(second, first) is meet


@pytest.mark.parametrize(
    ("pattern", "other", "taken_in"),
    [
        ("kms:*", "kms:re*", True),
        ("kms:re*", "kms:*", False),
        ("*", "*", True),
        ("a?c", "a*c", False),
        ("a*", "a?", True),
    ],
)
def test_covers(pattern: str, other: str, taken_in: bool) -> None:
    assert covers(pattern, other) is taken_in


PATTERNS = st.text("ab*?", max_size=6)


@given(PATTERNS, st.text("ab", max_size=6))
def test_a_text_is_a_pattern_without_wildcards(pattern: str, text: str) -> None:
    assert overlap(pattern, text) is fnmatchcase(text, pattern)
    assert covers(pattern, text) is fnmatchcase(text, pattern)


@given(PATTERNS, PATTERNS, st.text("ab", max_size=6))
def test_what_both_match_makes_them_meet(first: str, second: str, text: str) -> None:
    if fnmatchcase(text, first) and fnmatchcase(text, second):
        assert overlap(first, second)
    if covers(first, second) and fnmatchcase(text, second):
        assert fnmatchcase(text, first)


def test_long_patterns_end_soon() -> None:
    assert overlap("a" * 100_000, "b")  # too long to be compared: it may be
    assert not covers("*" * 100_000, "b")
