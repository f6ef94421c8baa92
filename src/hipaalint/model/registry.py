"""The schema of every registry type (`AWS::S3::Bucket`): names, kinds, required and enumerated values, GetAtt, Ref.

In the flow: asked by lift (which name does this argument have?) and by the checks' validation (does this path exist?).
The index behind it is written by `python -m hipaalint.model.distill`; a type is decoded when it is first asked for,
a property when it is first reached.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from .index_file import IndexFile, index_path
from .tables import read_yaml_folder

REGISTRY_FILE = "registry.json"


def normalised(name: str) -> str:
    """The form in which Terraform's and the registry's names meet: `kms_key_id` and `KmsKeyId` give `kmskeyid`."""
    return name.lower().replace("_", "")


def is_list_step(step: str) -> bool:
    """Whether a step of a path names an element of a list (`[]`, `*` or an index) rather than a property."""
    return step in ("[]", "*") or step.isdecimal()


class PropertySchema:
    """What may stand in one place.

    `kind` is object, array, string, boolean, integer, number or json. json is free-form: the schema says nothing more
    (a policy document), or allows unlike kinds. `items` is the element of an array. `properties` are the named members
    of an object, `values` is what any other name holds: an object with `values` and no properties is a map.
    `enum` is empty where the schema lists no values or too many to be worth keeping.
    """

    __slots__ = (
        "_definitions",
        "_items",
        "_names",
        "_nodes",
        "_properties",
        "_values",
        "enum",
        "kind",
        "name",
        "required",
    )

    def __init__(self, name: str, node: Any, definitions: Mapping[str, Any]) -> None:
        if isinstance(node, str) and node.startswith("#"):
            node = definitions[node[1:]]
        self.name = name
        self.required: frozenset[str] = frozenset()
        self.enum: tuple[Any, ...] = ()
        self._definitions = definitions
        self._nodes: Mapping[str, Any] = {}
        self._items: Any = None
        self._values: Any = None
        self._properties: dict[str, PropertySchema] = {}
        self._names: dict[str, str] | None = None
        if isinstance(node, str):
            self.kind = node
        elif isinstance(node, list):
            self.kind = "array"
            self._items = node[0]
        elif "enum" in node:
            self.kind = node.get("kind", "string")
            self.enum = tuple(node["enum"])
        else:
            self.kind = "object"
            self._nodes = node.get("properties", {})
            self._values = node.get("values")
            self.required = frozenset(node.get("required", ()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.kind}>"

    @property
    def items(self) -> "PropertySchema | None":
        """The element of an array, None for every other kind."""
        return None if self._items is None else PropertySchema(self.name, self._items, self._definitions)

    @property
    def values(self) -> "PropertySchema | None":
        """What an object holds under names that it does not list, None if it allows no others."""
        return None if self._values is None else PropertySchema("*", self._values, self._definitions)

    @property
    def properties(self) -> dict[str, "PropertySchema"]:
        """The named members of an object, sorted by name; one level, so that recursive schemas are no danger."""
        for name in self._nodes:
            self._member(name)
        return {name: self._properties[name] for name in self._nodes}

    def find(self, normalised_name: str) -> str | None:
        """The property whose normalised name this is; None if there is none."""
        if self._names is None:
            self._names = {normalised(name): name for name in self._nodes}
        return self._names.get(normalised_name)

    def property(self, path: Sequence[str]) -> "PropertySchema | None":
        """The schema at the end of a path; None if the registry knows no such property.

        Lists are transparent: their element may be a step (`[]`, `*`, an index) or be left out. In a map every step is
        a key. Below free-form json everything is free-form json.
        """
        here: PropertySchema = self
        for position, step in enumerate(path):
            if here.kind == "array" and is_list_step(step):
                found = here.items
            else:
                found = here._element()._step(step)
            if found is None:
                return None
            if found.kind == "json" and position + 1 < len(path):
                return PropertySchema(path[-1], "json", {})
            here = found
        return here

    def add(self, path: Sequence[str], node: Any) -> None:
        """One more property, in an object that is not inside a list. Raises KeyError where there is no such object."""
        parent = self.property(path[:-1])
        if parent is None or parent.kind != "object":
            raise KeyError(".".join(path))
        parent._nodes = {**parent._nodes, path[-1]: node}
        parent._names = None

    def _element(self) -> "PropertySchema":
        here = self
        while (items := here.items) is not None:
            here = items
        return here

    def _step(self, name: str) -> "PropertySchema | None":
        if name in self._nodes:
            return self._member(name)
        if self.kind == "json":
            return PropertySchema(name, "json", {})
        return None if self._values is None else PropertySchema(name, self._values, self._definitions)

    def _member(self, name: str) -> "PropertySchema":
        member = self._properties.get(name)
        if member is None:
            member = self._properties[name] = PropertySchema(name, self._nodes[name], self._definitions)
        return member


class TypeSchema(PropertySchema):
    """A resource type: an object that also says what `Ref` and `GetAtt` give.

    `read_only` are the dotted names that the service sets (`Endpoint.Address`); `primary_identifier` the names whose
    values, joined by `|`, are what `Ref` returns for a registry type.
    """

    __slots__ = ("primary_identifier", "read_only")

    def __init__(self, name: str, entry: Mapping[str, Any]) -> None:
        super().__init__(name, entry, entry.get("definitions", {}))
        self.read_only: frozenset[str] = frozenset(entry.get("read_only", ()))
        self.primary_identifier: tuple[str, ...] = tuple(entry.get("primary_identifier", ()))


class Registry:
    """All registry types of cfn-lint's us-east-1 bundle and of SAM."""

    __slots__ = ("_index", "_types")

    def __init__(self, index: IndexFile) -> None:
        self._index = index
        self._types: dict[str, TypeSchema | None] = {}

    def type(self, name: str) -> TypeSchema | None:
        """The schema of a type, None if it is unknown (also for `Custom::` types, which have none)."""
        if name not in self._types:
            entry = self._index.decode(name)
            schema = self._types[name] = None if entry is None else TypeSchema(name, entry)
            if schema is not None:
                for path, node in additions().get(name, {}).items():
                    schema.add(path.split("."), node)
        return self._types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __contains__(self, name: object) -> bool:
        return name in self._index


@cache
def additions() -> dict[str, Mapping[str, Any]]:
    """Type → dotted path → node: what a service has and its registry type lacks (model/tables.py)."""
    found: dict[str, Mapping[str, Any]] = {}
    for _file, content in read_yaml_folder("additions"):
        for type, nodes in (content or {}).items():
            found[type] = {**found.get(type, {}), **nodes}
    return found


@cache
def registry() -> Registry:
    """The committed index, read once a process."""
    return Registry(IndexFile.open(index_path(REGISTRY_FILE)))
