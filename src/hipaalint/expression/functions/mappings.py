"""Functions over maps and objects.

Part of functions/. Keys are known as soon as the map is, whatever its values are.
"""

from __future__ import annotations

from ..convert import convert
from ..types import kind_of, type_of
from ..values import (
    DYNAMIC,
    LIST,
    MAP,
    MAPPINGS,
    OBJECT,
    STRING,
    TUPLE,
    Known,
    Unknown,
    Value,
    is_null,
    known,
    wholly_known,
)
from .collections import pick, sequence
from .function import Call, value_function


@value_function("keys(inputMap: any) -> any")
def _keys(call: Call, value: Value) -> Value:
    sequence(call, "inputMap", value, "must have map or object type.", MAPPINGS)
    if isinstance(value, Known):
        names: list[Value] = [known(name, value.data[name].range) for name in sorted(value.data)]
        return call.result(names, LIST, STRING) if value.kind == MAP else call.result(names, TUPLE)
    type = type_of(value)
    if kind_of(type) == OBJECT:
        return call.result([known(name) for name, _, _ in type[1]], TUPLE)
    return call.unknown(DYNAMIC if type == DYNAMIC else (LIST, STRING))


@value_function("values(mapping: any) -> any")
def _values(call: Call, value: Value) -> Value:
    sequence(call, "mapping", value, "argument must be a map or object.", MAPPINGS)
    if isinstance(value, Known):
        items = [value.data[name] for name in sorted(value.data)]
        return call.result(items, LIST, value.element) if value.kind == MAP else call.result(items, TUPLE)
    type = type_of(value)
    if kind_of(type) == OBJECT:
        return call.unknown((TUPLE, tuple(t for _, t, _ in type[1])))
    return call.unknown(DYNAMIC if type == DYNAMIC else (LIST, type[1]))


@value_function("lookup(inputMap: any, key: string, default...?: any) -> any")
def _lookup(call: Call, value: Value, key: Value, *default: Value) -> Value:
    if len(default) > 1:
        call.fail(f"lookup() takes two or three arguments, got {len(default) + 2}")
    sequence(call, "inputMap", value, "lookup() requires a map as the first argument.", MAPPINGS)
    fallback = default[0] if default else None
    if fallback is not None and isinstance(value, Known) and value.kind == MAP and value.element is not None:
        fallback = convert(fallback, value.element)
    if not isinstance(value, Known) or not isinstance(key, Known):
        if isinstance(value, Known) and not value.data and fallback is not None:
            return pick(call, fallback)  # whatever the key is, nothing has it
        type = type_of(value)
        inner = type[1] if kind_of(type) == MAP else DYNAMIC
        return call.unknown(inner, not_null=False)
    item = value.data.get(key.data)
    if item is not None:
        return pick(call, item)
    if fallback is not None:
        return pick(call, fallback)
    if value.kind == OBJECT:
        call.bad("inputMap", f'the given object has no attribute "{key.data}".')
    call.fail(f'lookup failed to find key "{key.data}"')


@value_function("merge(maps...?: any) -> any")
def _merge(call: Call, *values: Value) -> Value:
    given: list[Value] = []
    for value in values:
        kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
        if is_null(value):
            continue
        if kind not in (*MAPPINGS, DYNAMIC):
            call.fail(f'arguments must be maps or objects, got "{kind}"')
        given.append(value)
    types = [type_of(value) for value in given]
    one_map = bool(types) and kind_of(types[0]) == MAP and all(type == types[0] for type in types)
    if any(isinstance(value, Unknown) for value in given):
        names = {name for value in given if isinstance(value, Known) for name in value.data}
        return call.unknown(types[0] if one_map else DYNAMIC, length=(len(names), None))
    items: dict[str, Value] = {}
    for value in given:
        if isinstance(value, Known):
            items.update(value.data)
    call.limit(elements=len(items))
    return call.result(items, MAP, types[0][1]) if one_map else call.result(items, OBJECT)


@value_function("zipmap(keys: list(string), values: any) -> any")
def _zipmap(call: Call, keys: Value, values: Value) -> Value:
    sequence(call, "values", values, "values argument must be a list or tuple value.", (TUPLE, LIST))
    if not isinstance(keys, Known) or not isinstance(values, Known):
        type = type_of(values)
        return call.unknown((MAP, type[1]) if kind_of(type) == LIST else DYNAMIC)
    if len(keys.data) != len(values.data):
        call.fail(f"number of keys ({len(keys.data)}) does not match number of values ({len(values.data)})")
    items: dict[str, Value] = {}
    for position, (key, value) in enumerate(zip(keys.data, values.data, strict=True)):
        if not isinstance(key, Known):
            return call.unknown((MAP, values.element) if values.kind == LIST else DYNAMIC)
        if key.data is None:
            call.fail(f"keys list has null value at index {position}")
        items[key.data] = value
    return call.result(items, MAP, values.element) if values.kind == LIST else call.result(items, OBJECT)


@value_function("transpose(values: map(list(string))) -> map(list(string))")
def _transpose(call: Call, value: Value) -> Value:
    element = (LIST, STRING)
    if not isinstance(value, Known) or not wholly_known(value):
        return call.unknown((MAP, element))
    turned: dict[str, list[Value]] = {}
    for name in sorted(value.data):
        if is_null(value.data[name]):
            call.fail("input must not contain null list")
        for item in value.data[name].data:
            if is_null(item):
                call.fail("input must not contain null string")
            turned.setdefault(item.data, []).append(known(name, value.data[name].range))
    items: dict[str, Value] = {
        name: Known(turned[name], LIST, call.range, (value,), element=STRING) for name in sorted(turned)
    }
    return call.result(items, MAP, element)
