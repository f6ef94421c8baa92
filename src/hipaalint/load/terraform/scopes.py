"""What names mean in a module instance, and in one instance of a block with count or for_each.

Made by module_instance.py; the evaluator asks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...expression.scope import Function, LocalScope, OpaqueConditions, Scope
from ...expression.tree import Expression
from ...expression.values import EvaluationError, Lazy, Value
from ...expression.world import Input, World
from ...source import SourceRange

_OF_INSTANCE = re.compile(r"\b(?:each|count|self)\s*[.\[]")
_ONLY_IN = {
    "each": "each can be used in blocks with for_each only",
    "count": "count can be used in blocks with count only",
    "self": "self can be used in provisioners and conditions only",
}


class ModuleScope(Scope):
    """The names of a module instance; `namespace` makes each of them once."""

    __slots__ = ("_namespace", "_opaque", "_spaces")

    def __init__(
        self,
        world: World,
        functions: Mapping[str, Function],
        context: Any,
        namespace: Callable[[str], Lazy],
        address: str,
    ) -> None:
        super().__init__(world, functions, context)
        self._namespace = namespace
        self._spaces: dict[str, Lazy] = {}
        self._opaque = OpaqueConditions(f"{address}: " if address else "")

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        space = self._spaces.get(name)
        if space is None:
            problem = _ONLY_IN.get(name)
            if problem is not None:
                raise EvaluationError(problem, range)
            space = self._spaces[name] = self._namespace(name)
        return space

    def opaque(self, condition: Expression, round: str = "") -> Input | None:
        return self._opaque.input(condition, round)


class InstanceScope(LocalScope):
    """The names of one instance: each, count or self before those of its module.

    A condition that speaks of them means something else in every instance, so it is an atom of its own.
    """

    __slots__ = ("_opaque",)

    def __init__(self, parent: Scope, names: Mapping[str, Value], address: str) -> None:
        super().__init__(parent, names)
        self._opaque = OpaqueConditions(f"{address}: ")

    def opaque(self, condition: Expression, round: str = "") -> Input | None:
        if _OF_INSTANCE.search(condition.range.text):
            return self._opaque.input(condition, round)
        return self.parent.opaque(condition, round)


class TemplateScope(Scope):
    """The names of a template that templatefile or templatestring evaluates: its variables, nothing else."""

    __slots__ = ("_names",)

    def __init__(
        self, world: World, functions: Mapping[str, Function], context: Any, names: Mapping[str, Value]
    ) -> None:
        super().__init__(world, functions, context)
        self._names = names

    def lookup(self, name: str, range: SourceRange | None) -> Value:
        value = self._names.get(name)
        if value is None:
            raise EvaluationError(f'the template is given no variable "{name}"', range)
        return value
