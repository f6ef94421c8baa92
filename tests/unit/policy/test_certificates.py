"""Domain functions over certificates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hipaalint.expression.values import COMPUTED, NO_VALUE, STRING, Absent, Unknown, Value, known
from hipaalint.policy.certificates import is_managed_certificate


def reference(*types: str) -> Unknown:
    references = tuple((SimpleNamespace(type=type), "arn") for type in types)
    return Unknown(COMPUTED, "known after apply", STRING, True, references=references)


@pytest.mark.parametrize(
    ("certificate", "managed"),
    [
        (known("arn:aws:acm:us-east-1:111122223333:certificate/12345678"), True),
        (known("arn:aws:iam::111122223333:server-certificate/portal"), False),
        (known("portal"), False),
        (known(None), False),
        (Absent("CertificateArn"), False),
        (reference("aws_acm_certificate_validation"), True),
        (reference("AWS::IAM::ServerCertificate"), False),
        (reference("aws_acm_certificate", "aws_iam_server_certificate"), None),
        (reference("aws_ssm_parameter"), None),
        (Unknown(NO_VALUE, "", STRING, True, ("arn:aws:acm:", None, ":certificate/1")), True),
        (Unknown(NO_VALUE, "", STRING, True, ("arn:aws:iam::", None, ":server-certificate/1")), False),
        (Unknown(NO_VALUE, "var.certificate has no value", STRING), None),
    ],
)
def test_where_a_certificate_comes_from(certificate: Value, managed: bool | None) -> None:
    assert is_managed_certificate(certificate).holds is managed
