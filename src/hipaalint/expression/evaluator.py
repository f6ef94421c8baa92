"""The one evaluator: an expression and a scope give a value; Kleene logic, Terraform's semantics, unknown parts in place.

Called by the loaders (through Deferred values) and by policy/ for the conditions of checks; calls expression/functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from math import trunc
from typing import Any

from ..source import SourceRange
from . import convert
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
    COMPUTED,
    CONDITION,
    DYNAMIC,
    ERROR,
    IMPURE,
    MAPPINGS,
    NO_DEFAULT,
    NUMBER,
    OBJECT,
    SEQUENCES,
    SET,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    Type,
    Unknown,
    Value,
    all_references,
    is_false,
    is_null,
    is_true,
    known,
    number,
    wholly_known,
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


def attribute_of(source: Value, name: str, range: SourceRange | None, condition: bool = False) -> Value:
    """`source.name`. In a condition a member that nobody wrote is absent; in Terraform it is an error."""
    if isinstance(source, Lazy):
        return source.get(name, range)
    if isinstance(source, Known):
        if source.kind in MAPPINGS:
            value: Value | None = source.data.get(name)
            if value is not None:
                if source.sensitive and not value.sensitive:
                    value = value.at(value.range)
                    value.sensitive = True
                return value
            if condition:
                return Absent(name, range=source.range, sources=(source,))
            raise EvaluationError(f'this object has no attribute "{name}"', range)
        if source.data is None:
            if condition:
                return Absent(name, range=source.range, sources=(source,))
            raise EvaluationError("a null value has no attributes", range)
        if condition and source.kind in SEQUENCES and len(source.data) == 1:
            # A list of one block is written where the schema says object: the check means its only element.
            return attribute_of(source.data[0], name, range, condition)
        raise EvaluationError(f"a {source.kind} has no attributes", range)
    if isinstance(source, Absent):
        default: Value | None = None
        if source.default is not None and not is_null(source.default):
            default = attribute_of(source.default, name, range, condition)
        if isinstance(default, (Unknown, Lazy)):
            return default
        if isinstance(default, Absent):
            default = default.default
        member = source.inner(name) if source.inner is not None else None
        if member is None:
            return Absent(f"{source.path}.{name}", default, source.range, source.spelled, source.sources)
        member.default = default if default is not None else member.default
        return member
    return unknown_from((source,), DYNAMIC)


def _index(node: Index, scope: Scope) -> Value:
    source = evaluate(node.source, scope)
    key = evaluate(node.key, scope)
    value = element_of(source, key, node.range, scope.condition)
    return value if scope.condition or value.range is node.range else value.at(node.range)


def element_of(source: Value, key: Value, range: SourceRange | None, condition: bool = False) -> Value:
    """`source[key]`"""
    key = operand(key)
    if isinstance(source, Lazy):
        if isinstance(key, Known) and key.kind in (STRING, NUMBER):
            return source.get(str(key.data), range)
        if isinstance(key, Unknown):
            return source.get("*", range) if source.many else unknown_from((key, source), DYNAMIC)
        raise EvaluationError("an object is indexed by a name", range)
    source = operand(source)
    if isinstance(source, Unknown) or isinstance(key, Unknown):
        if isinstance(source, Known) and source.kind in SEQUENCES and source.data:
            first: Value = source.data[0]
            if all(convert.equal(item, first) is True for item in source.data):
                return first  # whichever it is, it is this
        return unknown_from((source, key), DYNAMIC)
    assert isinstance(source, Known)
    if not isinstance(key, Known) or is_null(key):
        raise EvaluationError("a null value cannot be an index", range)
    if source.kind in MAPPINGS:
        return attribute_of(source, _key_text(key, range), range, condition)
    if source.kind in (TUPLE, "list"):
        position = convert.to_number(key)
        assert isinstance(position, Known)
        if not isinstance(position.data, int) or not 0 <= position.data < len(source.data):
            if condition:
                return Absent(f"[{key.data}]", range=source.range, sources=(source,))
            raise EvaluationError(f"there is no element {key.data} in a list of {len(source.data)}", range)
        element: Value = source.data[position.data]
        if source.sensitive and not element.sensitive:
            element = element.at(element.range)
            element.sensitive = True
        return element
    if source.kind == SET:
        raise EvaluationError("elements of a set have no index", range)
    if source.data is None and condition:
        return Absent(str(key.data), range=source.range, sources=(source,))
    raise EvaluationError(
        "a null value has no elements" if source.data is None else f"a {source.kind} has no elements", range
    )


def _key_text(key: Known, range: SourceRange | None) -> str:
    text = convert.to_string(key)
    if not isinstance(text, Known) or text.kind != STRING:
        raise EvaluationError(f"a {key.kind} cannot be a key", range)
    return str(text.data)


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
    value = operand(evaluate(node.operand, scope))
    if node.operator == "!":
        value = _truth_operand(value, scope, node.operand.range)
        if isinstance(value, Unknown):
            return unknown_from((value,), BOOL, range=node.range)
        return _result(not value.data, BOOL, node.range, (value,))
    value = convert.to_number(value)
    if isinstance(value, Unknown):
        return unknown_from((value,), NUMBER, range=node.range)
    if is_null(value):
        raise EvaluationError("a null value cannot be negated", node.range)
    assert isinstance(value, Known)
    return _result(number(-Decimal(value.data)), NUMBER, node.range, (value,))


def _truth_operand(value: Value, scope: Scope, range: SourceRange | None) -> Known | Unknown:
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


def _binary(node: Binary, scope: Scope) -> Value:
    operator = node.operator
    if operator in ("&&", "||"):
        return _logical(node, scope)
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
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
        return _result(a < b, BOOL, node.range, (left, right))
    if operator == ">":
        return _result(a > b, BOOL, node.range, (left, right))
    if operator == "<=":
        return _result(a <= b, BOOL, node.range, (left, right))
    if operator == ">=":
        return _result(a >= b, BOOL, node.range, (left, right))
    return _result(_arithmetic(operator, a, b, node.range), NUMBER, node.range, (left, right))


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


def _logical(node: Binary, scope: Scope) -> Value:
    """&& and ||: an operand that decides does so whatever the other is, also an error or an unknown."""
    deciding = node.operator == "||"
    failure: EvaluationError | None = None
    left: Known | Unknown | None = None
    try:
        left = _truth_operand(operand(evaluate(node.left, scope)), scope, node.left.range)
    except EvaluationError as error:
        failure = error
    if isinstance(left, Known) and left.data is deciding:
        if isinstance(node.right, Literal):
            convert.to_bool(known(node.right.value, node.right.range))  # of the wrong type it is wrong all the same
        return _result(deciding, BOOL, node.range, (left,))
    try:
        right = _truth_operand(operand(evaluate(node.right, scope)), scope, node.right.range)
    except EvaluationError:
        if failure is not None:
            raise failure from None
        if isinstance(left, Unknown) and not isinstance(node.right, Literal):
            return unknown_from((left,), BOOL, range=node.range, not_null=True)
        raise
    if isinstance(right, Known) and right.data is deciding:
        return _result(deciding, BOOL, node.range, (right,))
    if failure is not None:
        raise failure
    assert left is not None
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return unknown_from((left, right), BOOL, range=node.range, not_null=True)
    return _result(not deciding, BOOL, node.range, (left, right))


def _equality(node: Binary, left: Value, right: Value, scope: Scope) -> Value:
    equal = node.operator == "=="
    if scope.condition:
        # A property that nobody wrote equals null; any other comparison takes what the service does instead.
        if (isinstance(left, Absent) and is_null(right)) or (isinstance(right, Absent) and is_null(left)):
            return _result(equal, BOOL, node.range, (left, right))
        if is_null(left) or is_null(right):
            other = right if is_null(left) else left
            if isinstance(other, (Known, Lazy)):
                return _result((isinstance(other, Known) and other.data is None) is equal, BOOL, node.range, (other,))
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
    return _result(same is equal, BOOL, node.range, (left, right))


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


def _conditional(node: Conditional, scope: Scope) -> Value:
    world = scope.world
    before, world.reads = world.reads, {}
    try:
        decided = _truth_operand(operand(evaluate(node.condition, scope)), scope, node.condition.range)
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
    return _either(then, otherwise, decided, node, strict=not isinstance(node, Choose) and not scope.condition)


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
    type = _common_type(chosen, alternative, other.range)
    try:
        return convert.convert(chosen, type)
    except EvaluationError:
        return chosen


def _common_type(one: Value, other: Value, range: SourceRange | None) -> Type:
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


def _kind_of(constant: object) -> str:
    return known(constant).kind


def _either(then: Value, otherwise: Value, condition: Value, node: Conditional, strict: bool) -> Value:
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
        type = _common_type(then, otherwise, node.otherwise.range)
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


def text_of(
    parts: list[str | None],
    sources: tuple[Value, ...],
    range: SourceRange | None,
    sensitive: bool = False,
    unknown: Unknown | None = None,
) -> Value:
    """A string from its pieces, None where a piece is unknown; `unknown` gives the reason."""
    joined: list[str | None] = []
    for part in parts:
        if part is not None and joined and joined[-1] is not None:
            joined[-1] += part
        elif (part is None and joined and joined[-1] is None) or part == "":
            continue
        else:
            joined.append(part)
    if None not in joined:
        return Known(joined[0] if joined else "", STRING, range, sources, sensitive=sensitive)
    reason, detail = (unknown.reason, unknown.detail) if unknown is not None else (CONDITION, "")
    return Unknown(reason, detail, STRING, True, tuple(joined), None, range, sources, sensitive=sensitive)


def _template_for(node: TemplateFor, scope: Scope) -> Value:
    collection = operand(evaluate(node.collection, scope), empty=True)
    if isinstance(collection, Lazy):
        collection = collection.materialize()
    if isinstance(collection, Unknown):
        return Unknown(collection.reason, collection.detail, STRING, True, (None,), None, node.range, (collection,))
    parts: list[str | None] = []
    sources: list[Value] = []
    sensitive, unknown = collection.sensitive, None
    for key, value in iterate(collection, node.collection.range):
        names = {node.value: value} if node.key is None else {node.key: key, node.value: value}
        text = evaluate(node.body, scope.child(names, key))
        sources.append(text)
        sensitive = sensitive or text.sensitive
        if isinstance(text, Unknown):
            unknown = unknown or text
            parts.extend(text.parts or (None,))
        else:
            assert isinstance(text, Known)
            parts.append(text.data)
    return text_of(parts, tuple(sources), node.range, sensitive, unknown)


def _tuple(node: Tuple, scope: Scope) -> Value:
    items = []
    for item in node.items:
        value = evaluate(item, scope)
        if isinstance(value, Absent) and not scope.condition:
            continue  # AWS::NoValue leaves the list
        items.append(value)
    return Known(items, TUPLE, node.range)


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
        data[_key_text(key, key_node.range)] = value
    return Known(data, OBJECT, node.range)


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
    for key, value in iterate(collection, node.collection.range):
        scope.world.count_operation()
        inner = scope.child({node.value: value} if node.key is None else {node.key: key, node.value: value}, key)
        if node.condition is not None:
            wanted = _truth_operand(operand(evaluate(node.condition, inner)), inner, node.condition.range)
            if isinstance(wanted, Unknown):
                return unknown_from((wanted,), DYNAMIC, range=node.range, not_null=True)
            if not wanted.data:
                continue
        if node.key_result is None:
            results.append(evaluate(node.value_result, inner))
            continue
        name = operand(evaluate(node.key_result, inner))
        if isinstance(name, Unknown):
            return unknown_from((name,), DYNAMIC, range=node.range, not_null=True)
        if is_null(name):
            raise EvaluationError("a null value cannot be a key", node.key_result.range)
        if not isinstance(name, Known):
            raise EvaluationError("an object cannot be a key", node.key_result.range)
        text = _key_text(name, node.key_result.range)
        result = evaluate(node.value_result, inner)
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


def iterate(collection: Value, range: SourceRange | None) -> Iterator[tuple[Value, Value]]:
    """(key, element) pairs in Terraform's order: lists by position, maps by key, sets with the element as key."""
    assert isinstance(collection, Known)
    if collection.kind in MAPPINGS:
        for name in sorted(collection.data):
            yield known(name, collection.data[name].range), collection.data[name]
    elif collection.kind == SET:
        for item in collection.data:
            yield item, item
    elif collection.kind in SEQUENCES:
        for position, item in enumerate(collection.data):
            yield known(position), item
    else:
        raise EvaluationError(f"a {collection.kind} has no elements to go through", range)


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
    "base64decode base64gunzip cidrhost cidrnetmask cidrsubnet cidrsubnets csvdecode element formatdate index jsondecode"
    " lookup one parseint range regex slice sum templatefile templatestring textdecodebase64 timeadd timecmp tobool"
    " tonumber urldecode yamldecode zipmap".split()
)


def _may_fail(value: Value, argument: Expression) -> bool:
    """Whether an expression that gives an unknown may give an error instead once more is known."""
    if not isinstance(value, Unknown) or value.references:
        return False
    if value.type == DYNAMIC or isinstance(argument, (Binary, Unary)):
        return True
    return isinstance(argument, Call) and argument.name.removeprefix("core::") in _PARTIAL


def operand(value: Value, empty: bool = False) -> Value:
    """What an operator sees: for a property that nobody wrote, what the service or provider takes instead.

    empty: an absent one without documented default is an empty list (iteration), not unknown.
    """
    if not isinstance(value, Absent):
        return value
    if value.default is not None:
        default = value.default.at(value.range)
        default.sources = (value,)
        return default
    if empty:
        return Known([], TUPLE, value.range, (value,))
    return Unknown(
        NO_DEFAULT, f"{value.spelled} is not written and has no documented default", range=value.range, sources=(value,)
    )


def unknown_from(
    values: tuple[Value, ...],
    type: Any,
    reason: str | None = None,
    range: SourceRange | None = None,
    not_null: bool = False,
) -> Unknown:
    """The unknown that follows from operands: it has the reason of the first of them that is unknown."""
    for value in values:
        if isinstance(value, Unknown):
            return Unknown(
                reason or value.reason,
                value.detail,
                type,
                not_null,
                range=range if range is not None else value.range,
                sources=tuple(v for v in values if not isinstance(v, Lazy)),
                references=value.references,
                sensitive=any(v.sensitive for v in values),
            )
    return Unknown(
        reason or CONDITION,
        "",
        type,
        not_null,
        range=range,
        sources=tuple(v for v in values if not isinstance(v, Lazy)),
    )


def _result(data: Any, kind: str, range: SourceRange, sources: tuple[Value, ...]) -> Known:
    return Known(data, kind, range, sources, sensitive=any(source.sensitive for source in sources))


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
