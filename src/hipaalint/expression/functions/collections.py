"""Functions over lists: size, elements, joining, searching, ordering; those over maps and sets are in mappings.py and sets.py.

Part of functions/. Elements stay the same Values, unknown ones too, wherever their places are certain.
"""

from __future__ import annotations

from ..convert import convert
from ..equality import conjunction, disjunction, distinct, equal, identity
from ..types import describe, kind_of, type_of, unify
from ..values import (
    BOOL,
    DYNAMIC,
    LIST,
    MAPPINGS,
    NULL,
    NUMBER,
    SEQUENCES,
    SET,
    STRING,
    TUPLE,
    Known,
    Type,
    Unknown,
    Value,
    is_null,
    wholly_known,
)
from . import text as texts
from .function import Call, value_function

__all__ = ["certain_order", "element_type", "same", "sequence"]


def sequence(call: Call, parameter: str, value: Value, message: str, kinds: tuple[str, ...] = SEQUENCES) -> None:
    """Refuse what is certainly no list (or other of the kinds)."""
    kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
    if kind not in (*kinds, DYNAMIC):
        call.bad(parameter, message)


def element_type(value: Value) -> Type:
    """The one type that the elements of a list, set or tuple have or can have."""
    type = type_of(value)
    if isinstance(type, str):
        return DYNAMIC
    return (unify(type[1]) or DYNAMIC) if type[0] == TUPLE else type[1]


def certain_order(value: Known) -> bool:
    """Number and order of the elements are certain: not so in a set with unknown elements."""
    return value.kind != SET or len(value.data) < 2 or wholly_known(value)


def pick(call: Call, item: Value) -> Value:
    """An element as the result: itself, but as secret as its container."""
    if not item.sensitive and any(argument.sensitive for argument in call.arguments):
        item = item.at(item.range)
        item.sensitive = True
    return item


def same(call: Call, a: Value, b: Value) -> bool | None:
    """Equality, with what the scenario in force excludes."""
    decided = equal(a, b)
    if decided is None:
        for value, other in ((a, b), (b, a)):
            if isinstance(value, Unknown) and value.input is not None and isinstance(other, Known):
                constant = other.data
                if isinstance(constant, (bool, int, str)) and call.context.world.excludes(value.input, constant):
                    return False
    return decided


class Members:
    """Elements to search in: one look for what is wholly known, a walk for the rest."""

    __slots__ = ("_call", "_items", "_keys", "_unsure")

    def __init__(self, call: Call, items: list[Value]) -> None:
        self._call = call
        self._items = items
        self._unsure = [item for item in items if not wholly_known(item)]
        self._keys = {identity(item) for item in items if wholly_known(item)}

    def has(self, item: Value) -> bool | None:
        """Whether an element equals the item; None where that is not decided."""
        certain = wholly_known(item)
        if certain and identity(item) in self._keys:
            return True
        return disjunction(same(self._call, item, other) for other in (self._unsure if certain else self._items))


def position_of(call: Call, parameter: str, value: Known) -> int:
    """A whole number."""
    if not isinstance(value.data, int):
        call.fail(f"invalid {parameter}: value must be a whole number")
    return value.data


@value_function("length(value: any) -> number")
def _length(call: Call, value: Value) -> Value:
    if isinstance(value, Known):
        if value.kind == STRING:
            return call.result(len(texts.graphemes(value.data)), NUMBER)
        if value.kind in MAPPINGS or (value.kind in SEQUENCES and certain_order(value)):
            return call.result(len(value.data), NUMBER)
        if value.kind == SET:
            return call.unknown(NUMBER)
    elif isinstance(value, Unknown):
        if value.length is not None and value.length[0] == value.length[1]:
            return call.result(value.length[0], NUMBER)
        kind = kind_of(value.type)
        if kind == TUPLE:
            return call.result(len(value.type[1]), NUMBER)
        if kind not in (NUMBER, BOOL):
            return call.unknown(NUMBER)
    call.fail("argument must be a string, a collection type, or a structural type")


@value_function("element(list: any, index: number) -> any")
def _element(call: Call, value: Value, index: Value) -> Value:
    kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
    if kind not in (TUPLE, LIST, DYNAMIC):
        call.fail(f"cannot read elements from {describe(type_of(value))}")
    if not isinstance(value, Known):
        return call.unknown(element_type(value), not_null=False)
    if not value.data:
        call.fail("cannot use element function with an empty list")
    if not isinstance(index, Known):
        return call.unknown(element_type(value), not_null=False)
    return pick(call, value.data[position_of(call, "index", index) % len(value.data)])


@value_function("index(list: any, value: any) -> number")
def _index(call: Call, value: Value, wanted: Value) -> Value:
    sequence(call, "list", value, "argument must be a list or tuple.", (TUPLE, LIST))
    if not isinstance(value, Known):
        return call.unknown(NUMBER)
    if not value.data:
        call.fail("cannot search an empty list")
    for position, item in enumerate(value.data):
        found = same(call, item, wanted)
        if found:
            return call.result(position, NUMBER)
        if found is None:
            return call.unknown(NUMBER)
    call.fail("item not found")


@value_function("contains(list: any, value: any) -> bool")
def _contains(call: Call, value: Value, wanted: Value) -> Value:
    kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
    if kind not in (*SEQUENCES, DYNAMIC):
        call.fail("argument must be list, tuple, or set")
    if not isinstance(value, Known):
        return call.unknown(BOOL)
    found = disjunction(same(call, item, wanted) for item in value.data)
    return call.unknown(BOOL) if found is None else _truth(call, found)


def _truth(call: Call, data: bool) -> Value:
    secret = any(a.sensitive or any(i.sensitive for i in _items(a)) for a in call.arguments)
    return call.result(data, BOOL, sensitive=secret)


def _items(value: Value) -> list[Value]:
    return value.data if isinstance(value, Known) and isinstance(value.data, list) else []


@value_function("alltrue(list: list(bool)) -> bool")
def _alltrue(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        return call.unknown(BOOL)
    found = conjunction(_is_true(item) for item in value.data)
    return call.unknown(BOOL) if found is None else _truth(call, found)


@value_function("anytrue(list: list(bool)) -> bool")
def _anytrue(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        return call.unknown(BOOL)
    found = disjunction(_is_true(item) for item in value.data)
    return call.unknown(BOOL) if found is None else _truth(call, found)


def _is_true(item: Value) -> bool | None:
    """A null counts as not true."""
    return item.data is True if isinstance(item, Known) else None


@value_function("one(list: any) -> any")
def _one(call: Call, value: Value) -> Value:
    problem = "must be a list, set, or tuple value with either zero or one elements."
    sequence(call, "list", value, problem)
    if not isinstance(value, Known) or (value.kind == SET and not certain_order(value)):
        return call.unknown(element_type(value), not_null=False)
    if len(value.data) > 1:
        call.bad("list", problem)
    if not value.data:
        return call.result(None, NULL, value.element)
    return pick(call, value.data[0])


@value_function("concat(seqs...: any) -> any")
def _concat(call: Call, *values: Value) -> Value:
    if not values:
        call.fail("at least one argument is required")
    for value in values:
        name = describe(type_of(value)) if not isinstance(value, Known) else value.kind
        sequence(call, "seqs", value, f"all arguments must be lists or tuples; got {name}.", (TUPLE, LIST))
    types = [type_of(value) for value in values]
    lists = all(kind_of(type) == LIST for type in types)
    element = unify([type[1] for type in types]) if lists else None
    known_ones = [value for value in values if isinstance(value, Known)]
    size = sum(len(value.data) for value in known_ones)
    call.limit(elements=size)
    if len(known_ones) < len(values):
        return call.unknown(DYNAMIC if element is None else (LIST, element), length=(size, None))
    items = [item for value in known_ones for item in value.data]
    if element is None:
        return call.result(items, TUPLE)
    return call.result([convert(item, element) for item in items], LIST, element)


@value_function("flatten(list: any) -> any")
def _flatten(call: Call, value: Value) -> Value:
    items: list[Value] = []
    if not _flatten_into(call, value, items, True):
        return call.unknown()
    return call.result(items, TUPLE)


def _flatten_into(call: Call, value: Value, items: list[Value], outermost: bool) -> bool:
    """False where the number of elements cannot be told."""
    if isinstance(value, Known) and value.kind in SEQUENCES:
        if not certain_order(value):
            return False
        return all(_flatten_into(call, item, items, False) for item in value.data)
    if isinstance(value, Unknown) and kind_of(value.type) in (*SEQUENCES, DYNAMIC):
        return False
    if outermost:
        call.fail("can only flatten lists, sets and tuples")
    items.append(value)
    call.limit(elements=len(items))
    return True


@value_function("distinct(list: list(any)) -> any")
def _distinct(call: Call, value: Value) -> Value:
    if not isinstance(value, Known) or not wholly_known(value):
        sizes = (min(1, len(value.data)), len(value.data)) if isinstance(value, Known) else None
        return call.unknown(type_of(value), length=sizes)
    return call.result(distinct(value.data), LIST, value.element)


@value_function("reverse(list: any) -> any")
def _reverse(call: Call, value: Value) -> Value:
    sequence(call, "list", value, f"can only reverse list or tuple values, not {describe(type_of(value))}.")
    if not isinstance(value, Known):
        element = value.type[1] if isinstance(value, Unknown) and kind_of(value.type) in (LIST, SET) else None
        return call.unknown(DYNAMIC if element is None else (LIST, element), length=_size(value))
    if not certain_order(value):
        return call.unknown((LIST, element_type(value)))
    kind = TUPLE if value.kind == TUPLE else LIST
    return call.result(value.data[::-1], kind, value.element)


def _size(value: Value) -> tuple[int, int | None] | None:
    return value.length if isinstance(value, Unknown) else None


@value_function("slice(list: any, start_index: number, end_index: number) -> any")
def _slice(call: Call, value: Value, start: Value, end: Value) -> Value:
    kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
    if kind == SET:
        call.bad("list", "cannot slice a set, because its elements do not have indices; convert it to a list first.")
    sequence(call, "list", value, "must be a list or tuple value.", (TUPLE, LIST))
    first = start.data if isinstance(start, Known) else None
    last = end.data if isinstance(end, Known) else None
    for parameter, index in (("start_index", first), ("end_index", last)):
        if index is not None and not isinstance(index, int):
            call.bad(parameter, "value must be a whole number.")
        if index is not None and index < 0:
            call.bad(parameter, f"{parameter.replace('_', ' ')} must not be less than zero.")
    if isinstance(value, Known):
        if first is not None and first > len(value.data):
            call.bad("start_index", "start index must not be greater than the length of the list.")
        if last is not None and last > len(value.data):
            call.bad("end_index", "end index must not be greater than the length of the list.")
    if first is not None and last is not None and first > last:
        call.bad("start_index", "start index must not be greater than end index.")
    if first is None or last is None:
        return call.unknown(type_of(value) if kind == LIST else DYNAMIC)
    if not isinstance(value, Known):
        # However long the list is, the slice has this many elements: `slice(data.….names, 0, 3)` gives three zones.
        call.limit(elements=last - first)
        element = type_of(value)[1] if kind == LIST else DYNAMIC
        return call.result([call.unknown(element, not_null=False) for _ in range(last - first)], LIST, element)
    return call.result(value.data[first:last], value.kind, value.element)


@value_function("sort(list: list(string)) -> list(string)")
def _sort(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        return call.unknown((LIST, STRING), length=_size(value))
    for position, item in enumerate(value.data):
        if is_null(item):
            call.fail(f"given list element {position} is null; a null string cannot be sorted")
    if not wholly_known(value):
        return call.unknown((LIST, STRING), length=(len(value.data), len(value.data)))
    return call.result(sorted(value.data, key=lambda item: str(item.data)), LIST, STRING)


@value_function("compact(list: list(string)) -> list(string)")
def _compact(call: Call, value: Value) -> Value:
    if not isinstance(value, Known):
        return call.unknown((LIST, STRING))
    items = [item for item in value.data if not (isinstance(item, Known) and not item.data)]
    unsure = sum(1 for item in items if isinstance(item, Unknown) and not _certainly_text(item))
    if unsure:
        return call.unknown((LIST, STRING), length=(len(items) - unsure, len(items)))
    return call.result(items, LIST, STRING)


def _certainly_text(value: Unknown) -> bool:
    """Neither null nor empty."""
    return value.not_null and value.parts is not None and any(value.parts)


@value_function("chunklist(list: list(any), size: number) -> any")
def _chunklist(call: Call, value: Value, size: Value) -> Value:
    if not isinstance(value, Known) or not isinstance(size, Known):
        return call.unknown((LIST, type_of(value)))
    count = position_of(call, "size", size)
    if count < 0:
        call.fail("the size argument must be positive")
    items = value.data
    step = count or max(len(items), 1)
    chunks: list[Value] = [
        Known(items[at : at + step], LIST, call.range, (value,), element=value.element)
        for at in range(0, len(items), step)
    ]
    return call.result(chunks, LIST, (LIST, value.element))


@value_function("coalesce(vals...?: any) -> any", keeps=True)
def _coalesce(call: Call, *values: Value) -> Value:
    type = unify([type_of(value) for value in values])
    if not values or type is None:
        call.fail("all arguments must have the same type")
    for value in values:
        if isinstance(value, Known):
            if value.data is None or (type == STRING and value.data == ""):
                continue
            return pick(call, convert(value, type))
        if isinstance(value, Unknown):
            if value.not_null and (type not in (STRING, DYNAMIC) or _certainly_text(value)):
                return pick(call, convert(value, type))
            return call.unknown(type, because=value)
    call.fail("no non-null, non-empty-string arguments")


@value_function("coalescelist(vals...?: any) -> any")
def _coalescelist(call: Call, *values: Value) -> Value:
    if not values:
        call.fail("at least one argument is required")
    for value in values:
        kind = value.kind if isinstance(value, Known) else kind_of(type_of(value))
        if kind not in (TUPLE, LIST, DYNAMIC):
            call.fail("coalescelist arguments must be lists or tuples")
    for value in values:
        if isinstance(value, Unknown):
            if value.not_null and value.length is not None and value.length[0] > 0:
                return pick(call, value)
            return call.unknown(unify([type_of(v) for v in values]) or DYNAMIC, because=value)
        if isinstance(value, Known) and value.data:
            return pick(call, value)
    call.fail("no non-null arguments")


@value_function("matchkeys(values: list(any), keys: list(any), searchset: list(any)) -> any")
def _matchkeys(call: Call, values: Value, keys: Value, wanted: Value) -> Value:
    if not (isinstance(values, Known) and isinstance(keys, Known) and isinstance(wanted, Known)):
        return call.unknown(type_of(values))
    if len(values.data) != len(keys.data):
        call.fail("length of keys and values should be equal")
    element = unify([element_type(keys), element_type(wanted)])
    if element is None:
        call.fail("keys and searchset must be of the same type")
    search = Members(call, [convert(item, element) for item in wanted.data])
    chosen: list[Value] = []
    for value, key in zip(values.data, keys.data, strict=True):
        found = search.has(convert(key, element))
        if found is None:
            return call.unknown(type_of(values), length=(0, len(values.data)))
        if found:
            chosen.append(value)
    return call.result(chosen, LIST, values.element)
