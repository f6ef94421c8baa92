"""What holds PHI and which environment something belongs to, for conditions: `scope.holds_phi`, `receives_phi(self)`.

Domain functions: registered here, called by expressions through policy/functions.py. The walk is graph/phi_scope.py's.
"""

from __future__ import annotations

from ..expression.values import UNRESOLVED, Known, Lazy, Unknown, Value, is_true, known
from ..graph.graph import ResourceGraph, ResourceView
from ..graph.phi_scope import Declaration, Received, declaration, environment, receives_phi
from ..graph.tags import tags_of
from ..model.resource import Resource
from ..source import SourceRange
from .check import SEVERITIES
from .decisions import Decision, domain_function
from .evidence import Traced

SCOPE_NAMES = ("declared", "environment", "holds_phi")


class ScopeObject(Lazy):
    """`scope` in a condition.

    holds_phi: it is declared to, or receives PHI without anybody's saying that it holds none. declared: somebody says
    whether it does. environment: the value of its tag, else of its deployment; null where nothing says.
    """

    __slots__ = ("view",)

    def __init__(self, view: ResourceView) -> None:
        super().__init__(view.range)
        self.view = view

    def get(self, name: str, range: SourceRange | None) -> Value:
        graph, resource = self.view.graph, self.view.resource
        if name == "environment":
            found = environment(graph, resource)
            return found if isinstance(found, Value) else known(found or None)
        said = declaration(graph, resource)
        if name == "declared":
            if said.said or said.holds is None:
                return _decided(True if said.said else None, said)
            return Decision(False, tags_of(self.view)).value(None)  # where it would be said
        if said.said or said.holds is None:
            return _decided(said.holds, said)
        return _traced(receives_phi(graph, resource))

    def names(self) -> list[str]:
        return list(SCOPE_NAMES)


@domain_function("receives_phi", 1, 1)
def phi_received(self: Value) -> Value:
    """Whether data gets to a resource from another one of its root that is declared to hold PHI.

    By replication, snapshots, streams, events, backups, exports, delivered logs and grants to read; the path is part of
    the finding. Where a tag says that there is no PHI, all but plain copies end.
    """
    if not isinstance(self, ResourceView):
        return Decision(None, self).value(None)
    return _traced(receives_phi(self.graph, self.resource))


def holds_phi(graph: ResourceGraph, resource: Resource) -> bool:
    """Whether a resource certainly holds PHI, in the scenario in force."""
    return is_true(ScopeObject(graph.view(resource)).get("holds_phi", None))


def raised(severity: str, more: bool) -> str:
    """One level above a severity, if there is one and it is asked for."""
    return SEVERITIES[min(SEVERITIES.index(severity) + more, len(SEVERITIES) - 1)]


def _decided(holds: bool | None, said: Declaration) -> Value:
    return Decision(holds, *(() if said.value is None else (said.value,))).value(None)


def _traced(received: Received) -> Value:
    values = tuple(step.value for step in received.path if step.value is not None)
    value = Decision(received.holds, *values).value(None)
    if isinstance(value, Known):
        return Traced(value, received.path)
    assert isinstance(value, Unknown)
    if not any(isinstance(one, Unknown) for one in values):
        value.reason, value.detail = UNRESOLVED, "nobody knows whether PHI gets there"
    return value
