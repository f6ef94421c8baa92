"""What the loaders have to ask of the schemas, without importing model/ themselves: handed over in LoadOptions.

Used by pipeline.py and policy/examples.py when they make a LoadOptions.
"""

from __future__ import annotations

from .provider_schema import provider_schema
from .registry import registry
from .tables import row


def identifier(type: str) -> str | None:
    """The property whose value `Ref` gives, where the author writes it."""
    found = row(type)
    schema = registry().type(found.type if found is not None else type)
    if schema is None or len(schema.primary_identifier) != 1 or schema.primary_identifier[0] in schema.read_only:
        return None
    return schema.primary_identifier[0]


def nested_blocks(type: str, path: str) -> frozenset[str]:
    """The names that are blocks, not arguments, in a Terraform type or in the block of it at a path."""
    schema = provider_schema().type(type)
    block = schema.argument(path.split(".")) if schema is not None and path else schema
    names = (block.arguments or {}) if block is not None else {}
    return frozenset(name for name, entry in names.items() if not isinstance(entry, str))
