"""Scopes: what names mean at one place of a configuration, a template or a check.

Loaders and the check engine subclass Scope; the evaluator asks it for names, functions and undecidable conditions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..source import SourceRange
from .tree import Expression
from .values import EvaluationError, Known, Unknown, Value, known
from .world import Input, World

# (context, evaluated arguments, range of the call) → value; see expression/functions
Function = Callable[[Any, list[Value], SourceRange | None], Value]


class Scope:
    """One place's names.

    world: the scenario in force. functions: by name. context: handed to functions (base folder, parsers, …).
    condition: True for the conditions of checks, where a property that nobody wrote is absent and not an error.
    """

    __slots__ = ("condition", "context", "functions", "world")

    def __init__(
        self, world: World, functions: Mapping[str, Function], context: Any = None, condition: bool = False
    ) -> None:
        self.world = world
        self.functions = functions
        self.context = context
        self.condition = condition

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        """The value of a first name. Raises EvaluationError when there is none."""
        raise EvaluationError(f'there is no "{name}" here', range)

    def opaque(self, condition: Expression, round: str = "") -> Input | None:
        """The input that stands for a condition nobody can decide; None where such conditions are not split.

        round: the keys of the loops around it whose variables it speaks of.
        """
        return None

    def child(self, names: Mapping[str, Value], key: Value | None = None) -> Scope:
        """This scope with loop variables before its names. key: tells the rounds of the loop apart."""
        return LocalScope(self, names, key)


class LocalScope(Scope):
    """A scope with a few names before those of its parent: loop variables, template variables."""

    __slots__ = ("key", "names", "parent")

    def __init__(self, parent: Scope, names: Mapping[str, Value], key: Value | None = None) -> None:
        super().__init__(parent.world, parent.functions, parent.context, parent.condition)
        self.parent = parent
        self.names = names
        self.key = key

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        value = self.names.get(name)
        return value if value is not None else self.parent.lookup(name, range)

    def opaque(self, condition: Expression, round: str = "") -> Input | None:
        # The same text means something else in each round of a loop, unless it has none of the loop's variables.
        if not self._named_in(condition):
            return self.parent.opaque(condition, round)
        key = self.key
        if not isinstance(key, Known) or not isinstance(key.data, (int, str)):
            return None
        return self.parent.opaque(condition, f"[{key.data}]{round}")

    def _named_in(self, condition: Expression) -> bool:
        return any(name in self.names for name in _WORD.findall(condition.range.text))


_WORD = re.compile(r"[\w-]+|\*")
MOST_ROUNDS = 4  # of one condition that are split; each doubles the scenarios


class OpaqueConditions:
    """Inputs for the undecidable conditions of one owner (a module instance, a template): equal texts are one."""

    __slots__ = ("_inputs", "_prefix")

    def __init__(self, prefix: str = "") -> None:
        self._inputs: dict[str, dict[str, Input]] = {}
        self._prefix = prefix

    def input(self, condition: Expression, round: str = "") -> Input | None:
        """The input of a condition, in a round of the loops around it; None for more rounds than are split."""
        text = " ".join(condition.range.text.split())
        rounds = self._inputs.setdefault(text, {})
        found = rounds.get(round)
        if found is None and len(rounds) < MOST_ROUNDS:
            where = f" in round {round}" if round else ""
            unknown = Unknown("condition", f"nobody can decide `{text}`{where}", "bool", True, range=condition.range)
            label = f"`{self._prefix}{text}`{where}"
            found = rounds[round] = Input(label, unknown, truth, (True, False), range=condition.range)
        return found


def truth(constant: object) -> Known:
    """A Known bool, as the `make` of boolean inputs."""
    return known(bool(constant))
