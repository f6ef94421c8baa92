"""What nodes of a template look like: intrinsics short and long, loops, scalars as CloudFormation takes them.

Used by lowering.py, template.py and parameters.py.
"""

from __future__ import annotations

import copy
from decimal import Decimal

from ...expression.convert import number_text
from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode, scalar_value

DIRECTIVE = "Rain::"  # of a tool that writes templates; not CloudFormation's
_TAG_WITHOUT_PREFIX = ("Ref", "Condition")


def intrinsic(node: Node) -> tuple[str, Node] | None:
    """Name and argument of an intrinsic function, short or long; None for everything else."""
    tag = node.tag
    if tag is not None and tag.startswith("!") and len(tag) > 1:
        name = tag[1:]
        return name if name in _TAG_WITHOUT_PREFIX else f"Fn::{name}", _untagged(node)
    if isinstance(node, MapNode) and len(node.entries) == 1:
        key, value = node.entries[0]
        if key.text == "Ref" or (key.text.startswith("Fn::") and not key.text.startswith("Fn::ForEach::")):
            return key.text, value
        if key.text.startswith(DIRECTIVE):
            return f"Fn::{key.text}", value
    return None


def for_each(node: Node) -> tuple[str, Node, MapNode] | None:
    """Identifier, collection and body of a Fn::ForEach; None if it is not made like one."""
    if not isinstance(node, ListNode) or len(node.items) != 3:
        return None
    identifier, collection, body = node.items
    if not isinstance(identifier, ScalarNode) or not isinstance(body, MapNode):
        return None
    return identifier.text, collection, body


def constant(node: ScalarNode) -> object:
    """A scalar as written: a number only where nothing of its text is lost (`5.10` stays text)."""
    value = scalar_value(node)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and number_text(value) != node.text:
        return node.text
    return value


def plain_text(node: ScalarNode) -> str:
    """The text CloudFormation takes a scalar for where it wants text."""
    value = scalar_value(node)
    return str(value).lower() if isinstance(value, bool) else node.text


def _untagged(node: Node) -> Node:
    twin = copy.copy(node)
    twin.tag = None
    return twin


def offset_of_text(node: ScalarNode) -> int | None:
    """Where the text of a scalar begins in its file, if it stands there without escapes and folding."""
    found = node.file.text.find(node.text, node.start, node.end)
    return None if found < 0 else found
