"""Nodes that nobody wrote: plain data as the parser would have made it, reported at the place that calls for it.

Used by serverless.py and serverless_policies.py, so that what the transform adds takes the same way as what is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ...syntax.yaml_json import ListNode, MapNode, Node, ScalarNode
from .shapes import intrinsic

# None stands for an entry that is left out.
Data: TypeAlias = "Node | str | bool | int | Sequence[Data] | Mapping[str, Data] | None"

NO_VALUE: Data = {"Ref": "AWS::NoValue"}


def made(data: Data, place: Node) -> Node:
    """The node that data means; nodes in it are taken as they are, all else stands at the place."""
    if isinstance(data, Node):
        return data
    if isinstance(data, Mapping):
        whole = MapNode(None, place.file, place.start, place.end)
        for name, value in data.items():
            if value is not None:
                node = made(value, place)
                # Without width in front of the value, so that the entry is where the value is.
                whole.entries.append((ScalarNode(name, False, None, node.file, node.start, node.start), node))
        return whole
    if isinstance(data, Sequence) and not isinstance(data, str):
        items = ListNode(None, place.file, place.start, place.end)
        items.items = [made(item, place) for item in data]
        return items
    plain = not isinstance(data, str)
    return ScalarNode(str(data).lower() if plain else str(data), plain, None, place.file, place.start, place.end)


def said(node: Node | None) -> str | None:
    """The text of a scalar that is no intrinsic."""
    return node.text if isinstance(node, ScalarNode) and intrinsic(node) is None else None
