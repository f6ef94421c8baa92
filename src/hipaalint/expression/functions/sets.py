"""Functions over sets, and the products and ranges that can grow.

Part of functions/. Limits bound what small texts can be made to produce.
"""

from __future__ import annotations

from itertools import product

from ..convert import convert
from ..equality import distinct, set_order
from ..types import kind_of, type_of, unify
from ..values import DYNAMIC, LIST, SEQUENCES, SET, TUPLE, Known, Type, Value, wholly_known
from .collections import Members, element_type, sequence
from .function import Call, value_function

MAX_RANGE = 1024  # Terraform's own


def _common(call: Call, values: tuple[Value, ...]) -> Type:
    # An empty set has no element type of its own.
    types = [element_type(value) for value in values if not (isinstance(value, Known) and not value.data)]
    element = unify(types)
    if element is None:
        call.fail("given sets must all have compatible element types")
    return element


def _set(call: Call, items: list[Value], element: Type) -> Value:
    return call.result(set_order(distinct(items)), SET, element)


@value_function("setunion(first_set: set(any), other_sets...: set(any)) -> any")
def _setunion(call: Call, *sets: Value) -> Value:
    element = _common(call, sets)
    items: list[Value] = []
    least = 0
    for value in sets:
        if isinstance(value, Known):
            items.extend(convert(item, element) for item in value.data)
            least = max(least, len(value.data) if wholly_known(value) else min(1, len(value.data)))
    if not all(isinstance(value, Known) for value in sets):
        return call.unknown((SET, element), length=(least, None))
    return _set(call, items, element)


@value_function("setintersection(first_set: set(any), other_sets...: set(any)) -> any")
def _setintersection(call: Call, *sets: Value) -> Value:
    element = _common(call, sets)
    if any(isinstance(value, Known) and not value.data for value in sets):
        return _set(call, [], element)
    if not all(isinstance(value, Known) for value in sets):
        return call.unknown((SET, element))
    first, *others = ([convert(item, element) for item in value.data] for value in sets if isinstance(value, Known))
    kept: list[Value] = []
    sets_of_others = [Members(call, other) for other in others]
    for item in first:
        for other in sets_of_others:
            found = other.has(item)
            if found is None:
                return call.unknown((SET, element), length=(0, len(first)))
            if not found:
                break
        else:
            kept.append(item)
    return _set(call, kept, element)


@value_function("setsubtract(a: set(any), b: set(any)) -> any")
def _setsubtract(call: Call, a: Value, b: Value) -> Value:
    element = _common(call, (a, b))
    if isinstance(a, Known) and not a.data:
        return _set(call, [], element)
    if not isinstance(a, Known) or not isinstance(b, Known):
        return call.unknown((SET, element))
    removed = Members(call, [convert(item, element) for item in b.data])
    kept: list[Value] = []
    for item in (convert(item, element) for item in a.data):
        found = removed.has(item)
        if found is None:
            return call.unknown((SET, element), length=(0, len(a.data)))
        if not found:
            kept.append(item)
    return _set(call, kept, element)


@value_function("setproduct(sets...: any) -> any")
def _setproduct(call: Call, *values: Value) -> Value:
    if len(values) < 2:
        call.fail("at least two arguments are required")
    for value in values:
        sequence(call, "sets", value, "a set or a list is required.")
    element = (TUPLE, tuple(element_type(value) for value in values))
    kind = SET if any(kind_of(type_of(value)) == SET for value in values) else LIST
    if any(isinstance(value, Known) and not value.data for value in values):
        return call.result([], kind, element)
    columns = [value.data for value in values if isinstance(value, Known)]
    size = 1
    for column in columns:
        size *= len(column)
        call.limit(elements=size)
    call.limit(elements=size * len(values))
    if len(columns) < len(values):
        return call.unknown((kind, element) if all(kind_of(type_of(v)) in SEQUENCES for v in values) else DYNAMIC)
    rows: list[Value] = [
        Known([convert(item, t) for item, t in zip(row, element[1], strict=True)], TUPLE, call.range, tuple(row))
        for row in product(*columns)
    ]
    return _set(call, rows, element) if kind == SET else call.result(rows, LIST, element)
