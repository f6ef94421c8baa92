"""Twenty thousand resources: an answer looks at what stands before one resource; operations are counted, not seconds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hipaalint.graph import graph as graph_module
from hipaalint.graph import relations
from hipaalint.graph.graph import ResourceGraph, RootGraph
from hipaalint.graph.phi_scope import Spread, receives_phi
from hipaalint.graph.reachability import internet_reach
from tests.unit.graph.networks import graph_of_text

SIZES = (500, 20_000)


def network(size: int) -> str:
    """A load balancer, four subnets, one security group; all others are instances in them behind it."""
    resources: dict[str, Any] = {
        "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Out": {"Type": "AWS::EC2::InternetGateway"},
        "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Net"}}},
        "Way": {
            "Type": "AWS::EC2::Route",
            "Properties": {
                "RouteTableId": {"Ref": "Table"},
                "DestinationCidrBlock": "0.0.0.0/0",
                "GatewayId": {"Ref": "Out"},
            },
        },
        "Web": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "VpcId": {"Ref": "Net"},
                "GroupDescription": "web",
                "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}],
            },
        },
        "Edge": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "Subnets": [{"Ref": "Subnet0"}],
                "SecurityGroups": [{"Ref": "Web"}],
                "Scheme": "internet-facing",
            },
        },
        "Listener": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Edge"},
                "Port": 443,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
            },
        },
        "Targets": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "Port": 443,
                "VpcId": {"Ref": "Net"},
                "Targets": [{"Id": {"Ref": f"Server{n}"}} for n in range(size)],
            },
        },
    }
    for number in range(4):
        resources[f"Subnet{number}"] = {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Net"},
                "CidrBlock": f"10.0.{number}.0/24",
                "MapPublicIpOnLaunch": number == 0,
            },
        }
        resources[f"Association{number}"] = {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"SubnetId": {"Ref": f"Subnet{number}"}, "RouteTableId": {"Ref": "Table"}},
        }
    for number in range(size):
        resources[f"Server{number}"] = {
            "Type": "AWS::EC2::Instance",
            "Properties": {"SubnetId": {"Ref": f"Subnet{number % 4}"}, "SecurityGroupIds": [{"Ref": "Web"}]},
        }
    return json.dumps({"Resources": resources})


def buckets(size: int) -> str:
    """Every bucket delivers its logs to one of ten, and those replicate in a chain; every hundredth holds PHI."""
    resources: dict[str, Any] = {}
    for number in range(size):
        properties: dict[str, Any] = {}
        if number < 10:
            if number < 9:
                rule = {"Status": "Enabled", "Destination": {"Bucket": {"Fn::GetAtt": [f"Bucket{number + 1}", "Arn"]}}}
                properties["ReplicationConfiguration"] = {"Role": "r", "Rules": [rule]}
        else:
            properties["LoggingConfiguration"] = {"DestinationBucketName": {"Ref": f"Bucket{number % 10}"}}
            properties["Tags"] = [{"Key": "PHI", "Value": "true" if number % 100 == 10 else "false"}]
        resources[f"Bucket{number}"] = {"Type": "AWS::S3::Bucket", "Properties": properties}
    return json.dumps({"Resources": resources})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often values are matched with resources, and how many the relations and inverse relations give."""
    count: Counter[str] = Counter()

    def counting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            count[name] += 1
            return original(*arguments)

        return call

    monkeypatch.setattr(graph_module, "match", counting("match", vars(graph_module)["match"]))
    monkeypatch.setattr(ResourceGraph, "_element", counting("element", ResourceGraph._element))
    monkeypatch.setattr(relations, "attribute_of", counting("attribute", vars(relations)["attribute_of"]))
    return count


def test_reachability_of_one_of_many(counted: Counter[str], tmp_path: Path) -> None:
    first: list[float] = []
    later: list[float] = []
    for size in SIZES:
        graph = graph_of_text(network(size), "cloudformation", tmp_path)
        servers = graph.of_type("AWS::EC2::Instance")
        counted.clear()
        answers = [internet_reach(graph, one) for one in servers[:4]]
        first.append(sum(counted.values()) / size)  # makes the indexes of the relations, once, in one look at each
        counted.clear()
        answers += [internet_reach(graph, one) for one in servers[-40:]]
        later.append(sum(counted.values()) / 40)
        assert [answer.holds for answer in answers] == [True] * 44
    assert first[1] <= first[0] * 1.5, first
    assert later[1] <= later[0] * 1.1, later
    assert later[1] < 600, later


def test_spread_of_phi(tmp_path: Path) -> None:
    steps = []
    for size in SIZES:
        graph = graph_of_text(buckets(size), "cloudformation", tmp_path)
        stores = graph.of_type("AWS::S3::Bucket")
        assert [receives_phi(graph, one).holds for one in stores] == [True] * 10 + [False] * (size - 10)
        spread = graph.kept_of_root("spread", graph.roots[0], lambda: pytest.fail("it was not kept"))
        assert isinstance(spread, Spread)
        assert isinstance(graph.roots[0], RootGraph)
        steps.append(spread.steps)
        assert spread.steps <= 3 * size
    assert steps[1] <= steps[0] * SIZES[1] / SIZES[0] * 1.5
