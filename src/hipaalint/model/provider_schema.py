"""The arguments and nested blocks of the Terraform AWS provider's types that the lifting tables may speak of.

In the flow: asked by the tests of tables and examples, and by lift where a block's nesting matters.
Written by `python -m hipaalint.model.distill --terraform FILE`; a type is decoded when it is first asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from .index_file import IndexFile, index_path
from .registry import is_list_step, normalised

PROVIDER_FILE = "terraform.json"


class ArgumentSchema:
    """An argument or a nested block.

    `kind` is string, number, bool, list, set, map, any or block. `element` is the kind of what a list or set holds.
    `many`: the block may be repeated. `computed`: only the provider sets it (see `ProviderSchema.type`).
    Below `any`, and below a block whose content the index does not hold (`arguments` is None), every path exists.
    """

    __slots__ = ("_found", "arguments", "computed", "element", "kind", "many", "name", "required")

    def __init__(self, name: str, entry: str | Mapping[str, Any]) -> None:
        self.name = name
        self._found: dict[str, str] | None = None
        self.element: str | None = None
        self.many = False
        self.arguments: Mapping[str, Any] | None = None
        if isinstance(entry, str):
            text, _, mark = entry.partition(" ")
            self.kind, _, element = text.partition("(")
            self.element = element.removesuffix(")") or None
            self.required = mark == "required"
            self.computed = mark == "computed"
        else:
            self.kind = "block"
            self.arguments = entry.get("block") or None
            self.many = entry.get("many", False)
            self.required = entry.get("required", False)
            self.computed = entry.get("computed", False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.kind}>"

    def find(self, normalised_name: str) -> str | None:
        """The argument whose normalised name this is; None if there is none."""
        if self._found is None:
            self._found = {normalised(name): name for name in self.arguments or ()}
        return self._found.get(normalised_name)

    def argument(self, path: Sequence[str]) -> "ArgumentSchema | None":
        """The argument at the end of a path; steps that name an element of a list may be there or be left out."""
        here: ArgumentSchema = self
        for step in path:
            if is_list_step(step) and (here.many or here.kind in ("list", "set")):
                continue
            if here.kind in ("any", "map") or (here.kind == "block" and here.arguments is None):
                here = ArgumentSchema(step, "any")
            elif here.arguments is not None and step in here.arguments:
                here = ArgumentSchema(step, here.arguments[step])
            else:
                return None
        return here


class TerraformTypeSchema(ArgumentSchema):
    """A resource type or data source."""

    __slots__ = ()

    def __init__(self, name: str, arguments: Mapping[str, Any]) -> None:
        super().__init__(name, {"block": arguments})


class ProviderSchema:
    """The types in the index."""

    __slots__ = ("_index", "_types")

    def __init__(self, index: IndexFile) -> None:
        self._index = index
        self._types: dict[str, TerraformTypeSchema | None] = {}

    @property
    def source(self) -> dict[str, str]:
        """Provider and version, and whether attributes that only the provider sets are listed (`computed`)."""
        return self._index.source

    def type(self, name: str) -> TerraformTypeSchema | None:
        """The schema of a resource (`aws_lb`) or data source (`data.aws_ami`); None if the index does not hold it."""
        if name not in self._types:
            entry = self._index.decode(name)
            self._types[name] = None if entry is None else TerraformTypeSchema(name, entry)
        return self._types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __contains__(self, name: object) -> bool:
        return name in self._index


@cache
def provider_schema() -> ProviderSchema:
    """The committed index, read once a process."""
    return ProviderSchema(IndexFile.open(index_path(PROVIDER_FILE)))
