"""What policy documents allow, in the forms in which they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Absent, Unknown, Value, known
from hipaalint.policy.iam import allows_admin, allows_public, denies_insecure_transport, statements


def policy(*entries: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(entries)}


def allow(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **members}


UNKNOWN = Unknown(NO_VALUE, "var.x has no value", STRING, True)


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        (allow(Principal="*"), True),
        (allow(Principal={"AWS": "*"}), True),
        (allow(Principal={"AWS": ["arn:aws:iam::111122223333:root", "*"]}), True),
        (allow(NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}), True),
        (allow(Principal={"AWS": "arn:aws:iam::111122223333:root"}), False),
        (allow(Principal={"Service": "cloudtrail.amazonaws.com"}), False),
        (allow(Principal="*", Effect="Deny"), False),
        (allow(), False),
        (allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
        (allow(Principal="*", Condition={"StringEquals": {"AWS:SourceAccount": ["111122223333"]}}), False),
        (allow(Principal="*", Condition={"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}), True),
        (allow(Principal="*", Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}), True),
        (allow(Principal="*", Condition={"StringNotEquals": {"aws:SourceAccount": "111122223333"}}), True),
        (allow(Principal="*", Condition={"StringLike": {"aws:SourceArn": "*"}}), True),
        (allow(Principal={"AWS": "arn:aws:iam::*:role/reader"}), True),
        (allow(Principal={"AWS": ["arn:aws-us-gov:iam::*:user/*"]}), True),
        (allow(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}), False),
        (allow(Principal="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}), True),
        (allow(Principal="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), False),
        (allow(Principal="*", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::records"}}), False),
        (allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), False),
        (allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}), True),
        (allow(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}), True),
        (allow(Principal={"Service": UNKNOWN}), False),
        (allow(Principal={"Service": "*"}), True),
        (allow(Principal="*", Condition={"StringEquals": {"sts:ExternalId": "x"}}), True),
        (allow(Principal="*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}), False),
        (allow(Principal="*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}), True),
        (allow(Principal=UNKNOWN), None),
        (allow(Principal={"AWS": UNKNOWN}), None),
        (allow(Principal={"AWS": Unknown(NO_VALUE, "", STRING, True, ("arn:aws:iam::", None, ":root"))}), False),
        (allow(Principal="*", Effect=UNKNOWN), None),
        (allow(Principal="*", Condition=UNKNOWN), None),
        (allow(Principal="*", Condition={"StringEquals": UNKNOWN}), None),
        (allow(Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": UNKNOWN}}), None),
        (allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": UNKNOWN}}), False),
    ],
)
def test_public(statement: dict[str, Any], public: bool | None) -> None:
    assert allows_public(known(policy(statement))).holds is public
    # Another statement that lets nobody in changes nothing.
    assert allows_public(known(policy(allow(Principal={"AWS": "111122223333"}), statement))).holds is public


def test_forms_of_a_document() -> None:
    public = allow(Principal="*")
    assert allows_public(known(json.dumps(policy(public)))).holds is True
    assert allows_public(known({"Statement": public})).holds is True
    assert allows_public(known([policy(), policy(public)])).holds is True
    assert allows_public(known(public)).holds is True  # a statement by itself
    assert allows_public(known("")).holds is False
    assert allows_public(known("no JSON")).holds is None
    assert allows_public(Absent("PolicyDocument")).holds is False
    assert allows_public(known(None)).holds is False
    assert allows_public(UNKNOWN).holds is None
    assert allows_public(known(policy(UNKNOWN))).holds is None
    assert allows_public(known(policy(UNKNOWN, public))).holds is True


def test_the_principal_is_what_is_shown() -> None:
    star = known("*")
    assert allows_public(known(policy(allow(Principal={"AWS": star})))).because[0] is star


def deny(**members: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::records", "arn:aws:s3:::records/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **members,
    }


@pytest.mark.parametrize(
    ("statement", "denies"),
    [
        (deny(), True),
        (deny(Principal={"AWS": "*"}), True),
        (deny(Action="*", Resource="*"), True),
        (deny(Action=["s3:GetObject", "s3:*"]), True),
        (deny(Condition={"Bool": {"aws:SecureTransport": False}}), True),
        (deny(Condition={"BoolIfExists": {"AWS:SecureTransport": ["false"]}}), True),
        (deny(Effect="Allow"), False),
        (deny(Condition={"Bool": {"aws:SecureTransport": "true"}}), False),
        (deny(Condition={}), False),
        (deny(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}), False),
        (deny(Principal={"AWS": "arn:aws:iam::111122223333:root"}), False),
        (deny(Action="s3:GetObject"), False),
        (deny(Resource="arn:aws:s3:::records"), False),
        (deny(Action="sqs:*"), False),
        (deny(Action="S3:*"), True),
        (deny(Action="SQS:*", Resource="arn:aws:sqs:us-east-1:111122223333:results"), True),
        (deny(Action="sqs:*", Resource="arn:aws:sqs:us-east-1:111122223333:results"), True),
        (deny(Resource=[Unknown(NO_VALUE, "", STRING, True, (None, "/*"))]), True),
        (deny(Resource=[UNKNOWN]), None),
        (deny(Action=UNKNOWN), None),
        (deny(Condition=UNKNOWN), None),
    ],
)
def test_insecure_transport(statement: dict[str, Any], denies: bool | None) -> None:
    assert denies_insecure_transport(known(policy(statement))).holds is denies
    assert denies_insecure_transport(known(policy(allow(Principal="*"), statement))).holds is denies


@pytest.mark.parametrize(
    ("resources", "bucket", "denies"),
    [
        (["arn:aws:s3:::records", "arn:aws:s3:::records/*"], known("records"), True),
        (["arn:aws:s3:::records", "arn:aws:s3:::recordings/*"], known("records"), False),
        (["arn:aws:s3:::recordings", "arn:aws:s3:::records/*"], known("records"), False),
        (["arn:aws:s3:::rec*"], known("records"), True),
        (["*"], known("records"), True),
        (["arn:aws:s3:::records", "arn:aws:s3:::records/*"], UNKNOWN, True),
    ],
)
def test_insecure_transport_to_the_own_bucket(resources: list[str], bucket: Value, denies: bool) -> None:
    document = known(policy(deny(Resource=resources)))
    assert denies_insecure_transport(document, known(None), bucket).holds is denies


def test_nothing_denied_without_a_policy() -> None:
    assert denies_insecure_transport(Absent("PolicyDocument")).holds is False
    assert denies_insecure_transport(UNKNOWN).holds is None


@pytest.mark.parametrize(
    ("statement", "admin"),
    [
        (allow(Action="*"), True),
        (allow(Action=["s3:GetObject", "*"], Resource=["*"]), True),
        (allow(Action="*:*"), True),
        (allow(Action="*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True),
        (allow(Action="*", Resource="arn:aws:s3:::records"), False),
        (allow(Action="s3:*"), False),
        (allow(Action="*", Effect="Deny"), False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, False),
        ({"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}, False),
        ({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": UNKNOWN, "Resource": "*"}, None),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}, False),
        (allow(Action="**"), True),
        (allow(Action="*", Resource="arn:aws:*"), True),
        (allow(Action=UNKNOWN), None),
        (allow(Action="*", Resource=UNKNOWN), None),
        (allow(Action=Unknown(NO_VALUE, "", STRING, True, ("s3:", None))), False),
    ],
)
def test_admin(statement: dict[str, Any], admin: bool | None) -> None:
    assert allows_admin(known(policy(statement))).holds is admin


def test_statements_as_plain_lists() -> None:
    found = statements(known(policy(allow(Principal={"AWS": ["a", "b"]}), {"Effect": "Deny", "NotAction": "x:y"})))
    assert [
        {name: [v.data for v in value.data] for name, value in item.data.items() if isinstance(value.data, list)}
        for item in found.data
    ] == [
        {
            "Action": ["s3:GetObject"],
            "NotAction": [],
            "Resource": ["*"],
            "NotResource": [],
            "Principal": ["a", "b"],
            "NotPrincipal": [],
        },
        {"Action": [], "NotAction": ["x:y"], "Resource": [], "NotResource": [], "Principal": [], "NotPrincipal": []},
    ]
