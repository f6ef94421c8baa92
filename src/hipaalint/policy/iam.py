"""Policy documents in one normal form, and what they allow: to everyone, without TLS, to do anything.

Domain functions: registered here, called by expressions through policy/functions.py. The form holds for identity and
resource policies, as objects or JSON text, from jsonencode, data sources or CloudFormation; unknown parts stay in place.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from ..expression.evaluator import operand
from ..expression.values import NO_DEFAULT, OBJECT, TUPLE, Known, Unknown, Value, known
from ..model.json_text import object_behind
from .decisions import Decision, all_of, any_of, domain_function, elements, member, names, nothing, pieces, text

# Condition keys that say who is calling, or from where; lower case, as IAM compares keys without regard to capitals.
NARROWING = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
        "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:userid", "kms:calleraccount",
        "lambda:eventsourcetoken", "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "sts:externalid",
    }
)  # fmt: skip
SECURE_TRANSPORT = "aws:securetransport"
_WILDCARD_OPERATORS = ("stringlike", "arnlike", "arnequals")
_EXACT_OPERATORS = ("stringequals", "stringequalsignorecase", "ipaddress")


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
        if isinstance(item, Unknown):
            found.append(item)
            continue
        for value in elements(member(item, "Statement")):
            found.append(value if isinstance(value, Unknown) else Statement(value))
    return found


def _over(document: Value, judge: Callable[[Statement], Decision]) -> Iterator[Decision]:
    for statement in read_policy(document):
        yield Decision(None, statement) if isinstance(statement, Unknown) else judge(statement)


# ---------------------------------------------------------------------------------------------------------------------
# Open to everyone


@domain_function("allows_public", 1, 2)
def allows_public(document: Value, actions: Value | None = None) -> Decision:
    """Whether a resource policy lets anybody in: an Allow for principal `*` that no condition narrows to some callers.

    An Allow with NotPrincipal admits all others and counts. `aws:SecureTransport` and `kms:ViaService` narrow nothing.
    actions: only statements about one of these count (`["s3:Get*", "s3:List*"]`).
    """
    wanted = None if actions is None else [(text(action) or "*").lower() for action in elements(actions)]
    return any_of(_over(document, lambda statement: _public(statement, wanted)), document)


def _public(statement: Statement, actions: list[str] | None) -> Decision:
    if "Principal" in statement.negated:
        everyone = Decision(True, *statement.principals)
    else:
        everyone = any_of((_everyone(principal) for principal in statement.principals), statement.value)
    parts = [statement.has_effect("allow"), everyone, _negation(_narrowed(statement))]
    if actions is not None:
        parts.append(_about(statement, actions))
    return _shown_by(everyone, all_of(parts))


def _about(statement: Statement, wanted: list[str]) -> Decision:
    """Whether some action is one of the wanted ones as well; of what NotAction leaves, some always is."""
    if "Action" in statement.negated:
        return Decision(True, *statement.actions)
    return any_of((_overlaps(action, wanted) for action in statement.actions), statement.value)


def _overlaps(action: Value, wanted: list[str]) -> Decision:
    written = text(action)
    if written is None:
        return Decision(None, action)
    own = written.strip().lower()
    return Decision(any(fnmatchcase(own, one) or fnmatchcase(one, own) for one in wanted), action)


def _shown_by(main: Decision, decision: Decision) -> Decision:
    """If it holds, its main reason comes first, since that is the line a finding shows."""
    return Decision(True, *main.because, *decision.because) if decision.holds else decision


def _everyone(principal: Value) -> Decision:
    written = text(principal)
    if written is not None:
        return Decision(written.strip() in ("*", "arn:aws:iam::*:root"), principal)
    known_pieces = "".join(piece for piece in pieces(principal) if piece is not None)
    # A text around the hole, or a reference to a resource, names somebody.
    named = known_pieces.strip() not in ("", "*") or bool(principal.references)
    return Decision(False if named else None, principal)


def _negation(decision: Decision) -> Decision:
    return Decision(None if decision.holds is None else not decision.holds, *decision.because)


def _narrowed(statement: Statement) -> Decision:
    """Whether a condition lets only certain callers in."""
    if statement.unknown_condition is not None:
        return Decision(None, statement.unknown_condition)
    return any_of((_narrows(test) for test in statement.conditions), statement.value)


def _narrows(test: ConditionTest) -> Decision:
    if test.key not in NARROWING or test.if_exists or test.every:
        return Decision(False, *test.values)
    if test.operator == "ipaddress" or test.key in ("aws:sourceip", "aws:vpcsourceip"):
        return all_of(_narrow_address(value) for value in test.values)
    if test.operator in _EXACT_OPERATORS:
        return Decision(True, *test.values)  # there is no wildcard in an exact comparison
    if test.operator in _WILDCARD_OPERATORS:
        return all_of(_narrow_pattern(value) for value in test.values)
    return Decision(False, *test.values)


def _narrow_address(value: Value) -> Decision:
    written = text(value)
    if written is None:
        return Decision(None, value)
    try:
        return Decision(ipaddress.ip_network(written, strict=False).prefixlen > 0, value)
    except ValueError:
        return Decision(False, value)


def _narrow_pattern(value: Value) -> Decision:
    """A pattern such as `arn:aws:iam::*:role/x` names no account, hence nobody in particular."""
    written = "".join("\0" if piece is None else piece for piece in pieces(value))
    if written.startswith("arn:"):
        fields = written.split(":", 5)
        owner = fields[4] if len(fields) > 4 else ""
        named = re.sub(r"[*?]", "", owner) or (fields[-1].strip("*?") if owner == "" and len(fields) > 5 else "")
    else:
        named = re.sub(r"[*?]", "", written)
    if named.strip("\0"):
        return Decision(True, value)
    return Decision((True if value.references else None) if "\0" in written else False, value)


# ---------------------------------------------------------------------------------------------------------------------
# Only with TLS


@domain_function("denies_insecure_transport", 1, 1)
def denies_insecure_transport(document: Value) -> Decision:
    """Whether a resource policy refuses everybody's requests without TLS: a Deny for `*` where aws:SecureTransport is
    false, for all actions of the service, and for S3 on the objects as well as on the bucket.
    """
    return any_of(_over(document, _denies), document)


def _denies(statement: Statement) -> Decision:
    if statement.negated & {"Principal", "Action", "Resource"}:
        return Decision(False, statement.value)
    if statement.unknown_condition is not None:
        condition = Decision(None, statement.unknown_condition)
    else:
        # Any other test in the same statement would let some insecure requests through.
        condition = all_of((_insecure(test) for test in statement.conditions), statement.value)
        if not statement.conditions:
            condition = Decision(False, statement.value)
    return all_of(
        [
            statement.has_effect("deny"),
            condition,
            any_of((_everyone(principal) for principal in statement.principals), statement.value),
            any_of((_all_actions(action) for action in statement.actions), statement.value),
            _covers_objects(statement),
        ]
    )


def _insecure(test: ConditionTest) -> Decision:
    if test.key != SECURE_TRANSPORT or test.operator not in ("bool", "stringequals", "stringequalsignorecase"):
        return Decision(False, *test.values)
    return all_of(Decision(None if text(v) is None else str(text(v)).lower() == "false", v) for v in test.values)


def _all_actions(action: Value) -> Decision:
    written = text(action)
    return Decision(None if written is None else re.fullmatch(r"\*|\w[\w-]*:\*", written) is not None, action)


def _covers_objects(statement: Statement) -> Decision:
    """Of S3, requests for objects are denied only if a resource ends with a wildcard."""
    actions = [(text(action) or "").lower() for action in statement.actions]
    tails = [(pieces(resource)[-1], resource) for resource in statement.resources]
    if any(tail is not None and tail.endswith("*") for tail, _ in tails):
        return Decision(True, *statement.resources)
    s3 = any(action.startswith("s3:") for action in actions) or any(
        ":s3:" in "".join(piece or "" for piece in pieces(resource)) for resource in statement.resources
    )
    if not s3:
        return Decision(True, *statement.resources)
    unknown = [resource for tail, resource in tails if tail is None and not resource.references]
    return Decision(None, *unknown) if unknown else Decision(False, *(statement.resources or [statement.value]))


# ---------------------------------------------------------------------------------------------------------------------
# Anything at all


@domain_function("allows_admin", 1, 1)
def allows_admin(document: Value) -> Decision:
    """Whether a policy allows every action on every resource (`*` on `*`), with or without a condition."""
    return any_of(_over(document, _admin), document)


def _admin(statement: Statement) -> Decision:
    if statement.negated & {"Action", "Resource"}:
        return Decision(False, statement.value)
    actions = any_of((_is(action, "*", "*:*") for action in statement.actions), statement.value)
    resources = any_of((_is(resource, "*") for resource in statement.resources), statement.value)
    return _shown_by(actions, all_of([statement.has_effect("allow"), actions, resources]))


def _is(value: Value, *wanted: str) -> Decision:
    written = text(value)
    if written is not None:
        return Decision(written.strip() in wanted, value)
    rest = "".join(piece for piece in pieces(value) if piece is not None)
    return Decision(False if rest.strip("*:") or value.references else None, value)


@domain_function("statements", 1, 1)
def statements(document: Value) -> Value:
    """The statements of a document as a list of objects with plain lists, for conditions that look closer.

    Each has Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal (lists) and Condition; a
    statement that cannot be known is unknown in the list.
    """
    return Known([_plain(item) for item in read_policy(document)], TUPLE, None, (document,))


def _plain(statement: Statement | Unknown) -> Value:
    if isinstance(statement, Unknown):
        return statement
    lists = {"Action": statement.actions, "Resource": statement.resources, "Principal": statement.principals}
    fields: dict[str, Value] = {"Effect": statement.effect}
    for name, values in lists.items():
        negated = name in statement.negated
        fields[name] = Known([] if negated else values, TUPLE, statement.value.range)
        fields[f"Not{name}"] = Known(values if negated else [], TUPLE, statement.value.range)
    condition = member(statement.value, "Condition")
    fields["Condition"] = known({}) if nothing(condition) else condition
    return Known(fields, OBJECT, statement.value.range, (statement.value,))
