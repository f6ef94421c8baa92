"""The resource graph as plain data: what was understood, for `hipaalint graph`.

Values that are sensitive are masked, unknown ones say why they are unknown.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..expression.values import Absent, Known, Lazy, Unknown, Value, is_false, is_true
from ..graph.graph import ResourceGraph, ResourceView
from ..graph.relations import relations
from ..model.resource import Resource
from ..policy.evidence import MASKED
from ..policy.masking import is_secret, names_secret
from ..source import Diagnostic
from .rows import Row, diagnostic_row, printable, without_secrets

MAX_DEPTH = 40


def dump(graph: ResourceGraph, diagnostics: list[Diagnostic]) -> Row:
    """Resources in the order of the scan, each with its properties and the addresses that its relations lead to."""
    return {
        "resources": [_resource(graph, resource) for resource in graph.resources if not resource.partial],
        "diagnostics": [diagnostic_row(diagnostic) for diagnostic in diagnostics],
    }


def _resource(graph: ResourceGraph, resource: Resource) -> Row:
    exists = resource.exists.force()
    return {
        "address": printable(resource.address),
        "type": printable(resource.type),
        "written_as": printable(resource.written.type),
        "root": printable(resource.root.path),
        "deployment": printable(resource.root.deployment),
        "file": printable(resource.header.file.path),
        "line": resource.header.line,
        "exists": True if is_true(exists) else False if is_false(exists) else None,
        "properties": {
            printable(name): _member(name, resource.properties.get(name, None), 0, resource.type, name)
            for name in resource.properties.names()
        },
        "relations": _relations(graph, resource),
    }


def _relations(graph: ResourceGraph, resource: Resource) -> dict[str, list[str | None]]:
    """Name → addresses; null for an end that cannot be told."""
    declared = relations()
    names = [*declared.forward.get(resource.type, {}), *declared.inverse.get(resource.type, {})]
    found: dict[str, list[str | None]] = {}
    for name in names:
        value = graph.related(resource, name)
        ends = value.data if isinstance(value, Known) else [value]
        addresses = [
            printable(end.resource.address) if isinstance(end, ResourceView) else None
            for end in ends
            if not isinstance(end, Absent)
        ]
        if addresses:
            found[name] = addresses
    return found


def _member(name: str, value: Value, depth: int, type: str, path: str) -> Any:
    """A member of an object; a text that is written where a secret belongs is masked. path: from the resource."""
    found = _plain(value, depth, type, path)
    if isinstance(found, list) and is_secret(type, path):
        return MASKED
    secret = (
        isinstance(found, str)
        and (names_secret(name) or is_secret(type, path))
        and not found.startswith(("{{resolve:", "arn:"))
    )
    return MASKED if secret else found


def _plain(value: Value, depth: int, type: str, path: str) -> Any:
    """Plain data; `{"unknown": why}` where it is not known."""
    if value.sensitive:
        return MASKED
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, Unknown):
        return {"unknown": printable(value.detail or value.reason)}
    if isinstance(value, Absent):
        return None
    if isinstance(value, Lazy):
        return _object({name: value.get(name, None) for name in value.names()}, depth + 1, type, path)
    assert isinstance(value, Known)
    data = value.data
    if isinstance(data, list):
        return [_plain(item, depth + 1, type, path) for item in data]
    if isinstance(data, dict):
        return _object(data, depth + 1, type, path)
    if isinstance(data, Decimal):
        return float(data)
    return printable(without_secrets(data)) if isinstance(data, str) else data


def _object(data: dict[str, Value], depth: int, type: str, path: str) -> Row:
    found = {printable(name): _member(name, item, depth, type, f"{path}.{name}") for name, item in data.items()}
    for key, value in (("Name", "Value"), ("name", "value")):
        if isinstance(found.get(value), str) and isinstance(found.get(key), str) and names_secret(found[key]):
            found[value] = MASKED  # a pair, as environments of containers are written
    return found
