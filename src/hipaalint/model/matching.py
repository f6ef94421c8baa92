"""Which resources a value names: by reference, by the name written out, or perhaps, where a part of it is unknown.

Used by model/fold.py for side-cars and by graph/relations.py for edges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..expression.values import (
    MAPPINGS,
    SEQUENCES,
    Absent,
    Known,
    Lazy,
    Unknown,
    Value,
    all_references,
    is_null,
)
from ..resource import WrittenResource
from .registry import registry
from .resource import Resource


class Match:
    """sure: certainly named. maybe: may be named, nobody knows. outside: something that this root does not declare."""

    __slots__ = ("maybe", "outside", "sure")

    def __init__(self) -> None:
        self.sure: list[Resource] = []
        self.maybe: list[Resource] = []
        self.outside = False


class Candidates:
    """The resources of one root that a value could name, by what was written and by name."""

    __slots__ = ("_by_written", "_named", "resources")

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = resources
        self._by_written: dict[int, Resource] = {}
        for resource in resources:
            self._by_written[id(resource.written)] = resource
        self._named: dict[str, list[Resource]] | None = None

    def of_written(self, written: WrittenResource) -> Resource | None:
        return self._by_written.get(id(written))

    def named(self, name: str) -> list[Resource]:
        """Those whose identifying name is known to be this one."""
        if self._named is None:
            self._named = {}
            for resource in self.resources:
                text = identifying_name(resource)
                if text is not None:
                    self._named.setdefault(text, []).append(resource)
        return self._named.get(name, [])

    def possible(self, fits: Callable[[str], bool]) -> list[Resource]:
        """Those whose known name fits."""
        self.named("")
        assert self._named is not None
        return [resource for name, resources in self._named.items() if fits(name) for resource in resources]


# Where the identifier that others write out is not the schema's primary identifier.
NAME_PROPERTIES = {
    "AWS::IAM::Policy": "PolicyName",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
}


def identifying_name(resource: Resource) -> str | None:
    """The name by which other resources write it out (`BucketName`), if it is known."""
    name = NAME_PROPERTIES.get(resource.type)
    if name is None:
        schema = registry().type(resource.type)
        if schema is None or len(schema.primary_identifier) != 1 or schema.primary_identifier[0] in schema.read_only:
            return None
        name = schema.primary_identifier[0]
    value = resource.properties.get(name, None)
    return value.data if isinstance(value, Known) and isinstance(value.data, str) else None


def match(value: Value, candidates: Candidates) -> Match:
    """What a value names. Lists name what their elements name; null and absent name nothing."""
    result = Match()
    _match(value, candidates, result)
    return result


def _match(value: Value, candidates: Candidates, result: Match) -> None:
    if isinstance(value, Absent) or is_null(value):
        return
    found = [r for r in (candidates.of_written(written) for written, _ in value.references) if r is not None]
    if found and not (isinstance(value, Unknown) and value.reason == "condition"):
        result.sure.extend(resource for resource in found if resource not in result.sure)
        return
    if isinstance(value, Known) and value.kind in SEQUENCES:
        for item in value.data:
            _match(item, candidates, result)
        return
    if (isinstance(value, Known) and value.kind in MAPPINGS) or isinstance(value, Lazy):
        return
    possible = [r for r in (candidates.of_written(written) for written, _ in all_references(value)) if r is not None]
    if isinstance(value, Known):
        text = str(value.data)
        named = candidates.named(text) or candidates.named(
            text.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if ":" in text else text
        )
        if named:
            result.sure.extend(named)
        elif possible:
            result.sure.extend(possible)
        else:
            result.outside = True
        return
    if isinstance(value, Unknown) and not possible and value.parts and any(value.parts):
        first, last = value.parts[0], value.parts[-1]
        possible = candidates.possible(lambda name: name.startswith(first or "") and name.endswith(last or ""))
    if possible:
        result.maybe.extend(possible)
    else:
        result.outside = True
