"""The tags of a resource, whatever its type calls them and in whatever form they are written.

Used by graph/phi_scope.py and, as functions of conditions, by policy/tags.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.decision import member, nothing, text
from ..expression.evaluator import operand
from ..expression.values import NULL, OBJECT, SEQUENCES, Known, Lazy, Unknown, Value
from ..model.provider_schema import provider_schema
from ..model.registry import registry
from ..model.resource import Resource
from .graph import ResourceView


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


def tag_property(resource: Resource) -> str | None:
    """The property in which a resource has its tags; None if its type takes none."""
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


def tags_of(self: Value) -> Value:
    """The tags of a resource, whatever its type calls them; null if it takes none."""
    name = tag_property(self.resource) if isinstance(self, ResourceView) else None
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
