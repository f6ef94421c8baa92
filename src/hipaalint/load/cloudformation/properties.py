"""Parts of resources as written: a property that is computed when asked for, tags that a stack hands down.

Used by stack.py.
"""

from __future__ import annotations

from collections.abc import Callable

from ...expression.evaluator import evaluate
from ...expression.scope import Scope
from ...expression.values import (
    COMPUTED,
    DYNAMIC,
    MACRO,
    OBJECT,
    STRING,
    UNRESOLVED,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
)
from ...resource import Attributes, WrittenResource
from ...source import SourceRange
from ...syntax.yaml_json import Node, ScalarNode, entry_range
from .lowering import Loops
from .template import Template


def tags_of(outer: WrittenResource) -> Callable[[], Value]:
    """The tags of a nested stack, which its resources get as well, together with those of the stacks around it."""

    def tags() -> Value:
        above = outer.default_tags.force() if outer.default_tags is not None else Known({}, OBJECT)
        written = outer.body.get("Tags", None)
        if isinstance(written, Absent):
            return above
        if not isinstance(above, Known) or not isinstance(written, Known) or not isinstance(written.data, list):
            return above if isinstance(above, Unknown) else written
        merged = dict(above.data)
        for tag in written.data:
            key = tag.data.get("Key") if isinstance(tag, Known) and isinstance(tag.data, dict) else None
            if not isinstance(key, Known):
                return Unknown(UNRESOLVED, "a tag of the stack is not known", DYNAMIC, True, sources=(tag,))
            merged[str(key.data)] = tag.data.get("Value", Known("", STRING))
        return Known(merged, OBJECT, written.range, (written,))

    return tags


def computed(resource: WrittenResource, identifier: Callable[[str], str | None]) -> Callable[[str], Value]:
    """What others get who refer to it: its identifying property if that is written, else a value not known yet."""

    def attribute_of(attribute: str) -> Value:
        references = resource.reference(attribute)
        written = identifier(resource.type) if attribute == "Ref" else attribute
        if written is not None and written in resource.body.names():
            value = resource.body.get(written, None)
            if not isinstance(value, (Absent, Lazy)):
                twin = value.at(value.range)
                twin.references = (*references, *value.references)
                return twin
        shown = resource.name if attribute == "Ref" else f"{resource.name}.{attribute}"
        type = STRING if attribute == "Ref" else DYNAMIC
        return Unknown(COMPUTED, f"{shown} is known when it is deployed", type, True, references=references)

    return attribute_of


class Key:
    """The name of an entry: text, place, and whether it stands for any number of names."""

    __slots__ = ("node", "symbolic", "text")

    def __init__(self, text: str, node: ScalarNode, symbolic: bool) -> None:
        self.text = text
        self.node = node
        self.symbolic = symbolic


# An entry of a section: its name, its node, the loops around it and, inside of loops, its scope.
Expanded = tuple[Key, Node, Loops, Scope | None]


class Property:
    """Computes a property when it is asked for; its range is the key with its value."""

    __slots__ = ("key", "loops", "node", "scope", "template")

    def __init__(self, template: Template, key: ScalarNode, node: Node, loops: Loops, scope: Scope) -> None:
        self.template = template
        self.key = key
        self.node = node
        self.loops = loops
        self.scope = scope

    def __call__(self) -> Value:
        expression = self.template.lowering.entry(self.key, self.node, self.loops)
        value = evaluate(expression, self.scope)
        written = entry_range(self.key, self.node)
        if isinstance(value, Absent):  # AWS::NoValue
            return Absent(self.key.text, range=written, spelled=self.key.text, sources=(value,))
        if isinstance(value, Lazy) or value.range is not expression.range:
            return value.at(written)
        value.range = written  # made here and now, so nobody else has it
        return value


class PartlyWritten(Attributes):
    """Properties to which a macro adds others: what is not written is unknown, not absent."""

    __slots__ = ()

    def get(self, name: str, range: SourceRange | None) -> Value:
        if name not in self.fields:
            return Unknown(MACRO, f"a transform may add {name}", range=self.range)
        return super().get(name, range)
