"""What holds PHI: what is declared to, by tags, addresses or roots, and what receives it along the flows of data.

Above graph/tags.py and graph/flows.py; policy/scope.py asks it for conditions. The flows of a root are walked once, from
everything that may hold PHI in some scenario; a question then only looks at one path again, in the scenario in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from ..expression.decision import text
from ..expression.values import Unknown, Value
from ..model.resource import Resource
from .flows import Edge, Flows, types_of_sources
from .graph import ResourceGraph, RootGraph
from .layers import Step
from .tags import entries, tags_of

_LONGEST = 1_000  # stations that the search for another path looks at


class Declaration:
    """What is said of a resource. said: whether anything is. holds: whether that it holds PHI. value: the tag, if one says it."""

    __slots__ = ("holds", "said", "value")

    def __init__(self, said: bool, holds: bool | None, value: Value | None = None) -> None:
        self.said = said
        self.holds = holds
        self.value = value


class Received:
    """Whether PHI gets to a resource, and the path from where it is declared."""

    __slots__ = ("holds", "path")

    def __init__(self, holds: bool | None, path: Sequence[Step] = ()) -> None:
        self.holds = holds
        self.path = tuple(path)


def declaration(graph: ResourceGraph, resource: Resource) -> Declaration:
    """What the configuration and the tags of a resource say, in the scenario in force."""
    kept = graph.kept("phi", resource, lambda: _declaration(graph, resource))
    return kept if isinstance(kept, Declaration) else Declaration(False, False)


def _declaration(graph: ResourceGraph, resource: Resource) -> Declaration:
    settings = graph.scope
    if settings.whole_root(resource.root) or any(fnmatchcase(resource.address, one) for one in settings.addresses):
        return Declaration(True, True)
    undecided: Value | None = None
    for name, value in entries(tags_of(graph.view(resource))):
        if isinstance(name, Unknown):
            undecided = undecided or name
        elif text(name) in settings.tag_keys:
            written = text(value)
            if written is None:
                return Declaration(True, None, value)
            return Declaration(True, written.lower() in settings.tag_values, value)
    return Declaration(False, None if undecided is not None else False, undecided)


def environment(graph: ResourceGraph, resource: Resource) -> Value | str | None:
    """The environment that a resource belongs to: its tag's value, else that of its deployment; None where nothing says."""
    undecided: Value | None = None
    for name, value in entries(tags_of(graph.view(resource))):
        if isinstance(name, Unknown):
            undecided = undecided or name
        elif text(name) in graph.scope.environment_keys:
            return value
    return graph.scope.environment_of(resource.root) or undecided


def receives_phi(graph: ResourceGraph, resource: Resource) -> Received:
    """Whether PHI gets to a resource from another one that is declared to hold it, in the scenario in force."""
    root = graph.root_of(resource)
    kept = graph.kept_of_root("spread", root, lambda: Spread(graph, root))
    assert isinstance(kept, Spread)
    return kept.received(resource)


class Spread:
    """How far PHI may get in a root. steps: looked at so far, for tests that count operations."""

    __slots__ = ("flows", "graph", "origins", "root", "steps", "towards")

    def __init__(self, graph: ResourceGraph, root: RootGraph) -> None:
        self.graph = graph
        self.root = root
        self.steps = 0
        # id of a resource that PHI may get to → the last edge of a shortest path there.
        self.towards: dict[int, Edge] = {}
        self.origins: set[int] = set()
        # First what is certain, then what may be, so that a certain path is never hidden by a shorter doubtful one.
        possible: list[Resource] = []
        certain: list[Resource] = []
        world = root.root.world
        for resource in root.resources:
            if resource.type not in types_of_sources():
                continue
            with world.scenario({}) as reads:
                said = declaration(graph, resource)
            if said.holds:
                certain.append(resource)
                self.origins.add(id(resource))
            elif said.holds is None or reads:
                possible.append(resource)
                self.origins.add(id(resource))
        self.flows = Flows(root) if self.origins else None
        doubtful = self._walk(certain, sure=True)
        self._walk([*possible, *doubtful], sure=False)

    def _walk(self, frontier: list[Resource], sure: bool) -> list[Resource]:
        """Follow edges, nearest first; sure: only the certain ones. Returns where doubtful ones begin."""
        world = self.root.root.world
        doubtful: list[Resource] = []
        position = 0
        while position < len(frontier):
            resource = frontier[position]
            position += 1
            assert self.flows is not None  # there are origins
            for edge in self.flows.outgoing.get(id(resource), ()):
                self.steps += 1
                if id(edge.sink) in self.towards:
                    continue
                with world.scenario({}) as reads:
                    holds, _ = edge.holds(self.graph, self.root)
                    stops = _stops(edge, declaration(self.graph, edge.sink))
                fixed = not reads
                if fixed and (holds is False or stops):
                    continue
                if sure and (holds is not True or not fixed):
                    doubtful.append(resource)
                    continue
                self.towards[id(edge.sink)] = edge
                frontier.append(edge.sink)
        return doubtful

    def received(self, resource: Resource) -> Received:
        """The answer for one resource: one path is looked at again, others only if that one does not hold."""
        edge = self.towards.get(id(resource))
        if edge is None:
            return Received(False)
        path: list[Edge] = []
        seen = {id(resource)}
        while edge is not None:
            path.append(edge)
            if id(edge.source) in seen or declaration(self.graph, edge.source).holds:
                break
            seen.add(id(edge.source))
            edge = self.towards.get(id(edge.source))
        found = self._along(path)
        return found if found.holds else self._search(resource, found)

    def _along(self, path: Sequence[Edge]) -> Received:
        """Whether PHI gets along a path, whose last edge comes first."""
        origin = declaration(self.graph, path[-1].source)
        holds: bool | None = origin.holds
        words = "is declared to hold PHI" if origin.holds else "may hold PHI"
        steps = [Step(words, path[-1].source, origin.value)]
        for edge in reversed(path):
            self.steps += 1
            there, value = edge.holds(self.graph, self.root)
            if there is False or _stops(edge, declaration(self.graph, edge.sink)):
                return Received(False)
            holds = holds if there else None if holds is not False else False
            steps.append(edge.step(value))
        return Received(holds, steps) if holds is not False else Received(False)

    def _search(self, resource: Resource, known: Received) -> Received:
        """Another path, backwards from the resource: the first that is certain, else one that nobody can rule out."""
        best = known
        assert self.flows is not None  # there is a path
        waiting: list[tuple[Resource, tuple[Edge, ...]]] = [(resource, ())]
        seen = {id(resource)}
        while waiting and len(seen) < _LONGEST:
            current, path = waiting.pop(0)
            for edge in self.flows.incoming.get(id(current), ()):
                if id(edge.source) in seen or (
                    id(edge.source) not in self.origins and id(edge.source) not in self.towards
                ):
                    continue
                self.steps += 1
                longer = (*path, edge)
                if declaration(self.graph, edge.source).holds is not False:
                    found = self._along(longer)
                    if found.holds:
                        return found
                    if found.holds is None and best.holds is False:
                        best = found
                seen.add(id(edge.source))
                waiting.append((edge.source, longer))
        return best


def _stops(edge: Edge, sink: Declaration) -> bool:
    """Whether a flow ends where somebody says that there is no PHI: a copy is what it is, whatever its tag says."""
    return sink.said and sink.holds is False and not edge.flow.copies
