"""`Fn::ForEach` over resources, conditions and outputs: which elements there can be, and when each of them is there.

Used by stack.py; loops inside of a property are expressions, see lowering.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product

from ...expression.evaluator import unknown_from
from ...expression.scope import LocalScope, Scope
from ...expression.values import BOOL, SEQUENCES, Known, Unknown, Value
from ...expression.world import Deferred, Input, Part, Reads, World

LOOP_LIMIT = 1_000  # resources that one Fn::ForEach may make
TURN_LIMIT = 10_000  # of all loops of a template, inner ones as often as they are made
SCENARIOS = 16  # that are looked at for elements


class Round(LocalScope):
    """The scope of one round of a loop. member: whether the loop has this round; None: in every scenario."""

    __slots__ = ("member",)

    def __init__(self, parent: Scope, names: Mapping[str, Value], key: Value, member: Deferred | None) -> None:
        super().__init__(parent, names, key)
        self.member = member


def memberships(scope: Scope) -> list[Deferred]:
    """What the rounds around a scope depend on, the outermost last."""
    found: list[Deferred] = []
    while isinstance(scope, Round):
        if scope.member is not None:
            found.append(scope.member)
        scope = scope.parent
    return found


def elements(world: World, collection: Deferred) -> tuple[list[tuple[Value, Deferred | None]], Value]:
    """The elements of a collection in all scenarios, and its value with what is given and the defaults.

    Each comes with the question whether it is there, None where the collection depends on nothing. None at all:
    nobody knows the elements.
    """
    with world.scenario({}) as reads:
        base = collection.force()
    found: dict[object, Value] = {}
    for assignment in [{}, *_scenarios(reads)]:
        with world.scenario(assignment):
            value = collection.force()
        if isinstance(value, Known) and value.kind in SEQUENCES and len(value.data) <= LOOP_LIMIT:
            for item in value.data:
                found.setdefault(_name(item), item)
    if not any(reads.values()):
        return [(item, None) for item in found.values()], base
    return [(item, _member(world, collection, name)) for name, item in found.items()], base


def _scenarios(reads: Reads) -> list[dict[Input, Part]]:
    """The combinations of what the inputs were compared with; none where they are too many."""
    parts: list[list[tuple[Input, Part]]] = []
    for input, compared in reads.items():
        constants = list(input.domain or compared)
        if constants:
            rest = [] if input.domain is not None else [Part(None, frozenset(constants))]
            parts.append([(input, part) for part in [*map(Part, constants), *rest]])
    combined = list(islice(product(*parts), SCENARIOS + 1)) if parts else []
    return [dict(each) for each in combined] if len(combined) <= SCENARIOS else []


def _member(world: World, collection: Deferred, name: object) -> Deferred:
    def there() -> Value:
        value = collection.force()
        if isinstance(value, Known) and value.kind in SEQUENCES:
            return Known(any(_name(item) == name for item in value.data), BOOL, value.range, (value,))
        return unknown_from((value,), BOOL, range=value.range, not_null=True)

    return Deferred(world, there)


def _name(item: Value) -> object:
    """What makes two elements the same."""
    data = item.data if isinstance(item, Known) else None
    if isinstance(item, Unknown) or data is None or isinstance(data, (list, dict)):
        return id(item)
    return str(data)
