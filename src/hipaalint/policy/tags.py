"""Tags in every form: lists of keys and values, maps, and Auto Scaling's entries with their own extra member.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.evaluator import operand
from ..expression.values import NULL, SEQUENCES, Absent, Known, Lazy, Unknown, Value
from .decisions import Decision, any_of, domain_function, elements, member, nothing, text


def entries(tags: Value) -> Iterator[tuple[Value, Value]]:
    """(key, value) of every tag; an unknown key where a tag, or all of them, cannot be known."""
    if nothing(tags):
        return
    tags = operand(tags)
    if isinstance(tags, Known) and tags.kind in SEQUENCES:
        for item in tags.data:
            if isinstance(item, Unknown):
                yield item, item
            elif not nothing(item):
                yield member(item, "Key"), member(item, "Value")
        return
    if isinstance(tags, Lazy):
        tags = tags.materialize()
    if isinstance(tags, Known) and isinstance(tags.data, dict):
        for name, value in tags.data.items():
            yield Known(name, "string", value.range, (value,)), value
    elif isinstance(tags, Unknown):
        yield tags, tags


@domain_function("tag", 2, 2)
def tag(tags: Value, key: Value) -> Value:
    """The value of a tag; null if there is none, unknown if one of unknown key may be it."""
    wanted = text(key)
    unknown: Value | None = None
    for name, value in entries(tags):
        if isinstance(name, Unknown):
            unknown = unknown or name
        elif wanted is not None and text(name) == wanted:
            return value
    if unknown is not None:
        return unknown
    if wanted is None:
        return operand(key)
    # Where the tags are written (or would be), so that a finding points there.
    return Known(None, NULL, None, (tags,))


@domain_function("has_tag", 2, 3)
def has_tag(tags: Value, key: Value, values: Value | None = None) -> Decision:
    """Whether there is a tag of this key, or of one of these keys; with `values`, whether it has one of them.

    Keys are compared exactly, as AWS does; values without regard to capitals.
    """
    keys = {text(item) for item in elements(key)}
    wanted = None if values is None else {(text(item) or "").lower() for item in elements(values)}
    found: list[Decision] = []
    for name, value in entries(tags):
        if isinstance(name, Unknown):
            found.append(Decision(None, name))
        elif text(name) in keys:
            if wanted is None:
                found.append(Decision(True, value))
            elif isinstance(value, Unknown):
                found.append(Decision(None, value))
            else:
                found.append(Decision((text(value) or "").lower() in wanted, value))
    return any_of(found, *(() if found else (_place(tags),)))


def _place(tags: Value) -> Value:
    return tags if tags.range is not None or isinstance(tags, Absent) else operand(tags)
