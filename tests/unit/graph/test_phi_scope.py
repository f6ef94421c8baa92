"""A table of flows: where data that is declared to be PHI gets to, by which path, and where it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hipaalint.graph.phi_scope import declaration, environment, receives_phi
from hipaalint.graph.scope_settings import ScopeSettings
from tests.unit.graph.networks import graph_of_text, named

CLOUDFORMATION, TERRAFORM = "cloudformation", "terraform"
PHI = 'tags = { PHI = "true" }'
NOT_PHI = 'tags = { PHI = "false" }'
TAGS = {"Tags": [{"Key": "PHI", "Value": "true"}]}
NO = {"Tags": [{"Key": "PHI", "Value": "false"}]}


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def template(**resources: tuple[str, Any]) -> str:
    written = {
        name: {"Type": f"AWS::{type}", "Properties": properties} for name, (type, properties) in resources.items()
    }
    return json.dumps({"Parameters": {"Unknown": {"Type": "String"}}, "Resources": written})


def bucket(name: str, more: str = "") -> str:
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name.lower()}"\n  {more}\n}}\n'


def block(type: str, name: str, text: str) -> str:
    return f'resource "{type}" "{name}" {{\n{text}\n}}\n'


REPLICATION = """
  bucket = aws_s3_bucket.Source.id
  role   = "arn:aws:iam::123456789012:role/copy"
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.Sink.arn
    }
  }
"""
REPLICATES = {
    "ReplicationConfiguration": {
        "Role": "arn:aws:iam::123456789012:role/copy",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": arn("Sink")}}],
    }
}
FUNCTION = {"Role": "arn:aws:iam::123456789012:role/run", "Code": {"ZipFile": "x"}}
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${Source.Arn}/*"}}],
}
LIST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Source.Arn}/*"}}],
}
ROLE = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}


def role(action: str) -> str:
    return block("aws_iam_role", "Job", '  assume_role_policy = "{}"') + block(
        "aws_iam_role_policy",
        "Reading",
        f"""
  role   = aws_iam_role.Job.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["{action}"], Resource = ["${{aws_s3_bucket.Source.arn}}/*"] }}]
  }})
""",
    )


LAMBDA = 'function_name = "sink"\n  role = "arn:aws:iam::123456789012:role/run"'
FIREHOSE = """
  name        = "hose"
  destination = "extended_s3"
  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.Source.arn
    role_arn           = "arn:aws:iam::123456789012:role/run"
  }
  extended_s3_configuration {
    bucket_arn = aws_s3_bucket.Sink.arn
    role_arn   = "arn:aws:iam::123456789012:role/run"
  }
"""
STREAM = 'name = "source"\n  shard_count = 1\n'

# about, CloudFormation, Terraform, whether PHI gets to Sink, the holders on the way.
Row = tuple[str, str | None, str | None, bool | None, str]
FLOWS: list[Row] = [
    (
        "replication of a bucket",
        template(Source=("S3::Bucket", {**REPLICATES, **TAGS}), Sink=("S3::Bucket", {})),
        bucket("Source", PHI) + bucket("Sink") + block("aws_s3_bucket_replication_configuration", "Copy", REPLICATION),
        True,
        "Source Source",
    ),
    (
        "replication, though the copy says that it holds none",
        template(Source=("S3::Bucket", {**REPLICATES, **TAGS}), Sink=("S3::Bucket", NO)),
        bucket("Source", PHI)
        + bucket("Sink", NOT_PHI)
        + block("aws_s3_bucket_replication_configuration", "Copy", REPLICATION),
        True,
        "Source",
    ),
    (
        "replication of what holds none",
        template(Source=("S3::Bucket", {**REPLICATES, **NO}), Sink=("S3::Bucket", {})),
        bucket("Source", NOT_PHI)
        + bucket("Sink")
        + block("aws_s3_bucket_replication_configuration", "Copy", REPLICATION),
        False,
        "",
    ),
    (
        "replication of what nobody knows",
        template(
            Source=("S3::Bucket", {**REPLICATES, "Tags": [{"Key": "PHI", "Value": {"Ref": "Unknown"}}]}),
            Sink=("S3::Bucket", {}),
        ),
        'variable "unknown" {\n  type = string\n}\n'
        + bucket("Source", "tags = { PHI = var.unknown }")
        + bucket("Sink")
        + block("aws_s3_bucket_replication_configuration", "Copy", REPLICATION),
        None,
        "Source",
    ),
    (
        "access logs",
        template(
            Source=("S3::Bucket", {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Sink"}}, **TAGS}),
            Sink=("S3::Bucket", {}),
        ),
        bucket("Source", PHI)
        + bucket("Sink")
        + block(
            "aws_s3_bucket_logging",
            "Logs",
            '  bucket = aws_s3_bucket.Source.id\n  target_bucket = aws_s3_bucket.Sink.id\n  target_prefix = "l/"',
        ),
        True,
        "Source Source",
    ),
    (
        "access logs that somebody vouches for",
        template(
            Source=("S3::Bucket", {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Sink"}}, **TAGS}),
            Sink=("S3::Bucket", NO),
        ),
        bucket("Source", PHI)
        + bucket("Sink", NOT_PHI)
        + block(
            "aws_s3_bucket_logging",
            "Logs",
            '  bucket = aws_s3_bucket.Source.id\n  target_bucket = aws_s3_bucket.Sink.id\n  target_prefix = "l/"',
        ),
        False,
        "",
    ),
    (
        "inventory",
        template(
            Source=(
                "S3::Bucket",
                {
                    "InventoryConfigurations": [
                        {
                            "Id": "i",
                            "Enabled": True,
                            "IncludedObjectVersions": "All",
                            "ScheduleFrequency": "Daily",
                            "Destination": {"BucketArn": arn("Sink"), "Format": "CSV"},
                        }
                    ],
                    **TAGS,
                },
            ),
            Sink=("S3::Bucket", {}),
        ),
        bucket("Source", PHI)
        + bucket("Sink")
        + block(
            "aws_s3_bucket_inventory",
            "Inventory",
            '  bucket = aws_s3_bucket.Source.id\n  name = "i"\n  included_object_versions = "All"\n'
            '  schedule {\n    frequency = "Daily"\n  }\n'
            '  destination {\n    bucket {\n      bucket_arn = aws_s3_bucket.Sink.arn\n      format = "CSV"\n    }\n  }',
        ),
        True,
        "",
    ),
    (
        "read replica",
        template(
            Source=("RDS::DBInstance", TAGS),
            Sink=("RDS::DBInstance", {"SourceDBInstanceIdentifier": {"Ref": "Source"}}),
        ),
        block("aws_db_instance", "Source", f'  identifier = "source"\n  {PHI}')
        + block("aws_db_instance", "Sink", "  replicate_source_db = aws_db_instance.Source.identifier"),
        True,
        "Source Sink",
    ),
    (
        "snapshot and what is restored of it",
        None,
        block("aws_db_instance", "Source", f'  identifier = "source"\n  {PHI}')
        + block(
            "aws_db_snapshot",
            "Kept",
            '  db_instance_identifier = aws_db_instance.Source.identifier\n  db_snapshot_identifier = "kept"',
        )
        + block("aws_db_instance", "Sink", "  snapshot_identifier = aws_db_snapshot.Kept.id"),
        True,
        "Source Kept Sink",
    ),
    (
        "snapshot of a cluster, copied",
        None,
        block("aws_rds_cluster", "Source", f'  cluster_identifier = "source"\n  {PHI}')
        + block(
            "aws_db_cluster_snapshot",
            "Kept",
            '  db_cluster_identifier = aws_rds_cluster.Source.id\n  db_cluster_snapshot_identifier = "kept"',
        )
        + block(
            "aws_rds_cluster_snapshot_copy",
            "Sink",
            "  source_db_cluster_snapshot_identifier = aws_db_cluster_snapshot.Kept.id\n"
            '  target_db_cluster_snapshot_identifier = "copy"',
        ),
        True,
        "Source Kept Sink",
    ),
    (
        "snapshot of a volume, and a volume of that",
        None,
        block("aws_ebs_volume", "Source", f'  availability_zone = "us-east-1a"\n  {PHI}')
        + block("aws_ebs_snapshot", "Kept", "  volume_id = aws_ebs_volume.Source.id")
        + block(
            "aws_ebs_volume", "Sink", '  availability_zone = "us-east-1a"\n  snapshot_id = aws_ebs_snapshot.Kept.id'
        ),
        True,
        "Source Kept Sink",
    ),
    (
        "volume of an instance",
        template(
            Source=("EC2::Instance", TAGS),
            Sink=("EC2::Volume", {"AvailabilityZone": "us-east-1a", "Size": 1}),
            Link=(
                "EC2::VolumeAttachment",
                {"InstanceId": {"Ref": "Source"}, "VolumeId": {"Ref": "Sink"}, "Device": "/dev/sdh"},
            ),
        ),
        block("aws_instance", "Source", f"  {PHI}")
        + block("aws_ebs_volume", "Sink", '  availability_zone = "us-east-1a"')
        + block(
            "aws_volume_attachment",
            "Link",
            '  device_name = "/dev/sdh"\n  instance_id = aws_instance.Source.id\n  volume_id = aws_ebs_volume.Sink.id',
        ),
        True,
        "Source Link",
    ),
    (
        "replication of a file system",
        template(
            Source=(
                "EFS::FileSystem",
                {
                    "ReplicationConfiguration": {"Destinations": [{"FileSystemId": {"Ref": "Sink"}}]},
                    "FileSystemTags": TAGS["Tags"],
                },
            ),
            Sink=("EFS::FileSystem", {}),
        ),
        block("aws_efs_file_system", "Source", f"  {PHI}")
        + block("aws_efs_file_system", "Sink", "")
        + block(
            "aws_efs_replication_configuration",
            "Copy",
            "  source_file_system_id = aws_efs_file_system.Source.id\n  destination {\n"
            "    file_system_id = aws_efs_file_system.Sink.id\n  }",
        ),
        True,
        "Source",
    ),
    (
        "stream of a table",
        template(
            Source=(
                "DynamoDB::Table",
                {"KinesisStreamSpecification": {"StreamArn": arn("Sink")}, "KeySchema": [], **TAGS},
            ),
            Sink=("Kinesis::Stream", {"ShardCount": 1}),
        ),
        block("aws_dynamodb_table", "Source", f'  name = "source"\n  {PHI}')
        + block("aws_kinesis_stream", "Sink", '  name = "sink"')
        + block(
            "aws_dynamodb_kinesis_streaming_destination",
            "Copy",
            "  table_name = aws_dynamodb_table.Source.name\n  stream_arn = aws_kinesis_stream.Sink.arn",
        ),
        True,
        "Source",
    ),
    (
        "export of a table",
        None,
        block("aws_dynamodb_table", "Source", f'  name = "source"\n  {PHI}')
        + bucket("Sink")
        + block(
            "aws_dynamodb_table_export",
            "Export",
            "  table_arn = aws_dynamodb_table.Source.arn\n  s3_bucket = aws_s3_bucket.Sink.id",
        ),
        True,
        "Source Export",
    ),
    (
        "delivery of a stream into a bucket",
        template(
            Source=("Kinesis::Stream", {"ShardCount": 1, **TAGS}),
            Hose=(
                "KinesisFirehose::DeliveryStream",
                {
                    "KinesisStreamSourceConfiguration": {
                        "KinesisStreamARN": arn("Source"),
                        "RoleARN": "arn:aws:iam::123456789012:role/run",
                    },
                    "ExtendedS3DestinationConfiguration": {
                        "BucketARN": arn("Sink"),
                        "RoleARN": "arn:aws:iam::123456789012:role/run",
                    },
                },
            ),
            Sink=("S3::Bucket", {}),
        ),
        block("aws_kinesis_stream", "Source", STREAM + PHI)
        + block("aws_kinesis_firehose_delivery_stream", "Hose", FIREHOSE)
        + bucket("Sink"),
        True,
        "Source Hose Hose",
    ),
    (
        "events for a function",
        template(
            Source=("SQS::Queue", TAGS),
            Sink=("Lambda::Function", FUNCTION),
            Mapping=("Lambda::EventSourceMapping", {"EventSourceArn": arn("Source"), "FunctionName": {"Ref": "Sink"}}),
        ),
        block("aws_sqs_queue", "Source", f"  {PHI}")
        + block("aws_lambda_function", "Sink", LAMBDA)
        + block(
            "aws_lambda_event_source_mapping",
            "Mapping",
            "  event_source_arn = aws_sqs_queue.Source.arn\n  function_name = aws_lambda_function.Sink.arn",
        ),
        True,
        "Source Mapping",
    ),
    (
        "topic to queue to dead letters",
        template(
            Source=("SNS::Topic", TAGS),
            Link=("SNS::Subscription", {"TopicArn": {"Ref": "Source"}, "Protocol": "sqs", "Endpoint": arn("Queue")}),
            Queue=("SQS::Queue", {"RedrivePolicy": {"deadLetterTargetArn": arn("Sink"), "maxReceiveCount": 3}}),
            Sink=("SQS::Queue", {}),
        ),
        block("aws_sns_topic", "Source", f"  {PHI}")
        + block(
            "aws_sns_topic_subscription",
            "Link",
            '  topic_arn = aws_sns_topic.Source.arn\n  protocol = "sqs"\n  endpoint = aws_sqs_queue.Queue.arn',
        )
        + block(
            "aws_sqs_queue",
            "Queue",
            "  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.Sink.arn, maxReceiveCount = 3 })",
        )
        + block("aws_sqs_queue", "Sink", ""),
        True,
        "Source Link Queue",
    ),
    (
        "dead letters, said apart",
        None,
        block("aws_sqs_queue", "Source", f"  {PHI}")
        + block("aws_sqs_queue", "Sink", '  name = "sink"')
        + block(
            "aws_sqs_queue_redrive_policy",
            "Dead",
            "  queue_url = aws_sqs_queue.Source.id\n"
            "  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.Sink.arn, maxReceiveCount = 3 })",
        ),
        None,  # the text of the policy is not taken apart there
        "Source Dead",
    ),
    (
        "forwarded logs",
        template(
            Source=("Logs::LogGroup", TAGS),
            Filter=(
                "Logs::SubscriptionFilter",
                {"LogGroupName": {"Ref": "Source"}, "FilterPattern": "", "DestinationArn": arn("Sink")},
            ),
            Sink=("Kinesis::Stream", {"ShardCount": 1}),
        ),
        block("aws_cloudwatch_log_group", "Source", f'  name = "source"\n  {PHI}')
        + block(
            "aws_cloudwatch_log_subscription_filter",
            "Filter",
            '  name = "f"\n  filter_pattern = ""\n'
            "  log_group_name = aws_cloudwatch_log_group.Source.name\n  destination_arn = aws_kinesis_stream.Sink.arn",
        )
        + block("aws_kinesis_stream", "Sink", '  name = "sink"'),
        True,
        "Source Filter",
    ),
    (
        "backups",
        template(
            Source=("DynamoDB::Table", {"KeySchema": [], **TAGS}),
            Plan=(
                "Backup::BackupPlan",
                {
                    "BackupPlan": {
                        "BackupPlanName": "p",
                        "BackupPlanRule": [{"RuleName": "r", "TargetBackupVault": {"Ref": "Sink"}}],
                    }
                },
            ),
            Selection=(
                "Backup::BackupSelection",
                {
                    "BackupPlanId": {"Ref": "Plan"},
                    "BackupSelection": {
                        "SelectionName": "s",
                        "IamRoleArn": "arn:aws:iam::123456789012:role/run",
                        "Resources": [arn("Source")],
                    },
                },
            ),
            Sink=("Backup::BackupVault", {"BackupVaultName": "vault"}),
        ),
        block("aws_dynamodb_table", "Source", f'  name = "source"\n  {PHI}')
        + block("aws_backup_vault", "Sink", '  name = "vault"')
        + block(
            "aws_backup_plan",
            "Plan",
            '  name = "p"\n  rule {\n    rule_name = "r"\n    target_vault_name = aws_backup_vault.Sink.name\n  }',
        )
        + block(
            "aws_backup_selection",
            "Selection",
            '  name = "s"\n  plan_id = aws_backup_plan.Plan.id\n'
            '  iam_role_arn = "arn:aws:iam::123456789012:role/run"\n  resources = [aws_dynamodb_table.Source.arn]',
        ),
        True,
        "Source Selection Plan",
    ),
    (
        "a grant to read",
        template(
            Source=("S3::Bucket", TAGS),
            Job=("IAM::Role", {**ROLE, "Policies": [{"PolicyName": "r", "PolicyDocument": READ}]}),
            Sink=("Lambda::Function", {**FUNCTION, "Role": arn("Job")}),
        ),
        bucket("Source", PHI)
        + role("s3:GetObject")
        + block("aws_lambda_function", "Sink", '  function_name = "sink"\n  role = aws_iam_role.Job.arn'),
        True,
        "Source",
    ),
    (
        "a grant to write alone",
        template(
            Source=("S3::Bucket", TAGS),
            Job=("IAM::Role", {**ROLE, "Policies": [{"PolicyName": "r", "PolicyDocument": LIST}]}),
            Sink=("Lambda::Function", {**FUNCTION, "Role": arn("Job")}),
        ),
        bucket("Source", PHI)
        + role("s3:PutObject")
        + block("aws_lambda_function", "Sink", '  function_name = "sink"\n  role = aws_iam_role.Job.arn'),
        False,
        "",
    ),
    (
        "against the flow",
        template(
            Sink=(
                "S3::Bucket",
                {
                    "ReplicationConfiguration": {
                        "Role": "r",
                        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": arn("Source")}}],
                    }
                },
            ),
            Source=("S3::Bucket", TAGS),
        ),
        bucket("Source", PHI)
        + bucket("Sink")
        + block(
            "aws_s3_bucket_replication_configuration",
            "Copy",
            REPLICATION.replace("Source", "X").replace("Sink", "Source").replace("X", "Sink"),
        ),
        False,
        "",
    ),
    (
        "a circle of replicas",
        template(
            Sink=(
                "S3::Bucket",
                {
                    "ReplicationConfiguration": {
                        "Role": "r",
                        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": arn("Other")}}],
                    }
                },
            ),
            Other=(
                "S3::Bucket",
                {
                    "ReplicationConfiguration": {
                        "Role": "r",
                        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": arn("Sink")}}],
                    }
                },
            ),
        ),
        bucket("Other")
        + bucket("Sink")
        + block("aws_s3_bucket_replication_configuration", "There", REPLICATION.replace("Source", "Other"))
        + block(
            "aws_s3_bucket_replication_configuration",
            "Back",
            REPLICATION.replace("Sink", "Other").replace("Source", "Sink"),
        ),
        False,
        "",
    ),
]
RUNS = [
    pytest.param(text, language, holds, path, id=f"{about} ({language})")
    for about, cloudformation, terraform, holds, path in FLOWS
    for language, text in ((CLOUDFORMATION, cloudformation), (TERRAFORM, terraform))
    if text is not None
]


def test_the_table_is_large_enough() -> None:
    assert len(FLOWS) >= 20
    assert len(RUNS) >= 40


@pytest.mark.parametrize(("text", "language", "holds", "path"), RUNS)
def test_flows(text: str, language: str, holds: bool | None, path: str, tmp_path: Path) -> None:
    graph = graph_of_text(text, language, tmp_path)
    received = receives_phi(graph, named(graph, "Sink"))
    names = [step.resource.written.name for step in received.path if step.resource is not None]
    assert received.holds is holds, [one.reason for one in received.path]
    if holds is False:
        assert received.path == ()
    else:
        assert received.path[0].resource is named(graph, "Source")
        assert received.path[-1].reason.endswith(named(graph, "Sink").address)
        if path and language == CLOUDFORMATION:
            assert names[: len(path.split())] == path.split()


STORE = bucket("Store", "tags = { %s }")


@pytest.mark.parametrize(
    ("tags", "said", "holds"),
    [
        ('PHI = "true"', True, True),
        ('contains_phi = "Yes"', True, True),
        ('has_PHI = "true"', True, True),
        ('data-classification = "ePHI"', True, True),
        ('DataClassification = "public"', True, False),
        ('PHI = "false"', True, False),
        ('Name = "phi"', False, False),
        ("PHI = var.phi", True, None),
        ("(var.phi) = true", False, None),
    ],
)
def test_declarations(tags: str, said: bool, holds: bool | None, tmp_path: Path) -> None:
    graph = graph_of_text('variable "phi" {\n  type = string\n}\n' + STORE % tags, TERRAFORM, tmp_path)
    found = declaration(graph, named(graph, "Store"))
    assert (found.said, found.holds) == (said, holds)


def test_addresses_roots_and_keys_of_the_configuration(tmp_path: Path) -> None:
    graph = graph_of_text(STORE % 'secret = "patients"', TERRAFORM, tmp_path)
    store = named(graph, "Store")
    assert declaration(graph, store).said is False
    for change in ("addresses", "roots", "root_patterns", "tags"):
        again = graph_of_text(STORE % 'secret = "patients"', TERRAFORM, tmp_path)
        settings = ScopeSettings()
        settings.addresses = ("aws_s3_bucket.*",) if change == "addresses" else ()
        settings.roots = {(store.root.path, "")} if change == "roots" else set()
        settings.root_patterns = ("*",) if change == "root_patterns" else ()
        if change == "tags":
            settings.tag_keys, settings.tag_values = ("secret",), ("patients",)
        again.scope = settings
        assert declaration(again, named(again, "Store")).holds is True, change


def test_environments(tmp_path: Path) -> None:
    graph = graph_of_text(STORE % 'Environment = "prod"', TERRAFORM, tmp_path)
    assert getattr(environment(graph, named(graph, "Store")), "data", None) == "prod"
    graph = graph_of_text(STORE % 'Name = "x"', TERRAFORM, tmp_path)
    assert environment(graph, named(graph, "Store")) is None
    graph.scope.environments[named(graph, "Store").root.path, ""] = "production"
    assert environment(graph, named(graph, "Store")) == "production"
