"""Domain functions about buckets, and those about relations that their checks use."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hipaalint.expression.values import (
    NO_VALUE,
    OBJECT,
    OUTSIDE,
    STRING,
    UNRESOLVED,
    Absent,
    Known,
    Namespace,
    Unknown,
    Value,
    known,
)
from hipaalint.graph.graph import ResourceView
from hipaalint.policy.buckets import LOG_DELIVERY_GROUP, admits_only, takes_logs_of
from hipaalint.policy.decisions import Decision
from hipaalint.policy.functions import connected, declared_here

ACCESS, BALANCERS = "logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"
SOMETHING = Namespace(lambda name, range: Absent(name))
HOLE = Unknown(NO_VALUE, "var.x has no value", STRING, True)

MAYBE = Unknown(UNRESOLVED, "nobody knows whether it exists")
ELSEWHERE = Unknown(OUTSIDE, "bucket is declared outside this root")


def policy(*statements: dict[str, Any]) -> Value:
    return known({"Statement": list(statements)})


def bucket(**members: Any) -> Value:
    return known(members)


@pytest.mark.parametrize(
    ("members", "access", "balancers"),
    [
        ({}, False, False),
        ({"logged_buckets": [SOMETHING]}, True, False),
        ({"logged_buckets": [MAYBE]}, None, False),
        ({"load_balancers": [SOMETHING]}, False, True),
        ({"AccessControl": "LogDeliveryWrite"}, True, False),
        ({"AccessControl": "Private"}, False, False),
        ({"AccessControl": HOLE}, None, False),
        ({"AccessControlPolicy": {"Grant": [{"Grantee": {"URI": LOG_DELIVERY_GROUP}}]}}, True, False),
    ],
)
def test_whose_logs_a_bucket_takes(members: dict[str, Any], access: bool | None, balancers: bool | None) -> None:
    assert takes_logs_of(bucket(**members), known([ACCESS])).holds is access
    assert takes_logs_of(bucket(**members), known([BALANCERS])).holds is balancers


def test_a_policy_says_whose_logs_a_bucket_takes() -> None:
    def taking(**statement: Any) -> bool | None:
        decision: Decision = takes_logs_of(bucket(policies=[{"PolicyDocument": policy(statement)}]), known([ACCESS]))
        return decision.holds

    assert taking(Effect="Allow", Principal={"Service": ACCESS}, Action="s3:PutObject") is True
    assert taking(Effect="Deny", Principal={"Service": ACCESS}, Action="s3:PutObject") is False
    assert taking(Effect="Allow", Principal={"Service": BALANCERS}, Action="s3:PutObject") is False
    assert taking(Effect="Allow", Principal={"AWS": ACCESS}, Action="s3:PutObject") is False


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"Service": "cloudtrail.amazonaws.com"}, True),
        ({"AWS": "111122223333"}, True),
        ({"AWS": "arn:aws:iam::111122223333:role/reader"}, True),
        ({"AWS": "arn:aws:iam::444455556666:role/reader"}, False),
        ({"AWS": ["arn:aws:iam::111122223333:root", "444455556666"]}, False),
        ({"AWS": Unknown(NO_VALUE, "", STRING, references=((SimpleNamespace(type="aws_iam_role"), "arn"),))}, True),
        ({"AWS": HOLE}, None),
        ("*", False),
    ],
)
def test_whom_a_policy_admits(principal: Any, expected: bool | None) -> None:
    document = policy({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"})
    assert admits_only(document, known(["*.amazonaws.com", "111122223333"])).holds is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}, False),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:SourceVpce": HOLE}}, None),
        (HOLE, None),
    ],
)
def test_everyone_as_far_as_a_condition_lets(condition: Any, expected: bool | None) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Condition": condition}
    assert admits_only(policy(statement), known(["vpce-1"])).holds is expected


def test_what_admits_nobody_is_fine() -> None:
    nobody = known([])
    assert admits_only(policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}), nobody).holds is True
    assert admits_only(policy({"Effect": "Allow", "NotPrincipal": "*", "Action": "s3:*"}), nobody).holds is False
    assert admits_only(HOLE, nobody).holds is None
    effect = Known({"Effect": HOLE, "Principal": known("*")}, OBJECT)
    assert admits_only(Known({"Statement": effect}, OBJECT), nobody).holds is None


def test_where_relations_lead() -> None:
    for partial in (False, True):
        resource = SimpleNamespace(header=None, partial=partial)
        assert declared_here(ResourceView(None, resource)).holds is not partial  # type: ignore[arg-type]
    assert declared_here(ELSEWHERE).holds is False
    assert declared_here(Absent("bucket")).holds is False
    assert declared_here(MAYBE).holds is None
    assert connected(known([])).holds is False
    assert connected(known([MAYBE]), known([SOMETHING])).holds is True
    assert connected(known([MAYBE]), known([])).holds is None
