"""What backup plans and snapshot policies take, through loading and graph; how often schedules run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.expression.values import Unknown, Value, known
from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks
from hipaalint.policy.backups import in_backup_plan, in_lifecycle_policy, leads_to_other_region
from hipaalint.policy.decisions import Decision
from hipaalint.policy.secrets import schedule_days

TABLE = """
resource "aws_dynamodb_table" "records" {
  name = "records"
  tags = { backup = "daily", Stage = "production" }
}
resource "aws_dynamodb_table" "other" {
  name = "other"
}
data "aws_caller_identity" "current" {}
variable "anything" { type = string }
variable "many" { type = list(string) }
"""


def terraform(folder: Path, text: str) -> ResourceGraph:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    options = LoadOptions(folder, identifier=identifier, nested_blocks=nested_blocks)
    return build_graph([load_module_root(folder, options)])


def taken(graph: ResourceGraph) -> bool | None:
    """Whether the first table is taken."""
    view = graph.view(graph.of_type("AWS::DynamoDB::Table")[0])
    name, tags = view.get("TableName", None), view.get("Tags", None)
    decision: Decision = in_backup_plan(view, known("dynamodb"), known("table/"), name, tags)
    return decision.holds


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("", True),  # without any list it is everything
        ("resources = [aws_dynamodb_table.records.arn]", True),
        (
            'resources = ["arn:aws:dynamodb:eu-central-1:${data.aws_caller_identity.current.account_id}:table/records"]',
            True,
        ),
        ('resources = ["arn:aws:dynamodb:*:*:table/rec*"]', True),
        ('resources = ["arn:aws:dynamodb:*:*:table/*"]', True),
        ('resources = ["arn:aws:dynamodb:*:*:*"]', True),
        ('resources = ["arn:aws:*:*:*:*"]', True),
        ('resources = ["*"]', True),
        ("resources = [aws_dynamodb_table.other.arn]", False),
        ('resources = ["arn:aws:dynamodb:*:*:table/other"]', False),
        ('resources = ["arn:aws:dynamodb:*:*:index/*"]', False),
        ('resources = ["arn:aws:rds:*:*:db:*"]', False),
        ('resources = ["arn:aws:dynamodb:*:*:table/${aws_dynamodb_table.other.id}"]', False),
        ('resources = ["no-arn"]', False),
        ("resources = []\nnot_resources = [aws_dynamodb_table.records.arn]", False),
        ('resources = ["*"]\nnot_resources = ["arn:aws:dynamodb:*:*:table/other"]', True),
        ("resources = [aws_dynamodb_table.nowhere.arn, aws_ebs_volume.nowhere[0].arn]", False),
        ("resources = [var.anything]", None),
        ("resources = [var.nowhere]", None),
        ("resources = [module.nowhere.arn]", None),
        ("resources = var.many", None),
        ('resources = ["arn:aws:dynamodb:*:*:table/${var.anything}"]', None),
        ('resources = ["arn:aws:dynamodb:*:*:${var.anything}"]', None),
    ],
)
def test_selection_by_arn(tmp_path: Path, selection: str, expected: bool | None) -> None:
    assert taken(terraform(tmp_path, f'{TABLE}resource "aws_backup_selection" "s" {{\n{selection}\n}}')) is expected


def tag(key: str, value: str) -> str:
    return f'selection_tag {{\n  type = "STRINGEQUALS"\n  key = "{key}"\n  value = {value}\n}}\n'


def condition(kind: str, key: str, value: str) -> str:
    return f'condition {{\n  {kind} {{\n    key = "aws:ResourceTag/{key}"\n    value = {value}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (tag("backup", '"daily"'), True),
        (tag("aws:ResourceTag/backup", '"daily"'), True),
        (tag("backup", '"Daily"'), False),
        (tag("Backup", '"daily"'), False),
        (tag("backup", '"hourly"') + tag("Stage", '"production"'), True),
        (tag("backup", "var.anything"), None),
        ('resources = ["*"]\n' + tag("backup", '"none"'), False),  # tags pick from what wildcards list
        ('resources = ["*"]\n' + tag("backup", '"daily"'), True),
        ("resources = [aws_dynamodb_table.records.arn]\n" + tag("backup", '"none"'), True),
        ("resources = [aws_dynamodb_table.other.arn]\n" + tag("backup", '"daily"'), True),
        (condition("string_equals", "backup", '"daily"'), True),
        (condition("string_equals", "backup", '"d*"'), False),
        (condition("string_like", "backup", '"d*"'), True),
        (condition("string_not_equals", "backup", '"daily"'), False),
        (condition("string_not_equals", "missing", '"daily"'), True),
        (condition("string_not_like", "Stage", '"prod*"'), False),
        (tag("backup", '"daily"') + condition("string_equals", "Stage", '"test"'), False),
        (condition("string_equals", "Stage", "var.anything"), None),
    ],
)
def test_selection_by_tag(tmp_path: Path, selection: str, expected: bool | None) -> None:
    assert taken(terraform(tmp_path, f'{TABLE}resource "aws_backup_selection" "s" {{\n{selection}\n}}')) is expected


def test_without_a_selection(tmp_path: Path) -> None:
    assert taken(terraform(tmp_path, TABLE)) is False
    module = 'module "backup" {\n  source = "example.org/clinic/backup/aws"\n}\n'
    assert taken(terraform(tmp_path, TABLE + module)) is None  # it may select by tag


def test_a_selection_that_may_not_exist(tmp_path: Path) -> None:
    text = (
        f'{TABLE}resource "aws_backup_selection" "s" {{\n  count = var.anything == "x" ? 1 : 0\n  resources = ["*"]\n}}'
    )
    assert taken(terraform(tmp_path, text)) is None


def test_a_generated_name(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        """
Resources:
  Records: {Type: "AWS::DynamoDB::Table"}
  Selection:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupSelection:
        Resources: ["arn:aws:dynamodb:*:*:table/records"]
""",
        encoding="utf-8",
    )
    options = LoadOptions(tmp_path, identifier=identifier, nested_blocks=nested_blocks)
    assert taken(build_graph([load_template(tmp_path / "t.yaml", options)])) is False


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ('resource_types = ["VOLUME"]\ntarget_tags = { backup = "daily" }', True),
        ('resource_types = ["VOLUME"]\ntarget_tags = { backup = "weekly" }', False),
        ('resource_types = ["INSTANCE"]\ntarget_tags = { backup = "daily" }', False),
        ('resource_types = ["VOLUME"]\ntarget_tags = { backup = var.anything }', None),
        ('resource_type = "VOLUME"\npolicy_language = "SIMPLIFIED"', True),
    ],
)
def test_lifecycle_policy(tmp_path: Path, policy: str, expected: bool | None) -> None:
    volume = (
        'variable "anything" { type = string }\nresource "aws_ebs_volume" "v" {\n  tags = { backup = "daily" }\n}\n'
    )
    for state, holds in (("ENABLED", expected), ("DISABLED", False)):
        graph = terraform(
            tmp_path,
            f'{volume}resource "aws_dlm_lifecycle_policy" "p" {{\n  state = "{state}"\n  policy_details {{\n{policy}\n}}\n}}\n',
        )
        view = graph.view(graph.of_type("AWS::EC2::Volume")[0])
        assert in_lifecycle_policy(view, known("VOLUME"), view.get("Tags", None)).holds is holds


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("aws_backup_vault.near.arn", False),
        ("aws_backup_vault.away.arn", True),
        ("aws_backup_vault.same.arn", False),
        ("aws_backup_vault.unsure.arn", None),
        ('"arn:aws:backup:eu-west-1:111122223333:backup-vault:away"', True),
        ('"arn:aws:backup:eu-central-1:111122223333:backup-vault:near"', False),
        ('"arn:aws:backup:${var.anything}:111122223333:backup-vault:x"', None),
        ("var.anything", None),
        ("null", False),
    ],
)
def test_other_region(tmp_path: Path, arn: str, expected: bool | None) -> None:
    regions = {"": '"eu-central-1"', "away": '"eu-west-1"', "same": '"eu-central-1"', "unsure": "var.anything"}
    text = 'variable "anything" { type = string }\nresource "aws_backup_vault" "near" {\n  name = "near"\n}\n'
    for alias, region in regions.items():
        text += f'provider "aws" {{\n  region = {region}\n' + (f'  alias = "{alias}"\n}}\n' if alias else "}\n")
        if alias:
            text += f'resource "aws_backup_vault" "{alias}" {{\n  provider = aws.{alias}\n  name = "{alias}"\n}}\n'
    rule = f"rule {{\n  copy_action {{\n    destination_vault_arn = {arn}\n  }}\n}}"
    graph = terraform(tmp_path, f'{text}resource "aws_backup_plan" "p" {{\n  {rule}\n}}\n')
    view = graph.view(graph.of_type("AWS::Backup::BackupPlan")[0])
    value: Value = view.get("BackupPlan", None)
    for step in ("BackupPlanRule", "CopyActions"):
        listed = value.get(step, None)  # type: ignore[attr-defined]
        value = listed.data[0]
    destination = value.get("DestinationBackupVaultArn", None)  # type: ignore[attr-defined]
    assert leads_to_other_region(view, destination).holds is expected


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("cron(0 5 ? * * *)", 1),
        ("cron(0 5 ? * MON-FRI *)", 3),
        ("cron(0 5 ? * 1-7 *)", 1),
        ("cron(0 5 ? * FRI-MON *)", 4),
        ("cron(0 5 ? * 2,4,6 *)", 3),
        ("cron(0 5 ? * SUN *)", 7),
        ("cron(0 5 ? * SOMEDAY *)", 7),
        ("cron(0 5 1 * ? *)", 31),
        ("rate(12 hours)", 1),
    ],
)
def test_days_between_runs(schedule: str, days: int) -> None:
    assert getattr(schedule_days(known(schedule)), "data", None) == days


def test_days_between_runs_of_what_nobody_knows() -> None:
    assert isinstance(schedule_days(known("sometimes")), Unknown)
