"""`hipaalint.evaluate`: one HCL expression to plain Python data; what is unknown stays visible as UNKNOWN.

A door to the expression engine for other programs and for tests; a scan does not come through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, final

from .expression.equality import distinct, set_order
from .expression.evaluator import deep_recursion
from .expression.evaluator import evaluate as evaluate_expression
from .expression.functions import TERRAFORM_FUNCTIONS
from .expression.functions.function import CallContext, Function, normalized
from .expression.scope import Scope
from .expression.types import kind_of
from .expression.values import (
    GIVEN,
    LIST,
    MAP,
    OBJECT,
    SET,
    TUPLE,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    known,
)
from .expression.world import World
from .source import SourceFile, SourceRange, SyntaxFault
from .syntax.hcl import parse_expression, parse_template
from .syntax.yaml_json import parse as parse_yaml


@final
class _Unknown:
    """The type of UNKNOWN. It is neither true nor false, and there is only one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "hipaalint.UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false; compare with `is`")

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class ExpressionError(Exception):
    """An expression that cannot be evaluated: syntax, a name or function that does not exist, a wrong argument.

    message: without the place; line and column: where in the expression, 1-based.
    """

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.message = message
        self.line = line
        self.column = column


class _Names(Scope):
    """A scope of given values."""

    __slots__ = ("names",)

    def __init__(
        self, world: World, functions: Mapping[str, Function], context: CallContext, names: Mapping[str, Value]
    ) -> None:
        super().__init__(world, functions, context)
        self.names = names

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        value = self.names.get(name)
        if value is None:
            raise EvaluationError(f'There is no variable named "{name}".', range)
        return value


def evaluate(
    expression: str, variables: Mapping[str, object] | None = None, *, base: Path | str | None = None
) -> object:
    """The value of an HCL expression as plain Python data, by the rules of Terraform 1.12.

    variables: root names to plain data; UNKNOWN may stand in them at any depth. base: the folder in which file
    functions read; without it they are errors. Numbers of the result are int where integral, else Decimal;
    lists, tuples and sets are lists; a part of which only the type is known is UNKNOWN.
    Raises ExpressionError for everything that cannot be evaluated, and nothing else.
    """
    folder = None if base is None else Path(base)
    world = World()
    context = CallContext(
        world,
        folder,
        folder,
        parse_template,
        lambda text: parse_yaml(SourceFile("<yaml>", text), as_written=True),
        lambda tree, names: evaluate_expression(tree, _Names(world, TERRAFORM_FUNCTIONS, context, names)),
    )
    names = {name: _value(data, 0) for name, data in (variables or {}).items()}
    try:
        tree = parse_expression(expression)
        with deep_recursion():
            return _plain(evaluate_expression(tree, _Names(world, TERRAFORM_FUNCTIONS, context, names)))
    except SyntaxFault as fault:
        raise ExpressionError(fault.message, fault.range.line, fault.range.column) from None
    except EvaluationError as error:
        place = (error.range.line, error.range.column) if error.range is not None else (1, 1)
        raise ExpressionError(error.message, *place) from None
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None


def _value(data: object, depth: int) -> Value:
    if depth > 200:
        raise ExpressionError("a variable is nested too deeply")
    if data is UNKNOWN:
        return Unknown(GIVEN, "it was given as unknown")
    if isinstance(data, str):
        return known(normalized(data))
    if isinstance(data, Mapping):
        return Known({normalized(str(name)): _value(item, depth + 1) for name, item in data.items()}, OBJECT)
    if isinstance(data, (list, tuple)):
        return Known([_value(item, depth + 1) for item in data], TUPLE)
    if isinstance(data, (set, frozenset)):
        return Known(set_order(distinct(_value(item, depth + 1) for item in data)), SET)
    if isinstance(data, (float, Decimal)) and not Decimal(data).is_finite():
        raise ExpressionError("a variable is not a finite number")
    try:
        return known(data)
    except TypeError as error:
        raise ExpressionError(str(error)) from None


def _plain(value: Value) -> Any:
    if isinstance(value, Lazy):
        value = value.materialize()
    if isinstance(value, Known):
        if isinstance(value.data, list):
            return [_plain(item) for item in value.data]
        if isinstance(value.data, dict):
            return {name: _plain(item) for name, item in value.data.items()}
        return value.data
    return _unknown(value) if isinstance(value, Unknown) else None


def _unknown(value: Unknown) -> object:
    """A collection whose size is certain is known to that extent."""
    kind = kind_of(value.type)
    if value.not_null and value.length is not None and value.length[0] == value.length[1]:
        size = value.length[0]
        if kind == MAP and size == 0:
            return {}
        if (kind == LIST and size <= 1024) or (kind == SET and size <= 1):
            return [UNKNOWN] * size
    return UNKNOWN
