"""What provider blocks say about all their resources: default tags and region.

Used by module_instance.py, which finds the block that a resource belongs to.
"""

from __future__ import annotations

from ...expression.scope import Scope
from ...expression.values import Absent, Known, Lazy, Unknown, Value
from ...expression.world import Deferred
from ...resource import Attributes
from .blocks import BlockFields
from .module_body import ProviderText


class ProviderSettings:
    """One configuration of a provider. default_tags, region: None where nothing is written."""

    __slots__ = ("_fields", "default_tags", "region")

    def __init__(self, text: ProviderText, scope: Scope) -> None:
        self._fields = Attributes(BlockFields(text.text, scope, f"provider.{text.name}"), None)
        self.default_tags: Deferred | None = None
        self.region: Deferred | None = None
        if "default_tags" in text.text.blocks:
            self.default_tags = Deferred(scope.world, self._default_tags)
        if "region" in text.text.attributes:
            self.region = self._fields.fields["region"]

    def _default_tags(self) -> Value:
        """The tags as an object or map; those that ignore_tags names are left out."""
        tags = self._only("default_tags", "tags")
        if isinstance(tags, Lazy):
            tags = tags.materialize()
        if isinstance(tags, Absent) or (isinstance(tags, Known) and not isinstance(tags.data, dict)):
            return Known({}, "object", tags.range)
        ignored, prefixes = _texts(self._only("ignore_tags", "keys")), _texts(self._only("ignore_tags", "key_prefixes"))
        if not isinstance(tags, Known) or not (ignored or prefixes):
            return tags
        kept = tags.copy()
        kept.data = {
            name: value
            for name, value in tags.data.items()
            if name not in ignored and not name.startswith(tuple(prefixes))
        }
        return kept

    def _only(self, block: str, name: str) -> Value:
        """An attribute of the one block of a type."""
        blocks = self._fields.get(block, None)
        if isinstance(blocks, Known) and blocks.data:
            first = blocks.data[0]
            assert isinstance(first, Lazy)
            return first.get(name, None)
        return blocks if isinstance(blocks, Unknown) else Absent(f"{block}.{name}")


def _texts(value: Value) -> list[str]:
    if not isinstance(value, Known) or not isinstance(value.data, list):
        return []
    return [item.data for item in value.data if isinstance(item, Known) and isinstance(item.data, str)]
