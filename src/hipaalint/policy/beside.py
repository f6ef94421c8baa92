"""What stands beside a resource in its root: settings of the account, and whatever refers to it.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.values import TUPLE, UNRESOLVED, Absent, Known, Unknown, Value, all_references
from ..graph.graph import ResourceView
from ..model.tables import row
from ..model.written import read_path
from ..resource import WrittenResource
from .decisions import Decision, domain_function, text
from .policy_document import read_policy


@domain_function("declared_beside", 2, 2)
def declared_beside(self: Value, type: Value) -> Value:
    """The resources of a type in the same root: settings of the account that hold for this resource as well."""
    name = text(type)
    if not isinstance(self, ResourceView) or name is None:
        return Known([], TUPLE)
    return Known(self.graph.beside(self.resource, name), TUPLE)  # without a place: that there is none is nobody's line


@domain_function("is_referenced", 1, 1)
def is_referenced(self: Value) -> Decision:
    """Whether another resource of the root refers to this one, side-cars that only describe it apart.

    Of one that an output gives away nobody knows.
    """
    if not isinstance(self, ResourceView):
        return Decision(None, self)
    uses = self.graph.root_of(self.resource).uses
    written = self.resource.written
    if any(not _describes(user, written) for user in uses.by_resource.get(id(written), ())):
        return Decision(True)
    if uses.exported is None or id(written) in uses.exported:
        return Decision(None, Unknown(UNRESOLVED, "an output gives it to other stacks", range=self.range))
    return Decision(False)


@domain_function("is_loose_policy", 2, 2)
def is_loose_policy(self: Value, kind: Value) -> Decision:
    """Whether an `aws_iam_policy_document` is used by no resource of its root, as one that a module only gives away:
    nothing else shows what it grants. kind: `identity`, `resource` or `trust`, by its principals and actions.
    """
    if not isinstance(self, ResourceView):
        return Decision(None, self)
    if self.graph.root_of(self.resource).uses.by_resource.get(id(self.resource.written)):
        return Decision(False)
    return Decision(text(kind) == _kind(policy_of(self)), self)


@domain_function("policy_of", 1, 1)
def policy_of(self: Value) -> Value:
    """The policy that an `aws_iam_policy_document` makes of its blocks."""
    if not isinstance(self, ResourceView):
        return self
    written = self.resource.written
    value = written.body.get("json", None)  # a plan has it
    return written.computed("json") if isinstance(value, Absent) and written.computed is not None else value


def _kind(document: Value) -> str:
    statements = [item for item in read_policy(document) if not isinstance(item, Unknown)]
    if not any(statement.principals for statement in statements):
        return "identity"
    about_sessions = any((text(action) or "").startswith("sts:") for item in statements for action in item.actions)
    return "trust" if about_sessions else "resource"


def _describes(user: WrittenResource, used: WrittenResource) -> bool:
    """Whether a resource is a side-car of another: the rule of a group, the policy of a bucket."""
    table_row = row(user.type)
    return table_row is not None and any(
        used is written for fold in table_row.folds for written, _ in all_references(read_path(user.body, fold.via))
    )
