"""Credentials in scripts: what is one, what only looks like one, and what an encoding hides."""

from __future__ import annotations

import base64

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Absent, Unknown, known
from hipaalint.policy.credentials import holds_credentials


@pytest.mark.parametrize(
    "script",
    [
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb…",
        "DATABASE_PASSWORD=correct-horse",
        'export DATABASE_PASSWORD=\\"SomeSortOfPassword\\"',
        '{"db_password": "correct-horse"}',
        "password: correct-horse",
        "mysql --user admin --password=correct-horse",
        "curl -H x --token 0123456789abcdef",
        "apiKey = 'abcdef012345'",
    ],
)
def test_credentials_are_found(script: str) -> None:
    assert holds_credentials(known(script)).holds is True
    assert holds_credentials(known(base64.b64encode(script.encode()).decode())).holds is True


@pytest.mark.parametrize(
    "script",
    [
        "",
        "#!/bin/bash\nyum -y update\necho hello > /tmp/x",
        'export PASSWORD="$DB_PASSWORD"',
        "PASSWORD=$(aws secretsmanager get-secret-value --secret-id portal)",
        "PASSWORD={{resolve:secretsmanager:portal}}",
        "SECRET_NAME=portal/database",
        "SECRET_ARN=arn:aws:secretsmanager:us-east-1:123456789012:secret:portal",
        "password_length=20",
        "TOKEN_FILE=/var/run/token",
        "PasswordAuthentication no",
        "password: <your password>",
        "passwords=true",
        "ZXhwb3J0IEVESVRPUj12aW1hY3M=",
    ],
)
def test_what_is_no_credential(script: str) -> None:
    assert holds_credentials(known(script)).holds is False


def test_what_is_known_in_part() -> None:
    hole = Unknown(NO_VALUE, "var.password has no value", STRING, True, parts=("export PASSWORD=", None, "\n"))
    assert holds_credentials(hole).holds is False
    literal = Unknown(NO_VALUE, "var.user has no value", STRING, True, parts=("user=", None, " password=correct-horse"))
    assert holds_credentials(literal).holds is True
    encoded = Unknown(NO_VALUE, "var.user has no value", STRING, True, sources=(literal,))
    assert holds_credentials(encoded).holds is True
    assert holds_credentials(Unknown(NO_VALUE, "var.script has no value", STRING, True)).holds is None
    assert holds_credentials(Absent("UserData")).holds is False
