"""How data gets from one resource to another: replication, snapshots, streams, events, backups, exports, logs, grants.

Rows of model/tables/flows/*.yaml made into edges, once for each root; graph/phi_scope.py walks along them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ..expression.decision import elements, lacking, member, text
from ..expression.values import Unknown, Value, is_false
from ..model.matching import match
from ..model.resource import Resource
from ..model.tables import read_yaml_folder
from .graph import ResourceGraph, RootGraph
from .layers import Step
from .relations import values_at

_KEYS = {"out_of", "from", "into", "to", "copies", "when", "reads"}
# What gives out data, as the names of actions say it; a pattern of a policy must take in one of them.
_READING = ("Get", "Read", "Scan", "Query", "BatchGet", "Select", "Receive", "ClientMount")

# id of a resource → the resource, whether it is certainly the one (else None), and the value that names it.
_Named = dict[int, tuple[Resource, bool | None, Value | None]]


class Flow:
    """A row: in which property of which type which resources are named, and what happens to their data."""

    __slots__ = ("copies", "into", "name", "out_of", "reads", "sinks", "sources", "type", "when")

    def __init__(self, type: str, name: str, raw: dict[str, Any]) -> None:
        if (
            set(raw) - _KEYS
            or ("from" in raw) != ("out_of" in raw or "reads" in raw)
            or ("to" in raw) != ("into" in raw)
        ):
            raise ValueError(f"flow {name} of {type}: takes out_of or reads with from, into with to, copies and when")
        self.type = type
        self.name = name
        self.out_of = _paths(raw.get("out_of"))
        self.into = _paths(raw.get("into"))
        self.reads = _paths(raw.get("reads"))
        self.sources = tuple(_flat(raw.get("from", [])))
        self.sinks = tuple(_flat(raw.get("to", [])))
        self.copies: bool = raw.get("copies", False)
        self.when: dict[str, str] = raw.get("when", {})


class Edge:
    """Data that may get from `source` to `sink`, because `holder` says so. Whether it does, the scenario in force says."""

    __slots__ = ("flow", "holder", "sink", "source")

    def __init__(self, flow: Flow, holder: Resource, source: Resource, sink: Resource) -> None:
        self.flow = flow
        self.holder = holder
        self.source = source
        self.sink = sink

    def holds(self, graph: ResourceGraph, root: RootGraph) -> tuple[bool | None, Value | None]:
        """Whether it is there now, None where nobody knows, and the value that says so."""
        kept = graph.kept(("flow", self.flow.name), self.holder, lambda: _now(self.flow, self.holder, root))
        if not isinstance(kept, _Now):
            return None, None
        source, sink = kept.sources.get(id(self.source)), kept.sinks.get(id(self.sink))
        if source is None or sink is None:
            return False, None
        return kept.sure and source[1] and sink[1], source[2] if sink[2] is None else sink[2]

    def step(self, value: Value | None) -> Step:
        """As a station of a path."""
        return Step(f"{self.source.address} {self.flow.name} {self.sink.address}", self.holder, value)


class _Now:
    """What a holder says in the scenario in force: id of a resource → whether that is certain, and the value."""

    __slots__ = ("sinks", "sources", "sure")

    def __init__(self, sure: bool | None, sources: _Named, sinks: _Named) -> None:
        self.sure = sure
        self.sources = sources
        self.sinks = sinks


def _now(flow: Flow, holder: Resource, root: RootGraph) -> _Now:
    exists = holder.exists.force()
    if is_false(exists) or not _applies(flow, holder):
        return _Now(False, {}, {})
    doubtful = isinstance(exists, Unknown) and not holder.written.symbolic
    return _Now(None if doubtful else True, *_ends(flow, holder, root))


class Flows:
    """The edges of a root, by where they lead and by where they come from."""

    __slots__ = ("incoming", "outgoing")

    def __init__(self, root: RootGraph) -> None:
        self.incoming: dict[int, list[Edge]] = {}
        self.outgoing: dict[int, list[Edge]] = {}
        # In a scenario of its own: what is read here decides nothing.
        with root.root.world.scenario({}):
            for flow in flows():
                for holder in root.by_type.get(flow.type, []):
                    if holder.written.data or holder.partial or _silent(flow, holder):
                        continue
                    sources, sinks = _ends(flow, holder, root)
                    for source, _, _ in sources.values():
                        for sink, _, _ in sinks.values():
                            if source is not sink:
                                self._add(Edge(flow, holder, source, sink))

    def _add(self, edge: Edge) -> None:
        self.incoming.setdefault(id(edge.sink), []).append(edge)
        self.outgoing.setdefault(id(edge.source), []).append(edge)


@cache
def types_of_sources() -> frozenset[str]:
    """The types from which data may come."""
    return frozenset(type for flow in flows() for type in (flow.sources or (flow.type,)))


@cache
def flows() -> tuple[Flow, ...]:
    """The table. Raises ValueError where a row cannot be read."""
    return tuple(
        Flow(type, name, raw)
        for _file, content in read_yaml_folder("flows")
        for type, named in content.items()
        for name, raw in named.items()
    )


def _silent(flow: Flow, holder: Resource) -> bool:
    """Whether a template writes nothing where the flow would be said; spares the reading."""
    if holder.written.origin != "cloudformation" or holder.folded:
        return False
    written = holder.written.body.names()
    ends = (flow.out_of or flow.reads, flow.into)
    return any(paths and not any(path[0] in written for path in paths) for paths in ends)


def _ends(flow: Flow, holder: Resource, root: RootGraph) -> tuple[_Named, _Named]:
    """The resources at both ends."""
    itself: _Named = {id(holder): (holder, True, None)}
    sources = sinks = itself
    if flow.reads:
        sources = _found((value for path in flow.reads for value in _readable(holder, path)), flow.sources, root)
    elif flow.out_of:
        sources = _found(_values(holder, flow.out_of), flow.sources, root)
    if flow.into and sources:
        sinks = _found(_values(holder, flow.into), flow.sinks, root)
    return sources, sinks


def _values(holder: Resource, paths: tuple[tuple[str, ...], ...]) -> Iterator[Value]:
    return (value for path in paths for value in values_at(holder.properties, path))


def _found(values: Iterator[Value], types: tuple[str, ...], root: RootGraph) -> _Named:
    candidates = root.candidates(types)
    named: _Named = {}
    for value in values:
        found = match(value, candidates)
        for resource in found.sure:
            if id(resource) not in named or not named[id(resource)][1]:
                named[id(resource)] = (resource, True, value)
        for resource in found.maybe:
            named.setdefault(id(resource), (resource, None, value))
    return named


def _applies(flow: Flow, holder: Resource) -> bool:
    """False only where a property certainly has another value."""
    return all(text(member(holder.properties, name)) in (None, wanted) for name, wanted in flow.when.items())


def _readable(holder: Resource, path: tuple[str, ...]) -> Iterator[Value]:
    """The resources that the statements of a policy let somebody read, each as it is named."""
    for document in values_at(holder.properties, path):
        if lacking(document) or isinstance(document, Unknown):
            continue
        for statement in elements(member(document, "Statement")):
            if isinstance(statement, Unknown) or text(member(statement, "Effect")) != "Allow":
                continue
            if any(_reads(text(action) or "") for action in elements(member(statement, "Action"))):
                yield from elements(member(statement, "Resource"))


def _reads(action: str) -> bool:
    """Whether a pattern of actions takes in one that gives out data."""
    name = action.partition(":")[2] or action
    return any(name.startswith(verb) or fnmatchcase(verb, name) for verb in _READING)


def _paths(raw: object) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(str(path).split(".")) for path in _flat([] if raw is None else raw))


def _flat(raw: object) -> list[str]:
    return [one for part in raw for one in _flat(part)] if isinstance(raw, list) else [str(raw)]
