"""How a function becomes one that conditions can call; what such functions are made of stands in expression/decision.py.

Used by all modules of policy/ that have domain functions; policy/functions.py gathers them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from ..expression.decision import Decision, all_of, any_of, elements, member, names, nothing, pieces, text
from ..expression.scope import Function
from ..expression.values import EvaluationError, Value
from ..source import SourceRange

__all__ = [
    "Decision",
    "all_of",
    "any_of",
    "domain_function",
    "domain_functions",
    "elements",
    "member",
    "names",
    "nothing",
    "pieces",
    "text",
]

_DOMAIN_FUNCTIONS: dict[str, Function] = {}


def domain_function(name: str, least: int, most: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function for conditions. It gets its arguments as they are, absent and lazy ones too."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        def call(context: Any, arguments: list[Value], range: SourceRange | None) -> Value:
            if not least <= len(arguments) <= most:
                wanted = str(least) if least == most else f"{least} to {most}"
                raise EvaluationError(f"{name} takes {wanted} argument(s), not {len(arguments)}", range)
            result = implementation(*arguments)
            return result.value(range) if isinstance(result, Decision) else result

        update_wrapper(call, implementation)  # its name, signature and description, for docs/functions.md
        call.takes_lazy = True  # type: ignore[attr-defined]
        _DOMAIN_FUNCTIONS[name] = call
        return implementation

    return register


def domain_functions() -> dict[str, Function]:
    """All that were registered, by name."""
    return _DOMAIN_FUNCTIONS
