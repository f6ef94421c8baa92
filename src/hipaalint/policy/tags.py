"""Tags in every form: lists of keys and values, maps, and Auto Scaling's entries with their own extra member.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.evaluator import operand
from ..expression.values import NULL, OBJECT, SEQUENCES, Absent, Known, Lazy, Unknown, Value
from ..graph.graph import ResourceView
from ..model.provider_schema import provider_schema
from ..model.registry import registry
from ..model.resource import Resource
from .decisions import Decision, any_of, domain_function, elements, member, nothing, text


def entries(tags: Value) -> Iterator[tuple[Value, Value]]:
    """(key, value) of every tag; an unknown key where a tag, or all of them, cannot be known."""
    if nothing(tags):
        return
    tags = operand(tags)
    if isinstance(tags, Known) and tags.kind in SEQUENCES:
        for item in tags.data:
            if isinstance(item, Unknown):
                yield item, item
            elif not nothing(item):
                yield member(item, "Key"), member(item, "Value")
        return
    if isinstance(tags, Lazy):
        tags = tags.materialize()
    if isinstance(tags, Known) and isinstance(tags.data, dict):
        for name, value in tags.data.items():
            yield Known(name, "string", value.range, (value,)), value
    elif isinstance(tags, Unknown):
        yield tags, tags


@domain_function("tag", 2, 2)
def tag(tags: Value, key: Value) -> Value:
    """The value of a tag; null if there is none, unknown if one of unknown key may be it."""
    wanted = text(key)
    unknown: Value | None = None
    for name, value in entries(tags):
        if isinstance(name, Unknown):
            unknown = unknown or name
        elif wanted is not None and text(name) == wanted:
            return value
    if unknown is not None:
        return unknown
    if wanted is None:
        return operand(key)
    # Where the tags are written (or would be), so that a finding points there.
    return Known(None, NULL, None, (tags,))


@domain_function("has_tag", 2, 3)
def has_tag(tags: Value, key: Value, values: Value | None = None) -> Decision:
    """Whether there is a tag of this key, or of one of these keys; with `values`, whether it has one of them.

    Keys are compared exactly, as AWS does; values without regard to capitals.
    """
    keys = {text(item) for item in elements(key)}
    wanted = None if values is None else {(text(item) or "").lower() for item in elements(values)}
    found: list[Decision] = []
    for name, value in entries(tags):
        if isinstance(name, Unknown):
            found.append(Decision(None, name))
        elif text(name) in keys:
            if wanted is None:
                found.append(Decision(True, value))
            elif isinstance(value, Unknown):
                found.append(Decision(None, value))
            else:
                found.append(Decision((text(value) or "").lower() in wanted, value))
    return any_of(found, *(() if found else (_place(tags),)))


def _place(tags: Value) -> Value:
    return tags if tags.range is not None or isinstance(tags, Absent) else operand(tags)


# Where a type keeps its tags if not in `Tags`: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
_PROPERTIES = (
    "Tags",
    "FileSystemTags",
    "AccessPointTags",
    "UserPoolTags",
    "IdentityPoolTags",
    "HostedZoneTags",
    "BackupVaultTags",
    "BackupPlanTags",
    "FrameworkTags",
    "ReportPlanTags",
)


def _tag_property(resource: Resource) -> str | None:
    written = resource.written
    if written.origin == "aws":
        provider = provider_schema().type(written.type)
        if provider is None:
            taken = "tags" in written.body.names()
        else:
            taken = any(provider.argument((name,)) is not None for name in ("tags", "tag"))
        if not taken:
            return None
    schema = registry().type(resource.type)
    if schema is None:
        return "tags" if written.origin == "aws" else None
    return next((name for name in _PROPERTIES if schema.property((name,)) is not None), None)


@domain_function("taggable", 1, 1)
def taggable(self: Value) -> Decision:
    """Whether a resource is of a type that takes tags."""
    return Decision(isinstance(self, ResourceView) and _tag_property(self.resource) is not None)


@domain_function("tags_of", 1, 1)
def tags_of(self: Value) -> Value:
    """The tags of a resource, whatever its type calls them; null if it takes none."""
    name = _tag_property(self.resource) if isinstance(self, ResourceView) else None
    if name is None or not isinstance(self, ResourceView):
        return Known(None, NULL)
    own = self.get(name, self.range)
    added = self.resource.written.default_tags
    if name != "tags" or added is None or isinstance(operand(own), Unknown):
        return own  # the provider's default tags are among those of a registry type
    merged: dict[str, Value] = {}
    for key, value in (*entries(added.force()), *entries(own)):
        written = text(key)
        if written is None:
            return key
        merged[written] = value
    return Known(merged, OBJECT, own.range)
