"""Tags in every form: lists of keys and values, maps, and Auto Scaling's entries with their own extra member.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.evaluator import operand
from ..expression.values import NULL, Absent, Known, Unknown, Value
from ..graph.graph import ResourceView
from ..graph.tags import entries, tag_property, tags_of
from .decisions import Decision, any_of, domain_function, elements, text

__all__ = ["entries", "has_tag", "tag", "taggable", "tags_of"]


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


@domain_function("taggable", 1, 1)
def taggable(self: Value) -> Decision:
    """Whether a resource is of a type that takes tags."""
    return Decision(isinstance(self, ResourceView) and tag_property(self.resource) is not None)


domain_function("tags_of", 1, 1)(tags_of)
