"""What lies in values and follows from them: members, elements, texts, and the unknown that unknown operands give.

Used by evaluator.py and operators.py, by functions/, and by the loaders and domain functions that look into values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..source import SourceRange
from . import convert
from .values import (
    CONDITION,
    DYNAMIC,
    MAPPINGS,
    MAX_TEXT,
    NO_DEFAULT,
    NUMBER,
    SEQUENCES,
    SET,
    STRING,
    TUPLE,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    LimitReached,
    Unknown,
    Value,
    is_null,
    known,
)


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
        return attribute_of(source, key_text(key, range), range, condition)
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


def key_text(key: Known, range: SourceRange | None) -> str:
    """A key as text. Raises EvaluationError for what cannot be one."""
    text = convert.to_string(key)
    if not isinstance(text, Known) or text.kind != STRING:
        raise EvaluationError(f"a {key.kind} cannot be a key", range)
    return str(text.data)


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


def result_of(data: Any, kind: str, range: SourceRange, sources: tuple[Value, ...]) -> Known:
    """A known result, which is sensitive as soon as one of its sources is."""
    return Known(data, kind, range, sources, sensitive=any(source.sensitive for source in sources))


def text_of(
    parts: list[str | None],
    sources: tuple[Value, ...],
    range: SourceRange | None,
    sensitive: bool = False,
    unknown: Unknown | None = None,
) -> Value:
    """A string from its pieces, None where a piece is unknown; `unknown` gives the reason."""
    if sum(len(part) for part in parts if part is not None) > MAX_TEXT:
        raise LimitReached(f"the text would have more than {MAX_TEXT:,} characters, which is the limit", range)
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
