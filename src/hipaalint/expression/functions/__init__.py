"""The functions of Terraform and OpenTofu, in one table by name.

Called by the evaluator through a scope; the functions live in this folder, one module a family.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import (
    collections,
    dates,
    encoding,
    files,
    format,
    hashes,
    json_text,
    logic,
    mappings,
    network,
    numbers,
    re2,
    sets,
    strings,
    yaml_text,
)
from .function import Call, CallContext, Function, table
from .json_text import Encoded

TERRAFORM_FUNCTIONS: Mapping[str, Function] = MappingProxyType(table())

__all__ = [
    "TERRAFORM_FUNCTIONS",
    "Call",
    "CallContext",
    "Encoded",
    "Function",
    "collections",
    "dates",
    "encoding",
    "files",
    "format",
    "hashes",
    "json_text",
    "logic",
    "mappings",
    "network",
    "numbers",
    "re2",
    "sets",
    "strings",
    "yaml_text",
]
