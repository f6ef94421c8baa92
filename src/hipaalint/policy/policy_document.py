"""Policy documents in one normal form: statements with lists and condition tests, unknown parts in place.

Read by policy/iam.py, iam_grants.py and iam_trust.py. The form holds for identity, trust and resource policies, as objects
or JSON text, from jsonencode, data sources or CloudFormation, one document or a list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..expression.evaluator import operand
from ..expression.values import ERROR, NO_DEFAULT, Unknown, Value
from ..model.json_text import object_behind
from .decisions import Decision, elements, member, names, nothing, pieces, text


class ConditionTest:
    """One comparison of a statement's Condition. operator and key in lower case."""

    __slots__ = ("every", "if_exists", "key", "operator", "values")

    def __init__(self, operator: str, key: str, values: list[Value]) -> None:
        qualifier, _, plain = operator.lower().rpartition(":")
        self.every = qualifier == "forallvalues"
        self.if_exists = plain.endswith("ifexists")
        self.operator = plain.removesuffix("ifexists")
        self.key = key.lower()
        self.values = values


class Statement:
    """One statement. value: where it stands. `negated` lists are those of NotAction, NotResource, NotPrincipal.

    principals: values of Principal without regard to their kind (`AWS`, `Service`, …), in kinds beside them.
    unknown_condition: the Condition or a part of it, if that cannot be known.
    """

    __slots__ = (
        "actions",
        "conditions",
        "effect",
        "kinds",
        "negated",
        "principals",
        "resources",
        "unknown_condition",
        "value",
    )

    def __init__(self, value: Value) -> None:
        self.value = value
        self.effect = member(value, "Effect")
        self.negated = frozenset(
            name for name in ("Action", "Resource", "Principal") if not nothing(member(value, f"Not{name}"))
        )
        self.actions = elements(self._member("Action"))
        self.resources = elements(self._member("Resource"))
        self.principals: list[Value] = []
        self.kinds: list[str] = []
        for kind, principal in _principals(self._member("Principal")):
            self.kinds.append(kind)
            self.principals.append(principal)
        condition = operand(member(value, "Condition"))
        self.conditions: list[ConditionTest] = []
        self.unknown_condition = (
            condition if isinstance(condition, Unknown) and condition.reason != NO_DEFAULT else None
        )
        for operator in names(condition):
            tests = operand(member(condition, operator))
            if isinstance(tests, Unknown):
                self.unknown_condition = tests
            for key in names(tests):
                self.conditions.append(ConditionTest(operator, key, elements(member(tests, key))))

    def _member(self, name: str) -> Value:
        return member(self.value, f"Not{name}" if name in self.negated else name)

    def has_effect(self, effect: str) -> Decision:
        """Whether it is an Allow, or a Deny."""
        written = text(self.effect)
        return Decision(None if written is None else written.lower() == effect, self.effect)


def _principals(value: Value) -> Iterator[tuple[str, Value]]:
    for item in elements(value):
        kinds = names(item)
        if not kinds:
            yield ("AWS" if text(item) is not None else ""), item
        for kind in kinds:
            for principal in elements(member(item, kind)):
                yield kind, principal


def read_policy(document: Value) -> list[Statement | Unknown]:
    """The statements of a document, or of a list of documents; what cannot be known stands as Unknown in its place."""
    found: list[Statement | Unknown] = []
    for item in elements(document):
        item = object_behind(item)
        written = text(item)
        if written is not None:
            if written.strip():
                found.append(Unknown(ERROR, "this text is no policy document", range=item.range, sources=(item,)))
            continue
        if isinstance(item, Unknown):
            found.append(item)
            continue
        if "Statement" not in names(item) and not nothing(member(item, "Effect")):
            found.append(Statement(item))  # a statement by itself, as event buses take it
            continue
        for value in elements(member(item, "Statement")):
            found.append(value if isinstance(value, Unknown) else Statement(value))
    return found


def over(document: Value, judge: Callable[[Statement], Decision]) -> Iterator[Decision]:
    """What is to be said of each statement; nothing of those that cannot be known."""
    for statement in read_policy(document):
        yield Decision(None, statement) if isinstance(statement, Unknown) else judge(statement)


def shown_by(main: Decision, decision: Decision) -> Decision:
    """If it holds, its main reason comes first, since that is the line a finding shows."""
    return Decision(True, *main.because, *decision.because) if decision.holds else decision


def everyone(principal: Value) -> Decision:
    """Whether a principal is anybody at all."""
    written = text(principal)
    if written is not None:
        return Decision(written.strip() in ("*", "arn:aws:iam::*:root"), principal)
    known_pieces = "".join(piece for piece in pieces(principal) if piece is not None)
    # A text around the hole, or a reference to a resource, names somebody.
    named = known_pieces.strip() not in ("", "*") or bool(principal.references)
    return Decision(False if named else None, principal)


def negation(decision: Decision) -> Decision:
    """The opposite, for the same reasons."""
    return Decision(None if decision.holds is None else not decision.holds, *decision.because)
