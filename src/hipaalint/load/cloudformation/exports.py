"""`Fn::ImportValue`: the output of another stack of the scan, where exactly one can export it under the name.

Used by functions.py. All outermost stacks of a run stand in LoadOptions.stacks; values are asked for when all are loaded.
The join is one of values: what is imported carries its references along, but the importing template stays a root of its
own, and the graph has no edges between roots, since nobody knows that both are deployed together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...expression.evaluator import evaluate
from ...expression.values import IMPORTED, STRING, Absent, Known, Lazy, Unknown, Value, is_false
from ...source import SourceRange
from ...syntax.yaml_json import MapNode

if TYPE_CHECKING:
    from .properties import Expanded
    from .stack import Stack

SHOWN = 3  # candidates that are named


class Export:
    """An output that a stack exports. name: known, or as far as it is."""

    __slots__ = ("name", "output", "stack")

    def __init__(self, stack: Stack, output: str, name: Value) -> None:
        self.stack = stack
        self.output = output
        self.name = name

    def may_be(self, name: str) -> bool:
        """Whether it can have a name."""
        if isinstance(self.name, Known):
            return bool(self.name.data == name)
        return not isinstance(self.name, Unknown) or self.name.parts is None or _fits(self.name.parts, name)


def _fits(parts: tuple[str | None, ...], name: str) -> bool:
    """Whether a name can be a text of which only some pieces are known, in their order."""
    position, hole = 0, False
    for number, part in enumerate(parts):
        if part is None:
            hole = True
            continue
        last = number == len(parts) - 1
        found = name.rfind(part) if hole and last else name.find(part, position)
        if found < position or (not hole and found != position):
            return False
        position, hole = found + len(part), False
    return hole or position == len(name)


def imported(stack: Stack, name: Value, range: SourceRange | None) -> Value:
    """The value that is exported under a name: of one of the stacks of the scan, if only that one can export it."""
    text = name.data if isinstance(name, Known) and isinstance(name.data, str) else None
    if text is None:
        return Unknown(IMPORTED, "an export of another stack", STRING, True, range=range, sources=(name,))
    candidates = [export for export in _exports(stack) if export.may_be(text)]
    if len(candidates) == 1:
        export = candidates[0]
        value = _value(export, stack)
        if not isinstance(value, (Absent, Lazy)):
            twin = value.at(range)
            twin.input = None  # what decides it is an input of another root
            return twin
    detail = f"the export {text} of another stack"
    if len(candidates) > 1:
        shown = ", ".join(f"{each.stack.root.path} ({each.output})" for each in candidates[:SHOWN])
        more = f" and {len(candidates) - SHOWN} more" if len(candidates) > SHOWN else ""
        detail += f", which {shown}{more} can export"
    return Unknown(IMPORTED, detail, STRING, True, range=range, sources=(name,))


def _value(export: Export, stack: Stack) -> Value:
    other = export.stack
    if other.world is stack.world:
        return other.output(export.output, None)
    with other.world.scenario({}):
        return other.output(export.output, None)


def _exports(stack: Stack) -> Iterator[Export]:
    """What the other stacks of the scan export in the same deployment."""
    loaded: list[Stack] = []
    nested: set[object] = set()
    for outermost in stack.options.stacks:
        if outermost.root.deployment in (stack.root.deployment, ""):
            below = list(_with_nested(outermost))
            nested |= {each.template.resolved for each in below[1:]}
            loaded += below
    for other in loaded:
        # A template that another one nests is deployed there, not alone.
        if other is not stack and (other.outer is not None or other.template.resolved not in nested):
            yield from other.exports()


def _with_nested(stack: Stack) -> Iterator[Stack]:
    yield stack
    for inner in stack.nested.values():
        yield from _with_nested(inner)


def exports_of(stack: Stack, outputs: Iterable[Expanded]) -> list[Export]:
    """The exports of a stack with the values given and the defaults; those whose condition is false are none."""
    found: list[Export] = []
    lowering = stack.template.lowering
    with stack.world.scenario({}):
        for key, node, loops, scope in outputs:
            export = node.get("Export") if isinstance(node, MapNode) else None
            name = export.get("Name") if isinstance(export, MapNode) else None
            if not isinstance(node, MapNode) or name is None:
                continue
            condition = node.get("Condition")
            if condition is not None and is_false(evaluate(lowering.condition(condition, loops), scope or stack)):
                continue
            found.append(Export(stack, key.text, evaluate(lowering.lower(name, loops), scope or stack)))
    return found
