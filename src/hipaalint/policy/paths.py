"""Whether the names in a check's expressions exist: properties by the registry's schemas, relations by their tables.

Used by `hipaalint test` and by the tests of the checks that come with hipaalint; a run does not pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ..expression.tree import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Splat,
    SplatItem,
    Template,
    TemplateFor,
    Tuple,
    Unary,
)
from ..graph.graph import BESIDE_PROPERTIES
from ..graph.relations import relations
from ..model.provider_schema import provider_schema
from ..model.registry import PropertySchema, registry
from ..source import Diagnostic
from .check import Check
from .engine import FUNCTIONS, compile_check
from .phi import SCOPE_NAMES
from .program import Program

_OWN_NAMES = ("param", "resource", "scope", "type")


class _Shape:
    """What a name may stand for: views of resources of some types, or places in schemas; neither: anything."""

    __slots__ = ("schemas", "types")

    def __init__(self, types: tuple[str, ...] = (), schemas: tuple[PropertySchema, ...] = ()) -> None:
        self.types = types
        self.schemas = schemas


_ANYTHING = _Shape()


def unknown_names(check: Check) -> list[Diagnostic]:
    """An error for each name in filter, condition or message that no type of the check has, and each function that
    there is not. Raises SyntaxFault where an expression cannot be read.
    """
    diagnostics: list[Diagnostic] = []
    for part in (check, *check.also):
        program = compile_check(part)
        for field in ("filter", "condition", "message"):
            expression = getattr(program, field)
            if expression is not None:
                _Walk(program, field, diagnostics).shape(expression, {})
    return diagnostics


class _Walk:
    __slots__ = ("diagnostics", "field", "program", "self")

    def __init__(self, program: Program, field: str, diagnostics: list[Diagnostic]) -> None:
        self.program = program
        self.field = field
        self.diagnostics = diagnostics
        self.self = _Shape(tuple(program.check.resources))

    def shape(self, node: Expression, names: Mapping[str, _Shape]) -> _Shape:
        """What an expression stands for; names: the loop variables."""
        if isinstance(node, Name):
            if node.name in names:
                return names[node.name]
            if node.name == "self":
                return self.self
            return _ANYTHING if node.name in _OWN_NAMES else self.member(self.self, node.name, node)
        if isinstance(node, SplatItem):
            return names.get("*", _ANYTHING)
        if isinstance(node, Attribute):
            if isinstance(node.source, Name) and node.source.name == "param":
                if node.name not in self.program.check.parameters:
                    self.error(f'the check declares no parameter "{node.name}"', node)
                return _ANYTHING
            if isinstance(node.source, Name) and node.source.name == "scope":
                if node.name not in SCOPE_NAMES:
                    self.error(f'scope has no "{node.name}"{_nearest(node.name, set(SCOPE_NAMES))}', node)
                return _ANYTHING
            return self.member(self.shape(node.source, names), node.name, node)
        if isinstance(node, Index):
            source = self.shape(node.source, names)
            self.shape(node.key, names)
            if isinstance(node.key, Literal) and isinstance(node.key.value, str):
                return self.member(source, node.key.value, node)
            return source
        if isinstance(node, Splat):
            return self.shape(node.each, {**names, "*": self.shape(node.source, names)})
        if isinstance(node, For):
            return self.loop(node, names)
        if isinstance(node, Conditional):
            self.shape(node.condition, names)
            then, otherwise = self.shape(node.then, names), self.shape(node.otherwise, names)
            if _ANYTHING in (then, otherwise):
                return _ANYTHING
            return _Shape(then.types + otherwise.types, then.schemas + otherwise.schemas)
        if isinstance(node, Call) and node.name not in (*FUNCTIONS, "try", "can"):
            self.error(f'there is no function "{node.name}"{_nearest(node.name, FUNCTIONS)}', node)
        for child in _children(node):
            self.shape(child, names)
        return _ANYTHING

    def loop(self, node: For, names: Mapping[str, _Shape]) -> _Shape:
        # Lists are transparent: what holds for the list holds for its elements.
        inner = {**names, node.value: self.shape(node.collection, names)}
        if node.key is not None:
            inner[node.key] = _ANYTHING
        for child in (node.condition, node.key_result):
            if child is not None:
                self.shape(child, inner)
        result = self.shape(node.value_result, inner)
        return result if node.key_result is None else _ANYTHING

    def member(self, shape: _Shape, name: str, node: Expression) -> _Shape:
        if not shape.types and not shape.schemas:
            return _ANYTHING
        types: list[str] = []
        schemas: list[PropertySchema] = []
        free = False
        known: set[str] = set()
        for type in shape.types:
            # A data source has the relations of the resources of its type, and arguments of its own.
            forward = relations().forward.get(type.removeprefix("data."), {})
            inverse = relations().inverse.get(type.removeprefix("data."), {})
            known |= {*forward, *inverse}
            if name in forward:
                types += forward[name].targets
            elif name in inverse:
                types += (relation.source for relation in inverse[name])
            elif name in BESIDE_PROPERTIES:
                free = True
            else:
                registered = registry().type(type)
                if registered is None:
                    free = free or _written_argument(type, name)
                else:
                    known |= set(registered.properties)
                    schemas += filter(None, [registered.property((name,))])
        for schema in shape.schemas:
            known |= set(_element(schema).properties)
            schemas += filter(None, [schema.property((name,))])
        if not types and not schemas and not free:
            what = " or ".join(shape.types) or " or ".join(dict.fromkeys(schema.name for schema in shape.schemas))
            self.error(f'{what} has no property or relation "{name}"{_nearest(name, known)}', node)
        if free or any(schema.kind == "json" for schema in schemas):
            return _ANYTHING
        return _Shape(tuple(dict.fromkeys(types)), tuple(schemas))

    def error(self, message: str, node: Expression) -> None:
        place = self.program.place(self.field, node.range) or node.range
        self.diagnostics.append(Diagnostic("error", f"{self.field} of {self.program.check.id}: {message}", place))


def _element(schema: PropertySchema) -> PropertySchema:
    while (items := schema.items) is not None:
        schema = items
    return schema


def _written_argument(type: str, name: str) -> bool:
    """Whether a type of the Terraform provider (or one that nobody has a schema of) may have an argument."""
    schema = provider_schema().type(type)
    return schema is None or schema.argument((name,)) is not None


def _nearest(name: str, known: object) -> str:
    assert isinstance(known, (set, dict))
    near = get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _children(node: Expression) -> list[Expression]:
    if isinstance(node, Binary):
        return [node.left, node.right]
    if isinstance(node, Unary):
        return [node.operand]
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Tuple):
        return node.items
    if isinstance(node, Template):
        return node.parts
    if isinstance(node, Object):
        return [part for item in node.items for part in item]
    if isinstance(node, TemplateFor):
        return [node.collection]
    return []
