"""count, for_each and dynamic: which instances and blocks there are, with which addresses and values."""

from __future__ import annotations

import pytest

from hipaalint.expression.world import Part
from tests.unit.load.terraform.loading import Load, shown


@pytest.mark.parametrize(
    ("arguments", "instances"),
    [
        ("", ["aws_x.y"]),
        ("count = 2", ["aws_x.y[0]", "aws_x.y[1]"]),
        ("count = 0", []),
        ("count = true ? 1 : 0", ["aws_x.y[0]"]),
        ('count = "2"', ["aws_x.y[0]", "aws_x.y[1]"]),
        ('for_each = toset(["b", "a"])', ['aws_x.y["a"]', 'aws_x.y["b"]']),
        ('for_each = { k = 1, "l.m" = 2 }', ['aws_x.y["k"]', 'aws_x.y["l.m"]']),
        ('for_each = { "q\\"\\n" = 1 }', ['aws_x.y["q\\"\\n"]']),
        ('for_each = { for n in ["a", "b"] : n => n if n != "a" }', ['aws_x.y["b"]']),
        ("for_each = {}", []),
        ("for_each = { a = data.aws_z.z.name }", ['aws_x.y["a"]']),
        ("for_each = toset(data.aws_z.z.names)", ["aws_x.y[*]"]),
        ("count = length(data.aws_z.z.names)", ["aws_x.y[*]"]),
        ("count = data.aws_z.z.name == null ? 1 : 2", ["aws_x.y[0]", "aws_x.y[1]"]),
        ("count = var.nothing ? 3 : 1", ["aws_x.y[0]", "aws_x.y[1]", "aws_x.y[2]"]),
        ('count = var.size == "big" ? 2 : 1', ["aws_x.y[0]", "aws_x.y[1]"]),
        ('for_each = var.size == "big" ? { a = 1 } : {}', ['aws_x.y["a"]']),
    ],
)
def test_what_a_block_expands_to(load: Load, arguments: str, instances: list[str]) -> None:
    loaded = load(
        f'resource "aws_x" "y" {{\n {arguments}\n}}\ndata "aws_z" "z" {{}}\n'
        'variable "nothing" {\n type = bool\n}\nvariable "size" {\n default = "small"\n}\n'
    )
    assert [address for address in loaded.addresses if address.startswith("aws_x")] == instances
    assert loaded.said() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("count = -1", "count must be a whole number"),
        ("count = null", "count must not be null"),
        ("count = 100000", "more than 2,000 instances"),
        ('for_each = ["a"]', "not a list"),
        ("for_each = null", "must not be null"),
        ("for_each = toset([1])", "a set of strings only"),
        ("count = local.l", "it refers to itself"),
    ],
)
def test_an_expansion_that_fails_keeps_the_resource(load: Load, arguments: str, message: str) -> None:
    loaded = load(f'resource "aws_x" "y" {{\n {arguments}\n z = 1\n}}\nlocals {{\n l = local.l\n}}')
    assert loaded.addresses == ["aws_x.y[*]"]
    assert loaded.resource("aws_x.y[*]").symbolic
    (said,) = loaded.said("warning")
    assert message in said


def test_values_of_instances(load: Load) -> None:
    loaded = load(
        """
        resource "aws_x" "c" {
          count     = 2
          encrypted = count.index == 0 ? true : false
        }
        resource "aws_x" "f" {
          for_each  = { a = { on = true, key = "k" }, b = { on = false, key = null } }
          name      = "n-${each.key}"
          encrypted = each.value.on
          key       = each.value.key
        }
        resource "aws_x" "s" {
          for_each = toset(["u"])
          name     = each.value
        }
        """
    )
    assert [loaded.shown(f"aws_x.c[{n}]", "encrypted") for n in (0, 1)] == [True, False]
    assert loaded.shown('aws_x.f["a"]', "name") == "n-a"
    assert loaded.shown('aws_x.f["a"]', "encrypted") is True
    assert loaded.shown('aws_x.f["b"]', "encrypted") is False
    assert loaded.shown('aws_x.f["b"]', "key") is None
    assert loaded.shown('aws_x.s["u"]', "name") == "u"
    assert loaded.line('aws_x.f["b"]', "encrypted") == "main.tf:9: encrypted = each.value.on"


def test_existence_follows_the_scenario(load: Load) -> None:
    loaded = load(
        """
        variable "env" { default = "dev" }
        variable "create" { type = bool }
        resource "aws_x" "a" { count = var.env == "prod" ? 2 : 1 }
        resource "aws_x" "b" { count = var.create ? 1 : 0 }
        resource "aws_x" "c" { for_each = toset(data.aws_z.z.names) }
        data "aws_z" "z" {}
        """
    )
    assert [loaded.exists(f"aws_x.a[{n}]") for n in (0, 1)] == [True, False]
    assert loaded.when({"var.env": "prod"}, "aws_x.a[1]", "exists") is True
    assert loaded.exists("aws_x.b[0]") == "?condition"
    assert loaded.when({"var.create": True}, "aws_x.b[0]", "exists") is True
    assert loaded.when({"var.create": False}, "aws_x.b[0]", "exists") is False
    assert loaded.exists("aws_x.c[*]") == "?data-source"
    with loaded.root.world.scenario({}) as reads:
        loaded.exists("aws_x.c[*]")
    (choice,) = reads
    assert choice.label == "aws_x.c[*] exists"
    assert choice.domain == (True, False)


def test_an_unknown_for_each_keeps_resource_and_values(load: Load) -> None:
    loaded = load(
        """
        variable "buckets" { type = map(object({ acl = string })) }
        resource "aws_s3_bucket" "b" {
          for_each = var.buckets
          bucket   = "x-${each.key}"
          acl      = "public-read"
          policy   = each.value.acl
        }
        """
    )
    (address,) = loaded.addresses
    assert address == "aws_s3_bucket.b[*]"
    assert loaded.shown(address, "acl") == "public-read"
    assert loaded.shown(address, "bucket") == "x-?"
    assert loaded.shown(address, "policy") == "?no-value"


def test_dynamic_blocks(load: Load) -> None:
    loaded = load(
        """
        resource "aws_security_group" "g" {
          ingress {
            from_port = 1
          }
          dynamic "ingress" {
            for_each = [{ port = 22, open = true }, { port = 443, open = false }]
            content {
              from_port = ingress.value.port
              position  = ingress.key
              dynamic "inner" {
                for_each = ingress.value.open ? toset(["0.0.0.0/0"]) : []
                iterator = each_cidr
                content {
                  cidr = each_cidr.value
                  port = ingress.value.port
                }
              }
            }
          }
          dynamic "egress" {
            for_each = []
            content {}
          }
        }
        """
    )
    assert loaded.shown("aws_security_group.g", "ingress") == [
        {"from_port": 1},
        {"from_port": 22, "position": 0, "inner": [{"cidr": "0.0.0.0/0", "port": 22}]},
        {"from_port": 443, "position": 1, "inner": []},
    ]
    assert loaded.shown("aws_security_group.g", "egress") == []
    blocks = loaded.value("aws_security_group.g", "ingress").data  # type: ignore[attr-defined]
    assert [block.range.line for block in blocks] == [3, 6, 6]
    assert blocks[1].get("from_port", None).range.text == "from_port = ingress.value.port"
    assert blocks[1].get("missing", None).path == "ingress.missing"


def test_a_dynamic_block_over_an_unknown_list_is_a_choice(load: Load) -> None:
    loaded = load(
        """
        variable "rules" { type = list(object({ port = number })) }
        resource "aws_security_group" "g" {
          ingress { port = 1 }
          dynamic "ingress" {
            for_each = var.rules
            content { port = ingress.value.port }
          }
        }
        """
    )
    value = loaded.value("aws_security_group.g", "ingress")
    assert loaded.shown("aws_security_group.g", "ingress") == "?no-value"
    world = loaded.root.world
    with world.scenario({}) as reads:
        loaded.value("aws_security_group.g", "ingress")
    choice = next(input for input in reads if input.domain == (True, False))
    assert "aws_security_group.g has ingress blocks" in choice.label
    with world.scenario({choice: Part(False)}):
        assert loaded.shown("aws_security_group.g", "ingress") == [{"port": 1}]
    with world.scenario({choice: Part(True)}):
        assert loaded.shown("aws_security_group.g", "ingress") == [{"port": 1}, {"port": "?no-value"}]
    assert value.range is not None


def test_a_dynamic_block_that_lacks_content_is_said(load: Load) -> None:
    loaded = load('resource "aws_x" "y" {\n  dynamic "z" {\n    for_each = []\n  }\n  a = 1\n}')
    assert loaded.said("error") == ["main.tf:2: a dynamic block has one label, for_each and one content block"]
    assert loaded.shown("aws_x.y", "a") == 1


def test_meta_arguments_stand_beside_the_body(load: Load) -> None:
    loaded = load(
        """
        resource "aws_x" "a" {
          count      = 1
          provider   = aws.west
          depends_on = [aws_x.b]
          a          = 1
          lifecycle {
            prevent_destroy = true
            ignore_changes  = [tags, tags["x"]]
          }
          provisioner "local-exec" {
            command = "echo ${self.a}"
          }
        }
        resource "aws_x" "b" {
          lifecycle { ignore_changes = all }
        }
        """
    )
    resource = loaded.resource("aws_x.a[0]")
    assert resource.body.names() == ["a"]
    assert shown(resource.meta.get("provider", None)) == "aws.west"
    assert shown(resource.meta.get("lifecycle", None)) == [
        {"prevent_destroy": True, "ignore_changes": ["tags", "tags"]}
    ]
    assert shown(resource.meta.get("provisioner", None)) == [{"command": "echo 1"}]
    assert shown(loaded.resource("aws_x.b").meta.get("lifecycle", None)) == [{"ignore_changes": "all"}]


@pytest.mark.parametrize(
    ("expression", "instances"),
    [
        # What is known does not depend on the conditions inside of it.
        ("for_each = { a = data.aws_z.z.on ? 1 : 2, b = data.aws_z.z.off ? 1 : 2 }", ['aws_x.y["a"]', 'aws_x.y["b"]']),
        # More switches than there are scenarios to try: the branches say what is possible.
        (f"count = {' && '.join(f'var.v{n}' for n in range(30))} ? 2 : 0", ["aws_x.y[0]", "aws_x.y[1]"]),
        (f"for_each = {' || '.join(f'!var.v{n}' for n in range(30))} ? {{ a = 1 }} : {{}}", ['aws_x.y["a"]']),
        (f"count = {' && '.join(f'var.v{n}' for n in range(30))} ? length(var.many) : 0", ["aws_x.y[0]", "aws_x.y[*]"]),
        # Three zones, whichever they are.
        ("count = length(slice(data.aws_z.z.names, 0, 3))", ["aws_x.y[0]", "aws_x.y[1]", "aws_x.y[2]"]),
    ],
)
def test_many_switches(load: Load, expression: str, instances: list[str]) -> None:
    variables = "".join(f'variable "v{n}" {{\n default = {"true" if n else "false"}\n}}\n' for n in range(30))
    loaded = load(
        f'resource "aws_x" "y" {{\n {expression}\n}}\ndata "aws_z" "z" {{}}\n{variables}'
        'variable "many" { default = ["one"] }'
    )
    assert [address for address in loaded.addresses if address.startswith("aws_x")] == instances
