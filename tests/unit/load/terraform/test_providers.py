"""Provider blocks: default tags, region, aliases, and how modules get them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.load.terraform.loading import Load, Loaded, shown

PROVIDERS = """
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { Owner = "o", Skip = "s", "aws:x" = "y" }
  }
  ignore_tags {
    keys         = ["Skip"]
    key_prefixes = ["aws:"]
  }
}
provider "aws" {
  alias  = "west"
  region = var.region
}
variable "region" { default = "us-west-2" }
"""


def tags(loaded: Loaded, address: str) -> Any:
    deferred = loaded.resource(address).default_tags
    return None if deferred is None else shown(deferred.force())


def region(loaded: Loaded, address: str) -> Any:
    deferred = loaded.resource(address).region
    return None if deferred is None else shown(deferred.force())


def test_the_default_provider_and_an_alias(load: Load) -> None:
    loaded = load(
        PROVIDERS + 'resource "aws_x" "a" {}\nresource "aws_x" "b" { provider = aws.west }\n'
        'resource "google_x" "c" {}\ndata "aws_region" "r" {}\ndata "aws_region" "w" { provider = aws.west }\n'
        'resource "aws_x" "d" {\n  r = data.aws_region.r.name\n  w = data.aws_region.w.id\n}'
    )
    assert tags(loaded, "aws_x.a") == {"Owner": "o"}
    assert region(loaded, "aws_x.a") == "us-east-1"
    assert tags(loaded, "aws_x.b") is None
    assert region(loaded, "aws_x.b") == "us-west-2"
    assert (tags(loaded, "google_x.c"), region(loaded, "google_x.c")) == (None, None)
    assert loaded.shown("aws_x.d", "r") == "us-east-1"
    assert loaded.shown("aws_x.d", "w") == "us-west-2"
    assert [loaded.resource(address).origin for address in ("aws_x.a", "google_x.c")] == ["aws", "google"]


@pytest.mark.parametrize(
    ("written", "expected"), [('"eu-west-1"', "eu-west-1"), ("null", "us-east-1"), ("var.region", "us-west-2")]
)
def test_a_resource_may_name_its_region(load: Load, written: str, expected: str) -> None:
    loaded = load(PROVIDERS + f'resource "aws_x" "a" {{ region = {written} }}')
    assert region(loaded, "aws_x.a") == expected


@pytest.mark.parametrize(
    ("providers", "meta", "expected"),
    [
        ("", "", "us-east-1"),
        ("providers = { aws = aws.west }", "", "us-west-2"),
        ("providers = { aws.other = aws.west }", "provider = aws.other", "us-west-2"),
        ("providers = { aws.other = aws }", "provider = aws.other", "us-east-1"),
        ("", "provider = aws.other", None),
    ],
)
def test_modules_inherit_or_are_given_providers(load: Load, providers: str, meta: str, expected: str | None) -> None:
    loaded = load(
        {
            "main.tf": PROVIDERS + f'module "m" {{\n  source = "./m"\n  {providers}\n}}',
            "m/main.tf": 'module "n" {\n  source = "../n"\n}\n' + f'resource "aws_x" "y" {{\n  {meta}\n}}',
            "n/main.tf": 'resource "aws_x" "y" {}',
        }
    )
    assert region(loaded, "module.m.aws_x.y") == expected
    inner = "us-west-2" if "{ aws = " in providers else "us-east-1"
    assert region(loaded, "module.m.module.n.aws_x.y") == inner


def test_versions_of_providers(load: Load) -> None:
    loaded = load(
        """
        terraform {
          required_providers {
            aws   = { source = "hashicorp/aws", version = "~> 5.0" }
            awscc = { source = "hashicorp/awscc" }
            tls   = "~> 4.0"
          }
        }
        """
    )
    assert loaded.root.provider_versions == {"hashicorp/aws": "~> 5.0", "hashicorp/tls": "~> 4.0"}


def test_shapes_of_data_sources(load: Load) -> None:
    loaded = load(
        """
        data "aws_caller_identity" "me" {}
        data "aws_partition" "p" {}
        data "aws_region" "r" {}
        data "aws_availability_zones" "z" {}
        data "terraform_remote_state" "s" { backend = "s3" }
        resource "aws_x" "y" {
          arn    = "arn:${data.aws_partition.p.partition}:iam::${data.aws_caller_identity.me.account_id}:root"
          china  = data.aws_partition.p.partition == "aws-cn"
          region = data.aws_region.r.name
          zone   = data.aws_availability_zones.z.names[0]
          state  = data.terraform_remote_state.s.outputs.vpc.id
          back   = data.terraform_remote_state.s.backend
        }
        """
    )
    assert loaded.shown("aws_x.y", "arn") == "arn:?:iam::?:root"
    assert loaded.value("aws_x.y", "region").not_null is True  # type: ignore[attr-defined]
    assert loaded.shown("aws_x.y", "state") == "?imported"
    assert loaded.shown("aws_x.y", "back") == "s3"
    assert "data.aws_availability_zones.z.names" in loaded.names("aws_x.y", "zone")
    assert loaded.shown("aws_x.y", "china") == "?no-value"
    assert loaded.input("aws_partition").domain == ("aws", "aws-cn", "aws-us-gov")
    assert loaded.when({"aws_partition": "aws-cn"}, "aws_x.y", "china") is True
    assert loaded.when({"aws_partition": "aws"}, "aws_x.y", "arn") == "arn:aws:iam::?:root"
