"""Functions that look round in a root: alarms on a filter's metric, tags of any type, and which services may hold ePHI."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.graph.graph import build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks
from hipaalint.policy.check import Check
from hipaalint.policy.eligibility import services
from hipaalint.policy.engine import run
from hipaalint.policy.finding import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding


def check_of(condition: str, resource: str) -> Check:
    check = Check()
    check.id = "any-test"
    check.title = "It is as it should be"
    check.resources = (resource,)
    check.condition = condition
    check.message = "${resource} is not as it should be"
    return check


class Place:
    """A folder to load from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def terraform(self, text: str, check: Check) -> list[Finding]:
        return self.judged("main.tf", text, check)

    def cloudformation(self, text: str, check: Check) -> list[Finding]:
        return self.judged("template.yaml", text, check)

    def judged(self, name: str, text: str, check: Check) -> list[Finding]:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        options = LoadOptions(self.folder, identifier=identifier, nested_blocks=nested_blocks)
        root = load_module_root(self.folder, options) if name == "main.tf" else load_template(path, options)
        findings, problems = run(build_graph([root]), [check])
        assert problems == []
        return findings


FILTER = """
resource "aws_cloudwatch_log_metric_filter" "seen" {
  name           = "seen"
  pattern        = "x"
  log_group_name = "trail"
  metric_transformation {
    name      = %s
    namespace = "Audit"
    value     = "1"
  }
}
"""
ALARM = """
resource "aws_cloudwatch_metric_alarm" "seen" {
  metric_name   = %s
  namespace     = "Audit"
  alarm_actions = %s
  %s
}
"""
QUERY = """
resource "aws_cloudwatch_metric_alarm" "seen" {
  alarm_actions = ["arn:aws:sns:us-east-1:111122223333:security"]
  metric_query {
    id = "m1"
    metric {
      metric_name = "Seen"
      namespace   = %s
      period      = 60
      stat        = "Sum"
    }
  }
}
"""
INPUTS = """
variable "name" {
  type = string
}
variable "actions" {
  type = list(string)
}
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("name", "alarm", "verdict"),
    [
        ('"Seen"', ALARM % ('"Seen"', '["arn:x"]', ""), PASS),
        ('"Seen"', ALARM % ('"Seen"', "[]", ""), FAIL),
        ('"Seen"', ALARM % ('"Seen"', "null", ""), FAIL),
        ('"Seen"', ALARM % ('"Seen"', "var.actions", ""), UNKNOWN),
        ('"Seen"', ALARM % ('"Seen"', '["arn:x"]', "actions_enabled = false"), FAIL),
        ('"Seen"', ALARM % ('"Other"', '["arn:x"]', ""), FAIL),
        ('"Seen"', ALARM % ("var.name", '["arn:x"]', ""), UNKNOWN),
        ("var.name", ALARM % ("var.name", '["arn:x"]', ""), PASS),
        ('"Seen"', ALARM % ("aws_cloudwatch_log_metric_filter.seen.id", '["arn:x"]', ""), PASS),
        ('"Seen"', ALARM % ('"Seen"', '["arn:x"]', "count = length(var.name) > 1 ? 1 : 0"), UNKNOWN),
        ('"Seen"', ALARM % ('"Seen"', '["arn:x"]', "count = 0"), FAIL),
        ('"Seen"', QUERY % '"Audit"', PASS),
        ('"Seen"', QUERY % '"Other"', FAIL),
        ('"Seen"', "", FAIL),
    ],
)
def test_an_alarm_on_a_metric(place: Place, name: str, alarm: str, verdict: str) -> None:
    check = check_of("raises_alarm(self)", "AWS::Logs::MetricFilter")
    [finding] = place.terraform(INPUTS + FILTER % name + alarm, check)
    assert finding.verdict == verdict, finding.message


TAGS = """
provider "aws" {
  default_tags {
    tags = {
      Owner = "cardiology"
    }
  }
}
resource "aws_s3_bucket" "plain" {}
resource "aws_efs_file_system" "plain" {}
resource "aws_lightsail_instance" "own" {
  tags = { PHI = "false" }
}
resource "aws_s3_bucket_policy" "none" {
  bucket = aws_s3_bucket.plain.id
}
"""


def test_tags_of_any_type(place: Place) -> None:
    check = check_of('has_tag(tags_of(self), "Owner")', "AWS::*")
    check.filter = "taggable(self)"
    verdicts = {one.address: one.verdict for one in place.terraform(TAGS, check)}
    assert verdicts == {
        "aws_s3_bucket.plain": PASS,
        "aws_efs_file_system.plain": PASS,
        "aws_s3_bucket_policy.none": NOT_APPLICABLE,
    }
    check = check_of('has_tag(tags_of(self), "Owner") && has_tag(tags_of(self), "PHI", ["false"])', "aws_*")
    assert [(one.address, one.verdict) for one in place.terraform(TAGS, check)] == [
        ("aws_lightsail_instance.own", PASS)
    ]


def test_tags_of_what_takes_none(place: Place) -> None:
    check = check_of("tags_of(self) == null", "AWS::S3::BucketPolicy")
    [finding] = place.cloudformation("Resources:\n  Policy:\n    Type: AWS::S3::BucketPolicy\n", check)
    assert finding.verdict == PASS


@pytest.mark.parametrize(
    ("type", "status"),
    [
        ("AWS::S3::Bucket", "eligible"),
        ("AWS::Lightsail::Instance", "not_eligible"),
        ("AWS::Budgets::Budget", "no_data"),
    ],
)
def test_services(place: Place, type: str, status: str) -> None:
    check = check_of(f'eligibility(self).status == "{status}" && eligibility(self).as_of != ""', type)
    [finding] = place.cloudformation(f"Resources:\n  One:\n    Type: {type}\n", check)
    assert finding.verdict == PASS


def test_a_service_of_which_nobody_knows(place: Place) -> None:
    check = check_of('eligibility(self).status == "eligible"', "AWS::Proton::EnvironmentTemplate")
    [finding] = place.cloudformation("Resources:\n  One:\n    Type: AWS::Proton::EnvironmentTemplate\n", check)
    assert finding.verdict == UNKNOWN
    assert "Proton does not stand in the list" in finding.message


def test_the_lists_of_services() -> None:
    as_of, standing = services()
    assert as_of == "2025-06-30"
    assert len(standing) > 200


GIVEN = """
variable "empty" {
  default = ""
}
variable "any" {
  type = string
}
variable "certain" {
  type     = string
  nullable = false
}
resource "aws_kms_key" "own" {}
resource "aws_sns_topic" "one" {
  kms_master_key_id = %s
}
"""


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ('"alias/own"', PASS),
        ('""', FAIL),
        ('" "', FAIL),
        ("null", FAIL),
        ("var.empty", FAIL),
        ("var.any", UNKNOWN),
        ("var.certain", PASS),
        ("aws_kms_key.own.arn", PASS),
        ('"alias/${var.any}"', PASS),
    ],
)
def test_what_is_given(place: Place, value: str, verdict: str) -> None:
    [finding] = place.terraform(GIVEN % value, check_of("given(KmsMasterKeyId)", "AWS::SNS::Topic"))
    assert finding.verdict == verdict, finding.message
