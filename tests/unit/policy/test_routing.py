"""Where routes and subnets lead, which values differ, and what stands beside a resource."""

from __future__ import annotations

from pathlib import Path

import pytest

from hipaalint.expression.values import COMPUTED, DATA_SOURCE, NO_VALUE, STRING, Absent, Known, Unknown, Value, known
from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks
from hipaalint.policy.beside import declared_beside, is_loose_policy, is_referenced, policy_of
from hipaalint.policy.iam_grants import allows_everywhere
from hipaalint.policy.network import is_open_cidr, is_public_cidr
from hipaalint.policy.routing import have_different, is_internet_gateway, is_public_subnet


def graph_of(folder: Path, text: str) -> ResourceGraph:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    options = LoadOptions(folder, identifier=identifier, nested_blocks=nested_blocks)
    return build_graph([load_module_root(folder, options)])


def view(graph: ResourceGraph, address: str) -> Value:
    return next(graph.view(resource) for resource in graph.resources if resource.address == address)


NETWORK = """
resource "aws_vpc" "network" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.network.id
}
resource "aws_subnet" "subnet" {
  vpc_id = aws_vpc.network.id
}
"""
OUT = """
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.out.id
  }
"""
TABLE = 'resource "aws_route_table" "table" {\n  vpc_id = aws_vpc.network.id\n%s}\n'
ASSOCIATION = """
resource "aws_route_table_association" "subnet" {
  subnet_id      = aws_subnet.subnet.id
  route_table_id = aws_route_table.table.id
}
"""


@pytest.mark.parametrize(
    ("more", "public"),
    [
        ("", False),
        (TABLE % OUT, False),
        (TABLE % OUT + ASSOCIATION, True),
        (TABLE % "" + ASSOCIATION, False),
        (
            TABLE % ""
            + ASSOCIATION
            + """
            resource "aws_route" "out" {
              route_table_id              = aws_route_table.table.id
              destination_ipv6_cidr_block = "::/0"
              gateway_id                  = aws_internet_gateway.out.id
            }
            """,
            True,
        ),
        (
            TABLE % OUT
            + """
            resource "aws_main_route_table_association" "main" {
              vpc_id         = aws_vpc.network.id
              route_table_id = aws_route_table.table.id
            }
            """,
            True,
        ),
        (
            'resource "aws_default_route_table" "main" {\n'
            f"  default_route_table_id = aws_vpc.network.default_route_table_id\n{OUT}}}\n",
            True,
        ),
        (ASSOCIATION.replace("aws_route_table.table.id", '"rtb-0123456789abcdef0"'), None),
        (
            (TABLE % OUT).replace("aws_internet_gateway.out.id", "var.gateway")
            + ASSOCIATION
            + 'variable "gateway" {\n  type = string\n}\n',
            None,
        ),
    ],
)
def test_public_subnets(tmp_path: Path, more: str, public: bool | None) -> None:
    assert is_public_subnet(view(graph_of(tmp_path, NETWORK + more), "aws_subnet.subnet")).holds is public


def test_subnets_of_the_default_vpc_and_of_others(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_default_subnet" "zone" {
          availability_zone = "us-east-1a"
        }
        resource "aws_default_vpc" "default" {
        }
        resource "aws_subnet" "more" {
          vpc_id = aws_default_vpc.default.id
        }
        resource "aws_subnet" "elsewhere" {
          vpc_id = "vpc-0123456789abcdef0"
        }
        """,
    )
    assert is_public_subnet(view(graph, "aws_default_subnet.zone")).holds is True
    assert is_public_subnet(view(graph, "aws_subnet.more")).holds is True
    assert is_public_subnet(view(graph, "aws_subnet.elsewhere")).holds is None
    assert is_public_subnet(Absent("subnet")).holds is False


def test_gateways_by_their_names() -> None:
    assert is_internet_gateway(known("igw-0123456789abcdef0")).holds is True
    assert is_internet_gateway(known("vgw-0123456789abcdef0")).holds is False
    assert is_internet_gateway(known("local")).holds is False
    assert is_internet_gateway(Absent("GatewayId")).holds is False
    assert is_internet_gateway(Unknown(NO_VALUE, "var.gateway has no value", STRING, True)).holds is None


def zone(index: int | None, of: Value | None = None) -> Unknown:
    names = of or Unknown(DATA_SOURCE, "names is read when Terraform runs", ("list", STRING), True)
    return Unknown(DATA_SOURCE, sources=(names,) if index is None else (names, known(index)))


def test_values_that_differ() -> None:
    assert have_different(known(["a", "b"])).holds is True
    assert have_different(known(["a", "a"])).holds is False
    assert have_different(known(["a"])).holds is False
    assert have_different(known([])).holds is False
    assert have_different(Absent("AvailabilityZones")).holds is False
    names = Unknown(DATA_SOURCE, "names is read when Terraform runs", ("list", STRING), True)
    assert have_different(known([zone(0, names), zone(1, names)])).holds is True
    assert have_different(known([zone(1, names), zone(1, names)])).holds is False
    assert have_different(known([zone(None, names), zone(None, names)])).holds is None
    other = Unknown(NO_VALUE, "var.zone has no value", STRING, True)
    assert have_different(known([zone(0, names), other])).holds is None
    assert have_different(known([zone(0, names), other, zone(1, names)])).holds is True
    assert have_different(known([Absent("AvailabilityZone"), Absent("AvailabilityZone")])).holds is None
    assert have_different(known([Absent("AvailabilityZone")])).holds is False


def test_lists_of_zones() -> None:
    every = Unknown(COMPUTED, "the zones of a region", ("list", STRING), True, length=(2, None))
    assert have_different(every).holds is True
    assert have_different(Unknown(NO_VALUE, "var.zones has no value", ("list", STRING), True)).holds is None


def test_what_stands_beside(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_ebs_encryption_by_default" "on" {
        }
        resource "aws_ebs_encryption_by_default" "gone" {
          count = 0
        }
        resource "aws_security_group" "used" {
        }
        resource "aws_security_group" "described" {
        }
        resource "aws_security_group" "given_away" {
        }
        resource "aws_vpc_security_group_ingress_rule" "from_used" {
          security_group_id            = aws_security_group.described.id
          referenced_security_group_id = aws_security_group.used.id
          ip_protocol                  = "-1"
        }
        output "group" {
          value = { ids = [aws_security_group.given_away.id] }
        }
        data "aws_iam_policy_document" "given_away" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
        }
        output "policy" {
          value = data.aws_iam_policy_document.given_away.json
        }
        """,
    )
    settings = declared_beside(view(graph, "aws_security_group.used"), known("aws_ebs_encryption_by_default"))
    assert [one.resource.address for one in settings.data] == ["aws_ebs_encryption_by_default.on"]
    assert declared_beside(known("text"), known("aws_vpc")).data == []
    assert is_referenced(view(graph, "aws_security_group.used")).holds is True
    assert is_referenced(view(graph, "aws_security_group.described")).holds is False
    assert is_referenced(view(graph, "aws_security_group.given_away")).holds is None
    document = view(graph, "data.aws_iam_policy_document.given_away")
    assert is_loose_policy(document, known("identity")).holds is True
    assert is_loose_policy(document, known("trust")).holds is False
    assert is_loose_policy(known("text"), known("identity")).holds is None
    assert allows_everywhere(policy_of(document), known(["s3:GetObject"])).holds is True


@pytest.mark.parametrize(
    ("cidr", "public"),
    [
        ("198.51.100.7/32", True),
        ("0.0.0.0/0", True),
        ("2001:db8::/32", True),
        ("10.0.0.0/8", False),
        ("172.16.9.0/24", False),
        ("172.0.0.0/8", True),
        ("100.64.0.0/16", False),
        ("fd00::/8", False),
        ("sg-0123456789abcdef0", False),
    ],
)
def test_public_ranges(cidr: str, public: bool) -> None:
    assert is_public_cidr(known(cidr)).holds is public


def test_public_ranges_of_what_is_not_known() -> None:
    assert is_public_cidr(Absent("CidrIp")).holds is False
    assert is_public_cidr(Unknown(NO_VALUE, "var.office has no value", STRING, True)).holds is None


def test_prefix_lists(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        """
        resource "aws_ec2_managed_prefix_list" "world" {
          entry {
            cidr = "10.0.0.0/8"
          }
          entry {
            cidr = "::/0"
          }
        }
        resource "aws_ec2_managed_prefix_list" "office" {
          entry {
            cidr = "198.51.100.0/24"
          }
        }
        resource "aws_ec2_managed_prefix_list" "filled_elsewhere" {
        }
        data "aws_ec2_managed_prefix_list" "edge" {
          name = "com.amazonaws.global.cloudfront.origin-facing"
        }
        data "aws_ec2_managed_prefix_list" "partners" {
          name = "partners"
        }
        resource "aws_security_group" "group" {
          ingress {
            protocol  = "-1"
            from_port = 0
            to_port   = 0
            prefix_list_ids = [
              aws_ec2_managed_prefix_list.world.id,
              aws_ec2_managed_prefix_list.office.id,
              aws_ec2_managed_prefix_list.filled_elsewhere.id,
              data.aws_ec2_managed_prefix_list.edge.id,
              data.aws_ec2_managed_prefix_list.partners.id,
            ]
          }
        }
        """,
    )
    (group,) = graph.of_type("AWS::EC2::SecurityGroup")
    rules = group.properties.get("SecurityGroupIngress", None)
    assert isinstance(rules, Known)
    lists = [rule.get("SourcePrefixListId", None) for rule in rules.data]
    assert [is_open_cidr(one).holds for one in lists] == [True, False, None, False, None]
