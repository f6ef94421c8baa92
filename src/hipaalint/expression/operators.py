"""Operators over values that are evaluated already: arithmetic, comparison, truth, and the two results of a conditional.

Called by evaluator.py, which has the order of evaluation.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import trunc

from ..source import SourceRange
from . import convert
from .members import operand, result_of, unknown_from
from .scope import Scope
from .tree import (
    Binary,
    Conditional,
    Unary,
)
from .values import (
    BOOL,
    COMPUTED,
    CONDITION,
    DYNAMIC,
    NUMBER,
    STRING,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    Type,
    Unknown,
    Value,
    all_references,
    is_null,
    number,
    wholly_known,
)


def truth_operand(value: Value, scope: Scope, range: SourceRange | None) -> Known | Unknown:
    """The operand of a logical operator as a bool; a boolean input used like this is worth splitting."""
    value = convert.to_bool(value)
    if is_null(value):
        raise EvaluationError("a null value is neither true nor false", range)
    if value.input is not None and (not scope.condition or value.input.default is None):
        scope.world.propose(value.input, True)
        if isinstance(value, Unknown) and scope.world.excludes(value.input, True):
            return Known(False, BOOL, value.range, (value,))
    assert isinstance(value, (Known, Unknown))
    return value


def unary(node: Unary, value: Value, scope: Scope) -> Value:
    """`!value` or `-value`. Raises EvaluationError for what Terraform refuses, as all of these do."""
    value = operand(value)
    if node.operator == "!":
        value = truth_operand(value, scope, node.operand.range)
        if isinstance(value, Unknown):
            return unknown_from((value,), BOOL, range=node.range)
        return result_of(not value.data, BOOL, node.range, (value,))
    value = convert.to_number(value)
    if isinstance(value, Unknown):
        return unknown_from((value,), NUMBER, range=node.range)
    if is_null(value):
        raise EvaluationError("a null value cannot be negated", node.range)
    assert isinstance(value, Known)
    return result_of(number(-Decimal(value.data)), NUMBER, node.range, (value,))


def binary(node: Binary, left: Value, right: Value, scope: Scope) -> Value:
    """A comparison, or arithmetic."""
    operator = node.operator
    if operator in ("==", "!="):
        return _equality(node, left, right, scope)
    left, right = convert.to_number(operand(left)), convert.to_number(operand(right))
    if is_null(left) or is_null(right):
        raise EvaluationError(f'a null value cannot be an operand of "{operator}"', node.range)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return unknown_from((left, right), NUMBER if operator in "+-*/%" else BOOL, range=node.range)
    assert isinstance(left, Known)
    assert isinstance(right, Known)
    a, b = left.data, right.data
    if operator == "<":
        return result_of(a < b, BOOL, node.range, (left, right))
    if operator == ">":
        return result_of(a > b, BOOL, node.range, (left, right))
    if operator == "<=":
        return result_of(a <= b, BOOL, node.range, (left, right))
    if operator == ">=":
        return result_of(a >= b, BOOL, node.range, (left, right))
    return result_of(_arithmetic(operator, a, b, node.range), NUMBER, node.range, (left, right))


def _arithmetic(operator: str, a: int | Decimal, b: int | Decimal, range: SourceRange) -> int | Decimal:
    if operator in "/%" and b == 0:
        raise EvaluationError("division by zero", range)
    x, y = Fraction(a), Fraction(b)
    if operator == "+":
        exact = x + y
    elif operator == "-":
        exact = x - y
    elif operator == "*":
        exact = x * y
    elif operator == "/":
        exact = x / y
    else:
        exact = x - y * trunc(x / y)
    try:
        return convert.rounded(exact)
    except EvaluationError as error:
        raise EvaluationError(error.message, range) from None


def _equality(node: Binary, left: Value, right: Value, scope: Scope) -> Value:
    equal = node.operator == "=="
    if scope.condition:
        # A property that nobody wrote equals null; any other comparison takes what the service does instead.
        if (isinstance(left, Absent) and is_null(right)) or (isinstance(right, Absent) and is_null(left)):
            return result_of(equal, BOOL, node.range, (left, right))
        if is_null(left) or is_null(right):
            other = right if is_null(left) else left
            if isinstance(other, (Known, Lazy)):
                return result_of((isinstance(other, Known) and other.data is None) is equal, BOOL, node.range, (other,))
        left, right = operand(left), operand(right)
    if isinstance(left, Lazy):
        left = left.materialize()
    if isinstance(right, Lazy):
        right = right.materialize()
    same = convert.equal(left, right)
    for value, other in ((left, right), (right, left)):
        if value.input is None or not isinstance(other, Known) or not isinstance(other.data, (bool, int, str)):
            continue
        if scope.condition and value.input.default is not None:
            continue  # what the check asks is no reason to try other values than the default
        constant = other.data
        if isinstance(value, Unknown) and value.type == NUMBER and isinstance(constant, str):
            continue
        scope.world.propose(value.input, constant)
        if same is None and scope.world.excludes(value.input, constant):
            same = False
    if same is None and scope.condition and (_is_name_of_another(left, right) or _is_name_of_another(right, left)):
        same = False
    if same is None:
        return unknown_from((left, right), BOOL, range=node.range, not_null=True)
    return result_of(same is equal, BOOL, node.range, (left, right))


# Attributes by which a resource is named, made up by the service when it is created.
_NAMES = frozenset({"ref", "id", "arn", "name", "key_id", "keyid"})


def _is_name_of_another(value: Value, other: Value) -> bool:
    """The name of a resource that is declared here and named by the service is no word that a check can write out."""
    return (
        isinstance(value, Unknown)
        and value.reason == COMPUTED
        and any(attribute.lower() in _NAMES for _, attribute in value.references)
        and isinstance(other, Known)
        and other.kind == STRING
    )


def common_type(one: Value, other: Value, range: SourceRange | None) -> Type:
    """The type that both branches of a conditional can become. Raises EvaluationError where there is none.

    What a resource has is written in a type that its provider may convert, so nothing is refused because of it.
    """
    if is_null(one) or is_null(other):
        return convert.type_of(other if is_null(one) else one)
    type = convert.unify([convert.type_of(one), convert.type_of(other)])
    if type is not None:
        return type
    if all_references(one) or all_references(other):
        return DYNAMIC
    raise EvaluationError("the two results of a conditional must have one type, or types that convert to one", range)


def either(then: Value, otherwise: Value, condition: Value, node: Conditional, strict: bool) -> Value:
    """What is known of `unknown ? then : otherwise`. strict: both must have a type in common."""
    if isinstance(then, Lazy) or isinstance(otherwise, Lazy):
        return (
            then
            if then is otherwise
            else unknown_from((condition, then, otherwise), DYNAMIC, reason=CONDITION, range=node.range)
        )
    if convert.equal(then, otherwise) is True and wholly_known(then):
        value = then.at(node.range)
        value.sources = (then, otherwise)
        value.sensitive = then.sensitive or otherwise.sensitive or condition.sensitive
        return value
    if isinstance(then, Absent) or isinstance(otherwise, Absent):
        return unknown_from((condition, then, otherwise), DYNAMIC, reason=CONDITION, range=node.range)
    if strict:
        type = common_type(then, otherwise, node.otherwise.range)
    else:
        type = convert.unify([convert.type_of(then), convert.type_of(otherwise)]) or DYNAMIC
    not_null = all(
        (isinstance(v, Known) and v.data is not None) or (isinstance(v, Unknown) and v.not_null)
        for v in (then, otherwise)
    )
    value = unknown_from((condition, then, otherwise), type, reason=CONDITION, range=node.range, not_null=not_null)
    sizes = [len(v.data) for v in (then, otherwise) if isinstance(v, Known) and isinstance(v.data, (list, dict))]
    if len(sizes) == 2:
        value.length = (min(sizes), max(sizes))
    value.detail = f"depends on `{' '.join(node.condition.range.text.split())}`"
    return value
