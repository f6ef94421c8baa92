"""Which resources a value names: by reference, by the name written out, or perhaps, where a part of it is unknown.

Used by model/fold.py for side-cars and by graph/relations.py for edges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..expression.values import (
    CONDITION,
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

    __slots__ = ("_by_written", "_named", "_signed", "resources")

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = resources
        self._by_written: dict[int, Resource] = {}
        for resource in resources:
            self._by_written[id(resource.written)] = resource
        self._named: dict[str, list[Resource]] | None = None
        self._signed: dict[Signature, list[Resource]] | None = None

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

    def signed(self, value: Unknown) -> list[Resource]:
        """Those whose identifying name is not known either, but certainly this one: made of the same pieces and inputs."""
        if self._signed is None:
            self._signed = {}
            for resource in self.resources:
                name = identifying_value(resource)
                own = signature(name) if isinstance(name, Unknown) else None
                if own is not None:
                    self._signed.setdefault(own, []).append(resource)
        wanted = signature(value) if self._signed else None
        return self._signed.get(wanted, []) if wanted is not None else []

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
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::SecretsManager::Secret": "Name",
}


def identifying_value(resource: Resource) -> Value | None:
    """The value of the property by which other resources write it out (`BucketName`); None if there is no such one."""
    name = NAME_PROPERTIES.get(resource.type)
    if name is None:
        schema = registry().type(resource.type)
        if schema is None or len(schema.primary_identifier) != 1 or schema.primary_identifier[0] in schema.read_only:
            return None
        name = schema.primary_identifier[0]
    return resource.properties.get(name, None)


def identifying_name(resource: Resource) -> str | None:
    """The name by which other resources write it out, if it is known."""
    value = identifying_value(resource)
    return value.data if isinstance(value, Known) and isinstance(value.data, str) else None


# How a text is made: its known pieces, the expression behind it, and the inputs and attributes that fill its holes.
Signature = tuple[tuple[str | None, ...] | None, str, tuple[tuple[int, str], ...]]
_DEEPEST = 32
_KEY = re.compile(r"""\A["']?\w+["']?\s*[:=]\s""")  # a written value's range begins with its name


def signature(value: Unknown) -> Signature | None:
    """What makes two texts equal although nobody knows them; None where that cannot be told."""
    for _ in range(_DEEPEST):
        # A copy at another place has one source, which is the same; copies of inputs and references are marked as such.
        source = value.sources[0] if len(value.sources) == 1 and value.input is None and not value.references else None
        if not isinstance(source, Unknown) or source.parts != value.parts or source.input is not None:
            break
        value = source
    holes: list[tuple[int, str]] = []
    if not _holes(value, holes, _DEEPEST):
        return None
    text = "" if value.input is not None or value.references or value.range is None else value.range.text
    return value.parts, " ".join(_KEY.sub("", text).split()), tuple(holes)


def _holes(value: Value, holes: list[tuple[int, str]], depth: int) -> bool:
    """Collect what fills the holes; False where something else than an input or an attribute does."""
    if not isinstance(value, Unknown):
        return isinstance(value, Known)
    if value.input is not None:
        holes.append((id(value.input), ""))
        return True
    if value.references:
        holes.extend((id(resource), attribute) for resource, attribute in value.references)
        return True
    if depth == 0 or not value.sources:
        return False
    return all(_holes(source, holes, depth - 1) for source in value.sources)


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
    if isinstance(value, Unknown) and (same := candidates.signed(value)):
        result.sure.extend(resource for resource in same if resource not in result.sure)
        return
    possible = [r for r in (candidates.of_written(written) for written, _ in all_references(value)) if r is not None]
    if isinstance(value, Known):
        text = str(value.data)
        named = next(filter(None, map(candidates.named, _names_in(text))), None)
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
    elif len(possible) == 1 and isinstance(value, Unknown) and value.reason != CONDITION and _whole_step(value.parts):
        result.sure.extend(possible)
        return
    if possible:
        result.maybe.extend(possible)
    else:
        result.outside = True


def _names_in(text: str) -> list[str]:
    """What an ARN or a path may name, the likeliest first: all of it, its last step, then the steps before it."""
    own = text.rsplit(":", 1)[-1]
    if own is text and (text.startswith("/") or "/" not in text):
        return [text]  # a name such as /aws/lambda/records has no steps
    *steps, last = own.split("/")
    return [text, last, *steps]


def _whole_step(parts: tuple[str | None, ...] | None) -> bool:
    """Whether what fills a text's hole is all of a step of a path or ARN: `table/${Table}/index/by-date` names the table,
    `${Bucket}-logs` another bucket than `Bucket`. Only an ARN, whose other steps are regions and accounts, has several.
    """
    if parts is None or None not in parts or (parts.count(None) > 1 and not (parts[0] or "").startswith("arn:")):
        return False
    return all(
        (before is not None and before[-1:] in ("", "/", ":")) and (after is not None and after[:1] in ("", "/", ":"))
        for before, hole, after in zip(("", *parts), parts, (*parts[1:], ""), strict=False)
        if hole is None
    )
