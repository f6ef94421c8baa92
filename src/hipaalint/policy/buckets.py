"""What a bucket is for, as far as its template says: whose logs it takes, whom its policy admits.

Domain functions over policy/policy_document.py's normal form: registered here, called by expressions through
policy/functions.py.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from ..expression.values import Lazy, Unknown, Value
from .decisions import Decision, all_of, any_of, domain_function, elements, member, pieces, text
from .policy_document import Statement, everyone, negation, over

LOG_DELIVERY_GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"
ACCESS_LOGS, BALANCER_LOGS = "logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"
# Condition keys by which a statement for everyone names who may come, or from where.
_NAMING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpcsourceip",
    }
)


@domain_function("takes_logs_of", 2, 2)
def takes_logs_of(bucket: Value, services: Value) -> Decision:
    """Whether a bucket is where services deliver logs: something here sends them, or its ACL or policy lets them come.

    services: principals such as `logging.s3.amazonaws.com` (S3's access logs) or
    `logdelivery.elasticloadbalancing.amazonaws.com`.
    """
    wanted = {text(service) or "" for service in elements(services)}
    found: list[Decision] = []
    if ACCESS_LOGS in wanted:
        found += [_leads_to(one) for one in elements(member(bucket, "logged_buckets"))]
        found.append(_is(member(bucket, "AccessControl"), "LogDeliveryWrite"))
        for grant in elements(member(member(bucket, "AccessControlPolicy"), "Grant")):
            found.append(_is(member(member(grant, "Grantee"), "URI"), LOG_DELIVERY_GROUP))
    if BALANCER_LOGS in wanted:
        found += [_leads_to(one) for one in elements(member(bucket, "load_balancers"))]
    for policy in elements(member(bucket, "policies")):
        document = member(policy, "PolicyDocument")
        found += over(document, lambda statement: _admits(statement, wanted))
    return any_of(found, bucket)


def _leads_to(one: Value) -> Decision:
    return Decision(True if isinstance(one, Lazy) else None, one)


def _is(value: Value, wanted: str) -> Decision:
    written = text(value)
    return Decision(None if written is None and isinstance(value, Unknown) else written == wanted, value)


def _admits(statement: Statement, services: set[str]) -> Decision:
    named = (
        Decision(text(principal) in services, principal)
        for kind, principal in zip(statement.kinds, statement.principals, strict=True)
        if kind == "Service"
    )
    return all_of([statement.has_effect("allow"), any_of(named, statement.value)])


@domain_function("admits_only", 2, 2)
def admits_only(document: Value, approved: Value) -> Decision:
    """Whether a resource policy allows nobody but those on a list and what the same root declares.

    approved: account numbers, ARNs, service names, organisations, networks, VPCs or endpoints; `*` and `?` are wildcards.
    For a statement about everyone, those count whom its condition names.
    """
    patterns = [text(one) or "" for one in elements(approved)]
    return all_of(over(document, lambda statement: _approved(statement, patterns)), document)


def _approved(statement: Statement, patterns: list[str]) -> Decision:
    refuses = negation(statement.has_effect("allow"))
    if refuses.holds:
        return refuses
    if "Principal" in statement.negated:
        return any_of([Decision(False, *statement.principals), refuses])
    if statement.unknown_condition is not None:
        from_condition = Decision(None, statement.unknown_condition)
    else:
        tests = [test for test in statement.conditions if test.key in _NAMING_KEYS and not test.if_exists]
        tests = [test for test in tests if "not" not in test.operator]
        from_condition = any_of(
            [all_of(_on_list(value, patterns) for value in test.values) for test in tests], statement.value
        )
    each = (
        any_of([_on_list(principal, patterns), all_of([everyone(principal), from_condition])], principal)
        for principal in statement.principals
    )
    return any_of([all_of(each, statement.value), refuses])


def _on_list(value: Value, patterns: list[str]) -> Decision:
    written = text(value)
    if written is None:
        if value.references and all(resource.type != "terraform_remote_state" for resource, _ in value.references):
            return Decision(True, value)  # something that is declared, or looked up, here
        if isinstance(value, Unknown) and _own(value, _DEEPEST):
            # Of `arn:${AWS::Partition}:iam::444455556666:root` the account is written all the same.
            written = "".join(_OWN if piece is None else piece for piece in pieces(value))
            if written == _OWN or re.fullmatch(rf"arn:[^:]+:(?:iam|sts)::{_OWN}:.*", written):
                return Decision(True, value)
            written = re.sub(rf"\Aarn:{_OWN}:", "arn:aws:", written)
        if written is None or _OWN in written:
            return Decision(None, value)
    account = re.fullmatch(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):.*", written)
    names = [written, account[1]] if account else [written]
    return Decision(any(fnmatchcase(name, pattern) for name in names for pattern in patterns), value)


_OWN = "\ue000"  # where the account, partition or region is written that this is deployed to
_DEEPEST = 32
_OWN_INPUTS = frozenset({"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})
_OWN_SOURCES = frozenset({"aws_caller_identity", "aws_partition", "aws_region"})


def _own(value: Value, depth: int) -> bool:
    """Whether all that is unknown of a text is what it is deployed to."""
    if not isinstance(value, Unknown):
        return True
    if value.input is not None:
        return value.input.label in _OWN_INPUTS
    if value.references:
        return all(resource.type in _OWN_SOURCES for resource, _ in value.references)
    return depth > 0 and bool(value.sources) and all(_own(source, depth - 1) for source in value.sources)
