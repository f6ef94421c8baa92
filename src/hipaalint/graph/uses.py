"""What refers to what in a root, whatever the reference is for: attributes of resources, and outputs.

Between graph/graph.py, which asks for named relations only, and policy/, for checks on what nothing uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.values import Known, Lazy, Value, all_references
from ..resource import Root, WrittenResource

DEPTH = 12  # of objects in objects


class Uses:
    """The references of one root, with the values given or the defaults.

    by_resource: id of a written resource → the others whose attributes refer to it. exported: ids of those that an
    output of the root gives to whoever deploys it; None where nobody knows the outputs.
    """

    __slots__ = ("by_resource", "exported")

    def __init__(self, root: Root) -> None:
        self.by_resource: dict[int, list[WrittenResource]] = {}
        self.exported: set[int] | None = None
        # In a scenario of its own: what is read here decides nothing.
        with root.world.scenario({}):
            for user in root.resources:
                for used in _referred(user.body, DEPTH):
                    if used is not user:
                        users = self.by_resource.setdefault(id(used), [])
                        if user not in users:
                            users.append(user)
            if root.outputs is not None:
                self.exported = {id(used) for output in root.outputs for used in _referred(output.force(), DEPTH)}


def _referred(value: Value, depth: int) -> Iterator[WrittenResource]:
    for written, _attribute in all_references(value):
        yield written
    if not depth:
        return
    if isinstance(value, Lazy):
        for name in value.names():
            yield from _referred(value.get(name, None), depth - 1)
    elif isinstance(value, Known) and isinstance(value.data, (list, dict)):
        for item in value.data if isinstance(value.data, list) else value.data.values():
            if isinstance(item, Lazy):
                yield from _referred(item, depth - 1)
