"""What a configuration says about PHI and environments reaches conditions, and may raise what a failure weighs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hipaalint import scan
from hipaalint.graph.scope_settings import TAG_KEYS, ScopeSettings
from hipaalint.judge.configuration import Configuration, ConfigurationError, configuration_of
from hipaalint.judge.scope_rules import widened
from hipaalint.policy.finding import FAIL

CHECK = """id: own-scope
title: Buckets of production hold no PHI
severity: medium
controls:
  - {id: "hipaa:164.312(a)(1)", because: It is a test of what scope says.}
risk: None.
resource: AWS::S3::Bucket
filter: |-
  scope.environment == "production"
condition: |-
  !scope.holds_phi && !scope.declared
message: |-
  ${resource} holds PHI in ${scope.environment}
remediation: None.
examples:
  pass: [{terraform: 'resource "aws_s3_bucket" "b" {}'}]
"""
BUCKET = 'resource "aws_s3_bucket" "records" {\n  tags = { Environment = "production", Kind = "patients" }\n}\n'
OTHER = 'resource "aws_s3_bucket" "records" {\n}\n'


def found(folder: Path, config: dict[str, Any], text: str = BUCKET) -> list[tuple[str, str, str]]:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "checks").mkdir(exist_ok=True)
    (folder / "checks" / "own-scope.yaml").write_text(CHECK, encoding="utf-8")
    (folder / "app").mkdir(exist_ok=True)
    (folder / "app" / "main.tf").write_text(text, encoding="utf-8")
    given = {"checks": ["checks"], "select": ["own-scope"], "include": ["pass", "not_applicable"], **config}
    report = scan([folder / "app"], configuration_of(given, folder))
    assert [each.message for each in report.diagnostics if each.severity == "error"] == []
    return [(each.verdict, each.severity, each.message) for each in report.findings]


@pytest.mark.parametrize(
    ("phi", "verdict", "severity"),
    [
        ({}, "pass", "medium"),
        ({"tag_keys": ["Kind"], "tag_values": ["Patients"]}, "fail", "medium"),
        ({"tag_keys": ["Kind"], "tag_values": ["Patients"], "raise_severity": True}, "fail", "high"),
        ({"tag_keys": ["Kind"], "raise_severity": True}, "fail", "medium"),
        ({"addresses": ["aws_s3_bucket.rec*"]}, "fail", "medium"),
        ({"addresses": ["aws_s3_bucket.other"]}, "pass", "medium"),
        ({"roots": ["app"]}, "fail", "medium"),
        ({"roots": ["elsewhere"]}, "pass", "medium"),
        ({"environment_keys": ["Stage"]}, "not_applicable", "medium"),
    ],
)
def test_the_key_phi(phi: dict[str, Any], verdict: str, severity: str, tmp_path: Path) -> None:
    ((was, weighs, message),) = found(tmp_path, {"phi": phi})
    assert (was, weighs) == (verdict, severity)
    if verdict == FAIL:
        assert message == "aws_s3_bucket.records holds PHI in production"


def test_deployments(tmp_path: Path) -> None:
    roots = {"app": {"prod": {"phi": True, "environment": "production"}, "production": {}, "dev": {"phi": True}}}
    findings = found(tmp_path, {"roots": roots}, OTHER)
    assert sorted(verdict for verdict, _, _ in findings) == ["fail", "not_applicable", "pass"]


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="tag_key"):
        configuration_of({"phi": {"tag_key": ["PHI"]}}, tmp_path)
    with pytest.raises(ConfigurationError, match="must be true or false"):
        configuration_of({"phi": {"raise_severity": "yes"}}, tmp_path)


def test_under_a_platform_a_repository_only_adds() -> None:
    own, platform = ScopeSettings(), Configuration().phi
    mine: tuple[str, ...] = ("Secret",)
    own.tag_keys = mine
    platform.raise_severity = True
    widened(own, platform)
    assert own.tag_keys == (*TAG_KEYS, "Secret")
    assert own.raise_severity
