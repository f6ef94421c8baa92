"""Small networks written once and rendered in both languages: parts with a name, CloudFormation's data and Terraform's text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hipaalint.graph.graph import ResourceGraph, build_graph
from hipaalint.load.cloudformation import load_template
from hipaalint.load.options import LoadOptions
from hipaalint.load.terraform import load_module_root
from hipaalint.model.loader_hooks import identifier, nested_blocks
from hipaalint.model.resource import Resource

LANGUAGES = ("cloudformation", "terraform")
UNKNOWN = "?"  # a value from outside: a parameter or variable without default
_TYPES = {
    "vpc": ("AWS::EC2::VPC", "aws_vpc"),
    "default_vpc": ("", "aws_default_vpc"),
    "gateway": ("AWS::EC2::InternetGateway", "aws_internet_gateway"),
    "egress": ("AWS::EC2::EgressOnlyInternetGateway", "aws_egress_only_internet_gateway"),
    "nat": ("AWS::EC2::NatGateway", "aws_nat_gateway"),
    "vpn": ("AWS::EC2::VPNGateway", "aws_vpn_gateway"),
    "transit": ("AWS::EC2::TransitGateway", "aws_ec2_transit_gateway"),
    "peering": ("AWS::EC2::VPCPeeringConnection", "aws_vpc_peering_connection"),
    "endpoint": ("AWS::EC2::VPCEndpoint", "aws_vpc_endpoint"),
    "subnet": ("AWS::EC2::Subnet", "aws_subnet"),
    "table": ("AWS::EC2::RouteTable", "aws_route_table"),
    "route": ("AWS::EC2::Route", "aws_route"),
    "association": ("AWS::EC2::SubnetRouteTableAssociation", "aws_route_table_association"),
    "acl": ("AWS::EC2::NetworkAcl", "aws_network_acl"),
    "entry": ("AWS::EC2::NetworkAclEntry", "aws_network_acl_rule"),
    "acl_association": ("AWS::EC2::SubnetNetworkAclAssociation", "aws_network_acl_association"),
    "group": ("AWS::EC2::SecurityGroup", "aws_security_group"),
    "rule": ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
    "instance": ("AWS::EC2::Instance", "aws_instance"),
    "interface": ("AWS::EC2::NetworkInterface", "aws_network_interface"),
    "address": ("AWS::EC2::EIP", "aws_eip"),
    "address_association": ("AWS::EC2::EIPAssociation", "aws_eip_association"),
    "template": ("AWS::EC2::LaunchTemplate", "aws_launch_template"),
    "scaling": ("AWS::AutoScaling::AutoScalingGroup", "aws_autoscaling_group"),
    "balancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb"),
    "targets": ("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group"),
    "listener": ("AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener"),
    "attachment": ("", "aws_lb_target_group_attachment"),
    "database": ("AWS::RDS::DBInstance", "aws_db_instance"),
    "subnets": ("AWS::RDS::DBSubnetGroup", "aws_db_subnet_group"),
    "function": ("AWS::Lambda::Function", "aws_lambda_function"),
}


class Ref:
    """A reference to another part, by its id or by another attribute (CloudFormation's name, Terraform's)."""

    def __init__(self, kind: str, name: str, attribute: tuple[str, str] | None = None) -> None:
        self.kind = kind
        self.name = name
        self.attribute = attribute

    def cloudformation(self) -> dict[str, Any]:
        return {"Fn::GetAtt": [self.name, self.attribute[0]]} if self.attribute else {"Ref": self.name}

    def terraform(self) -> str:
        return f"{_TYPES[self.kind][1]}.{self.name}.{self.attribute[1] if self.attribute else 'id'}"


class Part:
    """A resource: its properties under CloudFormation's names and its arguments under Terraform's."""

    def __init__(
        self, kind: str, name: str, cloudformation: dict[str, Any] | None, terraform: dict[str, Any] | None
    ) -> None:
        self.kind = kind
        self.name = name
        self.cloudformation = cloudformation
        self.terraform = terraform


Parts = Sequence["Part | Sequence[Part]"]


def _flat(parts: Parts) -> list[Part]:
    return [one for part in parts for one in ([part] if isinstance(part, Part) else part)]


def _data(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.cloudformation()
    if value == UNKNOWN:
        return {"Ref": "Unknown"}
    if isinstance(value, dict):
        return {name: _data(item) for name, item in value.items() if item is not None}
    return [_data(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    if isinstance(value, Ref):
        return value.terraform()
    if value == UNKNOWN:
        return "var.unknown"
    if isinstance(value, list):
        return f"[{', '.join(_text(item) for item in value)}]"
    return json.dumps(value)


def _body(arguments: dict[str, Any], indent: str = "  ") -> str:
    lines = []
    for name, value in arguments.items():
        if value is None:
            continue
        blocks = value if isinstance(value, list) and value and isinstance(value[0], dict) else None
        if isinstance(value, dict):
            blocks = [value]
        if blocks is None:
            lines.append(f"{indent}{name} = {_text(value)}\n")
        else:
            lines += [f"{indent}{name} {{\n{_body(block, indent + '  ')}{indent}}}\n" for block in blocks]
    return "".join(lines)


def render(parts: Parts, language: str) -> str:
    """The text of a template or of a module."""
    if language == "cloudformation":
        resources = {
            part.name: {"Type": _TYPES[part.kind][0], "Properties": _data(part.cloudformation)}
            for part in _flat(parts)
            if part.cloudformation is not None
        }
        return json.dumps({"Parameters": {"Unknown": {"Type": "String"}}, "Resources": resources}, indent=1)
    blocks = [
        f'resource "{_TYPES.get(part.kind, ("", part.kind))[1]}" "{part.name}" {{\n{_body(part.terraform)}}}\n'
        for part in _flat(parts)
        if part.terraform is not None
    ]
    return 'variable "unknown" {\n  type = string\n}\n' + "".join(blocks)


def graph_of(parts: Parts, language: str, folder: Path) -> ResourceGraph:
    """The graph of a network in a language."""
    return graph_of_text(render(parts, language), language, folder)


def graph_of_text(text: str, language: str, folder: Path) -> ResourceGraph:
    options = LoadOptions(folder, identifier=identifier, nested_blocks=nested_blocks)
    if language == "cloudformation":
        (folder / "template.json").write_text(text, encoding="utf-8")
        return build_graph([load_template(folder / "template.json", options)])
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return build_graph([load_module_root(folder, options)])


def named(graph: ResourceGraph, name: str) -> Resource:
    return next(one for one in graph.resources if one.written.name == name and not one.partial)


def vpc(name: str = "Net", cidr: str = "10.0.0.0/16") -> Part:
    return Part("vpc", name, {"CidrBlock": cidr}, {"cidr_block": cidr})


def gateway(name: str = "Out", net: str = "Net") -> Part:
    return Part("gateway", name, {}, {"vpc_id": Ref("vpc", net)})


def egress_only(name: str = "Egress", net: str = "Net") -> Part:
    return Part("egress", name, {"VpcId": Ref("vpc", net)}, {"vpc_id": Ref("vpc", net)})


def nat(name: str = "Nat", where: str = "Front") -> Part:
    return Part("nat", name, {"SubnetId": Ref("subnet", where)}, {"subnet_id": Ref("subnet", where)})


def subnet(
    name: str = "Front", net: Any = "Net", cidr: str = "10.0.1.0/24", public: Any = None, ipv6: bool | None = None
) -> Part:
    where = net if net == UNKNOWN else Ref("vpc", net)
    return Part(
        "subnet",
        name,
        {"VpcId": where, "CidrBlock": cidr, "MapPublicIpOnLaunch": public, "AssignIpv6AddressOnCreation": ipv6},
        {
            "vpc_id": where,
            "cidr_block": cidr,
            "map_public_ip_on_launch": public,
            "assign_ipv6_address_on_creation": ipv6,
        },
    )


_ROUTE_TARGETS = {
    "gateway": ("GatewayId", "gateway_id"),
    "vpn": ("GatewayId", "gateway_id"),
    "nat": ("NatGatewayId", "nat_gateway_id"),
    "egress": ("EgressOnlyInternetGatewayId", "egress_only_gateway_id"),
    "transit": ("TransitGatewayId", "transit_gateway_id"),
    "peering": ("VpcPeeringConnectionId", "vpc_peering_connection_id"),
    "endpoint": ("VpcEndpointId", "vpc_endpoint_id"),
}


def routed(where: str, *routes: tuple[str, Any, Any], net: str = "Net", table: str | None = None) -> list[Part]:
    """A table for a subnet. routes: (range, kind of target, its name or an id in a list)."""
    own = table or f"{where}Table"
    parts = [
        Part("table", own, {"VpcId": Ref("vpc", net)}, {"vpc_id": Ref("vpc", net)}),
        Part(
            "association",
            f"{own}Of{where}",
            {"SubnetId": Ref("subnet", where), "RouteTableId": Ref("table", own)},
            {"subnet_id": Ref("subnet", where), "route_table_id": Ref("table", own)},
        ),
    ]
    return parts + [route(own, *one, name=f"{own}{number}") for number, one in enumerate(routes)]


def route(table: str, cidr: str, kind: str, target: Any, name: str = "Route") -> Part:
    there = target[0] if isinstance(target, list) else target if target == UNKNOWN else Ref(kind, target)
    property, argument = _ROUTE_TARGETS[kind]
    six = ":" in cidr
    return Part(
        "route",
        name,
        {"RouteTableId": Ref("table", table), f"Destination{'Ipv6' if six else ''}CidrBlock": cidr, property: there},
        {
            "route_table_id": Ref("table", table),
            f"destination_{'ipv6_' if six else ''}cidr_block": cidr,
            argument: there,
        },
    )


def public_subnet(name: str = "Front", **more: Any) -> list[Part]:
    return [vpc(), gateway(), subnet(name, public=True, **more), *routed(name, ("0.0.0.0/0", "gateway", "Out"))]


def _rule(rule: tuple[Any, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(source, ports): a range or the name of a group; "443", "8000-8080" or "all"."""
    source, ports = rule
    low, _, high = str(ports).partition("-")
    first, last = (0, 0) if ports == "all" else (int(low), int(high or low))
    protocol = "-1" if ports == "all" else "tcp"
    if source == UNKNOWN or str(source)[0].isdigit() or ":" in str(source):
        six = ":" in str(source)
        there: tuple[str, str, Any] = (
            ("CidrIpv6", "ipv6_cidr_blocks", source) if six else ("CidrIp", "cidr_blocks", source)
        )
    else:
        there = ("SourceSecurityGroupId", "security_groups", Ref("group", source))
    peer = {there[0]: Ref("group", source, ("GroupId", "id")) if isinstance(there[2], Ref) else source}
    return (
        {"IpProtocol": protocol, "FromPort": first, "ToPort": last, **peer},
        {"protocol": protocol, "from_port": first, "to_port": last, there[1]: [there[2]]},
    )


def group(name: str, *rules: tuple[Any, Any], net: str = "Net") -> Part:
    made = [_rule(rule) for rule in rules]
    return Part(
        "group",
        name,
        {"GroupDescription": name, "VpcId": Ref("vpc", net), "SecurityGroupIngress": [one for one, _ in made] or None},
        {"vpc_id": Ref("vpc", net), "ingress": [two for _, two in made] or None},
    )


def _groups(names: Sequence[str]) -> tuple[list[Any] | None, list[Any] | None]:
    if not names:
        return None, None
    return (
        [name if name == UNKNOWN else Ref("group", name, ("GroupId", "id")) for name in names],
        [name if name == UNKNOWN else Ref("group", name) for name in names],
    )


def instance(name: str, where: Any, *groups: str, public: Any = None, ipv6: int | None = None) -> Part:
    """where: the name of a subnet, UNKNOWN, or None for the default VPC."""
    there = where if where in (None, UNKNOWN) else Ref("subnet", where)
    one, two = _groups(groups)
    if public is None:
        properties = {"SubnetId": there, "SecurityGroupIds": one, "Ipv6AddressCount": ipv6}
    else:
        interface = {"DeviceIndex": "0", "AssociatePublicIpAddress": public, "SubnetId": there, "GroupSet": one}
        properties = {"NetworkInterfaces": [interface | {"Ipv6AddressCount": ipv6}]}
    return Part(
        "instance",
        name,
        {"ImageId": "ami-0123456789abcdef0", **properties},
        {
            "ami": "ami-0123456789abcdef0",
            "subnet_id": there,
            "vpc_security_group_ids": two,
            "associate_public_ip_address": public,
            "ipv6_address_count": ipv6,
        },
    )


def address(of: str, kind: str = "instance") -> list[Part]:
    """An Elastic IP of an instance or an interface."""
    if kind == "instance":
        return [Part("address", f"{of}Address", {"InstanceId": Ref(kind, of)}, {"instance": Ref(kind, of)})]
    return [
        Part("address", f"{of}Address", {}, {"network_interface": Ref(kind, of)}),
        Part("address_association", f"{of}Association", {"NetworkInterfaceId": Ref(kind, of)}, None),
    ]


def acl(name: str, where: str, *entries: tuple[Any, str, str, Any, str], net: str = "Net") -> list[Part]:
    """entries: (number, "in" | "out", "allow" | "deny", range, ports); a subnet's ACL."""
    parts = [
        Part("acl", name, {"VpcId": Ref("vpc", net)}, {"vpc_id": Ref("vpc", net)}),
        Part(
            "acl_association",
            f"{name}Of{where}",
            {"SubnetId": Ref("subnet", where), "NetworkAclId": Ref("acl", name)},
            {"subnet_id": Ref("subnet", where), "network_acl_id": Ref("acl", name)},
        ),
    ]
    for position, one in enumerate(entries):
        parts.append(entry(f"{name}{position}", Ref("acl", name), *one))
    return parts


def entry(name: str, acl: Ref, number: Any, way: str, action: str, cidr: Any, ports: str) -> Part:
    low, _, high = ports.partition("-")
    every = ports == "all"
    six = ":" in str(cidr)
    span = None if every else {"From": int(low), "To": int(high or low)}
    return Part(
        "entry",
        name,
        {
            "NetworkAclId": acl,
            "RuleNumber": number,
            "Egress": way == "out",
            "RuleAction": action,
            "Protocol": -1 if every else 6,
            "PortRange": span,
            "Ipv6CidrBlock" if six else "CidrBlock": cidr,
        },
        {
            "network_acl_id": acl,
            "rule_number": number,
            "egress": way == "out",
            "rule_action": action,
            "protocol": "-1" if every else "tcp",
            "from_port": None if every else int(low),
            "to_port": None if every else int(high or low),
            "ipv6_cidr_block" if six else "cidr_block": cidr,
        },
    )


def balancer(
    name: str,
    *where: str,
    groups: Sequence[str] = (),
    internal: Any = None,
    kind: str | None = None,
    stack: str | None = None,
) -> Part:
    one, two = _groups(groups)
    scheme = (
        None
        if internal is None
        else "internal"
        if internal is True
        else "internet-facing"
        if internal is False
        else internal
    )
    subnets = [Ref("subnet", one) for one in where]
    return Part(
        "balancer",
        name,
        {"Subnets": subnets, "SecurityGroups": one, "Scheme": scheme, "Type": kind, "IpAddressType": stack},
        {
            "subnets": subnets,
            "security_groups": two,
            "internal": internal,
            "load_balancer_type": kind,
            "ip_address_type": stack,
        },
    )


def serving(
    of: str,
    port: int,
    target: tuple[str, str],
    target_port: int,
    protocol: str = "HTTP",
    net: str = "Net",
    by: str | None = None,
) -> list[Part]:
    """A listener of a load balancer, its target group, and what is registered there: (kind, name)."""
    group = f"{of}Targets"
    attribute = None if by is None else ("PrivateIp", by)
    there = Ref(*target, attribute)
    return [
        Part(
            "targets",
            group,
            {"Port": target_port, "Protocol": protocol, "VpcId": Ref("vpc", net), "Targets": [{"Id": there}]},
            {"port": target_port, "protocol": protocol, "vpc_id": Ref("vpc", net)},
        ),
        Part(
            "attachment",
            f"{of}Attachment",
            None,
            {"target_group_arn": Ref("targets", group, ("", "arn")), "target_id": there},
        ),
        Part(
            "listener",
            f"{of}Listener",
            {
                "LoadBalancerArn": Ref("balancer", of),
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": Ref("targets", group)}],
            },
            {
                "load_balancer_arn": Ref("balancer", of, ("", "arn")),
                "port": port,
                "protocol": protocol,
                "default_action": {"type": "forward", "target_group_arn": Ref("targets", group, ("", "arn"))},
            },
        ),
    ]


def peering(name: str = "Peering", first: str = "Net", second: str = "Other") -> Part:
    return Part(
        "peering",
        name,
        {"VpcId": Ref("vpc", first), "PeerVpcId": Ref("vpc", second)},
        {"vpc_id": Ref("vpc", first), "peer_vpc_id": Ref("vpc", second)},
    )


def transit(name: str = "Hub") -> Part:
    return Part("transit", name, {}, {})


def database(name: str, *where: str, groups: Sequence[str] = (), public: Any = None) -> list[Part]:
    one, two = _groups(groups)
    subnets = [Ref("subnet", each) for each in where]
    return [
        Part(
            "subnets",
            f"{name}Subnets",
            {"DBSubnetGroupDescription": name, "SubnetIds": subnets},
            {"subnet_ids": subnets},
        ),
        Part(
            "database",
            name,
            {
                "Port": 5432,
                "DBSubnetGroupName": Ref("subnets", f"{name}Subnets"),
                "VPCSecurityGroups": one,
                "PubliclyAccessible": public,
            },
            {
                "port": 5432,
                "db_subnet_group_name": Ref("subnets", f"{name}Subnets", ("", "name")),
                "vpc_security_group_ids": two,
                "publicly_accessible": public,
            },
        ),
    ]


def terraform_only(type: str, name: str, **arguments: Any) -> Part:
    return Part(type, name, None, arguments)


def cloudformation_only(kind: str, name: str, **properties: Any) -> Part:
    return Part(kind, name, properties, None)
