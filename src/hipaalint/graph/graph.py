"""The graph of all roots of a scan: which resources there are and what they are connected with.

Made by `build_graph` from what the loaders read; queried by policy/. Edges stay inside one deployment of one root.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial

from ..expression.values import (
    OUTSIDE,
    TUPLE,
    UNRESOLVED,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    is_false,
    is_true,
)
from ..expression.world import Deferred
from ..model.fold import fold_side_cars
from ..model.lift import lift
from ..model.matching import Candidates, match
from ..model.resource import Resource
from ..model.split import split_off
from ..resource import Root
from ..source import SourceRange
from .relations import Relation, relations, values_at
from .scope_settings import ScopeSettings
from .uses import Uses

_KEPT = "kept"  # the kind of what is no value, but remembered like one


class RootGraph:
    """The resources of one root and their edges."""

    __slots__ = ("_candidates", "_inverse", "_uses", "by_type", "resources", "root")

    def __init__(self, root: Root) -> None:
        self.root = root
        lifted = [lift(written) for written in root.resources]
        self.resources = lifted + [part for resource in lifted for part in split_off(resource)] + fold_side_cars(lifted)
        self.by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self.by_type.setdefault(resource.type, []).append(resource)
        self._candidates: dict[tuple[str, ...], Candidates] = {}
        self._inverse: dict[int, dict[int, list[Resource]]] = {}
        self._uses: Uses | None = None

    @property
    def uses(self) -> Uses:
        """What refers to what; read when it is first asked for."""
        if self._uses is None:
            self._uses = Uses(self.root)
        return self._uses

    def candidates(self, types: tuple[str, ...]) -> Candidates:
        """The resources of some types as possible targets; those declared elsewhere are none."""
        found = self._candidates.get(types)
        if found is None:
            resources = [
                r for type in types for r in self.by_type.get(type, []) if not r.partial and not r.written.data
            ]
            found = self._candidates[types] = Candidates(resources)
        return found

    def pointing_at(self, target: Resource, relation: Relation) -> list[Resource]:
        """The resources whose relation may name the target, in some scenario; asked again in the scenario in force."""
        index = self._inverse.get(id(relation))
        if index is None:
            index = self._inverse[id(relation)] = {}
            candidates = self.candidates(relation.targets)
            for source in self.by_type.get(relation.source, []):
                if source.written.data:
                    continue
                for path in relation.by:
                    for value in values_at(source.properties, path):
                        found = match(value, candidates)
                        for one in (*found.sure, *found.maybe):
                            sources = index.setdefault(id(one), [])
                            if not sources or sources[-1] is not source:  # one source after the other: no look at all
                                sources.append(source)
        return index.get(id(target), [])


class ResourceGraph:
    """All roots of a scan."""

    __slots__ = ("_kept", "_kept_of_root", "_root_of", "_views", "roots", "scope")

    def __init__(self, roots: list[RootGraph]) -> None:
        self.roots = roots
        self._root_of = {id(root_graph.root): root_graph for root_graph in roots}
        self._views: dict[int, ResourceView] = {}
        self._kept: dict[tuple[Hashable, int], Deferred] = {}
        self._kept_of_root: dict[tuple[str, int], object] = {}
        self.scope = ScopeSettings()

    @property
    def resources(self) -> list[Resource]:
        """Every resource, root by root in the order of the scan."""
        return [resource for root in self.roots for resource in root.resources]

    def of_type(self, type: str) -> list[Resource]:
        """The resources of a registry type (or of a written type without one) in all roots."""
        return [resource for root in self.roots for resource in root.by_type.get(type, [])]

    def beside(self, resource: Resource, type: str) -> list[Value]:
        """The views of what exists of a type in the root of a resource; unknown elements where nobody knows."""
        found = self.root_of(resource).by_type.get(type, [])
        return [element for element in map(self._element, found) if element is not None]

    def root_of(self, resource: Resource) -> RootGraph:
        """The root that a resource belongs to."""
        return self._root_of[id(resource.root)]

    def view(self, resource: Resource) -> ResourceView:
        """The resource as conditions see it: properties and relations by name."""
        view = self._views.get(id(resource))
        if view is None:
            view = self._views[id(resource)] = ResourceView(self, resource)
        return view

    def related(self, resource: Resource, name: str) -> Value | None:
        """What a relation leads to in the scenario in force; None if the type has no such relation.

        A list of views, or for a relation to one resource the view itself. What lies outside the root, or may or may
        not exist, is an unknown element; a relation to one that nobody wrote is Absent.
        """
        forward = relations().forward.get(resource.type, {}).get(name)
        if forward is not None:
            return self.follow(resource, forward)
        inverse = relations().inverse.get(resource.type, {}).get(name)
        if inverse is not None and resource.partial:
            elsewhere = Unknown(UNRESOLVED, f"{name} are declared with the resource itself", range=resource.header)
            return Known([elsewhere], TUPLE, resource.header)
        return self._inverse(resource, inverse) if inverse is not None else None

    def kept(self, name: Hashable, resource: Resource, compute: Callable[[], object]) -> object | None:
        """What `compute` says of a resource, remembered under a name; once more only where inputs that it read differ.

        None where it leads back to itself, or cannot be evaluated.
        """
        found = self._kept.get((name, id(resource)))
        if found is None:
            found = self._kept[name, id(resource)] = Deferred(resource.root.world, lambda: Known(compute(), _KEPT))
        value = found.force()
        return value.data if isinstance(value, Known) else None

    def kept_of_root(self, name: str, root: RootGraph, compute: Callable[[], object]) -> object:
        """What `compute` says of a root in all scenarios, made when it is first asked for."""
        key = (name, id(root))
        if key not in self._kept_of_root:
            self._kept_of_root[key] = compute()
        return self._kept_of_root[key]

    def follow(self, resource: Resource, relation: Relation) -> Value:
        """What one relation of a resource leads to, as `related` gives it."""
        elements: list[Value] = []
        written = False
        for path in relation.by:
            for value in values_at(resource.properties, path):
                written = True
                elements += self.named(resource, value, relation.targets, relation.name)
        if relation.many:
            return Known(elements, TUPLE, resource.header)
        if elements:
            return elements[0]
        if written:
            return Unknown(
                UNRESOLVED, f"{relation.name} of {resource.address} does not exist here", range=resource.header
            )
        return Absent(relation.name, range=resource.header, spelled=relation.name)

    def named(self, resource: Resource, value: Value, types: tuple[str, ...], what: str = "") -> list[Value]:
        """The views of the resources of some types that a value in a resource names; an unknown where others may be."""
        found = match(value, self.root_of(resource).candidates(types))
        elements = [element for element in map(self._element, found.sure) if element is not None]
        if found.maybe or found.outside:
            elements.append(self._unresolved(value, what or types[0], found.outside))
        return elements

    def _inverse(self, resource: Resource, inverse: Iterable[Relation]) -> Value:
        elements: list[Value] = []
        root = self.root_of(resource)
        for relation in inverse:
            for source in root.pointing_at(resource, relation):
                named = self.kept(
                    ("names", relation.source, relation.name), source, partial(_named_by, source, relation, root)
                )
                sure = isinstance(named, dict) and named.get(id(resource)) is True
                maybe = isinstance(named, dict) and id(resource) in named
                if sure:
                    element = self._element(source)
                    if element is not None:
                        elements.append(element)
                elif maybe:
                    elements.append(
                        Unknown(
                            UNRESOLVED,
                            f"nobody knows whether {source.address} belongs to {resource.address}",
                            range=source.header,
                        )
                    )
        return Known(elements, TUPLE, resource.header)

    def _element(self, resource: Resource) -> Value | None:
        """The view of a resource that exists; an unknown where nobody knows; None where it does not."""
        exists = resource.exists.force()
        if is_false(exists):
            return None
        if is_true(exists) or resource.written.symbolic:
            return self.view(resource)
        return Unknown(
            UNRESOLVED, f"nobody knows whether {resource.address} exists", range=resource.header, sources=(exists,)
        )

    def _unresolved(self, value: Value, name: str, outside: bool) -> Unknown:
        reason, what = (OUTSIDE, "is declared outside this root") if outside else (UNRESOLVED, "cannot be told")
        return Unknown(reason, f"{name} {what}", range=value.range, sources=(value,))


def _named_by(source: Resource, relation: Relation, root: RootGraph) -> dict[int, bool]:
    """id of each resource that a relation of another names in the scenario in force → whether it certainly does."""
    named: dict[int, bool] = {}
    for path in relation.by:
        for value in values_at(source.properties, path):
            found = match(value, root.candidates(relation.targets))
            named.update((id(one), True) for one in found.sure)
            for one in found.maybe:
                named.setdefault(id(one), False)
    return named


class ResourceView(Lazy):
    """A resource in a condition: `StorageEncrypted` is a property, `subnet` a relation.

    What stands beside the properties is there under its CloudFormation name (DeletionPolicy, DependsOn, Metadata, …).
    """

    __slots__ = ("graph", "resource")

    def __init__(self, graph: ResourceGraph, resource: Resource) -> None:
        super().__init__(resource.header)
        self.graph = graph
        self.resource = resource

    def get(self, name: str, range: SourceRange | None) -> Value:
        related = self.graph.related(self.resource, name)
        if related is not None:
            return related
        if name in BESIDE_PROPERTIES:
            return self.resource.written.meta.get(name, range)
        return self.resource.properties.get(name, range)

    def names(self) -> list[str]:
        return self.resource.properties.names()


BESIDE_PROPERTIES = frozenset(
    {"DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Metadata", "CreationPolicy", "UpdatePolicy", "lifecycle"}
)


def build_graph(roots: list[Root]) -> ResourceGraph:
    """Lift every root's resources, fold their side-cars and make the edges askable."""
    return ResourceGraph([RootGraph(root) for root in roots])
