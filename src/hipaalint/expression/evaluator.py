"""The one evaluator: an expression and a scope give a value; Kleene logic, Terraform's semantics, unknown parts in place.

Called by the loaders (through Deferred values) and by policy/ for the conditions of checks; calls expression/functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import convert
from .members import (
    attribute_of,
    element_of,
    iterate,
    key_text,
    operand,
    result_of,
    text_of,
    unknown_from,
)
from .operators import binary, common_type, either, truth_operand, unary
from .scope import Scope
from .tree import (
    Attribute,
    Binary,
    Call,
    Choose,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Splat,
    SplatItem,
    Template,
    TemplateFor,
    Tuple,
    Unary,
)
from .types import parse_type
from .values import (
    BOOL,
    DYNAMIC,
    ERROR,
    IMPURE,
    MAX_SIZE,
    MAX_TEXT,
    OBJECT,
    SEQUENCES,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    LimitReached,
    Unknown,
    Value,
    bounded,
    is_false,
    is_null,
    is_true,
    known,
    weigh,
)

RECURSION = 20_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for expressions as deep as the parser admits and for long chains of locals; as before afterwards.

    Frames of Python functions lie on the heap, so the limit may be far above the default. What is deeper still ends as
    an unknown value with that reason.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def evaluate(node: Expression, scope: Scope) -> Value:
    """The value of an expression.

    Raises EvaluationError for what Terraform itself refuses; what cannot be known is an Unknown, with its reason.
    """
    return _EVALUATE[type(node)](node, scope)


def _literal(node: Literal, scope: Scope) -> Value:
    return known(node.value, node.range)


def _name(node: Name, scope: Scope) -> Value:
    value = scope.lookup(node.name, node.range)
    return value if scope.condition else value.at(node.range)


def _splat_item(node: SplatItem, scope: Scope) -> Value:
    return scope.lookup("*", node.range)


def _attribute(node: Attribute, scope: Scope) -> Value:
    source = evaluate(node.source, scope)
    value = attribute_of(source, node.name, node.range, scope.condition)
    return value if scope.condition or value.range is node.range else value.at(node.range)


def _index(node: Index, scope: Scope) -> Value:
    source = evaluate(node.source, scope)
    key = evaluate(node.key, scope)
    value = element_of(source, key, node.range, scope.condition)
    return value if scope.condition or value.range is node.range else value.at(node.range)


def _splat(node: Splat, scope: Scope) -> Value:
    source = evaluate(node.source, scope)
    if isinstance(source, Lazy):
        only = _splat_each(node, scope, source)
        if not source.many:
            return Known([only], TUPLE, node.range, (source,))
        unknown = unknown_from((source.materialize(),), DYNAMIC, range=node.range, not_null=True)
        unknown.sources = (only,)
        unknown.references = only.references
        return unknown
    source = operand(source, empty=True)
    if isinstance(source, Unknown):
        if isinstance(source.type, str) and source.type != DYNAMIC:
            return Known([_splat_each(node, scope, source)], TUPLE, node.range, (source,))
        return unknown_from((source,), DYNAMIC, range=node.range, not_null=True)
    assert isinstance(source, Known)
    if source.data is None:
        return Known([], TUPLE, node.range, (source,))
    items = source.data if source.kind in SEQUENCES else [source]
    return Known(
        [_splat_each(node, scope, item) for item in items], TUPLE, node.range, (source,), sensitive=source.sensitive
    )


def _splat_each(node: Splat, scope: Scope, item: Value) -> Value:
    return evaluate(node.each, scope.child({"*": item}))


def _unary(node: Unary, scope: Scope) -> Value:
    return unary(node, evaluate(node.operand, scope), scope)


def _binary(node: Binary, scope: Scope) -> Value:
    if node.operator in ("&&", "||"):
        return _logical(node, scope)
    return binary(node, evaluate(node.left, scope), evaluate(node.right, scope), scope)


def _logical(node: Binary, scope: Scope) -> Value:
    """&& and ||: an operand that decides does so whatever the other is, also an error or an unknown."""
    deciding = node.operator == "||"
    failure: EvaluationError | None = None
    left: Known | Unknown | None = None
    try:
        left = truth_operand(operand(evaluate(node.left, scope)), scope, node.left.range)
    except EvaluationError as error:
        failure = error
    if isinstance(left, Known) and left.data is deciding:
        if isinstance(node.right, Literal):
            convert.to_bool(known(node.right.value, node.right.range))  # of the wrong type it is wrong all the same
        return result_of(deciding, BOOL, node.range, (left,))
    try:
        right = truth_operand(operand(evaluate(node.right, scope)), scope, node.right.range)
    except EvaluationError:
        if failure is not None:
            raise failure from None
        if isinstance(left, Unknown) and not isinstance(node.right, Literal):
            return unknown_from((left,), BOOL, range=node.range, not_null=True)
        raise
    if isinstance(right, Known) and right.data is deciding:
        return result_of(deciding, BOOL, node.range, (right,))
    if failure is not None:
        raise failure
    assert left is not None
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return unknown_from((left, right), BOOL, range=node.range, not_null=True)
    return result_of(not deciding, BOOL, node.range, (left, right))


def _conditional(node: Conditional, scope: Scope) -> Value:
    world = scope.world
    before, world.reads = world.reads, {}
    try:
        decided = truth_operand(operand(evaluate(node.condition, scope)), scope, node.condition.range)
    finally:
        reads, world.reads = world.reads, before
        for input, constants in reads.items():
            before.setdefault(input, {}).update(constants)
    if isinstance(decided, Unknown) and not any(
        constants and world.assignment.get(input) is None and (input.default is None)
        for input, constants in reads.items()
    ):
        # No input of the root that could be split decides it: the condition itself becomes one.
        opaque = decided.input or scope.opaque(node.condition)
        if opaque is not None:
            world.propose(opaque, True)
            opened = world.value_of(opaque)
            if isinstance(opened, Known):
                decided = Known(opened.data, BOOL, node.condition.range, (decided,))
            elif world.excludes(opaque, True):
                decided = Known(False, BOOL, node.condition.range, (decided,))
    if isinstance(decided, Known):
        chosen = evaluate(node.then if decided.data else node.otherwise, scope)
        if not isinstance(node, Choose) and not scope.condition:
            chosen = _unified(chosen, node.otherwise if decided.data else node.then, scope)
        if isinstance(chosen, Lazy):
            return chosen
        value = chosen.at(node.range)
        value.sources = (chosen, decided)
        value.sensitive = chosen.sensitive or decided.sensitive
        return value
    then, otherwise = _branch(node.then, scope), _branch(node.otherwise, scope)
    return either(then, otherwise, decided, node, strict=not isinstance(node, Choose) and not scope.condition)


def _branch(node: Expression, scope: Scope) -> Value:
    """A branch of which nobody knows whether it is taken: its error is none as long as that is open."""
    try:
        return evaluate(node, scope)
    except EvaluationError as error:
        return Unknown(ERROR, error.message, range=error.range)


def _unified(chosen: Value, other: Expression, scope: Scope) -> Value:
    """The chosen branch in the type that Terraform finds for both; the other branch is looked at for its type only."""
    if isinstance(other, Literal) and (
        other.value is None or (isinstance(chosen, Known) and chosen.kind == _kind_of(other.value))
    ):
        return chosen
    if isinstance(chosen, Lazy):
        return chosen
    before, scope.world.reads = scope.world.reads, {}
    try:
        alternative = evaluate(other, scope)
        if isinstance(alternative, Lazy) or is_null(alternative):
            return chosen
    except EvaluationError:
        return chosen
    finally:
        scope.world.reads = before
    type = common_type(chosen, alternative, other.range)
    try:
        return convert.convert(chosen, type)
    except EvaluationError:
        return chosen


def _kind_of(constant: object) -> str:
    return known(constant).kind


def _template(node: Template, scope: Scope) -> Value:
    parts: list[str | None] = []
    values: list[Value] = []
    sensitive = False
    secret: Unknown | None = None
    for part in node.parts:
        if isinstance(part, Literal) and isinstance(part.value, str):
            parts.append(part.value)
            continue
        value = operand(evaluate(part, scope))
        text = convert.to_string(value)
        if is_null(text):
            raise EvaluationError("a null value cannot be part of a text", part.range)
        sensitive = sensitive or text.sensitive
        values.append(value)
        if isinstance(text, Unknown):
            secret = secret or text
            parts.extend(text.parts or (None,))
        else:
            assert isinstance(text, Known)
            parts.append(text.data)
    return text_of(parts, tuple(values), node.range, sensitive, secret)


def _template_for(node: TemplateFor, scope: Scope) -> Value:
    collection = operand(evaluate(node.collection, scope), empty=True)
    if isinstance(collection, Lazy):
        collection = collection.materialize()
    if isinstance(collection, Unknown):
        return Unknown(collection.reason, collection.detail, STRING, True, (None,), None, node.range, (collection,))
    parts: list[str | None] = []
    sources: list[Value] = []
    length = 0
    sensitive, unknown = collection.sensitive, None
    for key, value in iterate(collection, node.collection.range):
        scope.world.count_operation()
        names = {node.value: value} if node.key is None else {node.key: key, node.value: value}
        before = len(parts)
        text = evaluate(node.body, scope.child(names, key))
        sources.append(text)
        sensitive = sensitive or text.sensitive
        if isinstance(text, Unknown):
            unknown = unknown or text
            parts.extend(text.parts or (None,))
        else:
            assert isinstance(text, Known)
            parts.append(text.data)
        length += sum(len(part) for part in parts[before:] if part is not None)
        if length > MAX_TEXT:
            break  # text_of says that it is too long
    return text_of(parts, tuple(sources), node.range, sensitive, unknown)


def _tuple(node: Tuple, scope: Scope) -> Value:
    items = []
    for item in node.items:
        value = evaluate(item, scope)
        if isinstance(value, Absent) and not scope.condition:
            continue  # AWS::NoValue leaves the list
        items.append(value)
    return bounded(Known(items, TUPLE, node.range))


def _object(node: Object, scope: Scope) -> Value:
    data: dict[str, Value] = {}
    for key_node, value_node in node.items:
        key = operand(evaluate(key_node, scope))
        if isinstance(key, Unknown):
            return unknown_from((key,), DYNAMIC, range=node.range, not_null=True)
        if is_null(key):
            raise EvaluationError("a null value cannot be a key", key_node.range)
        if not isinstance(key, Known):
            raise EvaluationError("an object cannot be a key", key_node.range)
        value = evaluate(value_node, scope)
        if isinstance(value, Absent) and not scope.condition:
            continue
        if not isinstance(value, Lazy) and value.range is not None and value.range.file is key_node.range.file:
            # The whole `key = value` is what was written, so that is what a finding shows.
            if value.range is not value_node.range:
                value = value.at(None)
            value.range = key_node.range.to(value_node.range)
        data[key_text(key, key_node.range)] = value
    return bounded(Known(data, OBJECT, node.range))


def _for(node: For, scope: Scope) -> Value:
    collection = evaluate(node.collection, scope)
    if isinstance(collection, Lazy):
        collection = collection.materialize()
    collection = operand(collection, empty=scope.condition)
    if isinstance(collection, Unknown):
        return unknown_from((collection,), DYNAMIC, range=node.range, not_null=True)
    if is_null(collection):
        if scope.condition:
            return Known([], TUPLE, node.range, (collection,))
        raise EvaluationError("a null value has no elements to go through", node.collection.range)
    results: list[Value] = []
    entries: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    size = 0

    def counted(result: Value) -> Value:
        nonlocal size
        size += weigh(result)
        if size > MAX_SIZE:
            raise LimitReached(
                f"the loop would make more than {MAX_SIZE:,} values, which is the limit; make it smaller", node.range
            )
        return result

    for key, value in iterate(collection, node.collection.range):
        scope.world.count_operation()
        inner = scope.child({node.value: value} if node.key is None else {node.key: key, node.value: value}, key)
        if node.condition is not None:
            wanted = truth_operand(operand(evaluate(node.condition, inner)), inner, node.condition.range)
            if isinstance(wanted, Unknown):
                return unknown_from((wanted,), DYNAMIC, range=node.range, not_null=True)
            if not wanted.data:
                continue
        if node.key_result is None:
            results.append(counted(evaluate(node.value_result, inner)))
            continue
        name = operand(evaluate(node.key_result, inner))
        if isinstance(name, Unknown):
            return unknown_from((name,), DYNAMIC, range=node.range, not_null=True)
        if is_null(name):
            raise EvaluationError("a null value cannot be a key", node.key_result.range)
        if not isinstance(name, Known):
            raise EvaluationError("an object cannot be a key", node.key_result.range)
        text = key_text(name, node.key_result.range)
        result = counted(evaluate(node.value_result, inner))
        if node.grouping:
            groups.setdefault(text, []).append(result)
        elif text in entries:
            raise EvaluationError(f'two elements have the key "{text}"; `...` behind the value groups them', node.range)
        else:
            entries[text] = result
    sensitive = collection.sensitive
    if node.key_result is None:
        return Known(results, TUPLE, node.range, (collection,), sensitive=sensitive)
    if node.grouping:
        entries = {text: Known(items, TUPLE, node.range) for text, items in groups.items()}
    return Known(entries, OBJECT, node.range, (collection,), sensitive=sensitive)


def _call(node: Call, scope: Scope) -> Value:
    scope.world.count_operation()
    name = node.name.removeprefix("core::")
    if name in ("try", "can"):
        return _try(node, scope, name)
    if name == "convert":
        return _convert(node, scope)
    function = scope.functions.get(name)
    if function is None:
        if "::" in name:
            return Unknown(IMPURE, f"{name} is a function of a provider", range=node.range)
        raise EvaluationError(f'there is no function "{name}"', node.range)
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = operand(arguments.pop(), empty=True)
        if isinstance(last, Lazy):
            last = last.materialize()
        if isinstance(last, Unknown):
            return unknown_from((last,), DYNAMIC, range=node.range)
        if not isinstance(last, Known) or last.kind not in SEQUENCES:
            raise EvaluationError("only a list can be expanded with `...`", node.range)
        arguments.extend(last.data)
    if not getattr(function, "takes_lazy", False):
        arguments = [
            argument.materialize() if isinstance(argument, Lazy) else operand(argument) for argument in arguments
        ]
    if name == "contains" and len(arguments) == 2 and arguments[1].input is not None and not scope.condition:
        _propose_members(arguments[0], arguments[1], scope)
    value = function(scope.context, arguments, node.range)
    if isinstance(value, Known) and isinstance(value.data, (list, dict)):
        bounded(value)
    if value.range is None and not isinstance(value, Lazy):
        value.range = node.range
    return value


def _propose_members(members: Value, value: Value, scope: Scope) -> None:
    assert value.input is not None
    if isinstance(members, Known) and members.kind in SEQUENCES:
        for member in members.data:
            if isinstance(member, Known) and isinstance(member.data, (bool, int, str)):
                scope.world.propose(value.input, member.data)


def _convert(node: Call, scope: Scope) -> Value:
    """`convert(value, type)` of OpenTofu: the second argument is written as a type, not evaluated."""
    if len(node.arguments) != 2:
        raise EvaluationError("convert takes a value and a type", node.range)
    return convert.convert(operand(evaluate(node.arguments[0], scope)), *parse_type(node.arguments[1]))


def _try(node: Call, scope: Scope, name: str) -> Value:
    """try: the first argument that evaluates; can: whether its argument does. An unknown may still fail later."""
    if not node.arguments or (name == "can" and len(node.arguments) > 1):
        raise EvaluationError(
            f"{name} takes {'one argument' if name == 'can' else 'at least one argument'}", node.range
        )
    last: EvaluationError | None = None
    for argument in node.arguments:
        try:
            value = evaluate(argument, scope)
        except LimitReached:
            raise  # nobody knows what it would have been
        except EvaluationError as error:
            last = error
            continue
        if name == "can":
            may_fail = _may_fail(value, argument)
            return unknown_from((value,), BOOL, range=node.range) if may_fail else known(True, node.range)
        if _may_fail(value, argument) and argument is not node.arguments[-1]:
            return unknown_from((value,), DYNAMIC, range=node.range)
        return value
    if name == "can":
        return known(False, node.range)
    assert last is not None
    raise EvaluationError(f"no argument of try could be evaluated: {last.message}", node.range)


# Functions that refuse some arguments of the right type: of an unknown one nobody knows whether they will.
_PARTIAL = frozenset(
    {
        "base64decode", "base64gunzip", "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets", "csvdecode", "element",
        "formatdate", "index", "jsondecode", "lookup", "one", "parseint", "range", "regex", "slice", "sum", "templatefile",
        "templatestring", "textdecodebase64", "timeadd", "timecmp", "tobool", "tonumber", "urldecode", "yamldecode", "zipmap",
    }
)  # fmt: skip


def _may_fail(value: Value, argument: Expression) -> bool:
    """Whether an expression that gives an unknown may give an error instead once more is known."""
    if not isinstance(value, Unknown) or value.references:
        return False
    if value.type == DYNAMIC or isinstance(argument, (Binary, Unary)):
        return True
    return isinstance(argument, Call) and argument.name.removeprefix("core::") in _PARTIAL


_EVALUATE: dict[type[Expression], Callable[[Any, Scope], Value]] = {
    Literal: _literal,
    Template: _template,
    TemplateFor: _template_for,
    Name: _name,
    Attribute: _attribute,
    Index: _index,
    Splat: _splat,
    SplatItem: _splat_item,
    Unary: _unary,
    Binary: _binary,
    Conditional: _conditional,
    Choose: _conditional,
    Tuple: _tuple,
    Object: _object,
    For: _for,
    Call: _call,
}

__all__ = [
    "attribute_of",
    "element_of",
    "evaluate",
    "is_false",
    "is_true",
    "iterate",
    "operand",
    "text_of",
    "unknown_from",
]
