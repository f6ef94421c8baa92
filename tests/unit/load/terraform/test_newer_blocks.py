"""Blocks and arguments of newer versions: moved, OpenTofu's enabled, sources that are computed; conditions in loops."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.load.terraform.loading import Load

MOVES = """
moved {
  from = aws_s3_bucket.old
  to   = aws_s3_bucket.new
}
moved {
  from = aws_s3_bucket.new
  to   = module.store.aws_s3_bucket.this["a.b"]
}
moved {
  from = module.first
  to   = module.store
}
resource "aws_s3_bucket" "lone" {
}
module "store" {
  source = "./store"
}
"""
STORE = """
moved {
  from = aws_s3_bucket.plain
  to   = aws_s3_bucket.this
}
resource "aws_s3_bucket" "this" {
  for_each = toset(["a.b", "c"])
}
"""


@pytest.mark.parametrize(
    ("address", "former"),
    [
        ("aws_s3_bucket.lone", []),
        ("aws_s3_bucket.new", ["aws_s3_bucket.old"]),
        (
            'module.store.aws_s3_bucket.this["a.b"]',
            [
                "aws_s3_bucket.new",
                'module.first.aws_s3_bucket.this["a.b"]',
                'module.store.aws_s3_bucket.plain["a.b"]',
                "aws_s3_bucket.old",
                'module.first.aws_s3_bucket.plain["a.b"]',
            ],
        ),
        (
            'module.store.aws_s3_bucket.this["c"]',
            [
                'module.first.aws_s3_bucket.this["c"]',
                'module.store.aws_s3_bucket.plain["c"]',
                'module.first.aws_s3_bucket.plain["c"]',
            ],
        ),
    ],
)
def test_former_addresses(load: Load, address: str, former: list[str]) -> None:
    loaded = load({"main.tf": MOVES, "store/main.tf": STORE})
    assert loaded.said() == []
    assert loaded.root.former_addresses(address) == former


def test_moves_in_json_syntax_and_in_circles(load: Load) -> None:
    moves = [{"from": "aws_x.a", "to": "aws_x.b[0]"}, {"from": "aws_x.b[0]", "to": "aws_x.a"}]
    loaded = load({"main.tf.json": json.dumps({"moved": moves})})
    assert loaded.root.former_addresses("aws_x.b[0]") == ["aws_x.a"]
    assert loaded.root.former_addresses("aws_x.b[1]") == []


def test_a_move_without_an_address_is_refused(load: Load) -> None:
    loaded = load('moved {\n  from = "x"\n  to = aws_x.a\n}\n')
    assert loaded.said("error") == ["main.tf:1: a moved block has two addresses of resources or modules, from and to"]


ENABLED = """
variable "on" {
  type    = bool
  default = false
}
variable "open" {
  type = bool
}
resource "aws_x" "never" {
  lifecycle {
    enabled = false
  }
}
resource "aws_x" "always" {
  lifecycle {
    enabled = "true"
  }
  other  = aws_x.never
  switch = aws_x.by_default != null ? 1 : 0
}
resource "aws_x" "by_default" {
  lifecycle {
    enabled = var.on
  }
}
resource "aws_x" "open" {
  lifecycle {
    enabled = var.open
  }
}
resource "aws_x" "undecided" {
  lifecycle {
    enabled = aws_x.always.id == "a"
  }
}
module "off" {
  source = "./off"
  lifecycle {
    enabled = var.on
  }
}
"""


def test_enabled(load: Load) -> None:
    loaded = load({"main.tf": ENABLED, "off/main.tf": 'resource "aws_x" "inner" {\n}\n'})
    assert loaded.said() == []
    assert {address: loaded.exists(address) for address in loaded.addresses} == {
        "aws_x.never": False,
        "aws_x.always": True,
        "aws_x.by_default": False,
        "aws_x.open": "?no-value",
        "aws_x.undecided": "?computed",
        "module.off.aws_x.inner": False,
    }
    assert loaded.shown("aws_x.always", "other") is None
    assert loaded.shown("aws_x.always", "switch") == 0
    assert loaded.when({"var.on": True}, "aws_x.always", "switch") == 1
    for value in (True, False):
        assert loaded.when({"var.on": value}, "aws_x.by_default", "exists") is value
        assert loaded.when({"var.on": value}, "module.off.aws_x.inner", "exists") is value
        assert loaded.when({"var.open": value}, "aws_x.open", "exists") is value


@pytest.mark.parametrize("source", ["local.source", '"./${var.kind}"', 'join("/", [".", var.kind])'])
def test_computed_sources(load: Load, source: str) -> None:
    loaded = load(
        {
            "main.tf": 'variable "kind" {\n  default = "a"\n}\nlocals {\n  source = "./a"\n}\n'
            f'module "m" {{\n  source = {source}\n}}\n',
            "a/main.tf": 'resource "aws_x" "y" {\n}\n',
        }
    )
    assert loaded.said() == []
    assert loaded.addresses == ["module.m.aws_x.y"]


LOOPS: list[tuple[str, Any, Any]] = [
    # (expression, when the condition holds, when it does not)
    ('[for k in ["a"] : data.aws_d.d.flag ? 1 : 2]', [1], [2]),
    ('{ for k in ["a", "b"] : k => data.aws_d.d.flag ? k : "-" }', {"a": "a", "b": "b"}, {"a": "-", "b": "-"}),
    ('"%{ for k in ["a", "b"] }${data.aws_d.d.flag ? k : "-"}%{ endfor }"', "ab", "--"),
]


@pytest.mark.parametrize(("expression", "then", "otherwise"), LOOPS)
def test_a_condition_in_a_loop_that_is_the_same_in_all_rounds(
    load: Load, expression: str, then: Any, otherwise: Any
) -> None:
    loaded = load(f'data "aws_d" "d" {{\n}}\nresource "aws_x" "y" {{\n  z = {expression}\n}}\n')
    loaded.shown("aws_x.y", "z")
    (choice,) = [input for input in loaded.root.world.reads if input.domain == (True, False)]
    loaded.root.inputs.append(choice)
    assert loaded.when({choice.label: True}, "aws_x.y", "z") == then
    assert loaded.when({choice.label: False}, "aws_x.y", "z") == otherwise


def test_a_condition_that_differs_from_round_to_round(load: Load) -> None:
    loaded = load(
        'data "aws_d" "d" {\n}\nresource "aws_x" "y" {\n  z = [for k in ["a", "b"] : data.aws_d.d.id == k ? 1 : 2]\n}\n'
    )
    loaded.shown("aws_x.y", "z")
    choices = [input for input in loaded.root.world.reads if input.domain == (True, False)]
    assert [choice.label for choice in choices] == [
        "`data.aws_d.d.id == k` in round [0]",
        "`data.aws_d.d.id == k` in round [1]",
    ]
    loaded.root.inputs.extend(choices)
    assert loaded.when({choices[0].label: True, choices[1].label: False}, "aws_x.y", "z") == [1, 2]


def test_only_a_few_rounds_are_told_apart(load: Load) -> None:
    loaded = load(
        'data "aws_d" "d" {\n}\nresource "aws_x" "y" {\n  z = [for k in range(50) : data.aws_d.d.n == k ? 1 : 2]\n}\n'
    )
    loaded.shown("aws_x.y", "z")
    assert len([input for input in loaded.root.world.reads if input.domain == (True, False)]) == 4


def test_a_policy_has_the_identifier_of_its_bucket(load: Load) -> None:
    loaded = load(
        'resource "aws_s3_bucket" "b" {\n}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.b.id\n}\n'
        'resource "aws_s3_bucket_public_access_block" "a" {\n  bucket = aws_s3_bucket_policy.p.id\n}\n'
    )
    assert loaded.names("aws_s3_bucket_public_access_block.a", "bucket") == [
        "aws_s3_bucket_policy.p.id",
        "aws_s3_bucket.b.id",
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"locals": {"a": 1, "a": 2}}', 'main.tf.json:1: the argument "a" is set twice; remove one'),
        ('{"locals": {"a": {"b": 1, "b": 2}}}', 'main.tf.json:1: the key "b" is here twice; remove or rename one'),
    ],
)
def test_json_that_sets_something_twice(load: Load, document: str, message: str) -> None:
    assert load({"main.tf.json": document}).said("error") == [message]


def test_json_may_have_blocks_of_a_type_in_several_places(load: Load) -> None:
    loaded = load(
        {"main.tf.json": '{"resource": {"aws_x": {"a": {}}, "aws_x": {"b": {}}}, "resource": {"aws_y": {"c": {}}}}'}
    )
    assert loaded.said() == []
    assert loaded.addresses == ["aws_x.a", "aws_x.b", "aws_y.c"]


def test_blocks_of_newer_versions_hold_nothing_to_judge(load: Load) -> None:
    text = (
        'action "aws_lambda_invoke" "a" {\n  config {\n  }\n}\n'
        "language {\n  compatible_with {\n  }\n}\n"
        'list "aws_x" "l" {\n}\n'
    )
    document: dict[str, Any] = {"action": {"a": {"b": {}}}, "language": {}, "list": {"a": {"b": {}}}}
    assert load({"main.tf": text, "more.tf.json": json.dumps(document)}).said() == []
