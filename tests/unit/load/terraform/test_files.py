"""Which files make a module: order, shadowing, overrides, broken files; and JSON syntax, which says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.load.terraform.loading import Load, shown


def test_only_configuration_files_are_read(load: Load) -> None:
    resource = 'resource "aws_x" "%s" {}'
    names = ["b.tf", "a.tf", "c.tofu", ".hidden.tf", "backup.tf~", "#x.tf#", "t.tftest.hcl", "d.hcl", "tests/e.tf"]
    loaded = load({name: resource % f"r{index}" for index, name in enumerate(names)})
    assert loaded.addresses == ["aws_x.r1", "aws_x.r0", "aws_x.r2"]
    assert [file.path for file in loaded.root.files] == ["a.tf", "b.tf", "c.tofu"]


def test_tofu_files_shadow(load: Load) -> None:
    loaded = load(
        {
            "main.tf": 'resource "aws_x" "terraform" {}',
            "main.tofu": 'resource "aws_x" "tofu" {}',
            "more.tf.json": '{"resource": {"aws_x": {"terraform_json": {}}}}',
            "more.tofu.json": '{"resource": {"aws_x": {"tofu_json": {}}}}',
            "other.tf": 'resource "aws_x" "other" {}',
        }
    )
    assert loaded.addresses == ["aws_x.tofu", "aws_x.tofu_json", "aws_x.other"]


@pytest.mark.parametrize(
    ("broken", "addresses"),
    [
        ('resource "aws_x" "a" {\n  b = \n}\nresource "aws_x" "c" {}\n', ["aws_x.c", "aws_x.z"]),
        ('resource "aws_x" "a" {}\nresource "aws_x" "b" {\n', ["aws_x.a", "aws_x.z"]),
        ('resource "aws_x" {}\n', ["aws_x.z"]),
        ('resource "aws_x" "a" {}\nresource "aws_x" "a" {}\n', ["aws_x.a", "aws_x.z"]),
        ("x = 1\n", ["aws_x.z"]),
    ],
)
def test_what_is_broken_is_said_and_the_rest_kept(load: Load, broken: str, addresses: list[str]) -> None:
    loaded = load({"broken.tf": broken, "fine.tf": 'resource "aws_x" "z" {}'})
    assert loaded.addresses == addresses
    (said,) = loaded.said("error")
    assert said.startswith("broken.tf:")


def test_a_block_type_that_nobody_knows_is_said(load: Load) -> None:
    loaded = load('resourc "aws_x" "a" {}\nmoved {\n  from = aws_x.b\n  to = aws_x.c\n}\ncheck "c" {}\n')
    assert loaded.said() == ['main.tf:1: "resourc" is no block type that is known here; it was left out']


def test_overrides_are_merged(load: Load) -> None:
    loaded = load(
        {
            "main.tf": """
            variable "v" {
              type    = string
              default = "main"
            }
            locals { l = "main" }
            resource "aws_s3_bucket" "b" {
              acl  = "private"
              name = "${local.l}-${var.v}"
              logging { target = "main" }
              tag { k = 1 }
              tag { k = 2 }
              lifecycle {
                prevent_destroy = true
                ignore_changes  = [a]
              }
            }
            """,
            "a_override.tf": """
            variable "v" { default = "a" }
            locals { l = "override" }
            resource "aws_s3_bucket" "b" {
              acl = "public-read"
              dynamic "tag" {
                for_each = [7]
                content { k = tag.value }
              }
              lifecycle { ignore_changes = [b] }
            }
            """,
            "b_override.tf.json": '{"variable": {"v": {"default": "b"}}}',
        }
    )
    assert loaded.addresses == ["aws_s3_bucket.b"]
    assert loaded.shown("aws_s3_bucket.b", "acl") == "public-read"
    assert loaded.line("aws_s3_bucket.b", "acl").startswith("a_override.tf:5:")
    assert loaded.shown("aws_s3_bucket.b", "name") == "override-b"
    assert loaded.shown("aws_s3_bucket.b", "logging") == [{"target": "main"}]
    assert loaded.shown("aws_s3_bucket.b", "tag") == [{"k": 7}]
    meta = loaded.resource("aws_s3_bucket.b").meta.get("lifecycle", None)
    assert shown(meta) == [{"prevent_destroy": True, "ignore_changes": ["b"]}]
    assert loaded.said() == []


def test_an_override_of_nothing_is_an_error_and_kept(load: Load) -> None:
    loaded = load({"main.tf": "", "override.tf": 'resource "aws_x" "y" {}\nlocals {\n  l = 1\n}'})
    assert loaded.addresses == ["aws_x.y"]
    assert len(loaded.said("error")) == 2


HCL = """
variable "on" {
  type    = bool
  default = true
}
locals {
  name = "n-${var.on}"
}
resource "aws_x" "y" {
  count = var.on ? 1 : 0
  name  = local.name
  size  = 5
  tags  = { "${local.name}" = "t", plain = "$${literal}" }
  rule {
    port = 1 + 1
  }
  dynamic "egress" {
    for_each = ["a", "b"]
    content {
      cidr = egress.value
    }
  }
  depends_on = [aws_x.z]
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
  }
}
resource "aws_x" "z" {
  provider = aws.west
  a        = "multi\\nline \\"q\\""
}
module "m" {
  source = "./m"
  v      = "${aws_x.z.arn}"
}
output "o" {
  value = 1
}
"""
JSON: dict[str, Any] = {
    "//": "a comment",
    "variable": {"on": {"type": "bool", "default": True}},
    "locals": {"name": "n-${var.on}"},
    "resource": [
        {
            "aws_x": {
                "y": {
                    "count": "${var.on ? 1 : 0}",
                    "name": "${local.name}",
                    "size": 5,
                    "tags": {"${local.name}": "t", "plain": "$${literal}"},
                    "rule": [{"port": "${1 + 1}"}],
                    "dynamic": {"egress": {"for_each": ["a", "b"], "content": {"cidr": "${egress.value}"}}},
                    "depends_on": ["aws_x.z"],
                    "lifecycle": {"prevent_destroy": True, "ignore_changes": ["tags"]},
                }
            }
        },
        {"aws_x": {"z": {"provider": "aws.west", "a": 'multi\nline "q"'}}},
    ],
    "module": {"m": {"source": "./m", "v": "${aws_x.z.arn}"}},
    "output": {"o": {"value": 1}},
}
MODULE = 'variable "v" {}\nresource "aws_x" "m" { v = var.v }'


def test_json_syntax_says_the_same(load: Load) -> None:
    results = []
    for folder, name, text in (("h", "main.tf", HCL), ("j", "main.tf.json", json.dumps(JSON, indent=1))):
        loaded = load({f"{folder}/{name}": text, f"{folder}/m/main.tf": MODULE}, root=folder)
        assert loaded.said() == []
        results.append(
            {
                resource.address: (
                    shown(resource.body),
                    shown(resource.meta.get("lifecycle", None)),
                    shown(resource.exists.force()),
                    [loaded.names(resource.address, key) for key in resource.body.names()],
                )
                for resource in loaded.root.resources
            }
        )
    assert results[0] == results[1]
    body = results[0]["aws_x.y[0]"][0]
    assert body["tags"] == {"n-true": "t", "plain": "${literal}"}
    assert body["egress"] == [{"cidr": "a"}, {"cidr": "b"}]
    assert results[0]["module.m.aws_x.m"][3] == [["aws_x.z.arn"]]


def test_a_single_object_is_a_block_where_the_schema_says_so(load: Load) -> None:
    text = json.dumps({"resource": {"aws_x": {"y": {"versioning": {"on": "${true}"}, "tags": {"a": "b"}}}}})
    assert load({"main.tf.json": text}).shown("aws_x.y", "versioning") == {"on": True}
    known = {("aws_x", ""): frozenset({"versioning"})}
    loaded = load({"main.tf.json": text}, nested_blocks=lambda type, path: known.get((type, path), frozenset()))
    assert loaded.shown("aws_x.y", "versioning") == [{"on": True}]
    assert loaded.shown("aws_x.y", "tags") == {"a": "b"}


def test_ranges_of_json(load: Load) -> None:
    loaded = load({"main.tf.json": '{"resource": {"aws_x": {"y": {\n  "a": "${nope.b}",\n  "b": "${1 +}"\n}}}}'})
    assert loaded.line("aws_x.y", "a") == 'main.tf.json:2: "a": "${nope.b}"'
    assert loaded.resource("aws_x.y").header.text == '"y"'
    (said,) = loaded.said("error")
    assert said.startswith("main.tf.json:3:")


@pytest.mark.parametrize(
    "text", ["[]", '{"resource": ', '{"resource": 5}', '{"resourc": {}}', '{"resource": {"aws_x": 1}}', "{'a': 1}"]
)
def test_json_that_is_no_configuration(load: Load, text: str) -> None:
    loaded = load({"bad.tf.json": text, "fine.tf": 'resource "aws_x" "z" {}'})
    assert loaded.addresses == ["aws_x.z"]
    assert len(loaded.said("error")) == 1


def test_a_folder_that_is_not_there(load: Load) -> None:
    loaded = load({}, root="missing")
    assert len(loaded.said("error")) == 1


def test_a_file_in_another_encoding(load: Load, tmp_path: Any) -> None:
    (tmp_path / "latin.tf").write_bytes(b'resource "aws_x" "\xe9" {}\n')
    loaded = load('resource "aws_x" "z" {}')
    assert loaded.addresses == ["aws_x.z"]
    assert [message.partition(":")[0] for message in loaded.said("error")] == ["latin.tf"]
