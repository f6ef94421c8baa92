"""Named relations, declared once in model/tables/relations/*.yaml and usable in both directions.

Read by graph/graph.py. A row: source type → relation name → {to, by, inverse, many}:

  AWS::EC2::Instance:
    subnet: {to: AWS::EC2::Subnet, by: SubnetId, inverse: instances}

`by` is a property path (or a list of them; lists on the way are passed through), `to` a type or several, `many` says
that the relation gives a list. The inverse always gives a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ..expression.evaluator import attribute_of
from ..expression.values import MAPPINGS, SEQUENCES, Absent, EvaluationError, Known, Lazy, Unknown, Value, is_null
from ..model.tables import read_yaml_folder


class Relation:
    """One named edge type. `by` paths are tuples of property names."""

    __slots__ = ("by", "inverse", "many", "name", "source", "targets")

    def __init__(self, source: str, name: str, raw: dict[str, Any]) -> None:
        unknown = set(raw) - {"to", "by", "inverse", "many"}
        if unknown or not {"to", "by"} <= set(raw):
            raise ValueError(f"relation {name} of {source}: takes to, by, inverse and many")
        self.source = source
        self.name = name
        self.targets: tuple[str, ...] = tuple(raw["to"]) if isinstance(raw["to"], list) else (raw["to"],)
        paths = raw["by"] if isinstance(raw["by"], list) else [raw["by"]]
        self.by: tuple[tuple[str, ...], ...] = tuple(tuple(path.split(".")) for path in paths)
        self.inverse: str | None = raw.get("inverse")
        self.many: bool = raw.get("many", False)


class Relations:
    """All relations: by source type and name, and by target type and inverse name."""

    __slots__ = ("forward", "inverse")

    def __init__(self, rows: dict[str, Any]) -> None:
        self.forward: dict[str, dict[str, Relation]] = {}
        self.inverse: dict[str, dict[str, list[Relation]]] = {}
        for source, relations in rows.items():
            for name, raw in relations.items():
                relation = Relation(source, name, raw)
                self.forward.setdefault(source, {})[name] = relation
                if relation.inverse:
                    for target in relation.targets:
                        self.inverse.setdefault(target, {}).setdefault(relation.inverse, []).append(relation)


@cache
def relations() -> Relations:
    """The declared relations."""
    rows: dict[str, Any] = {}
    for _file, content in read_yaml_folder("relations"):
        for source, named in (content or {}).items():
            rows.setdefault(source, {}).update(named)
    return Relations(rows)


def values_at(value: Value, path: tuple[str, ...]) -> Iterator[Value]:
    """All values at a path, every element of the lists on the way; unknown ones where the way is unknown."""
    if isinstance(value, Known) and value.kind in SEQUENCES:
        for item in value.data:
            yield from values_at(item, path)
        return
    if isinstance(value, Absent) or is_null(value):
        return
    if not path or isinstance(value, Unknown):
        yield value
        return
    if isinstance(value, Lazy) or (value.__class__ is Known and getattr(value, "kind", "") in MAPPINGS):
        try:
            yield from values_at(attribute_of(value, path[0], None, True), path[1:])
        except EvaluationError:
            return
