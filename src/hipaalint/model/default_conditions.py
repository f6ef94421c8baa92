"""The conditions under which rows of the defaults table hold: HCL over the other properties of the resource.

Between model/defaults.py, which has the rows, and model/lift.py, which asks.
"""

from __future__ import annotations

from functools import lru_cache

from ..expression.evaluator import evaluate
from ..expression.functions import TERRAFORM_FUNCTIONS
from ..expression.scope import Scope
from ..expression.tree import Expression
from ..expression.values import ERROR, EvaluationError, Unknown, Value
from ..source import SourceRange
from ..syntax.hcl import parse_expression
from .resource import Resource


class PropertyScope(Scope):
    """The names of a default's condition: the properties of the resource."""

    __slots__ = ("resource",)

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource.root.world, TERRAFORM_FUNCTIONS, condition=True)
        self.resource = resource

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        return self.resource.properties.get(name, range)


@lru_cache(maxsize=1024)
def _parsed(condition: str) -> Expression:
    return parse_expression(condition)


def holds_for(condition: str, resource: Resource) -> Value:
    """Whether a condition of the defaults table holds for a resource: a bool value, or an unknown."""
    try:
        return evaluate(_parsed(condition), PropertyScope(resource))
    except EvaluationError as error:
        return Unknown(ERROR, error.message)
