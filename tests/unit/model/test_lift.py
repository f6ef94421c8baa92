"""What the verbs of the lifting tables do, seen from a property: Terraform and CloudFormation texts in, values out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hipaalint.expression.evaluator import attribute_of, operand
from hipaalint.expression.values import Absent, Known, Lazy, Unknown, Value
from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root

Lifted = Callable[[str], ResourceGraph]


@pytest.fixture
def terraform(tmp_path: Path) -> Lifted:
    def load(text: str) -> ResourceGraph:
        (tmp_path / "main.tf").write_text(text)
        return build_graph([load_module_root(tmp_path, LoadOptions(tmp_path))])

    return load


@pytest.fixture
def cloudformation(tmp_path: Path) -> Lifted:
    def load(text: str) -> ResourceGraph:
        file = tmp_path / "template.yaml"
        file.write_text(text)
        return build_graph([load_template(file, LoadOptions(tmp_path))])

    return load


def at(graph: ResourceGraph, type: str, path: str, number: int = 0) -> Value:
    """The value at a dotted path of a resource of a type."""
    value: Value = graph.view(graph.of_type(type)[number])
    for name in path.split("."):
        value = attribute_of(value, name, None, condition=True)
    return value


def plain(value: Value) -> Any:
    """Data of a value, `…` for what is unknown, None for what is absent."""
    if isinstance(value, Absent):
        return None
    if isinstance(value, Unknown):
        return f"…{value.reason}"
    if isinstance(value, Lazy):
        return {name: plain(value.get(name, None)) for name in value.names()}
    assert isinstance(value, Known)
    if isinstance(value.data, list):
        return [plain(item) for item in value.data]
    if isinstance(value.data, dict):
        return {name: plain(item) for name, item in value.data.items()}
    return value.data


@pytest.mark.parametrize(
    ("text", "type", "path", "expected"),
    [
        # names that agree, in the kind that the schema asks for
        ('resource "aws_ebs_volume" "v" { encrypted = "true" }', "AWS::EC2::Volume", "Encrypted", True),
        ('resource "aws_ebs_volume" "v" { size = "20" }', "AWS::EC2::Volume", "Size", 20),
        ('resource "aws_ebs_volume" "v" { kms_key_id = null }', "AWS::EC2::Volume", "KmsKeyId", None),
        ('resource "aws_ebs_volume" "v" { kms_key_id = "" }', "AWS::EC2::Volume", "KmsKeyId", None),
        # tags are a map here and a list there; the provider's default tags are below the resource's own
        (
            'provider "aws" {\n default_tags {\n tags = { a = "0", b = "2" }\n }\n}\n'
            'resource "aws_ebs_volume" "v" { tags = { a = "1" } }',
            "AWS::EC2::Volume",
            "Tags",
            [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        ),
        # rename into an object that Terraform spells flat, and its members
        (
            'resource "aws_kinesis_stream" "s" { encryption_type = "KMS" }',
            "AWS::Kinesis::Stream",
            "StreamEncryption",
            {"EncryptionType": "KMS"},
        ),
        ('resource "aws_kinesis_stream" "s" { name = "s" }', "AWS::Kinesis::Stream", "StreamEncryption", None),
        # values: what is written in the registry's words; null says that there is nothing
        (
            'resource "aws_kinesis_firehose_delivery_stream" "s" {\n server_side_encryption { enabled = true }\n}',
            "AWS::KinesisFirehose::DeliveryStream",
            "DeliveryStreamEncryptionConfigurationInput.KeyType",
            "AWS_OWNED_CMK",
        ),
        (
            'resource "aws_kinesis_firehose_delivery_stream" "s" {\n server_side_encryption { enabled = false }\n}',
            "AWS::KinesisFirehose::DeliveryStream",
            "DeliveryStreamEncryptionConfigurationInput.KeyType",
            None,
        ),
        # hide: an argument that has a property's name by chance
        (
            'resource "aws_kinesis_firehose_delivery_stream" "s" {\n server_side_encryption { key_type = "X" }\n}',
            "AWS::KinesisFirehose::DeliveryStream",
            "DeliveryStreamEncryptionConfigurationInput.KeyType",
            None,
        ),
        # never: Terraform has no argument for it, so it is absent and not unknown
        ('resource "aws_ebs_volume" "v" {}', "AWS::EC2::Volume", "SourceVolumeId", None),
        # what the table does not reach and nobody declared as never is unknown, with that reason
        ('resource "aws_sqs_queue" "q" {}', "AWS::SQS::Queue", "Tags", None),
        # policies in all their spellings are objects
        (
            'resource "aws_iam_policy" "p" {\n policy = jsonencode({ Statement = [{ Effect = "Allow" }] })\n}',
            "AWS::IAM::ManagedPolicy",
            "PolicyDocument",
            {"Statement": [{"Effect": "Allow"}]},
        ),
        (
            'resource "aws_iam_policy" "p" {\n policy = <<E\n{"Statement": [{"Effect": "Deny"}]}\nE\n}',
            "AWS::IAM::ManagedPolicy",
            "PolicyDocument",
            {"Statement": [{"Effect": "Deny"}]},
        ),
        (
            'variable "v" {}\nresource "aws_iam_policy" "p" {\n'
            ' policy = "{\\"Statement\\": [{\\"Resource\\": \\"${var.v}/*\\"}]}"\n}',
            "AWS::IAM::ManagedPolicy",
            "PolicyDocument",
            {"Statement": [{"Resource": "…no-value"}]},
        ),
        # fold: a side-car stands in its bucket's property, wherever the bucket is named
        (
            'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_versioning" "v" {\n bucket = aws_s3_bucket.b.id\n'
            ' versioning_configuration { status = "Enabled" }\n}',
            "AWS::S3::Bucket",
            "VersioningConfiguration.Status",
            "Enabled",
        ),
        (
            'resource "aws_s3_bucket" "b" { bucket = "x" }\nresource "aws_s3_bucket_versioning" "v" {\n bucket = "x"\n'
            ' versioning_configuration { status = "Suspended" }\n}',
            "AWS::S3::Bucket",
            "VersioningConfiguration.Status",
            "Suspended",
        ),
        # … two for one place cannot be told
        (
            'resource "aws_s3_bucket" "b" {}\n'
            'resource "aws_s3_bucket_versioning" "v" {\n bucket = aws_s3_bucket.b.id\n'
            ' versioning_configuration { status = "Enabled" }\n}\n'
            'resource "aws_s3_bucket_versioning" "w" {\n bucket = aws_s3_bucket.b.id\n'
            ' versioning_configuration { status = "Suspended" }\n}',
            "AWS::S3::Bucket",
            "VersioningConfiguration",
            "…evaluation-error",
        ),
        # … one that may not exist leaves it open
        (
            'variable "n" { type = number }\nresource "aws_s3_bucket" "b" {}\n'
            'resource "aws_s3_bucket_versioning" "v" {\n count = var.n > 3 ? 1 : 0\n bucket = aws_s3_bucket.b.id\n'
            ' versioning_configuration { status = "Enabled" }\n}',
            "AWS::S3::Bucket",
            "VersioningConfiguration",
            "…condition",
        ),
        # … and the deprecated inline form says the same
        (
            'resource "aws_s3_bucket" "b" {\n versioning { enabled = true }\n}',
            "AWS::S3::Bucket",
            "VersioningConfiguration.Status",
            "Enabled",
        ),
    ],
)
def test_terraform(terraform: Lifted, text: str, type: str, path: str, expected: Any) -> None:
    assert plain(at(terraform(text), type, path)) == expected


def test_an_argument_that_the_table_does_not_reach_is_unknown(
    terraform: Lifted, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hipaalint.model import tables

    monkeypatch.setattr(tables, "raw_rows", lambda: {"aws_sqs_queue": {"type": "AWS::SNS::Topic"}})
    tables.row.cache_clear()
    try:
        found = at(terraform('resource "aws_sqs_queue" "q" {}'), "AWS::SNS::Topic", "DisplayName")
    finally:
        tables.row.cache_clear()
    assert isinstance(found, Unknown)
    assert found.reason == "not-lifted"


def test_rules_of_a_security_group_come_together_from_all_their_forms(terraform: Lifted) -> None:
    graph = terraform(
        """
        resource "aws_security_group" "g" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
          }
        }
        resource "aws_security_group_rule" "r" {
          security_group_id = aws_security_group.g.id
          type              = "ingress"
          from_port         = 443
          to_port           = 443
          protocol          = "tcp"
          ipv6_cidr_blocks  = ["::/0"]
        }
        resource "aws_security_group_rule" "out" {
          security_group_id = aws_security_group.g.id
          type              = "egress"
          from_port         = 0
          to_port           = 0
          protocol          = "-1"
          cidr_blocks       = ["192.0.2.0/24"]
        }
        resource "aws_vpc_security_group_ingress_rule" "v" {
          security_group_id = aws_security_group.g.id
          from_port         = 80
          to_port           = 80
          ip_protocol       = "tcp"
          cidr_ipv4         = "198.51.100.0/24"
        }
        """
    )
    rules = plain(at(graph, "AWS::EC2::SecurityGroup", "SecurityGroupIngress"))
    told = {(rule.get("FromPort"), rule.get("CidrIp") or rule.get("CidrIpv6")) for rule in rules}
    assert told == {(22, "10.0.0.0/8"), (22, "0.0.0.0/0"), (443, "::/0"), (80, "198.51.100.0/24")}
    out = plain(at(graph, "AWS::EC2::SecurityGroup", "SecurityGroupEgress"))
    assert {rule.get("CidrIp") for rule in out} == {"192.0.2.0/24"}


ON = ' versioning_configuration { status = "Enabled" }\n}\n'


@pytest.mark.parametrize(
    ("buckets", "told"),
    [
        # Two that certainly exist cannot have one name: nothing tells which of them is meant.
        (
            'resource "aws_s3_bucket" "a" { bucket = "x" }\nresource "aws_s3_bucket" "b" { bucket = "x" }\n',
            [None, None],
        ),
        # Of two alternatives it is whichever exists.
        (
            'variable "v" { default = true }\n'
            'resource "aws_s3_bucket" "a" {\n count = var.v ? 1 : 0\n bucket = "x"\n}\n'
            'resource "aws_s3_bucket" "b" {\n count = var.v ? 0 : 1\n bucket = "x"\n}\n',
            ["Enabled", "Enabled"],
        ),
    ],
)
def test_a_name_that_several_have(terraform: Lifted, buckets: str, told: list[str | None]) -> None:
    graph = terraform(f'{buckets}resource "aws_s3_bucket_versioning" "v" {{\n bucket = "x"\n{ON}')
    whole = [bucket for bucket in graph.of_type("AWS::S3::Bucket") if not bucket.partial]
    statuses = [plain(bucket.properties.get("VersioningConfiguration", None)) for bucket in whole]
    assert [status and status["Status"] for status in statuses] == told
    assert len(graph.of_type("AWS::S3::Bucket")) - len(whole) == (None in told)


def test_a_side_car_of_something_outside_stands_for_it(terraform: Lifted) -> None:
    graph = terraform(
        'variable "b" {}\nresource "aws_s3_bucket_versioning" "v" {\n bucket = var.b\n'
        ' versioning_configuration { status = "Enabled" }\n}'
    )
    (stand_in,) = graph.of_type("AWS::S3::Bucket")
    assert stand_in.partial
    assert stand_in.address == "aws_s3_bucket_versioning.v"
    assert plain(at(graph, "AWS::S3::Bucket", "VersioningConfiguration.Status")) == "Enabled"
    assert isinstance(at(graph, "AWS::S3::Bucket", "BucketEncryption"), Unknown)


def test_ranges_are_those_of_what_is_written(terraform: Lifted) -> None:
    graph = terraform('resource "aws_kinesis_stream" "s" {\n  encryption_type = "KMS"\n}')
    found = at(graph, "AWS::Kinesis::Stream", "StreamEncryption.EncryptionType")
    assert found.range is not None
    assert found.range.text == 'encryption_type = "KMS"'
    missing = at(graph, "AWS::Kinesis::Stream", "StreamEncryption.KeyId")
    assert isinstance(missing, Absent)
    assert missing.range is not None
    assert missing.range.line == 1
    assert missing.spelled == "kms_key_id"


def test_cloudformation_is_seen_as_it_is(cloudformation: Lifted) -> None:
    graph = cloudformation(
        """
        Resources:
          Volume:
            Type: AWS::EC2::Volume
            Properties: {Encrypted: "false", Size: "8", encrypted: true}
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: d}
          Rule:
            Type: AWS::EC2::SecurityGroupIngress
            Properties: {GroupId: !Ref Group, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
        """
    )
    assert plain(at(graph, "AWS::EC2::Volume", "Encrypted")) is False
    assert plain(at(graph, "AWS::EC2::Volume", "Size")) == 8
    (rule,) = plain(at(graph, "AWS::EC2::SecurityGroup", "SecurityGroupIngress"))
    assert rule["CidrIp"] == "0.0.0.0/0"


@pytest.mark.parametrize(("spelled", "expected"), [("true", True), ("False", False), ("TRUE", True), ("yes", "yes")])
def test_spellings_of_a_bool_in_cloudformation(cloudformation: Lifted, spelled: str, expected: object) -> None:
    graph = cloudformation(f"""
        Resources:
          Volume:
            Type: AWS::EC2::Volume
            Properties: {{Encrypted: "{spelled}"}}
        """)
    assert plain(at(graph, "AWS::EC2::Volume", "Encrypted")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "aws_sqs_queue" "q" {}', True),
        ('resource "aws_sqs_queue" "q" { sqs_managed_sse_enabled = false }', False),
    ],
)
def test_a_default_stands_in_for_what_is_absent(terraform: Lifted, text: str, expected: bool) -> None:
    found = operand(at(terraform(text), "AWS::SQS::Queue", "SqsManagedSseEnabled"))
    assert plain(found) is expected
