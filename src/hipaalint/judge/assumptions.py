"""Settings of the account that a configuration vouches for: they count as if each root declared them.

Between load/ and graph/, called by pipeline.py: conditions find them with `declared_beside`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..expression.values import known
from ..expression.world import Deferred
from ..policy.catalogue import Catalogue
from ..policy.check import Check
from ..policy.finding import Finding
from ..resource import CLOUDFORMATION, Attributes, Root, WrittenResource
from ..source import Diagnostic
from .configuration import ConfigurationError, nearest
from .rules import Assumption

_BESIDE = re.compile(r'declared_beside\(\s*self\s*,\s*"([^"]+)"\s*\)')


class Assumed:
    """What was put beside the resources of each root, so that it can be taken away again."""

    __slots__ = ("_resources",)

    def __init__(self, roots: Iterable[Root], assumptions: Iterable[Assumption]) -> None:
        self._resources: list[tuple[Root, WrittenResource]] = []
        for root in roots:
            for each in assumptions:
                resource = _resource(root, each)
                root.resources.append(resource)
                self._resources.append((root, resource))

    def withdraw(self, findings: Iterable[Finding]) -> list[Finding]:
        """The roots as they were written, and the findings on what was written."""
        asserted = {id(resource) for _, resource in self._resources}
        for root, resource in self._resources:
            root.resources.remove(resource)
        return [each for each in findings if each.resource is None or id(each.resource.written) not in asserted]


def assumable(catalogue: Catalogue) -> list[str]:
    """The types that a condition of some check looks for beside its resource."""
    return sorted({type for check in catalogue.checks.values() for type in assumable_of(check)})


def assumable_of(check: Check) -> list[str]:
    """The types that the conditions of one check look for beside its resource."""
    texts = [text for part in (check, *check.also) for text in (part.filter, part.condition) if text is not None]
    return [type for text in texts for type in _BESIDE.findall(text)]


def check_assumptions(catalogue: Catalogue, assumptions: Iterable[Assumption]) -> None:
    """Raises ConfigurationError for a type that no check asks for."""
    given = list(assumptions)
    types = assumable(catalogue) if given else []
    errors = []
    for each in given:
        if each.type not in types:
            hint = nearest(each.type, types) or f"; there are {', '.join(types)}"
            errors.append(Diagnostic("error", f'no check asks for the setting "{each.type}"{hint}', each.range))
    if errors:
        raise ConfigurationError(errors)


def _resource(root: Root, assumption: Assumption) -> WrittenResource:
    fields = {
        name: Deferred.of(root.world, known(value, assumption.range)) for name, value in assumption.members.items()
    }
    return WrittenResource(
        root,
        f"{assumption.type} (assumed)",
        assumption.type,
        assumption.type,
        CLOUDFORMATION if "::" in assumption.type else "aws",
        Attributes(fields, assumption.range),
        Deferred.of(root.world, known(True, assumption.range)),
        assumption.range,
        assumption.range,
    )
