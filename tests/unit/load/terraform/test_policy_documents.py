"""aws_iam_policy_document: the policy as the provider writes it, with unknown parts in place and ranges to the blocks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hipaalint.expression.values import Known, Value
from tests.unit.load.terraform.loading import Load, Loaded, shown

USE = '\nresource "aws_x" "y" { z = data.aws_iam_policy_document.p.json }\n'


def policy(loaded: Loaded) -> Value:
    """The object that the text was made from."""
    value = loaded.value("aws_x.y", "z")
    while not (isinstance(value, Known) and isinstance(value.data, dict)):
        value = value.sources[0]
    return value


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            'actions = ["s3:GetObject"]\n resources = ["*"]',
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        ),
        (
            'sid = "S"\n effect = "Deny"\n not_actions = ["a:B", "c:D"]\n not_resources = ["x", "y"]',
            {"Sid": "S", "Effect": "Deny", "NotAction": ["c:D", "a:B"], "NotResource": ["y", "x"]},
        ),
        (
            'principals {\n type = "*"\n identifiers = ["*"]\n}',
            {"Effect": "Allow", "Principal": "*"},
        ),
        (
            'principals {\n type = "AWS"\n identifiers = ["*"]\n}',
            {"Effect": "Allow", "Principal": {"AWS": "*"}},
        ),
        (
            'principals {\n type = "AWS"\n identifiers = ["a", "b"]\n}\n'
            'not_principals {\n type = "Service"\n identifiers = ["s"]\n}',
            {"Effect": "Allow", "Principal": {"AWS": ["b", "a"]}, "NotPrincipal": {"Service": "s"}},
        ),
        (
            'condition {\n test = "Bool"\n variable = "aws:SecureTransport"\n values = ["false"]\n}\n'
            'condition {\n test = "StringLike"\n variable = "s3:prefix"\n values = ["", "home/&{aws:username}/"]\n}',
            {
                "Effect": "Allow",
                "Condition": {
                    "Bool": {"aws:SecureTransport": "false"},
                    "StringLike": {"s3:prefix": ["", "home/${aws:username}/"]},
                },
            },
        ),
        (
            'actions = []\n resources = ["${aws_b.b.arn}/*"]',
            {"Effect": "Allow", "Resource": "?/*"},
        ),
        (
            'actions = var.actions\n resources = [var.one, "x"]',
            {"Effect": "Allow", "Action": "?no-value", "Resource": ["?no-value", "x"]},
        ),
    ],
)
def test_statements(load: Load, statement: str, expected: dict[str, Any]) -> None:
    loaded = load(
        f'data "aws_iam_policy_document" "p" {{\n  statement {{\n{statement}\n}}\n}}{USE}'
        'resource "aws_b" "b" {}\nvariable "actions" { type = list(string) }\nvariable "one" { type = string }'
    )
    assert shown(policy(loaded)) == {"Version": "2012-10-17", "Statement": [expected]}


def test_the_text_and_the_ranges(load: Load) -> None:
    loaded = load(
        'data "aws_iam_policy_document" "p" {\n  version = "2008-10-17"\n  policy_id = "I"\n'
        '  statement {\n    actions = ["*"]\n  }\n  statement {\n    effect = "Deny"\n  }\n}' + USE
    )
    text = loaded.shown("aws_x.y", "z")
    document = {
        "Version": "2008-10-17",
        "Id": "I",
        "Statement": [{"Effect": "Allow", "Action": "*"}, {"Effect": "Deny"}],
    }
    assert json.loads(text) == document
    statements = policy(loaded).data["Statement"].data  # type: ignore[attr-defined]
    assert [statement.range.line for statement in statements] == [4, 7]
    assert statements[0].data["Action"].range.text == 'actions = ["*"]'
    assert statements[1].data["Effect"].range.text == 'effect = "Deny"'


def test_dynamic_statements(load: Load) -> None:
    loaded = load(
        """
        data "aws_iam_policy_document" "p" {
          dynamic "statement" {
            for_each = { a = "x", b = "y" }
            content {
              sid       = statement.key
              resources = [statement.value]
            }
          }
        }
        """
        + USE
    )
    assert shown(policy(loaded))["Statement"] == [
        {"Sid": "a", "Effect": "Allow", "Resource": "x"},
        {"Sid": "b", "Effect": "Allow", "Resource": "y"},
    ]


BASE = """
data "aws_iam_policy_document" "base" {
  statement {
    sid     = "one"
    actions = ["a"]
  }
  statement {
    actions = ["b"]
  }
}
"""


@pytest.mark.parametrize(
    ("arguments", "actions"),
    [
        ("source_policy_documents = [data.aws_iam_policy_document.base.json]", ["a", "b", "own"]),
        ("override_policy_documents = [data.aws_iam_policy_document.base.json]", ["own", "a", "b"]),
        ('source_policy_documents = [jsonencode({ Statement = { Action = "c" } })]', ["c", "own"]),
        ('source_policy_documents = ["{\\"Statement\\": [{\\"Action\\": \\"c\\"}]}"]', ["c", "own"]),
        ("source_json = data.aws_iam_policy_document.base.json", ["a", "b", "own"]),
        ("source_policy_documents = []", ["own"]),
        ("source_policy_documents = [var.other]", ["?no-value", "own"]),
        ("source_policy_documents = var.others", ["?no-value", "own"]),
    ],
)
def test_documents_are_taken_in(load: Load, arguments: str, actions: list[str]) -> None:
    loaded = load(
        BASE
        + f'data "aws_iam_policy_document" "p" {{\n  {arguments}\n  statement {{\n    actions = ["own"]\n  }}\n}}\n'
        'variable "other" { type = string }\nvariable "others" { type = list(string) }\n' + USE
    )
    found = shown(policy(loaded))["Statement"]
    assert [statement["Action"] if isinstance(statement, dict) else statement for statement in found] == actions


def test_an_override_takes_the_place_of_the_same_sid(load: Load) -> None:
    loaded = load(
        BASE
        + """
        data "aws_iam_policy_document" "p" {
          source_policy_documents   = [data.aws_iam_policy_document.base.json]
          override_policy_documents = [jsonencode({ Statement = [{ Sid = "one", Effect = "Deny" }] })]
        }
        """
        + USE
    )
    assert shown(policy(loaded))["Statement"] == [
        {"Sid": "one", "Effect": "Deny"},
        {"Effect": "Allow", "Action": "b"},
    ]
    statements = policy(loaded).data["Statement"].data  # type: ignore[attr-defined]
    assert [statement.range.line for statement in statements] == [14, 7]


def test_an_unknown_override_leaves_statements_with_a_sid_open(load: Load) -> None:
    loaded = load(
        'variable "o" { type = string }\ndata "aws_iam_policy_document" "p" {\n  override_policy_documents = [var.o]\n'
        '  statement {\n    sid = "s"\n  }\n  statement {\n    actions = ["a"]\n  }\n}' + USE
    )
    assert shown(policy(loaded))["Statement"] == ["?no-value", {"Effect": "Allow", "Action": "a"}, "?no-value"]


def test_a_source_that_is_no_policy_is_an_error_of_the_value(load: Load) -> None:
    loaded = load('data "aws_iam_policy_document" "p" {\n  source_policy_documents = ["no JSON"]\n}' + USE)
    value = loaded.value("aws_x.y", "z")
    assert loaded.shown("aws_x.y", "z") == "?evaluation-error"
    assert "no policy document in JSON" in value.detail  # type: ignore[attr-defined]


def test_a_policy_two_modules_deep(load: Load) -> None:
    loaded = load(
        {
            "main.tf": 'module "a" {\n  source = "./a"\n}\nresource "aws_x" "y" { z = module.a.policy }',
            "a/main.tf": 'module "b" {\n  source = "../b"\n  actions = ["s3:*"]\n}\n'
            'output "policy" { value = module.b.policy }',
            "b/main.tf": """
            variable "actions" { type = list(string) }
            locals {
              statements = [{ Effect = "Allow", Action = var.actions, Resource = aws_b.b.arn }]
              policy     = { Version = "2012-10-17", Statement = local.statements }
            }
            resource "aws_b" "b" {}
            output "policy" { value = jsonencode(local.policy) }
            """,
        }
    )
    assert shown(policy(loaded))["Statement"] == [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "?computed"}]


def test_identifier_and_version_of_documents_taken_in(load: Load) -> None:
    loaded = load(
        """
        data "aws_iam_policy_document" "p" {
          version                   = "2008-10-17"
          policy_id                 = "own"
          source_policy_documents   = [jsonencode({ Id = "source", Version = "2012-10-17" })]
          override_policy_documents = [jsonencode({ Id = "override", Version = "2008-10-17" })]
        }
        """
        + USE
    )
    assert shown(policy(loaded)) == {"Version": "2012-10-17", "Id": "override", "Statement": []}
