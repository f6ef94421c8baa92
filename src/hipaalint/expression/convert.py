"""Conversions between types, as Terraform makes them; unknown values keep what is still known about them.

Used by evaluator.py, functions/ and the loader of variables. Equality is in equality.py, types are in types.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from .equality import distinct, equal, set_order
from .types import Defaults, can_convert, describe, has_dynamic, kind_of, type_of, unify
from .values import (
    BOOL,
    DYNAMIC,
    LIST,
    MAP,
    MAPPINGS,
    NULL,
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
    is_null,
    number,
)

__all__ = [
    "CONTEXT",
    "binary",
    "convert",
    "distinct",
    "equal",
    "number_text",
    "parse_number",
    "rounded",
    "set_order",
    "to_bool",
    "to_number",
    "to_string",
    "type_of",
    "unify",
]

_SHORT = Context(prec=150, rounding=ROUND_HALF_EVEN)
CONTEXT = Context(prec=155, rounding=ROUND_HALF_EVEN)  # Terraform's 512 bits are 154.1 decimal digits
MAX_EXPONENT = 4096  # a number with more digits is an attack, not a setting
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?", re.ASCII)


def parse_number(text: str) -> int | Decimal | None:
    """The number a decimal text means; None if it is none, or out of every reasonable range."""
    if len(text) > MAX_EXPONENT or not _NUMBER.fullmatch(text):
        return None
    parsed = Decimal(text)
    return number(parsed.normalize(CONTEXT)) if abs(parsed.adjusted()) <= MAX_EXPONENT else None


def binary(exact: Fraction) -> Fraction:
    """The nearest number with 512 binary digits, which is what Terraform computes with."""
    if exact == 0:
        return exact
    shift = 512 - abs(exact.numerator).bit_length() + exact.denominator.bit_length()
    mantissa = round(exact * Fraction(2) ** shift)
    if mantissa.bit_length() > 512:
        shift -= 1
        mantissa = round(exact * Fraction(2) ** shift)
    return Fraction(mantissa) / Fraction(2) ** shift


def rounded(exact: Fraction) -> int | Decimal:
    """A number as Terraform keeps and shows it: rounded to 512 binary digits, by the fewest decimal digits.

    Raises EvaluationError for a number beyond every reasonable size.
    """
    if max(abs(exact.numerator), exact.denominator).bit_length() > 8 * MAX_EXPONENT:
        raise EvaluationError("the result is no number that can be represented")
    if exact.denominator == 1 and abs(exact.numerator).bit_length() <= 512:
        return exact.numerator
    short = _SHORT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if Fraction(short) == exact:
        return number(short.normalize(_SHORT))
    kept = binary(exact)
    for digits in range(150, 157):
        context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
        short = context.divide(Decimal(kept.numerator), Decimal(kept.denominator))
        if binary(Fraction(short)) == kept:
            break
    return number(short.normalize(CONTEXT))


def number_text(data: int | Decimal) -> str:
    """A number as Terraform writes it into strings: no exponent, no superfluous zeros."""
    if isinstance(data, Decimal):
        text = format(data, "f")
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    return str(data)


def to_string(value: Value) -> Value:
    """A string of a string, number or bool. Raises EvaluationError for anything else."""
    return _to_primitive(value, STRING, _string_of)


def to_number(value: Value) -> Value:
    """A number of a number or of a string that is one. Raises EvaluationError for anything else."""
    return _to_primitive(value, NUMBER, _number_of)


def to_bool(value: Value) -> Value:
    """A bool of a bool, `"true"` or `"false"`. Raises EvaluationError for anything else."""
    return _to_primitive(value, BOOL, _bool_of)


def _to_primitive(value: Value, type: str, of: Callable[[Any, str, Value], Any]) -> Value:
    if isinstance(value, Known):
        if value.kind == type:
            return value
        if value.kind == NULL:
            return _with(value, None, NULL, type)
        return _with(value, of(value.data, value.kind, value), type, None)
    if isinstance(value, Unknown):
        if value.type == type:
            return value
        if value.type != DYNAMIC and not can_convert(value.type, type):
            raise _cannot(value.type, type, value)
        twin = value.copy()
        twin.type = type
        if type != STRING:
            twin.parts = None
        twin.length = None
        return twin
    if isinstance(value, Absent):
        return _of_absent(value, type)
    raise EvaluationError(f"cannot convert object to {type}.", value.range)


def _of_absent(value: Absent, type: Type) -> Value:
    """An absent property is null, or its documented default, where a function or an argument wants a plain value."""
    if value.default is not None:
        return convert(value.default, type)
    return Known(None, NULL, value.range, (value,), element=type)


def _with(value: Known, data: Any, kind: str, element: Type | None) -> Known:
    return Known(data, kind, value.range, value.sources, value.references, value.sensitive, value.input, element)


def _cannot(have: Type, want: Type, value: Value) -> EvaluationError:
    return EvaluationError(f"cannot convert {describe(have)} to {describe(want)}.", value.range)


def _string_of(data: Any, kind: str, value: Value) -> str:
    if kind == BOOL:
        return "true" if data else "false"
    if kind == NUMBER:
        return number_text(data)
    raise _cannot(kind, STRING, value)


def _number_of(data: Any, kind: str, value: Value) -> int | Decimal:
    if kind != STRING:
        raise _cannot(kind, NUMBER, value)
    parsed = parse_number(data)
    if parsed is None:
        shown = "the string" if value.sensitive else f'"{data[:80]}"'
        raise EvaluationError(
            f"cannot convert {shown} to number; given string must be a decimal representation of a number.", value.range
        )
    return parsed


def _bool_of(data: Any, kind: str, value: Value) -> bool:
    if kind != STRING:
        raise _cannot(kind, BOOL, value)
    if data not in ("true", "false", "1", "0"):
        shown = "the string" if value.sensitive else f'"{data[:80]}"'
        raise EvaluationError(
            f'cannot convert {shown} to bool; only the strings "true" or "false" are allowed.', value.range
        )
    return data in ("true", "1")


_PRIMITIVE: dict[str, Callable[[Value], Value]] = {STRING: to_string, NUMBER: to_number, BOOL: to_bool}


def convert(value: Value, type: Type, defaults: Defaults | None = None) -> Value:
    """The value as this type, in all its depth; elements that need no conversion stay the same objects.

    defaults: those of parse_type, filled in for attributes that are not given or null. Raises EvaluationError.
    """
    if defaults is not None:
        value = _fill(value, defaults)
    if isinstance(type, str):
        return value if type == DYNAMIC else _PRIMITIVE[type](value)
    if isinstance(value, Lazy):
        value = value.materialize()
    if isinstance(value, Absent):
        return _of_absent(value, type)
    if isinstance(value, Unknown):
        return _convert_unknown(value, type)
    assert isinstance(value, Known)
    if value.kind == NULL:
        return _with(value, None, NULL, type)
    kind = type[0]
    if kind in (LIST, SET) and value.kind in SEQUENCES:
        return _convert_sequence(value, type)
    if kind == MAP and value.kind in MAPPINGS:
        if value.kind == MAP and value.element == type[1]:
            return value
        items, element = _elements(value, type, list(value.data), list(value.data.values()))
        return _with(value, dict(zip(value.data, items, strict=True)), MAP, element)
    if kind == TUPLE and value.kind == TUPLE and len(value.data) == len(type[1]):
        pairs = zip(value.data, type[1], strict=True)
        return _same_or(value, [_inner(item, t, i) for i, (item, t) in enumerate(pairs)], TUPLE)
    if kind == OBJECT and value.kind in MAPPINGS:
        return _convert_object(value, type)
    raise _cannot(type_of(value), type, value)


def _convert_unknown(value: Unknown, type: Type) -> Unknown:
    if value.type == type:
        return value
    if not can_convert(value.type, type):
        raise _cannot(value.type, type, value)
    twin = value.copy()
    twin.type = type
    twin.parts = None
    if kind_of(type) == SET and value.length is not None:
        least, most = value.length
        twin.length = (min(least, 1), most)  # equal elements become one
    return twin


def _elements(value: Known, type: Type, keys: Sequence[str | int], items: list[Value]) -> tuple[list[Value], Type]:
    """The elements of a collection and their type; where `any` is asked for, one type that suits all."""
    wanted = type[1]
    if not has_dynamic(wanted):
        return [_inner(item, wanted, key) for key, item in zip(keys, items, strict=True)], wanted
    if value.element is not None and not has_dynamic(value.element) and can_convert(value.element, wanted):
        wanted = value.element
    items = [_inner(item, wanted, key) for key, item in zip(keys, items, strict=True)]
    element = unify([type_of(item) for item in items if not (is_null(item) and type_of(item) == DYNAMIC)])
    if element is None:
        raise EvaluationError(f"cannot convert {value.kind} to {describe(type)}.", value.range)
    if not items:
        return [], wanted
    return [_inner(item, element, key) for key, item in zip(keys, items, strict=True)], element


def _inner(value: Value, type: Type, key: str | int) -> Value:
    try:
        return convert(value, type)
    except EvaluationError as error:
        where = f'element "{key}"' if isinstance(key, str) else f"element {key}"
        raise EvaluationError(f"{where}: {error.message}", error.range or value.range) from None


def _convert_sequence(value: Known, type: Type) -> Value:
    kind = type[0]
    if value.kind == kind and value.element == type[1]:
        return value
    items, element = _elements(value, type, range(len(value.data)), value.data)
    if value.kind == kind and value.element == element:
        return value
    return _with(value, set_order(distinct(items)) if kind == SET else items, kind, element)


def _convert_object(value: Known, type: Type) -> Value:
    items: dict[str, Value] = {}
    for name, wanted, optional in type[1]:
        if name in value.data:
            items[name] = _inner(value.data[name], wanted, name)
        elif optional:
            items[name] = Known(None, NULL, value.range, (value,), element=wanted)
        else:
            raise EvaluationError(f'attribute "{name}" is required.', value.range)
    return _same_or(value, items, OBJECT)


def _same_or(value: Known, data: Any, kind: str) -> Known:
    """The value itself if the conversion changed none of its parts."""
    if value.kind == kind and len(value.data) == len(data):
        if kind == TUPLE and all(a is b for a, b in zip(value.data, data, strict=True)):
            return value
        if kind == OBJECT and all(name in value.data and value.data[name] is item for name, item in data.items()):
            return value
    return _with(value, data, kind, None)


def _fill(value: Value, defaults: Defaults) -> Value:
    """Fill in the defaults of optional attributes that are missing or null."""
    if isinstance(value, Lazy):
        value = value.materialize()
    if not isinstance(value, Known) or value.data is None:
        return value
    everywhere = defaults.children.get("")
    if isinstance(value.data, list):
        children = [everywhere or defaults.children.get(str(index)) for index in range(len(value.data))]
        items = [_fill(item, child) if child else item for item, child in zip(value.data, children, strict=True)]
        return _with(value, items, value.kind if value.kind == SET else TUPLE, None)
    if not isinstance(value.data, dict):
        return value
    if everywhere is not None:
        return _with(value, {name: _fill(item, everywhere) for name, item in value.data.items()}, OBJECT, None)
    filled = dict(value.data)
    for name, default in defaults.values.items():
        if name not in filled or is_null(filled[name]):
            filled[name] = default
    for name, child in defaults.children.items():
        if name in filled:
            filled[name] = _fill(filled[name], child)
    return _with(value, filled, OBJECT, None)
