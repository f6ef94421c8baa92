"""Three-valued answers, and reading values that may be absent, single, lists or unknown. Pure: values in, a value out.

What the walks of graph/ and the domain functions of policy/ are made of.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..source import SourceRange
from .evaluator import attribute_of, operand
from .values import (
    BOOL,
    NO_DEFAULT,
    NOT_LIFTED,
    SEQUENCES,
    STRING,
    Absent,
    EvaluationError,
    Known,
    Lazy,
    Unknown,
    Value,
    is_null,
)


class Decision:
    """true, false or None (nobody can tell), and the values that decided."""

    __slots__ = ("because", "holds")

    def __init__(self, holds: bool | None, *because: Value) -> None:
        self.holds = holds
        self.because = because

    def value(self, range: SourceRange | None) -> Known | Unknown:
        """As the value of an expression; an undecided one has the reason of the first unknown that decided."""
        sensitive = any(value.sensitive for value in self.because)
        if self.holds is not None:
            return Known(self.holds, BOOL, range, self.because, sensitive=sensitive)
        for value in self.because:
            if isinstance(value, Unknown):
                return Unknown(
                    value.reason, value.detail, BOOL, True, range=range, sources=self.because, sensitive=sensitive
                )
        return Unknown(NO_DEFAULT, "", BOOL, True, range=range, sources=self.because, sensitive=sensitive)


def any_of(decisions: Iterable[Decision], *otherwise: Value) -> Decision:
    """True if one is, None if one may be, else false because of `otherwise` or of all of them."""
    because: list[Value] = []
    undecided: Decision | None = None
    for decision in decisions:
        if decision.holds:
            return decision
        if decision.holds is None:
            undecided = undecided or decision
        because.extend(decision.because)
    return undecided or Decision(False, *(otherwise or tuple(because)))


def all_of(decisions: Iterable[Decision], *otherwise: Value) -> Decision:
    """False if one is, None if one may be false, else true because of all of them, or of `otherwise`."""
    because: list[Value] = []
    undecided: Decision | None = None
    for decision in decisions:
        if decision.holds is False:
            return decision
        if decision.holds is None:
            undecided = undecided or decision
        because.extend(decision.because)
    return undecided or Decision(True, *(because or otherwise))


def nothing(value: Value) -> bool:
    """Nobody wrote it, and no default is documented, or it is null."""
    return is_null(value) or (isinstance(value, Absent) and (value.default is None or is_null(value.default)))


def lacking(value: Value) -> bool:
    """An object says nothing there: nobody wrote it, or such an object has no such property."""
    return nothing(value) or (isinstance(value, Unknown) and value.reason == NOT_LIFTED)


def member(value: Value, name: str) -> Value:
    """A member of an object; absent where the value is nothing or no object."""
    try:
        return attribute_of(value, name, value.range, condition=True)
    except EvaluationError:
        return Absent(name, range=value.range, sources=(value,))


def elements(value: Value) -> list[Value]:
    """The elements of a list; a single value counts as a list of one, nothing as an empty list."""
    if nothing(value):
        return []
    value = operand(value)
    if isinstance(value, Known) and value.kind in SEQUENCES:
        return [item for item in value.data if not nothing(item)]
    return [value]


def text(value: Value) -> str | None:
    """The text of a known string, number or bool; None for all else."""
    value = operand(value)
    if isinstance(value, Known):
        if value.kind == STRING:
            return str(value.data)
        if isinstance(value.data, bool):
            return "true" if value.data else "false"
        if isinstance(value.data, int):
            return str(value.data)
    return None


def pieces(value: Value) -> tuple[str | None, ...]:
    """What is known of a text, in order; None for each hole."""
    known = text(value)
    if known is not None:
        return (known,)
    return value.parts if isinstance(value, Unknown) and value.parts is not None else (None,)


def names(value: Value) -> list[str]:
    """The names of an object's members."""
    if isinstance(value, Lazy):
        return value.names()
    return list(value.data) if isinstance(value, Known) and isinstance(value.data, dict) else []
