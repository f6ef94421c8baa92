"""A check made ready to run: its expressions parsed once, its parameters as values, and what names mean in a condition.

Between policy/catalogue.py (text) and policy/engine.py (verdicts).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..expression.convert import to_bool
from ..expression.evaluator import evaluate, operand
from ..expression.scope import Function, Scope
from ..expression.tree import Expression
from ..expression.values import (
    BOOL,
    ERROR,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    is_false,
    is_null,
    is_true,
    known,
)
from ..expression.world import World
from ..graph.graph import ResourceView
from ..source import SourceFile, SourceRange, SyntaxFault
from .check import Check
from .finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from .phi import ScopeObject

ParseText = Callable[[SourceFile], Expression]


class Outcome:
    """What a check says in one scenario. value: what decided; None where nothing was evaluated."""

    __slots__ = ("detail", "reason", "value", "verdict")

    def __init__(self, verdict: str, value: Value | None = None, reason: str = "", detail: str = "") -> None:
        self.verdict = verdict
        self.value = value
        self.reason = reason
        self.detail = detail


class CheckScope(Scope):
    """Names in a condition: `self`, `resource`, `type`, `param`, `scope`, else a relation or property of the resource.

    looked_up: the properties that were asked for, so that the evidence can say at which path its value stands.
    """

    __slots__ = ("address", "looked_up", "parameters", "type", "view")

    def __init__(
        self,
        world: World,
        functions: Mapping[str, Function],
        context: Any,
        view: Lazy,
        address: str,
        type: str,
        parameters: Value,
    ) -> None:
        super().__init__(world, functions, context, condition=True)
        self.view = view
        self.address = address
        self.type = type
        self.parameters = parameters
        self.looked_up: dict[str, Value] = {}

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        """The value of a first name. Raises EvaluationError where the type has no such property or relation."""
        if name == "self":
            return self.view
        if name == "param":
            return self.parameters
        if name == "resource":
            return known(self.address)
        if name == "type":
            return known(self.type)
        if name == "scope" and isinstance(self.view, ResourceView):
            return ScopeObject(self.view)
        value = self.view.get(name, range)
        self.looked_up[name] = value
        return value


class Program:
    """A check with parsed expressions. Raises SyntaxFault, with a place in the check file, where one cannot be read."""

    __slots__ = ("check", "condition", "filter", "message", "parameters", "texts")

    def __init__(
        self, check: Check, overrides: Mapping[str, Any], parse_expression: ParseText, parse_template: ParseText
    ) -> None:
        self.check = check
        # The files of the expressions: a range in one of them is no place in a user's file.
        self.texts: set[SourceFile] = set()
        self.filter = self._parse("filter", check.filter, parse_expression)
        self.condition = self._parse("condition", check.condition, parse_expression)
        self.message = self._parse("message", check.message, parse_template)
        self.parameters = known({name: overrides.get(name, p.default) for name, p in check.parameters.items()})

    def _parse(self, field: str, text: str | None, parse: ParseText) -> Expression | None:
        if text is None:
            return None
        file = SourceFile(f"{self.check.id} ({field})", text)
        self.texts.add(file)
        try:
            return parse(file)
        except SyntaxFault as fault:
            place = self.place(field, fault.range)
            raise SyntaxFault(f"the {field} cannot be read: {fault.message}", place or fault.range) from None

    def place(self, field: str, range: SourceRange) -> SourceRange | None:
        """A range in the text of a field as a range in the check's file."""
        block = self.check.ranges.get(field)
        if block is None:
            return None
        lines = block.file.line_starts
        line = block.line + range.line  # the text starts on the line below `|-`
        if line > len(lines):
            return block
        indent = len(block.file.line_text(block.line + 1)) - len(block.file.line_text(block.line + 1).lstrip(" "))
        start = min(lines[line - 1] + indent + range.column - 1, len(block.file.text))
        return SourceRange(block.file, start, min(start + max(1, range.end - range.start), len(block.file.text)))

    def applies(self, scope: Scope) -> Known | Unknown:
        """Whether the filter lets the resource in: true, false or unknown."""
        return known(True) if self.filter is None else truth(self.filter, scope)

    def judge(self, scope: Scope) -> Outcome:
        """The verdict in the scenario in force. What Terraform would refuse to evaluate is unknown, with the message."""
        applies = self.applies(scope)
        if is_false(applies):
            return Outcome(NOT_APPLICABLE, applies)
        assert self.condition is not None
        decided = truth(self.condition, scope)
        if is_true(decided):
            return Outcome(PASS, decided)  # it passes whether or not the filter lets it in
        unknown = applies if isinstance(applies, Unknown) else decided
        if isinstance(unknown, Unknown):
            return Outcome(UNKNOWN, unknown, unknown.reason, unknown.detail)
        return Outcome(FAIL, decided)


def truth(expression: Expression, scope: Scope) -> Known | Unknown:
    """The value of a condition as a bool; what cannot be evaluated, or is null, is unknown."""
    try:
        value = operand(evaluate(expression, scope))
        decided = to_bool(value)
    except EvaluationError as error:
        return Unknown(ERROR, error.message, BOOL, True, range=error.range)
    if is_null(decided):
        return Unknown(ERROR, "the result is null, neither true nor false", BOOL, True, sources=(value,))
    assert isinstance(decided, (Known, Unknown))
    return decided
