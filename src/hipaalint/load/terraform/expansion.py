"""count and for_each: which instances there are in the scenario in force, and which there can be in any.

Used by module_instance.py for resources and modules alike. What can exist is settled when a root is loaded.
"""

from __future__ import annotations

from collections import deque

from ...expression.convert import to_bool, to_number
from ...expression.evaluator import evaluate
from ...expression.scope import Scope, truth
from ...expression.tree import Conditional, Expression, Literal, Object
from ...expression.values import (
    BOOL,
    CONDITION,
    NUMBER,
    OBJECT,
    SEQUENCES,
    SET,
    STRING,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    is_false,
    is_null,
    is_true,
    known,
)
from ...expression.world import Constant, Deferred, Input, Part, Reads, World
from ...source import SourceRange
from ...syntax.hcl import AttributeDefinition
from .blocks import collection_of, unknown_element

INSTANCE_LIMIT = 2_000  # of one block; no real configuration comes near
SCENARIO_LIMIT = 24


class Symbolic:
    """The key of the one instance that stands for any number, where nobody knows count or for_each."""

    def __repr__(self) -> str:
        return "*"


SYMBOLIC = Symbolic()
Key = None | int | str | Symbolic


class Expansion:
    """The value of count or for_each of one block in one module instance."""

    __slots__ = ("_keys", "attribute", "counted", "value", "world")

    def __init__(self, attribute: AttributeDefinition, counted: bool, scope: Scope) -> None:
        self.attribute = attribute
        self.counted = counted
        self.world = scope.world
        self._keys: tuple[Value, list[int | str]] | None = None
        compute = _count if counted else _for_each
        self.value = Deferred(scope.world, lambda: compute(attribute, scope))

    @property
    def range(self) -> SourceRange:
        return self.attribute.range

    def in_force(self) -> list[int | str] | None:
        """The keys in the scenario in force, in Terraform's order; None where they are unknown."""
        value = self.value.force()
        if not isinstance(value, Known):
            return None
        if self._keys is None or self._keys[0] is not value:
            if self.counted:
                keys: list[int | str] = list(range(value.data))
            elif isinstance(value.data, dict):
                keys = sorted(value.data)
            else:
                keys = sorted(item.data for item in value.data)
            self._keys = (value, keys)
        return self._keys[1]

    def element(self, key: Key) -> Value:
        """each.value of an instance."""
        value = self.value.force()
        if isinstance(value, Unknown):
            return unknown_element(value)[1]
        assert isinstance(value, Known)
        if isinstance(value.data, dict):
            found = value.data.get(key)
            if isinstance(found, Value):
                return found
        elif isinstance(value.data, list):
            found = next((item for item in value.data if item.data == key), None)
            if isinstance(found, Value):
                return found
        return Unknown(CONDITION, "there is no such instance in this scenario", range=value.range)

    def unknown_key(self) -> Unknown:
        """each.key or count.index of the symbolic instance."""
        type = NUMBER if self.counted else STRING
        value = self.value.force()
        if isinstance(value, Unknown):
            return Unknown(
                value.reason,
                value.detail,
                type,
                True,
                sources=(value,),
                references=value.references,
                sensitive=value.sensitive,
            )
        return Unknown(CONDITION, "there is no such instance in this scenario", type, True)

    def all_keys(self) -> tuple[list[int | str], bool]:
        """The keys of all instances that can exist in any scenario, and whether a symbolic one must be added.

        Inputs that the expansion compares with constants are split. Those without a value are split only as long as
        the keys are unknown (what is known does not depend on them), the others are tried one by one, then together,
        up to SCENARIO_LIMIT evaluations; past it the branches of a conditional say what is possible.
        """
        keys: dict[int | str, None] = {}
        results: set[tuple[int | str, ...]] = set()
        symbolic = False
        pending: deque[dict[Input, Part]] = deque([{}])
        seen: set[frozenset[tuple[Input, Part]]] = set()
        while pending and len(seen) < SCENARIO_LIMIT:
            assignment = pending.popleft()
            seen.add(frozenset(assignment.items()))
            with self.world.scenario(assignment) as reads:
                found = self.in_force()
            splittable = [input for input, constants in reads.items() if constants and input not in assignment]
            if found is None:
                opened = next((input for input in splittable if input.default is None), None)
                if opened is not None:
                    pending.extendleft({**assignment, opened: part} for part in reversed(parts(opened, reads)))
                    continue
                symbolic = True
            else:
                keys.update(dict.fromkeys(found))
                results.add(tuple(found))
            for input in splittable:
                if input.default is None:
                    continue
                for part in parts(input, reads):
                    other = {**assignment, input: part}
                    if part.value != getattr(input.default, "data", None) and frozenset(other.items()) not in seen:
                        pending.append(other)
        if pending and (symbolic or len(results) != 1):
            branches = self._branches(self.attribute.expression)
            if branches is None:
                symbolic = True
            else:
                keys.update(dict.fromkeys(branches))
        return sorted(keys, key=lambda key: (isinstance(key, str), key)), symbolic

    def _branches(self, expression: Expression) -> set[int | str] | None:
        """The keys that any branch of a conditional gives; None where one is not a constant of the text."""
        if isinstance(expression, Conditional):
            then, otherwise = self._branches(expression.then), self._branches(expression.otherwise)
            return None if then is None or otherwise is None else then | otherwise
        if self.counted and isinstance(expression, Literal) and isinstance(expression.value, int):
            return set(range(expression.value))
        if isinstance(expression, Object) and all(isinstance(key, Literal) for key, _ in expression.items):
            return {str(key.value) for key, _ in expression.items if isinstance(key, Literal)}
        return None


def parts(input: Input, reads: Reads) -> list[Part]:
    """The parts of an input's domain that an evaluation told apart."""
    constants = list(reads[input])
    if input.unknown.type == BOOL or all(isinstance(constant, bool) for constant in constants):
        return [Part(True), Part(False)]
    if input.domain is not None:
        return [Part(constant) for constant in input.domain]
    return [*(Part(constant) for constant in constants), Part(None, frozenset[Constant](constants))]


def _count(attribute: AttributeDefinition, scope: Scope) -> Value:
    value = to_number(evaluate(attribute.expression, scope))
    if is_null(value):
        raise EvaluationError("count must not be null", attribute.range)
    if isinstance(value, Unknown):
        return value
    assert isinstance(value, Known)
    if not isinstance(value.data, int) or value.data < 0:
        raise EvaluationError(f"count must be a whole number, not {value.data}", attribute.range)
    _limit(value.data, attribute)
    return value.at(attribute.range)


def _for_each(attribute: AttributeDefinition, scope: Scope) -> Value:
    value = collection_of(attribute.expression, scope)
    if isinstance(value, Unknown):
        return value
    assert isinstance(value, Known)
    if value.kind in SEQUENCES and value.kind != SET:
        if value.data:
            raise EvaluationError("for_each goes through a map or a set of strings, not a list", attribute.range)
        return Known({}, OBJECT, attribute.range, (value,))
    if value.kind == SET:
        for item in value.data:
            if not isinstance(item, Known) or item.kind != STRING:
                raise EvaluationError("for_each goes through a set of strings only", attribute.range)
    _limit(len(value.data), attribute)
    return value


def _limit(instances: int, attribute: AttributeDefinition) -> None:
    if instances > INSTANCE_LIMIT:
        raise EvaluationError(f"more than {INSTANCE_LIMIT:,} instances of one block are not expanded", attribute.range)


def existence(owner: Deferred, expansion: Expansion | None, key: Key, address: str) -> Deferred:
    """Whether an instance exists: its owner does, and its key is in the expansion in force."""
    if expansion is None:
        return owner
    choice: list[Input] = []
    return both(owner, Deferred(owner.world, lambda: _own_existence(expansion, key, address, choice)))


def both(owner: Deferred, own: Deferred) -> Deferred:
    """Whether something exists that depends on its owner and on a condition of its own."""

    def compute() -> Value:
        outer = owner.force()
        if is_false(outer):
            return outer
        inner = own.force()
        return inner if is_true(outer) or is_false(inner) else outer

    return Deferred(owner.world, compute)


def _own_existence(expansion: Expansion, key: Key, address: str, choice: list[Input]) -> Value:
    value = expansion.value.force()
    keys = expansion.in_force()
    if keys is not None:
        return Known(key in keys, BOOL, expansion.range, (value,), sensitive=value.sensitive)
    assert isinstance(value, Unknown)
    if not isinstance(key, Symbolic):
        detail = f"nobody can say whether {address} exists: {value.detail}"
        return Unknown(value.reason, detail, BOOL, True, range=expansion.range, sources=(value,))
    if value.length is not None and value.length[0] > 0:
        return Known(True, BOOL, expansion.range, (value,))
    return _chosen(value, expansion.range, address, choice, expansion.world)


def enabled_value(attribute: AttributeDefinition, scope: Scope, address: str) -> Deferred:
    """Whether OpenTofu's `enabled` says that a block is there."""
    choice: list[Input] = []

    def compute() -> Value:
        value = to_bool(evaluate(attribute.expression, scope)).at(attribute.range)
        if is_null(value):
            raise EvaluationError("enabled must not be null", attribute.range)
        if value.input is not None:
            scope.world.propose(value.input, True)
            if isinstance(value, Unknown) and scope.world.excludes(value.input, True):
                return known(False, attribute.range)
        elif isinstance(value, Unknown):
            return _chosen(value, attribute.range, address, choice, scope.world)
        return value

    return Deferred(scope.world, compute)


def _chosen(value: Unknown, range: SourceRange, address: str, choice: list[Input], world: World) -> Value:
    """The existence of what nobody can decide: an input of its own, made once."""
    if not choice:
        detail = f"nobody can say whether {address} exists: {value.detail}"
        unknown = Unknown(value.reason, detail, BOOL, True, range=range, sources=(value,))
        choice.append(Input(f"{address} exists", unknown, truth, (True, False), range=range))
    opened = world.value_of(choice[0])
    return known(False, range) if world.excludes(choice[0], True) else opened


class EachObject(Lazy):
    """`each` of one instance."""

    __slots__ = ("expansion", "key")

    def __init__(self, expansion: Expansion, key: Key) -> None:
        super().__init__()
        self.expansion = expansion
        self.key = key

    def get(self, name: str, range: SourceRange | None) -> Value:
        if name == "key":
            if isinstance(self.key, Symbolic):
                return self.expansion.unknown_key()
            return Known(self.key, STRING, range)
        if name == "value":
            return self.expansion.element(self.key)
        raise EvaluationError(f'each has no attribute "{name}", only key and value', range)

    def names(self) -> list[str]:
        return ["key", "value"]


class CountObject(Lazy):
    """`count` of one instance."""

    __slots__ = ("expansion", "key")

    def __init__(self, expansion: Expansion, key: Key) -> None:
        super().__init__()
        self.expansion = expansion
        self.key = key

    def get(self, name: str, range: SourceRange | None) -> Value:
        if name != "index":
            raise EvaluationError(f'count has no attribute "{name}", only index', range)
        return self.expansion.unknown_key() if isinstance(self.key, Symbolic) else known(self.key, range)

    def names(self) -> list[str]:
        return ["index"]
