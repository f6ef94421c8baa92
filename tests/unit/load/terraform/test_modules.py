"""Modules: to any depth, with count and for_each, inputs, outputs, providers; and those that cannot be loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.load.terraform.loading import Load

BUCKET = """
variable "name" { type = string }
variable "encrypt" {
  type    = bool
  default = true
}
resource "aws_s3_bucket" "this" {
  bucket  = var.name
  encrypt = var.encrypt
}
output "id" { value = aws_s3_bucket.this.id }
output "name" { value = aws_s3_bucket.this.bucket }
output "secret" {
  value     = "s"
  sensitive = true
}
"""


def test_inputs_and_outputs_connect_instances(load: Load) -> None:
    loaded = load(
        {
            "main.tf": """
            module "a" {
              source  = "./modules/bucket"
              name    = "x-${aws_x.y.id}"
              encrypt = false
            }
            module "many" {
              source   = "./modules/bucket"
              for_each = { k = "kk", l = "ll" }
              name     = each.value
            }
            module "counted" {
              source = "./modules/bucket"
              count  = 2
              name   = "c${count.index}"
            }
            resource "aws_x" "y" {}
            resource "aws_policy" "p" {
              one   = module.a.id
              name  = module.a.name
              keyed = module.many["l"].name
              all   = [for m in module.many : m.id]
              splat = module.counted[*].name
              none  = module.a.missing
            }
            """,
            "modules/bucket/main.tf": BUCKET,
        }
    )
    assert loaded.addresses == [
        "aws_x.y",
        "aws_policy.p",
        "module.a.aws_s3_bucket.this",
        'module.many["k"].aws_s3_bucket.this',
        'module.many["l"].aws_s3_bucket.this',
        "module.counted[0].aws_s3_bucket.this",
        "module.counted[1].aws_s3_bucket.this",
    ]
    assert loaded.said() == []
    assert loaded.shown("module.a.aws_s3_bucket.this", "encrypt") is False
    assert loaded.shown("module.a.aws_s3_bucket.this", "bucket") == "x-?"
    assert loaded.names("module.a.aws_s3_bucket.this", "bucket") == ["aws_x.y.id"]
    assert loaded.shown('module.many["k"].aws_s3_bucket.this', "bucket") == "kk"
    assert loaded.shown('module.many["k"].aws_s3_bucket.this', "encrypt") is True
    assert loaded.names("aws_policy.p", "one") == ["module.a.aws_s3_bucket.this.id"]
    assert loaded.shown("aws_policy.p", "keyed") == "ll"
    assert loaded.shown("aws_policy.p", "splat") == ["c0", "c1"]
    assert loaded.names("aws_policy.p", "all") == [
        'module.many["k"].aws_s3_bucket.this.id',
        'module.many["l"].aws_s3_bucket.this.id',
    ]
    assert loaded.shown("aws_policy.p", "none") == "?unresolved-reference"
    resource = loaded.resource("module.a.aws_s3_bucket.this")
    assert resource.module == "module.a"
    assert resource.header.file.path == "modules/bucket/main.tf"
    assert resource.call is None


def test_what_a_caller_passes_or_leaves_out_is_no_input(load: Load) -> None:
    loaded = load(
        {
            "main.tf": 'variable "v" {}\nmodule "a" {\n source = "./m"\n name = var.v\n}',
            "m/main.tf": BUCKET,
        }
    )
    assert [input.label for input in loaded.root.inputs] == ["var.v", "terraform.workspace"]
    assert loaded.value("module.a.aws_s3_bucket.this", "bucket").input is loaded.input("var.v")


def test_each_file_and_module_is_read_once(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = Path.read_bytes

    def noted(path: Path) -> bytes:
        read.append(path.name)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    loaded = load(
        {
            "main.tf": 'module "a" {\n source = "./m"\n count = 3\n name = "x"\n}\n'
            'module "b" {\n source = "./m"\n name = "y"\n}',
            "m/bucket.tf": BUCKET,
        }
    )
    assert len(loaded.addresses) == 4
    assert sorted(read) == ["bucket.tf", "main.tf"]
    texts = {id(resource.header) for resource in loaded.root.resources}
    assert len(texts) == 1


def test_three_levels_with_unknown_keys(load: Load) -> None:
    inner = 'variable "tags" { default = {} }\nresource "aws_x" "i" {\n for_each = var.tags\n v = each.value\n}'
    loaded = load(
        {
            "main.tf": 'variable "envs" { type = set(string) }\nmodule "m" {\n source = "./m"\n for_each = var.envs\n}',
            "m/main.tf": 'module "n" {\n source = "../n"\n tags = merge({ a = 1 }, { b = 2 })\n}',
            "n/main.tf": inner,
        }
    )
    assert loaded.addresses == ['module.m[*].module.n.aws_x.i["a"]', 'module.m[*].module.n.aws_x.i["b"]']
    assert loaded.exists('module.m[*].module.n.aws_x.i["a"]') == "?no-value"
    assert loaded.resource('module.m[*].module.n.aws_x.i["a"]').symbolic


def test_a_module_that_is_not_there_is_not_lost(load: Load) -> None:
    loaded = load(
        {
            "main.tf": """
            module "a" {
              count  = var.on ? 1 : 0
              source = "./m"
              name   = "x"
            }
            variable "on" { default = false }
            resource "aws_x" "y" { z = one(module.a[*].name) }
            """,
            "m/main.tf": BUCKET,
        }
    )
    assert "module.a[0].aws_s3_bucket.this" in loaded.addresses
    assert loaded.exists("module.a[0].aws_s3_bucket.this") is False
    assert loaded.when({"var.on": True}, "module.a[0].aws_s3_bucket.this", "exists") is True
    assert loaded.shown("aws_x.y", "z") is None
    assert loaded.when({"var.on": True}, "aws_x.y", "z") == "x"


@pytest.mark.parametrize(
    ("source", "severity", "message"),
    [
        ('"terraform-aws-modules/vpc/aws"', "note", "module m is not loaded (terraform-aws-modules/vpc/aws): "),
        ('"git::https://example.com/m.git"', "note", "module m is not loaded (git::https://example.com/m.git): "),
        ('"./missing"', "error", "module m is not loaded (./missing: No such file or directory): "),
        ('"./empty"', "error", "module m is not loaded (./empty holds no configuration): "),
        ('"../../../../etc"', "error", "module m is not loaded (../../../../etc leads out of the repository): "),
        ('"./."', "error", "module m is not loaded (./. calls itself): "),
        ('"./loop"', "error", "module n is not loaded (../ calls itself): "),
        ("var.source", "error", "module m is not loaded (its source cannot be known): "),
    ],
)
def test_modules_that_cannot_be_loaded(load: Load, source: str, severity: str, message: str) -> None:
    loaded = load(
        {
            "r/main.tf": f'module "m" {{\n  source = {source}\n}}\n'
            'resource "aws_x" "y" {\n  z = module.m.id\n  s = module.m[*].id\n}\n',
            "r/empty/readme.md": "",
            "r/loop/main.tf": 'module "n" {\n  source = "../"\n}\noutput "id" { value = module.n.id }',
        },
        root="r",
    )
    (said,) = loaded.said(severity)
    assert message + "its resources were not judged" in said
    assert loaded.shown("aws_x.y", "z") == "?module-not-loaded"
    assert len(loaded.root.unjudged) == 1
    assert loaded.root.unjudged[0].startswith("module.m")


def test_a_link_out_of_the_repository_is_not_followed(load: Load, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "secret.tf").write_text('resource "aws_x" "stolen" {}')
    (tmp_path / "linked").symlink_to(outside)
    (tmp_path / "stolen.tf").symlink_to(outside / "secret.tf")
    loaded = load('module "m" {\n  source = "./linked"\n}\nresource "aws_x" "y" {}')
    assert loaded.addresses == ["aws_x.y"]
    said = loaded.said("error")
    assert any("leads out of the repository" in message for message in said)
    assert any("the link leads out" in message for message in said)


def test_the_manifest_of_terraform_init(load: Load) -> None:
    manifest = {
        "Modules": [
            {"Key": "", "Source": "", "Dir": "."},
            {"Key": "a", "Source": "registry.terraform.io/x/y/aws", "Dir": ".terraform/modules/a"},
            {"Key": "a.b", "Source": "registry.terraform.io/x/z/aws", "Dir": ".terraform/modules/a.b"},
        ]
    }
    loaded = load(
        {
            "main.tf": 'module "a" {\n  source = "x/y/aws"\n}\n',
            ".terraform/modules/modules.json": json.dumps(manifest),
            ".terraform/modules/a/main.tf": 'module "b" {\n  source = "x/z/aws"\n}\n'
            'module "c" {\n  source = "./c"\n}\nresource "aws_x" "y" { p = path.module }',
            ".terraform/modules/a/c/main.tf": 'resource "aws_x" "y" {}',
            ".terraform/modules/a.b/main.tf": 'resource "aws_x" "y" {}',
        }
    )
    assert loaded.addresses == ["module.a.aws_x.y", "module.a.module.b.aws_x.y", "module.a.module.c.aws_x.y"]
    assert loaded.said() == []
    assert loaded.shown("module.a.aws_x.y", "p") == ".terraform/modules/a"
    for resource in loaded.root.resources:
        assert resource.call is not None
        assert (resource.call.file.path, resource.call.line) == ("main.tf", 2)
        assert resource.call.text == 'source = "x/y/aws"'


def test_a_broken_manifest_is_said(load: Load) -> None:
    loaded = load({"main.tf": 'module "a" {\n  source = "x/y/aws"\n}\n', ".terraform/modules/modules.json": '{"Mod'})
    assert [message.partition(":")[0] for message in loaded.said("warning")] == [".terraform/modules/modules.json"]
    assert len(loaded.said("note")) == 1


def test_modules_nested_without_end_are_cut(load: Load) -> None:
    files = {f"m{n}/main.tf": f'module "m" {{\n source = "../m{n + 1}"\n}}' for n in range(40)}
    loaded = load({**files, "m40/main.tf": 'resource "aws_x" "y" {}'}, root="m0")
    (said,) = loaded.said("error")
    assert "modules are nested deeper than 32" in said


def test_the_order_of_files_blocks_and_modules_changes_nothing(load: Load, tmp_path: Path) -> None:
    blocks = [
        'module "b" {\n  source = "./m"\n  name = module.a.name\n}\n',
        'module "a" {\n  source = "./m"\n  name = local.n\n}\n',
        'locals {\n  n = "n-${aws_x.y[0].k}"\n}\n',
        'resource "aws_x" "y" {\n  count = 1\n  k = "k"\n}\n',
    ]
    results = []
    for number, order in enumerate((blocks, blocks[::-1], [blocks[2], blocks[0], blocks[3], blocks[1]])):
        files = {f"{number}/f{index}.tf": text for index, text in enumerate(order)}
        loaded = load({**files, f"{number}/m/main.tf": BUCKET}, root=str(number))
        results.append({address: loaded.shown(address, "bucket") for address in loaded.addresses})
    assert results[0] == results[1] == results[2]
    assert results[0]["module.b.aws_s3_bucket.this"] == "n-k"


def test_for_each_over_merged_maps_in_a_module(load: Load) -> None:
    """A for expression over merge() of a variable and a local, as the popular modules write it."""
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  volumes = { data = { encrypted = false } }\n}',
            "m/main.tf": """
            variable "volumes" { default = {} }
            locals {
              base = { root = { encrypted = true } }
              all  = { for k, v in merge(local.base, var.volumes) : k => merge({ size = 8 }, v) }
            }
            resource "aws_ebs_volume" "v" {
              for_each  = local.all
              encrypted = each.value.encrypted
              size      = each.value.size
            }
            """,
        }
    )
    assert loaded.addresses == ['module.m.aws_ebs_volume.v["data"]', 'module.m.aws_ebs_volume.v["root"]']
    assert loaded.shown('module.m.aws_ebs_volume.v["data"]', "encrypted") is False
    assert loaded.shown('module.m.aws_ebs_volume.v["root"]', "encrypted") is True
    assert loaded.line('module.m.aws_ebs_volume.v["data"]', "encrypted").startswith("m/main.tf:9:")


def test_a_whole_resource_given_to_a_typed_variable(load: Load) -> None:
    loaded = load(
        {
            "main.tf": 'resource "aws_b" "b" { name = "n" }\nmodule "m" {\n  source = "./m"\n  b = aws_b.b\n}',
            "m/main.tf": 'variable "b" { type = object({ name = string, arn = string }) }\n'
            'resource "aws_x" "y" {\n  n = var.b.name\n  a = var.b.arn\n}',
        }
    )
    assert loaded.shown("module.m.aws_x.y", "n") == "n"
    assert loaded.shown("module.m.aws_x.y", "a") == "?computed"
    assert "aws_b.b.arn" in loaded.names("module.m.aws_x.y", "a")


def test_a_missing_argument_is_unknown_with_the_call(load: Load) -> None:
    loaded = load({"main.tf": 'module "m" {\n  source = "./m"\n}', "m/main.tf": BUCKET})
    value = loaded.value("module.m.aws_s3_bucket.this", "bucket")
    assert value.detail == "module.m gives no value for var.name, which has no default"  # type: ignore[attr-defined]


def test_sensitive_outputs(load: Load) -> None:
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  name = "n"\n}\n'
            'resource "aws_x" "y" {\n  a = module.m.secret\n  b = module.m.name\n}',
            "m/main.tf": BUCKET,
        }
    )
    assert loaded.value("aws_x.y", "a").sensitive
    assert not loaded.value("aws_x.y", "b").sensitive
