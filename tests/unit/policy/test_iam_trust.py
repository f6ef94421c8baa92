"""Whom policy documents trust, and what they demand first."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Absent, Unknown, Value, known
from hipaalint.policy.iam_trust import (
    allows_only_with_mfa,
    allows_without_condition,
    condition_values,
    denies_without_mfa,
    foreign_accounts,
    names_without_condition,
    trusts_any_web_identity,
    trusts_people,
    trusts_people_without_mfa,
    trusts_wide_web_identity,
)

UNKNOWN = Unknown(NO_VALUE, "var.x has no value", STRING, True)
OWN, OTHER = "111122223333", "999988887777"
GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/0123"


def policy(*statements: Any) -> Value:
    return known({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, condition: Any = None, action: str = "sts:AssumeRole") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return statement if condition is None else {**statement, "Condition": condition}


def web(condition: Any = None, provider: str = f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}") -> dict[str, Any]:
    return trust({"Federated": provider}, condition, "sts:AssumeRoleWithWebIdentity")


@pytest.mark.parametrize(
    ("statement", "approved", "foreign"),
    [
        (trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), [OWN], True),
        (trust({"AWS": OTHER}), [OWN], True),
        (trust({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/x/y"}), [OWN], True),
        (trust({"AWS": f"arn:aws:iam::{OWN}:root"}), [OWN], False),
        (trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), [OWN, OTHER], False),
        (trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), [], None),
        (trust({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "x"}}), [OWN], False),
        (trust({"Service": "ec2.amazonaws.com"}), [], False),
        (trust({"AWS": Unknown(NO_VALUE, "", STRING, True, ("arn:aws:iam::", None, ":root"))}), [OWN], False),
        ({**trust({"AWS": OTHER}), "Effect": "Deny"}, [OWN], False),
    ],
)
def test_foreign_accounts(statement: dict[str, Any], approved: list[str], foreign: bool | None) -> None:
    assert foreign_accounts(policy(statement), known(approved)).holds is foreign


def sub(value: Any, operator: str = "StringLike", provider: str = GITHUB) -> dict[str, Any]:
    return {operator: {f"{provider}:sub": value}}


@pytest.mark.parametrize(
    ("statement", "anyone", "wide"),
    [
        (web(), True, True),
        (web({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}), False, True),
        (web(sub("repo:acme/portal:ref:refs/heads/main", "StringEquals")), False, False),
        (web(sub("repo:acme/portal:*")), False, False),
        (web(sub("repo:acme/*")), False, False),
        (web(sub("repo:acme*")), True, True),
        (web(sub("repo:*")), True, True),
        (web(sub("*")), True, True),
        (web(sub(["repo:acme/*", "repo:*"])), True, True),
        (web(sub("repo:acme/*", "StringLikeIfExists")), True, True),
        (web(sub("repo:acme/*", "ForAllValues:StringLike")), True, True),
        (web(sub("repo:acme/*", "StringNotLike")), True, True),
        (web(sub("organization:clinic:project:*")), False, False),
        (web(sub("system:serviceaccount:portal:*", provider=EKS)), False, False),
        (web(sub("system:serviceaccount:*", provider=EKS)), True, True),
        (
            web({"StringEquals": {"cognito-identity.amazonaws.com:aud": "x"}}, "cognito-identity.amazonaws.com"),
            False,
            False,
        ),
        (web(None, "cognito-identity.amazonaws.com"), True, True),
        (web(sub(UNKNOWN)), None, None),
        (web(UNKNOWN), None, None),
        (trust({"Federated": f"arn:aws:iam::{OWN}:saml-provider/x"}, None, "sts:AssumeRoleWithSAML"), False, False),
        (trust({"Service": "ec2.amazonaws.com"}), False, False),
    ],
)
def test_web_identities(statement: dict[str, Any], anyone: bool | None, wide: bool | None) -> None:
    assert trusts_any_web_identity(policy(statement)).holds is anyone
    assert trusts_wide_web_identity(policy(statement)).holds is wide


SHOWN = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
IF_EXISTS = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}


@pytest.mark.parametrize(
    ("statement", "people", "without"),
    [
        (trust(ROOT), True, True),
        (trust(OWN), True, True),
        (trust({"AWS": f"arn:aws:iam::{OWN}:user/nurse"}), True, True),
        (trust(ROOT, SHOWN), True, False),
        (trust(ROOT, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}), True, False),
        (trust(ROOT, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}), True, True),
        (trust(ROOT, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}), True, True),
        (trust(ROOT, UNKNOWN), True, None),
        (trust(ROOT, {"StringEquals": {"sts:ExternalId": "x"}}), False, False),
        (trust({"AWS": f"arn:aws:iam::{OWN}:role/build"}), False, False),
        (trust({"Service": "ec2.amazonaws.com"}), False, False),
        (trust({"Federated": f"arn:aws:iam::{OWN}:saml-provider/x"}, None, "sts:AssumeRoleWithSAML"), True, False),
        (trust({"AWS": UNKNOWN}), None, None),
    ],
)
def test_people_and_their_second_factor(statement: dict[str, Any], people: bool | None, without: bool | None) -> None:
    assert trusts_people(policy(statement)).holds is people
    assert trusts_people_without_mfa(policy(statement)).holds is without


def rule(effect: str, condition: Any = None, **members: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Resource": "*", **(members or {"Action": "*"})}
    return statement if condition is None else {**statement, "Condition": condition}


@pytest.mark.parametrize(
    ("statement", "denies"),
    [
        (rule("Deny", IF_EXISTS), True),
        (rule("Deny", IF_EXISTS, NotAction=["iam:ListMFADevices", "sts:GetSessionToken"]), True),
        (rule("Deny", {"Null": {"aws:MultiFactorAuthPresent": "true"}}), True),
        (rule("Deny", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}), False),
        (rule("Deny", IF_EXISTS, Action="s3:*"), False),
        (rule("Deny", {**IF_EXISTS, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), False),
        (rule("Deny"), False),
        (rule("Allow", IF_EXISTS), False),
        (rule("Deny", UNKNOWN), None),
        (rule("Deny", {"BoolIfExists": {"aws:MultiFactorAuthPresent": UNKNOWN}}), None),
    ],
)
def test_denied_without_a_second_factor(statement: dict[str, Any], denies: bool | None) -> None:
    assert denies_without_mfa(policy(rule("Allow", SHOWN), statement)).holds is denies


def test_allowed_only_with_a_second_factor() -> None:
    assert allows_only_with_mfa(policy(rule("Allow", SHOWN), rule("Deny"))).holds is True
    assert allows_only_with_mfa(policy(rule("Allow", SHOWN), rule("Allow"))).holds is False
    assert allows_only_with_mfa(policy(rule("Allow", UNKNOWN))).holds is None
    assert allows_only_with_mfa(Absent("PolicyDocument")).holds is True


KEY, ACTIONS = known("kms:RecipientAttestation:"), known(["kms:Decrypt", "kms:GenerateDataKey*"])
ATTESTED = {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": "abc"}}
UNATTESTED = {"StringNotEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": "abc"}}
CLOSE = {**rule("Deny", UNATTESTED, Action=["kms:Decrypt", "kms:GenerateDataKey*"]), "Principal": "*"}


@pytest.mark.parametrize(
    ("statements", "open_way", "named"),
    [
        ([rule("Allow", ATTESTED, Action="kms:Decrypt")], False, False),
        ([rule("Allow", Action="kms:Decrypt")], True, True),
        ([rule("Allow", Action="kms:GenerateDataKeyPair")], True, True),
        ([rule("Allow", Action="kms:*")], True, False),
        ([rule("Allow", Action="kms:DescribeKey")], False, False),
        ([rule("Allow", Action="kms:*"), CLOSE], False, False),
        ([rule("Allow", Action="kms:*"), {**CLOSE, "Action": "kms:Decrypt"}], True, False),
        ([rule("Allow", Action="kms:*"), {**CLOSE, "Principal": {"AWS": OWN}}], True, False),
        ([rule("Allow", Action="kms:*"), rule("Deny", Action="kms:*")], True, False),
        (
            [rule("Allow", {"StringEqualsIfExists": ATTESTED["StringEqualsIgnoreCase"]}, Action="kms:Decrypt")],
            True,
            True,
        ),
        ([rule("Allow", UNKNOWN, Action="kms:Decrypt")], None, None),
        ([rule("Allow", Action=UNKNOWN)], None, None),
    ],
)
def test_attestation(statements: list[Any], open_way: bool | None, named: bool | None) -> None:
    assert allows_without_condition(policy(*statements), KEY, ACTIONS).holds is open_way
    assert names_without_condition(policy(*statements), KEY, ACTIONS).holds is named


def test_values_of_conditions() -> None:
    found = condition_values(policy(rule("Allow", ATTESTED), rule("Allow", SHOWN), rule("Deny", UNATTESTED)), KEY)
    assert [value.data for value in found.data] == ["abc"]
    assert condition_values(Absent("KeyPolicy"), KEY).data == []
    assert condition_values(UNKNOWN, KEY).data == [UNKNOWN]
