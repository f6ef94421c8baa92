"""What policy documents allow and refuse as a whole: everyone, requests without TLS, anything at all.

Domain functions over policy/policy_document.py's normal form: registered here, called by expressions through
policy/functions.py. What they grant action by action is in iam_grants.py, whom they trust in iam_trust.py.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial

from ..expression.values import OBJECT, TUPLE, Known, Unknown, Value, all_references, known
from .decisions import Decision, all_of, any_of, domain_function, elements, member, nothing, pieces, text
from .patterns import overlap
from .policy_document import ConditionTest, Statement, everyone, negation, over, read_policy, shown_by

# Condition keys that say who is calling, or from where; lower case, as IAM compares keys without regard to capitals.
NARROWING = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
        "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:userid", "kms:calleraccount",
        "lambda:eventsourcetoken", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    }
)  # fmt: skip
# Switches that say the same where they are true: through a mount target inside a VPC.
NARROWING_SWITCHES = frozenset({"elasticfilesystem:accessedviamounttarget", "aws:principalisawsservice"})
_BUCKETS = ("aws_s3_bucket", "AWS::S3::Bucket", "awscc_s3_bucket")
_BUCKET_ARN = re.compile(r"arn:[\w-]+:s3:::([^/]+)")
_SERVICE = re.compile(r"arn:[\w-]+:([\w-]+):")
_EVERY_ACTION = re.compile(r"\*|(\w[\w-]*):\*")
# A role or user of this name in whatever account: anybody can make one.
_ANY_ACCOUNT = re.compile(r"arn:[\w*-]+:(?:iam|sts)::\*:")
SECURE_TRANSPORT = "aws:securetransport"
_WILDCARD_OPERATORS = ("stringlike", "arnlike", "arnequals")
_EXACT_OPERATORS = ("stringequals", "stringequalsignorecase", "ipaddress")


# ---------------------------------------------------------------------------------------------------------------------
# Open to everyone


@domain_function("allows_public", 1, 2)
def allows_public(document: Value, actions: Value | None = None) -> Decision:
    """Whether a resource policy lets anybody in: an Allow for principal `*` that no condition narrows to some callers.

    An Allow with NotPrincipal admits all others and counts. `aws:SecureTransport` and `kms:ViaService` narrow nothing.
    actions: only statements about one of these count (`["s3:Get*", "s3:List*"]`).
    """
    wanted = None if actions is None else [(text(action) or "*").lower() for action in elements(actions)]
    return any_of(over(document, lambda statement: _public(statement, wanted)), document)


def _public(statement: Statement, actions: list[str] | None) -> Decision:
    if "Principal" in statement.negated:
        anybody = Decision(True, *statement.principals)
    else:
        anybody = any_of(map(_anybody, statement.kinds, statement.principals), statement.value)
    parts = [statement.has_effect("allow"), anybody, negation(_narrowed(statement))]
    if actions is not None:
        parts.append(_about(statement, actions))
    return shown_by(anybody, all_of(parts))


def _anybody(kind: str, principal: Value) -> Decision:
    # Which service it is may be unknown, but a service it is.
    if kind == "Service":
        return Decision(text(principal) == "*", principal)
    if _ANY_ACCOUNT.match(pieces(principal)[0] or ""):
        return Decision(True, principal)
    return everyone(principal)


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
    return Decision(any(overlap(own, one) for one in wanted), action)


def _narrowed(statement: Statement) -> Decision:
    """Whether a condition lets only certain callers in."""
    if statement.unknown_condition is not None:
        return Decision(None, statement.unknown_condition)
    return any_of((_narrows(test) for test in statement.conditions), statement.value)


def _narrows(test: ConditionTest) -> Decision:
    if test.key in NARROWING_SWITCHES and test.operator == "bool" and not test.if_exists:
        return all_of(Decision(None if text(v) is None else str(text(v)).lower() == "true", v) for v in test.values)
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


@domain_function("denies_insecure_transport", 1, 3)
def denies_insecure_transport(document: Value, actions: Value | None = None, bucket: Value | None = None) -> Decision:
    """Whether a resource policy refuses everybody's requests without TLS: a Deny for `*` where aws:SecureTransport is
    false, for all actions of the service, and for S3 on the bucket as well as on its objects (in one statement or in two).

    actions: those that carry data, if it is enough to refuse these (`["sns:Publish"]`); null for all. bucket: the one
    that the policy belongs to; what a statement says of others has no effect.
    """
    wanted = [] if actions is None or nothing(actions) else [(text(one) or "").lower() for one in elements(actions)]
    covered = [
        any_of(over(document, partial(_denies, covers=partial(_covers, part, bucket), wanted=wanted)), document)
        for part in (_bucket, _objects)
    ]
    return all_of(covered, document)


def _covers(part: Callable[[Value], Decision], bucket: Value | None, resource: Value) -> Decision:
    if bucket is not None and _of_other_bucket(resource, bucket):
        return Decision(False, resource)
    return part(resource)


def _of_other_bucket(resource: Value, bucket: Value) -> bool:
    """Whether a Resource certainly names another bucket: by reference, or as text where both names are written."""
    meant, named = (
        {id(written) for written, _ in all_references(value) if written.type in _BUCKETS}
        for value in (bucket, resource)
    )
    if meant and named:
        return not meant & named
    written, own = _BUCKET_ARN.match(text(resource) or ""), text(bucket)
    return written is not None and own is not None and not fnmatchcase(own, written[1])


def _denies(statement: Statement, covers: Callable[[Value], Decision], wanted: list[str]) -> Decision:
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
            any_of((everyone(principal) for principal in statement.principals), statement.value),
            _refused(statement, wanted),
            any_of((covers(one) for one in statement.resources), statement.value)
            if statement.resources
            else Decision(True),
        ]
    )


def _insecure(test: ConditionTest) -> Decision:
    if test.key != SECURE_TRANSPORT or test.operator not in ("bool", "stringequals", "stringequalsignorecase"):
        return Decision(False, *test.values)
    return all_of(Decision(None if text(v) is None else str(text(v)).lower() == "false", v) for v in test.values)


def _refused(statement: Statement, wanted: list[str]) -> Decision:
    """Whether its actions are all there are, or all of those that matter."""
    services = {found[1] for one in statement.resources if (found := _SERVICE.match(pieces(one)[0] or "")) is not None}
    everything = any_of((_all_actions(action, services) for action in statement.actions), statement.value)
    if not wanted:
        return everything
    each = (any_of((_takes(action, one) for action in statement.actions), statement.value) for one in wanted)
    return any_of([everything, all_of(each)], statement.value)


def _takes(action: Value, wanted: str) -> Decision:
    written = text(action)
    return Decision(None if written is None else fnmatchcase(wanted, written.strip().lower()), action)


def _all_actions(action: Value, services: set[str]) -> Decision:
    """Whether an action stands for all of the service, which the ARNs beside it say if anything does."""
    written = text(action)
    if written is None:
        return Decision(None, action)
    found = _EVERY_ACTION.fullmatch(written.strip().lower())
    return Decision(found is not None and (found[1] is None or not services or found[1] in services), action)


def _bucket(resource: Value) -> Decision:
    """Whether a Resource covers the bucket itself; of services without objects, whether it is there at all."""
    written = pieces(resource)
    if written == (None,) and not _named(resource):
        return Decision(None, resource)
    return Decision("/" not in "".join(piece or "" for piece in written) or not _of_s3(resource), resource)


def _objects(resource: Value) -> Decision:
    """Whether a Resource covers all objects of a bucket; of services without objects, whether it is there at all."""
    tail = pieces(resource)[-1]
    if tail is not None and tail.endswith("*"):
        return Decision(True, resource)
    if not _of_s3(resource):
        return Decision(True if _named(resource) or pieces(resource) != (None,) else None, resource)
    return Decision(False, resource)


def _named(resource: Value) -> bool:
    """Whether it refers to something of this root, whatever its ARN will be."""
    return any(written.type != "terraform_remote_state" for written, _ in all_references(resource))


def _of_s3(resource: Value) -> bool:
    """Whether a Resource names a bucket or objects, in text or by reference."""
    if any(
        getattr(written, "type", "").lower().replace("_", "").find("s3") >= 0 for written, _ in all_references(resource)
    ):
        return True
    return ":s3:" in "".join(piece or "" for piece in pieces(resource))


# ---------------------------------------------------------------------------------------------------------------------
# Anything at all


@domain_function("allows_admin", 1, 1)
def allows_admin(document: Value) -> Decision:
    """Whether a policy allows every action on every resource (`*` on `*`, or all but actions outside IAM), with or
    without a condition.
    """
    return any_of(over(document, _admin), document)


def _admin(statement: Statement) -> Decision:
    if "Resource" in statement.negated:
        return Decision(False, statement.value)
    if "Action" in statement.negated:
        # Whoever may do all but a little may still give himself the rest through IAM.
        actions = negation(any_of((_about_iam(action) for action in statement.actions), *statement.actions))
    else:
        actions = any_of((_only_wildcards(action) for action in statement.actions), statement.value)
    resources = any_of((_only_wildcards(resource) for resource in statement.resources), statement.value)
    return shown_by(actions, all_of([statement.has_effect("allow"), actions, resources]))


def _about_iam(action: Value) -> Decision:
    written = text(action)
    return Decision(None if written is None else overlap(written.strip().lower(), "iam:*"), action)


def _only_wildcards(value: Value) -> Decision:
    """Whether an action or resource is `*` in any spelling (`*:*`, `**`, `arn:aws:*`)."""
    written = text(value)
    if written is not None:
        return Decision(re.fullmatch(r"(arn:(aws[\w-]*|\*):)?\*[*:/]*", written.strip()) is not None, value)
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
