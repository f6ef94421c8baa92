"""Answers of walks differ by scenario: what is remembered of one is not taken for another; findings carry the path."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint import scan
from hipaalint.judge.configuration import configuration_of
from hipaalint.policy.finding import Finding

NETWORK = """
resource "aws_vpc" "net" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.net.id
}
resource "aws_subnet" "front" {
  vpc_id                  = aws_vpc.net.id
  map_public_ip_on_launch = %s
}
resource "aws_route_table" "front" {
  vpc_id = aws_vpc.net.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.out.id
  }
}
resource "aws_route_table_association" "front" {
  subnet_id      = aws_subnet.front.id
  route_table_id = aws_route_table.front.id
}
resource "aws_security_group" "ssh" {
  vpc_id = aws_vpc.net.id
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = [%s]
  }
}
resource "aws_instance" "records" {
  subnet_id              = aws_subnet.front.id
  vpc_security_group_ids = [aws_security_group.ssh.id]
  tags                   = { PHI = "true" }
}
resource "aws_instance" "images" {
  subnet_id              = aws_subnet.front.id
  vpc_security_group_ids = [aws_security_group.ssh.id]
  tags                   = { PHI = "true" }
}
"""
VARIABLE = 'variable "stage" {\n  type    = string\n  default = "prod"\n}\n'
BY_STAGE = 'var.stage == "dev" ? "0.0.0.0/0" : "10.0.0.0/8"'


def findings(folder: Path, text: str, check: str) -> list[Finding]:
    (folder / ".git").mkdir()
    (folder / "main.tf").write_text(text, encoding="utf-8")
    report = scan([folder], configuration_of({"select": [check], "include": ["pass", "unknown"]}, folder))
    assert [each.message for each in report.diagnostics if each.severity == "error"] == []
    return report.findings


@pytest.mark.parametrize(
    ("public", "source", "verdict", "when"),
    [
        ("true", '"0.0.0.0/0"', "fail", None),
        ("true", '"10.0.0.0/8"', "pass", None),
        ("false", '"0.0.0.0/0"', "pass", None),
        ("true", BY_STAGE, "fail", 'fails when var.stage = "dev"'),
        ('var.stage == "dev"', '"0.0.0.0/0"', "fail", 'fails when var.stage = "dev"'),
    ],
)
def test_reachability_by_scenario(public: str, source: str, verdict: str, when: str | None, tmp_path: Path) -> None:
    found = findings(tmp_path, VARIABLE + NETWORK % (public, source), "vpc-phi-not-internet-reachable")
    assert [(one.verdict, one.when) for one in found] == [(verdict, when)] * 2
    for one in found:
        if verdict == "fail":
            said = [related.message for related in one.related]
            words = ("gives a public address", "internet gateway", "lets everything in", "security group lets it in")
            assert [any(word in step for step in said) for word in words] == [True] * 4, said


def test_flows_by_scenario(tmp_path: Path) -> None:
    text = """
    resource "aws_db_instance" "records" {
      identifier = "records"
      tags       = { PHI = var.stage == "dev" ? "false" : "true" }
    }
    resource "aws_db_instance" "replica" {
      replicate_source_db = aws_db_instance.records.identifier
      tags                = { PHI = "false" }
    }
    resource "aws_db_instance" "second" {
      replicate_source_db = aws_db_instance.replica.identifier
    }
    """
    found = {one.address: one for one in findings(tmp_path, VARIABLE + text, "tags-phi-flow-declared")}
    assert [found[f"aws_db_instance.{name}"].verdict for name in ("records", "replica", "second")] == [
        "pass",
        "fail",
        "fail",
    ]
    assert "is declared to hold PHI" in found["aws_db_instance.second"].related[0].message
    (tmp_path / "dev").mkdir()
    dev = text.replace("var.stage", '"dev"')
    assert {one.verdict for one in findings(tmp_path / "dev", dev, "tags-phi-flow-declared")} == {"pass"}
