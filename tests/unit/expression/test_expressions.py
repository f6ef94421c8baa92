"""Expressions and calls with the results that `terraform console` gives: tests/data/expressions.jsonl, one row a line.

A row is {"expression", "result"} (as JSON) or {"expression", "error": true} where Terraform refuses.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from hipaalint import ExpressionError, evaluate

ROWS = [
    json.loads(line, parse_float=Decimal)
    for line in (Path(__file__).parents[2] / "data" / "expressions.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


def exactly(data: object) -> object:
    """A form in which 1 and true, and lists and objects, are different, and the spelling of a number is not."""
    if isinstance(data, list):
        return ("list", [exactly(item) for item in data])
    if isinstance(data, dict):
        return ("object", {name: exactly(item) for name, item in data.items()})
    if isinstance(data, (int, Decimal)) and not isinstance(data, bool):
        return ("number", Decimal(data).normalize())
    return (type(data).__name__, data)


@pytest.mark.parametrize("row", [row for row in ROWS if "result" in row], ids=lambda row: row["expression"])
def test_gives_what_terraform_gives(row: dict[str, object]) -> None:
    assert exactly(evaluate(str(row["expression"]))) == exactly(row["result"])


@pytest.mark.parametrize("row", [row for row in ROWS if "error" in row], ids=lambda row: row["expression"])
def test_refuses_what_terraform_refuses(row: dict[str, object]) -> None:
    with pytest.raises(ExpressionError):
        evaluate(str(row["expression"]))


def test_the_table_is_whole() -> None:
    assert len(ROWS) > 1200
    assert len({row["expression"] for row in ROWS}) == len(ROWS)
    assert all(("result" in row) != ("error" in row) for row in ROWS)


# What OpenTofu, or Terraform from 1.12 on, adds to the version that made the table, and where hipaalint differs on purpose.
ADDED = [
    ('element(["a", "b"], -1)', "b"),
    ('element(["a", "b", "c"], -4)', "c"),
    ('urldecode("a+b%20c%C3%A9")', "a b cé"),
    ('base64gunzip("H4sIAAAAAAAA/6oAAAAA//8BAAD//4MW3IwBAAAA")', "x"),
    ('cidrcontains("10.0.0.0/8", "10.1.2.3")', True),
    ('cidrcontains("10.0.0.0/8", "10.1.0.0/16")', True),
    ('cidrcontains("10.1.0.0/16", "10.0.0.0/8")', False),
    ('cidrcontains("fe80::/48", "fe80::1")', True),
    ('assumenotnull("a")', "a"),
    ('assumestringprefix("vpc-1", "vpc-")', "vpc-1"),
    ("assumeequal(1, 1)", 1),
    ('assumelistlength(["a"], 1)', ["a"]),
    ('assumesetlengthmin(["a", "a"], 1)', ["a"]),
    ("assumemaplengthmax({a = 1}, 2)", {"a": 1}),
    ("issensitive(sensitive(1))", True),
    ("issensitive(flip_sensitive(1))", True),
    ("issensitive(flip_sensitive(sensitive(1)))", False),
    ("issensitive(nonsensitive(sensitive(1)))", False),
    ('nonsensitive(sensitive("a"))', "a"),
    ('convert(["1", 2], list(number))', [1, 2]),
    ('convert({}, object({a = optional(string, "x")}))', {"a": "x"}),
    ("type([1, null])", "tuple([number, any])"),
    ('format("%v", null)', "null"),
    ('templatestring("a $${b}", {b = 1})', "a 1"),
    ('templatestring("%%{ for x in l }$${x};%%{ endfor }", {l = [1, 2]})', "1;2;"),
]


@pytest.mark.parametrize(("expression", "result"), ADDED)
def test_knows_the_functions_of_opentofu(expression: str, result: object) -> None:
    assert exactly(evaluate(expression)) == exactly(result)


@pytest.mark.parametrize(
    "expression",
    [
        "assumenotnull(null)",
        'assumestringprefix("a", "b")',
        "assumeequal(1, 2)",
        'assumelistlength(["a"], 2)',
        'assumelistlengthmin(["a"], 2)',
        "assumemaplengthmax({a = 1}, 0)",
        'cidrcontains("10.0.0.0/8", "fe80::1")',
        'cidrcontains("10.0.0.0/8", "x")',
        'base64gunzip("eA==")',
        'urldecode("%zz")',
        'templatestring("$${", {})',
        'templatestring("$${nope}", {})',
        'templatestring("x", [])',
        'templatestring("$${templatestring("a", {})}", {})',
        'list("a")',
        'true || "x"',
        "false && 1",
        "convert(1)",
        "convert([], number)",
        "convert(1, nope)",
        "nosuch()",
    ],
)
def test_refuses(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression)
