"""Policies in the forms that AWS documents, and the answer of every question to each of them."""

from __future__ import annotations

from typing import Any

import pytest

from hipaalint.expression.values import Value, known
from hipaalint.policy.decisions import Decision
from hipaalint.policy.iam import allows_admin, allows_public, denies_insecure_transport
from hipaalint.policy.iam_grants import (
    allows_all_but,
    allows_escalation,
    allows_everywhere,
    allows_full_service,
    allows_writing_everywhere,
)
from hipaalint.policy.iam_trust import (
    denies_without_mfa,
    trusts_any_web_identity,
    trusts_people,
    trusts_people_without_mfa,
    trusts_wide_web_identity,
)

ACCOUNT, OTHER = "111122223333", "444455556666"


def passes_roles(document: Value) -> Decision:
    decision: Decision = allows_everywhere(document, known(["iam:PassRole"]))
    return decision


def reads_everything(document: Value) -> Decision:
    decision: Decision = allows_everywhere(
        document, known(["s3:GetObject", "dynamodb:GetItem", "secretsmanager:GetSecretValue"])
    )
    return decision


QUESTIONS = (
    allows_admin,
    allows_public,
    denies_insecure_transport,
    allows_all_but,
    allows_escalation,
    allows_full_service,
    allows_writing_everywhere,
    passes_roles,
    reads_everything,
    denies_without_mfa,
    trusts_any_web_identity,
    trusts_people,
    trusts_people_without_mfa,
    trusts_wide_web_identity,
)


def statement(effect: str, **members: Any) -> dict[str, Any]:
    return {"Effect": effect, **members}


DOCUMENTS: dict[str, tuple[list[dict[str, Any]], set[str]]] = {
    "AdministratorAccess": (
        [statement("Allow", Action="*", Resource="*")],
        {
            "allows_admin",
            "allows_escalation",
            "allows_full_service",
            "allows_writing_everywhere",
            "passes_roles",
            "reads_everything",
        },
    ),
    "PowerUserAccess": (
        [
            statement("Allow", NotAction=["iam:*", "organizations:*", "account:*"], Resource="*"),
            statement("Allow", Action=["iam:CreateServiceLinkedRole", "iam:ListRoles"], Resource="*"),
        ],
        {
            "allows_all_but",
            "allows_escalation",  # it may change the code of any function, which then acts with its own role
            "allows_full_service",
            "allows_writing_everywhere",
            "reads_everything",
        },
    ),
    "IAMFullAccess": (
        [statement("Allow", Action=["iam:*", "organizations:DescribeAccount"], Resource="*")],
        {"allows_escalation", "allows_full_service", "allows_writing_everywhere", "passes_roles"},
    ),
    "AmazonS3ReadOnlyAccess": (
        [statement("Allow", Action=["s3:Get*", "s3:List*", "s3:Describe*"], Resource="*")],
        {"reads_everything"},
    ),
    "SecurityAudit in part": (
        [statement("Allow", Action=["iam:Get*", "iam:List*", "ec2:Describe*", "kms:List*"], Resource="*")],
        set(),
    ),
    "one bucket": (
        [
            statement("Allow", Action=["s3:ListBucket"], Resource=["arn:aws:s3:::records"]),
            statement("Allow", Action=["s3:PutObject", "s3:GetObject"], Resource=["arn:aws:s3:::records/*"]),
        ],
        set(),
    ),
    "home folder by user name": (
        [statement("Allow", Action="s3:*", Resource="arn:aws:s3:::records/home/${aws:username}/*")],
        {"allows_full_service"},
    ),
    "one's own items of a table": (
        [
            statement(
                "Allow",
                Action=["dynamodb:GetItem", "dynamodb:PutItem"],
                Resource="*",
                Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${www.amazon.com:user_id}"]}},
            )
        ],
        set(),
    ),
    "self-managed credentials with MFA": (
        [
            statement("Allow", Action=["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"], Resource="*"),
            statement("Allow", Action="iam:ChangePassword", Resource="arn:aws:iam::*:user/${aws:username}"),
            statement(
                "Deny",
                NotAction=["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
                Resource="*",
                Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            ),
        ],
        {"denies_without_mfa"},
    ),
    "pass one role to one service": (
        [
            statement(
                "Allow",
                Action="iam:PassRole",
                Resource=f"arn:aws:iam::{ACCOUNT}:role/EC2-roles-for-XYZ-*",
                Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            )
        ],
        set(),
    ),
    "instances by tag": (
        [
            statement(
                "Allow",
                Action=["ec2:StartInstances", "ec2:StopInstances"],
                Resource="arn:aws:ec2:*:*:instance/*",
                Condition={"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}},
            )
        ],
        set(),
    ),
    "trust in EC2": (
        [statement("Allow", Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")],
        set(),
    ),
    "trust in another account with MFA": (
        [
            statement(
                "Allow",
                Principal={"AWS": f"arn:aws:iam::{OTHER}:root"},
                Action="sts:AssumeRole",
                Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            )
        ],
        {"trusts_people"},
    ),
    "trust in another account": (
        [statement("Allow", Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}, Action="sts:AssumeRole")],
        {"trusts_people", "trusts_people_without_mfa"},
    ),
    "trust in a third party": (
        [
            statement(
                "Allow",
                Principal={"AWS": OTHER},
                Action="sts:AssumeRole",
                Condition={"StringEquals": {"sts:ExternalId": "12345"}},
            )
        ],
        set(),
    ),
    "trust in a directory": (
        [
            statement(
                "Allow",
                Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/clinic"},
                Action="sts:AssumeRoleWithSAML",
                Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            )
        ],
        {"trusts_people"},
    ),
    "trust in GitHub's builds": (
        [
            statement(
                "Allow",
                Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
                Action="sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                    "StringLike": {"token.actions.githubusercontent.com:sub": "repo:clinic/portal:*"},
                },
            )
        ],
        set(),
    ),
    "trust in an identity pool": (
        [
            statement(
                "Allow",
                Principal={"Federated": "cognito-identity.amazonaws.com"},
                Action="sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:12345678"},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
                },
            )
        ],
        set(),
    ),
    "a website's bucket": (
        [statement("Allow", Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::images/*")],
        {"allows_public"},
    ),
    "a bucket behind CloudFront": (
        [
            statement(
                "Allow",
                Principal={"Service": "cloudfront.amazonaws.com"},
                Action="s3:GetObject",
                Resource="arn:aws:s3:::images/*",
                Condition={"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}},
            )
        ],
        set(),
    ),
    "a trail's bucket": (
        [
            statement(
                "Allow",
                Principal={"Service": "cloudtrail.amazonaws.com"},
                Action="s3:PutObject",
                Resource=f"arn:aws:s3:::trail/AWSLogs/{ACCOUNT}/*",
                Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        ],
        set(),
    ),
    "a bucket with TLS alone": (
        [
            statement(
                "Deny",
                Principal="*",
                Action="s3:*",
                Resource=["arn:aws:s3:::records", "arn:aws:s3:::records/*"],
                Condition={"Bool": {"aws:SecureTransport": "false"}},
            )
        ],
        {"denies_insecure_transport"},
    ),
    "a bucket for one network": (
        [
            statement(
                "Deny",
                Principal="*",
                Action="s3:*",
                Resource=["arn:aws:s3:::records", "arn:aws:s3:::records/*"],
                Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
            )
        ],
        set(),
    ),
    "a queue for one topic": (
        [
            statement(
                "Allow",
                Principal="*",
                Action="sqs:SendMessage",
                Resource=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:results",
                Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:results"}},
            )
        ],
        set(),
    ),
    "a topic as it is made": (
        [
            statement(
                "Allow",
                Principal={"AWS": "*"},
                Action=["SNS:Publish", "SNS:Subscribe"],
                Resource=f"arn:aws:sns:eu-west-1:{ACCOUNT}:results",
                Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
            )
        ],
        set(),
    ),
    "a key's default policy": (
        [statement("Allow", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="kms:*", Resource="*")],
        {"allows_full_service", "allows_writing_everywhere", "trusts_people", "trusts_people_without_mfa"},
    ),
    "a key for callers of one account through one service": (
        [
            statement(
                "Allow",
                Principal={"AWS": "*"},
                Action=["kms:Decrypt", "kms:DescribeKey"],
                Resource="*",
                Condition={
                    "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
                },
            )
        ],
        {"allows_writing_everywhere"},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documented_policies(name: str) -> None:
    statements, expected = DOCUMENTS[name]
    document = known({"Version": "2012-10-17", "Statement": statements})
    answers = {question.__name__: question(document).holds for question in QUESTIONS}
    assert {question for question, holds in answers.items() if holds} == expected
    assert None not in answers.values()
