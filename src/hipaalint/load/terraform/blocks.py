"""The content of a block under a scope: attributes and nested blocks as Deferred values, made when they are asked for.

Used for the body and meta-arguments of every resource instance and for provider blocks; block_text.py has the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...expression.evaluator import evaluate, iterate, unknown_from
from ...expression.scope import Scope, truth
from ...expression.tree import Expression
from ...expression.values import (
    BOOL,
    CONDITION,
    DYNAMIC,
    ERROR,
    LIMIT,
    LIST,
    MAP,
    OBJECT,
    SET,
    STRING,
    TUPLE,
    EvaluationError,
    Known,
    Lazy,
    LimitReached,
    Type,
    Unknown,
    Value,
    is_null,
)
from ...expression.world import Deferred, Input
from ...resource import Attributes
from ...source import SourceRange
from ...syntax.hcl import AttributeDefinition
from .block_text import BlockText, NestedBlock


class BlockFields(Mapping[str, Deferred]):
    """The fields of an Attributes object. owner: address of the resource, for the names of undecidable choices."""

    __slots__ = ("_choices", "_made", "_owner", "_scope", "_text")

    def __init__(self, text: BlockText, scope: Scope, owner: str) -> None:
        self._text = text
        self._scope = scope
        self._owner = owner
        self._made: dict[str, Deferred] = {}
        self._choices: dict[NestedBlock, Input] = {}

    def get(self, name: str, default: object = None) -> Deferred | None:  # type: ignore[override]
        made = self._made.get(name)
        if made is not None:
            return made
        nested = self._text.blocks.get(name)
        if nested is not None:
            made = Deferred(self._scope.world, lambda: self._blocks(name, nested))
        else:
            attribute = self._text.attributes.get(name)
            if attribute is None:
                return None
            made = deferred_attribute(attribute, self._scope)
        self._made[name] = made
        return made

    def __getitem__(self, name: str) -> Deferred:
        field = self.get(name)
        if field is None:
            raise KeyError(name)
        return field

    def __iter__(self) -> Iterator[str]:
        yield from self._text.attributes
        yield from (name for name in self._text.blocks if name not in self._text.attributes)

    def __len__(self) -> int:
        return len(self._text.attributes.keys() | self._text.blocks.keys())

    def _blocks(self, name: str, nested: list[NestedBlock]) -> Value:
        """All blocks of one type: a tuple of objects, or unknown where a dynamic block may have any number."""
        items: list[Value] = []
        sources: list[Value] = []
        undecided: Unknown | None = None
        for block in nested:
            if block.for_each is None:
                items.append(self._object(block, self._scope))
                continue
            collection = collection_of(block.for_each, self._scope)
            sources.append(collection)
            if isinstance(collection, Known):
                for key, value in iterate(collection, block.for_each.range):
                    items.append(self._object(block, self._iteration(block, key, value)))
                continue
            assert isinstance(collection, Unknown)
            some = self._has_elements(name, block, collection)
            if some is None:
                undecided = undecided or collection
            if some is not False:
                key, value = unknown_element(collection)
                items.append(self._object(block, self._iteration(block, key, value)))
        blocks = Known(items, TUPLE, nested[0].header, tuple(sources))
        if undecided is None:
            return blocks
        unknown = unknown_from((undecided,), (LIST, DYNAMIC), range=nested[0].header, not_null=True)
        unknown.sources = (undecided, blocks)
        return unknown

    def _object(self, block: NestedBlock, scope: Scope) -> Attributes:
        return Attributes(BlockFields(block.text, scope, self._owner), block.header, block.path)

    def _iteration(self, block: NestedBlock, key: Value, value: Value) -> Scope:
        return self._scope.child({block.iterator: Known({"key": key, "value": value}, OBJECT)}, key)

    def _has_elements(self, name: str, block: NestedBlock, collection: Unknown) -> bool | None:
        """Whether a dynamic block over an unknown collection stands there at all; a choice for the check engine."""
        if collection.length is not None and collection.length[0] > 0:
            return True
        choice = self._choices.get(block)
        if choice is None:
            label = f"{self._owner} has {name} blocks"
            detail = f"nobody can say whether {label}: {collection.detail}"
            unknown = Unknown(CONDITION, detail, BOOL, True, range=block.header)
            choice = self._choices[block] = Input(label, unknown, truth, (True, False), range=block.header)
        return decided(self._scope, choice)


def decided(scope: Scope, choice: Input) -> bool | None:
    """The value of a boolean choice in the scenario in force; None where it is open."""
    value = scope.world.value_of(choice)
    if isinstance(value, Known):
        return bool(value.data)
    return False if scope.world.excludes(choice, True) else None


def deferred_attribute(attribute: AttributeDefinition, scope: Scope) -> Deferred:
    """The value of an attribute, at the whole `name = value`."""
    return Deferred(scope.world, lambda: evaluate_at(attribute.expression, scope, attribute.range))


def evaluate_at(expression: Expression, scope: Scope, range: SourceRange) -> Value:
    """An expression's value at a place; what cannot be evaluated is unknown there."""
    try:
        value = evaluate(expression, scope)
        if isinstance(value, Lazy) and value.many:
            value = value.materialize()
        return value.at(range)
    except LimitReached as error:
        scope.world.exceeded.setdefault(error.range, error.message)
        source = Unknown(LIMIT, error.message, range=error.range)
        return Unknown(LIMIT, error.message, range=range, sources=(source,))
    except EvaluationError as error:
        source = Unknown(ERROR, error.message, range=error.range)
        return Unknown(ERROR, error.message, range=range, sources=(source,))


def collection_of(expression: Expression, scope: Scope) -> Value:
    """What a `for_each` goes through: Known (list, set, map) or Unknown. Raises EvaluationError for anything else."""
    value = evaluate(expression, scope)
    if isinstance(value, Lazy):
        value = value.materialize()
    if is_null(value):
        raise EvaluationError("for_each must not be null", expression.range)
    if isinstance(value, Known) and not isinstance(value.data, (list, dict)):
        raise EvaluationError(f"for_each must be a collection, not a {value.kind}", expression.range)
    if isinstance(value, Known) and value.kind == SET:
        hole = next((item for item in value.data if isinstance(item, Unknown)), None)
        if hole is not None:
            unknown = unknown_from((hole,), (SET, hole.type), not_null=True)
            unknown.length = (1, len(value.data))
            unknown.sources = (value,)
            return unknown
    return value


def unknown_element(collection: Unknown) -> tuple[Unknown, Unknown]:
    """Key and value of any one element of an unknown collection."""
    type: Type = collection.type
    element: Type = DYNAMIC
    key: Type = DYNAMIC
    if not isinstance(type, str):
        if type[0] in (LIST, SET, MAP):
            element = type[1]
        key = STRING if type[0] in (MAP, SET, OBJECT) else DYNAMIC
    detail = collection.detail
    references, sensitive = collection.references, collection.sensitive

    def part(type: Type, not_null: bool) -> Unknown:
        return Unknown(
            collection.reason,
            detail,
            type,
            not_null,
            sources=(collection,),
            references=references,
            sensitive=sensitive,
        )

    return part(key, True), part(element, False)
