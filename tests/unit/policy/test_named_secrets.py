"""Which variables of an environment are secrets by their names."""

from __future__ import annotations

import pytest

from hipaalint.expression.values import NO_VALUE, STRING, Absent, Unknown, Value, known
from hipaalint.policy.credentials import names_secret

HOLE = Unknown(NO_VALUE, "var.x has no value", STRING, True)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASSWORD", "correct horse", True),
        ("db.password", "hunter2", True),
        ("API_TOKEN", "abcdef", True),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", True),
        ("AWS_ACCESS_KEY_ID", "AIPA8YOHGIS58IBFDU3E", True),
        ("AWS_ACCESS_KEY_ID", "none", False),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE", True),
        ("STAGE", "production", False),
        ("SECRET_NAME", "clinic/db", False),
        ("DB_PASSWORD_ARN", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db", False),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db", False),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db}}", False),
        ("DB_PASSWORD", "/clinic/db/password", False),
        ("DB_PASSWORD", "", False),
        ("TOKEN_TTL", "3600", False),
    ],
)
def test_names_secret(name: str, value: str, secret: bool) -> None:
    assert names_secret(known(name), known(value)).holds is secret


@pytest.mark.parametrize("value", [HOLE, Absent("Value"), known(None)])
def test_what_is_no_literal_is_no_secret(value: Value) -> None:
    assert names_secret(known("DB_PASSWORD"), value).holds is False
