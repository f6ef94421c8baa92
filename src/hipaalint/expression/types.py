"""Types: Terraform's type constraints, `list(string)` and the like, and the type that all of several can become.

Used by convert.py, by the functions and by the loader of variables; imports only values and tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from . import tree
from .values import (
    BOOL,
    DYNAMIC,
    LIST,
    MAP,
    NULL,
    NUMBER,
    OBJECT,
    SET,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Type,
    Unknown,
    Value,
    known,
)

PRIMITIVES = (STRING, NUMBER, BOOL)
COLLECTIONS = (LIST, SET, MAP)


class Defaults:
    """What `optional(type, default)` says, at any depth of a type.

    values: attribute -> default; children: attribute, tuple index or "" (every element) -> its own Defaults.
    """

    __slots__ = ("children", "values")

    def __init__(self, values: dict[str, Value], children: dict[str, Defaults]) -> None:
        self.values = values
        self.children = children


def kind_of(type: Type) -> str:
    """The kind of a type: `list` of list(string), the type itself if it is primitive or dynamic."""
    return type if isinstance(type, str) else cast(str, type[0])


def object_type(attributes: dict[str, Type]) -> Type:
    """An object type in its one spelling: attributes by name."""
    return (OBJECT, tuple((name, attributes[name], False) for name in sorted(attributes)))


def type_of(value: Value) -> Type:
    """The type of a value; dynamic where it is not known (null without a type, absent, objects read on demand)."""
    if isinstance(value, Known):
        kind, data = value.kind, value.data
        if kind == NULL:
            return DYNAMIC if value.element is None else value.element
        if kind == TUPLE:
            return (TUPLE, tuple(type_of(item) for item in data))
        if kind == OBJECT:
            return object_type({name: type_of(item) for name, item in data.items()})
        if kind in COLLECTIONS:
            if value.element is not None:
                return (kind, value.element)
            items = data.values() if kind == MAP else data
            return (kind, unify([type_of(item) for item in items]) or DYNAMIC)
        return kind
    return value.type if isinstance(value, Unknown) else DYNAMIC


def describe(type: Type) -> str:
    """The name of a type for people: `list of string`, `object`, `any type`."""
    if isinstance(type, str):
        return "any type" if type == DYNAMIC else type
    if type[0] in COLLECTIONS:
        return f"{type[0]} of {'any single type' if type[1] == DYNAMIC else describe(type[1])}"
    return cast(str, type[0])


def spell(type: Type) -> str:
    """A type as it is written in a configuration: `object({a = optional(string)})`."""
    if isinstance(type, str):
        return "any" if type == DYNAMIC else type
    if type[0] in COLLECTIONS:
        return f"{type[0]}({spell(type[1])})"
    if type[0] == TUPLE:
        return f"tuple([{', '.join(spell(item) for item in type[1])}])"
    parts = (f"{name} = {f'optional({spell(t)})' if optional else spell(t)}" for name, t, optional in type[1])
    return f"object({{{', '.join(parts)}}})"


def has_dynamic(type: Type) -> bool:
    """Some part of the type is not known."""
    if isinstance(type, str):
        return type == DYNAMIC
    if type[0] == OBJECT:
        return any(has_dynamic(t) for _, t, _ in type[1])
    if type[0] == TUPLE:
        return any(has_dynamic(t) for t in type[1])
    return has_dynamic(type[1])


def can_convert(have: Type, want: Type) -> bool:
    """Whether values of one type can become another, were it only some of them (`"5"` a number)."""
    if have in (want, DYNAMIC) or want == DYNAMIC:
        return True
    if isinstance(want, str):
        return isinstance(have, str) and (want == STRING or have == STRING)
    if isinstance(have, str):
        return False
    have_kind, want_kind = have[0], want[0]
    if want_kind in (LIST, SET):
        if have_kind in (LIST, SET):
            return can_convert(have[1], want[1])
        return have_kind == TUPLE and _all_convert(have[1], want[1])
    if want_kind == MAP:
        if have_kind == MAP:
            return can_convert(have[1], want[1])
        return have_kind == OBJECT and _all_convert([t for _, t, _ in have[1]], want[1])
    if want_kind == TUPLE:
        return (
            have_kind == TUPLE
            and len(have[1]) == len(want[1])
            and all(can_convert(h, w) for h, w in zip(have[1], want[1], strict=True))
        )
    if have_kind == MAP:
        return all(can_convert(have[1], t) for _, t, _ in want[1])
    if have_kind != OBJECT:
        return False
    given = {name: t for name, t, _ in have[1]}
    return all(can_convert(given[name], t) if name in given else optional for name, t, optional in want[1])


def _all_convert(items: Sequence[Type], want: Type) -> bool:
    if want == DYNAMIC:
        return unify(items) is not None
    return all(can_convert(item, want) for item in items)


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can become; None if there is none.

    Equal structures are unified part by part, objects with different attributes become maps, tuples of
    different lengths lists; otherwise one of the types is taken, string before number and bool.
    """
    if not types:
        return DYNAMIC
    first = types[0]
    if all(t == first for t in types):
        return first
    kinds = {kind_of(t) for t in types}
    solid = kinds - {DYNAMIC}
    if len(solid) == 1 and not solid & set(PRIMITIVES):
        if DYNAMIC in kinds:
            return DYNAMIC
        kind = next(iter(solid))
        if kind in COLLECTIONS:
            element = unify([t[1] for t in types])
            return None if element is None else (kind, element)
        return _unify_objects(types) if kind == OBJECT else _unify_tuples(types)
    for collection, structure in ((MAP, OBJECT), (LIST, TUPLE)):
        if solid == {collection, structure}:
            if DYNAMIC in kinds:
                return DYNAMIC
            element = unify([item for t in types for item in parts_of(t)])
            if element is not None:
                return (collection, element)
    if solid >= {OBJECT, TUPLE}:
        return None
    for want in sorted(types, key=_preference):
        if all(can_convert(have, want) for have in types):
            return want
    return None


def parts_of(type: Type) -> list[Type]:
    """The types of the elements of a collection, tuple or object type."""
    if type[0] == OBJECT:
        return [t for _, t, _ in type[1]]
    return list(type[1]) if type[0] == TUPLE else [type[1]]


def _preference(type: Type) -> int:
    order = (STRING, NUMBER, BOOL, LIST, SET, TUPLE, MAP, OBJECT, DYNAMIC)
    return order.index(kind_of(type))


def _unify_objects(types: Sequence[Type]) -> Type | None:
    names = [name for name, _, _ in types[0][1]]
    if all([name for name, _, _ in t[1]] == names for t in types):
        unified = [unify(list(column)) for column in zip(*(parts_of(t) for t in types), strict=True)]
        if any(t is None for t in unified):
            return None
        return (OBJECT, tuple((name, t, False) for name, t in zip(names, unified, strict=True)))
    element = unify([item for t in types for item in parts_of(t)])
    return None if element is None else (MAP, element)


def _unify_tuples(types: Sequence[Type]) -> Type | None:
    if len({len(t[1]) for t in types}) == 1:
        unified = [unify(list(column)) for column in zip(*(t[1] for t in types), strict=True)]
        return None if any(t is None for t in unified) else (TUPLE, tuple(unified))
    element = unify([item for t in types for item in t[1]])
    return None if element is None else (LIST, element)


def parse_type(expression: tree.Expression) -> tuple[Type, Defaults | None]:
    """The type that a variable's `type` argument means, and the defaults of its optional attributes.

    Raises EvaluationError with the place of the part that is no type. The quoted forms of old configurations
    (`"string"`, `"list"`, `"map"`) are understood.
    """
    if isinstance(expression, tree.Literal) and isinstance(expression.value, str):
        legacy = {"string": STRING, "list": (LIST, DYNAMIC), "map": (MAP, DYNAMIC)}
        if expression.value in legacy:
            return legacy[expression.value], None
        raise EvaluationError(f'"{expression.value}" is no type; write a type without quotes', expression.range)
    if isinstance(expression, tree.Name):
        names = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
        names_of_kinds = {kind: (kind, DYNAMIC) for kind in COLLECTIONS}  # `list` alone: any element, as before 0.12
        if expression.name in names:
            return names[expression.name], None
        if expression.name in names_of_kinds:
            return names_of_kinds[expression.name], None
        raise EvaluationError(f'The keyword "{expression.name}" is not a valid type specification.', expression.range)
    if isinstance(expression, tree.Call):
        return _parse_constructor(expression)
    raise EvaluationError(
        "A type specification is either a primitive type keyword (bool, number, string) "
        "or a complex type constructor call, like list(string).",
        expression.range,
    )


def _parse_constructor(call: tree.Call) -> tuple[Type, Defaults | None]:
    if call.name not in (*COLLECTIONS, TUPLE, OBJECT):
        problem = (
            "optional(…) is valid only for an attribute of an object type."
            if call.name == "optional"
            else f'Keyword "{call.name}" is not a valid type constructor.'
        )
        raise EvaluationError(problem, call.range)
    if len(call.arguments) != 1:
        raise EvaluationError(f"The {call.name} type constructor requires one argument.", call.range)
    argument = call.arguments[0]
    if call.name in COLLECTIONS:
        element, inner = parse_type(argument)
        return (call.name, element), Defaults({}, {"": inner}) if inner else None
    values: dict[str, Value] = {}
    children: dict[str, Defaults] = {}
    if call.name == TUPLE:
        if not isinstance(argument, tree.Tuple):
            raise EvaluationError("Tuple type constructor requires a list of element types.", argument.range)
        items: list[Type] = []
        for index, item in enumerate(argument.items):
            type, inner = parse_type(item)
            items.append(type)
            if inner:
                children[str(index)] = inner
        return (TUPLE, tuple(items)), Defaults({}, children) if children else None
    if not isinstance(argument, tree.Object):
        raise EvaluationError(
            "Object type constructor requires a map whose keys are attribute names and whose values are "
            "the corresponding attribute types.",
            argument.range,
        )
    attributes: dict[str, tuple[Type, bool]] = {}
    for key, item in argument.items:
        if not (isinstance(key, tree.Literal) and isinstance(key.value, str)):
            raise EvaluationError("Object constructor map keys must be attribute names.", key.range)
        optional = isinstance(item, tree.Call) and item.name == "optional"
        default: tree.Expression | None = None
        if isinstance(item, tree.Call) and optional:
            if not 1 <= len(item.arguments) <= 2:
                raise EvaluationError("Optional attribute modifier takes a type and perhaps a default.", item.range)
            default = item.arguments[1] if len(item.arguments) == 2 else None
            item = item.arguments[0]
        type, inner = parse_type(item)
        attributes[key.value] = (type, optional)
        if inner:
            children[key.value] = inner
        if default is not None:
            values[key.value] = _constant(default)
    ordered = tuple((name, *attributes[name]) for name in sorted(attributes))
    return (OBJECT, ordered), Defaults(values, children) if values or children else None


def _constant(expression: tree.Expression) -> Value:
    """The value of a default: literals and collections of them, as Terraform allows no reference and no call here."""
    if isinstance(expression, tree.Literal):
        return known(expression.value, expression.range)
    if isinstance(expression, tree.Unary) and expression.operator == "-":
        operand = _constant(expression.operand)
        if isinstance(operand, Known) and operand.kind == NUMBER:
            return Known(-operand.data, NUMBER, expression.range)
    if isinstance(expression, tree.Tuple):
        return Known([_constant(item) for item in expression.items], TUPLE, expression.range)
    if isinstance(expression, tree.Object):
        items: dict[str, Value] = {}
        for key, item in expression.items:
            name = _constant(key)
            if not isinstance(name, Known) or not isinstance(name.data, str):
                raise EvaluationError("A key of a default must be a constant string.", key.range)
            items[name.data] = _constant(item)
        return Known(items, OBJECT, expression.range)
    raise EvaluationError("The default of an optional attribute must be a constant.", expression.range)


def is_absent(value: Value) -> bool:
    """A property that nobody wrote and that has no documented default."""
    return isinstance(value, Absent) and value.default is None
