"""What policy documents grant, action by action: wildcards, exclusions, conditions, denials, and what nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Absent, Unknown, Value, known
from hipaalint.policy.iam_grants import (
    ESCALATIONS,
    allows_all_but,
    allows_escalation,
    allows_everywhere,
    allows_full_service,
    allows_writing_everywhere,
    attaches,
    spans_environments,
)

UNKNOWN = Unknown(NO_VALUE, "var.x has no value", STRING, True)


def text(*parts: str | None) -> Unknown:
    """A text with holes."""
    return Unknown(NO_VALUE, "", STRING, True, parts)


def policy(*statements: Any) -> Value:
    return known({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def deny(action: Any, resource: Any = "*", **members: Any) -> dict[str, Any]:
    return {**allow(action, resource, **members), "Effect": "Deny"}


DECRYPT = ["kms:Decrypt", "kms:ReEncrypt*"]
READ = ["s3:GetObject"]


@pytest.mark.parametrize(
    ("statements", "actions", "everywhere"),
    [
        ([allow("kms:Decrypt")], DECRYPT, True),
        ([allow("KMS:decrypt")], DECRYPT, True),
        ([allow("kms:*")], DECRYPT, True),
        ([allow("kms:De*")], DECRYPT, True),
        ([allow("kms:D?crypt")], DECRYPT, True),
        ([allow("*")], DECRYPT, True),
        ([allow("kms:ReEncryptFrom")], DECRYPT, True),
        ([allow("kms:Describe*")], DECRYPT, False),
        ([allow(["kms:DescribeKey", "kms:Encrypt"])], DECRYPT, False),
        ([allow("kms:Decrypt", "arn:aws:kms:*:*:key/*")], DECRYPT, True),
        ([allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/*")], DECRYPT, True),
        ([allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd")], DECRYPT, False),
        ([allow("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/12*")], DECRYPT, False),
        ([allow("kms:Decrypt", text("arn:aws:kms:", None, ":", None, ":key/*"))], DECRYPT, True),
        ([allow("kms:Decrypt", text("arn:aws:kms:eu-west-1:111122223333:key/", None))], DECRYPT, None),
        ([allow("kms:Decrypt", ["arn:aws:kms:*:*:alias/records", "*"])], DECRYPT, True),
        ([allow("*", "arn:aws:s3:::*")], DECRYPT, False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], DECRYPT, True),
        ([{"Effect": "Allow", "NotAction": ["kms:*", "iam:*"], "Resource": "*"}], DECRYPT, False),
        ([{"Effect": "Allow", "NotAction": UNKNOWN, "Resource": "*"}], DECRYPT, None),
        ([{"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": "arn:aws:kms:*:*:key/1"}], DECRYPT, True),
        ([allow("kms:Decrypt"), deny("kms:*")], DECRYPT, False),
        ([allow("kms:Decrypt"), deny("kms:Encrypt")], DECRYPT, True),
        ([allow("kms:Decrypt"), deny("kms:*", "arn:aws:kms:*:*:key/1")], DECRYPT, True),
        ([allow("kms:Decrypt"), deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})], DECRYPT, True),
        ([allow("kms:Decrypt"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], DECRYPT, False),
        ([deny("kms:*")], DECRYPT, False),
        ([allow("kms:Decrypt", Condition={"StringEquals": {"aws:ResourceTag/team": "x"}})], DECRYPT, False),
        (
            [allow("kms:Decrypt", Condition={"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/x"}})],
            DECRYPT,
            False,
        ),
        (
            [allow("kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}})],
            DECRYPT,
            True,
        ),
        ([allow("kms:Decrypt", Condition=UNKNOWN)], DECRYPT, None),
        ([allow(UNKNOWN)], DECRYPT, None),
        ([allow(text("s3:", None))], DECRYPT, False),
        ([allow("kms:Decrypt", UNKNOWN)], DECRYPT, None),
        ([{**allow("kms:Decrypt"), "Effect": UNKNOWN}], DECRYPT, None),
        ([allow("kms:Decrypt", UNKNOWN), allow("kms:*")], DECRYPT, True),
        ([allow("s3:GetObject", "arn:aws:s3:::*")], READ, True),
        ([allow("s3:GetObject", "arn:aws:s3:::*/*")], READ, True),
        ([allow("s3:GetObject", "arn:aws:s3:::records/*")], READ, False),
        ([allow("s3:GetObject", "arn:aws:s3:::role/*")], READ, False),
        ([allow("s3:GetObject", text("arn:aws:s3:::", None, "/*"))], READ, False),
        ([allow("s3:Get*", Condition={"StringEquals": {"s3:ExistingObjectTag/team": "x"}})], READ, False),
        ([allow("s3:ListBucket")], READ, False),
        ([allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/*")], ["ssm:GetParameter"], True),
        ([allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/portal/*")], ["ssm:GetParameter"], False),
        (
            [allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*")],
            ["secretsmanager:GetSecretValue"],
            True,
        ),
        ([allow("iam:PassRole", "arn:aws:iam::*:role/*")], ["iam:PassRole"], True),
        (
            [allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})],
            ["iam:PassRole"],
            True,
        ),
    ],
)
def test_everywhere(statements: list[Any], actions: list[str], everywhere: bool | None) -> None:
    assert allows_everywhere(policy(*statements), known(actions)).holds is everywhere
    # What else a policy allows changes nothing, if it is something else.
    other = allow("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/i-1")
    assert allows_everywhere(policy(other, *statements), known(actions)).holds is everywhere


def test_nothing_is_granted_without_a_policy() -> None:
    assert allows_everywhere(Absent("PolicyDocument"), known(DECRYPT)).holds is False
    assert allows_everywhere(UNKNOWN, known(DECRYPT)).holds is None
    assert allows_escalation(Absent("PolicyDocument")).holds is False


def test_the_resource_is_what_is_shown() -> None:
    star = known("*")
    assert allows_everywhere(policy(allow("kms:*", star)), known(DECRYPT)).because[0] is star


@pytest.mark.parametrize(
    ("statement", "whole"),
    [
        (allow("s3:*"), True),
        (allow("*"), True),
        (allow("*:*"), True),
        (allow(["s3:GetObject", "kms:*"], "arn:aws:kms:*:*:key/1"), True),
        (allow("s3:Get*"), False),
        (allow("s3:**"), True),
        (deny("s3:*"), False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        (allow(UNKNOWN), None),
        (allow(text("s3:", None)), None),
        (allow(text("s3:Get", None)), False),
        (allow(text(None, ":*")), None),
    ],
)
def test_whole_services(statement: dict[str, Any], whole: bool | None) -> None:
    assert allows_full_service(policy(statement)).holds is whole


@pytest.mark.parametrize(
    ("statement", "excludes"),
    [
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": "*", "NotResource": "x"}, True),
        ({"Effect": "Allow", "NotPrincipal": "*", "Action": "sts:AssumeRole"}, True),
        ({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}, False),
        ({"Effect": UNKNOWN, "NotAction": "iam:*", "Resource": "*"}, None),
        (allow("*"), False),
    ],
)
def test_exclusions(statement: dict[str, Any], excludes: bool | None) -> None:
    assert allows_all_but(policy(statement)).holds is excludes


@pytest.mark.parametrize("path", ESCALATIONS, ids="+".join)
def test_each_way_to_further_rights(path: tuple[str, ...]) -> None:
    whole = [allow(action) for action in path]
    assert allows_escalation(policy(*whole)).holds is True
    assert allows_escalation(policy(allow(list(path)))).holds is True
    for missing in range(len(path)):
        assert allows_escalation(policy(*whole[:missing], *whole[missing + 1 :])).holds is False
    assert allows_escalation(policy(*whole, deny(path[0]))).holds is False


@pytest.mark.parametrize(
    ("statements", "escalates"),
    [
        ([allow("*")], True),
        ([allow("iam:*")], True),
        ([allow("iam:Get*")], False),
        ([allow("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/app-*")], False),
        ([allow("iam:PutRolePolicy", Condition={"StringEquals": {"iam:PermissionsBoundary": "arn:x"}})], False),
        ([allow("iam:PassRole"), allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/i-1")], False),
        ([allow("iam:PassRole"), allow(UNKNOWN)], None),
    ],
)
def test_escalation(statements: list[Any], escalates: bool | None) -> None:
    assert allows_escalation(policy(*statements)).holds is escalates


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        (allow("s3:PutObject"), True),
        (allow("s3:*"), True),
        (allow(["s3:GetObject", "s3:List*", "dynamodb:BatchGetItem", "ec2:DescribeInstances"]), False),
        (allow("xray:PutTraceSegments"), False),
        (allow("s3:PutObject", "arn:aws:s3:::records/*"), False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        (deny("s3:PutObject"), False),
        (allow(UNKNOWN), None),
        (allow(text("s3:Get", None)), False),
    ],
)
def test_writing(statement: dict[str, Any], writes: bool | None) -> None:
    assert allows_writing_everywhere(policy(statement), known(["xray:Put*"])).holds is writes


@pytest.mark.parametrize(
    ("policies", "attached"),
    [
        (["arn:aws:iam::aws:policy/AdministratorAccess"], True),
        (["arn:aws-us-gov:iam::aws:policy/AdministratorAccess"], True),
        ([text("arn:", None, ":iam::aws:policy/AdministratorAccess")], True),
        (["arn:aws:iam::aws:policy/job-function/AdministratorAccess"], True),
        (["arn:aws:iam::aws:policy/AdministratorAccess-Amplify"], False),
        (["arn:aws:iam::111122223333:policy/AdministratorAccess"], False),
        (["arn:aws:iam::aws:policy/ReadOnlyAccess"], False),
        ([text("arn:aws:iam::aws:policy/", None)], None),
        ([text("arn:aws:iam::aws:policy/", None, "ReadOnlyAccess")], False),
        ([UNKNOWN], None),
        ([], False),
    ],
)
def test_attached_policies_of_aws(policies: list[Any], attached: bool | None) -> None:
    assert attaches(known(policies), known(["AdministratorAccess"])).holds is attached


def test_environments_by_the_words_in_names() -> None:
    words = known(["dev", "test"]), known(["prod"])
    both = policy(allow("s3:*", ["arn:aws:s3:::records-dev/*", "arn:aws:s3:::records-prod/*"]))
    assert spans_environments(both, *words).holds is True
    assert spans_environments(policy(allow("s3:*", "arn:aws:s3:::product-dev/*")), *words).holds is False
    apart = policy(allow("s3:*", "arn:aws:s3:::a-dev"), deny("s3:*", "arn:aws:s3:::a-prod"))
    assert spans_environments(apart, *words).holds is False
    assert spans_environments(UNKNOWN, *words).holds is None
