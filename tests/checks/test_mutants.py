"""Every clause of every condition matters: replaced by true or by false, at least one example of its check notices."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import pytest

from hipaalint.expression.tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Object,
    Splat,
    Template,
    Tuple,
    Unary,
)
from hipaalint.policy.catalogue import load_catalogue
from hipaalint.policy.check import Check
from hipaalint.policy.examples import LoadedCase, cases, compare
from hipaalint.source import SourceFile, SourceRange
from hipaalint.syntax.hcl import parse_expression

CHECKS = list(load_catalogue().checks.values())
LOGICAL = ("&&", "||", "==", "!=", "<", ">", "<=", ">=")


def clauses(text: str) -> list[SourceRange]:
    """The parts of a condition that are true or false: operands of `&&`, `||` and `!`, comparisons, conditions."""
    file = SourceFile("condition", text)
    found: dict[tuple[int, int], SourceRange] = {}

    def add(node: Expression) -> None:
        if not (isinstance(node, Literal) and isinstance(node.value, bool)):
            found[node.range.start, node.range.end] = node.range

    def walk(node: Expression) -> None:
        if isinstance(node, Binary):
            if node.operator in LOGICAL:
                add(node)
            if node.operator in ("&&", "||"):
                add(node.left)
                add(node.right)
        elif isinstance(node, Unary) and node.operator == "!":
            add(node)
        elif isinstance(node, (Conditional, For)):
            for condition in filter(None, [node.condition]):
                add(condition)
        for child in children(node):
            walk(child)

    whole = parse_expression(file)
    add(whole)
    walk(whole)
    return list(found.values())


def children(node: Expression) -> Iterator[Expression]:
    """The sub-expressions of a node."""
    if isinstance(node, Binary):
        yield from (node.left, node.right)
    elif isinstance(node, Unary):
        yield node.operand
    elif isinstance(node, Conditional):
        yield from (node.condition, node.then, node.otherwise)
    elif isinstance(node, For):
        yield from (node.collection, node.value_result)
        yield from filter(None, (node.key_result, node.condition))
    elif isinstance(node, Call):
        yield from node.arguments
    elif isinstance(node, Attribute):
        yield node.source
    elif isinstance(node, Index):
        yield from (node.source, node.key)
    elif isinstance(node, Splat):
        yield from (node.source, node.each)
    elif isinstance(node, Tuple):
        yield from node.items
    elif isinstance(node, Template):
        yield from node.parts
    elif isinstance(node, Object):
        for key, value in node.items:
            yield from (key, value)


def mutant(check: Check, part: int, field: str, range: SourceRange, constant: str) -> Check:
    """The check with one clause of one of its parts replaced."""
    parts = [copy(one) for one in (check, *check.also)]
    text = range.file.text
    setattr(parts[part], field, f"{text[: range.start]}({constant}){text[range.end :]}")
    parts[0].also = tuple(parts[1:])
    for one in parts:
        one.whole = parts[0]
    return parts[0]


def unnoticed(check: Check, loaded: list[LoadedCase]) -> Iterator[str]:
    """The mutants that give every example the result it should have."""
    # An example that fails anyway (tests of the examples say so) notices nothing.
    loaded = [one for one in loaded if not compare(one.case, one.findings(check))]
    fields = [(part, field) for part in range(1 + len(check.also)) for field in ("filter", "condition")]
    for part, field in fields:
        text = getattr((check, *check.also)[part], field)
        for clause in clauses(text) if text is not None else ():
            for constant in ("true", "false"):
                twin = mutant(check, part, field, clause, constant)
                if not any(compare(one.case, one.findings(twin)) for one in loaded):
                    where = field if not part else f"{field} of also[{part - 1}]"
                    yield f"line {clause.line} of the {where}: `{' '.join(clause.text.split())}` may as well be {constant}"


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_every_clause_matters(check: Check) -> None:
    loaded = [LoadedCase(case) for case in cases(check)]
    try:
        survivors = list(unnoticed(check, loaded))
    finally:
        for one in loaded:
            one.close()
    assert not survivors, "\n".join(survivors)


def test_clauses_of_a_condition() -> None:
    found = clauses("!A && [for x in B : x == 1 if x.C] != [] || (D ? true : E > 2)")
    assert {range.text for range in found} == {
        "!A && [for x in B : x == 1 if x.C] != [] || (D ? true : E > 2)",
        "!A && [for x in B : x == 1 if x.C] != []",
        "!A",
        "[for x in B : x == 1 if x.C] != []",
        "x == 1",
        "x.C",
        "D ? true : E > 2",
        "D",
        "E > 2",
    }
