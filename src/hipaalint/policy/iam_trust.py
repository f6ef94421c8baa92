"""Whom policy documents trust, and what they demand first: accounts, web identities, second factors, attested enclaves.

Domain functions over policy/policy_document.py's normal form, beside policy/iam.py and iam_grants.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..expression.values import TUPLE, UNRESOLVED, Known, Unknown, Value
from .decisions import Decision, all_of, any_of, domain_function, elements, text
from .iam_grants import HOLE, grants, pattern
from .patterns import covers, overlap
from .policy_document import ConditionTest, Statement, everyone, negation, over, read_policy, shown_by

MFA_PRESENT = "aws:multifactorauthpresent"
MFA_AGE = "aws:multifactorauthage"
# Words at the beginning of a token's subject that are its form, not a name.
_FORM = frozenset(
    {"repo", "repository", "project_path", "organization", "org", "system", "serviceaccount", "project", "owner"}
)
# Providers whose tokens are told apart by the audience: it is the application.
_BY_AUDIENCE = ("cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com")
_POSITIVE = ("stringequals", "stringequalsignorecase", "stringlike", "arnlike", "arnequals")


@domain_function("foreign_accounts", 2, 2)
def foreign_accounts(document: Value, approved: Value) -> Decision:
    """Whether a policy trusts an account that is none of the approved ones, without asking for an external id.

    approved: account numbers; as long as it is empty, nobody knows which numbers are one's own.
    """
    own = {text(account) for account in elements(approved)}
    return any_of(over(document, lambda statement: _foreign(statement, own)), document)


def _foreign(statement: Statement, own: set[str | None]) -> Decision:
    # The principal of another resource, or of the account in which the stack is, is a text with a hole: not foreign.
    accounts = [
        item
        for kind, item in zip(statement.kinds, statement.principals, strict=True)
        if kind == "AWS" and (number := _account(item)) is not None and number not in own
    ]
    if not accounts or any(test.key == "sts:externalid" for test in statement.conditions):
        return Decision(False, *(statement.principals or [statement.value]))
    foreign = Decision(True, *accounts)
    if not own:
        why = "which accounts are approved is not configured"
        foreign = Decision(None, Unknown(UNRESOLVED, why, range=accounts[0].range, sources=tuple(accounts)))
    return shown_by(foreign, all_of([statement.has_effect("allow"), foreign]))


def _account(principal: Value) -> str | None:
    found = re.fullmatch(r"(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::.*)?", text(principal) or "")
    return None if found is None else found[1]


@domain_function("trusts_any_web_identity", 1, 1)
def trusts_any_web_identity(document: Value) -> Decision:
    """Whether a trust policy admits whoever has a token of a provider: no condition on its audience or subject."""
    return any_of(over(document, lambda statement: _web_identity(statement, narrow=False)), document)


@domain_function("trusts_wide_web_identity", 1, 1)
def trusts_wide_web_identity(document: Value) -> Decision:
    """Whether a trust policy leaves open which subjects of a token provider it admits.

    The subject must be compared, and name something before its first wildcard (`repo:acme/*`, not `repo:*`). For providers
    of consumers' logins the audience is enough, since it is the application.
    """
    return any_of(over(document, lambda statement: _web_identity(statement, narrow=True)), document)


def _web_identity(statement: Statement, narrow: bool) -> Decision:
    providers = [
        item
        for kind, item in zip(statement.kinds, statement.principals, strict=True)
        if kind == "Federated" and ":saml-provider/" not in pattern(item)[0] and not _refers_to(item, "SAML", "saml")
    ]
    # Signed assertions have an audience of their own, which IAM compares.
    web = any_of((_is_web(item) for item in statement.actions), statement.value)
    if not providers or web.holds is False:
        return Decision(False, statement.value)
    if statement.unknown_condition is not None:
        restricted = Decision(None, statement.unknown_condition)
    else:
        restricted = any_of((_restricts(test, narrow) for test in statement.conditions), statement.value)
    return shown_by(Decision(True, *providers), all_of([statement.has_effect("allow"), web, negation(restricted)]))


def _is_web(item: Value) -> Decision:
    written = text(item)
    return Decision(None if written is None else overlap(written.lower(), "sts:assumerolewithwebidentity"), item)


def _refers_to(item: Value, *names: str) -> bool:
    return any(name in resource.type for resource, _attribute in item.references for name in names)


def _restricts(test: ConditionTest, narrow: bool) -> Decision:
    provider, _, claim = test.key.rpartition(":")
    if test.every or test.if_exists or test.operator not in _POSITIVE:
        return Decision(False, *test.values)
    by_audience = claim in ("aud", "app_id", "azp") and (not narrow or provider.endswith(_BY_AUDIENCE))
    if (
        claim != "sub"
        and not by_audience
        and not (narrow and claim in ("repository", "repository_owner", "job_workflow_ref"))
    ):
        return Decision(False, *test.values)
    return all_of(_names_somebody(value, test.operator) for value in test.values)


def _names_somebody(value: Value, operator: str) -> Decision:
    written, some = pattern(value)
    if operator in ("stringequals", "stringequalsignorecase"):
        return Decision(True, value)  # there is no wildcard in an exact comparison
    if not some:
        return Decision(True if value.references else None, value)
    if "*" not in written and "?" not in written:
        return Decision(True, value)
    words = [word for word in re.split(r"[:/]", written) if word not in _FORM]
    first = words[0] if words else "*"
    # A name that goes on after the wildcard (`acme*`) is a name that others can take as well.
    return Decision(first != "" and "*" not in first and "?" not in first, value)


# ---------------------------------------------------------------------------------------------------------------------
# Second factors


@domain_function("trusts_people", 1, 1)
def trusts_people(document: Value) -> Decision:
    """Whether a trust policy is for people: it names users of IAM, an account as a whole, or a directory's assertions."""
    return any_of(over(document, lambda s: any_of([_people(s), _directory(s)])), document)


@domain_function("trusts_people_without_mfa", 1, 1)
def trusts_people_without_mfa(document: Value) -> Decision:
    """Whether a trust policy admits users of IAM or an account as a whole that have not shown a second factor.

    Another company's account, known by an external id, looks after its people itself, and so does a directory.
    """
    return any_of(over(document, lambda s: all_of([_people(s), negation(_asks_for_mfa(s))])), document)


def _people(statement: Statement) -> Decision:
    if any(test.key == "sts:externalid" for test in statement.conditions):
        return Decision(False, statement.value)
    kinds = zip(statement.kinds, statement.principals, strict=True)
    people = any_of((_person(item) for kind, item in kinds if kind == "AWS"), statement.value)
    return shown_by(people, all_of([statement.has_effect("allow"), people]))


def _directory(statement: Statement) -> Decision:
    about = any_of((_is_assertion(item) for item in statement.actions), statement.value)
    return all_of([statement.has_effect("allow"), Decision("Federated" in statement.kinds, statement.value), about])


def _is_assertion(item: Value) -> Decision:
    written = text(item)
    return Decision(None if written is None else written.lower() == "sts:assumerolewithsaml", item)


def _person(principal: Value) -> Decision:
    written, some = pattern(principal)
    if ":user/" in written or written.endswith(":root") or re.fullmatch(r"\d{12}", written):
        return Decision(True, principal)
    if _refers_to(principal, "aws_iam_user", "AWS::IAM::User"):
        return Decision(True, principal)
    return Decision(False if some or principal.references else None, principal)


@domain_function("allows_only_with_mfa", 1, 1)
def allows_only_with_mfa(document: Value) -> Decision:
    """Whether every Allow of a policy holds only for whoever has shown a second factor."""
    return all_of(over(document, lambda s: any_of([negation(s.has_effect("allow")), _asks_for_mfa(s)])), document)


def _asks_for_mfa(statement: Statement) -> Decision:
    if statement.unknown_condition is not None:
        return Decision(None, statement.unknown_condition)
    return any_of((_mfa_shown(test) for test in statement.conditions), statement.value)


def _mfa_shown(test: ConditionTest) -> Decision:
    if test.key == MFA_AGE:
        return Decision(test.operator.startswith("numericlessthan") and not test.if_exists, *test.values)
    # With …IfExists, calls with long-lived keys pass: they carry no such key.
    if test.key != MFA_PRESENT or test.operator not in ("bool", "stringequals") or test.if_exists:
        return Decision(False, *test.values)
    return _each_is(test, "true")


def _each_is(test: ConditionTest, wanted: str) -> Decision:
    return all_of(Decision(None if text(v) is None else str(text(v)).lower() == wanted, v) for v in test.values)


@domain_function("denies_without_mfa", 1, 1)
def denies_without_mfa(document: Value) -> Decision:
    """Whether a policy denies everything (or all but some actions) without a second factor, to long-lived keys as well."""
    return any_of(over(document, _denies_without_mfa), document)


def _denies_without_mfa(statement: Statement) -> Decision:
    if statement.unknown_condition is not None:
        missing = Decision(None, statement.unknown_condition)
    else:
        missing = all_of((_mfa_missing(test) for test in statement.conditions), statement.value)
        if not statement.conditions:
            missing = Decision(False, statement.value)
    if "Action" in statement.negated:
        most = Decision(True, *statement.actions)
    else:
        most = any_of(
            (Decision(None if text(a) is None else text(a) == "*", a) for a in statement.actions), statement.value
        )
    return all_of([statement.has_effect("deny"), most, missing])


def _mfa_missing(test: ConditionTest) -> Decision:
    if test.key != MFA_PRESENT:
        return Decision(False, *test.values)
    if test.operator == "null":
        return _each_is(test, "true")
    if test.operator not in ("bool", "stringequals") or not test.if_exists:
        return Decision(False, *test.values)  # calls with long-lived keys carry no such key, and so would not be denied
    return _each_is(test, "false")


# ---------------------------------------------------------------------------------------------------------------------
# Conditions on certain keys


def _conditioned(statement: Statement, prefix: str) -> Decision:
    """Whether a positive condition on a key that begins so has to hold."""
    if statement.unknown_condition is not None:
        return Decision(None, statement.unknown_condition)
    tests = [t for t in statement.conditions if t.key.startswith(prefix) and t.operator in _POSITIVE]
    return Decision(any(not t.if_exists and not t.every for t in tests), statement.value)


def _closes(statement: Statement, prefix: str, action: str) -> Decision:
    """Whether a statement denies everybody an action as long as no such condition is met."""
    # Of several tests all must hold for the Deny, so each must be about the missing property.
    tests = statement.conditions
    missing = bool(tests) and all(test.key.startswith(prefix) and _unmet(test) for test in tests)
    if "Action" in statement.negated or not missing:
        return Decision(False, statement.value)
    return all_of(
        [
            statement.has_effect("deny"),
            any_of((everyone(item) for item in statement.principals), statement.value),
            any_of((Decision(covers((text(a) or "").lower(), action), a) for a in statement.actions), statement.value),
        ]
    )


def _unmet(test: ConditionTest) -> bool:
    return test.operator.startswith("stringnot") or (test.operator == "null" and _each_is(test, "true").holds is True)


@domain_function("allows_without_condition", 3, 3)
def allows_without_condition(document: Value, key: Value, actions: Value) -> Decision:
    """Whether a policy allows one of the actions to somebody without a condition on a key that begins with `key`, and no
    Deny closes that way. A wildcard (`kms:*` for the account's root) is such a way too.
    """
    prefix, wanted = _prefix_and_actions(key, actions)
    found = read_policy(document)
    closed = {
        action: any_of((_closes(s, prefix, action) for s in found if not isinstance(s, Unknown)), document)
        for action in wanted
    }
    return any_of(
        (
            Decision(None, statement)
            if isinstance(statement, Unknown)
            else _open_way(statement, grants(statement, action), prefix, closed[action])
            for statement in found
            for action in wanted
        ),
        document,
    )


def _open_way(statement: Statement, about: Decision, prefix: str, closed: Decision) -> Decision:
    parts = [statement.has_effect("allow"), about, negation(_conditioned(statement, prefix)), negation(closed)]
    return shown_by(about, all_of(parts))


@domain_function("names_without_condition", 3, 3)
def names_without_condition(document: Value, key: Value, actions: Value) -> Decision:
    """Whether a policy allows one of the actions by its own name (not by `*` or `kms:*`) without a condition on a key
    that begins with `key`.
    """
    prefix, wanted = _prefix_and_actions(key, actions)
    return any_of(over(document, lambda statement: _named_without(statement, prefix, wanted)), document)


def _named_without(statement: Statement, prefix: str, wanted: list[str]) -> Decision:
    named = [a for a in statement.actions if not re.fullmatch(r"\*|[\w*-]+:\*", pattern(a)[0])]
    if "Action" in statement.negated or not named:
        return Decision(False, statement.value)
    about = any_of((_named(item, wanted) for item in named), statement.value)
    return shown_by(about, all_of([statement.has_effect("allow"), about, negation(_conditioned(statement, prefix))]))


def _named(item: Value, wanted: list[str]) -> Decision:
    written, _ = pattern(item)
    possible = any(overlap(written.lower().replace(HOLE, "*"), action) for action in wanted)
    return Decision(None if possible and HOLE in written else possible, item)


def _prefix_and_actions(key: Value, actions: Value) -> tuple[str, list[str]]:
    return (text(key) or "").lower(), [(text(action) or "*").lower() for action in elements(actions)]


@domain_function("condition_values", 2, 2)
def condition_values(document: Value, key: Value) -> Value:
    """The values with which the Allows of a policy compare keys that begin with `key`, as a list."""
    prefix = (text(key) or "").lower()
    return Known(list(_condition_values(document, prefix)), TUPLE, None, (document,))


def _condition_values(document: Value, prefix: str) -> Iterator[Value]:
    for statement in read_policy(document):
        if isinstance(statement, Unknown):
            yield statement
        elif statement.has_effect("allow").holds is not False:
            if statement.unknown_condition is not None:
                yield statement.unknown_condition
            for test in statement.conditions:
                if test.key.startswith(prefix):
                    yield from test.values
