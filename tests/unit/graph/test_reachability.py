"""A table of small networks: who is reached from the internet, on which ports, by which path or what is in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hipaalint.graph.ports import EVERY_PORT, Ports, ports_of
from hipaalint.graph.reachability import internet_reach
from tests.unit.graph.networks import (
    LANGUAGES,
    UNKNOWN,
    Part,
    Parts,
    Ref,
    acl,
    address,
    balancer,
    cloudformation_only,
    database,
    egress_only,
    entry,
    gateway,
    graph_of,
    group,
    instance,
    named,
    nat,
    peering,
    public_subnet,
    render,
    routed,
    serving,
    subnet,
    terraform_only,
    transit,
    vpc,
)

WEB = group("Web", ("0.0.0.0/0", "443"))
OPEN = group("Open", ("0.0.0.0/0", "all"), ("::/0", "all"))
CLOSED = group("Closed", ("10.0.0.0/8", "all"))
FRONT = public_subnet()
BACK = [subnet("Back", cidr="10.0.2.0/24"), nat(), *routed("Back", ("0.0.0.0/0", "nat", "Nat"))]
SIX = [
    vpc(),
    gateway(),
    egress_only(),
    subnet("Front", ipv6=True),
]
ANY, NONE = "0.0.0.0/0", Ports()
ALL_OUT = (100, "out", "allow", ANY, "all")


class Case:
    """One network. ports: those that are certainly reached; path: names that it leads through, or what is in the way."""

    def __init__(
        self,
        about: str,
        parts: Parts,
        holds: bool | None,
        ports: str = "",
        path: str = "",
        *,
        of: str = "Server",
        asked: Ports = EVERY_PORT,
        languages: tuple[str, ...] = LANGUAGES,
        why: str = "",
    ) -> None:
        self.about = about
        self.parts = parts
        self.holds = holds
        self.ports = ports
        self.path = path.split()
        self.of = of
        self.asked = asked
        self.languages = languages
        self.why = why


def peered(*more: Any) -> list[Any]:
    """A load balancer in one network, a server in another that is peered with it."""
    return [
        *FRONT,
        vpc("Other", "10.1.0.0/16"),
        peering(),
        subnet("Far", "Other", "10.1.1.0/24"),
        WEB,
        group("App", ("10.0.0.0/16", "8080"), net="Other"),
        balancer("Edge", "Front", groups=["Web"], internal=False),
        instance("Server", "Far", "App"),
        *serving("Edge", 443, ("instance", "Server"), 8080, by="private_ip"),
        *more,
    ]


CASES = [
    # Addresses, routes and groups.
    Case("public", [*FRONT, WEB, instance("Server", "Front", "Web")], True, "443", "Front FrontTable Web"),
    Case(
        "asked for the open port",
        [*FRONT, WEB, instance("Server", "Front", "Web")],
        True,
        "443",
        asked=ports_of(440, 450),
    ),
    Case(
        "asked for another port",
        [*FRONT, WEB, instance("Server", "Front", "Web")],
        False,
        "",
        "Web",
        asked=ports_of(22, 22),
    ),
    Case("private address", [*FRONT, WEB, instance("Server", "Front", "Web", public=False)], False, "", "Server"),
    Case(
        "address given by the instance",
        [
            vpc(),
            gateway(),
            subnet(),
            *routed("Front", (ANY, "gateway", "Out")),
            WEB,
            instance("Server", "Front", "Web", public=True),
        ],
        True,
        "443",
        "Server FrontTable Web",
    ),
    Case(
        "Elastic IP",
        [
            vpc(),
            gateway(),
            subnet(),
            *routed("Front", (ANY, "gateway", "Out")),
            WEB,
            instance("Server", "Front", "Web"),
            *address("Server"),
        ],
        True,
        "443",
        "ServerAddress Web",
    ),
    Case(
        "subnet without public addresses",
        [vpc(), subnet("Front", public=False), WEB, instance("Server", "Front", "Web")],
        False,
        "",
        "Front",
    ),
    Case(
        "no route at all",
        [vpc(), gateway(), subnet("Front", public=True), WEB, instance("Server", "Front", "Web")],
        False,
        "",
        "Net",
    ),
    Case(
        "public address behind a NAT gateway",
        [*FRONT, *BACK, OPEN, instance("Server", "Back", "Open", public=True)],
        False,
        why="NAT gateway",
    ),
    Case("private behind a NAT gateway", [*FRONT, *BACK, OPEN, instance("Server", "Back", "Open")], False, "", "Back"),
    Case("closed group", [*FRONT, CLOSED, instance("Server", "Front", "Closed")], False, "", "Closed"),
    Case(
        "one office only",
        [*FRONT, group("Office", ("198.51.100.0/24", "22")), instance("Server", "Front", "Office")],
        False,
        "",
        "Office",
    ),
    Case(
        "two groups add up",
        [*FRONT, WEB, group("Admin", (ANY, "22")), instance("Server", "Front", "Admin", "Web")],
        True,
        "22 443",
    ),
    Case("group without rules", [*FRONT, group("Empty"), instance("Server", "Front", "Empty")], False, "", "Empty"),
    Case("the VPC's own group", [*FRONT, instance("Server", "Front")], False, "", "Server", why="own members"),
    Case(
        "both halves of the internet",
        [*FRONT, group("Half", ("128.0.0.0/1", "22")), instance("Server", "Front", "Half")],
        True,
        "22",
    ),
    # Where routes lead.
    Case(
        "VPN gateway",
        [
            vpc(),
            subnet("Front", public=True),
            Part("vpn", "Office", {"Type": "ipsec.1"}, {}),
            *routed("Front", (ANY, "vpn", "Office")),
            OPEN,
            instance("Server", "Front", "Open"),
        ],
        False,
        why="gateway",
    ),
    Case(
        "transit gateway",
        [
            vpc(),
            transit(),
            subnet("Front", public=True),
            *routed("Front", (ANY, "transit", "Hub")),
            OPEN,
            instance("Server", "Front", "Open"),
        ],
        False,
        why="transit gateway",
    ),
    Case(
        "peered network",
        [
            *(vpc(), vpc("Other", "10.1.0.0/16"), peering(), subnet("Front", public=True)),
            *(*routed("Front", (ANY, "peering", "Peering")), OPEN, instance("Server", "Front", "Open")),
        ],
        False,
        why="peered network",
    ),
    Case(
        "firewall endpoint",
        [
            *(vpc(), subnet("Front", public=True), *routed("Front", (ANY, "endpoint", ["vpce-0123456789abcdef0"]))),
            *(OPEN, instance("Server", "Front", "Open")),
        ],
        None,
        why="endpoint",
    ),
    Case(
        "unknown gateway",
        [
            vpc(),
            subnet("Front", public=True),
            *routed("Front", (ANY, "gateway", UNKNOWN)),
            OPEN,
            instance("Server", "Front", "Open"),
        ],
        None,
        "",
        "Front",
    ),
    Case(
        "unknown destination",
        [
            vpc(),
            gateway(),
            subnet("Front", public=True),
            *routed("Front", (UNKNOWN, "gateway", "Out")),
            OPEN,
            instance("Server", "Front", "Open"),
        ],
        None,
    ),
    Case(
        "a gateway for one partner only",
        [
            *(vpc(), gateway(), subnet("Front", public=True)),
            *(*routed("Front", ("198.51.100.0/24", "gateway", "Out")), OPEN, instance("Server", "Front", "Open")),
        ],
        False,
        "",
        "FrontTable",
    ),
    Case(
        "the VPC's main table",
        [
            *(vpc(), gateway(), subnet("Front", public=True), WEB, instance("Server", "Front", "Web")),
            terraform_only(
                "aws_default_route_table",
                "Main",
                default_route_table_id=Ref("vpc", "Net", ("", "default_route_table_id")),
                route={"cidr_block": ANY, "gateway_id": Ref("gateway", "Out")},
            ),
        ],
        True,
        "443",
        languages=("terraform",),
    ),
    Case(
        "a table of its own goes before the main one",
        [
            *(
                vpc(),
                gateway(),
                subnet("Front", public=True),
                WEB,
                instance("Server", "Front", "Web"),
                *routed("Front"),
            ),
            terraform_only(
                "aws_default_route_table",
                "Main",
                default_route_table_id=Ref("vpc", "Net", ("", "default_route_table_id")),
                route={"cidr_block": ANY, "gateway_id": Ref("gateway", "Out")},
            ),
        ],
        False,
        "",
        "FrontTable",
        languages=("terraform",),
    ),
    Case("unknown subnet", [vpc(), OPEN, instance("Server", UNKNOWN, "Open", public=True)], None),
    Case(
        "unknown VPC",
        [
            subnet("Front", UNKNOWN, public=True),
            Part(
                "group",
                "Free",
                {"GroupDescription": "x", "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": ANY}]},
                {"ingress": {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [ANY]}},
            ),
            instance("Server", "Front", "Free"),
        ],
        None,
    ),
    Case("unknown group", [*FRONT, instance("Server", "Front", UNKNOWN)], None),
    Case("unknown group beside an open one", [*FRONT, WEB, instance("Server", "Front", UNKNOWN, "Web")], True, "443"),
    Case(
        "unknown range", [*FRONT, group("Some", (UNKNOWN, "22")), instance("Server", "Front", "Some")], None, "", "Some"
    ),
    Case(
        "unknown whether public", [*FRONT, WEB, instance("Server", "Front", "Web", public=UNKNOWN)], None, "", "Server"
    ),
    # The default VPC.
    Case(
        "default VPC",
        [
            Part(
                "group",
                "Free",
                {
                    "GroupDescription": "x",
                    "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": ANY}],
                },
                {"ingress": {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [ANY]}},
            ),
            instance("Server", None, "Free"),
        ],
        True,
        "22",
        "Server Free",
    ),
    Case("default VPC with its own group", [instance("Server", None)], False, "", "Server"),
    Case(
        "subnet of the default VPC",
        [
            terraform_only("aws_default_vpc", "Net"),
            terraform_only("aws_subnet", "Front", vpc_id=Ref("default_vpc", "Net"), map_public_ip_on_launch=True),
            terraform_only(
                "aws_security_group",
                "Web",
                ingress={"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": [ANY]},
            ),
            instance("Server", "Front", "Web"),
        ],
        True,
        "443",
        languages=("terraform",),
    ),
    # IPv6.
    Case(
        "IPv6",
        [
            *SIX,
            *routed("Front", ("::/0", "gateway", "Out")),
            group("Web6", ("::/0", "443")),
            instance("Server", "Front", "Web6"),
        ],
        True,
        "443",
        "Front Web6",
    ),
    Case(
        "IPv6 behind an egress-only gateway",
        [*SIX, *routed("Front", ("::/0", "egress", "Egress")), OPEN, instance("Server", "Front", "Open")],
        False,
    ),
    Case(
        "IPv6 open, reached by IPv4 alone",
        [*FRONT, group("Web6", ("::/0", "443")), instance("Server", "Front", "Web6")],
        False,
        "",
        "Web6",
    ),
    Case(
        "an IPv6 address of its own",
        [
            vpc(),
            gateway(),
            subnet(),
            *routed("Front", ("::/0", "gateway", "Out")),
            OPEN,
            instance("Server", "Front", "Open", ipv6=1),
        ],
        True,
        "all",
        "Server",
    ),
    # Network ACLs.
    Case(
        "ACL without rules",
        [*FRONT, WEB, *acl("Guard", "Front"), instance("Server", "Front", "Web")],
        False,
        "",
        "Guard",
    ),
    Case(
        "ACL lets everything through",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (100, "in", "allow", ANY, "all"), ALL_OUT),
            instance("Server", "Front", "Web"),
        ],
        True,
        "443",
        "Front Guard Web",
    ),
    Case(
        "ACL denies first",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (90, "in", "deny", ANY, "443"), (100, "in", "allow", ANY, "all"), ALL_OUT),
            instance("Server", "Front", "Web"),
        ],
        False,
        "",
        "Web",
    ),
    Case(
        "ACL denies too late",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (110, "in", "deny", ANY, "443"), (100, "in", "allow", ANY, "all"), ALL_OUT),
            instance("Server", "Front", "Web"),
        ],
        True,
        "443",
    ),
    Case(
        "ACL cuts a part of the ports",
        [
            *FRONT,
            OPEN,
            *acl("Guard", "Front", (90, "in", "deny", ANY, "0-1023"), (100, "in", "allow", ANY, "0-2000"), ALL_OUT),
            instance("Server", "Front", "Open"),
        ],
        True,
        "1024-2000",
    ),
    Case(
        "ACL lets no answers out",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (100, "in", "allow", ANY, "all"), (100, "out", "allow", ANY, "443")),
            instance("Server", "Front", "Web"),
        ],
        False,
        "",
        "Guard",
    ),
    Case(
        "ACL denies one address alone",
        [
            *FRONT,
            WEB,
            *acl(
                "Guard",
                "Front",
                (90, "in", "deny", "198.51.100.7/32", "all"),
                (100, "in", "allow", ANY, "all"),
                ALL_OUT,
            ),
            instance("Server", "Front", "Web"),
        ],
        True,
        "443",
    ),
    Case(
        "ACL with an unknown number",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (UNKNOWN, "in", "deny", ANY, "443"), (100, "in", "allow", ANY, "all"), ALL_OUT),
            instance("Server", "Front", "Web"),
        ],
        None,
    ),
    Case(
        "ACL with an unknown range",
        [
            *FRONT,
            WEB,
            *acl("Guard", "Front", (100, "in", "allow", UNKNOWN, "all"), ALL_OUT),
            instance("Server", "Front", "Web"),
        ],
        None,
        "",
        "Guard",
    ),
    Case(
        "the VPC's own ACL is emptied",
        [
            *(*FRONT, WEB, instance("Server", "Front", "Web")),
            terraform_only(
                "aws_default_network_acl",
                "Guard",
                default_network_acl_id=Ref("vpc", "Net", ("", "default_network_acl_id")),
            ),
        ],
        False,
        "",
        "Guard",
        languages=("terraform",),
    ),
    Case(
        "an entry before those of the VPC's own ACL",
        [
            *(*FRONT, WEB, instance("Server", "Front", "Web")),
            entry(
                "Cut", Ref("vpc", "Net", ("DefaultNetworkAcl", "default_network_acl_id")), 50, "in", "deny", ANY, "all"
            ),
        ],
        False,
        "",
        "Front",
    ),
    # Groups by reference, load balancers in front.
    Case(
        "members of another group alone",
        [*FRONT, WEB, group("App", ("Web", "all")), instance("Server", "Front", "App")],
        False,
        "",
        "App",
    ),
    Case(
        "a chain of groups ends at an instance",
        [
            *(*FRONT, *BACK, WEB, group("App", ("Web", "22")), group("Data", ("App", "5432"))),
            *(instance("Bastion", "Front", "Web"), instance("Hop", "Back", "App"), instance("Server", "Back", "Data")),
        ],
        False,
    ),
    Case(
        "behind a load balancer",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=False),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        True,
        "8080",
        "Edge FrontTable Front Web EdgeListener App EdgeTargets",
    ),
    Case(
        "the load balancer itself",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=False),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        True,
        "443",
        of="Edge",
    ),
    Case(
        "behind a load balancer whose port is closed",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=False),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 80, ("instance", "Server"), 8080)),
        ],
        False,
    ),
    Case(
        "behind an internal load balancer",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=True),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        False,
    ),
    Case(
        "the server's group does not know the load balancer's",
        [
            *(*FRONT, *BACK, WEB, group("Admin"), group("App", ("Admin", "8080"))),
            *(balancer("Edge", "Front", groups=["Web"], internal=False), instance("Server", "Back", "App")),
            *serving("Edge", 443, ("instance", "Server"), 8080),
        ],
        False,
    ),
    Case(
        "the server's group admits the load balancer's subnet",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("10.0.1.0/24", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=False),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        True,
        "8080",
    ),
    Case(
        "an ACL between the load balancer and the server",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=False),
            ),
            *acl("Guard", "Back", (90, "in", "deny", "10.0.1.0/24", "all"), (100, "in", "allow", ANY, "all"), ALL_OUT),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        False,
    ),
    Case(
        "a network load balancer keeps its clients' addresses",
        [
            *(*FRONT, *BACK, group("App", (ANY, "8080")), balancer("Edge", "Front", internal=False, kind="network")),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080, "TCP")),
        ],
        True,
        "8080",
    ),
    Case(
        "a load balancer of unknown scheme",
        [
            *(
                *FRONT,
                *BACK,
                WEB,
                group("App", ("Web", "8080")),
                balancer("Edge", "Front", groups=["Web"], internal=UNKNOWN),
            ),
            *(instance("Server", "Back", "App"), *serving("Edge", 443, ("instance", "Server"), 8080)),
        ],
        None,
    ),
    Case(
        "a peered target with routes",
        peered(*routed("Front", (ANY, "gateway", "Out"), ("10.1.0.0/16", "peering", "Peering"), table="Wide")),
        True,
        "8080",
        languages=("terraform",),
    ),
    Case("a peered target without routes", peered(), False, languages=("terraform",)),
    # Databases, functions, what is launched, interfaces.
    Case(
        "public database",
        [*FRONT, group("Data", (ANY, "5432")), *database("Server", "Front", groups=["Data"], public=True)],
        True,
        "5432",
        "Server FrontTable Data Server",
    ),
    Case(
        "public database in private subnets",
        [*FRONT, *BACK, group("Data", (ANY, "5432")), *database("Server", "Back", groups=["Data"], public=True)],
        False,
    ),
    Case(
        "private database",
        [*FRONT, group("Data", (ANY, "5432")), *database("Server", "Front", groups=["Data"], public=False)],
        False,
        "",
        "Server",
    ),
    Case(
        "database whose port is closed", [*FRONT, WEB, *database("Server", "Front", groups=["Web"], public=True)], False
    ),
    Case(
        "function in no VPC",
        [
            Part(
                "function",
                "Server",
                {"Role": "arn:aws:iam::123456789012:role/run", "Code": {"ZipFile": "x"}},
                {"function_name": "f", "role": "arn:aws:iam::123456789012:role/run"},
            )
        ],
        False,
        why="no VPC",
    ),
    Case(
        "Auto Scaling group with public addresses",
        [
            *(*FRONT, WEB),
            Part(
                "template",
                "Launch",
                {
                    "LaunchTemplateData": {
                        "NetworkInterfaces": [
                            {
                                "DeviceIndex": 0,
                                "AssociatePublicIpAddress": True,
                                "Groups": [Ref("group", "Web", ("GroupId", "id"))],
                            }
                        ]
                    }
                },
                {"network_interfaces": {"associate_public_ip_address": True, "security_groups": [Ref("group", "Web")]}},
            ),
            Part(
                "scaling",
                "Server",
                {
                    "MinSize": "1",
                    "MaxSize": "1",
                    "VPCZoneIdentifier": [Ref("subnet", "Front")],
                    "LaunchTemplate": {"LaunchTemplateId": Ref("template", "Launch"), "Version": "1"},
                },
                {
                    "min_size": 1,
                    "max_size": 1,
                    "vpc_zone_identifier": [Ref("subnet", "Front")],
                    "launch_template": {"id": Ref("template", "Launch")},
                },
            ),
        ],
        True,
        "443",
    ),
    Case(
        "interface with an Elastic IP",
        [
            *(vpc(), gateway(), subnet(), *routed("Front", (ANY, "gateway", "Out")), WEB),
            Part(
                "interface",
                "Server",
                {"SubnetId": Ref("subnet", "Front"), "GroupSet": [Ref("group", "Web", ("GroupId", "id"))]},
                {"subnet_id": Ref("subnet", "Front"), "security_groups": [Ref("group", "Web")]},
            ),
            *address("Server", "interface"),
        ],
        True,
        "443",
    ),
    Case(
        "a type without interfaces",
        [cloudformation_only("function", "Other"), vpc("Server")],
        None,
        languages=("terraform",),
    ),
]
RUNS = [pytest.param(case, language, id=f"{case.about} ({language})") for case in CASES for language in case.languages]


def test_the_table_is_large_enough() -> None:
    assert len(CASES) >= 40
    assert sum(len(case.languages) == 2 for case in CASES) >= 40


@pytest.mark.parametrize(("case", "language"), RUNS)
def test_reachability(case: Case, language: str, tmp_path: Path) -> None:
    graph = graph_of(case.parts, language, tmp_path)
    answer = internet_reach(graph, named(graph, case.of), case.asked)
    names = [step.resource.written.name for step in answer.path if step.resource is not None]
    text = (
        "; ".join(step.reason for step in answer.path)
        + " "
        + " ".join(getattr(v, "detail", "") for v in answer.because)
    )
    assert answer.holds is case.holds, (answer, names, render(case.parts, language))
    assert " ".join(answer.sure.spelled()) == case.ports
    assert _in_order(case.path, names), (names, text)
    assert case.why in text
    if answer.holds:
        assert answer.path[0].reason == "the internet"
        assert all(step.range is not None for step in answer.path if step.resource is not None)
    else:
        assert not answer.sure


def _in_order(wanted: list[str], names: list[str]) -> bool:
    """Whether names stand in a path in this order, others between them; a route of a table counts as the table."""
    rest = iter(names)
    return all(any(name == one or name.startswith(one) for name in rest) for one in wanted)


def test_sets_of_ports() -> None:
    web, high = ports_of(80, 443, "tcp"), ports_of(1024, 65535)
    assert (web | high).spelled() == ["80-443", "1024-65535", "1024-65535/udp"]
    assert (EVERY_PORT - web).spelled() == ["0-79", "444-65535", "0-65535/udp"]
    assert (web & ports_of(100, 2000)).spelled() == ["100-443"]
    assert (web - EVERY_PORT) == NONE
    assert not NONE
    assert (EVERY_PORT & high) == high
    assert EVERY_PORT.spelled() == ["all"]
    assert ports_of(5, 4) == NONE
    assert ports_of(-1, 70000) == EVERY_PORT
