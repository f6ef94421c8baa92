"""Reduces the JSON schema of a registry type to what a scan needs: names, kinds, required and enumerated values.

In the flow: beside it; distill calls it while developing, registry reads the nodes that it makes.

A node is one of
  "string" "boolean" "integer" "number"   a scalar
  "json"                                  free-form: the schema says nothing, or allows unlike kinds
  "#Name"                                 the definition of that name in the same type
  [node]                                  a list of such elements
  {"enum": [...], "kind": scalar}         a scalar with few enumerated values; no kind: a string
  {"properties": {name: node}, "required": [name], "values": node}
                                          an object; "values" stands for every name that is not listed (a map)
"""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
Node = str | list[Any] | dict[str, Any]

SCALARS = frozenset({"string", "boolean", "integer", "number"})
LONGEST_ENUM = 25
_DEFINITION = "#/definitions/"
# The keywords that say what may stand in a place; others are texts and bounds.
_COMBINATIONS = ("allOf", "oneOf", "anyOf")
_CONTENT = frozenset(
    {"type", "properties", "patternProperties", "additionalProperties", "items", "required", "enum", "const"}
).union(_COMBINATIONS)


def distil_type(schema: Schema) -> dict[str, Any]:
    """The entry of one type: an object node, and definitions, read_only, primary_identifier; none of them empty."""
    return _Distiller(schema).entry()


class _Facts:
    """What one or more schemas say about one place, references followed, before any node is made below it."""

    __slots__ = ("enum", "items", "kinds", "properties", "required", "values")

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.properties: dict[str, list[Schema]] = {}
        self.items: list[Schema] = []
        self.values: list[Schema] = []
        self.required: set[str] = set()
        self.enum: list[Any] | None = None

    def absorb(self, other: "_Facts") -> None:
        """Take over every name and kind; `required` and `enum` depend on whether both hold or either does."""
        self.kinds |= other.kinds
        for name, schemas in other.properties.items():
            self.properties.setdefault(name, []).extend(schemas)
        self.items += other.items
        self.values += other.values

    def both(self, other: "_Facts") -> None:
        """Both hold at once."""
        self.absorb(other)
        self.required |= other.required
        if other.enum is not None:
            self.enum = other.enum if self.enum is None else [value for value in self.enum if value in other.enum]


class _Distiller:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        # None while a definition is being made: a reference to it from below itself is how recursion ends.
        self.definitions: dict[str, Node | None] = {}

    def entry(self) -> dict[str, Any]:
        root = self._node_of(self._facts(self.schema, frozenset()), frozenset())
        entry = {
            **(root if isinstance(root, dict) else {}),
            "definitions": {name: node for name, node in self.definitions.items() if not isinstance(node, str)},
            "read_only": sorted(map(_dotted, self.schema.get("readOnlyProperties", ()))),
            "primary_identifier": list(map(_dotted, self.schema.get("primaryIdentifier", ()))),
        }
        return {key: value for key, value in entry.items() if value}

    def _node(self, schemas: Sequence[Schema], expanded: frozenset[str]) -> Node:
        """The node of one place; `expanded` holds the references that are written out above it."""
        distinct = [schema for i, schema in enumerate(schemas) if schema not in schemas[:i]]
        pointers = [pointer for pointer in map(_sole_reference, distinct) if pointer]
        if len(distinct) == 1 and pointers and pointers[0].startswith(_DEFINITION):
            return self._reference(pointers[0])
        for pointer in pointers:
            if pointer in expanded:  # only a combination that contains itself comes here
                return self._reference(pointer) if pointer.startswith(_DEFINITION) else "json"
        return self._node_of(self._either(distinct, frozenset()), expanded.union(pointers))

    def _node_of(self, facts: _Facts, expanded: frozenset[str]) -> Node:
        kinds = facts.kinds - {"null"}
        # "One or a list of them", and a list that may also be an intrinsic function: paths see through lists.
        if kinds == {"array"} or (facts.items and {"array", "object"} <= kinds <= {"array", "object", "string"}):
            return [self._node(facts.items, expanded) if facts.items else "json"]
        if facts.properties or facts.values:
            node: dict[str, Any] = {
                "properties": {name: self._node(schemas, expanded) for name, schemas in facts.properties.items()},
                "required": sorted(facts.required & facts.properties.keys()),
                "values": self._node(facts.values, expanded) if facts.values else None,
            }
            return {key: value for key, value in node.items() if value}
        if "string" not in kinds and kinds > {"object"}:
            kinds -= {"object"}  # SAM's schemas allow for an intrinsic function this way; with a string it is JSON
        if kinds == {"integer", "number"}:
            return "number"
        if len(kinds) != 1 or not kinds <= SCALARS:
            return "json"
        (kind,) = kinds
        if facts.enum and len(facts.enum) <= LONGEST_ENUM:
            return {"enum": facts.enum} if kind == "string" else {"kind": kind, "enum": facts.enum}
        return kind

    def _reference(self, pointer: str) -> Node:
        name = pointer.removeprefix(_DEFINITION)
        if name not in self.definitions:
            self.definitions[name] = None
            facts = self._facts(self._resolve(pointer), frozenset({pointer}))
            self.definitions[name] = self._node_of(facts, frozenset({pointer}))
        node = self.definitions[name]
        return node if isinstance(node, str) else "#" + name

    def _facts(self, schema: Schema, followed: frozenset[str]) -> _Facts:
        """What a schema says itself, through its references and in all its combinations."""
        facts = _own_facts(schema)
        pointer = schema.get("$ref")
        if pointer is not None and pointer not in followed:
            facts.both(self._facts(self._resolve(pointer), followed | {pointer}))
        for part in schema.get("allOf", ()):
            facts.both(self._facts(part, followed))
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                facts.both(self._either(schema[keyword], followed))
        return facts

    def _either(self, schemas: Sequence[Schema], followed: frozenset[str]) -> _Facts:
        """What alternatives say together: any of their names may be there, required is what all of them require."""
        found = [self._facts(schema, followed) for schema in schemas]
        facts = _Facts()
        for each in found:
            facts.absorb(each)
        facts.required = set.intersection(*(each.required for each in found)) if found else set()
        if found and all(each.enum is not None for each in found):
            facts.enum = list(dict.fromkeys(value for each in found for value in each.enum or ()))
        return facts

    def _resolve(self, pointer: str) -> Schema:
        found: Any = self.schema
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        resolved: Schema = found
        return resolved


def _own_facts(schema: Schema) -> _Facts:
    """What a schema says without looking into references and combinations."""
    facts = _Facts()
    kinds = schema.get("type", ())
    facts.kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    facts.properties = {name: [property_schema] for name, property_schema in schema.get("properties", {}).items()}
    facts.required = set(schema.get("required", ()))
    facts.items = [schema["items"]] if "items" in schema else []
    facts.values = list(schema.get("patternProperties", {}).values())
    additional = schema.get("additionalProperties", False)
    if isinstance(additional, Mapping):
        facts.values.append(additional)
    elif additional and facts.properties:
        facts.values.append({})  # listed names and any other
    if "enum" in schema:
        facts.enum = list(schema["enum"])
    elif "const" in schema:
        facts.enum = [schema["const"]]
    return facts


def _sole_reference(schema: Schema) -> str | None:
    """The reference that a schema consists of (beside texts and bounds), also as the only member of a combination."""
    if "$ref" in schema:
        pointer: str = schema["$ref"]
        return pointer
    content = [key for key in schema if key in _CONTENT]
    if len(content) == 1 and content[0] in _COMBINATIONS and len(schema[content[0]]) == 1:
        return _sole_reference(schema[content[0]][0])
    return None


def _dotted(pointer: str) -> str:
    """`/properties/Endpoint/Address` as GetAtt names it: `Endpoint.Address`."""
    steps = pointer.split("/")[2:]
    return ".".join("*" if step == "items" else step for step in steps if step != "properties")
