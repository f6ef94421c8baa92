"""Terraform's `==` over values that may be partly unknown, and the order and distinctness of set elements.

Used by convert.py, evaluator.py and functions/.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from .types import PRIMITIVES, kind_of
from .values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    NULL,
    NUMBER,
    SEQUENCES,
    SET,
    STRING,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    wholly_known,
)

if TYPE_CHECKING:
    from .world import World


def equal(a: Value, b: Value, world: World | None = None) -> bool | None:
    """Whether two values are equal, without any conversion; None where what is known does not decide it.

    With a world, a comparison of an input of the root with a constant proposes to split the input there, and
    what the scenario in force excludes is unequal.
    """
    if isinstance(a, Lazy):
        a = a.materialize()
    if isinstance(b, Lazy):
        b = b.materialize()
    if isinstance(a, Absent):
        return _equal_absent(a, b, world)
    if isinstance(b, Absent):
        return _equal_absent(b, a, world)
    if world is not None and (a.input is not None or b.input is not None):
        excluded = _split(a, b, world)
        if excluded:
            return False
    if isinstance(a, Known) and isinstance(b, Known):
        return _equal_known(a, b, world)
    if isinstance(a, Unknown):
        return False if _unequal_unknown(a, b) else None
    assert isinstance(b, Unknown)
    return False if _unequal_unknown(b, a) else None


def _split(a: Value, b: Value, world: World) -> bool:
    for value, other in ((a, b), (b, a)):
        if value.input is not None and isinstance(other, Known) and isinstance(other.data, (bool, int, str)):
            world.propose(value.input, other.data)
            if isinstance(value, Unknown) and world.excludes(value.input, other.data):
                return True
    return False


def _equal_absent(a: Absent, b: Value, world: World | None) -> bool | None:
    """An absent property equals null; compared with anything else, its documented default counts."""
    if isinstance(b, Absent):
        if a.default is None and b.default is None:
            return True
        b = b.default if b.default is not None else Known(None, NULL)
    if isinstance(b, Known) and b.kind == NULL:
        return True
    return None if a.default is None else equal(a.default, b, world)


def _equal_known(a: Known, b: Known, world: World | None) -> bool | None:
    if a.kind != b.kind:
        return False
    if a.kind in SEQUENCES or a.kind in MAPPINGS:
        if not a.data and not b.data:
            return a.element == b.element or not (_settled(a) and _settled(b))
        if a.kind == SET:
            return _equal_sets(a, b, world)
        if len(a.data) != len(b.data):
            return False
        if a.kind in MAPPINGS:
            if a.data.keys() != b.data.keys():
                return False
            return conjunction(equal(item, b.data[name], world) for name, item in a.data.items())
        return conjunction(equal(x, y, world) for x, y in zip(a.data, b.data, strict=True))
    return bool(a.data == b.data)


def _settled(value: Known) -> bool:
    return value.element not in (None, DYNAMIC)


def _equal_sets(a: Known, b: Known, world: World | None) -> bool | None:
    if wholly_known(a) and wholly_known(b):
        return len(a.data) == len(b.data) and all(
            equal(x, y, world) for x, y in zip(set_order(a.data), set_order(b.data), strict=True)
        )
    for one, other in ((a.data, b.data), (b.data, a.data)):
        if any(all(equal(x, y, world) is False for y in other) for x in one):
            return False
    return None


def conjunction(terms: Iterable[bool | None]) -> bool | None:
    """Kleene's `and` over any number of terms."""
    result: bool | None = True
    for term in terms:
        if term is False:
            return False
        if term is None:
            result = None
    return result


def disjunction(terms: Iterable[bool | None]) -> bool | None:
    """Kleene's `or` over any number of terms."""
    result: bool | None = False
    for term in terms:
        if term is True:
            return True
        if term is None:
            result = None
    return result


def _unequal_unknown(a: Unknown, b: Value) -> bool:
    """What is known about `a` rules out that it is `b`."""
    if isinstance(b, Unknown):
        if not (a.not_null or b.not_null):
            return False
        if DYNAMIC not in (a.type, b.type) and kind_of(a.type) != kind_of(b.type):
            return True
        if a.parts is not None and b.parts is not None:
            return not _may_both(a.parts, b.parts)
        return _lengths_apart(a.length, b.length)
    assert isinstance(b, Known)
    if b.kind == NULL:
        return a.not_null
    if a.type != DYNAMIC and kind_of(a.type) != b.kind:
        return True
    if a.parts is not None:
        return b.kind != STRING or not matches_parts(a.parts, b.data)
    if b.kind in SEQUENCES or b.kind in MAPPINGS:
        exact = b.kind != SET or wholly_known(b)
        return exact and _lengths_apart(a.length, (len(b.data), len(b.data)))
    return b.kind == STRING and _lengths_apart(a.length, (len(b.data), len(b.data)))


def _lengths_apart(a: tuple[int, int | None] | None, b: tuple[int, int | None] | None) -> bool:
    if a is None or b is None:
        return False
    return (a[1] is not None and a[1] < b[0]) or (b[1] is not None and b[1] < a[0])


def matches_parts(parts: tuple[str | None, ...], text: str) -> bool:
    """Whether a text can be the string of which these parts are known."""
    if not parts:
        return text == ""
    end = len(text)
    position = 0
    if parts[0] is not None:
        if not text.startswith(parts[0]):
            return False
        position = len(parts[0])
        if len(parts) == 1:
            return position == end
    if parts[-1] is not None:
        end -= len(parts[-1])
        if end < position or not text.endswith(parts[-1]):
            return False
    for part in parts[1:-1]:
        if part is not None:
            found = text.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
    return True


def _may_both(a: tuple[str | None, ...], b: tuple[str | None, ...]) -> bool:
    first, second = (a[0] or "") if a else "", (b[0] or "") if b else ""
    if not (first.startswith(second) or second.startswith(first)):
        return False
    first, second = (a[-1] or "") if a else "", (b[-1] or "") if b else ""
    return first.endswith(second) or second.endswith(first)


def identity(value: Value) -> Hashable:
    """What equal values have in common and no others; for wholly known values."""
    if isinstance(value, Lazy):
        value = value.materialize()
    if not isinstance(value, Known):
        return (NULL, None)
    if value.kind in SEQUENCES:
        return (value.kind, tuple(identity(item) for item in value.data))
    if value.kind in MAPPINGS:
        return (value.kind, tuple((name, identity(value.data[name])) for name in sorted(value.data)))
    return (value.kind, value.data)


def distinct(values: Iterable[Value]) -> list[Value]:
    """Each value once, in the order of first occurrence; unknown ones stay, as they may differ from all others."""
    seen: set[Hashable] = set()
    result: list[Value] = []
    for value in values:
        if wholly_known(value):
            key = identity(value)
            if key in seen:
                continue
            seen.add(key)
        result.append(value)
    return result


def set_order(values: Iterable[Value]) -> list[Value]:
    """The order in which Terraform iterates over a set: texts by code point, numbers by size, others by a hash."""
    rows = [(_order_key(value), value) for value in values]
    if all(a[0] <= b[0] for a, b in pairwise(rows)):
        return [value for _, value in rows]
    return [value for _, value in sorted(rows, key=lambda row: row[0])]


def _order_key(value: Value) -> tuple[int, object, object]:
    if isinstance(value, Lazy):
        value = value.materialize()
    if isinstance(value, Known):
        if value.kind == NULL:
            return (9, 0, 0)
        if value.kind in PRIMITIVES:
            # The elements of a set share one type; the kind comes first only so that any mixture can be sorted.
            return ((BOOL, NUMBER, STRING).index(value.kind), value.data, 0)
        return (5, _hash_bytes(value), 0)
    return (8, 0, 0)


_SHORT = Context(prec=10, rounding=ROUND_HALF_EVEN)


def _hash_bytes(value: Value) -> bytes:
    """The bytes by which go-cty orders compound elements of a set; equal values have equal bytes."""
    if isinstance(value, Lazy):
        value = value.materialize()
    if not isinstance(value, Known):
        return b"?"
    data, kind = value.data, value.kind
    if kind == NULL:
        return b"~"
    if kind == BOOL:
        return b"T" if data else b"F"
    if kind == NUMBER:
        return _number_bytes(data)
    if kind == STRING:
        return _quoted(data)
    if kind in SEQUENCES:
        opening, closing = (b"<", b">") if kind == "tuple" else (b"[", b"]")
        return opening + b"".join(_hash_bytes(item) + b";" for item in data) + closing
    if kind == "map":
        items = (_quoted(name) + b":" + _hash_bytes(data[name]) + b";" for name in sorted(data))
        return b"{" + b"".join(items) + b"}"
    return b"<" + b"".join(_hash_bytes(data[name]) + b";" for name in sorted(data)) + b">"


def _number_bytes(data: int | Decimal) -> bytes:
    """Ten significant digits as Go prints them, then (after a NUL, so the order stays) the exact number."""
    exact = Decimal(data)
    digits = _SHORT.create_decimal(exact)
    if digits == 0:
        return b"0"
    exponent = digits.adjusted()
    if -4 <= exponent < 10:
        text = format(digits.normalize(_SHORT), "f")
    else:
        mantissa = format(digits.scaleb(-exponent, _SHORT).normalize(_SHORT), "f")
        text = f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return text.encode() if digits == exact else text.encode() + b"\0" + str(exact).encode()


def _quoted(text: str) -> bytes:
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogatepass") + b'"'
