"""Scenarios: inputs of a root, assignments to them, and evaluation on demand that remembers what it depended on.

The loaders declare an Input for what somebody outside decides (a variable, a parameter, a condition nobody can decide);
Deferred values note the inputs they read; the engine (policy/engine.py) splits only those. See docs/design.md, "Choices".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..source import SourceRange
from .values import BOOL, ERROR, LIMIT, STRING, EvaluationError, LimitReached, Unknown, Value

Constant = bool | int | str  # hashable form of a scalar
OPERATIONS = 4_000_000  # calls and turns of loops in one root; 50,000 resources with their checks take one million


class Input:
    """Something that is decided outside the text.

    label: as people know it (`var.env`, `Env`, or the text of an undecidable condition).
    domain: all values it can take, where they are written down; None if it is free.
    default: its value as long as no scenario says otherwise; None if it has none.
    make: turns a constant of the domain into a Value of the input's type.
    """

    __slots__ = ("default", "domain", "label", "make", "range", "unknown")

    def __init__(
        self,
        label: str,
        unknown: Unknown,
        make: Callable[[Constant], Value],
        domain: tuple[Constant, ...] | None = None,
        default: Value | None = None,
        range: SourceRange | None = None,
    ) -> None:
        self.label = label
        self.unknown = unknown
        self.make = make
        self.domain = domain
        self.default = default
        self.range = range
        unknown.input = self
        if default is not None:
            default.input = self

    def __repr__(self) -> str:
        return f"Input({self.label})"


class Part:
    """One part of an input's domain: a single value, all but some (the default stands for them), or any at all."""

    __slots__ = ("excluded", "value")

    def __init__(self, value: Constant | None, excluded: frozenset[Constant] = frozenset()) -> None:
        self.value = value
        self.excluded = excluded

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Part)
            and self.value == other.value
            and type(self.value) is type(other.value)
            and self.excluded == other.excluded
        )

    def __hash__(self) -> int:
        return hash((self.value, self.excluded))

    def describe(self, label: str) -> str:
        """`Env = "prod"` or `Env ≠ "prod"`, for people."""
        if self.value is not None:
            return f"{label} = {_spell(self.value)}"
        return " and ".join(f"{label} ≠ {_spell(value)}" for value in sorted(self.excluded, key=repr))


def _spell(constant: Constant) -> str:
    if isinstance(constant, bool):
        return "true" if constant else "false"
    return f'"{constant}"' if isinstance(constant, str) else str(constant)


def _fitting(input: Input, constant: Constant) -> Constant:
    """A constant in the type of the input: a parameter that is a text is "false" where a property is false."""
    if input.unknown.type == STRING and not isinstance(constant, str):
        return ("true" if constant else "false") if isinstance(constant, bool) else str(constant)
    if input.unknown.type == BOOL and constant in ("true", "false"):
        return constant == "true"
    return constant


Reads = dict[Input, dict[Constant, None]]  # the inputs read, each with the constants it was compared with


class World:
    """The scenario that is in force, and the record of what the evaluation under way has read.

    exceeded: what was not evaluated because of a limit, with its place.
    possible: whether an assignment can be deployed at all; set by a loader whose language has rules for that.
    """

    __slots__ = ("assignment", "exceeded", "operations", "operations_limit", "possible", "reads")

    def __init__(self, operations_limit: int = OPERATIONS) -> None:
        self.assignment: dict[Input, Part] = {}
        self.reads: Reads = {}
        self.exceeded: dict[SourceRange | None, str] = {}
        self.operations = 0
        self.operations_limit = operations_limit
        self.possible: Callable[[dict[Input, Part]], bool] = lambda assignment: True

    def value_of(self, input: Input, propose: bool = True) -> Value:
        """The input's value in this scenario; notes the reading (and its written domain as worth splitting)."""
        constants = self.reads.setdefault(input, {})
        if propose and input.domain is not None:
            for constant in input.domain:
                constants[constant] = None
        part = self.assignment.get(input)
        if part is None:
            return input.default if input.default is not None else input.unknown
        if part.value is not None:
            value = input.make(part.value)
            value.input = input
            value.range = value.range or input.range
            return value
        if input.default is not None and part.excluded:
            data = getattr(input.default, "data", None)
            if data is not None and data not in part.excluded:
                return input.default
        return input.unknown

    def propose(self, input: Input, constant: Constant) -> None:
        """The evaluation compared the input with a constant: worth telling the two cases apart."""
        self.reads.setdefault(input, {})[_fitting(input, constant)] = None

    def excludes(self, input: Input, constant: Constant) -> bool:
        """The scenario in force says that the input is not this constant."""
        part = self.assignment.get(input)
        return part is not None and _fitting(input, constant) in part.excluded

    def count_operation(self) -> None:
        """Bounds the work on a root by operations, not by the clock. Raises LimitReached at the limit."""
        self.operations += 1
        if self.operations > self.operations_limit:
            raise LimitReached(
                f"evaluation of this root stopped after {self.operations_limit:,} operations, which is the limit;"
                " split the root, or make its loops smaller"
            )

    @contextmanager
    def scenario(self, assignment: dict[Input, Part]) -> Iterator[Reads]:
        """Evaluate under an assignment; yields the record of what was read."""
        before, reads = self.assignment, self.reads
        self.assignment, self.reads = assignment, {}
        try:
            yield self.reads
        finally:
            self.assignment, self.reads = before, reads


class Deferred:
    """A value that is computed when it is first needed and remembered with the inputs it depended on."""

    __slots__ = ("_compute", "_memo", "_running", "_value", "world")

    def __init__(self, world: World, compute: Callable[[], Value]) -> None:
        self.world = world
        self._compute: Callable[[], Value] | None = compute
        self._value: Value | None = None
        self._memo: list[tuple[dict[Input, Part | None], Reads, Value]] | None = None
        self._running = False

    @classmethod
    def of(cls, world: World, value: Value) -> Deferred:
        """One that is settled already."""
        self = cls(world, lambda: value)
        self._compute = None
        self._value = value
        return self

    def force(self) -> Value:
        """The value in the scenario in force. Never raises: a failed evaluation is an unknown value."""
        if self._value is not None:
            return self._value
        world = self.world
        if self._memo is not None:
            for parts, reads, value in self._memo:
                if all(world.assignment.get(input) == part for input, part in parts.items()):
                    _merge(world.reads, reads)
                    return value
        if self._running:
            return Unknown(ERROR, "it refers to itself")
        assert self._compute is not None
        outer, world.reads = world.reads, {}
        self._running = True
        try:
            value = self._compute()
        except LimitReached as error:
            value = Unknown(LIMIT, error.message, range=error.range)
            world.exceeded.setdefault(error.range, error.message)
        except EvaluationError as error:
            value = Unknown(ERROR, error.message, range=error.range)
        except RecursionError:
            value = Unknown(LIMIT, "the expression is nested too deeply")
        finally:
            self._running = False
            reads, world.reads = world.reads, outer
        if reads:
            if self._memo is None:
                self._memo = []
            self._memo.append(({input: world.assignment.get(input) for input in reads}, reads, value))
            _merge(outer, reads)
        else:
            self._value = value
            self._compute = None
        return value


def _merge(into: Reads, reads: Reads) -> None:
    for input, constants in reads.items():
        into.setdefault(input, {}).update(constants)
