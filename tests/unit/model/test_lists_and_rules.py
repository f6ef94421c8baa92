"""Lists that several blocks give elements of, rules taken apart, and side-cars of which nobody knows whether they apply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hipaalint.expression.values import Absent, Known, Unknown, Value
from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks


def graph_of(folder: Path, text: str) -> ResourceGraph:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    options = LoadOptions(folder, identifier=identifier, nested_blocks=nested_blocks)
    return build_graph([load_module_root(folder, options)])


def properties(graph: ResourceGraph, address: str, type: str) -> list[Any]:
    return [r.properties for r in graph.of_type(type) if r.address == address]


def plain(value: Value, *names: str) -> Any:
    for name in names:
        value = value.get(name, None)  # type: ignore[attr-defined]
    return value.data if isinstance(value, Known) else value


def test_blocks_of_two_kinds_make_one_list(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_instance" "host" {
          root_block_device {
            encrypted = true
          }
          ebs_block_device {
            device_name = "/dev/sdb"
            encrypted   = "false"
          }
          ebs_block_device {
            device_name = "/dev/sdc"
          }
        }
        resource "aws_instance" "plain" {
        }
        """,
    )
    (host,) = properties(graph, "aws_instance.host", "AWS::EC2::Instance")
    mappings = plain(host, "BlockDeviceMappings")
    assert [plain(one, "Ebs", "Encrypted") for one in mappings[:2]] == [True, False]
    assert isinstance(plain(mappings[2], "Ebs", "Encrypted"), Absent)
    assert [plain(one, "DeviceName") for one in mappings[1:]] == ["/dev/sdb", "/dev/sdc"]
    (bare,) = properties(graph, "aws_instance.plain", "AWS::EC2::Instance")
    assert isinstance(plain(bare, "BlockDeviceMappings"), Absent)


def test_rules_beside_the_group_are_taken_apart_each_in_its_direction(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_security_group" "group" {
          ingress {
            protocol    = "tcp"
            from_port   = 1
            to_port     = 1
            cidr_blocks = ["10.0.0.0/8"]
          }
        }
        resource "aws_security_group_rule" "in" {
          security_group_id = aws_security_group.group.id
          type              = "ingress"
          protocol          = "tcp"
          from_port         = 2
          to_port           = 2
          cidr_blocks       = ["10.1.0.0/16", "10.2.0.0/16"]
          prefix_list_ids   = ["pl-1"]
        }
        resource "aws_security_group_rule" "out" {
          security_group_id        = aws_security_group.group.id
          type                     = "egress"
          protocol                 = "tcp"
          from_port                = 3
          to_port                  = 3
          source_security_group_id = "sg-1"
        }
        """,
    )
    (group,) = properties(graph, "aws_security_group.group", "AWS::EC2::SecurityGroup")
    rules = plain(group, "SecurityGroupIngress")
    assert [plain(rule, "FromPort") for rule in rules] == [1, 2, 2, 2]
    assert [plain(rule, "CidrIp") for rule in rules[:3]] == ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"]
    assert plain(rules[3], "SourcePrefixListId") == "pl-1"
    assert isinstance(plain(rules[3], "CidrIp"), Absent)
    (out,) = plain(group, "SecurityGroupEgress")
    assert plain(out, "DestinationSecurityGroupId") == "sg-1"


def test_a_rule_that_may_not_exist_leaves_the_others_known(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        variable "more" {
          type = bool
        }
        resource "aws_security_group" "group" {
        }
        resource "aws_vpc_security_group_ingress_rule" "sure" {
          security_group_id = aws_security_group.group.id
          ip_protocol       = "-1"
          cidr_ipv4         = "10.0.0.0/8"
        }
        resource "aws_vpc_security_group_ingress_rule" "perhaps" {
          count             = var.more ? 1 : 0
          security_group_id = aws_security_group.group.id
          ip_protocol       = "-1"
          cidr_ipv4         = "10.1.0.0/16"
        }
        """,
    )
    (group,) = properties(graph, "aws_security_group.group", "AWS::EC2::SecurityGroup")
    sure, perhaps = plain(group, "SecurityGroupIngress")
    assert plain(sure, "CidrIp") == "10.0.0.0/8"
    assert isinstance(perhaps, Unknown)
    assert "perhaps" in perhaps.detail


def test_a_rule_of_no_group_stands_for_one(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_vpc_security_group_ingress_rule" "lonely" {
          ip_protocol = "-1"
          cidr_ipv4   = "10.0.0.0/8"
        }
        """,
    )
    (stand_in,) = properties(graph, "aws_vpc_security_group_ingress_rule.lonely", "AWS::EC2::SecurityGroup")
    (rule,) = plain(stand_in, "SecurityGroupIngress")
    assert plain(rule, "CidrIp") == "10.0.0.0/8"


def test_default_tags_reach_only_what_has_tags(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        provider "aws" {
          default_tags {
            tags = { Owner = "portal" }
          }
        }
        resource "aws_instance" "host" {
        }
        resource "aws_autoscaling_group" "fleet" {
        }
        """,
    )
    (host,) = properties(graph, "aws_instance.host", "AWS::EC2::Instance")
    assert [
        plain(tag, "Key") if not isinstance(tag, Known) else tag.data["Key"].data for tag in plain(host, "Tags")
    ] == ["Owner"]
    (fleet,) = properties(graph, "aws_autoscaling_group.fleet", "AWS::AutoScaling::AutoScalingGroup")
    assert isinstance(plain(fleet, "Tags"), Absent)
